//! What happened: outcomes, series, the delivery ledger, and the summary that reports see.
//!
//! A shard owns a [`Recorder`] and a [`Ledger`]; once a second its [`Interval`] is swapped for an
//! empty one, and the intervals of all shards are added up. [`Totals`] takes one merged interval a
//! second, in the run itself or when a run is rebuilt from its files, and becomes a
//! [`RunSummary`], the only thing that a report sees.
//!
//! Knows neither sockets nor protocols nor files; time comes in as arguments.

mod abort;
mod cid;
mod interval;
mod ledger;
mod live;
mod objective;
mod orders;
mod outcome;
mod recorder;
mod settings;
mod summary;
mod tables;
pub mod text;
mod totals;
mod verdict;

pub use abort::{Abort, Aborted};
pub use cid::Cid;
pub use interval::{Finding, Flaw, Interval, OrderEvent, Tally, WordOf, Words};
pub use ledger::Ledger;
pub use live::{Live, LiveFigures};
pub use objective::{Evaluated, Evaluation};
pub use orders::{OrdersSummary, ProductOrders};
pub use outcome::{Outcome, Settled, Stamp, Traced, Unsent};
pub use recorder::{OrderSeen, Recorder, Resolution};
pub use settings::{ProductInfo, RunInfo, Settings};
pub(crate) use settings::{key_of, key_text};
pub use summary::{
    AbortedBy, Deliveries, DeliveryRow, Digest, FindingRow, KindRow, RunEnd, RunSummary, Usage,
    WordRow,
};
pub use tables::{Counter, Hist, Part, SERIES, Tables};
pub use totals::Totals;
pub use verdict::{Limits, Reason, Verdict};
