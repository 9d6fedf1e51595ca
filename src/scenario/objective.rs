//! Limits on figures, as a scenario states them: `chat response p99 < 250ms`.

use claque_audience::{IntentKind, Micros};

/// One limit on one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// As written.
    pub text: String,
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
    /// Units sold beyond the stock, over all products (the possible upper end): `oversold`.
    Oversold,
    /// Orders confirmed: `orders`.
    Orders,
    /// Share of planned intents of a kind that were not answered or rejected: `chat failed`.
    Failed(IntentKind),
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
    /// Intents planned (broadcasts: planned) in `[from, to)`: `during flash_sale(lamp)`, `after 30s`.
    Planned {
        /// As written: `during flash_sale(lamp)`.
        label: String,
        /// Start, in plan time.
        from: Micros,
        /// End, in plan time.
        to: Micros,
    },
}
