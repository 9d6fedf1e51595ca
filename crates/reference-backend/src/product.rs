//! What the shop sells, as written on a command line: `lamp=39.00 EUR x40`.

use std::fmt;
use std::str::FromStr;

use crate::money::{Money, MoneyError};

/// One product of the shop.
///
/// Written as `NAME=PRICE CURRENCY xSTOCK`:
/// ```
/// use claque_reference_backend::ProductSpec;
/// let lamp: ProductSpec = "lamp=39.00 EUR x40".parse()?;
/// assert_eq!((lamp.name.as_str(), lamp.price.minor, lamp.stock), ("lamp", 3900, 40));
/// # Ok::<(), claque_reference_backend::ProductError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductSpec {
    /// Its name in URLs and messages: letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// Its list price.
    pub price: Money,
    /// Units for sale at the start. A database that already knows the product keeps its own stock.
    pub stock: u32,
}

/// The longest name of a product, in bytes.
const NAME_MAX: usize = 64;

impl ProductSpec {
    /// Whether `name` may name a product.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        !name.is_empty()
            && name.len() <= NAME_MAX
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    }
}

impl fmt::Display for ProductSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={} x{}", self.name, self.price, self.stock)
    }
}

impl FromStr for ProductSpec {
    type Err = ProductError;

    fn from_str(text: &str) -> Result<ProductSpec, ProductError> {
        let shape = || ProductError::Shape(text.to_owned());
        let (name, rest) = text.split_once('=').ok_or_else(shape)?;
        let mut words = rest.split_whitespace();
        let (Some(amount), Some(currency), Some(stock), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(shape());
        };
        let name = name.trim();
        if !ProductSpec::is_name(name) {
            return Err(ProductError::Name(name.to_owned()));
        }
        let price = Money::from_decimal(amount, currency.parse()?)?;
        if price.minor == 0 {
            return Err(ProductError::Free(name.to_owned()));
        }
        let stock = stock.strip_prefix('x').ok_or_else(shape)?;
        let stock = stock.parse().map_err(|_| ProductError::Stock(stock.to_owned()))?;
        Ok(ProductSpec { name: name.to_owned(), price, stock })
    }
}

/// Why a text is no product.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// Not of the form `NAME=PRICE CURRENCY xSTOCK`.
    #[error("`{0}` is no product: write NAME=PRICE CURRENCY xSTOCK, as in `lamp=39.00 EUR x40`")]
    Shape(String),
    /// The name has other characters, or is too long.
    #[error(
        "`{0}` is no name of a product: 1 to 64 letters, digits, hyphens, underscores and points"
    )]
    Name(String),
    /// The price is no amount.
    #[error("the price is wrong: {0}")]
    Price(#[from] MoneyError),
    /// A price of nothing.
    #[error("`{0}` costs nothing: the price must be above 0")]
    Free(String),
    /// The stock is no number.
    #[error("`{0}` is no stock: a whole number from 0 to 4294967295, as in `x40`")]
    Stock(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn products() {
        let check = |text: &str, expect: Result<&str, &str>| {
            let got = text
                .parse::<ProductSpec>()
                .map(|product| product.to_string())
                .map_err(|error| error.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expect, "{text}");
        };
        check("lamp=39.00 EUR x40", Ok("lamp=39.00 EUR x40"));
        check(" lamp =  39 EUR   x0 ", Ok("lamp=39.00 EUR x0"));
        check(
            "lamp",
            Err("`lamp` is no product: write NAME=PRICE CURRENCY xSTOCK, as in \
                 `lamp=39.00 EUR x40`"),
        );
        check(
            "lamp=39.00 EUR 40",
            Err("`lamp=39.00 EUR 40` is no product: write NAME=PRICE CURRENCY xSTOCK, as in \
                 `lamp=39.00 EUR x40`"),
        );
        check(
            "lamp=39.00 eur x40",
            Err("the price is wrong: `eur` is no currency: three upper-case letters, as in `EUR`"),
        );
        check(
            "lamp=39.001 EUR x40",
            Err("the price is wrong: `39.001` has more decimals than EUR, which has 2"),
        );
        check("lamp=0 EUR x40", Err("`lamp` costs nothing: the price must be above 0"));
        check(
            "lamp=39 EUR x-1",
            Err("`-1` is no stock: a whole number from 0 to 4294967295, as in `x40`"),
        );
        check(
            "la/mp=39 EUR x1",
            Err(
                "`la/mp` is no name of a product: 1 to 64 letters, digits, hyphens, underscores and points",
            ),
        );
    }

    proptest! {
        #[test]
        fn written_products_read_back(
            name in "[a-zA-Z0-9._-]{1,64}",
            minor in 1..=Money::MINOR_MAX,
            stock: u32,
        ) {
            let product = ProductSpec {
                name,
                price: Money { minor, currency: "EUR".parse().unwrap() },
                stock,
            };
            prop_assert_eq!(product.to_string().parse::<ProductSpec>(), Ok(product));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,60}") {
            let _ = text.parse::<ProductSpec>();
        }
    }
}
