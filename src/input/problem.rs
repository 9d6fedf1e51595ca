//! Problems of an input file, and how they are drawn: file, line, column, the token underlined.

use std::fmt::{self, Write as _};
use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};

/// How many problems are drawn; the rest is counted.
const DRAWN_MAX: usize = 40;

/// Most candidates that are looked at for a misspelt name.
const CANDIDATES_MAX: usize = 1_000;

/// A place in an input: bytes from `start` up to `end`.
///
/// The texts of an input (the file, what it includes, the `--set` arguments) share one space of
/// places: they follow each other in this order, one byte apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The place from `start` up to `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end: end.max(start) }
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Span {
        Span::new(range.start, range.end)
    }
}

/// A value with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

/// One thing wrong with an input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The token at fault; `None` where the file as a whole is.
    pub span: Option<Span>,
    /// The fact, with the value found: "unknown field `veiwers`".
    pub message: String,
    /// What would be right: "did you mean `viewers`?".
    pub help: Option<String>,
    /// Whether it only deserves attention.
    pub warning: bool,
}

/// The texts of an input, which share one space of places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources(Vec<Source>);

/// One text of an input: a file, or an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// Its name in messages.
    pub(super) name: String,
    pub(super) text: String,
    /// Where its places begin.
    pub(super) base: usize,
    /// Its path as seen from the first file's folder; none of an argument.
    pub(super) path: Option<String>,
}

impl Sources {
    /// Adds a text; its places begin at what is returned.
    pub(super) fn add(&mut self, name: String, text: String, path: Option<String>) -> usize {
        let base = self.0.last().map_or(0, |last| last.base + last.text.len() + 1);
        self.0.push(Source { name, text, base, path });
        base
    }

    /// The text that a place lies in.
    pub(super) fn at(&self, place: usize) -> Option<&Source> {
        self.0[..self.0.partition_point(|source| source.base <= place)].last()
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The line of a place within its text, from 1.
    pub(super) fn line(&self, place: usize) -> usize {
        self.at(place).map_or(1, |source| {
            let end = floor_boundary(&source.text, place - source.base);
            source.text[..end].matches('\n').count() + 1
        })
    }
}

/// All problems of one input, in the order of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The file's name as the user gave it.
    pub file: String,
    /// What the places of the problems lie in.
    pub(super) sources: Sources,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Problems {
    /// A problem of the file as a whole, such as one that cannot be read.
    #[must_use]
    pub fn of_file(file: &str, message: String, help: Option<String>) -> Problems {
        Problems {
            file: file.to_owned(),
            sources: Sources::default(),
            problems: vec![Problem { span: None, message, help, warning: false }],
        }
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// All problems drawn one after the other, with or without terminal colours. Each ends with a
    /// line break.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut drawn = String::new();
        for problem in self.problems.iter().take(DRAWN_MAX) {
            let message = normalize_untrusted_str(&problem.message);
            let level = if problem.warning { Level::WARNING } else { Level::ERROR };
            let mut group = Group::with_title(level.primary_title(message));
            group = group.element(self.place(problem.span));
            if let Some(help) = &problem.help {
                group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
            }
            drawn.push_str(&renderer.render(&[group]));
            drawn.push('\n');
        }
        let more = self.problems.len().saturating_sub(DRAWN_MAX);
        if more > 0 {
            let _ = writeln!(drawn, "… and {more} more in {}", self.file);
        }
        drawn
    }

    /// The lines of a problem, cut out so that drawing does not cost the whole file each time.
    fn place(&self, span: Option<Span>) -> Element<'_> {
        let nowhere = || Origin::path(self.file.as_str()).into();
        let Some(span) = span else { return nowhere() };
        let Some(Source { name, text, base, .. }) = self.sources.at(span.start) else {
            return nowhere();
        };
        let start = floor_boundary(text, span.start - base);
        let end = floor_boundary(text, span.end - base).max(start);
        let first = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        // A token over several lines (a table, a long array) is shown by its first line.
        let last = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        let shown = start - first..end.min(last) - first;
        let line = text[..first].matches('\n').count() + 1;
        Snippet::source(&text[first..last])
            .path(name.as_str())
            .line_start(line)
            .annotation(AnnotationKind::Primary.span(shown))
            .into()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The candidate nearest to `found`, where one is near enough to be a slip of the fingers.
pub fn did_you_mean<'c>(
    found: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    candidates
        .into_iter()
        .take(CANDIDATES_MAX)
        .map(|candidate| {
            // In short words one slip weighs too much by likeness alone.
            let slip = found.len() > 2 && strsim::damerau_levenshtein(found, candidate) <= 1;
            (strsim::jaro_winkler(found, candidate).max(f64::from(u8::from(slip))), candidate)
        })
        .filter(|&(likeness, _)| likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
