//! Limits on figures, as a scenario states them: `chat response p99 < 250ms`.

use claque_audience::{IntentKind, Micros};

/// One limit on one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// As written; of several limits in one line, with what they have in common.
    pub text: String,
    /// Whose acts it is about.
    pub acts: Acts,
    /// The figure.
    pub figure: Figure,
    /// How it compares with the limit.
    pub comparison: Comparison,
    /// The limit: seconds for times, a share from 0 to 1 for shares, else a count.
    pub limit: f64,
    /// The part of the run in which it must hold.
    pub window: Window,
}

impl Objective {
    /// The planned windows that `objectives` look at, each once, in their order.
    #[must_use]
    pub fn windows(objectives: &[Objective]) -> Vec<(Micros, Micros)> {
        let mut windows = Vec::new();
        for objective in objectives {
            if let Window::Planned { from, to, .. } = objective.window
                && !windows.contains(&(from, to))
            {
                windows.push((from, to));
            }
        }
        windows
    }
}

/// A condition under which a run ends early, as a scenario states it:
/// `chat failed > 50% over 10s`.
#[derive(Clone, Debug, PartialEq)]
pub struct AbortRule {
    /// As written; of several limits in one line, with what they have in common.
    pub text: String,
    /// Whose acts it is about.
    pub acts: Acts,
    /// The figure, measured in the last seconds.
    pub figure: Figure,
    /// How it compares with the limit when the run is to end.
    pub comparison: Comparison,
    /// The limit, as in an [`Objective`].
    pub limit: f64,
    /// How many of the last seconds are looked at, 1 to [`AbortRule::OVER_MAX_S`].
    pub over_s: u32,
}

impl AbortRule {
    /// The most seconds that a rule may look back: what is kept in mind of each is bounded by it.
    pub const OVER_MAX_S: u32 = 120;
    /// The seconds that a rule looks back if it does not say.
    pub const OVER_DEFAULT_S: u32 = 10;
    /// The most rules of one scenario.
    pub const RULES_MAX: usize = 32;
}

/// Whose acts a figure is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Acts {
    /// What the plan holds.
    #[default]
    Planned,
    /// What viewers do because of something that they have received, which has tables of its own:
    /// `reaction click response p99`.
    Reactions,
}

/// How an intent ended, as far as objectives tell ends apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The backend did it.
    Answered,
    /// The backend refused it.
    Rejected,
    /// Neither: its connection broke, its time ran out, or it was never sent.
    Failed,
    /// No answer in time.
    TimedOut,
    /// It never left.
    Unsent,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Ending; 5] =
        [Ending::Answered, Ending::Rejected, Ending::Failed, Ending::TimedOut, Ending::Unsent];

    /// Its name in objectives and results: `timed_out`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Ending::Answered => "answered",
            Ending::Rejected => "rejected",
            Ending::Failed => "failed",
            Ending::TimedOut => "timed_out",
            Ending::Unsent => "unsent",
        }
    }

    /// The ending of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Ending> {
        Ending::ALL.into_iter().find(|ending| ending.name() == name)
    }
}

/// What a figure and its limit are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds.
    Time,
    /// A share from 0 to 1.
    Share,
    /// A whole number.
    Count,
}

/// A figure of the report that an objective may limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// A statistic of a latency series: `chat response p99`.
    Latency {
        /// Intent kind (for deliveries, the kind of the intent that was broadcast).
        kind: IntentKind,
        /// Which series.
        series: Series,
        /// Which statistic.
        statistic: Statistic,
    },
    /// received / expected deliveries: `chat completeness`.
    Completeness(IntentKind),
    /// boundary / (boundary + expected) pairs: `chat boundary`.
    Boundary(IntentKind),
    /// Deliveries that came more than once: `chat duplicates`.
    Duplicates(IntentKind),
    /// Deliveries out of order: `chat out-of-order`.
    OutOfOrder(IntentKind),
    /// Intents that ended so, of one kind or of all together: `chat failed`, `rejected`.
    Ended {
        /// Of which kind; of all if none.
        kind: Option<IntentKind>,
        /// How they ended.
        ending: Ending,
        /// As a share of those that have ended, or how many: never a time.
        unit: Unit,
    },
    /// Units sold beyond the stock, over all products (the possible upper end): `oversold`.
    Oversold,
    /// Orders confirmed; of a part of the run, check-outs answered: `orders`.
    Orders,
}

impl Figure {
    /// The kind that it is about; none if it is about all of them.
    #[must_use]
    pub fn kind(self) -> Option<IntentKind> {
        match self {
            Figure::Latency { kind, .. }
            | Figure::Completeness(kind)
            | Figure::Boundary(kind)
            | Figure::Duplicates(kind)
            | Figure::OutOfOrder(kind) => Some(kind),
            Figure::Ended { kind, .. } => kind,
            Figure::Oversold | Figure::Orders => Some(IntentKind::CheckOut),
        }
    }

    /// What it is measured in.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Figure::Latency { .. } => Unit::Time,
            Figure::Completeness(_) | Figure::Boundary(_) => Unit::Share,
            Figure::Ended { unit, .. } => unit,
            Figure::Duplicates(_) | Figure::OutOfOrder(_) | Figure::Oversold | Figure::Orders => {
                Unit::Count
            }
        }
    }
}

/// One of the series of an intent kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Series {
    /// answered − planned.
    Response,
    /// answered − sent.
    Service,
    /// ready − planned: the backend's doing.
    Blocked,
    /// sent − ready: ours.
    Lag,
    /// answered − (the predecessor's actual answer + planned think time), for dependent steps.
    Paced,
    /// received − planned publish of a broadcast.
    Delivery,
    /// received − sent of a broadcast.
    Transit,
}

/// A statistic of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// A quantile, 0 < q < 1: p99 is 0.99.
    Quantile(f64),
    /// The largest value.
    Max,
    /// The arithmetic mean.
    Mean,
}

/// How a figure compares with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

/// The part of a run that an objective looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// All of it.
    Whole,
    /// Every second for itself; the worst counts. A second is the one in which the sample was taken.
    WorstSecond,
    /// What was planned in `[from, to)`: `during flash_sale(lamp)`, `after 30s`, `before 10s`.
    Planned {
        /// As written: `during flash_sale(lamp)`.
        label: String,
        /// Start, in plan time.
        from: Micros,
        /// End, in plan time.
        to: Micros,
    },
}
