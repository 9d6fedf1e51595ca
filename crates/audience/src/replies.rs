//! Replies: a room's chat excites itself.
//!
//! Hawkes–Oakes clusters (Hawkes & Oakes 1974): every message, own or reply, has Poisson(n)
//! replies, each an Exp(β) delay later (1/β is `decay`). Number and delays are keyed by the parent
//! message alone; a message's cluster therefore has the Borel distribution of sizes, mean
//! 1/(1 − n), whoever else is there.
//!
//! Only a reply's *author* needs the room. He is drawn among those present (joined, not yet left)
//! other than the parent's author, with weights proportional to his group's rate of messages: then
//! each group's mean rate, replies included, is the declared one, and a silent group does not
//! answer. Groups that keep a metronome neither answer nor are answered.
//!
//! **Small rooms.** With nobody present but the parent's author the reply is dropped: nobody
//! answers himself, and an empty room is silent. An author who wrote less than [`REPLY_GAP`] before
//! is drawn again, once; if that one wrote as lately, the reply is dropped. What is dropped is
//! counted, and has no replies of its own. (The gap holds between a reply and the messages before
//! it; an own message may follow a reply sooner.)

use crate::audience::Dropped;
use crate::chat::after;
use crate::entry::{Author, Class, Entry, sequence};
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
    groups: Vec<Writers>,
    pub(crate) dropped: Dropped,
    messages: Key,
    authors: Key,
}

/// Those of one group who write, and when they last did.
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
    /// What each viewer of the group wrote.
    wrote: Vec<Wrote>,
}

/// Somebody in the room. Kept small and together: each draw of an author misses the cache.
#[derive(Clone, Copy, Debug)]
struct Present {
    leave: Micros,
    index: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Wrote {
    /// The first instant at which the viewer may write a reply.
    rested: Micros,
    /// Replies written.
    replies: u32,
}

impl Room {
    /// The room of a show whose writing groups are `groups` (group + 1, messages a second, size).
    pub(crate) fn new(
        seed: u64,
        show: ShowId,
        replies: Replies,
        end: Micros,
        groups: impl Iterator<Item = (u16, f64, u32)>,
    ) -> Room {
        let groups = groups
            .map(|(owner, rate, size)| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "positive, and saturating is right"
                )]
                let weight = ((rate * 1e6) as u64).clamp(1, 1 << 31);
                let wrote = vec![Wrote::default(); size as usize];
                Writers { owner, weight, present: Vec::new(), sweep_at: 64, wrote }
            })
            .collect();
        Room {
            show,
            offspring: Offspring::new(replies),
            end,
            groups,
            dropped: Dropped::default(),
            messages: Key::new(seed, Purpose::Replies),
            authors: Key::new(seed, Purpose::Author),
        }
    }

    /// A viewer enters; silent groups are not noted.
    #[inline]
    pub(crate) fn enter(&mut self, join: &Entry) {
        let viewer = join.author();
        if let Some(writers) = self.writers(viewer.owner) {
            writers.enter(join.at(), join.leave(), viewer.index);
        }
    }

    /// A viewer's own message: plans the replies to it.
    #[inline]
    pub(crate) fn own_message(&mut self, message: &Entry, sink: &mut impl FnMut(Entry)) {
        let (at, author) = (message.at(), message.author());
        if let Some(writers) = self.writers(author.owner) {
            writers.wrote[author.index as usize].rested = at.saturating_add(REPLY_GAP);
            let viewer = self.messages.entity(author.actor().number());
            let key = viewer.entity(u64::from(message.sequence()));
            self.answer(key, author, at, sink);
        }
    }

    /// The time of a reply has come: draws its author and plans the replies to it. `None` if it is
    /// dropped.
    pub(crate) fn reply(&mut self, reply: &Entry, sink: &mut impl FnMut(Entry)) -> Option<Entry> {
        let (at, parent, key) = (reply.at(), reply.author(), Key(reply.reply_key()));
        let mut stream = self.authors.entity(key.0).stream();
        for _ in 0..2 {
            let Some((group, author)) = self.draw(at, parent, &mut stream) else {
                self.dropped.nobody += 1;
                return None;
            };
            let wrote = &mut self.groups[group].wrote[author.index as usize];
            if at < wrote.rested {
                continue;
            }
            wrote.rested = at.saturating_add(REPLY_GAP);
            let id = sequence(Class::Reply, wrote.replies);
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

    /// Somebody present at `at` other than `parent`, by weight; `None` if there is nobody.
    ///
    /// Draws among all entries and throws those away that may not be: what is left is distributed
    /// as among the rest alone. Who has left goes out of the list when found, so the search ends.
    fn draw(&mut self, at: Micros, parent: Author, stream: &mut Stream) -> Option<(usize, Author)> {
        loop {
            let total: u64 = self.groups.iter().map(Writers::total).sum();
            if total == 0 {
                return None;
            }
            let mut ticket = stream.integer(total);
            let group = self.groups.iter().position(|writers| {
                let total = writers.total();
                let here = ticket < total;
                if !here {
                    ticket -= total;
                }
                here
            })?;
            let writers = &mut self.groups[group];
            #[expect(clippy::cast_possible_truncation, reason = "a place in a Vec")]
            let place = (ticket / writers.weight) as usize;
            let Present { leave, index } = writers.present[place];
            let author = Author { owner: writers.owner, index };
            if leave <= at {
                writers.present.swap_remove(place);
            } else if author != parent {
                return Some((group, author));
            } else if self.groups.iter().map(|writers| writers.present.len()).sum::<usize>() == 1 {
                return None;
            }
        }
    }

    fn writers(&mut self, owner: u16) -> Option<&mut Writers> {
        self.groups.iter_mut().find(|writers| writers.owner == owner)
    }
}

impl Writers {
    fn total(&self) -> u64 {
        self.present.len() as u64 * self.weight
    }

    /// Takes a viewer in; and those out who have left, when the list is twice as long as after
    /// the last time.
    #[inline]
    fn enter(&mut self, now: Micros, leave: Micros, index: u32) {
        if self.present.len() >= self.sweep_at {
            self.present.retain(|viewer| viewer.leave > now);
            self.sweep_at = (2 * self.present.len()).max(64);
        }
        self.present.push(Present { leave, index });
    }
}

#[cfg(test)]
mod tests;
