//! Small rooms by hand, and clusters against their law.

use super::*;
use crate::{
    Audience, Chat, Cue, CueAct, Curve, Group, Intensity, Intent, IntentSource, Law, Plan, Rate,
    Show, ShowId, Size, Visits,
};

const LAW: Replies = Replies { branching: 0.5, decay: Micros(600_000) };

fn second(second: u64) -> Micros {
    Micros(second * 1_000_000)
}

/// A room, and what is written in it.
struct Here {
    room: Room,
    written: Written,
}

fn here(groups: [(u16, Vec<u64>); 2]) -> Here {
    let room = Room::new(1, ShowId(0), LAW, second(3_600), groups.into_iter());
    Here { room, written: Written::new([2_000, 2_000].into_iter()) }
}

fn room() -> Here {
    // Group 0 writes 1 a second, group 1 three; an hour's show.
    here([(1, weights(1.0, &[1.0])), (2, weights(3.0, &[1.0]))])
}

fn enter(here: &mut Here, author: Author, join: Micros, leave: Micros) {
    here.room
        .enter(&Entry::new(join, IntentKind::Join as u8, ShowId(0), author, 0).with_leave(leave));
}

/// Who answers a message of `parent` at `at`; the key is one of many.
fn answer(here: &mut Here, parent: Author, at: Micros, key: u64) -> Option<Author> {
    let reply = Entry::reply(at, ShowId(0), parent, key);
    here.room.reply(&reply, &mut here.written, &mut |_| ()).map(|reply| reply.author())
}

fn own(here: &mut Here, author: Author, at: Micros) {
    let message =
        Entry::new(at, IntentKind::Chat as u8, ShowId(0), author, sequence(Class::Chat, 0));
    here.room.own_message(&message, &mut here.written, &mut |_| ());
}

const A: Author = Author { owner: 1, index: 0 };
const B: Author = Author { owner: 1, index: 1 };
const C: Author = Author { owner: 2, index: 0 };

#[test]
fn nobody_answers_in_an_empty_room() {
    let mut room = room();
    assert_eq!(answer(&mut room, A, second(1), 7), None);
    assert_eq!(room.room.dropped, Dropped { nobody: 1, ..Dropped::default() });
}

#[test]
fn one_alone_does_not_answer_himself() {
    let mut room = room();
    enter(&mut room, A, second(0), second(100));
    for key in 0..20 {
        assert_eq!(answer(&mut room, A, second(10), key), None);
    }
    assert_eq!(room.room.dropped, Dropped { nobody: 20, ..Dropped::default() });
    // But he answers one who has left.
    assert_eq!(answer(&mut room, B, second(11), 20), Some(A));
}

#[test]
fn of_two_the_other_answers_while_he_is_there() {
    let mut room = room();
    enter(&mut room, A, second(0), second(100));
    enter(&mut room, B, second(5), second(50));
    for (key, at) in [(0, 5), (1, 20), (2, 49)] {
        assert_eq!(answer(&mut room, A, second(at), key), Some(B), "at {at} s");
    }
    assert_eq!(answer(&mut room, B, second(49), 3), Some(A));
    // At the instant of his leave he is gone.
    assert_eq!(answer(&mut room, A, second(50), 4), None);
    assert_eq!(room.room.dropped, Dropped { nobody: 1, ..Dropped::default() });
}

#[test]
fn an_author_keeps_the_gap() {
    let mut room = room();
    enter(&mut room, A, second(0), second(100));
    enter(&mut room, B, second(0), second(100));
    own(&mut room, B, second(10));
    // Alone with A he is drawn twice, and dropped once.
    assert_eq!(answer(&mut room, A, second(11), 1), None);
    assert_eq!(answer(&mut room, A, Micros(11_999_999), 2), None);
    assert_eq!(room.room.dropped, Dropped { too_soon: 2, ..Dropped::default() });
    assert_eq!(answer(&mut room, A, second(12), 3), Some(B));
    // His reply counts as well as an own message.
    assert_eq!(answer(&mut room, A, second(13), 4), None);
    assert_eq!(answer(&mut room, A, second(14), 5), Some(B));
    assert_eq!(room.room.dropped, Dropped { too_soon: 3, ..Dropped::default() });
}

#[test]
fn replies_have_sequences_of_their_own() {
    let mut room = room();
    enter(&mut room, A, second(0), second(100));
    enter(&mut room, B, second(0), second(100));
    let sequences: Vec<u32> = (1..4)
        .filter_map(|k| {
            let reply = Entry::reply(second(10 * k), ShowId(0), A, k);
            room.room.reply(&reply, &mut room.written, &mut |_| ())
        })
        .map(|reply| reply.sequence())
        .collect();
    assert_eq!(sequences, [6, 14, 22]);
}

#[test]
fn authors_are_drawn_by_their_groups_rates() {
    let mut room = room();
    for author in [A, B, C] {
        enter(&mut room, author, second(0), second(3_600));
    }
    // Others come and go before, and must leave no trace.
    for index in 10..300 {
        enter(&mut room, Author { owner: 2, index }, second(0), second(10));
    }
    let mut counts = [0_u32; 3];
    for key in 0..10_000 {
        // Far enough from each other for the gap.
        let at = Micros(20_000_000 + key * 300_000);
        let before = room.room.dropped.too_soon;
        match answer(&mut room, Author { owner: 1, index: 9 }, at, key) {
            Some(A) => counts[0] += 1,
            Some(B) => counts[1] += 1,
            Some(C) => counts[2] += 1,
            other => assert!(other.is_none() && room.room.dropped.too_soon == before + 1),
        }
        for wrote in &mut room.written.groups {
            wrote.fill(Wrote::default());
        }
    }
    // Weights 1, 1, 3 of 10,000: standard deviations 40, 40, 49.
    for (count, (expect, deviation)) in counts.iter().zip([(2e3, 40.0), (2e3, 40.0), (6e3, 49.0)]) {
        assert!((f64::from(*count) - expect).abs() < 4.5 * deviation, "{counts:?}");
    }
}

/// One who outweighs all others together does not keep them from answering him.
#[test]
fn authors_are_drawn_by_their_weights() {
    let mut room = here([(1, weights(1.0, &[1e-3, 1e3])), (2, weights(2e-3, &[1.0]))]);
    enter(&mut room, B, second(0), second(3_600));
    enter(&mut room, C, second(0), second(3_600));
    let join = Entry::new(Micros(0), IntentKind::Join as u8, ShowId(0), A, 0);
    room.room.enter(&join.with_leave(second(3_600)).with_class(1));
    let (mut by_b, mut by_c) = (0_u32, 0_u32);
    for key in 0..3_000 {
        match answer(&mut room, A, second(10), key) {
            Some(B) => by_b += 1,
            Some(C) => by_c += 1,
            other => assert_eq!(other, None, "A does not answer himself"),
        }
        assert_eq!(answer(&mut room, B, second(11), 9_000 + key), Some(A), "nearly always");
        for wrote in &mut room.written.groups {
            wrote.fill(Wrote::default());
        }
    }
    // Weights 1 and 2.
    assert_eq!(by_b + by_c, 3_000);
    assert!((f64::from(by_b) - 1_000.0).abs() < 4.5 * 25.8, "{by_b} and {by_c}");
}

/// Size of the cluster of a message, by the labels of its parents.
fn cluster(offspring: Offspring, message: Key, at: Micros) -> u32 {
    let children: Vec<(Key, Micros)> = offspring.of(message, at).collect();
    1 + children.into_iter().map(|(key, at)| cluster(offspring, key, at)).sum::<u32>()
}

/// χ² of counts of 1, 2, …, with everything from the last on in one cell.
fn chi_square(counts: &[u32], chance: impl Fn(i32) -> f64) -> f64 {
    let total = f64::from(counts.iter().sum::<u32>());
    let (mut rest, mut sum) = (1.0, 0.0);
    for (size, count) in (1..).zip(counts) {
        let last = usize::try_from(size).unwrap() == counts.len();
        let chance = if last { rest } else { chance(size) };
        rest -= chance;
        let expect = total * chance;
        sum += (f64::from(*count) - expect) * (f64::from(*count) - expect) / expect;
    }
    sum
}

#[test]
fn cluster_sizes_are_borel() {
    let n = LAW.branching;
    let offspring = Offspring::new(LAW);
    let messages = Key::new(11, Purpose::Replies);
    let mut counts = [0_u32; 12];
    for message in 0..100_000 {
        let size = cluster(offspring, messages.entity(message), Micros(0));
        counts[(size as usize).min(counts.len()) - 1] += 1;
    }
    // Borel: e^{−nk} (nk)^{k−1} / k!
    let borel = |k: i32| {
        let nk = n * f64::from(k);
        (1..k).fold(libm::exp(-nk), |product, j| product * nk / f64::from(j)) / f64::from(k)
    };
    let geometric = |k: i32| (1..k).fold(1.0 - n, |product, _| product * n);
    // 11 degrees of freedom: 99.9 % of samples are below 31.3.
    let fit = chi_square(&counts, borel);
    assert!(fit < 31.3, "χ² {fit}: {counts:?}");
    assert!(chi_square(&counts, geometric) > 300.0, "the geometric of the same mean must not pass");
}

#[test]
fn reply_delays_are_exponential_and_after_the_message() {
    let offspring = Offspring::new(Replies { branching: 0.9, decay: Micros(2) });
    let messages = Key::new(5, Purpose::Replies);
    let times = (0..10_000).flat_map(|message| offspring.of(messages.entity(message), Micros(10)));
    assert!(times.into_iter().all(|(_, at)| at > Micros(10)));
    let offspring = Offspring::new(Replies { branching: 0.9, decay: second(1) });
    let (mut sum, mut count) = (0.0, 0_u32);
    for message in 0..20_000 {
        for (_, at) in offspring.of(messages.entity(message), Micros(0)) {
            sum += at.seconds();
            count += 1;
        }
    }
    let count = f64::from(count);
    assert!((sum / count - 1.0).abs() < 4.5 / count.sqrt(), "mean delay {} s", sum / count);
}

/// What the audience writes is the clusters of its own messages, to the microsecond.
#[test]
fn the_audience_writes_the_clusters() {
    let length = second(600);
    let cues = vec![Cue::new(Micros(0), CueAct::GoLive), Cue::new(length, CueAct::End)];
    let rate = Rate { per_second: 1e-3 };
    let plan = Plan {
        seed: 3,
        length,
        products: vec![],
        shows: vec![Show { replies: LAW, ..Show::new("mia", cues) }],
        groups: vec![Group {
            chat: Some(Chat { intensity: Intensity::steady(rate), metronome: false }),
            ..Group::new(
                "all",
                ShowId(0),
                Size::Viewers(2_000),
                Curve::constant(Micros(1)),
                Law::Fixed(length),
            )
        }],
    };
    let offspring = Offspring::new(LAW);
    let keys = Key::new(plan.seed, Purpose::Replies);
    let visits = Visits::new(&plan);
    let (mut expect, mut ended) = (Vec::new(), 0);
    let mut open: Vec<(Key, Micros)> = (0..2_000)
        .flat_map(|index| visits.visit(0, index).intents)
        .filter(|intent| intent.kind == IntentKind::Chat)
        .map(|own| {
            let viewer = keys.entity(own.id.actor.number());
            (viewer.entity(u64::from(own.id.sequence)), own.at)
        })
        .collect();
    while let Some((key, at)) = open.pop() {
        expect.push(at);
        for child in offspring.of(key, at) {
            if child.1 < length { open.push(child) } else { ended += 1 }
        }
    }
    expect.sort_unstable();
    let (mut audience, mut intents) = (Audience::new(&plan), Vec::new());
    audience.fill(Micros(u64::MAX >> 8), &mut intents);
    let is_chat = |intent: &&Intent| intent.kind == IntentKind::Chat;
    let got: Vec<Micros> = intents.iter().filter(is_chat).map(|intent| intent.at).collect();
    assert_eq!(audience.dropped(), Dropped { ended, ..Dropped::default() });
    assert!(got.len() > 1_000);
    assert_eq!(got, expect);
}
