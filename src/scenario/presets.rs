//! Presets: parts of a scenario with published figures, each with its source.
//!
//! `preset = "NAME"` in a group or a show fills the fields that are absent there; a field that is
//! written replaces the preset's as a whole. A problem with a preset's value is reported at the
//! `preset` that asked for it.
//!
//! A preset is a file in `scenarios/presets`: `[preset]` with `title`, `mark`, `source` and
//! `figures`, then the fields for a group in `[audience]`, for a show in `[show]`, or both.

use crate::input::{Data, Entry, Field, Input, Span, Spanned, Value, did_you_mean};

/// One built-in file with its name.
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../scenarios/presets/", $name, ".toml")))
    };
}

/// The files, by name.
const FILES: [(&str, &str); 5] = [
    file!("facebook-live-sellers"),
    file!("periscope-room"),
    file!("veloso-2002"),
    file!("world-cup-2014"),
    file!("youtube-chat"),
];

/// Fields of which one excludes the other: whoever writes the first gets no second from a preset.
const EXCLUSIVE: [(&str, &str); 8] = [
    ("stay", "classes"),
    ("returns", "classes"),
    ("classes", "stay"),
    ("classes", "returns"),
    ("viewers", "rate"),
    ("rate", "viewers"),
    ("show", "shows"),
    ("shows", "show"),
];

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Read in the source.
    Measured,
    /// Computed from the source's data.
    Derived,
    /// Chosen by us.
    Assumed,
}

impl Mark {
    const ALL: [Mark; 3] = [Mark::Measured, Mark::Derived, Mark::Assumed];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mark::Measured => "measured",
            Mark::Derived => "derived",
            Mark::Assumed => "assumed",
        }
    }
}

/// A part of a scenario with published figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// What scenarios call it.
    pub name: &'static str,
    /// What it is.
    pub title: String,
    /// Where its figures come from, on the whole.
    pub mark: Mark,
    /// The citation.
    pub source: String,
    /// Its figures.
    pub figures: Vec<PresetFigure>,
    /// Whether it has fields for a group.
    pub of_audience: bool,
    /// Whether it has fields for a show.
    pub of_show: bool,
    /// The file's text.
    pub text: &'static str,
}

/// One figure of a preset.
#[derive(Clone, Debug, PartialEq)]
pub struct PresetFigure {
    /// Of what: "stay, median".
    pub what: String,
    /// The value with its unit: "463.7 s".
    pub value: String,
    /// Where it comes from.
    pub mark: Mark,
}

/// Every preset, in order of its name.
///
/// # Panics
/// If a preset that is built in cannot be read, which tests hold against.
pub fn all() -> impl Iterator<Item = Preset> {
    FILES.into_iter().map(|(name, text)| {
        read(name, text).unwrap_or_else(|problems| panic!("a preset is broken: {problems}"))
    })
}

fn read(name: &'static str, text: &'static str) -> Result<Preset, Box<crate::input::Problems>> {
    let input = Input::parse(name, text);
    let root = input.root();
    let (mut title, mut source) = (None, None);
    let (mut mark, mut figures) = (None, Vec::new());
    if let Some(table) = root.required("preset").table() {
        title = table.required("title").string();
        source = table.required("source").string();
        mark = read_mark(table.required("mark"));
        for figure in table.required("figures").tables().unwrap_or_default() {
            let what = figure.required("what").string();
            let value = figure.required("value").string();
            let mark = read_mark(figure.required("mark"));
            figure.finish();
            if let (Some(what), Some(value), Some(mark)) = (what, value, mark) {
                figures.push(PresetFigure { what: what.value, value: value.value, mark });
            }
        }
        table.finish();
    }
    let of_audience = root.optional("audience").is_present();
    let of_show = root.optional("show").is_present();
    root.finish();
    let text_of = |text: Option<Spanned<String>>| text.map_or_else(String::new, |text| text.value);
    let preset = Preset {
        name,
        title: text_of(title),
        mark: mark.unwrap_or(Mark::Assumed),
        source: text_of(source),
        figures,
        of_audience,
        of_show,
        text,
    };
    input.conclude(preset).map(|(preset, _)| preset)
}

fn read_mark(field: Field<'_>) -> Option<Mark> {
    let marks: Vec<_> = Mark::ALL.into_iter().map(|mark| (mark.name(), mark)).collect();
    field.choice(&marks).map(|mark| mark.value)
}

/// What a preset may fill in.
#[derive(Clone, Copy)]
struct Part {
    /// The section of the scenario.
    section: &'static str,
    /// The part of the preset.
    fragment: &'static str,
    /// Of what it is a preset, in messages.
    what: &'static str,
}

const PARTS: [Part; 2] = [
    Part { section: "audience", fragment: "audience", what: "an audience" },
    Part { section: "shows", fragment: "show", what: "a show" },
];

/// Fills in what groups and shows leave to their presets.
pub(super) fn fill(input: &mut Input) {
    let mut problems: Vec<(Span, String, String)> = Vec::new();
    let Data::Table(sections) = &mut input.root_mut().data else { return };
    for section in sections {
        let Some(part) = PARTS.iter().find(|part| part.section == section.key.value) else {
            continue;
        };
        let Data::Array(tables) = &mut section.value.data else { continue };
        for table in tables {
            let Data::Table(fields) = &mut table.data else { continue };
            if let Err(problem) = fill_one(fields, *part) {
                problems.push(problem);
            }
        }
    }
    for (span, message, help) in problems {
        input.problem(span, message, help);
    }
}

fn fill_one(fields: &mut Vec<Entry>, part: Part) -> Result<(), (Span, String, String)> {
    let Some(asked) = fields.iter().find(|entry| entry.key.value == "preset") else {
        return Ok(());
    };
    let span = asked.value.span;
    let filling = match &asked.value.data {
        Data::String(name) => find(name, part).map_err(|(message, help)| (span, message, help)),
        // What is no text is reported by the reader of the section.
        _ => Ok(stand_in(part)),
    };
    let (filling, problem) = match filling {
        Ok(filling) => (filling, Ok(())),
        Err(problem) => (stand_in(part), Err(problem)),
    };
    let written: Vec<String> = fields.iter().map(|entry| entry.key.value.clone()).collect();
    let is_written = |name: &str| written.iter().any(|found| found == name);
    for entry in filling {
        let name = entry.key.value.as_str();
        let excluded = EXCLUSIVE.iter().any(|(first, second)| *second == name && is_written(first));
        if !is_written(name) && !excluded {
            fields.push(moved(entry, span));
        }
    }
    problem
}

/// The fields of the preset `name` for one part of a scenario, or what is wrong with the name.
fn find(name: &str, part: Part) -> Result<Vec<Entry>, (String, String)> {
    let fitting = || {
        FILES.into_iter().filter(|(_, text)| fragment(text, part).is_some()).map(|(name, _)| name)
    };
    let list = || format!("presets of {}: {}", part.what, super::a_few(fitting()));
    let Some((_, text)) = FILES.into_iter().find(|(known, _)| *known == name) else {
        let help = match did_you_mean(name, fitting()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => list(),
        };
        return Err((format!("there is no preset `{name}`"), help));
    };
    fragment(text, part).ok_or_else(|| (format!("`{name}` is no preset of {}", part.what), list()))
}

/// What a preset that is none might have filled in, so that nobody is told that it is missing.
fn stand_in(part: Part) -> Vec<Entry> {
    let text = if part.section == "audience" { "[audience]\nstay = \"1s\"" } else { "" };
    fragment(text, part).unwrap_or_default()
}

/// The fields of a preset for one part of a scenario.
fn fragment(text: &str, part: Part) -> Option<Vec<Entry>> {
    let input = Input::parse("preset", text);
    let root = input.root();
    let field = root.optional(part.fragment);
    match &field.value()?.data {
        Data::Table(entries) => Some(entries.clone()),
        _ => None,
    }
}

/// The same field with every place in it at `span`.
fn moved(entry: Entry, span: Span) -> Entry {
    Entry { key: Spanned { value: entry.key.value, span }, value: moved_value(entry.value, span) }
}

fn moved_value(value: Value, span: Span) -> Value {
    let data = match value.data {
        Data::Array(items) => {
            Data::Array(items.into_iter().map(|item| moved_value(item, span)).collect())
        }
        Data::Table(entries) => {
            Data::Table(entries.into_iter().map(|entry| moved(entry, span)).collect())
        }
        plain => plain,
    };
    Value { data, span }
}
