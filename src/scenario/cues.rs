//! `cues`: planned acts of a show's hosts, in the order of time.
//!
//! A cue has its instant `at`, who does it, `by` (a co-host; default: the creator), and one act:
//! - `pin = PRODUCT`;
//! - `price_change = PRODUCT` with the new `price`;
//! - `flash_sale = PRODUCT` with `price` and `length`;
//! - `giveaway = PRODUCT` with `length`, how long it can be entered;
//! - `raid = CREATOR`, whose show is live then, with `follow`, the share of those present who go;
//! - `say = "Welcome!"`;
//! - `go_live = true` and `end = true`, by the creator: without them a show goes live at 0s and ends
//!   with the run.
//!
//! Co-hosts enter one second after the show goes live.

use claque_audience::{
    CO_HOST_ENTERS_AFTER, Cue, CueAct, Micros, Money, Product, ProductId, ShowId,
};

use super::products::{check_price, one_currency, position};
use super::shows::ReadShow;
use super::{LENGTH_UNKNOWN, a_few};
use crate::input::units::show_duration;
use crate::input::{Field, Input, Span, Spanned, Table, did_you_mean};

const ACTS: [&str; 8] =
    ["pin", "flash_sale", "go_live", "end", "price_change", "giveaway", "raid", "say"];
/// Most letters that a host says at once.
const LINE_MAX: usize = 500;

/// A cue as it stands in the file.
pub(super) struct Written {
    at: Spanned<Micros>,
    by: u16,
    act: CueAct,
    span: Span,
}

/// What the cues of one show may refer to.
pub(super) struct Stage<'a> {
    pub(super) input: &'a Input,
    pub(super) products: &'a [Spanned<Product>],
    /// Who does the shows, in the file's order; empty where nobody is named.
    pub(super) creators: &'a [String],
    /// Which of them this is.
    pub(super) show: usize,
    pub(super) co_hosts: &'a [String],
}

/// A raid, to be looked at once every show is known.
#[derive(Clone, Copy)]
pub(super) struct Raid {
    at: Spanned<Micros>,
    to: ShowId,
}

impl Stage<'_> {
    /// Reads one cue; what is said is added to `lines`.
    pub(super) fn read(&self, table: Table<'_>, lines: &mut Vec<String>) -> Option<Written> {
        let at = table.required("at").duration();
        let act = table.one_of("the act of a cue", &ACTS);
        let word = act.map(|(word, _)| word);
        let act = act.and_then(|(word, field)| match word {
            "pin" => self.product(field).map(|(product, _)| CueAct::Pin { product }),
            "price_change" => {
                let (product, price) = (self.product(field), table.required("price").money());
                let ((product, listed), price) = (product?, price?);
                self.price(price, listed);
                Some(CueAct::PriceChange { product, price: price.value })
            }
            "flash_sale" => self.flash_sale(&table, field),
            "giveaway" => {
                let (product, length) = (self.product(field), self.length(&table, "a giveaway"));
                Some(CueAct::Giveaway { product: product?.0, length: length? })
            }
            "raid" => {
                let (to, follow) = (self.raided(field), table.required("follow").share());
                let (to, follow) = (to?, follow?.value);
                Some(CueAct::Raid { to, follow })
            }
            "say" => self.say(field, lines),
            word => {
                let yes = field.boolean()?;
                if !yes.value {
                    let message = format!("`{word} = false` is no act");
                    self.input.problem(yes.span, message, "leave the cue out");
                }
                Some(if word == "end" { CueAct::End } else { CueAct::GoLive })
            }
        });
        let by = self.by(&table, word);
        let span = table.span();
        table.finish();
        Some(Written { at: at?, by: by?, act: act?, span })
    }

    fn product(&self, field: Field<'_>) -> Option<(ProductId, &Spanned<Product>)> {
        let product = field.string()?;
        let index = position(self.input, &product.value, product.span, self.products)?;
        Some((ProductId(u16::try_from(index).ok()?), &self.products[index]))
    }

    fn price(&self, price: Spanned<Money>, listed: &Spanned<Product>) {
        check_price(self.input, price);
        one_currency(self.input, "price", price, listed);
    }

    fn length(&self, table: &Table<'_>, what: &str) -> Option<Micros> {
        let length = table.required("length").duration()?;
        if length.value.0 == 0 {
            self.input.problem(length.span, format!("{what} of no length"), "write \"15s\"");
        }
        Some(length.value)
    }

    fn flash_sale(&self, table: &Table<'_>, field: Field<'_>) -> Option<CueAct> {
        let product = self.product(field);
        let price = table.required("price").money();
        let length = self.length(table, "a flash sale");
        let ((product, listed), price, length) = (product?, price?, length?);
        self.price(price, listed);
        let list_price = listed.value.price;
        if price.value.minor > list_price.minor && price.value.currency == list_price.currency {
            self.input.warning(
                price.span,
                format!("{} is above the list price of {list_price}", price.value),
                "a flash sale is usually cheaper",
            );
        }
        Some(CueAct::FlashSale { product, price: price.value, length })
    }

    /// The show that is raided.
    fn raided(&self, field: Field<'_>) -> Option<ShowId> {
        let name = field.string()?;
        let Some(index) = self.creators.iter().position(|creator| *creator == name.value) else {
            let others = || {
                let named = self
                    .creators
                    .iter()
                    .enumerate()
                    .filter(|(show, creator)| *show != self.show && !creator.is_empty());
                named.map(|(_, creator)| creator.as_str())
            };
            let help = match did_you_mean(&name.value, others()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if others().next().is_none() => {
                    "this is the only show: add [[shows]] for the other".to_owned()
                }
                None => format!("others here: {}", a_few(others())),
            };
            self.input.problem(name.span, format!("there is no show by `{}`", name.value), help);
            return None;
        };
        if index == self.show {
            let help = "a raid sends viewers on to another show";
            self.input.problem(name.span, "a show cannot raid itself", help);
            return None;
        }
        u16::try_from(index).ok().map(ShowId)
    }

    fn say(&self, field: Field<'_>, lines: &mut Vec<String>) -> Option<CueAct> {
        let line = field.string()?;
        let letters = line.value.chars().count();
        if line.value.trim().is_empty() {
            self.input.problem(line.span, "nothing is said", "write say = \"Welcome!\"");
        } else if letters > LINE_MAX {
            let message = format!("{letters} letters are too many for one message");
            self.input.problem(line.span, message, format!("at most {LINE_MAX}"));
        }
        let Ok(number) = u16::try_from(lines.len()) else {
            let message = "the hosts of one show say too much";
            self.input.problem(line.span, message, format!("at most {} lines", u16::MAX));
            return None;
        };
        lines.push(line.value);
        Some(CueAct::Say { line: number })
    }

    /// Which host does it.
    fn by(&self, table: &Table<'_>, act: Option<&str>) -> Option<u16> {
        let field = table.optional("by");
        if !field.is_present() {
            return Some(0);
        }
        let name = field.string()?;
        if name.value == self.creators[self.show] {
            return Some(0);
        }
        let Some(index) = self.co_hosts.iter().position(|host| *host == name.value) else {
            let help = match did_you_mean(&name.value, self.co_hosts.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("name the co-host first: co_hosts = [\"{}\"]", name.value),
            };
            self.input.problem(
                name.span,
                format!("`{}` does not host this show", name.value),
                help,
            );
            return None;
        };
        if let Some(word @ ("go_live" | "end")) = act {
            let message = format!("a co-host cannot do `{word}`");
            self.input.problem(name.span, message, "it is the creator's: leave `by` out");
        }
        u16::try_from(index + 1).ok()
    }
}

/// A flash sale or a giveaway, for comparing with others.
pub(super) struct Offer {
    product: ProductId,
    from: Micros,
    to: Micros,
}

/// A show's cues, arranged.
pub(super) struct Arranged {
    /// With the implicit start and end around them.
    pub(super) cues: Vec<Cue>,
    pub(super) raids: Vec<Raid>,
}

impl Stage<'_> {
    /// Puts the implicit start and end around the cues, and checks that they fit one another.
    /// `sales` are those of the shows before.
    pub(super) fn arrange(
        &self,
        written: Vec<Written>,
        length: Micros,
        sales: &mut Vec<Offer>,
    ) -> Arranged {
        let input = self.input;
        self.check_order(&written);
        let find = |act: CueAct| written.iter().filter(move |cue| cue.act == act);
        let start = find(CueAct::GoLive).next().map_or(Micros(0), |cue| cue.at.value);
        let end = find(CueAct::End).next().map_or(length, |cue| cue.at.value);
        let end = end.min(length);
        let mut cues = vec![Cue::new(start, CueAct::GoLive)];
        let (mut giveaways, mut raids) = (Vec::new(), Vec::new());
        for cue in written {
            let at = cue.at.value;
            let is_end = cue.act == CueAct::End;
            if at > length || (at >= end && !is_end) {
                let whose = if end < length { "show" } else { "run" };
                let when = if at > end { "after" } else { "at" };
                let message = format!("this cue comes {when} the end of the {whose}");
                let help = format!("the end is at {}", show_duration(end));
                input.problem(cue.at.span, message, help);
            } else if at < start || (is_end && at <= start) {
                let message = "this cue comes before the show is live";
                let help = format!("it goes live at {}", show_duration(start));
                input.problem(cue.at.span, message, help);
            } else if !matches!(cue.act, CueAct::GoLive | CueAct::End) {
                self.check_host(&cue, start);
                match cue.act {
                    CueAct::FlashSale { product, length, .. } => {
                        self.check_offer(&cue, product, (length, end), sales, "flash sale");
                    }
                    CueAct::Giveaway { product, length } => {
                        let giveaways = &mut giveaways;
                        self.check_offer(&cue, product, (length, end), giveaways, "giveaway");
                    }
                    CueAct::Raid { to, .. } => raids.push(Raid { at: cue.at, to }),
                    _ => {}
                }
                cues.push(Cue { at, by: cue.by, act: cue.act });
            }
        }
        cues.sort_by_key(|cue| cue.at);
        cues.push(Cue::new(end.max(start), CueAct::End));
        Arranged { cues, raids }
    }

    fn check_order(&self, written: &[Written]) {
        let mut last = Micros(0);
        for cue in written {
            if cue.at.value < last {
                let (at, before) = (show_duration(cue.at.value), show_duration(last));
                let message = format!("a cue at {at} stands after one at {before}");
                self.input.problem(cue.at.span, message, "write cues in the order of time");
            }
            last = last.max(cue.at.value);
        }
        for act in [CueAct::GoLive, CueAct::End] {
            if let Some(second) = written.iter().filter(|cue| cue.act == act).nth(1) {
                let word = if act == CueAct::End { "ends" } else { "goes live" };
                let message = format!("the show {word} twice");
                self.input.problem(second.span, message, "keep one of the cues");
            }
        }
    }

    /// A co-host cannot act before entering.
    fn check_host(&self, cue: &Written, start: Micros) {
        let enters = start.saturating_add(CO_HOST_ENTERS_AFTER);
        if cue.by > 0 && cue.at.value < enters {
            let host = &self.co_hosts[usize::from(cue.by) - 1];
            self.input.problem(
                cue.at.span,
                format!("`{host}` is not there yet"),
                format!("co-hosts enter 1s after going live, here at {}", show_duration(enters)),
            );
        }
    }

    fn check_offer(
        &self,
        cue: &Written,
        product: ProductId,
        (length, end): (Micros, Micros),
        offers: &mut Vec<Offer>,
        what: &str,
    ) {
        let from = cue.at.value;
        let to = from.saturating_add(length);
        let short = if what == "giveaway" { what } else { "sale" };
        if to > end && end != LENGTH_UNKNOWN {
            self.input.warning(
                cue.span,
                format!("this {what} would last until {}", show_duration(to)),
                format!("the show ends at {}, and the {short} with it", show_duration(end)),
            );
        }
        let to = to.min(end);
        let overlaps =
            |offer: &Offer| offer.product == product && from < offer.to && offer.from < to;
        if offers.iter().any(overlaps) {
            let name = &self.products[usize::from(product.0)].value.name;
            let which = if what == "giveaway" {
                "for which would a viewer enter?"
            } else {
                "which price would hold?"
            };
            self.input.problem(
                cue.span,
                format!("`{name}` is in another {what} at this time"),
                format!("end one before the other begins: {which}"),
            );
        }
        offers.push(Offer { product, from, to });
    }
}

/// Reports a raid on a show that is not live then.
pub(super) fn check_raid(input: &Input, raid: &Raid, shows: &[ReadShow]) {
    let ReadShow { show, start, end } = &shows[usize::from(raid.to.0)];
    if raid.at.value < *start || raid.at.value >= *end {
        input.problem(
            raid.at.span,
            format!("`{}` is not live at {}", show.creator, show_duration(raid.at.value)),
            format!("that show is from {} to {}", show_duration(*start), show_duration(*end)),
        );
    }
}
