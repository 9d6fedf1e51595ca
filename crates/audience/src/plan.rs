//! What is to be played: shows with their cues, products, and audience groups, all resolved.
//!
//! Names are gone here (products and shows are indices), ranges hold, units are settled. The
//! scenario reader builds a `Plan`; nothing downstream checks it again.

use crate::{Arrivals, Curve, Factor, Law, Micros, Money, Rate, Reaction, Share, VisitClass};

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

impl Plan {
    /// Whether anybody does something because of what they receive.
    #[must_use]
    pub fn reacts(&self) -> bool {
        self.groups.iter().any(|group| !group.on_received.is_empty())
            || self.shows.iter().any(|show| show.answers.is_some())
    }
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
    /// Further hosts by name, each with a connection of its own; they enter
    /// [`CO_HOST_ENTERS_AFTER`] the show goes live and leave at its end.
    pub co_hosts: Vec<String>,
    /// The reply process of the room's chat.
    pub replies: Replies,
    /// Planned acts of the hosts in time order; the first is going live, the last the end, both
    /// by the creator.
    pub cues: Vec<Cue>,
    /// What is said at [`CueAct::Say`].
    pub lines: Vec<String>,
    /// Whether the creator answers the chat that it receives.
    pub answers: Option<Answers>,
}

impl Show {
    /// A show by `creator` that has these cues, and else nothing.
    #[must_use]
    pub fn new(creator: impl Into<String>, cues: Vec<Cue>) -> Show {
        Show {
            creator: creator.into(),
            co_hosts: Vec::new(),
            replies: Replies { branching: 0.0, decay: Micros::SECOND },
            cues,
            lines: Vec::new(),
            answers: None,
        }
    }

    /// The name of host `number`: 0 is the creator, 1 the first co-host.
    #[must_use]
    pub fn host(&self, number: u16) -> Option<&str> {
        match number.checked_sub(1) {
            None => Some(&self.creator),
            Some(co_host) => self.co_hosts.get(usize::from(co_host)).map(String::as_str),
        }
    }
}

/// How long after going live the co-hosts enter.
pub const CO_HOST_ENTERS_AFTER: Micros = Micros::SECOND;

/// A creator who answers what it receives: a reaction, whose instant the network decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// Every so many messages of viewers one is answered, at least 1.
    pub every: u32,
    /// From receiving that message to answering it.
    pub delay: Law,
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

/// A planned act of a host that changes the audience.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cue {
    /// When.
    pub at: Micros,
    /// Which host: 0 is the creator, 1 the first co-host.
    pub by: u16,
    /// What.
    pub act: CueAct,
}

impl Cue {
    /// An act of the creator.
    #[must_use]
    pub fn new(at: Micros, act: CueAct) -> Cue {
        Cue { at, by: 0, act }
    }
}

/// What a host does at a cue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CueAct {
    /// Starts the stream.
    GoLive,
    /// Shows a product at the top of the room.
    Pin {
        /// The product pinned.
        product: ProductId,
    },
    /// Changes what a product costs from now on.
    PriceChange {
        /// The product.
        product: ProductId,
        /// The new price of one unit.
        price: Money,
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
    /// Gives a product away among those who enter for it.
    Giveaway {
        /// The prize.
        product: ProductId,
        /// How long it can be entered.
        length: Micros,
    },
    /// Sends the viewers on to another show.
    Raid {
        /// The other show.
        to: ShowId,
        /// Share of those present who follow.
        follow: Share,
    },
    /// Says something in the chat.
    Say {
        /// Index in [`Show::lines`].
        line: u16,
    },
    /// Ends the stream; whoever is still there has left by then.
    End,
}

/// One kind of viewer.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name in the scenario.
    pub name: String,
    /// The shows it visits, each with its weight (above 0, finite); not empty. A viewer's first
    /// show is drawn once.
    pub shows: Vec<(ShowId, f64)>,
    /// How many viewers.
    pub size: Size,
    /// When they arrive.
    pub arrivals: Arrivals,
    /// How long and how often they stay; not empty, shares sum to 1. A viewer's class is drawn
    /// once.
    pub classes: Vec<VisitClass>,
    /// Whether they go on to another show.
    pub hop: Option<Hop>,
    /// What they write, if they write.
    pub chat: Option<Chat>,
    /// Their likes, if any.
    pub likes: Option<Likes>,
    /// Their gifts, if any.
    pub gifts: Option<Gifts>,
    /// How they pass the stream on, if they do.
    pub shares: Option<Shares>,
    /// Their way to a purchase, if any.
    pub funnel: Option<Funnel>,
    /// Whether they enter for giveaways.
    pub giveaways: Option<Giveaways>,
    /// What they do when they receive something.
    pub on_received: Vec<Reaction>,
}

impl Group {
    /// A group that visits one show once, and only watches.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        show: ShowId,
        size: Size,
        arrivals: Curve,
        stay: Law,
    ) -> Group {
        Group {
            name: name.into(),
            shows: vec![(show, 1.0)],
            size,
            arrivals: Arrivals::Curve(arrivals),
            classes: vec![VisitClass::once(stay)],
            hop: None,
            chat: None,
            likes: None,
            gifts: None,
            shares: None,
            funnel: None,
            giveaways: None,
            on_received: Vec::new(),
        }
    }
}

/// Going on to another show when a visit ends, by the viewer's own will or with the show.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// Share of ended visits that are followed by one of another show that is live then (drawn by
    /// the group's weights).
    pub per_visit: Share,
    /// From leaving one to entering the other.
    pub gap: Law,
}

/// The number of viewers of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// Exactly so many; arrivals are iid draws from the normalised curve.
    Viewers(u32),
    /// Poisson with the given mean, drawn once for the whole group; the curve gives the shape.
    Mean(f64),
}

/// How often one viewer present does something: λ(t, a) = r · w/E\[w\] · c(t) · g(a), with the
/// viewer's weight w, show time t and the time a since the visit's join.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intensity {
    /// r, the mean over viewers where both curves are 1.
    pub per_viewer: Rate,
    /// c; always 1 if absent.
    pub by_show_time: Option<Factor>,
    /// g; always 1 if absent.
    pub by_viewer_age: Option<Factor>,
    /// The law of w; everybody alike if empty. Each weight (a power of two) with its share; shares
    /// sum to 1.
    pub weights: Vec<(u32, Share)>,
}

impl Intensity {
    /// The same for everybody at any time.
    #[must_use]
    pub fn steady(per_viewer: Rate) -> Intensity {
        Intensity { per_viewer, ..Intensity::default() }
    }
}

/// Chat of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    /// Mean messages, replies included (in a small room fewer: nobody answers himself).
    pub intensity: Intensity,
    /// Exact spacing at that rate instead of a Poisson process, and no replies: for measurements.
    /// The group's messages then come evenly too, 1/(N · rate) apart while all N are there; curves
    /// and weights are not looked at.
    pub metronome: bool,
}

/// Likes of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Likes {
    /// Mean likes.
    pub intensity: Intensity,
    /// Mean likes in a run (at least 1; the law is geometric on 1, 2, …); one run reaches the wire
    /// as one count.
    pub run: f64,
}

/// Gifts of a group, in two parts: who gives at all, then how much.
#[derive(Clone, Debug, PartialEq)]
pub struct Gifts {
    /// Share of viewers who give.
    pub givers: Share,
    /// Mean gifts of a giver.
    pub intensity: Intensity,
    /// The size of a giver's gifts, drawn once a giver.
    pub amount: Amount,
}

/// The law of the size of a gift, in minor units of the scenario's currency, cut at `max` (below
/// 2³²) and at 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// Always the same.
    Fixed(u32),
    /// ln X is normal: mean ln(median), standard deviation `sigma`.
    LogNormal {
        /// Median, at least 1.
        median: f64,
        /// Standard deviation of ln X.
        sigma: f64,
        /// The largest possible.
        max: u32,
    },
    /// P(X > x) = (min/x)^α.
    Pareto {
        /// The smallest possible, at least 1.
        min: f64,
        /// Tail index α, above 0.
        alpha: f64,
        /// The largest possible.
        max: u32,
    },
}

/// Passing the stream on to somebody else.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Mean shares.
    pub intensity: Intensity,
}

/// Entering for giveaways.
#[derive(Clone, Debug, PartialEq)]
pub struct Giveaways {
    /// Share of those present while one can be entered (at its cue, or joining later) who enter.
    pub enter_per_viewer: Share,
    /// From the cue, or from the join if that is later, to entering.
    pub delay: Law,
}

/// The way from a visit to an order: click (a hazard) → cart → check-out.
#[derive(Clone, Debug, PartialEq)]
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
    /// Factor on the click hazard over show time; always 1 if absent.
    pub by_show_time: Option<Factor>,
    /// Factor on the click hazard over the time since the join; always 1 if absent.
    pub by_viewer_age: Option<Factor>,
}
