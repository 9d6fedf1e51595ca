//! What somebody does because of something received: planned := received + delay.

use crate::{Law, Share};

/// Something that a viewer receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A product was pinned.
    Pin,
    /// A flash sale has begun.
    FlashSale,
    /// A price has changed.
    PriceChange,
    /// A giveaway has begun.
    Giveaway,
    /// A product is sold out.
    SoldOut,
}

/// What a viewer may do at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReactionAct {
    /// Opens the product; what follows is as in the group's funnel.
    Click,
    /// Enters for the giveaway.
    Enter,
    /// Writes a message about it.
    Complain,
    /// Leaves the room.
    Leave,
}

/// One thing that viewers of a group do when they receive something.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// What is received.
    pub to: Trigger,
    /// What is done.
    pub act: ReactionAct,
    /// Share of those who receive it who do it.
    pub share: Share,
    /// From receiving it to doing it.
    pub delay: Law,
}
