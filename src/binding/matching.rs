//! Rules: what must be true of a record for it to be an answer, an event, a prompt.

use hyper::header::{HeaderMap, HeaderName};

use super::pointer::Place;
use super::record::{Record, Value};
use super::template::{Filling, Segment, Session, Template, Values};

/// A value that a file states.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Text(Box<str>),
    /// As JSON writes it.
    Number(Box<str>),
    Bool(bool),
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expected {
    Exists(bool),
    OneOf(Box<[Literal]>),
    /// A text that depends on the call or the connection: `${id}`.
    Filled(Template),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub(super) place: Place,
    pub(super) expected: Expected,
}

/// All of its comparisons must hold. Of an HTTP answer, also its status.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rule {
    pub(super) terms: Box<[Term]>,
    pub(super) statuses: Option<Box<[u16]>>,
}

impl Rule {
    /// Whether a record of the connection satisfies the rule.
    pub(super) fn holds(
        &self,
        record: &Record<'_>,
        values: &Values<'_>,
        session: &Session,
    ) -> bool {
        self.terms.iter().all(|term| {
            let value = record.value(term.place);
            match &term.expected {
                Expected::Filled(template) => {
                    value.is_some_and(|value| equals_filled(value, template, values, session))
                }
                expected => expected.constant(value),
            }
        })
    }

    /// Whether a record could satisfy the rule for some call or connection: variables are taken to
    /// have the value found.
    pub(super) fn may_hold(&self, record: &Record<'_>) -> bool {
        self.terms.iter().all(|term| term.expected.constant(record.value(term.place)))
    }

    /// Whether an answer of that status may satisfy the rule.
    pub(super) fn allows(&self, status: u16) -> bool {
        self.statuses.as_ref().is_none_or(|statuses| statuses.contains(&status))
    }

    /// This rule with every variable left open, so that rules that differ in variables only are
    /// tried once.
    pub(super) fn shadow(&self) -> Rule {
        let open = |term: &Term| match &term.expected {
            Expected::Filled(_) => Term { place: term.place, expected: Expected::Exists(true) },
            _ => term.clone(),
        };
        Rule { terms: self.terms.iter().map(open).collect(), statuses: None }
    }
}

impl Expected {
    fn constant(&self, value: Option<Value<'_>>) -> bool {
        match self {
            Expected::Exists(expected) => value.is_some() == *expected,
            Expected::OneOf(literals) => {
                value.is_some_and(|value| literals.iter().any(|literal| literal.equals(value)))
            }
            Expected::Filled(_) => value.is_some(),
        }
    }
}

impl Literal {
    /// Equality as JSON means it: 1, 1.0 and 1e0 are one number, and no number is a string.
    fn equals(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Literal::Text(literal), Value::Text(text)) => **literal == *text,
            (Literal::Number(literal), Value::Number(number)) => equal_numbers(literal, number),
            (Literal::Bool(literal), Value::Bool(truth)) => *literal == truth,
            _ => false,
        }
    }
}

/// Whole numbers are compared exactly, others as double-precision numbers.
fn equal_numbers(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if let (Ok(a), Ok(b)) = (a.parse::<i128>(), b.parse::<i128>()) {
        return a == b;
    }
    match (a.parse::<f64>(), b.parse::<f64>()) {
        #[expect(clippy::float_cmp, reason = "the same number, not a near one, is meant")]
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// Whether a value reads as the filled-in template. A call number may come back as a number or as
/// a string of digits: backends do both.
fn equals_filled(
    value: Value<'_>,
    template: &Template,
    values: &Values<'_>,
    session: &Session,
) -> bool {
    let (Value::Text(text) | Value::Number(text)) = value else { return false };
    if let ([Segment::Variable(variable, _)], Value::Number(number)) = (template.segments(), value)
        && let Filling::Number(expected) = variable.of(values, session)
    {
        return equal_numbers(number, Digits::default().of(expected));
    }
    let mut rest = text;
    for segment in template.segments() {
        let mut digits = Digits::default();
        let part = match segment {
            Segment::Literal(literal) => literal,
            Segment::Variable(variable, _) => match variable.of(values, session) {
                Filling::Text(text) => text,
                Filling::Number(number) => digits.of(number),
            },
        };
        match rest.strip_prefix(part) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// A number's decimal digits, on the stack.
#[derive(Default)]
struct Digits([u8; 20]);

impl Digits {
    fn of(&mut self, mut number: u64) -> &str {
        let mut at = self.0.len();
        loop {
            at -= 1;
            self.0[at] = b"0123456789"[usize::try_from(number % 10).unwrap_or(0)];
            number /= 10;
            if number == 0 {
                break;
            }
        }
        std::str::from_utf8(&self.0[at..]).unwrap_or_default()
    }
}

/// Where a text is taken from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// The value at a pointer.
    At(Place),
    /// The part of a text between two marks; the end of the text is as good as the second mark.
    Between { place: Place, after: Box<str>, until: Box<str> },
    /// A header of an HTTP answer.
    Header(HeaderName),
    /// Always the same.
    Fixed(Box<str>),
}

impl Source {
    /// The text, if there is one.
    pub(super) fn text<'r>(
        &'r self,
        record: &Record<'r>,
        headers: Option<&'r HeaderMap>,
    ) -> Option<&'r str> {
        match self {
            Source::At(place) => record.value(*place)?.text(),
            Source::Between { place, after, until } => {
                let text = record.value(*place)?.text()?;
                let start = text.find(&**after)? + after.len();
                let rest = &text[start..];
                let end = if until.is_empty() { None } else { rest.find(&**until) };
                Some(&rest[..end.unwrap_or(rest.len())])
            }
            Source::Header(name) => headers?.get(name)?.to_str().ok(),
            Source::Fixed(text) => Some(text),
        }
    }

    /// The whole number there, if there is one.
    pub(super) fn number(&self, record: &Record<'_>) -> Option<u64> {
        match self {
            Source::At(place) => record.value(*place)?.number(),
            other => other.text(record, None)?.parse().ok(),
        }
    }
}
