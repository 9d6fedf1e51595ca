//! Which viewer should receive which broadcast, and which did.

use std::sync::Arc;

use claque_audience::{Actor, IntentId, IntentKind, ShowId};

use super::{Cid, Outcome, Recorder, Settings, Stamp};

/// The audit of deliveries to one shard's viewers.
///
/// A shard hears of every broadcast of the run ([`Ledger::published`]), sent by whichever shard,
/// and of its outcome ([`Ledger::settled`]); a receipt may come before either.
#[derive(Debug)]
pub struct Ledger {
    _settings: Arc<Settings>,
}

impl Ledger {
    /// A ledger without viewers.
    #[must_use]
    pub fn new(settings: Arc<Settings>) -> Ledger {
        Ledger { _settings: settings }
    }

    /// A viewer takes the next slot of a room; slots are numbered from 0 and never reused.
    pub fn enter(&mut self, _show: ShowId, _slot: u32, _actor: Actor) {}

    /// The viewer's join was answered.
    pub fn joined(&mut self, _show: ShowId, _slot: u32, _at: Stamp) {}

    /// The viewer's leave is planned for that instant; the earliest counts.
    pub fn left(&mut self, _show: ShowId, _slot: u32, _planned: Stamp) {}

    /// A broadcast was sent.
    pub fn published(&mut self, _kind: IntentKind, _show: ShowId, _cid: &Cid) {}

    /// The publish has its outcome.
    pub fn settled(&mut self, _id: IntentId, _outcome: Outcome) {}

    /// A viewer received a broadcast; `at` is when it was read from the socket.
    #[expect(clippy::too_many_arguments, reason = "each is a plain fact of one receipt")]
    pub fn received(
        &mut self,
        _show: ShowId,
        _slot: u32,
        _kind: IntentKind,
        _cid: &Cid,
        _at: Stamp,
        _server_sequence: Option<u64>,
        _recorder: &mut Recorder,
    ) {
    }

    /// Closes the rows whose time has come.
    pub fn close_due(&mut self, _now: Stamp, _recorder: &mut Recorder) {}

    /// Closes every row: the run is over, and everybody has gone.
    pub fn close_all(&mut self, _recorder: &mut Recorder) {}
}
