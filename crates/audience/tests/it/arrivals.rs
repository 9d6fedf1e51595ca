//! When viewers come, and how long they stay.

use claque_audience::{Curve, Group, Law, Micros, Size, VisitClass, Visits};
use statrs::distribution::{ContinuousCDF, Exp, LogNormal};

use crate::laws::{close, count, does_not_fit, fits, integral, ks, moments};
use crate::plans::{first_show, full_house, plan, seconds, show, watchers};

fn joins(visits: &Visits) -> Vec<f64> {
    (0..visits.size(0)).map(|index| visits.visit(0, index).join.seconds()).collect()
}

/// Λ of the sketched first show's curve: 1 at 0 s, 3 at 5 s, 0.2 at 60 s.
fn first_show_arrivals(t: f64) -> f64 {
    let rise = |t: f64| t + 0.2 * t * t;
    let fall = |t: f64| 3.0 * t - 2.8 / 55.0 / 2.0 * t * t;
    if t <= 5.0 { rise(t) } else { rise(5.0) + fall(t - 5.0) }
}

#[test]
fn arrivals_given_their_number_are_iid_from_the_curve() {
    for seed in [1, 2, 3] {
        let mut plan = first_show(20_000);
        plan.seed = seed;
        let joins = joins(&Visits::new(&plan));
        let total = first_show_arrivals(60.0);
        let share = |t: &f64| first_show_arrivals(*t) / total;
        fits(&format!("F(t), seed {seed}"), ks(joins.iter().map(share).collect()));
        does_not_fit("an even curve", ks(joins.iter().map(|t| t / 60.0).collect()));
    }
}

#[test]
fn arrivals_follow_the_bins_of_a_trace() {
    let edges = [0, 10, 20, 60].map(seconds);
    let mut group = watchers(20_000, seconds(60));
    group.arrivals = Curve::bins(&edges, &[5.0, 1.0, 2.0]).unwrap().into();
    let joins = joins(&Visits::new(&plan(4, show(seconds(60)), group)));
    let share = |t: &f64| match *t {
        t if t < 10.0 => t / 10.0 * 0.625,
        t if t < 20.0 => 0.625 + (t - 10.0) / 10.0 * 0.125,
        t => 0.75 + (t - 20.0) / 40.0 * 0.25,
    };
    fits("bins", ks(joins.iter().map(share).collect()));
}

#[test]
fn only_the_curve_within_the_show_counts() {
    let mut group = watchers(20_000, seconds(60));
    group.arrivals = Curve::constant(seconds(600)).into();
    let mut late = show(seconds(60));
    late.cues[0].at = seconds(20);
    let visits = Visits::new(&plan(4, late, group.clone()));
    let joins = joins(&visits);
    fits("the part within", ks(joins.iter().map(|t| (t - 20.0) / 40.0).collect()));
    // A curve that begins when the show has ended brings nobody.
    group.arrivals = Curve::points(vec![(seconds(60), 1.0), (seconds(90), 1.0)]).unwrap().into();
    assert_eq!(Visits::new(&plan(4, show(seconds(60)), group)).size(0), 0);
}

/// A group whose number is Poisson of mean `mean`.
fn rate_mode(mean: f64) -> Group {
    Group { size: Size::Mean(mean), ..first_show(0).groups.remove(0) }
}

#[test]
fn rescaled_gaps_of_a_rate_are_exponential() {
    let mean = 20_000.0;
    let visits = Visits::new(&plan(5, show(seconds(60)), rate_mode(mean)));
    let mut joins = joins(&visits);
    joins.sort_unstable_by(f64::total_cmp);
    // Λ with the declared mean, not with the number drawn.
    let rescaled = |t: f64| mean * first_show_arrivals(t) / first_show_arrivals(60.0);
    let exponential = |gap: f64| -libm::expm1(-gap);
    let gaps = |scale: &dyn Fn(f64) -> f64| {
        joins.windows(2).map(|pair| exponential(scale(pair[1]) - scale(pair[0]))).collect()
    };
    fits("rescaled gaps", ks(gaps(&rescaled)));
    does_not_fit("gaps of an even rate", ks(gaps(&|t| mean * t / 60.0)));
}

#[test]
fn the_number_of_a_rate_is_poisson() {
    for mean in [3.0, 50.0] {
        let numbers: Vec<f64> = (0..4_000)
            .map(|seed| {
                f64::from(Visits::new(&plan(seed, show(seconds(60)), rate_mode(mean))).size(0))
            })
            .collect();
        let (got, variance) = moments(&numbers);
        let n = count(numbers.len());
        close("mean", got, mean, (mean / n).sqrt());
        close("variance", variance, mean, mean * (2.0 / n + 1.0 / (mean * n)).sqrt());
    }
}

fn stays(stay: Law) -> Vec<f64> {
    // A show so long that no stay is cut.
    let length = seconds(10_000_000);
    let visits = Visits::new(&plan(
        6,
        show(length),
        Group { classes: vec![VisitClass::once(stay)], ..full_house(20_000, length) },
    ));
    (0..visits.size(0))
        .map(|index| {
            let visit = visits.visit(0, index);
            visit.leave.saturating_sub(visit.join).seconds()
        })
        .collect()
}

#[test]
fn stays_follow_their_laws() {
    let log_normal = LogNormal::new(libm::log(40.0), 1.1).unwrap();
    let exponential = Exp::new(1.0 / 40.0).unwrap();
    let by = |law: &dyn ContinuousCDF<f64, f64>, stays: &[f64]| {
        ks(stays.iter().map(|&stay| law.cdf(stay)).collect())
    };
    let drawn = stays(Law::LogNormal { median: seconds(40), sigma: 1.1 });
    fits("log-normal", by(&log_normal, &drawn));
    does_not_fit("exponential", by(&exponential, &drawn));
    let drawn = stays(Law::Exponential { mean: seconds(40) });
    fits("exponential", by(&exponential, &drawn));
    does_not_fit("log-normal", by(&log_normal, &drawn));
    assert!(stays(Law::Fixed(seconds(7))).iter().all(|stay| stay.to_bits() == 7.0_f64.to_bits()));
    let drawn = stays(Law::Empirical([1, 2, 3, 3].map(seconds).into()));
    for (length, share) in [(1.0, 0.25), (2.0, 0.25), (3.0, 0.5)] {
        let got = count(drawn.iter().filter(|&&stay| (stay - length).abs() < 1e-9).count());
        close("observed stays", got, share * 20_000.0, (share * (1.0 - share) * 20_000.0).sqrt());
    }
}

/// Little's law with stays cut at the end is an identity; what can be wrong is E min(S, T − A).
#[test]
fn visits_are_stays_cut_at_the_end() {
    let visits = Visits::new(&first_show(50_000));
    let lengths: Vec<f64> = (0..50_000)
        .map(|index| {
            let visit = visits.visit(0, index);
            visit.leave.saturating_sub(visit.join).seconds()
        })
        .collect();
    // E min(S, T − A) = ∫ P(S > u) P(A < T − u) du.
    let stay = LogNormal::new(libm::log(40.0), 1.1).unwrap();
    let total = first_show_arrivals(60.0);
    let expect =
        integral(0.0, 60.0, |u| (1.0 - stay.cdf(u)) * first_show_arrivals(60.0 - u) / total);
    let (mean, variance) = moments(&lengths);
    close("E min(S, T − A)", mean, expect, (variance / 50_000.0).sqrt());
}

#[test]
fn the_shortest_visit_lasts_a_microsecond() {
    let group = Group {
        classes: vec![VisitClass::once(Law::Fixed(Micros(0)))],
        ..watchers(100, seconds(60))
    };
    let visits = Visits::new(&plan(1, show(seconds(60)), group));
    for index in 0..100 {
        let visit = visits.visit(0, index);
        assert_eq!(visit.leave.0 - visit.join.0, 1);
    }
}
