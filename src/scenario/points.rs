//! Lists of points, `[["0s", 1.0], ["60s", 0.2]]`: in each a time and a number, in the order of
//! time.

use claque_audience::Micros;

use crate::input::units::show_duration;
use crate::input::{Field, Spanned};

/// Largest relative rate or factor.
pub(super) const NUMBER_MAX: f64 = 1e9;

/// What the two parts of a point are called, and one as an example.
pub(super) struct Form {
    pub(super) time: &'static str,
    pub(super) number: &'static str,
    pub(super) example: &'static str,
}

/// Reads the points of `field`; with `show`, its start and end, a point outside them is reported.
pub(super) fn read(
    field: Field<'_>,
    form: &Form,
    show: Option<(Micros, Micros)>,
) -> Option<Vec<(Spanned<Micros>, f64)>> {
    let input = field.input();
    let rows = field.array()?;
    let mut points: Vec<(Spanned<Micros>, f64)> = Vec::new();
    let mut good = true;
    for row in &rows {
        let pair = row.array().unwrap_or_default();
        let [time, number] = pair.as_slice() else {
            if let Some(span) = row.span().filter(|_| row.is_array()) {
                let Form { time, number, example } = form;
                let help = format!("write [{time}, {number}]: {example}");
                input.problem(span, "a point has two parts", help);
            }
            good = false;
            continue;
        };
        let (Some(time), Some(number)) = (time.duration(), number.float(0.0..=NUMBER_MAX)) else {
            good = false;
            continue;
        };
        let at = time.value;
        if let Some((start, end)) = show.filter(|&(start, end)| at > end || at < start) {
            let (which, when) = if at > end { ("after", end) } else { ("before", start) };
            let word = if at > end { "ends" } else { "goes live" };
            let message = format!("this point is {which} the show");
            input.problem(time.span, message, format!("it {word} at {}", show_duration(when)));
            good = false;
        }
        if points.last().is_some_and(|(before, _)| before.value >= at) {
            let message = "this point is not later than the one before it";
            input.problem(time.span, message, "write points in the order of time");
            good = false;
        }
        points.push((time, number.value));
    }
    good.then_some(points)
}
