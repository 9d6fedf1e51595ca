//! Tests of goodness of fit, apart from the code under test.

/// A p-value below this rejects a law; the right one passes for the seeds chosen.
const REJECT: f64 = 1e-3;
/// A wrong law must be this clearly wrong.
const CLEARLY: f64 = 1e-9;

/// Kolmogorov–Smirnov: the p-value of `uniforms` being iid U(0, 1) (asymptotic, with Stephens'
/// correction for a finite sample).
pub(crate) fn ks(mut uniforms: Vec<f64>) -> f64 {
    uniforms.sort_unstable_by(f64::total_cmp);
    let n = count(uniforms.len());
    let distance = uniforms.iter().enumerate().fold(0.0, |max: f64, (i, u)| {
        let i = count(i);
        max.max(u - i / n).max((i + 1.0) / n - u)
    });
    let x = (n.sqrt() + 0.12 + 0.11 / n.sqrt()) * distance;
    if x < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let k = f64::from(k);
        let sign = if k % 2.0 == 0.0 { -1.0 } else { 1.0 };
        2.0 * sign * libm::exp(-2.0 * k * k * x * x)
    };
    (1..=100).map(term).sum()
}

/// The law fits.
#[track_caller]
pub(crate) fn fits(what: &str, p: f64) {
    assert!(p > REJECT, "{what}: p = {p}");
}

/// The law is clearly not this one.
#[track_caller]
pub(crate) fn does_not_fit(what: &str, p: f64) {
    assert!(p < CLEARLY, "{what} should be rejected: p = {p}");
}

/// `got` is within 4.5 standard deviations of `expect`.
#[track_caller]
pub(crate) fn close(what: &str, got: f64, expect: f64, deviation: f64) {
    let off = (got - expect) / deviation;
    assert!(off.abs() < 4.5, "{what}: {got}, not {expect} ± {deviation} ({off:.1} deviations off)");
}

/// Mean and variance (about the mean) of a sample.
pub(crate) fn moments(sample: &[f64]) -> (f64, f64) {
    let n = count(sample.len());
    let mean = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, variance)
}

/// ∫ f from `from` to `to`, by the midpoint rule.
pub(crate) fn integral(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let steps = 20_000;
    let width = (to - from) / f64::from(steps);
    (0..steps).map(|step| f(from + (f64::from(step) + 0.5) * width)).sum::<f64>() * width
}

/// A count as a float.
pub(crate) fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}
