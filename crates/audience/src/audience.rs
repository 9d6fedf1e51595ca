//! The whole audience of a plan as one source of intents in time order.
//!
//! Plan time is cut into buckets ([`crate::queue`]). When a bucket is opened, the visits that
//! begin in it are drawn whole (but for the later batches of long ones), their acts go to the
//! buckets of their instants, and what the bucket itself holds is put in order and yielded. The
//! viewer's next visit waits as one entry at its join. A room with replies is played through on the
//! way: it notes who enters, plans the replies to each message, and draws a reply's author when its
//! time comes. Who stays to the end of a show is noted instead of queued ([`crate::stayers`]).
//!
//! A shard draws the visits of its own viewers only; where there are replies it also needs the
//! joins and messages of all others in the room, since any of them may be the author of a reply,
//! and so the visits that lead them there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::chain::Stay;
use crate::entry::{Entry, MORE_VISITS, REPLY, VISIT_SHIFT, What};
use crate::first_joins::FirstJoins;
use crate::hosts;
use crate::joins::Joins;
use crate::queue::{Queue, Sorter};
use crate::replies::{Room, Written, weights};
use crate::stayers::Stayers;
use crate::visit::{Visits, Wanted, intent, is_more, leave};
use crate::visitors::Visitors;
use crate::{Intent, IntentKind, IntentSource, Micros, Plan, Shard, ShowId};

const JOIN: What = IntentKind::Join as What;
const CHAT: What = IntentKind::Chat as What;

/// Intents that a bucket should hold: few enough to be sorted in the cache, many enough that the
/// ends of all buckets fit into it too.
const BUCKET_INTENTS: f64 = 8192.0;
/// How many continuations ahead of its use a join is read, so that the cache has it by then.
const AHEAD: usize = 8;
/// No more buckets than this, however long the plan.
const BUCKETS_MAX: u64 = 1 << 17;

/// Replies that were drawn and then not written, over the whole audience (every shard replays
/// the rooms, so every shard counts the same).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Nobody but the parent's author was in the room.
    pub nobody: u64,
    /// Both authors drawn had written less than [`crate::REPLY_GAP`] before.
    pub too_soon: u64,
    /// The show had ended.
    pub ended: u64,
}

/// The audience of a plan, or one shard of it.
#[derive(Clone, Debug)]
pub struct Audience {
    visits: Visits,
    shard: Shard,
    sizes: Vec<u32>,
    /// The room of each show that has replies.
    rooms: Vec<Option<Room>>,
    written: Written,
    first_joins: FirstJoins,
    queue: Queue,
    /// The bucket to be opened next.
    next: usize,
    /// What the open bucket holds, in order; up to `yielded` it was asked for.
    open: Vec<Entry>,
    yielded: usize,
    /// Replies that fall into the open bucket.
    soon: BinaryHeap<Reverse<Reply>>,
    sorter: Sorter,
    stayers: Stayers,
    joins: Joins,
    /// Continuations of the open bucket; empty in between.
    more: Vec<Entry>,
}

impl Audience {
    /// The whole audience.
    #[must_use]
    pub fn new(plan: &Plan) -> Audience {
        Audience::shard(plan, Shard::WHOLE)
    }

    /// One of the parts whose union is the whole, bit for bit.
    #[must_use]
    pub fn shard(plan: &Plan, shard: Shard) -> Audience {
        let visits = Visits::new(plan);
        let rooms = rooms(plan, &visits);
        let answers = |group: &Visitors| group.replies() && meets_replies(group, &rooms);
        let sizes = visits.groups.iter().map(|group| if answers(group) { group.size } else { 0 });
        let written = Written::new(sizes);
        let end = visits.chains.cues.iter().map(|cues| cues.end).max().unwrap_or(plan.length);
        let end =
            plan.shows.iter().flat_map(|show| &show.cues).map(|cue| cue.at).fold(end, Ord::max);
        let intents: f64 = visits.groups.iter().map(|group| acts_expected(&visits, group)).sum();
        let width = Micros::from_seconds(end.seconds() * BUCKET_INTENTS / intents.max(1.0));
        let mut queue =
            Queue::new(end, width.clamp(Micros(end.0 / BUCKETS_MAX + 1), end.max(Micros(1))));
        let first_joins = FirstJoins::new(&visits, &queue, |group, index| {
            index % shard.of == shard.index || answers(group)
        });
        hosts::acts(plan, shard, &mut |entry| queue.push(entry));
        Audience {
            sizes: visits.groups.iter().map(|group| group.size).collect(),
            stayers: Stayers::new(&visits),
            joins: Joins::new(
                visits.groups.iter().map(|group| if group.ages() { group.size } else { 0 }),
            ),
            visits,
            shard,
            rooms,
            written,
            first_joins,
            queue,
            next: 0,
            open: Vec::new(),
            yielded: 0,
            soon: BinaryHeap::new(),
            more: Vec::new(),
            sorter: Sorter::default(),
        }
    }

    /// Viewers of each group, after drawing the sizes that are random.
    #[must_use]
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// Replies dropped so far.
    #[must_use]
    pub fn dropped(&self) -> Dropped {
        let mut sum = Dropped::default();
        for room in self.rooms.iter().flatten() {
            sum.nobody += room.dropped.nobody;
            sum.too_soon += room.dropped.too_soon;
            sum.ended += room.dropped.ended;
        }
        sum
    }

    /// Appends what is planned before `until`, but for the leaves at the end of shows.
    fn play_until(&mut self, until: Micros, intents: &mut Vec<Intent>) {
        let lively = self.rooms.iter().any(Option::is_some);
        loop {
            let waiting = &self.open[self.yielded..];
            let due = self.yielded + waiting.partition_point(|entry| entry.at() < until);
            if lively {
                self.yield_lively(due, until, intents);
            } else {
                let due = &self.open[self.yielded..due];
                intents.extend(due.iter().map(intent));
            }
            self.yielded = due;
            if self.next == self.queue.len() || self.queue.start(self.next) >= until {
                return;
            }
            self.open_next();
        }
    }

    /// Fills `open` with everything that happens in the next bucket but replies to its own
    /// messages.
    fn open_next(&mut self) {
        let Audience {
            visits, rooms, queue, open, first_joins, shard, stayers, joins, more, ..
        } = self;
        let bucket = self.next;
        (self.next, self.yielded) = (bucket + 1, 0);
        open.clear();
        queue.open(bucket, open);
        let start_next = queue.start(bucket + 1);
        let mut begin = |visitors: &Visitors, stay: &Stay, open: &mut Vec<Entry>| {
            let mut sink = |entry: Entry| {
                if entry.at() < start_next { open.push(entry) } else { queue.push(entry) }
            };
            let wanted = wanted(visitors, stay, *shard, rooms);
            visits.start(visitors, stay, wanted, &mut sink);
            joins.note(stay);
            if wanted == Wanted::All {
                if stay.leave < visits.chains.cues(stay.show).end {
                    sink(leave(stay));
                } else {
                    stayers.note(stay);
                }
            }
        };
        for viewer in first_joins.of(bucket) {
            let (visitors, index) = first_joins.viewer(&visits.groups, viewer);
            if let Some(stay) = visits.chains.first_stay(visitors, index) {
                begin(visitors, &stay, open);
            }
        }
        let mut place = 0;
        while place < open.len() {
            let what = open[place].what();
            if what == MORE_VISITS {
                let next = open.swap_remove(place);
                let (author, visit) = (next.author(), next.sequence() >> VISIT_SHIFT);
                let visitors = &visits.groups[author.group()];
                let join = (next.show(), next.at());
                let stay = visits.chains.stay(visitors, author.index, visit, join);
                begin(visitors, &stay, open);
            } else {
                place += 1;
            }
        }
        let mut settled = 0;
        loop {
            // Apart, so that it is known in time whose joins will be read.
            more.clear();
            while settled < open.len() {
                if is_more(open[settled].what()) {
                    more.push(open.swap_remove(settled));
                } else {
                    settled += 1;
                }
            }
            if more.is_empty() {
                break;
            }
            for (place, entry) in more.iter().enumerate() {
                if let Some(later) = more.get(place + AHEAD) {
                    joins.touch(later.author());
                }
                visits.resume(entry, |viewer, visit| joins.of(viewer, visit), &mut |entry| {
                    if entry.at() < start_next { open.push(entry) } else { queue.push(entry) }
                });
            }
        }
        self.sorter.sort(open, queue.start(bucket), start_next);
    }

    /// Plays the open bucket through the rooms: its entries up to `due`, its replies up to `until`.
    fn yield_lively(&mut self, due: usize, until: Micros, intents: &mut Vec<Intent>) {
        let Audience { rooms, written, queue, open, soon, shard, .. } = self;
        let first = intents.len();
        let mut play = Play { rooms, written, start_next: queue.start(self.next), queue, soon };
        let mut emit = |entry: Option<Entry>| {
            if let Some(entry) = entry
                && (shard.of == 1 || shard.owns(entry.actor()))
            {
                intents.push(intent(&entry));
            }
        };
        for entry in &open[self.yielded..due] {
            while let Some(reply) = play.due(|reply| reply.order(entry).is_lt()) {
                emit(play.play(reply));
            }
            emit(play.play(*entry));
        }
        while let Some(reply) = play.due(|reply| reply.at() < until) {
            emit(play.play(reply));
        }
        order_ties(&mut intents[first..]);
    }
}

/// A bucket being played through the rooms.
struct Play<'a> {
    rooms: &'a mut [Option<Room>],
    written: &'a mut Written,
    queue: &'a mut Queue,
    start_next: Micros,
    soon: &'a mut BinaryHeap<Reverse<Reply>>,
}

impl Play<'_> {
    /// The next reply of the open bucket, if `is_due`.
    #[inline]
    fn due(&mut self, is_due: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let Reverse(Reply(reply)) = self.soon.peek()?;
        if is_due(reply) { self.soon.pop().map(|due| due.0.0) } else { None }
    }

    /// What becomes of an entry when its time comes: itself, a reply with its author, or nothing.
    #[inline]
    fn play(&mut self, entry: Entry) -> Option<Entry> {
        let what = entry.what();
        // Joins, messages and replies make a difference to a room; all else passes by.
        if !matches!(what, JOIN | CHAT | REPLY) {
            return Some(entry);
        }
        let show = usize::from(entry.show().0);
        let Some(room) = self.rooms[show].as_mut() else { return Some(entry) };
        let mut plan_reply = |reply: Entry| {
            if reply.at() < self.start_next {
                self.soon.push(Reverse(Reply(reply)));
            } else {
                self.queue.push(reply);
            }
        };
        match what {
            JOIN => room.enter(&entry),
            CHAT => room.own_message(&entry, self.written, &mut plan_reply),
            _ => return room.reply(&entry, self.written, &mut plan_reply),
        }
        Some(entry)
    }
}

impl IntentSource for Audience {
    fn fill(&mut self, until: Micros, intents: &mut Vec<Intent>) -> bool {
        while let Some(end) = self.stayers.next_end(until) {
            self.play_until(end.saturating_add(Micros(1)), intents);
            let before = intents.iter().rev().take_while(|intent| intent.at == end).count();
            let first = intents.len() - before;
            self.stayers.leave(end, &self.visits, intents);
            order_ties(&mut intents[first..]);
        }
        self.play_until(until, intents);
        self.yielded < self.open.len()
            || !self.soon.is_empty()
            || self.queue.waiting() > 0
            || self.first_joins.after(self.next)
            || self.stayers.is_waiting()
    }
}

/// A reply due within the open bucket, by the order of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reply(Entry);

impl Ord for Reply {
    fn cmp(&self, other: &Reply) -> std::cmp::Ordering {
        self.0.order(&other.0)
    }
}

impl PartialOrd for Reply {
    fn partial_cmp(&self, other: &Reply) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Puts intents of one instant in order: a reply's author, and with him its place, was not known
/// before. All but a few are in place, so that insertion is linear.
fn order_ties(intents: &mut [Intent]) {
    for unplaced in 1..intents.len() {
        let mut place = unplaced;
        while place > 0
            && intents[place - 1].at >= intents[place].at
            && intents[place - 1].order() > intents[place].order()
        {
            intents.swap(place - 1, place);
            place -= 1;
        }
    }
}

/// What a shard wants of a visit.
#[inline]
fn wanted(visitors: &Visitors, stay: &Stay, shard: Shard, rooms: &[Option<Room>]) -> Wanted {
    if shard.of == 1 || stay.viewer.index % shard.of == shard.index {
        Wanted::All
    } else if visitors.replies() && rooms[usize::from(stay.show.0)].is_some() {
        Wanted::Room
    } else {
        Wanted::Next
    }
}

/// Whether a viewer of the group can ever be in a room with replies.
fn meets_replies(group: &Visitors, rooms: &[Option<Room>]) -> bool {
    group.reach.iter().zip(rooms).any(|(reach, room)| *reach && room.is_some())
}

/// Acts to expect of a group: a guess, from a few of its viewers, for the size of buckets.
fn acts_expected(visits: &Visits, group: &Visitors) -> f64 {
    const VIEWERS: u32 = 64;
    let sampled = group.size.min(VIEWERS);
    let viewers = (0..sampled).map(|viewer| {
        let index = u64::from(viewer) * u64::from(group.size) / u64::from(sampled);
        u32::try_from(index).expect("below the size")
    });
    let acts: f64 = viewers
        .flat_map(|index| visits.stays(group, index))
        .map(|stay| group.acts_expected(&stay))
        .sum();
    acts * f64::from(group.size) / f64::from(sampled.max(1))
}

/// The room of each show that has replies and somebody to write them.
fn rooms(plan: &Plan, visits: &Visits) -> Vec<Option<Room>> {
    (0..)
        .zip(&plan.shows)
        .map(|(show, played)| {
            let writers = visits
                .groups
                .iter()
                .filter(|group| group.reach[usize::from(show)] && group.replies());
            let mut writers = writers
                .map(|group| {
                    let pace = group.chat.as_ref().and_then(|chat| chat.pace());
                    let relative = pace.map_or(vec![1.0], |pace| pace.weights.relative());
                    (group.owner, weights(group.rate.per_second, &relative))
                })
                .peekable();
            let replies = played.replies.branching > 0.0 && writers.peek().is_some();
            let end = visits.chains.cues[usize::from(show)].end;
            replies.then(|| Room::new(plan.seed, ShowId(show), played.replies, end, writers))
        })
        .collect()
}
