//! What a plan would do, in numbers, before anything is sent: the audience by second, the load it
//! makes, the orders against stock. `claque check` prints it.
//!
//! The plan is replayed once, from the same source that a run takes, and counted; nothing is
//! estimated but the boundary share. Nothing here knows a backend: which kinds a binding plays
//! comes as a predicate, what the machine can take as a number.

mod count;
mod draw;
#[cfg(test)]
mod tests;

use claque_audience::{IntentKind, IntentSource, Micros, PlanDigest, Product};

use crate::scenario::Scenario;

/// Likes reach the viewers as one count, at most so often a second and room.
const LIKE_FRAMES_A_SECOND: u64 = 4;

/// What a plan would do.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// The scenario's name.
    pub name: String,
    /// The seed.
    pub seed: u64,
    /// How long it runs.
    pub length: Micros,
    /// The shows in the order of the plan.
    pub rooms: Vec<Room>,
    /// Groups by name, with the viewers who come.
    pub groups: Vec<(String, u64)>,
    /// Each second of the run.
    pub seconds: Vec<Second>,
    /// Mean number of viewers present, over the whole run.
    pub present_mean: f64,
    /// Planned intents by kind, played or not, indexed as [`IntentKind::ALL`].
    pub kinds: [u64; IntentKind::COUNT],
    /// The fingerprint of the intents that are played: what a run must come to.
    pub plan: PlanDigest,
    /// Whether somebody does something because of what they receive, which is no part of a plan.
    pub reacts: bool,
    /// Kinds that the plan has and the binding does not play.
    pub not_played: Vec<IntentKind>,
    /// Products with the check-outs planned for each.
    pub products: Vec<(Product, u64)>,
    /// Share of pairs of a message and a viewer that would be boundary pairs, at most; none where
    /// nothing is broadcast.
    pub boundary: Option<f64>,
}

/// One show's room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The creator.
    pub creator: String,
    /// Visits.
    pub visits: u64,
    /// Most viewers present at once.
    pub present_max: u64,
}

/// One second of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    /// Most viewers present at once, over all rooms.
    pub present_max: u64,
    /// Joins.
    pub joins: u64,
    /// Broadcasts: chat and cues.
    pub messages: u64,
    /// Broadcasts times the viewers present in their room.
    pub deliveries: u64,
    /// Frames that viewers receive besides: the like count, at most four times a second, and the
    /// viewer count, once a second where it changed.
    pub counts: u64,
    /// Intents for the shop: clicks, carts, check-outs.
    pub shop: u64,
    /// Intents played, of every kind.
    pub intents: u64,
}

impl Second {
    /// Frames that all viewers together receive.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.deliveries + self.counts
    }
}

/// How a plan's peak compares with what the machine can receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// At most half of it: latencies are the backend's.
    Fine,
    /// Up to all of it: our own draining will show in the tails.
    Tight,
    /// More than it: the run would be invalid.
    Beyond,
}

impl Forecast {
    /// Replays all of `source` (the plan of `scenario`) and counts. `played` says which kinds the
    /// binding has a verb for.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        source: &mut dyn IntentSource,
        played: &dyn Fn(IntentKind) -> bool,
    ) -> Forecast {
        count::replay(scenario, source, played)
    }

    /// Frames a second received at the peak: what a machine's budget is compared with.
    #[must_use]
    pub fn frames_max(&self) -> u64 {
        self.seconds.iter().map(Second::frames).max().unwrap_or(0)
    }

    /// How the peak compares with `budget`, in frames a second.
    #[must_use]
    pub fn fit(&self, budget: f64) -> Fit {
        #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
        let peak = self.frames_max() as f64;
        if peak <= budget / 2.0 {
            Fit::Fine
        } else if peak <= budget {
            Fit::Tight
        } else {
            Fit::Beyond
        }
    }

    /// The forecast in words and numbers, at most `width` columns wide; with the machine's
    /// `budget` in frames a second, a sentence on whether it suffices.
    #[must_use]
    pub fn render(&self, width: usize, budget: Option<f64>) -> String {
        draw::render(self, width, budget)
    }

    /// The count of one kind.
    #[must_use]
    pub fn planned(&self, kind: IntentKind) -> u64 {
        self.kinds[kind as usize]
    }
}
