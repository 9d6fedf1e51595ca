//! Doing it: plays a plan against a backend in real time and hands what happened to the measurer.
//!
//! One thread a shard, each with its own runtime, viewers, due intents, recorder and ledger; one
//! thread replays the plan a little ahead of the clock; one merges measurements once a second.
//! *When* is the audience's business, *what it looks like* the binding's, *what it means* the
//! measurer's.

mod address;
mod calibrate;
mod clock;
mod embedded;
mod feed;
mod http;
mod preflight;
mod realtime;
mod remember;
mod resolve;
mod shard;
mod transport;
mod usage;
mod values;
mod viewer;

pub use address::{Address, AddressError};
pub use calibrate::{Budget, calibrate};
pub use clock::Clock;
pub use embedded::{Cores, EmbedError, Embedded};
pub use feed::sentinel_count;
pub use preflight::{Needs, PreflightError, afford, probe, reserve_files, reserve_ports};
pub use realtime::{Play, PlayError, Played, Second, play};
pub use usage::Usage;
