//! When the viewers of a group come.

use crate::law::midpoints;
use crate::{Curve, Law, Micros, Share};

/// The law of a viewer's first arrival.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Independent draws from the normalised curve.
    Curve(Curve),
    /// Everybody is told at one instant; some come, each after a delay.
    Notification {
        /// When they are told, in show time.
        at: Micros,
        /// Share of those told who come.
        opens: Share,
        /// From being told to arriving.
        delay: Law,
    },
    /// Each viewer by one of several laws, drawn by weight (above 0, finite); not empty.
    Sum(Vec<(f64, Arrivals)>),
}

impl From<Curve> for Arrivals {
    fn from(curve: Curve) -> Arrivals {
        Arrivals::Curve(curve)
    }
}

impl Arrivals {
    /// The arrivals at a show that is live from `live` to `end`; `None` if nobody can come.
    ///
    /// What a curve says outside that time is left out. Who comes by a notification before `live`
    /// enters as soon as the show is live; whoever would come at `end` or later does not come.
    #[must_use]
    pub fn within(&self, live: Micros, end: Micros) -> Option<Arriving> {
        if live >= end {
            return None;
        }
        let law = match self {
            Arrivals::Curve(curve) => {
                let from = curve.share(live);
                let span = curve.share(end) - from;
                (span > 0.0).then(|| ArrivingBy::Curve { curve: curve.clone(), from, span })
            }
            Arrivals::Notification { at, opens, delay } => {
                (opens.0 > 0.0 && *at < end).then(|| ArrivingBy::Notification {
                    at: *at,
                    opens: opens.0,
                    delay: delay.clone(),
                })
            }
            Arrivals::Sum(parts) => {
                let parts: Vec<(f64, Arriving)> = parts
                    .iter()
                    .filter_map(|(weight, part)| Some((*weight, part.within(live, end)?)))
                    .collect();
                let total: f64 = parts.iter().map(|part| part.0).sum();
                let parts = parts.into_iter().map(|(weight, part)| (weight / total, part));
                (total > 0.0).then(|| ArrivingBy::Sum(parts.collect()))
            }
        };
        Some(Arriving { law: law?, live, end })
    }

    /// When a viewer with the uniform draw `u` in (0, 1) comes to a show that is live from `live`
    /// to `end`; `None` if he does not. For more than a few, keep [`Arrivals::within`].
    #[must_use]
    pub fn instant(&self, u: f64, live: Micros, end: Micros) -> Option<Micros> {
        self.within(live, end)?.instant(u)
    }
}

/// Arrivals at one show, ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Arriving {
    law: ArrivingBy,
    live: Micros,
    end: Micros,
}

#[derive(Clone, Debug, PartialEq)]
enum ArrivingBy {
    Curve {
        curve: Curve,
        /// F at going live.
        from: f64,
        /// F at the end less that.
        span: f64,
    },
    Notification {
        at: Micros,
        opens: f64,
        delay: Law,
    },
    /// Each part with its share; shares sum to 1.
    Sum(Vec<(f64, Arriving)>),
}

impl Arriving {
    /// When a viewer with the uniform draw `u` in (0, 1) comes, before the end; `None` if he does
    /// not.
    #[must_use]
    #[inline]
    pub fn instant(&self, u: f64) -> Option<Micros> {
        match &self.law {
            ArrivingBy::Curve { curve, from, span } => {
                let instant = curve.instant(from + span * u);
                // The curve's own rounding may end outside the show by a microsecond.
                Some(instant.clamp(self.live, Micros(self.end.0 - 1)))
            }
            ArrivingBy::Notification { at, opens, delay } => {
                let instant = at.saturating_add(delay.at((u < *opens).then_some(u / opens)?));
                (instant < self.end).then(|| instant.max(self.live))
            }
            ArrivingBy::Sum(parts) => {
                let mut left = u;
                for (share, part) in parts {
                    if left < *share {
                        return part.instant(left / share);
                    }
                    left -= share;
                }
                // The shares' own rounding may leave a rest that no part covers.
                parts.last().and_then(|(_, part)| part.instant(u))
            }
        }
    }

    /// About `steps` arrivals that stand, with equal weight, for those of all who come.
    #[must_use]
    pub fn grid(&self, steps: u32) -> Vec<Micros> {
        let fine = match &self.law {
            ArrivingBy::Curve { .. } => {
                return midpoints(steps).filter_map(|u| self.instant(u)).collect();
            }
            ArrivingBy::Notification { opens, .. } => {
                let all = midpoints(FINER * steps);
                all.filter_map(|u| self.instant(u * opens)).collect::<Vec<_>>()
            }
            ArrivingBy::Sum(_) => {
                midpoints(FINER * steps).filter_map(|u| self.instant(u)).collect::<Vec<_>>()
            }
        };
        let every = fine.len().div_ceil(steps as usize).max(1);
        fine.into_iter().skip(every / 2).step_by(every).collect()
    }
}

/// How much finer the grid is from which the arrivals of those who come are picked.
const FINER: u32 = 64;
