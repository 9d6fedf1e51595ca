//! What a viewer does by himself again and again while he is there: messages, runs of likes,
//! gifts, shares.
//!
//! A viewer's acts of one kind are a Poisson process of intensity r·w/E\[w\]·c(t)·g(a), drawn by
//! exact inversion through the factor c over show time, and thinned by the factor g over the time
//! a since the join (a candidate stands with probability g/max g; Lewis & Shedler 1979). Acts are
//! numbered by their candidates, and whether a candidate stands has a stream of its own, so that a
//! variant with another g has the same candidates.
//!
//! Candidates are generated in batches: the batch that starts with number j has a stream keyed
//! (seed, viewer, j), and a continuation in the queue stands for the rest. So a viewer who stays
//! for hours costs no more memory than one who stays for a minute.

use crate::chain::Stay;
use crate::entry::{Author, Class, Entry, MORE_CHAT, MORE_GIFTS, MORE_LIKES, MORE_SHARES};
use crate::entry::{VISIT_SHIFT, What, sequence};
use crate::random::{Key, Stream};
use crate::sample::{geometric, geometric_scale};
use crate::{
    Amount, Chat, Factor, Gifts, Intensity, IntentKind, Likes, Micros, Share, Shares, ShowId,
};

/// Candidates in a batch.
const BATCH: u32 = 8;

/// Where candidates are thinned, their stream has this bit more in its key.
const THINNING: u64 = 1 << 32;

/// How often a viewer does something: an [`Intensity`], made ready to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    /// Mean gap between candidates in µs, of a viewer of mean weight where c is 1.
    gap_us: f64,
    by_show_time: Option<Factor>,
    by_viewer_age: Option<Factor>,
    pub(crate) weights: Weights,
}

impl Pace {
    /// The pace of a viewer who acts once in `gap_us` where both factors are 1; `None` if that is
    /// never.
    fn new(gap_us: f64, intensity: &Intensity) -> Option<Pace> {
        let by_viewer_age = intensity.by_viewer_age.clone();
        let never = |factor: &Option<Factor>| factor.as_ref().is_some_and(|f| f.max() <= 0.0);
        if never(&by_viewer_age) || never(&intensity.by_show_time) {
            return None;
        }
        let gap_us = by_viewer_age.as_ref().map_or(gap_us, |factor| gap_us / factor.max());
        gap_us.is_finite().then(|| Pace {
            gap_us,
            by_show_time: intensity.by_show_time.clone(),
            by_viewer_age,
            weights: Weights::new(&intensity.weights),
        })
    }

    /// Acts expected of a stay, if age curves went on as they do on average: a guess for the size
    /// of buckets.
    pub(crate) fn expected(&self, stay: &Stay) -> f64 {
        let length = stay.leave.saturating_sub(stay.join);
        let length_us = length.seconds() * 1e6;
        let lived = self
            .by_show_time
            .as_ref()
            .map_or(length_us, |factor| factor.integral(stay.join, stay.leave));
        let thinned = self
            .by_viewer_age
            .as_ref()
            .map_or(1.0, |factor| factor.integral(Micros(0), length) / (length_us * factor.max()));
        lived * thinned / self.gap_us
    }

    /// Whether continuations need to know when the viewer joined.
    pub(crate) fn ages(&self) -> bool {
        self.by_viewer_age.is_some()
    }
}

/// The law of a viewer's weight; everybody's is 1 if it is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights {
    /// For each weight the share of those up to it, the weight, and E\[w\]/w.
    classes: Vec<(f64, u32, f64)>,
}

impl Weights {
    pub(crate) fn new(weights: &[(u32, Share)]) -> Weights {
        let mean: f64 = weights.iter().map(|(weight, share)| f64::from(*weight) * share.0).sum();
        let mut until = 0.0;
        let class = |&(weight, share): &(u32, Share)| {
            until += share.0;
            (until, weight, mean / f64::from(weight))
        };
        // More than a join can carry are never told apart: see `Entry::with_class`.
        Weights { classes: weights.iter().take(CLASSES_MAX).map(class).collect() }
    }

    /// The class that goes with a uniform draw.
    #[inline]
    pub(crate) fn class(&self, u: f64) -> usize {
        let beyond = |class: &&(f64, u32, f64)| u >= class.0;
        self.classes.iter().take_while(beyond).count().min(self.classes.len().saturating_sub(1))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// w/E\[w\] of each class; 1 of everybody if there are none.
    pub(crate) fn relative(&self) -> Vec<f64> {
        if self.is_empty() {
            return vec![1.0];
        }
        self.classes.iter().map(|class| 1.0 / class.2).collect()
    }
}

/// Powers of two that a `u32` holds.
const CLASSES_MAX: usize = 32;

/// When a viewer writes by himself.
#[derive(Clone, Debug)]
pub(crate) enum OwnChat {
    /// A Poisson process of rate κ = (1 − n)·rate: its replies, n/(1 − n) a message, make up the
    /// rest of the declared rate.
    Poisson {
        pace: Pace,
        /// The mean gap in the room of each show, whose n it is.
        gaps_us: Vec<f64>,
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
    /// The law of a group of `size` viewers in rooms of these branching ratios; `None` if nobody
    /// ever writes.
    pub(crate) fn new(
        chat: &Chat,
        branching: impl Iterator<Item = f64>,
        size: u32,
    ) -> Option<OwnChat> {
        let rate = chat.intensity.per_viewer.per_second / 1e6;
        if chat.metronome {
            let spacing_us = 1.0 / (rate * f64::from(size));
            return spacing_us.is_finite().then_some(OwnChat::Metronome { spacing_us, size });
        }
        let pace = Pace::new(1.0 / rate, &chat.intensity)?;
        let peak = pace.by_viewer_age.as_ref().map_or(1.0, Factor::max);
        let gaps_us = branching.map(|n| 1.0 / (rate * (1.0 - n) * peak)).collect();
        Some(OwnChat::Poisson { pace, gaps_us })
    }

    /// Whether messages have replies.
    pub(crate) fn has_replies(&self) -> bool {
        matches!(self, OwnChat::Poisson { .. })
    }

    /// The pace, unless it is a metronome's.
    pub(crate) fn pace(&self) -> Option<&Pace> {
        match self {
            OwnChat::Poisson { pace, .. } => Some(pace),
            OwnChat::Metronome { .. } => None,
        }
    }
}

/// When a viewer likes.
#[derive(Clone, Debug)]
pub(crate) struct OwnLikes {
    /// Of runs: their gap is the mean run over the rate of likes.
    pub(crate) pace: Pace,
    /// See [`geometric_scale`].
    run_scale: f64,
}

impl OwnLikes {
    pub(crate) fn new(likes: &Likes) -> Option<OwnLikes> {
        let run = likes.run.max(1.0);
        let gap_us = run / (likes.intensity.per_viewer.per_second / 1e6);
        let pace = Pace::new(gap_us, &likes.intensity)?;
        Some(OwnLikes { pace, run_scale: geometric_scale(run) })
    }
}

/// Who gives, when and how much.
#[derive(Clone, Debug)]
pub(crate) struct OwnGifts {
    pub(crate) pace: Pace,
    pub(crate) givers: f64,
    pub(crate) amount: Amount,
}

impl OwnGifts {
    pub(crate) fn new(gifts: &Gifts) -> Option<OwnGifts> {
        let pace = Pace::new(1e6 / gifts.intensity.per_viewer.per_second, &gifts.intensity)?;
        (gifts.givers.0 > 0.0).then_some(OwnGifts {
            pace,
            givers: gifts.givers.0,
            amount: gifts.amount,
        })
    }
}

/// When a viewer passes the stream on.
#[derive(Clone, Debug)]
pub(crate) struct OwnShares {
    pub(crate) pace: Pace,
}

impl OwnShares {
    pub(crate) fn new(shares: &Shares) -> Option<OwnShares> {
        let gap_us = 1e6 / shares.intensity.per_viewer.per_second;
        Pace::new(gap_us, &shares.intensity).map(|pace| OwnShares { pace })
    }
}

/// Where a viewer's acts of one kind go on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    /// The viewer's key for this purpose.
    pub(crate) key: Key,
    /// What decides every viewer's weights.
    pub(crate) weight: Key,
    pub(crate) viewer: Author,
    pub(crate) show: ShowId,
    /// When the visit began; looked at only where age matters.
    pub(crate) join: Micros,
    /// When the visit ends; acts come strictly before.
    pub(crate) leave: Micros,
    /// Number of the next candidate.
    pub(crate) number: u32,
    /// The instant of the candidate before, or of the join.
    pub(crate) last: Micros,
}

/// What an act carries.
trait Carries {
    /// What is drawn for it, if anything.
    fn draw(&self, stream: &mut Stream) -> f64;
    /// What comes of the draw.
    fn extra(&self, drawn: f64) -> u32;
}

/// The same each time.
struct Always(u32);

impl Carries for Always {
    #[inline]
    fn draw(&self, _: &mut Stream) -> f64 {
        0.0
    }

    #[inline]
    fn extra(&self, _: f64) -> u32 {
        self.0
    }
}

/// The length of a run, of this [`geometric_scale`].
struct Run {
    scale: f64,
}

impl Carries for Run {
    #[inline]
    fn draw(&self, stream: &mut Stream) -> f64 {
        stream.open()
    }

    #[inline]
    fn extra(&self, drawn: f64) -> u32 {
        geometric(drawn, self.scale)
    }
}

/// What the acts of a course are called.
type Names = (IntentKind, Class, What);

impl Course {
    /// The class of the viewer's weight in acts of `class`.
    #[inline]
    pub(crate) fn class(&self, pace: &Pace, class: Class) -> usize {
        if pace.weights.is_empty() {
            return 0;
        }
        let key = self.weight.entity(self.viewer.actor().number()).entity(class as u64);
        pace.weights.class(key.open())
    }

    /// An entry at `at`; `None` if the visit is over by then.
    #[inline]
    fn entry(&self, at: Micros, what: What, class: Class, number: u32) -> Option<Entry> {
        (at < self.leave)
            .then(|| Entry::new(at, what, self.show, self.viewer, sequence(class, number)))
    }

    /// The numbers of the next batch.
    #[inline]
    fn numbers(&self) -> std::ops::Range<u32> {
        self.number..self.number + BATCH
    }

    /// The continuation from `number` on. Who has done the same thing a million times in one visit
    /// has done enough: the numbers of a visit are used up.
    #[inline]
    fn more(&self, at: Micros, what: What, number: u32, sink: &mut impl FnMut(Entry)) {
        const MASK: u32 = (1 << VISIT_SHIFT) - 1;
        if number & MASK < MASK + 1 - BATCH {
            let more = Entry::new(at, what, self.show, self.viewer, number);
            sink(more.with_leave(self.leave));
        }
    }

    /// The next batch of acts, and the continuation if there may be more; `carries` is what an act
    /// carries.
    #[inline]
    fn acts(
        &self,
        (pace, gap_us): (&Pace, f64),
        (kind, class, more): Names,
        carries: &impl Carries,
        sink: &mut impl FnMut(Entry),
    ) {
        let mut stream = self.key.entity(u64::from(self.number)).stream();
        let gap_us = if pace.weights.is_empty() {
            gap_us
        } else {
            gap_us * pace.weights.classes[self.class(pace, class)].2
        };
        let mut at = self.last;
        if pace.by_show_time.is_none() && pace.by_viewer_age.is_none() {
            for number in self.numbers() {
                at = after(at, gap_us * stream.exponential());
                let Some(entry) = self.entry(at, kind as What, class, number) else { return };
                sink(entry.with_extra(carries.extra(carries.draw(&mut stream))));
            }
        } else {
            let mut walk = pace.by_show_time.as_ref().map(|factor| factor.walk(at));
            let mut stands = pace.by_viewer_age.as_ref().map(|factor| {
                let key = self.key.entity(THINNING | u64::from(self.number));
                (factor, factor.max(), key.stream())
            });
            for number in self.numbers() {
                let mass_us = gap_us * stream.exponential();
                let next = match &mut walk {
                    None => Some(after(at, mass_us)),
                    Some(walk) => walk.step(mass_us),
                };
                let Some(next) = next else { return };
                at = next;
                let Some(entry) = self.entry(at, kind as What, class, number) else { return };
                // Drawn for every candidate, worked out for those that stand.
                let drawn = carries.draw(&mut stream);
                let kept = stands.as_mut().is_none_or(|(factor, max, stream)| {
                    stream.uniform() * *max < factor.at(at.saturating_sub(self.join))
                });
                if kept {
                    sink(entry.with_extra(carries.extra(drawn)));
                }
            }
        }
        self.more(at, more, self.numbers().end, sink);
    }

    /// The next batch of own messages.
    #[inline]
    pub(crate) fn chat(&self, law: &OwnChat, sink: &mut impl FnMut(Entry)) {
        const NAMES: Names = (IntentKind::Chat, Class::Chat, MORE_CHAT);
        match law {
            OwnChat::Poisson { pace, gaps_us } => {
                let gap_us = gaps_us[usize::from(self.show.0)];
                self.acts((pace, gap_us), NAMES, &Always(0), sink);
            }
            OwnChat::Metronome { spacing_us, size } => self.beats(*spacing_us, *size, sink),
        }
    }

    /// The next batch of a metronome's messages.
    fn beats(&self, spacing_us: f64, size: u32, sink: &mut impl FnMut(Entry)) {
        // The first message may fall on the join itself; later ones follow the last.
        let first = self.number & ((1 << VISIT_SHIFT) - 1) == 0;
        let mut at = self.last;
        let from = if first { at } else { at.saturating_add(Micros(1)) };
        let mut slot = first_slot(from, spacing_us, size, self.viewer.index);
        for number in self.numbers() {
            at = slot_instant(slot, spacing_us);
            let entry = self.entry(at, IntentKind::Chat as What, Class::Chat, number);
            let Some(entry) = entry else { return };
            sink(entry);
            slot += u64::from(size);
        }
        self.more(at, MORE_CHAT, self.numbers().end, sink);
    }

    /// The next batch of runs of likes.
    #[inline]
    pub(crate) fn likes(&self, law: &OwnLikes, sink: &mut impl FnMut(Entry)) {
        const NAMES: Names = (IntentKind::Like, Class::Like, MORE_LIKES);
        let run = Run { scale: law.run_scale };
        self.acts((&law.pace, law.pace.gap_us), NAMES, &run, sink);
    }

    /// The next batch of gifts of a giver who always gives `amount`.
    #[inline]
    pub(crate) fn gifts(&self, law: &OwnGifts, amount: u32, sink: &mut impl FnMut(Entry)) {
        const NAMES: Names = (IntentKind::Gift, Class::Gift, MORE_GIFTS);
        self.acts((&law.pace, law.pace.gap_us), NAMES, &Always(amount), sink);
    }

    /// The next batch of shares.
    #[inline]
    pub(crate) fn shares(&self, law: &OwnShares, sink: &mut impl FnMut(Entry)) {
        const NAMES: Names = (IntentKind::Share, Class::Share, MORE_SHARES);
        self.acts((&law.pace, law.pace.gap_us), NAMES, &Always(0), sink);
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
