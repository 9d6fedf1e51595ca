//! Laws of lengths of time: stays, absences, delays.

mod gamma;

use crate::sample::normal_quantile;
use crate::{Micros, Share};

/// The largest float below 1; 1 itself would be the end of time.
const ALMOST_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

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
    /// P(S ≤ s) = (1 − exp(−(s/scale)^c))^a (Mudholkar & Srivastava 1993; `scipy.stats.exponweib`).
    ExponentiatedWeibull {
        /// a, above 0.
        a: f64,
        /// c, above 0.
        c: f64,
        /// Scale, above 0.
        scale: Micros,
    },
    /// P(S > s) = exp(1 − exp((s/scale)^b)) (Smith & Bain 1975; `scipy.stats.exponpow`).
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
    /// The length that goes with a uniform draw `u` in (0, 1); what is too long for [`Micros`] is
    /// the longest they hold.
    ///
    /// | law | S(u) |
    /// |---|---|
    /// | log-normal | median · exp(σ·Φ⁻¹(u)) |
    /// | exponential | −mean · ln(1 − u) |
    /// | fixed | the same for any u |
    /// | empirical, k values | value ⌊k·u⌋, in the order given |
    /// | Weibull | scale · (−ln(1 − u))^(1/k) |
    /// | exponentiated Weibull | scale · (−ln(1 − u^(1/a)))^(1/c) |
    /// | exponential power | scale · ln(1 − ln(1 − u))^(1/b) |
    /// | Gamma | scale · x with P(shape, x) = u |
    /// | mixture | S of the part in whose share u falls, u measured within that share |
    /// | shifted | shift + S(u) of the other law |
    #[must_use]
    pub fn at(&self, u: f64) -> Micros {
        // A draw measured within a share may round to an end.
        let u = u.clamp(f64::MIN_POSITIVE, ALMOST_ONE);
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
                Micros::from_seconds(scale.seconds() * libm::pow(-libm::log1p(-u), 1.0 / shape))
            }
            Law::ExponentiatedWeibull { a, c, scale } => {
                let power = libm::pow(minus_ln_rest(libm::log(u) / a), 1.0 / c);
                Micros::from_seconds(scale.seconds() * power)
            }
            Law::ExponentialPower { b, scale } => {
                let power = libm::pow(libm::log1p(-libm::log1p(-u)), 1.0 / b);
                Micros::from_seconds(scale.seconds() * power)
            }
            Law::Gamma { shape, scale } => {
                Micros::from_seconds(scale.seconds() * gamma::quantile(*shape, u))
            }
            Law::Mixture(parts) => {
                let mut left = u;
                for (share, law) in parts {
                    if left < share.0 {
                        return law.at(left / share.0);
                    }
                    left -= share.0;
                }
                // The shares' own rounding may leave a rest that no part covers.
                parts.last().map_or(Micros(0), |(_, law)| law.at(u))
            }
            Law::Shifted { shift, law } => shift.saturating_add(law.at(u)),
        }
    }

    /// The mean length: the law's own formula, or where it has none the integral of the quantile
    /// to about 1 part in 10⁹.
    #[must_use]
    pub fn mean(&self) -> Micros {
        let seconds = match self {
            Law::LogNormal { median, sigma } => median.seconds() * libm::exp(sigma * sigma / 2.0),
            Law::Exponential { mean } => return *mean,
            Law::Fixed(length) => return *length,
            Law::Empirical(lengths) => {
                #[expect(clippy::cast_precision_loss, reason = "a list in memory is shorter")]
                let count = lengths.len().max(1) as f64;
                lengths.iter().map(|length| length.seconds()).sum::<f64>() / count
            }
            Law::Weibull { shape, scale } => scale.seconds() * libm::tgamma(1.0 + 1.0 / shape),
            Law::ExponentiatedWeibull { .. } | Law::ExponentialPower { .. } => self.integral(),
            Law::Gamma { shape, scale } => scale.seconds() * shape,
            Law::Mixture(parts) => {
                parts.iter().map(|(share, law)| share.0 * law.mean().seconds()).sum()
            }
            Law::Shifted { shift, law } => return shift.saturating_add(law.mean()),
        };
        Micros::from_seconds(seconds)
    }

    /// ∫ S(u) du in seconds by the trapezoidal rule over v = ln(u/(1 − u)): the integrand falls off
    /// exponentially on both sides, where that rule is exact but for the last digits.
    fn integral(&self) -> f64 {
        const STEPS_A_UNIT: f64 = 8.0;
        let term = |step: i32| {
            let v = f64::from(step) / STEPS_A_UNIT;
            let u = 1.0 / (1.0 + libm::exp(-v));
            self.at(u).seconds() * u / (1.0 + libm::exp(v))
        };
        (-400..=280).map(term).sum::<f64>() / STEPS_A_UNIT
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

/// −ln(1 − e^`ln`) for `ln` below 0, whichever of 1 and e^`ln` would swallow the other.
fn minus_ln_rest(ln: f64) -> f64 {
    if ln < -0.7 { -libm::log1p(-libm::exp(ln)) } else { -libm::log(-libm::expm1(ln)) }
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
