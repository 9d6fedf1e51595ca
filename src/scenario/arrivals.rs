//! `arrivals`: the relative rate at which a group arrives, over show time; only its shape counts.
//!
//! Left out, or `"constant"`: the same rate from going live to the end. Else one of
//! - `points = [["0s", 1.0], ["5s", 3.0]]`: piecewise linear between instants of the run;
//! - `ramp = { from = 0.2, to = 1.0 }`: linear from going live on, for `length` (default: until the
//!   end; after it, `to` stays);
//! - `spike = { at = "20s", height = 5.0, width = "4s" }`: rate 1, but rising from `at` to `height`
//!   and falling back within `width`;
//! - `trace = "data/x.csv"`, with `compress` as the factor by which its time is divided.

use claque_audience::{Curve, CurveError, Micros};

use super::{Traces, trace};
use crate::input::units::show_duration;
use crate::input::{Field, Input, Span, Table};

/// Largest relative rate.
const RATE_MAX: f64 = 1e9;

pub(super) fn read(
    field: Field<'_>,
    (start, end): (Micros, Micros),
    traces: &Traces<'_>,
) -> Option<Curve> {
    let constant = || Curve::points(vec![(start, 1.0), (end, 1.0)]).ok();
    if !field.is_present() {
        return constant();
    }
    if !field.is_table() {
        field.choice(&[("constant", ())])?;
        return constant();
    }
    let table = field.table()?;
    let forms = ["constant", "points", "ramp", "spike", "trace"];
    let form = table.one_of("a curve of arrivals", &forms);
    let input = table.input();
    let curve = form.and_then(|(form, field)| match form {
        "constant" => field.boolean().and_then(|_| constant()),
        "points" => points(input, field, (start, end)),
        "ramp" => ramp(input, field.table()?, (start, end)),
        "spike" => spike(input, field.table()?, (start, end)),
        _ => {
            let compress = trace::compress(&table);
            trace::arrivals(input, &field.string()?, compress, (start, end), traces)
        }
    });
    table.finish();
    curve
}

fn points(input: &Input, field: Field<'_>, (start, end): (Micros, Micros)) -> Option<Curve> {
    let rows = field.array()?;
    let mut points: Vec<(Micros, f64)> = Vec::new();
    let mut good = true;
    for row in &rows {
        let pair = row.array().unwrap_or_default();
        let [instant, rate] = pair.as_slice() else {
            if let Some(span) = row.span().filter(|_| row.is_array()) {
                input.problem(
                    span,
                    "a point has two parts",
                    "write [instant, rate]: [\"5s\", 3.0]",
                );
            }
            good = false;
            continue;
        };
        let (Some(instant), Some(rate)) = (instant.duration(), rate.float(0.0..=RATE_MAX)) else {
            good = false;
            continue;
        };
        let at = instant.value;
        if at > end || at < start {
            let (which, when) = if at > end { ("after", end) } else { ("before", start) };
            let word = if at > end { "ends" } else { "goes live" };
            let message = format!("this point is {which} the show");
            let help = format!("it {word} at {}", show_duration(when));
            input.problem(instant.span, message, help);
            good = false;
        }
        if points.last().is_some_and(|&(before, _)| before >= at) {
            let message = "this point is not later than the one before it";
            input.problem(instant.span, message, "write points in the order of time");
            good = false;
        }
        points.push((at, rate.value));
    }
    if !good {
        return None;
    }
    curve(input, field.span()?, points)
}

fn ramp(input: &Input, table: Table<'_>, (start, end): (Micros, Micros)) -> Option<Curve> {
    let from = table.required("from").float(0.0..=RATE_MAX);
    let to = table.required("to").float(0.0..=RATE_MAX);
    let length = table.optional("length");
    let until = match length.duration() {
        Some(length) => start.saturating_add(length.value),
        None if length.is_present() => return None,
        None => end,
    };
    let span = table.span();
    table.finish();
    let (from, to) = (from?.value, to?.value);
    if until <= start || until > end {
        let help = format!("from above \"0s\" to \"{}\"", show_duration(end.saturating_sub(start)));
        input.problem(length.span()?, "the ramp does not fit into the show", help);
        return None;
    }
    let mut points = vec![(start, from), (until, to)];
    if until < end {
        points.push((end, to));
    }
    curve(input, span, points)
}

fn spike(input: &Input, table: Table<'_>, (start, end): (Micros, Micros)) -> Option<Curve> {
    let at = table.required("at").duration();
    let height = table.required("height").float(0.0..=RATE_MAX);
    let width = table.required("width").duration();
    let span = table.span();
    table.finish();
    let (at, height, width) = (at?, height?.value, width?);
    let (rise, top) = (at.value, at.value.saturating_add(Micros(width.value.0 / 2)));
    let fall = rise.saturating_add(width.value);
    if rise < start || fall > end || top <= rise || fall <= top {
        let (from, to) = (show_duration(start), show_duration(end));
        let help = format!("the show is from {from} to {to}");
        input.problem(at.span, "the spike does not fit into the show", help);
        return None;
    }
    let mut points = Vec::new();
    if start < rise {
        points.push((start, 1.0));
    }
    points.extend([(rise, 1.0), (top, height), (fall, 1.0)]);
    if fall < end {
        points.push((end, 1.0));
    }
    curve(input, span, points)
}

/// The curve through points that are in order and not negative.
fn curve(input: &Input, span: Span, points: Vec<(Micros, f64)>) -> Option<Curve> {
    let error = if points.len() < 2 {
        CurveError::TooFewPoints
    } else if points.iter().all(|&(_, rate)| rate <= 0.0) {
        CurveError::Zero
    } else {
        match Curve::points(points) {
            Ok(curve) => return Some(curve),
            Err(error) => error,
        }
    };
    let help = match error {
        CurveError::TooFewPoints => "write a second point: [[\"0s\", 1.0], [\"60s\", 1.0]]",
        CurveError::Zero => "let at least one rate be above zero",
        _ => "mend the point",
    };
    input.problem(span, error.to_string(), help);
    None
}
