//! Numbers and lines as reports print them.

use crate::measure::text::duration;

/// A count with its thousands apart: `1,204`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count in a table: a dot for nothing, so that what is there stands out.
pub(super) fn tally(number: u64) -> String {
    if number == 0 { "·".into() } else { count(number) }
}

/// A time in a table: a dash where there are too few samples to tell.
pub(crate) fn time(ns: Option<u64>) -> String {
    ns.map_or_else(|| "–".into(), duration)
}

/// A share as a percentage, rounded down, so that only what is complete reads 100 %.
pub(crate) fn percent(share: f64) -> String {
    let hundredths = (share * 1e4 + 1e-6).floor() / 1e2;
    let text = format!("{hundredths:.2}");
    let text = text.strip_suffix(".00").unwrap_or(&text);
    format!("{text} %")
}

/// Bytes in the unit that suits them.
pub(super) fn bytes(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let exact = number as f64;
    let units = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9)];
    let (unit, size) = units.into_iter().find(|(_, size)| exact / size < 999.5).unwrap_or(units[2]);
    if number < 1_000 { format!("{number} B") } else { format!("{:.1} {unit}", exact / size) }
}

/// Breaks `text` at spaces into lines of at most `width` columns, the first after `head`, the
/// others indented as far. Words longer than a line stay whole.
#[must_use]
pub fn wrap(head: &str, text: &str, width: usize) -> Vec<String> {
    let indent = head.chars().count();
    let mut lines = Vec::new();
    let mut line = head.to_owned();
    let mut columns = indent;
    let mut empty = true;
    for word in text.split(' ') {
        let length = word.chars().count();
        if !empty && columns + 1 + length > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            (columns, empty) = (indent, true);
        }
        if !empty {
            line.push(' ');
            columns += 1;
        }
        line.push_str(word);
        columns += length;
        empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_shares_and_bytes() {
        for (number, text) in [(0, "0"), (999, "999"), (1_204, "1,204"), (24_000_000, "24,000,000")]
        {
            assert_eq!(count(number), text);
        }
        for (share, text) in [
            (1.0, "100 %"),
            (0.999_999, "99.99 %"),
            (0.9, "90 %"),
            (0.013_2, "1.32 %"),
            (0.0, "0 %"),
        ] {
            assert_eq!(percent(share), text);
        }
        for (number, text) in [(12, "12 B"), (1_240, "1.2 kB"), (83_000_000, "83.0 MB")] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn lines_are_wrapped_under_their_head() {
        assert_eq!(wrap("  a ", "one two three", 12), ["  a one two", "    three"]);
        assert_eq!(wrap("  ", "extraordinarily long", 10), ["  extraordinarily", "  long"]);
        assert_eq!(wrap("x ", "", 10), ["x "]);
    }
}
