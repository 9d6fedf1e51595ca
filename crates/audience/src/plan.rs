//! What is to be played: shows with their cues, products, and audience groups, all resolved.
//!
//! Names are gone here (products and shows are indices), ranges hold, units are settled. The
//! scenario reader builds a `Plan`; nothing downstream checks it again.

use crate::{Curve, Micros, Money, Rate, Share, Stay};

/// Index of a product in [`Plan::products`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub u16);

/// Index of a show in [`Plan::shows`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShowId(pub u16);

/// Everything that the audience model needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The seed of all randomness.
    pub seed: u64,
    /// When the last show ends. Its end and the last leaves are planned at this instant, nothing
    /// after it.
    pub length: Micros,
    /// What is sold.
    pub products: Vec<Product>,
    /// The live streams, each with one room.
    pub shows: Vec<Show>,
    /// The audience.
    pub groups: Vec<Group>,
}

/// Something for sale.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Its name in the scenario and on the wire.
    pub name: String,
    /// List price of one unit.
    pub price: Money,
    /// Units that the shop has when the show starts.
    pub stock: u32,
}

/// One live stream by one creator.
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// The creator's name; the room on the wire is named after it.
    pub creator: String,
    /// The reply process of the room's chat.
    pub replies: Replies,
    /// Planned acts of the creator in time order; the first is going live, the last the end.
    pub cues: Vec<Cue>,
}

/// Self-excitation of a room's chat: each message has Poisson(`branching`) replies, each after an
/// exponential delay of mean `decay` (Hawkes–Oakes clusters).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replies {
    /// Branching ratio n: mean number of direct replies to a message, 0 ≤ n < 1.
    pub branching: f64,
    /// Mean delay 1/β of a reply.
    pub decay: Micros,
}

/// A planned act of the creator that changes the audience.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cue {
    /// When.
    pub at: Micros,
    /// What.
    pub act: CueAct,
}

/// What a creator does at a cue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CueAct {
    /// Starts the stream.
    GoLive,
    /// Shows a product at the top of the room.
    Pin {
        /// The product pinned.
        product: ProductId,
    },
    /// Sells a product at a lower price for a while.
    FlashSale {
        /// The product on sale.
        product: ProductId,
        /// The price while it lasts.
        price: Money,
        /// How long it lasts.
        length: Micros,
    },
    /// Ends the stream; whoever is still there has left by then.
    End,
}

/// One kind of viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name in the scenario.
    pub name: String,
    /// The show it visits.
    pub show: ShowId,
    /// How many viewers.
    pub size: Size,
    /// When they arrive.
    pub arrivals: Curve,
    /// How long they stay.
    pub stay: Stay,
    /// What they write, if they write.
    pub chat: Option<Chat>,
    /// Their likes, if any.
    pub likes: Option<Likes>,
    /// Their way to a purchase, if any.
    pub funnel: Option<Funnel>,
}

/// The number of viewers of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// Exactly so many; arrivals are iid draws from the normalised curve.
    Viewers(u32),
    /// Poisson with the given mean, drawn once for the whole group; the curve gives the shape.
    Mean(f64),
}

/// Chat of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chat {
    /// Mean messages of one viewer present, replies included (in a small room fewer: nobody answers
    /// himself).
    pub per_viewer: Rate,
    /// Exact spacing at that rate instead of a Poisson process, and no replies: for measurements.
    /// The group's messages then come evenly too, 1/(N · rate) apart while all N are there.
    pub metronome: bool,
}

/// Likes of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likes {
    /// Mean likes of one viewer present.
    pub per_viewer: Rate,
    /// Mean likes in a run (at least 1; the law is geometric on 1, 2, …); one run reaches the wire
    /// as one count.
    pub run: f64,
}

/// The way from a visit to an order: click (a hazard) → cart → check-out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Funnel {
    /// P(at least one click in a visit) if there were no cues; the mean over all visits.
    pub click_per_visit: Share,
    /// P(cart | click), for who stays long enough.
    pub cart_per_click: Share,
    /// P(check-out | cart) at list price, for who stays long enough.
    pub buy_per_cart: Share,
    /// Factor on the click hazard right after a pin, at least 0; 1 is no lift.
    pub pin_lift: f64,
    /// Factor on the click hazard during a flash sale.
    pub sale_lift: f64,
    /// e-folding time of the pin's lift.
    pub lift_decay: Micros,
    /// η of the logit: how strongly ln(price / list price) moves the choice to buy.
    pub price_sensitivity: f64,
    /// Mean delay from click to cart.
    pub cart_delay: Micros,
    /// Mean delay from cart to check-out.
    pub check_out_delay: Micros,
}
