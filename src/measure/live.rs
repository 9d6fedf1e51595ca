//! Figures of the last seconds, for the live line.

use super::interval::Interval;
use super::settings::Settings;

/// Keeps the last few intervals in mind.
#[derive(Debug)]
pub struct Live {
    figures: LiveFigures,
}

/// Figures of the last seconds, over all intent kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LiveFigures {
    /// Viewers in their rooms.
    pub present: u64,
    /// Frames received in the last second.
    pub frames_in: u64,
    /// Frames sent in the last second.
    pub frames_out: u64,
    /// Median response, ns; none with too few samples.
    pub response_p50_ns: Option<u64>,
    /// 99th percentile of response, ns.
    pub response_p99_ns: Option<u64>,
    /// Median delivery, ns.
    pub delivery_p50_ns: Option<u64>,
    /// 99th percentile of delivery, ns.
    pub delivery_p99_ns: Option<u64>,
    /// 99th percentile of lag, ns.
    pub lag_p99_ns: Option<u64>,
    /// Errors, failures and time-outs so far.
    pub errors: u64,
}

impl Live {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(_settings: &Settings) -> Live {
        Live { figures: LiveFigures::default() }
    }

    /// Takes the merged interval of one second.
    pub fn add(&mut self, _interval: &Interval) {}

    /// The figures of the last seconds.
    #[must_use]
    pub fn figures(&self) -> LiveFigures {
        self.figures
    }
}
