//! Doing what is due: new viewers, frames, requests.

use std::fmt::Write as _;
use std::sync::Arc;

use claque_audience::{CueAct, Intent, IntentKind, Micros, ShowId};

use super::{Notice, OVERLOAD_AFTER, Shard, is_entry, is_exit, is_published, tasks};
use crate::binding::{Mode, Values};
use crate::drive::transport::Broken;
use crate::drive::viewer::{Link, Open, Readiness, State, Viewer};
use crate::measure::{Cid, Outcome, Settled, Stamp, Unsent};

/// What synthetic viewers say; which line is a function of the intent, so that it costs no state.
const PHRASES: [&str; 8] = [
    "hello from the sofa",
    "does it come in green?",
    "how big is it?",
    "just ordered one",
    "love the colour",
    "what is the price again?",
    "show it from the back please",
    "is shipping free?",
];

impl Shard {
    /// Hands out every intent whose planned instant has come.
    pub(crate) fn send_due(&mut self, now: Stamp) {
        while let Some(intent) = self.due.front() {
            if Stamp::planned(intent.at) > now && self.interrupted.is_none() {
                break;
            }
            if let Some(intent) = self.due.pop_front() {
                self.take_up(intent);
            }
        }
    }

    /// Makes a due intent an open one of its viewer, and does it if it can be done.
    fn take_up(&mut self, intent: Intent) {
        let planned = Stamp::planned(intent.at);
        self.recorder.planned(intent.kind, planned);
        let now = self.clock.now();
        let reason = if self.interrupted.is_some() {
            Some(Unsent::Interrupted)
        } else if now.since(planned) > OVERLOAD_AFTER.0 * 1_000 {
            Some(Unsent::Overload)
        } else {
            None
        };
        let slot = match self.slots.get(&intent.id.actor) {
            Some(&slot) => slot as usize,
            None if reason.is_none() && self.is_first(&intent) => self.enter(&intent, now),
            // Someone who never came, or has gone: there is nobody to do it.
            None => return self.unsent(&intent, reason.unwrap_or(Unsent::NotConnected)),
        };
        if let Some(reason) = reason {
            self.unsent(&intent, reason);
            if let Some(viewer) = self.viewers[slot].as_deref_mut() {
                viewer.note_done(&intent, Outcome::Unsent(reason), None);
            }
        } else {
            if is_exit(intent.kind) {
                self.drop_waiting_before_leaving(slot);
            }
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
            viewer.open.push(Open { intent, state: State::Waiting, paced: None });
            let deadline = Stamp(planned.0 + self.setup.time_out.0 * 1_000);
            let slot_number = u32::try_from(slot).unwrap_or(u32::MAX);
            self.deadlines.push_back((deadline, slot_number, intent.id));
        }
        if is_exit(intent.kind)
            && let Some(viewer) = self.viewers[slot].as_deref_mut()
        {
            if let Some(room_slot) = viewer.room_slot {
                self.ledger.left(viewer.show, room_slot, planned);
            }
            viewer.going |= reason.is_some();
        }
        self.advance(slot);
    }

    /// Whether an intent may be an actor's first: its entry, or anything but its exit where the
    /// binding has no word for entering.
    fn is_first(&self, intent: &Intent) -> bool {
        let creator = intent.id.actor.group().is_none();
        let entry = if creator { IntentKind::GoLive } else { IntentKind::Join };
        intent.kind == entry || !self.setup.plays(entry) && !is_exit(intent.kind)
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

    fn unsent(&mut self, intent: &Intent, reason: Unsent) {
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

    /// A new actor begins to connect.
    fn enter(&mut self, intent: &Intent, now: Stamp) -> usize {
        let actor = intent.id.actor;
        let name = match actor.group() {
            Some(group) => {
                format!("{}-{}", self.setup.plan.groups[usize::from(group)].name, actor.index())
            }
            None => self.setup.plan.shows[usize::from(intent.show.0)].creator.clone(),
        };
        let mut viewer = Viewer::new(actor, name, intent.show, now);
        if actor.group().is_some() {
            let next = &mut self.room_slots[usize::from(intent.show.0)];
            viewer.room_slot = Some(*next);
            self.ledger.enter(intent.show, *next, actor);
            *next += 1;
        }
        let slot = self.viewers.len();
        self.viewers.push(Some(Box::new(viewer)));
        self.slots.insert(actor, u32::try_from(slot).unwrap_or(u32::MAX));
        self.alive += 1;
        if let Some(me) = self.me.upgrade() {
            tokio::task::spawn_local(tasks::read(me, slot));
        }
        slot
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
        viewer.readiness(intent, mode != Mode::Http)
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
        let cid = is_published(intent.kind).then(|| Cid::new(intent.id, planned, sent));
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
        let open = &mut viewer.open[position];
        open.state = State::Sent { ready, sent, call: number, cid };
        open.paced = paced;
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

/// The texts of one intent that have to be made, kept in one reused buffer.
pub(super) struct Texts<'a> {
    buffer: &'a str,
    cid: std::ops::Range<usize>,
    key: std::ops::Range<usize>,
    price: std::ops::Range<usize>,
    seconds: u64,
}

impl<'a> Texts<'a> {
    pub(super) fn new(
        buffer: &'a mut String,
        setup: &super::Setup,
        intent: &Intent,
        cid: Option<&Cid>,
    ) -> Texts<'a> {
        buffer.clear();
        if let Some(cid) = cid {
            cid.write(setup.run, buffer);
        }
        let cid = 0..buffer.len();
        let id = intent.id;
        if intent.kind == IntentKind::CheckOut {
            let _ = write!(buffer, "{:x}-{:x}-{:x}", setup.run, id.actor.number(), id.sequence);
        }
        let key = cid.end..buffer.len();
        let mut seconds = 0;
        let price = match cue(setup, intent) {
            Some(CueAct::FlashSale { price, length, .. }) => {
                seconds = length.0.div_ceil(1_000_000);
                Some(price)
            }
            _ => {
                setup.plan.products.get(usize::from(intent.product.0)).map(|product| product.price)
            }
        };
        if let Some(price) = price {
            buffer.push_str(&price.decimal());
        }
        let price = key.end..buffer.len();
        Texts { buffer, cid, key, price, seconds }
    }

    pub(super) fn values(
        &self,
        setup: &'a super::Setup,
        viewer: &'a Viewer,
        intent: &Intent,
        id: u64,
    ) -> Values<'a> {
        let product = setup.plan.products.get(usize::from(intent.product.0));
        let listed = &self.buffer[self.price.clone()];
        let shown = viewer.shown_price_of(intent.product);
        let phrase = intent.at.0 / 1_000 + u64::from(intent.id.actor.index());
        Values {
            text: PHRASES[usize::try_from(phrase % PHRASES.len() as u64).unwrap_or(0)],
            cid: &self.buffer[self.cid.clone()],
            key: &self.buffer[self.key.clone()],
            id,
            product: product.map_or("", |product| &product.name),
            price: if intent.kind == IntentKind::CheckOut {
                shown.unwrap_or(listed)
            } else {
                listed
            },
            count: intent.count.max(1),
            seconds: self.seconds,
            ..entrance(setup, &viewer.name, viewer.show)
        }
    }
}

/// What is known of someone before any intent: enough to connect.
pub(super) fn entrance<'a>(setup: &'a super::Setup, viewer: &'a str, show: ShowId) -> Values<'a> {
    let creator = &setup.plan.shows[usize::from(show.0)].creator;
    let currency = setup.currency.as_str();
    Values {
        url: &setup.target.ws,
        http: &setup.target.http,
        host: &setup.target.host,
        run: &setup.run_text,
        room: creator,
        creator,
        viewer,
        currency,
        quantity: 1,
        ..Values::default()
    }
}

fn cue(setup: &super::Setup, intent: &Intent) -> Option<CueAct> {
    intent.id.actor.group().is_none().then_some(())?;
    let show = setup.plan.shows.get(usize::from(intent.show.0))?;
    show.cues.get(intent.count as usize).map(|cue| cue.act)
}
