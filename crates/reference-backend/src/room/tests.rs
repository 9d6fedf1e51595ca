//! Rooms as their members see them.

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
    rooms.go_live("mia", &mia, Vec::new()).unwrap();
    assert!(forbidden(room.publish("a", &pin, None)), "a viewer");
    assert_eq!(room.publish("mia", &pin, None), Ok(1));
    assert_eq!(rooms.go_live("mia", &viewer.link, Vec::new()).unwrap_err().code, "forbidden");
    assert_eq!(room.publish("mia", &Audited::End, None), Ok(2));
    assert!(forbidden(room.publish("mia", &Audited::End, None)), "over");
    assert!(rooms.go_live("mia", &viewer.link, Vec::new()).is_ok(), "the room is free again");
}

#[test]
fn named_co_hosts_speak_for_the_room_but_do_not_end_it() {
    let rooms = Rooms::default();
    let link = |name: &str| Link::new(name.into(), 9);
    let (mia, ben, eva) = (link("mia"), link("ben"), link("eva"));
    let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let room = rooms.go_live("mia", &mia.0, named(&["ben"])).unwrap().room;
    let raid = |by: &str| room.publish(by, &Audited::Raid { to: "noor" }, None).is_ok();
    assert!(!raid("ben"), "named, but not live yet");
    assert!(rooms.go_live("mia", &eva.0, named(&["eva"])).is_err(), "not named");
    assert!(rooms.go_live("mia", &ben.0, named(&["eva"])).is_ok());
    assert!(rooms.go_live("mia", &eva.0, Vec::new()).is_err(), "a co-host names nobody");
    assert!(raid("ben") && raid("mia"));
    assert_eq!(room.publish("ben", &Audited::End, None).unwrap_err().code, "forbidden");
    rooms.go_live("mia", &mia.0, named(&["eva", "ben"])).unwrap();
    assert!(raid("ben"), "still named");
    rooms.go_live("mia", &mia.0, named(&["eva"])).unwrap();
    assert!(!raid("ben"), "no longer named");
    assert!(room.publish("mia", &Audited::End, None).is_ok());
    assert!(rooms.go_live("mia", &ben.0, Vec::new()).is_ok(), "the room is free again");
    assert!(!raid("mia") && raid("ben"));
}

#[test]
fn a_co_host_who_comes_first_does_not_take_the_room() {
    let rooms = Rooms::default();
    let (mia, _outbox) = Link::new("mia".into(), 9);
    let (ben, _outbox) = Link::new("ben".into(), 9);
    // As hosts of one show do it: each says who the co-hosts are.
    let live = |link| rooms.go_live("mia", link, vec!["ben".to_owned()]).map(|seat| seat.room);
    assert_eq!(live(&ben).unwrap_err().code, "forbidden");
    let room = live(&mia).unwrap();
    assert!(live(&ben).is_ok(), "now it may");
    assert!(room.publish("ben", &Audited::Raid { to: "noor" }, None).is_ok());
    assert!(room.publish("mia", &Audited::End, None).is_ok());
    assert_eq!(live(&ben).unwrap_err().code, "forbidden", "nor does it revive it");
}

#[test]
fn a_giveaway_is_entered_once_until_its_end() {
    let rooms = Rooms::default();
    let (mia, _outbox) = Link::new("mia".into(), 9);
    let room = rooms.go_live("mia", &mia, Vec::new()).unwrap().room;
    let start = |product: &str| {
        room.publish("mia", &Audited::Giveaway { product, seconds: 60 }, None).unwrap();
    };
    let now = Instant::now();
    let check = |user: &str, product: &str, seconds: u64, expect: &str| {
        let at = now + Duration::from_secs(seconds);
        let entered = room.enter(&user.into(), product, at).map_err(|refusal| refusal.code);
        assert_eq!(entered.err().unwrap_or("ok"), expect, "{user} {product} {seconds}");
    };
    check("a", "lamp", 1, "no_giveaway");
    start("lamp");
    check("a", "lamp", 1, "ok");
    check("a", "lamp", 2, "already_entered");
    check("b", "mug", 2, "no_giveaway");
    check("b", "lamp", 59, "ok");
    check("c", "lamp", 62, "no_giveaway");
    start("mug");
    check("c", "lamp", 3, "no_giveaway");
    check("a", "mug", 3, "ok");
    room.publish("mia", &Audited::End, None).unwrap();
    check("b", "mug", 4, "no_giveaway");
    assert_eq!(rooms.stats.entries.get(), 3);
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
    rooms.go_live("mia", &host, Vec::new()).unwrap().leave(&host);
    rooms.forget_empty();
    assert_eq!(rooms.count(), 1, "a live room stays");
}
