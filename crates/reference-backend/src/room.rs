//! Rooms and their fan-out: who is in, who may speak for the host, and the one order of broadcasts.
//!
//! A room is one mutex. Under it a broadcast takes its `seq`, is encoded once, and is put into
//! every outbox, so all receivers see one order; nothing here ever waits for a receiver.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::link::{Link, Put, lock};
use crate::stats::Stats;
use crate::wire::{Broadcast, Kind, Mark, Refusal, Told};

/// How often counts of likes go out at most.
pub(crate) const LIKES_EVERY: Duration = Duration::from_millis(250);
/// After how many of those ticks the counts of viewers go out: once a second.
pub(crate) const TICKS_A_VIEWERS_COUNT: u32 = 4;
/// The most rooms.
const ROOMS_MAX: usize = 10_000;

/// One room.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) name: Box<str>,
    stats: Arc<Stats>,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    /// Whoever may speak for the room: its creator, then the co-hosts who have gone live in it.
    hosts: Vec<Arc<str>>,
    /// Whom the creator lets go live as well.
    co_hosts: Vec<String>,
    live: bool,
    giveaway: Option<Giveaway>,
    seq: u64,
    likes: u64,
    likes_told: u64,
    viewers_told: usize,
    seats: Vec<Option<Arc<Link>>>,
    free: Vec<usize>,
}

/// A giveaway that can be entered.
#[derive(Debug)]
struct Giveaway {
    product: Box<str>,
    until: Instant,
    entered: BTreeSet<Arc<str>>,
}

/// A place in a room, to be given back.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) room: Arc<Room>,
    place: usize,
}

/// A broadcast that takes a `seq`.
pub(crate) enum Audited<'a> {
    Chat { user: &'a str, text: &'a str },
    Gift { user: &'a str, amount: &'a str, currency: Option<&'a str> },
    Pin { product: &'a str, price: &'a str },
    PriceChange { product: &'a str, price: &'a str },
    FlashSale { product: &'a str, price: &'a str, seconds: u64 },
    Giveaway { product: &'a str, seconds: u64 },
    Raid { to: &'a str },
    End,
}

impl Audited<'_> {
    fn kind(&self) -> Kind {
        match self {
            Audited::Chat { .. } => Kind::Chat,
            Audited::Gift { .. } => Kind::Gift,
            Audited::Pin { .. } => Kind::Pin,
            Audited::PriceChange { .. } => Kind::PriceChange,
            Audited::FlashSale { .. } => Kind::FlashSale,
            Audited::Giveaway { .. } => Kind::Giveaway,
            Audited::Raid { .. } => Kind::Raid,
            Audited::End => Kind::End,
        }
    }

    fn told<'b>(&'b self, room: &'b str, seq: u64, cid: Option<&'b str>) -> Told<'b> {
        match *self {
            Audited::Chat { user, text } => Told::Chat { room, seq, user, cid, text },
            Audited::Gift { user, amount, currency } => {
                Told::Gift { room, seq, user, amount, currency, cid }
            }
            Audited::Pin { product, price } => Told::Pin { room, seq, product, price, cid },
            Audited::PriceChange { product, price } => {
                Told::PriceChange { room, seq, product, price, cid }
            }
            Audited::FlashSale { product, price, seconds } => {
                Told::FlashSale { room, seq, product, price, seconds, cid }
            }
            Audited::Giveaway { product, seconds } => {
                Told::Giveaway { room, seq, product, seconds, cid }
            }
            Audited::Raid { to } => Told::Raid { room, seq, to, cid },
            Audited::End => Told::End { room, seq, cid },
        }
    }
}

impl Room {
    fn new(name: &str, stats: &Arc<Stats>) -> Arc<Room> {
        Arc::new(Room { name: name.into(), stats: Arc::clone(stats), inside: Mutex::default() })
    }

    /// Whether `user` is a host of this room while it is live.
    pub(crate) fn check_host(&self, user: &str) -> Result<(), Refusal> {
        lock(&self.inside).check_host(user)
    }

    /// Broadcasts to everyone in the room and returns the broadcast's `seq`. Hosts alone may send
    /// anything but chat and gifts, and the creator alone an end, which takes the room off the air.
    pub(crate) fn publish(
        &self,
        by: &str,
        what: &Audited<'_>,
        cid: Option<&str>,
    ) -> Result<u64, Refusal> {
        let kind = what.kind();
        let now = Instant::now();
        let mut inside = lock(&self.inside);
        if !matches!(kind, Kind::Chat | Kind::Gift) {
            inside.check_host(by)?;
        }
        match *what {
            Audited::Giveaway { product, seconds } => {
                let until = now + Duration::from_secs(seconds);
                let entered = BTreeSet::new();
                inside.giveaway = Some(Giveaway { product: product.into(), until, entered });
            }
            Audited::End => {
                if inside.creator() != Some(by) {
                    return Err(Refusal::new("forbidden", "only whose room it is may end it"));
                }
                inside.live = false;
                inside.giveaway = None;
            }
            _ => (),
        }
        inside.seq += 1;
        let seq = inside.seq;
        let text = what.told(&self.name, seq, cid).encode();
        let mark = Mark::new(kind, cid);
        inside.fan_out(Broadcast { text, published: now, mark }, &self.stats);
        Ok(seq)
    }

    /// Enters `user` for the giveaway of `product`, once.
    pub(crate) fn enter(
        &self,
        user: &Arc<str>,
        product: &str,
        now: Instant,
    ) -> Result<(), Refusal> {
        let mut inside = lock(&self.inside);
        let on = |giveaway: &&mut Giveaway| *giveaway.product == *product && now < giveaway.until;
        let Some(giveaway) = inside.giveaway.as_mut().filter(on) else {
            let message = format!("no giveaway of `{product:.64}` is on");
            return Err(Refusal::new("no_giveaway", message));
        };
        if !giveaway.entered.insert(Arc::clone(user)) {
            return Err(Refusal::new("already_entered", "one entry a user"));
        }
        self.stats.entries.add(1);
        Ok(())
    }

    /// Adds likes; they go out with the next tick.
    pub(crate) fn like(&self, count: u64) {
        let mut inside = lock(&self.inside);
        inside.likes = inside.likes.saturating_add(count);
    }

    /// Tells the number of likes if it has changed.
    pub(crate) fn tell_likes(&self) {
        let mut inside = lock(&self.inside);
        if inside.likes != inside.likes_told {
            inside.likes_told = inside.likes;
            let told = Told::Likes { room: &self.name, total: inside.likes };
            inside.fan_out(unaudited(&told), &self.stats);
        }
    }

    /// Tells the number of viewers if it has changed.
    pub(crate) fn tell_viewers(&self) {
        let mut inside = lock(&self.inside);
        let count = inside.viewers();
        if count != inside.viewers_told {
            inside.viewers_told = count;
            let told = Told::Viewers { room: &self.name, count };
            inside.fan_out(unaudited(&told), &self.stats);
        }
    }

    /// Tells that a product is sold out.
    pub(crate) fn tell_sold_out(&self, product: &str) {
        let told = Told::SoldOut { room: &self.name, product };
        lock(&self.inside).fan_out(unaudited(&told), &self.stats);
    }

    fn is_forgotten(&self) -> bool {
        let inside = lock(&self.inside);
        !inside.live && inside.viewers() == 0
    }
}

fn unaudited(told: &Told<'_>) -> Broadcast {
    Broadcast { text: told.encode(), published: Instant::now(), mark: None }
}

impl Inside {
    fn viewers(&self) -> usize {
        self.seats.len() - self.free.len()
    }

    fn creator(&self) -> Option<&str> {
        self.hosts.first().map(|creator| &**creator)
    }

    fn check_host(&self, user: &str) -> Result<(), Refusal> {
        if self.live && self.hosts.iter().any(|host| **host == *user) {
            return Ok(());
        }
        Err(Refusal::new("forbidden", "only a host of a live room may do that"))
    }

    /// Puts the room on the air for `user`: as its creator if it is free, or again; else as a
    /// co-host, if the creator has named it. What names a co-host brings counts for nothing, but
    /// that whoever names itself is not the creator.
    fn go_live(&mut self, user: &Arc<str>, co_hosts: Vec<String>) -> Result<(), Refusal> {
        if !self.live {
            // A co-host who comes before the creator must not become it.
            if co_hosts.iter().any(|name| **name == **user) {
                return Err(Refusal::new("forbidden", "the creator goes live first"));
            }
            self.hosts = vec![Arc::clone(user)];
        } else if self.creator() != Some(user) {
            if !self.co_hosts.iter().any(|name| **name == **user) {
                return Err(Refusal::new("forbidden", "another host is live in this room"));
            }
            if !self.hosts.contains(user) {
                self.hosts.push(Arc::clone(user));
            }
            return Ok(());
        }
        self.live = true;
        // Whom a creator who comes back names no more is a host no more.
        let creator = Arc::clone(user);
        self.hosts.retain(|host| *host == creator || co_hosts.iter().any(|name| **name == **host));
        self.co_hosts = co_hosts;
        Ok(())
    }

    fn sit(&mut self, link: &Arc<Link>) -> usize {
        if let Some(place) = self.free.pop() {
            self.seats[place] = Some(Arc::clone(link));
            return place;
        }
        self.seats.push(Some(Arc::clone(link)));
        self.seats.len() - 1
    }

    fn fan_out(&mut self, broadcast: Broadcast, stats: &Stats) {
        let broadcast = Arc::new(broadcast);
        let mut dropped = 0;
        for (place, seat) in self.seats.iter_mut().enumerate() {
            let Some(link) = seat else { continue };
            match link.put(&broadcast) {
                Put::Waits => continue,
                Put::Full => dropped += 1,
                Put::Gone => (),
            }
            *seat = None;
            self.free.push(place);
        }
        stats.broadcasts.add(1);
        if dropped > 0 {
            stats.dropped.add(dropped);
        }
    }
}

impl Seat {
    /// Gives the seat back, unless the room has already taken it away from this link.
    pub(crate) fn leave(&self, link: &Arc<Link>) {
        let mut inside = lock(&self.room.inside);
        let seat = &mut inside.seats[self.place];
        if seat.as_ref().is_some_and(|sitting| Arc::ptr_eq(sitting, link)) {
            *seat = None;
            inside.free.push(self.place);
        }
    }

    /// How many are in the room.
    pub(crate) fn viewers(&self) -> usize {
        lock(&self.room.inside).viewers()
    }
}

/// Every room there is.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    stats: Arc<Stats>,
    rooms: Mutex<BTreeMap<Box<str>, Arc<Room>>>,
}

impl Rooms {
    pub(crate) fn new(stats: &Arc<Stats>) -> Rooms {
        Rooms { stats: Arc::clone(stats), rooms: Mutex::default() }
    }

    /// Seats `link` in the room of that name, which exists from then on.
    pub(crate) fn join(&self, name: &str, link: &Arc<Link>) -> Result<Seat, Refusal> {
        self.enter(name, link, |_| Ok(()))
    }

    /// Puts the room on the air with `link`'s user as a host, and seats `link`.
    pub(crate) fn go_live(
        &self,
        name: &str,
        link: &Arc<Link>,
        co_hosts: Vec<String>,
    ) -> Result<Seat, Refusal> {
        self.enter(name, link, |inside| inside.go_live(&link.user, co_hosts))
    }

    fn enter(
        &self,
        name: &str,
        link: &Arc<Link>,
        first: impl FnOnce(&mut Inside) -> Result<(), Refusal>,
    ) -> Result<Seat, Refusal> {
        // The list stays locked until the seat is taken, so that the room is not forgotten
        // in between.
        let mut rooms = lock(&self.rooms);
        let room = if let Some(room) = rooms.get(name) {
            Arc::clone(room)
        } else if rooms.len() < ROOMS_MAX {
            let room = Room::new(name, &self.stats);
            rooms.insert(name.into(), Arc::clone(&room));
            room
        } else {
            return Err(Refusal::new("too_many_rooms", format!("there are {ROOMS_MAX} rooms")));
        };
        let place = {
            let mut inside = lock(&room.inside);
            first(&mut inside)?;
            inside.sit(link)
        };
        Ok(Seat { room, place })
    }

    /// The rooms of this moment.
    pub(crate) fn all(&self) -> Vec<Arc<Room>> {
        lock(&self.rooms).values().cloned().collect()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        lock(&self.rooms).len()
    }

    /// Forgets rooms that are off the air and empty.
    pub(crate) fn forget_empty(&self) {
        lock(&self.rooms).retain(|_, room| !room.is_forgotten());
    }
}
