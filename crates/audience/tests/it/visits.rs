//! From visit to visit: homes, raids, hops, returns, notifications.

use claque_audience::{
    Arrivals, Cue, CueAct, Curve, Group, Hop, Law, Micros, MoreVisits, Plan, Returns, Share, Show,
    ShowId, Visit, VisitClass, Visits, visit_seconds_mean,
};

use crate::laws::{close, count, does_not_fit, fits, ks};
use crate::plans::{everything, full_house, plan, seconds, show, watchers};

const VIEWERS: u32 = 20_000;

/// Every viewer's visits.
fn chains(plan: &Plan) -> Vec<Vec<Visit>> {
    let visits = Visits::new(plan);
    (0..visits.size(0)).map(|index| visits.viewer(0, index)).collect()
}

/// `group` with `shows` alike, each of `length`.
fn shows(seed: u64, shows: u16, length: Micros, group: Group) -> Plan {
    let mut plan = plan(seed, show(length), group);
    for _ in 1..shows {
        plan.shows.push(show(length));
    }
    plan
}

fn raid(at: Micros, to: u16, follow: f64) -> Cue {
    Cue::new(at, CueAct::Raid { to: ShowId(to), follow: Share(follow) })
}

fn fixed_stay(stay: Micros, viewers: u32, length: Micros) -> Group {
    Group { classes: vec![VisitClass::once(Law::Fixed(stay))], ..full_house(viewers, length) }
}

/// P(exponential of mean `mean` ≤ `x`)
fn exponential(x: f64, mean: f64) -> f64 {
    1.0 - libm::exp(-x / mean)
}

fn gap(from: Micros, to: Micros) -> f64 {
    to.saturating_sub(from).seconds()
}

#[test]
fn homes_are_drawn_by_weight() {
    let mut group = full_house(VIEWERS, seconds(60));
    group.shows = vec![(ShowId(2), 1.0), (ShowId(0), 2.0), (ShowId(1), 5.0)];
    let mut homes = [0.0; 3];
    for chain in chains(&shows(41, 3, seconds(60), group)) {
        assert_eq!(chain.len(), 1);
        homes[usize::from(chain[0].show.0)] += 1.0;
    }
    for (got, share) in homes.into_iter().zip([0.25, 0.625, 0.125]) {
        let n = f64::from(VIEWERS);
        close("homes", got, n * share, (n * share * (1.0 - share)).sqrt());
    }
}

#[test]
fn raids_take_their_share_along() {
    let mut plan = shows(42, 2, seconds(600), full_house(VIEWERS, seconds(600)));
    plan.shows[0].cues.insert(1, raid(seconds(100), 1, 0.6));
    let followed: Vec<Vec<Visit>> =
        chains(&plan).into_iter().filter(|chain| chain.len() > 1).collect();
    let n = f64::from(VIEWERS);
    close("who follows", count(followed.len()), n * 0.6, (n * 0.24).sqrt());
    assert!(followed.iter().all(|chain| chain.len() == 2 && chain[1].show == ShowId(1)));
    let after: Vec<f64> = followed.iter().map(|chain| gap(seconds(100), chain[0].leave)).collect();
    let law = |mean: f64| after.iter().map(|after| exponential(*after, mean)).collect();
    fits("leaving after the cue", ks(law(2.0)));
    does_not_fit("leaving later", ks(law(2.5)));
    let gaps: Vec<f64> = followed.iter().map(|chain| gap(chain[0].leave, chain[1].join)).collect();
    fits("gaps", ks(gaps.iter().map(|gap| exponential(*gap, 1.0)).collect()));
    does_not_fit("longer gaps", ks(gaps.iter().map(|gap| exponential(*gap, 1.2)).collect()));
}

#[test]
fn a_raid_to_a_show_that_is_over_moves_nobody() {
    let mut plan = shows(42, 2, seconds(600), full_house(500, seconds(600)));
    plan.shows[0].cues.insert(1, raid(seconds(300), 1, 1.0));
    plan.shows[1].cues.last_mut().unwrap().at = seconds(300);
    for chain in chains(&plan) {
        assert_eq!((chain.len(), chain[0].leave), (1, seconds(600)));
    }
    // Who has left before the cue does not follow either.
    plan.shows[1].cues.last_mut().unwrap().at = seconds(600);
    plan.groups[0] = fixed_stay(seconds(299), 500, seconds(600));
    assert!(chains(&plan).iter().all(|chain| chain.len() == 1));
}

#[test]
fn viewers_hop_by_share_and_weight() {
    let mut group = fixed_stay(seconds(10), VIEWERS, seconds(2_000));
    group.shows = vec![(ShowId(0), 1.0), (ShowId(1), 1.0), (ShowId(2), 3.0)];
    group.hop = Some(Hop { per_visit: Share(0.3), gap: Law::Exponential { mean: seconds(5) } });
    let chains = chains(&shows(43, 3, seconds(2_000), group));
    // All shows go on for long, so each visit is followed by another with the same chance.
    let visits = count(chains.iter().map(Vec::len).sum());
    let hops = visits - f64::from(VIEWERS);
    close("hops a visit", hops / visits, 0.3, (0.3 * 0.7 / visits).sqrt());
    let (mut first, mut to_last, mut gaps) = (0.0, 0.0, Vec::new());
    for pair in chains.iter().flat_map(|chain| chain.windows(2)) {
        assert_ne!(pair[0].show, pair[1].show);
        gaps.push(exponential(gap(pair[0].leave, pair[1].join), 5.0));
        if pair[0].show == ShowId(0) {
            first += 1.0;
            to_last += f64::from(u8::from(pair[1].show == ShowId(2)));
        }
    }
    close("from the first to the last", to_last / first, 0.75, (0.75 * 0.25_f64 / first).sqrt());
    fits("gaps", ks(gaps));
}

#[test]
fn hops_lead_to_shows_that_are_live() {
    let mut group = fixed_stay(seconds(10), 2_000, seconds(100));
    group.shows = vec![(ShowId(0), 1.0), (ShowId(1), 9.0)];
    group.hop = Some(Hop { per_visit: Share(1.0), gap: Law::Fixed(seconds(1)) });
    let mut plan = shows(44, 2, seconds(100), group);
    plan.shows[1].cues.last_mut().unwrap().at = seconds(15);
    for chain in chains(&plan) {
        // Show 1 ends at 15 s: from show 0 one can still hop to it and back, not again.
        let shows: Vec<u16> = chain.iter().map(|visit| visit.show.0).collect();
        assert!(shows == [0, 1, 0] || shows == [1, 0], "{shows:?}");
    }
}

/// A show so long that no chain is cut.
fn returning(seed: u64, visits: u32, more: MoreVisits, absence: Law) -> Vec<Vec<Visit>> {
    let length = seconds(1_000_000);
    let mut group = full_house(VIEWERS, length);
    group.classes = vec![VisitClass {
        share: Share(1.0),
        stay: Law::Exponential { mean: seconds(30) },
        returns: Some(Returns { visits, more, absence }),
    }];
    chains(&plan(seed, show(length), group))
}

#[test]
fn viewers_return_as_often_as_declared() {
    let absence = Law::Exponential { mean: seconds(40) };
    let laws = [
        (3, MoreVisits::None, 3.0, 0.0),
        (1, MoreVisits::NegativeBinomial { r: 0.8, p: 0.5 }, 1.8, 1.6),
        (0, MoreVisits::Geometric { p: 0.4 }, 2.5, 3.75),
    ];
    for (visits, more, mean, variance) in laws {
        let chains = returning(45, visits, more, absence.clone());
        let total = count(chains.iter().map(Vec::len).sum());
        let n = f64::from(VIEWERS);
        close("visits", total / n, mean, (variance / n + 1e-18_f64).sqrt());
        let (mut stays, mut absences) = (Vec::new(), Vec::new());
        for chain in &chains {
            assert!(chain.iter().all(|visit| visit.show == ShowId(0)));
            stays.extend(chain.iter().map(|visit| exponential(gap(visit.join, visit.leave), 30.0)));
            let pairs = chain.windows(2);
            absences.extend(pairs.map(|pair| exponential(gap(pair[0].leave, pair[1].join), 40.0)));
        }
        fits("stays of all visits", ks(stays));
        fits("absences", ks(absences.clone()));
        does_not_fit("shorter absences", ks(absences.iter().map(|u| u * u).collect()));
    }
}

#[test]
fn classes_are_drawn_by_share() {
    let length = seconds(1_000);
    let mut group = full_house(VIEWERS, length);
    let class = |share, stay| VisitClass {
        share: Share(share),
        ..VisitClass::once(Law::Fixed(seconds(stay)))
    };
    group.classes = vec![class(0.2, 5), class(0.5, 9), class(0.3, 2)];
    let plan = plan(46, show(length), group);
    assert!((visit_seconds_mean(&plan, 0) - 6.1).abs() < 1e-9);
    let chains = chains(&plan);
    for (stay, share) in [(5, 0.2), (9, 0.5), (2, 0.3)] {
        let stays = |chain: &&Vec<Visit>| chain[0].leave.0 - chain[0].join.0 == stay * 1_000_000;
        let got = count(chains.iter().filter(stays).count());
        let n = f64::from(VIEWERS);
        close("of a class", got, n * share, (n * share * (1.0 - share)).sqrt());
    }
}

#[test]
fn who_is_told_comes_with_the_declared_chance() {
    let mut group = watchers(VIEWERS, seconds(600));
    let delay = Law::Exponential { mean: seconds(20) };
    group.arrivals = Arrivals::Notification { at: seconds(30), opens: Share(0.07), delay };
    let plan = plan(47, show(seconds(600)), group);
    let chains = chains(&plan);
    assert_eq!(chains.len(), 20_000, "who does not come is counted too");
    let joins: Vec<f64> = chains.iter().flatten().map(|visit| visit.join.seconds()).collect();
    let n = f64::from(VIEWERS);
    close("who comes", count(joins.len()), n * 0.07, (n * 0.07 * 0.93).sqrt());
    fits("delays", ks(joins.iter().map(|join| exponential(join - 30.0, 20.0)).collect()));
    let mean = chains.iter().flatten().map(|visit| gap(visit.join, visit.leave)).sum::<f64>()
        / count(joins.len());
    close("mean visit", mean, visit_seconds_mean(&plan, 0), 20.0 / count(joins.len()).sqrt());
}

/// Visits cut by the show, by quadrature and by drawing.
#[test]
fn mean_visits_are_those_drawn() {
    let plan = everything(40_000);
    let chains = chains(&plan);
    let lengths: Vec<f64> = chains
        .iter()
        .filter_map(|chain| chain.first())
        // Raids cut visits; the grid knows nothing of them.
        .filter(|visit| visit.show == ShowId(2))
        .map(|visit| gap(visit.join, visit.leave))
        .collect();
    let (mean, variance) = crate::laws::moments(&lengths);
    let mut alone = plan;
    alone.groups[0].shows = vec![(ShowId(2), 1.0)];
    let expect = visit_seconds_mean(&alone, 0);
    // The grid itself is good to a hundredth.
    let deviation = (variance / count(lengths.len())).sqrt().hypot(expect * 0.003);
    close("mean visit", mean, expect, deviation);
}

#[test]
fn nobody_has_more_than_256_visits() {
    let length = seconds(1_000);
    let mut group = full_house(20, length);
    let returns = Returns { visits: 1_000, more: MoreVisits::None, absence: Law::Fixed(Micros(5)) };
    group.arrivals = Curve::constant(Micros(1)).into();
    group.classes =
        vec![VisitClass { returns: Some(returns), ..VisitClass::once(Law::Fixed(Micros(10))) }];
    let mut raided: Show = show(length);
    raided.cues.insert(1, raid(Micros(2_000), 0, 1.0));
    let chains = chains(&plan(48, raided, group));
    assert!(chains.iter().all(|chain| chain.len() == 256));
}
