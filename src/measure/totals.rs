//! The running totals of a run.

use super::interval::Interval;
use super::settings::RunInfo;
use super::summary::{RunEnd, RunSummary};

/// Adds up the seconds of a run: the live ones, or those read back from disk.
#[derive(Debug)]
pub struct Totals {
    info: RunInfo,
    sum: Interval,
    seconds: u32,
}

impl Totals {
    /// Nothing yet.
    #[must_use]
    pub fn new(info: RunInfo) -> Totals {
        let sum = Interval::new(&super::Settings::of(&info));
        Totals { info, sum, seconds: 0 }
    }

    /// Takes one second, all shards merged.
    pub fn add(&mut self, second: u32, interval: &Interval) {
        self.seconds = second + 1;
        self.sum.merge(interval);
    }

    /// Everything so far, added up.
    #[must_use]
    pub fn sum(&self) -> &Interval {
        &self.sum
    }

    /// The summary. `end` is none if the record breaks off before the run's end.
    #[must_use]
    pub fn summary(&self, end: Option<&RunEnd>) -> RunSummary {
        RunSummary {
            info: self.info.clone(),
            seconds: self.seconds,
            complete: end.is_some(),
            interrupted: end.is_some_and(|end| end.interrupted),
            peak_present: 0,
            frames_in: (0, 0),
            frames_out: (0, 0),
            kinds: Vec::new(),
            deliveries: Vec::new(),
            words: Vec::new(),
            orders: super::OrdersSummary::default(),
            objectives: Vec::new(),
            findings: Vec::new(),
            findings_overflow: 0,
            verdict: super::Verdict::Passed,
            reasons: Vec::new(),
            usage: end.and_then(|end| end.usage),
        }
    }
}
