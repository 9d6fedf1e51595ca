//! The whole program, from outside: one module a theme.

mod stage;

mod bad_input;
mod bad_targets;
mod faults;
mod freeze;
mod kill;
mod nchan;
mod plan;
mod readme;
mod shows;
mod validity;
