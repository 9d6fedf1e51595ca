//! What templates may name: the values of an actor and of one of its intents.

use std::fmt::Write as _;
use std::ops::Range;

use claque_audience::{CueAct, Intent, IntentKind, Money, Plan, ProductId, ShowId};

use super::shard::Setup;
use super::viewer::Viewer;
use crate::binding::Values;
use crate::measure::Cid;

/// What synthetic viewers say; which line is a function of the intent, so that it costs no state.
const PHRASES: [&str; 8] = [
    "hello from the sofa",
    "does it come in green?",
    "how big is it?",
    "just ordered one",
    "love the colour",
    "what is the price again?",
    "show it from the back please",
    "is shipping free?",
];

/// What viewers say who have just learnt that they get nothing any more.
const COMPLAINTS: [&str; 4] =
    ["sold out already?", "gone before I could click", "not again", "will there be more of it?"];

/// What creators answer.
const ANSWERS: [&str; 4] =
    ["good question!", "yes, it does", "I will show you in a moment", "shipping is free today"];

/// The texts of one intent that have to be made, kept in one reused buffer.
pub(crate) struct Texts<'a> {
    buffer: &'a str,
    cid: Range<usize>,
    key: Range<usize>,
    price: Range<usize>,
    amount: Range<usize>,
}

impl<'a> Texts<'a> {
    /// The texts of `intent`; allocates only for kinds that name a price or an amount.
    pub(crate) fn new(
        buffer: &'a mut String,
        setup: &Setup,
        intent: &Intent,
        cid: Option<&Cid>,
    ) -> Texts<'a> {
        buffer.clear();
        if let Some(cid) = cid {
            cid.write(setup.run, buffer);
        }
        let cid = 0..buffer.len();
        if intent.kind == IntentKind::CheckOut {
            write_order_key(setup, intent, buffer);
        }
        let key = cid.end..buffer.len();
        let price = match intent.kind {
            IntentKind::FlashSale | IntentKind::PriceChange => {
                new_price(&setup.plan, intent.show, intent.id.sequence).map(|(_, price)| price)
            }
            IntentKind::Pin | IntentKind::AddToCart | IntentKind::CheckOut => {
                let product = setup.plan.products.get(usize::from(intent.product.0));
                product.map(|product| product.price)
            }
            _ => None,
        };
        if let Some(price) = price {
            buffer.push_str(&price.decimal());
        }
        let price = key.end..buffer.len();
        if intent.kind == IntentKind::Gift {
            let amount = Money { minor: intent.count.into(), currency: setup.currency };
            buffer.push_str(&amount.decimal());
        }
        let amount = price.end..buffer.len();
        Texts { buffer, cid, key, price, amount }
    }

    /// All values of `intent`, played by `viewer` as call `id`.
    pub(crate) fn values(
        &self,
        setup: &'a Setup,
        viewer: &'a Viewer,
        intent: &Intent,
        id: u64,
    ) -> Values<'a> {
        let product = setup.plan.products.get(usize::from(intent.product.0));
        let listed = &self.buffer[self.price.clone()];
        let shown = viewer.shown_price(intent.product);
        let buys = intent.kind == IntentKind::CheckOut;
        let (to, seconds) = match act(&setup.plan, intent) {
            Some(CueAct::Raid { to, .. }) => (room(&setup.plan, to), 0),
            Some(CueAct::FlashSale { length, .. } | CueAct::Giveaway { length, .. }) => {
                ("", length.0.div_ceil(1_000_000))
            }
            _ => ("", 0),
        };
        Values {
            text: says(&setup.plan, intent),
            cid: &self.buffer[self.cid.clone()],
            key: &self.buffer[self.key.clone()],
            id,
            product: product.map_or("", |product| &product.name),
            price: if buys { shown.unwrap_or(listed) } else { listed },
            to,
            amount: &self.buffer[self.amount.clone()],
            count: intent.count.max(1),
            seconds,
            ..entrance(setup, &viewer.name, viewer.show)
        }
    }
}

/// The words of a message. They depend on nothing but the intent, so that they cost no state.
fn says<'a>(plan: &'a Plan, intent: &Intent) -> &'a str {
    if let Some(CueAct::Say { line }) = act(plan, intent) {
        let show = plan.shows.get(usize::from(intent.show.0));
        return show.and_then(|show| show.lines.get(usize::from(line))).map_or("", String::as_str);
    }
    let phrases: &[&str] = match (intent.id.is_reaction(), intent.id.actor.host_number()) {
        (false, _) => &PHRASES,
        (true, None) => &COMPLAINTS,
        (true, Some(_)) => &ANSWERS,
    };
    let number = intent.at.0 / 1_000 + u64::from(intent.id.actor.index());
    phrases[usize::try_from(number % phrases.len() as u64).unwrap_or(0)]
}

/// The cue that an intent plays, if it is a host's.
fn act(plan: &Plan, intent: &Intent) -> Option<CueAct> {
    if intent.id.is_reaction() || intent.id.actor.host_number().is_none() {
        return None;
    }
    let show = plan.shows.get(usize::from(intent.show.0))?;
    Some(show.cues.get(intent.id.sequence as usize)?.act)
}

/// The room of a show, which is named after its creator.
fn room(plan: &Plan, show: ShowId) -> &str {
    plan.shows.get(usize::from(show.0)).map_or("", |show| &show.creator)
}

/// What is known of someone before any intent: enough to connect.
pub(crate) fn entrance<'a>(setup: &'a Setup, viewer: &'a str, show: ShowId) -> Values<'a> {
    let creator = &setup.plan.shows[usize::from(show.0)].creator;
    let co_hosts = setup.co_hosts.get(usize::from(show.0));
    Values {
        url: &setup.target.ws,
        http: &setup.target.http,
        host: &setup.target.host,
        run: &setup.run_text,
        room: creator,
        creator,
        viewer,
        currency: &setup.currency_text,
        co_hosts: co_hosts.map_or("", String::as_str),
        quantity: 1,
        ..Values::default()
    }
}

/// Appends the idempotency key of a check-out, unique to this run.
pub(crate) fn write_order_key(setup: &Setup, intent: &Intent, out: &mut String) {
    let (actor, sequence) = (intent.id.actor.number(), intent.id.sequence);
    let _ = write!(out, "{}-{actor:x}-{sequence:x}", setup.run_text);
}

/// The product and its price from then on, if cue `number` of a show changes one.
pub(crate) fn new_price(plan: &Plan, show: ShowId, number: u32) -> Option<(ProductId, Money)> {
    let show = plan.shows.get(usize::from(show.0))?;
    match show.cues.get(number as usize)?.act {
        CueAct::FlashSale { product, price, .. } | CueAct::PriceChange { product, price } => {
            Some((product, price))
        }
        _ => None,
    }
}

/// Whether cue `number` of a show changes a list price while a flash sale of that product is on, in
/// whichever show (a shop has one price): then the sale's price stays what a viewer sees and pays.
pub(crate) fn is_hidden(plan: &Plan, show: ShowId, number: u32) -> bool {
    let Some(show) = plan.shows.get(usize::from(show.0)) else { return false };
    let Some(cue) = show.cues.get(number as usize) else { return false };
    let CueAct::PriceChange { product, .. } = cue.act else { return false };
    plan.shows.iter().flat_map(|show| &show.cues).any(|sale| match sale.act {
        CueAct::FlashSale { product: sold, length, .. } => {
            sold == product && sale.at <= cue.at && cue.at < sale.at.saturating_add(length)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use claque_audience::{Cue, Micros, Show};

    use super::*;

    #[test]
    fn a_price_change_shows_unless_the_product_is_on_sale() {
        let euros = |minor| Money { minor, currency: claque_audience::Currency(*b"EUR") };
        let (lamp, mug) = (ProductId(0), ProductId(1));
        let cue = |at, act| Cue::new(Micros(at), act);
        let change = |at, product| cue(at, CueAct::PriceChange { product, price: euros(35) });
        let sale = CueAct::FlashSale { product: lamp, price: euros(29), length: Micros(10) };
        let changes = [change(19, lamp), change(20, lamp), change(25, mug), change(30, lamp)];
        let plan = Plan {
            seed: 0,
            length: Micros(100),
            products: Vec::new(),
            groups: Vec::new(),
            shows: vec![Show::new("mia", changes.to_vec()), Show::new("noor", vec![cue(20, sale)])],
        };
        let hidden = [0, 1, 2, 3, 4].map(|number| is_hidden(&plan, ShowId(0), number));
        assert_eq!(hidden, [false, true, false, false, false]);
        assert!(!is_hidden(&plan, ShowId(1), 0), "a sale shows");
        assert!(!is_hidden(&plan, ShowId(2), 0), "no such show");
    }
}
