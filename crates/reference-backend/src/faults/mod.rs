//! Misbehaviour on demand: what is asked for, which deliveries it hits, and the log of what it did.

mod decide;
mod log;
mod mangle;
mod spec;

pub(crate) use decide::{Chance, Faults, key_of, key_of_number};
pub(crate) use log::{Act, FaultLog};
pub(crate) use mangle::Mangle;
pub use spec::{Fault, FaultError, Share};
