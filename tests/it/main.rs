//! The whole program, from outside: one module a theme.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

mod stage;
mod trace;

mod abort;
mod bad_input;
mod bad_targets;
mod documents;
mod examples;
mod faults;
mod files;
mod freeze;
mod hosts;
mod kill;
mod nchan;
mod plan;
mod reactions;
mod readme;
mod shows;
mod validity;
mod visits;
