//! The four instants of an intent and how it ended.

use claque_audience::{IntentId, IntentKind, Micros};

/// An instant of a run: nanoseconds of the monotonic clock since the show's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub u64);

impl Stamp {
    /// The instant of the run at which something planned is due.
    #[must_use]
    pub fn planned(at: Micros) -> Stamp {
        Stamp(at.0.saturating_mul(1_000))
    }

    /// Nanoseconds from `earlier` to this, at least zero.
    #[must_use]
    pub fn since(self, earlier: Stamp) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How an intent ended. Every intent has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The backend did it.
    Answered,
    /// The backend said no (sold out, forbidden, …).
    Rejected,
    /// The connection or the protocol broke while it was under way.
    Failed,
    /// No answer within the time-out, which runs from the planned instant.
    TimedOut,
    /// It never left.
    Unsent(Unsent),
}

/// Why an intent was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unsent {
    /// The viewer had no connection.
    NotConnected,
    /// An earlier intent that it depends on was refused.
    PredecessorRejected,
    /// An earlier intent that it depends on failed or timed out.
    PredecessorFailed,
    /// The viewer had left by then.
    Left,
    /// The run was ended early.
    Interrupted,
    /// The generator could not keep up: makes a run invalid.
    Overload,
}

/// What is kept of one settled intent where every single one is asked for; fields as in
/// [`Settled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are those of `Settled`, which documents them")]
pub struct Traced {
    pub id: IntentId,
    pub kind: IntentKind,
    pub planned: Stamp,
    pub ready: Option<Stamp>,
    pub sent: Option<Stamp>,
    pub answered: Option<Stamp>,
    pub outcome: Outcome,
}

/// An intent with its end, as the driver hands it to the recorder.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// Which intent.
    pub id: IntentId,
    /// Its kind.
    pub kind: IntentKind,
    /// When it was planned.
    pub planned: Stamp,
    /// When the viewer's protocol first permitted sending; never before `planned`.
    pub ready: Option<Stamp>,
    /// When it was handed to the connection.
    pub sent: Option<Stamp>,
    /// When its answer (or rejection) was read from the socket.
    pub answered: Option<Stamp>,
    /// For a step that depends on an earlier answer: that answer's instant plus the planned think
    /// time, never before `planned`.
    pub paced: Option<Stamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// The backend's word for a rejection or the kind of a failure: `sold_out`, `reset`.
    pub reason: Option<&'a str>,
}
