//! Durations in words, for verdicts and reports.

/// Units, with their length in ns; above the last, minutes.
const UNITS: [(&str, f64); 3] = [("µs", 1e3), ("ms", 1e6), ("s", 1e9)];

/// A duration to three digits in the unit that suits it: `350 µs`, `1.24 ms`, `12.4 s`, `3 min 20 s`.
#[must_use]
pub fn duration(ns: u64) -> String {
    if ns < 1_000 {
        // The histograms' resolution.
        return if ns == 0 { "0 µs".into() } else { "< 1 µs".into() };
    }
    if ns >= 600_000_000_000 {
        let seconds = ns.saturating_add(500_000_000) / 1_000_000_000;
        return format!("{} min {} s", seconds / 60, seconds % 60);
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let exact = ns as f64;
    let (unit, length) =
        UNITS.into_iter().find(|(_, length)| exact / length < 999.5).unwrap_or(UNITS[2]);
    let value = exact / length;
    let decimals = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        for (ns, text) in [
            (0, "0 µs"),
            (511, "< 1 µs"),
            (41_300, "41.3 µs"),
            (350_400, "350 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (1_240_000, "1.24 ms"),
            (9_996_000, "10.0 ms"),
            (124_000_000, "124 ms"),
            (999_600_000, "1.00 s"),
            (12_440_000_000, "12.4 s"),
            (125_000_000_000, "125 s"),
            (754_000_000_000, "12 min 34 s"),
        ] {
            assert_eq!(duration(ns), text);
        }
    }
}
