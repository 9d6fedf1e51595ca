//! What each viewer has done so far, counted over all of its connections.
//!
//! Faults that hit attempts and messages without a `cid` are keyed by these numbers: were they
//! counted by connection, a viewer once refused would be refused for ever.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::link::lock;

/// Counts a viewer. Filled only where a fault needs it.
#[derive(Debug, Default)]
pub(crate) struct Tallies(Mutex<HashMap<Arc<str>, Tally>>);

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    attempts: u64,
    messages: u64,
}

impl Tallies {
    /// The number of this attempt to connect, from 0.
    pub(crate) fn next_attempt(&self, user: &Arc<str>) -> u64 {
        let mut tallies = lock(&self.0);
        let tally = tallies.entry(Arc::clone(user)).or_default();
        tally.attempts += 1;
        tally.attempts - 1
    }

    /// The number of this message, from 0.
    pub(crate) fn next_message(&self, user: &Arc<str>) -> u64 {
        let mut tallies = lock(&self.0);
        let tally = tallies.entry(Arc::clone(user)).or_default();
        tally.messages += 1;
        tally.messages - 1
    }
}
