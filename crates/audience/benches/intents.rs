//! Intents a second of one core, and memory, from 10,000 to 10,000,000 viewers: of one minute of
//! one show, and of an evening of twenty shows with everything that an audience can do.
//!
//! `cargo bench -p claque-audience --bench intents` prints the curves first, then criterion measures
//! the smaller sizes with its intervals. `-- --curve` stops after the curves; `-- --evening 300000`
//! plays one evening, for a profiler.
#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]
#![expect(clippy::cast_precision_loss, reason = "figures for reading")]

use std::alloc::System;
use std::hint::black_box;

use claque_audience::{
    Amount, Arrivals, Audience, Chat, Cue, CueAct, Currency, Curve, Factor, Funnel, Gifts,
    Giveaways, Group, Hop, Intensity, IntentSource, Law, Likes, Micros, Money, MoreVisits, Plan,
    Product, ProductId, Rate, Replies, Returns, Share, Shares, Show, ShowId, Size, VisitClass,
};
use criterion::{BenchmarkId, Criterion, Throughput};
use rustix::time::{ClockId, clock_gettime};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One minute of one show with `viewers`, about nine intents each: replies, likes, a pin and a
/// flash sale.
fn one_minute(viewers: u32, branching: f64) -> Plan {
    let lamp = ProductId(0);
    let cue = |at, act| Cue::new(second(at), act);
    let sale = CueAct::FlashSale { product: lamp, price: euros(2_900), length: second(15) };
    let cues = vec![
        cue(0, CueAct::GoLive),
        cue(10, CueAct::Pin { product: lamp }),
        cue(35, sale),
        cue(60, CueAct::End),
    ];
    let replies = Replies { branching, decay: Micros(600_000) };
    let show = Show { replies, ..Show::new("mia", cues) };
    let points = vec![(Micros(0), 1.0), (second(5), 3.0), (second(60), 0.2)];
    let arrivals = Curve::points(points).unwrap_or_else(|_| Curve::constant(second(60)));
    let stay = Law::LogNormal { median: second(40), sigma: 1.1 };
    let group = Group {
        chat: Some(Chat { intensity: Intensity::steady(a_minute(4.0)), metronome: false }),
        likes: Some(Likes { intensity: Intensity::steady(a_minute(60.0)), run: 4.0 }),
        funnel: Some(Funnel {
            click_per_visit: Share(0.09),
            cart_per_click: Share(0.35),
            buy_per_cart: Share(0.5),
            pin_lift: 3.0,
            sale_lift: 2.0,
            lift_decay: second(20),
            price_sensitivity: 1.5,
            cart_delay: second(4),
            check_out_delay: second(6),
            by_show_time: None,
            by_viewer_age: None,
        }),
        ..Group::new("followers", ShowId(0), Size::Viewers(viewers), arrivals, stay)
    };
    Plan {
        seed: 7,
        length: second(60),
        products: vec![Product { name: "lamp".into(), price: euros(3_900), stock: 40 }],
        shows: vec![show],
        groups: vec![group],
    }
}

fn second(second: u64) -> Micros {
    Micros(second * 1_000_000)
}

fn euros(minor: u64) -> Money {
    Money { minor, currency: Currency(*b"EUR") }
}

fn a_minute(times: f64) -> Rate {
    Rate { per_second: times / 60.0 }
}

/// One of the evening's twenty shows, ten minutes long, each a little later than the last; a raid
/// near its end sends the viewers on to the next.
fn evening_show(number: u16) -> Show {
    let start = u64::from(number % 5) * 60;
    let product = |it: u16| ProductId(it % 4);
    let cue = |at: u64, act| Cue::new(second(start + at), act);
    let sale =
        CueAct::FlashSale { product: product(number + 1), price: euros(2_900), length: second(60) };
    let change = CueAct::PriceChange { product: product(number), price: euros(3_500) };
    let cues = vec![
        cue(0, CueAct::GoLive),
        cue(60, CueAct::Pin { product: product(number) }),
        cue(200, sale),
        cue(300, CueAct::Giveaway { product: product(number + 2), length: second(60) }),
        cue(400, change),
        cue(560, CueAct::Raid { to: ShowId((number + 1) % 20), follow: Share(0.5) }),
        cue(600, CueAct::End),
    ];
    let replies = Replies { branching: 0.3, decay: Micros(2_000_000) };
    Show { replies, ..Show::new(format!("creator-{number}"), cues) }
}

/// So many a minute, with curves over show time and age, and weights.
fn curved(times: f64) -> Intensity {
    let factor = |points: &[(u64, f64)]| {
        Factor::new(points.iter().map(|point| (second(point.0), point.1)).collect()).ok()
    };
    Intensity {
        per_viewer: a_minute(times),
        by_show_time: factor(&[(0, 0.5), (200, 1.5), (300, 1.0), (600, 2.0)]),
        by_viewer_age: factor(&[(0, 1.5), (60, 1.0), (240, 0.8)]),
        weights: vec![(1, Share(0.8)), (4, Share(0.15)), (16, Share(0.05))],
    }
}

/// An evening of 20 creators with Zipf audiences: curves, weights, replies, hops, returns, raids,
/// gifts, shares, giveaways, prices. `pace` 1 writes and likes as the viewers of [`one_minute`]; a
/// fifth of it is a quiet evening, where coming and going is a third of all.
fn evening(viewers: u32, pace: f64) -> Plan {
    let log_normal = |median, sigma| Law::LogNormal { median: second(median), sigma };
    let curve = Curve::points(vec![(Micros(0), 1.0), (second(120), 3.0), (second(840), 0.2)]);
    let curve = curve.unwrap_or_else(|_| Curve::constant(second(840)));
    let told =
        Arrivals::Notification { at: second(10), opens: Share(0.9), delay: log_normal(120, 1.0) };
    let returns = Returns {
        visits: 1,
        more: MoreVisits::NegativeBinomial { r: 0.8, p: 0.5 },
        absence: Law::Weibull { shape: 0.7, scale: second(60) },
    };
    let class = |share, stay, returns| VisitClass { share: Share(share), stay, returns };
    let group = Group {
        shows: (0..20).map(|show| (ShowId(show), 1.0 / f64::from(show + 1))).collect(),
        arrivals: Arrivals::Sum(vec![(3.0, curve.clone().into()), (1.0, told)]),
        classes: vec![
            class(0.7, log_normal(90, 1.1), None),
            class(0.3, Law::Weibull { shape: 0.7, scale: second(100) }, Some(returns)),
        ],
        hop: Some(Hop { per_visit: Share(0.3), gap: Law::Exponential { mean: second(5) } }),
        chat: Some(Chat { intensity: curved(4.0 * pace), metronome: false }),
        likes: Some(Likes { intensity: curved(60.0 * pace), run: 4.0 }),
        gifts: Some(Gifts {
            givers: Share(0.015),
            intensity: curved(0.5),
            amount: Amount::LogNormal { median: 100.0, sigma: 2.0, max: 100_000 },
        }),
        shares: Some(Shares { intensity: curved(0.05) }),
        funnel: Some(Funnel {
            click_per_visit: Share(0.09),
            cart_per_click: Share(0.35),
            buy_per_cart: Share(0.5),
            pin_lift: 3.0,
            sale_lift: 2.0,
            lift_decay: second(20),
            price_sensitivity: 1.5,
            cart_delay: second(4),
            check_out_delay: second(6),
            by_show_time: curved(0.0).by_show_time,
            by_viewer_age: curved(0.0).by_viewer_age,
        }),
        giveaways: Some(Giveaways {
            enter_per_viewer: Share(0.4),
            delay: Law::Exponential { mean: second(5) },
        }),
        ..Group::new("evening", ShowId(0), Size::Viewers(viewers), curve, log_normal(90, 1.1))
    };
    let product = |name: &str| Product { name: name.into(), price: euros(3_900), stock: 40 };
    Plan {
        seed: 7,
        length: second(840),
        products: ["lamp", "mug", "scarf", "tea"].map(product).into(),
        shows: (0..20).map(evening_show).collect(),
        groups: vec![group],
    }
}

/// Plays a plan in chunks of 100 ms; calls `after_chunk` after each, and counts the intents.
fn play(plan: &Plan, mut after_chunk: impl FnMut()) -> usize {
    let mut audience = Audience::new(plan);
    let (mut intents, mut until, mut count) = (Vec::new(), Micros(0), 0);
    loop {
        until = until.saturating_add(Micros(100_000));
        let more = audience.fill(until, &mut intents);
        count += black_box(&intents).len();
        intents.clear();
        after_chunk();
        if !more {
            return count;
        }
    }
}

/// CPU time of this thread: what else runs on the machine counts less than on the wall clock.
fn cpu_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// Plays a plan, small ones three times; prints its figures.
fn measure(name: &str, viewers: u32, plan: &Plan) {
    let (region, mut peak) = (Region::new(ALLOCATOR), 0);
    let (mut best, mut count) = (f64::INFINITY, 0);
    // The fastest counts: the machine may be shared.
    for _ in 0..if viewers > 1_000_000 { 1 } else { 3 } {
        let start = cpu_seconds();
        count = play(plan, || {
            let change = region.change();
            peak = peak.max(change.bytes_allocated.saturating_sub(change.bytes_deallocated));
        });
        best = best.min(cpu_seconds() - start);
    }
    let rate = count as f64 / best / 1e6;
    let megabytes = peak as f64 / 1e6;
    println!("{viewers:<10} {name:<14} {count:<11} {rate:<12.1} {megabytes:.1}");
}

fn curve() {
    println!("set-up included, CPU time of one thread");
    println!("viewers    plan           intents     M intents/s  MB at the peak");
    for viewers in [10_000, 30_000, 100_000, 300_000, 1_000_000] {
        measure("no replies", viewers, &one_minute(viewers, 0.0));
        measure("replies 0.3", viewers, &one_minute(viewers, 0.3));
    }
    for viewers in [10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000] {
        measure("evening", viewers, &evening(viewers, 1.0));
        measure("quiet evening", viewers, &evening(viewers, 0.2));
    }
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--evening").skip(1);
    if let Some(viewers) = arguments.next().and_then(|viewers| viewers.parse().ok()) {
        measure("evening", viewers, &evening(viewers, 1.0));
        measure("quiet evening", viewers, &evening(viewers, 0.2));
        return;
    }
    let asked = |flag: &str| std::env::args().any(|argument| argument == flag);
    if asked("--bench") {
        curve();
    }
    if asked("--curve") {
        return;
    }
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("intents");
    for viewers in [10_000, 100_000] {
        let plan = one_minute(viewers, 0.3);
        group.throughput(Throughput::Elements(play(&plan, || {}) as u64));
        group.bench_with_input(BenchmarkId::from_parameter(viewers), &plan, |bencher, plan| {
            bencher.iter(|| play(plan, || {}));
        });
    }
    group.finish();
    criterion.final_summary();
}
