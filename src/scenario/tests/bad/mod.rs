//! Bad input by theme, table by table, with what is said of each row. Read the texts aloud when you
//! change them.
#![expect(clippy::too_many_lines, reason = "a table and its texts belong side by side")]

use super::{GOOD, read};

mod arguments;
mod crowds;
mod fields;
mod objectives;
mod quantities;
mod shows;
mod targets;

/// What is said of [`GOOD`] with `old` replaced by `new`, and each `--set` applied.
fn said(old: &str, new: &str, sets: &[&str]) -> String {
    assert!(GOOD.contains(old), "{old:?} is not in the text");
    match read(&GOOD.replacen(old, new, 1), sets) {
        Ok((_, warnings)) => warnings.to_string(),
        Err(problems) => problems.to_string(),
    }
}

/// Several changes one after another, each with what is said.
fn all_said(changes: &[(&str, &str)]) -> String {
    changes.iter().map(|(old, new)| said(old, new, &[]) + "\n").collect()
}
