//! Replies: a room's chat excites itself.
//!
//! Hawkes–Oakes clusters (Hawkes & Oakes 1974): every message, own or reply, has Poisson(n)
//! replies, each an Exp(β) delay later (1/β is `decay`). Number and delays are keyed by the parent
//! message alone; a message's cluster therefore has the Borel distribution of sizes, mean
//! 1/(1 − n), whoever else is there.
//!
//! Only a reply's *author* needs the room. He is drawn among those present (joined, not yet left)
//! other than the parent's author, with weights proportional to his group's rate of messages and to
//! his own weight: then each group's mean rate, replies included, is the declared one, and a silent
//! group does not answer. Groups that keep a metronome neither answer nor are answered. Those
//! present are listed by (group, class of weights), so that all of a list weigh the same.
//!
//! **Small rooms.** With nobody present but the parent's author the reply is dropped: nobody
//! answers himself, and an empty room is silent. An author who wrote less than [`REPLY_GAP`] before
//! is drawn again, once; if that one wrote as lately, the reply is dropped. What is dropped is
//! counted, and has no replies of its own. (The gap holds between a reply and the messages before
//! it; an own message may follow a reply sooner.)

use crate::acts::after;
use crate::audience::Dropped;
use crate::entry::{Author, Class, Entry, VISIT_SHIFT, sequence};
use crate::random::{Key, Purpose, Stream};
use crate::sample::poisson_quantile;
use crate::{IntentKind, Micros, Replies, ShowId};

/// A viewer who wrote less than this before does not write a reply.
pub const REPLY_GAP: Micros = Micros(2_000_000);

/// The law of the replies to one message.
#[derive(Clone, Copy, Debug)]
struct Offspring {
    branching: f64,
    /// e^−n.
    none: f64,
    decay_us: f64,
}

impl Offspring {
    fn new(replies: Replies) -> Offspring {
        let decay_us = replies.decay.seconds() * 1e6;
        Offspring { branching: replies.branching, none: libm::exp(-replies.branching), decay_us }
    }

    /// Key and instant of each reply to the message of key `message` at `at`, all later than it.
    #[inline]
    fn of(self, message: Key, at: Micros) -> impl Iterator<Item = (Key, Micros)> {
        let mut stream = message.stream();
        let count = poisson_quantile(stream.uniform(), self.branching, self.none);
        (0..count).map(move |child| {
            let planned = after(at, self.decay_us * stream.exponential());
            (message.entity(u64::from(child)), planned.max(at.saturating_add(Micros(1))))
        })
    }
}

/// One show's room: who is there, and what is being answered.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    show: ShowId,
    offspring: Offspring,
    end: Micros,
    lists: Vec<Writers>,
    /// The first list of each group, by group + 1; [`NONE`] of who does not write here.
    first: Vec<usize>,
    /// The weight of all lists together.
    total: u64,
    pub(crate) dropped: Dropped,
    messages: Key,
    authors: Key,
}

/// No list.
const NONE: usize = usize::MAX;

/// Those of one group and class of weights who are there.
#[derive(Clone, Debug)]
struct Writers {
    /// Group + 1.
    owner: u16,
    /// A member's weight, in messages per 10⁶ s, at least 1.
    weight: u64,
    /// The present, and some who have left and were not yet found out.
    present: Vec<Present>,
    /// Length at which those who have left are swept out.
    sweep_at: usize,
}

/// Somebody in the room. Kept small and together: each draw of an author misses the cache.
#[derive(Clone, Copy, Debug)]
struct Present {
    leave: Micros,
    index: u32,
    visit: u32,
}

/// What the viewers of all groups that answer have written, in whatever room.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// By group; empty of a group that does not answer.
    groups: Vec<Vec<Wrote>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Wrote {
    /// The first instant at which the viewer may write a reply.
    rested: Micros,
    /// Replies written.
    replies: u32,
}

impl Written {
    /// Nothing yet, by groups of these sizes.
    pub(crate) fn new(sizes: impl Iterator<Item = u32>) -> Written {
        Written { groups: sizes.map(|size| vec![Wrote::default(); size as usize]).collect() }
    }

    #[inline]
    fn of(&mut self, author: Author) -> &mut Wrote {
        &mut self.groups[author.group()][author.index as usize]
    }
}

/// The weights of a group that writes at `rate` a second, from the relative ones of its classes.
pub(crate) fn weights(rate: f64, relative: &[f64]) -> Vec<u64> {
    let weight = |relative: &f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and saturating is right"
        )]
        let weight = (rate * 1e6 * relative) as u64;
        weight.clamp(1, 1 << 31)
    };
    relative.iter().map(weight).collect()
}

impl Room {
    /// The room of a show whose writing groups are `groups` (group + 1, the weights of its classes).
    pub(crate) fn new(
        seed: u64,
        show: ShowId,
        replies: Replies,
        end: Micros,
        groups: impl Iterator<Item = (u16, Vec<u64>)>,
    ) -> Room {
        let (mut lists, mut first) = (Vec::new(), Vec::new());
        for (owner, weights) in groups {
            first.resize(first.len().max(usize::from(owner) + 1), NONE);
            first[usize::from(owner)] = lists.len();
            lists.extend(weights.into_iter().map(|weight| Writers {
                owner,
                weight,
                present: Vec::new(),
                sweep_at: 64,
            }));
        }
        Room {
            show,
            offspring: Offspring::new(replies),
            end,
            lists,
            first,
            total: 0,
            dropped: Dropped::default(),
            messages: Key::new(seed, Purpose::Replies),
            authors: Key::new(seed, Purpose::Author),
        }
    }

    /// A viewer enters; silent groups are not noted.
    #[inline]
    pub(crate) fn enter(&mut self, join: &Entry) {
        let viewer = join.author();
        if let Some(first) = self.first(viewer.owner) {
            let writers = &mut self.lists[first + join.class()];
            let before = writers.total();
            let visit = join.sequence() >> (3 + VISIT_SHIFT);
            writers.enter(join.at(), Present { leave: join.leave(), index: viewer.index, visit });
            self.total = self.total - before + writers.total();
        }
    }

    /// A viewer's own message: plans the replies to it.
    #[inline]
    pub(crate) fn own_message(
        &mut self,
        message: &Entry,
        written: &mut Written,
        sink: &mut impl FnMut(Entry),
    ) {
        let (at, author) = (message.at(), message.author());
        if self.first(author.owner).is_some() {
            written.of(author).rested = at.saturating_add(REPLY_GAP);
            let viewer = self.messages.entity(author.actor().number());
            let key = viewer.entity(u64::from(message.sequence()));
            self.answer(key, author, at, sink);
        }
    }

    /// The time of a reply has come: draws its author and plans the replies to it. `None` if it is
    /// dropped.
    pub(crate) fn reply(
        &mut self,
        reply: &Entry,
        written: &mut Written,
        sink: &mut impl FnMut(Entry),
    ) -> Option<Entry> {
        let (at, parent, key) = (reply.at(), reply.author(), Key(reply.reply_key()));
        let mut stream = self.authors.entity(key.0).stream();
        for _ in 0..2 {
            let Some((author, visit)) = self.draw(at, parent, &mut stream) else {
                self.dropped.nobody += 1;
                return None;
            };
            let wrote = written.of(author);
            if at < wrote.rested {
                continue;
            }
            wrote.rested = at.saturating_add(REPLY_GAP);
            let id = sequence(Class::Reply, visit << VISIT_SHIFT | wrote.replies);
            wrote.replies += 1;
            self.answer(key, author, at, sink);
            return Some(Entry::new(at, IntentKind::Chat as u8, self.show, author, id));
        }
        self.dropped.too_soon += 1;
        None
    }

    /// Plans the replies to a message.
    #[inline]
    fn answer(&mut self, key: Key, author: Author, at: Micros, sink: &mut impl FnMut(Entry)) {
        for (child, at) in self.offspring.of(key, at) {
            if at < self.end {
                sink(Entry::reply(at, self.show, author, child.0));
            } else {
                self.dropped.ended += 1;
            }
        }
    }

    /// Somebody present at `at` other than `parent`, by weight, with the number of his visit;
    /// `None` if there is nobody.
    ///
    /// Draws among all entries and throws those away that may not be: what is left is distributed
    /// as among the rest alone. Who has left goes out of the list when found, so the search ends.
    fn draw(&mut self, at: Micros, parent: Author, stream: &mut Stream) -> Option<(Author, u32)> {
        let mut parents = 0;
        loop {
            if self.total == 0 {
                return None;
            }
            let (list, place) = self.place(stream.integer(self.total));
            let writers = &mut self.lists[list];
            let Present { leave, index, visit } = writers.present[place];
            let author = Author { owner: writers.owner, index };
            if leave <= at {
                writers.present.swap_remove(place);
                self.total -= writers.weight;
            } else if author != parent {
                return Some((author, visit));
            } else if self.is_alone() {
                return None;
            } else {
                // Beside one who weighs 2²⁰ as much as all others together, they would wait long.
                parents += 1;
                if parents == PARENTS_MAX {
                    return self.draw_other(at, (list, place), stream);
                }
            }
        }
    }

    /// As [`Room::draw`], without the parent's author, who is at a known place.
    #[cold]
    fn draw_other(
        &mut self,
        at: Micros,
        (list, place): (usize, usize),
        stream: &mut Stream,
    ) -> Option<(Author, u32)> {
        let parent = self.lists[list].present.swap_remove(place);
        for writers in &mut self.lists {
            writers.present.retain(|viewer| viewer.leave > at);
        }
        self.total = self.lists.iter().map(Writers::total).sum();
        let drawn = (self.total > 0).then(|| {
            let (list, place) = self.place(stream.integer(self.total));
            let writers = &self.lists[list];
            let Present { index, visit, .. } = writers.present[place];
            (Author { owner: writers.owner, index }, visit)
        });
        self.lists[list].present.push(parent);
        self.total += self.lists[list].weight;
        drawn
    }

    /// The list and the place in it of a ticket below the total.
    #[inline]
    fn place(&self, mut ticket: u64) -> (usize, usize) {
        let mut list = 0;
        loop {
            let writers = &self.lists[list];
            let total = writers.total();
            if ticket < total {
                #[expect(clippy::cast_possible_truncation, reason = "a place in a Vec")]
                return (list, (ticket / writers.weight) as usize);
            }
            ticket -= total;
            list += 1;
        }
    }

    fn is_alone(&self) -> bool {
        self.lists.iter().map(|writers| writers.present.len()).sum::<usize>() == 1
    }

    #[inline]
    fn first(&self, owner: u16) -> Option<usize> {
        self.first.get(usize::from(owner)).copied().filter(|first| *first != NONE)
    }
}

/// How often the parent's author is drawn in vain before he is left out.
const PARENTS_MAX: u32 = 64;

impl Writers {
    #[inline]
    fn total(&self) -> u64 {
        self.present.len() as u64 * self.weight
    }

    /// Takes a viewer in; and those out who have left, when the list is twice as long as after
    /// the last time.
    #[inline]
    fn enter(&mut self, now: Micros, viewer: Present) {
        if self.present.len() >= self.sweep_at {
            self.present.retain(|viewer| viewer.leave > now);
            self.sweep_at = (2 * self.present.len()).max(64);
        }
        self.present.push(viewer);
    }
}

#[cfg(test)]
mod tests;
