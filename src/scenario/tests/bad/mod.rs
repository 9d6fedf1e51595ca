//! Bad input by theme, table by table, with what is said of each row. Read the texts aloud when you
//! change them.
#![expect(clippy::too_many_lines, reason = "a table and its texts belong side by side")]

use super::{GOOD, read};

mod arguments;
mod arrivals;
mod crowds;
mod fields;
mod hosts;
mod laws;
mod objectives;
mod presets;
mod quantities;
mod rates;
mod reactions;
mod rooms;
mod shows;
mod targets;

/// What is said of [`GOOD`] with `old` replaced by `new`, and each `--set` applied.
fn said(old: &str, new: &str, sets: &[&str]) -> String {
    said_of(GOOD, old, new, sets)
}

/// What is said of `text` with `old` replaced by `new`, and each `--set` applied.
fn said_of(text: &str, old: &str, new: &str, sets: &[&str]) -> String {
    assert!(text.contains(old), "{old:?} is not in the text");
    match read(&text.replacen(old, new, 1), sets) {
        Ok((_, warnings)) => warnings.to_string(),
        Err(problems) => problems.to_string(),
    }
}

/// Several changes one after another, each with what is said.
fn all_said(changes: &[(&str, &str)]) -> String {
    all_said_of(GOOD, changes)
}

/// The same of another text.
fn all_said_of(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().map(|(old, new)| said_of(text, old, new, &[]) + "\n").collect()
}

/// Each of `fields` added to the group, with what is said.
fn each_added(fields: &[&str]) -> String {
    let added: Vec<String> = fields.iter().map(|field| format!("viewers = 500\n{field}")).collect();
    each_said("viewers = 500", &added.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Each of `values` in the place of `old`, with what is said.
fn each_said(old: &str, values: &[&str]) -> String {
    values.iter().map(|new| said(old, new, &[]) + "\n").collect()
}
