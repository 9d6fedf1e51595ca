//! Each law against the values that `scipy.stats` has of it (`reference/make.py` made the tables).

use claque_audience::{Law, Micros, MoreVisits, Returns, VisitClass};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::laws::{close, count, moments};
use crate::plans::seconds;

/// So large a scale that rounding to microseconds costs nothing.
const SCALE: Micros = Micros(1_000_000_000_000);
const LAWS: &str = include_str!("reference/laws.csv");
const COUNTS: &str = include_str!("reference/counts.csv");

/// Uniform draws of a stream of their own.
pub(crate) fn uniforms(seed: u64) -> impl FnMut() -> f64 {
    let mut stream = Xoshiro256PlusPlus::seed_from_u64(seed);
    move || {
        let draw = u32::try_from(stream.next_u64() >> 32).unwrap();
        (f64::from(draw) + 0.5) / 4_294_967_296.0
    }
}

/// The rows of a table: a name, then numbers; the first is the head without its name.
fn rows(table: &str) -> impl Iterator<Item = (&str, Vec<f64>)> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (name, numbers) = line.split_once(',').unwrap();
        let number = |text: &str| text.trim_start_matches('q').parse().unwrap_or(f64::NAN);
        (name, numbers.split(',').map(number).collect())
    })
}

fn law(name: &str, first: f64, second: f64) -> Law {
    law_of(name, first, second, SCALE)
}

fn law_of(name: &str, first: f64, second: f64, scale: Micros) -> Law {
    match name {
        "log_normal" => Law::LogNormal { median: scale, sigma: first },
        "exponential" => Law::Exponential { mean: scale },
        "weibull" => Law::Weibull { shape: first, scale },
        "exponentiated_weibull" => Law::ExponentiatedWeibull { a: first, c: second, scale },
        "exponential_power" => Law::ExponentialPower { b: first, scale },
        "gamma" => Law::Gamma { shape: first, scale },
        _ => panic!("no law is called {name}"),
    }
}

/// `got` is `expect` times the scale, to 1 part in 10⁹ or to the microsecond.
#[track_caller]
fn exact(what: &str, got: Micros, expect: f64) {
    let expect = expect * SCALE.seconds();
    let off = (got.seconds() - expect).abs();
    assert!(off <= 1e-9 * expect + 0.51e-6, "{what}: {} s, not {expect} s", got.seconds());
}

#[test]
fn quantiles_and_means_are_those_of_scipy() {
    let mut rows = rows(LAWS);
    let (_, levels) = rows.next().unwrap();
    let mut laws = 0;
    for (name, numbers) in rows {
        let law = law(name, numbers[0], numbers[1]);
        for (level, expect) in levels.iter().zip(&numbers).skip(4) {
            exact(&format!("{law:?} at {level}"), law.at(*level), *expect);
        }
        exact(&format!("mean of {law:?}"), law.mean(), numbers[2]);
        laws += 1;
    }
    assert_eq!((laws, levels.len()), (23, 11));
}

#[test]
fn draws_have_the_moments_of_scipy() {
    for (seed, (name, numbers)) in (1..).zip(rows(LAWS).skip(1)) {
        let law = law(name, numbers[0], numbers[1]);
        let mut uniform = uniforms(seed);
        let draws: Vec<f64> =
            (0..200_000).map(|_| law.at(uniform()).seconds() / SCALE.seconds()).collect();
        let (mean, variance) = moments(&draws);
        let (expect, deviation) = (numbers[2], numbers[3]);
        // The tail that carries the mean of this one is beyond any sample.
        if deviation / expect > 30.0 {
            continue;
        }
        let n = count(draws.len());
        close(&format!("{law:?}: mean"), mean, expect, deviation / n.sqrt());
        let fourth =
            draws.iter().map(|x| (x - expect) * (x - expect)).map(|x| x * x).sum::<f64>() / n;
        let error = (fourth - variance * variance).sqrt() / n.sqrt();
        close(&format!("{law:?}: variance"), variance, deviation * deviation, error);
    }
}

/// Every law, and laws made of laws, all of times about as long as `scale`.
fn all_laws(scale: Micros) -> Vec<Law> {
    let mut laws: Vec<Law> =
        rows(LAWS).skip(1).map(|(name, n)| law_of(name, n[0], n[1], scale)).collect();
    let parts = laws.iter().map(|law| (claque_audience::Share(1.0 / 23.0), law.clone()));
    laws.push(Law::Mixture(parts.collect()));
    let exponential = Box::new(Law::Exponential { mean: scale });
    laws.push(Law::Shifted { shift: scale, law: exponential });
    laws.extend([Law::Fixed(scale), Law::Empirical(vec![scale, Micros(7)])]);
    laws
}

#[test]
fn no_draw_ends_a_law() {
    let last = 1.0 - f64::EPSILON / 2.0;
    for law in all_laws(Micros::SECOND) {
        // The ends themselves are no draws, but a share of one may round to them.
        for u in [0.0, f64::MIN_POSITIVE, 1e-300, 1e-16, 0.5, 1.0 - 1e-12, last, 1.0] {
            let length = law.at(u);
            assert!(length < Micros(u64::MAX), "{law:?} at {u}: {length:?}");
        }
        assert!(law.at(1e-300) <= law.at(0.7) || matches!(law, Law::Empirical(_)), "{law:?}");
    }
    // Longer than time.
    let endless = Law::Weibull { shape: 0.01, scale: SCALE };
    assert_eq!(endless.at(last), Micros(u64::MAX));
}

#[test]
fn parts_of_a_mixture_are_drawn_by_their_shares_and_within_them() {
    let share = claque_audience::Share;
    let slow =
        Law::Shifted { shift: seconds(100), law: Box::new(Law::Exponential { mean: seconds(50) }) };
    let quick = Law::Exponential { mean: seconds(2) };
    let mixture = Law::Mixture(vec![(share(0.25), quick.clone()), (share(0.75), slow.clone())]);
    for step in 1..1_000 {
        let u = f64::from(step) / 1_000.0;
        let expect = if u < 0.25 { quick.at(u / 0.25) } else { slow.at((u - 0.25) / 0.75) };
        assert!(mixture.at(u).0.abs_diff(expect.0) <= 1, "at {u}");
    }
    assert_eq!(mixture.mean(), Micros(500_000 + 112_500_000));
}

#[test]
fn numbers_of_visits_are_those_of_scipy() {
    let mut laws = 0;
    for (name, numbers) in rows(COUNTS).skip(1) {
        let (first, second) = (numbers[0], numbers[1]);
        // A number is at least 1; what may be 0 is counted on top of one sure visit.
        let (visits, more) = match name {
            "negative_binomial" => (1, MoreVisits::NegativeBinomial { r: first, p: second }),
            "geometric" => (0, MoreVisits::Geometric { p: first }),
            _ => (0, MoreVisits::Zipf { exponent: first }),
        };
        let returns = Returns { visits, more, absence: Law::Fixed(seconds(1)) };
        for (k, cumulated) in (0..).zip(&numbers[2..]).filter(|row| *row.1 > 0.0) {
            let (below, above) = (
                returns.count(cumulated - 1e-9) - visits,
                returns.count(cumulated + 1e-9) - visits,
            );
            assert!(below <= k && above == k + 1, "{more:?} at P(K ≤ {k}): {below}, {above}");
        }
        laws += 1;
    }
    assert_eq!(laws, 7);
}

#[test]
fn a_viewer_comes_once_at_least_and_256_times_at_most() {
    let count =
        |visits, more, u| Returns { visits, more, absence: Law::Fixed(seconds(1)) }.count(u);
    let last = 1.0 - f64::EPSILON / 2.0;
    assert_eq!(count(0, MoreVisits::None, 0.5), 1);
    assert_eq!(count(9, MoreVisits::None, 0.5), 9);
    assert_eq!(count(3, MoreVisits::Geometric { p: 1.0 }, last), 4);
    assert_eq!(count(1, MoreVisits::NegativeBinomial { r: 2.0, p: 1.0 }, last), 1);
    for (visits, more) in [
        (300, MoreVisits::None),
        (u32::MAX, MoreVisits::Geometric { p: 0.5 }),
        (1, MoreVisits::Geometric { p: 1e-300 }),
        (1, MoreVisits::NegativeBinomial { r: 1_000.0, p: 0.01 }),
        (1, MoreVisits::Zipf { exponent: 1.000_001 }),
    ] {
        assert_eq!(count(visits, more, last), 256, "{more:?}");
    }
}

#[test]
fn classes_are_chosen_by_their_shares() {
    let class = |share| VisitClass {
        share: claque_audience::Share(share),
        ..VisitClass::once(Law::Fixed(seconds(1)))
    };
    let classes = [class(0.25), class(0.5), class(0.25)];
    for (u, expect) in [(1e-12, 0), (0.249, 0), (0.25, 1), (0.749, 1), (0.75, 2), (0.999, 2)] {
        assert_eq!(VisitClass::choose(&classes, u), expect, "at {u}");
    }
    // Shares that miss 1 by rounding leave nobody without a class.
    assert_eq!(VisitClass::choose(&[class(1.0 - 1e-9)], 1.0 - 1e-12), 0);
}
