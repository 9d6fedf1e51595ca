//! A single pass over a JSON document (RFC 8259) that checks all of it and keeps only what the
//! pointers of a tree ask for: no tree, no allocation.
//!
//! What the standard leaves open: of two members of one name the last counts, a lone surrogate
//! reads as U+FFFD, documents may nest [`NESTING_MAX`] deep.

use super::pointer::{Node, Place, PointerTree, ROOT};
use super::record::{Found, Garbage, Scratch};

/// How deep a document may nest.
pub(super) const NESTING_MAX: u32 = 128;

/// Finds the pointers of `tree` in `document`; `scratch` has been reset for the tree.
pub(super) fn scan(
    document: &str,
    tree: &PointerTree,
    scratch: &mut Scratch,
) -> Result<(), Garbage> {
    let outcome = scan_whole(document.as_bytes(), tree, scratch);
    if outcome.is_err() {
        // What was found before the fault must not be taken for an answer.
        scratch.forget(tree, ROOT);
    }
    outcome
}

fn scan_whole(document: &[u8], tree: &PointerTree, scratch: &mut Scratch) -> Result<(), Garbage> {
    let mut scan = Scan { bytes: document, at: 0, depth: 0, tree, scratch };
    scan.space();
    scan.value(Some(ROOT))?;
    scan.space();
    if scan.at == document.len() { Ok(()) } else { Err(scan.garbage("more after the document")) }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    tree: &'a PointerTree,
    scratch: &'a mut Scratch,
}

impl<'a> Scan<'a> {
    fn garbage(&self, what: &'static str) -> Garbage {
        Garbage { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// One value, kept if it stands at a place that matters.
    fn value(&mut self, place: Option<Place>) -> Result<(), Garbage> {
        let found = match self.peek() {
            Some(b'"') => self.string(place.is_some())?,
            Some(b'{') => {
                self.keep(place, Found::Object);
                return self.object(place);
            }
            Some(b'[') => {
                self.keep(place, Found::Array);
                return self.array(place);
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word(b"true", Found::Bool(true))?,
            Some(b'f') => self.word(b"false", Found::Bool(false))?,
            Some(b'n') => self.word(b"null", Found::Null)?,
            Some(_) => return Err(self.garbage("not a JSON value")),
            None => return Err(self.garbage("the document ends early")),
        };
        self.keep(place, found);
        Ok(())
    }

    fn keep(&mut self, place: Option<Place>, found: Found) {
        let Some(place) = place else { return };
        if self.scratch.found[usize::from(place)] != Found::Absent {
            self.scratch.forget(self.tree, place);
        }
        self.scratch.found[usize::from(place)] = found;
    }

    fn word(&mut self, word: &[u8], found: Found) -> Result<Found, Garbage> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.garbage("not a JSON value"));
        }
        self.at += word.len();
        Ok(found)
    }

    /// What is looked for below `place`, if anything.
    fn sought(&self, place: Option<Place>) -> Option<&'a Node> {
        let node = self.tree.node(place?);
        (!node.is_leaf()).then_some(node)
    }

    fn enter(&mut self) -> Result<(), Garbage> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(self.garbage("nested too deeply"));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn object(&mut self, place: Option<Place>) -> Result<(), Garbage> {
        let sought = self.sought(place);
        self.enter()?;
        if self.peek() == Some(b'}') {
            return self.leave();
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.garbage("not a member's name"));
            }
            let member = self.name(sought)?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.garbage("no colon after a member's name"));
            }
            self.at += 1;
            self.space();
            self.value(member)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return self.leave(),
                _ => return Err(self.garbage("an object that goes on neither with `,` nor `}`")),
            }
            self.space();
        }
    }

    fn array(&mut self, place: Option<Place>) -> Result<(), Garbage> {
        let sought = self.sought(place);
        self.enter()?;
        if self.peek() == Some(b']') {
            return self.leave();
        }
        let mut index = 0;
        loop {
            self.value(sought.and_then(|node| node.element(index)))?;
            index += 1;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => return self.leave(),
                _ => return Err(self.garbage("an array that goes on neither with `,` nor `]`")),
            }
            self.space();
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "ends both containers")]
    fn leave(&mut self) -> Result<(), Garbage> {
        self.depth -= 1;
        self.at += 1;
        Ok(())
    }

    /// A member's name, as the place of that member.
    fn name(&mut self, sought: Option<&Node>) -> Result<Option<Place>, Garbage> {
        let kept = self.scratch.text.len();
        let found = self.string(sought.is_some())?;
        let Some(node) = sought else { return Ok(None) };
        Ok(match found {
            Found::Escaped(from, to) => {
                let name = self.scratch.text.get(from as usize..to as usize).unwrap_or_default();
                let member = node.member(name.as_bytes());
                self.scratch.text.truncate(kept);
                member
            }
            Found::Plain(from, to) => node.member(&self.bytes[from as usize..to as usize]),
            _ => None,
        })
    }

    /// A string; its escapes are undone only if it is wanted.
    fn string(&mut self, wanted: bool) -> Result<Found, Garbage> {
        self.at += 1;
        let start = self.at;
        let mut plain = true;
        loop {
            self.at += plain_length(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    self.escape()?;
                }
                Some(_) => return Err(self.garbage("a control character in a string")),
                None => return Err(self.garbage("the document ends early")),
            }
        }
        let end = self.at;
        self.at += 1;
        if plain {
            return Ok(Found::Plain(short(start), short(end)));
        }
        if !wanted {
            return Ok(Found::Absent);
        }
        let from = self.scratch.text.len();
        unescape(&self.bytes[start..end], &mut self.scratch.text);
        Ok(Found::Escaped(short(from), short(self.scratch.text.len())))
    }

    /// Steps over one escape.
    fn escape(&mut self) -> Result<(), Garbage> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.bytes.get(self.at + 2..self.at + 6).unwrap_or_default();
                if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(self.garbage("an escape without its four digits"));
                }
                self.at += 6;
            }
            _ => return Err(self.garbage("an escape that JSON does not know")),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Found, Garbage> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Found::Number(short(start), short(self.at)))
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Garbage> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { Err(self.garbage("a number without its digits")) } else { Ok(()) }
    }
}

/// How many bytes from here mean themselves in a string: up to a quotation mark, a backslash or a
/// control character.
///
/// Eight bytes at once. `x - 0x01…` borrows into the high bit of a byte that is zero, `x - 0x20…`
/// of one below 0x20; `& !x` leaves out those that had the high bit themselves. A borrow can only
/// spoil bytes *above* a true find, and the lowest is the first of a little-endian word.
fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quote = zero(word ^ (ONES * u64::from(b'"')));
        let backslash = zero(word ^ (ONES * u64::from(b'\\')));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let special = (quote | backslash | control) & HIGHS;
        if special != 0 {
            return number * 8 + (special.trailing_zeros() / 8) as usize;
        }
    }
    let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    bytes.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}

/// A position in a document whose length was checked.
fn short(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Appends the meaning of a string whose escapes were checked.
fn unescape(string: &[u8], out: &mut String) {
    let mut rest = string;
    while let Some(backslash) = memchr::memchr(b'\\', rest) {
        push_utf8(&rest[..backslash], out);
        let escape = rest.get(backslash + 1).copied().unwrap_or(b'\\');
        rest = rest.get(backslash + 2..).unwrap_or_default();
        match escape {
            b'u' => rest = unescape_unicode(rest, out),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            other => out.push(char::from(other)),
        }
    }
    push_utf8(rest, out);
}

/// Appends the character of four digits (of eight, for a pair of surrogates); what is left.
fn unescape_unicode<'a>(digits: &'a [u8], out: &mut String) -> &'a [u8] {
    let (first, rest) = four_digits(digits);
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = rest.strip_prefix(b"\\u")
        && let (low @ 0xdc00..0xe000, rest) = four_digits(second)
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return rest;
    }
    out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

fn four_digits(digits: &[u8]) -> (u32, &[u8]) {
    let (four, rest) = digits.split_at(digits.len().min(4));
    let code = four
        .iter()
        .fold(0, |code, &digit| code << 4 | char::from(digit).to_digit(16).unwrap_or_default());
    (code, rest)
}

fn push_utf8(bytes: &[u8], out: &mut String) {
    // The document is UTF-8, and strings are cut at ASCII characters only.
    out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value as Json;

    use super::*;
    use crate::binding::record::{Codec, Record, Value};

    /// What the scanner finds at `pointers` in `document`.
    fn found(document: &[u8], pointers: &[&str]) -> Result<Vec<Option<Json>>, Garbage> {
        let mut tree = PointerTree::default();
        let places: Vec<Place> =
            pointers.iter().map(|pointer| tree.insert(pointer).unwrap()).collect();
        let mut scratch = Scratch::default();
        let document = Codec::Json.scan(document, &tree, &mut scratch)?;
        let record = Record::new(document, &scratch);
        Ok(places.iter().map(|&place| record.value(place).map(json)).collect())
    }

    /// A value, containers emptied.
    fn json(value: Value<'_>) -> Json {
        match value {
            Value::Null => Json::Null,
            Value::Bool(truth) => truth.into(),
            // 1e999 is JSON, but more than a `Json` can hold: it stands as it is written.
            Value::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| number.into()),
            Value::Text(text) => text.into(),
            Value::Object => Json::Object(serde_json::Map::new()),
            Value::Array => Json::Array(Vec::new()),
        }
    }

    fn emptied(value: &Json) -> Json {
        match value {
            Json::Object(_) => Json::Object(serde_json::Map::new()),
            Json::Array(_) => Json::Array(Vec::new()),
            other => other.clone(),
        }
    }

    fn check(document: &str, pointer: &str, expect: Option<Json>) {
        let found = found(document.as_bytes(), &[pointer]);
        assert_eq!(found.map(|mut found| found.remove(0)), Ok(expect), "{pointer} in {document}");
    }

    fn check_garbage(document: impl AsRef<[u8]>, at: usize, what: &'static str) {
        let document = document.as_ref();
        let text = String::from_utf8_lossy(document);
        assert_eq!(found(document, &["/a"]), Err(Garbage { at, what }), "{text}");
    }

    #[test]
    fn pointers_find_what_stands_there() {
        check(r#"{"a":{"b":[1,{"c":"x"}]}}"#, "/a/b/1/c", Some("x".into()));
        check(r#"{"a":{"b":[1,{"c":"x"}]}}"#, "/a/b/2", None);
        check(r#"{"a":{"b":[1,{"c":"x"}]}}"#, "/a/b", Some(Json::Array(vec![])));
        check(" [ 1 , -2.5e+3 ] ", "/1", Some(serde_json::json!(-2500.0)));
        check("[1e999]", "/0", Some("1e999".into()));
        check(r#"{"0":1}"#, "/0", Some(1.into()));
        check("[true]", "/00", None);
        check("\t\"alone\"\r\n", "", Some("alone".into()));
        check(r#"{"":{"":null}}"#, "//", Some(Json::Null));
        check(r#"{"a/b":{"m~n":false}}"#, "/a~1b/m~0n", Some(false.into()));
        // A member below a value that is no object.
        check(r#"{"a":"b"}"#, "/a/b", None);
    }

    #[test]
    fn escapes_are_undone_in_values_and_names() {
        check(r#"{"a":"q\"\\\/\b\f\n\r\tq"}"#, "/a", Some("q\"\\/\u{8}\u{c}\n\r\tq".into()));
        check(r#"{"a":"\u00e9\u20AC\ud83d\ude00"}"#, "/a", Some("é€😀".into()));
        check(r#"{"\u0061b":1,"x":"\u0041"}"#, "/ab", Some(1.into()));
        check(r#"{"\u0061b":1,"x":"\u0041"}"#, "/x", Some("A".into()));
        // Lone surrogates, in either order, and one before something else.
        check(r#"{"a":"\ud83d-\ude00"}"#, "/a", Some("\u{fffd}-\u{fffd}".into()));
        check(r#"{"a":"\ud83d\u0041"}"#, "/a", Some("\u{fffd}A".into()));
        check(r#"{"a":"\ud83d\n"}"#, "/a", Some("\u{fffd}\n".into()));
    }

    #[test]
    fn of_two_members_of_one_name_the_last_counts_with_all_that_is_in_it() {
        check(r#"{"a":1,"a":2}"#, "/a", Some(2.into()));
        check(r#"{"a":{"b":1},"a":{"c":2}}"#, "/a/b", None);
        check(r#"{"a":{"b":{"d":1}},"a":3}"#, "/a/b/d", None);
        check(r#"{"a":[1,2],"a":[3]}"#, "/a/1", None);
    }

    #[test]
    fn whatever_is_no_document_is_garbage() {
        check_garbage("", 0, "the document ends early");
        check_garbage("{\"a\":1", 6, "an object that goes on neither with `,` nor `}`");
        check_garbage("{\"a\":1}x", 7, "more after the document");
        check_garbage("{\"a\":01}", 6, "an object that goes on neither with `,` nor `}`");
        check_garbage("{\"a\":1.}", 7, "a number without its digits");
        check_garbage("{\"a\":1,}", 7, "not a member's name");
        check_garbage("{\"a\" 1}", 5, "no colon after a member's name");
        check_garbage("[1,]", 3, "not a JSON value");
        check_garbage("[1 2]", 3, "an array that goes on neither with `,` nor `]`");
        check_garbage("nul", 0, "not a JSON value");
        check_garbage("\"\\x\"", 1, "an escape that JSON does not know");
        check_garbage("\"\\u12\"", 1, "an escape without its four digits");
        check_garbage("\"a\nb\"", 2, "a control character in a string");
        check_garbage(b"{\"a\":\"\xff\"}", 6, "not UTF-8");
        check_garbage("\u{feff}{}", 0, "not a JSON value");
    }

    #[test]
    fn a_special_byte_is_found_wherever_it_stands() {
        for length in 0..40 {
            let mut bytes = vec![0xffu8; length];
            assert_eq!(plain_length(&bytes), length);
            for at in 0..length {
                for byte in [0, 0x1f, b'"', b'\\'] {
                    bytes[at] = byte;
                    // What stands behind must not matter.
                    for behind in [0, 0x20, 0x21, 0x23, b'"', 0x5d, 0x80, 0xff] {
                        bytes[at + 1..].fill(behind);
                        assert_eq!(plain_length(&bytes), at, "{byte} before {behind}");
                    }
                }
                bytes[at..].fill(0x20);
                assert_eq!(plain_length(&bytes), length);
                bytes[at] = [b'!', b'#', 0x5b, 0x5d, 0x7f, 0x80, 0xa2, 0xdc][at % 8];
            }
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(&nested(128), "/a", None);
        check_garbage(nested(129), 128, "nested too deeply");
        check_garbage("[".repeat(1_000_000), 128, "nested too deeply");
    }

    /// Any JSON, with names and indices that meet the pointers of [`POINTERS`] often.
    fn any_json() -> impl Strategy<Value = Json> {
        let text = prop_oneof!["[ab\"\\\\/\u{0}-\u{1f}é😀]{0,6}", any::<String>()];
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            text.prop_map(Json::from),
        ];
        leaf.prop_recursive(5, 40, 4, |inner| {
            let name = prop_oneof![4 => "[ab01]", 1 => "[a~/\"\\\\é]{0,2}"];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                proptest::collection::vec((name, inner), 0..4)
                    .prop_map(|members| Json::Object(members.into_iter().collect())),
            ]
        })
    }

    const POINTERS: [&str; 12] =
        ["", "/a", "/b", "/0", "/1", "/a/b", "/a/0", "/0/a", "/a/b/0", "/1/1", "/", "/~0"];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn agrees_with_a_tree(value in any_json(), pretty: bool) {
            let text = if pretty {
                serde_json::to_string_pretty(&value).unwrap()
            } else {
                value.to_string()
            };
            // Reading a number back may differ in its last bit.
            let value: Json = serde_json::from_str(&text).unwrap();
            let expect: Vec<_> = POINTERS.iter().map(|it| value.pointer(it).map(emptied)).collect();
            prop_assert_eq!(found(text.as_bytes(), &POINTERS).unwrap(), expect);
        }

        #[test]
        fn a_document_cut_short_is_garbage(value in any_json(), share in 0.0..1.0_f64) {
            // A number cut short is a number; in an array nothing cut short is whole.
            let text = Json::from(vec![value]).to_string();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a position in a short text"
            )]
            let cut = (text.len() as f64 * share) as usize;
            prop_assert!(found(&text.as_bytes()[..cut], &POINTERS).is_err());
        }

        #[test]
        fn accepts_what_serde_json_accepts(text in r#"[\[\]{}:,"\\u0019ea.+\- ntrlsf]{0,24}"#) {
            let valid = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(found(text.as_bytes(), &POINTERS).is_ok(), valid, "{}", text);
        }

        #[test]
        fn a_changed_byte_never_panics(value in any_json(), at: prop::sample::Index, byte: u8) {
            let mut bytes = value.to_string().into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let valid = std::str::from_utf8(&bytes)
                .is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
            prop_assert_eq!(found(&bytes, &POINTERS).is_ok(), valid);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            let _ = found(&bytes, &POINTERS);
        }
    }
}
