//! `funnel`: the way to a purchase.
//!
//! `click_per_visit`, `cart_per_click`, `buy_per_cart` are shares of what the name says, at list
//! price and without cues. May be left out: `pin_lift` (default 1: none), `sale_lift` (default: as
//! `pin_lift`), `lift_decay` (20s), `price_sensitivity` (1), `cart_delay` (3s), `check_out_delay`
//! (5s), and the factors `by_show_time` and `by_viewer_age` on the readiness to click (see `rates`),
//! with which `click_per_visit` still holds.

use claque_audience::{Funnel, Micros, Share};

use super::laws::positive;
use super::{published, rates};
use crate::input::{Field, Spanned, Table};

pub(super) fn read(table: &Table<'_>, has_products: bool, end: Micros) -> Option<Funnel> {
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
    let by_show_time = rates::by_show_time(&table, end);
    let by_viewer_age = rates::by_viewer_age(&table);
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
        by_show_time,
        by_viewer_age,
    })
}
