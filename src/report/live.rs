//! The live line: one line of figures while a run goes on.

use std::time::Duration;

use crate::measure::{LiveFigures, RunInfo};

/// The line, at most 100 columns.
#[must_use]
pub fn line(_info: &RunInfo, _elapsed: Duration, _figures: &LiveFigures) -> String {
    String::new()
}
