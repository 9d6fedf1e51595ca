//! TOML as people write it: values with their places, and every problem of a file at once.
//!
//! Shared by scenarios and bindings, and knows nothing of either: what fields there are and what
//! they mean is for the reader of a file. This module reads bytes within limits, keeps the span of
//! every value, offers typed getters that collect problems instead of stopping at the first, and
//! draws the problems with the line and the token at fault. Several files can be one document
//! ([`Input::include`]), and texts can hold variables ([`Input::replace_variables`]).
//!
//! ```
//! use claque::input::Input;
//!
//! let input = Input::parse("shop.toml", "name = \"lamp\"\nlenght = \"90s\"\n");
//! let root = input.root();
//! let name = root.required("name").string();
//! let length = root.optional("length").duration();
//! root.finish(); // whatever was not asked for is an unknown field
//! assert_eq!(name.unwrap().value, "lamp");
//! assert_eq!(length, None);
//! let problems = input.conclude(()).unwrap_err();
//! assert!(problems.to_string().contains("did you mean `length`?"));
//! ```
//!
//! A getter returns `None` for a value that is absent or wrong; both have been reported where they
//! are a fault, so a reader goes on with any stand-in, and [`Input::conclude`] refuses the result.

mod environment;
mod file;
mod include;
mod problem;
mod set;
mod source;
mod table;
#[cfg(test)]
mod tests;
pub mod units;
mod value;

pub use environment::Variables;
pub use file::{SIZE_LIMIT, read_file};
pub use include::Fetch;
pub use problem::{Problem, Problems, Span, Spanned, did_you_mean};
pub use source::Input;
pub use table::{Field, Table};
pub use value::{Data, Entry, Value};
