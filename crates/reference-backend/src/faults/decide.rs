//! Which deliveries, connections and messages a fault hits.
//!
//! A decision is a pure function of (seed, fault, viewer, what), so that it depends neither on the
//! order in which things arrive nor on what happened to others.

use std::time::Duration;

use super::spec::{Fault, Share};
use crate::wire::Kind;

/// The faults that happen to a share of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chance {
    Lose,
    Duplicate,
    Reorder,
    Garbage,
    Refuse,
    Reset,
}

const CHANCES: usize = 6;

/// All faults asked for, ready to be decided on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// Stalls as (begin, end) since the first WebSocket connection, in order and apart.
    pub(crate) stalls: Vec<(Duration, Duration)>,
    /// Whether orders are taken without a look at the stock.
    pub(crate) oversell: bool,
    delays: [Duration; Kind::ALL.len()],
    shares: [Share; CHANCES],
    keys: [u64; CHANCES],
}

impl Faults {
    /// The faults of a list; the later of two for the same thing counts, stalls add up.
    pub(crate) fn new(seed: u64, list: &[Fault]) -> Faults {
        let mut faults = Faults::default();
        let mut delay_of_kind = [None; Kind::ALL.len()];
        let mut delay_of_all = Duration::ZERO;
        for fault in list {
            match *fault {
                Fault::Stall { length, at } => faults.stalls.push((at, at + length)),
                Fault::Delay { length, kind: None } => delay_of_all = length,
                Fault::Delay { length, kind: Some(kind) } => {
                    delay_of_kind[kind as usize] = Some(length);
                }
                Fault::Lose(share) => faults.shares[Chance::Lose as usize] = share,
                Fault::Duplicate(share) => faults.shares[Chance::Duplicate as usize] = share,
                Fault::Reorder(share) => faults.shares[Chance::Reorder as usize] = share,
                Fault::Garbage(share) => faults.shares[Chance::Garbage as usize] = share,
                Fault::Refuse(share) => faults.shares[Chance::Refuse as usize] = share,
                Fault::Reset(share) => faults.shares[Chance::Reset as usize] = share,
                Fault::Oversell => faults.oversell = true,
            }
        }
        faults.delays = delay_of_kind.map(|delay| delay.unwrap_or(delay_of_all));
        faults.stalls = joined(faults.stalls);
        for (purpose, key) in (1_u64..).zip(&mut faults.keys) {
            *key = mix(seed.wrapping_add(purpose.wrapping_mul(GOLDEN)));
        }
        faults
    }

    /// Whether any delivery can be hit at all; if not, deliveries need not be looked at.
    pub(crate) fn touch_deliveries(&self) -> bool {
        self.delays.iter().any(|delay| !delay.is_zero())
            || [Chance::Lose, Chance::Duplicate, Chance::Reorder, Chance::Garbage]
                .into_iter()
                .any(|chance| self.may(chance))
    }

    /// Whether `chance` can hit anything.
    pub(crate) fn may(&self, chance: Chance) -> bool {
        self.shares[chance as usize].get() > 0.0
    }

    /// How much later deliveries of `kind` come.
    pub(crate) fn delay(&self, kind: Kind) -> Duration {
        self.delays[kind as usize]
    }

    /// Whether `chance` hits `what` of `viewer`, both given by their keys.
    pub(crate) fn hits(&self, chance: Chance, viewer: u64, what: u64) -> bool {
        if !self.may(chance) {
            return false;
        }
        let key = mix(mix(self.keys[chance as usize] ^ viewer).wrapping_add(what));
        // The upper 53 bits as a number from 0 to just below 1, so that a share of 1 hits all.
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let draw = (key >> 11) as f64 / (1_u64 << 53) as f64;
        draw < self.shares[chance as usize].get()
    }
}

/// Stalls in order, those that touch made one.
fn joined(mut stalls: Vec<(Duration, Duration)>) -> Vec<(Duration, Duration)> {
    stalls.sort_unstable();
    let mut apart: Vec<(Duration, Duration)> = Vec::with_capacity(stalls.len());
    for (begin, end) in stalls {
        match apart.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => apart.push((begin, end)),
        }
    }
    apart
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The key of a name or a correlation id: FNV-1a of its bytes, finalised.
pub(crate) fn key_of(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(hash)
}

/// The key of a number.
pub(crate) fn key_of_number(number: u64) -> u64 {
    mix(number.wrapping_add(GOLDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64, specs: &[&str]) -> Faults {
        let list: Vec<Fault> = specs.iter().map(|spec| spec.parse().unwrap()).collect();
        Faults::new(seed, &list)
    }

    #[test]
    fn later_shares_and_delays_replace_and_stalls_add_up() {
        let faults = faults(
            0,
            &[
                "stall=2s@30s",
                "delay=1s:pin",
                "delay=20ms",
                "lose=1%",
                "lose=0",
                "stall=1s@10s",
                "stall=5s@31s",
            ],
        );
        let seconds = |begin, end| (Duration::from_secs(begin), Duration::from_secs(end));
        assert_eq!(faults.stalls, [seconds(10, 11), seconds(30, 36)]);
        assert_eq!(faults.delay(Kind::Pin), Duration::from_secs(1));
        assert_eq!(faults.delay(Kind::Chat), Duration::from_millis(20));
        assert!(!faults.may(Chance::Lose));
        assert!(faults.touch_deliveries());
    }

    #[test]
    fn shares_are_kept_and_faults_do_not_agree() {
        let faults = faults(7, &["lose=5%", "duplicate=5%", "garbage=100%", "reorder=0%"]);
        let pairs = || {
            (0..200_u64).flat_map(|viewer| {
                (0..200_u64).map(move |what| (key_of_number(viewer), key_of(&format!("{what:x}"))))
            })
        };
        let count = |chance| pairs().filter(|&(v, w)| faults.hits(chance, v, w)).count();
        // 40,000 draws at 5 %: 2,000 with a standard deviation of 44.
        assert!((1_800..2_200).contains(&count(Chance::Lose)), "{}", count(Chance::Lose));
        assert!((1_800..2_200).contains(&count(Chance::Duplicate)));
        assert_eq!((count(Chance::Garbage), count(Chance::Reorder)), (40_000, 0));
        let both = pairs()
            .filter(|&(v, w)| {
                faults.hits(Chance::Lose, v, w) && faults.hits(Chance::Duplicate, v, w)
            })
            .count();
        assert!((60..140).contains(&both), "independent faults meet in 100 ± 10: {both}");
    }

    #[test]
    fn decisions_never_change() {
        // What a kept fault log says must be reproducible by a later version.
        let faults = faults(42, &["lose=10%"]);
        let hit: Vec<u64> = (0..60)
            .filter(|&n| faults.hits(Chance::Lose, key_of("followers-3"), key_of_number(n)))
            .collect();
        assert_eq!(hit, [22, 45, 46, 58]);
        assert_eq!(key_of("followers-3"), 0x533d_68c4_253c_473d);
    }
}
