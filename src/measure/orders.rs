//! Orders against stock.

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
