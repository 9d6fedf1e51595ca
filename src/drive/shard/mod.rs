//! One shard: its viewers, its due intents, its measurements, on one thread.
//!
//! Everything here happens between two awaits on that thread, so a `RefCell` is all the locking
//! there is. `seat` is the thread with its runtime and its exchange with the others, `send` does
//! what is due, `receive` takes what comes, `react` plans what people do about it, `tasks` holds the
//! small asynchronous parts (connecting, reading, HTTP); this file keeps the books and the time.

mod react;
mod receive;
mod seat;
mod send;
mod tasks;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use bytes::BytesMut;
use claque_audience::{Currency, Intent, IntentId, IntentKind, Micros, PlanDigest, ShowId};
use tokio::sync::Notify;

use super::Clock;
use super::remember::Remembered;
use super::values::write_order_key;
use super::viewer::{HttpQueue, Joined, Link, Open, State, Viewer, Visit, is_entry, is_exit};
use crate::binding::{Binding, Mode, Scratch, Verb};
use crate::measure::{Cid, Interval, Ledger, Outcome, Recorder, Settings, Settled, Stamp, Unsent};

use react::Reactions;
pub(crate) use receive::Seen;
pub(crate) use seat::{Seat, drive};

/// An intent this late is no longer sent: the generator is overloaded, and says so instead of
/// falling further behind.
const OVERLOAD_AFTER: Micros = Micros(2_000_000);

/// After an interruption, answers under way are waited for this long.
const GRACE: u64 = 2_000_000_000;

/// Nanoseconds between two rounds of book-keeping.
const TICK: u64 = 20_000_000;

/// What all shards of a run share.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) binding: Binding,
    pub(crate) plan: claque_audience::Plan,
    /// What the plan's viewers and creators do because of what they receive.
    pub(crate) reactions: claque_audience::Reactions,
    pub(crate) target: super::Address,
    /// The run's nonce, which marks its correlation ids.
    pub(crate) run: u32,
    /// The same as templates see it.
    pub(crate) run_text: String,
    /// The currency of all prices and gifts.
    pub(crate) currency: Currency,
    /// The same as templates see it.
    pub(crate) currency_text: String,
    /// The names of each show's co-hosts as templates see them: separated by commas.
    pub(crate) co_hosts: Vec<String>,
    pub(crate) time_out: Micros,
    pub(crate) settings: Arc<Settings>,
}

impl Setup {
    /// The call that plays `kind`.
    pub(crate) fn call(&self, kind: IntentKind) -> Option<&crate::binding::Call> {
        self.binding.verb(Verb::Intent(kind))
    }
}

/// What shards tell each other, in batches: every shard audits every broadcast.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Notice {
    /// A broadcast was sent.
    Published(IntentKind, ShowId, Cid),
    /// A broadcast's call has ended.
    Ended(IntentId, Outcome),
}

/// A check-out whose answer never came; the shop is asked afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Unresolved {
    pub(crate) intent: Intent,
    /// The name of the viewer.
    pub(crate) viewer: String,
    /// Its idempotency key.
    pub(crate) key: String,
    /// The price that the viewer had seen.
    pub(crate) shown: Option<String>,
}

/// What is left of a shard once it has played everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Left {
    /// Check-outs whose answer never came.
    pub(crate) unresolved: Vec<Unresolved>,
    /// The fingerprint of the intents that it took up.
    pub(crate) plan: PlanDigest,
}

/// One thread's part of the audience and of the books.
pub(crate) struct Shard {
    pub(crate) clock: Clock,
    pub(crate) setup: Arc<Setup>,
    me: Weak<RefCell<Shard>>,
    /// Set by a task of a viewer that has broken down.
    pub(crate) broken: Rc<Cell<bool>>,
    /// Intents in the order of the plan, not yet due.
    pub(crate) due: VecDeque<Intent>,
    /// No more intents will come.
    pub(crate) plan_over: bool,
    deadlines: VecDeque<(Stamp, u32, IntentId)>,
    viewers: Vec<Option<Box<Viewer>>>,
    /// Where each visit that goes on is. A viewer may come again before its leave is answered, so
    /// that two visits of one viewer may go on at once.
    slots: HashMap<Visit, u32>,
    /// Visits that a reaction has ended, until their planned leave.
    left_early: HashSet<Visit>,
    /// Reactions that are not yet due.
    reactions: Reactions,
    /// The instant for which the thread will wake by itself, and how to wake it earlier.
    armed: Stamp,
    hurry: Rc<Notify>,
    /// What somebody does about something, while it is worked out.
    planned: Vec<Intent>,
    alive: usize,
    room_slots: Vec<u32>,
    pub(crate) recorder: Recorder,
    pub(crate) ledger: Ledger,
    remembered: Remembered<Seen>,
    scratch: Scratch,
    out: BytesMut,
    text: String,
    notices: Vec<Notice>,
    left: Left,
    /// Since when the run is being ended early.
    interrupted: Option<Stamp>,
    next_tick: Stamp,
    /// The slot from which heartbeats are looked after next.
    next_beat: usize,
}

impl Shard {
    /// An empty shard.
    pub(crate) fn new(
        me: Weak<RefCell<Shard>>,
        clock: Clock,
        setup: Arc<Setup>,
        recorder: Recorder,
        ledger: Ledger,
    ) -> Shard {
        let rooms = setup.plan.shows.len();
        Shard {
            clock,
            setup,
            me,
            broken: Rc::default(),
            due: VecDeque::new(),
            plan_over: false,
            deadlines: VecDeque::new(),
            viewers: Vec::new(),
            slots: HashMap::new(),
            left_early: HashSet::new(),
            reactions: Reactions::default(),
            armed: Stamp(0),
            hurry: Rc::default(),
            planned: Vec::new(),
            alive: 0,
            room_slots: vec![0; rooms],
            recorder,
            ledger,
            remembered: Remembered::new(),
            scratch: Scratch::default(),
            out: BytesMut::with_capacity(4 << 10),
            text: String::new(),
            notices: Vec::new(),
            left: Left::default(),
            interrupted: None,
            next_tick: Stamp(0),
            next_beat: 0,
        }
    }

    /// Whether all that was planned has its outcome, everybody is gone, and it is known of every
    /// open broadcast, whoever sent it, whether it was to be delivered.
    pub(crate) fn is_finished(&self, now: Stamp) -> bool {
        let idle = self.due.is_empty() && self.reactions.next().is_none() && self.alive == 0;
        self.plan_over && idle && self.ledger.is_decided(now)
    }

    /// The next instant at which something is to be done without a message coming in.
    pub(crate) fn next_wake(&self) -> Stamp {
        let due = self.due.front().map(|intent| intent.at);
        let next = due.into_iter().chain(self.reactions.next()).min();
        next.map_or(self.next_tick, |next| Stamp::planned(next).min(self.next_tick))
    }

    /// Everything that time alone brings: due intents, time-outs, closing of ledger rows.
    pub(crate) fn on_time(&mut self, now: Stamp) {
        self.send_due(now);
        if now >= self.next_tick {
            self.next_tick = Stamp(now.0 + TICK);
            self.expire(now);
            self.beat(now);
            self.ledger.close_due(now, &mut self.recorder);
            if self.interrupted.is_some_and(|since| now.since(since) > GRACE) {
                self.abandon_everything();
            }
            if self.plan_over && self.due.is_empty() {
                self.send_off_the_idle();
                if self.alive == 0 {
                    self.drop_reactions();
                }
            }
        }
    }

    /// Whether it should take another batch of the plan: it holds less than `ahead` of it.
    fn wants_more(&self, now: Stamp, ahead: Micros) -> bool {
        let held = self.due.back().map_or(Stamp(0), |intent| Stamp::planned(intent.at));
        !self.plan_over && held.since(now) < ahead.0 * 1_000
    }

    /// Takes the next part of the plan; none is its end.
    fn take_batch(&mut self, batch: Option<Vec<Intent>>) {
        match batch {
            Some(batch) => self.due.extend(batch),
            None => self.plan_over = true,
        }
    }

    /// Closes the books.
    ///
    /// # Panics
    /// If an intent has no outcome: whoever is gone has nothing open.
    fn finish(&mut self) -> (Box<Interval>, Left) {
        assert_eq!(self.recorder.open(), 0, "every planned intent of a finished shard has ended");
        self.ledger.close_all(&mut self.recorder);
        let spare = Box::new(Interval::new(&self.setup.settings));
        (self.recorder.take(spare), std::mem::take(&mut self.left))
    }

    /// Takes over what other shards have published.
    pub(crate) fn heed(&mut self, notices: &[Notice]) {
        for &notice in notices {
            match notice {
                Notice::Published(kind, show, cid) => self.ledger.published(kind, show, &cid),
                Notice::Ended(id, outcome) => self.ledger.settled(id, outcome),
            }
        }
    }

    /// Ends the run early: nothing more is sent, answers under way have a moment to arrive.
    pub(crate) fn interrupt(&mut self, now: Stamp) {
        if self.interrupted.is_some() {
            return;
        }
        self.interrupted = Some(now);
        self.send_due(now);
        for slot in 0..self.viewers.len() {
            self.drop_waiting(slot, Unsent::Interrupted);
            if let Some(viewer) = self.viewers[slot].as_deref_mut() {
                viewer.going = true;
                if let Some(room_slot) = viewer.room_slot {
                    self.ledger.left(viewer.show, room_slot, now);
                }
            }
            self.see_off(slot);
        }
    }

    /// Settles intents whose time-out has come; it runs from the planned instant.
    fn expire(&mut self, now: Stamp) {
        while let Some(&(deadline, slot, id)) = self.deadlines.front() {
            if deadline > now {
                break;
            }
            self.deadlines.pop_front();
            let slot = slot as usize;
            let position = self.viewers[slot].as_deref().and_then(|viewer| viewer.position(id));
            if let Some(position) = position {
                self.settle(slot, position, None, Outcome::TimedOut, None);
                self.advance(slot);
            }
        }
    }

    /// Gives one open intent its outcome, and draws the consequences for its viewer.
    fn settle(
        &mut self,
        slot: usize,
        position: usize,
        answered: Option<Stamp>,
        outcome: Outcome,
        reason: Option<&str>,
    ) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let Open { intent, state, paced, shown } = viewer.open.remove(position);
        let (ready, sent, cid) = match state {
            // One in the queue was ready but for the connection: its wait has no end to measure.
            State::Waiting | State::Queued(_) => (None, None, None),
            State::Sent { ready, sent, cid, .. } => (Some(ready), Some(sent), cid),
        };
        self.recorder.settled(&Settled {
            id: intent.id,
            kind: intent.kind,
            planned: Stamp::planned(intent.at),
            ready,
            sent,
            answered,
            paced,
            outcome,
            reason,
        });
        if cid.is_some() {
            self.ledger.settled(intent.id, outcome);
            self.notices.push(Notice::Ended(intent.id, outcome));
        }
        viewer.note_done(&intent, outcome, answered);
        viewer.freed_at = answered.unwrap_or_else(|| self.clock.now());
        if is_entry(intent.kind) {
            viewer.joined = match (outcome, answered) {
                (Outcome::Answered, Some(at)) => Joined::At(at),
                (Outcome::Rejected, _) => Joined::Never(Unsent::PredecessorRejected),
                (Outcome::Unsent(reason), _) => Joined::Never(reason),
                _ => Joined::Never(Unsent::PredecessorFailed),
            };
            if let (Joined::At(at), Some(room_slot)) = (viewer.joined, viewer.room_slot) {
                self.ledger.joined(viewer.show, room_slot, at);
                self.recorder.present(1);
            }
        }
        if is_exit(intent.kind) {
            viewer.going = true;
        }
        let unknown = matches!(outcome, Outcome::TimedOut | Outcome::Failed) && sent.is_some();
        if unknown && intent.kind == IntentKind::CheckOut {
            self.recorder.unresolved(intent.id, intent.product, 1);
            self.left.unresolved.push(Unresolved {
                intent,
                viewer: viewer.name.clone(),
                key: {
                    let mut key = String::new();
                    write_order_key(&self.setup, &intent, &mut key);
                    key
                },
                shown,
            });
        }
    }

    /// Settles everything of a viewer that has not been sent.
    fn drop_waiting(&mut self, slot: usize, reason: Unsent) {
        while let Some(position) = self.viewers[slot].as_deref().and_then(|viewer| {
            viewer.open.iter().position(|open| !matches!(open.state, State::Sent { .. }))
        }) {
            self.settle(slot, position, None, Outcome::Unsent(reason), None);
        }
    }

    /// The viewer's connection never came up or is lost.
    fn lose(&mut self, slot: usize, word: &str) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        if matches!(
            std::mem::replace(&mut viewer.link, Link::Down),
            Link::Shaking(..) | Link::Up(..)
        ) {
            self.recorder.connected(-1);
        }
        let leaving = viewer.open.iter().any(|open| {
            matches!(open.state, State::Sent { .. })
                && self.setup.call(open.intent.kind).is_some_and(|call| call.mode == Mode::Close)
        });
        if !leaving {
            self.recorder.error(word);
        }
        loop {
            let Some(viewer) = self.viewers[slot].as_deref() else { return };
            let position = viewer.open.iter().position(|open| self.is_lost_with_socket(open));
            let Some(position) = position else { break };
            let leaves_by_closing = self.mode(viewer.open[position].intent.kind) == Mode::Close;
            if leaves_by_closing {
                let now = self.clock.now();
                self.settle(slot, position, Some(now), Outcome::Answered, None);
            } else {
                self.settle(slot, position, None, Outcome::Failed, Some(word));
            }
        }
        if let Some(viewer) = self.viewers[slot].as_deref_mut()
            && viewer.joined == Joined::No
        {
            viewer.joined = Joined::Never(Unsent::NotConnected);
        }
        self.advance(slot);
    }

    /// Whether losing the socket ends this intent: it is under way there, or it is the entry that
    /// the connection was made for.
    fn is_lost_with_socket(&self, open: &Open) -> bool {
        match open.state {
            State::Sent { .. } => self.mode(open.intent.kind) != Mode::Http,
            State::Waiting => is_entry(open.intent.kind),
            State::Queued(_) => false,
        }
    }

    /// Lets a viewer go whose last intent has ended, once nothing is open.
    fn see_off(&mut self, slot: usize) {
        let gone = self.viewers[slot]
            .as_deref()
            .is_some_and(|viewer| viewer.going && viewer.open.is_empty());
        if gone {
            self.remove(slot);
        }
    }

    fn remove(&mut self, slot: usize) {
        let Some(mut viewer) = self.viewers[slot].take() else { return };
        self.slots.remove(&viewer.visit);
        self.alive -= 1;
        if let (Some(room_slot), Joined::At(_)) = (viewer.room_slot, viewer.joined) {
            self.recorder.present(-1);
            // For whoever goes without a leave of its own; else the planned one counts.
            self.ledger.left(viewer.show, room_slot, self.clock.now());
        }
        // A polite close; whatever becomes of it, the socket goes with the viewer.
        if let Some(carrier) = viewer.link.carrier() {
            let _ = carrier.close();
            self.recorder.connected(-1);
        }
        let HttpQueue { server, .. } = viewer.http;
        for task in [viewer.reader, server].into_iter().flatten() {
            task.wake();
        }
    }

    /// At the end of the plan, whoever has nothing open goes: creators whose end the binding does
    /// not play.
    fn send_off_the_idle(&mut self) {
        for slot in 0..self.viewers.len() {
            if let Some(viewer) = self.viewers[slot].as_deref_mut() {
                viewer.going = true;
                self.see_off(slot);
            }
        }
    }

    fn abandon_everything(&mut self) {
        for slot in 0..self.viewers.len() {
            self.drop_waiting(slot, Unsent::Interrupted);
            while self.viewers[slot].as_deref().is_some_and(|viewer| !viewer.open.is_empty()) {
                self.settle(slot, 0, None, Outcome::Failed, Some("interrupted"));
            }
            self.see_off(slot);
        }
    }

    fn mode(&self, kind: IntentKind) -> Mode {
        self.setup.call(kind).map_or(Mode::None, |call| call.mode)
    }
}
