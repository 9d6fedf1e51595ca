//! How intents become a backend's frames and requests, and how answers and broadcasts are
//! recognised. No I/O, no time, no measurement.
//!
//! A binding is a TOML file (docs/bindings.md). Read once, everything in it is compiled:
//! templates into segments, JSON Pointers into one tree that a frame is scanned against in a
//! single pass, rules into comparisons of what the pass found. What the driver does with it:
//!
//! 1. [`Binding::upgrade`] says how to connect, [`Handshake`] what to say before the first intent.
//! 2. [`Binding::verb`] says how an intent is played: [`Call::mode`] (and [`Call::http`]) decides
//!    what to wait for, [`Call::encode`] or [`Call::request`] what to send.
//! 3. [`Binding::read`] turns a received frame into [`Record`]s. [`Binding::glance`] says what a
//!    record is, alike for every connection, so that the driver may remember it by the frame's
//!    bytes: an event (an audited broadcast, or that a product is sold out), nothing of interest,
//!    or something that only this connection can judge, and then [`Binding::reply`] and
//!    [`Call::judge`] do.
//!
//! Nothing here allocates once the buffers that the driver passes in have grown to their size,
//! except [`Call::request`] and [`Binding::upgrade`], which make strings.

mod call;
mod file;
mod handshake;
mod matching;
mod pointer;
mod record;
mod scan;
mod template;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use claque_audience::{IntentKind, Micros};

use crate::input::Problems;

pub use call::{Call, Facts, Judgement, Mode, Request, Upgrade};
pub use handshake::{Handshake, Heard, Progress};
pub use record::{Garbage, Record, Records, Scratch, Value};
pub use template::{Session, Template, Values};

use matching::{Rule, Source};
use pointer::PointerTree;

/// What the driver may want to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Play an intent.
    Intent(IntentKind),
    /// Look an order up by its key, after a check-out that was not answered in time.
    /// [`Judgement::Answered`] with [`Facts::order`]: it was made; [`Judgement::Rejected`]: there
    /// is none.
    Order,
}

impl Verb {
    /// Its name in a binding.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verb::Intent(kind) => kind.name(),
            Verb::Order => "order",
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Verb> {
        IntentKind::ALL.into_iter().map(Verb::Intent).chain([Verb::Order])
    }
}

/// How to talk to one kind of backend. Valid by construction; share it between shards.
#[derive(Clone, Debug)]
pub struct Binding {
    name: Arc<str>,
    ran_against: Option<Arc<str>>,
    codec: record::Codec,
    /// Whether what is sent goes in binary frames.
    binary: bool,
    connect: Connect,
    handshake: Vec<handshake::Step>,
    replies: Vec<Reply>,
    heartbeat: Option<Heartbeat>,
    verbs: [Option<Box<Call>>; IntentKind::COUNT],
    order: Option<Box<Call>>,
    events: Vec<EventRule>,
    /// What a frame must satisfy to be an answer to somebody, variables left open.
    answers: Vec<Rule>,
    tree: PointerTree,
}

#[derive(Clone, Debug, Default)]
struct Connect {
    url: Template,
    headers: Vec<(String, Template)>,
    subprotocol: Option<Template>,
}

/// How a broadcast is recognised, and what it tells.
#[derive(Clone, Debug)]
struct EventRule {
    rule: Rule,
    told: Told,
}

/// What a broadcast tells, and where in it that is.
#[derive(Clone, Debug)]
enum Told {
    Audited { kind: IntentKind, cid: Option<Source>, server_sequence: Option<Source> },
    SoldOut { product: Source },
}

impl EventRule {
    /// The kind of the intents that cause it, if intents do.
    fn kind(&self) -> Option<IntentKind> {
        match self.told {
            Told::Audited { kind, .. } => Some(kind),
            Told::SoldOut { .. } => None,
        }
    }

    fn cid(&self) -> Option<&Source> {
        match &self.told {
            Told::Audited { cid, .. } => cid.as_ref(),
            Told::SoldOut { .. } => None,
        }
    }

    /// The event that a record is; the rule was found to hold.
    fn read<'r>(&'r self, record: &Record<'r>) -> Option<Event<'r>> {
        match &self.told {
            Told::Audited { kind, cid, server_sequence } => Some(Event::Broadcast {
                kind: *kind,
                cid: cid.as_ref().and_then(|source| source.text(record, None)),
                server_sequence: server_sequence.as_ref().and_then(|it| it.number(record)),
            }),
            Told::SoldOut { product } => {
                Some(Event::SoldOut { product: product.text(record, None)? })
            }
        }
    }
}

/// What a record is, alike for every connection that receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance<'r> {
    /// A broadcast. An audited one may also be the echo that answers an own call of that kind and
    /// cid ([`Mode::Echo`]), which the driver knows by comparing cids; it is nothing else.
    Event(Event<'r>),
    /// Nothing that this binding looks for.
    Other,
    /// Something that depends on the connection: a prompt that wants a reply, an answer to
    /// somebody's call (and maybe an event as well). Ask [`Binding::reply`], [`Binding::event`]
    /// and each open call's [`Call::judge`]. Not to be remembered.
    Personal,
}

/// What everybody in a room is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'r> {
    /// An intent's broadcast, which is audited.
    Broadcast {
        /// The kind of the intent that caused it.
        kind: IntentKind,
        /// The correlation id that it carries, if it does.
        cid: Option<&'r str>,
        /// The backend's own number of it.
        server_sequence: Option<u64>,
    },
    /// A product is gone. No intent caused it, so it is not audited; viewers may react to it.
    SoldOut {
        /// Its name.
        product: &'r str,
    },
}

/// An answer that the backend must be given at once, at any time.
#[derive(Clone, Debug)]
pub struct Reply {
    rule: Rule,
    captures: Vec<(u16, Source)>,
    send: Template,
    /// Whether it goes in a binary frame.
    pub binary: bool,
}

impl Reply {
    /// Appends the reply to `record`, which it takes captures from.
    pub fn encode(
        &self,
        record: &Record<'_>,
        values: &Values<'_>,
        session: &mut Session,
        out: &mut bytes::BytesMut,
    ) {
        for (number, source) in &self.captures {
            if let Some(text) = source.text(record, None) {
                session.capture(*number, text);
            }
        }
        self.send.encode(values, session, out);
    }
}

/// What keeps a connection alive.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    /// How often to send one; never, if none is to be sent.
    pub every: Option<Micros>,
    /// Whether anything else that was sent counts as one.
    pub only_if_idle: bool,
    /// The connection is dead when nothing at all was received for so long.
    pub dead_after: Option<Micros>,
    /// Whether it goes in a binary frame.
    pub binary: bool,
    send: Option<Template>,
}

impl Heartbeat {
    /// Appends the frame's payload.
    pub fn encode(&self, values: &Values<'_>, session: &Session, out: &mut bytes::BytesMut) {
        if let Some(send) = &self.send {
            send.encode(values, session, out);
        }
    }
}

impl Binding {
    /// Reads a binding; `file` is its name for messages.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(file: &str, text: &str) -> Result<Binding, Box<Problems>> {
        file::parse(file, text)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The backend and version that it was last seen to work with.
    #[must_use]
    pub fn ran_against(&self) -> Option<&str> {
        self.ran_against.as_deref()
    }

    /// How a verb is played, if it can be.
    #[must_use]
    pub fn verb(&self, verb: Verb) -> Option<&Call> {
        match verb {
            Verb::Intent(kind) => self.verbs[kind as usize].as_deref(),
            Verb::Order => self.order.as_deref(),
        }
    }

    /// Whether intents of that kind can be played.
    #[must_use]
    pub fn plays(&self, kind: IntentKind) -> bool {
        self.verbs[kind as usize].is_some()
    }

    /// Whether broadcasts of that kind are recognised and carry a cid, so that deliveries can be
    /// audited.
    #[must_use]
    pub fn hears(&self, kind: IntentKind) -> bool {
        self.events.iter().any(|event| event.kind() == Some(kind) && event.cid().is_some())
    }

    /// Whether it is recognised that a product is sold out.
    #[must_use]
    pub fn hears_sold_out(&self) -> bool {
        self.events.iter().any(|event| matches!(event.told, Told::SoldOut { .. }))
    }

    /// Whether anything goes over HTTP.
    #[must_use]
    pub fn uses_http(&self) -> bool {
        self.verbs.iter().flatten().chain(&self.order).any(|call| call.http())
    }

    /// How to open a connection; only the values of a connection are looked at.
    #[must_use]
    pub fn upgrade(&self, values: &Values<'_>, session: &Session) -> Upgrade {
        let connect = &self.connect;
        let headers = &connect.headers;
        Upgrade {
            url: connect.url.fill(values, session),
            headers: headers
                .iter()
                .map(|(name, it)| (name.clone(), it.fill(values, session)))
                .collect(),
            subprotocol: connect.subprotocol.as_ref().map(|it| it.fill(values, session)),
        }
    }

    /// What keeps a connection alive, if anything is needed.
    #[must_use]
    pub fn heartbeat(&self) -> Option<&Heartbeat> {
        self.heartbeat.as_ref()
    }

    /// The records of a received frame.
    #[must_use]
    pub fn read<'a>(&'a self, frame: &'a [u8], scratch: &'a mut Scratch) -> Records<'a> {
        Records::new(self, frame, scratch)
    }

    /// What a record is for every connection alike. For a frame of one record
    /// ([`Records::single`]) it may be remembered by the frame's bytes, unless it is
    /// [`Glance::Personal`].
    #[must_use]
    pub fn glance<'r>(&'r self, record: &Record<'r>) -> Glance<'r> {
        if self.reply(record).is_some() || self.answers.iter().any(|rule| rule.may_hold(record)) {
            return Glance::Personal;
        }
        self.event(record).map_or(Glance::Other, Glance::Event)
    }

    /// The event that a record is, if it is one: the first in the file's order whose rule holds.
    #[must_use]
    pub fn event<'r>(&'r self, record: &Record<'r>) -> Option<Event<'r>> {
        self.events.iter().find(|event| event.rule.may_hold(record))?.read(record)
    }

    /// The reply that a record wants, if it does; also during the handshake.
    #[must_use]
    pub fn reply(&self, record: &Record<'_>) -> Option<&Reply> {
        self.replies.iter().find(|reply| reply.rule.may_hold(record))
    }

    fn tree(&self) -> &PointerTree {
        &self.tree
    }

    fn codec(&self) -> record::Codec {
        self.codec
    }
}

/// The bindings that come with the program: name and text.
const SHIPPED: [(&str, &str); 2] = [
    ("reference", include_str!("../../scenarios/bindings/reference.toml")),
    ("nchan", include_str!("../../scenarios/bindings/nchan.toml")),
];

/// The text of a shipped binding.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|&(_, text)| text)
}

/// The names of the shipped bindings.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|&(name, _)| name)
}
