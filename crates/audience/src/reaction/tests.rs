//! Who reacts, how and when.

use super::*;
use crate::{Cue, CueAct, Currency, Curve, Funnel, Group, Money, Product, Show, Size};

fn second(second: u64) -> Micros {
    Micros(second * 1_000_000)
}

fn reaction(to: Trigger, act: ReactionAct, share: f64, delay: Law) -> Reaction {
    Reaction { to, act, share: Share(share), delay }
}

fn plan() -> Plan {
    let minute = second(60);
    let cues = vec![Cue::new(Micros(0), CueAct::GoLive), Cue::new(minute, CueAct::End)];
    let delay = Law::Exponential { mean: second(3) };
    let group = Group {
        funnel: Some(Funnel {
            click_per_visit: Share(0.1),
            cart_per_click: Share(0.5),
            buy_per_cart: Share(0.4),
            pin_lift: 1.0,
            sale_lift: 1.0,
            lift_decay: second(1),
            price_sensitivity: 1.0,
            cart_delay: second(2),
            check_out_delay: second(5),
            by_show_time: None,
            by_viewer_age: None,
        }),
        on_received: vec![
            reaction(Trigger::Pin, ReactionAct::Click, 0.25, delay.clone()),
            reaction(Trigger::SoldOut, ReactionAct::Leave, 0.3, delay.clone()),
            reaction(Trigger::SoldOut, ReactionAct::Complain, 0.6, delay),
            reaction(Trigger::Giveaway, ReactionAct::Enter, 1.0, Law::Fixed(second(1))),
        ],
        ..Group::new(
            "all",
            ShowId(0),
            Size::Viewers(9),
            Curve::constant(minute),
            Law::Fixed(minute),
        )
    };
    let silent = Group { on_received: vec![], ..group.clone() };
    let price = Money { minor: 3_900, currency: Currency(*b"EUR") };
    let mut show = Show::new("mia", cues);
    show.answers = Some(Answers { every: 3, delay: Law::Fixed(second(2)) });
    Plan {
        seed: 5,
        length: minute,
        products: vec![Product { name: "lamp".into(), price, stock: 1 }],
        shows: vec![show, Show::new("noa", vec![])],
        groups: vec![group, silent],
    }
}

fn cause(trigger: Trigger) -> Cause {
    Cause { trigger, show: ShowId(0), product: ProductId(0), cue: 1 }
}

fn of(reactions: &Reactions, index: u32, cause: &Cause, received: Micros) -> Vec<Intent> {
    let mut out = Vec::new();
    reactions.of(Actor::viewer(0, index), cause, received, 3 << 20, &mut out);
    out
}

#[test]
fn groups_want_what_they_react_to() {
    let reactions = Reactions::new(&plan());
    assert!(reactions.wants(0, Trigger::Pin) && reactions.wants(0, Trigger::SoldOut));
    assert!(!reactions.wants(0, Trigger::PriceChange) && !reactions.wants(1, Trigger::Pin));
    assert!(!reactions.wants(2, Trigger::Pin), "no such group");
    assert!(of(&reactions, 0, &cause(Trigger::FlashSale), second(1)).is_empty());
}

#[test]
fn shares_and_delays_are_the_declared_ones() {
    let reactions = Reactions::new(&plan());
    let (mut clicks, mut carts, mut orders, mut delays) = (0.0, 0.0, 0.0, 0.0);
    for index in 0..20_000 {
        let acts = of(&reactions, index, &cause(Trigger::Pin), second(10));
        assert!(acts.is_sorted_by_key(Intent::order));
        for (number, act) in (3_u32 << 20..).zip(&acts) {
            assert!(act.id.is_reaction() && act.visit() == 3 && act.at >= second(10));
            assert_eq!(act.id.sequence, 1 << 31 | number << 3 | 3);
            assert_eq!(act.after.is_some(), act.kind != IntentKind::Click);
            match act.kind {
                IntentKind::Click => clicks += 1.0,
                IntentKind::AddToCart => carts += 1.0,
                _ => orders += 1.0,
            }
        }
        for pair in acts.windows(2) {
            assert_eq!(pair[1].after, Some(pair[0].id.sequence));
        }
        delays += acts.first().map_or(0.0, |click| click.at.seconds() - 10.0);
    }
    let close = |what: &str, got: f64, expect: f64, deviation: f64| {
        assert!((got - expect).abs() < 4.5 * deviation, "{what}: {got}, not {expect}");
    };
    close("clicks", clicks, 5_000.0, (20_000.0_f64 * 0.25 * 0.75).sqrt());
    close("delays", delays / clicks, 3.0, 3.0 / f64::sqrt(clicks));
    close("carts", carts / clicks, 0.5, (0.25 / clicks).sqrt());
    close("orders", orders / carts, 0.4, (0.24 / carts).sqrt());
}

#[test]
fn a_later_receipt_moves_reactions_and_changes_none() {
    let reactions = Reactions::new(&plan());
    for trigger in [Trigger::Pin, Trigger::SoldOut, Trigger::Giveaway] {
        for index in 0..500 {
            let early = of(&reactions, index, &cause(trigger), second(10));
            let mut late = of(&reactions, index, &cause(trigger), second(15));
            for act in &mut late {
                act.at.0 -= 5_000_000;
            }
            assert_eq!(early, late);
        }
    }
}

#[test]
fn causes_have_luck_of_their_own() {
    let reactions = Reactions::new(&plan());
    let who = |cause: &Cause| -> Vec<bool> {
        (0..200).map(|index| !of(&reactions, index, cause, second(1)).is_empty()).collect()
    };
    let first = cause(Trigger::Pin);
    assert_ne!(who(&first), who(&Cause { cue: 2, ..first }));
    assert_ne!(who(&first), who(&Cause { product: ProductId(1), ..first }));
    assert_ne!(who(&first), who(&Cause { show: ShowId(1), ..first }));
    assert_eq!(who(&first), who(&first));
}

#[test]
fn nothing_follows_a_leave() {
    let reactions = Reactions::new(&plan());
    let (mut leaves, mut both) = (0, 0);
    for index in 0..2_000 {
        let acts = of(&reactions, index, &cause(Trigger::SoldOut), second(1));
        let leave = acts.iter().position(|act| act.kind == IntentKind::Leave);
        assert!(leave.is_none_or(|place| place == acts.len() - 1));
        leaves += i32::from(leave.is_some());
        both += i32::from(acts.len() == 2);
    }
    assert!(leaves > 500 && both > 100, "{leaves} leaves, {both} with a complaint before");
}

#[test]
fn a_creator_answers_every_third_message() {
    let reactions = Reactions::new(&plan());
    let answers: Vec<Intent> =
        (0..10).filter_map(|heard| reactions.answer(ShowId(0), heard, second(heard))).collect();
    let at: Vec<Micros> = answers.iter().map(|answer| answer.at).collect();
    assert_eq!(at, [5, 8, 11].map(second));
    for (number, answer) in (0..).zip(&answers) {
        assert_eq!(answer.id.actor, Actor::creator(ShowId(0)));
        assert_eq!(answer.id.sequence, 1 << 31 | number << 3 | 3);
        assert!(answer.id.is_reaction() && answer.kind == IntentKind::Chat && answer.visit() == 0);
    }
    assert_eq!(reactions.answer(ShowId(1), 3, second(1)), None, "noa does not answer");
    assert_eq!(reactions.answer(ShowId(7), 3, second(1)), None, "no such show");
}
