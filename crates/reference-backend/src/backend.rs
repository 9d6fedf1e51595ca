//! The parts of a running backend, what it does by itself, and how it starts and stops.

use std::collections::BTreeSet;
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use crate::config::{Config, ServeError};
use crate::doors::{Doors, Gate, Peer};
use crate::faults::{Act, FaultLog, Faults};
use crate::http;
use crate::link::Links;
use crate::room::{LIKES_EVERY, Rooms, TICKS_A_VIEWERS_COUNT};
use crate::shop::Shop;
use crate::stats::Stats;
use crate::tally::Tallies;

/// How long open connections have to end once the server stops.
const STOP_PATIENCE: Duration = Duration::from_millis(900);

/// All that connections and requests share.
pub(crate) struct Backend {
    pub(crate) idle: Duration,
    pub(crate) outbox: usize,
    pub(crate) faults: Arc<Faults>,
    pub(crate) fault_log: Arc<FaultLog>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) links: Links,
    pub(crate) rooms: Rooms,
    pub(crate) shop: Shop,
    pub(crate) tallies: Tallies,
    begun: Notify,
}

impl Backend {
    async fn open(config: &Config) -> Result<Backend, ServeError> {
        let mut names = BTreeSet::new();
        for product in &config.products {
            if !names.insert(product.name.as_str()) {
                return Err(ServeError::ProductTwice(product.name.clone()));
            }
        }
        let fault_log = FaultLog::open(config.fault_log.as_deref()).map_err(|error| {
            let path = config.fault_log.clone().unwrap_or_default();
            ServeError::FaultLog { path, error }
        })?;
        let faults = Faults::new(config.seed, &config.faults);
        let shop = Shop::open(config.db.clone(), config.products.clone(), faults.oversell).await?;
        let stats = Arc::new(Stats::default());
        Ok(Backend {
            idle: config.idle,
            outbox: config.outbox,
            faults: Arc::new(faults),
            fault_log: Arc::new(fault_log),
            gate: Arc::default(),
            links: Links::default(),
            rooms: Rooms::new(&stats),
            stats,
            shop,
            tallies: Tallies::default(),
            begun: Notify::new(),
        })
    }

    /// A WebSocket connection is asked for; with the first one, the clock of the faults begins.
    pub(crate) fn begin(&self) {
        if self.fault_log.begin(Instant::now()) {
            self.begun.notify_one();
        }
    }

    /// Shuts the gate for each stall.
    async fn stall(self: Arc<Backend>) {
        self.begun.notified().await;
        let Some(epoch) = self.fault_log.epoch() else { return };
        for &(begin, end) in &self.faults.stalls {
            sleep_until(epoch + begin).await;
            let act = Act {
                fault: "stall",
                for_ms: Some(end.saturating_sub(begin).as_secs_f64() * 1e3),
                ..Act::default()
            };
            self.fault_log.write(Instant::now(), act);
            self.gate.shut();
            sleep_until(epoch + end).await;
            self.gate.open();
        }
    }

    /// Tells counts of likes and viewers, and forgets empty rooms.
    async fn tell_counts(self: Arc<Backend>) {
        let mut ticks = interval(LIKES_EVERY);
        // A late tick must not be followed by an early one: the rates are promised.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut tick: u32 = 0;
        loop {
            ticks.tick().await;
            self.gate.passed().await;
            tick = tick.wrapping_add(1);
            let viewers_too = tick.is_multiple_of(TICKS_A_VIEWERS_COUNT);
            for room in self.rooms.all() {
                room.tell_likes();
                if viewers_too {
                    room.tell_viewers();
                }
            }
            if viewers_too {
                self.rooms.forget_empty();
            }
        }
    }
}

/// Serves on `listener` until `stop` resolves; then closes every connection with code 1001 and
/// returns within about a second. `stop` is polled first once the backend serves. [`listen`](crate::listen) makes a listener with a queue long
/// enough for a crowd.
///
/// # Errors
/// When the configuration cannot be used: see [`ServeError`].
pub async fn serve(
    listener: TcpListener,
    config: Config,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let backend = Arc::new(Backend::open(&config).await?);
    // Aborted when this function returns or is dropped.
    let mut chores = JoinSet::new();
    chores.spawn(Arc::clone(&backend).stall());
    chores.spawn(Arc::clone(&backend).tell_counts());
    let doors = Doors {
        listener,
        gate: Arc::clone(&backend.gate),
        stats: Arc::clone(&backend.stats),
        send_buffer: config.send_buffer,
    };
    let routes = http::routes(Arc::clone(&backend)).into_make_service_with_connect_info::<Peer>();
    let stopping = Arc::new(Notify::new());
    let graceful = {
        let (backend, stopping) = (Arc::clone(&backend), Arc::clone(&stopping));
        async move {
            stop.await;
            backend.links.stop();
            stopping.notify_one();
        }
    };
    let mut serving =
        pin!(axum::serve(doors, routes).with_graceful_shutdown(graceful).into_future());
    tokio::select! {
        served = &mut serving => served?,
        () = stopping.notified() => {
            // A stall would hold the close frames back.
            chores.abort_all();
            backend.gate.open();
            let ended = async {
                serving.await?;
                backend.links.emptied().await;
                Ok::<(), ServeError>(())
            };
            // Whoever has not ended by then is left to itself; it is told nothing any more.
            if let Ok(ended) = timeout(STOP_PATIENCE, ended).await {
                ended?;
            }
        }
    }
    backend.shop.close().await;
    Ok(())
}
