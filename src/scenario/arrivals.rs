//! `arrivals`: the relative rate at which a group arrives, over show time; only its shape counts.
//!
//! Left out, or `"constant"`: the same rate from going live to the end. Else one of
//! - `points = [["0s", 1.0], ["5s", 3.0]]`: piecewise linear between instants of the run;
//! - `cubic = [["0s", 1.0], …]`: the same, but smooth and without overshoot;
//! - `ramp = { from = 0.2, to = 1.0 }`: linear from going live on, for `length` (default: until the
//!   end; after it, `to` stays);
//! - `spike = { at = "20s", height = 5.0, width = "4s" }`: rate 1, but rising from `at` to `height`
//!   and falling back within `width`;
//! - `flash_crowd = { at, height, ramp, sustain, decay }`: rate 1, but rising from `at` to `height`
//!   within `ramp`, staying there for `sustain` and falling back within `decay`;
//! - `notification = { at, opens = "7%", delay = LAW }`: all are told `at` an instant, and that
//!   share of them come, each after a delay; the others never come;
//! - `bins = { width = "1m", weights = [3, 1] }`: a constant rate within each bin from going live
//!   on, with that share of the arrivals;
//! - `trace = "data/x.csv"`: bins from a CSV file, with `compress` (default: the group's) as the
//!   factor by which its times are divided;
//! - `sum = [{ weight = 2, <arrivals> }, …]`: each viewer comes by one of these, drawn by weight
//!   (default 1).
//!
//! A group's `compress` divides the times of bins and traces and a notification's delay. Instants
//! of the run (`at`, points) stay where they are.

use claque_audience::{Arrivals, Curve, CurveError, FlashCrowd, Micros};

use super::laws::{Compress, Laws, positive};
use super::points::{Form, NUMBER_MAX};
use super::{LENGTH_UNKNOWN, points, trace};
use crate::input::units::show_duration;
use crate::input::{Field, Input, Span, Table};

const POINT: Form = Form { time: "instant", number: "rate", example: "[\"5s\", 3.0]" };
/// The forms of one curve, and of several together.
const FORMS: [&str; 10] = [
    "constant",
    "points",
    "ramp",
    "spike",
    "trace",
    "cubic",
    "flash_crowd",
    "notification",
    "bins",
    "sum",
];

/// What arrivals are read with: the show's start and end, and what laws need.
#[derive(Clone, Copy)]
pub(super) struct Door<'a> {
    pub(super) start: Micros,
    pub(super) end: Micros,
    /// Where the group asks for a preset.
    pub(super) preset: Option<Span>,
    pub(super) laws: Laws<'a>,
}

impl Door<'_> {
    pub(super) fn read(&self, field: Field<'_>) -> Option<Arrivals> {
        if !field.is_present() {
            return self.constant();
        }
        if !field.is_table() {
            field.choice(&[("constant", ())])?;
            return self.constant();
        }
        let table = field.table()?;
        let arrivals = self.of_table(&table, &FORMS);
        table.finish();
        arrivals
    }

    /// The arrivals that stand in `table`, perhaps beside other fields.
    fn of_table(&self, table: &Table<'_>, forms: &[&'static str]) -> Option<Arrivals> {
        let input = table.input();
        let (form, field) = table.one_of("a curve of arrivals", forms)?;
        let curve = match form {
            "constant" => return field.boolean().and_then(|_| self.constant()),
            "notification" => return self.notification(field.table()?),
            "sum" => return self.sum(field),
            "points" | "cubic" => self.points(field, form == "cubic"),
            "ramp" => self.ramp(field.table()?),
            "spike" => self.spike(field.table()?),
            "flash_crowd" => self.flash_crowd(field.table()?),
            "bins" => self.bins(field.table()?),
            _ => {
                let compress = trace::compress(table, self.laws.compress);
                let window = (self.start, self.end);
                trace::arrivals(input, &field.string()?, compress, window, self.laws.traces)
            }
        };
        curve.map(Arrivals::Curve)
    }

    fn constant(&self) -> Option<Arrivals> {
        let curve = Curve::points(vec![(self.start, 1.0), (self.end, 1.0)]).ok()?;
        Some(Arrivals::Curve(curve))
    }

    fn points(&self, field: Field<'_>, smooth: bool) -> Option<Curve> {
        let points = points::read(field, &POINT, Some((self.start, self.end)))?;
        let points = points.into_iter().map(|(at, rate)| (at.value, rate)).collect();
        curve(field.input(), field.span()?, points, smooth)
    }

    fn ramp(&self, table: Table<'_>) -> Option<Curve> {
        let (start, end) = (self.start, self.end);
        let from = table.required("from").float(0.0..=NUMBER_MAX);
        let to = table.required("to").float(0.0..=NUMBER_MAX);
        let length = table.optional("length");
        let until = match length.duration() {
            Some(length) => start.saturating_add(length.value),
            None if length.is_present() => return None,
            None => end,
        };
        let (input, span) = (table.input(), table.span());
        table.finish();
        let (from, to) = (from?.value, to?.value);
        if until <= start || until > end {
            let most = show_duration(end.saturating_sub(start));
            let help = format!("from above \"0s\" to \"{most}\"");
            input.problem(length.span()?, "the ramp does not fit into the show", help);
            return None;
        }
        let mut points = vec![(start, from), (until, to)];
        if until < end {
            points.push((end, to));
        }
        curve(input, span, points, false)
    }

    fn spike(&self, table: Table<'_>) -> Option<Curve> {
        let (start, end) = (self.start, self.end);
        let at = table.required("at").duration();
        let height = table.required("height").float(0.0..=NUMBER_MAX);
        let width = table.required("width").duration();
        let (input, span) = (table.input(), table.span());
        table.finish();
        let (at, height, width) = (at?, height?.value, width?);
        let (rise, top) = (at.value, at.value.saturating_add(Micros(width.value.0 / 2)));
        let fall = rise.saturating_add(width.value);
        if rise < start || fall > end || top <= rise || fall <= top {
            input.problem(at.span, "the spike does not fit into the show", self.lasts());
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
        curve(input, span, points, false)
    }

    fn flash_crowd(&self, table: Table<'_>) -> Option<Curve> {
        let at = table.required("at").duration();
        let height = table.required("height").float(0.0..=NUMBER_MAX);
        let [ramp, sustain, decay] = ["ramp", "sustain", "decay"]
            .map(|name| table.required(name).duration().map(|length| length.value));
        let (input, span) = (table.input(), table.span());
        table.finish();
        let at = at?;
        let crowd = FlashCrowd {
            at: at.value,
            height: height?.value,
            ramp: ramp?,
            sustain: sustain?,
            decay: decay?,
        };
        let lengths = [crowd.ramp, crowd.sustain, crowd.decay];
        let over = lengths.into_iter().fold(crowd.at, Micros::saturating_add);
        if crowd.at < self.start || over > self.end {
            input.problem(at.span, "the flash crowd does not fit into the show", self.lasts());
            return None;
        }
        if over == crowd.at {
            input.problem(span, "a flash crowd of no length", "let it sustain: sustain = \"10s\"");
            return None;
        }
        Curve::flash_crowd(self.start, self.end, &crowd).ok()
    }

    fn notification(&self, table: Table<'_>) -> Option<Arrivals> {
        let at = table.required("at").duration();
        let opens = table.required("opens").share();
        let delay = Laws { zero: true, ..self.laws }.read(table.required("delay"));
        let input = table.input();
        table.finish();
        let at = at?;
        if at.value >= self.end {
            input.problem(at.span, "they would be told after the show", self.lasts());
        }
        Some(Arrivals::Notification { at: at.value, opens: opens?.value, delay: delay? })
    }

    fn bins(&self, table: Table<'_>) -> Option<Curve> {
        let width = positive(table.required("width"));
        let field = table.required("weights");
        let weights = field.array().map(|weights| {
            weights.iter().map(|weight| weight.float(0.0..=NUMBER_MAX)).collect::<Vec<_>>()
        });
        let (input, span) = (table.input(), table.span());
        table.finish();
        let weights: Option<Vec<f64>> =
            weights?.into_iter().map(|weight| Some(weight?.value)).collect();
        let (width, weights) = (width?, weights?);
        if weights.is_empty() {
            input.problem(field.span()?, "there is no bin", "write at least one weight: [3, 1]");
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "no file holds that many")]
        let edges = (0..=weights.len()).map(|edge| width.seconds() * edge as f64).collect();
        let of_preset = self.preset == Some(span);
        let name = if of_preset { "the arrivals of this preset" } else { "these bins" };
        let bins = Bins { name, many: true, edges, weights };
        bins.curve(
            input,
            span,
            self.laws.compress.map_or(1.0, Compress::factor),
            (self.start, self.end),
        )
    }

    fn sum(&self, field: Field<'_>) -> Option<Arrivals> {
        let tables = field.tables()?;
        if let ([], Some(span)) = (tables.as_slice(), field.span()) {
            let help = "write its parts: [{ weight = 2, ramp = { from = 0, to = 1 } }, …]";
            field.input().problem(span, "a sum of no arrivals", help);
            return None;
        }
        // A sum in a sum would say nothing that one sum does not.
        let forms = &FORMS[..FORMS.len() - 1];
        let parts: Vec<_> = tables
            .into_iter()
            .map(|table| {
                if table.entries().any(|(key, _)| key.value == "sum") {
                    let help = "write its parts beside the others";
                    table.input().problem(table.key_span("sum"), "a sum within a sum", help);
                    return None;
                }
                let weight = table.optional("weight");
                let found = weight.float(0.001..=NUMBER_MAX).map(|weight| weight.value);
                let found = if weight.is_present() { found } else { Some(1.0) };
                let part = self.of_table(&table, forms);
                table.finish();
                Some((found?, part?))
            })
            .collect();
        Some(Arrivals::Sum(parts.into_iter().collect::<Option<_>>()?))
    }

    fn lasts(&self) -> String {
        format!("the show is from {} to {}", show_duration(self.start), show_duration(self.end))
    }
}

/// Shares of arrivals in stretches of time.
pub(super) struct Bins<'a> {
    /// What they are called in messages.
    pub(super) name: &'a str,
    /// Whether that is a plural.
    pub(super) many: bool,
    /// In seconds, in order; one more than weights. The first is when the show goes live.
    pub(super) edges: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Bins<'_> {
    /// The curve of these bins, their times divided by `compress`; what is wrong is reported at
    /// `span`.
    pub(super) fn curve(
        &self,
        input: &Input,
        span: Span,
        compress: f64,
        (start, end): (Micros, Micros),
    ) -> Option<Curve> {
        let misfit = |message: String, help: String| {
            input.problem(span, message, help);
            None
        };
        let name = self.name;
        let first = self.edges[0];
        let edges: Vec<Micros> = self
            .edges
            .iter()
            .map(|edge| start.saturating_add(Micros::from_seconds((edge - first) / compress)))
            .collect();
        let lasts = edges[edges.len() - 1].saturating_sub(start);
        let room = end.saturating_sub(start);
        if lasts > room && end < LENGTH_UNKNOWN {
            let factor = (compress * lasts.seconds() / room.seconds().max(1e-3)).ceil();
            let verb = if self.many { "last" } else { "lasts" };
            let (lasts, room) = (show_duration(lasts), show_duration(room));
            return misfit(
                format!("{name} {verb} {lasts}, longer than the show, {room}"),
                format!("compress it: compress = {factor}"),
            );
        }
        if self.weights.iter().all(|&weight| weight <= 0.0) {
            let verb = if self.many { "are" } else { "is" };
            return misfit(
                format!("{name} {verb} zero everywhere, so nobody would arrive"),
                "at least one bin must be above zero".to_owned(),
            );
        }
        match Curve::bins(&edges, &self.weights) {
            Ok(curve) => Some(curve),
            Err(error) => misfit(format!("{name}: {error}"), "is the factor right?".to_owned()),
        }
    }
}

/// The curve through points that are in order and not negative.
fn curve(input: &Input, span: Span, points: Vec<(Micros, f64)>, smooth: bool) -> Option<Curve> {
    let error = if points.len() < 2 {
        CurveError::TooFewPoints
    } else if points.iter().all(|&(_, rate)| rate <= 0.0) {
        CurveError::Zero
    } else {
        match if smooth { Curve::cubic(points) } else { Curve::points(points) } {
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
