//! Orders against stock.
//!
//! Orders are counted by id. A check-out without an answer may have made one: until the shop has
//! told, what was sold is a range.

use std::collections::BTreeMap;

use claque_audience::{IntentId, ProductId};

use super::interval::OrderEvent;
use super::settings::{ProductInfo, key_text};

/// What was sold, as far as the answers tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrdersSummary {
    /// Different orders confirmed.
    pub orders: u64,
    /// Check-outs of which it is not known whether they made an order.
    pub unresolved: u64,
    /// By product, those with stock or orders.
    pub products: Vec<ProductOrders>,
    /// Order ids that were given to more than one check-out (the first few).
    pub repeated_ids: Vec<String>,
    /// How many there are.
    pub repeated_ids_count: u64,
    /// Check-outs that made more than one order, with these ids (the first few).
    pub repeated_keys: Vec<(String, Vec<String>)>,
    /// How many there are.
    pub repeated_keys_count: u64,
    /// Orders charged at another price than shown: order id, shown, charged (the first few).
    pub mispriced: Vec<(String, String, String)>,
    /// How many there are.
    pub mispriced_count: u64,
}

/// Orders of one product against its stock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductOrders {
    /// The product's name.
    pub product: String,
    /// Units in stock at the start.
    pub stock: u64,
    /// Units in confirmed orders.
    pub sold: u64,
    /// These and the units of check-outs of which it is not known whether they made an order.
    pub sold_possible: u64,
    /// Confirmed orders beyond the stock, in the order in which they were confirmed (the first few).
    pub beyond_stock: Vec<String>,
    /// How many there are.
    pub beyond_stock_count: u64,
}

impl ProductOrders {
    /// Units sold beyond the stock: confirmed, and possible.
    #[must_use]
    pub fn oversold(&self) -> (u64, u64) {
        (self.sold.saturating_sub(self.stock), self.sold_possible.saturating_sub(self.stock))
    }
}

/// How many ids of each sort are named; the rest is only counted.
const NAMED: usize = 20;

/// What is known of one check-out.
#[derive(Debug, Default)]
struct CheckOut {
    orders: Vec<String>,
    /// Product and units, while it is not known whether there is an order.
    unresolved: Option<(ProductId, u64)>,
}

impl OrdersSummary {
    /// Adds up what was learnt, in the order in which it was.
    #[must_use]
    pub(super) fn of(events: &[OrderEvent], products: &[ProductInfo]) -> OrdersSummary {
        let mut summary = OrdersSummary {
            products: products
                .iter()
                .map(|product| ProductOrders {
                    product: product.name.clone(),
                    stock: u64::from(product.stock),
                    ..ProductOrders::default()
                })
                .collect(),
            ..OrdersSummary::default()
        };
        let mut check_outs: BTreeMap<IntentId, CheckOut> = BTreeMap::new();
        let mut owners: BTreeMap<&str, IntentId> = BTreeMap::new();
        for event in events {
            match event {
                OrderEvent::Unresolved { product, units, key } => {
                    let check_out = check_outs.entry(*key).or_default();
                    if check_out.orders.is_empty() {
                        check_out.unresolved = Some((*product, u64::from(*units)));
                    }
                }
                OrderEvent::NotFound { key } => {
                    check_outs.entry(*key).or_default().unresolved = None;
                }
                OrderEvent::Confirmed { product, units, key, order, charged, shown } => {
                    check_outs.entry(*key).or_default().unresolved = None;
                    match owners.get(order.as_str()) {
                        // The answer, and what the shop said later, tell of one order.
                        Some(owner) if owner == key => continue,
                        Some(_) => {
                            summary.repeated_ids_count += 1;
                            if !summary.repeated_ids.contains(order) {
                                name(&mut summary.repeated_ids, || order.clone());
                            }
                            continue;
                        }
                        None => owners.insert(order, *key),
                    };
                    check_outs.entry(*key).or_default().orders.push(order.clone());
                    summary.confirm(*product, u64::from(*units), order);
                    if let (Some(charged), Some(shown)) = (charged, shown)
                        && !is_same_price(charged, shown)
                    {
                        summary.mispriced_count += 1;
                        let row = || (order.clone(), shown.clone(), charged.clone());
                        name(&mut summary.mispriced, row);
                    }
                }
            }
        }
        for (key, check_out) in check_outs {
            if let Some((product, units)) = check_out.unresolved {
                summary.unresolved += 1;
                if let Some(product) = summary.products.get_mut(usize::from(product.0)) {
                    product.sold_possible += units;
                }
            }
            if check_out.orders.len() > 1 {
                summary.repeated_keys_count += 1;
                name(&mut summary.repeated_keys, || (key_text(key), check_out.orders));
            }
        }
        summary
    }

    fn confirm(&mut self, product: ProductId, units: u64, order: &str) {
        self.orders += 1;
        let Some(product) = self.products.get_mut(usize::from(product.0)) else { return };
        product.sold += units;
        product.sold_possible += units;
        if product.sold > product.stock {
            product.beyond_stock_count += 1;
            name(&mut product.beyond_stock, || order.to_owned());
        }
    }
}

/// Keeps one more, if there is room.
fn name<T>(named: &mut Vec<T>, make: impl FnOnce() -> T) {
    if named.len() < NAMED {
        named.push(make());
    }
}

/// Whether two decimal texts are one amount: `29`, `29.0` and `29.00` are.
fn is_same_price(left: &str, right: &str) -> bool {
    fn plain(text: &str) -> &str {
        let text = text.trim();
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
    }
    plain(left) == plain(right)
}

#[cfg(test)]
mod tests {
    use claque_audience::Actor;

    use super::*;

    fn key(number: u32) -> IntentId {
        IntentId { actor: Actor::viewer(0, number), sequence: 3 }
    }

    fn confirmed(number: u32, order: &str, charged: &str) -> OrderEvent {
        OrderEvent::Confirmed {
            product: ProductId(0),
            units: 1,
            key: key(number),
            order: order.into(),
            charged: Some(charged.into()),
            shown: Some("29.00".into()),
        }
    }

    fn unresolved(number: u32) -> OrderEvent {
        OrderEvent::Unresolved { product: ProductId(0), units: 1, key: key(number) }
    }

    fn of(events: &[OrderEvent]) -> OrdersSummary {
        OrdersSummary::of(events, &[ProductInfo { name: "lamp".into(), stock: 2 }])
    }

    #[test]
    fn overselling_is_a_range_until_the_shop_has_told() {
        let not_found = |number| OrderEvent::NotFound { key: key(number) };
        let sold = [confirmed(1, "o-1", "29"), confirmed(2, "o-2", "29.0")];
        for (more, sold_units, possible, unresolved_left, oversold) in [
            (vec![], 2, 2, 0, (0, 0)),
            (vec![unresolved(3)], 2, 3, 1, (0, 1)),
            (vec![unresolved(3), not_found(3)], 2, 2, 0, (0, 0)),
            (vec![unresolved(3), confirmed(3, "o-3", "29.00")], 3, 3, 0, (1, 1)),
            (vec![unresolved(3), confirmed(3, "o-3", "29.00"), unresolved(4)], 3, 4, 1, (1, 2)),
            // Told twice of the same order.
            (vec![confirmed(2, "o-2", "29.00")], 2, 2, 0, (0, 0)),
        ] {
            let events: Vec<_> = sold.iter().cloned().chain(more).collect();
            let summary = of(&events);
            let lamp = &summary.products[0];
            assert_eq!((lamp.sold, lamp.sold_possible), (sold_units, possible), "{events:?}");
            assert_eq!(summary.unresolved, unresolved_left);
            assert_eq!(lamp.oversold(), oversold);
            assert_eq!(lamp.beyond_stock_count, oversold.0);
            assert_eq!(summary.mispriced_count, 0);
        }
    }

    #[test]
    fn what_a_shop_must_not_do_is_named() {
        let summary = of(&[
            confirmed(1, "o-1", "29.00"),
            confirmed(2, "o-1", "29.00"),
            confirmed(3, "o-3", "39.00"),
            confirmed(3, "o-4", "29.00"),
        ]);
        assert_eq!(summary.orders, 3);
        assert_eq!(summary.repeated_ids, ["o-1"]);
        assert_eq!(
            summary.repeated_keys,
            [("100000003-3".to_owned(), vec!["o-3".to_owned(), "o-4".to_owned()])]
        );
        assert_eq!(summary.mispriced, [("o-3".to_owned(), "29.00".to_owned(), "39.00".to_owned())]);
        assert_eq!(summary.products[0].beyond_stock, ["o-4"]);
    }
}
