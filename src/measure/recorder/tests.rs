//! The recorder against plain lists, and the panics of broken books.

use claque_audience::Actor;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::measure::tables::Hist;
use crate::measure::{RunEnd, RunInfo, Totals, Unsent};
use crate::scenario::{Acts, Comparison, Ending, Figure, Objective, Unit, Window};

const TIME_OUT_MS: u64 = 2_000;

/// A run with one window, 1 s to 3 s of plan time.
fn info() -> RunInfo {
    let window = Window::Planned {
        label: "1 s to 3 s".into(),
        from: Micros(1_000_000),
        to: Micros(3_000_000),
    };
    RunInfo {
        time_out: Micros(TIME_OUT_MS * 1_000),
        objectives: vec![Objective {
            text: String::new(),
            acts: Acts::Planned,
            figure: Figure::Ended {
                kind: Some(IntentKind::Chat),
                ending: Ending::Failed,
                unit: Unit::Share,
            },
            comparison: Comparison::Below,
            limit: 0.5,
            window,
        }],
        ..RunInfo::blank()
    }
}

/// What becomes of one intent: kind, planned, ready, sent and answered after it, outcome.
#[derive(Clone, Copy, Debug)]
struct Fate {
    kind: IntentKind,
    planned: u64,
    waits: [u64; 3],
    outcome: Outcome,
    paced: Option<u64>,
    shard: usize,
    reaction: bool,
}

/// A sequence of the class of reactions.
const REACTION: u32 = 1 << 31 | 3;

fn ms(ms: u64) -> Stamp {
    Stamp(ms * 1_000_000)
}

impl Fate {
    fn settled(self, sequence: u32) -> Settled<'static> {
        let at = |waits: usize| ms(self.planned + self.waits[..waits].iter().sum::<u64>());
        let is_sent = !matches!(self.outcome, Outcome::Unsent(_));
        let is_done = matches!(self.outcome, Outcome::Answered | Outcome::Rejected);
        let sequence = if self.reaction { REACTION | sequence << 3 } else { sequence };
        Settled {
            id: IntentId { actor: Actor::viewer(0, 0), sequence },
            kind: self.kind,
            planned: ms(self.planned),
            ready: is_sent.then(|| at(1)),
            sent: is_sent.then(|| at(2)),
            answered: is_done.then(|| at(3)),
            paced: self.paced.map(|late| ms(self.planned + late)),
            outcome: self.outcome,
            reason: None,
        }
    }
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Answered),
        1 => Just(Outcome::Rejected),
        1 => Just(Outcome::Failed),
        1 => Just(Outcome::TimedOut),
        1 => Just(Outcome::Unsent(Unsent::Left)),
        1 => Just(Outcome::Unsent(Unsent::Overload)),
    ];
    let kind = prop_oneof![Just(IntentKind::Chat), Just(IntentKind::CheckOut)];
    let fate = (
        kind,
        0_u64..5_000,
        [0_u64..400, 0_u64..400, 0_u64..400],
        outcome,
        proptest::option::of(0_u64..900),
        0_usize..2,
        proptest::bool::weighted(0.2),
    );
    let fate = fate.prop_map(|(kind, planned, waits, outcome, paced, shard, reaction)| Fate {
        kind,
        planned,
        waits,
        outcome,
        paced,
        shard,
        reaction,
    });
    vec(fate, 0..120)
}

/// Numbers of ms, as a histogram of the run holds them.
fn samples(settings: &Settings, ms: impl Iterator<Item = u64>) -> Option<Hist> {
    let mut samples = crate::measure::tables::histogram(settings.max_ns);
    ms.for_each(|ms| samples.record(ms * 1_000_000).unwrap());
    (!samples.is_empty()).then_some(samples)
}

proptest! {
    /// Whatever happens, in whichever shard, in however many intervals: the parts hold what a
    /// plain list says, and the books balance.
    #[test]
    fn every_intent_is_counted_once_wherever_it_belongs(fates in fates(), cut in 1_usize..20) {
        let info = info();
        let settings = Arc::new(Settings::of(&info));
        let mut shards =
            [Recorder::new(Arc::clone(&settings), false), Recorder::new(Arc::clone(&settings), true)];
        let mut totals = Totals::new(info);
        let mut spare = Box::new(Interval::new(&settings));
        for (second, some) in (0..).zip(fates.chunks(cut)) {
            for (sequence, fate) in (0..).zip(some) {
                if fate.reaction {
                    shards[fate.shard].reacted(fate.kind);
                } else {
                    shards[fate.shard].planned(fate.kind, ms(fate.planned));
                }
                shards[fate.shard].settled(&fate.settled(sequence));
            }
            let mut merged = Interval::new(&settings);
            for shard in &mut shards {
                let taken = shard.take(spare);
                merged.merge(&taken);
                spare = taken;
            }
            totals.add(second, &merged);
        }
        prop_assert_eq!(shards.iter().map(Recorder::open).sum::<u64>(), 0);
        let belongs = |part: Part, fate: &Fate| match part {
            Part::Reactions => fate.reaction,
            _ if fate.reaction => false,
            Part::All => true,
            Part::Sentinel => fate.shard == 1,
            Part::Window(_) => (1_000..3_000).contains(&fate.planned),
        };
        for part in [Part::All, Part::Sentinel, Part::Reactions, Part::Window(0)] {
            for kind in [IntentKind::Chat, IntentKind::CheckOut] {
                let mine: Vec<&Fate> =
                    fates.iter().filter(|fate| fate.kind == kind && belongs(part, fate)).collect();
                let ended = |outcome| mine.iter().filter(|fate| fate.outcome == outcome).count() as u64;
                let tables = totals.sum().tables(part);
                for (counter, number) in [
                    (Counter::Planned, mine.len() as u64),
                    (Counter::Answered, ended(Outcome::Answered)),
                    (Counter::Rejected, ended(Outcome::Rejected)),
                    (Counter::Failed, ended(Outcome::Failed)),
                    (Counter::TimedOut, ended(Outcome::TimedOut)),
                    (Counter::UnsentLeft, ended(Outcome::Unsent(Unsent::Left))),
                    (Counter::UnsentOverload, ended(Outcome::Unsent(Unsent::Overload))),
                ] {
                    prop_assert_eq!(tables.count(kind, counter), number, "{:?}", counter);
                }
                let done = || mine.iter().filter(|fate| {
                    matches!(fate.outcome, Outcome::Answered | Outcome::Rejected)
                });
                let sent = || mine.iter().filter(|f| !matches!(f.outcome, Outcome::Unsent(_)));
                let response = done()
                    .map(|fate| fate.waits.iter().sum())
                    .chain((0..ended(Outcome::TimedOut)).map(|_| TIME_OUT_MS));
                let paced = done().filter_map(|fate| {
                    let late = fate.paced?.min(fate.waits[0] + fate.waits[1]);
                    Some(fate.waits.iter().sum::<u64>() - late)
                });
                for (series, expect) in [
                    (Series::Response, samples(&settings, response)),
                    (Series::Service, samples(&settings, done().map(|fate| fate.waits[2]))),
                    (Series::Blocked, samples(&settings, sent().map(|fate| fate.waits[0]))),
                    (Series::Lag, samples(&settings, sent().map(|fate| fate.waits[1]))),
                    (Series::Paced, samples(&settings, paced)),
                ] {
                    prop_assert_eq!(tables.histogram(kind, series), expect.as_ref(), "{:?}", series);
                }
            }
        }
        let summary = totals.summary(Some(&RunEnd::default()));
        let rows = summary.kinds.iter().chain(&summary.reactions);
        let planned: u64 = rows.map(|row| row.planned).sum();
        prop_assert_eq!(planned, fates.len() as u64);
    }
}

fn settled(outcome: Outcome) -> Settled<'static> {
    let fate = Fate {
        kind: IntentKind::Chat,
        planned: 10,
        waits: [1, 1, 1],
        outcome,
        paced: None,
        shard: 0,
        reaction: false,
    };
    fate.settled(1)
}

#[test]
#[should_panic(expected = "no chat intent is open")]
fn settling_twice_breaks_the_books() {
    let mut recorder = Recorder::new(Arc::new(Settings::of(&info())), false);
    recorder.planned(IntentKind::Chat, ms(10));
    recorder.settled(&settled(Outcome::Answered));
    recorder.settled(&settled(Outcome::Answered));
}

#[test]
#[should_panic(expected = "must not go back in time")]
fn an_answer_before_the_question_breaks_the_books() {
    let mut recorder = Recorder::new(Arc::new(Settings::of(&info())), false);
    recorder.planned(IntentKind::Chat, ms(10));
    recorder.settled(&Settled { answered: Some(ms(11)), ..settled(Outcome::Answered) });
}

#[test]
#[should_panic(expected = "does not add up: chat: planned intents and their outcomes: 1 against 0")]
fn an_intent_without_outcome_breaks_the_summary() {
    let settings = Arc::new(Settings::of(&info()));
    let mut recorder = Recorder::new(Arc::clone(&settings), false);
    recorder.planned(IntentKind::Chat, ms(10));
    let mut totals = Totals::new(info());
    totals.add(0, &recorder.take(Box::new(Interval::new(&settings))));
    let _ = totals.summary(None);
    let _ = totals.summary(Some(&RunEnd::default()));
}
