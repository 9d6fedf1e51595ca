//! What is known of a run before it starts, and the folder that keeps it.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};
use claque::binding::Binding;
use claque::drive::{self, Address};
use claque::measure::{ProductInfo, RunInfo};
use claque::report;
use claque_audience::{Group, IntentKind, Trigger};
use sha2::{Digest as _, Sha256};

use super::prepare::Prepared;

/// Everything that is known of the run before it starts.
pub(super) fn describe(prepared: &Prepared, address: &Address, embedded: bool) -> RunInfo {
    let Prepared { scenario, binding, forecast, group_sizes, shards, warnings } = prepared;
    let plan = &scenario.plan;
    let started = jiff::Timestamp::now();
    RunInfo {
        name: scenario.name.clone(),
        seed: plan.seed,
        scenario_hash: hash(prepared),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        binding: binding.name().to_owned(),
        target: address.http.clone(),
        embedded,
        shards: *shards,
        sentinels: drive::sentinel_count(group_sizes),
        machine: machine(),
        started_unix_ms: u64::try_from(started.as_millisecond()).unwrap_or(0),
        length: plan.length,
        viewers: group_sizes.iter().sum(),
        // Marks this run's messages and keys among others' against the same backend.
        run: rand::random(),
        time_out: scenario.target.time_out,
        guard: scenario.target.guard,
        delivery_deadline: scenario.target.delivery_deadline,
        groups: plan.groups.iter().map(|group| group.name.clone()).collect(),
        creators: plan.shows.iter().map(|show| show.creator.clone()).collect(),
        co_hosts: plan.shows.iter().map(|show| show.co_hosts.clone()).collect(),
        products: plan
            .products
            .iter()
            .map(|product| ProductInfo { name: product.name.clone(), stock: product.stock })
            .collect(),
        plan: forecast.plan,
        not_played: forecast.not_played.clone(),
        warnings: warnings.iter().cloned().chain(unheard(&plan.groups, binding)).collect(),
        objectives: scenario.objectives.clone(),
    }
}

/// What viewers would react to, if they heard of it.
fn unheard(groups: &[Group], binding: &Binding) -> Vec<String> {
    let mut unheard = Vec::new();
    for group in groups {
        let mut triggers: Vec<Trigger> = group.on_received.iter().map(|it| it.to).collect();
        triggers.sort_unstable();
        triggers.dedup();
        for trigger in triggers {
            let (name, hears) = match trigger {
                Trigger::Pin => ("pin", binding.hears(IntentKind::Pin)),
                Trigger::FlashSale => ("flash_sale", binding.hears(IntentKind::FlashSale)),
                Trigger::PriceChange => ("price_change", binding.hears(IntentKind::PriceChange)),
                Trigger::Giveaway => ("giveaway", binding.hears(IntentKind::Giveaway)),
                Trigger::SoldOut => ("sold_out", binding.hears_sold_out()),
            };
            if !hears {
                unheard.push(format!(
                    "{} do not react to {name}: binding {} does not recognise it",
                    group.name,
                    binding.name()
                ));
            }
        }
    }
    unheard
}

/// What was played, bit for bit: the scenario's text, what changed it, and the files that it names.
/// What the environment put into it is as little in the hash as in the folder.
fn hash(prepared: &Prepared) -> String {
    let scenario = &prepared.scenario;
    let mut hasher = Sha256::new();
    let mut part = |text: &str| {
        hasher.update(text.len().to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(&scenario.text);
    scenario.sets.iter().for_each(|set| part(set));
    for (path, text) in scenario.included.iter().chain(&scenario.traces) {
        part(path);
        part(text);
    }
    hasher.finalize().iter().take(8).fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"))
}

/// Processor, cores and system in words.
fn machine() -> String {
    let of = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = of("/proc/cpuinfo");
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let release = of("/proc/sys/kernel/osrelease");
    format!("{model}, {cores} cores, {} {}", std::env::consts::OS, release.trim()).trim().to_owned()
}

/// Makes the results folder and writes what is known at the start.
pub(super) fn open(results: &Path, prepared: &Prepared, info: &RunInfo) -> Result<PathBuf> {
    let millis = i64::try_from(info.started_unix_ms).unwrap_or(0);
    let started = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    let name = format!("{}-{}", info.name, started.strftime("%Y-%m-%dT%H-%M-%SZ"));
    std::fs::create_dir_all(results)
        .with_context(|| format!("cannot make the folder {}", results.display()))?;
    // Two runs may start in the same second.
    let names = std::iter::once(name.clone()).chain((2..100).map(|n| format!("{name}-{n}")));
    for name in names {
        let folder = results.join(name);
        match std::fs::create_dir(&folder) {
            Ok(()) => {
                write_scenario(&folder, prepared)?;
                report::write_run(&folder, info)?;
                return Ok(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make {}", folder.display()));
            }
        }
    }
    anyhow::bail!("{} has a hundred results of this second", results.display())
}

/// Keeps the scenario as it was written, with the files that it names where it finds them.
fn write_scenario(folder: &Path, prepared: &Prepared) -> Result<()> {
    let scenario = &prepared.scenario;
    let mut text = String::new();
    for set in &scenario.sets {
        let _ = writeln!(text, "# run with --set {set}");
    }
    let _ = writeln!(text, "# run with --seed {}", scenario.plan.seed);
    text += &scenario.text;
    std::fs::write(folder.join(SCENARIO), text)?;
    let files = scenario.included.iter().chain(&scenario.traces);
    for (number, (path, text)) in (1..).zip(files) {
        let kept = folder.join(kept(Path::new(path), number));
        if let Some(parent) = kept.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(kept, text)?;
    }
    Ok(())
}

/// The scenario in a results folder.
const SCENARIO: &str = "scenario.toml";

/// Where a results folder keeps a file that a scenario names: at the same path, unless that leads
/// out of the folder or to one of its own files.
fn kept(path: &Path, number: usize) -> PathBuf {
    let own = [SCENARIO, "run.json", "summary.json", "intervals.hlog", "intervals.csv"];
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if inside && !own.iter().any(|own| path.starts_with(own)) {
        return path.to_owned();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Path::new("elsewhere").join(format!("{number}-{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_kept_inside_and_apart_from_the_results() {
        for (path, place) in [
            ("shared/products.toml", "shared/products.toml"),
            ("day.csv", "day.csv"),
            ("../shared/products.toml", "elsewhere/3-products.toml"),
            ("/etc/hosts", "elsewhere/3-hosts"),
            ("scenario.toml", "elsewhere/3-scenario.toml"),
            ("run.json", "elsewhere/3-run.json"),
            ("run.json/x", "elsewhere/3-x"),
        ] {
            assert_eq!(kept(Path::new(path), 3), Path::new(place), "{path}");
        }
    }
}
