//! Curves and factors: what is integrated is what is drawn, and nothing is negative.

use claque_audience::{Arrivals, Curve, Factor, FlashCrowd, Law, Micros, Share};
use proptest::prelude::*;

use crate::plans::seconds;

/// The points of a curve (an even number of µs apart), and the curve.
type Drawn = (Vec<(Micros, f64)>, Curve);

fn points(rates: impl Strategy<Value = f64>) -> impl Strategy<Value = Vec<(Micros, f64)>> {
    prop::collection::vec((1..50_000_000_u64, rates), 2..12).prop_map(|steps| {
        let mut at = 0;
        let mut point = |(step, rate)| {
            at += 2 * step;
            (Micros(at), rate)
        };
        steps.into_iter().map(&mut point).collect()
    })
}

fn rates() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..1.0, 1e-6..1e6]
}

/// Curves of every kind, with points between which they are cubics at most.
fn drawn() -> impl Strategy<Value = Drawn> {
    let linear = points(rates())
        .prop_filter_map("zero", |at| Curve::points(at.clone()).ok().map(|curve| (at, curve)));
    let cubic = points(rates())
        .prop_filter_map("zero", |at| Curve::cubic(at.clone()).ok().map(|curve| (at, curve)));
    prop_oneof![linear, cubic]
}

/// Simpson's rule, which is exact for cubics.
fn simpson(curve: &Curve, points: &[(Micros, f64)]) -> f64 {
    let piece = |pair: &[(Micros, f64)]| {
        let (from, to) = (pair[0].0, pair[1].0);
        let middle = curve.rate(Micros(u64::midpoint(from.0, to.0)));
        (pair[0].1 + 4.0 * middle + pair[1].1) * to.saturating_sub(from).seconds() / 6.0
    };
    points.windows(2).map(piece).sum()
}

proptest! {
    #[test]
    fn a_curve_is_drawn_as_it_is_written(
        (points, curve) in drawn(), a in 0.0..1.0, b in 0.0..1.0,
    ) {
        let total = simpson(&curve, &points);
        prop_assert!((curve.total() - total).abs() <= 1e-9 * total, "{} and {total}", curve.total());
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let at = curve.instant(low);
        prop_assert!(at <= curve.instant(high), "monotone");
        // The share is that of the instant rounded down, so the next µs is beyond it.
        let next = at.saturating_add(Micros(1));
        prop_assert!(curve.share(at) <= low + 1e-9 && low <= curve.share(next) + 1e-9);
        prop_assert!(points[0].0 <= at && at <= points[points.len() - 1].0);
    }

    #[test]
    fn no_curve_leaves_the_range_of_the_points_beside_it(
        (points, curve) in drawn(), share in 0.0..1.0,
    ) {
        for pair in points.windows(2) {
            let (from, to) = (pair[0].0.seconds(), pair[1].0.seconds());
            let rate = curve.rate(Micros::from_seconds(from + (to - from) * share));
            let (low, high) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
            prop_assert!(rate >= 0.0);
            prop_assert!(rate >= low * (1.0 - 1e-12) && rate <= high * (1.0 + 1e-12), "{rate}");
        }
    }

    #[test]
    fn a_cubic_rises_and_falls_only_where_its_points_do(
        points in points(rates()), a in 0.0..1.0, b in 0.0..1.0,
    ) {
        let Ok(curve) = Curve::cubic(points.clone()) else { return Ok(()) };
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        for pair in points.windows(2) {
            let (from, to) = (pair[0].0.seconds(), pair[1].0.seconds());
            let rate = |share| curve.rate(Micros::from_seconds(from + (to - from) * share));
            let rise = (rate(second) - rate(first)) * (pair[1].1 - pair[0].1).signum();
            prop_assert!(rise >= -1e-12 * pair[0].1.max(pair[1].1), "{pair:?}");
        }
    }

    #[test]
    fn bins_get_their_weights(weights in prop::collection::vec(0.0..1e3, 1..40), u in 0.0..1.0) {
        let edges: Vec<Micros> = (0..=weights.len()).map(|i| seconds(i as u64 * 60)).collect();
        let Ok(curve) = Curve::bins(&edges, &weights) else { return Ok(()) };
        let total: f64 = weights.iter().sum();
        let mut below = 0.0;
        for (edge, weight) in edges.iter().zip(&weights) {
            prop_assert!((curve.share(*edge) - below / total).abs() < 1e-12);
            below += weight;
        }
        prop_assert!((curve.total() - total).abs() <= 1e-9 * total);
        let at = curve.instant(u);
        prop_assert!(curve.share(at) <= u + 1e-9);
        prop_assert!(u <= curve.share(at.saturating_add(Micros(1))) + 1e-9);
    }
}

#[test]
fn a_cubic_through_known_points() {
    // A smoothstep: flat at both ends, since both are beside a plateau.
    let at = |second, rate| (seconds(second), rate);
    let curve = Curve::cubic(vec![at(0, 0.0), at(1, 0.0), at(3, 1.0), at(4, 1.0)]).unwrap();
    for (second, rate) in [(1.0, 0.0), (1.5, 0.156_25), (2.0, 0.5), (2.5, 0.843_75), (3.5, 1.0)] {
        let got = curve.rate(Micros::from_seconds(second));
        assert!((got - rate).abs() < 1e-12, "{got} at {second}");
    }
    assert!((curve.total() - 2.0).abs() < 1e-12);
    // Beside a trough and a peak the curve is flat, else it has the parabola's slope.
    let curve = Curve::cubic(vec![at(0, 1.0), at(1, 2.0), at(2, 4.0), at(3, 1.0)]).unwrap();
    let slope = |second: f64| {
        let rate = |second| curve.rate(Micros::from_seconds(second));
        (rate(second + 1e-4) - rate(second - 1e-4)) / 2e-4
    };
    assert!((slope(1.0) - 1.5).abs() < 1e-3, "{}", slope(1.0));
    assert!(slope(2.0).abs() < 1e-2, "{}", slope(2.0));
}

#[test]
fn a_flash_crowd_ramps_up_stays_and_goes() {
    let crowd = FlashCrowd {
        at: seconds(10),
        height: 5.0,
        ramp: seconds(4),
        sustain: seconds(6),
        decay: seconds(20),
    };
    let rates = |curve: &Curve, expect: &[(f64, f64)]| {
        for &(second, rate) in expect {
            let got = curve.rate(Micros::from_seconds(second));
            assert!((got - rate).abs() < 1e-9, "{got}, not {rate}, at {second}");
        }
    };
    let curve = Curve::flash_crowd(Micros(0), seconds(60), &crowd).unwrap();
    rates(&curve, &[(5.0, 1.0), (12.0, 3.0), (17.0, 5.0), (30.0, 3.0), (50.0, 1.0), (61.0, 0.0)]);
    assert!((curve.total() - (60.0 + 4.0 * (2.0 + 6.0 + 10.0))).abs() < 1e-9);
    // What is outside the show is cut off, even in the middle of a slope.
    let curve = Curve::flash_crowd(seconds(12), seconds(30), &crowd).unwrap();
    rates(&curve, &[(11.9, 0.0), (12.0, 3.0), (17.0, 5.0), (29.999_999, 3.000_000_2), (31.0, 0.0)]);
    // No ramp at all is a jump.
    let sudden = FlashCrowd { ramp: Micros(0), decay: Micros(0), ..crowd };
    let curve = Curve::flash_crowd(Micros(0), seconds(60), &sudden).unwrap();
    rates(&curve, &[(9.999_999, 1.0), (10.0, 5.0), (15.999_999, 5.0), (16.0, 1.0)]);
    assert!(Curve::flash_crowd(seconds(9), seconds(9), &crowd).is_err());
    let endless = FlashCrowd { height: f64::INFINITY, ..crowd };
    assert!(Curve::flash_crowd(Micros(0), seconds(60), &endless).is_err());
}

fn factor() -> impl Strategy<Value = (Vec<(Micros, f64)>, Factor)> {
    let rates = prop_oneof![Just(0.0), Just(1.0), 0.0..10.0];
    let points = points(rates)
        .prop_flat_map(|points| (1..=points.len()).prop_map(move |count| points[..count].to_vec()));
    points.prop_map(|points| (points.clone(), Factor::new(points).unwrap()))
}

/// ∫ of a factor from 0, by trapezes between its points.
fn trapezes(points: &[(Micros, f64)], until: Micros) -> f64 {
    let (first, last) = (points[0], points[points.len() - 1]);
    let mut line = vec![(Micros(0), first.1)];
    line.extend(points);
    line.push((Micros(u64::MAX >> 8), last.1));
    let mut sum = 0.0;
    for pair in line.windows(2) {
        let (from, to) = (pair[0].0.seconds(), pair[1].0.seconds());
        let cut = until.seconds().clamp(from, to);
        if to > from {
            let end = pair[0].1 + (pair[1].1 - pair[0].1) * (cut - from) / (to - from);
            sum += f64::midpoint(pair[0].1, end) * (cut - from);
        }
    }
    sum * 1e6
}

proptest! {
    #[test]
    fn a_factor_is_integrated_as_it_is_written(
        (points, factor) in factor(), a in 0..2_000_000_000_u64, b in 0..2_000_000_000_u64,
    ) {
        let (from, to) = (Micros(a.min(b)), Micros(a.max(b)));
        let expect = trapezes(&points, to) - trapezes(&points, from);
        let got = factor.integral(from, to);
        prop_assert!((got - expect).abs() <= 1e-9 * trapezes(&points, to) + 1e-3, "{got} {expect}");
        for (at, rate) in &points {
            prop_assert!((factor.at(*at) - rate).abs() <= 1e-12 * rate);
            prop_assert!(factor.max() >= *rate);
        }
        prop_assert!((0.0..=factor.max() * (1.0 + 1e-12)).contains(&factor.at(from)));
    }

    #[test]
    fn what_follows_after_a_mass_is_where_the_integral_has_it(
        (points, factor) in factor(), at in 0..1_500_000_000_u64, mass in 0.0..5e9_f64,
    ) {
        let at = Micros(at);
        let slack = 1e-9 * (trapezes(&points, at) + mass) + 1e-3;
        match factor.after(at, mass) {
            None => {
                let forever = factor.integral(at, Micros(u64::MAX >> 8));
                prop_assert!(points[points.len() - 1].1 <= 0.0 && forever <= mass + slack);
            }
            Some(then) => {
                prop_assert!(then >= at);
                prop_assert!(factor.integral(at, then) <= mass + slack);
                let next = then.saturating_add(Micros(1));
                prop_assert!(factor.integral(at, next) >= mass - slack, "{then:?}");
            }
        }
    }
}

#[test]
fn a_factor_of_one_changes_nothing_and_of_zero_ends_it() {
    let one = Factor::new(vec![(seconds(5), 1.0)]).unwrap();
    let zero = Factor::new(vec![(seconds(5), 0.0)]).unwrap();
    let pause = Factor::new(
        [(0, 1.0), (10, 1.0), (11, 0.0), (20, 0.0), (21, 1.0)]
            .map(|(second, factor)| (seconds(second), factor))
            .into(),
    )
    .unwrap();
    let after = |factor: &Factor, at, mass: u32| factor.after(seconds(at), f64::from(mass) * 1e6);
    for at in [0, 3, 5, 9] {
        assert_eq!(after(&one, at, 4), Some(seconds(at + 4)));
        assert_eq!(after(&zero, at, 4), None);
        assert_eq!(after(&zero, at, 0), Some(seconds(at)));
    }
    assert_eq!(after(&pause, 5, 6), Some(seconds(21)), "half a second each way of the pause");
    assert_eq!(after(&pause, 15, 5), Some(Micros(25_500_000)));
    assert_eq!(one.after(seconds(1), f64::INFINITY), Some(Micros(u64::MAX)));
    for bad in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        assert!(Factor::new(vec![(Micros(0), bad)]).is_err(), "{bad}");
    }
}

fn told(at: u64, opens: f64, delay: Law) -> Arrivals {
    Arrivals::Notification { at: seconds(at), opens: Share(opens), delay }
}

#[test]
fn a_notification_brings_who_opens_it_in_time() {
    let (live, end) = (seconds(10), seconds(70));
    let delay = Law::Exponential { mean: seconds(20) };
    let arrivals = told(20, 0.5, delay.clone()).within(live, end).unwrap();
    assert_eq!(arrivals.instant(0.5), None, "does not open");
    assert_eq!(arrivals.instant(0.49), None, "opens, and would come after 78 s");
    let expect = seconds(20).saturating_add(delay.at(0.5));
    assert_eq!(arrivals.instant(0.25), Some(expect));
    // Of those who open, P(delay < 50 s) come.
    let came = (0..10_000).filter(|i| arrivals.instant((f64::from(*i) + 0.5) / 1e4).is_some());
    let share = 0.5 * (1.0 - libm::exp(-2.5));
    assert!((f64::from(u32::try_from(came.count()).unwrap()) / 1e4 - share).abs() < 2e-4);
    // Who is told beforehand waits for the show.
    let early = told(0, 1.0, Law::Fixed(seconds(3)));
    assert_eq!(early.instant(0.5, live, end), Some(live));
    // Nobody opens it, or it is told too late.
    assert_eq!(told(20, 0.0, delay.clone()).within(live, end), None);
    assert_eq!(told(70, 1.0, delay).within(live, end), None);
}

#[test]
fn a_sum_is_drawn_by_weight_and_each_part_in_full() {
    let (live, end) = (Micros(0), seconds(100));
    let even = || Arrivals::from(Curve::constant(seconds(100)));
    let past = Curve::points(vec![(seconds(200), 1.0), (seconds(300), 1.0)]).unwrap();
    let sum = Arrivals::Sum(vec![
        (1.0, told(50, 1.0, Law::Fixed(seconds(7)))),
        (5.0, past.into()),
        (3.0, even()),
    ]);
    let arrivals = sum.within(live, end).unwrap();
    assert_eq!(arrivals.instant(0.1), Some(seconds(57)));
    assert_eq!(arrivals.instant(0.249), Some(seconds(57)));
    for u in [0.25, 0.4, 0.7, 0.999] {
        let expect = even().instant((u - 0.25) / 0.75, live, end).unwrap();
        let got = arrivals.instant(u).unwrap();
        assert!(got.0.abs_diff(expect.0) <= 1, "{got:?} and {expect:?} at {u}");
    }
    let nobody = Arrivals::Sum(vec![(1.0, told(100, 1.0, Law::Fixed(seconds(0))))]);
    assert_eq!(nobody.within(live, end), None);
    assert_eq!(even().within(end, live), None);
}

#[test]
fn the_grid_of_arrivals_stands_for_who_comes() {
    let (live, end) = (Micros(0), seconds(100));
    let even = Arrivals::from(Curve::constant(seconds(100)));
    let mean = |arrivals: &Arrivals| {
        let grid = arrivals.within(live, end).unwrap().grid(48);
        assert!((24..=48).contains(&grid.len()), "{} steps", grid.len());
        let count = f64::from(u32::try_from(grid.len()).unwrap());
        grid.iter().map(|at| at.seconds()).sum::<f64>() / count
    };
    assert!((mean(&even) - 50.0).abs() < 1e-3);
    // E(D | D < 100) = 40 − 100·e^−2.5/(1 − e^−2.5)
    let burst = told(0, 0.02, Law::Exponential { mean: seconds(40) });
    assert!((mean(&burst) - 31.06).abs() < 0.5, "{}", mean(&burst));
    let both = Arrivals::Sum(vec![(1.0, told(0, 1.0, Law::Fixed(seconds(10)))), (1.0, even)]);
    assert!((mean(&both) - 30.0).abs() < 1.0, "{}", mean(&both));
}
