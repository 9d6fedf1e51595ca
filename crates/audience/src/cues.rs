//! What a creator's planned cues mean for the audience at an instant: the product at the top of
//! the room, the lift of the click hazard, the price that a viewer sees.
//!
//! Only the plan is read, never an outcome: a sale that the shop refused still draws viewers.

use crate::{CueAct, Micros, Money, Plan, ProductId, Show, ShowId};

/// The cues of one show, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Cues {
    /// When the stream starts.
    pub(crate) live: Micros,
    /// When it ends.
    pub(crate) end: Micros,
    /// Pins in time order; each replaces the one before.
    pins: Vec<(Micros, ProductId)>,
    /// Flash sales in order of their start.
    sales: Vec<Sale>,
    /// Price changes in time order.
    changes: Vec<(Micros, ProductId, Money)>,
    /// Raids in time order.
    pub(crate) raids: Vec<Raid>,
    /// Giveaways in time order.
    pub(crate) giveaways: Vec<Giveaway>,
}

/// The viewers are sent on to another show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raid {
    pub(crate) at: Micros,
    /// Number of the cue.
    pub(crate) number: u32,
    pub(crate) to: ShowId,
    /// Chance to follow.
    pub(crate) follow: f64,
}

/// A giveaway can be entered for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Giveaway {
    pub(crate) from: Micros,
    pub(crate) until: Micros,
    /// Number of the cue.
    pub(crate) number: u32,
    pub(crate) product: ProductId,
}

#[derive(Clone, Copy, Debug)]
struct Sale {
    from: Micros,
    until: Micros,
    product: ProductId,
    price: Money,
}

/// How cues lift a click hazard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lift {
    /// Factor right after a pin.
    pub(crate) pin: f64,
    /// e-folding time of the pin's lift, in µs.
    pub(crate) decay_us: f64,
    /// Factor while a flash sale is on.
    pub(crate) sale: f64,
}

impl Cues {
    pub(crate) fn new(show: &Show, length: Micros) -> Cues {
        let mut cues = Cues {
            live: Micros(0),
            end: length,
            pins: vec![],
            sales: vec![],
            changes: vec![],
            raids: vec![],
            giveaways: vec![],
        };
        for (number, cue) in (0..).zip(&show.cues) {
            match cue.act {
                CueAct::GoLive => cues.live = cue.at,
                CueAct::End => cues.end = cue.at,
                CueAct::Pin { product } => cues.pins.push((cue.at, product)),
                CueAct::FlashSale { product, price, length } => {
                    let until = cue.at.saturating_add(length);
                    cues.sales.push(Sale { from: cue.at, until, product, price });
                }
                CueAct::PriceChange { product, price } => {
                    cues.changes.push((cue.at, product, price));
                }
                CueAct::Giveaway { product, length } => {
                    let until = cue.at.saturating_add(length);
                    cues.giveaways.push(Giveaway { from: cue.at, until, number, product });
                }
                CueAct::Raid { to, follow } => {
                    cues.raids.push(Raid { at: cue.at, number, to, follow: follow.0 });
                }
                CueAct::Say { .. } => {}
            }
        }
        cues
    }

    /// m(t), the factor on the click hazard: (1 + (pin − 1)·e^{−(t − tₚ)/decay}) for the latest pin
    /// at tₚ ≤ t, times the sale's factor while any sale is on.
    pub(crate) fn lift(&self, at: Micros, lift: &Lift) -> f64 {
        let mut factor = 1.0;
        if let Some((pinned, _)) = self.pin(at) {
            let age = at.saturating_sub(pinned).seconds() * 1e6;
            factor += (lift.pin - 1.0) * libm::exp(-age / lift.decay_us);
        }
        if self.sale(at).is_some() { factor * lift.sale } else { factor }
    }

    /// What m(t) never exceeds.
    pub(crate) fn lift_max(&self, lift: &Lift) -> f64 {
        let pin = if self.pins.is_empty() { 1.0 } else { lift.pin.max(1.0) };
        let sale = if self.sales.is_empty() { 1.0 } else { lift.sale.max(1.0) };
        pin * sale
    }

    /// The product that a click at `at` opens: the one on sale (the sale started last), else the
    /// one pinned last, else none in particular.
    pub(crate) fn featured(&self, at: Micros) -> Option<ProductId> {
        self.sale(at).map(|sale| sale.product).or_else(|| self.pin(at).map(|pin| pin.1))
    }

    fn pin(&self, at: Micros) -> Option<(Micros, ProductId)> {
        let after = self.pins.partition_point(|pin| pin.0 <= at);
        after.checked_sub(1).map(|last| self.pins[last])
    }

    fn sale(&self, at: Micros) -> Option<&Sale> {
        self.sales.iter().rfind(|sale| sale.from <= at && at < sale.until)
    }
}

/// The shadow price list: what every product costs when, over all shows (a shop has one price).
#[derive(Clone, Debug)]
pub(crate) struct Prices {
    /// ln(sale price / list price) of each product's sales, in order of their start.
    sales: Vec<Vec<(Micros, Micros, f64)>>,
    /// ln(new price / list price) of each product's price changes, in time order.
    changes: Vec<Vec<(Micros, f64)>>,
}

impl Prices {
    pub(crate) fn new(plan: &Plan, cues: &[Cues]) -> Prices {
        let mut sales = vec![Vec::new(); plan.products.len()];
        let all = cues.iter().flat_map(|show| show.sales.iter().map(|sale| (show.end, sale)));
        for (end, sale) in all {
            let product = usize::from(sale.product.0);
            if let Some(listed) = plan.products.get(product) {
                let log = log_ratio(sale.price, listed.price);
                sales[product].push((sale.from, sale.until.min(end), log));
            }
        }
        let mut changes = vec![Vec::new(); plan.products.len()];
        for &(at, product, price) in cues.iter().flat_map(|show| &show.changes) {
            if let Some(listed) = plan.products.get(usize::from(product.0)) {
                changes[usize::from(product.0)].push((at, log_ratio(price, listed.price)));
            }
        }
        for of_product in &mut sales {
            of_product.sort_by_key(|sale| sale.0);
        }
        for of_product in &mut changes {
            of_product.sort_by_key(|change| change.0);
        }
        Prices { sales, changes }
    }

    /// ln(price / list price) of `product` at `at`: that of the sale started last of those on, else
    /// that of the last price change.
    pub(crate) fn log_ratio(&self, product: ProductId, at: Micros) -> f64 {
        let product = usize::from(product.0);
        let sales = self.sales.get(product).map_or(&[][..], Vec::as_slice);
        if let Some(sale) = sales.iter().rfind(|sale| sale.0 <= at && at < sale.1) {
            return sale.2;
        }
        let changes = self.changes.get(product).map_or(&[][..], Vec::as_slice);
        let after = changes.partition_point(|change| change.0 <= at);
        after.checked_sub(1).map_or(0.0, |last| changes[last].1)
    }
}

/// ln(`price` / `list`); free goods count as the smallest price there is.
fn log_ratio(price: Money, list: Money) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a price, far below 2⁵³ minor units")]
    let float = |money: Money| money.minor.max(1) as f64;
    libm::log(float(price) / float(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cue, Currency, Product};

    fn money(minor: u64) -> Money {
        Money { minor, currency: Currency(*b"EUR") }
    }

    fn plan() -> Plan {
        let cue = |second: u64, act| Cue::new(Micros(second * 1_000_000), act);
        let (lamp, mug) = (ProductId(0), ProductId(1));
        let sale = |product, price, seconds: u64| CueAct::FlashSale {
            product,
            price: money(price),
            length: Micros(seconds * 1_000_000),
        };
        let product = |name: &str| Product { name: name.into(), price: money(4_000), stock: 1 };
        Plan {
            seed: 1,
            length: Micros(60_000_000),
            products: vec![product("lamp"), product("mug")],
            shows: vec![Show::new(
                "mia",
                vec![
                    cue(0, CueAct::GoLive),
                    cue(10, CueAct::Pin { product: lamp }),
                    cue(20, sale(mug, 2_000, 10)),
                    cue(25, sale(lamp, 1_000, 10)),
                    cue(28, CueAct::PriceChange { product: lamp, price: money(8_000) }),
                    cue(50, CueAct::PriceChange { product: lamp, price: money(2_000) }),
                    cue(60, CueAct::End),
                ],
            )],
            groups: vec![],
        }
    }

    #[test]
    fn cues_feature_and_price_products() {
        let plan = plan();
        let cues = Cues::new(&plan.shows[0], plan.length);
        let prices = Prices::new(&plan, std::slice::from_ref(&cues));
        let half = libm::log(0.5);
        let (quarter, twice) = (libm::log(0.25), libm::log(2.0));
        // (second, featured, ln of lamp's price ratio, ln of mug's)
        let expect = [
            (9.999_999, None, 0.0, 0.0),
            (10.0, Some(0), 0.0, 0.0),
            (20.0, Some(1), 0.0, half),
            (25.0, Some(0), quarter, half),
            // A sale goes before the price that has changed meanwhile.
            (30.0, Some(0), quarter, 0.0),
            (35.0, Some(0), twice, 0.0),
            (49.999_999, Some(0), twice, 0.0),
            (50.0, Some(0), half, 0.0),
        ];
        for (second, featured, lamp, mug) in expect {
            let at = Micros::from_seconds(second);
            assert_eq!(cues.featured(at), featured.map(ProductId), "at {second} s");
            assert_eq!(prices.log_ratio(ProductId(0), at).to_bits(), f64::to_bits(lamp));
            assert_eq!(prices.log_ratio(ProductId(1), at).to_bits(), f64::to_bits(mug));
        }
    }

    #[test]
    fn lift_decays_by_its_e_folding_time() {
        let plan = plan();
        let cues = Cues::new(&plan.shows[0], plan.length);
        let lift = Lift { pin: 3.0, decay_us: 5e6, sale: 2.0 };
        let expect = [
            (9.0, 1.0),
            (10.0, 3.0),
            (15.0, 1.0 + 2.0 / std::f64::consts::E),
            (20.0, 2.0 * (1.0 + 2.0 * libm::exp(-2.0))),
            (40.0, 1.0 + 2.0 * libm::exp(-6.0)),
        ];
        for (second, factor) in expect {
            let got = cues.lift(Micros::from_seconds(second), &lift);
            assert!((got - factor).abs() < 1e-12, "at {second} s: {got}, not {factor}");
            assert!(got <= cues.lift_max(&lift));
        }
    }
}
