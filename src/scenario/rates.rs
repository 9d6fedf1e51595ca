//! How often a viewer does something: the fields that chat, likes, gifts and shares have in common.
//!
//! - One of `per_viewer = "0.5/min"`, the mean rate of a viewer present; `per_visit = 0.8`, the mean
//!   number in a visit; `per_show = 3000`, the number that all viewers of the group together make
//!   in their show (only for groups that visit one), or `per_show = { quantiles = [0, 0, 12, 90] }`:
//!   that number is drawn once, the values being its quantiles at equal steps from 0 to 1, linear
//!   between them. The latter two become a rate once it is known how long visits are: a viewer's
//!   first visit, cut at the show's end, curves included.
//! - `by_show_time = [["0s", 1.0], ["5m", 3.0]]`: factors on the rate at instants of the run, linear
//!   between them, constant before the first and after the last; 1 is as declared.
//! - `by_viewer_age = [["0s", 2.0], ["1m", 1.0]]`: the same over the time since the visit's join.
//! - `weights = { 1 = "80%", 4 = "15%", 16 = "5%" }`: how viewers differ. A viewer of weight 4 does
//!   it four times as often as one of weight 1; weights are powers of two, shares sum to 100 %, and
//!   the mean over all stays as declared.

use claque_audience::{Factor, Intensity, Micros, Plan, Rate, Share, Size, VisitClass};

use super::points::{self, Form};
use super::{exposure, whole};
use crate::input::units::show_duration;
use crate::input::{Field, Input, Span, Spanned, Table};

const BY_SHOW_TIME: Form = Form { time: "instant", number: "factor", example: "[\"5m\", 3.0]" };
const BY_AGE: Form = Form { time: "age", number: "factor", example: "[\"1m\", 0.5]" };
/// What one viewer does of a kind in one visit at most, by the numbering of intents.
const ACTS_MAX: f64 = 1_048_576.0;
/// Largest weight of a viewer.
const WEIGHT_MAX: u32 = 1 << 20;

/// How often, as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Frequency {
    /// A mean rate of a viewer present.
    Rate(Rate),
    /// A mean number in a visit.
    InVisit(f64),
    /// A number in the show, of all viewers of the group.
    InShow(f64),
}

/// What a group does how often; the rate is not known yet where it hangs on the length of visits.
pub(super) struct Written {
    pub(super) frequency: Spanned<Frequency>,
    /// With a rate of 1 event a second where it is not known yet.
    pub(super) intensity: Intensity,
}

impl Written {
    /// Whether it is ever done.
    pub(super) fn is_ever(&self) -> bool {
        match self.frequency.value {
            Frequency::Rate(rate) => rate > Rate::default(),
            Frequency::InVisit(count) | Frequency::InShow(count) => count > 0.0,
        }
    }

    /// The mean number in a visit, where that can be told before the plan is whole.
    pub(super) fn per_visit(&self, classes: &[VisitClass], length: Micros) -> Option<f64> {
        match self.frequency.value {
            Frequency::Rate(rate) => {
                Some(rate.per_second * super::published::mean_visit(classes, length))
            }
            Frequency::InVisit(count) => Some(count),
            Frequency::InShow(_) => None,
        }
    }
}

/// How a group's rates are read.
#[derive(Clone, Copy)]
pub(super) struct Rates {
    pub(super) seed: u64,
    /// The group's position.
    pub(super) group: usize,
    /// How many shows it visits.
    pub(super) rooms: usize,
    /// The end of the run.
    pub(super) end: Micros,
}

impl Rates {
    /// The rate that stands in `table` in one of `forms`; `what` says of what: "messages".
    pub(super) fn read(
        &self,
        table: &Table<'_>,
        what: &str,
        forms: &[&'static str],
    ) -> Option<Written> {
        let frequency = match table.one_of(&format!("the frequency of {what}"), forms) {
            Some(("per_visit", field)) => field.float(0.0..=1e6).map(|n| n.map(Frequency::InVisit)),
            Some(("per_show", field)) => self.per_show(field),
            Some((_, field)) => field.rate().map(|rate| rate.map(Frequency::Rate)),
            None => None,
        };
        let by_show_time = by_show_time(table, self.end);
        let by_viewer_age = by_viewer_age(table);
        let weights = weights(table.optional("weights"));
        let frequency = frequency?;
        if let Frequency::Rate(rate) = frequency.value {
            let known = if self.end < super::LENGTH_UNKNOWN { self.end } else { Micros(0) };
            limit(table.input(), frequency.span, rate.per_second * known.seconds());
        }
        let per_viewer = match frequency.value {
            Frequency::Rate(rate) => rate,
            _ => Rate { per_second: 1.0 },
        };
        let weights = weights.unwrap_or_default();
        let intensity = Intensity { per_viewer, by_show_time, by_viewer_age, weights };
        Some(Written { frequency, intensity })
    }

    fn per_show(&self, field: Field<'_>) -> Option<Spanned<Frequency>> {
        let span = field.span()?;
        if self.rooms > 1 {
            field.input().problem(
                span,
                format!("this group visits {} shows: which of them has so many?", self.rooms),
                "write per_visit, or give each show a group of its own",
            );
        }
        if !field.is_table() {
            return field.float(0.0..=1e12).map(|count| count.map(Frequency::InShow));
        }
        let table = field.table()?;
        let list = table.required("quantiles");
        table.finish();
        let quantiles: Vec<_> = list.array()?.iter().map(|value| value.float(0.0..=1e12)).collect();
        let quantiles: Vec<Spanned<f64>> = quantiles.into_iter().collect::<Option<_>>()?;
        if quantiles.len() < 2 {
            let help = "write at least the smallest and the largest: [0, 7000]";
            field.input().problem(list.span()?, "two quantiles are the least", help);
            return None;
        }
        if let Some(fall) =
            (1..quantiles.len()).find(|&i| quantiles[i].value < quantiles[i - 1].value)
        {
            let (found, before) = (quantiles[fall], quantiles[fall - 1].value);
            let message = format!("a quantile of {} stands after one of {before}", found.value);
            field.input().problem(found.span, message, "quantiles never fall");
            return None;
        }
        let values: Vec<f64> = quantiles.iter().map(|quantile| quantile.value).collect();
        let count = quantile(&values, uniform(self.seed, self.group as u64)).round();
        Some(Spanned { value: Frequency::InShow(count), span })
    }
}

/// The value at `u` of a law given by its quantiles at equal steps, linear between them.
fn quantile(values: &[f64], u: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no file holds that many")]
    let place = u * (values.len() - 1) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of values"
    )]
    let below = (place as usize).min(values.len() - 2);
    #[expect(clippy::cast_precision_loss, reason = "no file holds that many")]
    let part = place - below as f64;
    values[below] + (values[below + 1] - values[below]) * part
}

/// A number in [0, 1) that belongs to `group` under `seed`: two finalisers of splitmix64, as in the
/// audience's own keys.
pub(super) fn uniform(seed: u64, group: u64) -> f64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    /// So that it is no key of the audience's.
    const PURPOSE: u64 = 0x5ce0_a210_7065_7273;
    let finalise = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let seeded = finalise(seed.wrapping_add(GOLDEN)).wrapping_add(PURPOSE);
    let bits = finalise(finalise(seeded).wrapping_add(group.wrapping_mul(GOLDEN)));
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let whole = (bits >> 11) as f64;
    whole / 9_007_199_254_740_992.0
}

/// `by_show_time`, where it stands in `table`.
pub(super) fn by_show_time(table: &Table<'_>, end: Micros) -> Option<Factor> {
    let field = table.optional("by_show_time");
    let points = points::read(field, &BY_SHOW_TIME, None)?;
    // The first point after the end still says where to the factor is on its way.
    let late = |number: usize| number == 0 || points[number - 1].0.value >= end;
    if let Some(number) = (0..points.len()).find(|&i| points[i].0.value > end && late(i)) {
        table.input().warning(
            points[number].0.span,
            "this point is after the end of the run",
            format!("the run ends at {}; is the unit right?", show_duration(end)),
        );
    }
    factor(field, points)
}

/// `by_viewer_age`, where it stands in `table`.
pub(super) fn by_viewer_age(table: &Table<'_>) -> Option<Factor> {
    let field = table.optional("by_viewer_age");
    factor(field, points::read(field, &BY_AGE, None)?)
}

fn factor(field: Field<'_>, points: Vec<(Spanned<Micros>, f64)>) -> Option<Factor> {
    let (input, span) = (field.input(), field.span()?);
    if points.is_empty() {
        input.problem(span, "a factor needs at least one point", "write [[\"0s\", 1.0]]");
        return None;
    }
    if points.iter().all(|&(_, factor)| factor <= 0.0) {
        input.problem(
            span,
            format!("`{}` is zero everywhere, so nothing would ever be done", field.name()),
            "let at least one factor be above zero; 1 is as declared",
        );
        return None;
    }
    Factor::new(points.into_iter().map(|(at, factor)| (at.value, factor)).collect()).ok()
}

fn weights(field: Field<'_>) -> Option<Vec<(u32, Share)>> {
    let table = field.table()?;
    let input = field.input();
    let form = "weights are 1, 2, 4, 8, …, with their shares: { 1 = \"80%\", 4 = \"20%\" }";
    let mut weights: Vec<(u32, Share)> = Vec::new();
    let mut good = true;
    for (key, share) in table.entries() {
        match key.value.parse::<u32>() {
            Ok(weight) if weight > WEIGHT_MAX => {
                let message = format!("a weight of {weight} is out of range");
                input.problem(key.span, message, format!("at most {WEIGHT_MAX}"));
                good = false;
            }
            Ok(weight) if weight.is_power_of_two() => match share.share() {
                Some(share) => weights.push((weight, share.value)),
                None => good = false,
            },
            Ok(weight) => {
                input.problem(key.span, format!("{weight} is no power of two"), form);
                good = false;
            }
            Err(_) => {
                input.problem(key.span, format!("`{}` is no weight", key.value), form);
                good = false;
            }
        }
    }
    if !good {
        return None;
    }
    whole::settle(input, table.span(), "these weights", weights.iter_mut().map(|one| &mut one.1))?;
    weights.retain(|&(_, share)| share.0 > 0.0);
    weights.sort_by_key(|&(weight, _)| weight);
    Some(weights)
}

/// Which of a group's rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Chat.
    Chat,
    /// Likes.
    Likes,
    /// Shares.
    Shares,
}

/// A rate that hangs on the length of visits, to be filled in once the plan is whole.
pub(super) struct Pending {
    pub(super) group: usize,
    pub(super) of: Of,
    pub(super) count: Frequency,
    pub(super) span: Span,
    /// Whether it is a preset's.
    pub(super) published: bool,
}

/// Fills in the rates that hang on the length of visits.
pub(super) fn fill(input: &Input, plan: &mut Plan, pending: &[Pending]) {
    for one in pending {
        let Some(intensity) = intensity(plan, one) else { continue };
        let seconds = exposure::first_visit(plan, one.group, &intensity);
        let per_second = match one.count {
            Frequency::Rate(_) => continue,
            Frequency::InVisit(count) => count / seconds,
            Frequency::InShow(count) => {
                let viewers = match plan.groups[one.group].size {
                    Size::Viewers(viewers) => f64::from(viewers),
                    Size::Mean(mean) => mean,
                };
                count / (viewers * exposure::viewer(plan, one.group, &intensity, seconds))
            }
        };
        let is_done = per_second.is_finite() && per_second > 0.0;
        if is_done {
            limit(input, one.span, per_second * seconds);
        } else {
            input.warning(
                one.span,
                "nobody is ever there to do this",
                "let viewers come, and the factors be above zero while they are there",
            );
        }
        set(&mut plan.groups[one.group], one.of, Rate { per_second });
        let is_chat = one.of == Of::Chat && matches!(one.count, Frequency::InShow(_));
        if is_done && is_chat && !one.published {
            super::published::chat(input, one.span, per_second * seconds);
        }
    }
}

/// Reports what one viewer would do more often in a visit than the audience counts.
fn limit(input: &Input, span: Span, times: f64) {
    if times >= ACTS_MAX {
        input.problem(
            span,
            format!("that is {times:.0} times, by every single viewer"),
            format!("at most {ACTS_MAX} are counted; is the unit right?"),
        );
    }
}

fn intensity(plan: &Plan, one: &Pending) -> Option<Intensity> {
    let group = &plan.groups[one.group];
    match one.of {
        Of::Chat => group.chat.as_ref().map(|chat| chat.intensity.clone()),
        Of::Likes => group.likes.as_ref().map(|likes| likes.intensity.clone()),
        Of::Shares => group.shares.as_ref().map(|shares| shares.intensity.clone()),
    }
}

/// Sets the rate, or takes out what is never done: no message ever is the same as no chat.
fn set(group: &mut claque_audience::Group, of: Of, rate: Rate) {
    let never = !rate.per_second.is_finite() || rate.per_second <= 0.0;
    let place = match of {
        Of::Chat => group.chat.as_mut().map(|chat| &mut chat.intensity),
        Of::Likes => group.likes.as_mut().map(|likes| &mut likes.intensity),
        Of::Shares => group.shares.as_mut().map(|shares| &mut shares.intensity),
    };
    match place {
        Some(intensity) if !never => intensity.per_viewer = rate,
        _ => match of {
            Of::Chat => group.chat = None,
            Of::Likes => group.likes = None,
            Of::Shares => group.shares = None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_between_their_steps() {
        let values = [0.0, 0.0, 12.0, 90.0, 100.0];
        for (u, expect) in [(0.0, 0.0), (0.1, 0.0), (0.375, 6.0), (0.5, 12.0), (0.75, 90.0)] {
            assert!((quantile(&values, u) - expect).abs() < 1e-9, "at {u}");
        }
        assert!(quantile(&values, 1.0) <= 100.0 + 1e-9);
    }

    /// Neighbouring seeds and groups have draws of their own, spread evenly.
    #[test]
    fn draws_are_spread() {
        let mut draws: Vec<f64> =
            (0..30).flat_map(|seed| (0..30).map(move |group| uniform(seed, group))).collect();
        draws.sort_by(f64::total_cmp);
        let distance = (0..900_u32)
            .zip(&draws)
            .map(|(rank, draw)| (draw - (f64::from(rank) + 0.5) / 900.0).abs())
            .fold(0.0, f64::max);
        // Kolmogorov's 99.9 % bound is 1.95/√900.
        assert!(distance < 0.065, "{distance}");
    }
}
