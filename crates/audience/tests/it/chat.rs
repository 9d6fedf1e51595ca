//! Own messages, replies, likes: rates, clusters, small rooms, the metronome.

use claque_audience::{
    Audience, Chat, Group, Intensity, Intent, IntentKind, IntentSource, Micros, Plan, REPLY_GAP,
    Visits,
};

use crate::laws::{close, count, does_not_fit, fits, ks, moments};
use crate::plans::{a_minute, chat, full_house, likes, plan, seconds, show};
use crate::whole::whole;

/// A room of `viewers` who stay for `length`, `times_a_minute` messages each.
fn room(seed: u64, viewers: u32, times_a_minute: f64, branching: f64, length: Micros) -> Plan {
    let mut show = show(length);
    show.replies.branching = branching;
    plan(seed, show, Group { chat: Some(chat(times_a_minute)), ..full_house(viewers, length) })
}

fn messages(plan: &Plan) -> Vec<Intent> {
    let mut intents = whole(plan);
    intents.retain(|intent| intent.kind == IntentKind::Chat);
    intents
}

/// Mean messages of a cluster process of rate μ that starts empty, within `t`:
/// μ/(1 − n) · [t − n·(1 − e^{−bt})/b], b = β(1 − n).
fn hawkes_mean(declared: f64, n: f64, beta: f64, t: f64) -> f64 {
    let b = beta * (1.0 - n);
    declared * (t - n * (1.0 - libm::exp(-b * t)) / b)
}

#[test]
fn the_declared_rate_includes_replies() {
    for n in [0.0, 0.3, 0.75] {
        let plan = room(21, 2_000, 0.6, n, seconds(1_000));
        let got = count(messages(&plan).len());
        let declared = 2_000.0 * 0.01;
        let expect = hawkes_mean(declared, n, 1.0 / 0.6, 1_000.0);
        // Var N(t) → μ/(1 − n)³ · t, and μ = (1 − n)·declared.
        let deviation = (declared * 1_000.0).sqrt() / (1.0 - n);
        close(&format!("messages at n = {n}"), got, expect, deviation);
        if n > 0.0 {
            let without = expect / (1.0 - n);
            assert!((got - without).abs() > 9.0 * deviation, "κ must leave room for replies");
        }
    }
}

#[test]
fn groups_of_one_room_keep_their_rates() {
    let mut plan = room(22, 1_000, 0.3, 0.6, seconds(2_000));
    let lively = Group { chat: Some(chat(1.5)), ..full_house(500, seconds(2_000)) };
    let silent = full_house(3_000, seconds(2_000));
    plan.groups.extend([lively, silent]);
    let mut counts = [0.0; 3];
    for message in messages(&plan) {
        counts[usize::from(message.id.actor.group().unwrap())] += 1.0;
    }
    for (got, rate) in counts.into_iter().zip([1_000.0 * 0.005, 500.0 * 0.025]) {
        let expect = hawkes_mean(rate, 0.6, 1.0 / 0.6, 2_000.0);
        close("messages of a group", got, expect, expect.sqrt() / 0.4);
    }
    assert!(counts[2] < 0.5, "who does not write does not answer");
}

/// Counts of messages in windows of `w` seconds, the first ten seconds left out.
fn windows(messages: &[Intent], w: f64, length: f64) -> Vec<f64> {
    let number = ((length - 10.0) / w).floor();
    let mut counts = vec![0.0; Micros::from_seconds(number / 1e6).0.try_into().unwrap()];
    for message in messages {
        let place = (message.at.seconds() - 10.0) / w;
        if place >= 0.0 && place < number {
            counts[usize::try_from(Micros::from_seconds(place.floor() / 1e6).0).unwrap()] += 1.0;
        }
    }
    counts
}

#[test]
fn windows_are_overdispersed_as_clusters_are() {
    let length = 20_000.0;
    for (n, decay) in [(0.3, 0.6), (0.6, 2.0)] {
        let mut plan = room(23, 1_000, 0.3, n, Micros::from_seconds(length));
        plan.shows[0].replies.decay = Micros::from_seconds(decay);
        let messages = messages(&plan);
        let b = (1.0 - n) / decay;
        for w in [0.5, 2.0, 10.0] {
            // F(w) = 1 + n(2 − n)/(1 − n)² · [1 − (1 − e^{−bw})/(bw)], N held.
            let factor = n * (2.0 - n) / ((1.0 - n) * (1.0 - n));
            let expect = 1.0 + factor * (1.0 - (1.0 - libm::exp(-b * w)) / (b * w));
            let counts = windows(&messages, w, length);
            let (mean, variance) = moments(&counts);
            let got = variance / mean;
            // A variance's relative error is √((kurtosis − 1)/k); a few neighbours are correlated.
            let fourth =
                counts.iter().map(|x| libm::pow(x - mean, 4.0)).sum::<f64>() / count(counts.len());
            let error = ((fourth / (variance * variance) - 1.0) / count(counts.len())).sqrt();
            close(&format!("F({w} s), n = {n}"), got, expect, expect * error);
            assert!((got - 1.0).abs() > 4.5 * error, "Poisson must not pass: F({w}) = {got}");
        }
    }
}

#[test]
fn own_messages_are_poisson() {
    let plan = room(24, 5_000, 1.2, 0.0, seconds(300));
    let visits = Visits::new(&plan);
    let (mut numbers, mut ages) = (Vec::new(), Vec::new());
    for index in 0..5_000 {
        let acts = visits.visit(0, index).intents;
        let chats = acts.iter().filter(|act| act.kind == IntentKind::Chat);
        let instants: Vec<f64> = chats.map(|act| act.at.seconds()).collect();
        numbers.push(count(instants.len()));
        // Given their number, the instants are uniform, the batches of eight notwithstanding.
        ages.extend(instants.iter().map(|t| t / 300.0));
    }
    let (mean, variance) = moments(&numbers);
    close("messages a visit", mean, 6.0, (6.0_f64 / 5_000.0).sqrt());
    close("variance", variance, 6.0, 6.0 * (2.0 / 5_000.0 + 1.0 / 30_000.0_f64).sqrt());
    fits("instants", ks(ages.clone()));
    does_not_fit("earlier instants", ks(ages.iter().map(|u| u * u).collect()));
}

#[test]
fn likes_come_in_runs() {
    let length = seconds(600);
    let likes = likes(12.0, 4.0);
    let group = Group { likes: Some(likes), ..full_house(2_000, length) };
    let intents = whole(&plan(25, show(length), group));
    let runs: Vec<f64> = intents
        .iter()
        .filter(|act| act.kind == IntentKind::Like)
        .map(|act| f64::from(act.count))
        .collect();
    let number = count(runs.len());
    close("runs", number, 2_000.0 * 30.0, (2_000.0_f64 * 30.0).sqrt());
    let (mean, variance) = moments(&runs);
    close("mean run", mean, 4.0, (12.0 / number).sqrt());
    close("variance of a run", variance, 12.0, (144.0 * 8.09 / number).sqrt());
    // Runs are Poisson and each has E L² = 28 squared likes.
    let likes: f64 = runs.iter().sum();
    close("likes", likes, 2_000.0 * 120.0, (60_000.0_f64 * 28.0).sqrt());
    let ones = count(runs.iter().filter(|&&run| run < 1.5).count());
    close("runs of one", ones / number, 0.25, (0.25 * 0.75 / number).sqrt());
}

/// Every reply of one viewer's room is dropped; of two, each answers the other only.
#[test]
fn small_rooms() {
    let hour = seconds(3_600);
    let empty = whole(&room(26, 0, 6.0, 0.5, hour));
    assert_eq!(empty.len(), 2, "go live and end, and nobody to see it");

    let alone = room(26, 1, 6.0, 0.5, hour);
    let own = Visits::new(&alone).visit(0, 0).intents;
    let mut audience = Audience::new(&alone);
    let mut intents = Vec::new();
    audience.fill(Micros(u64::MAX >> 8), &mut intents);
    intents.retain(|intent| intent.id.actor.group().is_some());
    assert_eq!(intents, own, "nobody answers himself");
    let dropped = audience.dropped();
    let chats = own.iter().filter(|act| act.kind == IntentKind::Chat).count();
    // κ = 3 a minute for an hour; each has Poisson(½) replies, all dropped.
    close("own messages", count(chats), 180.0, 180.0_f64.sqrt());
    let nobody = f64::from(u32::try_from(dropped.nobody).unwrap());
    close("dropped", nobody, count(chats) * 0.5, (count(chats) * 0.5).sqrt());
    assert_eq!(dropped.too_soon, 0);

    let two = room(26, 2, 6.0, 0.5, hour);
    let mut audience = Audience::new(&two);
    intents.clear();
    audience.fill(Micros(u64::MAX >> 8), &mut intents);
    intents.retain(|intent| intent.kind == IntentKind::Chat);
    assert_eq!(audience.dropped().nobody, 0);
    assert!(audience.dropped().too_soon > 0);
    let own = count(intents.iter().filter(|act| act.id.sequence % 8 == 1).count());
    let replies = count(intents.iter().filter(|act| act.id.sequence % 8 == 6).count());
    close("own messages", own, 360.0, 360.0_f64.sqrt());
    assert!(replies > 100.0 && replies < own);
    keeps_the_gap(&intents);
}

/// No reply comes less than the gap after a message of its author.
fn keeps_the_gap(messages: &[Intent]) {
    for (place, reply) in messages.iter().enumerate() {
        if reply.id.sequence % 8 == 6 {
            let mut before = messages[..place].iter().rev();
            if let Some(last) = before.find(|message| message.id.actor == reply.id.actor) {
                assert!(reply.at.saturating_sub(last.at) >= REPLY_GAP);
            }
        }
    }
}

#[test]
fn the_gap_holds_in_a_crowd() {
    let plan = room(27, 50, 20.0, 0.7, seconds(300));
    let messages = messages(&plan);
    assert!(messages.len() > 2_000);
    keeps_the_gap(&messages);
}

#[test]
fn the_metronome_beats_evenly() {
    // (viewers, messages a minute each)
    for (viewers, times) in [(1, 60.0), (2, 30.0), (10, 60.0), (7, 13.0), (1_000, 6.0)] {
        let mut group = full_house(viewers, seconds(120));
        group.chat = Some(Chat { intensity: Intensity::steady(a_minute(times)), metronome: true });
        let mut show = show(seconds(120));
        show.replies.branching = 0.5;
        let instants: Vec<Micros> =
            messages(&plan(7, show, group)).iter().map(|message| message.at).collect();
        let expect = f64::from(viewers) * times * 2.0;
        assert!((count(instants.len()) - expect).abs() < 1.0, "{} of {expect}", instants.len());
        let spacing = 120e6 / expect;
        for pair in instants.windows(2) {
            let gap = pair[1].saturating_sub(pair[0]).seconds() * 1e6;
            assert!((gap - spacing).abs() <= 1.0, "a gap of {gap} µs, not {spacing}");
        }
    }
}
