//! The near end of a connection: its bounded outbox, and the order to end it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc};

use crate::wire::Broadcast;

/// Locks. A panic elsewhere cannot leave what is guarded here in a state worse than it is.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a connection is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Its outbox was full.
    Slow,
    /// The server stops.
    Stopping,
}

/// One connection, as rooms see it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) user: Arc<str>,
    outbox: mpsc::Sender<Arc<Broadcast>>,
    cut: AtomicU8,
    pub(crate) told_to_end: Notify,
}

/// What became of a broadcast put into an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It waits there.
    Waits,
    /// There was no room: the connection is told to end.
    Full,
    /// The connection is gone.
    Gone,
}

impl Link {
    /// A link with an outbox of `capacity`, and the far end of the outbox.
    pub(crate) fn new(
        user: Arc<str>,
        capacity: usize,
    ) -> (Arc<Link>, mpsc::Receiver<Arc<Broadcast>>) {
        let (outbox, receiver) = mpsc::channel(capacity.max(1));
        let link = Link { user, outbox, cut: AtomicU8::new(0), told_to_end: Notify::new() };
        (Arc::new(link), receiver)
    }

    /// Puts a broadcast into the outbox; never waits.
    pub(crate) fn put(&self, broadcast: &Arc<Broadcast>) -> Put {
        match self.outbox.try_send(Arc::clone(broadcast)) {
            Ok(()) => Put::Waits,
            Err(mpsc::error::TrySendError::Full(_)) => {
                self.end(Cut::Slow);
                Put::Full
            }
            Err(mpsc::error::TrySendError::Closed(_)) => Put::Gone,
        }
    }

    /// Tells the connection to end; the first reason stays.
    pub(crate) fn end(&self, cut: Cut) {
        let code = match cut {
            Cut::Slow => 1,
            Cut::Stopping => 2,
        };
        // If it fails, it was told before.
        let _ = self.cut.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst);
        self.told_to_end.notify_one();
    }

    /// Why it was told to end.
    pub(crate) fn cut(&self) -> Cut {
        if self.cut.load(Ordering::SeqCst) == 1 { Cut::Slow } else { Cut::Stopping }
    }
}

/// Every connection there is, so that all can be told to end.
#[derive(Debug, Default)]
pub(crate) struct Links {
    open: Mutex<Open>,
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    links: BTreeMap<u64, Arc<Link>>,
    stopping: bool,
}

impl Links {
    /// Enters `link`; `None` if the server is stopping.
    pub(crate) fn enter(&self, link: Arc<Link>) -> Option<u64> {
        let mut open = lock(&self.open);
        if open.stopping {
            return None;
        }
        let number = open.next;
        open.next += 1;
        open.links.insert(number, link);
        Some(number)
    }

    /// Removes what [`Links::enter`] gave the number of.
    pub(crate) fn leave(&self, number: u64) {
        let mut open = lock(&self.open);
        open.links.remove(&number);
        if open.links.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        lock(&self.open).links.len()
    }

    /// Tells all to end, and lets no more in.
    pub(crate) fn stop(&self) {
        let mut open = lock(&self.open);
        open.stopping = true;
        for link in open.links.values() {
            link.end(Cut::Stopping);
        }
    }

    /// Waits until none is left.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.count() == 0 {
                return;
            }
            emptied.await;
        }
    }
}
