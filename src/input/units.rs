//! Quantities as people write them: `90s`, `9%`, `0.5/min`, `39.00 EUR`.
//!
//! Each form has a parser and a writer, and what is written is read back as the same quantity.

use std::fmt::Write as _;

use claque_audience::{Currency, Micros, Money, Rate, Share};

/// Why a text is not the quantity it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The fact, with the text found.
    pub message: String,
    /// What would be right.
    pub help: String,
}

fn misread<T>(message: String, help: impl Into<String>) -> Result<T, Misread> {
    Err(Misread { message, help: help.into() })
}

/// Units of time in microseconds, longest first.
const TIME: [(&str, u64); 8] = [
    ("w", 7 * 86_400_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
    ("µs", 1),
];

/// Longest duration that is read, a hundred years: instants then never overflow.
const LONGEST: u64 = 100 * 366 * 86_400_000_000;

/// Reads `90s`, `1m30s`, `600ms`, `1.5s`.
///
/// # Errors
/// If a number has no unit, the unit is unknown, or the length is finer than a microsecond.
pub fn duration(text: &str) -> Result<Micros, Misread> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return misread("an empty text is no duration".to_owned(), "write \"90s\" or \"1m30s\"");
    }
    if trimmed.starts_with('-') {
        return misread(format!("`{trimmed}` is negative"), "a duration is at least \"0s\"");
    }
    let mut rest = trimmed;
    let mut total = 0_u64;
    let mut largest = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
        let (number, after) = rest.split_at(digits.unwrap_or(rest.len()));
        let letters = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = unit.trim();
        if unit.is_empty() {
            return misread(
                format!("`{trimmed}` has no unit"),
                format!("write its unit: \"{trimmed}s\", \"{trimmed}ms\", \"{trimmed}m\""),
            );
        }
        let Some(&(_, size)) = TIME.iter().find(|(name, _)| *name == unit) else {
            return misread(
                format!("`{unit}` is no unit of time"),
                "units are ms, s, m, h, d and w: \"600ms\", \"90s\", \"1m30s\"",
            );
        };
        if size >= largest {
            return misread(
                format!("`{trimmed}` has its units out of order"),
                "write the larger unit first: \"1m30s\"",
            );
        }
        largest = size;
        let Some(micros) = scaled(number, size) else {
            return misread(
                format!("`{number}{unit}` is not a whole number of microseconds"),
                "write \"90s\", \"1m30s\" or \"1.5s\"",
            );
        };
        total = total.saturating_add(micros);
        rest = after;
    }
    if total > LONGEST {
        return misread(
            format!("`{trimmed}` is longer than a hundred years"),
            "is the unit right?",
        );
    }
    Ok(Micros(total))
}

/// A decimal number times `size`, exactly; `None` where that is no whole number or too large.
fn scaled(number: &str, size: u64) -> Option<u64> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, "0"));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 18 || whole.is_empty() || fraction.contains('.') {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let places = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = u128::from(if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? });
    let part = part * u128::from(size);
    if part % places != 0 {
        return None;
    }
    whole.checked_mul(size)?.checked_add(u64::try_from(part / places).ok()?)
}

/// Writes a duration in the form that [`duration`] reads: `1m30s`.
#[must_use]
pub fn show_duration(length: Micros) -> String {
    if length.0 == 0 {
        return "0s".to_owned();
    }
    let mut rest = length.0;
    let mut text = String::new();
    for (unit, size) in [("h", 3_600_000_000), ("m", 60_000_000)] {
        if rest >= size {
            let _ = write!(text, "{}{unit}", rest / size);
            rest %= size;
        }
    }
    let (whole, part) = (rest / 1_000_000, rest % 1_000_000);
    if text.is_empty() && whole == 0 && part > 0 {
        let (ms, us) = (part / 1_000, part % 1_000);
        return match (ms, us) {
            (0, us) => format!("{us}us"),
            (ms, 0) => format!("{ms}ms"),
            (ms, us) => format!("{ms}ms{us}us"),
        };
    }
    if part > 0 {
        let fraction = format!("{part:06}");
        let _ = write!(text, "{whole}.{}s", fraction.trim_end_matches('0'));
    } else if whole > 0 {
        let _ = write!(text, "{whole}s");
    }
    text
}

/// Reads `9%` or `0.09`.
///
/// # Errors
/// If it is no number, or not from 0 to 1.
pub fn share(text: &str) -> Result<Share, Misread> {
    let trimmed = text.trim();
    let (digits, percent) = match trimmed.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (trimmed, false),
    };
    let Ok(number) = digits.parse::<f64>() else {
        return misread(format!("`{trimmed}` is no share"), "write \"9%\" or 0.09");
    };
    if !percent {
        return share_of_number(number);
    }
    if (0.0..=100.0).contains(&number) {
        Ok(Share(number / 100.0))
    } else {
        misread(format!("`{trimmed}` is out of range"), "a share is from 0% to 100%")
    }
}

/// A share from a bare number, 0 to 1.
///
/// # Errors
/// If it is out of range; a number that looks like a percentage gets a hint.
pub fn share_of_number(number: f64) -> Result<Share, Misread> {
    if (0.0..=1.0).contains(&number) {
        Ok(Share(number))
    } else if number > 1.0 && number <= 100.0 {
        misread(
            format!("{number} is above 1, which is all of them"),
            format!("did you mean \"{number}%\"?"),
        )
    } else {
        misread(format!("{number} is out of range"), "a share is from 0 to 1, or from 0% to 100%")
    }
}

/// Writes a share in the form that [`share`] reads: `9%`.
#[must_use]
pub fn show_share(share: Share) -> String {
    let percent = share.0 * 100.0;
    // The shortest digits that read back the same; the plain fraction where none of them do.
    for decimals in 0..=12 {
        let text = format!("{percent:.decimals$}%");
        if self::share(&text) == Ok(share) {
            return text;
        }
    }
    share.0.to_string()
}

/// Reads `0.5/min`, `12/s`, `3/h`.
///
/// # Errors
/// If it is negative, no number, or has no unit of time.
pub fn rate(text: &str) -> Result<Rate, Misread> {
    let trimmed = text.trim();
    let Some((number, unit)) = trimmed.split_once('/') else {
        return misread(
            format!("`{trimmed}` has no unit of time"),
            format!("write \"{trimmed}/min\" or \"{trimmed}/s\""),
        );
    };
    let (number, unit) = (number.trim(), unit.trim());
    let seconds = match unit {
        "s" | "second" => 1.0,
        "min" | "minute" => 60.0,
        "h" | "hour" => 3_600.0,
        "d" | "day" => 86_400.0,
        _ => {
            return misread(
                format!("`/{unit}` is no unit of a rate"),
                "a rate is a number a second, minute, hour or day: \"12/s\", \"0.5/min\", \"3/h\"",
            );
        }
    };
    match number.replace('_', "").parse::<f64>() {
        Ok(events) if events < 0.0 => {
            misread(format!("`{trimmed}` is negative"), "a rate is at least \"0/s\"")
        }
        Ok(events) if events.is_finite() => Ok(Rate { per_second: events / seconds }),
        _ => misread(format!("`{number}` is no number"), "write \"0.5/min\" or \"12/s\""),
    }
}

/// Writes a rate in the form that [`rate`] reads.
#[must_use]
pub fn show_rate(rate: Rate) -> String {
    let (amount, unit) = if rate.per_second >= 1.0 || rate.per_second == 0.0 {
        (rate.per_second, "s")
    } else if rate.per_second * 60.0 >= 0.1 {
        (rate.per_second * 60.0, "min")
    } else {
        (rate.per_second * 3_600.0, "h")
    };
    let short = format!("{}/{unit}", (amount * 1e6).round() / 1e6);
    if self::rate(&short) == Ok(rate) { short } else { format!("{}/s", rate.per_second) }
}

/// Reads `39.00 EUR`.
///
/// # Errors
/// If the amount is negative, finer than the currency's minor unit, or has no currency.
pub fn money(text: &str) -> Result<Money, Misread> {
    let trimmed = text.trim();
    let form = "write the amount and a currency of three capital letters: \"39.00 EUR\"";
    if trimmed.starts_with('-') {
        return misread(format!("`{trimmed}` is negative"), form);
    }
    let Some((amount, code)) = trimmed.split_once(char::is_whitespace) else {
        return misread(format!("`{trimmed}` has no currency"), form);
    };
    let code = code.trim();
    let letters: Result<[u8; 3], _> = code.as_bytes().try_into();
    let Some(letters) = letters.ok().filter(|code| code.iter().all(u8::is_ascii_uppercase)) else {
        return misread(format!("`{code}` is no currency code"), form);
    };
    let currency = Currency(letters);
    let decimals = currency.decimals();
    if !amount.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'_') {
        return misread(format!("`{amount}` is no amount"), form);
    }
    match scaled(amount, 10_u64.pow(decimals)) {
        Some(minor) => Ok(Money { minor, currency }),
        None => misread(
            format!("`{amount}` is no amount of {currency}"),
            format!("{currency} has {decimals} decimals, after a point"),
        ),
    }
}
