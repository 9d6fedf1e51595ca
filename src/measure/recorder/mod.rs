//! A shard's own record of the current second.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use claque_audience::{IntentId, IntentKind, Micros, ProductId};

use super::interval::{Finding, Interval, OrderEvent, Tally, WordOf};
use super::tables::{Counter, Part, is_within};
use super::{Outcome, Settings, Settled, Stamp, Traced};
use crate::scenario::Series;

/// Takes what happens to one shard's viewers. Nothing here locks, and nothing allocates once every
/// series and word has been seen; an order brings its texts.
#[derive(Debug)]
pub struct Recorder {
    settings: Arc<Settings>,
    sentinel: bool,
    current: Box<Interval>,
    /// Intents planned and not yet settled, by kind, over the whole run.
    open: [u64; IntentKind::COUNT],
    /// The same of reactions.
    open_reactions: [u64; IntentKind::COUNT],
    /// Findings that may still be kept, of clear and of boundary pairs.
    findings_left: [usize; 2],
    /// Most intents of an interval that are kept one by one.
    traces_max: usize,
}

/// Whose books something goes into.
#[derive(Clone, Copy, Debug)]
enum Book {
    /// The plan's: of something planned then.
    Plan(Stamp),
    /// The reactions'.
    Reactions,
}

/// An order that the shop has made, as its answer told.
#[derive(Clone, Copy, Debug)]
pub struct OrderSeen<'a> {
    /// The product ordered.
    pub product: ProductId,
    /// How many.
    pub units: u32,
    /// The check-out.
    pub key: IntentId,
    /// The shop's id of the order.
    pub order_id: &'a str,
    /// The price of one unit that was charged, if the answer tells.
    pub charged: Option<&'a str>,
    /// The price of one unit that the viewer saw, if it saw one.
    pub shown: Option<&'a str>,
}

/// What the shop said when asked about a check-out that had no answer.
#[derive(Clone, Copy, Debug)]
pub enum Resolution<'a> {
    /// There is this order. (Call once for each, if there are several.)
    Confirmed(OrderSeen<'a>),
    /// There is none.
    NotFound(IntentId),
}

impl Recorder {
    /// A recorder of a shard; `sentinel` if its viewers are the sentinels.
    #[must_use]
    pub fn new(settings: Arc<Settings>, sentinel: bool) -> Recorder {
        let current = Box::new(Interval::new(&settings));
        let findings_left = [settings.findings_max; 2];
        let open = [0; IntentKind::COUNT];
        let open_reactions = open;
        Recorder { settings, sentinel, current, open, open_reactions, findings_left, traces_max: 0 }
    }

    /// From now on keeps intents one by one too, at most so many an interval.
    pub fn keep_traces(&mut self, most: usize) {
        self.traces_max = most;
    }

    /// An intent has come due (or is given up before it could).
    pub fn planned(&mut self, kind: IntentKind, planned: Stamp) {
        self.open[kind as usize] += 1;
        self.count(kind, Counter::Planned, planned, 1);
    }

    /// A reaction has come due (or is given up before it could).
    pub fn reacted(&mut self, kind: IntentKind) {
        self.open_reactions[kind as usize] += 1;
        self.count_in(Book::Reactions, kind, Counter::Planned, 1);
    }

    /// An intent of the plan, or a reaction, has its outcome.
    ///
    /// # Panics
    ///
    /// If the intent was not planned before, or its instants contradict each other: the books
    /// would not add up.
    pub fn settled(&mut self, settled: &Settled<'_>) {
        let Settled { kind, planned, ready, sent, answered, outcome, .. } = *settled;
        check(settled);
        let (book, open) = if settled.id.is_reaction() {
            (Book::Reactions, &mut self.open_reactions[kind as usize])
        } else {
            (Book::Plan(planned), &mut self.open[kind as usize])
        };
        assert!(
            *open > 0,
            "{:?} is settled, but no {} intent is open: each is planned once, then settled once",
            settled.id,
            kind.name()
        );
        *open -= 1;
        if let Some(ready) = ready {
            self.sample_in(book, kind, Series::Blocked, ready.since(planned));
            if let Some(sent) = sent {
                self.sample_in(book, kind, Series::Lag, sent.since(ready));
            }
        }
        self.count_in(book, kind, Counter::of(outcome), 1);
        self.trace(settled);
        match (outcome, sent, answered) {
            (Outcome::Answered | Outcome::Rejected, Some(sent), Some(answered)) => {
                self.sample_in(book, kind, Series::Response, answered.since(planned));
                self.sample_in(book, kind, Series::Service, answered.since(sent));
                if let Some(paced) = settled.paced {
                    // The user who waits for the answer before thinking would have acted then; if
                    // the intent went out earlier, by the plan, its own instant counts.
                    let begun = paced.min(sent);
                    self.sample_in(book, kind, Series::Paced, answered.since(begun));
                }
            }
            // Censored: it would have taken at least that long.
            (Outcome::TimedOut, ..) => {
                let time_out = self.settings.time_out.0.saturating_mul(1_000);
                self.sample_in(book, kind, Series::Response, time_out);
            }
            _ => {}
        }
        if let Some(word) = settled.reason {
            match outcome {
                Outcome::Rejected => self.word(WordOf::Rejected(kind), word),
                Outcome::Failed => self.word(WordOf::Failed(kind), word),
                _ => {}
            }
        }
    }

    /// A connection or the protocol had an error.
    pub fn error(&mut self, word: &str) {
        self.word(WordOf::Error, word);
    }

    /// A frame was read.
    pub fn frame_in(&mut self, bytes: usize) {
        self.current.add(Tally::FramesIn, 1);
        self.current.add(Tally::BytesIn, bytes as u64);
    }

    /// A frame was written.
    pub fn frame_out(&mut self, bytes: usize) {
        self.current.add(Tally::FramesOut, 1);
        self.current.add(Tally::BytesOut, bytes as u64);
    }

    /// So many viewers more (or fewer) are in their room.
    pub fn present(&mut self, change: i32) {
        let tally = if change > 0 { Tally::Arrived } else { Tally::Gone };
        self.current.add(tally, u64::from(change.unsigned_abs()));
    }

    /// So many connections more (or fewer) are open.
    pub fn connected(&mut self, change: i32) {
        let tally = if change > 0 { Tally::Connected } else { Tally::Disconnected };
        self.current.add(tally, u64::from(change.unsigned_abs()));
    }

    /// The shard's own tick came so much too late.
    pub fn woke_late(&mut self, ns: u64) {
        self.current.woke_late(ns);
    }

    /// A viewer's socket is read without a pause and has not been found empty for so long.
    pub fn read_behind(&mut self, ns: u64) {
        self.current.read_behind(ns);
    }

    /// The shop has made an order.
    pub fn order(&mut self, order: OrderSeen<'_>) {
        self.current.touch();
        self.current.orders.push(OrderEvent::Confirmed {
            product: order.product,
            units: order.units,
            key: order.key,
            order: order.order_id.to_owned(),
            charged: order.charged.map(str::to_owned),
            shown: order.shown.map(str::to_owned),
        });
    }

    /// A check-out was sent and has no answer (it timed out or failed): the shop may have made an
    /// order. It counts as possible until [`Recorder::resolved`] says more.
    pub fn unresolved(&mut self, key: IntentId, product: ProductId, units: u32) {
        self.current.touch();
        self.current.orders.push(OrderEvent::Unresolved { product, units, key });
    }

    /// The shop has told what became of an unresolved check-out. One that it cannot tell about
    /// simply stays unresolved.
    pub fn resolved(&mut self, resolution: Resolution<'_>) {
        match resolution {
            Resolution::Confirmed(order) => self.order(order),
            Resolution::NotFound(key) => {
                self.current.touch();
                self.current.orders.push(OrderEvent::NotFound { key });
            }
        }
    }

    /// Hands over what was measured since the last call, and goes on with `spare`, which is
    /// cleared if nobody has done so.
    pub fn take(&mut self, mut spare: Box<Interval>) -> Box<Interval> {
        spare.clear();
        std::mem::replace(&mut self.current, spare)
    }

    /// Intents and reactions planned and not settled.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.iter().chain(&self.open_reactions).sum()
    }

    /// Counts something of an intent planned, or a broadcast planned, then.
    pub(super) fn count(
        &mut self,
        kind: IntentKind,
        counter: Counter,
        planned: Stamp,
        number: u64,
    ) {
        self.count_in(Book::Plan(planned), kind, counter, number);
    }

    fn count_in(&mut self, book: Book, kind: IntentKind, counter: Counter, number: u64) {
        self.each_part(book, |interval, part| {
            if let Some(tables) = interval.tables_mut(part) {
                tables.add(kind, counter, number);
            }
        });
    }

    /// Takes a sample of an intent planned, or a broadcast planned, then.
    pub(super) fn sample(&mut self, kind: IntentKind, series: Series, planned: Stamp, ns: u64) {
        self.sample_in(Book::Plan(planned), kind, series, ns);
    }

    fn sample_in(&mut self, book: Book, kind: IntentKind, series: Series, ns: u64) {
        self.each_part(book, |interval, part| {
            if let Some(tables) = interval.tables_mut(part)
                && !tables.record(kind, series, ns)
            {
                interval.add(Tally::HistogramOverflow, 1);
            }
        });
    }

    /// Keeps a finding, if there is room for it.
    pub(super) fn finding(&mut self, finding: Finding) {
        let left = &mut self.findings_left[usize::from(finding.boundary)];
        if let Some(rest) = left.checked_sub(1) {
            *left = rest;
            self.current.touch();
            self.current.findings.push(finding);
        } else {
            self.current.add(Tally::FindingsOverflow, 1);
        }
    }

    /// Keeps an intent for itself, if that is wanted and there is room for it.
    fn trace(&mut self, settled: &Settled<'_>) {
        if self.traces_max == 0 {
            return;
        }
        let Settled { id, kind, planned, ready, sent, answered, outcome, .. } = *settled;
        if self.current.traces.len() < self.traces_max {
            let traced = Traced { id, kind, planned, ready, sent, answered, outcome };
            self.current.traces.push(traced);
        } else {
            self.current.traces_overflow += 1;
        }
    }

    /// The ledger had no room for something.
    pub fn ledger_overflow(&mut self) {
        self.current.add(Tally::LedgerOverflow, 1);
    }

    fn word(&mut self, of: WordOf, word: &str) {
        self.current.touch();
        self.current.words.add(of, word, 1);
    }

    /// Calls `then` for every part of the run to which something of that book belongs.
    fn each_part(&mut self, book: Book, mut then: impl FnMut(&mut Interval, Part)) {
        let Book::Plan(planned) = book else {
            return then(&mut self.current, Part::Reactions);
        };
        then(&mut self.current, Part::All);
        if self.sentinel {
            then(&mut self.current, Part::Sentinel);
        }
        let planned = Micros(planned.0 / 1_000);
        for (number, &window) in (0..).zip(&self.settings.windows) {
            if is_within(planned, window) {
                then(&mut self.current, Part::Window(number));
            }
        }
    }
}

/// Panics if the instants of an intent contradict each other or its outcome.
fn check(settled: &Settled<'_>) {
    let Settled { id, planned, ready, sent, answered, outcome, .. } = *settled;
    let in_order = |earlier: Option<Stamp>, later: Option<Stamp>| match (earlier, later) {
        (Some(earlier), Some(later)) => earlier <= later,
        _ => true,
    };
    assert!(
        in_order(Some(planned), ready) && in_order(ready, sent) && in_order(sent, answered),
        "{id:?}: planned {planned:?}, ready {ready:?}, sent {sent:?}, answered {answered:?} must \
         not go back in time: one monotonic clock makes them"
    );
    let complete = match outcome {
        Outcome::Answered | Outcome::Rejected => {
            ready.is_some() && sent.is_some() && answered.is_some()
        }
        Outcome::Failed | Outcome::TimedOut => true,
        Outcome::Unsent(_) => sent.is_none() && answered.is_none(),
    };
    assert!(complete, "{id:?} ended as {outcome:?}, which its instants contradict: {settled:?}");
}
