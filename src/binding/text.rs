//! The `text` codec: a frame for people to read, as a document of its words.

use super::pointer::{PointerTree, ROOT};
use super::record::{Found, Scratch};

/// Finds the pointers of `tree` in `{"text": FRAME, "words": [WORD, …]}`; words are what white
/// space separates.
pub(super) fn scan(frame: &str, tree: &PointerTree, scratch: &mut Scratch) {
    let end = u32::try_from(frame.len()).unwrap_or(u32::MAX);
    let frame = frame.as_bytes();
    let root = tree.node(ROOT);
    scratch.found[usize::from(ROOT)] = Found::Object;
    if let Some(place) = root.member(b"text") {
        scratch.found[usize::from(place)] = Found::Plain(0, end);
    }
    let Some(words) = root.member(b"words") else { return };
    scratch.found[usize::from(words)] = Found::Array;
    let words = tree.node(words);
    if words.is_leaf() {
        return;
    }
    let mut number = 0;
    let mut start = None;
    for at in 0..=end {
        let inside = frame.get(at as usize).is_some_and(|byte| !byte.is_ascii_whitespace());
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                if let Some(place) = words.element(number) {
                    scratch.found[usize::from(place)] = Found::Plain(from, at);
                }
                number += 1;
                start = None;
            }
            _ => {}
        }
    }
}
