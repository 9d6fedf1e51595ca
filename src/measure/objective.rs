//! Objectives held against what was measured.

use claque_audience::IntentKind;

use super::orders::OrdersSummary;
use super::settings::RunInfo;
use super::summary::{is_resolved, share};
use super::tables::{Counter, Part, Tables};
use crate::scenario::{Comparison, Figure, Objective, Statistic, Window};

/// An objective with its figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The objective.
    pub objective: Objective,
    /// How it came out.
    pub evaluation: Evaluation,
}

/// How an objective came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    /// The figure was measured.
    Measured {
        /// The figure, in the unit of the objective's limit.
        value: f64,
        /// Samples behind it (of the worst second, if that is what it is about).
        n: u64,
        /// The quantile is not resolved by so few samples, and the largest stands in for it.
        maximum: bool,
        /// The worst second, if that is what it is about.
        second: Option<u32>,
        /// Whether the objective holds.
        holds: bool,
    },
    /// It could not be evaluated, for this reason; it speaks neither for nor against the run.
    NotEvaluated(String),
}

/// A figure as measured in some tables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    value: f64,
    n: u64,
    maximum: bool,
}

/// The worst second of a figure so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Worst {
    measured: Measured,
    second: u32,
}

/// Takes one second into account for the worst.
pub(super) fn worse(
    objective: &Objective,
    worst: Option<Worst>,
    second: u32,
    tables: &Tables,
) -> Option<Worst> {
    let Some(measured) = measure(objective.figure, tables) else { return worst };
    let badness = |value: f64| match objective.comparison {
        Comparison::Below | Comparison::AtMost => value,
        Comparison::Equal => (value - objective.limit).abs(),
        Comparison::AtLeast | Comparison::Above => -value,
    };
    match worst {
        Some(before) if badness(before.measured.value) >= badness(measured.value) => worst,
        _ => Some(Worst { measured, second }),
    }
}

/// Holds one objective against a run: its `tables` by part, its worst second, its orders.
pub(super) fn evaluate<'a>(
    objective: &Objective,
    info: &RunInfo,
    tables: impl Fn(Part) -> &'a Tables,
    worst: Option<Worst>,
    orders: &OrdersSummary,
) -> Evaluated {
    let kind = kind_of(objective.figure);
    let part = match objective.window {
        Window::Whole | Window::WorstSecond => Part::All,
        Window::Planned { from, to, .. } => {
            let window = info.windows().iter().position(|&window| window == (from, to));
            Part::Window(window.and_then(|w| u16::try_from(w).ok()).unwrap_or(u16::MAX))
        }
    };
    let found = match (&objective.window, objective.figure) {
        (_, Figure::Oversold) => oversold(tables(Part::All), orders).map(|m| (m, None)),
        (Window::Whole, Figure::Orders) => confirmed(tables(Part::All), orders).map(|m| (m, None)),
        (Window::WorstSecond, _) => worst.map(|worst| (worst.measured, Some(worst.second))),
        _ => measure(objective.figure, tables(part)).map(|m| (m, None)),
    };
    let evaluation = if info.not_played.contains(&kind) {
        Evaluation::NotEvaluated(format!("the binding plays no {}", kind.name()))
    } else if let Some((Measured { value, n, maximum }, second)) = found {
        let holds = holds(value, objective.comparison, objective.limit);
        Evaluation::Measured { value, n, maximum, second, holds }
    } else {
        let planned = tables(part).count(kind, Counter::Planned);
        Evaluation::NotEvaluated(match planned {
            0 => format!("no {} was planned", kind.name()),
            _ => format!("no sample, of {planned} planned"),
        })
    };
    Evaluated { objective: objective.clone(), evaluation }
}

/// The kind that a figure is about.
fn kind_of(figure: Figure) -> IntentKind {
    match figure {
        Figure::Latency { kind, .. }
        | Figure::Completeness(kind)
        | Figure::Boundary(kind)
        | Figure::Duplicates(kind)
        | Figure::OutOfOrder(kind)
        | Figure::Failed(kind) => kind,
        Figure::Oversold | Figure::Orders => IntentKind::CheckOut,
    }
}

/// A figure as far as tables tell it; none without samples.
fn measure(figure: Figure, tables: &Tables) -> Option<Measured> {
    let count = |kind, counter| tables.count(kind, counter);
    let part_of = |part: u64, whole: u64| {
        share(part, whole).map(|value| Measured { value, n: whole, maximum: false })
    };
    let how_many = |kind, counter| {
        let pairs = [
            Counter::Expected,
            Counter::Boundary,
            Counter::Outside,
            Counter::Ghost,
            Counter::Duplicate,
            Counter::OutOfOrder,
        ];
        let n = pairs.into_iter().map(|pair| count(kind, pair)).sum();
        (n > 0).then(|| number(count(kind, counter), n))
    };
    match figure {
        Figure::Latency { kind, series, statistic } => {
            let samples = tables.histogram(kind, series)?;
            let n = samples.len();
            let (value, maximum) = match statistic {
                Statistic::Quantile(q) if is_resolved(n, q) => {
                    (float(samples.value_at_quantile(q)), false)
                }
                Statistic::Quantile(_) => (float(samples.max()), true),
                Statistic::Max => (float(samples.max()), false),
                Statistic::Mean => (samples.mean(), false),
            };
            Some(Measured { value: value / 1e9, n, maximum })
        }
        Figure::Completeness(kind) => {
            part_of(count(kind, Counter::Received), count(kind, Counter::Expected))
        }
        Figure::Boundary(kind) => {
            let boundary = count(kind, Counter::Boundary);
            part_of(boundary, boundary + count(kind, Counter::Expected))
        }
        Figure::Duplicates(kind) => how_many(kind, Counter::Duplicate),
        Figure::OutOfOrder(kind) => how_many(kind, Counter::OutOfOrder),
        Figure::Failed(kind) => {
            let settled: u64 = Counter::OUTCOMES.into_iter().map(|c| count(kind, c)).sum();
            let done = count(kind, Counter::Answered) + count(kind, Counter::Rejected);
            part_of(settled - done, settled)
        }
        // Of a window or a second: check-outs answered, each of which is one order.
        Figure::Orders => {
            let planned = count(IntentKind::CheckOut, Counter::Planned);
            let answered = count(IntentKind::CheckOut, Counter::Answered);
            (planned + answered > 0).then(|| number(answered, planned))
        }
        Figure::Oversold => None,
    }
}

fn oversold(tables: &Tables, orders: &OrdersSummary) -> Option<Measured> {
    let planned = tables.count(IntentKind::CheckOut, Counter::Planned);
    let beyond = orders.products.iter().map(|product| product.oversold().1).sum();
    (planned > 0).then(|| number(beyond, planned))
}

fn confirmed(tables: &Tables, orders: &OrdersSummary) -> Option<Measured> {
    let planned = tables.count(IntentKind::CheckOut, Counter::Planned);
    (planned > 0).then(|| number(orders.orders, planned))
}

fn number(value: u64, n: u64) -> Measured {
    Measured { value: float(value), n, maximum: false }
}

fn float(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts and ns of a run are far below 2^52")]
    let float = number as f64;
    float
}

/// Whether `value` compares as it should; equal means to the last digit but for rounding.
fn holds(value: f64, comparison: Comparison, limit: f64) -> bool {
    match comparison {
        Comparison::Below => value < limit,
        Comparison::AtMost => value <= limit,
        Comparison::Equal => (value - limit).abs() < 1e-12,
        Comparison::AtLeast => value >= limit,
        Comparison::Above => value > limit,
    }
}
