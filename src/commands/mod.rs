//! One function a subcommand: the only place where the parts are joined.

mod new;
mod play;
mod prepare;
mod presets;
mod preview;
mod results;
mod serve;

use anyhow::{Context as _, Result};
use claque::drive::{AddressError, EmbedError, PlayError, PreflightError};
use claque::input::Problems;
use claque::measure::Verdict;
use claque::{drive, report as reports};

use crate::cli;
use prepare::Prepared;

pub(crate) use new::{new, schema};
pub(crate) use play::run;
pub(crate) use presets::presets;
pub(crate) use preview::preview;
pub(crate) use serve::serve;

/// Validates a scenario and prints its plan in words and numbers.
pub(crate) fn check(arguments: &cli::Check) -> Result<u8> {
    let prepared = Prepared::new(&arguments.source)?;
    let budget = drive::calibrate(prepared.shards).map(|budget| budget.deliveries_per_second);
    anstream::print!("{}", prepared.forecast.render(width(), budget));
    Ok(0)
}

/// Renders a results folder again.
pub(crate) fn report(arguments: &cli::Report) -> Result<u8> {
    let summary = reports::load(&arguments.folder)?;
    if arguments.json {
        anstream::print!("{}", reports::json::text(&summary)?);
    } else {
        anstream::print!("{}", reports::terminal::render(&summary, width(), colour()));
    }
    Ok(summary.verdict.exit_code())
}

/// Prints why a command ended early, and says with which code.
pub(crate) fn explain(error: &anyhow::Error) -> u8 {
    if let Some(problems) = error.downcast_ref::<Problems>() {
        anstream::eprint!("{}", problems.render(colour()));
        return Verdict::BadUsage.exit_code();
    }
    let bold = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    anstream::eprintln!("{bold}error{bold:#}: {error:#}");
    let verdict = match error.downcast_ref::<PreflightError>() {
        Some(PreflightError::Unreachable { .. }) => Verdict::Unreachable,
        None if matches!(error.downcast_ref(), Some(AddressError::Unresolved { .. })) => {
            Verdict::Unreachable
        }
        None if matches!(error.downcast_ref(), Some(EmbedError::Refused)) => Verdict::BadUsage,
        None if error.is::<EmbedError>() => Verdict::Unreachable,
        None if error.is::<PlayError>() => Verdict::Invalid,
        _ => Verdict::BadUsage,
    };
    verdict.exit_code()
}

/// What a variable of the environment is set to.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Columns of the terminal, within what a table can be read at.
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = columns.or_else(|| comfy_table::Table::new().width().map(usize::from));
    columns.unwrap_or(100).clamp(72, 140)
}

/// Whether reports are drawn in colour; the streams strip it where it is not wanted.
fn colour() -> bool {
    true
}

/// Reads a file that a user has named.
fn read(path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
