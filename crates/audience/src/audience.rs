//! The whole audience of a plan as one source of intents in time order.
//!
//! Plan time is cut into buckets ([`crate::queue`]). When a bucket is opened, the visits that
//! begin in it are drawn whole (but for the later batches of long ones), their acts go to the
//! buckets of their instants, and what the bucket itself holds is put in order and yielded. A
//! room with replies is played through on the way: it notes who enters, plans the replies to each
//! message, and draws a reply's author when its time comes. Who stays to the end of a show is noted
//! instead of queued: all those leaves come at one instant, in the order of the viewers.
//!
//! A shard draws the visits of its own viewers only; where there are replies it also needs the
//! joins and messages of all others in the room, since any of them may be the author of a reply.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::entry::{Author, Entry, MORE_CHAT, MORE_LIKES, REPLY, What};
use crate::queue::{Queue, Sorter};
use crate::replies::Room;
use crate::visit::{Visitors, Visits, Wanted};
use crate::{
    Actor, CueAct, Intent, IntentKind, IntentSource, Micros, Plan, ProductId, Shard, ShowId,
};

const JOIN: What = IntentKind::Join as What;
const CHAT: What = IntentKind::Chat as What;

/// Intents that a bucket should hold: few enough to be sorted in the cache, many enough that the
/// ends of all buckets fit into it too.
const BUCKET_INTENTS: f64 = 8192.0;
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
    arrivals: Arrivals,
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
        let intents: f64 =
            visits.groups.iter().map(|group| f64::from(group.size) * group.acts_mean).sum();
        let end = visits.cues.iter().map(|cues| cues.end).max().unwrap_or(plan.length);
        let end =
            plan.shows.iter().flat_map(|show| &show.cues).map(|cue| cue.at).fold(end, Ord::max);
        let width = Micros::from_seconds(end.seconds() * BUCKET_INTENTS / intents.max(1.0));
        let mut queue =
            Queue::new(end, width.clamp(Micros(end.0 / BUCKETS_MAX + 1), end.max(Micros(1))));
        let arrivals = Arrivals::new(&visits, &queue, shard, &rooms);
        push_cues(plan, shard, &mut queue);
        Audience {
            sizes: visits.groups.iter().map(|group| group.size).collect(),
            stayers: Stayers::new(&visits),
            visits,
            shard,
            rooms,
            arrivals,
            queue,
            next: 0,
            open: Vec::new(),
            yielded: 0,
            soon: BinaryHeap::new(),
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
                intents.extend(due.iter().map(|entry| self.visits.intent(entry)));
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
        let Audience { visits, rooms, queue, open, arrivals, shard, stayers, .. } = self;
        let bucket = self.next;
        (self.next, self.yielded) = (bucket + 1, 0);
        open.clear();
        queue.open(bucket, open);
        let start_next = queue.start(bucket + 1);
        let mut sink = |entry: Entry| {
            if entry.at() < start_next { open.push(entry) } else { queue.push(entry) }
        };
        for viewer in arrivals.of(bucket) {
            let (visitors, index) = arrivals.viewer(&visits.groups, viewer);
            let wanted = wanted(visitors, index, *shard, rooms).unwrap_or(Wanted::Room);
            let leave = visits.start(visitors, index, wanted, &mut sink);
            if wanted == Wanted::All {
                if leave.at() < visitors.end {
                    sink(leave);
                } else {
                    stayers.note(&leave);
                }
            }
        }
        let mut place = 0;
        while place < open.len() {
            if matches!(open[place].what(), MORE_CHAT | MORE_LIKES) {
                let more = open.swap_remove(place);
                visits.resume(&more, &mut |entry| {
                    if entry.at() < start_next { open.push(entry) } else { queue.push(entry) }
                });
            } else {
                place += 1;
            }
        }
        self.sorter.sort(open, queue.start(bucket), start_next);
    }

    /// Plays the open bucket through the rooms: its entries up to `due`, its replies up to `until`.
    fn yield_lively(&mut self, due: usize, until: Micros, intents: &mut Vec<Intent>) {
        let Audience { visits, rooms, queue, open, soon, shard, .. } = self;
        let first = intents.len();
        let mut play = Play { rooms, start_next: queue.start(self.next), queue, soon };
        let mut emit = |entry: Option<Entry>| {
            if let Some(entry) = entry
                && (shard.of == 1 || shard.owns(entry.actor()))
            {
                intents.push(visits.intent(&entry));
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
            CHAT => room.own_message(&entry, &mut plan_reply),
            _ => return room.reply(&entry, &mut plan_reply),
        }
        Some(entry)
    }
}

impl IntentSource for Audience {
    fn fill(&mut self, until: Micros, intents: &mut Vec<Intent>) -> bool {
        while let Some(end) = self.stayers.next_end(until) {
            self.play_until(end.saturating_add(Micros(1)), intents);
            self.stayers.leave(end, &self.visits, intents);
        }
        self.play_until(until, intents);
        self.yielded < self.open.len()
            || !self.soon.is_empty()
            || self.queue.waiting() > 0
            || self.arrivals.after(self.next)
            || self.stayers.waiting > 0
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

/// What a shard wants of a viewer; `None` if nothing.
fn wanted(visitors: &Visitors, index: u32, shard: Shard, rooms: &[Option<Room>]) -> Option<Wanted> {
    if index % shard.of == shard.index {
        return Some(Wanted::All);
    }
    let replies = rooms[usize::from(visitors.show.0)].is_some();
    (replies && visitors.chat.as_ref().is_some_and(|chat| chat.has_replies()))
        .then_some(Wanted::Room)
}

fn rooms(plan: &Plan, visits: &Visits) -> Vec<Option<Room>> {
    (0..)
        .zip(&plan.shows)
        .map(|(show, played)| {
            let writers = visits.groups.iter().filter(|group| {
                group.show == ShowId(show)
                    && group.chat.as_ref().is_some_and(|chat| chat.has_replies())
            });
            let mut writers =
                writers.map(|group| (group.owner, group.rate.per_second, group.size)).peekable();
            let replies = played.replies.branching > 0.0 && writers.peek().is_some();
            let end = visits.cues[usize::from(show)].end;
            replies.then(|| Room::new(plan.seed, ShowId(show), played.replies, end, writers))
        })
        .collect()
}

fn push_cues(plan: &Plan, shard: Shard, queue: &mut Queue) {
    for (show, played) in (0..).zip(&plan.shows) {
        if !shard.owns(Actor::creator(ShowId(show))) {
            continue;
        }
        for (number, cue) in (0..).zip(&played.cues) {
            let (kind, product) = match cue.act {
                CueAct::GoLive => (IntentKind::GoLive, ProductId(0)),
                CueAct::Pin { product } => (IntentKind::Pin, product),
                CueAct::PriceChange { product, .. } => (IntentKind::PriceChange, product),
                CueAct::FlashSale { product, .. } => (IntentKind::FlashSale, product),
                CueAct::Giveaway { product, .. } => (IntentKind::Giveaway, product),
                CueAct::Raid { .. } => (IntentKind::Raid, ProductId(0)),
                CueAct::Say { .. } => (IntentKind::Chat, ProductId(0)),
                CueAct::End => (IntentKind::End, ProductId(0)),
            };
            let creator = Author { owner: 0, index: u32::from(show) };
            let entry = Entry::new(cue.at, kind as u8, ShowId(show), creator, number);
            queue.push(entry.with_extra(number).with_product(product));
        }
    }
}

/// Who stays to the end of a show.
#[derive(Clone, Debug)]
struct Stayers {
    /// Whether each viewer does, by group.
    groups: Vec<Vec<bool>>,
    /// When shows end, the next one last.
    ends: Vec<Micros>,
    /// How many have not left yet.
    waiting: usize,
}

impl Stayers {
    fn new(visits: &Visits) -> Stayers {
        let groups = visits.groups.iter().map(|group| vec![false; group.size as usize]).collect();
        let mut ends: Vec<Micros> = visits.cues.iter().map(|cues| cues.end).collect();
        ends.sort_unstable_by(|a, b| b.cmp(a));
        ends.dedup();
        Stayers { groups, ends, waiting: 0 }
    }

    /// Takes note of a leave at the end.
    #[inline]
    fn note(&mut self, leave: &Entry) {
        let Author { index, .. } = leave.author();
        self.groups[leave.author().group()][index as usize] = true;
        self.waiting += 1;
    }

    /// The next end of shows, if it comes before `until`; it is not asked for again.
    fn next_end(&mut self, until: Micros) -> Option<Micros> {
        self.ends.pop_if(|end| *end < until)
    }

    /// Appends the leaves of all who stayed to the shows that end at `end`, when all else planned
    /// up to that instant is there.
    fn leave(&mut self, end: Micros, visits: &Visits, intents: &mut Vec<Intent>) {
        let ending =
            || visits.groups.iter().zip(&self.groups).filter(|(group, _)| group.end == end);
        let count = ending().flat_map(|(_, stayed)| stayed).filter(|stayed| **stayed).count();
        intents.reserve(count);
        let before = intents.iter().rev().take_while(|intent| intent.at == end).count();
        let first = intents.len() - before;
        for (group, stayed) in ending() {
            let leaves = (0..).zip(stayed).filter(|(_, stayed)| **stayed);
            intents.extend(leaves.map(|(index, _)| visits.intent(&group.leave(index, end))));
        }
        self.waiting -= count;
        order_ties(&mut intents[first..]);
    }
}

/// Who begins a visit in which bucket: 4 bytes a viewer.
#[derive(Clone, Debug)]
struct Arrivals {
    /// Viewers, counted through all groups, by bucket.
    viewers: Vec<u32>,
    /// Where each bucket's viewers begin, and where the last ends.
    starts: Vec<u32>,
    /// The number of the first viewer of each group.
    groups: Vec<u32>,
}

impl Arrivals {
    /// A counting sort by bucket; order within a bucket does not matter.
    fn new(visits: &Visits, queue: &Queue, shard: Shard, rooms: &[Option<Room>]) -> Arrivals {
        let mut groups = Vec::with_capacity(visits.groups.len());
        let mut total = 0_u32;
        for group in &visits.groups {
            groups.push(total);
            total = total.checked_add(group.size).expect("an audience is smaller than 2³² viewers");
        }
        let mut buckets = Vec::new();
        let mut starts = vec![0_u32; queue.len() + 1];
        for (visitors, &first) in visits.groups.iter().zip(&groups) {
            for index in 0..visitors.size {
                if wanted(visitors, index, shard, rooms).is_some() {
                    let bucket = queue.bucket(visits.join(visitors, index));
                    starts[bucket + 1] += 1;
                    #[expect(clippy::cast_possible_truncation, reason = "at most BUCKETS_MAX")]
                    buckets.push((bucket as u32, first + index));
                }
            }
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut ends = starts.clone();
        let mut viewers = vec![0; buckets.len()];
        for (bucket, viewer) in buckets {
            let end = &mut ends[bucket as usize];
            viewers[*end as usize] = viewer;
            *end += 1;
        }
        Arrivals { viewers, starts, groups }
    }

    /// The viewers whose visits begin in `bucket`, as places of a list.
    fn of(&self, bucket: usize) -> std::ops::Range<usize> {
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }

    /// The group and index of the viewer at a place of the list.
    fn viewer<'a>(&self, groups: &'a [Visitors], place: usize) -> (&'a Visitors, u32) {
        let viewer = self.viewers[place];
        let group = self.groups.partition_point(|&first| first <= viewer) - 1;
        (&groups[group], viewer - self.groups[group])
    }

    /// Whether any visit begins in or after `bucket`.
    fn after(&self, bucket: usize) -> bool {
        self.starts.get(bucket).is_some_and(|&start| (start as usize) < self.viewers.len())
    }
}
