//! How long a visit lasts.

use crate::Micros;

/// The law of a visit's length; visits are cut at the end of the show.
#[derive(Clone, Debug, PartialEq)]
pub enum Stay {
    /// ln S is normal: mean ln(median), standard deviation `sigma`.
    LogNormal {
        /// Median stay, above 0.
        median: Micros,
        /// Standard deviation of ln S, at least 0.
        sigma: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean stay, above 0.
        mean: Micros,
    },
    /// Always the same.
    Fixed(Micros),
    /// Drawn from observed stays with equal chance; not empty.
    Empirical(Vec<Micros>),
}
