//! Round numbers for axes.

use claque_audience::Micros;

/// Round lengths of time for bins and ticks, in seconds.
const LENGTHS: [f64; 19] = [
    1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0,
    7_200.0, 21_600.0, 43_200.0, 86_400.0,
];

/// The smallest round length that goes at most `most` times into `whole`.
pub(super) fn round_length(whole: Micros, most: u32) -> Micros {
    let least = whole.seconds() / f64::from(most);
    let found = LENGTHS.into_iter().find(|&length| length >= least);
    found.map_or(Micros(whole.0.div_ceil(u64::from(most))), Micros::from_seconds)
}

/// The smallest round number that is not below `value`; 1 for nothing.
pub(super) fn round_up(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let fits = |step: &f64| step * power >= value * (1.0 - 1e-9);
    steps.into_iter().find(fits).unwrap_or(10.0) * power
}

/// A number on an axis, in at most six characters: `0.02`, `2.5`, `400`, `12k`.
pub(super) fn short(value: f64) -> String {
    let text = match value.abs() {
        v if v >= 9.95e6 => format!("{:.0}M", value / 1e6),
        v if v >= 9_995.0 => {
            let thousands = value / 1e3;
            if (thousands - thousands.round()).abs() < 0.05 {
                format!("{thousands:.0}k")
            } else {
                format!("{thousands:.1}k")
            }
        }
        v if v >= 99.5 => format!("{value:.0}"),
        v if v >= 9.95 => format!("{value:.1}"),
        v if v >= 0.095 => format!("{value:.2}"),
        0.0 => "0".to_owned(),
        v if v >= 0.000_95 => format!("{value:.4}"),
        _ => format!("{value:.0e}"),
    };
    // Zeros behind the point say nothing.
    if text.contains('.') && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_numbers() {
        let tops = [0.0, 0.021, 1.0, 1.01, 24.0, 26.0, 320.0, 9_999.0].map(round_up);
        assert_eq!(tops.map(short), ["1", "0.025", "1", "2", "25", "30", "400", "10k"]);
        let bins = [10, 60, 600, 7_200]
            .map(|seconds| round_length(Micros(seconds * 1_000_000), 240).seconds());
        assert_eq!(bins.map(|bin| bin.to_string()), ["1", "1", "3", "30"]);
        assert_eq!(
            [12.0, 99.4, 1_234.0, 12_345.0, 2e7].map(short),
            ["12", "99.4", "1234", "12.3k", "20M"]
        );
    }
}
