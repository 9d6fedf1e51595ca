//! A planned act as it waits in the queue: 24 bytes, so that a million viewers' acts fit.

use std::cmp::Ordering;

use crate::{Actor, IntentKind, Micros, ProductId, ShowId};

/// One act to come. What the spare fields hold depends on [`Entry::what`].
///
/// Whole words, so that an entry is made in registers and copied without being put together from
/// parts that were just stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Instant in µs (43 bits: 101 days), what (5), show (16): one comparison of the first two
    /// orders by instant, then by kind.
    when: u64,
    /// Owner (16 bits: 0 for a creator, else the viewer's group + 1), index (32: the viewer's in
    /// its group, or the creator's show), product (16). Of a reply: the parent's author.
    who: u64,
    /// The sequence, or of `MORE_…` the number of the first act to come (32 bits); extra (32):
    /// likes of a run, number of a cue. Of a reply: its key.
    which: u64,
}

/// What an entry is: the number of an [`IntentKind`], or one of the internal ones below, which
/// become intents in their turn.
pub(crate) type What = u8;

/// A reply whose author is drawn when its time comes.
pub(crate) const REPLY: What = 17;
/// The viewer's next own messages are to be generated from here on.
pub(crate) const MORE_CHAT: What = 18;
/// The viewer's next runs of likes are to be generated from here on.
pub(crate) const MORE_LIKES: What = 19;
/// The viewer's next gifts are to be generated from here on.
pub(crate) const MORE_GIFTS: What = 20;
/// The viewer's next shares are to be generated from here on.
pub(crate) const MORE_SHARES: What = 21;
/// The viewer's next visit begins.
pub(crate) const MORE_VISITS: What = 22;

/// Bits of a leave, as many as an entry's instant has.
const LEAVE_BITS: u32 = 43;

/// What a sequence counts; see [`sequence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Class {
    Join = 0,
    Chat = 1,
    Like = 2,
    Click = 3,
    AddToCart = 4,
    CheckOut = 5,
    Reply = 6,
    Leave = 7,
    Gift = LATER,
    Share = LATER | 1,
    Enter = LATER | 2,
    Reaction = LATER | 3,
}

/// The bit of the classes beyond the first eight.
const LATER: u32 = 1 << 31;

/// Bits of a number for what happens within one visit; the visit's own number is above them.
pub(crate) const VISIT_SHIFT: u32 = 20;

/// Bits of a number.
const NUMBER_BITS: u32 = 28;

/// The sequence of a viewer's act: 8 × its number, plus the class. The number counts the viewer's
/// acts of that class within a visit, and the visits from bit [`VISIT_SHIFT`] on. So own acts keep
/// their sequences whatever replies the viewer comes to write, and short numbers stay short on the
/// wire.
#[inline]
pub(crate) fn sequence(class: Class, number: u32) -> u32 {
    assert!(number < 1 << NUMBER_BITS, "a viewer's acts of one class are few: a plan ends");
    number << 3 | class as u32
}

/// Whether a sequence is of class [`Class::Reaction`].
pub(crate) fn is_reaction(sequence: u32) -> bool {
    sequence & (LATER | 7) == Class::Reaction as u32
}

/// The number of the visit that a viewer's sequence belongs to.
pub(crate) fn visit_of(sequence: u32) -> u32 {
    (sequence & !LATER) >> (3 + VISIT_SHIFT)
}

impl Entry {
    /// What an unused place holds.
    pub(crate) const EMPTY: Entry = Entry { when: 0, who: 0, which: 0 };

    #[inline]
    pub(crate) fn new(
        at: Micros,
        what: What,
        show: ShowId,
        author: Author,
        sequence: u32,
    ) -> Entry {
        debug_assert!(at.0 < 1 << 43, "a plan is shorter than 101 days");
        let when = at.0 << 21 | u64::from(what) << 16 | u64::from(show.0);
        Entry { when, who: author.actor().number() << 16, which: u64::from(sequence) << 32 }
    }

    /// A reply of the given key to a message by `parent`.
    pub(crate) fn reply(at: Micros, show: ShowId, parent: Author, key: u64) -> Entry {
        Entry { which: key, ..Entry::new(at, REPLY, show, parent, 0) }
    }

    #[inline]
    pub(crate) fn reply_key(&self) -> u64 {
        self.which
    }

    /// The same about a product.
    #[inline]
    pub(crate) fn with_product(self, product: ProductId) -> Entry {
        Entry { who: self.who | u64::from(product.0), ..self }
    }

    #[inline]
    pub(crate) fn product(&self) -> ProductId {
        #[expect(clippy::cast_possible_truncation, reason = "the last of three fields")]
        ProductId(self.who as u16)
    }

    /// The same with a count.
    #[inline]
    pub(crate) fn with_extra(self, extra: u32) -> Entry {
        Entry { which: self.which | u64::from(extra), ..self }
    }

    #[inline]
    pub(crate) fn extra(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "the second of two fields")]
        let extra = self.which as u32;
        extra
    }

    /// The same with the viewer's leave instead of a product and a count.
    #[inline]
    pub(crate) fn with_leave(self, leave: Micros) -> Entry {
        debug_assert!(leave.0 < 1 << LEAVE_BITS, "a plan is shorter than 101 days");
        let (high, low) = (leave.0 >> 32, leave.0 & 0xffff_ffff);
        Entry { who: self.who | high, which: self.which | low, ..self }
    }

    #[inline]
    pub(crate) fn leave(&self) -> Micros {
        let high = u64::from(self.product().0) & ((1 << (LEAVE_BITS - 32)) - 1);
        Micros(high << 32 | u64::from(self.extra()))
    }

    /// The same with a class of weights, below 32, beside the leave.
    #[inline]
    pub(crate) fn with_class(self, class: usize) -> Entry {
        debug_assert!(class < 32, "a u32 has 32 powers of two");
        Entry { who: self.who | (class as u64) << (LEAVE_BITS - 32), ..self }
    }

    #[inline]
    pub(crate) fn class(&self) -> usize {
        usize::from(self.product().0 >> (LEAVE_BITS - 32))
    }

    #[inline]
    pub(crate) fn sequence(&self) -> u32 {
        (self.which >> 32) as u32
    }

    #[inline]
    pub(crate) fn at(&self) -> Micros {
        Micros(self.when >> 21)
    }

    #[inline]
    pub(crate) fn what(&self) -> What {
        (self.when >> 16 & 31) as What
    }

    /// The show in whose room it happens.
    #[inline]
    pub(crate) fn show(&self) -> ShowId {
        #[expect(clippy::cast_possible_truncation, reason = "the last of three fields")]
        ShowId(self.when as u16)
    }

    /// The kind of an entry that is an intent.
    #[inline]
    pub(crate) fn kind(&self) -> IntentKind {
        IntentKind::ALL[usize::from(self.what())]
    }

    #[inline]
    pub(crate) fn author(&self) -> Author {
        #[expect(clippy::cast_possible_truncation, reason = "the middle of three fields")]
        let index = (self.who >> 16) as u32;
        Author { owner: (self.who >> 48) as u16, index }
    }

    #[inline]
    pub(crate) fn actor(&self) -> Actor {
        Actor::from_number(self.who >> 16)
    }

    /// The total order of a plan; among replies of one instant, any order that is always the same.
    #[inline]
    pub(crate) fn order(&self, other: &Entry) -> Ordering {
        let rest = |entry: &Entry| (entry.actor(), entry.which);
        (self.when >> 16).cmp(&(other.when >> 16)).then_with(|| rest(self).cmp(&rest(other)))
    }
}

/// Who wrote, or acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Author {
    /// Group + 1.
    pub(crate) owner: u16,
    /// Index in the group.
    pub(crate) index: u32,
}

impl Author {
    #[inline]
    pub(crate) fn actor(self) -> Actor {
        Actor::from_number(u64::from(self.owner) << 32 | u64::from(self.index))
    }

    /// The group's place in the plan.
    #[inline]
    pub(crate) fn group(self) -> usize {
        usize::from(self.owner).wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_small_and_keep_what_they_hold() {
        assert_eq!(size_of::<Entry>(), 24);
        let leave = Micros((1 << 43) - 2);
        let entry =
            Entry::new(Micros(77), MORE_VISITS, ShowId(513), Author { owner: 3, index: 9 }, 1)
                .with_leave(leave)
                .with_class(31);
        assert_eq!((entry.at(), entry.what(), entry.leave()), (Micros(77), MORE_VISITS, leave));
        assert_eq!((entry.class(), entry.sequence()), (31, 1));
        assert_eq!((entry.actor(), entry.show()), (Actor::viewer(2, 9), ShowId(513)));
        let key = 0xfedc_ba98_7654_3210;
        let reply = Entry::reply(Micros(5), ShowId(2), entry.author(), key);
        assert_eq!((reply.reply_key(), reply.actor()), (key, entry.actor()));
    }

    #[test]
    fn sequences_tell_visits_and_classes() {
        let last = (255 << VISIT_SHIFT) + (1 << VISIT_SHIFT) - 1;
        for (class, number, expect) in [
            (Class::Join, 0, 0),
            (Class::Leave, 2 << VISIT_SHIFT, 2 << 23 | 7),
            (Class::Reply, last, (1 << 31) - 2),
            (Class::Gift, 0, 1 << 31),
            (Class::Enter, 1, 0x8000_000a),
            (Class::Reaction, last, u32::MAX - 4),
        ] {
            let got = sequence(class, number);
            assert_eq!(got, expect, "{class:?} {number}");
            assert_eq!(visit_of(got), number >> VISIT_SHIFT);
            assert_eq!(is_reaction(got), class == Class::Reaction);
        }
    }
}
