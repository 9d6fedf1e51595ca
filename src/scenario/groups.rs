//! `[[audience]]`: kinds of viewers, each with a `name`, the `show` it visits (a creator's name; may
//! be left out where there is only one show), its size, and what it does.
//!
//! - Size: `viewers = 500`, exactly; or `rate = "2/s"`, the mean rate of arrivals over the show,
//!   whose number is then drawn once.
//! - `arrivals` and `stay`: see the files of that name here.
//! - `chat = { per_viewer = "0.5/min" }`: the mean of a viewer present, replies included;
//!   `metronome = true` spaces messages exactly and answers none.
//! - `likes = { per_viewer = "12/min", run = 4 }`: mean likes in a run, default 1.
//! - `funnel`: `click_per_visit`, `cart_per_click`, `buy_per_cart` (shares of what the name says, at
//!   list price and without cues), `pin_lift` (default 1: none), `sale_lift` (default: as
//!   `pin_lift`), `lift_decay` (20s), `price_sensitivity` (1), `cart_delay` (3s), `check_out_delay`
//!   (5s).

use std::collections::{BTreeMap, BTreeSet};

use claque_audience::{
    Chat, Curve, Funnel, Group, Intensity, Law, Likes, Micros, Rate, Share, ShowId, Size,
};

use super::shows::ReadShow;
use super::stays::positive;
use super::{Traces, a_few, arrivals, name, published, stays, unique};
use crate::input::{Field, Spanned, Table, did_you_mean};

pub(super) fn read(
    root: &Table<'_>,
    shows: &[ReadShow],
    has_products: bool,
    traces: &Traces<'_>,
) -> Vec<Group> {
    let input = root.input();
    let mut groups: Vec<Group> = Vec::new();
    let tables = root.optional("audience").tables().unwrap_or_default();
    if tables.len() >= usize::from(u16::MAX) {
        let message = format!("{} groups are too many", tables.len());
        input.problem(tables[0].span(), message, format!("at most {} are possible", u16::MAX - 1));
        return groups;
    }
    let (mut used, creators) = (BTreeSet::new(), Creators::new(shows));
    for table in tables {
        let group_name = name(table.required("name"));
        if let Some(found) = &group_name {
            unique(&table, "group", found, &mut used);
            creators.like_a_viewer(&table, found);
        }
        let show = creators.read_show(&table);
        let (start, end) = show.map_or((Micros(0), super::LENGTH_UNKNOWN), |show| {
            (shows[usize::from(show.0)].start, shows[usize::from(show.0)].end)
        });
        let length = end.saturating_sub(start);
        let size = read_size(&table, length);
        let arrivals = table.optional("arrivals");
        let arrivals = arrivals::read(arrivals, (start, end), traces);
        let stay = stays::read(table.required("stay").table(), traces);
        let chat = read_chat(&table, stay.as_ref(), length);
        let likes = read_likes(&table, stay.as_ref(), length);
        let funnel = read_funnel(&table, has_products);
        table.finish();
        // Stand-ins where something was wrong; it has been reported.
        groups.push(Group {
            chat,
            likes,
            funnel,
            ..Group::new(
                group_name.map_or_else(String::new, |name| name.value),
                show.unwrap_or_default(),
                size.unwrap_or(Size::Viewers(0)),
                arrivals.unwrap_or_else(|| Curve::constant(Micros::SECOND)),
                stay.unwrap_or(Law::Fixed(Micros::SECOND)),
            )
        });
    }
    groups
}

/// The creators of a scenario, found by name.
struct Creators<'a> {
    /// Each with the position of its show.
    shows: BTreeMap<&'a str, usize>,
    /// Creators that end in a number (`mia-3`), by what stands before it.
    numbered: BTreeMap<&'a str, &'a str>,
}

impl<'a> Creators<'a> {
    fn new(shows: &'a [ReadShow]) -> Creators<'a> {
        let names = || shows.iter().map(|show| show.show.creator.as_str());
        let numbered = |name: &'a str| {
            let (stem, number) = name.rsplit_once('-')?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some((stem, name))
        };
        Creators {
            shows: names().zip(0..).collect(),
            numbered: names().filter_map(numbered).collect(),
        }
    }

    /// Viewers are called `GROUP-NUMBER` on the wire; a creator of such a name would be one of
    /// them.
    fn like_a_viewer(&self, table: &Table<'_>, group: &Spanned<String>) {
        if let Some(creator) = self.numbered.get(group.value.as_str()) {
            table.input().problem(
                group.span,
                format!("the creator `{creator}` is named like a viewer of this group"),
                format!("viewers are called {}-0, {0}-1, …; rename one of the two", group.value),
            );
        }
    }

    fn read_show(&self, table: &Table<'_>) -> Option<ShowId> {
        let names = || self.shows.keys().copied();
        let field = table.optional("show");
        if !field.is_present() {
            if self.shows.len() > 1 {
                table.input().problem(
                    table.span(),
                    "there are several shows: which one does this group visit?",
                    format!("write show = one of {}", a_few(names())),
                );
            }
            return (self.shows.len() == 1).then_some(ShowId(0));
        }
        let creator = field.string()?;
        if let Some(&index) = self.shows.get(creator.value.as_str()) {
            return u16::try_from(index).ok().map(ShowId);
        }
        let help = match did_you_mean(&creator.value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("creators here: {}", a_few(names())),
        };
        let message = format!("there is no show by `{}`", creator.value);
        table.input().problem(creator.span, message, help);
        None
    }
}

fn read_size(table: &Table<'_>, length: Micros) -> Option<Size> {
    match table.one_of("the size of a group", &["viewers", "rate"])? {
        ("viewers", field) => Some(Size::Viewers(field.integer(0..=u32::MAX)?.value)),
        (_, field) => {
            let rate = field.rate()?;
            let mean = rate.value.per_second * length.seconds();
            // Room for the draw to come out above its mean.
            if length < super::LENGTH_UNKNOWN && mean > f64::from(u32::MAX) * 0.99 {
                let message = format!("this rate makes {mean:.0} viewers");
                table.input().problem(rate.span, message, format!("at most {}", u32::MAX));
                return None;
            }
            Some(Size::Mean(mean))
        }
    }
}

fn read_chat(table: &Table<'_>, stay: Option<&Law>, length: Micros) -> Option<Chat> {
    let input = table.input();
    let table = table.optional("chat").table()?;
    let rate = table.required("per_viewer").rate();
    let metronome = table.optional("metronome").boolean().is_some_and(|yes| yes.value);
    table.finish();
    let rate = rate?;
    if let Some(stay) = stay.filter(|_| !metronome) {
        published::chat(input, rate, stay, length);
    }
    // No message ever is the same as no chat, and spares everybody else a division by zero.
    (rate.value > Rate::default())
        .then_some(Chat { intensity: Intensity::steady(rate.value), metronome })
}

fn read_likes(table: &Table<'_>, stay: Option<&Law>, length: Micros) -> Option<Likes> {
    let input = table.input();
    let table = table.optional("likes").table()?;
    let rate = table.required("per_viewer").rate();
    let run = table.optional("run").float(1.0..=1e6).map_or(1.0, |run| run.value);
    table.finish();
    let rate = rate?;
    if let Some(stay) = stay {
        published::likes(input, rate, stay, length);
    }
    (rate.value > Rate::default())
        .then_some(Likes { intensity: Intensity::steady(rate.value), run })
}

fn read_funnel(table: &Table<'_>, has_products: bool) -> Option<Funnel> {
    let input = table.input();
    let field = table.optional("funnel");
    let table = field.table()?;
    if !has_products {
        input.problem(
            table.span(),
            "a funnel without products leads nowhere",
            "describe what is sold: [products.lamp] with a price and a stock",
        );
    }
    let click = table.required("click_per_visit");
    let click_share = click.share();
    if let Some(certain) = click_share.filter(|share| share.value.0 >= 1.0) {
        click.input().problem(
            certain.span,
            "a share of 100% is out of reach: clicks come by chance",
            "write at most \"99.9%\"",
        );
    }
    let cart = table.required("cart_per_click").share();
    let buy = table.required("buy_per_cart").share();
    let lift = |field: Field<'_>, default: f64| {
        field.float(0.0..=1_000.0).map_or(default, |lift| lift.value)
    };
    let length = |field: Field<'_>, default: Micros| {
        if field.is_present() { positive(field).unwrap_or(default) } else { default }
    };
    let pin_lift = lift(table.optional("pin_lift"), 1.0);
    let sale_lift = lift(table.optional("sale_lift"), pin_lift);
    let lift_decay = length(table.optional("lift_decay"), Micros(20_000_000));
    let sensitivity = table.optional("price_sensitivity").float(0.0..=100.0);
    let cart_delay = length(table.optional("cart_delay"), Micros(3_000_000));
    let check_out_delay = length(table.optional("check_out_delay"), Micros(5_000_000));
    table.finish();
    let (click_per_visit, cart, buy) = (click_share?, cart?, buy?);
    published::funnel(input, click_per_visit, cart.value, buy);
    let share = |share: Spanned<Share>| share.value;
    Some(Funnel {
        click_per_visit: share(click_per_visit),
        cart_per_click: share(cart),
        buy_per_cart: share(buy),
        pin_lift,
        sale_lift,
        lift_decay,
        price_sensitivity: sensitivity.map_or(1.0, |eta| eta.value),
        cart_delay,
        check_out_delay,
        by_show_time: None,
        by_viewer_age: None,
    })
}
