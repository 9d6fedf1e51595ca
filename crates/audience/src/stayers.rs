//! Who stays to the end of a show: noted instead of queued, since all those leaves come at one
//! instant, in the order of the viewers.

use crate::chain::Stay;
use crate::entry::Entry;
use crate::visit::{Visits, intent, leave};
use crate::visitors::Visitors;
use crate::{Intent, Micros, ShowId};

/// The leaves at the ends of shows that are still to come.
#[derive(Clone, Debug)]
pub(crate) struct Stayers {
    /// The stay of each viewer, by group: 0 if there is none, else 1 + show × 2⁸ + visit. 4 bytes a
    /// viewer, written once and read in order.
    groups: Vec<Vec<u32>>,
    /// Leaves of viewers who were noted already: a show ended, and the next one that they stay in
    /// began, within one bucket.
    others: Vec<Entry>,
    /// When shows end, the next one last.
    ends: Vec<Micros>,
    /// How many have not left yet.
    waiting: usize,
}

impl Stayers {
    pub(crate) fn new(visits: &Visits) -> Stayers {
        let mut ends: Vec<Micros> = visits.chains.cues.iter().map(|cues| cues.end).collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ends.dedup();
        Stayers {
            groups: visits.groups.iter().map(|group| vec![0; group.size as usize]).collect(),
            others: Vec::new(),
            ends,
            waiting: 0,
        }
    }

    /// Takes note of a stay to the end.
    #[inline]
    pub(crate) fn note(&mut self, stay: &Stay) {
        self.waiting += 1;
        let place = &mut self.groups[stay.viewer.group()][stay.viewer.index as usize];
        if *place == 0 {
            *place = 1 + (u32::from(stay.show.0) << 8 | stay.visit);
        } else {
            self.others.push(leave(stay));
        }
    }

    /// Whether anybody has not left yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting > 0
    }

    /// The next end of shows, if it comes before `until`; it is not asked for again.
    pub(crate) fn next_end(&mut self, until: Micros) -> Option<Micros> {
        self.ends.pop_if(|end| *end < until)
    }

    /// Appends the leaves of all who stayed to the shows that end at `end`, in order but for those
    /// few that were noted apart.
    pub(crate) fn leave(&mut self, end: Micros, visits: &Visits, intents: &mut Vec<Intent>) {
        let before = intents.len();
        let ending: Vec<bool> = visits.chains.cues.iter().map(|cues| cues.end == end).collect();
        for (group, places) in visits.groups.iter().zip(&mut self.groups) {
            if group.reach.iter().zip(&ending).any(|(reach, ending)| *reach && *ending) {
                leave_group(group, places, (end, &ending), intents);
            }
        }
        self.others.retain(|other| {
            let leaves = other.at() == end;
            if leaves {
                intents.push(intent(other));
            }
            !leaves
        });
        self.waiting -= intents.len() - before;
    }
}

/// Appends the leaves of one group's viewers from the shows that are `ending` at `end`.
fn leave_group(
    group: &Visitors,
    places: &mut [u32],
    (end, ending): (Micros, &[bool]),
    intents: &mut Vec<Intent>,
) {
    let show_of = |place: u32| (place - 1) >> 8;
    let is_leaving = |place: u32| place > 0 && ending[show_of(place) as usize];
    intents.reserve(places.iter().filter(|place| is_leaving(**place)).count());
    for (index, place) in (0..).zip(places) {
        if is_leaving(*place) {
            #[expect(clippy::cast_possible_truncation, reason = "built from a u16")]
            let show = ShowId(show_of(*place) as u16);
            let (viewer, visit) = (group.author(index), (*place - 1) & 0xff);
            let stay = Stay { viewer, visit, show, join: end, leave: end, next: None };
            intents.push(intent(&leave(&stay)));
            *place = 0;
        }
    }
}
