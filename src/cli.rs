//! The command line: types only. What each command does is in `commands`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use claque::input::units::Misread;
use claque::scenario::template::{self, Template};
use claque_audience::{Micros, Product};
use claque_reference_backend::{Fault, FaultError, ProductSpec};

/// Fills a live-shopping platform with a synthetic audience.
#[derive(Debug, Parser)]
#[command(name = "claque", version, about, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 passed, 1 objectives missed, 2 bad usage or scenario, \
3 run invalid (the generator could not keep its plan), 4 target unreachable, 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play a scenario in real time against a backend and report what happened.
    Run(Run),
    /// Validate a scenario and print the plan in words and numbers, sending nothing.
    Check(Check),
    /// Draw a scenario's audience over time, sending nothing: arrivals, viewers present, chat, likes,
    /// clicks, orders, with the cues marked.
    Preview(Preview),
    /// List the built-in presets with their figures and sources, or print one to copy from.
    Presets(Presets),
    /// Render the report of a results folder again, also after a crash.
    Report(Report),
    /// Run the reference backend by itself.
    Serve(Serve),
    /// Write a commented scenario to begin with, from the flags or, without any, from a few
    /// questions.
    New(New),
    /// Print the JSON Schema of the scenario file, by which editors complete and validate it.
    Schema,
}

/// Which scenario, and what to change in it.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The scenario file.
    pub(crate) scenario: PathBuf,

    /// Change one value of the scenario, e.g. `audience.followers.viewers=2000`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,

    /// The seed, instead of the scenario's.
    #[arg(long, value_parser = seed)]
    pub(crate) seed: Option<u64>,

    /// The binding: a shipped one's name or a path, instead of the scenario's.
    #[arg(long)]
    pub(crate) binding: Option<String>,

    /// Refuse a scenario with intents that the binding cannot play.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Threads that play viewers [default: half the cores].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) shards: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) source: Source,

    /// The backend's address, e.g. `http://127.0.0.1:8080`; without one, here or in the scenario,
    /// the embedded reference backend is started.
    #[arg(long)]
    pub(crate) url: Option<String>,

    /// The owner of a target that is neither loopback nor private has agreed to this load.
    #[arg(long)]
    pub(crate) authorised: bool,

    /// Start although the plan exceeds what this machine can generate; the run may be invalid.
    #[arg(long)]
    pub(crate) force: bool,

    /// Where to write the results folder.
    #[arg(long, value_name = "FOLDER", default_value = "results")]
    pub(crate) results: PathBuf,

    /// A fault for the embedded backend, e.g. `lose=0.1%` or `stall=2s@30s`; may be repeated.
    #[arg(long = "fault", value_name = "FAULT", value_parser = fault)]
    pub(crate) faults: Vec<String>,

    /// Where the embedded backend logs each act of a fault.
    #[arg(long, value_name = "FILE")]
    pub(crate) fault_log: Option<PathBuf>,

    /// Write every intent to this CSV file as it ends: its instants (µs since the show's start) and
    /// its outcome.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,

    /// Print no progress, only the report.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// The scenario file.
    pub(crate) scenario: PathBuf,

    /// Change one value of the scenario, e.g. `audience.followers.viewers=2000`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,

    /// The first seed, instead of the scenario's.
    #[arg(long, value_parser = seed)]
    pub(crate) seed: Option<u64>,

    /// How many seeds to play [default: 20, fewer of a large plan].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) seeds: Option<u32>,

    /// Write the drawing to this file too: an SVG if its name ends in .svg, else a web page.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Presets {
    /// The preset to print as it is written.
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The results folder.
    pub(crate) folder: PathBuf,

    /// Print the summary as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// A product, e.g. `lamp=39.00 EUR x40`; may be repeated.
    #[arg(long = "product", value_name = "NAME=PRICE xSTOCK")]
    pub(crate) products: Vec<ProductSpec>,

    /// Keep orders and stock in this `SQLite` file instead of in memory.
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,

    /// A fault, e.g. `lose=0.1%`, `delay=20ms`, `stall=2s@30s`; may be repeated.
    #[arg(long = "fault", value_name = "FAULT")]
    pub(crate) faults: Vec<Fault>,

    /// Where to log each act of a fault, as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub(crate) fault_log: Option<PathBuf>,

    /// The seed of the faults.
    #[arg(long, default_value_t = 1, value_parser = seed)]
    pub(crate) seed: u64,

    /// Close connections that are silent for so long.
    #[arg(long, default_value = "60s", value_parser = duration)]
    pub(crate) idle: Micros,

    /// End when standard input closes, as a child process should.
    #[arg(long, hide = true)]
    pub(crate) until_stdin_closes: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct New {
    /// The scenario's name: letters, digits, - and _.
    pub(crate) name: String,

    /// How many viewers [default: 500].
    #[arg(long)]
    pub(crate) viewers: Option<u32>,

    /// How long the run is, at least 12s [default: 60s].
    #[arg(long, value_parser = show_length)]
    pub(crate) length: Option<Micros>,

    /// Who does the shows, one each, e.g. `mia,noor` [default: mia].
    #[arg(long, value_delimiter = ',')]
    pub(crate) creators: Vec<String>,

    /// What is sold, e.g. `lamp=39.00 EUR x40`; may be repeated.
    #[arg(long = "product", value_name = "NAME=PRICE xSTOCK", value_parser = product)]
    pub(crate) products: Vec<Product>,

    /// The backend's address; left out, the embedded reference backend is played against.
    #[arg(long, value_parser = url)]
    pub(crate) url: Option<String>,

    /// Where to write it [default: NAME.toml].
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Overwrite a file that is there already.
    #[arg(long)]
    pub(crate) force: bool,
}

impl New {
    /// Whether nothing is chosen that a question could be about.
    pub(crate) fn is_bare(&self) -> bool {
        let New { viewers, length, creators, products, url, .. } = self;
        viewers.is_none()
            && length.is_none()
            && creators.is_empty()
            && products.is_empty()
            && url.is_none()
    }
}

/// Checks a fault here, where the command line is at hand; the embedded backend reads it again.
fn fault(text: &str) -> Result<String, FaultError> {
    text.parse::<Fault>().map(|_| text.to_owned())
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

fn duration(text: &str) -> Result<Micros, String> {
    claque::input::units::duration(text).map_err(|misread| said(&misread))
}

fn said(misread: &Misread) -> String {
    format!("{}; {}", misread.message, misread.help)
}

/// The length of a new scenario.
pub(crate) fn show_length(text: &str) -> Result<Micros, String> {
    let length = duration(text)?;
    if length < Template::LENGTH_MIN {
        return Err(format!("`{text}` is too short for a show; at least 12s"));
    }
    Ok(length)
}

/// A product of a new scenario.
pub(crate) fn product(text: &str) -> Result<Product, String> {
    template::product(text).map_err(|misread| said(&misread))
}

/// A backend's address.
pub(crate) fn url(text: &str) -> Result<String, String> {
    claque::scenario::base_url(text).map_err(|misread| said(&misread))
}
