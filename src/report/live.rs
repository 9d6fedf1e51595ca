//! The live line: one line of figures while a run goes on.

use std::time::Duration;

use super::terminal::{count, time};
use crate::measure::{LiveFigures, RunInfo};

/// The line, at most 100 columns: elapsed/planned time, viewers present/planned, frames in and out,
/// p50/p99 of response and of delivery, largest lag, errors so far.
#[must_use]
pub fn line(info: &RunInfo, elapsed: Duration, figures: &LiveFigures) -> String {
    let pair = |p50, p99| match (p50, p99) {
        (None, None) => "–".to_owned(),
        (p50, p99) => format!("{}/{}", narrow(p50), narrow(p99)),
    };
    format!(
        "{}/{} {}/{} ↓{} ↑{}/s resp {} dlv {} lag {} err {}",
        clock(elapsed.as_secs()),
        clock(info.length.0.div_ceil(1_000_000)),
        figures.present,
        info.viewers,
        short(figures.frames_in),
        short(figures.frames_out),
        pair(figures.response_p50_ns, figures.response_p99_ns),
        pair(figures.delivery_p50_ns, figures.delivery_p99_ns),
        figures.lag_max_ns.map_or("–".into(), |ns| format!("≤{}", narrow(Some(ns)))),
        short(figures.errors),
    )
}

/// Minutes and seconds: `1:05`.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A time without its space: `1.24ms`.
fn narrow(ns: Option<u64>) -> String {
    time(ns).replace(' ', "")
}

/// A count in at most six columns: `9,999`, `41.2k`, `1.3M`.
fn short(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let exact = number as f64;
    match number {
        0..10_000 => count(number),
        10_000..999_950 => format!("{:.1}k", exact / 1e3),
        _ => format!("{:.1}M", exact / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn the_line_fits_in_100_columns() {
        let info = sample::info();
        let quiet = line(&info, Duration::from_secs(0), &LiveFigures::default());
        assert_eq!(quiet, "0:00/0:06 0/40 ↓0 ↑0/s resp – dlv – lag – err 0");
        let long = |ns| Some(ns);
        let figures = LiveFigures {
            present: 99_999,
            frames_in: 240_123,
            frames_out: 41_204,
            response_p50_ns: long(123_456_789),
            response_p99_ns: long(1_234_567_890),
            delivery_p50_ns: long(12_345_678),
            delivery_p99_ns: long(999_400_000),
            lag_max_ns: long(41_300),
            errors: 123_456,
        };
        let info = RunInfo {
            viewers: 100_000,
            length: claque_audience::Micros(7_200_000_000),
            ..sample::info()
        };
        let busy = line(&info, Duration::from_secs(3_601), &figures);
        assert_eq!(
            busy,
            "60:01/120:00 99999/100000 ↓240.1k ↑41.2k/s resp 123ms/1.23s dlv 12.3ms/999ms \
             lag ≤41.3µs err 123.5k"
        );
        assert!(busy.chars().count() <= 100, "{}", busy.chars().count());
    }
}
