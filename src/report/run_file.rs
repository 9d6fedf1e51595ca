//! `run.json`: what is run, written when it starts.

use std::io;
use std::path::Path;

use super::LoadError;
use crate::measure::RunInfo;

/// Writes `run.json` into `folder`.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_run(_folder: &Path, _info: &RunInfo) -> io::Result<()> {
    Ok(())
}

/// Reads `run.json` of `folder`.
///
/// # Errors
///
/// If it cannot be read, or is not of this version.
pub fn read_run(_folder: &Path) -> Result<RunInfo, LoadError> {
    Err(LoadError::Version(0))
}
