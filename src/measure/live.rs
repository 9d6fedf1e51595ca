//! Figures of the last seconds, for the live line.

use std::collections::VecDeque;

use claque_audience::IntentKind;

use super::interval::{Interval, Tally, WordOf};
use super::settings::Settings;
use super::summary::Digest;
use super::tables::{Counter, Hist, Part, add_all, add_samples, histogram};
use crate::scenario::Series;

/// Seconds over which the live line's percentiles are taken.
const SECONDS: usize = 3;

/// The series of the live line.
const SHOWN: [Series; 3] = [Series::Response, Series::Delivery, Series::Lag];

/// Keeps the last few intervals in mind.
#[derive(Debug)]
pub struct Live {
    /// Each second's samples of [`SHOWN`], all kinds together; the last is the newest.
    recent: VecDeque<[Hist; 3]>,
    arrived: u64,
    gone: u64,
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
    /// The largest lag, ns; none without samples.
    pub lag_max_ns: Option<u64>,
    /// Errors of connections, and intents that timed out, so far.
    pub errors: u64,
}

impl Live {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(settings: &Settings) -> Live {
        let blank = || SHOWN.map(|_| histogram(settings.max_ns));
        let recent = (0..SECONDS).map(|_| blank()).collect();
        Live { recent, arrived: 0, gone: 0, figures: LiveFigures::default() }
    }

    /// Takes the merged interval of one second.
    pub fn add(&mut self, interval: &Interval) {
        self.arrived += interval.tally(Tally::Arrived);
        self.gone += interval.tally(Tally::Gone);
        let tables = interval.tables(Part::All);
        self.recent.rotate_left(1);
        if let Some(newest) = self.recent.back_mut() {
            for (samples, shown) in newest.iter_mut().zip(SHOWN) {
                samples.reset();
                add_all(samples, tables, shown);
            }
        }
        let timed_out: u64 =
            IntentKind::ALL.into_iter().map(|kind| tables.count(kind, Counter::TimedOut)).sum();
        let errors: u64 = interval
            .words
            .sorted()
            .into_iter()
            .filter(|word| !matches!(word.0, WordOf::Rejected(_)))
            .map(|word| word.2)
            .sum();
        let quantile = |shown: usize, q: f64| {
            let mut sum = self.recent[0][shown].clone();
            for second in self.recent.iter().skip(1) {
                add_samples(&mut sum, &second[shown]);
            }
            Digest::quantile(&sum, q)
        };
        self.figures = LiveFigures {
            present: self.arrived.saturating_sub(self.gone),
            frames_in: interval.tally(Tally::FramesIn),
            frames_out: interval.tally(Tally::FramesOut),
            response_p50_ns: quantile(0, 0.5),
            response_p99_ns: quantile(0, 0.99),
            delivery_p50_ns: quantile(1, 0.5),
            delivery_p99_ns: quantile(1, 0.99),
            lag_max_ns: self
                .recent
                .iter()
                .map(|second| &second[2])
                .filter(|lag| !lag.is_empty())
                .map(Hist::max)
                .max(),
            errors: self.figures.errors + errors + timed_out,
        };
    }

    /// The figures of the last seconds.
    #[must_use]
    pub fn figures(&self) -> LiveFigures {
        self.figures
    }
}
