//! A viewer's own messages and runs of likes: what he does at a steady rate while he is there.
//!
//! Acts are generated in batches: the batch that starts with act number j has a stream keyed
//! (seed, viewer, j), and a continuation in the queue stands for the rest. So a viewer who stays
//! for hours costs no more memory than one who stays for a minute.

use crate::entry::{Author, Class, Entry, MORE_CHAT, MORE_LIKES, What, sequence};
use crate::random::Key;
use crate::sample::geometric_scale;
use crate::{Chat, IntentKind, Likes, Micros, ShowId};

/// Acts in a batch.
const BATCH: u32 = 8;

/// When a viewer writes by himself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OwnChat {
    /// A Poisson process of rate κ = (1 − n)·rate: its replies, n/(1 − n) a message, make up the
    /// rest of the declared rate.
    Poisson {
        /// 1/κ in µs.
        gap_us: f64,
    },
    /// The group's slots are spaced evenly over show time, 1/(N·rate) apart, the first after half
    /// a spacing; viewer i of N writes at slots i, i + N, i + 2N, … that fall into the visit.
    Metronome {
        /// 1/(N·rate) in µs.
        spacing_us: f64,
        /// N.
        size: u32,
    },
}

impl OwnChat {
    /// The law of a group of `size` viewers in a room of branching ratio `branching`; `None` if
    /// nobody ever writes.
    pub(crate) fn new(chat: &Chat, branching: f64, size: u32) -> Option<OwnChat> {
        let rate = chat.intensity.per_viewer.per_second / 1e6;
        if chat.metronome {
            let spacing_us = 1.0 / (rate * f64::from(size));
            spacing_us.is_finite().then_some(OwnChat::Metronome { spacing_us, size })
        } else {
            let gap_us = 1.0 / (rate * (1.0 - branching));
            gap_us.is_finite().then_some(OwnChat::Poisson { gap_us })
        }
    }

    /// Whether messages have replies.
    pub(crate) fn has_replies(&self) -> bool {
        matches!(self, OwnChat::Poisson { .. })
    }
}

/// When a viewer likes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnLikes {
    /// Mean gap between runs in µs: the mean run over the rate of likes.
    gap_us: f64,
    /// See [`geometric_scale`].
    run_scale: f64,
}

impl OwnLikes {
    pub(crate) fn new(likes: &Likes) -> Option<OwnLikes> {
        let run = likes.run.max(1.0);
        let gap_us = run / (likes.intensity.per_viewer.per_second / 1e6);
        gap_us.is_finite().then_some(OwnLikes { gap_us, run_scale: geometric_scale(run) })
    }
}

/// Where a viewer's acts of one kind go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// The viewer's key for this purpose.
    pub(crate) key: Key,
    pub(crate) viewer: Author,
    pub(crate) show: ShowId,
    /// When the visit ends; acts come strictly before.
    pub(crate) leave: Micros,
    /// Number of the next act.
    pub(crate) number: u32,
    /// The instant of the act before, or of the join.
    pub(crate) last: Micros,
}

impl Course {
    /// An entry at `at`; `None` if the visit is over by then.
    #[inline]
    fn entry(&self, at: Micros, what: What, class: Class, number: u32) -> Option<Entry> {
        (at < self.leave)
            .then(|| Entry::new(at, what, self.show, self.viewer, sequence(class, number)))
    }

    #[inline]
    fn more(&self, at: Micros, what: What, number: u32) -> Entry {
        Entry::new(at, what, self.show, self.viewer, number).with_leave(self.leave)
    }

    /// The next batch of own messages, and the continuation if there may be more.
    #[inline]
    pub(crate) fn chat(&self, law: &OwnChat, sink: &mut impl FnMut(Entry)) {
        const WHAT: What = IntentKind::Chat as What;
        let numbers = self.number..self.number.saturating_add(BATCH);
        let mut at = self.last;
        match *law {
            OwnChat::Poisson { gap_us } => {
                let mut stream = self.key.entity(u64::from(self.number)).stream();
                for number in numbers.clone() {
                    at = after(at, gap_us * stream.exponential());
                    let Some(entry) = self.entry(at, WHAT, Class::Chat, number) else { return };
                    sink(entry);
                }
            }
            OwnChat::Metronome { spacing_us, size } => {
                // The first message may fall on the join itself; later ones follow the last.
                let from = if self.number == 0 { at } else { at.saturating_add(Micros(1)) };
                let mut slot = first_slot(from, spacing_us, size, self.viewer.index);
                for number in numbers.clone() {
                    at = slot_instant(slot, spacing_us);
                    let Some(entry) = self.entry(at, WHAT, Class::Chat, number) else { return };
                    sink(entry);
                    slot += u64::from(size);
                }
            }
        }
        sink(self.more(at, MORE_CHAT, numbers.end));
    }

    /// The next batch of runs of likes, and the continuation if there may be more.
    #[inline]
    pub(crate) fn likes(&self, law: &OwnLikes, sink: &mut impl FnMut(Entry)) {
        const WHAT: What = IntentKind::Like as What;
        let mut stream = self.key.entity(u64::from(self.number)).stream();
        let numbers = self.number..self.number.saturating_add(BATCH);
        let mut at = self.last;
        for number in numbers.clone() {
            at = after(at, law.gap_us * stream.exponential());
            let Some(entry) = self.entry(at, WHAT, Class::Like, number) else { return };
            sink(entry.with_extra(stream.geometric(law.run_scale)));
        }
        sink(self.more(at, MORE_LIKES, numbers.end));
    }
}

/// `gap_us` later, to the nearest µs.
#[inline]
pub(crate) fn after(at: Micros, gap_us: f64) -> Micros {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "gaps are positive, and saturating is right"
    )]
    at.saturating_add(Micros((gap_us + 0.5) as u64))
}

/// The instant of a slot of the metronome: (slot + ½) spacings, to the nearest µs.
fn slot_instant(slot: u64, spacing_us: f64) -> Micros {
    #[expect(clippy::cast_precision_loss, reason = "a plan has fewer than 2⁵³ messages")]
    let slot = slot as f64;
    after(Micros(0), (slot + 0.5) * spacing_us)
}

/// The first slot of viewer `index` at or after `from`.
fn first_slot(from: Micros, spacing_us: f64, size: u32, index: u32) -> u64 {
    // Two rounds early, so that no rounding can skip a slot; then step up to it.
    let rounds = from.seconds() * 1e6 / (spacing_us * f64::from(size));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and saturating is right"
    )]
    let round = (rounds as u64).saturating_sub(2);
    let mut slot = round * u64::from(size) + u64::from(index);
    while slot_instant(slot, spacing_us) < from {
        slot += u64::from(size);
    }
    slot
}
