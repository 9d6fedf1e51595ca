//! The whole audience of a plan as one source of intents in time order.

use crate::{Intent, IntentSource, Micros, Plan, Shard};

/// Replies that were drawn and then not written, over the whole audience (every shard replays
/// the rooms, so every shard counts the same).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Nobody but the parent's author was in the room.
    pub nobody: u64,
    /// Both authors drawn had written less than [`crate::REPLY_GAP`] before.
    pub too_soon: u64,
    /// The show had ended.
    pub ended: u64,
}

/// The audience of a plan, or one shard of it.
#[derive(Clone, Debug)]
pub struct Audience {
    sizes: Vec<u32>,
    dropped: Dropped,
}

impl Audience {
    /// The whole audience.
    #[must_use]
    pub fn new(plan: &Plan) -> Audience {
        Audience::shard(plan, Shard::WHOLE)
    }

    /// One of the parts whose union is the whole, bit for bit.
    #[must_use]
    pub fn shard(plan: &Plan, shard: Shard) -> Audience {
        let _ = shard;
        Audience { sizes: vec![0; plan.groups.len()], dropped: Dropped::default() }
    }

    /// Viewers of each group, after drawing the sizes that are random.
    #[must_use]
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// Replies dropped so far.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }
}

impl IntentSource for Audience {
    fn fill(&mut self, _until: Micros, _intents: &mut Vec<Intent>) -> bool {
        false
    }
}
