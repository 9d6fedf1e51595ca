//! One visit of a synthetic person: its connections and what is still open for it.
//!
//! Decides when an intent may be sent and since when; sends nothing itself.

use std::collections::VecDeque;
use std::task::Waker;

use claque_audience::{Actor, Cause, Intent, IntentId, IntentKind, ProductId, ShowId};

use super::transport::Frames;
use crate::binding::{Handshake, Session};
use crate::measure::{Cid, Outcome, Stamp, Unsent};

/// Somebody's coming and going once. Whoever comes again, maybe to another room, has a connection
/// and a place in the books of its own for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Visit {
    pub(crate) actor: Actor,
    /// Which visit of the actor, from 0.
    pub(crate) number: u32,
}

impl Visit {
    /// The visit that an intent belongs to.
    pub(crate) fn of(intent: &Intent) -> Visit {
        Visit { actor: intent.id.actor, number: intent.visit() }
    }
}

/// A viewer or host during one visit.
pub(crate) struct Viewer {
    pub(crate) visit: Visit,
    pub(crate) name: String,
    pub(crate) show: ShowId,
    /// Its slot in the ledger's room; none for creators, whose deliveries are not audited.
    pub(crate) room_slot: Option<u32>,
    pub(crate) link: Link,
    pub(crate) session: Session,
    pub(crate) joined: Joined,
    /// Intents without an outcome, in the order of the plan.
    pub(crate) open: Vec<Open>,
    /// Ended intents on which later ones may depend.
    done: Vec<Done>,
    pub(crate) http: HttpQueue,
    /// The price of each product as the viewer saw it last, in the backend's writing.
    shown_prices: Vec<(ProductId, String)>,
    /// When one of its intents last ended.
    pub(crate) freed_at: Stamp,
    /// When the connection was begun.
    pub(crate) started_at: Stamp,
    /// Since when the socket takes messages.
    pub(crate) writable_since: Stamp,
    /// When it last heard from the backend.
    pub(crate) heard_at: Stamp,
    /// Since when its socket is read turn after turn and never found empty.
    pub(crate) behind_since: Option<Stamp>,
    /// When it last spoke to the backend.
    pub(crate) spoke_at: Stamp,
    /// When its last heartbeat was due.
    pub(crate) beat_at: Stamp,
    /// What it has reacted to, if its group reacts at all.
    causes: Vec<Cause>,
    /// Reactions that were planned for it.
    pub(crate) reactions: u32,
    /// Messages of viewers that it has received, if it answers them.
    pub(crate) heard: u64,
    /// Its last intent has ended: it goes as soon as nothing is open.
    pub(crate) going: bool,
    /// The task that reads its socket.
    pub(crate) reader: Option<Waker>,
}

/// The state of a viewer's WebSocket.
pub(crate) enum Link {
    /// TCP and the HTTP upgrade are under way.
    Connecting,
    /// The binding's handshake is under way.
    Shaking(Box<dyn Frames>, Handshake),
    /// Ready since the instant given.
    Up(Box<dyn Frames>, Stamp),
    /// Never came up, or is lost.
    Down,
}

impl Link {
    /// The open connection, if there is one.
    pub(crate) fn carrier(&mut self) -> Option<&mut Box<dyn Frames>> {
        match self {
            Link::Shaking(carrier, _) | Link::Up(carrier, _) => Some(carrier),
            Link::Connecting | Link::Down => None,
        }
    }
}

/// Whether the viewer is in its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// Not yet.
    No,
    /// Since then.
    At(Stamp),
    /// It will not be, and what depends on it is unsent for this reason.
    Never(Unsent),
}

/// An intent without an outcome.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) intent: Intent,
    pub(crate) state: State,
    /// The earlier answer it depended on plus the planned think time.
    pub(crate) paced: Option<Stamp>,
    /// The price that the viewer saw when it was sent, of a check-out: what is announced before the
    /// answer is there does not count.
    pub(crate) shown: Option<String>,
}

impl Open {
    /// An intent that has just come due.
    pub(crate) fn new(intent: Intent) -> Open {
        Open { intent, state: State::Waiting, paced: None, shown: None }
    }

    /// When it was sent, if it was.
    pub(crate) fn sent(&self) -> Option<Stamp> {
        match self.state {
            State::Sent { sent, .. } => Some(sent),
            State::Waiting | State::Queued(_) => None,
        }
    }
}

/// How far an open intent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Waits for the connection, the join or an earlier answer.
    Waiting,
    /// Waits for its turn on the HTTP connection; could have been sent at the instant given.
    Queued(Stamp),
    /// Under way.
    Sent { ready: Stamp, sent: Stamp, call: u64, cid: Option<Cid> },
}

/// An ended intent on which a later one may depend.
#[derive(Clone, Copy, Debug)]
struct Done {
    sequence: u32,
    outcome: Outcome,
    planned: Stamp,
    answered: Option<Stamp>,
}

/// Requests that wait for the viewer's one HTTP connection.
#[derive(Debug, Default)]
pub(crate) struct HttpQueue {
    pub(crate) waiting: VecDeque<IntentId>,
    /// The task that serves them; none before the first request.
    pub(crate) server: Option<Waker>,
    pub(crate) started: bool,
    /// When the connection last became free.
    pub(crate) free_since: Stamp,
}

/// Whether an intent may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// Something must come first.
    NotYet,
    /// Since this instant; never before the planned one.
    Since(Stamp),
    /// Nor will it ever be.
    Never(Unsent),
}

impl Viewer {
    /// A viewer whose connection is begun at `now`.
    pub(crate) fn new(visit: Visit, name: String, show: ShowId, now: Stamp) -> Viewer {
        Viewer {
            visit,
            name,
            show,
            room_slot: None,
            link: Link::Connecting,
            session: Session::default(),
            joined: Joined::No,
            open: Vec::new(),
            done: Vec::new(),
            http: HttpQueue::default(),
            shown_prices: Vec::new(),
            freed_at: Stamp(0),
            started_at: now,
            writable_since: Stamp(0),
            heard_at: now,
            behind_since: None,
            spoke_at: now,
            beat_at: now,
            causes: Vec::new(),
            reactions: 0,
            heard: 0,
            going: false,
            reader: None,
        }
    }

    /// Whether and since when `intent` may be sent; `on_socket` if it goes over the WebSocket.
    pub(crate) fn readiness(&self, intent: &Intent, on_socket: bool) -> Readiness {
        let planned = Stamp::planned(intent.at);
        if is_entry(intent.kind) {
            return match &self.link {
                // Our own lateness in beginning to connect is lag, not the backend's blocking.
                Link::Up(_, up) => Readiness::Since(Stamp(planned.0 + up.since(self.started_at))),
                Link::Down => Readiness::Never(Unsent::NotConnected),
                Link::Connecting | Link::Shaking(..) => Readiness::NotYet,
            };
        }
        let joined = match self.joined {
            Joined::At(joined) => joined,
            Joined::Never(reason) => return Readiness::Never(reason),
            Joined::No => return Readiness::NotYet,
        };
        let mut ready = planned.max(joined);
        match &self.link {
            Link::Up(carrier, _) if on_socket && carrier.backlog() => return Readiness::NotYet,
            Link::Up(..) if on_socket => ready = ready.max(self.writable_since),
            Link::Up(..) => {}
            _ => return Readiness::Never(Unsent::NotConnected),
        }
        match self.predecessor(intent) {
            Some(Done { outcome: Outcome::Answered, answered, .. }) => {
                Readiness::Since(ready.max(answered.unwrap_or_default()))
            }
            Some(Done { outcome: Outcome::Rejected, .. }) => {
                Readiness::Never(Unsent::PredecessorRejected)
            }
            Some(_) => Readiness::Never(Unsent::PredecessorFailed),
            None if self.awaits_predecessor(intent) => Readiness::NotYet,
            None => Readiness::Since(ready),
        }
    }

    /// When `intent` would have been planned, had its think time begun with the actual answer of
    /// the one it depends on.
    pub(crate) fn paced(&self, intent: &Intent) -> Option<Stamp> {
        let predecessor = self.predecessor(intent)?;
        let planned = Stamp::planned(intent.at);
        let think = planned.since(predecessor.planned);
        Some(planned.max(Stamp(predecessor.answered?.0 + think)))
    }

    /// Whether `cause` has not been reacted to in this visit; from now on it has.
    pub(crate) fn is_news(&mut self, cause: Cause) -> bool {
        let news = !self.causes.contains(&cause);
        if news {
            self.causes.push(cause);
        }
        news
    }

    /// Whether it is about to leave: nothing new is begun then.
    pub(crate) fn is_leaving(&self) -> bool {
        self.going || self.open.iter().any(|open| is_exit(open.intent.kind))
    }

    /// Notes how an intent ended, if a later one may depend on it.
    pub(crate) fn note_done(&mut self, intent: &Intent, outcome: Outcome, at: Option<Stamp>) {
        if matches!(intent.kind, IntentKind::Click | IntentKind::AddToCart) {
            let planned = Stamp::planned(intent.at);
            let sequence = intent.id.sequence;
            self.done.push(Done { sequence, outcome, planned, answered: at });
        }
    }

    /// Notes that an open intent has been sent, and at which price if it buys.
    pub(crate) fn note_sent(&mut self, position: usize, state: State) {
        let intent = self.open[position].intent;
        let shown = match intent.kind {
            IntentKind::CheckOut => self.shown_price(intent.product).map(str::to_owned),
            _ => None,
        };
        let open = &mut self.open[position];
        open.state = state;
        open.shown = shown;
    }

    /// The price that the viewer saw last of `product`.
    pub(crate) fn shown_price(&self, product: ProductId) -> Option<&str> {
        let shown = self.shown_prices.iter().find(|(seen, _)| *seen == product);
        shown.map(|(_, price)| price.as_str())
    }

    /// The viewer sees a price.
    pub(crate) fn show_price(&mut self, product: ProductId, price: String) {
        match self.shown_prices.iter_mut().find(|(seen, _)| *seen == product) {
            Some((_, shown)) => *shown = price,
            None => self.shown_prices.push((product, price)),
        }
    }

    /// The position of an open intent.
    pub(crate) fn position(&self, id: IntentId) -> Option<usize> {
        self.open.iter().position(|open| open.intent.id == id)
    }

    fn predecessor(&self, intent: &Intent) -> Option<Done> {
        let after = intent.after?;
        self.done.iter().rev().find(|done| done.sequence == after).copied()
    }

    /// Whether the intent that this one depends on is still open. One that is neither open nor
    /// done is not played by the binding, and nothing waits for it.
    fn awaits_predecessor(&self, intent: &Intent) -> bool {
        intent.after.is_some_and(|after| self.open.iter().any(|o| o.intent.id.sequence == after))
    }
}

/// Whether the kind brings somebody into a room.
pub(crate) fn is_entry(kind: IntentKind) -> bool {
    matches!(kind, IntentKind::Join | IntentKind::GoLive)
}

/// Whether the kind is the last of a visit.
pub(crate) fn is_exit(kind: IntentKind) -> bool {
    matches!(kind, IntentKind::Leave | IntentKind::End)
}

#[cfg(test)]
mod tests {
    use claque_audience::Micros;

    use super::*;

    #[test]
    fn a_check_out_keeps_the_price_at_which_it_was_sent() {
        let intent = |kind, product| Intent {
            at: Micros(1_000),
            id: IntentId { actor: Actor::viewer(0, 0), sequence: 0 },
            show: ShowId(0),
            kind,
            product: ProductId(product),
            count: 0,
            after: None,
        };
        let visit = Visit::of(&intent(IntentKind::Join, 0));
        let mut viewer = Viewer::new(visit, "fans-0".into(), ShowId(0), Stamp(0));
        viewer.show_price(ProductId(0), "39.00".into());
        let kinds = [(IntentKind::CheckOut, 0), (IntentKind::CheckOut, 1), (IntentKind::Click, 0)];
        for (position, (kind, product)) in kinds.into_iter().enumerate() {
            viewer.open.push(Open::new(intent(kind, product)));
            let (ready, sent) = (Stamp(1_000_000), Stamp(1_000_000));
            viewer.note_sent(position, State::Sent { ready, sent, call: 0, cid: None });
        }
        viewer.show_price(ProductId(0), "29.00".into());
        let shown: Vec<_> = viewer.open.iter().map(|open| open.shown.as_deref()).collect();
        assert_eq!(shown, [Some("39.00"), None, None]);
        assert_eq!(viewer.shown_price(ProductId(0)), Some("29.00"));
    }
}
