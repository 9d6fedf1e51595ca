//! Counters of everything that happens, as `GET /stats` tells them.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Serialize, Serializer};

/// A number that only grows. Added to once a batch, not once a delivery.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.get())
    }
}

/// What happened since the start. The names are those of `GET /stats`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Stats {
    /// WebSocket connections that were accepted.
    pub(crate) connections: Counter,
    /// Upgrades answered 503 by the fault `refuse`.
    pub(crate) refused: Counter,
    /// Connections reset by the fault `reset`.
    pub(crate) resets: Counter,
    /// Connections closed with 4408.
    pub(crate) closed_idle: Counter,
    /// Connections closed with 4413.
    pub(crate) closed_slow: Counter,
    /// Messages received.
    pub(crate) messages: Counter,
    /// Messages answered with an error.
    pub(crate) errors: Counter,
    /// Broadcasts, the not audited ones too.
    pub(crate) broadcasts: Counter,
    /// Frames of broadcasts handed to sockets.
    pub(crate) deliveries: Counter,
    /// Deliveries dropped because a reader was too slow.
    pub(crate) dropped: Counter,
    /// Gifts taken.
    pub(crate) gifts: Counter,
    /// Times that a stream was passed on.
    pub(crate) shares: Counter,
    /// Entries for giveaways taken.
    pub(crate) entries: Counter,
    /// Orders taken.
    pub(crate) orders: Counter,
    /// Orders answered from their idempotency key.
    pub(crate) orders_repeated: Counter,
    /// Orders refused for want of stock.
    pub(crate) sold_out: Counter,
    /// Orders refused because the shown price was no longer right.
    pub(crate) price_changed: Counter,
    /// Connections that could not be accepted.
    pub(crate) accept_errors: Counter,
}
