//! Objectives held against what was measured.

use claque_audience::IntentKind;

use super::orders::OrdersSummary;
use super::settings::RunInfo;
use super::summary::{is_resolved, largest, share};
use super::tables::{Counter, Part, Tables};
use crate::scenario::{Acts, Comparison, Ending, Figure, Objective, Statistic, Unit, Window};

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
    pub(super) value: f64,
    n: u64,
    maximum: bool,
}

/// The worst second of a figure so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Worst {
    measured: Measured,
    second: u32,
}

/// Takes one second into account for the worst; `tables` are its parts.
pub(super) fn worse<'a>(
    objective: &Objective,
    worst: Option<Worst>,
    second: u32,
    tables: impl Fn(Part) -> &'a Tables,
) -> Option<Worst> {
    let measured = match objective.figure {
        // An order is one, whatever led to it.
        Figure::Orders => answered_check_outs(&[tables(Part::All), tables(Part::Reactions)]),
        figure => measure(figure, tables(part_of(objective.acts))),
    };
    let Some(measured) = measured else { return worst };
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
    let kind = objective.figure.kind();
    let part = part(objective, info);
    // An order is one, whatever led to it.
    let tried = || {
        let of = |part| tables(part).count(IntentKind::CheckOut, Counter::Planned);
        of(Part::All) + of(Part::Reactions)
    };
    let found = match (&objective.window, objective.figure) {
        (_, Figure::Oversold) => oversold(tried(), orders).map(|m| (m, None)),
        (Window::Whole, Figure::Orders) => confirmed(tried(), orders).map(|m| (m, None)),
        (Window::WorstSecond, _) => worst.map(|worst| (worst.measured, Some(worst.second))),
        _ => measure(objective.figure, tables(part)).map(|m| (m, None)),
    };
    let not_played = kind.filter(|kind| info.not_played.contains(kind));
    let evaluation = if let Some(kind) = not_played {
        Evaluation::NotEvaluated(format!("the binding plays no {}", kind.name()))
    } else if let Some((Measured { value, n, maximum }, second)) = found {
        let holds = holds(value, objective.comparison, objective.limit);
        Evaluation::Measured { value, n, maximum, second, holds }
    } else {
        let planned = sum(tables(part), kind, &[Counter::Planned]);
        let what = kind.map_or("intent", IntentKind::name);
        Evaluation::NotEvaluated(match (planned, objective.acts) {
            (0, Acts::Planned) => format!("no {what} was planned"),
            (0, Acts::Reactions) => format!("there was no {what} because of something received"),
            _ => format!("no sample, of {planned} planned"),
        })
    };
    Evaluated { objective: objective.clone(), evaluation }
}

/// The part of a run that an objective looks at.
fn part(objective: &Objective, info: &RunInfo) -> Part {
    match (&objective.window, objective.acts) {
        (_, Acts::Reactions) => part_of(objective.acts),
        (Window::Whole | Window::WorstSecond, Acts::Planned) => Part::All,
        (&Window::Planned { from, to, .. }, Acts::Planned) => {
            let window = info.windows().iter().position(|&window| window == (from, to));
            let window = window.and_then(|w| u16::try_from(w).ok());
            Part::Window(window.unwrap_or(u16::MAX))
        }
    }
}

/// The part that holds such acts of the whole run.
pub(super) fn part_of(acts: Acts) -> Part {
    match acts {
        Acts::Planned => Part::All,
        Acts::Reactions => Part::Reactions,
    }
}

/// How many of those counters there are, of one kind or of all.
fn sum(tables: &Tables, kind: Option<IntentKind>, counters: &[Counter]) -> u64 {
    let of = |kind| counters.iter().map(|&counter| tables.count(kind, counter)).sum::<u64>();
    kind.map_or_else(|| IntentKind::ALL.into_iter().map(of).sum(), of)
}

/// A figure as far as tables tell it; none without samples.
pub(super) fn measure(figure: Figure, tables: &Tables) -> Option<Measured> {
    let count = |kind, counter| tables.count(kind, counter);
    let share_of = |part: u64, whole: u64| {
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
                Statistic::Quantile(_) => (float(largest(samples)), true),
                Statistic::Max => (float(largest(samples)), false),
                Statistic::Mean => (samples.mean(), false),
            };
            Some(Measured { value: value / 1e9, n, maximum })
        }
        Figure::Completeness(kind) => {
            share_of(count(kind, Counter::Received), count(kind, Counter::Expected))
        }
        Figure::Boundary(kind) => {
            let boundary = count(kind, Counter::Boundary);
            share_of(boundary, boundary + count(kind, Counter::Expected))
        }
        Figure::Duplicates(kind) => how_many(kind, Counter::Duplicate),
        Figure::OutOfOrder(kind) => how_many(kind, Counter::OutOfOrder),
        Figure::Ended { kind, ending, unit } => {
            let settled = sum(tables, kind, &Counter::OUTCOMES);
            let ended = sum(tables, kind, outcomes(ending));
            if unit == Unit::Share {
                return share_of(ended, settled);
            }
            let n = settled.max(sum(tables, kind, &[Counter::Planned]));
            (n > 0).then(|| number(ended, n))
        }
        // Of a window or a second: check-outs answered, each of which is one order.
        Figure::Orders => answered_check_outs(&[tables]),
        Figure::Oversold => None,
    }
}

/// How many check-outs were answered, if there were any.
fn answered_check_outs(parts: &[&Tables]) -> Option<Measured> {
    let sum = |counter| -> u64 {
        parts.iter().map(|tables| tables.count(IntentKind::CheckOut, counter)).sum()
    };
    let (planned, answered) = (sum(Counter::Planned), sum(Counter::Answered));
    (planned + answered > 0).then(|| number(answered, planned))
}

/// The outcomes that an ending is made of.
fn outcomes(ending: Ending) -> &'static [Counter] {
    match ending {
        Ending::Answered => &[Counter::Answered],
        Ending::Rejected => &[Counter::Rejected],
        Ending::Failed => {
            // Those that were neither answered nor rejected.
            const { Counter::OUTCOMES.split_at(2).1 }
        }
        Ending::TimedOut => &[Counter::TimedOut],
        Ending::Unsent => &Counter::UNSENT,
    }
}

fn oversold(planned: u64, orders: &OrdersSummary) -> Option<Measured> {
    let beyond = orders.products.iter().map(|product| product.oversold().1).sum();
    (planned > 0).then(|| number(beyond, planned))
}

fn confirmed(planned: u64, orders: &OrdersSummary) -> Option<Measured> {
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
pub(super) fn holds(value: f64, comparison: Comparison, limit: f64) -> bool {
    match comparison {
        Comparison::Below => value < limit,
        Comparison::AtMost => value <= limit,
        Comparison::Equal => (value - limit).abs() < 1e-12,
        Comparison::AtLeast => value >= limit,
        Comparison::Above => value > limit,
    }
}

#[cfg(test)]
mod tests {
    use claque_audience::Micros;

    use super::super::Settings;
    use super::super::interval::Interval;
    use super::super::orders::ProductOrders;
    use super::*;
    use crate::scenario::Series;

    const P99: Statistic = Statistic::Quantile(0.99);
    const MAX_NS: u64 = 60_000_000_000;

    fn latency(kind: IntentKind, series: Series, statistic: Statistic) -> Figure {
        Figure::Latency { kind, series, statistic }
    }

    /// Chat: 1,000 planned, 990 answered in 10 ms but for ten at 400 ms, 6 timed out, 4 unsent;
    /// 200 pairs expected, 199 received, 3 boundary, 2 double. Check-outs: 4 planned, 3 answered.
    fn tables() -> Tables {
        let mut tables = Tables::new(MAX_NS);
        for (kind, counter, number) in [
            (IntentKind::Chat, Counter::Planned, 1_000),
            (IntentKind::Chat, Counter::Answered, 988),
            (IntentKind::Chat, Counter::Rejected, 2),
            (IntentKind::Chat, Counter::TimedOut, 6),
            (IntentKind::Chat, Counter::UnsentLeft, 4),
            (IntentKind::Chat, Counter::Expected, 200),
            (IntentKind::Chat, Counter::Received, 199),
            (IntentKind::Chat, Counter::Missing, 1),
            (IntentKind::Chat, Counter::Boundary, 50),
            (IntentKind::Chat, Counter::Duplicate, 2),
            (IntentKind::CheckOut, Counter::Planned, 4),
            (IntentKind::CheckOut, Counter::Answered, 3),
        ] {
            tables.add(kind, counter, number);
        }
        for sample in 0..990_u64 {
            let ns = if sample < 20 { 400_000_000 } else { 10_000_000 };
            assert!(tables.record(IntentKind::Chat, Series::Response, ns));
        }
        assert!(tables.record(IntentKind::CheckOut, Series::Response, 700_000_000));
        tables
    }

    fn info() -> RunInfo {
        RunInfo { not_played: vec![IntentKind::Click], ..RunInfo::blank() }
    }

    fn objective(figure: Figure, comparison: Comparison, limit: f64, window: Window) -> Objective {
        let acts = Acts::Planned;
        Objective { text: String::new(), acts, figure, comparison, limit, window }
    }

    fn of(objective: &Objective, worst: Option<Worst>) -> Evaluation {
        let info = RunInfo { objectives: vec![objective.clone()], ..info() };
        let mut interval = Interval::new(&Settings::of(&info));
        let _ = interval.tables_mut(Part::All).unwrap().merge(&tables());
        let orders = OrdersSummary {
            orders: 3,
            products: vec![ProductOrders {
                stock: 2,
                sold: 3,
                sold_possible: 4,
                ..ProductOrders::default()
            }],
            ..OrdersSummary::default()
        };
        evaluate(objective, &info, |part| interval.tables(part), worst, &orders).evaluation
    }

    #[test]
    fn every_figure_against_its_limit() {
        use Comparison::{Above, AtLeast, AtMost, Below, Equal};
        use Ending::{Answered, Failed, Rejected, TimedOut, Unsent};
        use IntentKind::{Chat, CheckOut};
        use Unit::{Count, Share};

        let ended = |kind, ending, unit| Figure::Ended { kind, ending, unit };
        let response = |statistic| latency(Chat, Series::Response, statistic);
        for (figure, comparison, limit, value, n, maximum, holds) in [
            (response(P99), Below, 0.25, 0.4, 990, false, false),
            (response(P99), Below, 0.5, 0.4, 990, false, true),
            (response(Statistic::Quantile(0.5)), Below, 0.02, 0.01, 990, false, true),
            (response(Statistic::Quantile(0.999)), Below, 0.25, 0.4, 990, true, false),
            (response(Statistic::Max), AtLeast, 0.3, 0.4, 990, false, true),
            (response(Statistic::Mean), Below, 0.02, 0.017_878, 990, false, true),
            (latency(CheckOut, Series::Response, P99), Below, 1.0, 0.7, 1, true, true),
            (Figure::Completeness(Chat), Equal, 1.0, 0.995, 200, false, false),
            (Figure::Completeness(Chat), AtLeast, 0.99, 0.995, 200, false, true),
            (Figure::Boundary(Chat), Below, 0.02, 0.2, 250, false, false),
            (Figure::Duplicates(Chat), Equal, 0.0, 2.0, 252, false, false),
            (Figure::OutOfOrder(Chat), Equal, 0.0, 0.0, 252, false, true),
            (ended(Some(Chat), Failed, Share), AtMost, 0.01, 0.01, 1_000, false, true),
            (ended(Some(Chat), Failed, Share), Below, 0.01, 0.01, 1_000, false, false),
            (ended(Some(Chat), Failed, Count), Equal, 0.0, 10.0, 1_000, false, false),
            (ended(Some(Chat), Rejected, Share), Below, 0.01, 0.002, 1_000, false, true),
            (ended(Some(Chat), TimedOut, Count), AtMost, 6.0, 6.0, 1_000, false, true),
            (ended(Some(Chat), Unsent, Share), Equal, 0.0, 0.004, 1_000, false, false),
            (ended(Some(CheckOut), Answered, Count), AtLeast, 3.0, 3.0, 4, false, true),
            (ended(Some(CheckOut), Answered, Share), Equal, 1.0, 1.0, 3, false, true),
            (ended(None, Failed, Share), Below, 0.01, 0.009_97, 1_003, false, true),
            (ended(None, Answered, Count), Above, 991.0, 991.0, 1_004, false, false),
            (Figure::Orders, AtLeast, 3.0, 3.0, 4, false, true),
            (Figure::Orders, Above, 3.0, 3.0, 4, false, false),
            (Figure::Oversold, Equal, 0.0, 2.0, 4, false, false),
        ] {
            let one = objective(figure, comparison, limit, Window::Whole);
            let Evaluation::Measured {
                value: got,
                n: got_n,
                maximum: got_maximum,
                holds: got_holds,
                ..
            } = of(&one, None)
            else {
                panic!("{one:?} is not evaluated")
            };
            assert!((got - value).abs() <= value * 1e-3, "{one:?}: {got}");
            assert_eq!((got_n, got_maximum, got_holds), (n, maximum, holds), "{one:?}");
        }
    }

    #[test]
    fn what_has_no_sample_is_not_evaluated() {
        for (figure, window, why) in [
            (
                latency(IntentKind::Click, Series::Response, P99),
                Window::Whole,
                "the binding plays no click",
            ),
            (latency(IntentKind::Pin, Series::Response, P99), Window::Whole, "no pin was planned"),
            (
                latency(IntentKind::Chat, Series::Delivery, P99),
                Window::Whole,
                "no sample, of 1000 planned",
            ),
            (
                latency(IntentKind::Chat, Series::Response, P99),
                Window::WorstSecond,
                "no sample, of 1000 planned",
            ),
            (Figure::Completeness(IntentKind::Pin), Window::Whole, "no pin was planned"),
            (
                Figure::Ended {
                    kind: Some(IntentKind::Pin),
                    ending: Ending::Failed,
                    unit: Unit::Count,
                },
                Window::Whole,
                "no pin was planned",
            ),
            (
                latency(IntentKind::Chat, Series::Response, P99),
                Window::Planned { label: String::new(), from: Micros(0), to: Micros(1) },
                "no chat was planned",
            ),
        ] {
            let one = objective(figure, Comparison::Below, 1.0, window);
            assert_eq!(of(&one, None), Evaluation::NotEvaluated(why.into()));
        }
    }

    #[test]
    fn the_worst_second_is_the_least_favourable_one() {
        let tables = |ms: u64| {
            let mut tables = Tables::new(MAX_NS);
            assert!(tables.record(IntentKind::Chat, Series::Response, ms * 1_000_000));
            tables
        };
        for (comparison, second) in
            [(Comparison::Below, 2), (Comparison::AtLeast, 1), (Comparison::Equal, 2)]
        {
            let figure = latency(IntentKind::Chat, Series::Response, Statistic::Max);
            let one = objective(figure, comparison, 0.03, Window::WorstSecond);
            let mut worst = None;
            let seconds = [tables(20), tables(10), tables(90), Tables::new(MAX_NS)];
            for (second, tables) in (0..).zip(&seconds) {
                worst = worse(&one, worst, second, |_| tables);
            }
            assert_eq!(worst.unwrap().second, second, "{comparison:?}");
            let Evaluation::Measured { second: Some(told), maximum: false, .. } = of(&one, worst)
            else {
                panic!("not evaluated")
            };
            assert_eq!(told, second);
        }
    }

    #[test]
    fn the_orders_of_a_second_are_those_of_reactions_too() {
        let tables = |answered| {
            let mut tables = Tables::new(MAX_NS);
            tables.add(IntentKind::CheckOut, Counter::Planned, 5);
            tables.add(IntentKind::CheckOut, Counter::Answered, answered);
            tables
        };
        let one = objective(Figure::Orders, Comparison::AtLeast, 4.0, Window::WorstSecond);
        // In second 0 most orders come of the plan, in second 1 of reactions.
        let mut worst = None;
        for (second, (planned, reactions)) in [(0, (4, 1)), (1, (0, 4))] {
            let parts = [tables(planned), tables(reactions)];
            let part = |part| &parts[usize::from(part == Part::Reactions)];
            worst = worse(&one, worst, second, part);
        }
        let Worst { measured, second } = worst.unwrap();
        assert_eq!((measured.value, measured.n, second), (4.0, 10, 1));
    }
}
