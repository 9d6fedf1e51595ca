//! Laws of lengths of time: stays, absences, delays.

use crate::sample::normal_quantile;
use crate::{Micros, Share};

/// The law of a length of time; a draw is by inversion.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// ln S is normal: mean ln(median), standard deviation `sigma`.
    LogNormal {
        /// Median, above 0.
        median: Micros,
        /// Standard deviation of ln S, at least 0.
        sigma: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean, above 0.
        mean: Micros,
    },
    /// Always the same.
    Fixed(Micros),
    /// Drawn from what was observed with equal chance; not empty.
    Empirical(Vec<Micros>),
    /// P(S > s) = exp(−(s/scale)^shape).
    Weibull {
        /// Shape k, above 0.
        shape: f64,
        /// Scale, above 0.
        scale: Micros,
    },
    /// P(S ≤ s) = (1 − exp(−(s/scale)^c))^a (Mudholkar & Srivastava 1993; SciPy's `exponweib`).
    ExponentiatedWeibull {
        /// a, above 0.
        a: f64,
        /// c, above 0.
        c: f64,
        /// Scale, above 0.
        scale: Micros,
    },
    /// P(S > s) = exp(1 − exp((s/scale)^b)) (Smith & Bain 1975; SciPy's `exponpow`).
    ExponentialPower {
        /// b, above 0.
        b: f64,
        /// Scale, above 0.
        scale: Micros,
    },
    /// Density ∝ s^(shape − 1) · exp(−s/scale).
    Gamma {
        /// Shape, above 0.
        shape: f64,
        /// Scale, above 0.
        scale: Micros,
    },
    /// One of several laws, each with its share; not empty, shares sum to 1.
    Mixture(Vec<(Share, Law)>),
    /// Another law, plus a constant.
    Shifted {
        /// The constant.
        shift: Micros,
        /// The other law.
        law: Box<Law>,
    },
}

impl Law {
    /// The length that goes with a uniform draw `u` in (0, 1).
    ///
    /// | law | S(u) |
    /// |---|---|
    /// | log-normal | median · exp(σ·Φ⁻¹(u)) |
    /// | exponential | −mean · ln(1 − u) |
    /// | fixed | the same for any u |
    /// | empirical, k values | value ⌊k·u⌋, in the order given |
    #[must_use]
    pub fn at(&self, u: f64) -> Micros {
        match self {
            Law::LogNormal { median, sigma } => {
                Micros::from_seconds(median.seconds() * libm::exp(sigma * normal_quantile(u)))
            }
            Law::Exponential { mean } => Micros::from_seconds(-mean.seconds() * libm::log1p(-u)),
            Law::Fixed(length) => *length,
            Law::Empirical(lengths) => {
                #[expect(clippy::cast_precision_loss, reason = "a list in memory is shorter")]
                let place = u * lengths.len() as f64;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between 0 and the length"
                )]
                let place = (place as usize).min(lengths.len().saturating_sub(1));
                lengths.get(place).copied().unwrap_or_default()
            }
            Law::Weibull { shape, scale } => {
                let power = libm::pow(-libm::log1p(-u), 1.0 / shape);
                Micros::from_seconds(scale.seconds() * power)
            }
            Law::ExponentiatedWeibull { a, c, scale } => {
                let inner = -libm::log1p(-libm::pow(u, 1.0 / a));
                Micros::from_seconds(scale.seconds() * libm::pow(inner, 1.0 / c))
            }
            Law::ExponentialPower { b, scale } => {
                let inner = libm::log1p(-libm::log1p(-u));
                Micros::from_seconds(scale.seconds() * libm::pow(inner, 1.0 / b))
            }
            Law::Gamma { scale, .. } => *scale,
            Law::Mixture(parts) => {
                let mut left = u;
                for (share, law) in parts {
                    if left < share.0 {
                        return law.at(left / share.0);
                    }
                    left -= share.0;
                }
                parts.last().map_or(Micros(0), |(_, law)| law.at(u))
            }
            Law::Shifted { shift, law } => shift.saturating_add(law.at(u)),
        }
    }

    /// Values that stand for the law with equal weight: the midpoints of `steps` equal shares, or
    /// what was observed if that is fewer than twice as many.
    pub(crate) fn grid(&self, steps: u32) -> Vec<Micros> {
        match self {
            Law::Fixed(length) => vec![*length],
            Law::Empirical(lengths) if lengths.len() <= 2 * steps as usize => lengths.clone(),
            _ => midpoints(steps).map(|u| self.at(u)).collect(),
        }
    }
}

/// The midpoints of `steps` equal parts of (0, 1).
pub(crate) fn midpoints(steps: u32) -> impl Iterator<Item = f64> {
    (0..steps).map(move |step| (f64::from(step) + 0.5) / f64::from(steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_each_law() {
        let second = Micros::SECOND;
        let empirical = Law::Empirical(vec![Micros(5), Micros(9), Micros(7)]);
        let log_normal = Law::LogNormal { median: Micros(40_000_000), sigma: 1.1 };
        let expect = [
            (&log_normal, 0.5, 40_000_000),
            // 40 s · e^{1.1 · 1.959964}
            (&log_normal, 0.975, 345_447_210),
            (&Law::Exponential { mean: second }, 0.5, 693_147),
            (&Law::Fixed(second), 0.3, 1_000_000),
            (&empirical, 0.1, 5),
            (&empirical, 0.5, 9),
            (&empirical, 0.999, 7),
            (&Law::Empirical(vec![]), 0.5, 0),
        ];
        for (stay, u, micros) in expect {
            assert!(stay.at(u).0.abs_diff(micros) <= 1, "{stay:?} at {u}: {:?}", stay.at(u));
        }
    }
}
