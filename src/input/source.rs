//! One input under reading: its text, its tree, and the problems found so far.

use std::cell::RefCell;

use super::problem::{Problem, Problems, Span, Spanned};
use super::value::{self, Data, Value};
use super::{Table, file};

/// One file being read. Readers ask its [`Table`]s for fields and add problems through it; both
/// take `&self`, so that several parts of a file can be in hand at once.
#[derive(Debug)]
pub struct Input {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) arguments: Vec<String>,
    pub(super) root: Value,
    problems: RefCell<Vec<Problem>>,
}

impl Input {
    /// Parses `text`. Syntax errors and duplicate keys are kept as problems; what could be read
    /// can be asked for all the same.
    #[must_use]
    pub fn parse(file: &str, text: &str) -> Input {
        let (entries, problems) = if text.len() as u64 > file::SIZE_LIMIT {
            let message = format!("the text has more than {} MiB", file::SIZE_LIMIT >> 20);
            (Vec::new(), vec![Problem { span: None, message, help: None, warning: false }])
        } else {
            value::parse_document(text)
        };
        Input {
            file: file.to_owned(),
            text: text.to_owned(),
            arguments: Vec::new(),
            root: Value { data: Data::Table(entries), span: Span::default() },
            problems: RefCell::new(problems),
        }
    }

    /// The top of the document.
    #[must_use]
    pub fn root(&self) -> Table<'_> {
        Table::new(self, &self.root, "")
    }

    /// The tree, for filling in what the file leaves out to a preset. What is filled in has the place
    /// of the field that asked for it, so that a problem with it points there.
    pub(crate) fn root_mut(&mut self) -> &mut Value {
        &mut self.root
    }

    /// The text as it was given, without arguments.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether an error (not only a warning) was found so far. After a syntax error a reader may
    /// want to stop, since what follows from half a file is noise.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.problems.borrow().iter().any(|problem| !problem.warning)
    }

    /// Adds an error at `span`: the fact with the value found, and what would be right.
    pub fn problem(&self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.add(Some(span), message.into(), Some(help.into()), false);
    }

    /// Adds an error that needs no help line.
    pub fn fact(&self, span: Span, message: impl Into<String>) {
        self.add(Some(span), message.into(), None, false);
    }

    /// Adds a warning.
    pub fn warning(&self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.add(Some(span), message.into(), Some(help.into()), true);
    }

    /// Takes a problem back that another explains better.
    pub(super) fn retract(&self, span: Span, message: &str) {
        let told = |problem: &Problem| problem.span == Some(span) && problem.message == message;
        self.problems.borrow_mut().retain(|problem| !told(problem));
    }

    fn add(&self, span: Option<Span>, message: String, help: Option<String>, warning: bool) {
        self.problems.borrow_mut().push(Problem { span, message, help, warning });
    }

    /// The place of bytes `from..to` *of the value* of a string, for grammars inside strings.
    /// Where the string was written with escapes, the whole of it.
    #[must_use]
    pub fn inside(&self, string: &Spanned<String>, from: usize, to: usize) -> Span {
        let raw = self.written(string.span);
        match raw.find(&string.value) {
            Some(base) if !string.value.is_empty() => {
                let start = string.span.start + base;
                Span::new(start + from, start + to.min(string.value.len()))
            }
            _ => string.span,
        }
    }

    /// What stands at `span`, in the file or in an argument.
    #[must_use]
    pub fn written(&self, span: Span) -> &str {
        let mut base = 0;
        let arguments = self.arguments.iter().map(String::as_str);
        for text in std::iter::once(self.text.as_str()).chain(arguments) {
            if span.end <= base + text.len() {
                let start = span.start.saturating_sub(base);
                return text.get(start..span.end - base).unwrap_or("");
            }
            base += text.len() + 1;
        }
        ""
    }

    /// The result of reading: `value` and the warnings if there is no error, else all errors in
    /// the order of the file. (Warnings about a file with errors are often about the errors.)
    ///
    /// # Errors
    /// If any error was found.
    pub fn conclude<T>(self, value: T) -> Result<(T, Problems), Box<Problems>> {
        let failed = self.has_errors();
        let mut problems = self.problems.into_inner();
        problems.retain(|problem| !failed || !problem.warning);
        problems.sort_by_key(|problem| problem.span);
        problems.dedup();
        let problems =
            Problems { file: self.file, text: self.text, arguments: self.arguments, problems };
        if failed { Err(Box::new(problems)) } else { Ok((value, problems)) }
    }
}
