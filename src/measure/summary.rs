//! The summary of a run: plain data, everything that a report prints.

use claque_audience::{IntentKind, PlanDigest};

use super::interval::{Flaw, WordOf};
use super::objective::Evaluated;
use super::orders::OrdersSummary;
use super::settings::RunInfo;
use super::tables::Hist;
use super::verdict::{Reason, Verdict};
use crate::scenario::Series;

/// How a run ended, as the driver knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunEnd {
    /// It was ended early, by a signal.
    pub interrupted: bool,
    /// It was ended early, by a rule of its scenario.
    pub aborted: Option<AbortedBy>,
    /// The fingerprint of the intents that were taken up.
    pub played: PlanDigest,
    /// What was used of the machine, where that could be read.
    pub usage: Option<Usage>,
}

impl RunEnd {
    /// Whether not all of the plan was to be taken up.
    #[must_use]
    pub fn is_early(&self) -> bool {
        self.interrupted || self.aborted.is_some()
    }
}

/// The rule that ended a run early.
#[derive(Clone, Debug, PartialEq)]
pub struct AbortedBy {
    /// The rule as written.
    pub rule: String,
    /// What its figure was: seconds, a share from 0 to 1, or a count.
    pub value: f64,
    /// The same in words.
    pub found: String,
    /// The last of the seconds that it looked at.
    pub second: u32,
}

impl std::fmt::Display for AbortedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let AbortedBy { rule, found, second, .. } = self;
        write!(f, "{rule}: {found} up to second {second}")
    }
}

/// CPU time and memory of the generator and, where it is ours, of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time of this process, ms.
    pub generator_cpu_ms: u64,
    /// Largest resident memory of this process, bytes.
    pub generator_memory_bytes: u64,
    /// CPU time of the embedded target, ms.
    pub target_cpu_ms: Option<u64>,
    /// Largest resident memory of the embedded target, bytes.
    pub target_memory_bytes: Option<u64>,
}

/// Everything that a report prints.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// What was run.
    pub info: RunInfo,
    /// Seconds that were recorded (the last may be later than the planned length: answers were
    /// waited for).
    pub seconds: u32,
    /// Whether the record ends with the run; false after a kill, when it was rebuilt from what
    /// had reached the disk.
    pub complete: bool,
    /// Whether the run was ended early, by a signal.
    pub interrupted: bool,
    /// The rule that ended it early, if one did.
    pub aborted: Option<AbortedBy>,
    /// The fingerprint of the intents that were taken up, which is the plan's unless the run was
    /// ended early; none if the record breaks off.
    pub played: Option<PlanDigest>,
    /// Most viewers in their rooms at once, at the end of a second.
    pub peak_present: u64,
    /// Frames received, and their bytes.
    pub frames_in: (u64, u64),
    /// Frames sent, and their bytes.
    pub frames_out: (u64, u64),
    /// Kinds of which something was planned, in order.
    pub kinds: Vec<KindRow>,
    /// The same of reactions, which no plan knows: done because of something received.
    pub reactions: Vec<KindRow>,
    /// Kinds of which something was broadcast, in order.
    pub deliveries: Vec<DeliveryRow>,
    /// Errors, refusals and failures by word.
    pub words: Vec<WordRow>,
    /// Orders against stock.
    pub orders: OrdersSummary,
    /// Each objective with its figure.
    pub objectives: Vec<Evaluated>,
    /// Flawed pairs that were kept, in order.
    pub findings: Vec<FindingRow>,
    /// Flawed pairs that were counted only.
    pub findings_overflow: u64,
    /// The verdict.
    pub verdict: Verdict,
    /// What speaks for it and for lesser ones, the gravest first.
    pub reasons: Vec<Reason>,
    /// What was used of the machine.
    pub usage: Option<Usage>,
}

/// The figures of one latency series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Digest {
    /// Number of samples.
    pub n: u64,
    /// Of these, time-outs that stand at the time-out value.
    pub censored: u64,
    /// Median, ns; none where there are too few samples for it (see [`Digest::quantile`]).
    pub p50_ns: Option<u64>,
    /// 90th percentile, ns.
    pub p90_ns: Option<u64>,
    /// 99th percentile, ns.
    pub p99_ns: Option<u64>,
    /// 99.9th percentile, ns.
    pub p999_ns: Option<u64>,
    /// Largest value, ns; none without samples.
    pub max_ns: Option<u64>,
    /// Arithmetic mean, ns; none without samples.
    pub mean_ns: Option<u64>,
}

impl Digest {
    /// The figures of `samples`.
    #[must_use]
    pub fn of(samples: Option<&Hist>, censored: u64) -> Digest {
        let Some(samples) = samples.filter(|samples| !samples.is_empty()) else {
            return Digest::default();
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of nanoseconds lies between 0 and the largest of them"
        )]
        let mean = samples.mean().round() as u64;
        Digest {
            n: samples.len(),
            censored,
            p50_ns: Digest::quantile(samples, 0.5),
            p90_ns: Digest::quantile(samples, 0.9),
            p99_ns: Digest::quantile(samples, 0.99),
            p999_ns: Digest::quantile(samples, 0.999),
            max_ns: Some(largest(samples)),
            mean_ns: Some(mean),
        }
    }

    /// A quantile, where n·(1 − q) ≥ 5: with fewer samples beyond it, it says more about the
    /// draw than about the backend.
    #[must_use]
    pub fn quantile(samples: &Hist, q: f64) -> Option<u64> {
        is_resolved(samples.len(), q).then(|| samples.value_at_quantile(q))
    }
}

/// The largest sample, as far as it is resolved.
///
/// For a histogram read back from disk, [`Hist::max`] is the end of the last bucket; for one that
/// was recorded into it is that too, unless all samples are zero.
#[must_use]
pub(super) fn largest(samples: &Hist) -> u64 {
    samples.highest_equivalent(samples.max())
}

/// Whether `n` samples resolve the quantile `q`: n·(1 − q) ≥ 5.
#[must_use]
pub(super) fn is_resolved(n: u64, q: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "far more samples than 2^52 would be needed")]
    let beyond = n as f64 * (1.0 - q);
    // 500·(1 − 0.99) is a little less than 5 in binary.
    beyond >= 5.0 - 1e-9
}

/// One intent kind: outcomes and times.
#[derive(Clone, Debug, PartialEq)]
pub struct KindRow {
    /// The kind.
    pub kind: IntentKind,
    /// Intents planned: the sum of all that follow.
    pub planned: u64,
    /// Done by the backend.
    pub answered: u64,
    /// Refused by the backend.
    pub rejected: u64,
    /// Broken under way.
    pub failed: u64,
    /// Not answered in time.
    pub timed_out: u64,
    /// Unsent, by reason in the order of [`super::Unsent`].
    pub unsent: [u64; 6],
    /// Planned, and the record ends before their outcome: none in a complete one.
    pub unreported: u64,
    /// answered − planned.
    pub response: Digest,
    /// answered − sent.
    pub service: Digest,
    /// ready − planned.
    pub blocked: Digest,
    /// sent − ready.
    pub lag: Digest,
    /// answered − when a user who waits for the earlier answer before thinking would have acted.
    pub paced: Digest,
}

/// Deliveries of the broadcasts of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryRow {
    /// The kind.
    pub kind: IntentKind,
    /// Of all viewers.
    pub all: Deliveries,
    /// Of the sentinels.
    pub sentinels: Deliveries,
}

/// Pairs of viewers and broadcasts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deliveries {
    /// received − planned.
    pub delivery: Digest,
    /// received − sent.
    pub transit: Digest,
    /// Pairs whose delivery was to be expected: received plus missing.
    pub expected: u64,
    /// Of these, received.
    pub received: u64,
    /// Of these, not received.
    pub missing: u64,
    /// Copies after the first.
    pub duplicate: u64,
    /// Receipts after the row was closed.
    pub late: u64,
    /// Received after a later one.
    pub out_of_order: u64,
    /// Of these, after a later one of the same sender.
    pub out_of_order_by_sender: u64,
    /// Pairs too near to a join or leave to expect anything.
    pub boundary: u64,
    /// Receipts of refused, failed, timed-out or unknown messages.
    pub ghost: u64,
    /// Receipts of viewers not in the room.
    pub outside: u64,
}

impl Deliveries {
    /// received / expected; none if nothing was expected.
    #[must_use]
    pub fn completeness(&self) -> Option<f64> {
        share(self.received, self.expected)
    }

    /// boundary / (boundary + expected); none if there was neither.
    #[must_use]
    pub fn boundary_share(&self) -> Option<f64> {
        share(self.boundary, self.boundary + self.expected)
    }
}

/// `part` of `whole`; none of nothing.
#[must_use]
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
    let share = (whole > 0).then(|| part as f64 / whole as f64);
    share
}

/// How often a word came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordRow {
    /// Of what.
    pub of: WordOf,
    /// The word.
    pub word: String,
    /// How often.
    pub count: u64,
}

/// One flawed pair, with names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingRow {
    /// What was wrong.
    pub flaw: Flaw,
    /// What was broadcast.
    pub kind: IntentKind,
    /// The viewer's name.
    pub viewer: String,
    /// The message's correlation id, as on the wire.
    pub cid: String,
    /// Whether it was a boundary pair.
    pub boundary: bool,
}

impl KindRow {
    /// The figures of a series of intents; empty for series of deliveries.
    #[must_use]
    pub fn series(&self, series: Series) -> Digest {
        match series {
            Series::Response => self.response,
            Series::Service => self.service,
            Series::Blocked => self.blocked,
            Series::Lag => self.lag,
            Series::Paced => self.paced,
            Series::Delivery | Series::Transit => Digest::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::histogram;
    use super::*;

    #[test]
    fn a_percentile_needs_five_samples_beyond_it() {
        for (n, q, resolved) in [
            (0, 0.5, false),
            (9, 0.5, false),
            (10, 0.5, true),
            (49, 0.9, false),
            (50, 0.9, true),
            (499, 0.99, false),
            (500, 0.99, true),
            (4_999, 0.999, false),
            (5_000, 0.999, true),
        ] {
            assert_eq!(is_resolved(n, q), resolved, "{n} {q}");
            let mut samples = histogram(60_000_000_000);
            (0..n).for_each(|_| samples.record(2_000_000).unwrap());
            assert_eq!(Digest::quantile(&samples, q).is_some(), resolved);
        }
    }

    #[test]
    fn the_largest_of_nothing_but_zeros_is_the_same_once_it_was_written() {
        use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};

        let mut samples = histogram(60_000_000_000);
        samples.record(0).unwrap();
        let mut written = Vec::new();
        V2Serializer::new().serialize(&samples, &mut written).unwrap();
        let read: Hist = Deserializer::new().deserialize(&mut &written[..]).unwrap();
        assert_eq!(Digest::of(Some(&read), 0), Digest::of(Some(&samples), 0));
    }

    #[test]
    fn a_digest_tells_n_and_maximum_where_percentiles_are_not_resolved() {
        let mut samples = histogram(60_000_000_000);
        for ms in [1, 2, 3] {
            samples.record(ms * 1_000_000).unwrap();
        }
        let digest = Digest::of(Some(&samples), 1);
        let within = |ns: Option<u64>, ms: u64| {
            let ns = ns.unwrap();
            ns.abs_diff(ms * 1_000_000) <= ms * 1_000
        };
        assert_eq!((digest.n, digest.censored, digest.p50_ns), (3, 1, None));
        assert!(within(digest.max_ns, 3) && within(digest.mean_ns, 2), "{digest:?}");
        assert_eq!(Digest::of(None, 0), Digest::default());
    }
}
