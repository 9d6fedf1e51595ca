//! How long a group's viewers are there, weighed with the factors on a rate: what a number a visit
//! is divided by to get a rate.
//!
//! E[∫ c(t)·g(t − A) dt] over a first visit from A to min(A + S, T), in seconds; without factors it
//! is the mean length of a visit. A viewer's whole time in the show is that of all visits, for those
//! who come at all.

use claque_audience::{
    Arriving, Factor, Group, Intensity, Micros, Plan, VisitClass, visit_seconds_mean,
};

use super::rates::uniform;

/// Arrivals and stays of the grid over which factors are averaged.
const GRID: (u32, u32) = (48, 64);
/// Steps of the time in a visit where both factors vary.
const STEPS: u32 = 32;
/// Viewers drawn where it takes whole lives: those who come back, or do not come.
const VIEWERS: u32 = 8_192;

/// The weighed length of a first visit of `group`.
pub(super) fn first_visit(plan: &Plan, group: usize, intensity: &Intensity) -> f64 {
    let number = u16::try_from(group).unwrap_or(u16::MAX);
    let seconds = visit_seconds_mean(plan, number);
    if intensity.by_show_time.is_none() && intensity.by_viewer_age.is_none() {
        return seconds;
    }
    // The grid here gives the ratio only, so that the mean is the audience's own.
    let (mut factored, mut length) = (0.0, 0.0);
    let group = &plan.groups[group];
    for &(show, weight) in &group.shows {
        let Some((live, end)) = times(plan, usize::from(show.0)) else { continue };
        let Some(arriving) = group.arrivals.within(live, end) else { continue };
        let joins = arriving.grid(GRID.0);
        #[expect(clippy::cast_precision_loss, reason = "a few dozen")]
        let each = weight / joins.len() as f64;
        for class in &group.classes {
            for stay in stays(class) {
                let part = each * class.share.0 / f64::from(GRID.1);
                for &join in &joins {
                    let leave = join.saturating_add(stay).min(end);
                    factored += part * weigh(intensity, join, leave);
                    length += part * leave.saturating_sub(join).seconds();
                }
            }
        }
    }
    if length > 0.0 { seconds * factored / length } else { 0.0 }
}

/// The weighed time that a viewer of `group` spends in its one show, all visits together, `first`
/// being that of a first visit. Raids are left out.
pub(super) fn viewer(plan: &Plan, group: usize, intensity: &Intensity, first: f64) -> f64 {
    let group = &plan.groups[group];
    let show = group.shows.first().map_or(usize::MAX, |(show, _)| usize::from(show.0));
    let Some((live, end)) = times(plan, show) else { return 0.0 };
    let Some(arriving) = group.arrivals.within(live, end) else { return 0.0 };
    let (mut come, mut firsts, mut all) = (0_u32, 0.0, 0.0);
    for number in 0..VIEWERS {
        let mut visits =
            life(group, &arriving, end, number).map(|(join, leave)| weigh(intensity, join, leave));
        if let Some(weight) = visits.next() {
            come += 1;
            firsts += weight;
            all += weight + visits.sum::<f64>();
        }
    }
    // Only the ratio is drawn.
    let share = f64::from(come) / f64::from(VIEWERS);
    if firsts > 0.0 { first * share * all / firsts } else { 0.0 }
}

/// The visits of one viewer drawn, each from its join to its leave.
fn life<'a>(
    group: &'a Group,
    arriving: &Arriving,
    end: Micros,
    number: u32,
) -> impl Iterator<Item = (Micros, Micros)> + use<'a> {
    let mut draws = 0;
    let mut draw = move || {
        draws += 1;
        // Above 0, as laws want it.
        uniform(u64::from(number), draws).max(1e-12)
    };
    let mut join = arriving.instant(draw());
    let class = &group.classes[VisitClass::choose(&group.classes, draw())];
    let count = class.returns.as_ref().map_or(1, |returns| returns.count(draw()));
    (0..count).map_while(move |_| {
        let joined = join.filter(|&at| at < end)?;
        let left = joined.saturating_add(class.stay.at(draw())).min(end);
        let absence = class.returns.as_ref().map(|returns| returns.absence.at(draw()));
        join = absence.map(|absence| left.saturating_add(absence));
        Some((joined, left))
    })
}

fn stays(class: &VisitClass) -> impl Iterator<Item = Micros> {
    let at = |step: u32| class.stay.at((f64::from(step) + 0.5) / f64::from(GRID.1));
    (0..GRID.1).map(at)
}

/// When a show goes live and when it ends.
fn times(plan: &Plan, show: usize) -> Option<(Micros, Micros)> {
    let cues = &plan.shows.get(show)?.cues;
    Some((cues.first()?.at, cues.last()?.at))
}

/// ∫ c(t)·g(t − `join`) dt from `join` to `leave`, in seconds.
fn weigh(intensity: &Intensity, join: Micros, leave: Micros) -> f64 {
    let length = leave.saturating_sub(join);
    match (&intensity.by_show_time, &intensity.by_viewer_age) {
        (None, None) => length.seconds(),
        (Some(factor), None) => factor.integral(join, leave) / 1e6,
        (None, Some(factor)) => factor.integral(Micros(0), length) / 1e6,
        (Some(by_time), Some(by_age)) => both(by_time, by_age, join, length),
    }
}

/// By the midpoints of equal steps.
fn both(by_time: &Factor, by_age: &Factor, join: Micros, length: Micros) -> f64 {
    let step = length.seconds() / f64::from(STEPS);
    let at = |number: u32| Micros::from_seconds((f64::from(number) + 0.5) * step);
    let product = |age: Micros| by_time.at(join.saturating_add(age)) * by_age.at(age);
    (0..STEPS).map(|number| product(at(number)) * step).sum()
}
