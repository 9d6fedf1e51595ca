//! Writers, one a file, each only from the summary of a run; and the files from which a summary
//! can be made again.
//!
//! A results folder holds `run.json` (what is run, written at the start), `intervals.hlog` and
//! `intervals.csv` (one second after the other, flushed), and `summary.json` (at the end).

mod intervals;
pub mod json;
pub mod live;
mod rebuild;
mod run_file;
#[cfg(test)]
mod sample;
pub mod terminal;
mod trace;

pub use intervals::IntervalWriter;
pub use rebuild::{LoadError, Rebuilt, load, rebuild};
pub use run_file::{read_run, write_run};
pub use trace::TraceWriter;
