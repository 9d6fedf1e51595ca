//! The quantile of the Gamma law: x with P(a, x) = u, on nothing but `libm`.
//!
//! ```text
//! P(a, x) = γ(a, x)/Γ(a) = xᵃe⁻ˣ/Γ(a + 1) · Σ xⁿ/((a + 1)…(a + n))            for x < a + 1
//! Q(a, x) = 1 − P(a, x)  = xᵃe⁻ˣ/Γ(a) · 1/(x + 1 − a − 1·(1 − a)/(x + 3 − a − …))   beyond
//! ```
//! (series and continued fraction; the latter by Lentz's method). The equation is solved by
//! Halley's steps within a bracket that only shrinks: in the lower part for ln P over ln x, which
//! is concave and nearly straight where P is small, in the upper tail for ln Q over x, which is
//! nearly straight where Q is small. So no end of (0, 1) loses digits, and every loop is bounded.

use crate::sample::normal_quantile;

/// Largest shape that is solved for.
const SHAPE_MAX: f64 = 1e6;
/// Above this u the upper tail is solved for; below it 1 − u would have digits to lose.
const UPPER: f64 = 0.9;
/// Halley's steps; about 3 are used, and halving alone would come close.
const STEPS: u32 = 200;
/// Terms of the series and of the fraction: some √a of them are used.
const TERMS: u32 = 20_000;
/// The cube of a relative step below this is nothing.
const CLOSE: f64 = 1e-5;
/// Instead of a zero in Lentz's method.
const TINY: f64 = 1e-300;

/// x with P(`shape`, x) = `u`, to about 1 part in 10¹², for shapes above 0 and u in (0, 1).
///
/// Beyond a shape of 10⁶ it is Wilson and Hilferty's (1931) cube of a normal, whose relative error
/// is then below 10⁻⁸.
pub(crate) fn quantile(shape: f64, u: f64) -> f64 {
    if shape > SHAPE_MAX {
        return wilson_hilferty(shape, u);
    }
    let gamma = Gamma { shape, ln_gamma: libm::lgamma(shape) };
    let least = gamma.least(u);
    // A tiny shape has a tail of tiny numbers, which only ln x tells apart.
    if u <= UPPER || least < -2.0 { gamma.lower(u, least) } else { gamma.upper(1.0 - u, least) }
}

/// a·(1 − 1/(9a) + Φ⁻¹(u)/(3√a))³, at least 0.
fn wilson_hilferty(shape: f64, u: f64) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * shape) + normal_quantile(u) / (3.0 * shape.sqrt());
    shape * root.max(0.0) * root * root
}

struct Gamma {
    /// a
    shape: f64,
    /// ln Γ(a)
    ln_gamma: f64,
}

impl Gamma {
    /// What ln x is at least, and nearly so for small x: P(a, x) ≤ xᵃ/Γ(a + 1).
    fn least(&self, u: f64) -> f64 {
        (libm::log(u) + self.ln_gamma + libm::log(self.shape)) / self.shape
    }

    /// Solves ln P(a, eʸ) = ln u for y.
    fn lower(&self, u: f64, least: f64) -> f64 {
        let ln_u = libm::log(u);
        // Smaller than any float, whatever the digits.
        if least < -700.0 {
            return libm::exp(least);
        }
        let (mut low, mut high) = (least, f64::INFINITY);
        let mut y = least.max(libm::log(wilson_hilferty(self.shape, u)));
        for _ in 0..STEPS {
            let x = libm::exp(y);
            let density = self.density_times_x(x);
            let p = self.p(x, density);
            let off = libm::log(p) - ln_u;
            if off < 0.0 {
                low = low.max(y);
            } else {
                high = high.min(y);
            }
            // d ln P / dy = x · density / P =: g, and dg / dy = g·(a − x − g).
            let slope = density / p;
            let bend = off * (self.shape - x - slope) / (2.0 * slope);
            let next = inside(y - halley(off / slope, bend), low, high, y + 1.0);
            let step = next - y;
            y = next;
            if step.abs() < CLOSE {
                break;
            }
        }
        libm::exp(y)
    }

    /// Solves ln Q(a, x) = ln `tail` for x.
    fn upper(&self, tail: f64, least: f64) -> f64 {
        let ln_tail = libm::log(tail);
        let (mut low, mut high) = (0.0, f64::INFINITY);
        // For a < 1 ln Q is convex, and from the left it is solved without overshooting.
        let mut x = if self.shape < 1.0 {
            libm::exp(least)
        } else {
            wilson_hilferty(self.shape, 1.0 - tail)
        };
        for _ in 0..STEPS {
            let density = self.density_times_x(x);
            let q = self.q(x, density);
            let off = libm::log(q) - ln_tail;
            if off > 0.0 {
                low = x.max(low);
            } else {
                high = x.min(high);
            }
            // d ln Q / dx = −density / Q =: −h, and dh / dx = h·((a − 1)/x − 1 + h).
            let slope = density / (q * x);
            let bend = -off * ((self.shape - 1.0) / x - 1.0 + slope) / (2.0 * slope);
            let next = inside(x + halley(off / slope, bend), low, high, 2.0 * x + 1.0);
            let step = next - x;
            x = next;
            if step.abs() < CLOSE * x {
                break;
            }
        }
        x
    }

    /// xᵃe⁻ˣ/Γ(a)
    fn density_times_x(&self, x: f64) -> f64 {
        libm::exp(self.shape * libm::log(x) - x - self.ln_gamma)
    }

    fn p(&self, x: f64, density_times_x: f64) -> f64 {
        if x < self.shape + 1.0 {
            self.series(x) * density_times_x
        } else {
            1.0 - self.fraction(x) * density_times_x
        }
    }

    fn q(&self, x: f64, density_times_x: f64) -> f64 {
        if x < self.shape + 1.0 {
            1.0 - self.series(x) * density_times_x
        } else {
            self.fraction(x) * density_times_x
        }
    }

    /// P, as a multiple of xᵃe⁻ˣ/Γ(a), for x < a + 1.
    fn series(&self, x: f64) -> f64 {
        let (mut term, mut sum, mut over) = (1.0, 1.0, self.shape);
        for _ in 0..TERMS {
            over += 1.0;
            term *= x / over;
            sum += term;
            if term < sum * f64::EPSILON / 4.0 {
                break;
            }
        }
        sum / self.shape
    }

    /// Q, as a multiple of xᵃe⁻ˣ/Γ(a), for x ≥ a + 1.
    fn fraction(&self, x: f64) -> f64 {
        let mut floor = x + 1.0 - self.shape;
        let (mut above, mut below) = (1.0 / TINY, 1.0 / floor);
        let mut value = below;
        for term in 1..TERMS {
            let term = f64::from(term);
            let over = term * (self.shape - term);
            floor += 2.0;
            below = 1.0 / away_from_zero(over * below + floor);
            above = away_from_zero(floor + over / above);
            let factor = above * below;
            value *= factor;
            if (factor - 1.0).abs() < f64::EPSILON {
                break;
            }
        }
        value
    }
}

/// Halley's step where Newton's is `newton`; `bend` is f·f″/(2f′²), and beyond ½ no longer to be
/// trusted.
fn halley(newton: f64, bend: f64) -> f64 {
    newton / (1.0 - bend).max(0.5)
}

fn away_from_zero(x: f64) -> f64 {
    if x.abs() < TINY { TINY } else { x }
}

/// `next` if it is a number between the bounds, else halfway between them, or `further` while
/// nothing bounds it from above.
fn inside(next: f64, low: f64, high: f64, further: f64) -> f64 {
    if next >= low && next <= high && next.is_finite() {
        next
    } else if high.is_finite() {
        f64::midpoint(low, high)
    } else {
        further
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From mpmath, to 50 digits: shape, u, x (`tests/it/reference/make.py`).
    const REFERENCE: &str = include_str!("../../tests/it/reference/gamma.csv");

    #[test]
    fn quantiles_agree_with_fifty_digits() {
        let mut rows = 0;
        for line in REFERENCE.lines().filter(|line| line.starts_with(|c: char| c.is_numeric())) {
            let row: Vec<f64> = line.split(',').map(|number| number.parse().unwrap()).collect();
            let &[shape, u, expect] = row.as_slice() else { panic!("{line}") };
            let got = quantile(shape, u);
            let off = if expect > 0.0 { (got / expect - 1.0).abs() } else { got };
            assert!(off < 1e-10, "Gamma({shape}) at {u}: {got}, not {expect} ({off:.1e} off)");
            rows += 1;
        }
        assert!(rows > 90, "{rows} rows");
    }

    #[test]
    fn quantiles_are_finite_and_grow_for_any_shape() {
        let ends = [f64::MIN_POSITIVE, 1e-100, 1e-12];
        let shapes = (-12..=40).map(|power| libm::exp(f64::from(power) * 0.8));
        for shape in shapes {
            let mut last = 0.0;
            let inner = (1..200).map(|step| f64::from(step) / 200.0);
            let upper = [1e-6, 1e-12, f64::EPSILON / 2.0].map(|tail| 1.0 - tail);
            for u in ends.into_iter().chain(inner).chain(upper) {
                let x = quantile(shape, u);
                assert!(x.is_finite() && x >= last, "Gamma({shape}) at {u}: {x} after {last}");
                last = x;
            }
        }
    }

    #[test]
    fn the_cube_of_a_normal_goes_on_where_the_solution_ends() {
        for u in [1e-9, 0.01, 0.3, 0.7, 0.99, 1.0 - 1e-9] {
            let (solved, cube) = (quantile(SHAPE_MAX, u), wilson_hilferty(SHAPE_MAX, u));
            assert!((solved / cube - 1.0).abs() < 1e-8, "at {u}: {solved} and {cube}");
        }
    }
}
