//! One viewer's stay in one room: a pure function of (seed, viewer).

use crate::{Actor, Intent, Micros, Plan};

/// A viewer who wrote less than this before does not write a reply.
pub const REPLY_GAP: Micros = Micros(2_000_000);

/// What one viewer does by himself, whoever else is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The viewer.
    pub viewer: Actor,
    /// When the viewer enters the room.
    pub join: Micros,
    /// When the viewer leaves it, at the show's end at the latest.
    pub leave: Micros,
    /// Everything planned, in total order: the join first, the leave last, no replies.
    pub intents: Vec<Intent>,
}

/// The visit of viewer `index` of group `group`.
#[must_use]
pub fn visit(plan: &Plan, group: u16, index: u32) -> Visit {
    let _ = plan;
    Visit {
        viewer: Actor::viewer(group, index),
        join: Micros(0),
        leave: Micros(0),
        intents: Vec::new(),
    }
}
