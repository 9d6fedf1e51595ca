//! What viewers do by themselves: a pure function of (seed, viewer).
//!
//! - **Visits** follow each other as [`crate::chain`] says; a viewer is in one room at a time.
//! - **Arrivals** are drawn within the show's time (go live to end): what a group's law says outside
//!   it is left out, and a law with nothing inside brings nobody.
//! - **Acts** fall in [join, leave). Their randomness is keyed by the viewer, not by how many others
//!   there are: one more viewer changes no other visit. (The one exception is the metronome, whose
//!   slots are shared out among all viewers of the group.)

use crate::acts::{Course, Pace};
use crate::chain::{Chains, Stay, of_visit};
use crate::cues::{Cues, Prices};
use crate::entry::{
    Author, Class, Entry, MORE_CHAT, MORE_GIFTS, MORE_LIKES, MORE_SHARES, MORE_VISITS, VISIT_SHIFT,
    What, sequence,
};
use crate::random::{Key, Purpose};
use crate::visitors::Visitors;
use crate::{Actor, Intent, IntentKind, Micros, Plan, ProductId, Rate, ShowId};

/// What one viewer does by himself between a join and the leave, whoever else is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The viewer.
    pub viewer: Actor,
    /// In which show's room.
    pub show: ShowId,
    /// When the viewer enters the room.
    pub join: Micros,
    /// When the viewer leaves it, at the show's end at the latest.
    pub leave: Micros,
    /// Everything planned, in total order: the join first, the leave last, no replies.
    pub intents: Vec<Intent>,
}

/// The first visit of viewer `index` of group `group`; for more than a few, keep a [`Visits`].
///
/// # Panics
/// If the plan has no such viewer, or he never comes.
#[must_use]
pub fn visit(plan: &Plan, group: u16, index: u32) -> Visit {
    Visits::new(plan).visit(group, index)
}

/// Every visit of a plan, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Visits {
    pub(crate) groups: Vec<Visitors>,
    pub(crate) chains: Chains,
    prices: Prices,
    chat: Key,
    likes: Key,
    giver: Key,
    gifts: Key,
    shares: Key,
    clicks: Key,
    enter: Key,
    weight: Key,
}

/// Which of a viewer's acts are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Everything.
    All,
    /// What others in the room react to: the join and the messages.
    Room,
    /// Only where the viewer goes next.
    Next,
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
            chains: Chains::new(plan.seed, cues),
            chat: key(Purpose::Chat),
            likes: key(Purpose::Likes),
            giver: key(Purpose::Giver),
            gifts: key(Purpose::Gifts),
            shares: key(Purpose::Shares),
            clicks: key(Purpose::Clicks),
            enter: key(Purpose::Enter),
            weight: key(Purpose::Weight),
        }
    }

    /// Viewers of `group`, random sizes drawn, with those who are told of the show and do not come.
    ///
    /// # Panics
    /// If the plan has no such group.
    #[must_use]
    pub fn size(&self, group: u16) -> u32 {
        self.groups[usize::from(group)].size
    }

    /// The click hazard of a viewer of `group` where no cue and no factor lifts it; `None` if
    /// nobody clicks.
    ///
    /// # Panics
    /// If the plan has no such group.
    #[must_use]
    pub fn click_hazard(&self, group: u16) -> Option<Rate> {
        let clicks = self.groups[usize::from(group)].clicks.as_ref()?;
        Some(Rate { per_second: clicks.hazard * 1e6 })
    }

    /// The first visit of viewer `index` of `group`.
    ///
    /// # Panics
    /// If the plan has no such viewer, or he never comes.
    #[must_use]
    pub fn visit(&self, group: u16, index: u32) -> Visit {
        let visitors = self.visitors(group, index);
        let stay = self.chains.first_stay(visitors, index);
        self.of_stay(visitors, &stay.expect("the caller asks for a viewer who comes"))
    }

    /// Every visit of viewer `index` of `group`, in order of time; none if he never comes.
    ///
    /// # Panics
    /// If the plan has no such viewer.
    #[must_use]
    pub fn viewer(&self, group: u16, index: u32) -> Vec<Visit> {
        let visitors = self.visitors(group, index);
        self.stays(visitors, index).map(|stay| self.of_stay(visitors, &stay)).collect()
    }

    fn visitors(&self, group: u16, index: u32) -> &Visitors {
        let visitors = &self.groups[usize::from(group)];
        assert!(index < visitors.size, "viewer {index} of a group of {}", visitors.size);
        visitors
    }

    /// Every visit of a viewer, without what he does.
    pub(crate) fn stays<'a>(
        &'a self,
        visitors: &'a Visitors,
        index: u32,
    ) -> impl Iterator<Item = Stay> + use<'a> {
        let first = self.chains.first_stay(visitors, index);
        std::iter::successors(first, |stay| self.chains.next_stay(visitors, stay))
    }

    fn of_stay(&self, visitors: &Visitors, stay: &Stay) -> Visit {
        let mut entries = vec![leave(stay)];
        self.start(visitors, stay, Wanted::All, &mut |entry| entries.push(entry));
        entries.retain(|entry| entry.what() != MORE_VISITS);
        let mut next = 0;
        while next < entries.len() {
            if is_more(entries[next].what()) {
                let more = entries.swap_remove(next);
                self.resume(&more, |_, _| Some(stay.join), &mut |entry| entries.push(entry));
            } else {
                next += 1;
            }
        }
        let mut intents: Vec<Intent> = entries.iter().map(intent).collect();
        intents.sort_unstable_by_key(Intent::order);
        let Stay { viewer, show, join, leave, .. } = *stay;
        Visit { viewer: viewer.actor(), show, join, leave, intents }
    }

    /// A visit from its join on: entries that are intents, and continuations; not the leave.
    #[inline]
    pub(crate) fn start(
        &self,
        visitors: &Visitors,
        stay: &Stay,
        wanted: Wanted,
        sink: &mut impl FnMut(Entry),
    ) {
        let number = stay.visit << VISIT_SHIFT;
        if let Some((show, join)) = stay.next {
            sink(Entry::new(join, MORE_VISITS, show, stay.viewer, number + (1 << VISIT_SHIFT)));
        }
        if wanted == Wanted::Next {
            return;
        }
        let viewer = stay.viewer.actor().number();
        let join = sequence(Class::Join, number);
        let join = Entry::new(stay.join, IntentKind::Join as What, stay.show, stay.viewer, join);
        let join = join.with_leave(stay.leave);
        let course = |key: Key| Course {
            key: key.entity(viewer),
            weight: self.weight,
            viewer: stay.viewer,
            show: stay.show,
            join: stay.join,
            leave: stay.leave,
            number,
            last: stay.join,
        };
        let Some(chat) = &visitors.chat else {
            sink(join);
            return self.start_others(visitors, stay, wanted, &course, sink);
        };
        sink(
            join.with_class(
                chat.pace().map_or(0, |pace| course(self.chat).class(pace, Class::Chat)),
            ),
        );
        course(self.chat).chat(chat, sink);
        self.start_others(visitors, stay, wanted, &course, sink);
    }

    /// What nobody in the room reacts to.
    #[inline]
    fn start_others(
        &self,
        visitors: &Visitors,
        stay: &Stay,
        wanted: Wanted,
        course: &impl Fn(Key) -> Course,
        sink: &mut impl FnMut(Entry),
    ) {
        if wanted != Wanted::All {
            return;
        }
        let viewer = stay.viewer.actor().number();
        if let Some(law) = &visitors.likes {
            course(self.likes).likes(law, sink);
        }
        if let Some(law) = &visitors.gifts
            && self.giver.entity(viewer).open() < law.givers
        {
            course(self.gifts).gifts(law, self.amount(law, viewer), sink);
        }
        if let Some(law) = &visitors.shares {
            course(self.shares).shares(law, sink);
        }
        let cues = self.chains.cues(stay.show);
        if let Some(clicks) = &visitors.clicks {
            let key = of_visit(self.clicks, viewer, stay.visit);
            clicks.of_visit(key, stay, (cues, &self.prices), sink);
        }
        if let Some(entering) = &visitors.entering {
            let earlier = || self.stays(visitors, stay.viewer.index).take(stay.visit as usize);
            entering.of_visit(self.enter, stay, cues, earlier, sink);
        }
    }

    /// What a giver always gives.
    fn amount(&self, law: &crate::acts::OwnGifts, viewer: u64) -> u32 {
        law.amount.at(self.giver.entity(viewer).entity(1).open())
    }

    /// The acts that a continuation stands for. `joined` is when a viewer joined for a visit, if
    /// that is known; else it is drawn again.
    #[inline]
    pub(crate) fn resume(
        &self,
        more: &Entry,
        joined: impl Fn(Author, u32) -> Option<Micros>,
        sink: &mut impl FnMut(Entry),
    ) {
        const LAW: &str = "only a group with a law leaves a continuation of it";
        let author = more.author();
        let visitors = &self.groups[author.group()];
        let viewer = author.actor().number();
        let course = |key: Key, pace: Option<&Pace>| Course {
            key: key.entity(viewer),
            weight: self.weight,
            viewer: author,
            show: more.show(),
            join: match pace {
                Some(pace) if pace.ages() => {
                    let visit = more.sequence() >> VISIT_SHIFT;
                    joined(author, visit)
                        .unwrap_or_else(|| self.chains.nth_stay(visitors, author.index, visit).join)
                }
                _ => Micros(0),
            },
            leave: more.leave(),
            number: more.sequence(),
            last: more.at(),
        };
        match more.what() {
            MORE_CHAT => {
                let law = visitors.chat.as_ref().expect(LAW);
                course(self.chat, law.pace()).chat(law, sink);
            }
            MORE_LIKES => {
                let law = visitors.likes.as_ref().expect(LAW);
                course(self.likes, Some(&law.pace)).likes(law, sink);
            }
            MORE_GIFTS => {
                let law = visitors.gifts.as_ref().expect(LAW);
                let amount = self.amount(law, viewer);
                course(self.gifts, Some(&law.pace)).gifts(law, amount, sink);
            }
            _ => {
                let law = visitors.shares.as_ref().expect(LAW);
                course(self.shares, Some(&law.pace)).shares(law, sink);
            }
        }
    }
}

/// Whether an entry stands for more acts of one visit.
#[inline]
pub(crate) fn is_more(what: What) -> bool {
    (MORE_CHAT..=MORE_SHARES).contains(&what)
}

/// The leave at the end of a visit.
#[inline]
pub(crate) fn leave(stay: &Stay) -> Entry {
    let sequence = sequence(Class::Leave, stay.visit << VISIT_SHIFT);
    Entry::new(stay.leave, IntentKind::Leave as What, stay.show, stay.viewer, sequence)
}

/// The intent that an entry stands for.
#[inline]
pub(crate) fn intent(entry: &Entry) -> Intent {
    let kind = entry.kind();
    let author: Author = entry.author();
    let (product, count, after) = match kind {
        _ if author.owner == 0 => (entry.product(), entry.extra(), None),
        IntentKind::Join | IntentKind::Leave | IntentKind::Chat => (ProductId(0), 0, None),
        // The classes of click, cart and check-out follow each other; their number is one.
        IntentKind::AddToCart | IntentKind::CheckOut => {
            (entry.product(), 0, Some(entry.sequence() - 1))
        }
        _ => (entry.product(), entry.extra(), None),
    };
    let id = crate::IntentId { actor: author.actor(), sequence: entry.sequence() };
    Intent { at: entry.at(), id, show: entry.show(), kind, product, count, after }
}
