//! Doing what is due: new viewers, frames, requests.

use std::sync::Arc;

use claque_audience::{Actor, Intent, IntentKind, Micros, ShowId};

use super::{Notice, OVERLOAD_AFTER, Shard, Visit, is_entry, is_exit, tasks};
use crate::binding::Mode;
use crate::drive::transport::Broken;
use crate::drive::values::{Texts, entrance};
use crate::drive::viewer::{Link, Open, Readiness, State, Viewer};
use crate::measure::{Cid, Outcome, Settled, Stamp, Unsent};

impl Shard {
    /// Hands out every intent and every reaction whose planned instant has come, in their order.
    pub(crate) fn send_due(&mut self, now: Stamp) {
        loop {
            let planned = self.due.front().map(|intent| intent.at);
            let reaction = self.reactions.next();
            let (next, is_planned) = match (planned, reaction) {
                (Some(planned), None) => (planned, true),
                (Some(planned), Some(reaction)) => (planned.min(reaction), planned <= reaction),
                (None, Some(reaction)) => (reaction, false),
                (None, None) => break,
            };
            if Stamp::planned(next) > now && self.interrupted.is_none() {
                break;
            }
            if is_planned {
                if let Some(intent) = self.due.pop_front() {
                    self.take_up(intent);
                }
            } else if let Some((slot, intent)) = self.reactions.pop() {
                self.take_up_reaction(slot, &intent);
            }
        }
    }

    /// Makes a due intent an open one of its visit, and does it if it can be done.
    fn take_up(&mut self, intent: Intent) {
        let visit = Visit::of(&intent);
        let leaves = is_exit(intent.kind);
        let has_left = self.has_left_early(visit, leaves);
        if leaves && !self.setup.binding.plays(intent.kind) {
            if let Some(&slot) = self.slots.get(&visit) {
                self.walk_out(slot as usize, &intent);
            }
            return;
        }
        let planned = Stamp::planned(intent.at);
        self.recorder.planned(intent.kind, planned);
        self.left.plan.add(&intent);
        if has_left {
            return self.unsent(&intent, Unsent::Left);
        }
        let now = self.clock.now();
        let reason = self.refusal(&intent, now);
        let slot = match self.slots.get(&visit) {
            Some(&slot) => slot as usize,
            None if reason.is_none() && self.is_first(&intent) => self.enter(&intent, now),
            // Someone who never came, or has gone: there is nobody to do it.
            None => return self.unsent(&intent, reason.unwrap_or(Unsent::NotConnected)),
        };
        let Some(reason) = reason else { return self.begin(slot, intent) };
        self.unsent(&intent, reason);
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.note_done(&intent, Outcome::Unsent(reason), None);
        if leaves {
            if let Some(room_slot) = viewer.room_slot {
                self.ledger.left(viewer.show, room_slot, planned);
            }
            viewer.going = true;
        }
        self.advance(slot);
    }

    /// Makes an intent or a reaction an open one of a visit, and does it if it can be done.
    pub(super) fn begin(&mut self, slot: usize, intent: Intent) {
        let leaves = is_exit(intent.kind);
        if leaves {
            self.drop_waiting_before_leaving(slot);
        }
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let planned = Stamp::planned(intent.at);
        viewer.open.push(Open::new(intent));
        if leaves && let Some(room_slot) = viewer.room_slot {
            self.ledger.left(viewer.show, room_slot, planned);
        }
        let deadline = Stamp(planned.0 + self.setup.time_out.0 * 1_000);
        let slot_number = u32::try_from(slot).unwrap_or(u32::MAX);
        // A reaction may be planned a little before what was taken up just now.
        let place = self.deadlines.partition_point(|&(earlier, ..)| earlier <= deadline);
        self.deadlines.insert(place, (deadline, slot_number, intent.id));
        self.advance(slot);
    }

    /// Why nothing is begun any more that was planned for then, if so.
    pub(super) fn refusal(&self, intent: &Intent, now: Stamp) -> Option<Unsent> {
        if self.interrupted.is_some() {
            return Some(Unsent::Interrupted);
        }
        let late = now.since(Stamp::planned(intent.at)) > OVERLOAD_AFTER.0 * 1_000;
        late.then_some(Unsent::Overload)
    }

    /// Whether a reaction has ended that visit. Its planned leave is the last that comes of it.
    fn has_left_early(&mut self, visit: Visit, leaves: bool) -> bool {
        !self.left_early.is_empty()
            && if leaves {
                self.left_early.remove(&visit)
            } else {
                self.left_early.contains(&visit)
            }
    }

    /// An exit for which the binding has no word: not counted as an intent, and yet the actor goes.
    pub(super) fn walk_out(&mut self, slot: usize, intent: &Intent) {
        self.drop_waiting_before_leaving(slot);
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.going = true;
        if let Some(room_slot) = viewer.room_slot {
            self.ledger.left(viewer.show, room_slot, Stamp::planned(intent.at));
        }
        self.advance(slot);
    }

    /// Whether an intent may be a visit's first: its entry, or anything but its exit where the
    /// binding has no word for entering.
    fn is_first(&self, intent: &Intent) -> bool {
        let creator = intent.id.actor.group().is_none();
        let entry = if creator { IntentKind::GoLive } else { IntentKind::Join };
        intent.kind == entry || !self.setup.binding.plays(entry) && !is_exit(intent.kind)
    }

    /// What a viewer had not yet sent when it leaves, stays unsent; entering is still waited for.
    fn drop_waiting_before_leaving(&mut self, slot: usize) {
        while let Some(position) = self.viewers[slot].as_deref().and_then(|viewer| {
            viewer.open.iter().position(|open| {
                !matches!(open.state, State::Sent { .. }) && !is_entry(open.intent.kind)
            })
        }) {
            self.settle(slot, position, None, Outcome::Unsent(Unsent::Left), None);
        }
    }

    pub(super) fn unsent(&mut self, intent: &Intent, reason: Unsent) {
        self.recorder.settled(&Settled {
            id: intent.id,
            kind: intent.kind,
            planned: Stamp::planned(intent.at),
            ready: None,
            sent: None,
            answered: None,
            paced: None,
            outcome: Outcome::Unsent(reason),
            reason: None,
        });
    }

    /// Somebody begins to connect, for the first time or again.
    fn enter(&mut self, intent: &Intent, now: Stamp) -> usize {
        let visit = Visit::of(intent);
        let actor = visit.actor;
        let name = self.name(actor, intent.show);
        let mut viewer = Viewer::new(visit, name, intent.show, now);
        if actor.group().is_some() {
            let next = &mut self.room_slots[usize::from(intent.show.0)];
            viewer.room_slot = Some(*next);
            self.ledger.enter(intent.show, *next, actor);
            *next += 1;
        }
        let slot = self.viewers.len();
        self.viewers.push(Some(Box::new(viewer)));
        self.slots.insert(visit, u32::try_from(slot).unwrap_or(u32::MAX));
        self.alive += 1;
        if let Some(me) = self.me.upgrade() {
            tokio::task::spawn_local(tasks::read(me, slot));
        }
        slot
    }

    /// Who acts, as the backend is to know it.
    fn name(&self, actor: Actor, show: ShowId) -> String {
        let plan = &self.setup.plan;
        if let Some(group) = actor.group() {
            return format!("{}-{}", plan.groups[usize::from(group)].name, actor.index());
        }
        let show = &plan.shows[usize::from(show.0)];
        let host = actor.host_number().and_then(|number| show.host(number));
        host.unwrap_or(&show.creator).to_owned()
    }

    /// Does whatever of a viewer's open intents can be done now, in the order of the plan.
    pub(crate) fn advance(&mut self, slot: usize) {
        let mut position = 0;
        while let Some(open) =
            self.viewers[slot].as_deref().and_then(|viewer| viewer.open.get(position))
        {
            let (id, kind) = (open.intent.id, open.intent.kind);
            if open.state == State::Waiting {
                match self.readiness(slot, position) {
                    Readiness::NotYet => {}
                    Readiness::Never(reason) => {
                        self.settle(slot, position, None, Outcome::Unsent(reason), None);
                    }
                    Readiness::Since(ready) if self.mode(kind) == Mode::Http => {
                        self.enqueue(slot, position, ready);
                    }
                    Readiness::Since(ready) => self.send_frame(slot, position, ready),
                }
            }
            // Doing an intent may have ended it, or the viewer; then the next one has moved up.
            let still_there = self.viewers[slot]
                .as_deref()
                .and_then(|viewer| viewer.open.get(position))
                .is_some_and(|open| open.intent.id == id);
            position += usize::from(still_there);
        }
        self.see_off(slot);
    }

    fn readiness(&self, slot: usize, position: usize) -> Readiness {
        let Some(viewer) = self.viewers[slot].as_deref() else { return Readiness::NotYet };
        let intent = &viewer.open[position].intent;
        let mode = self.mode(intent.kind);
        // Closing the socket would lose the answers that are still to come.
        if mode == Mode::Close && viewer.open.len() > 1 {
            return Readiness::NotYet;
        }
        match viewer.readiness(intent, mode != Mode::Http) {
            // Waiting for what was still open is the backend's doing.
            Readiness::Since(ready) if mode == Mode::Close => {
                Readiness::Since(ready.max(viewer.freed_at))
            }
            readiness => readiness,
        }
    }

    /// Puts an intent into the queue of its viewer's HTTP connection.
    fn enqueue(&mut self, slot: usize, position: usize, ready: Stamp) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let paced = viewer.paced(&viewer.open[position].intent);
        let open = &mut viewer.open[position];
        open.state = State::Queued(ready);
        open.paced = paced;
        viewer.http.waiting.push_back(open.intent.id);
        if !viewer.http.started {
            viewer.http.started = true;
            viewer.http.free_since = ready;
            if let Some(me) = self.me.upgrade() {
                tokio::task::spawn_local(tasks::serve_http(me, slot));
            }
        } else if let Some(server) = viewer.http.server.take() {
            server.wake();
        }
    }

    /// Sends an intent over the viewer's WebSocket.
    fn send_frame(&mut self, slot: usize, position: usize, ready: Stamp) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let intent = viewer.open[position].intent;
        let setup = Arc::clone(&self.setup);
        let Some(call) = setup.call(intent.kind) else { return };
        let mode = call.mode;
        let planned = Stamp::planned(intent.at);
        if mode == Mode::Handshake {
            // Entering was connecting: it is done.
            let (sent, at) = match viewer.link {
                Link::Up(_, up) => (viewer.started_at, up),
                _ => return,
            };
            let ready = planned;
            viewer.open[position].state = State::Sent { ready, sent, call: 0, cid: None };
            self.settle(slot, position, Some(at), Outcome::Answered, None);
            return self.advance(slot);
        }
        let sent = self.clock.now();
        let cid = intent.kind.is_broadcast().then(|| Cid::new(intent.id, planned, sent));
        let number = viewer.session.next_call();
        let binary = call.binary;
        let paced = viewer.paced(&intent);
        let result = if mode == Mode::Close {
            match &mut viewer.link {
                Link::Up(carrier, _) => carrier.close(),
                _ => return,
            }
        } else {
            let texts = Texts::new(&mut self.text, &setup, &intent, cid.as_ref());
            let values = texts.values(&setup, viewer, &intent, number);
            self.out.clear();
            call.encode(&values, &viewer.session, &mut self.out);
            self.write_out(slot, binary)
        };
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.note_sent(position, State::Sent { ready, sent, call: number, cid });
        viewer.open[position].paced = paced;
        if let Some(cid) = cid {
            self.publish(&intent, cid);
        }
        if let Err(Broken { word, .. }) = result {
            return self.lose(slot, &word);
        }
        if mode == Mode::None {
            self.settle(slot, position, Some(sent), Outcome::Answered, None);
        }
    }

    /// A broadcast is on its way: from now on it is audited, here and in the other shards.
    pub(super) fn publish(&mut self, intent: &Intent, cid: Cid) {
        if self.setup.binding.hears(intent.kind) {
            self.ledger.published(intent.kind, intent.show, &cid);
            self.notices.push(Notice::Published(intent.kind, intent.show, cid));
        }
    }

    /// Looks after a fiftieth of the viewers each tick, so after each once a second: sends the
    /// heartbeats that are due and loses who has been silent for too long.
    pub(super) fn beat(&mut self, now: Stamp) {
        let setup = Arc::clone(&self.setup);
        let Some(heartbeat) = setup.binding.heartbeat() else { return };
        let share = self.viewers.len().div_ceil(50);
        for _ in 0..share {
            let slot = self.next_beat;
            self.next_beat = (slot + 1) % self.viewers.len();
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { continue };
            if !matches!(viewer.link, Link::Up(..)) {
                continue;
            }
            let silent = |since: Stamp, limit: Option<Micros>| {
                limit.is_some_and(|limit| now.since(since) >= limit.0 * 1_000)
            };
            if silent(viewer.heard_at, heartbeat.dead_after) {
                self.lose(slot, "silent");
                continue;
            }
            let last = if heartbeat.only_if_idle {
                viewer.spoke_at.max(viewer.beat_at)
            } else {
                viewer.beat_at
            };
            if silent(last, heartbeat.every) {
                viewer.beat_at = now;
                let values = entrance(&setup, &viewer.name, viewer.show);
                self.out.clear();
                heartbeat.encode(&values, &viewer.session, &mut self.out);
                if let Err(broken) = self.write_out(slot, heartbeat.binary) {
                    self.lose(slot, &broken.word);
                }
            }
        }
    }
}
