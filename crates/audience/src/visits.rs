//! How often a viewer comes, and how long he stays each time.

use crate::{Law, Share};

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
