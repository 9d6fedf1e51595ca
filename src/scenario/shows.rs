//! `[[shows]]`: live streams, each by one `creator`, with the `chat` of its room and its `cues`.
//!
//! `chat = { branching, decay }` are mean direct replies to a message (default 0: none) and their
//! mean delay (default 1s). A cue has its instant `at` and one act: `pin = PRODUCT`,
//! `flash_sale = PRODUCT` with `price` and `length`, `go_live = true` or `end = true`. Without a cue
//! of its own a show goes live at 0s and ends with the run.

use std::collections::BTreeSet;

use claque_audience::{Cue, CueAct, Micros, Product, ProductId, Replies, Show};

use super::products::{check_price, one_currency, position};
use super::{LENGTH_UNKNOWN, name, unique};
use crate::input::units::show_duration;
use crate::input::{Input, Span, Spanned, Table};

/// A show with what other sections need to know of it.
pub(super) struct ReadShow {
    /// The result.
    pub(super) show: Show,
    /// When it goes live.
    pub(super) start: Micros,
    /// When it ends.
    pub(super) end: Micros,
}

/// A cue as it stands in the file.
struct Written {
    at: Spanned<Micros>,
    act: CueAct,
    span: Span,
}

pub(super) fn read(
    root: &Table<'_>,
    length: Micros,
    products: &[Spanned<Product>],
) -> Vec<ReadShow> {
    let input = root.input();
    let mut shows: Vec<ReadShow> = Vec::new();
    let field = root.required("shows");
    let tables = field.tables().unwrap_or_default();
    if let (Some([]), Some(span)) = (field.array().as_deref(), field.span()) {
        input.problem(span, "there is no show", "write at least one [[shows]] with a creator");
    }
    if tables.len() > usize::from(u16::MAX) {
        let message = format!("{} shows are too many", tables.len());
        input.problem(tables[0].span(), message, format!("at most {} are possible", u16::MAX));
        return shows;
    }
    let (mut sales, mut used) = (Vec::new(), BTreeSet::new());
    for table in tables {
        let creator = name(table.required("creator"));
        if let Some(creator) = &creator {
            unique(&table, "creator", creator, &mut used);
        }
        let replies = read_chat(table.optional("chat").table());
        let cues = table.optional("cues").tables().unwrap_or_default();
        let written: Vec<Written> =
            cues.into_iter().filter_map(|cue| read_cue(cue, products)).collect();
        let cues = arrange(input, written, length, &mut sales, products);
        table.finish();
        let (start, end) = (cues[0].at, cues[cues.len() - 1].at);
        let creator = creator.map_or_else(String::new, |creator| creator.value);
        shows.push(ReadShow { show: Show { replies, ..Show::new(creator, cues) }, start, end });
    }
    shows
}

fn read_chat(table: Option<Table<'_>>) -> Replies {
    let mut replies = Replies { branching: 0.0, decay: Micros::SECOND };
    let Some(table) = table else { return replies };
    if let Some(branching) = table.optional("branching").float(0.0..=f64::MAX) {
        if branching.value >= 1.0 {
            table.input().problem(
                branching.span,
                format!("a branching of {} never comes to rest", branching.value),
                "each message would bring at least one more, without end; write a number from 0 \
                 to below 1",
            );
        } else {
            replies.branching = branching.value;
            super::published::branching(table.input(), branching);
        }
    }
    if let Some(decay) = table.optional("decay").duration() {
        if decay.value.0 == 0 {
            table.input().problem(decay.span, "replies need some time", "write \"600ms\"");
        } else {
            replies.decay = decay.value;
        }
    }
    table.finish();
    replies
}

fn read_cue(table: Table<'_>, products: &[Spanned<Product>]) -> Option<Written> {
    let input = table.input();
    let at = table.required("at").duration();
    let act = table.one_of("the act of a cue", &["pin", "flash_sale", "go_live", "end"]);
    let product_of = |field: crate::input::Field<'_>| {
        let product = field.string()?;
        let index = position(input, &product.value, product.span, products)?;
        Some((ProductId(u16::try_from(index).ok()?), &products[index]))
    };
    let act = act.and_then(|(act, field)| match act {
        "pin" => product_of(field).map(|(product, _)| CueAct::Pin { product }),
        "flash_sale" => {
            let product = product_of(field);
            let price = table.required("price").money();
            let length = table.required("length").duration();
            if let Some(length) = length.filter(|length| length.value.0 == 0) {
                input.problem(length.span, "a flash sale of no length", "write \"15s\"");
            }
            let ((product, listed), price, length) = (product?, price?, length?);
            check_price(input, price);
            one_currency(input, price, listed);
            let list_price = listed.value.price;
            if price.value.minor > list_price.minor && price.value.currency == list_price.currency {
                input.warning(
                    price.span,
                    format!("{} is above the list price of {list_price}", price.value),
                    "a flash sale is usually cheaper",
                );
            }
            Some(CueAct::FlashSale { product, price: price.value, length: length.value })
        }
        word => {
            let yes = field.boolean()?;
            if !yes.value {
                input.problem(yes.span, format!("`{word} = false` is no act"), "leave the cue out");
            }
            Some(if word == "end" { CueAct::End } else { CueAct::GoLive })
        }
    });
    let span = table.span();
    table.finish();
    Some(Written { at: at?, act: act?, span })
}

/// A flash sale for comparing with others.
struct Sale {
    product: ProductId,
    from: Micros,
    to: Micros,
}

/// Puts the implicit start and end around the cues, and checks that they fit one another.
fn arrange(
    input: &Input,
    written: Vec<Written>,
    length: Micros,
    sales: &mut Vec<Sale>,
    products: &[Spanned<Product>],
) -> Vec<Cue> {
    let mut last = Micros(0);
    for cue in &written {
        if cue.at.value < last {
            let (at, before) = (show_duration(cue.at.value), show_duration(last));
            let message = format!("a cue at {at} stands after one at {before}");
            input.problem(cue.at.span, message, "write cues in the order of time");
        }
        last = last.max(cue.at.value);
    }
    let find = |act: CueAct| written.iter().filter(move |cue| cue.act == act);
    for act in [CueAct::GoLive, CueAct::End] {
        if let Some(second) = find(act).nth(1) {
            let word = if act == CueAct::End { "ends" } else { "goes live" };
            input.problem(second.span, format!("the show {word} twice"), "keep one of the cues");
        }
    }
    let start = find(CueAct::GoLive).next().map_or(Micros(0), |cue| cue.at.value);
    let end = find(CueAct::End).next().map_or(length, |cue| cue.at.value);
    let end = end.min(length);
    let mut cues = vec![Cue::new(start, CueAct::GoLive)];
    for cue in written {
        let at = cue.at.value;
        let is_end = cue.act == CueAct::End;
        if at > length || (at >= end && !is_end) {
            let whose = if end < length { "show" } else { "run" };
            let message = format!("this cue comes after the end of the {whose}");
            input.problem(cue.at.span, message, format!("the end is at {}", show_duration(end)));
        } else if at < start || (is_end && at <= start) {
            let message = "this cue comes before the show is live".to_owned();
            input.problem(
                cue.at.span,
                message,
                format!("it goes live at {}", show_duration(start)),
            );
        } else if !matches!(cue.act, CueAct::GoLive | CueAct::End) {
            if let CueAct::FlashSale { product, length, .. } = cue.act {
                check_sale(input, &cue, product, (length, end), sales, products);
            }
            cues.push(Cue::new(at, cue.act));
        }
    }
    cues.sort_by_key(|cue| cue.at);
    cues.push(Cue::new(end.max(start), CueAct::End));
    cues
}

fn check_sale(
    input: &Input,
    cue: &Written,
    product: ProductId,
    (length, end): (Micros, Micros),
    sales: &mut Vec<Sale>,
    products: &[Spanned<Product>],
) {
    let from = cue.at.value;
    let to = from.saturating_add(length);
    if to > end && end != LENGTH_UNKNOWN {
        input.warning(
            cue.span,
            format!("this flash sale would last until {}", show_duration(to)),
            format!("the show ends at {}, and the sale with it", show_duration(end)),
        );
    }
    let to = to.min(end);
    let overlaps = |sale: &Sale| sale.product == product && from < sale.to && sale.from < to;
    if sales.iter().any(overlaps) {
        let name = &products[usize::from(product.0)].value.name;
        input.problem(
            cue.span,
            format!("`{name}` is in another flash sale at this time"),
            "end one before the other begins: which price would hold?",
        );
    }
    sales.push(Sale { product, from, to });
}
