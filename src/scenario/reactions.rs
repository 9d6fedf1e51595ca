//! `on_received`: what viewers do when they receive something, after a delay.
//!
//! A table for each thing received (`pin`, `flash_sale`, `price_change`, `giveaway`, `sold_out`) has
//! a share for each thing done: `click` (cart and check-out follow as in the group's `funnel`; not
//! when sold out), `enter` (for the giveaway), `complain` (a message), `leave`; and their `delay`,
//! a law. `complain = { share = "10%", delay = LAW }` gives one of them a delay of its own.
//!
//! What is done on receiving is not planned as well: where pins are clicked `on_received`, the
//! funnel's `pin_lift` does nothing; likewise `flash_sale` with `sale_lift`, and `giveaway` with
//! `giveaways`.

use claque_audience::{CueAct, Law, Reaction, ReactionAct, Share, Show, Trigger};

use super::laws::Laws;
use crate::input::{Field, Span, Table};

const TRIGGERS: [(&str, Trigger); 5] = [
    ("pin", Trigger::Pin),
    ("flash_sale", Trigger::FlashSale),
    ("price_change", Trigger::PriceChange),
    ("giveaway", Trigger::Giveaway),
    ("sold_out", Trigger::SoldOut),
];

/// What reactions need of the rest of the scenario.
pub(super) struct Needs<'a> {
    pub(super) shows: Vec<&'a Show>,
    pub(super) has_products: bool,
    pub(super) has_funnel: bool,
}

pub(super) fn read(group: &Table<'_>, needs: &Needs<'_>, laws: &Laws<'_>) -> Vec<Reaction> {
    let Some(table) = group.optional("on_received").table() else { return Vec::new() };
    let mut reactions = Vec::new();
    for (name, trigger) in TRIGGERS {
        let field = table.optional(name);
        let key = table.key_span(name);
        if field.is_present() && !field.is_table() {
            let help =
                "write what they do, and after how long: { leave = \"15%\", delay = \"2s\" }";
            let _: Option<()> = field.wrong("a table", help);
        } else if let Some(table) = field.table() {
            never(&table, key, trigger, needs);
            read_one(&table, trigger, needs, laws, &mut reactions);
            table.finish();
        }
    }
    table.finish();
    void(group, &reactions);
    reactions
}

/// Warns of what is planned for nothing, since it is done on receiving.
fn void(group: &Table<'_>, reactions: &[Reaction]) {
    let done = |to, act| reactions.iter().any(|reaction| (reaction.to, reaction.act) == (to, act));
    let help = "leave one of the two out";
    if done(Trigger::Giveaway, ReactionAct::Enter) && group.optional("giveaways").is_present() {
        let message = "this does nothing: here viewers enter when they receive the giveaway";
        group.input().warning(group.key_span("giveaways"), message, help);
    }
    let Some(funnel) = group.optional("funnel").table() else { return };
    for (trigger, lift, what) in
        [(Trigger::Pin, "pin_lift", "pin"), (Trigger::FlashSale, "sale_lift", "flash sale")]
    {
        // Where there is no `sale_lift`, `pin_lift` is that as well.
        let also_of_sales = trigger == Trigger::Pin
            && !funnel.optional("sale_lift").is_present()
            && !done(Trigger::FlashSale, ReactionAct::Click);
        let clicked = done(trigger, ReactionAct::Click);
        if clicked && !also_of_sales && funnel.optional(lift).is_present() {
            let message =
                format!("this does nothing: here viewers click when they receive the {what}");
            funnel.input().warning(funnel.key_span(lift), message, help);
        }
    }
}

fn read_one(
    table: &Table<'_>,
    trigger: Trigger,
    needs: &Needs<'_>,
    laws: &Laws<'_>,
    reactions: &mut Vec<Reaction>,
) {
    let input = table.input();
    let delay = table.optional("delay");
    let common = laws.read(delay);
    let acts: &[(&'static str, ReactionAct)] = match trigger {
        Trigger::Giveaway => &[
            ("enter", ReactionAct::Enter),
            ("complain", ReactionAct::Complain),
            ("leave", ReactionAct::Leave),
        ],
        Trigger::SoldOut => &[("complain", ReactionAct::Complain), ("leave", ReactionAct::Leave)],
        Trigger::Pin | Trigger::FlashSale | Trigger::PriceChange => &[
            ("click", ReactionAct::Click),
            ("complain", ReactionAct::Complain),
            ("leave", ReactionAct::Leave),
        ],
    };
    for &(name, act) in acts {
        let field = table.optional(name);
        if !field.is_present() {
            continue;
        }
        if act == ReactionAct::Click && !needs.has_funnel {
            input.problem(
                table.key_span(name),
                "this group has no funnel that a click could lead into",
                "give it one: funnel = { click_per_visit = \"0%\", cart_per_click = …, \
                 buy_per_cart = … }",
            );
        }
        if let Some((share, own)) = share_and_delay(field, laws) {
            match own.or_else(|| common.clone()) {
                Some(delay) => reactions.push(Reaction { to: trigger, act, share, delay }),
                None if delay.is_present() => {}
                None => input.problem(
                    table.key_span(name),
                    format!("after how long do they {name}?"),
                    "write a delay beside it: delay = { exponential = { mean = \"2s\" } }",
                ),
            }
        }
    }
    // Anything else that stands there is reported for what it is.
    if table.entries().all(|(key, _)| key.value == "delay") {
        let names: Vec<_> = acts.iter().map(|(name, _)| format!("`{name}`")).collect();
        let help = format!("write the share of one or more of {}", names.join(", "));
        input.problem(table.span(), "nothing is done here", help);
    }
}

/// `"30%"`, or a table with the share and perhaps a delay of its own.
fn share_and_delay(field: Field<'_>, laws: &Laws<'_>) -> Option<(Share, Option<Law>)> {
    if !field.is_table() {
        return Some((field.share()?.value, None));
    }
    let table = field.table()?;
    let share = table.required("share").share();
    let delay = table.optional("delay");
    let law = laws.read(delay);
    table.finish();
    let share = share?.value;
    if delay.is_present() { Some((share, Some(law?))) } else { Some((share, None)) }
}

/// Warns of what nobody will ever receive.
fn never(table: &Table<'_>, key: Span, trigger: Trigger, needs: &Needs<'_>) {
    let any = |is: fn(&CueAct) -> bool| {
        needs.shows.iter().any(|show| show.cues.iter().any(|cue| is(&cue.act)))
    };
    let (happens, never, help) = match trigger {
        Trigger::Pin => (
            any(|act| matches!(act, CueAct::Pin { .. })),
            "nothing is ever pinned in the shows of this group",
            "add a cue: { at = \"10s\", pin = PRODUCT }",
        ),
        Trigger::FlashSale => (
            any(|act| matches!(act, CueAct::FlashSale { .. })),
            "there is no flash sale in the shows of this group",
            "add a cue: { at = \"10s\", flash_sale = PRODUCT, price = …, length = … }",
        ),
        Trigger::PriceChange => (
            any(|act| matches!(act, CueAct::PriceChange { .. })),
            "no price ever changes in the shows of this group",
            "add a cue: { at = \"10s\", price_change = PRODUCT, price = … }",
        ),
        Trigger::Giveaway => (
            any(|act| matches!(act, CueAct::Giveaway { .. })),
            "nothing is ever given away in the shows of this group",
            "add a cue: { at = \"10s\", giveaway = PRODUCT, length = \"15s\" }",
        ),
        Trigger::SoldOut => (
            needs.has_products,
            "nothing is sold here, so nothing is ever sold out",
            "describe what is sold: [products.lamp] with a price and a stock",
        ),
    };
    if !happens {
        table.input().warning(key, never, help);
    }
}
