//! Makes the totals of a run again from its files.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::measure::{RunEnd, RunSummary, Totals};

/// Why a results folder cannot be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {problem}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// How.
        problem: String,
    },
    /// It was written by another version.
    #[error("the results are of format version {0}, which this version of claque does not read")]
    Version(u32),
}

/// What was rebuilt.
#[derive(Debug)]
pub struct Rebuilt {
    /// The totals of all whole seconds.
    pub totals: Totals,
    /// How the run ended; none if the record breaks off.
    pub end: Option<RunEnd>,
}

/// The summary of the run in `folder`, made again from `run.json` and `intervals.*`.
///
/// # Errors
///
/// If the folder holds no run that this version can read. A record that breaks off is none.
pub fn load(folder: &Path) -> Result<RunSummary, LoadError> {
    let Rebuilt { totals, end } = rebuild(folder)?;
    Ok(totals.summary(end.as_ref()))
}

/// The totals of the run in `folder`.
///
/// # Errors
///
/// If the folder holds no run that this version can read.
pub fn rebuild(folder: &Path) -> Result<Rebuilt, LoadError> {
    let info = super::read_run(folder)?;
    Ok(Rebuilt { totals: Totals::new(info), end: None })
}
