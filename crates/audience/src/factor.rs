//! Factors on a rate: how much livelier (or quieter) than usual, over show time or over the time
//! that a viewer has been there.
//!
//! With c the factor, C(t) = ∫₀ᵗ c: a Poisson process of rate r·c(t) is one of rate r in the time
//! C, so its next event after t is C⁻¹(C(t) + E/r), E exponential of mean 1. C and its inverse are
//! exact up to rounding.

use crate::piece::{Piece, later, whole};
use crate::{CurveError, Micros};

/// Above this, integrals could overflow; nobody means such a factor.
const FACTOR_MAX: f64 = 1e200;

/// A factor over time, piecewise linear between points; before the first and after the last point
/// it stays as it is there. 1 means as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// From 0 to the last point, without gaps.
    pieces: Vec<Piece>,
    /// When the last point is.
    end: Micros,
    /// The factor from then on.
    last: f64,
    /// C at the last point, in factor × µs.
    mass: f64,
    max: f64,
}

impl Factor {
    /// A factor through `points` (instant, factor).
    ///
    /// # Errors
    /// If there is no point, or they are not in time order, with finite factors of at least 0.
    #[expect(clippy::needless_pass_by_value, reason = "a factor is made of its points")]
    pub fn new(points: Vec<(Micros, f64)>) -> Result<Factor, CurveError> {
        let (Some(&first), Some(&(end, last))) = (points.first(), points.last()) else {
            return Err(CurveError::TooFewPoints);
        };
        if let Some(late) = (1..points.len()).find(|&i| points[i].0 <= points[i - 1].0) {
            return Err(CurveError::NotInOrder(late));
        }
        if let Some(bad) = points.iter().position(|point| !(0.0..=FACTOR_MAX).contains(&point.1)) {
            return Err(CurveError::BadRate(bad));
        }
        let lead = (first.0 > Micros(0)).then(|| Piece::new(Micros(0), first.0, first.1, first.1));
        let between =
            points.windows(2).map(|pair| Piece::new(pair[0].0, pair[1].0, pair[0].1, pair[1].1));
        let (mut pieces, mut mass) = (Vec::with_capacity(points.len()), 0.0);
        for mut piece in lead.into_iter().chain(between) {
            piece.before = mass;
            mass += piece.mass;
            pieces.push(piece);
        }
        let max = points.iter().fold(0.0, |max: f64, point| max.max(point.1));
        Ok(Factor { pieces, end, last, mass, max })
    }

    /// The factor at an instant.
    #[must_use]
    #[inline]
    pub fn at(&self, at: Micros) -> f64 {
        self.piece(at).map_or(self.last, |(_, piece)| piece.rate(piece.offset(at)))
    }

    /// What it never exceeds.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.max
    }

    /// ∫c between two instants, in factor × µs: the length between them if the factor is 1.
    #[must_use]
    #[inline]
    pub fn integral(&self, from: Micros, to: Micros) -> f64 {
        if to <= from {
            return 0.0;
        }
        if from >= self.end {
            return self.last * whole(to.saturating_sub(from));
        }
        (self.mass_until(to) - self.mass_until(from)).max(0.0)
    }

    /// The instant by which ∫c from `at` on has grown by `mass_us`, rounded down; `None` if it
    /// never does.
    #[must_use]
    #[inline]
    pub fn after(&self, at: Micros, mass_us: f64) -> Option<Micros> {
        if mass_us <= 0.0 {
            return Some(at);
        }
        let Some((number, piece)) = self.piece(at) else { return self.after_end(at, mass_us) };
        let offset = piece.offset(at);
        let rest = piece.mass - piece.mass_until(offset);
        if mass_us < rest {
            let advance = piece.advance(piece.rate(offset), mass_us);
            return Some(later(at, advance).min(piece.end));
        }
        let mass = piece.before + piece.mass + (mass_us - rest);
        let behind = &self.pieces[number + 1..];
        let next = behind.partition_point(|piece| piece.before + piece.mass <= mass);
        match behind.get(next) {
            Some(piece) => Some(piece.instant(mass - piece.before)),
            None => self.after_end(self.end, mass - self.mass),
        }
    }

    /// Steps through time from `from` on; cheaper than asking [`Factor::after`] for each.
    #[inline]
    pub(crate) fn walk(&self, from: Micros) -> Walk<'_> {
        let number = self.pieces.partition_point(|piece| piece.end <= from);
        Walk { factor: self, number, mass: self.mass_until(from), at: from }
    }

    /// As [`Factor::after`], for instants from the last point on.
    fn after_end(&self, at: Micros, mass: f64) -> Option<Micros> {
        if mass <= 0.0 {
            return Some(at);
        }
        (self.last > 0.0).then(|| later(at, mass / self.last))
    }

    /// The piece that `at` falls into, with its number; `None` from the last point on.
    #[inline]
    fn piece(&self, at: Micros) -> Option<(usize, &Piece)> {
        let number = self.pieces.partition_point(|piece| piece.end <= at);
        self.pieces.get(number).map(|piece| (number, piece))
    }

    /// C(`at`)
    #[inline]
    fn mass_until(&self, at: Micros) -> f64 {
        match self.piece(at) {
            Some((_, piece)) => piece.before + piece.mass_until(piece.offset(at)),
            None => self.mass + self.last * whole(at.saturating_sub(self.end)),
        }
    }
}

/// A place in time from which one steps on by given masses.
///
/// C is kept beside the instant, so that rounding to whole microseconds does not add up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'a> {
    factor: &'a Factor,
    /// The piece of this place, or one before it.
    number: usize,
    /// C at this place.
    mass: f64,
    at: Micros,
}

impl Walk<'_> {
    /// The instant by which ∫c has grown by `mass_us` more, rounded down; `None` if it never does.
    #[inline]
    pub(crate) fn step(&mut self, mass_us: f64) -> Option<Micros> {
        self.mass += mass_us;
        let (factor, mass) = (self.factor, self.mass);
        let is_before = |piece: &Piece| piece.before + piece.mass <= mass;
        let behind = factor.pieces.get(self.number..).unwrap_or_default();
        // Nearly always this piece or the next one.
        let on = match behind {
            [here, ..] if !is_before(here) => 0,
            [_, next, ..] if !is_before(next) => 1,
            _ => behind.partition_point(is_before),
        };
        self.number += on;
        let at = match behind.get(on) {
            Some(piece) => piece.instant(mass - piece.before),
            None if factor.last > 0.0 => later(factor.end, (mass - factor.mass) / factor.last),
            None => return None,
        };
        self.at = self.at.max(at);
        Some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_go_where_single_steps_go() {
        let points = [(3, 0.0), (10, 4.0), (11, 0.0), (20, 0.0), (25, 1.0)];
        let second = |second: u64| Micros(second * 1_000_000);
        let factor = |last: f64| {
            let mut points: Vec<(Micros, f64)> =
                points.iter().map(|point| (second(point.0), point.1)).collect();
            points.push((second(30), last));
            Factor::new(points).unwrap()
        };
        for last in [0.5, 0.0] {
            let factor = factor(last);
            for from in [0, 5, 10, 15, 29, 40].map(second) {
                for step in [1e-9, 1.3, 3.1e4, 1.01e6, 7.3e6] {
                    let (mut walk, mut mass, mut before) = (factor.walk(from), 0.0, from);
                    for _ in 0..30 {
                        mass += step;
                        let (got, expect) = (walk.step(step), factor.after(from, mass));
                        assert_eq!(got.is_some(), expect.is_some(), "from {from:?} by {mass}");
                        let (Some(got), Some(expect)) = (got, expect) else { break };
                        // Where the factor is small, the last bits of a mass are many µs.
                        assert!(got.0.abs_diff(expect.0) <= 60, "{got:?}, not {expect:?}");
                        assert!(got >= before, "time does not go back");
                        before = got;
                    }
                }
            }
        }
    }
}
