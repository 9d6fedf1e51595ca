//! What a scan found in one record of a received frame, borrowed from the frame.

use std::fmt;

use super::pointer::{Place, PointerTree, ROOT};
use super::{Binding, scan, text};

/// Why a frame could not be read by the binding's codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garbage {
    /// The byte at which reading stopped.
    pub at: usize,
    /// What is wrong there.
    pub what: &'static str,
}

impl fmt::Display for Garbage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

impl std::error::Error for Garbage {}

/// The value at a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'r> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as written.
    Number(&'r str),
    /// A string, without its quotes and escapes.
    Text(&'r str),
    /// An object.
    Object,
    /// An array.
    Array,
}

impl<'r> Value<'r> {
    /// The value as text: a string, a number as written, a truth value; not `null`, not a tree.
    #[must_use]
    pub fn text(self) -> Option<&'r str> {
        match self {
            Value::Number(text) | Value::Text(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::Object | Value::Array => None,
        }
    }

    /// The value as a whole number, whether written as one or as a string of digits.
    #[must_use]
    pub fn number(self) -> Option<u64> {
        match self {
            Value::Number(text) | Value::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

/// What was found at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Found {
    #[default]
    Absent,
    Null,
    Bool(bool),
    /// Bytes of the document.
    Number(u32, u32),
    /// Bytes of the document between the quotes.
    Plain(u32, u32),
    /// Bytes of the scratch text.
    Escaped(u32, u32),
    Object,
    Array,
}

/// Buffers that reading reuses; one a shard is enough.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(super) found: Vec<Found>,
    /// Strings whose escapes had to be undone.
    pub(super) text: String,
}

impl Scratch {
    /// Forgets everything but the memory, and makes room for the places of `tree`.
    pub(super) fn reset(&mut self, tree: &PointerTree) {
        self.text.clear();
        self.found.clear();
        self.found.resize(tree.len(), Found::Absent);
    }

    /// Forgets what was found at `place` and below it, because a later member of the same name
    /// replaces it.
    pub(super) fn forget(&mut self, tree: &PointerTree, place: Place) {
        self.found[usize::from(place)] = Found::Absent;
        for below in tree.node(place).below() {
            self.forget(tree, below);
        }
    }
}

/// How a frame is split into records and each of them read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// One JSON document a frame, text or binary.
    Json,
    /// Lines for people: the whole at `/text`, its words at `/words/0`, `/words/1`, …
    Text,
}

impl Codec {
    /// Finds the pointers of `tree` in a document, which is returned as the text that it is.
    pub(super) fn scan<'d>(
        self,
        document: &'d [u8],
        tree: &PointerTree,
        scratch: &mut Scratch,
    ) -> Result<&'d str, Garbage> {
        scratch.reset(tree);
        if u32::try_from(document.len()).is_err() {
            return Err(Garbage { at: 0, what: "a document of 4 GiB" });
        }
        let document = std::str::from_utf8(document)
            .map_err(|error| Garbage { at: error.valid_up_to(), what: "not UTF-8" })?;
        match self {
            Codec::Json => scan::scan(document, tree, scratch)?,
            Codec::Text => text::scan(document, tree, scratch),
        }
        Ok(document)
    }
}

/// The records of one frame, one after the other (each borrows the buffers of the one before, so
/// this is not an `Iterator`):
///
/// ```
/// use claque::binding::{Binding, Event, Glance, Scratch, shipped};
///
/// let binding = Binding::parse("nchan", shipped("nchan").unwrap()).unwrap();
/// let mut scratch = Scratch::default();
/// let mut records = binding.read(br#"{"type":"chat","cid":"7-1"}"#, &mut scratch);
/// while let Some(record) = records.next() {
///     let record = record.expect("JSON");
///     let Glance::Event(Event::Broadcast { cid, .. }) = binding.glance(&record) else {
///         panic!("a chat is broadcast")
///     };
///     assert_eq!(cid, Some("7-1"));
/// }
/// ```
#[derive(Debug)]
pub struct Records<'a> {
    binding: &'a Binding,
    /// The bytes not read yet.
    rest: Option<&'a [u8]>,
    scratch: &'a mut Scratch,
}

impl<'a> Records<'a> {
    pub(super) fn new(
        binding: &'a Binding,
        frame: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Records<'a> {
        Records { binding, rest: Some(frame), scratch }
    }

    /// Whether the record just yielded was the frame's only one. What a frame of one record means
    /// may be remembered by the frame's bytes.
    #[must_use]
    pub fn single(&self) -> bool {
        // Both codecs there are know one record a frame.
        true
    }

    /// The next record, or why it cannot be read.
    #[expect(clippy::should_implement_trait, reason = "each record borrows from this")]
    pub fn next(&mut self) -> Option<Result<Record<'_>, Garbage>> {
        let frame = self.rest.take()?;
        let tree = self.binding.tree();
        match self.binding.codec().scan(frame, tree, self.scratch) {
            Ok(document) => Some(Ok(Record::new(document, self.scratch))),
            Err(garbage) => Some(Err(garbage)),
        }
    }
}

/// One record of a frame: what the binding's pointers found in it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    document: &'r str,
    found: &'r [Found],
    text: &'r str,
}

impl<'r> Record<'r> {
    pub(super) fn new(document: &'r str, scratch: &'r Scratch) -> Record<'r> {
        Record { document, found: &scratch.found, text: &scratch.text }
    }

    /// The value at a place of the tree that the record was scanned against.
    pub(super) fn value(&self, place: Place) -> Option<Value<'r>> {
        let found = self.found.get(usize::from(place)).copied().unwrap_or_default();
        Some(match found {
            Found::Absent => return None,
            Found::Null => Value::Null,
            Found::Bool(truth) => Value::Bool(truth),
            Found::Number(from, to) => Value::Number(self.slice(from, to)),
            Found::Plain(from, to) => Value::Text(self.slice(from, to)),
            Found::Escaped(from, to) => {
                Value::Text(self.text.get(from as usize..to as usize).unwrap_or_default())
            }
            Found::Object => Value::Object,
            Found::Array => Value::Array,
        })
    }

    /// Whether the document could be read at all.
    pub(super) fn is_read(&self) -> bool {
        self.found.get(usize::from(ROOT)).is_some_and(|&root| root != Found::Absent)
    }

    fn slice(&self, from: u32, to: u32) -> &'r str {
        self.document.get(from as usize..to as usize).unwrap_or_default()
    }
}
