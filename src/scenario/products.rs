//! `[products.NAME]`: what is sold, with `price` and `stock`.

use claque_audience::{Currency, Money, Product};

use super::NAME_FORM;
use crate::input::{Input, Span, Spanned, Table};

/// Dearest unit, in minor units: far above any price, far below overflow when summed.
const PRICE_MAX: u64 = 1_000_000_000_000;

pub(super) fn read(table: Option<Table<'_>>) -> Vec<Spanned<Product>> {
    let mut products: Vec<Spanned<Product>> = Vec::new();
    let Some(table) = table else { return products };
    let input = table.input();
    for (key, field) in table.entries() {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if key.value.is_empty() || key.value.len() > 64 || !key.value.chars().all(fits) {
            input.problem(key.span, format!("`{}` cannot be a name", key.value), NAME_FORM);
        }
        let Some(table) = field.table() else { continue };
        let price = table.required("price").money();
        let stock = table.required("stock").integer(0..=u32::MAX);
        table.finish();
        // A product with a wrong price is still a product that cues may name; its price is nothing.
        let unknown = Money { minor: 0, currency: Currency(*b"EUR") };
        if let Some(price) = price {
            check_price(input, price);
            if let Some(first) = products.iter().find(|product| product.value.price.minor > 0) {
                one_currency(input, "price", price, first);
            }
        }
        let product = Product {
            name: key.value.to_owned(),
            price: price.map_or(unknown, |price| price.value),
            stock: stock.map_or(0, |stock| stock.value),
        };
        products.push(Spanned { value: product, span: price.map_or(key.span, |price| price.span) });
    }
    if products.len() > usize::from(u16::MAX) {
        let message = format!("{} products are too many", products.len());
        input.problem(table.span(), message, format!("at most {} are possible", u16::MAX));
        products.truncate(usize::from(u16::MAX));
    }
    products
}

/// Reports a price of nothing, and one that is beyond all reason.
pub(super) fn check_price(input: &Input, price: Spanned<Money>) {
    if price.value.minor == 0 {
        input.problem(price.span, "a price of zero sells nothing", "write what a unit costs");
    } else if price.value.minor > PRICE_MAX {
        let message = format!("{} is too much for one unit", price.value);
        input.problem(price.span, message, "is the currency right?");
    }
}

/// Reports a price, or `what` else it is, in another currency than `product`'s.
pub(super) fn one_currency(
    input: &Input,
    what: &str,
    price: Spanned<Money>,
    product: &Spanned<Product>,
) {
    let (found, first) = (price.value.currency, product.value.price.currency);
    if found != first && product.value.price.minor > 0 {
        input.problem(
            price.span,
            format!("this {what} is in {found}, but `{}` is in {first}", product.value.name),
            "a scenario has one currency",
        );
    }
}

/// The place of the product of that name; an unknown one is reported at `span`.
pub(super) fn position(
    input: &Input,
    name: &str,
    span: Span,
    products: &[Spanned<Product>],
) -> Option<usize> {
    let position = products.iter().position(|product| product.value.name == name);
    if position.is_none() {
        let names = products.iter().map(|product| product.value.name.as_str());
        let help = match crate::input::did_you_mean(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if products.is_empty() => format!("describe it first, in [products.{name}]"),
            None => format!("products here: {}", super::a_few(names)),
        };
        input.problem(span, format!("there is no product `{name}`"), help);
    }
    position
}
