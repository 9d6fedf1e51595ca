//! Quantities with their units in the type: instants, rates, shares, money.

use std::fmt;

/// An instant or a length of plan time, in whole microseconds since the show's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// One second.
    pub const SECOND: Micros = Micros(1_000_000);

    /// The nearest whole microsecond to `seconds`; negative values and NaN become zero.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Micros {
        // A float-to-integer cast saturates, and takes NaN to zero.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturating is the documented behaviour"
        )]
        Micros((seconds * 1e6 + 0.5) as u64)
    }

    /// This length in seconds.
    #[must_use]
    pub fn seconds(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
        let micros = self.0 as f64;
        micros / 1e6
    }

    /// The instant `other` later, at most the end of time.
    #[must_use]
    pub fn saturating_add(self, other: Micros) -> Micros {
        Micros(self.0.saturating_add(other.0))
    }

    /// How much later this is than `other`, at least zero.
    #[must_use]
    pub fn saturating_sub(self, other: Micros) -> Micros {
        Micros(self.0.saturating_sub(other.0))
    }
}

/// A mean number of events a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate {
    /// Events a second, finite and at least 0.
    pub per_second: f64,
}

/// A share of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(pub f64);

/// An ISO 4217 currency code, three upper-case letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// Digits after the decimal point: 0 for currencies without a minor unit (JPY, KRW, …), 3 for
    /// the dinars of thousandths, else 2.
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"UGX" | b"XAF" | b"XOF" | b"PYG" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0 {
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

/// An amount of money in whole minor units (cents) of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: 3900 is 39.00 EUR, and 39 JPY is 39.
    pub minor: u64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
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
