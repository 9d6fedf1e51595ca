//! Fingerprints of whole plans, to show that two plans are the same intent for intent: one of
//! intents in their order, one of intents in any order.

use std::fmt;

use crate::{Intent, IntentSource, Micros};

/// FNV-1a, 64 bits (Fowler, Noll & Vo), over the intents in their order.
///
/// Each intent contributes 34 bytes, integers in little-endian order: instant in µs (8), actor's
/// number (8), sequence (4), show (2), kind (1, its [`crate::IntentKind::code`]), product
/// (2), count (4), 1 if it comes after another intent else 0 (1), that intent's sequence or 0 (4).
/// For each byte: `hash = (hash XOR byte) · 0x100000001b3`, starting at `0xcbf29ce484222325`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanHasher {
    state: u64,
    intents: u64,
}

/// Where FNV-1a starts.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

impl Default for PlanHasher {
    fn default() -> PlanHasher {
        PlanHasher { state: OFFSET, intents: 0 }
    }
}

impl PlanHasher {
    /// Takes in the next intent.
    pub fn add(&mut self, intent: &Intent) {
        self.state = take_in(self.state, intent);
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
}

/// A fingerprint that does not depend on the order of the intents, so that parts of a plan can be
/// fingerprinted where they are played and added up.
///
/// The sum, modulo 2⁶⁴, of the [`PlanHasher`] fingerprints of each intent alone; and how many
/// there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanDigest {
    /// How many intents were taken in.
    pub intents: u64,
    /// The sum of their fingerprints.
    pub sum: u64,
}

impl PlanDigest {
    /// Takes in one intent.
    pub fn add(&mut self, intent: &Intent) {
        self.intents += 1;
        self.sum = self.sum.wrapping_add(take_in(OFFSET, intent));
    }

    /// Takes in all that `other` has taken in.
    pub fn merge(&mut self, other: PlanDigest) {
        self.intents += other.intents;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

/// The sum in 16 hexadecimal digits.
impl fmt::Display for PlanDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.sum)
    }
}

/// The hash after the bytes of one more intent.
fn take_in(state: u64, intent: &Intent) -> u64 {
    let after = intent.after.unwrap_or(0);
    let parts: [&[u8]; 9] = [
        &intent.at.0.to_le_bytes(),
        &intent.id.actor.number().to_le_bytes(),
        &intent.id.sequence.to_le_bytes(),
        &intent.show.0.to_le_bytes(),
        &[intent.kind.code()],
        &intent.product.0.to_le_bytes(),
        &intent.count.to_le_bytes(),
        &[u8::from(intent.after.is_some())],
        &after.to_le_bytes(),
    ];
    let mut state = state;
    for byte in parts.into_iter().flatten() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, IntentId, IntentKind, ProductId, ShowId};

    fn intents() -> Vec<Intent> {
        (0..50)
            .map(|number| Intent {
                at: Micros(u64::from(number) * 1_000),
                id: IntentId { actor: Actor::viewer(0, number % 7), sequence: number },
                show: ShowId(0),
                kind: IntentKind::ALL[number as usize % IntentKind::COUNT],
                product: ProductId(1),
                count: number % 3,
                after: (number % 5 == 0).then_some(number),
            })
            .collect()
    }

    fn digest<'a>(intents: impl IntoIterator<Item = &'a Intent>) -> PlanDigest {
        let mut digest = PlanDigest::default();
        intents.into_iter().for_each(|intent| digest.add(intent));
        digest
    }

    #[test]
    fn digest_of_parts_in_any_order_is_the_digest_of_the_whole() {
        let intents = intents();
        let whole = digest(&intents);
        assert_eq!(whole.intents, 50);
        assert_eq!(digest(intents.iter().rev()), whole);
        let mut sum = PlanDigest::default();
        for part in 0..7 {
            sum.merge(digest(intents.iter().skip(part).step_by(7)));
        }
        assert_eq!(sum, whole);
    }

    #[test]
    fn digest_of_one_intent_is_its_hash() {
        for intent in &intents() {
            let mut hasher = PlanHasher::default();
            hasher.add(intent);
            let digest = digest([intent]);
            assert_eq!(digest.sum, hasher.hash());
            assert_eq!(digest.to_string(), format!("{:016x}", hasher.hash()));
        }
    }

    #[test]
    fn digest_tells_every_field_and_every_copy() {
        let intents = intents();
        let whole = digest(&intents);
        let check = |what: &str, change: &dyn Fn(&mut Vec<Intent>)| {
            let mut changed = intents.clone();
            change(&mut changed);
            assert_ne!(digest(&changed), whole, "{what}");
        };
        check("an instant", &|intents| intents[17].at.0 += 1);
        check("an actor", &|intents| intents[17].id.actor = Actor::viewer(1, 3));
        check("a sequence", &|intents| intents[17].id.sequence += 1);
        check("a show", &|intents| intents[17].show.0 += 1);
        check("a kind", &|intents| intents[17].kind = IntentKind::Leave);
        check("a product", &|intents| intents[17].product.0 += 1);
        check("a count", &|intents| intents[17].count += 1);
        check("what it comes after", &|intents| intents[17].after = Some(0));
        check("one missing", &|intents| intents.truncate(49));
        check("one in the place of another", &|intents| intents[17] = intents[16]);
    }
}
