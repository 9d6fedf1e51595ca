//! What viewers do again and again: factors, weights, gifts, shares; and entering for giveaways.

use claque_audience::{
    Amount, Chat, Cue, CueAct, Factor, Funnel, Gifts, Giveaways, Group, Intensity, Intent,
    IntentKind, Law, Likes, Micros, MoreVisits, Plan, ProductId, Reaction, ReactionAct, Returns,
    Share, Shares, Trigger, VisitClass, Visits,
};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::laws::{close, count, does_not_fit, fits, integral};
use crate::plans::{
    a_minute, cents, chat, factor, full_house, funnel, plan, seconds, show, watchers,
};
use crate::whole::whole;

const VIEWERS: u32 = 20_000;

/// The p-value of counts against what is expected of each cell, no parameter fitted; of
/// independent Poisson counts, or if `held` of a fixed number.
fn chi_square(counts: &[f64], expect: &[f64], held: bool) -> f64 {
    let terms =
        counts.iter().zip(expect).map(|(got, expect)| (got - expect) * (got - expect) / expect);
    let freedom = count(counts.len()) - if held { 1.0 } else { 0.0 };
    1.0 - ChiSquared::new(freedom).unwrap().cdf(terms.sum())
}

/// How many `values` fall into each of `cells` equal parts of 0 to `end`.
fn binned(values: impl Iterator<Item = f64>, cells: u32, end: f64) -> Vec<f64> {
    let mut counts = vec![0.0; cells as usize];
    for value in values {
        let place = (value / end * f64::from(cells)).floor();
        counts[usize::try_from(Micros::from_seconds(place / 1e6).0).unwrap()] += 1.0;
    }
    counts
}

/// ∫ of a rate over each of those parts.
fn expected(cells: u32, end: f64, rate: impl Fn(f64) -> f64) -> Vec<f64> {
    let width = end / f64::from(cells);
    (0..cells)
        .map(|cell| integral(f64::from(cell) * width, f64::from(cell + 1) * width, &rate))
        .collect()
}

/// c: quiet, a peak of 4 at 30 s, then 0.5.
fn by_show_time() -> Factor {
    factor(&[(10.0, 0.5), (30.0, 4.0), (40.0, 0.5)])
}

fn c(t: f64) -> f64 {
    match t {
        t if t < 10.0 => 0.5,
        t if t < 30.0 => 0.5 + 3.5 * (t - 10.0) / 20.0,
        t if t < 40.0 => 4.0 - 3.5 * (t - 30.0) / 10.0,
        _ => 0.5,
    }
}

/// g: falls from 3 to 0 over the first 20 s of a visit.
fn by_viewer_age() -> Factor {
    factor(&[(0.0, 3.0), (20.0, 0.0)])
}

fn g(a: f64) -> f64 {
    (3.0 - 0.15 * a).max(0.0)
}

fn intensity(times_a_minute: f64, c: Option<Factor>, g: Option<Factor>) -> Intensity {
    Intensity {
        per_viewer: a_minute(times_a_minute),
        by_show_time: c,
        by_viewer_age: g,
        weights: vec![],
    }
}

/// All acts of `kind` of the viewers of group 0, with the age of the visit.
fn acts(plan: &Plan, kind: IntentKind) -> Vec<(u32, Intent, f64)> {
    let visits = Visits::new(plan);
    (0..visits.size(0))
        .flat_map(|index| visits.viewer(0, index).into_iter().map(move |visit| (index, visit)))
        .flat_map(|(index, visit)| {
            let join = visit.join;
            let of_kind = visit.intents.into_iter().filter(move |act| act.kind == kind);
            of_kind.map(move |act| (index, act, act.at.saturating_sub(join).seconds()))
        })
        .collect()
}

#[test]
fn show_time_bends_the_rate() {
    let minute = seconds(60);
    let intensity = intensity(6.0, Some(by_show_time()), None);
    for group in [
        Group {
            chat: Some(Chat { intensity: intensity.clone(), metronome: false }),
            ..full_house(VIEWERS, minute)
        },
        Group {
            likes: Some(Likes { intensity: intensity.clone(), run: 1.0 }),
            ..full_house(VIEWERS, minute)
        },
        Group { shares: Some(Shares { intensity }), ..full_house(VIEWERS, minute) },
    ] {
        let kind = match (&group.chat, &group.likes) {
            (Some(_), _) => IntentKind::Chat,
            (_, Some(_)) => IntentKind::Like,
            _ => IntentKind::Share,
        };
        let acts = acts(&plan(51, show(minute), group), kind);
        let got = binned(acts.iter().map(|act| act.1.at.seconds()), 60, 60.0);
        let expect = |c: &dyn Fn(f64) -> f64| expected(60, 60.0, |t| c(t) * 0.1 * 20_000.0);
        fits("∫c a second", chi_square(&got, &expect(&c), false));
        does_not_fit("a later peak", chi_square(&got, &expect(&|t| c(t - 0.3)), false));
    }
}

#[test]
fn age_thins_the_rate() {
    let minute = seconds(60);
    let stay = VisitClass::once(Law::Fixed(seconds(30)));
    let likes = Likes { intensity: intensity(12.0, None, Some(by_viewer_age())), run: 1.0 };
    let mut group = Group { classes: vec![stay], likes: Some(likes), ..watchers(VIEWERS, minute) };
    group.arrivals = claque_audience::Curve::constant(seconds(30)).into();
    let acts = acts(&plan(52, show(minute), group.clone()), IntentKind::Like);
    let got = binned(acts.iter().map(|act| act.2), 20, 20.0);
    fits("∫g a second", chi_square(&got, &expected(20, 20.0, |a| g(a) * 4_000.0), false));
    let wrong = expected(20, 20.0, |a| (g(a) * 0.5 + 0.75) * 4_000.0);
    does_not_fit("a flatter factor", chi_square(&got, &wrong, false));
    assert!(acts.len() > 100_000 && acts.iter().all(|act| act.2 < 20.0), "never where g is 0");

    // Both together: λ(t, a) = r·c(t)·g(a), joins uniform on 0 to 30 s. So seldom that a viewer
    // acts once at most, and counts are Poisson though the number of viewers is held.
    let both = intensity(0.12, Some(by_show_time()), Some(by_viewer_age()));
    group.likes = Some(Likes { intensity: both, run: 1.0 });
    let acts = self::acts(&plan(52, show(minute), group), IntentKind::Like);
    let got = binned(acts.iter().map(|act| act.1.at.seconds()), 25, 50.0);
    let present = |t: f64| {
        // ∫ g(t − join) over joins before t, on average over viewers.
        let reach = |a: f64| 3.0 * a - 0.075 * a * a;
        (reach(t.min(20.0)) - reach((t - 30.0).clamp(0.0, 20.0))) / 30.0
    };
    let expect = expected(25, 50.0, |t| 0.002 * c(t) * present(t) * 20_000.0);
    fits("∫∫c·g", chi_square(&got, &expect, false));
}

/// Mean weight 2.2.
fn weights() -> Vec<(u32, Share)> {
    vec![(1, Share(0.8)), (4, Share(0.15)), (16, Share(0.05))]
}

/// The class of a viewer who does `times` what weight 1 does 100 times.
fn class(times: f64) -> usize {
    usize::from(times > 200.0) + usize::from(times > 800.0)
}

/// Viewers of each class, and acts of all, of one act each.
#[test]
fn weights_are_those_declared() {
    let length = seconds(1_000);
    // 100 acts of a viewer of weight 1.
    let intensity =
        Intensity { per_viewer: a_minute(13.2), weights: weights(), ..intensity(0.0, None, None) };
    let group = Group {
        likes: Some(Likes { intensity: intensity.clone(), run: 1.0 }),
        shares: Some(Shares { intensity }),
        ..full_house(4_000, length)
    };
    let plan = plan(53, show(length), group);
    let classes_of = |kind| -> Vec<usize> {
        let mut times = vec![0.0; 4_000];
        let acts = acts(&plan, kind);
        for act in &acts {
            times[act.0 as usize] += 1.0;
        }
        // Var: Poisson, and 4,000 weights of variance E w² − 2.2² = 16 − 4.84 about the mean.
        let deviation = (4_000.0 * (220.0 + 1e4 * 11.16_f64)).sqrt();
        close("acts of all", count(acts.len()), 4_000.0 * 220.0, deviation);
        times.into_iter().map(class).collect()
    };
    let (likes, shares) = (classes_of(IntentKind::Like), classes_of(IntentKind::Share));
    let counts = |classes: &[usize]| {
        [0, 1, 2].map(|class| count(classes.iter().filter(|it| **it == class).count()))
    };
    for classes in [&likes, &shares] {
        fits("classes", chi_square(&counts(classes), &[3_200.0, 600.0, 200.0], true));
        does_not_fit("others", chi_square(&counts(classes), &[3_000.0, 800.0, 200.0], true));
    }
    // Who likes much need not share much: a weight is drawn for each.
    let heavy: Vec<usize> =
        likes.iter().zip(&shares).filter(|pair| *pair.0 == 2).map(|pair| *pair.1).collect();
    let n = count(heavy.len());
    fits("independent", chi_square(&counts(&heavy), &[0.8 * n, 0.15 * n, 0.05 * n], true));
}

/// Own messages and replies of each class of weights are as the weights.
#[test]
fn replies_are_written_by_weight() {
    // So seldom that the gap of two seconds hardly matters.
    let length = seconds(200_000);
    // κ of weight 1: 100 own messages, n = ½.
    let intensity =
        Intensity { per_viewer: a_minute(0.132), weights: weights(), ..intensity(0.0, None, None) };
    let group =
        Group { chat: Some(Chat { intensity, metronome: false }), ..full_house(1_000, length) };
    let mut show = show(length);
    show.replies.branching = 0.5;
    let plan = plan(54, show, group);
    let (mut own, mut replies) = (vec![0.0; 1_000], vec![0.0; 1_000]);
    for act in whole(&plan).iter().filter(|act| act.kind == IntentKind::Chat) {
        let times = if act.id.sequence % 8 == 1 { &mut own } else { &mut replies };
        times[act.id.actor.index() as usize] += 1.0;
    }
    let mut sums = [[0.0; 3]; 2];
    for (own, replies) in own.iter().zip(&replies) {
        sums[0][class(*own)] += own;
        sums[1][class(*own)] += replies;
    }
    let shares = |sums: [f64; 3]| sums.map(|sum| sum / sums.iter().sum::<f64>());
    let (own, replies) = (shares(sums[0]), shares(sums[1]));
    for (own, reply) in own.into_iter().zip(replies) {
        assert!((own - reply).abs() < 0.02, "{own} of own messages, {reply} of replies");
    }
    let spread = [0.8, 0.15, 0.05];
    assert!((replies[0] - spread[0]).abs() > 0.3, "not as if all were alike");
}

#[test]
fn some_give_and_each_gives_the_same_again_and_again() {
    let length = seconds(600);
    let gifts =
        |amount| Some(Gifts { givers: Share(0.15), intensity: intensity(1.0, None, None), amount });
    let group = |amount| Group { gifts: gifts(amount), ..full_house(VIEWERS, length) };
    let log_normal = Amount::LogNormal { median: 500.0, sigma: 2.0, max: 1_000_000 };
    let acts = acts(&plan(55, show(length), group(log_normal)), IntentKind::Gift);
    let mut givers: Vec<(u32, u32)> = acts.iter().map(|act| (act.0, act.1.count)).collect();
    let number = count(givers.len());
    givers.dedup();
    let n = f64::from(VIEWERS);
    // Ten gifts a giver: e^−10 of them give nothing after all.
    close("givers", count(givers.len()), n * 0.15, (n * 0.15 * 0.85).sqrt());
    close("gifts", number, n * 1.5, (n * 0.15 * (10.0 + 85.0)).sqrt());
    let distinct = givers.iter().map(|giver| giver.0).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct.len(), givers.len(), "one amount a giver");
    let above = count(givers.iter().filter(|giver| giver.1 > 500).count());
    let all = count(givers.len());
    close("above the median", above / all, 0.5, (0.25 / all).sqrt());
    // P(X > 500·e²) = P(Z > 1)
    let far = count(givers.iter().filter(|giver| giver.1 > 3_694).count());
    close("one σ above", far / all, 0.158_655, (0.1335 / all).sqrt());
    let fixed = self::acts(&plan(55, show(length), group(Amount::Fixed(7))), IntentKind::Gift);
    assert!(fixed.len() == acts.len() && fixed.iter().all(|act| act.1.count == 7));
}

#[test]
fn shares_come_at_their_rate() {
    let length = seconds(600);
    let shares = Some(Shares { intensity: intensity(0.5, None, None) });
    let group = Group { shares, ..full_house(VIEWERS, length) };
    let acts = acts(&plan(56, show(length), group), IntentKind::Share);
    close("shares", count(acts.len()), 1e5, 1e5_f64.sqrt());
}

/// A show of 600 s with a giveaway at 100 s for 50 s.
fn giveaway(group: Group) -> Plan {
    let mut show = show(seconds(600));
    let act = CueAct::Giveaway { product: ProductId(0), length: seconds(50) };
    show.cues.insert(1, Cue::new(seconds(100), act));
    plan(57, show, group)
}

fn entering(delay: Law) -> Giveaways {
    Giveaways { enter_per_viewer: Share(0.6), delay }
}

#[test]
fn viewers_enter_for_giveaways() {
    let delay = Law::Exponential { mean: seconds(10) };
    let there =
        Group { giveaways: Some(entering(delay.clone())), ..full_house(VIEWERS, seconds(600)) };
    let entered = acts(&giveaway(there.clone()), IntentKind::Enter);
    // Within 50 s of the cue.
    let share = 0.6 * (1.0 - libm::exp(-5.0));
    let n = f64::from(VIEWERS);
    close("entries", count(entered.len()), n * share, (n * share * (1.0 - share)).sqrt());
    assert!(entered.iter().all(|act| act.1.count == 1 && act.1.product == ProductId(0)));
    assert!(entered.iter().all(|act| act.1.at >= seconds(100) && act.1.at < seconds(150)));

    // Who comes while it is on enters after coming.
    let late = Group {
        giveaways: Some(entering(Law::Fixed(seconds(1)))),
        ..watchers(VIEWERS, seconds(600))
    };
    let entered = acts(&giveaway(late), IntentKind::Enter);
    // Those there at 100 s, and those who come until 149 s.
    let share = 0.6 * 149.0 / 600.0;
    close("with latecomers", count(entered.len()), n * share, (n * share * (1.0 - share)).sqrt());

    // Who enters on hearing of it does not by plan.
    let reaction =
        Reaction { to: Trigger::Giveaway, act: ReactionAct::Enter, share: Share(0.6), delay };
    let hearing = Group { on_received: vec![reaction], ..there };
    assert!(acts(&giveaway(hearing), IntentKind::Enter).is_empty());
}

#[test]
fn nobody_enters_twice() {
    let more = MoreVisits::None;
    let returns = Some(Returns { visits: 100, more, absence: Law::Fixed(seconds(1)) });
    let stay = Law::Fixed(seconds(4));
    let group = Group {
        classes: vec![VisitClass { share: Share(1.0), stay, returns }],
        giveaways: Some(entering(Law::Exponential { mean: seconds(3) })),
        ..full_house(VIEWERS, seconds(600))
    };
    let mut who: Vec<u32> =
        acts(&giveaway(group), IntentKind::Enter).iter().map(|act| act.0).collect();
    let entries = who.len();
    who.dedup();
    assert_eq!(who.len(), entries);
    // Each of ten visits of 4 s in the window would do: the delay is drawn once.
    let share = 0.6 * (1.0 - libm::exp(-4.0 / 3.0));
    let n = f64::from(VIEWERS);
    close("entries", count(entries), n * share, (n * share * (1.0 - share)).sqrt());
}

#[test]
fn click_shares_hold_with_factors() {
    let length = seconds(600);
    let rise = factor(&[(0.0, 0.2), (600.0, 3.0)]);
    let tire = factor(&[(0.0, 4.0), (30.0, 0.1)]);
    for (c, g) in [(Some(&rise), None), (None, Some(&tire)), (Some(&rise), Some(&tire))] {
        let funnel = Funnel {
            click_per_visit: Share(0.3),
            by_show_time: c.cloned(),
            by_viewer_age: g.cloned(),
            ..funnel()
        };
        let stay = VisitClass::once(Law::LogNormal { median: seconds(40), sigma: 1.1 });
        let group =
            Group { funnel: Some(funnel), classes: vec![stay], ..watchers(VIEWERS, length) };
        let mut who: Vec<u32> = acts(&plan(58, show(length), group), IntentKind::Click)
            .iter()
            .map(|act| act.0)
            .collect();
        who.dedup();
        let n = f64::from(VIEWERS);
        close("who clicks", count(who.len()) / n, 0.3, (0.21 / n).sqrt());
    }
}

#[test]
fn what_is_received_is_not_planned_too() {
    let mut show = show(seconds(600));
    show.cues.insert(1, Cue::new(seconds(300), CueAct::Pin { product: ProductId(0) }));
    let sale =
        CueAct::FlashSale { product: ProductId(0), price: cents(3_900), length: seconds(100) };
    show.cues.insert(2, Cue::new(seconds(500), sale));
    let reaction = |to| Reaction {
        to,
        act: ReactionAct::Click,
        share: Share(0.1),
        delay: Law::Fixed(seconds(1)),
    };
    let lifted = Funnel { click_per_visit: Share(0.5), pin_lift: 9.0, sale_lift: 9.0, ..funnel() };
    let mut group = Group { funnel: Some(lifted), ..full_house(VIEWERS, seconds(600)) };
    let clicks = |group: &Group| {
        let acts = acts(&plan(59, show.clone(), group.clone()), IntentKind::Click);
        let within = |from: f64, to: f64| {
            let there = |act: &&(u32, Intent, f64)| from <= act.2 && act.2 < to;
            count(acts.iter().filter(there).count())
        };
        [within(200.0, 300.0), within(300.0, 400.0), within(500.0, 600.0)]
    };
    let planned = clicks(&group);
    assert!(planned[1] > 2.0 * planned[0] && planned[2] > 5.0 * planned[0], "{planned:?}");
    group.on_received = vec![reaction(Trigger::Pin)];
    let pins = clicks(&group);
    close("after the pin", pins[1], pins[0], (2.0 * pins[0]).sqrt());
    assert!(pins[2] > 5.0 * pins[0], "the sale still lifts: {pins:?}");
    group.on_received.push(reaction(Trigger::FlashSale));
    let both = clicks(&group);
    close("during the sale", both[2], both[0], (2.0 * both[0]).sqrt());
}

#[test]
fn a_changed_price_is_what_is_chosen_by() {
    let mut show = show(seconds(600));
    let change = CueAct::PriceChange { product: ProductId(0), price: cents(7_800) };
    show.cues.insert(1, Cue::new(Micros(0), change));
    let choosy = Funnel {
        click_per_visit: Share(0.9),
        buy_per_cart: Share(0.5),
        cart_delay: Micros(1),
        check_out_delay: Micros(1),
        price_sensitivity: 1.5,
        ..funnel()
    };
    let group = Group { funnel: Some(choosy), ..full_house(VIEWERS, seconds(600)) };
    let plan = plan(60, show, group);
    let carts = count(acts(&plan, IntentKind::AddToCart).len());
    let orders = count(acts(&plan, IntentKind::CheckOut).len());
    // Twice the list price: odds 2^−1.5.
    let odds = libm::pow(2.0, -1.5);
    let expect = odds / (1.0 + odds);
    close("orders a cart", orders / carts, expect, (expect * (1.0 - expect) / carts).sqrt());
}

/// Factors leave replies what they are: n/(1 − n) a message, whenever it is written.
#[test]
fn the_mean_rate_holds_with_replies_and_factors() {
    let length = seconds(600);
    let mut show = show(length);
    show.replies.branching = 0.5;
    let mut lively = chat(1.0);
    lively.intensity = Intensity {
        weights: weights(),
        by_show_time: Some(factor(&[(0.0, 0.0), (300.0, 2.0), (600.0, 0.0)])),
        ..lively.intensity
    };
    let group = Group { chat: Some(lively), ..full_house(5_000, length) };
    let messages =
        whole(&plan(61, show, group)).iter().filter(|act| act.kind == IntentKind::Chat).count();
    // ∫c is the length. Clusters: variance 1/(1 − n)²; weights: 5,000 of E w²/E² w − 1 = 2.31.
    let expect = 5_000.0 * 10.0;
    let deviation = (expect * 4.0 + 5_000.0 * 100.0 * 2.31_f64).sqrt();
    close("messages", count(messages), expect, deviation);
}
