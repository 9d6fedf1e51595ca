//! A TOML document as an owned tree in which every value and key has its place.

use toml::de::{DeTable, DeValue};

use super::file::SIZE_LIMIT;
use super::problem::{Problem, Span, Spanned};

/// Deepest nesting of brackets and braces.
const DEPTH_MAX: usize = 32;
/// Most parts of a dotted key or table header. With [`DEPTH_MAX`] this bounds the tree's depth, so
/// that walking and dropping it cannot exhaust the stack.
const KEY_PARTS_MAX: usize = 16;

/// Most syntax errors that are looked at; a file with more is not TOML at all.
const SYNTAX_ERRORS_MAX: usize = 1_000;
/// What to do about a key that stands there twice.
const KEEP_ONE: &str = "keep one of the two, or rename one";

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it stands; of a table with a header, the header.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Text.
    String(String),
    /// A whole number.
    Integer(i128),
    /// A number with a point or exponent.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date or time, as written.
    Datetime(String),
    /// A list.
    Array(Vec<Value>),
    /// Fields, in the order of the file.
    Table(Vec<Entry>),
}

/// One field of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name.
    pub key: Spanned<String>,
    /// Its value.
    pub value: Value,
}

impl Data {
    /// The kind of value with its article: "a string".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Data::String(_) => "a string",
            Data::Integer(_) => "an integer",
            Data::Float(_) => "a number",
            Data::Boolean(_) => "a boolean",
            Data::Datetime(_) => "a date",
            Data::Array(_) => "an array",
            Data::Table(_) => "a table",
        }
    }
}

/// Parses a whole document whose places begin at `base`; what could be read is returned beside the
/// problems.
pub(super) fn parse_document(text: &str, base: usize) -> (Vec<Entry>, Vec<Problem>) {
    if text.len() as u64 > SIZE_LIMIT {
        let message = format!("the text has more than {} MiB", SIZE_LIMIT >> 20);
        let span = Some(Span::new(base, base));
        return (Vec::new(), vec![Problem { span, message, help: None, warning: false }]);
    }
    if let Some(mut problem) = too_deep(text) {
        problem.span = problem.span.map(|span| moved(span, base));
        return (Vec::new(), vec![problem]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<Problem> =
        errors.iter().take(SYNTAX_ERRORS_MAX).map(|error| syntax(error, text)).collect();
    // One slip can make the parser stumble several times over the same place, and every field of a
    // table that stands there twice is one that does.
    problems.dedup_by(|later, earlier| {
        let places = earlier.span.zip(later.span);
        let between = places.and_then(|(first, second)| text.get(first.start..second.start));
        let double = |problem: &Problem| problem.help.as_deref() == Some(KEEP_ONE);
        between.is_some_and(|between| {
            let of_double_table = double(later)
                && double(earlier)
                && earlier.message.contains('[')
                && !between.contains("\n[");
            of_double_table || !between.contains('\n')
        })
    });
    for problem in &mut problems {
        problem.span = problem.span.map(|span| moved(span, base));
    }
    let entries = entries(table.into_inner(), base, &mut problems);
    (entries, problems)
}

/// Parses one value that stands alone, its places moved by `base`.
pub(super) fn parse_value(text: &str, base: usize) -> Option<Value> {
    if too_deep(text).is_some() {
        return None;
    }
    let parsed = DeValue::parse(text).ok()?;
    let mut problems = Vec::new();
    let span = parsed.span();
    let value = value(parsed.into_inner(), span.into(), base, &mut problems);
    problems.is_empty().then_some(value)
}

fn syntax(error: &toml::de::Error, text: &str) -> Problem {
    let mut span = error.span().map_or(Span::new(text.len(), text.len()), Span::from);
    // The parser points at the line break where something is missing at a line's end.
    if text.get(span.start..span.end).is_some_and(|token| token.trim().is_empty()) {
        span.end = span.start;
    }
    let token = text.get(span.start..span.end).unwrap_or("");
    let line = text[..span.start.min(text.len())].rfind('\n').map_or(0, |newline| newline + 1);
    let (message, help) = match error.message() {
        "duplicate key" if text[line..].starts_with('[') => {
            let header = text[line..].lines().next().unwrap_or("").trim();
            (format!("there are two {header}"), Some(KEEP_ONE.to_owned()))
        }
        "duplicate key" => (format!("`{token}` stands here twice"), Some(KEEP_ONE.to_owned())),
        message if message.starts_with("string values must be quoted") => {
            ("text must stand in quotes".to_owned(), Some(format!("write \"{token}\"")))
        }
        message => (message.to_owned(), None),
    };
    Problem { span: Some(span), message, help, warning: false }
}

fn entries(table: DeTable<'_>, base: usize, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .into_iter()
        .map(|(key, item)| {
            let key_span = moved(key.span().into(), base);
            let item_span = item.span().into();
            Entry {
                key: Spanned { value: key.into_inner().into_owned(), span: key_span },
                value: value(item.into_inner(), item_span, base, problems),
            }
        })
        .collect();
    entries.sort_by_key(|entry| entry.key.span);
    entries
}

fn value(item: DeValue<'_>, span: Span, base: usize, problems: &mut Vec<Problem>) -> Value {
    let span = moved(span, base);
    let mut out_of_range = |what: &str| {
        problems.push(Problem {
            span: Some(span),
            message: format!("this {what} is too large"),
            help: None,
            warning: false,
        });
    };
    let data = match item {
        DeValue::String(text) => Data::String(text.into_owned()),
        DeValue::Integer(digits) => {
            let number = i128::from_str_radix(digits.as_str(), digits.radix());
            Data::Integer(number.unwrap_or_else(|_| {
                out_of_range("integer");
                0
            }))
        }
        DeValue::Float(digits) => {
            let number: f64 = digits.as_str().parse().unwrap_or(f64::NAN);
            if number.is_infinite() && !digits.as_str().contains("inf") {
                out_of_range("number");
            }
            Data::Float(number)
        }
        DeValue::Boolean(truth) => Data::Boolean(truth),
        DeValue::Datetime(instant) => Data::Datetime(instant.to_string()),
        DeValue::Array(items) => Data::Array(
            items
                .into_iter()
                .map(|item| {
                    let span = item.span().into();
                    value(item.into_inner(), span, base, problems)
                })
                .collect(),
        ),
        DeValue::Table(table) => Data::Table(entries(table, base, problems)),
    };
    Value { data, span }
}

fn moved(span: Span, base: usize) -> Span {
    Span::new(span.start + base, span.end + base)
}

/// Finds nesting beyond the limits without building anything: strings and comments are skipped,
/// brackets and the dots of keys are counted.
fn too_deep(text: &str) -> Option<Problem> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut dots) = (0, 0_usize, 0_usize);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'#' => at += until(&bytes[at..], |byte| byte == b'\n'),
            quote @ (b'"' | b'\'') => at += quoted(&bytes[at..], quote),
            b'[' | b'{' => {
                (depth, dots, at) = (depth + 1, 0, at + 1);
            }
            b']' | b'}' => {
                (depth, dots, at) = (depth.saturating_sub(1), 0, at + 1);
            }
            b'.' => {
                (dots, at) = (dots + 1, at + 1);
            }
            b'=' | b',' | b'\n' => {
                (dots, at) = (0, at + 1);
            }
            _ => at += 1,
        }
        let problem = |message: String| {
            Some(Problem {
                span: Some(Span::new(start, start + 1)),
                message,
                help: None,
                warning: false,
            })
        };
        if depth > DEPTH_MAX {
            return problem(format!("values are nested more than {DEPTH_MAX} deep here"));
        }
        if dots >= KEY_PARTS_MAX {
            return problem(format!("a key has more than {KEY_PARTS_MAX} parts here"));
        }
    }
    None
}

fn until(bytes: &[u8], stop: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| stop(byte)).unwrap_or(bytes.len())
}

/// Length of the string that `bytes` begin with, quotes included; an unclosed one ends with its
/// line.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let triple = bytes.len() >= 3 && bytes[1] == quote && bytes[2] == quote;
    let mut at = if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            b'\n' if !triple => return at,
            byte if byte == quote && !triple => return at + 1,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => {
                // Up to two quotes may stand before the closing three.
                return at + until(&bytes[at..], |byte| byte != quote);
            }
            _ => at += 1,
        }
    }
    bytes.len()
}
