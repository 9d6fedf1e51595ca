//! Who is in the room at an instant.

use claque_audience::{Size, Visits};
use statrs::distribution::{ContinuousCDF, LogNormal};

use crate::laws::{close, count, integral, moments};
use crate::plans::{first_show, seconds};

/// The chance that a viewer of the first show is there at `t`: ∫ f(a)·P(S > t − a) da.
fn chance(t: f64) -> f64 {
    let stay = LogNormal::new(libm::log(40.0), 1.1).unwrap();
    let rate = |a: f64| if a < 5.0 { 1.0 + 0.4 * a } else { 3.0 - 2.8 / 55.0 * (a - 5.0) };
    let total = integral(0.0, 60.0, rate);
    integral(0.0, t, |a| rate(a) / total * (1.0 - stay.cdf(t - a)))
}

/// How many of a first show's viewers are there at 30 s, for each of 3,000 seeds.
fn presence(size: Size) -> Vec<f64> {
    let at = seconds(30);
    (0..3_000)
        .map(|seed| {
            let mut plan = first_show(0);
            plan.seed = seed;
            plan.groups[0].size = size;
            plan.groups[0].chat = None;
            plan.groups[0].likes = None;
            plan.groups[0].funnel = None;
            let visits = Visits::new(&plan);
            let there = |index: &u32| {
                let visit = visits.visit(0, *index);
                visit.join <= at && at < visit.leave
            };
            count((0..visits.size(0)).filter(there).count())
        })
        .collect()
}

#[test]
fn presence_is_binomial_for_a_number_and_poisson_for_a_rate() {
    let p = chance(30.0);
    assert!((p - 0.57).abs() < 0.005, "1 − p(30 s) is 0.43, so p is not {p}");
    let n = 200.0;
    for (size, dispersion) in [(Size::Viewers(200), 1.0 - p), (Size::Mean(n), 1.0)] {
        let (mean, variance) = moments(&presence(size));
        close("mean", mean, n * p, (n * p * dispersion / 3_000.0).sqrt());
        // A variance of 3,000 nearly normal counts has a relative error of √(2/3000).
        close(
            "variance/mean",
            variance / mean,
            dispersion,
            dispersion * (2.0_f64 / 3_000.0).sqrt(),
        );
        // The other law is more than 15 such errors away.
        let other = if dispersion < 1.0 { 1.0 } else { 1.0 - p };
        assert!((variance / mean - other).abs() > 15.0 * other * (2.0_f64 / 3_000.0).sqrt());
    }
}
