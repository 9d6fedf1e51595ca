//! A fingerprint of a whole plan, to show that two plans are the same intent for intent.

use crate::{Intent, IntentSource, Micros};

/// FNV-1a, 64 bits (Fowler, Noll & Vo), over the intents in their order.
///
/// Each intent contributes 34 bytes, integers in little-endian order: instant in µs (8), actor's
/// number (8), sequence (4), show (2), kind (1, its place in [`crate::IntentKind::ALL`]), product
/// (2), count (4), 1 if it comes after another intent else 0 (1), that intent's sequence or 0 (4).
/// For each byte: `hash = (hash XOR byte) · 0x100000001b3`, starting at `0xcbf29ce484222325`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanHasher {
    state: u64,
    intents: u64,
}

impl Default for PlanHasher {
    fn default() -> PlanHasher {
        PlanHasher { state: 0xcbf2_9ce4_8422_2325, intents: 0 }
    }
}

impl PlanHasher {
    /// Takes in the next intent.
    pub fn add(&mut self, intent: &Intent) {
        self.bytes(&intent.at.0.to_le_bytes());
        self.bytes(&intent.id.actor.number().to_le_bytes());
        self.bytes(&intent.id.sequence.to_le_bytes());
        self.bytes(&intent.show.0.to_le_bytes());
        self.bytes(&[intent.kind as u8]);
        self.bytes(&intent.product.0.to_le_bytes());
        self.bytes(&intent.count.to_le_bytes());
        self.bytes(&[u8::from(intent.after.is_some())]);
        self.bytes(&intent.after.unwrap_or(0).to_le_bytes());
        self.intents += 1;
    }

    /// The fingerprint of everything taken in so far.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.state
    }

    /// How many intents were taken in.
    #[must_use]
    pub fn intents(&self) -> u64 {
        self.intents
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = (self.state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// The fingerprint of everything that `source` still has to yield.
pub fn plan_hash(source: &mut impl IntentSource) -> u64 {
    let mut hasher = PlanHasher::default();
    let mut intents = Vec::new();
    let mut until = Micros(0);
    loop {
        until = until.saturating_add(Micros::SECOND);
        let more = source.fill(until, &mut intents);
        for intent in intents.drain(..) {
            hasher.add(&intent);
        }
        if !more {
            return hasher.hash();
        }
    }
}
