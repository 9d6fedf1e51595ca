//! One input under reading: its texts, its tree, and the problems found so far.

use std::cell::RefCell;
use std::path::Path;

use super::Table;
use super::problem::{Problem, Problems, Sources, Span, Spanned};
use super::value::{self, Data, Value};

/// One file being read, with what it includes. Readers ask its [`Table`]s for fields and add problems through it; both
/// take `&self`, so that several parts of a file can be in hand at once.
#[derive(Debug)]
pub struct Input {
    pub(super) file: String,
    pub(super) sources: Sources,
    pub(super) root: Value,
    problems: RefCell<Vec<Problem>>,
    /// Which fields were asked for of a table, by where its value is kept.
    #[cfg(test)]
    asked: RefCell<Asked>,
}

/// Names of fields, by the address of the table's value.
#[cfg(test)]
type Asked = std::collections::HashMap<*const Value, Vec<&'static str>>;

impl Input {
    /// Parses `text`. Syntax errors and duplicate keys are kept as problems; what could be read
    /// can be asked for all the same.
    #[must_use]
    pub fn parse(file: &str, text: &str) -> Input {
        let mut sources = Sources::default();
        let path = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
        let base = sources.add(file.to_owned(), text.to_owned(), Some(path.into_owned()));
        let (entries, problems) = value::parse_document(text, base);
        Input {
            file: file.to_owned(),
            sources,
            root: Value { data: Data::Table(entries), span: Span::default() },
            problems: RefCell::new(problems),
            #[cfg(test)]
            asked: RefCell::default(),
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

    /// Adds problems that were found elsewhere.
    pub(super) fn take(&self, mut problems: Vec<Problem>) {
        self.problems.borrow_mut().append(&mut problems);
    }

    /// Notes which fields a table was asked for.
    #[cfg(test)]
    pub(super) fn note(&self, value: &Value, fields: &[&'static str]) {
        self.asked.borrow_mut().entry(value).or_default().extend(fields);
    }

    /// Which fields the table `value` of this input was asked for.
    #[cfg(test)]
    pub(crate) fn asked_of(&self, value: &Value) -> Vec<&'static str> {
        self.asked.borrow().get(&std::ptr::from_ref(value)).cloned().unwrap_or_default()
    }

    /// The whole tree.
    #[cfg(test)]
    pub(crate) fn root_value(&self) -> &Value {
        &self.root
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

    /// What stands at `span`.
    #[must_use]
    pub fn written(&self, span: Span) -> &str {
        let Some(source) = self.sources.at(span.start) else { return "" };
        source.text.get(span.start - source.base..span.end - source.base).unwrap_or("")
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
        let problems = Problems { file: self.file, sources: self.sources, problems };
        if failed { Err(Box::new(problems)) } else { Ok((value, problems)) }
    }
}
