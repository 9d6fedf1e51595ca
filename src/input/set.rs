//! `--set a.b.c=value`: edits of the tree before it is read, whose problems name the argument.

use super::Input;
use super::problem::{Span, Spanned, did_you_mean};
use super::table::listed;
use super::value::{self, Data, Entry, Value};

/// Fields by which an entry of an array of tables can be addressed.
const NAMES: [&str; 2] = ["name", "creator"];

/// Most parts of a path.
const PARTS_MAX: usize = 32;

impl Input {
    /// Applies one `PATH=VALUE`. The path's parts are field names, positions in an array, or the
    /// `name` or `creator` of an entry of an array of tables; tables that are missing on the way
    /// are made. The value is TOML, or else taken as text: `length=90s` needs no quotes.
    ///
    /// A path that leads nowhere is reported as a problem at the argument; so is, later, whatever
    /// the reader of the file finds wrong with the value.
    pub fn set(&mut self, argument: &str) {
        let base = self.sources.add("--set".to_owned(), argument.to_owned(), None);
        let whole = Span::new(base, base + argument.len());
        let Some((path, text)) = argument.split_once('=') else {
            return self.problem(
                whole,
                format!("`{argument}` sets nothing"),
                "write a path and a value: --set audience.followers.viewers=2000",
            );
        };
        let start = base + path.len() + 1;
        let Some(value) = value_of(text, start) else {
            return self.problem(
                Span::new(start, whole.end),
                format!("`{text}` is not a TOML value"),
                "is a quote or bracket missing? Plain text needs none",
            );
        };
        // A tree as deep as a path is long would exhaust the stack.
        if path.split('.').count() > PARTS_MAX {
            let message = format!("a path of more than {PARTS_MAX} parts leads nowhere");
            return self.problem(Span::new(base, start - 1), message, "shorten the path");
        }
        let mut parts = Vec::new();
        let mut at = base;
        for part in path.split('.') {
            let name = part.trim().trim_matches('"').to_owned();
            parts.push(Spanned { value: name, span: Span::new(at, at + part.len()) });
            at += part.len() + 1;
        }
        if let Some(empty) = parts.iter().find(|part| part.value.is_empty()) {
            let span = Span::new(empty.span.start, empty.span.end.max(empty.span.start + 1));
            return self.problem(
                span,
                "a part of the path is empty",
                "write the names of the fields with a point between them: target.url",
            );
        }
        if let Err((span, message, help)) = place(&mut self.root, &parts, value) {
            self.problem(span, message, help);
        }
    }
}

type Refusal = (Span, String, String);

/// The value as TOML if it is that, else as text; `None` if it begins like a quoted or bracketed
/// value and is none.
fn value_of(text: &str, start: usize) -> Option<Value> {
    let trimmed = text.trim_start();
    let start = start + (text.len() - trimmed.len());
    let trimmed = trimmed.trim_end();
    if let Some(value) = value::parse_value(trimmed, start) {
        return Some(value);
    }
    let plain = !trimmed.starts_with(['"', '\'', '[', '{']);
    let span = Span::new(start, start + trimmed.len());
    plain.then(|| Value { data: Data::String(trimmed.to_owned()), span })
}

fn place(at: &mut Value, parts: &[Spanned<String>], value: Value) -> Result<(), Refusal> {
    let Some((part, rest)) = parts.split_first() else {
        *at = value;
        return Ok(());
    };
    match &mut at.data {
        Data::Table(entries) => {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key.value == part.value) {
                if rest.is_empty() {
                    entry.key.span = part.span;
                }
                return place(&mut entry.value, rest, value);
            }
            let mut made = Value { data: Data::Table(Vec::new()), span: part.span };
            place(&mut made, rest, value)?;
            entries.push(Entry { key: part.clone(), value: made });
            Ok(())
        }
        Data::Array(items) => {
            let index = position(items, part)?;
            place(&mut items[index], rest, value)
        }
        other => Err((
            part.span,
            format!("{} has no `{}`", other.kind(), part.value),
            "shorten the path".to_owned(),
        )),
    }
}

/// Which entry of an array a part of a path means.
fn position(items: &[Value], part: &Spanned<String>) -> Result<usize, Refusal> {
    let names: Vec<Option<&str>> = items.iter().map(name_of).collect();
    if let Some(index) = names.iter().position(|name| *name == Some(&part.value)) {
        return Ok(index);
    }
    if let Ok(index) = part.value.parse::<usize>() {
        if index < items.len() {
            return Ok(index);
        }
        let message = format!("there is no entry {index}");
        return Err((part.span, message, format!("there are {}, numbered from 0", items.len())));
    }
    let names: Vec<&str> = names.into_iter().flatten().collect();
    let help = match did_you_mean(&part.value, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "address an entry by its position, from 0".to_owned(),
        None => format!("entries are {}", listed(&names)),
    };
    Err((part.span, format!("no entry is named `{}`", part.value), help))
}

fn name_of(item: &Value) -> Option<&str> {
    let Data::Table(entries) = &item.data else { return None };
    let entry = entries.iter().find(|entry| NAMES.contains(&entry.key.value.as_str()))?;
    match &entry.value.data {
        Data::String(name) => Some(name),
        _ => None,
    }
}
