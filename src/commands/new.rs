//! `claque new`: a commented scenario to begin with, from flags or a few questions.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal as _, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use claque::scenario::template::Template;

use crate::cli::{self, New};

/// Writes a new scenario.
pub(crate) fn new(arguments: &New) -> Result<u8> {
    let template = if arguments.is_bare() && io::stdin().is_terminal() {
        let mut talk = Talk { answers: io::stdin().lock(), out: anstream::stdout() };
        talk.template(&arguments.name)?
    } else {
        chosen(arguments)
    };
    let text = template.write().map_err(|problems| *problems)?;
    let default = || PathBuf::from(format!("{}.toml", template.name));
    let path = arguments.output.clone().unwrap_or_else(default);
    let opened = if arguments.force { File::create(&path) } else { File::create_new(&path) };
    let mut file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{} is there already; --force overwrites it", path.display());
        }
        Err(error) => {
            return Err(error).with_context(|| format!("cannot write {}", path.display()));
        }
    };
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    let path = path.display();
    anstream::println!("wrote {path}; now: claque check {path}, claque run {path}");
    Ok(0)
}

/// What the flags say, and else the default.
fn chosen(arguments: &New) -> Template {
    let New { name, viewers, length, creators, products, url, .. } = arguments.clone();
    let default = Template::default();
    Template {
        name,
        viewers: viewers.unwrap_or(default.viewers),
        length: length.unwrap_or(default.length),
        creators: if creators.is_empty() { default.creators } else { creators },
        products: if products.is_empty() { default.products } else { products },
        url,
    }
}

/// Questions and answers.
struct Talk<A, O> {
    answers: A,
    out: O,
}

impl<A: BufRead, O: Write> Talk<A, O> {
    /// Asks for everything that can be chosen.
    fn template(&mut self, name: &str) -> io::Result<Template> {
        let number = |text: &str| {
            text.replace('_', "").parse().map_err(|_| format!("`{text}` is no number of viewers"))
        };
        let names = |text: &str| -> Result<Vec<String>, String> {
            Ok(text.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect())
        };
        let url = |text: &str| match text {
            "embedded" => Ok(None),
            text => cli::url(text).map(Some),
        };
        writeln!(self.out, "A few questions; an empty answer takes what stands in brackets.")?;
        Ok(Template {
            name: name.to_owned(),
            viewers: self.ask("How many viewers?", "500", number)?,
            length: self.ask("How long?", "60s", cli::show_length)?,
            creators: self.ask("Who does the shows, one each?", "mia", names)?,
            products: vec![self.ask("What is sold?", Template::PRODUCT, cli::product)?],
            url: self.ask("Against which backend?", "embedded", url)?,
        })
    }

    /// Asks until the answer can be used; no answer at all takes the default.
    fn ask<T>(
        &mut self,
        question: &str,
        default: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> io::Result<T> {
        loop {
            write!(self.out, "{question} [{default}] ")?;
            self.out.flush()?;
            let mut answer = String::new();
            let ended = self.answers.read_line(&mut answer)? == 0;
            let answer = answer.trim();
            match read(if answer.is_empty() { default } else { answer }) {
                Ok(value) => return Ok(value),
                Err(why) if ended => return Err(io::Error::other(why)),
                Err(why) => writeln!(self.out, "  {why}")?,
            }
        }
    }
}

/// Prints the JSON Schema of the scenario file.
pub(crate) fn schema() -> u8 {
    anstream::print!("{}", claque::scenario::schema::text());
    0
}

#[cfg(test)]
mod tests {
    use claque_audience::Micros;

    use super::*;

    /// What is written after these answers, and what was said.
    fn talk(answers: &str) -> (Template, String) {
        let mut talk = Talk { answers: answers.as_bytes(), out: Vec::new() };
        let template = talk.template("drop").unwrap();
        (template, String::from_utf8(talk.out).unwrap())
    }

    #[test]
    fn empty_answers_and_the_end_of_them_are_the_default() {
        for answers in ["\n\n\n\n\n", ""] {
            let (template, said) = talk(answers);
            assert_eq!(template, Template { name: "drop".to_owned(), ..Template::default() });
            assert!(said.ends_with("Against which backend? [embedded] "), "{said}");
        }
    }

    #[test]
    fn a_question_is_asked_again_until_its_answer_can_be_used() {
        let (template, said) = talk(
            "many\n2_000\n5\n90s\nmia, noor\nmug\nmug=9.00 EUR x7\nhttps://x\nhttp://127.0.0.1:8080\n",
        );
        assert_eq!((template.viewers, template.length), (2_000, Micros(90_000_000)));
        assert_eq!(template.creators, ["mia", "noor"]);
        assert_eq!(template.products[0].name, "mug");
        assert_eq!(template.url.as_deref(), Some("http://127.0.0.1:8080"));
        for why in [
            "`many` is no number of viewers",
            "`5` has no unit",
            "`mug` is no product",
            "`https://x` asks for TLS",
        ] {
            assert!(said.contains(why), "{why}: {said}");
        }
    }
}
