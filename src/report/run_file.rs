//! `run.json`: what is run, written when it starts, so that a killed run can still be reported.
//!
//! The types here are the file format, apart from the types that the program works with.

use std::fs;
use std::io;
use std::path::Path;

use claque_audience::{IntentKind, Micros, PlanDigest};
use serde::{Deserialize, Serialize};

use super::LoadError;
use crate::measure::{ProductInfo, RunInfo};
use crate::scenario::{
    Acts, Comparison, Ending, Figure, Objective, Series, Statistic, Unit, Window,
};

/// Version of the format of `run.json`, `intervals.csv` and `intervals.hlog` together.
pub(super) const VERSION: u32 = 1;

/// Name of the file.
pub(super) const RUN_JSON: &str = "run.json";

/// The run as written.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct RunFile {
    version: u32,
    name: String,
    seed: u64,
    scenario_hash: String,
    claque_version: String,
    binding: String,
    target: String,
    embedded: bool,
    shards: u32,
    sentinels: u32,
    machine: String,
    started_unix_ms: u64,
    length_us: u64,
    viewers: u32,
    run: u32,
    time_out_us: u64,
    guard_us: u64,
    delivery_deadline_us: u64,
    groups: Vec<String>,
    creators: Vec<String>,
    /// Absent in results of before there were any.
    #[serde(default)]
    co_hosts: Vec<Vec<String>>,
    products: Vec<ProductFile>,
    plan: PlanFile,
    not_played: Vec<String>,
    warnings: Vec<String>,
    objectives: Vec<ObjectiveFile>,
}

/// The fingerprint of a plan as written: JSON has no whole numbers of 64 bits.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct PlanFile {
    intents: u64,
    digest: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct ProductFile {
    name: String,
    stock: u32,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ObjectiveFile {
    text: String,
    /// Only of reactions; of older files, nothing is.
    #[serde(default)]
    reactions: bool,
    figure: String,
    kind: Option<String>,
    /// `share` or `count`, of how intents ended; in older files these are shares.
    #[serde(default)]
    unit: Option<String>,
    series: Option<String>,
    statistic: Option<String>,
    quantile: Option<f64>,
    comparison: String,
    limit: f64,
    window: String,
    window_label: Option<String>,
    from_us: Option<u64>,
    to_us: Option<u64>,
}

/// Writes `run.json` into `folder`.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_run(folder: &Path, info: &RunInfo) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(&RunFile::of(info))?;
    text.push('\n');
    fs::write(folder.join(RUN_JSON), text)
}

/// Reads `run.json` of `folder`.
///
/// # Errors
///
/// If it cannot be read, or is not of this version.
pub fn read_run(folder: &Path) -> Result<RunInfo, LoadError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let path = folder.join(RUN_JSON);
    let damaged = |problem: String| LoadError::Damaged { path: path.clone(), problem };
    let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => LoadError::NoRun(folder.into()),
        _ => LoadError::Read { path: path.clone(), error },
    })?;
    let Versioned { version } =
        serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    if version != VERSION {
        return Err(LoadError::Version(version));
    }
    let file: RunFile = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    file.into_info().map_err(damaged)
}

impl RunFile {
    pub(super) fn of(info: &RunInfo) -> RunFile {
        RunFile {
            version: VERSION,
            name: info.name.clone(),
            seed: info.seed,
            scenario_hash: info.scenario_hash.clone(),
            claque_version: info.version.clone(),
            binding: info.binding.clone(),
            target: info.target.clone(),
            embedded: info.embedded,
            shards: info.shards,
            sentinels: info.sentinels,
            machine: info.machine.clone(),
            started_unix_ms: info.started_unix_ms,
            length_us: info.length.0,
            viewers: info.viewers,
            run: info.run,
            time_out_us: info.time_out.0,
            guard_us: info.guard.0,
            delivery_deadline_us: info.delivery_deadline.0,
            groups: info.groups.clone(),
            creators: info.creators.clone(),
            co_hosts: info.co_hosts.clone(),
            products: info
                .products
                .iter()
                .map(|product| ProductFile { name: product.name.clone(), stock: product.stock })
                .collect(),
            plan: PlanFile::of(info.plan),
            not_played: info.not_played.iter().map(|kind| kind.name().to_owned()).collect(),
            warnings: info.warnings.clone(),
            objectives: info.objectives.iter().map(ObjectiveFile::of).collect(),
        }
    }

    fn into_info(self) -> Result<RunInfo, String> {
        Ok(RunInfo {
            name: self.name,
            seed: self.seed,
            scenario_hash: self.scenario_hash,
            version: self.claque_version,
            binding: self.binding,
            target: self.target,
            embedded: self.embedded,
            shards: self.shards,
            sentinels: self.sentinels,
            machine: self.machine,
            started_unix_ms: self.started_unix_ms,
            length: Micros(self.length_us),
            viewers: self.viewers,
            run: self.run,
            time_out: Micros(self.time_out_us),
            guard: Micros(self.guard_us),
            delivery_deadline: Micros(self.delivery_deadline_us),
            groups: self.groups,
            creators: self.creators,
            co_hosts: self.co_hosts,
            products: self
                .products
                .into_iter()
                .map(|product| ProductInfo { name: product.name, stock: product.stock })
                .collect(),
            plan: self.plan.into_digest()?,
            not_played: self
                .not_played
                .iter()
                .map(|name| kind_named(name))
                .collect::<Result<_, _>>()?,
            warnings: self.warnings,
            objectives: self
                .objectives
                .into_iter()
                .map(ObjectiveFile::into_objective)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl PlanFile {
    pub(super) fn of(plan: PlanDigest) -> PlanFile {
        PlanFile { intents: plan.intents, digest: plan.to_string() }
    }

    pub(super) fn into_digest(self) -> Result<PlanDigest, String> {
        let sum = u64::from_str_radix(&self.digest, 16)
            .map_err(|_| format!("{:?} is no digest of a plan", self.digest))?;
        Ok(PlanDigest { intents: self.intents, sum })
    }
}

/// The kind of that name.
pub(super) fn kind_named(name: &str) -> Result<IntentKind, String> {
    IntentKind::from_name(name).ok_or_else(|| format!("unknown intent kind {name:?}"))
}

/// What a figure is called in files.
fn figure_name(figure: Figure) -> &'static str {
    match figure {
        Figure::Latency { .. } => "latency",
        Figure::Completeness(_) => "completeness",
        Figure::Boundary(_) => "boundary",
        Figure::Duplicates(_) => "duplicates",
        Figure::OutOfOrder(_) => "out_of_order",
        Figure::Oversold => "oversold",
        Figure::Orders => "orders",
        Figure::Ended { ending, .. } => ending.name(),
    }
}

impl ObjectiveFile {
    pub(super) fn of(objective: &Objective) -> ObjectiveFile {
        let kind = match objective.figure {
            Figure::Oversold | Figure::Orders => None,
            figure => figure.kind().map(|kind| kind.name().to_owned()),
        };
        let unit = match objective.figure {
            Figure::Ended { unit: Unit::Share, .. } => Some("share".to_owned()),
            Figure::Ended { .. } => Some("count".to_owned()),
            _ => None,
        };
        let (series, statistic, quantile) = match objective.figure {
            Figure::Latency { series, statistic, .. } => {
                let (name, quantile) = match statistic {
                    Statistic::Quantile(q) => ("quantile", Some(q)),
                    Statistic::Max => ("max", None),
                    Statistic::Mean => ("mean", None),
                };
                (Some(series.name().to_owned()), Some(name.to_owned()), quantile)
            }
            _ => (None, None, None),
        };
        let (window, window_label, from_us, to_us) = match &objective.window {
            Window::Whole => ("whole", None, None, None),
            Window::WorstSecond => ("worst_second", None, None, None),
            Window::Planned { label, from, to } => {
                ("planned", Some(label.clone()), Some(from.0), Some(to.0))
            }
        };
        let comparison = match objective.comparison {
            Comparison::Below => "<",
            Comparison::AtMost => "<=",
            Comparison::Equal => "=",
            Comparison::AtLeast => ">=",
            Comparison::Above => ">",
        };
        ObjectiveFile {
            text: objective.text.clone(),
            reactions: objective.acts == Acts::Reactions,
            figure: figure_name(objective.figure).to_owned(),
            kind,
            unit,
            series,
            statistic,
            quantile,
            comparison: comparison.to_owned(),
            limit: objective.limit,
            window: window.to_owned(),
            window_label,
            from_us,
            to_us,
        }
    }

    fn into_objective(self) -> Result<Objective, String> {
        let unknown = |what: &str| format!("the objective {:?} has no such {what}", self.text);
        let kind = || {
            let name = self.kind.as_deref().ok_or_else(|| unknown("kind"))?;
            kind_named(name)
        };
        let figure = match self.figure.as_str() {
            "latency" => Figure::Latency {
                kind: kind()?,
                series: self
                    .series
                    .as_deref()
                    .and_then(Series::from_name)
                    .ok_or_else(|| unknown("series"))?,
                statistic: match (self.statistic.as_deref(), self.quantile) {
                    (Some("quantile"), Some(q)) if q > 0.0 && q < 1.0 => Statistic::Quantile(q),
                    (Some("max"), _) => Statistic::Max,
                    (Some("mean"), _) => Statistic::Mean,
                    _ => return Err(unknown("statistic")),
                },
            },
            "completeness" => Figure::Completeness(kind()?),
            "boundary" => Figure::Boundary(kind()?),
            "duplicates" => Figure::Duplicates(kind()?),
            "out_of_order" => Figure::OutOfOrder(kind()?),
            "oversold" => Figure::Oversold,
            "orders" => Figure::Orders,
            name => Figure::Ended {
                ending: Ending::from_name(name).ok_or_else(|| unknown("figure"))?,
                kind: self.kind.as_deref().map(kind_named).transpose()?,
                unit: match self.unit.as_deref() {
                    Some("share") | None => Unit::Share,
                    Some("count") => Unit::Count,
                    Some(_) => return Err(unknown("unit")),
                },
            },
        };
        let comparison = match self.comparison.as_str() {
            "<" => Comparison::Below,
            "<=" => Comparison::AtMost,
            "=" => Comparison::Equal,
            ">=" => Comparison::AtLeast,
            ">" => Comparison::Above,
            _ => return Err(unknown("comparison")),
        };
        let window = match (self.window.as_str(), self.from_us, self.to_us) {
            ("whole", ..) => Window::Whole,
            ("worst_second", ..) => Window::WorstSecond,
            ("planned", Some(from), Some(to)) => Window::Planned {
                label: self.window_label.clone().unwrap_or_default(),
                from: Micros(from),
                to: Micros(to),
            },
            _ => return Err(unknown("window")),
        };
        let acts = if self.reactions { Acts::Reactions } else { Acts::Planned };
        Ok(Objective { text: self.text, acts, figure, comparison, limit: self.limit, window })
    }
}
