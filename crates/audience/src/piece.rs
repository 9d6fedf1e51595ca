//! A stretch of time on which a rate is a straight line or a cubic: its mass, and where a given
//! mass is reached. [`Curve`](crate::Curve) and [`Factor`](crate::Factor) are made of these.

use crate::Micros;

/// Steps at most of the search for the instant of a mass on a cubic; some 4 are used.
const STEPS: u32 = 100;

/// A stretch of time with a rate of at least 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) start: Micros,
    pub(crate) end: Micros,
    /// Length in µs.
    length: f64,
    /// Rate at the start.
    from: f64,
    /// Rate at the end.
    to: f64,
    /// Rate a µs from the start to the end, as of a straight line.
    slope: f64,
    /// Factors of s, s², s³ in the rate's difference from `from`, where s goes from 0 to 1 over the
    /// stretch; a straight line if absent.
    bend: Option<[f64; 3]>,
    /// Mass of the pieces before.
    pub(crate) before: f64,
    /// Mass of this piece, in rate × µs.
    pub(crate) mass: f64,
}

impl Piece {
    /// A straight line.
    pub(crate) fn new(start: Micros, end: Micros, from: f64, to: f64) -> Piece {
        let length = whole(end.saturating_sub(start));
        let mass = f64::midpoint(from, to) * length;
        let slope = (to - from) / length;
        Piece { start, end, length, from, to, slope, bend: None, before: 0.0, mass }
    }

    /// The cubic with these rates and slopes (a µs) at the ends, which must make it monotone.
    pub(crate) fn cubic(
        (start, end): (Micros, Micros),
        (from, to): (f64, f64),
        slopes: (f64, f64),
    ) -> Piece {
        let mut piece = Piece::new(start, end, from, to);
        let (first, last) = (slopes.0 * piece.length, slopes.1 * piece.length);
        let rise = to - from;
        piece.bend = Some([first, 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise]);
        piece.mass = piece.mass_until(piece.length);
        piece
    }

    /// µs from the start to `at`.
    #[inline]
    pub(crate) fn offset(&self, at: Micros) -> f64 {
        whole(at.saturating_sub(self.start))
    }

    /// The rate `offset` µs after the start.
    #[inline]
    pub(crate) fn rate(&self, offset: f64) -> f64 {
        match self.bend {
            None => self.from + self.slope * offset,
            Some([a, b, c]) => {
                let s = offset / self.length;
                let rate = self.from + s * (a + s * (b + s * c));
                // What is beyond the ends is rounding.
                rate.clamp(self.from.min(self.to), self.from.max(self.to))
            }
        }
    }

    /// The mass of the first `offset` µs.
    #[inline]
    pub(crate) fn mass_until(&self, offset: f64) -> f64 {
        match self.bend {
            None => f64::midpoint(self.from, self.rate(offset)) * offset,
            Some([a, b, c]) => {
                let s = offset / self.length;
                offset * (self.from + s * (a / 2.0 + s * (b / 3.0 + s * (c / 4.0))))
            }
        }
    }

    /// When `mass` is reached, in whole microseconds (rounded down).
    #[inline]
    pub(crate) fn instant(&self, mass: f64) -> Micros {
        if mass <= 0.0 {
            return self.start;
        }
        let offset = match self.bend {
            None => self.advance(self.from, mass),
            Some(_) => self.search(mass),
        };
        later(self.start, offset.min(self.length))
    }

    /// µs until `mass` is gathered on a straight line, from where the rate is `rate`.
    ///
    /// Solves a·t + s·t²/2 = r for t as 2r / (a + √(a² + 2sr)): the usual form subtracts two
    /// nearly equal numbers when the slope s is small.
    #[inline]
    pub(crate) fn advance(&self, rate: f64, mass: f64) -> f64 {
        let root = (rate * rate + 2.0 * self.slope * mass).max(0.0).sqrt();
        2.0 * mass / (rate + root)
    }

    /// The offset at which `mass` is reached: Newton's steps, halving where one would leave the
    /// bracket.
    fn search(&self, mass: f64) -> f64 {
        let (mut low, mut high) = (0.0, self.length);
        let mut offset = self.length * (mass / self.mass).clamp(0.0, 1.0);
        let close = (self.length * f64::EPSILON).max(1e-4);
        for _ in 0..STEPS {
            let off = self.mass_until(offset) - mass;
            if off > 0.0 {
                high = offset;
            } else {
                low = offset;
            }
            let newton = offset - off / self.rate(offset);
            let inside = newton >= low && newton <= high;
            let next = if inside { newton } else { f64::midpoint(low, high) };
            let step = next - offset;
            offset = next;
            if step.abs() < close {
                break;
            }
        }
        offset
    }
}

/// `offset_us` later, rounded down.
#[inline]
pub(crate) fn later(at: Micros, offset_us: f64) -> Micros {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive; rounding down and saturating are the documented behaviour"
    )]
    at.saturating_add(Micros(offset_us as u64))
}

/// So many µs.
#[inline]
pub(crate) fn whole(micros: Micros) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
    let whole = micros.0 as f64;
    whole
}
