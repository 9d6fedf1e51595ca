//! Amounts of money in whole minor units, read and written as decimals.

use std::fmt;
use std::str::FromStr;

use crate::decimal::Decimal;

/// An ISO 4217 currency code, three upper-case letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Digits after the decimal point: 0 for currencies without a minor unit, 3 for the dinars
    /// of thousandths, else 2.
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"UGX" | b"XAF" | b"XOF" | b"PYG" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The code as text.
    #[must_use]
    pub fn code(&self) -> &str {
        // The letters were checked on construction, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Currency, MoneyError> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(code) if code.iter().all(u8::is_ascii_uppercase) => Ok(Currency(code)),
            _ => Err(MoneyError::Currency(text.to_owned())),
        }
    }
}

/// An amount of money in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// Whole minor units: 3900 is 39.00 EUR, and 39 is 39 JPY. At most [`Money::MINOR_MAX`].
    pub minor: u64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// The largest amount taken, in minor units; far below where anything could overflow.
    pub const MINOR_MAX: u64 = 1_000_000_000_000;

    /// Reads `29.00`, `29.5` or `29` as an amount of `currency`.
    ///
    /// # Errors
    /// When it is no decimal number, is too large, or has more decimals than the currency.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let number = Decimal::parse(text).ok_or_else(|| MoneyError::NotANumber(text.to_owned()))?;
        let unit = 10_u64.pow(currency.decimals());
        let minor = number.times(unit).ok_or_else(|| MoneyError::Decimals {
            text: text.to_owned(),
            currency,
            decimals: currency.decimals(),
        })?;
        if minor > Money::MINOR_MAX {
            return Err(MoneyError::TooLarge(text.to_owned()));
        }
        Ok(Money { minor, currency })
    }

    /// The amount without its currency, with the currency's number of decimals: `39.00`.
    #[must_use]
    pub fn decimal(self) -> String {
        let decimals = self.currency.decimals();
        if decimals == 0 {
            return self.minor.to_string();
        }
        let unit = 10_u64.pow(decimals);
        let width = decimals as usize;
        format!("{}.{:0width$}", self.minor / unit, self.minor % unit)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

/// Why a text is no amount of money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The currency is not a code.
    #[error("`{0}` is no currency: three upper-case letters, as in `EUR`")]
    Currency(String),
    /// Not a decimal number.
    #[error("`{0}` is no amount: digits with at most one point, as in `29.00`")]
    NotANumber(String),
    /// More decimals than the currency has.
    #[error("`{text}` has more decimals than {currency}, which has {decimals}")]
    Decimals {
        /// What was written.
        text: String,
        /// The currency.
        currency: Currency,
        /// How many it has.
        decimals: u32,
    },
    /// Beyond [`Money::MINOR_MAX`].
    #[error("`{0}` is too large an amount")]
    TooLarge(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts() {
        let check = |text: &str, currency: &str, expect: Result<&str, &str>| {
            let got = Money::from_decimal(text, currency.parse().unwrap())
                .map(|money| money.to_string())
                .map_err(|error| error.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expect, "{text} {currency}");
        };
        check("39.00", "EUR", Ok("39.00 EUR"));
        check("39", "EUR", Ok("39.00 EUR"));
        check("0.5", "EUR", Ok("0.50 EUR"));
        check("39.000", "EUR", Ok("39.00 EUR"));
        check("39", "JPY", Ok("39 JPY"));
        check("1.234", "KWD", Ok("1.234 KWD"));
        check("0.001", "EUR", Err("`0.001` has more decimals than EUR, which has 2"));
        check("-1", "EUR", Err("`-1` is no amount: digits with at most one point, as in `29.00`"));
        check(
            "1e3",
            "EUR",
            Err("`1e3` is no amount: digits with at most one point, as in `29.00`"),
        );
        check("", "EUR", Err("`` is no amount: digits with at most one point, as in `29.00`"));
        check("99999999999999", "EUR", Err("`99999999999999` is too large an amount"));
    }

    #[test]
    fn currencies() {
        for bad in ["", "EU", "eur", "EURO", "€", "E1R"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn written_amounts_read_back(
            minor in 0..=Money::MINOR_MAX,
            code in prop::sample::select(vec!["EUR", "JPY", "KWD"]),
        ) {
            let money = Money { minor, currency: code.parse().unwrap() };
            prop_assert_eq!(Money::from_decimal(&money.decimal(), money.currency), Ok(money));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = Money::from_decimal(&text, "EUR".parse().unwrap());
        }
    }
}
