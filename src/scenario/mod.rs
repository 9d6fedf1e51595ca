//! The scenario file: read, checked, resolved into an audience plan, a target and objectives.

mod objective;

pub use objective::{Comparison, Figure, Objective, Series, Statistic, Window};

use claque_audience::{Micros, Plan};

/// A scenario, valid by construction.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, which names the results folder.
    pub name: String,
    /// What the audience does.
    pub plan: Plan,
    /// What it is played against.
    pub target: Target,
    /// What must hold for the run to pass.
    pub objectives: Vec<Objective>,
    /// The file's text, as written.
    pub text: String,
}

/// What a scenario is played against, and how patiently.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Base address (`http://host:port`); none starts the embedded reference backend.
    pub url: Option<String>,
    /// A shipped binding's name, or a path.
    pub binding: String,
    /// Whether the owner of a target that is neither loopback nor private has agreed.
    pub authorised: bool,
    /// How long after its planned instant an intent is given up.
    pub time_out: Micros,
    /// Pairs of a viewer and a message whose join or leave is nearer than this to the message are
    /// boundary pairs.
    pub guard: Micros,
    /// How long before a viewer's planned leave a message must have been sent to be expected.
    pub delivery_deadline: Micros,
}
