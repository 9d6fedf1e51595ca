//! Objectives held against what was measured.

use crate::scenario::Objective;

/// An objective with its figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The objective.
    pub objective: Objective,
    /// How it came out.
    pub evaluation: Evaluation,
}

/// How an objective came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluation {
    /// The figure was measured.
    Measured {
        /// The figure, in the unit of the objective's limit.
        value: f64,
        /// Samples behind it (of the worst second, if that is what it is about).
        n: u64,
        /// The quantile is not resolved by so few samples, and the largest stands in for it.
        maximum: bool,
        /// The worst second, if that is what it is about.
        second: Option<u32>,
        /// Whether the objective holds.
        holds: bool,
    },
    /// It could not be evaluated, for this reason; it speaks neither for nor against the run.
    NotEvaluated(String),
}
