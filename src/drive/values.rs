//! What templates may name: the values of an actor and of one of its intents.

use std::fmt::Write as _;
use std::ops::Range;

use claque_audience::{CueAct, Intent, IntentKind, ShowId};

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

/// The texts of one intent that have to be made, kept in one reused buffer.
pub(crate) struct Texts<'a> {
    buffer: &'a str,
    cid: Range<usize>,
    key: Range<usize>,
    price: Range<usize>,
    seconds: u64,
}

impl<'a> Texts<'a> {
    /// The texts of `intent`; allocates only for kinds that name a price.
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
        let mut seconds = 0;
        let price = match intent.kind {
            IntentKind::FlashSale => sale(setup, intent.show, intent.count).map(|sale| {
                seconds = sale.seconds;
                sale.price
            }),
            IntentKind::Pin | IntentKind::AddToCart | IntentKind::CheckOut => {
                let product = setup.plan.products.get(usize::from(intent.product.0));
                product.map(|product| product.price.decimal())
            }
            _ => None,
        };
        buffer.push_str(price.as_deref().unwrap_or_default());
        let price = key.end..buffer.len();
        Texts { buffer, cid, key, price, seconds }
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
        let phrase = intent.at.0 / 1_000 + u64::from(intent.id.actor.index());
        let buys = intent.kind == IntentKind::CheckOut;
        Values {
            text: PHRASES[usize::try_from(phrase % PHRASES.len() as u64).unwrap_or(0)],
            cid: &self.buffer[self.cid.clone()],
            key: &self.buffer[self.key.clone()],
            id,
            product: product.map_or("", |product| &product.name),
            price: if buys { shown.unwrap_or(listed) } else { listed },
            count: intent.count.max(1),
            seconds: self.seconds,
            ..entrance(setup, &viewer.name, viewer.show)
        }
    }
}

/// What is known of someone before any intent: enough to connect.
pub(crate) fn entrance<'a>(setup: &'a Setup, viewer: &'a str, show: ShowId) -> Values<'a> {
    let creator = &setup.plan.shows[usize::from(show.0)].creator;
    Values {
        url: &setup.target.ws,
        http: &setup.target.http,
        host: &setup.target.host,
        run: &setup.run_text,
        room: creator,
        creator,
        viewer,
        currency: &setup.currency,
        quantity: 1,
        ..Values::default()
    }
}

/// Appends the idempotency key of a check-out, unique to this run.
pub(crate) fn write_order_key(setup: &Setup, intent: &Intent, out: &mut String) {
    let (actor, sequence) = (intent.id.actor.number(), intent.id.sequence);
    let _ = write!(out, "{}-{actor:x}-{sequence:x}", setup.run_text);
}

/// A flash sale as the wire tells it.
pub(crate) struct Sale {
    pub(crate) product: claque_audience::ProductId,
    pub(crate) price: String,
    pub(crate) seconds: u64,
}

/// The flash sale that is cue `number` of a show, if it is one.
pub(crate) fn sale(setup: &Setup, show: ShowId, number: u32) -> Option<Sale> {
    let show = setup.plan.shows.get(usize::from(show.0))?;
    match show.cues.get(number as usize)?.act {
        CueAct::FlashSale { product, price, length } => {
            Some(Sale { product, price: price.decimal(), seconds: length.0.div_ceil(1_000_000) })
        }
        _ => None,
    }
}
