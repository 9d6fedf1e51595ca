//! A shard's thread: its runtime, its time, and what it exchanges with the others.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError};

use claque_audience::Micros;
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use super::{Notice, Setup, Shard};
use crate::drive::clock::{Alarm, Clock};
use crate::drive::feed::Batches;
use crate::drive::realtime::Report;
use crate::measure::{Interval, Ledger, Recorder, Stamp};

/// How much of the plan a shard holds before the clock.
const AHEAD: Micros = Micros(2_000_000);

/// Intents of one interval that a trace keeps a shard; that is more than a shard can settle in a
/// second.
const TRACES_MAX: usize = 1 << 18;

/// Nanoseconds of one reporting interval.
const SECOND: u64 = 1_000_000_000;

/// Everything that a shard's thread is given.
pub(crate) struct Seat {
    pub(crate) index: usize,
    /// Whether its viewers are the sentinels.
    pub(crate) sentinel: bool,
    /// Whether every settled intent is kept for itself, too.
    pub(crate) trace: bool,
    pub(crate) clock: Clock,
    pub(crate) setup: Arc<Setup>,
    /// Its intents, a batch a chunk of plan time.
    pub(crate) batches: Batches,
    /// What the other shards have published.
    pub(crate) inbox: Receiver<Arc<[Notice]>>,
    pub(crate) others: Vec<SyncSender<Arc<[Notice]>>>,
    pub(crate) reports: mpsc::Sender<Report>,
    /// Emptied intervals to use again.
    pub(crate) spares: Receiver<Box<Interval>>,
    pub(crate) interrupt: Arc<AtomicBool>,
}

/// Runs a shard to its end on the calling thread.
///
/// # Errors
/// If the runtime or the timer cannot be made.
pub(crate) fn drive(seat: Seat) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, play(seat))
}

async fn play(mut seat: Seat) -> io::Result<()> {
    let mut recorder = Recorder::new(Arc::clone(&seat.setup.settings), seat.sentinel);
    if seat.trace {
        recorder.keep_traces(TRACES_MAX);
    }
    let ledger = Ledger::new(Arc::clone(&seat.setup.settings));
    let shard = Rc::new_cyclic(|me| {
        let setup = Arc::clone(&seat.setup);
        RefCell::new(Shard::new(me.clone(), seat.clock, setup, recorder, ledger))
    });
    let alarm = Alarm::new()?;
    alarm.wait_until(seat.clock.instant(Stamp(0))).await?;
    let mut second = 0_u32;
    let mut woken_for = Stamp(0);
    let broken = Rc::clone(&shard.borrow().broken);
    let hurry = Rc::clone(&shard.borrow().hurry);
    loop {
        assert!(!broken.get(), "a viewer's task has broken down; what it said is above");
        let now = seat.clock.now();
        let (wake, hungry) = {
            let mut shard = shard.borrow_mut();
            shard.recorder.woke_late(now.since(woken_for));
            if now >= shard.next_tick {
                seat.exchange(&mut shard, now);
            }
            shard.on_time(now);
            if shard.is_finished(now) {
                // Its last outcomes are what others may be waiting for.
                seat.exchange(&mut shard, now);
                break;
            }
            let reached = u32::try_from(now.0 / SECOND).unwrap_or(u32::MAX);
            if reached > second && seat.report(&mut shard, second) {
                second = reached;
            }
            shard.armed = shard.next_wake();
            (shard.armed, shard.wants_more(now, AHEAD))
        };
        if wake <= seat.clock.now() {
            // Behind the plan: reading must have its turn all the same, or answers that are here
            // would be booked as time-outs.
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            rung = alarm.wait_until(seat.clock.instant(wake)) => {
                rung?;
                woken_for = wake;
            }
            batch = seat.batches.recv(), if hungry => {
                shard.borrow_mut().take_batch(batch);
                woken_for = seat.clock.now();
            }
            // A reaction is planned for before that.
            () = hurry.notified() => woken_for = seat.clock.now(),
        }
    }
    let (interval, left) = shard.borrow_mut().finish();
    // The merger is gone only if the run has already failed.
    let _ = seat.reports.send(Report::Finished(seat.index, second, interval, left)).await;
    Ok(())
}

impl Seat {
    /// Hears what other shards have published and tells them what this one has.
    fn exchange(&mut self, shard: &mut Shard, now: Stamp) {
        if self.interrupt.load(Ordering::Relaxed) {
            shard.interrupt(now);
        }
        while let Ok(notices) = self.inbox.try_recv() {
            shard.heed(&notices);
        }
        if self.others.is_empty() || shard.notices.is_empty() {
            shard.notices.clear();
            return;
        }
        let notices: Arc<[Notice]> = shard.notices.as_slice().into();
        shard.notices.clear();
        for other in &self.others {
            // A shard that is done needs none; one that has no room has an incomplete ledger.
            if let Err(TrySendError::Full(_)) = other.try_send(Arc::clone(&notices)) {
                shard.recorder.ledger_overflow();
            }
        }
    }

    /// Hands the interval to the merger; false if it has no room, and then the interval goes on.
    fn report(&self, shard: &mut Shard, second: u32) -> bool {
        let permit = match self.reports.try_reserve() {
            Ok(permit) => permit,
            // Without a merger the run has failed, and nobody reads what is measured.
            Err(error) => return error == mpsc::error::TrySendError::Closed(()),
        };
        let spare = self.spares.try_recv();
        let spare = spare.unwrap_or_else(|_| Box::new(Interval::new(&self.setup.settings)));
        permit.send(Report::Interval(self.index, second, shard.recorder.take(spare)));
        true
    }
}
