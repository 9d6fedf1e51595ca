//! How long a visit lasts.

use crate::Micros;
use crate::sample::normal_quantile;

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

impl Stay {
    /// The stay that goes with a uniform draw `u` in (0, 1); a visit draws by inversion.
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
            Stay::LogNormal { median, sigma } => {
                Micros::from_seconds(median.seconds() * libm::exp(sigma * normal_quantile(u)))
            }
            Stay::Exponential { mean } => Micros::from_seconds(-mean.seconds() * libm::log1p(-u)),
            Stay::Fixed(length) => *length,
            Stay::Empirical(lengths) => {
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
        }
    }

    /// Values that stand for the law with equal weight: the midpoints of `steps` equal shares, or
    /// what was observed if that is fewer than twice as many.
    pub(crate) fn grid(&self, steps: u32) -> Vec<Micros> {
        match self {
            Stay::Fixed(length) => vec![*length],
            Stay::Empirical(lengths) if lengths.len() <= 2 * steps as usize => lengths.clone(),
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
        let empirical = Stay::Empirical(vec![Micros(5), Micros(9), Micros(7)]);
        let log_normal = Stay::LogNormal { median: Micros(40_000_000), sigma: 1.1 };
        let expect = [
            (&log_normal, 0.5, 40_000_000),
            // 40 s · e^{1.1 · 1.959964}
            (&log_normal, 0.975, 345_447_210),
            (&Stay::Exponential { mean: second }, 0.5, 693_147),
            (&Stay::Fixed(second), 0.3, 1_000_000),
            (&empirical, 0.1, 5),
            (&empirical, 0.5, 9),
            (&empirical, 0.999, 7),
            (&Stay::Empirical(vec![]), 0.5, 0),
        ];
        for (stay, u, micros) in expect {
            assert!(stay.at(u).0.abs_diff(micros) <= 1, "{stay:?} at {u}: {:?}", stay.at(u));
        }
    }
}
