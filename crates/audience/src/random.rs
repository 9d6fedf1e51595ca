//! Keyed randomness: every (seed, purpose, entity) has a stream of its own, so that one more draw,
//! or one more viewer, changes nobody else.
//!
//! ```text
//! key(seed, purpose)         = f(f(seed + φ) + purpose·φ)
//! key(seed, purpose, entity) = f(key(seed, purpose) + entity·ε)
//! ```
//! with f the finaliser of splitmix64 (Steele, Lea & Flood 2014; variant 13 of Stafford), φ =
//! `0x9e3779b97f4a7c15`, ε = `0xd1342543de82ef95` and arithmetic modulo 2⁶⁴. Each f is a bijection
//! that spreads one changed bit over all 64, so neighbouring seeds, purposes and entities share
//! nothing; the arguments are never combined by XOR, which would let one undo the other. A key
//! seeds Xoshiro256++ (Blackman & Vigna 2021) with the four next outputs of splitmix64. ε differs
//! from splitmix64's own step φ, so that the keys derived from a key are no words of its stream.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::sample::open;

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
const ENTITY: u64 = 0xd134_2543_de82_ef95;

/// What a stream is for. The numbers are part of what a seed means: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Purpose {
    /// The number of viewers of a group whose mean is given.
    Size = 1,
    /// When a viewer arrives.
    Join = 2,
    /// How long a viewer stays.
    Stay = 3,
    /// A viewer's own messages.
    Chat = 4,
    /// A viewer's runs of likes.
    Likes = 5,
    /// A viewer's clicks, and what becomes of them.
    Clicks = 6,
    /// Number and delays of the replies to a message.
    Replies = 7,
    /// Who writes a reply.
    Author = 8,
    /// What a viewer does because of something received.
    Reaction = 9,
    /// When a creator answers a message received.
    Answer = 10,
    /// The class of a viewer's visits.
    Class = 11,
    /// The show that a viewer visits first.
    Home = 12,
    /// A viewer's weight, of each kind of act.
    Weight = 13,
    /// Whether a viewer gives, and how much.
    Giver = 14,
    /// A viewer's gifts.
    Gifts = 15,
    /// How a viewer passes the stream on.
    Shares = 16,
    /// Whether and when a viewer enters for a giveaway.
    Enter = 17,
    /// Whether and when a viewer follows a raid.
    Raid = 18,
    /// Whether, when and where a viewer goes on to another show.
    Hop = 19,
    /// How long a viewer stays away.
    Absence = 20,
    /// How often a viewer comes.
    Returns = 21,
}

/// A number that names a stream, and from which further keys are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) u64);

impl Key {
    pub(crate) fn new(seed: u64, purpose: Purpose) -> Key {
        let seeded = finalise(seed.wrapping_add(GOLDEN));
        Key(finalise(seeded.wrapping_add((purpose as u64).wrapping_mul(GOLDEN))))
    }

    /// The key of one entity under this key.
    #[inline]
    pub(crate) fn entity(self, entity: u64) -> Key {
        Key(finalise(self.0.wrapping_add(entity.wrapping_mul(ENTITY))))
    }

    /// One draw, uniform on (0, 1), for a key of which no stream is made: a finalised number is as
    /// random as a stream's, and costs no seeding.
    #[inline]
    pub(crate) fn open(self) -> f64 {
        open(self.0)
    }

    /// The stream of this key; cheap enough to be made for a single draw.
    #[inline]
    pub(crate) fn stream(self) -> Stream {
        let mut seed = [0_u8; 32];
        let mut state = self.0;
        for word in seed.chunks_exact_mut(8) {
            state = state.wrapping_add(GOLDEN);
            word.copy_from_slice(&finalise(state).to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(seed))
    }
}

/// A stream of 64 random bits at a time; the samplers are in `sample`.
#[derive(Clone, Debug)]
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

#[inline]
fn finalise(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finaliser_is_that_of_splitmix64() {
        // The first outputs of the reference implementation (Vigna, splitmix64.c) for seed 0.
        let outputs = [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f];
        for (i, expect) in (1_u64..).zip(outputs) {
            assert_eq!(finalise(GOLDEN.wrapping_mul(i)), expect);
        }
    }

    #[test]
    fn golden_keys_and_streams() {
        let key = Key::new(7, Purpose::Chat).entity(1 << 32);
        let mut stream = key.stream();
        let got = [key.0, stream.bits(), stream.bits(), stream.bits()];
        assert_eq!(got, GOLDEN_STREAM, "{got:#x?}");
    }

    /// Computed by an independent program from the formulas above.
    const GOLDEN_STREAM: [u64; 4] = [
        0x21b9_9c5b_1aa7_66e2,
        0x7ee0_aed9_263c_b66f,
        0xaa58_7448_a8d2_297b,
        0x5c9a_320a_5077_802b,
    ];

    /// Among neighbours each of 64 bits flips half the time, whichever argument moves.
    #[test]
    fn neighbouring_seeds_purposes_and_entities_share_nothing() {
        let neighbours: [fn(u64) -> (u64, u64); 3] = [
            |i| (first(i, Purpose::Join, 5), first(i + 1, Purpose::Join, 5)),
            |i| (first(i, Purpose::Join, i), first(i, Purpose::Stay, i)),
            |i| (first(9, Purpose::Likes, i), first(9, Purpose::Likes, i + 1)),
        ];
        for pair in neighbours {
            let flipped: u32 = (0..10_000)
                .map(|i| {
                    let (a, b) = pair(i);
                    (a ^ b).count_ones()
                })
                .sum();
            // 640,000 fair bits: standard deviation 400.
            let off = i64::from(flipped) - 320_000;
            assert!(off.abs() < 1_800, "{flipped} of 640,000 bits flipped");
        }
    }

    fn first(seed: u64, purpose: Purpose, entity: u64) -> u64 {
        Key::new(seed, purpose).entity(entity).stream().bits()
    }
}
