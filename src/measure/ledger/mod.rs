//! Which viewer should receive which broadcast, and which did.
//!
//! A pair of a viewer and a message sent at s, guard g, deadline d, join answered at j, leave
//! planned for l (all instants of one clock) is
//! - *expected* if j < s − g and l > s + d,
//! - *outside* if there is no j, or j > s + g, or l < s − g,
//! - *boundary* otherwise: counted for itself, so that nothing is complete by exclusion.
//!
//! The message must have been answered: one that was refused expects nothing, and where it, or
//! one that failed, timed out or was never published, is received, the pair is a *ghost*.
//!
//! Leaves out what the messages say, and every look at a clock.

mod rows;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use claque_audience::{Actor, IntentId, IntentKind, ShowId};

use self::rows::{NONE, Row, Rows};
use super::interval::{Finding, Flaw};
use super::tables::Counter;
use super::{Cid, Outcome, Recorder, Settings, Stamp};
use crate::scenario::Series;

/// How often a row that waits for a receipt is looked at again.
const LOOK_EVERY_NS: u64 = 500_000_000;

/// The audit of deliveries to one shard's viewers.
///
/// A shard hears of every broadcast of the run ([`Ledger::published`]), sent by whichever shard,
/// and of its outcome ([`Ledger::settled`]); a receipt may come before either. A row stays open
/// for a fixed time after its message was sent, then becomes counts.
#[derive(Debug)]
pub struct Ledger {
    settings: Arc<Settings>,
    rooms: Vec<Vec<Slot>>,
    rows: Rows,
    /// When each open row closes.
    closings: BinaryHeap<Reverse<(Stamp, u32)>>,
    /// Broadcasts that found no row, not yet told to the recorder.
    overflow: u64,
    /// Receipts in another room than the message's, not yet told to the recorder.
    strays: Vec<(IntentKind, Stamp, u64)>,
}

/// One viewer's stay in a room.
#[derive(Clone, Copy, Debug)]
struct Slot {
    actor: Actor,
    joined: Option<Stamp>,
    left: Option<Stamp>,
    /// The highest number that the server gave to a broadcast received here.
    server_sequence: u64,
}

/// What is to be made of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Expected,
    Boundary,
    Outside,
}

impl Ledger {
    /// A ledger without viewers.
    #[must_use]
    pub fn new(settings: Arc<Settings>) -> Ledger {
        let rooms = vec![Vec::new(); settings.rooms];
        Ledger {
            settings,
            rooms,
            rows: Rows::default(),
            closings: BinaryHeap::new(),
            overflow: 0,
            strays: Vec::new(),
        }
    }

    /// A viewer takes the next slot of a room; slots are numbered from 0 and never reused.
    ///
    /// # Panics
    ///
    /// If it is not the next slot.
    pub fn enter(&mut self, show: ShowId, slot: u32, actor: Actor) {
        let room = &mut self.rooms[usize::from(show.0)];
        assert_eq!(slot as usize, room.len(), "slots of a room are taken one after the other");
        room.push(Slot { actor, joined: None, left: None, server_sequence: 0 });
    }

    /// The viewer's join was answered; the first time counts.
    pub fn joined(&mut self, show: ShowId, slot: u32, at: Stamp) {
        self.slot(show, slot).joined.get_or_insert(at);
    }

    /// The viewer's leave is planned for that instant; the earliest counts.
    pub fn left(&mut self, show: ShowId, slot: u32, planned: Stamp) {
        let left = &mut self.slot(show, slot).left;
        *left = Some(left.map_or(planned, |earlier| earlier.min(planned)));
    }

    /// A broadcast was sent.
    pub fn published(&mut self, kind: IntentKind, show: ShowId, cid: &Cid) {
        let row = match self.rows.find(cid.id) {
            Some(row) => row,
            None => match self.open(kind, show, cid) {
                Some(row) => row,
                None => return self.overflow += 1,
            },
        };
        // A row that a receipt has opened believed what the wire said.
        if self.rows.get(row).cid != *cid {
            self.rows.correct(row, *cid);
        }
        let row = self.rows.get_mut(row);
        row.kind = kind;
        if row.show != show {
            // Whoever received it so far is in another room; their slots mean others here.
            self.strays.push((kind, cid.planned, row.receipts));
            row.show = show;
            row.seen.clear(0);
            row.twice.clear(0);
            row.receipts = 0;
        }
        row.published = true;
    }

    /// The publish has its outcome.
    pub fn settled(&mut self, id: IntentId, outcome: Outcome) {
        if let Some(row) = self.rows.find(id) {
            self.rows.get_mut(row).outcome = Some(outcome);
        }
    }

    /// A viewer received a broadcast; `at` is when it was read from the socket.
    #[expect(clippy::too_many_arguments, reason = "each is a plain fact of one receipt")]
    pub fn received(
        &mut self,
        show: ShowId,
        slot: u32,
        kind: IntentKind,
        cid: &Cid,
        at: Stamp,
        server_sequence: Option<u64>,
        recorder: &mut Recorder,
    ) {
        let found = self.rows.find(cid.id);
        // A broadcast has its row from the moment it is sent. One without a row so much later had
        // reached everybody, and its row is closed.
        let due = match found {
            Some(row) => self.rows.get(row).due,
            None => self.first_look(cid),
        };
        if at >= due {
            return recorder.count(kind, Counter::Late, cid.planned, 1);
        }
        let Some(index) = found.or_else(|| self.open(kind, show, cid)) else {
            return recorder.ledger_overflow();
        };
        let row = self.rows.get_mut(index);
        if row.show != show {
            return recorder.count(row.kind, Counter::Outside, row.cid.planned, 1);
        }
        let Row { kind, cid, .. } = *row;
        if row.seen.get(slot) {
            row.twice.set(slot);
            return recorder.count(kind, Counter::Duplicate, cid.planned, 1);
        }
        row.seen.set(slot);
        row.receipts += 1;
        let by_sender = self.is_overtaken(index, slot);
        recorder.sample(kind, Series::Delivery, cid.planned, at.since(cid.planned));
        recorder.sample(kind, Series::Transit, cid.planned, at.since(cid.sent));
        let viewer = self.slot(show, slot);
        let by_server = server_sequence.is_some_and(|sequence| {
            let overtaken = sequence < viewer.server_sequence;
            viewer.server_sequence = viewer.server_sequence.max(sequence);
            overtaken
        });
        if by_sender {
            recorder.count(kind, Counter::OutOfOrderBySender, cid.planned, 1);
        }
        if by_sender || by_server {
            recorder.count(kind, Counter::OutOfOrder, cid.planned, 1);
            let viewer = viewer.actor;
            recorder.finding(Finding {
                flaw: Flaw::OutOfOrder,
                kind,
                viewer,
                cid,
                boundary: false,
            });
        }
    }

    /// Closes the rows whose time has come, and those before their time that have nothing more to
    /// wait for, so that what is known is written within seconds.
    pub fn close_due(&mut self, now: Stamp, recorder: &mut Recorder) {
        while let Some(&Reverse((look, row))) = self.closings.peek() {
            if look > now {
                break;
            }
            self.closings.pop();
            let due = self.rows.get(row).due;
            if now >= due || self.is_complete(row) {
                self.close(row, true, recorder);
            } else {
                let again = Stamp(now.0.saturating_add(LOOK_EVERY_NS));
                self.closings.push(Reverse((due.min(again), row)));
            }
        }
        self.tell_leftovers(recorder);
    }

    /// Whether everybody who should has received the message. An older one of the same sender must
    /// have been closed, or nobody would see that it comes out of order.
    fn is_complete(&self, index: u32) -> bool {
        let row = self.rows.get(index);
        row.published
            && row.outcome == Some(Outcome::Answered)
            && !self.rows.has_older(index)
            && (0..).zip(&self.rooms[usize::from(row.show.0)]).all(|(number, slot)| {
                row.seen.get(number) || self.claim(slot, row.cid.sent) != Claim::Expected
            })
    }

    /// Whether it is known of every open row whether its message was to be delivered. A row that
    /// nobody has announced within a second never will be, nor one that would have been sent later
    /// than now.
    #[must_use]
    pub fn is_decided(&self, now: Stamp) -> bool {
        const ANNOUNCED_WITHIN_NS: u64 = 1_000_000_000;
        self.closings.iter().all(|&Reverse((_, row))| {
            let row = self.rows.get(row);
            let sent = row.cid.sent;
            let age = now.since(sent).max(sent.since(now));
            let awaited = row.published || age < ANNOUNCED_WITHIN_NS;
            row.outcome.is_some() || !awaited
        })
    }

    /// Closes every row: the run is over, and everybody has gone.
    pub fn close_all(&mut self, recorder: &mut Recorder) {
        while let Some(Reverse((_, row))) = self.closings.pop() {
            self.close(row, false, recorder);
        }
        self.tell_leftovers(recorder);
    }

    /// Whether the viewer has a later message of the same sender already. Only open rows are
    /// looked at, which bounds the memory: an earlier message that comes after its successor's
    /// row has closed is late itself.
    fn is_overtaken(&self, index: u32, slot: u32) -> bool {
        let row = self.rows.get(index);
        let mut newer = row.newer;
        while newer != NONE {
            let other = self.rows.get(newer);
            if other.seen.get(slot) && other.cid.sent > row.cid.sent && other.show == row.show {
                return true;
            }
            newer = other.newer;
        }
        false
    }

    fn open(&mut self, kind: IntentKind, show: ShowId, cid: &Cid) -> Option<u32> {
        if self.rows.len() >= self.settings.rows_max {
            return None;
        }
        let due = self.due(cid);
        let slots = self.rooms[usize::from(show.0)].len();
        let row = self.rows.open(kind, show, *cid, due, slots);
        self.closings.push(Reverse((self.first_look(cid).min(due), row)));
        Some(row)
    }

    /// Turns a row into counts. `waited` if it was open for its full time, so that what is not
    /// known of it will never be.
    fn close(&mut self, index: u32, waited: bool, recorder: &mut Recorder) {
        let row = self.rows.get(index);
        let outcome = row.outcome.filter(|_| row.published);
        match outcome {
            Some(Outcome::Answered) => self.audit(row, recorder),
            None if !waited || row.published => {
                recorder.count(row.kind, Counter::Outside, row.cid.planned, row.receipts);
            }
            _ => self.report_ghosts(row, recorder),
        }
        self.rows.close(index);
    }

    /// Holds every viewer of the room against a message that was answered.
    fn audit(&self, row: &Row, recorder: &mut Recorder) {
        let (mut expected, mut received, mut boundary, mut boundary_received) = (0, 0, 0, 0);
        let mut outside = 0;
        for (number, slot) in (0..).zip(&self.rooms[usize::from(row.show.0)]) {
            let seen = row.seen.get(number);
            let claim = self.claim(slot, row.cid.sent);
            let is_boundary = claim == Claim::Boundary;
            match claim {
                Claim::Expected => {
                    expected += 1;
                    received += u64::from(seen);
                }
                Claim::Boundary => {
                    boundary += 1;
                    boundary_received += u64::from(seen);
                }
                Claim::Outside => outside += u64::from(seen),
            }
            if !seen && claim != Claim::Outside {
                recorder.finding(finding(Flaw::Missing, row, slot, is_boundary));
            }
        }
        for number in row.twice.ones() {
            let slot = &self.rooms[usize::from(row.show.0)][number as usize];
            let clear = self.claim(slot, row.cid.sent) == Claim::Expected;
            recorder.finding(finding(Flaw::Duplicate, row, slot, !clear));
        }
        assert_eq!(
            received + boundary_received + outside,
            row.receipts,
            "every first receipt belongs to exactly one viewer of the room"
        );
        let counts = [
            (Counter::Expected, expected),
            (Counter::Received, received),
            (Counter::Missing, expected - received),
            (Counter::Boundary, boundary),
            (Counter::BoundaryReceived, boundary_received),
            (Counter::Outside, outside),
        ];
        for (counter, number) in counts.into_iter().filter(|&(_, number)| number > 0) {
            recorder.count(row.kind, counter, row.cid.planned, number);
        }
    }

    /// Nobody should have seen this message.
    fn report_ghosts(&self, row: &Row, recorder: &mut Recorder) {
        if row.receipts == 0 {
            return;
        }
        recorder.count(row.kind, Counter::Ghost, row.cid.planned, row.receipts);
        for number in row.seen.ones() {
            let slot = &self.rooms[usize::from(row.show.0)][number as usize];
            recorder.finding(finding(Flaw::Ghost, row, slot, false));
        }
    }

    fn claim(&self, slot: &Slot, sent: Stamp) -> Claim {
        let guard = self.settings.guard.0.saturating_mul(1_000);
        let deadline = self.settings.deadline.0.saturating_mul(1_000);
        let left = slot.left.unwrap_or(Stamp(u64::MAX));
        let Some(joined) = slot.joined else { return Claim::Outside };
        if joined.since(sent) > guard || sent.since(left) > guard {
            Claim::Outside
        } else if sent.since(joined) > guard && left.since(sent) > deadline {
            Claim::Expected
        } else {
            Claim::Boundary
        }
    }

    fn due(&self, cid: &Cid) -> Stamp {
        Stamp(cid.sent.0.saturating_add(self.settings.close_after.0.saturating_mul(1_000)))
    }

    /// When a row may close before its time.
    fn first_look(&self, cid: &Cid) -> Stamp {
        Stamp(cid.sent.0.saturating_add(self.settings.complete_after.0.saturating_mul(1_000)))
    }

    fn slot(&mut self, show: ShowId, slot: u32) -> &mut Slot {
        &mut self.rooms[usize::from(show.0)][slot as usize]
    }

    fn tell_leftovers(&mut self, recorder: &mut Recorder) {
        for _ in 0..std::mem::take(&mut self.overflow) {
            recorder.ledger_overflow();
        }
        for (kind, planned, receipts) in self.strays.drain(..) {
            recorder.count(kind, Counter::Outside, planned, receipts);
        }
    }
}

fn finding(flaw: Flaw, row: &Row, slot: &Slot, boundary: bool) -> Finding {
    Finding { flaw, kind: row.kind, viewer: slot.actor, cid: row.cid, boundary }
}
