//! One viewer's stay in one room: a pure function of (seed, viewer).
//!
//! - **Arrival** A = F⁻¹(U), F the group's curve within the show's time (go live to end): what the
//!   curve says outside it is left out, and a curve with nothing inside brings nobody.
//! - **Leave** min(A + S, end), S from the group's stay; a visit lasts 1 µs at least.
//! - **Acts** fall in [A, leave). Their randomness is keyed by the viewer, not by how many others
//!   there are: one more viewer changes no other visit. (The one exception is the metronome, whose
//!   slots are shared out among all viewers of the group.)

use crate::chat::{Course, OwnChat, OwnLikes};
use crate::cues::{Cues, Prices};
use crate::entry::{Author, Class, Entry, MORE_CHAT, MORE_LIKES, sequence};
use crate::funnel::Clicks;
use crate::law::midpoints;
use crate::random::{Key, Purpose};
use crate::{
    Actor, Arrivals, Curve, Group, Intent, IntentKind, Law, Micros, Plan, ProductId, Rate, ShowId,
    Size,
};

/// Arrivals and stays of the grid over which hazards are calibrated.
const GRID: (u32, u32) = (48, 96);

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

/// The visit of viewer `index` of group `group`; for more than a few, keep a [`Visits`].
///
/// # Panics
/// If the plan has no such viewer.
#[must_use]
pub fn visit(plan: &Plan, group: u16, index: u32) -> Visit {
    Visits::new(plan).visit(group, index)
}

/// Every visit of a plan, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Visits {
    pub(crate) groups: Vec<Visitors>,
    pub(crate) cues: Vec<Cues>,
    prices: Prices,
    join: Key,
    stay: Key,
    chat: Key,
    likes: Key,
    clicks: Key,
}

/// One group, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Visitors {
    pub(crate) show: ShowId,
    pub(crate) size: u32,
    /// Group + 1.
    pub(crate) owner: u16,
    pub(crate) chat: Option<OwnChat>,
    pub(crate) rate: Rate,
    /// Acts expected of a visit without cues, join and leave included.
    pub(crate) acts_mean: f64,
    arrivals: Curve,
    /// F at go live, and F at the end less that.
    share: (f64, f64),
    live: Micros,
    /// When the show ends, and who is still there leaves.
    pub(crate) end: Micros,
    stay: Law,
    likes: Option<OwnLikes>,
    clicks: Option<Clicks>,
}

/// Which of a viewer's acts are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Everything.
    All,
    /// What others in the room react to: the join and the messages.
    Room,
}

impl Visits {
    /// Resolves a plan: draws random sizes and calibrates hazards.
    #[must_use]
    pub fn new(plan: &Plan) -> Visits {
        let cues: Vec<Cues> = plan.shows.iter().map(|show| Cues::new(show, plan.length)).collect();
        let sizes = Key::new(plan.seed, Purpose::Size);
        let groups = (1..)
            .zip(&plan.groups)
            .map(|(owner, group)| Visitors::new(plan, group, owner, &cues, sizes))
            .collect();
        let key = |purpose| Key::new(plan.seed, purpose);
        Visits {
            groups,
            prices: Prices::new(plan, &cues),
            cues,
            join: key(Purpose::Join),
            stay: key(Purpose::Stay),
            chat: key(Purpose::Chat),
            likes: key(Purpose::Likes),
            clicks: key(Purpose::Clicks),
        }
    }

    /// Viewers of `group`, random sizes drawn.
    ///
    /// # Panics
    /// If the plan has no such group.
    #[must_use]
    pub fn size(&self, group: u16) -> u32 {
        self.groups[usize::from(group)].size
    }

    /// The click hazard of a viewer of `group` where no cue lifts it; `None` if nobody clicks.
    ///
    /// # Panics
    /// If the plan has no such group.
    #[must_use]
    pub fn click_hazard(&self, group: u16) -> Option<Rate> {
        let clicks = self.groups[usize::from(group)].clicks.as_ref()?;
        Some(Rate { per_second: clicks.hazard * 1e6 })
    }

    /// The visit of viewer `index` of `group`.
    ///
    /// # Panics
    /// If the plan has no such viewer.
    #[must_use]
    pub fn visit(&self, group: u16, index: u32) -> Visit {
        let visitors = &self.groups[usize::from(group)];
        assert!(index < visitors.size, "viewer {index} of a group of {}", visitors.size);
        let mut entries = Vec::new();
        let leave = self.start(visitors, index, Wanted::All, &mut |entry| entries.push(entry));
        entries.push(leave);
        let mut next = 0;
        while next < entries.len() {
            if matches!(entries[next].what(), MORE_CHAT | MORE_LIKES) {
                let more = entries.swap_remove(next);
                self.resume(&more, &mut |entry| entries.push(entry));
            } else {
                next += 1;
            }
        }
        let mut intents: Vec<Intent> = entries.iter().map(|entry| self.intent(entry)).collect();
        intents.sort_unstable_by_key(Intent::order);
        let (join, leave) = self.presence(visitors, index);
        Visit { viewer: Actor::viewer(group, index), join, leave, intents }
    }

    /// When viewer `index` joins.
    #[inline]
    pub(crate) fn join(&self, visitors: &Visitors, index: u32) -> Micros {
        let viewer = Author { owner: visitors.owner, index }.actor().number();
        let (from, span) = visitors.share;
        let share = from + span * self.join.entity(viewer).stream().uniform();
        // The curve's own rounding may end outside the show by a microsecond.
        visitors.arrivals.instant(share).clamp(visitors.live, Micros(visitors.end.0 - 1))
    }

    #[inline]
    fn presence(&self, visitors: &Visitors, index: u32) -> (Micros, Micros) {
        let viewer = Author { owner: visitors.owner, index }.actor().number();
        let join = self.join(visitors, index);
        let stay = visitors.stay.at(self.stay.entity(viewer).stream().open()).max(Micros(1));
        (join, join.saturating_add(stay).min(visitors.end))
    }

    /// A visit from its join on: entries that are intents, and continuations. Returns its leave.
    #[inline]
    pub(crate) fn start(
        &self,
        visitors: &Visitors,
        index: u32,
        wanted: Wanted,
        sink: &mut impl FnMut(Entry),
    ) -> Entry {
        let (join, leave) = self.presence(visitors, index);
        let author = Author { owner: visitors.owner, index };
        let join_entry = Entry::new(
            join,
            IntentKind::Join as u8,
            visitors.show,
            author,
            sequence(Class::Join, 0),
        );
        sink(join_entry.with_leave(leave));
        let viewer = author.actor().number();
        let course = |key: Key| Course {
            key: key.entity(viewer),
            viewer: author,
            show: visitors.show,
            leave,
            number: 0,
            last: join,
        };
        if let Some(law) = &visitors.chat {
            course(self.chat).chat(law, sink);
        }
        if wanted == Wanted::Room {
            return visitors.leave(index, leave);
        }
        if let Some(law) = &visitors.likes {
            course(self.likes).likes(law, sink);
        }
        if let Some(clicks) = &visitors.clicks {
            let cues = &self.cues[usize::from(visitors.show.0)];
            let key = self.clicks.entity(viewer);
            let visit = (join, leave);
            clicks.of_visit(key, (visitors.show, author), visit, (cues, &self.prices), sink);
        }
        visitors.leave(index, leave)
    }

    /// The acts that a continuation stands for.
    #[inline]
    pub(crate) fn resume(&self, more: &Entry, sink: &mut impl FnMut(Entry)) {
        let visitors = &self.groups[more.author().group()];
        let viewer = more.actor().number();
        let course = |key: Key| Course {
            key: key.entity(viewer),
            viewer: more.author(),
            show: more.show(),
            leave: more.leave(),
            number: more.sequence(),
            last: more.at(),
        };
        match (more.what(), &visitors.chat, &visitors.likes) {
            (MORE_CHAT, Some(law), _) => course(self.chat).chat(law, sink),
            (MORE_LIKES, _, Some(law)) => course(self.likes).likes(law, sink),
            _ => unreachable!("only a group with a law leaves a continuation of it"),
        }
    }

    /// The intent that an entry stands for.
    #[inline]
    pub(crate) fn intent(&self, entry: &Entry) -> Intent {
        let kind = entry.kind();
        let show = entry.show();
        let (product, count, after) = match kind {
            IntentKind::Join | IntentKind::Leave | IntentKind::Chat => (ProductId(0), 0, None),
            // The classes of click, cart and check-out follow each other; their number is one.
            IntentKind::AddToCart | IntentKind::CheckOut => {
                (entry.product(), 0, Some(entry.sequence() - 1))
            }
            _ => (entry.product(), entry.extra(), None),
        };
        let id = crate::IntentId { actor: entry.actor(), sequence: entry.sequence() };
        Intent { at: entry.at(), id, show, kind, product, count, after }
    }
}

impl Visitors {
    fn new(plan: &Plan, group: &Group, owner: u16, cues: &[Cues], sizes: Key) -> Visitors {
        let show = usize::from(group.shows[0].0.0);
        let (cues, replies) = (&cues[show], plan.shows[show].replies);
        let arrivals = match &group.arrivals {
            Arrivals::Curve(curve) => curve.clone(),
            Arrivals::Notification { .. } | Arrivals::Sum(_) => Curve::constant(plan.length),
        };
        let stay = &group.classes[0].stay;
        let from = arrivals.share(cues.live);
        let share = (from, arrivals.share(cues.end) - from);
        let size = match group.size {
            _ if cues.live >= cues.end || share.1 <= 0.0 => 0,
            Size::Viewers(viewers) => viewers,
            Size::Mean(mean) => sizes.entity(u64::from(owner)).stream().poisson(mean),
        };
        let lengths = lengths(&arrivals, share, cues.end, stay);
        let clicks = group
            .funnel
            .as_ref()
            .and_then(|funnel| Clicks::new(funnel, cues, plan.products.len(), &lengths));
        let mut visitors = Visitors {
            show: group.shows[0].0,
            size,
            owner,
            chat: group.chat.as_ref().and_then(|chat| OwnChat::new(chat, replies.branching, size)),
            rate: group.chat.as_ref().map_or(Rate::default(), |chat| chat.intensity.per_viewer),
            acts_mean: 2.0,
            arrivals,
            share,
            live: cues.live,
            end: cues.end,
            stay: stay.clone(),
            likes: group.likes.as_ref().and_then(OwnLikes::new),
            clicks,
        };
        let likes = group
            .likes
            .as_ref()
            .map_or(0.0, |likes| likes.intensity.per_viewer.per_second / likes.run.max(1.0));
        #[expect(clippy::cast_precision_loss, reason = "a few thousand lengths")]
        let length = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64 / 1e6;
        visitors.acts_mean += length * (visitors.rate.per_second + likes);
        visitors
    }

    /// The leave of viewer `index`.
    #[inline]
    pub(crate) fn leave(&self, index: u32, at: Micros) -> Entry {
        let viewer = Author { owner: self.owner, index };
        Entry::new(at, IntentKind::Leave as u8, self.show, viewer, sequence(Class::Leave, 0))
    }
}

/// Lengths in µs of visits that stand for all with equal weight: V = min(S, end − A) over a grid
/// of arrivals A and stays S.
fn lengths(arrivals: &Curve, share: (f64, f64), end: Micros, stay: &Law) -> Vec<f64> {
    if share.1 <= 0.0 {
        return Vec::new();
    }
    let stays = stay.grid(GRID.1);
    midpoints(GRID.0)
        .map(|u| end.saturating_sub(arrivals.instant(share.0 + share.1 * u)))
        .flat_map(|left| {
            stays.iter().map(move |&stay| stay.max(Micros(1)).min(left).seconds() * 1e6)
        })
        .collect()
}
