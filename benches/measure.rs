//! What measuring costs on the hot path: ns a settled intent, ns a received delivery. Before the
//! clock runs, the bench makes sure that neither allocates once it is warm.

use std::alloc::System;
use std::hint::black_box;
use std::sync::Arc;

use claque::measure::{Cid, Interval, Ledger, Outcome, Recorder, Settings, Settled, Stamp};
use claque_audience::{Actor, IntentId, IntentKind, Micros, ShowId};
use criterion::{Criterion, criterion_group, criterion_main};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const VIEWERS: u32 = 5_000;
const MS: u64 = 1_000_000;

fn settings(windows: usize) -> Arc<Settings> {
    Arc::new(Settings {
        windows: vec![(Micros(0), Micros(1_000_000)); windows],
        time_out: Micros(10_000_000),
        guard: Micros(20_000),
        deadline: Micros(200_000),
        close_after: Micros(12_000_000),
        complete_after: Micros(700_000),
        rooms: 1,
        rows_max: 65_536,
        findings_max: 1_000,
        max_ns: 24_000_000_000,
    })
}

fn settle(recorder: &mut Recorder, number: u64) {
    let planned = Stamp(number * MS);
    recorder.planned(IntentKind::Chat, planned);
    recorder.settled(&Settled {
        id: IntentId { actor: Actor::viewer(0, 1), sequence: 1 },
        kind: IntentKind::Chat,
        planned,
        ready: Some(Stamp(planned.0 + 1_000)),
        sent: Some(Stamp(planned.0 + 40_000 + number % 997 * 100)),
        answered: Some(Stamp(planned.0 + MS + number % 7_919 * 1_000)),
        paced: None,
        outcome: Outcome::Answered,
        reason: None,
    });
}

/// A room of 5,000, and messages that reach all of them one after the other.
struct Room {
    ledger: Ledger,
    recorder: Recorder,
    cid: Cid,
    message: u32,
    viewer: u32,
}

impl Room {
    fn new(settings: &Arc<Settings>) -> Room {
        let mut ledger = Ledger::new(Arc::clone(settings));
        for viewer in 0..VIEWERS {
            ledger.enter(ShowId(0), viewer, Actor::viewer(0, viewer));
            ledger.joined(ShowId(0), viewer, Stamp(0));
        }
        let recorder = Recorder::new(Arc::clone(settings), false);
        let cid = Room::cid(0);
        Room { ledger, recorder, cid, message: 0, viewer: VIEWERS }
    }

    fn cid(message: u32) -> Cid {
        let id = IntentId { actor: Actor::viewer(0, message % 200), sequence: message };
        let planned = u64::from(message) * 125 * MS;
        Cid::new(id, Stamp(planned), Stamp(planned + MS))
    }

    /// One delivery; a new message every 5,000, and the closing of old ones with it.
    fn receive(&mut self) {
        if self.viewer == VIEWERS {
            self.viewer = 0;
            self.message += 1;
            self.cid = Room::cid(self.message);
            self.ledger.published(IntentKind::Chat, ShowId(0), &self.cid);
            self.ledger.settled(self.cid.id, Outcome::Answered);
            self.ledger.close_due(self.cid.sent, &mut self.recorder);
        }
        let at = Stamp(self.cid.sent.0 + MS + u64::from(self.viewer) * 8_000);
        self.ledger.received(
            ShowId(0),
            self.viewer,
            IntentKind::Chat,
            &self.cid,
            at,
            Some(u64::from(self.message)),
            &mut self.recorder,
        );
        self.viewer += 1;
    }
}

/// Panics if `work` allocates, being warm.
fn must_not_allocate(what: &str, mut work: impl FnMut()) {
    let region = Region::new(ALLOCATOR);
    work();
    let change = region.change();
    assert_eq!(change.allocations + change.reallocations, 0, "{what} allocates: {change:?}");
}

fn measure(criterion: &mut Criterion) {
    for windows in [0, 2] {
        let settings = settings(windows);
        let mut recorder = Recorder::new(Arc::clone(&settings), false);
        let mut spare = Box::new(Interval::new(&settings));
        let mut number = 0;
        for _ in 0..2 {
            (0..1_000).for_each(|number| settle(&mut recorder, number));
            recorder.error("reset");
            spare = recorder.take(spare);
        }
        must_not_allocate("a settled intent", || {
            (0..1_000).for_each(|number| settle(&mut recorder, number));
            recorder.error("reset");
        });
        criterion.bench_function(&format!("settled, {windows} windows"), |bencher| {
            bencher.iter(|| {
                number += 1;
                settle(black_box(&mut recorder), number % 1_000);
            });
        });
        drop(spare);
    }
    let settings = settings(0);
    let mut room = Room::new(&settings);
    let once = VIEWERS as usize * 200;
    (0..once).for_each(|_| room.receive());
    must_not_allocate("a delivery", || (0..once / 10).for_each(|_| room.receive()));
    criterion.bench_function("received, 5,000 viewers, closing included", |bencher| {
        bencher.iter(|| black_box(&mut room).receive());
    });
}

criterion_group!(benches, measure);
criterion_main!(benches);
