//! `intervals.hlog` and `intervals.csv`: what was measured, second by second.
//!
//! The first is an `HdrHistogram` interval log (V2, deflate, ns) with tags like `chat.response`,
//! `chat.delivery.sentinel`, `reaction/click.response`, `w0.check_out.response` (window 0 of the
//! objectives). The second is
//! tidy and holds everything that is not a histogram: `second,figure,label,value`.
//!
//! **Commit.** A second counts once its `end` row is in the CSV with a newline behind it: it says
//! how many histograms and rows the second has. Histograms are written first, then the rows with
//! the `end` row last, each in one write; so a kill at any instant loses at most the second that
//! was being written, and both files agree on the seconds that count. No field contains a line
//! break.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use claque_audience::IntentKind;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use super::run_file::PlanFile;
use crate::measure::{
    AbortedBy, Counter, Finding, Hist, Interval, OrderEvent, RunEnd, RunInfo, Tally, Usage, WordOf,
};

/// Name of the histogram log.
pub(super) const HLOG: &str = "intervals.hlog";

/// Name of the table.
pub(super) const CSV: &str = "intervals.csv";

/// Appends one second after the other; each is handed to the system at once.
#[derive(Debug)]
pub struct IntervalWriter {
    info: RunInfo,
    hlog: Named,
    csv: Named,
    /// The second written last.
    last: u32,
    lines: String,
    bytes: Vec<u8>,
    rows: Rows,
    serializer: Encoder,
}

/// A file whose errors tell which it is.
#[derive(Debug)]
struct Named {
    file: File,
    path: PathBuf,
}

impl Named {
    fn create(path: PathBuf) -> io::Result<Named> {
        match File::create(&path) {
            Ok(file) => Ok(Named { file, path }),
            Err(error) => Err(naming(&path, &error)),
        }
    }

    /// Appends all of `bytes`.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).map_err(|error| naming(&self.path, &error))
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_all().map_err(|error| naming(&self.path, &error))
    }
}

fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display()))
}

/// The crate's serializer, with a `Debug` that it lacks.
struct Encoder(V2DeflateSerializer);

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Encoder")
    }
}

impl IntervalWriter {
    /// Creates both files in `folder`.
    ///
    /// # Errors
    ///
    /// If they cannot be created or written.
    pub fn create(folder: &Path, info: &RunInfo) -> io::Result<IntervalWriter> {
        let mut hlog = Named::create(folder.join(HLOG))?;
        let mut csv = Named::create(folder.join(CSV))?;
        let (seconds, millis) = (info.started_unix_ms / 1_000, info.started_unix_ms % 1_000);
        let head = format!(
            "#[Histogram log format version 1.3]\n\
             #[claque {}; values in ns; Interval_Max in ms]\n\
             #[StartTime: {seconds}.{millis:03} (seconds since epoch)]\n\
             #[BaseTime: {seconds}.{millis:03} (seconds since epoch)]\n\
             \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\
             \"Interval_Compressed_Histogram\"\n",
            one_line(&info.version)
        );
        hlog.append(head.as_bytes())?;
        csv.append(b"second,figure,label,value\n")?;
        Ok(IntervalWriter {
            info: info.clone(),
            hlog,
            csv,
            last: 0,
            lines: String::new(),
            bytes: Vec::new(),
            rows: Rows::default(),
            serializer: Encoder(V2DeflateSerializer::new()),
        })
    }

    /// Appends one second, all shards merged.
    ///
    /// # Errors
    ///
    /// If the files cannot be written.
    pub fn write(&mut self, second: u32, interval: &Interval) -> io::Result<()> {
        self.last = second;
        self.lines.clear();
        let mut histograms = 0_u32;
        for (part, tables) in interval.parts() {
            for (kind, series, samples) in tables.histograms() {
                let tag = part.label(&format!("{}.{}", kind.name(), series.name()));
                self.push_histogram(&tag, second, samples)?;
                histograms += 1;
            }
        }
        self.hlog.append(self.lines.as_bytes())?;
        self.rows.begin(second);
        self.rows.interval(interval, &self.info)?;
        self.rows.end(histograms)?;
        self.csv.append(&self.rows.take()?)
    }

    /// Appends that and how the run ended, which makes the record complete.
    ///
    /// # Errors
    ///
    /// If the files cannot be written.
    pub fn finish(mut self, end: &RunEnd) -> io::Result<()> {
        self.rows.begin(self.last);
        self.rows.row("finished", "", &serde_json::to_string(&EndFile::of(end))?)?;
        self.csv.append(&self.rows.take()?)?;
        self.csv.sync()?;
        self.hlog.sync()
    }

    fn push_histogram(&mut self, tag: &str, second: u32, samples: &Hist) -> io::Result<()> {
        self.bytes.clear();
        self.serializer.0.serialize(samples, &mut self.bytes).map_err(io::Error::other)?;
        #[expect(clippy::cast_precision_loss, reason = "three decimals, for people to read")]
        let max_ms = samples.max() as f64 / 1e6;
        let _ = write!(self.lines, "Tag={tag},{second}.000,1.000,{max_ms:.3},");
        STANDARD.encode_string(&self.bytes, &mut self.lines);
        self.lines.push('\n');
        Ok(())
    }
}

/// The rows of one second.
#[derive(Debug, Default)]
struct Rows {
    second: String,
    count: u32,
    writer: Option<csv::Writer<Vec<u8>>>,
}

impl Rows {
    fn begin(&mut self, second: u32) {
        self.second = second.to_string();
        self.count = 0;
        self.writer = Some(csv::WriterBuilder::new().from_writer(Vec::new()));
    }

    fn take(&mut self) -> io::Result<Vec<u8>> {
        let Some(writer) = self.writer.take() else { return Ok(Vec::new()) };
        writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }

    fn row(&mut self, figure: &str, label: &str, value: &str) -> io::Result<()> {
        self.count += 1;
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let fields = [self.second.as_str(), figure, label, value];
        writer.write_record(fields).map_err(io::Error::other)
    }

    fn number(&mut self, figure: &str, label: &str, value: u64) -> io::Result<()> {
        if value == 0 {
            return Ok(());
        }
        self.row(figure, label, &value.to_string())
    }

    fn interval(&mut self, interval: &Interval, info: &RunInfo) -> io::Result<()> {
        for (part, tables) in interval.parts() {
            for kind in IntentKind::ALL {
                let label = part.label(kind.name());
                for counter in Counter::ALL {
                    self.number(counter.name(), &label, tables.count(kind, counter))?;
                }
            }
        }
        for tally in Tally::ALL {
            self.number(tally.name(), "", interval.tally(tally))?;
        }
        self.number(WOKE_LATE, "", interval.woke_late_ns)?;
        self.number(READ_BEHIND, "", interval.read_behind_ns)?;
        for (of, word, count) in interval.words.sorted() {
            let (figure, label) = word_row(of, word);
            self.number(figure, &label, count)?;
        }
        for event in &interval.orders {
            let file = OrderFile::of(event);
            let product = file.product.and_then(|product| info.products.get(usize::from(product)));
            let label = product.map_or(String::new(), |product| one_line(&product.name));
            self.row(ORDER, &label, &serde_json::to_string(&file)?)?;
        }
        let mut cid = String::new();
        for finding in &interval.findings {
            let Finding { flaw, kind, viewer, boundary, .. } = *finding;
            cid.clear();
            finding.cid.write(info.run, &mut cid);
            let boundary = if boundary { " boundary" } else { "" };
            let label = format!("{} {}{boundary}", flaw.name(), kind.name());
            let viewer = one_line(&info.actor_name(viewer));
            self.row(FINDING, &label, &format!("{viewer} {cid}"))?;
        }
        Ok(())
    }

    /// The row that makes the second count.
    fn end(&mut self, histograms: u32) -> io::Result<()> {
        let (histograms, rows) = (histograms.to_string(), self.count.to_string());
        self.row(END, &histograms, &rows)
    }
}

/// Figures of rows that are no plain counts.
pub(super) const WOKE_LATE: &str = "woke_late_ns";
pub(super) const READ_BEHIND: &str = "read_behind_ns";
pub(super) const ORDER: &str = "order";
pub(super) const FINDING: &str = "finding";
pub(super) const ERROR: &str = "error";
pub(super) const REJECTED_WORD: &str = "rejected_word";
pub(super) const FAILED_WORD: &str = "failed_word";
pub(super) const END: &str = "end";
pub(super) const FINISHED: &str = "finished";

/// A word's figure and label: `rejected_word`, `check_out sold_out`.
fn word_row(of: WordOf, word: &str) -> (&'static str, String) {
    match of {
        WordOf::Error => (ERROR, word.to_owned()),
        WordOf::Rejected(kind) => (REJECTED_WORD, format!("{} {word}", kind.name())),
        WordOf::Failed(kind) => (FAILED_WORD, format!("{} {word}", kind.name())),
    }
}

/// A text without line breaks.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// An order event as written, in the value of an `order` row.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct OrderFile {
    pub(super) event: String,
    pub(super) key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) charged: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shown: Option<String>,
}

impl OrderFile {
    fn of(event: &OrderEvent) -> OrderFile {
        use crate::measure::key_text;

        match event.clone() {
            OrderEvent::Confirmed { product, units, key, order, charged, shown } => OrderFile {
                event: "confirmed".into(),
                key: key_text(key),
                product: Some(product.0),
                units: Some(units),
                order: Some(order),
                charged,
                shown,
            },
            OrderEvent::Unresolved { product, units, key } => OrderFile {
                event: "unresolved".into(),
                key: key_text(key),
                product: Some(product.0),
                units: Some(units),
                order: None,
                charged: None,
                shown: None,
            },
            OrderEvent::NotFound { key } => OrderFile {
                event: "not_found".into(),
                key: key_text(key),
                product: None,
                units: None,
                order: None,
                charged: None,
                shown: None,
            },
        }
    }
}

/// The end of a run as written, in the value of the `finished` row.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct EndFile {
    interrupted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aborted: Option<AbortedFile>,
    played: PlanFile,
    usage: Option<UsageFile>,
}

/// The rule that ended a run early, as written.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct AbortedFile {
    rule: String,
    value: f64,
    found: String,
    second: u32,
}

impl AbortedFile {
    pub(super) fn of(aborted: &AbortedBy) -> AbortedFile {
        let AbortedBy { rule, value, found, second } = aborted.clone();
        AbortedFile { rule, value, found, second }
    }
}

/// What was used of the machine, as written.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct UsageFile {
    generator_cpu_ms: u64,
    generator_memory_bytes: u64,
    target_cpu_ms: Option<u64>,
    target_memory_bytes: Option<u64>,
}

impl UsageFile {
    pub(super) fn of(usage: Usage) -> UsageFile {
        UsageFile {
            generator_cpu_ms: usage.generator_cpu_ms,
            generator_memory_bytes: usage.generator_memory_bytes,
            target_cpu_ms: usage.target_cpu_ms,
            target_memory_bytes: usage.target_memory_bytes,
        }
    }
}

impl EndFile {
    fn of(end: &RunEnd) -> EndFile {
        EndFile {
            interrupted: end.interrupted,
            aborted: end.aborted.as_ref().map(AbortedFile::of),
            played: PlanFile::of(end.played),
            usage: end.usage.map(UsageFile::of),
        }
    }

    pub(super) fn into_end(self) -> Result<RunEnd, String> {
        Ok(RunEnd {
            interrupted: self.interrupted,
            aborted: self.aborted.map(|AbortedFile { rule, value, found, second }| AbortedBy {
                rule,
                value,
                found,
                second,
            }),
            played: self.played.into_digest()?,
            usage: self.usage.map(|usage| Usage {
                generator_cpu_ms: usage.generator_cpu_ms,
                generator_memory_bytes: usage.generator_memory_bytes,
                target_cpu_ms: usage.target_cpu_ms,
                target_memory_bytes: usage.target_memory_bytes,
            }),
        })
    }
}
