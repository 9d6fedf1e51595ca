//! Plans to test on.

use claque_audience::{
    Amount, Arrivals, Chat, Cue, CueAct, Currency, Curve, Factor, Funnel, Gifts, Giveaways, Group,
    Hop, Intensity, Law, Likes, Micros, Money, MoreVisits, Plan, Product, ProductId, Rate,
    Reaction, ReactionAct, Returns, Share, Shares, Show, ShowId, Size, Trigger, VisitClass,
};

/// So many whole seconds.
pub(crate) fn seconds(seconds: u64) -> Micros {
    Micros(seconds * 1_000_000)
}

/// So many euro cents.
pub(crate) fn cents(minor: u64) -> Money {
    Money { minor, currency: Currency(*b"EUR") }
}

/// A rate of so many a minute.
pub(crate) fn a_minute(times: f64) -> Rate {
    Rate { per_second: times / 60.0 }
}

/// A show of `length` without cues but its beginning and end, without replies.
pub(crate) fn show(length: Micros) -> Show {
    let cues = vec![Cue::new(Micros(0), CueAct::GoLive), Cue::new(length, CueAct::End)];
    let mut show = Show::new("mia", cues);
    show.replies.decay = Micros(600_000);
    show
}

/// `viewers` who arrive evenly over `length`, stay to the end and do nothing.
pub(crate) fn watchers(viewers: u32, length: Micros) -> Group {
    let (curve, stay) = (Curve::constant(length), Law::Fixed(length));
    Group::new("watchers", ShowId(0), Size::Viewers(viewers), curve, stay)
}

/// One show, one product, one group.
pub(crate) fn plan(seed: u64, show: Show, group: Group) -> Plan {
    let length = show.cues.last().unwrap().at;
    Plan {
        seed,
        length,
        products: vec![Product { name: "lamp".into(), price: cents(3_900), stock: 40 }],
        shows: vec![show],
        groups: vec![group],
    }
}

/// All of `viewers` are there within the first microsecond and stay to the end.
pub(crate) fn full_house(viewers: u32, length: Micros) -> Group {
    Group { arrivals: Curve::constant(Micros(1)).into(), ..watchers(viewers, length) }
}

/// A Poisson chat of so many messages a minute.
pub(crate) fn chat(times_a_minute: f64) -> Chat {
    Chat { intensity: Intensity::steady(a_minute(times_a_minute)), metronome: false }
}

/// Likes, so many a minute in runs of `run`.
pub(crate) fn likes(times_a_minute: f64, run: f64) -> Likes {
    Likes { intensity: Intensity::steady(a_minute(times_a_minute)), run }
}

/// The funnel of the sketched first show.
pub(crate) fn funnel() -> Funnel {
    Funnel {
        click_per_visit: Share(0.09),
        cart_per_click: Share(0.35),
        buy_per_cart: Share(0.5),
        pin_lift: 3.0,
        sale_lift: 2.0,
        lift_decay: seconds(20),
        price_sensitivity: 1.5,
        cart_delay: seconds(4),
        check_out_delay: seconds(6),
        by_show_time: None,
        by_viewer_age: None,
    }
}

/// The sketched first show, for any number of viewers.
pub(crate) fn first_show(viewers: u32) -> Plan {
    let length = seconds(60);
    let lamp = ProductId(0);
    let sale = CueAct::FlashSale { product: lamp, price: cents(2_900), length: seconds(15) };
    let mut show = show(length);
    show.replies.branching = 0.3;
    show.cues.insert(1, Cue::new(seconds(10), CueAct::Pin { product: lamp }));
    show.cues.insert(2, Cue::new(seconds(35), sale));
    let points = vec![(Micros(0), 1.0), (seconds(5), 3.0), (length, 0.2)];
    let arrivals = Curve::points(points).unwrap();
    let stay = Law::LogNormal { median: seconds(40), sigma: 1.1 };
    let group = Group {
        chat: Some(chat(0.5)),
        likes: Some(likes(12.0, 4.0)),
        funnel: Some(funnel()),
        ..Group::new("followers", ShowId(0), Size::Viewers(viewers), arrivals, stay)
    };
    plan(7, show, group)
}

/// A factor through points (second, factor).
pub(crate) fn factor(points: &[(f64, f64)]) -> Factor {
    Factor::new(points.iter().map(|&(at, factor)| (Micros::from_seconds(at), factor)).collect())
        .unwrap()
}

/// So many a minute, livelier around 40 s, quieter the longer somebody is there, and a fifth of the
/// viewers do four times as much as the others.
pub(crate) fn lively(times_a_minute: f64) -> Intensity {
    Intensity {
        per_viewer: a_minute(times_a_minute),
        by_show_time: Some(factor(&[(20.0, 0.5), (40.0, 3.0), (50.0, 1.0)])),
        by_viewer_age: Some(factor(&[(0.0, 2.0), (10.0, 1.0), (30.0, 0.25)])),
        weights: vec![(1, Share(0.8)), (4, Share(0.2))],
    }
}

/// Three shows at once, with every act of a host.
pub(crate) fn three_shows() -> Vec<Show> {
    let (lamp, mug) = (ProductId(0), ProductId(1));
    let cue = |at: u64, act| Cue::new(seconds(at), act);
    let giveaway = |product, length| CueAct::Giveaway { product, length: seconds(length) };
    let raid = |to, follow| CueAct::Raid { to: ShowId(to), follow: Share(follow) };
    let sale = CueAct::FlashSale { product: mug, price: cents(700), length: seconds(12) };
    let mut mia = show(seconds(60));
    mia.co_hosts = vec!["ben".into()];
    mia.lines = vec!["Welcome!".into()];
    mia.replies.branching = 0.3;
    mia.cues = vec![
        cue(0, CueAct::GoLive),
        cue(4, CueAct::Say { line: 0 }),
        Cue { by: 1, ..cue(10, CueAct::Pin { product: lamp }) },
        cue(20, CueAct::PriceChange { product: lamp, price: cents(3_500) }),
        cue(25, sale),
        cue(40, giveaway(lamp, 10)),
        cue(55, raid(1, 0.6)),
        cue(60, CueAct::End),
    ];
    let mut noa = show(seconds(60));
    noa.creator = "noa".into();
    noa.replies.branching = 0.6;
    noa.cues = vec![
        cue(5, CueAct::GoLive),
        cue(12, CueAct::Pin { product: mug }),
        cue(30, raid(2, 0.3)),
        cue(70, CueAct::End),
    ];
    let mut zed = show(seconds(60));
    zed.creator = "zed".into();
    zed.cues = vec![cue(20, CueAct::GoLive), cue(50, giveaway(mug, 20)), cue(80, CueAct::End)];
    vec![mia, noa, zed]
}

/// Two classes: who comes once, and who comes back.
pub(crate) fn classes() -> Vec<VisitClass> {
    let more = MoreVisits::NegativeBinomial { r: 0.8, p: 0.5 };
    let absence = Law::Gamma { shape: 0.5, scale: seconds(10) };
    vec![
        VisitClass {
            share: Share(0.6),
            ..VisitClass::once(Law::LogNormal { median: seconds(20), sigma: 1.0 })
        },
        VisitClass {
            share: Share(0.4),
            stay: Law::Weibull { shape: 0.7, scale: seconds(12) },
            returns: Some(Returns { visits: 1, more, absence }),
        },
    ]
}

/// Some come when told, the others by a curve.
pub(crate) fn told_or_not() -> Arrivals {
    let curve = Curve::points(vec![(Micros(0), 1.0), (seconds(8), 3.0), (seconds(70), 0.2)]);
    let delay = Law::LogNormal { median: seconds(8), sigma: 1.0 };
    let told = Arrivals::Notification { at: seconds(2), opens: Share(0.4), delay };
    Arrivals::Sum(vec![(2.0, curve.unwrap().into()), (1.0, told)])
}

/// Everything that an audience can do, in three shows at once.
pub(crate) fn everything(viewers: u32) -> Plan {
    let exponential = |mean| Law::Exponential { mean: seconds(mean) };
    let watchers = watchers(viewers, seconds(80));
    let shows = |weights: &[f64]| (0..).map(ShowId).zip(weights.iter().copied()).collect();
    let clicks = Reaction {
        to: Trigger::Pin,
        act: ReactionAct::Click,
        share: Share(0.1),
        delay: exponential(2),
    };
    let by_show_time = lively(0.0).by_show_time;
    let roaming = Group {
        shows: shows(&[4.0, 2.0, 1.0]),
        arrivals: told_or_not(),
        classes: classes(),
        hop: Some(Hop { per_visit: Share(0.3), gap: exponential(3) }),
        chat: Some(Chat { intensity: lively(2.0), metronome: false }),
        likes: Some(Likes { intensity: lively(12.0), run: 4.0 }),
        gifts: Some(Gifts {
            givers: Share(0.3),
            intensity: lively(2.0),
            amount: Amount::LogNormal { median: 150.0, sigma: 1.5, max: 50_000 },
        }),
        shares: Some(Shares { intensity: lively(1.0) }),
        funnel: Some(Funnel {
            click_per_visit: Share(0.4),
            by_viewer_age: lively(0.0).by_viewer_age,
            by_show_time,
            ..funnel()
        }),
        giveaways: Some(Giveaways { enter_per_viewer: Share(0.6), delay: exponential(2) }),
        on_received: vec![clicks],
        ..watchers.clone()
    };
    let faithful = Group {
        size: Size::Mean(f64::from(viewers) / 2.0),
        shows: shows(&[1.0]),
        classes: vec![VisitClass {
            returns: Some(Returns {
                visits: 0,
                more: MoreVisits::Geometric { p: 0.4 },
                absence: Law::Fixed(seconds(4)),
            }),
            ..VisitClass::once(exponential(15))
        }],
        chat: Some(chat(3.0)),
        shares: Some(Shares { intensity: Intensity::steady(a_minute(2.0)) }),
        funnel: Some(funnel()),
        ..watchers.clone()
    };
    let timed = Group {
        shows: vec![(ShowId(1), 1.0)],
        size: Size::Viewers(viewers / 10),
        chat: Some(Chat { intensity: Intensity::steady(a_minute(6.0)), metronome: true }),
        giveaways: Some(Giveaways { enter_per_viewer: Share(0.5), delay: Law::Fixed(Micros(0)) }),
        ..watchers
    };
    let price = |name: &str, minor| Product { name: name.into(), price: cents(minor), stock: 40 };
    Plan {
        seed: 3,
        length: seconds(80),
        products: vec![price("lamp", 3_900), price("mug", 1_200)],
        shows: three_shows(),
        groups: vec![roaming, faithful, timed],
    }
}
