//! A viewer's visits, one after the other.
//!
//! - **First**: the home show is drawn once, by weight; the viewer arrives by the group's law within
//!   that show's time, or not at all.
//! - **Stay** min(S, end − join), S from the viewer's class (drawn once); 1 µs at least.
//! - What comes after it, the first of these that applies:
//!   - **Raid.** At a raid during the visit the viewer follows with the cue's probability: the visit
//!     ends an exponential time (mean 2 s) after the cue, if it would not have ended by then, and
//!     the next one begins in the other room an exponential gap (mean 1 s) later. A raid moves
//!     nobody who would find the other show not live.
//!   - **Hop.** An ended visit is followed, with the group's probability and after its gap, by one
//!     of another of the group's shows that is live then, drawn by weight, if any is.
//!   - **Return** to the same room after an absence, while it is live and visits remain: a viewer
//!     comes N times, N drawn once; hops and raids count.
//!
//! Visit v of a viewer has keys of its own, so what happens in one leaves the luck of all others.

use crate::acts::after;
use crate::cues::Cues;
use crate::entry::Author;
use crate::random::{Key, Purpose};
use crate::visitors::Visitors;
use crate::visits::VISITS_MAX;
use crate::{Micros, ShowId, VisitClass};

/// Mean time from a raid to leaving, in µs.
const RAID_LEAVES_AFTER_US: f64 = 2e6;
/// Mean time from leaving with a raid to the next join, in µs.
const RAID_GAP_US: f64 = 1e6;

/// One visit: who is where, when, and what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) viewer: Author,
    /// Which of the viewer's visits, from 0.
    pub(crate) visit: u32,
    pub(crate) show: ShowId,
    pub(crate) join: Micros,
    pub(crate) leave: Micros,
    /// Show and join of the next visit, later than this leave.
    pub(crate) next: Option<(ShowId, Micros)>,
}

/// What visits are drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Chains {
    /// The cues of each show.
    pub(crate) cues: Vec<Cues>,
    /// When each show goes live and ends, close together: hops look at all of them.
    lives: Vec<(Micros, Micros)>,
    home: Key,
    class: Key,
    join: Key,
    stay: Key,
    raid: Key,
    hop: Key,
    absence: Key,
    returns: Key,
}

/// The key of one visit of a viewer under the key of a purpose.
#[inline]
pub(crate) fn of_visit(purpose: Key, viewer: u64, visit: u32) -> Key {
    let key = purpose.entity(viewer);
    // The first visit was there before viewers could have more.
    if visit == 0 { key } else { key.entity(u64::from(visit)) }
}

impl Chains {
    pub(crate) fn new(seed: u64, cues: Vec<Cues>) -> Chains {
        let key = |purpose| Key::new(seed, purpose);
        Chains {
            lives: cues.iter().map(|cues| (cues.live, cues.end)).collect(),
            cues,
            home: key(Purpose::Home),
            class: key(Purpose::Class),
            join: key(Purpose::Join),
            stay: key(Purpose::Stay),
            raid: key(Purpose::Raid),
            hop: key(Purpose::Hop),
            absence: key(Purpose::Absence),
            returns: key(Purpose::Returns),
        }
    }

    /// Whether a show is on.
    #[inline]
    fn is_live(&self, show: ShowId, at: Micros) -> bool {
        let (live, end) = self.lives[usize::from(show.0)];
        live <= at && at < end
    }

    /// The cues of a show.
    #[inline]
    pub(crate) fn cues(&self, show: ShowId) -> &Cues {
        &self.cues[usize::from(show.0)]
    }

    /// Where and when a viewer's first visit begins; `None` if he never comes.
    #[inline]
    pub(crate) fn first(&self, visitors: &Visitors, index: u32) -> Option<(ShowId, Micros)> {
        let viewer = visitors.author(index).actor().number();
        let homes = &visitors.homes;
        let home = if homes.len() == 1 {
            &homes[0]
        } else {
            let u = self.home.entity(viewer).open();
            let beyond = homes.partition_point(|home| home.until <= u);
            &homes[beyond.min(homes.len() - 1)]
        };
        let u = self.join.entity(viewer).stream().uniform();
        Some((home.show, home.arriving.as_ref()?.instant(u)?))
    }

    /// The first visit; `None` if the viewer never comes.
    pub(crate) fn first_stay(&self, visitors: &Visitors, index: u32) -> Option<Stay> {
        self.first(visitors, index).map(|first| self.stay(visitors, index, 0, first))
    }

    /// The visit after `stay`, if there is one.
    pub(crate) fn next_stay(&self, visitors: &Visitors, stay: &Stay) -> Option<Stay> {
        stay.next.map(|next| self.stay(visitors, stay.viewer.index, stay.visit + 1, next))
    }

    /// Visit number `visit` of a viewer, as the chain from the first leads to it.
    ///
    /// # Panics
    /// If the viewer has no such visit.
    pub(crate) fn nth_stay(&self, visitors: &Visitors, index: u32, visit: u32) -> Stay {
        let mut stay = self.first_stay(visitors, index);
        for _ in 0..visit {
            stay = stay.and_then(|stay| self.next_stay(visitors, &stay));
        }
        stay.expect("whoever is on visit v has had those before it")
    }

    /// The visit that begins with `show` and `join`.
    #[inline]
    pub(crate) fn stay(
        &self,
        visitors: &Visitors,
        index: u32,
        visit: u32,
        (show, join): (ShowId, Micros),
    ) -> Stay {
        let author = visitors.author(index);
        let viewer = author.actor().number();
        let class = match &*visitors.classes {
            [class] => class,
            classes => &classes[VisitClass::choose(classes, self.class.entity(viewer).open())],
        };
        let u = of_visit(self.stay, viewer, visit).stream().open();
        let length = class.stay.at(u).max(Micros(1));
        let leave = join.saturating_add(length).min(self.lives[usize::from(show.0)].1);
        let mut stay = Stay { viewer: author, visit, show, join, leave, next: None };
        if visit + 1 < VISITS_MAX {
            if let Some((leave, next)) = self.follows(&stay, viewer) {
                (stay.leave, stay.next) = (leave, Some(next));
            } else {
                stay.next = self
                    .hops(visitors, &stay, viewer)
                    .or_else(|| self.returns(class, &stay, viewer));
            }
        }
        stay
    }

    /// When the viewer leaves with a raid, and where he goes.
    fn follows(&self, stay: &Stay, viewer: u64) -> Option<(Micros, (ShowId, Micros))> {
        for raid in &self.cues(stay.show).raids {
            if raid.at < stay.join || raid.at >= stay.leave {
                continue;
            }
            // A viewer is there at a cue once at most, so the cue is key enough.
            let cue = u64::from(stay.show.0) << 32 | u64::from(raid.number);
            let key = self.raid.entity(viewer).entity(cue);
            if key.open() >= raid.follow {
                continue;
            }
            let mut stream = key.stream();
            let leave = after(raid.at, RAID_LEAVES_AFTER_US * stream.exponential());
            let leave = leave.max(raid.at.saturating_add(Micros(1)));
            let join = after(leave, RAID_GAP_US * stream.exponential());
            let join = join.max(leave.saturating_add(Micros(1)));
            if leave < stay.leave && self.is_live(raid.to, join) {
                return Some((leave, (raid.to, join)));
            }
        }
        None
    }

    /// Where the viewer goes on to by himself.
    fn hops(&self, visitors: &Visitors, stay: &Stay, viewer: u64) -> Option<(ShowId, Micros)> {
        let hop = visitors.hop.as_ref()?;
        let key = of_visit(self.hop, viewer, stay.visit);
        if key.open() >= hop.per_visit.0 {
            return None;
        }
        let mut stream = key.stream();
        let (gap, which) = (stream.open(), stream.uniform());
        let join = stay.leave.saturating_add(hop.gap.at(gap).max(Micros(1)));
        let others = || {
            let live = |show: &&(ShowId, f64)| show.0 != stay.show && self.is_live(show.0, join);
            visitors.shows.iter().filter(live)
        };
        let mut left = which * others().map(|show| show.1).sum::<f64>();
        let chosen = others().find(|show| {
            left -= show.1;
            left < 0.0
        });
        // The weights' own rounding may leave a rest that no show covers.
        chosen.or_else(|| others().next_back()).map(|show| (show.0, join))
    }

    /// When the viewer comes back.
    fn returns(&self, class: &VisitClass, stay: &Stay, viewer: u64) -> Option<(ShowId, Micros)> {
        let returns = class.returns.as_ref()?;
        if stay.visit + 1 >= returns.count(self.returns.entity(viewer).open()) {
            return None;
        }
        let absence = of_visit(self.absence, viewer, stay.visit).open();
        let join = stay.leave.saturating_add(returns.absence.at(absence).max(Micros(1)));
        self.is_live(stay.show, join).then_some((stay.show, join))
    }
}
