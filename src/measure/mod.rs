//! What happened: outcomes, series, the delivery ledger, and the summary that reports see.
//!
//! Knows neither sockets nor protocols; time comes in as arguments.

mod cid;
mod outcome;

pub use cid::Cid;
pub use outcome::{Outcome, Settled, Stamp, Unsent};
