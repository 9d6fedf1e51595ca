//! When the viewers of a group come.

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
