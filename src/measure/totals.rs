//! The running totals of a run, and what they come to.

use claque_audience::IntentKind;

use super::interval::{Finding, Interval, Tally};
use super::objective::{self, Evaluated, Evaluation, Worst};
use super::orders::OrdersSummary;
use super::settings::{RunInfo, Settings};
use super::summary::{
    Deliveries, DeliveryRow, Digest, FindingRow, KindRow, RunEnd, RunSummary, WordRow,
};
use super::tables::{Counter, Part, Tables};
use super::verdict::{Evidence, Reason, Verdict};
use crate::scenario::{Series, Window};

/// Adds up the seconds of a run: the live ones, or those read back from disk.
#[derive(Debug)]
pub struct Totals {
    info: RunInfo,
    sum: Interval,
    seconds: u32,
    peak_present: u64,
    /// The worst second of each objective that is about one.
    worst: Vec<Option<Worst>>,
    evidence: Evidence,
}

impl Totals {
    /// Nothing yet.
    #[must_use]
    pub fn new(info: RunInfo) -> Totals {
        let settings = Settings::of(&info);
        Totals {
            sum: Interval::new(&settings),
            seconds: 0,
            peak_present: 0,
            worst: vec![None; info.objectives.len()],
            evidence: Evidence::new(&settings),
            info,
        }
    }

    /// Takes one second, all shards merged.
    ///
    /// # Panics
    ///
    /// If the second was taken before.
    pub fn add(&mut self, second: u32, interval: &Interval) {
        assert!(second >= self.seconds, "second {second} comes once, and after those before it");
        self.seconds = second + 1;
        self.sum.merge(interval);
        let arrived = self.sum.tally(Tally::Arrived);
        let present = arrived.saturating_sub(self.sum.tally(Tally::Gone));
        self.peak_present = self.peak_present.max(present);
        for (worst, objective) in self.worst.iter_mut().zip(&self.info.objectives) {
            if objective.window == Window::WorstSecond {
                let tables = |part| interval.tables(part);
                *worst = objective::worse(objective, *worst, second, tables);
            }
        }
        self.evidence.add(second, interval);
    }

    /// Everything so far, added up.
    #[must_use]
    pub fn sum(&self) -> &Interval {
        &self.sum
    }

    /// What the totals are of.
    #[must_use]
    pub fn info(&self) -> &RunInfo {
        &self.info
    }

    /// Whether the books balance. Once there is an `end`, every intent must have its outcome, and
    /// unless that was early, what was taken up must be the plan.
    ///
    /// # Errors
    ///
    /// Says what does not add up.
    pub fn check(&self, end: Option<&RunEnd>) -> Result<(), String> {
        if let Some(end) = end
            && !end.is_early()
            && end.played != self.info.plan
        {
            let (played, plan) = (end.played, self.info.plan);
            return Err(format!(
                "{} intents were taken up, digest {played}, of a plan of {}, digest {plan}",
                played.intents, plan.intents
            ));
        }
        for (part, tables) in self.sum.parts() {
            for kind in IntentKind::ALL {
                balance(tables, kind, end.is_some())
                    .map_err(|problem| format!("{}: {problem}", part.label(kind.name())))?;
            }
        }
        Ok(())
    }

    /// The summary. `end` is none if the record breaks off before the run's end.
    ///
    /// # Panics
    ///
    /// If the books do not balance: see [`Totals::check`].
    #[must_use]
    pub fn summary(&self, end: Option<&RunEnd>) -> RunSummary {
        if let Err(problem) = self.check(end) {
            panic!("what was recorded does not add up: {problem}");
        }
        let orders = OrdersSummary::of(&self.sum.orders, &self.info.products);
        let objectives: Vec<Evaluated> = self
            .info
            .objectives
            .iter()
            .zip(&self.worst)
            .map(|(objective, worst)| {
                let tables = |part| self.sum.tables(part);
                objective::evaluate(objective, &self.info, tables, *worst, &orders)
            })
            .collect();
        let reasons = self.reasons(end, &objectives);
        let tables = self.sum.tables(Part::All);
        let interrupted = end.is_some_and(|end| end.interrupted);
        let aborted = end.and_then(|end| end.aborted.clone());
        RunSummary {
            seconds: self.seconds,
            complete: end.is_some(),
            interrupted,
            aborted,
            played: end.map(|end| end.played),
            peak_present: self.peak_present,
            frames_in: (self.sum.tally(Tally::FramesIn), self.sum.tally(Tally::BytesIn)),
            frames_out: (self.sum.tally(Tally::FramesOut), self.sum.tally(Tally::BytesOut)),
            kinds: kind_rows(tables),
            reactions: kind_rows(self.sum.tables(Part::Reactions)),
            deliveries: self.deliveries(),
            words: self.words(),
            orders,
            objectives,
            findings: self.findings(),
            findings_overflow: self.sum.tally(Tally::FindingsOverflow),
            verdict: Verdict::of(&reasons),
            reasons,
            usage: end.and_then(|end| end.usage),
            info: self.info.clone(),
        }
    }

    fn deliveries(&self) -> Vec<DeliveryRow> {
        let (all, sentinels) = (self.sum.tables(Part::All), self.sum.tables(Part::Sentinel));
        let pairs = [Counter::Expected, Counter::Boundary, Counter::Outside, Counter::Late];
        IntentKind::ALL
            .into_iter()
            .filter(|&kind| {
                all.histogram(kind, Series::Delivery).is_some()
                    || pairs.into_iter().any(|counter| all.count(kind, counter) > 0)
            })
            .map(|kind| DeliveryRow {
                kind,
                all: deliveries(all, kind),
                sentinels: deliveries(sentinels, kind),
            })
            .collect()
    }

    fn words(&self) -> Vec<WordRow> {
        let words = self.sum.words.sorted();
        words
            .into_iter()
            .map(|(of, word, count)| WordRow { of, word: word.to_owned(), count })
            .collect()
    }

    fn findings(&self) -> Vec<FindingRow> {
        let mut rows: Vec<FindingRow> =
            self.sum.findings.iter().map(|finding| self.finding_row(finding)).collect();
        rows.sort_unstable();
        rows
    }

    fn finding_row(&self, finding: &Finding) -> FindingRow {
        let mut cid = String::new();
        finding.cid.write(self.info.run, &mut cid);
        FindingRow {
            flaw: finding.flaw,
            kind: finding.kind,
            viewer: self.info.actor_name(finding.viewer),
            cid,
            boundary: finding.boundary,
        }
    }

    /// Everything that speaks against the run, the gravest first.
    fn reasons(&self, end: Option<&RunEnd>, objectives: &[Evaluated]) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut say = |verdict, text: String| reasons.push(Reason { verdict, text });
        match end {
            Some(RunEnd { interrupted: true, .. }) => {
                say(Verdict::Interrupted, format!("ended early, after {} s", self.seconds));
            }
            Some(_) => {}
            None => say(
                Verdict::Interrupted,
                format!("the record breaks off after {} s: the run was killed", self.seconds),
            ),
        }
        for text in
            self.evidence.causes(self.sum.tables(Part::All), self.sum.tables(Part::Sentinel))
        {
            say(Verdict::Invalid, text);
        }
        if let Some(aborted) = end.and_then(|end| end.aborted.as_ref()) {
            say(Verdict::Aborted, aborted.to_string());
        }
        for evaluated in objectives {
            if let Evaluation::Measured { holds: false, .. } = evaluated.evaluation {
                say(Verdict::ObjectivesMissed, evaluated.objective.text.clone());
            }
        }
        // Latency objectives have no sample then, and the run would pass without a word.
        let count = |counter| -> u64 {
            let tables = self.sum.tables(Part::All);
            IntentKind::ALL.into_iter().map(|kind| tables.count(kind, counter)).sum()
        };
        let planned = count(Counter::Planned);
        if planned > 0 && count(Counter::Answered) + count(Counter::Rejected) == 0 {
            let text = format!("none of {planned} planned intents was answered");
            say(Verdict::ObjectivesMissed, text);
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
        reasons
    }
}

fn kind_rows(tables: &Tables) -> Vec<KindRow> {
    IntentKind::ALL
        .into_iter()
        .filter(|&kind| tables.count(kind, Counter::Planned) > 0)
        .map(|kind| kind_row(tables, kind))
        .collect()
}

fn kind_row(tables: &Tables, kind: IntentKind) -> KindRow {
    let count = |counter| tables.count(kind, counter);
    let digest = |series, censored| Digest::of(tables.histogram(kind, series), censored);
    KindRow {
        kind,
        planned: count(Counter::Planned),
        answered: count(Counter::Answered),
        rejected: count(Counter::Rejected),
        failed: count(Counter::Failed),
        timed_out: count(Counter::TimedOut),
        unsent: Counter::UNSENT.map(count),
        unreported: tables.open(kind),
        response: digest(Series::Response, count(Counter::TimedOut)),
        service: digest(Series::Service, 0),
        blocked: digest(Series::Blocked, 0),
        lag: digest(Series::Lag, 0),
        paced: digest(Series::Paced, 0),
    }
}

fn deliveries(tables: &Tables, kind: IntentKind) -> Deliveries {
    let count = |counter| tables.count(kind, counter);
    let digest = |series| Digest::of(tables.histogram(kind, series), 0);
    Deliveries {
        delivery: digest(Series::Delivery),
        transit: digest(Series::Transit),
        expected: count(Counter::Expected),
        received: count(Counter::Received),
        missing: count(Counter::Missing),
        duplicate: count(Counter::Duplicate),
        late: count(Counter::Late),
        out_of_order: count(Counter::OutOfOrder),
        out_of_order_by_sender: count(Counter::OutOfOrderBySender),
        boundary: count(Counter::Boundary),
        ghost: count(Counter::Ghost),
        outside: count(Counter::Outside),
    }
}

/// The sums that must hold for one kind, each figure counted in two places.
fn balance(tables: &Tables, kind: IntentKind, complete: bool) -> Result<(), String> {
    let count = |counter| tables.count(kind, counter);
    let samples = |series| tables.histogram(kind, series).map_or(0, hdrhistogram::Histogram::len);
    let equal = |what: &str, left: u64, right: u64| {
        if left == right { Ok(()) } else { Err(format!("{what}: {left} against {right}")) }
    };
    let settled = tables.settled(kind);
    let planned = count(Counter::Planned);
    if settled > planned {
        return Err(format!("{settled} outcomes of {planned} planned intents"));
    }
    if complete {
        equal("planned intents and their outcomes", planned, settled)?;
    }
    let done = count(Counter::Answered) + count(Counter::Rejected);
    equal("answers and service times", done, samples(Series::Service))?;
    equal(
        "answers with time-outs, and response times",
        done + count(Counter::TimedOut),
        samples(Series::Response),
    )?;
    equal(
        "expected pairs, and those received or missing",
        count(Counter::Expected),
        count(Counter::Received) + count(Counter::Missing),
    )?;
    equal("delivery and transit times", samples(Series::Delivery), samples(Series::Transit))
}

#[cfg(test)]
mod tests {
    use claque_audience::PlanDigest;

    use super::super::AbortedBy;
    use super::*;

    /// The totals of a run of two intents that took up `played`.
    fn check(played: PlanDigest, interrupted: bool) -> Result<(), String> {
        let plan = PlanDigest { intents: 2, sum: 0xa };
        let totals = Totals::new(RunInfo { plan, ..RunInfo::blank() });
        totals.check(Some(&RunEnd { interrupted, played, ..RunEnd::default() }))
    }

    #[test]
    fn what_was_taken_up_is_the_plan_unless_the_run_was_ended_early() {
        let part = PlanDigest { intents: 1, sum: 0x7 };
        assert_eq!(check(PlanDigest { intents: 2, sum: 0xa }, false), Ok(()));
        assert_eq!(check(part, true), Ok(()));
        assert_eq!(
            check(part, false).unwrap_err(),
            "1 intents were taken up, digest 0000000000000007, of a plan of 2, digest 000000000000000a"
        );
        // As many, and others.
        assert!(check(PlanDigest { intents: 2, sum: 0xb }, false).is_err());
    }

    #[test]
    fn a_run_that_a_rule_ended_is_marked_so_and_needs_no_whole_plan() {
        let plan = PlanDigest { intents: 2, sum: 0xa };
        let totals = Totals::new(RunInfo { plan, ..RunInfo::blank() });
        let aborted = AbortedBy {
            rule: "chat failed > 50% over 10s".into(),
            value: 0.73,
            found: "73 %".into(),
            second: 12,
        };
        let end = |interrupted| RunEnd {
            interrupted,
            aborted: Some(aborted.clone()),
            ..RunEnd::default()
        };
        let summary = totals.summary(Some(&end(false)));
        assert_eq!((summary.verdict, summary.verdict.exit_code()), (Verdict::Aborted, 1));
        assert_eq!(summary.reasons[0].text, "chat failed > 50% over 10s: 73 % up to second 12");
        // Whoever was impatient meanwhile has the last word.
        assert_eq!(totals.summary(Some(&end(true))).verdict.exit_code(), 130);
    }
}
