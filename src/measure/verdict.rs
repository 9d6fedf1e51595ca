//! What a run comes to: one verdict, its exit code, and why.

use claque_audience::IntentKind;

use super::interval::{Interval, Tally};
use super::settings::Settings;
use super::summary::Digest;
use super::tables::{Counter, Hist, Part, Tables, add_all, histogram};
use super::text::duration;
use crate::scenario::Series;

/// What a run comes to, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every objective that could be evaluated holds.
    Passed,
    /// The run is valid, and an objective does not hold.
    ObjectivesMissed,
    /// The run is valid, and a rule of the scenario has ended it early.
    Aborted,
    /// The generator could not keep its plan, so that its figures are not the backend's.
    Invalid,
    /// It was ended early.
    Interrupted,
    /// The target could not be reached.
    Unreachable,
    /// The command or the scenario was wrong.
    BadUsage,
}

impl Verdict {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::ObjectivesMissed | Verdict::Aborted => 1,
            Verdict::BadUsage => 2,
            Verdict::Invalid => 3,
            Verdict::Unreachable => 4,
            Verdict::Interrupted => 130,
        }
    }

    /// Its name in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::ObjectivesMissed => "objectives missed",
            Verdict::Aborted => "aborted",
            Verdict::BadUsage => "bad usage",
            Verdict::Invalid => "invalid",
            Verdict::Unreachable => "target unreachable",
            Verdict::Interrupted => "interrupted",
        }
    }

    /// The verdict that `reasons` come to: the gravest that any of them speaks for.
    #[must_use]
    pub fn of(reasons: &[Reason]) -> Verdict {
        reasons.iter().map(|reason| reason.verdict).max().unwrap_or(Verdict::Passed)
    }
}

/// One reason against a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The verdict that it speaks for.
    pub verdict: Verdict,
    /// The reason, in words, with the second in which it first held.
    pub text: String,
}

/// What the generator may fall behind before its figures are no longer the backend's.
#[derive(Debug)]
pub struct Limits;

impl Limits {
    /// Longest lag of any intent, ns.
    pub const LAG_NS: u64 = 500_000_000;

    /// Highest median lag of a second, ns.
    pub const LAG_MEDIAN_NS: u64 = 100_000_000;

    /// Latest that a shard may wake, ns.
    pub const WOKE_LATE_NS: u64 = 500_000_000;

    /// Longest that a viewer's socket may be read without being found empty, ns. A burst after a
    /// backend's stall is drained long before; what lasts longer comes faster than it is read.
    pub const READ_BEHIND_NS: u64 = 1_000_000_000;

    /// Largest p99 of all deliveries less p99 of the sentinels', ns: our own draining.
    pub const SENTINEL_GAP_NS: u64 = 250_000_000;
}

/// One way for the generator to fall behind: when first, how badly, for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Trouble {
    first: u32,
    worst: u64,
    worst_second: u32,
    seconds: u32,
}

impl Trouble {
    fn note(this: &mut Option<Trouble>, second: u32, value: u64) {
        let trouble = this.get_or_insert(Trouble {
            first: second,
            worst: 0,
            worst_second: second,
            seconds: 0,
        });
        trouble.seconds += 1;
        if value > trouble.worst {
            (trouble.worst, trouble.worst_second) = (value, second);
        }
    }
}

/// What speaks against the generator, gathered second by second.
#[derive(Debug)]
pub(super) struct Evidence {
    lag: Option<Trouble>,
    lag_median: Option<Trouble>,
    woke_late: Option<Trouble>,
    read_behind: Option<Trouble>,
    overload: Option<Trouble>,
    ledger_overflow: Option<Trouble>,
    histogram_overflow: Option<Trouble>,
    /// Largest delivery of all less the sentinels' largest, ns, and its second.
    widest_gap: (u64, u32),
    /// A second's lag of all kinds.
    lags: Hist,
}

impl Evidence {
    pub(super) fn new(settings: &Settings) -> Evidence {
        Evidence {
            lag: None,
            lag_median: None,
            woke_late: None,
            read_behind: None,
            overload: None,
            ledger_overflow: None,
            histogram_overflow: None,
            widest_gap: (0, 0),
            lags: histogram(settings.max_ns),
        }
    }

    /// Looks at one second of all shards.
    pub(super) fn add(&mut self, second: u32, interval: &Interval) {
        let (all, reactions) = (interval.tables(Part::All), interval.tables(Part::Reactions));
        self.lags.reset();
        add_all(&mut self.lags, all, Series::Lag);
        add_all(&mut self.lags, reactions, Series::Lag);
        let note = |trouble: &mut Option<Trouble>, value: u64, limit: u64| {
            if value > limit {
                Trouble::note(trouble, second, value);
            }
        };
        note(&mut self.lag, self.lags.max(), Limits::LAG_NS);
        let median = Digest::quantile(&self.lags, 0.5).unwrap_or(0);
        note(&mut self.lag_median, median, Limits::LAG_MEDIAN_NS);
        note(&mut self.woke_late, interval.woke_late_ns, Limits::WOKE_LATE_NS);
        note(&mut self.read_behind, interval.read_behind_ns, Limits::READ_BEHIND_NS);
        let unsent = |kind| {
            let of = |tables: &Tables| tables.count(kind, Counter::UnsentOverload);
            of(all) + of(reactions)
        };
        note(&mut self.overload, IntentKind::ALL.into_iter().map(unsent).sum(), 0);
        note(&mut self.ledger_overflow, interval.tally(Tally::LedgerOverflow), 0);
        note(&mut self.histogram_overflow, interval.tally(Tally::HistogramOverflow), 0);
        let largest = |part| {
            let tables = interval.tables(part);
            let largest = |kind| tables.histogram(kind, Series::Delivery).map(Hist::max);
            IntentKind::ALL.into_iter().filter_map(largest).max()
        };
        if let (Some(all), Some(sentinels)) = (largest(Part::All), largest(Part::Sentinel))
            && all.saturating_sub(sentinels) > self.widest_gap.0
        {
            self.widest_gap = (all - sentinels, second);
        }
    }

    /// Why the run is invalid, each cause in words with its second; nothing if it is valid.
    pub(super) fn causes(&self, all: &Tables, sentinels: &Tables) -> Vec<String> {
        let spell = |trouble: &Trouble| match trouble.seconds {
            1 => String::new(),
            seconds => format!(", {seconds} seconds in all"),
        };
        let timed = |what: &str, trouble: Option<Trouble>, limit_ns: u64| {
            trouble.map(|trouble| {
                format!(
                    "{what} {} late in second {} (limit {}; first in second {}{})",
                    duration(trouble.worst),
                    trouble.worst_second,
                    duration(limit_ns),
                    trouble.first,
                    spell(&trouble),
                )
            })
        };
        let counted = |trouble: Option<Trouble>, what: &str| {
            trouble.map(|trouble| {
                let Trouble { first, worst, worst_second, .. } = trouble;
                let all = spell(&trouble);
                format!("{what}: {worst} in second {worst_second} (first in second {first}{all})")
            })
        };
        let mut causes: Vec<String> = [
            timed("the generator was paused: a shard woke", self.woke_late, Limits::WOKE_LATE_NS),
            timed("the generator lagged: an intent was sent", self.lag, Limits::LAG_NS),
            timed(
                "the generator lagged: half of the intents were sent",
                self.lag_median,
                Limits::LAG_MEDIAN_NS,
            ),
            self.read_behind.map(|trouble| {
                format!(
                    "the generator drained its sockets too slowly: one was never empty for {}, in \
                     second {} (limit {}; first in second {}{})",
                    duration(trouble.worst),
                    trouble.worst_second,
                    duration(Limits::READ_BEHIND_NS),
                    trouble.first,
                    spell(&trouble),
                )
            }),
            counted(self.overload, "the generator was overloaded, intents unsent"),
            counted(self.ledger_overflow, "the delivery ledger was full, deliveries not audited"),
            counted(self.histogram_overflow, "samples past the histograms' end"),
        ]
        .into_iter()
        .flatten()
        .collect();
        for kind in IntentKind::ALL {
            let p99 = |tables: &Tables| {
                tables.histogram(kind, Series::Delivery).and_then(|h| Digest::quantile(h, 0.99))
            };
            if let (Some(all), Some(sentinels)) = (p99(all), p99(sentinels))
                && all.saturating_sub(sentinels) > Limits::SENTINEL_GAP_NS
            {
                causes.push(format!(
                    "the generator drained its sockets too slowly: {} delivery p99 is {}, the \
                     sentinels' {} (limit of the gap {}; widest in second {})",
                    kind.name(),
                    duration(all),
                    duration(sentinels),
                    duration(Limits::SENTINEL_GAP_NS),
                    self.widest_gap.1,
                ));
            }
        }
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_reason_decides() {
        use Verdict::{
            Aborted, BadUsage, Interrupted, Invalid, ObjectivesMissed, Passed, Unreachable,
        };

        let check = |reasons: &[Verdict], verdict: Verdict, exit_code: u8| {
            let reasons: Vec<Reason> =
                reasons.iter().map(|&verdict| Reason { verdict, text: String::new() }).collect();
            assert_eq!(Verdict::of(&reasons), verdict, "{reasons:?}");
            assert_eq!(verdict.exit_code(), exit_code);
        };
        check(&[], Passed, 0);
        check(&[ObjectivesMissed], ObjectivesMissed, 1);
        check(&[ObjectivesMissed, Aborted], Aborted, 1);
        check(&[ObjectivesMissed, Aborted, Invalid], Invalid, 3);
        check(&[Invalid, Interrupted, ObjectivesMissed], Interrupted, 130);
        check(&[Interrupted, Unreachable, Invalid], Unreachable, 4);
        check(&[Unreachable, BadUsage], BadUsage, 2);
    }

    fn settings() -> Settings {
        use claque_audience::Micros;
        Settings {
            windows: Vec::new(),
            time_out: Micros(10_000_000),
            guard: Micros(1),
            deadline: Micros(1),
            close_after: Micros(10_000_000),
            complete_after: Micros(1_000_000),
            rooms: 1,
            rows_max: 10,
            findings_max: 10,
            max_ns: 60_000_000_000,
        }
    }

    /// The causes found in seconds made by `make`, of which number 3 is the one in question.
    fn causes(make: impl Fn(&mut Interval)) -> Vec<String> {
        let settings = settings();
        let mut evidence = Evidence::new(&settings);
        let mut sum = Interval::new(&settings);
        for second in 0..5 {
            let mut interval = Interval::new(&settings);
            if second == 3 {
                make(&mut interval);
            }
            evidence.add(second, &interval);
            sum.merge(&interval);
        }
        evidence.causes(sum.tables(Part::All), sum.tables(Part::Sentinel))
    }

    fn sample(interval: &mut Interval, part: Part, series: Series, ms: u64, times: u32) {
        let tables = interval.tables_mut(part).unwrap();
        for _ in 0..times {
            assert!(tables.record(IntentKind::Chat, series, ms * 1_000_000));
        }
    }

    #[test]
    fn only_the_generators_own_lateness_makes_a_run_invalid() {
        let none: [&str; 0] = [];
        // A slow backend: everything but our own part is late.
        let slow = causes(|interval| {
            for series in [Series::Response, Series::Service, Series::Blocked, Series::Delivery] {
                sample(interval, Part::All, series, 9_000, 1_000);
            }
            sample(interval, Part::Sentinel, Series::Delivery, 9_000, 600);
        });
        assert_eq!(slow, none);
        let small = causes(|interval| {
            sample(interval, Part::All, Series::Lag, 400, 1);
            sample(interval, Part::All, Series::Lag, 1, 100);
            interval.woke_late(400_000_000);
            interval.read_behind(900_000_000);
        });
        assert_eq!(small, none);
    }

    #[test]
    fn each_cause_names_itself_and_its_second() {
        let check = |make: &dyn Fn(&mut Interval), expect: &str| {
            assert_eq!(causes(make), [expect]);
        };
        check(
            &|interval| interval.woke_late(1_000_000_000),
            "the generator was paused: a shard woke 1.00 s late in second 3 (limit 500 ms; first in \
             second 3)",
        );
        check(
            &|interval| interval.read_behind(1_400_000_000),
            "the generator drained its sockets too slowly: one was never empty for 1.40 s, in second \
             3 (limit 1.00 s; first in second 3)",
        );
        check(
            &|interval| sample(interval, Part::All, Series::Lag, 734, 1),
            "the generator lagged: an intent was sent 734 ms late in second 3 (limit 500 ms; first \
             in second 3)",
        );
        check(
            &|interval| sample(interval, Part::All, Series::Lag, 150, 20),
            "the generator lagged: half of the intents were sent 150 ms late in second 3 (limit \
             100 ms; first in second 3)",
        );
        check(
            &|interval| {
                let tables = interval.tables_mut(Part::All).unwrap();
                tables.add(IntentKind::Chat, Counter::UnsentOverload, 12);
            },
            "the generator was overloaded, intents unsent: 12 in second 3 (first in second 3)",
        );
        check(
            &|interval| interval.add(Tally::LedgerOverflow, 7),
            "the delivery ledger was full, deliveries not audited: 7 in second 3 (first in second 3)",
        );
        check(
            &|interval| interval.add(Tally::HistogramOverflow, 1),
            "samples past the histograms' end: 1 in second 3 (first in second 3)",
        );
        check(
            &|interval| {
                sample(interval, Part::All, Series::Delivery, 400, 1_000);
                sample(interval, Part::Sentinel, Series::Delivery, 100, 600);
            },
            "the generator drained its sockets too slowly: chat delivery p99 is 400 ms, the \
             sentinels' 100 ms (limit of the gap 250 ms; widest in second 3)",
        );
    }
}
