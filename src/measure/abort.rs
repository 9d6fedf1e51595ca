//! Rules under which a run ends early, held against its last seconds.

use std::collections::VecDeque;

use super::interval::Interval;
use super::objective::{holds, measure, part_of};
use super::settings::Settings;
use super::tables::{Part, Tables};
use crate::scenario::{AbortRule, Figure};

/// Keeps the last seconds in mind as far as the rules ask for them: of each second a rule's tables
/// with the one series that it looks at, so that memory is bounded by the rules alone.
#[derive(Debug)]
pub struct Abort {
    watched: Vec<Watched>,
    /// The first second that has not been taken.
    next: u32,
}

/// A rule that holds: why a run ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Aborted {
    /// The rule as written.
    pub rule: String,
    /// The figure: seconds for times, a share from 0 to 1 for shares, else a count.
    pub value: f64,
    /// The figure that the rule is about, for whoever writes the value.
    pub figure: Figure,
    /// The last of the seconds that were looked at.
    pub second: u32,
}

/// A rule and what it has seen.
#[derive(Debug)]
struct Watched {
    rule: AbortRule,
    /// The last seconds, the newest at the end.
    seconds: VecDeque<Tables>,
    /// All of them together, when they are judged.
    sum: Tables,
}

impl Abort {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(rules: &[AbortRule], settings: &Settings) -> Abort {
        let watched = rules.iter().map(|rule| Watched {
            rule: rule.clone(),
            seconds: VecDeque::with_capacity(rule.over_s as usize),
            sum: Tables::new(settings.max_ns),
        });
        Abort { watched: watched.collect(), next: 0 }
    }

    /// Takes one second, all shards merged, and judges every rule that has seen as many seconds as
    /// it looks back over: the first rule that holds.
    ///
    /// # Panics
    ///
    /// If the second was taken before.
    pub fn add(&mut self, second: u32, interval: &Interval) -> Option<Aborted> {
        assert!(second >= self.next, "second {second} comes once, and after those before it");
        let skipped = second - self.next;
        self.next = second + 1;
        let mut first = None;
        for watched in &mut self.watched {
            for _ in 0..skipped.min(watched.rule.over_s) {
                watched.push(None);
            }
            watched.push(Some(interval));
            let value = watched.judge();
            if let (None, Some(value)) = (&first, value) {
                let AbortRule { text, figure, .. } = &watched.rule;
                first = Some(Aborted { rule: text.clone(), value, figure: *figure, second });
            }
        }
        first
    }
}

impl Watched {
    /// Takes a second, an empty one if there is no interval; the oldest makes room for it.
    fn push(&mut self, interval: Option<&Interval>) {
        let mut tables = if self.seconds.len() == self.rule.over_s as usize {
            let mut oldest = self.seconds.pop_front().expect("a rule looks back a second or more");
            oldest.clear();
            oldest
        } else {
            self.sum.emptied()
        };
        if let Some(interval) = interval {
            self.copy(interval, &mut tables);
        }
        self.seconds.push_back(tables);
    }

    /// Copies what the rule's figure needs: all counts, and of the histograms its own.
    fn copy(&self, interval: &Interval, to: &mut Tables) {
        let from = interval.tables(part_of(self.rule.acts));
        to.add_counts(from);
        // An order is one, whatever led to it.
        if self.rule.figure == Figure::Orders {
            to.add_counts(interval.tables(Part::Reactions));
        }
        if let Figure::Latency { kind, series, .. } = self.rule.figure
            && let Some(samples) = from.histogram(kind, series)
        {
            // What overflows was counted as such in the interval.
            let _ = to.merge_histogram(kind, series, samples);
        }
    }

    /// The figure over the last seconds, if there are enough of them and the rule holds.
    fn judge(&mut self) -> Option<f64> {
        if self.seconds.len() < self.rule.over_s as usize {
            return None;
        }
        self.sum.clear();
        for second in &self.seconds {
            let _ = self.sum.merge(second);
        }
        let measured = measure(self.rule.figure, &self.sum)?;
        holds(measured.value, self.rule.comparison, self.rule.limit).then_some(measured.value)
    }
}

#[cfg(test)]
mod tests {
    use claque_audience::IntentKind;

    use super::*;
    use crate::measure::{Counter, RunInfo};
    use crate::scenario::{Acts, Comparison, Ending, Series, Statistic, Unit};

    fn settings() -> Settings {
        Settings::of(&RunInfo::blank())
    }

    fn rule(figure: Figure, comparison: Comparison, limit: f64, over_s: u32) -> AbortRule {
        let text = format!("{figure:?}");
        AbortRule { text, acts: Acts::Planned, figure, comparison, limit, over_s }
    }

    /// One second of chat: so many answered, each in so many ms, and so many timed out.
    fn second(answered: u64, ms: u64, timed_out: u64) -> Interval {
        let mut interval = Interval::new(&settings());
        let tables = interval.tables_mut(Part::All).unwrap();
        tables.add(IntentKind::Chat, Counter::Planned, answered + timed_out);
        tables.add(IntentKind::Chat, Counter::Answered, answered);
        tables.add(IntentKind::Chat, Counter::TimedOut, timed_out);
        for _ in 0..answered {
            assert!(tables.record(IntentKind::Chat, Series::Response, ms * 1_000_000));
        }
        interval
    }

    /// The seconds in which a rule holds, with its value in thousandths.
    fn held(rule: AbortRule, seconds: &[(u32, Interval)]) -> Vec<(u32, u64)> {
        let mut abort = Abort::new(&[rule], &settings());
        let mut held = Vec::new();
        for (second, interval) in seconds {
            if let Some(aborted) = abort.add(*second, interval) {
                assert_eq!(aborted.second, *second);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "small"
                )]
                held.push((*second, (aborted.value * 1e3).round() as u64));
            }
        }
        held
    }

    #[test]
    fn a_share_is_taken_over_the_last_seconds() {
        let failed = Figure::Ended {
            kind: Some(IntentKind::Chat),
            ending: Ending::Failed,
            unit: Unit::Share,
        };
        let rule = rule(failed, Comparison::Above, 0.5, 3);
        let show = [
            // All fail, but three seconds have not yet been seen.
            (0, second(0, 0, 10)),
            (1, second(10, 1, 0)),
            (2, second(10, 1, 0)),
            (3, second(0, 0, 30)),
            (4, second(20, 1, 0)),
            (5, second(20, 1, 0)),
            (6, second(0, 0, 10)),
        ];
        // In second 3: of 50 in the seconds 1 to 3, 30.
        assert_eq!(held(rule, &show), [(3, 600)]);
    }

    #[test]
    fn percentiles_are_taken_over_all_samples_of_the_window() {
        let response = Figure::Latency {
            kind: IntentKind::Chat,
            series: Series::Response,
            statistic: Statistic::Quantile(0.5),
        };
        let rule = rule(response, Comparison::Above, 0.1, 2);
        let show = [
            (0, second(10, 20, 0)),
            (1, second(30, 400, 0)),
            (2, second(50, 20, 0)),
            (3, second(50, 20, 0)),
        ];
        let [(1, value)] = held(rule, &show)[..] else { panic!() };
        assert!((398..=402).contains(&value), "{value}");
    }

    #[test]
    fn a_second_that_was_skipped_is_an_empty_one() {
        let answered = Figure::Ended { kind: None, ending: Ending::Answered, unit: Unit::Count };
        let rule = rule(answered, Comparison::Below, 5.0, 2);
        let show = [(0, second(9, 1, 0)), (3, second(4, 1, 0)), (4, second(4, 1, 0))];
        assert_eq!(held(rule.clone(), &show), [(3, 4_000)]);
        // Where nothing was to be done there is nothing to judge.
        assert_eq!(held(rule, &[(0, second(0, 0, 0)), (1, second(0, 0, 0))]), []);
    }

    #[test]
    fn orders_are_those_of_reactions_too() {
        let second = |part| {
            let mut interval = Interval::new(&settings());
            let tables = interval.tables_mut(part).unwrap();
            tables.add(IntentKind::CheckOut, Counter::Planned, 3);
            tables.add(IntentKind::CheckOut, Counter::Answered, 3);
            interval
        };
        let rule = rule(Figure::Orders, Comparison::Below, 5.0, 2);
        let show = [(0, second(Part::All)), (1, second(Part::Reactions)), (3, second(Part::All))];
        assert_eq!(held(rule, &show), [(3, 3_000)]);
    }

    #[test]
    fn memory_is_bounded_by_the_rules() {
        let answered = Figure::Ended { kind: None, ending: Ending::Answered, unit: Unit::Share };
        let mut abort = Abort::new(&[rule(answered, Comparison::Below, 0.1, 7)], &settings());
        for number in 0..100 {
            assert_eq!(abort.add(number * 9, &second(1, 1, 0)), None);
            assert!(abort.watched[0].seconds.len() <= 7);
        }
    }
}
