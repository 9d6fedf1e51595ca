//! Rooms and their fan-out: who is in, who may speak for the host, and the one order of broadcasts.
//!
//! A room is one mutex. Under it a broadcast takes its `seq`, is encoded once, and is put into
//! every outbox, so all receivers see one order; nothing here ever waits for a receiver.

use std::collections::BTreeMap;
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
    host: Option<Arc<str>>,
    live: bool,
    seq: u64,
    likes: u64,
    likes_told: u64,
    viewers_told: usize,
    seats: Vec<Option<Arc<Link>>>,
    free: Vec<usize>,
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
    Pin { product: &'a str, price: &'a str },
    FlashSale { product: &'a str, price: &'a str, seconds: u64 },
    End,
}

impl Audited<'_> {
    fn kind(&self) -> Kind {
        match self {
            Audited::Chat { .. } => Kind::Chat,
            Audited::Pin { .. } => Kind::Pin,
            Audited::FlashSale { .. } => Kind::FlashSale,
            Audited::End => Kind::End,
        }
    }

    fn told<'b>(&'b self, room: &'b str, seq: u64, cid: Option<&'b str>) -> Told<'b> {
        match *self {
            Audited::Chat { user, text } => Told::Chat { room, seq, user, cid, text },
            Audited::Pin { product, price } => Told::Pin { room, seq, product, price, cid },
            Audited::FlashSale { product, price, seconds } => {
                Told::FlashSale { room, seq, product, price, seconds, cid }
            }
            Audited::End => Told::End { room, seq, cid },
        }
    }
}

impl Room {
    fn new(name: &str, stats: &Arc<Stats>) -> Arc<Room> {
        Arc::new(Room { name: name.into(), stats: Arc::clone(stats), inside: Mutex::default() })
    }

    /// Whether `user` is the host of this room while it is live.
    pub(crate) fn check_host(&self, user: &str) -> Result<(), Refusal> {
        let inside = lock(&self.inside);
        if !inside.is_host(user) {
            return Err(Refusal::new("forbidden", "only the host of a live room may do that"));
        }
        Ok(())
    }

    /// Broadcasts to everyone in the room and returns the broadcast's `seq`. The host alone may
    /// send anything but chat; an end takes the room off the air.
    pub(crate) fn publish(
        &self,
        by: &str,
        what: &Audited<'_>,
        cid: Option<&str>,
    ) -> Result<u64, Refusal> {
        let kind = what.kind();
        let mut inside = lock(&self.inside);
        if kind != Kind::Chat && !inside.is_host(by) {
            return Err(Refusal::new("forbidden", "only the host of a live room may do that"));
        }
        if kind == Kind::End {
            inside.live = false;
        }
        inside.seq += 1;
        let seq = inside.seq;
        let text = what.told(&self.name, seq, cid).encode();
        let mark = Mark::new(kind, cid);
        inside.fan_out(Broadcast { text, published: Instant::now(), mark }, &self.stats);
        Ok(seq)
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

    fn is_host(&self, user: &str) -> bool {
        self.live && self.host.as_deref() == Some(user)
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

    /// Puts the room on the air with `link`'s user as its host, and seats `link`.
    pub(crate) fn go_live(&self, name: &str, link: &Arc<Link>) -> Result<Seat, Refusal> {
        self.enter(name, link, |inside| {
            if inside.live && !inside.is_host(&link.user) {
                return Err(Refusal::new("forbidden", "another host is live in this room"));
            }
            inside.host = Some(Arc::clone(&link.user));
            inside.live = true;
            Ok(())
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::Receiver;

    struct Member {
        link: Arc<Link>,
        outbox: Receiver<Arc<Broadcast>>,
        seat: Seat,
    }

    fn join(rooms: &Rooms, user: &str, capacity: usize) -> Member {
        let (link, outbox) = Link::new(user.into(), capacity);
        let seat = rooms.join("mia", &link).unwrap();
        Member { link, outbox, seat }
    }

    impl Member {
        fn read(&mut self) -> Vec<String> {
            std::iter::from_fn(|| self.outbox.try_recv().ok())
                .map(|broadcast| broadcast.text.to_string())
                .collect()
        }

        fn chat(&self, text: &str) -> u64 {
            let user = &self.link.user;
            self.seat.room.publish(user, &Audited::Chat { user, text }, None).unwrap()
        }
    }

    #[test]
    fn everyone_sees_one_order_the_sender_too() {
        let rooms = Rooms::default();
        let (mut a, mut b) = (join(&rooms, "a", 9), join(&rooms, "b", 9));
        assert_eq!((a.chat("x"), b.chat("y")), (1, 2));
        let expect = [
            r#"{"type":"chat","room":"mia","seq":1,"user":"a","text":"x"}"#,
            r#"{"type":"chat","room":"mia","seq":2,"user":"b","text":"y"}"#,
        ];
        assert_eq!(a.read(), expect);
        assert_eq!(b.read(), expect);
    }

    #[test]
    fn counts_go_out_together_and_only_when_changed() {
        let rooms = Rooms::default();
        let mut a = join(&rooms, "a", 9);
        let room = Arc::clone(&a.seat.room);
        room.tell_likes();
        room.tell_viewers();
        for _ in 0..100 {
            room.like(3);
        }
        let b = join(&rooms, "b", 9);
        for _ in 0..5 {
            room.tell_likes();
            room.tell_viewers();
        }
        b.seat.leave(&b.link);
        room.tell_viewers();
        assert_eq!(
            a.read(),
            [
                r#"{"type":"viewers","room":"mia","count":1}"#,
                r#"{"type":"likes","room":"mia","total":300}"#,
                r#"{"type":"viewers","room":"mia","count":2}"#,
                r#"{"type":"viewers","room":"mia","count":1}"#,
            ]
        );
    }

    #[test]
    fn a_full_outbox_costs_the_seat_and_nobody_else() {
        let rooms = Rooms::default();
        let (slow, mut quick) = (join(&rooms, "slow", 2), join(&rooms, "quick", 9));
        for _ in 0..4 {
            quick.chat("x");
        }
        assert_eq!(quick.read().len(), 4);
        assert_eq!(slow.outbox.len(), 2, "bounded");
        assert_eq!(slow.link.cut(), crate::link::Cut::Slow);
        assert_eq!((rooms.stats.dropped.get(), quick.seat.viewers()), (1, 1));
        // Its place may be somebody else's by now, whom the slow one must not unseat.
        let other = join(&rooms, "other", 9);
        slow.seat.leave(&slow.link);
        assert_eq!(other.seat.viewers(), 2);
    }

    #[test]
    fn only_the_host_speaks_for_the_room() {
        let rooms = Rooms::default();
        let (mia, _outbox) = Link::new("mia".into(), 9);
        let viewer = join(&rooms, "a", 9);
        let room = &viewer.seat.room;
        let pin = Audited::Pin { product: "lamp", price: "39.00" };
        let forbidden = |result: Result<u64, Refusal>| result.unwrap_err().code == "forbidden";
        assert!(forbidden(room.publish("mia", &pin, None)), "not live yet");
        rooms.go_live("mia", &mia).unwrap();
        assert!(forbidden(room.publish("a", &pin, None)), "a viewer");
        assert_eq!(room.publish("mia", &pin, None), Ok(1));
        assert_eq!(rooms.go_live("mia", &viewer.link).unwrap_err().code, "forbidden");
        assert_eq!(room.publish("mia", &Audited::End, None), Ok(2));
        assert!(forbidden(room.publish("mia", &Audited::End, None)), "over");
        assert!(rooms.go_live("mia", &viewer.link).is_ok(), "the room is free again");
    }

    #[test]
    fn rooms_are_bounded_and_forgotten() {
        let rooms = Rooms::default();
        let (link, _outbox) = Link::new("a".into(), 1);
        let seats: Vec<Seat> =
            (0..ROOMS_MAX).map(|n| rooms.join(&n.to_string(), &link).unwrap()).collect();
        assert_eq!(rooms.join("mia", &link).unwrap_err().code, "too_many_rooms");
        for seat in seats {
            seat.leave(&link);
        }
        let (host, _outbox) = Link::new("mia".into(), 1);
        rooms.forget_empty();
        rooms.go_live("mia", &host).unwrap().leave(&host);
        rooms.forget_empty();
        assert_eq!(rooms.count(), 1, "a live room stays");
    }
}
