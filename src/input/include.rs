//! `include = ["shared/products.toml"]`: several files as one document.
//!
//! Tables are merged by their keys; arrays are appended, what is included first; anything else that
//! stands there twice is a problem. Included files may include others. Each file is taken once,
//! so that two of them can include a third.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use super::Input;
use super::problem::{Problem, Sources, Span, Spanned};
use super::value::{self, Data, Entry, Value};

/// Most files of one input.
const FILES_MAX: usize = 64;

/// The field that names the files.
pub(super) const INCLUDE: &str = "include";

/// Fetches a file by its path, as seen from the first file's folder, or says why it cannot.
pub type Fetch<'a> = &'a dyn Fn(&str) -> Result<String, String>;

impl Input {
    /// Takes in the files that `include` names, each path relative to the file that it stands in.
    /// What is wrong with a path is a problem at its place; what is wrong in a file, one there.
    pub fn include(&mut self, fetch: Fetch<'_>) {
        let Data::Table(entries) = &mut self.root.data else { return };
        let own = std::mem::take(entries);
        let first = self.sources.iter().next().and_then(|first| first.path.clone());
        let open = vec![first.unwrap_or_default()];
        let folder = Path::new(&self.file).parent().unwrap_or(Path::new("")).to_owned();
        let mut merging =
            Merging { sources: &mut self.sources, fetch, folder, open, problems: Vec::new() };
        let merged = merging.resolve(own);
        let problems = merging.problems;
        self.root.data = Data::Table(merged);
        self.take(problems);
    }

    /// The files that were included, each path as seen from the first file's folder, with its text.
    #[must_use]
    pub fn included(&self) -> Vec<(String, String)> {
        let files = self.sources.iter().skip(1);
        files.filter_map(|source| Some((source.path.clone()?, source.text.clone()))).collect()
    }

    /// A path that stands in one of the files, as seen from the first file's folder.
    #[must_use]
    pub fn relative(&self, path: &Spanned<String>) -> String {
        let source = self.sources.at(path.span.start);
        // As written where it can be, since results and messages name it.
        match source.and_then(|source| source.path.as_deref()) {
            Some(file) if Path::new(file).parent().is_some_and(|folder| folder != "") => {
                joined(file, &path.value)
            }
            _ => path.value.clone(),
        }
    }
}

/// Files being merged.
struct Merging<'a> {
    sources: &'a mut Sources,
    fetch: Fetch<'a>,
    /// The first file's folder, for names in messages.
    folder: PathBuf,
    /// The file at hand and those that include it, outermost first.
    open: Vec<String>,
    problems: Vec<Problem>,
}

impl Merging<'_> {
    /// A document's entries together with those of the files that it includes.
    fn resolve(&mut self, mut own: Vec<Entry>) -> Vec<Entry> {
        let Some(position) = own.iter().position(|entry| entry.key.value == INCLUDE) else {
            return own;
        };
        let include = own.remove(position).value;
        let mut merged = Vec::new();
        for path in self.paths(&include) {
            if let Some(entries) = self.file(&path) {
                self.merge(&mut merged, entries, "");
            }
        }
        self.merge(&mut merged, own, "");
        merged
    }

    fn paths(&mut self, include: &Value) -> Vec<Spanned<String>> {
        let mut paths = Vec::new();
        let Data::Array(items) = &include.data else {
            let message = format!("`include` must be an array, not {}", include.data.kind());
            self.problem(include.span, message, "write include = [\"shared/products.toml\"]");
            return paths;
        };
        for item in items {
            match &item.data {
                Data::String(path) => {
                    paths.push(Spanned { value: path.clone(), span: item.span });
                }
                other => {
                    let message = format!("`include` must be a string, not {}", other.kind());
                    self.problem(item.span, message, "put the path in quotes");
                }
            }
        }
        paths
    }

    /// The entries of a file with all that it includes; none if it was taken before, or cannot be.
    fn file(&mut self, path: &Spanned<String>) -> Option<Vec<Entry>> {
        let within = self.open.last().map_or("", String::as_str);
        let file = joined(within, &path.value);
        if self.open.contains(&file) {
            let message = if self.open.last() == Some(&file) {
                format!("`{}` is this very file", path.value)
            } else {
                format!("`{}` is one of those that include this file", path.value)
            };
            self.problem(path.span, message, "leave it out");
            return None;
        }
        if self.sources.iter().any(|source| source.path.as_ref() == Some(&file)) {
            return None;
        }
        if self.sources.iter().count() >= FILES_MAX {
            let message = format!("these are more than {FILES_MAX} files");
            self.problem(path.span, message, "put some of them together");
            return None;
        }
        let text = match (self.fetch)(&file) {
            Ok(text) => text,
            Err(why) => {
                let message = format!("`{}` cannot be included: {why}", path.value);
                self.problem(path.span, message, "paths begin at the folder of this file");
                return None;
            }
        };
        let name = self.folder.join(&file).display().to_string();
        let base = self.sources.add(name, text.clone(), Some(file.clone()));
        let (entries, mut problems) = value::parse_document(&text, base);
        self.problems.append(&mut problems);
        self.open.push(file);
        let entries = self.resolve(entries);
        self.open.pop();
        Some(entries)
    }

    /// Merges `from` into `into`; `within` is the name of the table that they belong to.
    fn merge(&mut self, into: &mut Vec<Entry>, from: Vec<Entry>, within: &str) {
        let mut known: HashMap<String, usize> = into
            .iter()
            .enumerate()
            .map(|(position, entry)| (entry.key.value.clone(), position))
            .collect();
        for entry in from {
            let Some(&position) = known.get(&entry.key.value) else {
                known.insert(entry.key.value.clone(), into.len());
                into.push(entry);
                continue;
            };
            let name = match within {
                "" => entry.key.value.clone(),
                within => format!("{within}.{}", entry.key.value),
            };
            let before = &mut into[position];
            match (&mut before.value.data, entry.value.data) {
                (Data::Table(mine), Data::Table(theirs)) => {
                    let mut mine = std::mem::take(mine);
                    self.merge(&mut mine, theirs, &name);
                    // What is missing in it is missed where it stands last.
                    let value = Value { data: Data::Table(mine), span: entry.value.span };
                    into[position] = Entry { key: entry.key, value };
                }
                (Data::Array(mine), Data::Array(theirs)) => mine.extend(theirs),
                (_, theirs) => {
                    let (line, earlier) =
                        (self.sources.line(before.key.span.start), before.key.span);
                    let file = self.sources.at(earlier.start).map_or("", |source| &source.name);
                    let message = match before.value.data.kind() {
                        kind if kind == theirs.kind() => {
                            format!("`{name}` stands here and in {file}, line {line}")
                        }
                        kind => {
                            let here = theirs.kind();
                            format!("`{name}` is {here} here and {kind} in {file}, line {line}")
                        }
                    };
                    self.problem(entry.key.span, message, "keep one of the two");
                }
            }
        }
    }

    fn problem(&mut self, span: Span, message: String, help: &str) {
        let help = Some(help.to_owned());
        self.problems.push(Problem { span: Some(span), message, help, warning: false });
    }
}

/// `path` as it stands in `file`, without detours: `b/../c.toml` in `a/x.toml` is `a/c.toml`.
fn joined(file: &str, path: &str) -> String {
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let mut plain = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(plain.components().next_back(), Some(Component::Normal(_))) =>
            {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain.display().to_string()
}
