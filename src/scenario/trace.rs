//! CSV traces: arrivals by bin, and observed stays.
//!
//! A trace has a header; lines that begin with `#` are comments, where the source is named. The
//! first column's name is its unit: `second`, `minute` or `hour` (or their plurals).
//! - Arrivals have two columns: where a bin begins, and its share of all arrivals (any scale). A
//!   bin lasts until the next begins, the last as long as the one before it.
//! - Stays have one column.
//!
//! `compress = 120` divides all times by 120. The factor stands in the scenario, so that nobody
//! takes a compressed crowd for the real one.

use claque_audience::{Curve, Micros};

use super::Traces;
use crate::input::units::show_duration;
use crate::input::{Input, Spanned, Table};

/// A hundred years in seconds, beyond which a time in a trace is a mistake.
const SECONDS_MAX: f64 = 3.2e9;

/// The factor by which times are divided, 1 if it is left out.
pub(super) fn compress(table: &Table<'_>) -> f64 {
    table.optional("compress").float(1e-3..=1e6).map_or(1.0, |factor| factor.value)
}

/// The curve of arrivals of the trace at `path` between `start` and `end` of a show.
pub(super) fn arrivals(
    input: &Input,
    path: &Spanned<String>,
    compress: f64,
    (start, end): (Micros, Micros),
    traces: &Traces<'_>,
) -> Option<Curve> {
    let rows = rows(input, path, 2, traces)?;
    let misfit = |message: String, help: String| {
        input.problem(path.span, message, help);
        None
    };
    if rows.len() < 2 {
        let message = format!("{} has fewer than two bins", path.value);
        return misfit(message, "the length of a bin is where the next begins".to_owned());
    }
    let mut edges: Vec<f64> = rows.iter().map(|(_, row)| row[0]).collect();
    if let Some(at) = (1..edges.len()).find(|&at| edges[at] <= edges[at - 1]) {
        let message = format!("{} line {}: the bin begins before the last", path.value, rows[at].0);
        return misfit(message, "bins stand in the order of time".to_owned());
    }
    edges.push(2.0 * edges[edges.len() - 1] - edges[edges.len() - 2]);
    let first = edges[0];
    let edges: Vec<Micros> = edges
        .iter()
        .map(|edge| start.saturating_add(Micros::from_seconds((edge - first) / compress)))
        .collect();
    let (lasts, room) = (edges[edges.len() - 1].saturating_sub(start), end.saturating_sub(start));
    if lasts > room {
        let factor = (compress * lasts.seconds() / room.seconds().max(1e-3)).ceil();
        return misfit(
            format!(
                "{} lasts {}, longer than the show, {}",
                path.value,
                show_duration(lasts),
                show_duration(room)
            ),
            format!("compress it: compress = {factor}"),
        );
    }
    let weights: Vec<f64> = rows.iter().map(|(_, row)| row[1]).collect();
    if weights.iter().all(|&weight| weight <= 0.0) {
        let message = format!("{} is zero everywhere, so nobody would arrive", path.value);
        return misfit(message, "at least one bin must be above zero".to_owned());
    }
    match Curve::bins(&edges, &weights) {
        Ok(curve) => Some(curve),
        Err(error) => misfit(format!("{}: {error}", path.value), "is the factor right?".to_owned()),
    }
}

/// The stays of the trace at `path`.
pub(super) fn stays(
    input: &Input,
    path: &Spanned<String>,
    compress: f64,
    traces: &Traces<'_>,
) -> Option<Vec<Micros>> {
    let rows = rows(input, path, 1, traces)?;
    if rows.is_empty() {
        let message = format!("{} has no stay to draw from", path.value);
        input.problem(path.span, message, "a line for each stay is missing");
        return None;
    }
    Some(rows.iter().map(|(_, row)| Micros::from_seconds(row[0] / compress)).collect())
}

/// The rows of a trace with their line numbers, times in seconds.
fn rows(
    input: &Input,
    path: &Spanned<String>,
    columns: usize,
    traces: &Traces<'_>,
) -> Option<Vec<(u64, [f64; 2])>> {
    let misfit = |message: String, help: &str| {
        input.problem(path.span, message, help);
        None
    };
    let file = &path.value;
    let text = match traces.get(file) {
        Ok(text) => text,
        Err(why) => {
            let help = "a trace's path is relative to the scenario's folder";
            return misfit(format!("{file} cannot be read: {why}"), help);
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let unit = match header.get(0).unwrap_or("") {
        "second" | "seconds" => 1.0,
        "minute" | "minutes" => 60.0,
        "hour" | "hours" => 3_600.0,
        other => {
            let message = format!("{file} has `{other}` as its first column");
            return misfit(message, "the header's first name is a unit: second, minute or hour");
        }
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                return misfit(format!("{file} is no CSV: {error}"), "see the line named");
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = [0.0; 2];
        for (column, number) in row.iter_mut().take(columns).enumerate() {
            let text = record.get(column).unwrap_or("");
            match text.parse::<f64>() {
                Ok(found) if (0.0..=SECONDS_MAX).contains(&found) => *number = found,
                _ => {
                    let message =
                        format!("{file} line {line}: `{text}` is no number of at least 0");
                    return misfit(message, "mend the line");
                }
            }
        }
        row[0] *= unit;
        if row[0] > SECONDS_MAX {
            let message = format!("{file} line {line} is more than a hundred years in");
            return misfit(message, "is the unit in the header right?");
        }
        rows.push((line, row));
    }
    Some(rows)
}
