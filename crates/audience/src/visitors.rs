//! A group of viewers, resolved: random size drawn, laws ready, the click hazard calibrated.

use crate::acts::{OwnChat, OwnGifts, OwnLikes, OwnShares, Pace};
use crate::chain::Stay;
use crate::cues::Cues;
use crate::entry::Author;
use crate::funnel::{Clicks, Sampled};
use crate::giveaways::Entering;
use crate::random::Key;
use crate::{Arriving, Group, Hop, Micros, Plan, Rate, ShowId, Size, VisitClass};

/// Arrivals and stays of the grid over which hazards are calibrated, for one show and one class.
const GRID: (u32, u32) = (48, 96);

/// One group, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Visitors {
    /// Group + 1.
    pub(crate) owner: u16,
    pub(crate) size: u32,
    /// Where viewers go first; not empty.
    pub(crate) homes: Vec<Home>,
    /// Where they may go on to, with weights.
    pub(crate) shows: Vec<(ShowId, f64)>,
    pub(crate) classes: Vec<VisitClass>,
    pub(crate) hop: Option<Hop>,
    /// Whether a viewer can ever be in the room of each show.
    pub(crate) reach: Vec<bool>,
    pub(crate) chat: Option<OwnChat>,
    /// Messages a viewer, replies included.
    pub(crate) rate: Rate,
    pub(crate) likes: Option<OwnLikes>,
    pub(crate) gifts: Option<OwnGifts>,
    pub(crate) shares: Option<OwnShares>,
    pub(crate) clicks: Option<Clicks>,
    pub(crate) entering: Option<Entering>,
}

/// A show that viewers visit first.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) show: ShowId,
    /// Share of the viewers who visit this show or one before it in the list.
    pub(crate) until: f64,
    /// `None` if nobody can come.
    pub(crate) arriving: Option<Arriving>,
}

impl Visitors {
    pub(crate) fn new(
        plan: &Plan,
        group: &Group,
        owner: u16,
        cues: &[Cues],
        sizes: Key,
    ) -> Visitors {
        let homes = homes(group, cues);
        let size = match group.size {
            _ if homes.iter().all(|home| home.arriving.is_none()) => 0,
            Size::Viewers(viewers) => viewers,
            Size::Mean(mean) => sizes.entity(u64::from(owner)).stream().poisson(mean),
        };
        let clicks = group.funnel.as_ref().and_then(|funnel| {
            let visits = first_visits(group, &homes, cues);
            Clicks::new(group, funnel, cues, plan.products.len(), &visits)
        });
        let chat = group.chat.as_ref();
        let branching = || plan.shows.iter().map(|show| show.replies.branching);
        Visitors {
            owner,
            size,
            reach: reach(group, &homes, cues),
            homes,
            shows: group.shows.clone(),
            classes: group.classes.clone(),
            hop: group.hop.clone(),
            chat: chat.and_then(|chat| OwnChat::new(chat, branching(), size)),
            rate: chat.map_or(Rate::default(), |chat| chat.intensity.per_viewer),
            likes: group.likes.as_ref().and_then(OwnLikes::new),
            gifts: group.gifts.as_ref().and_then(OwnGifts::new),
            shares: group.shares.as_ref().and_then(OwnShares::new),
            clicks,
            entering: group.giveaways.as_ref().and_then(|it| Entering::new(group, it)),
        }
    }

    #[inline]
    pub(crate) fn author(&self, index: u32) -> Author {
        Author { owner: self.owner, index }
    }

    /// Whether messages of the group have replies, and its viewers write some.
    pub(crate) fn replies(&self) -> bool {
        self.chat.as_ref().is_some_and(OwnChat::has_replies)
    }

    /// Whether what viewers do again and again depends on how long they have been there.
    pub(crate) fn ages(&self) -> bool {
        let paces = [
            self.chat.as_ref().and_then(OwnChat::pace),
            self.likes.as_ref().map(|likes| &likes.pace),
            self.gifts.as_ref().map(|gifts| &gifts.pace),
            self.shares.as_ref().map(|shares| &shares.pace),
        ];
        paces.into_iter().flatten().any(Pace::ages)
    }

    /// Acts expected of a visit without cues, join, leave and replies included: a guess for the
    /// size of buckets.
    pub(crate) fn acts_expected(&self, stay: &Stay) -> f64 {
        let length = stay.leave.saturating_sub(stay.join).seconds();
        let chat = match &self.chat {
            Some(OwnChat::Poisson { pace, .. }) => pace.expected(stay),
            Some(OwnChat::Metronome { .. }) => length * self.rate.per_second,
            None => 0.0,
        };
        let likes = self.likes.as_ref().map_or(0.0, |likes| likes.pace.expected(stay));
        let gifts =
            self.gifts.as_ref().map_or(0.0, |gifts| gifts.givers * gifts.pace.expected(stay));
        let shares = self.shares.as_ref().map_or(0.0, |shares| shares.pace.expected(stay));
        let clicks = self.clicks.as_ref().map_or(0.0, |clicks| clicks.hazard * 1e6 * length);
        2.0 + chat + likes + gifts + shares + clicks
    }
}

/// The mean length in seconds of a first visit of `group`, cut by the show's end; 0 if nobody
/// comes. Of a grid of arrivals and stays, as the click hazard is.
///
/// # Panics
/// If the plan has no such group.
#[must_use]
pub fn visit_seconds_mean(plan: &Plan, group: u16) -> f64 {
    let group = &plan.groups[usize::from(group)];
    let cues: Vec<Cues> = plan.shows.iter().map(|show| Cues::new(show, plan.length)).collect();
    let visits = first_visits(group, &homes(group, &cues), &cues);
    let total: f64 = visits.iter().map(|visit| visit.weight).sum();
    let sum: f64 = visits.iter().map(|visit| visit.weight * visit.length_us).sum();
    if total > 0.0 { sum / total / 1e6 } else { 0.0 }
}

fn homes(group: &Group, cues: &[Cues]) -> Vec<Home> {
    let total: f64 = group.shows.iter().map(|show| show.1).sum();
    let mut until = 0.0;
    let home = |&(show, weight): &(ShowId, f64)| {
        until += weight / total;
        let cues = &cues[usize::from(show.0)];
        Home { show, until, arriving: group.arrivals.within(cues.live, cues.end) }
    };
    group.shows.iter().map(home).collect()
}

/// The shows in whose rooms a viewer can ever be: first, by hops, by raids.
fn reach(group: &Group, homes: &[Home], cues: &[Cues]) -> Vec<bool> {
    let mut reach = vec![false; cues.len()];
    let mut found: Vec<ShowId> =
        homes.iter().filter(|home| home.arriving.is_some()).map(|home| home.show).collect();
    if group.hop.is_some() && !found.is_empty() {
        found.extend(group.shows.iter().map(|show| show.0));
    }
    while let Some(show) = found.pop() {
        if !std::mem::replace(&mut reach[usize::from(show.0)], true) {
            found.extend(cues[usize::from(show.0)].raids.iter().map(|raid| raid.to));
            if group.hop.is_some() {
                found.extend(group.shows.iter().map(|show| show.0));
            }
        }
    }
    reach
}

/// First visits that stand for all, V = min(S, end − A), over a grid of arrivals A and stays S of
/// every show and class.
fn first_visits(group: &Group, homes: &[Home], cues: &[Cues]) -> Vec<Sampled> {
    // Many shows or classes each have a coarser grid; theirs are as many points together.
    let steps = |of: u32, parts: usize, least: u32| {
        let parts = u32::try_from(parts).unwrap_or(u32::MAX);
        if parts == 1 { of } else { (2 * of / parts).max(least) }
    };
    let (joins, stays) = (steps(GRID.0, homes.len(), 8), steps(GRID.1, group.classes.len(), 32));
    let stays: Vec<Vec<Micros>> =
        group.classes.iter().map(|class| class.stay.grid(stays)).collect();
    let (mut visits, mut before) = (Vec::new(), 0.0);
    for home in homes {
        let share = home.until - std::mem::replace(&mut before, home.until);
        let joins = home.arriving.as_ref().map_or(Vec::new(), |arriving| arriving.grid(joins));
        let end = cues[usize::from(home.show.0)].end;
        for &join in &joins {
            let left = end.saturating_sub(join);
            for (class, stays) in group.classes.iter().zip(&stays) {
                #[expect(clippy::cast_precision_loss, reason = "a few thousand points")]
                let points = (joins.len() * stays.len()) as f64;
                // All alike where there is one of each, to the last bit.
                let alone = homes.len() == 1 && group.classes.len() == 1;
                let weight = if alone { 1.0 } else { share * class.share.0 / points };
                visits.extend(stays.iter().map(|&stay| {
                    let length_us = stay.max(Micros(1)).min(left).seconds() * 1e6;
                    Sampled { weight, join, length_us }
                }));
            }
        }
    }
    visits
}
