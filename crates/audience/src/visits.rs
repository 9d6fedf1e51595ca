//! How often a viewer comes, and how long he stays each time.

use crate::{Law, Share};

/// Most visits of a viewer.
pub(crate) const VISITS_MAX: u32 = 256;

/// One class of viewers of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitClass {
    /// Share of the group's viewers.
    pub share: Share,
    /// How long a visit lasts; visits are cut at the end of the show.
    pub stay: Law,
    /// Whether they come back.
    pub returns: Option<Returns>,
}

impl VisitClass {
    /// The class of a group whose viewers are all alike and come once.
    #[must_use]
    pub fn once(stay: Law) -> VisitClass {
        VisitClass { share: Share(1.0), stay, returns: None }
    }

    /// Which of `classes` a uniform draw `u` in (0, 1) falls to.
    #[must_use]
    #[inline]
    pub fn choose(classes: &[VisitClass], u: f64) -> usize {
        let mut left = u;
        for (number, class) in classes.iter().enumerate() {
            if left < class.share.0 {
                return number;
            }
            left -= class.share.0;
        }
        // The shares' own rounding may leave a rest that no class covers.
        classes.len().saturating_sub(1)
    }
}

/// Coming back to the same room.
#[derive(Clone, Debug, PartialEq)]
pub struct Returns {
    /// Visits of a viewer for sure, before `more` are added.
    pub visits: u32,
    /// The number of visits beyond those.
    pub more: MoreVisits,
    /// From the end of a visit to the next join.
    pub absence: Law,
}

impl Returns {
    /// The number of visits that goes with a uniform draw `u` in (0, 1), from 1 to 256.
    #[must_use]
    pub fn count(&self, u: f64) -> u32 {
        self.visits.saturating_add(self.more.count(u)).clamp(1, VISITS_MAX)
    }
}

/// A law of a number of visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MoreVisits {
    /// None.
    None,
    /// Failures before `r` successes of probability `p`: P(K = k) = C(k + r − 1, k) pʳ (1 − p)ᵏ.
    NegativeBinomial {
        /// r, above 0, not only whole.
        r: f64,
        /// p, in (0, 1].
        p: f64,
    },
    /// Trials until a success of probability `p`: 1, 2, …
    Geometric {
        /// p, in (0, 1].
        p: f64,
    },
    /// P(K = k) ∝ k^−s on 1, 2, …
    Zipf {
        /// s, above 1.
        exponent: f64,
    },
}

impl MoreVisits {
    /// The smallest k with P(K ≤ k) > `u`, at most 256.
    fn count(&self, u: f64) -> u32 {
        match *self {
            MoreVisits::None => 0,
            MoreVisits::NegativeBinomial { r, p } => {
                // P(K = k + 1)/P(K = k) = (k + r)/(k + 1) · (1 − p)
                let none = libm::exp(r * libm::log(p));
                search(u, 0, none, |k| (k + r) / (k + 1.0) * (1.0 - p))
            }
            MoreVisits::Geometric { p } => {
                // P(K > k) = (1 − p)ᵏ
                let beyond = libm::log1p(-u) / libm::log1p(-p);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at least 0, and saturating is right"
                )]
                let beyond = beyond as u32;
                beyond.saturating_add(1).min(VISITS_MAX)
            }
            MoreVisits::Zipf { exponent } => search(u, 1, 1.0 / zeta(exponent), |k| {
                libm::exp(exponent * libm::log(k / (k + 1.0)))
            }),
        }
    }
}

/// The smallest k ≥ `first` with P(K ≤ k) > `u`, at most [`VISITS_MAX`]: `chance` is P(K = `first`)
/// and `ratio(k)` is P(K = k + 1)/P(K = k).
fn search(u: f64, first: u32, chance: f64, ratio: impl Fn(f64) -> f64) -> u32 {
    let (mut k, mut chance, mut left) = (first, chance, u);
    while left >= chance && k < VISITS_MAX {
        left -= chance;
        chance *= ratio(f64::from(k));
        k += 1;
    }
    k
}

/// ζ(s) = Σ k^−s for s > 1, by Euler and Maclaurin's formula after nine terms: an error below
/// 10⁻¹².
fn zeta(s: f64) -> f64 {
    const N: f64 = 10.0;
    let power = |k: f64| libm::exp(-s * libm::log(k));
    let terms: f64 = (1..10).map(|k| power(f64::from(k))).sum();
    let last = power(N);
    let third = s * (s + 1.0) * (s + 2.0);
    let fifth = third * (s + 3.0) * (s + 4.0);
    let seventh = fifth * (s + 5.0) * (s + 6.0);
    let n3 = N * N * N;
    terms
        + last * N / (s - 1.0)
        + last / 2.0
        + last
            * (s / (12.0 * N) - third / (720.0 * n3) + fifth / (30_240.0 * n3 * N * N)
                - seventh / (1_209_600.0 * n3 * n3 * N))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeta_of_known_arguments() {
        let expect = [
            (1.01, 100.577_943_338_496_78),
            (1.5, 2.612_375_348_685_488),
            (2.0, 1.644_934_066_848_226_4),
            (2.7042, 1.273_045_800_543_952_4),
            (4.0, 1.082_323_233_711_138_2),
            (20.0, 1.000_000_953_962_033_9),
        ];
        for (s, value) in expect {
            assert!((zeta(s) / value - 1.0).abs() < 1e-12, "zeta({s}) = {}", zeta(s));
        }
    }
}
