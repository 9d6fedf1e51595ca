//! Plans to test on.

use claque_audience::{
    Chat, Cue, CueAct, Currency, Curve, Funnel, Group, Intensity, Law, Likes, Micros, Money, Plan,
    Product, ProductId, Rate, Share, Show, ShowId, Size,
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
