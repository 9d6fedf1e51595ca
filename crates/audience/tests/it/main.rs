//! The audience against the theory it claims to follow, through its public face only.
//!
//! Seeds are fixed, so a test that passes always passes. Each test of a law also rejects a wrong
//! one: a test that accepts everything shows nothing.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod acts;
mod arrivals;
mod chat;
mod curves;
mod funnel;
mod hash;
mod laws;
mod plans;
mod presence;
mod reference;
mod seeds;
mod visits;
mod whole;
mod world_cup;
