//! Taking what comes: broadcasts, answers, prompts, and the handshake.

use std::sync::Arc;
use std::task::{Context, Poll};

use claque_audience::{IntentKind, Plan, ProductId};

use super::{Setup, Shard};
use crate::binding::{Event, Facts, Glance, Heard, Judgement, Mode, Progress, Record, Reply};
use crate::drive::transport::{Broken, Frames, Received};
use crate::drive::values::{Texts, entrance, is_hidden, new_price, write_order_key};
use crate::drive::viewer::{Joined, Link, State, Viewer};
use crate::measure::{Cid, OrderSeen, Outcome, Stamp};

/// Messages that one viewer may take in before the others have their turn.
const MESSAGES_A_TURN: usize = 32;

/// What a frame meant to every viewer alike.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// A broadcast of this run.
    Broadcast { kind: IntentKind, cid: Cid, server_sequence: Option<u64> },
    /// A product is gone.
    SoldOut(ProductId),
    /// Nothing that matters here.
    Other,
}

impl Seen {
    fn of(event: &Event<'_>, setup: &Setup) -> Seen {
        match *event {
            Event::Broadcast { kind, cid, server_sequence } => {
                match cid.and_then(|cid| Cid::read(cid.as_bytes(), setup.run)) {
                    Some(cid) => Seen::Broadcast { kind, cid, server_sequence },
                    // A message of somebody else, who is no part of the plan.
                    None => Seen::Other,
                }
            }
            Event::SoldOut { product } => {
                product_named(&setup.plan, product).map_or(Seen::Other, Seen::SoldOut)
            }
        }
    }
}

fn product_named(plan: &Plan, name: &str) -> Option<ProductId> {
    let position = plan.products.iter().position(|product| product.name == name)?;
    u16::try_from(position).ok().map(ProductId)
}

impl Shard {
    /// Reads a viewer's socket until it has nothing more, its turn is over, or it is lost.
    pub(super) fn poll_viewer(&mut self, slot: usize, cx: &mut Context<'_>) -> Poll<()> {
        let mut last = None;
        for _ in 0..MESSAGES_A_TURN {
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { return Poll::Ready(()) };
            if !viewer.reader.as_ref().is_some_and(|reader| reader.will_wake(cx.waker())) {
                viewer.reader = Some(cx.waker().clone());
            }
            let Some(carrier) = viewer.link.carrier() else { return Poll::Ready(()) };
            let flushed = if carrier.backlog() { Some(carrier.poll_flush(cx)) } else { None };
            match flushed {
                Some(Poll::Ready(Ok(()))) => {
                    viewer.writable_since = self.clock.now();
                    self.advance(slot);
                    continue;
                }
                Some(Poll::Ready(Err(broken))) => return self.lost(slot, &broken),
                Some(Poll::Pending) | None => {}
            }
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { return Poll::Ready(()) };
            let Some(carrier) = viewer.link.carrier() else { return Poll::Ready(()) };
            match carrier.poll_read(cx) {
                Poll::Pending => {
                    viewer.behind_since = None;
                    return Poll::Pending;
                }
                Poll::Ready(Err(broken)) => return self.lost(slot, &broken),
                Poll::Ready(Ok(received)) => {
                    last = Some(received.at);
                    self.receive(slot, &received);
                    // What is due does not wait behind what is received.
                    self.send_due(received.at);
                }
            }
        }
        if let (Some(last), Some(viewer)) = (last, self.viewers[slot].as_deref_mut()) {
            let since = *viewer.behind_since.get_or_insert(last);
            self.recorder.read_behind(last.since(since));
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn lost(&mut self, slot: usize, broken: &Broken) -> Poll<()> {
        self.lose(slot, &broken.word);
        Poll::Ready(())
    }

    /// The socket is open: begins the binding's handshake.
    pub(super) fn opened(&mut self, slot: usize, carrier: Box<dyn Frames>) {
        let handshake = crate::binding::Handshake::start(&self.setup.binding);
        let now = self.clock.now();
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.heard_at = now;
        viewer.link = Link::Shaking(carrier, handshake);
        self.recorder.connected(1);
        self.shake(slot, now);
    }

    /// Says what the handshake says now; once there is no more to say, the viewer is up.
    fn shake(&mut self, slot: usize, now: Stamp) {
        let setup = Arc::clone(&self.setup);
        loop {
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
            let Link::Shaking(_, handshake) = &mut viewer.link else { return };
            let values = entrance(&setup, &viewer.name, viewer.show);
            self.out.clear();
            let progress =
                handshake.advance(&setup.binding, &values, &mut viewer.session, &mut self.out);
            match progress {
                Progress::Wait => return,
                Progress::Send { binary } => {
                    if let Err(broken) = self.write_out(slot, binary) {
                        return self.lose(slot, &broken.word);
                    }
                }
                Progress::Done => break,
            }
        }
        self.up(slot, now);
    }

    fn up(&mut self, slot: usize, now: Stamp) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.link = match std::mem::replace(&mut viewer.link, Link::Down) {
            Link::Shaking(carrier, _) => Link::Up(carrier, now),
            other => other,
        };
        let entry = if viewer.visit.actor.group().is_some() {
            IntentKind::Join
        } else {
            IntentKind::GoLive
        };
        if !self.setup.binding.plays(entry) {
            // Whom the binding lets in without a word is in once connected.
            viewer.joined = Joined::At(now);
            if let Some(room_slot) = viewer.room_slot {
                self.ledger.joined(viewer.show, room_slot, now);
                self.recorder.present(1);
            }
        }
        self.advance(slot);
    }

    /// Takes one message off a viewer's socket.
    fn receive(&mut self, slot: usize, received: &Received) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.heard_at = received.at;
        let Some(payload) = &received.payload else { return };
        self.recorder.frame_in(payload.len());
        let shaking = matches!(viewer.link, Link::Shaking(..));
        // A greeting may be the same for everybody and yet matter to each.
        if !shaking && let Some(seen) = self.remembered.get(payload) {
            return self.seen(slot, seen, received.at);
        }
        let setup = Arc::clone(&self.setup);
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut records = setup.binding.read(payload, &mut scratch);
        while let Some(record) = records.next() {
            let Ok(record) = record else {
                self.recorder.error("garbage");
                break;
            };
            let seen = match setup.binding.glance(&record) {
                _ if shaking => {
                    self.hear(slot, &setup, &record, received.at);
                    None
                }
                Glance::Personal => {
                    self.judge(slot, &setup, &record, received.at);
                    None
                }
                Glance::Event(event) => Some(Seen::of(&event, &setup)),
                Glance::Other => Some(Seen::Other),
            };
            if let Some(seen) = seen {
                if records.single() {
                    self.remembered.insert(payload, seen);
                }
                self.seen(slot, seen, received.at);
            }
        }
        self.scratch = scratch;
    }

    /// A broadcast has reached a viewer; it may be the echo of its own message.
    fn seen(&mut self, slot: usize, seen: Seen, at: Stamp) {
        let (kind, cid, server_sequence) = match seen {
            Seen::Broadcast { kind, cid, server_sequence } => (kind, cid, server_sequence),
            Seen::SoldOut(product) => return self.react_to_sold_out(slot, product, at),
            Seen::Other => return,
        };
        if matches!(kind, IntentKind::FlashSale | IntentKind::PriceChange) {
            self.show_new_price(slot, &cid);
        }
        let Some(viewer) = self.viewers[slot].as_deref() else { return };
        if let Some(room_slot) = viewer.room_slot {
            let show = viewer.show;
            self.ledger.received(
                show,
                room_slot,
                kind,
                &cid,
                at,
                server_sequence,
                &mut self.recorder,
            );
        }
        self.react(slot, kind, &cid, at);
        let Some(viewer) = self.viewers[slot].as_deref() else { return };
        if cid.id.actor == viewer.visit.actor
            && self.mode(kind) == Mode::Echo
            && let Some(position) = viewer.position(cid.id)
            && viewer.open[position].sent().is_some_and(|sent| sent <= at)
        {
            self.settle(slot, position, Some(at), Outcome::Answered, None);
            self.advance(slot);
        }
    }

    /// Who has looked at a product sees its new price when that is announced.
    fn show_new_price(&mut self, slot: usize, cid: &Cid) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let plan = &self.setup.plan;
        if let Some((product, price)) = new_price(plan, viewer.show, cid.id.sequence)
            && viewer.shown_price(product).is_some()
            && !is_hidden(plan, viewer.show, cid.id.sequence)
        {
            viewer.show_price(product, price.decimal());
        }
    }

    /// A record during the handshake.
    fn hear(&mut self, slot: usize, setup: &Setup, record: &Record<'_>, at: Stamp) {
        if let Some(reply) = setup.binding.reply(record) {
            return self.reply(slot, setup, reply, record);
        }
        if let Some(event) = setup.binding.event(record) {
            self.seen(slot, Seen::of(&event, setup), at);
        }
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let Link::Shaking(_, handshake) = &mut viewer.link else {
            // The record before it in the same frame has ended the handshake.
            return self.judge(slot, setup, record, at);
        };
        let values = entrance(setup, &viewer.name, viewer.show);
        match handshake.record(&setup.binding, record, &values, &mut viewer.session) {
            Heard::Ignored => {}
            Heard::Advanced => self.shake(slot, at),
            Heard::Refused(reason) => self.lose(slot, &reason),
        }
    }

    /// A record that may be meant for this connection alone.
    fn judge(&mut self, slot: usize, setup: &Setup, record: &Record<'_>, at: Stamp) {
        if let Some(reply) = setup.binding.reply(record) {
            return self.reply(slot, setup, reply, record);
        }
        if let Some(event) = setup.binding.event(record) {
            self.seen(slot, Seen::of(&event, setup), at);
        }
        let mut position = 0;
        while let Some(open) =
            self.viewers[slot].as_deref().and_then(|viewer| viewer.open.get(position))
        {
            let intent = open.intent;
            let call = setup.call(intent.kind).filter(|call| !call.http());
            // What was read before the call was sent (several records may come in one read)
            // cannot be its answer.
            let (Some(call), State::Sent { call: number, cid, sent, .. }) = (call, open.state)
            else {
                position += 1;
                continue;
            };
            if sent > at {
                position += 1;
                continue;
            }
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
            let mut session = std::mem::take(&mut viewer.session);
            let texts = Texts::new(&mut self.text, setup, &intent, cid.as_ref());
            let values = texts.values(setup, viewer, &intent, number);
            let judgement = call.judge(record, &values, &mut session);
            viewer.session = session;
            if judgement != Judgement::NotMine {
                self.conclude(slot, position, at, judgement);
                return self.advance(slot);
            }
            position += 1;
        }
    }

    /// Gives an open intent the outcome that the backend's answer means.
    pub(super) fn conclude(
        &mut self,
        slot: usize,
        position: usize,
        at: Stamp,
        judgement: Judgement<'_>,
    ) {
        match judgement {
            Judgement::NotMine => {}
            Judgement::Answered(facts) => {
                self.note_facts(slot, position, facts);
                self.settle(slot, position, Some(at), Outcome::Answered, None);
            }
            Judgement::Rejected { reason } => {
                self.settle(slot, position, Some(at), Outcome::Rejected, Some(reason));
            }
            Judgement::Failed { reason } => {
                self.settle(slot, position, Some(at), Outcome::Failed, Some(reason));
            }
        }
    }

    /// What an answer says about prices and orders.
    fn note_facts(&mut self, slot: usize, position: usize, facts: Facts<'_>) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let open = &viewer.open[position];
        let intent = open.intent;
        match intent.kind {
            IntentKind::Click => {
                if let Some(price) = facts.price {
                    viewer.show_price(intent.product, price.to_owned());
                }
            }
            IntentKind::CheckOut => {
                // A shop that gives no ids has at least our key.
                self.text.clear();
                write_order_key(&self.setup, &intent, &mut self.text);
                let order_id = facts.order.unwrap_or(&self.text);
                self.recorder.order(OrderSeen {
                    product: intent.product,
                    units: facts.units.unwrap_or(1),
                    key: intent.id,
                    order_id,
                    charged: facts.price,
                    shown: open.shown.as_deref(),
                });
            }
            _ => {}
        }
    }

    fn reply(&mut self, slot: usize, setup: &Setup, reply: &Reply, record: &Record<'_>) {
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        let Viewer { name, show, session, .. } = viewer;
        let values = entrance(setup, name, *show);
        self.out.clear();
        reply.encode(record, &values, session, &mut self.out);
        if let Err(broken) = self.write_out(slot, reply.binary) {
            self.lose(slot, &broken.word);
        }
    }

    /// Writes what is in the buffer to a viewer's socket.
    pub(super) fn write_out(&mut self, slot: usize, binary: bool) -> Result<(), Broken> {
        let bytes = self.out.split().freeze();
        self.recorder.frame_out(bytes.len());
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return Ok(()) };
        viewer.spoke_at = self.clock.now();
        let Some(carrier) = viewer.link.carrier() else { return Ok(()) };
        carrier.send(bytes, binary)?;
        // A backlog is written by the viewer's reader, which must know of it.
        if carrier.backlog()
            && let Some(reader) = viewer.reader.take()
        {
            reader.wake();
        }
        Ok(())
    }
}
