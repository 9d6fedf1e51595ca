//! CSV traces: arrivals by bin, and observed lengths of time.
//!
//! A trace has a header; lines that begin with `#` are comments, where the source is named. The
//! first column's name is its unit: `second`, `minute` or `hour` (or their plurals).
//! - Arrivals have two columns: where a bin begins, and its share of all arrivals (any scale). A
//!   bin lasts until the next begins, the last as long as the one before it.
//! - Lengths of time (stays, absences, delays) have one column.
//!
//! `compress = 120` divides all times by 120. The factor stands in the scenario, so that nobody
//! takes a compressed crowd for the real one.

use claque_audience::{Curve, Micros};

use super::Traces;
use super::arrivals::Bins;
use super::laws::Compress;
use crate::input::{Field, Input, Spanned, Table};

/// A hundred years in seconds, beyond which a time in a trace is a mistake.
const SECONDS_MAX: f64 = 3.2e9;

/// The factor by which a trace's times are divided: its own, else the group's.
pub(super) fn compress(table: &Table<'_>, group: Option<&Compress>) -> f64 {
    let field = table.optional("compress");
    if !field.is_present() {
        return group.map_or(1.0, Compress::factor);
    }
    read_compress(field).unwrap_or(1.0)
}

/// A factor by which times are divided.
pub(super) fn read_compress(field: Field<'_>) -> Option<f64> {
    field.float(1e-3..=1e6).map(|factor| factor.value)
}

/// The curve of arrivals of the trace at `path` between `start` and `end` of a show.
pub(super) fn arrivals(
    input: &Input,
    path: &Spanned<String>,
    compress: f64,
    show: (Micros, Micros),
    traces: &Traces<'_>,
) -> Option<Curve> {
    let rows = rows(input, path, 2, traces)?;
    let name = path.value.as_str();
    if rows.len() < 2 {
        let help = "the length of a bin is where the next begins";
        input.problem(path.span, format!("{name} has fewer than two bins"), help);
        return None;
    }
    let mut edges: Vec<f64> = rows.iter().map(|(_, row)| row[0]).collect();
    if let Some(at) = (1..edges.len()).find(|&at| edges[at] <= edges[at - 1]) {
        let message = format!("{name} line {}: the bin begins before the last", rows[at].0);
        input.problem(path.span, message, "bins stand in the order of time");
        return None;
    }
    edges.push(2.0 * edges[edges.len() - 1] - edges[edges.len() - 2]);
    let weights = rows.iter().map(|(_, row)| row[1]).collect();
    Bins { name, many: false, edges, weights }.curve(input, path.span, compress, show)
}

/// The lengths of time of the trace at `path`.
pub(super) fn lengths(
    input: &Input,
    path: &Spanned<String>,
    compress: f64,
    traces: &Traces<'_>,
) -> Option<Vec<Micros>> {
    let rows = rows(input, path, 1, traces)?;
    if rows.is_empty() {
        let message = format!("{} has no length to draw from", path.value);
        input.problem(path.span, message, "a line for each is missing");
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
    let file = &input.relative(path);
    let text = match traces.get(file) {
        Ok(text) => text,
        Err(why) => {
            let help = "a trace's path begins at the folder of the file that names it";
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
