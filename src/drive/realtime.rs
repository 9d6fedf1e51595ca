//! Plays a plan in real time: starts the shards and the replay, merges what they measured once a
//! second, and ends when everything planned has its outcome.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use claque_audience::{Currency, IntentSource, Micros, Plan, PlanDigest, Reactions};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use super::address::Address;
use super::feed::{Placement, feed};
use super::resolve::resolve;
use super::shard::{Left, Seat, Setup, drive};
use super::viewer::is_exit;
use super::{Clock, Cores};
use crate::binding::Binding;
use crate::measure::{Interval, Settings};

/// Time that threads have to be ready before the show starts.
const LEAD: Duration = Duration::from_millis(300);

/// Reports of each shard that may wait for the merger; a shard that finds no room keeps its
/// interval open for longer.
const REPORTS_WAITING: usize = 64;

/// Batches of notices that may wait for a shard; what finds no room is counted as an overflow of
/// the ledger.
const NOTICES_WAITING: usize = 1_024;

/// What is to be played, and against what.
pub struct Play {
    /// The plan, for names, prices and cues.
    pub plan: Plan,
    /// Number of viewers in each group.
    pub group_sizes: Vec<u32>,
    /// How the backend is spoken to.
    pub binding: Binding,
    /// Where it is.
    pub address: Address,
    /// Threads that play viewers; sentinels have one more.
    pub shards: u32,
    /// The run's nonce, which marks its correlation ids and idempotency keys.
    pub run: u32,
    /// The time-out of an intent, from its planned instant.
    pub time_out: Micros,
    /// How to measure.
    pub settings: Arc<Settings>,
    /// Whether every settled intent is handed on for itself, too.
    pub trace: bool,
    /// The cores of generator and target, if they share a machine.
    pub cores: Option<Cores>,
}

/// How playing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// Whether a signal ended it early.
    pub interrupted: bool,
    /// Whether whoever saw its seconds ended it early.
    pub stopped: bool,
    /// The fingerprint of the intents that the shards took up.
    pub plan: PlanDigest,
}

/// Why playing could not begin, or go on.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A thread, a timer or a results file failed.
    #[error("cannot play the show to its end")]
    Io(#[from] io::Error),
    /// A shard's thread is gone without its report.
    #[error("shard {0} broke down; what was measured until then is in the results folder")]
    ShardLost(usize),
    /// The replay's thread broke down.
    #[error(
        "the replay of the plan broke down; what was played until then is in the results folder"
    )]
    ReplayLost,
}

/// One second, merged over all shards.
#[derive(Debug)]
pub struct Second<'a> {
    /// Which second of the run, from 0.
    pub number: u32,
    /// What was measured in it.
    pub measured: &'a Interval,
    /// A signal has come: from here on, what is left undone is left by whoever sent it.
    pub interrupted: bool,
}

/// What a shard tells the merger.
pub(crate) enum Report {
    /// A second is over.
    Interval(usize, u32, Box<Interval>),
    /// Everything is played; the last interval and what is left.
    Finished(usize, u32, Box<Interval>, Left),
    /// The shard could not start or go on.
    Failed(io::Error),
    /// The shard's thread has broken down.
    Lost(usize),
}

/// Tells the merger if the shard's thread panics.
struct LastWord {
    shard: usize,
    reports: mpsc::Sender<Report>,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.reports.blocking_send(Report::Lost(self.shard));
        }
    }
}

/// Plays `source`; `on_second` sees every second of the run in order, once all shards are past it,
/// and may end the show early by breaking off: then answers under way are waited for as after a
/// signal, and the seconds go on until they are there. After the show the shop is asked about
/// check-outs without an answer, and what it says is one second more. Ctrl-C (and the signal to
/// terminate) ends the show early.
///
/// # Errors
/// If threads cannot be started, or `on_second` fails.
pub fn play(
    play: Play,
    source: impl IntentSource + Send + 'static,
    on_second: impl FnMut(Second<'_>) -> io::Result<ControlFlow<()>>,
) -> Result<Played, PlayError> {
    let settings = Arc::clone(&play.settings);
    let interrupt = Arc::new(AtomicBool::new(false));
    // Before any thread starts, so that no early Ctrl-C is lost.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _guard = runtime.enter();
    let mut signals = Signals::new()?;
    let Started { setup, replay, threads, reports, spares } = start(play, source, &interrupt)?;
    let past = vec![0; threads.len()];
    let mut merging = Merging {
        waiting: BTreeMap::new(),
        past,
        next: 0,
        spares,
        settings,
        interrupted: false,
        stopped: false,
        on_second,
    };
    let merged = runtime.block_on(merge(&mut merging, reports, &mut signals, &interrupt));
    if merged.is_err() {
        interrupt.store(true, Ordering::Relaxed);
    }
    for thread in threads {
        // A panic has printed itself, and `merge` has found the shard lost.
        let _ = thread.join();
    }
    let Left { unresolved, plan } = merged?;
    replay.join().map_err(|_| PlayError::ReplayLost)?;
    let told = LocalSet::new().block_on(&runtime, async {
        tokio::select! {
            told = resolve(&setup, &unresolved) => told,
            // Whoever does not want to wait for the show will not want to wait for the shop.
            () = signals.any() => None,
        }
    });
    if let Some(measured) = told {
        // Nothing is left to be ended by then.
        let interrupted = merging.interrupted;
        let last = Second { number: merging.next, measured: &measured, interrupted };
        let _ = (merging.on_second)(last)?;
    }
    let Merging { interrupted, stopped, .. } = merging;
    Ok(Played { interrupted, stopped, plan })
}

type Spares = Vec<SyncSender<Box<Interval>>>;

/// What runs.
struct Started {
    setup: Arc<Setup>,
    replay: JoinHandle<()>,
    threads: Vec<JoinHandle<()>>,
    reports: mpsc::Receiver<Report>,
    spares: Spares,
}

/// Starts the replay and the shards.
fn start(
    play: Play,
    source: impl IntentSource + Send + 'static,
    interrupt: &Arc<AtomicBool>,
) -> io::Result<Started> {
    let placement = Placement::new(&play.group_sizes, play.shards);
    // Gifts have the currency of the prices; where nothing is sold, what is usual here.
    let currency = play.plan.products.first().map(|product| product.price.currency);
    let currency = currency.unwrap_or(Currency(*b"EUR"));
    let co_hosts = play.plan.shows.iter().map(|show| show.co_hosts.join(","));
    let setup = Arc::new(Setup {
        binding: play.binding,
        reactions: Reactions::new(&play.plan),
        co_hosts: co_hosts.collect(),
        plan: play.plan,
        target: play.address,
        run: play.run,
        run_text: format!("{:x}", play.run),
        currency,
        currency_text: currency.to_string(),
        time_out: play.time_out,
        settings: play.settings,
    });
    let count = placement.count();
    let played = Arc::clone(&setup);
    // Exits are needed even where there is no word for them.
    let played = move |kind| played.binding.plays(kind) || is_exit(kind);
    let (batches, replay) = feed(source, placement.clone(), played)?;
    let (sender, reports) = mpsc::channel(REPORTS_WAITING * count);
    let (notices, inboxes): (Vec<_>, Vec<_>) =
        (0..count).map(|_| sync_channel(NOTICES_WAITING)).unzip();
    let clock = Clock::starting_in(LEAD);
    let mut spares = Vec::new();
    let mut threads = Vec::new();
    for (index, (batches, inbox)) in batches.into_iter().zip(inboxes).enumerate() {
        let (spare, spares_in) = sync_channel(2);
        spares.push(spare);
        let others = notices.iter().enumerate().filter(|&(other, _)| other != index);
        let seat = Seat {
            index,
            sentinel: placement.is_sentinel(index),
            trace: play.trace,
            clock,
            setup: Arc::clone(&setup),
            batches,
            inbox,
            others: others.map(|(_, sender)| sender.clone()).collect(),
            reports: sender.clone(),
            spares: spares_in,
            interrupt: Arc::clone(interrupt),
        };
        let cores = play.cores.clone();
        threads.push(thread::Builder::new().name(format!("shard-{index}")).spawn(move || {
            if let Some(cores) = cores {
                Cores::pin(&cores.generator);
            }
            let reports = seat.reports.clone();
            let _last_word = LastWord { shard: index, reports: reports.clone() };
            if let Err(error) = drive(seat) {
                let _ = reports.blocking_send(Report::Failed(error));
            }
        })?);
    }
    Ok(Started { setup, replay, threads, reports, spares })
}

/// What ends a show early.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    fn new() -> io::Result<Signals> {
        Ok(Signals {})
    }

    async fn any(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Seconds that not every shard is past yet.
struct Merging<F> {
    waiting: BTreeMap<u32, Box<Interval>>,
    /// The first second that each shard may still report; `u32::MAX` once it has finished.
    past: Vec<u32>,
    /// The second after the last one handed on.
    next: u32,
    /// Where emptied intervals go back to the shards.
    spares: Spares,
    settings: Arc<Settings>,
    /// A signal has come.
    interrupted: bool,
    /// `on_second` has broken off.
    stopped: bool,
    on_second: F,
}

impl<F: FnMut(Second<'_>) -> io::Result<ControlFlow<()>>> Merging<F> {
    fn take(&mut self, shard: usize, second: u32, mut interval: Box<Interval>) {
        let settings = &self.settings;
        self.waiting
            .entry(second)
            .or_insert_with(|| Box::new(Interval::new(settings)))
            .merge(&interval);
        interval.clear();
        // Losing a spare only costs an allocation.
        let _ = self.spares[shard].try_send(interval);
        self.past[shard] = second + 1;
    }

    /// Hands on, in order, every second that all shards are past.
    fn release(&mut self) -> io::Result<()> {
        let over = self.past.iter().copied().min().unwrap_or(u32::MAX);
        while let Some(entry) = self.waiting.first_entry().filter(|entry| *entry.key() < over) {
            let (number, measured) = entry.remove_entry();
            self.next = number + 1;
            let going_on = (self.on_second)(Second {
                number,
                measured: &measured,
                interrupted: self.interrupted,
            })?;
            self.stopped |= going_on.is_break();
        }
        Ok(())
    }

    fn is_finished(&self) -> bool {
        self.past.iter().all(|&past| past == u32::MAX)
    }
}

async fn merge<F: FnMut(Second<'_>) -> io::Result<ControlFlow<()>>>(
    merging: &mut Merging<F>,
    mut reports: mpsc::Receiver<Report>,
    signals: &mut Signals,
    interrupt: &AtomicBool,
) -> Result<Left, PlayError> {
    let mut all = Left::default();
    while !merging.is_finished() {
        let report = tokio::select! {
            () = signals.any() => {
                merging.interrupted = true;
                interrupt.store(true, Ordering::Relaxed);
                continue;
            }
            report = reports.recv() => report,
        };
        match report {
            Some(Report::Interval(shard, second, interval)) => {
                merging.take(shard, second, interval);
            }
            Some(Report::Finished(shard, second, interval, left)) => {
                merging.take(shard, second, interval);
                merging.past[shard] = u32::MAX;
                all.unresolved.extend(left.unresolved);
                all.plan.merge(left.plan);
            }
            Some(Report::Failed(error)) => return Err(error.into()),
            Some(Report::Lost(shard)) => {
                merging.past.fill(u32::MAX);
                merging.release()?;
                return Err(PlayError::ShardLost(shard));
            }
            None => unreachable!("a shard that ends says that it has finished, failed or is lost"),
        }
        merging.release()?;
        if merging.stopped {
            interrupt.store(true, Ordering::Relaxed);
        }
    }
    Ok(all)
}
