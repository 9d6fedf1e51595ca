//! `summary.json`: the summary for other programs. Its fields are in docs/summary.md.
//!
//! The types here are the file format, apart from the types that the program works with. Reports
//! are made again from `intervals.*`, never from this file.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::intervals::{AbortedFile, UsageFile};
use super::run_file::{ObjectiveFile, PlanFile, RunFile};
use crate::measure::{Deliveries, Digest, Evaluation, KindRow, RunSummary, WordOf};

/// Version of the format of `summary.json`.
const VERSION: u32 = 1;

/// Name of the file.
const SUMMARY_JSON: &str = "summary.json";

/// Writes `summary.json` into `folder`.
///
/// # Errors
///
/// If it cannot be written.
pub fn write(folder: &Path, summary: &RunSummary) -> io::Result<()> {
    fs::write(folder.join(SUMMARY_JSON), text(summary)?)
}

/// The contents of `summary.json`.
///
/// # Errors
///
/// If a figure cannot be written as JSON, which none is.
pub fn text(summary: &RunSummary) -> io::Result<String> {
    let mut text = serde_json::to_string_pretty(&SummaryFile::of(summary))?;
    text.push('\n');
    Ok(text)
}

#[derive(Debug, Serialize)]
struct SummaryFile<'a> {
    version: u32,
    verdict: VerdictFile<'a>,
    run: RunFile,
    seconds: u32,
    complete: bool,
    interrupted: bool,
    aborted: Option<AbortedFile>,
    played: Option<PlanFile>,
    peak_present: u64,
    traffic: TrafficFile,
    usage: Option<UsageFile>,
    intents: Vec<KindFile>,
    reactions: Vec<KindFile>,
    deliveries: Vec<DeliveryFile>,
    orders: OrdersFile<'a>,
    words: Vec<WordFile<'a>>,
    objectives: Vec<EvaluatedFile<'a>>,
    findings: Vec<FindingFile<'a>>,
    findings_overflow: u64,
}

#[derive(Debug, Serialize)]
struct VerdictFile<'a> {
    name: &'static str,
    exit_code: u8,
    reasons: Vec<ReasonFile<'a>>,
}

#[derive(Debug, Serialize)]
struct ReasonFile<'a> {
    verdict: &'static str,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct TrafficFile {
    frames_in: u64,
    bytes_in: u64,
    frames_out: u64,
    bytes_out: u64,
}

#[derive(Debug, Serialize)]
struct DigestFile {
    n: u64,
    censored: u64,
    p50_ns: Option<u64>,
    p90_ns: Option<u64>,
    p99_ns: Option<u64>,
    p99_9_ns: Option<u64>,
    max_ns: Option<u64>,
    mean_ns: Option<u64>,
}

#[derive(Debug, Serialize)]
struct KindFile {
    kind: &'static str,
    planned: u64,
    answered: u64,
    rejected: u64,
    failed: u64,
    timed_out: u64,
    unsent: UnsentFile,
    unreported: u64,
    response: DigestFile,
    service: DigestFile,
    blocked: DigestFile,
    lag: DigestFile,
    paced: DigestFile,
}

#[derive(Debug, Serialize)]
struct UnsentFile {
    not_connected: u64,
    predecessor_rejected: u64,
    predecessor_failed: u64,
    left: u64,
    interrupted: u64,
    overload: u64,
}

#[derive(Debug, Serialize)]
struct DeliveryFile {
    kind: &'static str,
    all: PairsFile,
    sentinels: PairsFile,
}

#[derive(Debug, Serialize)]
struct PairsFile {
    delivery: DigestFile,
    transit: DigestFile,
    expected: u64,
    received: u64,
    missing: u64,
    duplicate: u64,
    late: u64,
    out_of_order: u64,
    out_of_order_by_sender: u64,
    boundary: u64,
    ghost: u64,
    outside: u64,
    completeness: Option<f64>,
    boundary_share: Option<f64>,
}

#[derive(Debug, Serialize)]
struct OrdersFile<'a> {
    orders: u64,
    unresolved: u64,
    products: Vec<ProductFile<'a>>,
    repeated_ids: &'a [String],
    repeated_ids_count: u64,
    repeated_keys: Vec<RepeatedKeyFile<'a>>,
    repeated_keys_count: u64,
    mispriced: Vec<MispricedFile<'a>>,
    mispriced_count: u64,
}

#[derive(Debug, Serialize)]
struct ProductFile<'a> {
    product: &'a str,
    stock: u64,
    sold: u64,
    sold_possible: u64,
    oversold: u64,
    oversold_possible: u64,
    beyond_stock: &'a [String],
    beyond_stock_count: u64,
}

#[derive(Debug, Serialize)]
struct RepeatedKeyFile<'a> {
    key: &'a str,
    orders: &'a [String],
}

#[derive(Debug, Serialize)]
struct MispricedFile<'a> {
    order: &'a str,
    shown: &'a str,
    charged: &'a str,
}

#[derive(Debug, Serialize)]
struct WordFile<'a> {
    of: &'static str,
    kind: Option<&'static str>,
    word: &'a str,
    count: u64,
}

#[derive(Debug, Serialize)]
struct EvaluatedFile<'a> {
    objective: ObjectiveFile,
    evaluated: bool,
    holds: Option<bool>,
    value: Option<f64>,
    n: Option<u64>,
    maximum: Option<bool>,
    second: Option<u32>,
    why_not: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct FindingFile<'a> {
    flaw: &'static str,
    kind: &'static str,
    viewer: &'a str,
    cid: &'a str,
    boundary: bool,
}

impl SummaryFile<'_> {
    fn of(summary: &RunSummary) -> SummaryFile<'_> {
        SummaryFile {
            version: VERSION,
            verdict: VerdictFile {
                name: summary.verdict.name(),
                exit_code: summary.verdict.exit_code(),
                reasons: summary
                    .reasons
                    .iter()
                    .map(|reason| ReasonFile { verdict: reason.verdict.name(), text: &reason.text })
                    .collect(),
            },
            run: RunFile::of(&summary.info),
            seconds: summary.seconds,
            complete: summary.complete,
            interrupted: summary.interrupted,
            aborted: summary.aborted.as_ref().map(AbortedFile::of),
            played: summary.played.map(PlanFile::of),
            peak_present: summary.peak_present,
            traffic: TrafficFile {
                frames_in: summary.frames_in.0,
                bytes_in: summary.frames_in.1,
                frames_out: summary.frames_out.0,
                bytes_out: summary.frames_out.1,
            },
            usage: summary.usage.map(UsageFile::of),
            intents: summary.kinds.iter().map(KindFile::of).collect(),
            reactions: summary.reactions.iter().map(KindFile::of).collect(),
            deliveries: summary
                .deliveries
                .iter()
                .map(|row| DeliveryFile {
                    kind: row.kind.name(),
                    all: PairsFile::of(&row.all),
                    sentinels: PairsFile::of(&row.sentinels),
                })
                .collect(),
            orders: orders(summary),
            words: words(summary),
            objectives: objectives(summary),
            findings: summary
                .findings
                .iter()
                .map(|row| FindingFile {
                    flaw: row.flaw.name(),
                    kind: row.kind.name(),
                    viewer: &row.viewer,
                    cid: &row.cid,
                    boundary: row.boundary,
                })
                .collect(),
            findings_overflow: summary.findings_overflow,
        }
    }
}

impl DigestFile {
    fn of(digest: &Digest) -> DigestFile {
        DigestFile {
            n: digest.n,
            censored: digest.censored,
            p50_ns: digest.p50_ns,
            p90_ns: digest.p90_ns,
            p99_ns: digest.p99_ns,
            p99_9_ns: digest.p999_ns,
            max_ns: digest.max_ns,
            mean_ns: digest.mean_ns,
        }
    }
}

impl KindFile {
    fn of(row: &KindRow) -> KindFile {
        let [not_connected, predecessor_rejected, predecessor_failed, left, interrupted, overload] =
            row.unsent;
        KindFile {
            kind: row.kind.name(),
            planned: row.planned,
            answered: row.answered,
            rejected: row.rejected,
            failed: row.failed,
            timed_out: row.timed_out,
            unsent: UnsentFile {
                not_connected,
                predecessor_rejected,
                predecessor_failed,
                left,
                interrupted,
                overload,
            },
            unreported: row.unreported,
            response: DigestFile::of(&row.response),
            service: DigestFile::of(&row.service),
            blocked: DigestFile::of(&row.blocked),
            lag: DigestFile::of(&row.lag),
            paced: DigestFile::of(&row.paced),
        }
    }
}

impl PairsFile {
    fn of(pairs: &Deliveries) -> PairsFile {
        PairsFile {
            delivery: DigestFile::of(&pairs.delivery),
            transit: DigestFile::of(&pairs.transit),
            expected: pairs.expected,
            received: pairs.received,
            missing: pairs.missing,
            duplicate: pairs.duplicate,
            late: pairs.late,
            out_of_order: pairs.out_of_order,
            out_of_order_by_sender: pairs.out_of_order_by_sender,
            boundary: pairs.boundary,
            ghost: pairs.ghost,
            outside: pairs.outside,
            completeness: pairs.completeness(),
            boundary_share: pairs.boundary_share(),
        }
    }
}

fn orders(summary: &RunSummary) -> OrdersFile<'_> {
    let orders = &summary.orders;
    OrdersFile {
        orders: orders.orders,
        unresolved: orders.unresolved,
        products: orders
            .products
            .iter()
            .map(|product| {
                let (oversold, oversold_possible) = product.oversold();
                ProductFile {
                    product: &product.product,
                    stock: product.stock,
                    sold: product.sold,
                    sold_possible: product.sold_possible,
                    oversold,
                    oversold_possible,
                    beyond_stock: &product.beyond_stock,
                    beyond_stock_count: product.beyond_stock_count,
                }
            })
            .collect(),
        repeated_ids: &orders.repeated_ids,
        repeated_ids_count: orders.repeated_ids_count,
        repeated_keys: orders
            .repeated_keys
            .iter()
            .map(|(key, orders)| RepeatedKeyFile { key, orders })
            .collect(),
        repeated_keys_count: orders.repeated_keys_count,
        mispriced: orders
            .mispriced
            .iter()
            .map(|(order, shown, charged)| MispricedFile { order, shown, charged })
            .collect(),
        mispriced_count: orders.mispriced_count,
    }
}

fn words(summary: &RunSummary) -> Vec<WordFile<'_>> {
    let row = |row: &crate::measure::WordRow| match row.of {
        WordOf::Error => ("connection", None),
        WordOf::Rejected(kind) => ("rejected", Some(kind.name())),
        WordOf::Failed(kind) => ("failed", Some(kind.name())),
    };
    summary
        .words
        .iter()
        .map(|word| {
            let (of, kind) = row(word);
            WordFile { of, kind, word: &word.word, count: word.count }
        })
        .collect()
}

fn objectives(summary: &RunSummary) -> Vec<EvaluatedFile<'_>> {
    let file = |one: &crate::measure::Evaluated| EvaluatedFile {
        objective: ObjectiveFile::of(&one.objective),
        evaluated: false,
        holds: None,
        value: None,
        n: None,
        maximum: None,
        second: None,
        why_not: None,
    };
    summary
        .objectives
        .iter()
        .map(|one| match &one.evaluation {
            Evaluation::NotEvaluated(why) => EvaluatedFile { why_not: Some(why), ..file(one) },
            Evaluation::Measured { value, n, maximum, second, holds } => EvaluatedFile {
                evaluated: true,
                holds: Some(*holds),
                value: Some(*value),
                n: Some(*n),
                maximum: Some(*maximum),
                second: *second,
                ..file(one)
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::sample;
    use super::*;

    /// Every field's path: `intents[].response.p99_ns`.
    fn paths(value: &Value, path: &str, found: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    let path = format!("{path}{dot}{name}");
                    found.insert(path.clone());
                    paths(value, &path, found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    paths(item, &format!("{path}[]"), found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_field_is_documented() {
        let summary = sample::totals().summary(Some(&sample::end()));
        let value: Value = serde_json::from_str(&text(&summary).unwrap()).unwrap();
        let mut found = std::collections::BTreeSet::new();
        paths(&value, "", &mut found);
        let documented = include_str!("../../docs/summary.md");
        let missing: Vec<&String> = found
            .iter()
            .filter(|path| {
                let name = path.rsplit('.').next().unwrap();
                !documented.contains(&format!("`{path}`"))
                    && !documented.contains(&format!("`{name}`"))
            })
            .collect();
        assert!(missing.is_empty(), "docs/summary.md says nothing of {missing:#?}");
    }

    #[test]
    fn figures_are_numbers_or_null() {
        let summary = sample::totals().summary(Some(&sample::end()));
        let value: Value = serde_json::from_str(&text(&summary).unwrap()).unwrap();
        assert_eq!(value["version"], 1);
        assert_eq!(value["verdict"]["exit_code"], 1);
        assert_eq!(value["intents"][1]["timed_out"], 1);
        assert_eq!(value["intents"][1]["response"]["censored"], 1);
        assert_eq!(value["intents"][1]["response"]["p99_ns"], Value::Null);
        assert_eq!(value["deliveries"][0]["all"]["missing"], 2);
        let missing: Vec<&Value> = value["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["flaw"] == "missing" && finding["boundary"] == false)
            .map(|finding| &finding["viewer"])
            .collect();
        assert_eq!(missing, ["followers-3", "followers-35"]);
    }
}
