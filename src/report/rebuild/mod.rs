//! Makes the totals of a run again from its files.
//!
//! Only whole seconds count (see `intervals`): what a kill cut off at the end is left out without
//! a word, while damage before the end is an error.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use claque_audience::ProductId;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use thiserror::Error;

use super::intervals::{
    CSV, END, ERROR, EndFile, FAILED_WORD, FINDING, FINISHED, HLOG, ORDER, OrderFile, READ_BEHIND,
    REJECTED_WORD, WOKE_LATE,
};
use super::run_file::{RUN_JSON, kind_named, read_run};
use crate::measure::{
    Cid, Counter, Finding, Flaw, Hist, Interval, OrderEvent, Part, RunEnd, RunInfo, RunSummary,
    Settings, Tally, Totals, WordOf, key_of,
};
use crate::scenario::Series;

/// Why a results folder cannot be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// It is none.
    #[error(
        "{} is no results folder: there is no {RUN_JSON} in it; `claque run` says where it writes one",
        .0.display()
    )]
    NoRun(PathBuf),
    /// A file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {problem}", .path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// How.
        problem: String,
    },
    /// It was written by another version.
    #[error("the results are of format version {0}, which this version of claque does not read")]
    Version(u32),
}

/// What was rebuilt.
#[derive(Debug)]
pub struct Rebuilt {
    /// The totals of all whole seconds.
    pub totals: Totals,
    /// How the run ended; none if the record breaks off.
    pub end: Option<RunEnd>,
}

/// The summary of the run in `folder`, made again from `run.json` and `intervals.*`.
///
/// # Errors
///
/// If the folder holds no run that this version can read. A record that breaks off is none.
pub fn load(folder: &Path) -> Result<RunSummary, LoadError> {
    let Rebuilt { totals, end } = rebuild(folder)?;
    Ok(totals.summary(end.as_ref()))
}

/// The totals of the run in `folder`.
///
/// # Errors
///
/// If the folder holds no run that this version can read.
pub fn rebuild(folder: &Path) -> Result<Rebuilt, LoadError> {
    let info = read_run(folder)?;
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map_err(|error| LoadError::Read { path, error })
    };
    // The order in which they are written, so that a run still going on reads as one cut off.
    let (csv, hlog) = (read(CSV)?, read(HLOG)?);
    from_bytes(info, &hlog, &csv)
        .map_err(|Damage { file, problem }| LoadError::Damaged { path: folder.join(file), problem })
}

/// What is wrong with which file.
#[derive(Debug)]
struct Damage {
    file: &'static str,
    problem: String,
}

fn damaged_csv(problem: impl Into<String>) -> Damage {
    Damage { file: CSV, problem: problem.into() }
}

fn damaged_hlog(problem: impl Into<String>) -> Damage {
    Damage { file: HLOG, problem: problem.into() }
}

/// The totals of a run from the contents of its files.
fn from_bytes(info: RunInfo, hlog: &[u8], csv: &[u8]) -> Result<Rebuilt, Damage> {
    let mut histograms = histograms(whole_lines(hlog))?;
    let (seconds, mut end) = seconds(whole_lines(csv))?;
    let settings = Settings::of(&info);
    let mut totals = Totals::new(info);
    let mut next = 0;
    for Second { number: second, rows, histograms: count } in seconds {
        let logged = histograms.remove(&second).unwrap_or_default();
        if logged.len() < count {
            // The log was cut off before this second was in it.
            end = None;
            break;
        }
        if logged.len() > count || second < next {
            return Err(damaged_csv(format!("second {second} is there more than once")));
        }
        next = second + 1;
        let mut interval = Interval::new(&settings);
        for row in &rows {
            take_row(&mut interval, row, totals.info()).map_err(|problem| {
                damaged_csv(format!("second {second}, {}: {problem}", row.figure))
            })?;
        }
        for Logged { tag, encoded } in logged {
            take_histogram(&mut interval, tag, encoded)
                .map_err(|problem| damaged_hlog(format!("second {second}, {tag}: {problem}")))?;
        }
        totals.add(second, &interval);
    }
    totals.check(end.as_ref()).map_err(damaged_csv)?;
    Ok(Rebuilt { totals, end })
}

/// Everything up to the last line break.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b'\n', bytes).map_or(0, |position| position + 1);
    &bytes[..end]
}

/// One histogram of the log, still encoded.
#[derive(Clone, Copy, Debug)]
struct Logged<'a> {
    tag: &'a str,
    encoded: &'a str,
}

/// The histograms of each second.
fn histograms(log: &[u8]) -> Result<BTreeMap<u32, Vec<Logged<'_>>>, Damage> {
    let mut seconds: BTreeMap<u32, Vec<Logged<'_>>> = BTreeMap::new();
    for entry in IntervalLogIterator::new(log) {
        let entry = entry.map_err(|error| damaged_hlog(format!("{error:?}")))?;
        if let LogEntry::Interval(entry) = entry {
            let second = u32::try_from(entry.start_timestamp().as_secs())
                .map_err(|_| damaged_hlog("a histogram starts later than any run lasts"))?;
            let tag = entry.tag().ok_or_else(|| damaged_hlog("a histogram has no tag"))?;
            let logged = Logged { tag: tag.as_str(), encoded: entry.encoded_histogram() };
            seconds.entry(second).or_default().push(logged);
        }
    }
    Ok(seconds)
}

/// A second that counts.
#[derive(Debug)]
struct Second {
    number: u32,
    rows: Vec<Row>,
    /// Number of its histograms.
    histograms: usize,
}

/// One row of the table, without its second.
#[derive(Debug)]
struct Row {
    figure: String,
    label: String,
    value: String,
}

/// The seconds that count, in order, and how the run ended if the table tells.
fn seconds(table: &[u8]) -> Result<(Vec<Second>, Option<RunEnd>), Damage> {
    let mut seconds = Vec::new();
    let mut end = None;
    let mut rows: Vec<Row> = Vec::new();
    let mut current = None;
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(table);
    for record in reader.records() {
        let record = record.map_err(|error| damaged_csv(error.to_string()))?;
        let field = |index: usize| record.get(index).unwrap_or("").to_owned();
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what: &str| damaged_csv(format!("line {line}: {what}"));
        let second: u32 = field(0).parse().map_err(|_| wrong("the second is no number"))?;
        let row = Row { figure: field(1), label: field(2), value: field(3) };
        if current.replace(second).is_some_and(|before| before != second) && !rows.is_empty() {
            return Err(wrong("the second before has no end"));
        }
        match row.figure.as_str() {
            FINISHED => {
                let file: EndFile = serde_json::from_str(&row.value)
                    .map_err(|error| wrong(&format!("the end is unreadable: {error}")))?;
                end = Some(file.into_end().map_err(|problem| wrong(&problem))?);
            }
            END => {
                let histograms =
                    row.label.parse().map_err(|_| wrong("the end has no number of histograms"))?;
                if row.value.parse() != Ok(rows.len()) {
                    return Err(wrong("the second has not as many rows as its end says"));
                }
                let rows = std::mem::take(&mut rows);
                seconds.push(Second { number: second, rows, histograms });
            }
            _ => rows.push(row),
        }
    }
    Ok((seconds, end))
}

fn take_histogram(interval: &mut Interval, tag: &str, encoded: &str) -> Result<(), String> {
    let (part, name) = Part::of_label(tag).ok_or("no such tag")?;
    let (kind, series) = name.split_once('.').ok_or("no such tag")?;
    let kind = kind_named(kind)?;
    let series = Series::from_name(series).ok_or("no such series")?;
    let bytes = STANDARD.decode(encoded).map_err(|error| error.to_string())?;
    let samples: Hist =
        Deserializer::new().deserialize(&mut &bytes[..]).map_err(|error| error.to_string())?;
    let tables = interval.tables_mut(part).ok_or("no such window")?;
    if tables.merge_histogram(kind, series, &samples) {
        Ok(())
    } else {
        Err("it reaches further than the run's time-out allows".into())
    }
}

fn take_row(interval: &mut Interval, row: &Row, info: &RunInfo) -> Result<(), String> {
    let Row { figure, label, value } = row;
    let number = || value.parse::<u64>().map_err(|_| format!("{value:?} is no count"));
    if let Some(counter) = Counter::from_name(figure) {
        let (part, kind) = Part::of_label(label).ok_or("no such label")?;
        let kind = kind_named(kind)?;
        interval.tables_mut(part).ok_or("no such window")?.add(kind, counter, number()?);
        return Ok(());
    }
    if let Some(tally) = Tally::from_name(figure) {
        interval.add(tally, number()?);
        return Ok(());
    }
    let word_of = |make: fn(claque_audience::IntentKind) -> WordOf| {
        let (kind, word) = label.split_once(' ').ok_or("a word has no kind")?;
        Ok::<_, String>((make(kind_named(kind)?), word))
    };
    match figure.as_str() {
        WOKE_LATE => interval.woke_late(number()?),
        READ_BEHIND => interval.read_behind(number()?),
        ERROR => interval.words.add(WordOf::Error, label, number()?),
        REJECTED_WORD => {
            let (of, word) = word_of(WordOf::Rejected)?;
            interval.words.add(of, word, number()?);
        }
        FAILED_WORD => {
            let (of, word) = word_of(WordOf::Failed)?;
            interval.words.add(of, word, number()?);
        }
        ORDER => interval.orders.push(order_event(value)?),
        FINDING => interval.findings.push(finding(label, value, info)?),
        _ => return Err("no such figure".into()),
    }
    interval.touch();
    Ok(())
}

fn order_event(value: &str) -> Result<OrderEvent, String> {
    let file: OrderFile = serde_json::from_str(value).map_err(|error| error.to_string())?;
    let key = key_of(&file.key).ok_or("no such check-out")?;
    let product = || file.product.map(ProductId).ok_or("an order has no product");
    let units = || file.units.ok_or("an order has no units");
    Ok(match file.event.as_str() {
        "confirmed" => OrderEvent::Confirmed {
            product: product()?,
            units: units()?,
            key,
            order: file.order.ok_or("an order has no id")?,
            charged: file.charged,
            shown: file.shown,
        },
        "unresolved" => OrderEvent::Unresolved { product: product()?, units: units()?, key },
        "not_found" => OrderEvent::NotFound { key },
        other => return Err(format!("no such event {other:?}")),
    })
}

fn finding(label: &str, value: &str, info: &RunInfo) -> Result<Finding, String> {
    let mut words = label.split(' ');
    let flaw = words.next().and_then(Flaw::from_name).ok_or("no such flaw")?;
    let kind = kind_named(words.next().unwrap_or(""))?;
    let boundary = words.next().is_some();
    let (viewer, cid) = value.rsplit_once(' ').ok_or("no viewer and id")?;
    Ok(Finding {
        flaw,
        kind,
        viewer: info.viewer_named(viewer).ok_or("no such viewer")?,
        cid: Cid::read(cid.as_bytes(), info.run).ok_or("no such id")?,
        boundary,
    })
}
