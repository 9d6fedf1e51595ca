//! What people do because of what they receive: it is planned at that instant, waits for its own,
//! and is then done like anything else.
//!
//! Which reactions there are is the audience's business. Here is who has received what, and what
//! becomes of a reaction whose viewer has gone by then: it is counted as unsent.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use claque_audience::{
    Actor, Cause, CueAct, Intent, IntentKind, Micros, ProductId, ShowId, Trigger,
};

use super::{Setup, Shard, Visit, is_exit};
use crate::measure::{Cid, Outcome, Stamp, Unsent};

/// Reactions that wait for their instants, the earliest first.
#[derive(Debug, Default)]
pub(super) struct Reactions {
    waiting: BinaryHeap<Reverse<Waiting>>,
    /// How many there have been: of one instant, the one that was thought of first comes first.
    pushed: u64,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    slot: usize,
    intent: Intent,
}

impl Waiting {
    fn order(&self) -> (Micros, u64) {
        (self.intent.at, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl Reactions {
    /// When the next one is planned.
    pub(super) fn next(&self) -> Option<Micros> {
        self.waiting.peek().map(|Reverse(next)| next.intent.at)
    }

    fn push(&mut self, slot: usize, intent: Intent) {
        self.waiting.push(Reverse(Waiting { number: self.pushed, slot, intent }));
        self.pushed += 1;
    }

    /// Takes the next one out, with the slot of who reacts.
    pub(super) fn pop(&mut self) -> Option<(usize, Intent)> {
        self.waiting.pop().map(|Reverse(Waiting { slot, intent, .. })| (slot, intent))
    }
}

impl Shard {
    /// A broadcast of this run has reached somebody, who may want to do something about it.
    pub(super) fn react(&mut self, slot: usize, kind: IntentKind, cid: &Cid, at: Stamp) {
        let Some(viewer) = self.viewers[slot].as_deref() else { return };
        let Some(group) = viewer.visit.actor.group() else {
            return self.hear_chat(slot, kind, cid, at);
        };
        let Some(trigger) = trigger(kind) else { return };
        if !self.setup.reactions.wants(group, trigger) {
            return;
        }
        let (show, number) = (viewer.show, cid.id.sequence);
        let host = cid.id.actor.host_number();
        if host.is_none_or(|host| Actor::host(show, host) != cid.id.actor) {
            return;
        }
        let Some(product) = product(&self.setup, show, number, trigger) else { return };
        self.react_to(slot, Cause { trigger, show, product, cue: number }, at);
    }

    /// The backend has said that a product is gone.
    pub(super) fn react_to_sold_out(&mut self, slot: usize, product: ProductId, at: Stamp) {
        let Some(viewer) = self.viewers[slot].as_deref() else { return };
        let Some(group) = viewer.visit.actor.group() else { return };
        let (trigger, show) = (Trigger::SoldOut, viewer.show);
        if self.setup.reactions.wants(group, trigger) {
            self.react_to(slot, Cause { trigger, show, product, cue: 0 }, at);
        }
    }

    /// Plans what a viewer does about `cause`, once a visit: a copy of a broadcast is no news.
    fn react_to(&mut self, slot: usize, cause: Cause, at: Stamp) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        if viewer.is_leaving() || !viewer.is_news(cause) {
            return;
        }
        let Visit { actor, number } = viewer.visit;
        let first = number << 20 | viewer.reactions;
        let mut planned = std::mem::take(&mut self.planned);
        let received = Micros(at.0 / 1_000);
        self.setup.reactions.of(actor, &cause, received, first, &mut planned);
        viewer.reactions += u32::try_from(planned.len()).unwrap_or(u32::MAX);
        for intent in planned.drain(..) {
            // What the binding has no word for is not done, but for going away.
            if self.setup.binding.plays(intent.kind) || is_exit(intent.kind) {
                self.await_reaction(slot, intent);
            }
        }
        self.planned = planned;
    }

    /// A reaction waits for its instant, which may be before any that the thread waits for.
    fn await_reaction(&mut self, slot: usize, intent: Intent) {
        self.reactions.push(slot, intent);
        if Stamp::planned(intent.at) < self.armed {
            self.hurry.notify_one();
        }
    }

    /// A creator who answers the chat counts the messages of viewers.
    fn hear_chat(&mut self, slot: usize, kind: IntentKind, cid: &Cid, at: Stamp) {
        if kind != IntentKind::Chat || cid.id.actor.group().is_none() {
            return;
        }
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let show = viewer.show;
        let answers = self.setup.plan.shows[usize::from(show.0)].answers.is_some();
        if !answers || viewer.visit.actor != Actor::creator(show) || viewer.is_leaving() {
            return;
        }
        viewer.heard += 1;
        let received = Micros(at.0 / 1_000);
        if let Some(answer) = self.setup.reactions.answer(show, viewer.heard, received)
            && self.setup.binding.plays(answer.kind)
        {
            self.await_reaction(slot, answer);
        }
    }

    /// Makes a due reaction an open intent of whoever reacts, and does it if it can be done.
    pub(super) fn take_up_reaction(&mut self, slot: usize, intent: &Intent) {
        let stays = self.viewers[slot].as_deref().is_some_and(|viewer| !viewer.is_leaving());
        let leaves = is_exit(intent.kind);
        if leaves && !self.setup.binding.plays(intent.kind) {
            if stays {
                self.left_early.insert(Visit::of(intent));
                self.walk_out(slot, intent);
            }
            return;
        }
        self.recorder.reacted(intent.kind);
        let late = self.refusal(intent, self.clock.now());
        let reason = late.or((!stays).then_some(Unsent::Left));
        if let Some(reason) = reason {
            self.unsent(intent, reason);
            if let Some(viewer) = self.viewers[slot].as_deref_mut() {
                viewer.note_done(intent, Outcome::Unsent(reason), None);
            }
            return;
        }
        if leaves {
            self.left_early.insert(Visit::of(intent));
        }
        self.begin(slot, *intent);
    }

    /// Counts every reaction that still waits as unsent: nobody is there for it.
    pub(super) fn drop_reactions(&mut self) {
        while let Some((slot, intent)) = self.reactions.pop() {
            self.take_up_reaction(slot, &intent);
        }
    }
}

/// What receiving a broadcast of that kind may set off.
fn trigger(kind: IntentKind) -> Option<Trigger> {
    match kind {
        IntentKind::Pin => Some(Trigger::Pin),
        IntentKind::PriceChange => Some(Trigger::PriceChange),
        IntentKind::FlashSale => Some(Trigger::FlashSale),
        IntentKind::Giveaway => Some(Trigger::Giveaway),
        _ => None,
    }
}

/// The product of cue `number` of a show, if that is what sets off `trigger`.
fn product(setup: &Setup, show: ShowId, number: u32, trigger: Trigger) -> Option<ProductId> {
    let show = setup.plan.shows.get(usize::from(show.0))?;
    let (sets_off, product) = match show.cues.get(number as usize)?.act {
        CueAct::Pin { product } => (Trigger::Pin, product),
        CueAct::PriceChange { product, .. } => (Trigger::PriceChange, product),
        CueAct::FlashSale { product, .. } => (Trigger::FlashSale, product),
        CueAct::Giveaway { product, .. } => (Trigger::Giveaway, product),
        CueAct::GoLive | CueAct::Raid { .. } | CueAct::Say { .. } | CueAct::End => return None,
    };
    (sets_off == trigger).then_some(product)
}

#[cfg(test)]
mod tests {
    use claque_audience::IntentId;

    use super::*;

    #[test]
    fn reactions_come_in_order_of_time_and_then_of_thought() {
        let intent = |at, sequence| Intent {
            at: Micros(at),
            id: IntentId { actor: Actor::viewer(0, 0), sequence },
            show: ShowId(0),
            kind: IntentKind::Click,
            product: ProductId(0),
            count: 0,
            after: None,
        };
        let mut reactions = Reactions::default();
        assert_eq!(reactions.next(), None);
        for (sequence, at) in [(0, 30), (1, 10), (2, 20), (3, 10), (4, 10)] {
            reactions.push(7, intent(at, sequence));
        }
        assert_eq!(reactions.next(), Some(Micros(10)));
        let order = std::iter::from_fn(|| reactions.pop()).map(|(slot, intent)| {
            assert_eq!(slot, 7);
            intent.id.sequence
        });
        assert_eq!(order.collect::<Vec<_>>(), [1, 3, 4, 2, 0]);
    }
}
