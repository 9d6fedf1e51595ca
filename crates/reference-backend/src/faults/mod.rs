//! Misbehaviour on demand: what is asked for, which deliveries it hits, and the log of what it did.

mod spec;

pub use spec::{Fault, FaultError, Share};
