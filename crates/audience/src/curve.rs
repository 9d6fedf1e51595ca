//! Intensity over show time, up to a factor: who arrives when.
//!
//! The rate is linear or cubic between points and constant within bins; ∫ and its inverse are exact
//! up to rounding, so arrivals are drawn by inversion: F⁻¹(U) with F = Λ/Λ(∞), Λ(t) = ∫₀ᵗ λ.

use crate::Micros;
use crate::piece::{Piece, whole};

/// A relative rate over show time, piecewise linear or cubic; only its shape counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// In time order, each with some mass; between them the rate is zero.
    pieces: Vec<Piece>,
    /// Λ over all pieces, in scaled rate × µs.
    mass: f64,
    /// What a rate was divided by, so that the largest is 1 and no sum can overflow.
    scale: f64,
}

/// Why numbers are not a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// Fewer than two points.
    #[error("a curve needs at least two points")]
    TooFewPoints,
    /// Bins whose edges are not one more than their weights.
    #[error("{weights} bins need {} edges, not {edges}", weights + 1)]
    EdgesAndWeights {
        /// How many edges were given.
        edges: usize,
        /// How many weights were given.
        weights: usize,
    },
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

/// A crowd that comes at once, as in the flash crowds of Ari et al. (2003): a ramp up, a sustained
/// height, a ramp down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlashCrowd {
    /// When the crowd begins to come.
    pub at: Micros,
    /// The rate at its height, where 1 is the rate before and after it.
    pub height: f64,
    /// From `at` to the height.
    pub ramp: Micros,
    /// How long the height lasts.
    pub sustain: Micros,
    /// From the height back to 1.
    pub decay: Micros,
}

impl Curve {
    /// The same rate from 0 to `end` (1 µs at least).
    #[must_use]
    pub fn constant(end: Micros) -> Curve {
        let end = end.max(Micros(1));
        let piece = Piece::new(Micros(0), end, 1.0, 1.0);
        Curve { mass: piece.mass, pieces: vec![piece], scale: 1.0 }
    }

    /// Piecewise linear through `points` (instant, relative rate); zero outside them.
    ///
    /// # Errors
    /// If the points are not at least two, in time order, with finite non-negative rates and an
    /// integral above zero.
    #[expect(clippy::needless_pass_by_value, reason = "a curve is made of its points")]
    pub fn points(points: Vec<(Micros, f64)>) -> Result<Curve, CurveError> {
        if points.len() < 2 {
            return Err(CurveError::TooFewPoints);
        }
        check_order(points.iter().map(|point| point.0))?;
        check_rates(points.iter().map(|point| point.1))?;
        let stretches =
            points.windows(2).map(|pair| (pair[0].0, pair[1].0, pair[0].1, pair[1].1)).collect();
        Curve::new(stretches)
    }

    /// A smooth curve through `points` that is monotone between any two of them, so that it neither
    /// overshoots nor falls below zero; zero outside them.
    ///
    /// The slope at a point is that of the parabola through it and its neighbours (at an end, of
    /// the chord), but 0 at a peak, a trough or beside a plateau, and at most three times the slope
    /// of the flatter chord beside it: then each cubic is monotone (Fritsch & Carlson 1980).
    ///
    /// # Errors
    /// As [`Curve::points`].
    #[expect(clippy::needless_pass_by_value, reason = "a curve is made of its points")]
    pub fn cubic(points: Vec<(Micros, f64)>) -> Result<Curve, CurveError> {
        if points.len() < 2 {
            return Err(CurveError::TooFewPoints);
        }
        check_order(points.iter().map(|point| point.0))?;
        check_rates(points.iter().map(|point| point.1))?;
        let scale = points.iter().fold(0.0, |max: f64, point| max.max(point.1));
        if scale <= 0.0 {
            return Err(CurveError::Zero);
        }
        let scaled: Vec<(Micros, f64)> =
            points.iter().map(|point| (point.0, point.1 / scale)).collect();
        let slopes = monotone_slopes(&scaled);
        let cubic = |(pair, slopes): (&[(Micros, f64)], &[f64])| {
            let rates = (pair[0].1, pair[1].1);
            Piece::cubic((pair[0].0, pair[1].0), rates, (slopes[0], slopes[1]))
        };
        Curve::of(scaled.windows(2).zip(slopes.windows(2)).map(cubic), scale)
    }

    /// Rate 1 from `start` to `end`, but for a flash crowd (of which only what is between them
    /// counts).
    ///
    /// # Errors
    /// If `end` is not after `start`, or the height is not finite and at least 0.
    pub fn flash_crowd(
        start: Micros,
        end: Micros,
        crowd: &FlashCrowd,
    ) -> Result<Curve, CurveError> {
        check_order([start, end].into_iter())?;
        check_rates([1.0, crowd.height].into_iter())?;
        let top = crowd.at.saturating_add(crowd.ramp);
        let fall = top.saturating_add(crowd.sustain);
        let over = fall.saturating_add(crowd.decay);
        let stretches = [
            (Micros(0), crowd.at, 1.0, 1.0),
            (crowd.at, top, 1.0, crowd.height),
            (top, fall, crowd.height, crowd.height),
            (fall, over, crowd.height, 1.0),
            (over, end.max(over), 1.0, 1.0),
        ];
        let cut = |(from, to, first, last): (Micros, Micros, f64, f64)| {
            let (left, right) = (from.clamp(start, end), to.clamp(start, end));
            let rate = |at: Micros| {
                let share = whole(at.saturating_sub(from)) / whole(to.saturating_sub(from));
                first + (last - first) * share
            };
            (left < right).then(|| (left, right, rate(left), rate(right)))
        };
        Curve::new(stretches.into_iter().filter_map(cut).collect())
    }

    /// A constant rate within each bin: `weights[i]` is the share of arrivals between `edges[i]`
    /// and `edges[i + 1]`, up to a factor common to all.
    ///
    /// # Errors
    /// As [`Curve::points`]; `edges` must be one longer than `weights`.
    pub fn bins(edges: &[Micros], weights: &[f64]) -> Result<Curve, CurveError> {
        if edges.len() < 2 {
            return Err(CurveError::TooFewPoints);
        }
        if edges.len() != weights.len() + 1 {
            return Err(CurveError::EdgesAndWeights { edges: edges.len(), weights: weights.len() });
        }
        check_order(edges.iter().copied())?;
        check_rates(weights.iter().copied())?;
        let stretches = edges
            .windows(2)
            .zip(weights)
            .map(|(pair, weight)| {
                let rate = weight / (pair[1].saturating_sub(pair[0])).seconds();
                (pair[0], pair[1], rate, rate)
            })
            .collect();
        Curve::new(stretches)
    }

    fn new(stretches: Vec<(Micros, Micros, f64, f64)>) -> Result<Curve, CurveError> {
        let scale =
            stretches.iter().fold(0.0, |max: f64, stretch| max.max(stretch.2.max(stretch.3)));
        let linear = |(start, end, from, to)| Piece::new(start, end, from / scale, to / scale);
        Curve::of(stretches.into_iter().map(linear), scale)
    }

    fn of(all: impl Iterator<Item = Piece>, scale: f64) -> Result<Curve, CurveError> {
        let (mut pieces, mut mass) = (Vec::new(), 0.0);
        for mut piece in all {
            // Without mass nobody arrives in it (and 0 / 0 is not a number when all are zero).
            if piece.mass > 0.0 {
                piece.before = mass;
                mass += piece.mass;
                pieces.push(piece);
            }
        }
        if pieces.is_empty() { Err(CurveError::Zero) } else { Ok(Curve { pieces, mass, scale }) }
    }

    /// Where the rate is last above zero.
    #[must_use]
    pub fn end(&self) -> Micros {
        self.pieces.last().map_or(Micros(0), |piece| piece.end)
    }

    /// λ(`at`), the relative rate as given (of a bin: its weight a second).
    #[must_use]
    pub fn rate(&self, at: Micros) -> f64 {
        match self.piece(|piece| piece.start <= at) {
            Some(piece) if at < piece.end => self.scale * piece.rate(piece.offset(at)),
            _ => 0.0,
        }
    }

    /// Λ(∞) = ∫λ, in relative rate × seconds.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.scale * self.mass / 1e6
    }

    /// F(`at`) = Λ(`at`)/Λ(∞): the share of arrivals before `at`.
    #[must_use]
    pub fn share(&self, at: Micros) -> f64 {
        match self.piece(|piece| piece.start <= at) {
            None => 0.0,
            Some(piece) => {
                let offset = piece.offset(at.min(piece.end));
                ((piece.before + piece.mass_until(offset)) / self.mass).min(1.0)
            }
        }
    }

    /// F⁻¹(`share`), in whole microseconds (rounded down), for shares from 0 to 1.
    #[must_use]
    pub fn instant(&self, share: f64) -> Micros {
        let mass = share * self.mass;
        match self.piece(|piece| piece.before <= mass) {
            None => Micros(0),
            Some(piece) => piece.instant(mass - piece.before),
        }
    }

    /// The last piece of which `holds` is true; it is true of all before.
    #[inline]
    fn piece(&self, holds: impl Fn(&Piece) -> bool) -> Option<&Piece> {
        let after = self.pieces.partition_point(holds);
        after.checked_sub(1).map(|last| &self.pieces[last])
    }
}

/// The slope (a µs) at each point, see [`Curve::cubic`].
fn monotone_slopes(points: &[(Micros, f64)]) -> Vec<f64> {
    let lengths: Vec<f64> =
        points.windows(2).map(|pair| whole(pair[1].0.saturating_sub(pair[0].0))).collect();
    let chords: Vec<f64> = points
        .windows(2)
        .zip(&lengths)
        .map(|(pair, length)| (pair[1].1 - pair[0].1) / length)
        .collect();
    let between = |(lengths, chords): (&[f64], &[f64])| {
        let (left, right) = (chords[0], chords[1]);
        if left == 0.0 || right == 0.0 || (left > 0.0) != (right > 0.0) {
            return 0.0;
        }
        let parabola = (lengths[1] * left + lengths[0] * right) / (lengths[0] + lengths[1]);
        let steepest = 3.0 * left.abs().min(right.abs());
        parabola.clamp(-steepest, steepest)
    };
    let mut slopes = vec![chords[0]];
    slopes.extend(lengths.windows(2).zip(chords.windows(2)).map(between));
    slopes.extend(chords.last());
    slopes
}

fn check_order(mut instants: impl Iterator<Item = Micros>) -> Result<(), CurveError> {
    let mut last = instants.next();
    for (i, at) in (1..).zip(instants) {
        if Some(at) <= last {
            return Err(CurveError::NotInOrder(i));
        }
        last = Some(at);
    }
    Ok(())
}

fn check_rates(mut rates: impl Iterator<Item = f64>) -> Result<(), CurveError> {
    match rates.position(|rate| !rate.is_finite() || rate < 0.0) {
        Some(i) => Err(CurveError::BadRate(i)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve(points: &[(u64, f64)]) -> Result<Curve, CurveError> {
        Curve::points(
            points.iter().map(|&(second, rate)| (Micros(second * 1_000_000), rate)).collect(),
        )
    }

    #[test]
    fn numbers_that_are_no_curve() {
        let micros = |edges: &[u64]| edges.iter().map(|&edge| Micros(edge)).collect::<Vec<_>>();
        let bins = |edges: &[u64], weights: &[f64]| Curve::bins(&micros(edges), weights);
        let check = |got: Result<Curve, CurveError>, expect| assert_eq!(got, Err(expect));
        check(curve(&[]), CurveError::TooFewPoints);
        check(curve(&[(0, 1.0)]), CurveError::TooFewPoints);
        check(curve(&[(0, 1.0), (5, 1.0), (5, 2.0)]), CurveError::NotInOrder(2));
        check(curve(&[(3, 1.0), (2, 1.0)]), CurveError::NotInOrder(1));
        check(curve(&[(0, 1.0), (1, -0.1)]), CurveError::BadRate(1));
        check(curve(&[(0, f64::NAN), (1, 1.0)]), CurveError::BadRate(0));
        check(curve(&[(0, 1.0), (1, f64::INFINITY)]), CurveError::BadRate(1));
        check(curve(&[(0, 0.0), (9, 0.0)]), CurveError::Zero);
        let cubic = |rates: &[(u64, f64)]| {
            Curve::cubic(rates.iter().map(|&(at, rate)| (Micros(at), rate)).collect())
        };
        check(cubic(&[(0, 1.0)]), CurveError::TooFewPoints);
        check(cubic(&[(3, 1.0), (2, 1.0)]), CurveError::NotInOrder(1));
        check(cubic(&[(0, 1.0), (1, f64::NAN)]), CurveError::BadRate(1));
        check(cubic(&[(0, 0.0), (9, 0.0), (10, 0.0)]), CurveError::Zero);
        check(bins(&[0], &[]), CurveError::TooFewPoints);
        check(bins(&[0, 1, 2], &[1.0]), CurveError::EdgesAndWeights { edges: 3, weights: 1 });
        check(bins(&[0, 2, 2], &[1.0, 1.0]), CurveError::NotInOrder(2));
        check(bins(&[0, 1, 2], &[1.0, -1.0]), CurveError::BadRate(1));
        check(bins(&[0, 1, 2], &[0.0, 0.0]), CurveError::Zero);
    }

    #[test]
    fn known_curves() {
        // (curve, total, instant in s, share there, rate there)
        let ramp = curve(&[(0, 0.0), (10, 2.0)]).unwrap();
        let spike = curve(&[(0, 0.0), (10, 4.0), (20, 0.0)]).unwrap();
        let edges: Vec<Micros> = [0, 10, 30].map(|s| Micros(s * 1_000_000)).into();
        let bins = Curve::bins(&edges, &[3.0, 1.0]).unwrap();
        let even = Curve::constant(Micros(10_000_000));
        let expect = [
            (&ramp, 10.0, 5.0, 0.25, 1.0),
            (&spike, 40.0, 10.0, 0.5, 4.0),
            (&spike, 40.0, 15.0, 0.875, 2.0),
            (&bins, 4.0, 10.0, 0.75, 0.05),
            (&bins, 4.0, 20.0, 0.875, 0.05),
            (&even, 10.0, 2.5, 0.25, 1.0),
        ];
        for (curve, total, second, share, rate) in expect {
            let at = Micros::from_seconds(second);
            let got = (curve.total(), curve.share(at), curve.rate(at));
            assert!((got.0 - total).abs() < 1e-9, "{got:?}");
            assert!((got.1 - share).abs() < 1e-12 && (got.2 - rate).abs() < 1e-12, "{got:?}");
            assert!(curve.instant(share).0.abs_diff(at.0) <= 1, "{:?}", curve.instant(share));
            assert_eq!(
                (curve.share(Micros(0)).to_bits(), curve.share(Micros(1 << 50)).to_bits()),
                (0, 1.0_f64.to_bits())
            );
        }
    }

    #[test]
    fn gaps_without_rate_have_no_arrivals() {
        let curve = curve(&[(0, 0.0), (10, 0.0), (20, 1.0), (30, 0.0), (40, 0.0)]).unwrap();
        for step in 0..=1_000 {
            let at = curve.instant(f64::from(step) / 1_000.0);
            assert!(at >= Micros(10_000_000) && at <= Micros(30_000_000), "{at:?}");
        }
    }

    /// A slope that the usual formula would lose: 2sr is 10⁻¹² of a².
    #[test]
    fn small_slopes_do_not_cancel() {
        let curve = curve(&[(0, 1.0), (1_000, 1.0 + 1e-12)]).unwrap();
        assert!(curve.instant(0.5).0.abs_diff(500_000_000) <= 1);
        let curve = self::curve(&[(0, 1.0), (1_000, 1.0 - 1e-12)]).unwrap();
        assert!(curve.instant(0.5).0.abs_diff(500_000_000) <= 1);
    }

    fn arbitrary() -> impl Strategy<Value = (Curve, Vec<(f64, f64)>)> {
        let rate = prop_oneof![Just(0.0), 1e-6..1e6];
        prop::collection::vec((1..100_000_000_u64, rate), 2..12).prop_filter_map("zero", |steps| {
            let (mut at, mut points) = (Micros(0), Vec::new());
            for (step, rate) in steps {
                at = at.saturating_add(Micros(step));
                points.push((at, rate));
            }
            let floats = points.iter().map(|&(at, rate)| (at.seconds(), rate)).collect();
            Curve::points(points).ok().map(|curve| (curve, floats))
        })
    }

    proptest! {
        #[test]
        fn integral_and_inverse((curve, points) in arbitrary(), a in 0.0..1.0, b in 0.0..1.0) {
            let trapezes = |pair: &[(f64, f64)]| f64::midpoint(pair[0].1, pair[1].1) * (pair[1].0 - pair[0].0);
            let total: f64 = points.windows(2).map(trapezes).sum();
            prop_assert!((curve.total() - total).abs() <= 1e-9 * total);
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            prop_assert!(curve.instant(low) <= curve.instant(high), "monotone");
            // The share is that of the instant rounded down, so the next µs is beyond it.
            let at = curve.instant(low);
            let next = at.saturating_add(Micros(1));
            prop_assert!(curve.share(at) <= low + 1e-9 && low <= curve.share(next) + 1e-9);
            prop_assert!(curve.rate(at) >= 0.0);
        }
    }
}
