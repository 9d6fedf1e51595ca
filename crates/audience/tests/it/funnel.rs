//! From visits to orders: shares without cues, lifts, the choice by price.

use claque_audience::{
    Cue, CueAct, Funnel, Group, Intent, IntentKind, Law, Micros, Plan, ProductId, Share,
    VisitClass, Visits,
};

use crate::laws::{close, count};
use crate::plans::{cents, funnel, plan, seconds, show, watchers};

const VIEWERS: u32 = 100_000;

/// Steps follow each other at once, so that no leave comes between.
fn prompt(click_per_visit: f64) -> Funnel {
    Funnel {
        click_per_visit: Share(click_per_visit),
        cart_delay: Micros(1),
        check_out_delay: Micros(1),
        ..funnel()
    }
}

fn shoppers(funnel: Funnel, stay: Law) -> Group {
    Group {
        funnel: Some(funnel),
        classes: vec![VisitClass::once(stay)],
        ..watchers(VIEWERS, seconds(600))
    }
}

fn log_normal() -> Law {
    Law::LogNormal { median: seconds(40), sigma: 1.1 }
}

/// Everything that the viewers do.
fn acts(plan: &Plan) -> Vec<Vec<Intent>> {
    let visits = Visits::new(plan);
    (0..visits.size(0)).map(|index| visits.visit(0, index).intents).collect()
}

fn of_kind(acts: &[Vec<Intent>], kind: IntentKind) -> impl Iterator<Item = &Intent> {
    acts.iter().flatten().filter(move |intent| intent.kind == kind)
}

fn number(acts: &[Vec<Intent>], kind: IntentKind) -> f64 {
    count(of_kind(acts, kind).count())
}

/// Share of visits with a click.
fn clicking(acts: &[Vec<Intent>]) -> f64 {
    let clicks = |visit: &&Vec<Intent>| visit.iter().any(|act| act.kind == IntentKind::Click);
    count(acts.iter().filter(clicks).count()) / count(acts.len())
}

#[test]
fn shares_without_cues_are_the_declared_ones() {
    let minute = |second| Law::Fixed(seconds(second));
    let observed = Law::Empirical([1, 4, 9, 300, 900].map(seconds).into());
    for stay in [log_normal(), minute(60), Law::Exponential { mean: seconds(90) }, observed] {
        for share in [0.02, 0.09, 0.5] {
            let plan = plan(9, show(seconds(600)), shoppers(prompt(share), stay.clone()));
            let acts = acts(&plan);
            let deviation = (share * (1.0 - share) / f64::from(VIEWERS)).sqrt();
            close(&format!("visits with a click, {stay:?}"), clicking(&acts), share, deviation);
            let clicks = number(&acts, IntentKind::Click);
            let carts = number(&acts, IntentKind::AddToCart);
            let orders = number(&acts, IntentKind::CheckOut);
            close("carts a click", carts / clicks, 0.35, (0.35 * 0.65 / clicks).sqrt());
            close("orders a cart", orders / carts, 0.5, (0.25 / carts).sqrt());
        }
    }
}

/// Not one hazard −ln(1 − p)/E[V]: visits differ in length, and that misses the share.
#[test]
fn a_hazard_from_the_mean_visit_alone_would_miss() {
    let plan = plan(9, show(seconds(600)), shoppers(prompt(0.5), log_normal()));
    let visits = Visits::new(&plan);
    let lengths: Vec<f64> = (0..VIEWERS)
        .map(|index| {
            let visit = visits.visit(0, index);
            visit.leave.saturating_sub(visit.join).seconds()
        })
        .collect();
    let n = f64::from(VIEWERS);
    let mean = lengths.iter().sum::<f64>() / n;
    let share = |hazard: f64| 1.0 - lengths.iter().map(|v| libm::exp(-hazard * v)).sum::<f64>() / n;
    let hazard = visits.click_hazard(0).unwrap().per_second;
    assert!((share(hazard) - 0.5).abs() < 0.003, "{}", share(hazard));
    assert!(share(std::f64::consts::LN_2 / mean) < 0.42);
}

#[test]
fn late_steps_are_dropped_with_the_leave() {
    let slow = Funnel { cart_delay: seconds(20), check_out_delay: seconds(30), ..prompt(0.3) };
    let stay = Law::Fixed(seconds(60));
    let one = Group {
        arrivals: claque_audience::Curve::constant(Micros(1)).into(),
        ..shoppers(slow, stay)
    };
    let acts = acts(&plan(9, show(seconds(600)), one));
    // Clicks come evenly over 60 s; E[P(delay < 60 − t)] = 1 − (1 − e^{−3})/3 of them get so far.
    let clicks = number(&acts, IntentKind::Click);
    let kept = 0.35 * (1.0 - (1.0 - libm::exp(-3.0)) / 3.0);
    let carts = number(&acts, IntentKind::AddToCart) / clicks;
    close("carts in time", carts, kept, (kept * (1.0 - kept) / clicks).sqrt());
}

/// A show whose product costs `price` from beginning to end.
fn at_price(price: u64) -> Plan {
    let mut show = show(seconds(600));
    let length = seconds(600);
    let act = CueAct::FlashSale { product: ProductId(0), price: cents(price), length };
    show.cues.insert(1, Cue::new(Micros(0), act));
    // No lift: price acts only in the choice.
    let choosy = Funnel { sale_lift: 1.0, buy_per_cart: Share(0.3), ..prompt(0.5) };
    plan(10, show, shoppers(choosy, log_normal()))
}

/// Orders a cart at `price`, and the carts.
fn bought(price: u64) -> (f64, f64) {
    let acts = acts(&at_price(price));
    let carts = number(&acts, IntentKind::AddToCart);
    (number(&acts, IntentKind::CheckOut) / carts, carts)
}

#[test]
fn the_choice_is_a_logit_on_price() {
    let (eta, list) = (1.5, 3_900.0);
    for price in [1_950, 2_900, 3_900, 7_800] {
        let (got, carts) = bought(price);
        let odds = 0.3 / 0.7 * libm::pow(f64::from(u32::try_from(price).unwrap()) / list, -eta);
        let expect = odds / (1.0 + odds);
        close(&format!("at {price}"), got, expect, (expect * (1.0 - expect) / carts).sqrt());
    }
}

#[test]
fn own_price_elasticity_is_that_of_the_logit() {
    let ((low, carts), (high, same)) = (bought(3_700), bought(4_100));
    assert!((carts - same).abs() < 0.5, "the price moves the choice, and nothing before it");
    let elasticity = libm::log(high / low) / libm::log(4_100.0 / 3_700.0);
    // −η(1 − P). Both prices share their luck: the difference is the carts between the two.
    let expect = -1.5 * 0.7;
    let moved = ((low - high) / carts).sqrt();
    close("elasticity", elasticity, expect, moved / 0.3 / libm::log(4_100.0 / 3_700.0));
    assert!((elasticity + 1.5).abs() > 0.2, "not −η");
}

#[test]
fn cues_lift_clicks_and_name_the_product() {
    let (mut show, lamp, mug) = (show(seconds(600)), ProductId(0), ProductId(1));
    let sale = CueAct::FlashSale { product: mug, price: cents(3_900), length: seconds(50) };
    show.cues.insert(1, Cue::new(seconds(200), CueAct::Pin { product: lamp }));
    show.cues.insert(2, Cue::new(seconds(400), sale));
    let mut group = shoppers(prompt(0.3), Law::Fixed(seconds(600)));
    group.arrivals = claque_audience::Curve::constant(Micros(1)).into();
    let mut plan = plan(12, show, group);
    plan.products.push(plan.products[0].clone());
    let hazard = Visits::new(&plan).click_hazard(0).unwrap().per_second;
    let acts = acts(&plan);
    let between = |from: u64, to: u64| {
        let within = move |act: &&Intent| act.at >= seconds(from) && act.at < seconds(to);
        of_kind(&acts, IntentKind::Click).filter(within)
    };
    // ∫ of the lift over the window, in seconds: 3 falls to 1 with 20 s; the sale doubles.
    let pinned = |from: f64, to: f64| {
        to - from + 2.0 * 20.0 * (libm::exp(-from / 20.0) - libm::exp(-to / 20.0))
    };
    let windows = [
        (100, 200, 100.0),
        (200, 210, pinned(0.0, 10.0)),
        (210, 240, pinned(10.0, 40.0)),
        (240, 400, pinned(40.0, 200.0)),
        (400, 450, 2.0 * pinned(200.0, 250.0)),
        (450, 600, pinned(250.0, 400.0)),
    ];
    for (from, to, lifted) in windows {
        let expect = f64::from(VIEWERS) * hazard * lifted;
        close(
            &format!("clicks from {from} s"),
            count(between(from, to).count()),
            expect,
            expect.sqrt(),
        );
    }
    assert!(between(200, 400).all(|click| click.product == lamp), "what is pinned");
    assert!(between(400, 450).all(|click| click.product == mug), "what is on sale");
    assert!(between(450, 600).all(|click| click.product == lamp), "pinned still");
    let before = between(0, 200).filter(|click| click.product == lamp).count();
    let all = count(between(0, 200).count());
    close("any product", count(before) / all, 0.5, (0.25 / all).sqrt());
}
