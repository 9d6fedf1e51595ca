//! What is said on a new connection before the first intent, and how it goes on.

use bytes::BytesMut;

use super::Binding;
use super::matching::{Rule, Source};
use super::record::Record;
use super::template::{Session, Template, Values};

/// One step of a handshake: say something, wait for something, or both in that order.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub(super) send: Option<Template>,
    pub(super) numbered: bool,
    pub(super) expect: Option<Rule>,
    pub(super) fail: Option<Rule>,
    pub(super) reason: Option<Source>,
    pub(super) captures: Vec<(u16, Source)>,
}

/// The state of one connection's handshake:
///
/// ```
/// use bytes::BytesMut;
/// use claque::binding::{Binding, Handshake, Heard, Progress, Scratch, Session, Values, shipped};
///
/// let binding = Binding::parse("reference", shipped("reference").unwrap()).unwrap();
/// let (values, mut session) = (Values::default(), Session::default());
/// let (mut out, mut scratch) = (BytesMut::new(), Scratch::default());
/// let mut handshake = Handshake::start(&binding);
/// loop {
///     match handshake.advance(&binding, &values, &mut session, &mut out) {
///         Progress::Send { binary: _ } => out.clear(), // after writing it
///         Progress::Wait => {
///             let mut records = binding.read(br#"{"type":"welcome"}"#, &mut scratch);
///             while let Some(Ok(record)) = records.next() {
///                 // An auto-reply, if the record wants one, comes first.
///                 match handshake.record(&binding, &record, &values, &mut session) {
///                     Heard::Ignored | Heard::Advanced => {}
///                     Heard::Refused(why) => panic!("refused: {why}"),
///                 }
///             }
///         }
///         Progress::Done => break,
///     }
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// The step under way.
    step: usize,
    /// Whether the step has said what it says.
    said: bool,
    /// The number of the step's call.
    id: u64,
}

/// What a handshake needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A frame was appended to the buffer: send it, then advance again.
    Send {
        /// Whether it is a binary frame.
        binary: bool,
    },
    /// A record must come.
    Wait,
    /// Intents may be played.
    Done,
}

/// What a record meant for a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing.
    Ignored,
    /// What was expected: advance.
    Advanced,
    /// The backend refused, in its own word.
    Refused(String),
}

impl Handshake {
    /// The handshake of a connection that was just opened.
    #[must_use]
    pub fn start(_binding: &Binding) -> Handshake {
        Handshake::default()
    }

    /// Goes as far as it can without hearing anything.
    pub fn advance(
        &mut self,
        binding: &Binding,
        values: &Values<'_>,
        session: &mut Session,
        out: &mut BytesMut,
    ) -> Progress {
        while let Some(step) = binding.handshake.get(self.step) {
            if !self.said {
                self.said = true;
                if step.numbered {
                    self.id = session.next_call();
                }
                if let Some(send) = &step.send {
                    send.encode(&Values { id: self.id, ..*values }, session, out);
                    return Progress::Send { binary: binding.binary };
                }
            }
            if step.expect.is_some() {
                return Progress::Wait;
            }
            self.next();
        }
        Progress::Done
    }

    /// Takes a record into account. A refusal is tested before what is expected.
    pub fn record(
        &mut self,
        binding: &Binding,
        record: &Record<'_>,
        values: &Values<'_>,
        session: &mut Session,
    ) -> Heard {
        let Some(step) = binding.handshake.get(self.step) else { return Heard::Ignored };
        let values = Values { id: self.id, ..*values };
        if !self.said {
            return Heard::Ignored;
        }
        if let Some(fail) = &step.fail
            && fail.holds(record, &values, session)
        {
            let reason = step.reason.as_ref().and_then(|source| source.text(record, None));
            return Heard::Refused(reason.unwrap_or("refused").to_owned());
        }
        match &step.expect {
            Some(expect) if expect.holds(record, &values, session) => {
                for (number, source) in &step.captures {
                    if let Some(text) = source.text(record, None) {
                        session.capture(*number, text);
                    }
                }
                self.next();
                Heard::Advanced
            }
            _ => Heard::Ignored,
        }
    }

    /// Whether every step is done.
    #[must_use]
    pub fn done(&self, binding: &Binding) -> bool {
        self.step >= binding.handshake.len()
    }

    fn next(&mut self) {
        self.step += 1;
        self.said = false;
    }
}
