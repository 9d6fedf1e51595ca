//! Plans to test on.

use claque_audience::{
    Chat, Cue, CueAct, Currency, Curve, Funnel, Group, Likes, Micros, Money, Plan, Product,
    ProductId, Rate, Replies, Share, Show, ShowId, Size, Stay,
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
    Show {
        creator: "mia".into(),
        replies: Replies { branching: 0.0, decay: Micros(600_000) },
        cues: vec![
            Cue { at: Micros(0), act: CueAct::GoLive },
            Cue { at: length, act: CueAct::End },
        ],
    }
}

/// `viewers` who arrive evenly over `length`, stay to the end and do nothing.
pub(crate) fn watchers(viewers: u32, length: Micros) -> Group {
    Group {
        name: "watchers".into(),
        show: ShowId(0),
        size: Size::Viewers(viewers),
        arrivals: Curve::constant(length),
        stay: Stay::Fixed(length),
        chat: None,
        likes: None,
        funnel: None,
    }
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
    Group { arrivals: Curve::constant(Micros(1)), ..watchers(viewers, length) }
}

/// A Poisson chat of so many messages a minute.
pub(crate) fn chat(times_a_minute: f64) -> Chat {
    Chat { per_viewer: a_minute(times_a_minute), metronome: false }
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
    }
}

/// The sketched first show, for any number of viewers.
pub(crate) fn first_show(viewers: u32) -> Plan {
    let length = seconds(60);
    let lamp = ProductId(0);
    let sale = CueAct::FlashSale { product: lamp, price: cents(2_900), length: seconds(15) };
    let mut show = show(length);
    show.replies.branching = 0.3;
    show.cues.insert(1, Cue { at: seconds(10), act: CueAct::Pin { product: lamp } });
    show.cues.insert(2, Cue { at: seconds(35), act: sale });
    let points = vec![(Micros(0), 1.0), (seconds(5), 3.0), (length, 0.2)];
    let group = Group {
        name: "followers".into(),
        show: ShowId(0),
        size: Size::Viewers(viewers),
        arrivals: Curve::points(points).unwrap(),
        stay: Stay::LogNormal { median: seconds(40), sigma: 1.1 },
        chat: Some(chat(0.5)),
        likes: Some(Likes { per_viewer: a_minute(12.0), run: 4.0 }),
        funnel: Some(funnel()),
    };
    plan(7, show, group)
}
