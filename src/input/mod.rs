//! TOML as people write it: values with their places, and every problem of a file at once.
//!
//! Shared by scenarios and bindings. Knows nothing of either.

use std::fmt;
use std::ops::Range;

/// One thing wrong with an input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the token at fault.
    pub span: Range<usize>,
    /// The fact, with the value found: "unknown field `veiwers`".
    pub message: String,
    /// What would be right: "did you mean `viewers`?".
    pub help: Option<String>,
    /// Whether it only deserves attention.
    pub warning: bool,
}

/// All problems of one file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The file's name as the user gave it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{}: {}", self.file, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
