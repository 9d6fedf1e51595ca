//! Seeds and neighbours share nothing.

use claque_audience::Visits;

use crate::laws::moments;
use crate::plans::first_show;

/// Join and stay of each viewer under one seed.
fn draws(seed: u64) -> Vec<(f64, f64)> {
    let mut plan = first_show(5_000);
    plan.seed = seed;
    let visits = Visits::new(&plan);
    (0..5_000)
        .map(|index| {
            let visit = visits.visit(0, index);
            (visit.join.seconds(), visit.leave.saturating_sub(visit.join).seconds())
        })
        .collect()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let ((x, x_variance), (y, y_variance)) = (moments(&xs), moments(&ys));
    let products: Vec<f64> = pairs.iter().map(|pair| (pair.0 - x) * (pair.1 - y)).collect();
    moments(&products).0 / (x_variance * y_variance).sqrt()
}

#[test]
fn neighbouring_seeds_and_viewers_are_uncorrelated() {
    // 5,000 independent pairs: standard deviation 0.014.
    let check = |what: &str, pairs: &[(f64, f64)]| {
        let r = correlation(pairs);
        assert!(r.abs() < 0.055, "{what}: correlation {r}");
    };
    for seed in [0, 7, u64::MAX - 1] {
        let (one, next) = (draws(seed), draws(seed + 1));
        let pair = |f: fn(&(f64, f64)) -> f64, shift: usize| -> Vec<(f64, f64)> {
            one.iter().map(f).zip(next.iter().skip(shift).map(f)).collect()
        };
        check("joins of one viewer", &pair(|draw| draw.0, 0));
        check("stays of one viewer", &pair(|draw| draw.1, 0));
        check("joins of viewer i and i + 1", &pair(|draw| draw.0, 1));
        let within: Vec<(f64, f64)> = one.windows(2).map(|pair| (pair[0].0, pair[1].0)).collect();
        check("joins of neighbours", &within);
    }
    // The test finds a correlation where there is one: who comes late leaves early.
    assert!(correlation(&draws(7)) < -0.1);
}
