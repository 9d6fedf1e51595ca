//! Intents a second of one core, and memory, from 10,000 to 1,000,000 viewers.
//!
//! `cargo bench -p claque-audience --bench intents` prints the curve first, then criterion measures
//! the smaller sizes with its intervals. `-- --curve` stops after the curve.
#![expect(clippy::print_stdout, reason = "a benchmark reports on the terminal")]
#![expect(clippy::cast_precision_loss, reason = "figures for reading")]

use std::alloc::System;
use std::hint::black_box;

use claque_audience::{
    Audience, Chat, Cue, CueAct, Currency, Curve, Funnel, Group, Intensity, IntentSource, Law,
    Likes, Micros, Money, Plan, Product, ProductId, Rate, Replies, Share, Show, ShowId, Size,
};
use criterion::{BenchmarkId, Criterion, Throughput};
use rustix::time::{ClockId, clock_gettime};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One minute of one show with `viewers`, about nine intents each: replies, likes, a pin and a
/// flash sale.
fn one_minute(viewers: u32, branching: f64) -> Plan {
    let second = |second: u64| Micros(second * 1_000_000);
    let price = |minor| Money { minor, currency: Currency(*b"EUR") };
    let lamp = ProductId(0);
    let cue = |at, act| Cue::new(second(at), act);
    let sale = CueAct::FlashSale { product: lamp, price: price(2_900), length: second(15) };
    let a_minute = |times: f64| Rate { per_second: times / 60.0 };
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
        products: vec![Product { name: "lamp".into(), price: price(3_900), stock: 40 }],
        shows: vec![show],
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

fn curve() {
    println!("set-up included, CPU time of one thread");
    println!("viewers    replies  intents     M intents/s  MB at the peak");
    for viewers in [10_000, 30_000, 100_000, 300_000, 1_000_000] {
        for branching in [0.0, 0.3] {
            let plan = one_minute(viewers, branching);
            let (region, mut peak) = (Region::new(ALLOCATOR), 0);
            play(&plan, || {
                let change = region.change();
                peak = peak.max(change.bytes_allocated.saturating_sub(change.bytes_deallocated));
            });
            // The fastest of three: the machine may be shared.
            let mut best = f64::INFINITY;
            let mut count = 0;
            for _ in 0..3 {
                let start = cpu_seconds();
                count = play(&plan, || {});
                best = best.min(cpu_seconds() - start);
            }
            let rate = count as f64 / best / 1e6;
            let megabytes = peak as f64 / 1e6;
            println!("{viewers:<10} {branching:<8} {count:<11} {rate:<12.1} {megabytes:.1}");
        }
    }
}

fn main() {
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
