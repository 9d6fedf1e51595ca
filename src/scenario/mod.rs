//! The scenario file: read, checked, resolved into an audience plan, a target and objectives.
//!
//! A scenario is read section by section (products, shows, audience, objectives), each in a file
//! of its own here; later sections refer to earlier ones by name, and the names are gone in the
//! result. Every problem is reported with its place, and nothing downstream checks a
//! [`Scenario`] again. What the fields are and mean stands with each section's reader.
//!
//! At the top of the file: `name` (names the results folder), `seed` (default 1), `length` (of the
//! run), `objectives`, `abort_when` (rules that end the run early), and the sections `[target]`,
//! `[products.NAME]`, `[[shows]]`, `[[audience]]`. `include` names further files that are merged
//! into this one, `environment` the variables that may stand in texts (`${API_HOST}`).

mod arrivals;
mod cues;
mod engagement;
mod exposure;
mod funnel;
mod grammar;
mod groups;
mod laws;
mod objective;
mod points;
pub mod presets;
mod products;
mod published;
mod rates;
mod reactions;
mod rooms;
pub mod schema;
mod shows;
mod target;
pub mod template;
#[cfg(test)]
mod tests;
mod trace;
mod visits;
mod whole;

pub use objective::{
    AbortRule, Acts, Comparison, Ending, Figure, Objective, Series, Statistic, Unit, Window,
};
pub use target::{Target, base_url};

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use claque_audience::{Micros, Plan};

use crate::input::{Fetch, Field, Input, Problems, Spanned, Table, Variables, read_file};

/// The longest run that a scenario may ask for.
const LENGTH_MAX: Micros = Micros(7 * 86_400_000_000);
/// Stands in for a length that is missing or wrong, so that nothing seems to be after the end.
const LENGTH_UNKNOWN: Micros = Micros(1_000 * 86_400_000_000);

/// A scenario, valid by construction.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, which names the results folder.
    pub name: String,
    /// What the audience does.
    pub plan: Plan,
    /// What it is played against.
    pub target: Target,
    /// What must hold for the run to pass.
    pub objectives: Vec<Objective>,
    /// Under which conditions it ends early.
    pub abort: Vec<AbortRule>,
    /// The file's text, as written.
    pub text: String,
    /// The `--set` arguments that changed it, in order.
    pub sets: Vec<String>,
    /// The files that it includes, each with its path as seen from the scenario's folder and its
    /// text: whoever keeps the scenario keeps them too.
    pub included: Vec<(String, String)>,
    /// The traces that it names, likewise.
    pub traces: Vec<(String, String)>,
}

/// Reads the scenario at `path` as [`load_with`] does, where no variable is set.
///
/// # Errors
/// If the file cannot be read, or anything in it or in an argument is wrong.
pub fn load(path: &Path, sets: &[String]) -> Result<(Scenario, Problems), Box<Problems>> {
    load_with(path, sets, None, &|_| None)
}

/// Reads the scenario at `path`, with the `--set` arguments applied in order, and the files and
/// traces that it names, relative to its folder. A `seed` goes before the scenario's own, and
/// `variables` says what a variable of the environment is set to. Returns the warnings beside it.
///
/// # Errors
/// If the file cannot be read, or anything in it or in an argument is wrong.
pub fn load_with(
    path: &Path,
    sets: &[String],
    seed: Option<u64>,
    variables: Variables<'_>,
) -> Result<(Scenario, Problems), Box<Problems>> {
    let text = read_file(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = |name: &str| {
        read_file(&folder.join(name)).map_err(|problems| {
            problems.problems.first().map(|problem| problem.message.clone()).unwrap_or_default()
        })
    };
    parse_under(seed, &path.display().to_string(), &text, sets, &files, variables)
}

/// Reads a scenario from its text as [`parse_with`] does, where no variable is set.
///
/// # Errors
/// If anything in it or in an argument is wrong.
pub fn parse(
    file: &str,
    text: &str,
    sets: &[String],
    files: Fetch<'_>,
) -> Result<(Scenario, Problems), Box<Problems>> {
    parse_with(file, text, sets, files, &|_| None)
}

/// Reads a scenario from its text; `file` is its name in messages, `files` fetches what it includes
/// and its traces by their paths, or says why it cannot, and `variables` says what a variable of
/// the environment is set to.
///
/// # Errors
/// If anything in it or in an argument is wrong.
pub fn parse_with(
    file: &str,
    text: &str,
    sets: &[String],
    files: Fetch<'_>,
    variables: Variables<'_>,
) -> Result<(Scenario, Problems), Box<Problems>> {
    parse_under(None, file, text, sets, files, variables)
}

/// The same under a `seed` that goes before the scenario's own: what is drawn while reading is then
/// drawn under it too.
fn parse_under(
    seed: Option<u64>,
    file: &str,
    text: &str,
    sets: &[String],
    files: Fetch<'_>,
    variables: Variables<'_>,
) -> Result<(Scenario, Problems), Box<Problems>> {
    let mut input = Input::parse(file, text);
    if !input.has_errors() {
        input.include(files);
    }
    if !input.has_errors() {
        for argument in sets {
            input.set(argument);
        }
        if let Some(seed) = seed {
            input.set(&format!("seed={seed}"));
        }
    }
    if !input.has_errors() {
        input.replace_variables(variables);
    }
    if input.has_errors() {
        // What follows from half a file would be noise.
        return input.conclude(()).map(|((), _)| unreachable!("it has errors"));
    }
    presets::fill(&mut input);
    let traces = Traces { fetch: files, fetched: RefCell::default() };
    let mut scenario = read(&input, &traces);
    text.clone_into(&mut scenario.text);
    scenario.sets = sets.to_vec();
    scenario.included = input.included();
    scenario.traces = traces.fetched.into_inner();
    input.conclude(scenario)
}

/// Fetches traces and remembers what it fetched.
struct Traces<'a> {
    fetch: Fetch<'a>,
    fetched: RefCell<Vec<(String, String)>>,
}

impl Traces<'_> {
    fn get(&self, path: &str) -> Result<String, String> {
        if let Some((_, text)) = self.fetched.borrow().iter().find(|(name, _)| name == path) {
            return Ok(text.clone());
        }
        let text = (self.fetch)(path)?;
        self.fetched.borrow_mut().push((path.to_owned(), text.clone()));
        Ok(text)
    }
}

fn read(input: &Input, traces: &Traces<'_>) -> Scenario {
    let root = input.root();
    read_first(&root);
    let scenario_name = name(root.required("name"));
    let seed = root.optional("seed").integer(0..=u64::MAX).map_or(1, |seed| seed.value);
    let length = read_length(root.required("length"));
    let target = target::read(root.optional("target").table());
    let products = products::read(root.optional("products").table());
    let shows = shows::read(&root, length, &products, traces);
    let stage = groups::Stage { seed, end: length, shows: &shows, products: &products, traces };
    let (groups, pending) = groups::read(&root, &stage);
    let resolved: Vec<_> = shows.iter().map(|show| show.show.clone()).collect();
    let known = grammar::Known { products: &products, shows: &resolved, groups: &groups };
    let objectives = grammar::read_objectives(&root, &known);
    let abort = grammar::read_abort_rules(&root, &known);
    root.finish();
    let mut plan = Plan {
        seed,
        length: shows.iter().map(|show| show.end).max().unwrap_or(length),
        products: products.into_iter().map(|product| product.value).collect(),
        shows: resolved,
        groups,
    };
    if !input.has_errors() {
        // With stand-ins in it, the plan says nothing of how long visits are.
        rates::fill(input, &mut plan, &pending);
    }
    Scenario {
        name: scenario_name.map_or_else(String::new, |name| name.value),
        plan,
        target,
        objectives,
        abort,
        text: String::new(),
        sets: Vec::new(),
        included: Vec::new(),
        traces: Vec::new(),
    }
}

/// `include` and `environment` have been seen to, so that here they are only known fields; a
/// `--set` comes too late for the one.
fn read_first(root: &Table<'_>) {
    let (include, _) = (root.optional("include"), root.optional("environment"));
    if let Some(span) = include.span() {
        let help = "add it to the file; what is included can be changed by --set";
        root.input().problem(span, "files are included before --set is looked at", help);
    }
}

fn read_length(field: Field<'_>) -> Micros {
    let Some(length) = field.duration() else { return LENGTH_UNKNOWN };
    if length.value < Micros::SECOND || length.value > LENGTH_MAX {
        field.input().problem(
            length.span,
            "a run cannot be of this length",
            "from \"1s\" to \"7d\"",
        );
        return LENGTH_UNKNOWN;
    }
    length.value
}

/// A name that also stands in addresses, file names and messages: ASCII letters, digits, `-` and `_`.
fn name(field: Field<'_>) -> Option<Spanned<String>> {
    let text = field.string()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.value.is_empty() || text.value.len() > 64 || !text.value.chars().all(fits) {
        let message = format!("`{}` cannot be a name", text.value);
        field.input().problem(text.span, message, NAME_FORM);
        return None;
    }
    Some(text)
}

const NAME_FORM: &str =
    "a name has 1 to 64 of a–z, A–Z, 0–9, - and _, since it stands in addresses";

/// Adds a name to those in use and reports one that already was; `what` is "creator", "group".
fn unique(table: &Table<'_>, what: &str, found: &Spanned<String>, used: &mut BTreeSet<String>) {
    if !used.insert(found.value.clone()) {
        table.input().problem(
            found.span,
            format!("two {what}s are named `{}`", found.value),
            format!("give each {what} a name of its own"),
        );
    }
}

/// A few names for a help line: "mia, noor".
fn a_few<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 8;
    let mut few: Vec<&str> = names.take(MOST + 1).collect();
    if few.len() > MOST {
        few[MOST] = "…";
    }
    few.join(", ")
}
