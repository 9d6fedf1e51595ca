//! One act planned at one instant, and the sources that yield them in time order.

use crate::{Micros, ProductId, ShowId, entry};

/// What is to be done. The order is the order among intents of one instant: creators' cues first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum IntentKind {
    /// The creator starts the stream, or a co-host enters it.
    GoLive,
    /// A host pins a product.
    Pin,
    /// A host changes a price.
    PriceChange,
    /// A host starts a flash sale.
    FlashSale,
    /// A host starts a giveaway.
    Giveaway,
    /// A host sends the viewers on to another show.
    Raid,
    /// The creator ends the stream.
    End,
    /// A viewer enters a room.
    Join,
    /// A viewer writes a message (own or reply), or a host does.
    Chat,
    /// A viewer's run of likes.
    Like,
    /// A viewer gives the creator something.
    Gift,
    /// A viewer passes the stream on.
    Share,
    /// A viewer opens a product.
    Click,
    /// A viewer puts a product into the cart.
    AddToCart,
    /// A viewer buys.
    CheckOut,
    /// A viewer enters for a giveaway.
    Enter,
    /// A viewer (or a co-host) leaves the room.
    Leave,
}

impl IntentKind {
    /// Number of kinds.
    pub const COUNT: usize = 17;

    /// Every kind, in order.
    pub const ALL: [IntentKind; IntentKind::COUNT] = [
        IntentKind::GoLive,
        IntentKind::Pin,
        IntentKind::PriceChange,
        IntentKind::FlashSale,
        IntentKind::Giveaway,
        IntentKind::Raid,
        IntentKind::End,
        IntentKind::Join,
        IntentKind::Chat,
        IntentKind::Like,
        IntentKind::Gift,
        IntentKind::Share,
        IntentKind::Click,
        IntentKind::AddToCart,
        IntentKind::CheckOut,
        IntentKind::Enter,
        IntentKind::Leave,
    ];

    /// Its name in bindings, objectives and results: `check_out`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            IntentKind::GoLive => "go_live",
            IntentKind::Pin => "pin",
            IntentKind::PriceChange => "price_change",
            IntentKind::FlashSale => "flash_sale",
            IntentKind::Giveaway => "giveaway",
            IntentKind::Raid => "raid",
            IntentKind::End => "end",
            IntentKind::Join => "join",
            IntentKind::Chat => "chat",
            IntentKind::Like => "like",
            IntentKind::Gift => "gift",
            IntentKind::Share => "share",
            IntentKind::Click => "click",
            IntentKind::AddToCart => "add_to_cart",
            IntentKind::CheckOut => "check_out",
            IntentKind::Enter => "enter",
            IntentKind::Leave => "leave",
        }
    }

    /// Whether everybody in the room is told of it, where the backend does so.
    #[must_use]
    pub fn is_broadcast(self) -> bool {
        use IntentKind::{Chat, End, FlashSale, Gift, Giveaway, Pin, PriceChange, Raid};
        matches!(self, Chat | Pin | PriceChange | FlashSale | Giveaway | Raid | Gift | End)
    }

    /// The number that stands for the kind in fingerprints of plans; it never changes.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            IntentKind::GoLive => 0,
            IntentKind::Pin => 1,
            IntentKind::FlashSale => 2,
            IntentKind::End => 3,
            IntentKind::Join => 4,
            IntentKind::Chat => 5,
            IntentKind::Like => 6,
            IntentKind::Click => 7,
            IntentKind::AddToCart => 8,
            IntentKind::CheckOut => 9,
            IntentKind::Leave => 10,
            IntentKind::PriceChange => 11,
            IntentKind::Giveaway => 12,
            IntentKind::Raid => 13,
            IntentKind::Gift => 14,
            IntentKind::Share => 15,
            IntentKind::Enter => 16,
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<IntentKind> {
        IntentKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who acts: a viewer (group, index in the group) or a host of a show.
///
/// The number does not depend on how many viewers other groups have, so adding viewers renames
/// nobody. Hosts sort before all viewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(u64);

impl Actor {
    /// The creator of `show`.
    #[must_use]
    pub fn creator(show: ShowId) -> Actor {
        Actor::host(show, 0)
    }

    /// Host `number` of `show`: 0 is the creator, 1 the first co-host.
    #[must_use]
    pub fn host(show: ShowId, number: u16) -> Actor {
        Actor(u64::from(number) << 16 | u64::from(show.0))
    }

    /// Which host of its show this is; `None` for a viewer.
    #[must_use]
    pub fn host_number(self) -> Option<u16> {
        #[expect(clippy::cast_possible_truncation, reason = "the upper half of the low half")]
        (self.0 >> 32 == 0).then_some((self.0 >> 16) as u16)
    }

    /// Viewer `index` of group `group`.
    #[must_use]
    pub fn viewer(group: u16, index: u32) -> Actor {
        Actor((u64::from(group) + 1) << 32 | u64::from(index))
    }

    /// The group of a viewer; `None` for a creator.
    #[must_use]
    pub fn group(self) -> Option<u16> {
        #[expect(clippy::cast_possible_truncation, reason = "built from a u16 plus one")]
        (self.0 >> 32).checked_sub(1).map(|group| group as u16)
    }

    /// The index within the group; of a host, its number · 2¹⁶ + the show's index.
    #[must_use]
    pub fn index(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the low half is the index")]
        let index = self.0 as u32;
        index
    }

    /// The number that stands for this actor in correlation ids.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// The actor of that number (any number is one; whether it takes part is for the caller).
    #[must_use]
    pub fn from_number(number: u64) -> Actor {
        Actor(number)
    }
}

/// Which intent: the actor, and the intent's number among that actor's own.
///
/// Unique in a plan and the same for any number of shards. A host's sequence is the cue's number
/// (of a co-host's coming and going: the number of cues, and that plus one).
///
/// A viewer's is 8 × a number plus a class: join 0, own message 1, likes 2, click 3, cart 4,
/// check-out 5, reply 6, leave 7; and, with the highest bit set, gift 0, share 1, entry for a
/// giveaway 2, reaction 3. The number is that of the visit × 2²⁰ plus that of the act among the
/// visit's acts of its class. So what a viewer does alone keeps its sequences whatever replies he
/// comes to write. Sequences do not order an actor's intents; time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId {
    /// Who.
    pub actor: Actor,
    /// Which of the actor's intents.
    pub sequence: u32,
}

impl IntentId {
    /// Whether this is a reaction to something received (a creator's answer is one), and so in no
    /// plan.
    #[must_use]
    pub fn is_reaction(self) -> bool {
        entry::is_reaction(self.sequence)
    }
}

/// One act planned at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intent {
    /// When, since the show's start.
    pub at: Micros,
    /// Who, and which of the actor's intents.
    pub id: IntentId,
    /// In which show's room.
    pub show: ShowId,
    /// What.
    pub kind: IntentKind,
    /// The product of a cue about one, a click, cart, check-out or entry for a giveaway; product 0
    /// for other kinds.
    pub product: ProductId,
    /// Likes in this run (1 or more) for a like; minor units of the currency for a gift; the number
    /// of the cue in the show for a host's intent and for an entry for a giveaway; otherwise 0.
    pub count: u32,
    /// The earlier intent of the same actor that must be answered first (click → cart →
    /// check-out), by sequence.
    pub after: Option<u32>,
}

impl Intent {
    /// Which of the viewer's visits this belongs to, from 0; 0 for a host.
    #[must_use]
    pub fn visit(&self) -> u32 {
        match self.id.actor.group() {
            None => 0,
            Some(_) => entry::visit_of(self.id.sequence),
        }
    }

    /// The total order of a plan: instant, kind (cues first), actor, sequence.
    #[must_use]
    pub fn order(&self) -> (Micros, IntentKind, Actor, u32) {
        (self.at, self.kind, self.id.actor, self.id.sequence)
    }
}

/// One of `of` equal parts of an audience; whoever has [`Actor::index`] i belongs to part
/// i % `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, below `of`.
    pub index: u32,
    /// How many parts, at least 1.
    pub of: u32,
}

impl Shard {
    /// The whole audience as one part.
    pub const WHOLE: Shard = Shard { index: 0, of: 1 };

    /// Whether `actor` belongs to this part.
    #[must_use]
    pub fn owns(self, actor: Actor) -> bool {
        actor.index() % self.of == self.index
    }
}

/// Something that yields intents in total order, a chunk of plan time after the other: the model,
/// a trace to replay, one simulated day of a market.
pub trait IntentSource {
    /// Appends every intent planned before `until` that was not yet yielded, in total order.
    /// Returns false once nothing is left after `until`.
    fn fill(&mut self, until: Micros, intents: &mut Vec<Intent>) -> bool;
}
