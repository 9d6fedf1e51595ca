//! The backend over real sockets, seen by clients that share no code with it.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

mod faults;
mod limits;
mod rooms;
mod shop;
mod support;
