//! Factors on a rate: how much livelier (or quieter) than usual, over show time or over the time
//! that a viewer has been there.

use crate::{CurveError, Micros};

/// A factor over time, piecewise linear between points; before the first and after the last point
/// it stays as it is there. 1 means as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// In time order, at least one.
    points: Vec<(Micros, f64)>,
}

impl Factor {
    /// A factor through `points` (instant, factor).
    ///
    /// # Errors
    /// If there is no point, or they are not in time order, with finite factors of at least 0.
    pub fn new(points: Vec<(Micros, f64)>) -> Result<Factor, CurveError> {
        if points.is_empty() {
            return Err(CurveError::TooFewPoints);
        }
        if let Some(late) = (1..points.len()).find(|&i| points[i].0 <= points[i - 1].0) {
            return Err(CurveError::NotInOrder(late));
        }
        match points.iter().position(|point| !point.1.is_finite() || point.1 < 0.0) {
            Some(bad) => Err(CurveError::BadRate(bad)),
            None => Ok(Factor { points }),
        }
    }

    /// The factor at an instant.
    #[must_use]
    pub fn at(&self, at: Micros) -> f64 {
        let after = self.points.partition_point(|point| point.0 <= at);
        let Some(before) = after.checked_sub(1) else { return self.points[0].1 };
        let (from, start) = self.points[before];
        match self.points.get(after) {
            None => start,
            Some(&(to, end)) => {
                let share = at.saturating_sub(from).seconds() / to.saturating_sub(from).seconds();
                start + (end - start) * share
            }
        }
    }

    /// What it never exceeds.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.points.iter().fold(0.0, |max, point| point.1.max(max))
    }
}
