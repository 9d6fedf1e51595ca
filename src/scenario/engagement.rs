//! What a group does besides buying: `chat`, `likes`, `gifts`, `shares`, `giveaways`. How often it
//! does the first four, and how that differs by time and viewer: see `rates`.
//!
//! - `chat = { per_viewer | per_visit | per_show, … }`: messages, replies included;
//!   `metronome = true` spaces them exactly and answers none, without curves and weights.
//! - `likes = { per_viewer | per_visit, run = 4, … }`: `run` is the mean number of likes in a run,
//!   default 1.
//! - `gifts = { givers = "1.5%", per_giver = "0.5/min", amount, … }`: a share of viewers give, at
//!   that mean rate; `amount = "1.00 EUR"`, or a law from which each giver draws one:
//!   `{ log_normal = { median = "1.00 EUR", sigma = 2.7, max = "500 EUR" } }` or
//!   `{ pareto = { min = "0.10 EUR", alpha = 1.02, max = "500 EUR" } }`.
//! - `shares = { per_viewer | per_visit, … }`: passing the stream on.
//! - `giveaways = { enter_per_viewer = "60%", delay = LAW }`: share of those present during a
//!   giveaway who enter, and how long after its cue (or after joining, if that is later).

use std::cell::Cell;

use claque_audience::{
    Amount, Chat, Currency, Gifts, Giveaways, Likes, Micros, Money, Product, Shares, VisitClass,
};

use super::laws::Laws;
use super::products::one_currency;
use super::rates::{Rates, Written};
use super::{Traces, published};
use crate::input::{Field, Span, Spanned, Table};

/// What the readers here share.
pub(super) struct Crowd<'a> {
    pub(super) rates: Rates,
    /// `None` where how they stay is wrong.
    pub(super) classes: Option<&'a [VisitClass]>,
    /// How long the show is that they visit.
    pub(super) length: Micros,
    pub(super) products: &'a [Spanned<Product>],
    /// The currency of gifts where there are no products, once one is given.
    pub(super) currency: &'a Cell<Option<Currency>>,
    /// Where the group asks for a preset: what that says is published, so nothing is compared.
    pub(super) preset: Option<Span>,
    pub(super) traces: &'a Traces<'a>,
}

impl Crowd<'_> {
    /// The mean number a visit, where that can be told and is not a preset's.
    fn per_visit(&self, written: &Written) -> Option<f64> {
        let own = Some(written.frequency.span) != self.preset;
        own.then_some(written.per_visit(self.classes?, self.length)?)
    }

    pub(super) fn chat(&self, table: &Table<'_>) -> Option<(Chat, Written)> {
        let table = table.optional("chat").table()?;
        let input = table.input();
        let forms = ["per_viewer", "per_visit", "per_show"];
        let written = self.rates.read(&table, "messages", &forms);
        let metronome = table.optional("metronome").boolean().is_some_and(|yes| yes.value);
        if metronome {
            for name in ["by_show_time", "by_viewer_age", "weights"] {
                if table.optional(name).is_present() {
                    input.problem(
                        table.key_span(name),
                        format!("a metronome takes no `{name}`"),
                        "it spaces messages evenly; leave one of the two out",
                    );
                }
            }
        }
        table.finish();
        let written = written?;
        if let Some(messages) = self.per_visit(&written).filter(|_| !metronome) {
            published::chat(input, written.frequency.span, messages);
        }
        // No message ever is the same as no chat, and spares everybody else a division by zero.
        let chat = Chat { intensity: written.intensity.clone(), metronome };
        written.is_ever().then_some((chat, written))
    }

    pub(super) fn likes(&self, table: &Table<'_>) -> Option<(Likes, Written)> {
        let table = table.optional("likes").table()?;
        let input = table.input();
        let written = self.rates.read(&table, "likes", &["per_viewer", "per_visit"]);
        let run = table.optional("run").float(1.0..=1e6).map_or(1.0, |run| run.value);
        table.finish();
        let written = written?;
        if let Some(likes) = self.per_visit(&written) {
            published::likes(input, written.frequency.span, likes);
        }
        let likes = Likes { intensity: written.intensity.clone(), run };
        written.is_ever().then_some((likes, written))
    }

    pub(super) fn shares(&self, table: &Table<'_>) -> Option<(Shares, Written)> {
        let table = table.optional("shares").table()?;
        let written = self.rates.read(&table, "shares", &["per_viewer", "per_visit"]);
        table.finish();
        let written = written?;
        let shares = Shares { intensity: written.intensity.clone() };
        written.is_ever().then_some((shares, written))
    }

    pub(super) fn gifts(&self, table: &Table<'_>) -> Option<Gifts> {
        let table = table.optional("gifts").table()?;
        let input = table.input();
        let givers = table.required("givers").share();
        let written = self.rates.read(&table, "gifts of a giver", &["per_giver"]);
        let amount = self.amount(table.required("amount"));
        table.finish();
        let (givers, written, amount) = (givers?, written?, amount?);
        published::givers(input, givers);
        let gifts = Gifts { givers: givers.value, intensity: written.intensity.clone(), amount };
        (written.is_ever() && givers.value.0 > 0.0).then_some(gifts)
    }

    fn amount(&self, field: Field<'_>) -> Option<Amount> {
        if !field.is_table() {
            return self.money(field).map(Amount::Fixed);
        }
        let table = field.table()?;
        let law = table.one_of("the law of an amount", &["log_normal", "pareto"]);
        let amount = law.and_then(|(law, field)| {
            let table = field.table()?;
            let (low, shape) = if law == "pareto" {
                ("min", table.required("alpha").float(0.05..=100.0))
            } else {
                ("median", table.required("sigma").float(0.0..=10.0))
            };
            let least = self.money(table.required(low));
            let greatest = table.required("max");
            let max = self.money(greatest);
            table.finish();
            let (least, shape, max) = (least?, shape?.value, max?);
            if max < least {
                let message = format!("`max` is below `{low}`");
                let help = "the largest gift cannot be smaller; write more";
                greatest.input().problem(greatest.span()?, message, help);
            }
            let least = f64::from(least);
            Some(if law == "pareto" {
                Amount::Pareto { min: least, alpha: shape, max }
            } else {
                Amount::LogNormal { median: least, sigma: shape, max }
            })
        });
        table.finish();
        amount
    }

    /// An amount in minor units, in the scenario's currency.
    fn money(&self, field: Field<'_>) -> Option<u32> {
        let money = field.money()?;
        let input = field.input();
        if let Some(first) = self.products.iter().find(|product| product.value.price.minor > 0) {
            one_currency(input, "gift", money, first);
        } else {
            let found = money.value.currency;
            let first = self.currency.get().unwrap_or(found);
            self.currency.set(Some(first));
            if first != found {
                let message = format!("this gift is in {found}, but another is in {first}");
                input.problem(money.span, message, "a scenario has one currency");
            }
        }
        if money.value.minor == 0 {
            input.problem(money.span, "a gift of nothing", "write what it is worth: \"1.00 EUR\"");
            return None;
        }
        if let Ok(minor) = u32::try_from(money.value.minor) {
            return Some(minor);
        }
        let most = Money { minor: u64::from(u32::MAX), currency: money.value.currency };
        let message = format!("{} is too much for one gift", money.value);
        input.problem(money.span, message, format!("at most {most}"));
        None
    }

    pub(super) fn giveaways(&self, table: &Table<'_>) -> Option<Giveaways> {
        let table = table.optional("giveaways").table()?;
        let enter = table.required("enter_per_viewer").share();
        let delay = Laws::delays(self.traces).read(table.required("delay"));
        table.finish();
        let (enter, delay) = (enter?.value, delay?);
        Some(Giveaways { enter_per_viewer: enter, delay })
    }
}
