//! The ledger against a model that shares no code with it: a list of events and plain loops.

use std::collections::BTreeSet;
use std::sync::Arc;

use claque_audience::{Actor, IntentId, IntentKind, Micros, ShowId};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::interval::{Finding, Flaw, Interval};
use super::super::tables::{Counter, Part};
use super::super::{Cid, Outcome, Recorder, Settings, Stamp};
use super::Ledger;

const ROOM: ShowId = ShowId(0);
const GUARD_MS: u64 = 20;
const DEADLINE_MS: u64 = 100;
const CLOSE_MS: u64 = 1_000;

fn settings() -> Settings {
    Settings {
        windows: Vec::new(),
        time_out: Micros(800_000),
        guard: Micros(GUARD_MS * 1_000),
        deadline: Micros(DEADLINE_MS * 1_000),
        close_after: Micros(CLOSE_MS * 1_000),
        complete_after: Micros(CLOSE_MS * 1_000),
        rooms: 2,
        rows_max: 100,
        findings_max: 10_000,
        max_ns: 10_000_000_000,
    }
}

fn ms(ms: u64) -> Stamp {
    Stamp(ms * 1_000_000)
}

#[derive(Clone, Debug)]
struct Message {
    sender: u32,
    sent: u64,
    late: u64,
    server_sequence: Option<u64>,
    /// When the shard hears of it, and of its outcome.
    heard: u64,
    outcome: Outcome,
}

#[derive(Clone, Debug)]
struct World {
    /// Join answered and leave planned, ms.
    viewers: Vec<(Option<u64>, Option<u64>)>,
    messages: Vec<Message>,
    /// Viewer, message, ms after it was sent.
    receipts: Vec<(usize, usize, u64)>,
}

impl Message {
    fn cid(&self, number: usize) -> Cid {
        let id = IntentId {
            actor: Actor::viewer(0, self.sender),
            sequence: u32::try_from(number).unwrap(),
        };
        Cid::new(id, ms(self.sent - self.late), ms(self.sent))
    }
}

/// Counts that the model predicts.
#[derive(Debug, Default, PartialEq)]
struct Expect {
    expected: u64,
    received: u64,
    boundary: u64,
    boundary_received: u64,
    outside: u64,
    ghost: u64,
    duplicate: u64,
    late: u64,
    out_of_order: u64,
    by_sender: u64,
    samples: u64,
    findings: BTreeSet<(Flaw, u32, u32, bool)>,
}

impl World {
    /// Receipts in the order in which they happen.
    fn in_order(&self) -> Vec<(u64, usize, usize)> {
        let mut receipts: Vec<_> = self
            .receipts
            .iter()
            .map(|&(viewer, message, after)| (self.messages[message].sent + after, viewer, message))
            .collect();
        receipts.sort_by_key(|receipt| receipt.0);
        receipts
    }

    fn expect(&self) -> Expect {
        let mut expect = Expect::default();
        let receipts = self.in_order();
        let is_late =
            |&(at, _, message): &(u64, usize, usize)| at >= self.messages[message].sent + CLOSE_MS;
        expect.late = receipts.iter().filter(|receipt| is_late(receipt)).count() as u64;
        let timely: Vec<_> = receipts.into_iter().filter(|receipt| !is_late(receipt)).collect();
        for (position, &(_, viewer, message)) in timely.iter().enumerate() {
            let before = &timely[..position];
            if before.iter().any(|r| (r.1, r.2) == (viewer, message)) {
                expect.duplicate += 1;
                continue;
            }
            expect.samples += 1;
            let this = &self.messages[message];
            let seen = || before.iter().filter(|r| r.1 == viewer).map(|r| &self.messages[r.2]);
            let by_sender = seen().any(|m| m.sender == this.sender && m.sent > this.sent);
            let by_server = this
                .server_sequence
                .is_some_and(|own| seen().any(|m| m.server_sequence.is_some_and(|s| s > own)));
            expect.by_sender += u64::from(by_sender);
            if by_sender || by_server {
                expect.out_of_order += 1;
                expect.find(Flaw::OutOfOrder, viewer, message, false);
            }
        }
        for (number, message) in self.messages.iter().enumerate() {
            for (viewer, &(joined, left)) in self.viewers.iter().enumerate() {
                let times = timely.iter().filter(|r| (r.1, r.2) == (viewer, number)).count();
                expect.pair(message, number, viewer, (joined, left), times);
            }
        }
        expect
    }
}

impl Expect {
    fn find(&mut self, flaw: Flaw, viewer: usize, message: usize, boundary: bool) {
        let number = |index: usize| u32::try_from(index).unwrap();
        self.findings.insert((flaw, number(viewer), number(message), boundary));
    }

    fn pair(
        &mut self,
        message: &Message,
        number: usize,
        viewer: usize,
        (joined, left): (Option<u64>, Option<u64>),
        times: usize,
    ) {
        if message.outcome != Outcome::Answered {
            if times > 0 {
                self.ghost += 1;
                self.find(Flaw::Ghost, viewer, number, false);
            }
            return;
        }
        let sent = i64::try_from(message.sent).unwrap();
        let signed = |at: Option<u64>| at.map(|at| i64::try_from(at).unwrap());
        let (guard, deadline) = (20, 100);
        let (far, near) = match (signed(joined), signed(left).unwrap_or(i64::MAX)) {
            (None, _) => (true, false),
            (Some(joined), left) => (
                joined > sent + guard || left < sent - guard,
                joined < sent - guard && left > sent + deadline,
            ),
        };
        let seen = u64::from(times > 0);
        if far {
            self.outside += seen;
        } else if near {
            self.expected += 1;
            self.received += seen;
        } else {
            self.boundary += 1;
            self.boundary_received += seen;
        }
        if times == 0 && !far {
            self.find(Flaw::Missing, viewer, number, !near);
        }
        if times > 1 {
            self.find(Flaw::Duplicate, viewer, number, !near);
        }
    }
}

/// Plays a world through the ledger.
fn play(world: &World) -> (Interval, Vec<Finding>) {
    enum Event {
        Joined(usize),
        Left(usize),
        Published(usize),
        Settled(usize),
        Received(usize, usize),
    }
    let settings = Arc::new(settings());
    let mut recorder = Recorder::new(Arc::clone(&settings), false);
    let mut ledger = Ledger::new(Arc::clone(&settings));
    let mut events = Vec::new();
    for (number, &(joined, left)) in world.viewers.iter().enumerate() {
        let slot = u32::try_from(number).unwrap();
        ledger.enter(ROOM, slot, Actor::viewer(0, slot));
        events.extend(joined.map(|at| (at, Event::Joined(number))));
        events.extend(left.map(|at| (at, Event::Left(number))));
    }
    for (number, message) in world.messages.iter().enumerate() {
        events.push((message.sent + message.heard, Event::Published(number)));
        events.push((message.sent + message.heard + 1, Event::Settled(number)));
    }
    for (at, viewer, message) in world.in_order() {
        events.push((at, Event::Received(viewer, message)));
    }
    events.sort_by_key(|event| event.0);
    for (at, event) in events {
        ledger.close_due(ms(at), &mut recorder);
        let slot = |number: usize| u32::try_from(number).unwrap();
        match event {
            Event::Joined(viewer) => ledger.joined(ROOM, slot(viewer), ms(at)),
            Event::Left(viewer) => ledger.left(ROOM, slot(viewer), ms(at)),
            Event::Published(number) => {
                let cid = world.messages[number].cid(number);
                ledger.published(IntentKind::Chat, ROOM, &cid);
            }
            Event::Settled(number) => {
                let message = &world.messages[number];
                ledger.settled(message.cid(number).id, message.outcome);
            }
            Event::Received(viewer, number) => {
                let message = &world.messages[number];
                ledger.received(
                    ROOM,
                    slot(viewer),
                    IntentKind::Chat,
                    &message.cid(number),
                    ms(at),
                    message.server_sequence,
                    &mut recorder,
                );
            }
        }
    }
    ledger.close_due(ms(1_000_000), &mut recorder);
    let interval = recorder.take(Box::new(Interval::new(&settings)));
    let findings = interval.findings.clone();
    (*interval, findings)
}

fn check(world: &World) {
    let expect = world.expect();
    let (interval, findings) = play(world);
    let tables = interval.tables(Part::All);
    let count = |counter| tables.count(IntentKind::Chat, counter);
    let samples = tables
        .histogram(IntentKind::Chat, crate::scenario::Series::Delivery)
        .map_or(0, hdrhistogram::Histogram::len);
    let got = Expect {
        expected: count(Counter::Expected),
        received: count(Counter::Received),
        boundary: count(Counter::Boundary),
        boundary_received: count(Counter::BoundaryReceived),
        outside: count(Counter::Outside),
        ghost: count(Counter::Ghost),
        duplicate: count(Counter::Duplicate),
        late: count(Counter::Late),
        out_of_order: count(Counter::OutOfOrder),
        by_sender: count(Counter::OutOfOrderBySender),
        samples,
        findings: findings
            .iter()
            .map(|f| (f.flaw, f.viewer.index(), f.cid.id.sequence, f.boundary))
            .collect(),
    };
    assert_eq!(got, expect);
    assert_eq!(count(Counter::Expected), count(Counter::Received) + count(Counter::Missing));
    assert_eq!(findings.len(), expect.findings.len(), "each finding once");
}

fn any_world() -> impl Strategy<Value = World> {
    let viewer = (
        proptest::option::weighted(0.9, 0_u64..2_000),
        proptest::option::weighted(0.7, 500_u64..4_000),
    );
    let outcome = prop_oneof![
        8 => Just(Outcome::Answered),
        1 => Just(Outcome::Rejected),
        1 => Just(Outcome::TimedOut),
        1 => Just(Outcome::Failed),
    ];
    let message = (
        0_u32..3,
        100_u64..3_000,
        0_u64..100,
        proptest::option::of(0_u64..40),
        0_u64..300,
        outcome,
    )
        .prop_map(|(sender, sent, late, server_sequence, heard, outcome)| Message {
            sender,
            sent,
            late,
            server_sequence,
            heard,
            outcome,
        });
    (vec(viewer, 1..80), vec(message, 1..12)).prop_flat_map(|(viewers, messages)| {
        let receipt = (0..viewers.len(), 0..messages.len(), 0_u64..1_200);
        let few = vec(receipt, 0..200);
        (Just(viewers), Just(messages), few).prop_map(|(viewers, messages, receipts)| World {
            viewers,
            messages,
            receipts,
        })
    })
}

proptest! {
    #[test]
    fn agrees_with_the_model(world in any_world()) {
        check(&world);
    }
}

fn chat(sent: u64, heard: u64, outcome: Outcome) -> Message {
    Message { sender: 0, sent, late: 0, server_sequence: None, heard, outcome }
}

#[test]
fn guard_and_deadline_are_exclusive() {
    // Joined and left exactly at the guard and the deadline: boundary, one ms further in: expected.
    for (joined, left, expected, boundary) in [
        (980, 1_200, 0, 1),
        (979, 1_100, 0, 1),
        (979, 1_101, 1, 0),
        (1_020, 2_000, 0, 1),
        (1_021, 2_000, 0, 0),
        (0, 980, 0, 1),
        (0, 979, 0, 0),
    ] {
        let world = World {
            viewers: vec![(Some(joined), Some(left))],
            messages: vec![chat(1_000, 0, Outcome::Answered)],
            receipts: Vec::new(),
        };
        check(&world);
        let got = world.expect();
        assert_eq!((got.expected, got.boundary), (expected, boundary), "{joined} {left}");
    }
}

#[test]
fn a_receipt_may_come_before_the_notice() {
    check(&World {
        viewers: vec![(Some(0), None); 3],
        messages: vec![chat(500, 200, Outcome::Answered), chat(600, 0, Outcome::Rejected)],
        receipts: vec![(0, 0, 5), (1, 0, 300), (1, 0, 301), (2, 1, 7), (2, 0, 1_001)],
    });
}

#[test]
fn order_is_by_sender_by_server_or_undecided() {
    let message = |sender, sent, server_sequence| Message {
        sender,
        server_sequence,
        ..chat(sent, 0, Outcome::Answered)
    };
    for (first, second, out_of_order, by_sender) in [
        (message(1, 500, None), message(1, 501, None), 1, 1),
        // Sent in one instant, or by different senders: neither is the earlier.
        (message(1, 500, None), message(1, 500, None), 0, 0),
        (message(1, 500, None), message(2, 501, None), 0, 0),
        (message(1, 500, Some(7)), message(2, 501, Some(8)), 1, 0),
        (message(1, 500, Some(8)), message(1, 501, Some(7)), 1, 1),
    ] {
        let world = World {
            viewers: vec![(Some(0), None)],
            messages: vec![first, second],
            // The second arrives before the first.
            receipts: vec![(0, 0, 90), (0, 1, 5)],
        };
        check(&world);
        let expect = world.expect();
        assert_eq!((expect.out_of_order, expect.by_sender), (out_of_order, by_sender));
    }
}

fn fixture(rows_max: usize) -> (Ledger, Recorder, Arc<Settings>) {
    let settings = Arc::new(Settings { rows_max, ..settings() });
    let mut ledger = Ledger::new(Arc::clone(&settings));
    for slot in 0..2 {
        ledger.enter(ROOM, slot, Actor::viewer(0, slot));
        ledger.joined(ROOM, slot, ms(0));
    }
    (ledger, Recorder::new(Arc::clone(&settings), false), settings)
}

#[test]
fn rows_are_capped_and_reused() {
    use crate::measure::Tally;

    let (mut ledger, mut recorder, settings) = fixture(2);
    for number in 0..3 {
        ledger.published(IntentKind::Chat, ROOM, &chat(500, 0, Outcome::Answered).cid(number));
    }
    let beyond = chat(500, 0, Outcome::Answered).cid(2);
    ledger.received(ROOM, 0, IntentKind::Chat, &beyond, ms(510), None, &mut recorder);
    ledger.close_due(ms(1_500), &mut recorder);
    let interval = recorder.take(Box::new(Interval::new(&settings)));
    assert_eq!(interval.tally(Tally::LedgerOverflow), 2);
    ledger.published(IntentKind::Chat, ROOM, &chat(1_500, 0, Outcome::Answered).cid(7));
    ledger.close_all(&mut recorder);
    let interval = recorder.take(Box::new(Interval::new(&settings)));
    assert_eq!(interval.tally(Tally::LedgerOverflow), 0);
}

#[test]
fn an_unannounced_message_is_a_ghost_unless_the_run_breaks_off() {
    for (waited, ghosts, outside) in [(true, 1, 0), (false, 0, 1)] {
        let (mut ledger, mut recorder, settings) = fixture(9);
        let cid = chat(500, 0, Outcome::Answered).cid(0);
        ledger.received(ROOM, 1, IntentKind::Pin, &cid, ms(510), None, &mut recorder);
        if waited {
            ledger.close_due(ms(1_500), &mut recorder);
        } else {
            ledger.close_all(&mut recorder);
        }
        let interval = recorder.take(Box::new(Interval::new(&settings)));
        let tables = interval.tables(Part::All);
        assert_eq!(tables.count(IntentKind::Pin, Counter::Ghost), ghosts);
        assert_eq!(tables.count(IntentKind::Pin, Counter::Outside), outside);
    }
}

#[test]
fn a_message_that_leaks_into_another_room_counts_outside() {
    let (mut ledger, mut recorder, settings) = fixture(9);
    ledger.enter(ShowId(1), 0, Actor::viewer(1, 0));
    ledger.joined(ShowId(1), 0, ms(0));
    let cid = chat(500, 0, Outcome::Answered).cid(0);
    // Once before the sender tells which room it is for, once after.
    ledger.received(ShowId(1), 0, IntentKind::Chat, &cid, ms(505), None, &mut recorder);
    ledger.published(IntentKind::Chat, ROOM, &cid);
    ledger.received(ShowId(1), 0, IntentKind::Chat, &cid, ms(506), None, &mut recorder);
    ledger.received(ROOM, 0, IntentKind::Chat, &cid, ms(507), None, &mut recorder);
    ledger.settled(cid.id, Outcome::Answered);
    ledger.close_due(ms(1_500), &mut recorder);
    let interval = recorder.take(Box::new(Interval::new(&settings)));
    let count = |counter| interval.tables(Part::All).count(IntentKind::Chat, counter);
    assert_eq!(count(Counter::Outside), 2);
    assert_eq!((count(Counter::Received), count(Counter::Missing)), (1, 1));
}

#[test]
fn findings_are_bounded_and_the_rest_is_counted() {
    use crate::measure::Tally;

    let settings = Arc::new(Settings { findings_max: 1, ..settings() });
    let mut ledger = Ledger::new(Arc::clone(&settings));
    let mut recorder = Recorder::new(Arc::clone(&settings), false);
    for slot in 0..3 {
        ledger.enter(ROOM, slot, Actor::viewer(0, slot));
        ledger.joined(ROOM, slot, ms(0));
    }
    let cid = chat(500, 0, Outcome::Answered).cid(0);
    ledger.published(IntentKind::Chat, ROOM, &cid);
    ledger.settled(cid.id, Outcome::Answered);
    ledger.close_all(&mut recorder);
    let interval = recorder.take(Box::new(Interval::new(&settings)));
    assert_eq!(interval.findings.len(), 1);
    assert_eq!(interval.tally(Tally::FindingsOverflow), 2);
}

#[test]
fn a_complete_message_closes_early_and_in_the_order_of_its_sender() {
    let settings = Arc::new(Settings { complete_after: Micros(200_000), ..settings() });
    let mut ledger = Ledger::new(Arc::clone(&settings));
    let mut recorder = Recorder::new(Arc::clone(&settings), false);
    for slot in 0..2 {
        ledger.enter(ROOM, slot, Actor::viewer(0, slot));
        ledger.joined(ROOM, slot, ms(0));
    }
    let cids: Vec<Cid> = (0..2).map(|number| chat(500, 0, Outcome::Answered).cid(number)).collect();
    let later = chat(550, 0, Outcome::Answered).cid(2);
    for cid in cids.iter().chain([&later]) {
        ledger.published(IntentKind::Chat, ROOM, cid);
        ledger.settled(cid.id, Outcome::Answered);
    }
    let receive = |ledger: &mut Ledger, recorder: &mut Recorder, slot, cid: &Cid, at| {
        ledger.received(ROOM, slot, IntentKind::Chat, cid, ms(at), None, recorder);
    };
    let counts = |recorder: &mut Recorder| {
        let interval = recorder.take(Box::new(Interval::new(&settings)));
        [Counter::Expected, Counter::Received, Counter::Late, Counter::OutOfOrder]
            .map(|counter| interval.tables(Part::All).count(IntentKind::Chat, counter))
    };
    for slot in 0..2 {
        receive(&mut ledger, &mut recorder, slot, &cids[0], 510);
        receive(&mut ledger, &mut recorder, slot, &later, 560);
    }
    receive(&mut ledger, &mut recorder, 0, &cids[1], 520);
    // The first is complete; the later one is too, but the second, older, still waits for viewer 1.
    ledger.close_due(ms(800), &mut recorder);
    receive(&mut ledger, &mut recorder, 1, &cids[0], 900);
    assert_eq!(counts(&mut recorder), [2, 2, 1, 1]);
    receive(&mut ledger, &mut recorder, 1, &cids[1], 950);
    ledger.close_due(ms(1_400), &mut recorder);
    assert_eq!(counts(&mut recorder), [4, 4, 0, 1]);
    assert!(ledger.is_decided(ms(1_400)) && ledger.rows.len() == 0);
}

#[test]
fn what_nobody_can_have_sent_is_not_waited_for() {
    let settings = Arc::new(settings());
    let mut ledger = Ledger::new(Arc::clone(&settings));
    let mut recorder = Recorder::new(Arc::clone(&settings), false);
    ledger.enter(ROOM, 0, Actor::viewer(0, 0));
    ledger.joined(ROOM, 0, ms(0));
    // A backend that makes up an id of an hour from now.
    let cid = chat(3_600_000, 0, Outcome::Answered).cid(0);
    ledger.received(ROOM, 0, IntentKind::Chat, &cid, ms(500), None, &mut recorder);
    assert!(ledger.is_decided(ms(510)));
    // A look at the clock just before another shard's message is no such thing.
    let cid = chat(601, 0, Outcome::Answered).cid(1);
    ledger.received(ROOM, 0, IntentKind::Chat, &cid, ms(601), None, &mut recorder);
    assert!(!ledger.is_decided(ms(600)) && ledger.is_decided(ms(1_700)));
}
