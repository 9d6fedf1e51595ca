//! Counts and histograms by intent kind: what one part of a run adds up to.
//!
//! Everything here merges by addition; percentiles are taken only from what was added up.

use claque_audience::{IntentKind, Micros};
use hdrhistogram::Histogram;

use super::{Outcome, Unsent};
use crate::scenario::Series;

/// A histogram of nanoseconds.
///
/// Counts have 32 bits, which halves the memory of the several hundred histograms of a run (72 KB
/// each at three digits up to a minute). A series of more than 2³² samples could fill a bucket;
/// [`Tables::merge`] reports it as overflow, hours before that at any rate this machine can make.
pub type Hist = Histogram<u32>;

/// Every series, in the order of reports.
pub const SERIES: [Series; 7] = [
    Series::Response,
    Series::Service,
    Series::Blocked,
    Series::Lag,
    Series::Paced,
    Series::Delivery,
    Series::Transit,
];

impl Series {
    /// Its name in objectives and results: `response`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Series::Response => "response",
            Series::Service => "service",
            Series::Blocked => "blocked",
            Series::Lag => "lag",
            Series::Paced => "paced",
            Series::Delivery => "delivery",
            Series::Transit => "transit",
        }
    }

    /// The series of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Series> {
        SERIES.into_iter().find(|series| series.name() == name)
    }
}

/// What is counted for each kind of intent: its outcomes, and the pairs of a viewer and a
/// broadcast of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Counter {
    /// Intents planned.
    Planned,
    /// Intents that the backend did.
    Answered,
    /// Intents that the backend refused.
    Rejected,
    /// Intents whose connection or protocol broke under way.
    Failed,
    /// Intents without an answer in time; each is in the response series at the time-out value.
    TimedOut,
    /// Unsent: the viewer had no connection.
    UnsentNotConnected,
    /// Unsent: an earlier intent was refused.
    UnsentPredecessorRejected,
    /// Unsent: an earlier intent failed or timed out.
    UnsentPredecessorFailed,
    /// Unsent: the viewer had left.
    UnsentLeft,
    /// Unsent: the run was ended early.
    UnsentInterrupted,
    /// Unsent: the generator could not keep up.
    UnsentOverload,
    /// Pairs whose delivery was to be expected.
    Expected,
    /// Expected pairs that were received in time.
    Received,
    /// Expected pairs that were not.
    Missing,
    /// Copies after the first, of any pair.
    Duplicate,
    /// Receipts after their row was closed, whether first or copy.
    Late,
    /// Pairs received after a later message of the same sender, or after a later one by the
    /// server's own sequence.
    OutOfOrder,
    /// Those of `OutOfOrder` that came after a later message of the same sender.
    OutOfOrderBySender,
    /// Pairs of a viewer that came or went too near to the message to expect anything.
    Boundary,
    /// Boundary pairs that were received.
    BoundaryReceived,
    /// Receipts of messages that were refused, failed, timed out or never published.
    Ghost,
    /// Receipts of viewers of whom none was expected: before their join was answered, or after
    /// their leave.
    Outside,
}

impl Counter {
    /// Number of counters.
    pub const COUNT: usize = 22;

    /// Every counter.
    pub const ALL: [Counter; Counter::COUNT] = [
        Counter::Planned,
        Counter::Answered,
        Counter::Rejected,
        Counter::Failed,
        Counter::TimedOut,
        Counter::UnsentNotConnected,
        Counter::UnsentPredecessorRejected,
        Counter::UnsentPredecessorFailed,
        Counter::UnsentLeft,
        Counter::UnsentInterrupted,
        Counter::UnsentOverload,
        Counter::Expected,
        Counter::Received,
        Counter::Missing,
        Counter::Duplicate,
        Counter::Late,
        Counter::OutOfOrder,
        Counter::OutOfOrderBySender,
        Counter::Boundary,
        Counter::BoundaryReceived,
        Counter::Ghost,
        Counter::Outside,
    ];

    /// The counters of unsent intents, in the order of [`Unsent`].
    pub const UNSENT: [Counter; 6] = [
        Counter::UnsentNotConnected,
        Counter::UnsentPredecessorRejected,
        Counter::UnsentPredecessorFailed,
        Counter::UnsentLeft,
        Counter::UnsentInterrupted,
        Counter::UnsentOverload,
    ];

    /// The counters of which every planned intent is in exactly one.
    pub const OUTCOMES: [Counter; 10] = [
        Counter::Answered,
        Counter::Rejected,
        Counter::Failed,
        Counter::TimedOut,
        Counter::UnsentNotConnected,
        Counter::UnsentPredecessorRejected,
        Counter::UnsentPredecessorFailed,
        Counter::UnsentLeft,
        Counter::UnsentInterrupted,
        Counter::UnsentOverload,
    ];

    /// The counter of an unsent intent.
    #[must_use]
    pub fn unsent(reason: Unsent) -> Counter {
        match reason {
            Unsent::NotConnected => Counter::UnsentNotConnected,
            Unsent::PredecessorRejected => Counter::UnsentPredecessorRejected,
            Unsent::PredecessorFailed => Counter::UnsentPredecessorFailed,
            Unsent::Left => Counter::UnsentLeft,
            Unsent::Interrupted => Counter::UnsentInterrupted,
            Unsent::Overload => Counter::UnsentOverload,
        }
    }

    /// The counter of intents that ended so.
    #[must_use]
    pub fn of(outcome: Outcome) -> Counter {
        match outcome {
            Outcome::Answered => Counter::Answered,
            Outcome::Rejected => Counter::Rejected,
            Outcome::Failed => Counter::Failed,
            Outcome::TimedOut => Counter::TimedOut,
            Outcome::Unsent(reason) => Counter::unsent(reason),
        }
    }

    /// Its name in `intervals.csv`: `timed_out`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Counter::Planned => "planned",
            Counter::Answered => "answered",
            Counter::Rejected => "rejected",
            Counter::Failed => "failed",
            Counter::TimedOut => "timed_out",
            Counter::UnsentNotConnected => "unsent_not_connected",
            Counter::UnsentPredecessorRejected => "unsent_predecessor_rejected",
            Counter::UnsentPredecessorFailed => "unsent_predecessor_failed",
            Counter::UnsentLeft => "unsent_left",
            Counter::UnsentInterrupted => "unsent_interrupted",
            Counter::UnsentOverload => "unsent_overload",
            Counter::Expected => "expected",
            Counter::Received => "received",
            Counter::Missing => "missing",
            Counter::Duplicate => "duplicate",
            Counter::Late => "late",
            Counter::OutOfOrder => "out_of_order",
            Counter::OutOfOrderBySender => "out_of_order_by_sender",
            Counter::Boundary => "boundary",
            Counter::BoundaryReceived => "boundary_received",
            Counter::Ghost => "ghost",
            Counter::Outside => "outside",
        }
    }

    /// The counter of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Counter> {
        Counter::ALL.into_iter().find(|counter| counter.name() == name)
    }
}

/// A part of a run that has tables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All viewers, the whole time.
    All,
    /// The sentinels among them.
    Sentinel,
    /// What was done because of something received: no part of the plan, and in no other part.
    Reactions,
    /// All viewers, what was planned in one of the objectives' windows.
    Window(u16),
}

impl Part {
    /// Parts that every run has; the windows come behind them.
    pub(super) const FIXED: usize = 3;

    /// Position among an interval's tables.
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Part::All => 0,
            Part::Sentinel => 1,
            Part::Reactions => 2,
            Part::Window(window) => Part::FIXED + usize::from(window),
        }
    }

    /// The part at that position.
    #[must_use]
    pub fn from_index(index: usize) -> Part {
        match index {
            0 => Part::All,
            1 => Part::Sentinel,
            2 => Part::Reactions,
            _ => Part::Window(u16::try_from(index - Part::FIXED).unwrap_or(u16::MAX)),
        }
    }

    /// `name` as this part's: `chat`, `chat.sentinel`, `reaction/chat`, `w0.chat`.
    #[must_use]
    pub fn label(self, name: &str) -> String {
        match self {
            Part::All => name.to_owned(),
            Part::Sentinel => format!("{name}.sentinel"),
            Part::Reactions => format!("reaction/{name}"),
            Part::Window(window) => format!("w{window}.{name}"),
        }
    }

    /// Takes a label apart again; `None` for what [`Part::label`] did not make.
    #[must_use]
    pub fn of_label(label: &str) -> Option<(Part, &str)> {
        if let Some(name) = label.strip_suffix(".sentinel") {
            return Some((Part::Sentinel, name));
        }
        if let Some(name) = label.strip_prefix("reaction/") {
            return Some((Part::Reactions, name));
        }
        let window = label.strip_prefix('w').and_then(|rest| rest.split_once('.'));
        if let Some((number, name)) = window
            && let Ok(number) = number.parse()
        {
            return Some((Part::Window(number), name));
        }
        Some((Part::All, label))
    }
}

/// Counts and histograms of every intent kind.
#[derive(Clone, Debug)]
pub struct Tables {
    counts: [[u64; Counter::COUNT]; IntentKind::COUNT],
    /// Made at first use of (kind, series), then kept: most of the 119 stay empty for ever.
    histograms: Vec<Option<Hist>>,
    max_ns: u64,
}

impl Tables {
    /// Empty tables whose histograms reach to `max_ns`.
    #[must_use]
    pub fn new(max_ns: u64) -> Tables {
        Tables {
            counts: [[0; Counter::COUNT]; IntentKind::COUNT],
            histograms: vec![None; IntentKind::COUNT * SERIES.len()],
            max_ns,
        }
    }

    /// How many of `counter` there are of `kind`.
    #[must_use]
    pub fn count(&self, kind: IntentKind, counter: Counter) -> u64 {
        self.counts[kind as usize][counter as usize]
    }

    /// The samples of one series, if there are any.
    #[must_use]
    pub fn histogram(&self, kind: IntentKind, series: Series) -> Option<&Hist> {
        self.histograms[position(kind, series)].as_ref().filter(|samples| !samples.is_empty())
    }

    /// Every series that has samples, in order.
    pub fn histograms(&self) -> impl Iterator<Item = (IntentKind, Series, &Hist)> {
        IntentKind::ALL
            .into_iter()
            .flat_map(|kind| SERIES.map(|series| (kind, series)))
            .filter_map(|(kind, series)| Some((kind, series, self.histogram(kind, series)?)))
    }

    /// Counts `number` more.
    pub fn add(&mut self, kind: IntentKind, counter: Counter, number: u64) {
        let count = &mut self.counts[kind as usize][counter as usize];
        *count = count.saturating_add(number);
    }

    /// Takes a sample. False if it is past the histograms' end: then it counts as the largest
    /// value that they hold.
    #[must_use]
    pub fn record(&mut self, kind: IntentKind, series: Series, ns: u64) -> bool {
        let max_ns = self.max_ns;
        let samples =
            self.histograms[position(kind, series)].get_or_insert_with(|| histogram(max_ns));
        let fits = samples.record(ns).is_ok();
        if !fits {
            samples.saturating_record(ns);
        }
        fits
    }

    /// Adds another part's samples of one series. False if they do not fit.
    #[must_use]
    pub fn merge_histogram(&mut self, kind: IntentKind, series: Series, other: &Hist) -> bool {
        let max_ns = self.max_ns;
        let samples =
            self.histograms[position(kind, series)].get_or_insert_with(|| histogram(max_ns));
        // With more samples than a bucket can count, a bucket might be full.
        samples.add(other).is_ok() && u32::try_from(samples.len()).is_ok()
    }

    /// Empty tables of the same bounds.
    #[must_use]
    pub(super) fn emptied(&self) -> Tables {
        Tables::new(self.max_ns)
    }

    /// Adds the counts of `other`, and none of its samples.
    pub(super) fn add_counts(&mut self, other: &Tables) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine = mine.saturating_add(*theirs);
            }
        }
    }

    /// Adds everything of `other`. False if something did not fit.
    #[must_use]
    pub fn merge(&mut self, other: &Tables) -> bool {
        self.add_counts(other);
        other.histograms().fold(true, |fits, (kind, series, hist)| {
            self.merge_histogram(kind, series, hist) && fits
        })
    }

    /// Empties the tables and keeps their memory.
    pub fn clear(&mut self) {
        self.counts = [[0; Counter::COUNT]; IntentKind::COUNT];
        for samples in self.histograms.iter_mut().flatten() {
            if !samples.is_empty() {
                samples.reset();
            }
        }
    }

    /// Intents of `kind` that have their outcome.
    #[must_use]
    pub fn settled(&self, kind: IntentKind) -> u64 {
        let outcomes = Counter::OUTCOMES.into_iter().map(|counter| self.count(kind, counter));
        outcomes.fold(0, u64::saturating_add)
    }

    /// Planned intents of `kind` that have no outcome yet: none once a run has ended.
    #[must_use]
    pub fn open(&self, kind: IntentKind) -> u64 {
        self.count(kind, Counter::Planned).saturating_sub(self.settled(kind))
    }
}

/// Tables are equal if they hold the same counts and samples, whatever memory they keep.
impl PartialEq for Tables {
    fn eq(&self, other: &Tables) -> bool {
        self.counts == other.counts && self.histograms().eq(other.histograms())
    }
}

/// An empty histogram of nanoseconds, three digits, 1 µs to `max_ns`.
#[must_use]
pub(super) fn histogram(max_ns: u64) -> Hist {
    Hist::new_with_bounds(1_000, max_ns.max(2_000), 3)
        .expect("the highest value is twice the lowest or more, and three digits are allowed")
}

/// Adds the samples of one series of every kind.
pub(super) fn add_all(sum: &mut Hist, tables: &Tables, series: Series) {
    for kind in IntentKind::ALL {
        if let Some(more) = tables.histogram(kind, series) {
            add_samples(sum, more);
        }
    }
}

/// Adds samples of the same run.
pub(super) fn add_samples(sum: &mut Hist, more: &Hist) {
    sum.add(more).expect("the histograms of a run have one configuration");
}

fn position(kind: IntentKind, series: Series) -> usize {
    kind as usize * SERIES.len() + series as usize
}

/// Whether `planned` lies in the window `[from, to)`.
pub(super) fn is_within(planned: Micros, window: (Micros, Micros)) -> bool {
    window.0 <= planned && planned < window.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_names_are_consistent() {
        for (index, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, index);
            assert_eq!(Counter::from_name(counter.name()), Some(counter));
        }
        for (index, series) in SERIES.into_iter().enumerate() {
            assert_eq!(series as usize, index);
            assert_eq!(Series::from_name(series.name()), Some(series));
        }
        for part in [Part::All, Part::Sentinel, Part::Reactions, Part::Window(0), Part::Window(12)]
        {
            assert_eq!(Part::from_index(part.index()), part);
            assert_eq!(Part::of_label(&part.label("check_out")), Some((part, "check_out")));
        }
    }

    #[test]
    fn merging_is_addition_and_clearing_keeps_nothing() {
        let mut first = Tables::new(60_000_000_000);
        let mut second = first.clone();
        assert!(first.record(IntentKind::Chat, Series::Response, 2_000_000));
        assert!(second.record(IntentKind::Chat, Series::Response, 2_000_000));
        assert!(second.record(IntentKind::Join, Series::Lag, 40_000));
        second.add(IntentKind::Join, Counter::Planned, 3);
        let mut sum = first.clone();
        assert!(sum.merge(&second));
        let mut other_way = second.clone();
        assert!(other_way.merge(&first));
        assert_eq!(sum, other_way);
        assert_eq!(sum.histogram(IntentKind::Chat, Series::Response).map(Hist::len), Some(2));
        sum.clear();
        assert_eq!(sum, Tables::new(60_000_000_000));
    }

    #[test]
    fn what_is_too_long_counts_as_the_longest() {
        let mut tables = Tables::new(1_000_000_000);
        assert!(!tables.record(IntentKind::Chat, Series::Response, 90_000_000_000));
        let samples = tables.histogram(IntentKind::Chat, Series::Response).unwrap();
        assert_eq!(samples.len(), 1);
        assert!(samples.max() >= 1_000_000_000);
    }
}
