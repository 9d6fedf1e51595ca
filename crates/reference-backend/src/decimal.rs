//! Exact decimal numbers as people write them: `20`, `0.1`, `39.00`. No sign, no exponent.

/// A non-negative decimal number, `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    mantissa: u128,
    scale: u32,
}

/// More digits than any quantity here needs; beyond it a text is not a number.
const DIGITS_MAX: usize = 24;

impl Decimal {
    /// Reads digits with at most one point, and a digit on both sides of it.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (text, ""),
        };
        if whole.is_empty() || whole.len() + fraction.len() > DIGITS_MAX {
            return None;
        }
        let mut mantissa = 0_u128;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa * 10 + u128::from(byte - b'0');
        }
        Some(Decimal { mantissa, scale: u32::try_from(fraction.len()).ok()? })
    }

    /// Whether it is nothing.
    pub(crate) fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// This number times `unit`, if that is whole and fits.
    pub(crate) fn times(self, unit: u64) -> Option<u64> {
        // At most 24 digits times 20 digits do not fit in 38: checked.
        let product = self.mantissa.checked_mul(u128::from(unit))?;
        let divisor = 10_u128.pow(self.scale);
        if product % divisor != 0 {
            return None;
        }
        u64::try_from(product / divisor).ok()
    }
}

/// Splits `20ms` into `20` and `ms`: where the digits and points end.
pub(crate) fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let check = |text: &str, unit: u64, expect: Option<u64>| {
            let got = Decimal::parse(text).and_then(|number| number.times(unit));
            assert_eq!(got, expect, "{text} times {unit}");
        };
        check("20", 1_000, Some(20_000));
        check("0.5", 1_000, Some(500));
        check("39.00", 1, Some(39));
        check("0.0001", 1_000, None);
        check("18446744073709551615", 1, Some(u64::MAX));
        check("18446744073709551616", 1, None);
        check("999999999999999999999999", u64::MAX, None);
        for bad in ["", ".", "1.", ".5", "1.2.3", "-1", "+1", "1e3", " 1", "1_000", "٣"] {
            check(bad, 1, None);
        }
    }
}
