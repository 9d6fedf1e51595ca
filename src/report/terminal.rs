//! The report that a run ends with, for people.

use crate::measure::RunSummary;

/// The report, at most `width` columns wide, with colours or without.
#[must_use]
pub fn render(_summary: &RunSummary, _width: usize, _colour: bool) -> String {
    String::new()
}
