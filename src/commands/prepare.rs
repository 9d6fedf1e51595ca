//! From the command line to something that could be played: scenario, binding, audience, forecast.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use claque::binding::{self, Binding};
use claque::forecast::Forecast;
use claque::input::Problems;
use claque::scenario::{self, Scenario};
use claque_audience::{Audience, IntentKind};

use crate::cli::Source;

/// A scenario with its binding, and what it would do.
pub(crate) struct Prepared {
    pub(crate) scenario: Scenario,
    pub(crate) binding: Binding,
    pub(crate) forecast: Forecast,
    /// Viewers of each group.
    pub(crate) group_sizes: Vec<u32>,
    pub(crate) shards: u32,
    /// What is worth a word before the start.
    pub(crate) warnings: Vec<String>,
}

impl Prepared {
    /// Reads and checks everything; warnings about the scenario are printed at once.
    pub(crate) fn new(source: &Source) -> Result<Prepared> {
        let (mut scenario, warnings) =
            scenario::load_with(&source.scenario, &source.sets, source.seed, &super::variable)
                .map_err(|problems| *problems)?;
        if !warnings.is_empty() {
            anstream::eprint!("{}", warnings.render(super::colour()));
        }
        if let Some(binding) = &source.binding {
            scenario.target.binding.clone_from(binding);
        }
        let named_here = source.binding.is_none();
        let binding = load_binding(&scenario.target.binding, named_here, &source.scenario)?;
        let mut audience = Audience::new(&scenario.plan);
        let group_sizes = audience.sizes().to_vec();
        let forecast = Forecast::new(&scenario, &mut audience, &|kind| binding.plays(kind));
        if source.strict && !forecast.not_played.is_empty() {
            let kinds: Vec<_> = forecast.not_played.iter().copied().map(IntentKind::name).collect();
            bail!(
                "binding `{}` cannot play {}, which the scenario plans, and --strict refuses that",
                binding.name(),
                kinds.join(", ")
            );
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let half = u32::try_from(cores / 2).unwrap_or(u32::MAX).max(1);
        Ok(Prepared {
            shards: source.shards.unwrap_or(half),
            warnings: warnings.problems.into_iter().map(|problem| problem.message).collect(),
            scenario,
            binding,
            forecast,
            group_sizes,
        })
    }
}

/// A shipped binding by its name, or one of the user's by its path: relative to the scenario if the
/// scenario names it, to the working directory if the command line does.
fn load_binding(name: &str, in_scenario: bool, scenario: &Path) -> Result<Binding> {
    if let Some(text) = binding::shipped(name) {
        let file = format!("scenarios/bindings/{name}.toml");
        return Ok(Binding::parse(&file, text).map_err(|problems| *problems)?);
    }
    let folder = scenario.parent().filter(|_| in_scenario).unwrap_or(Path::new(""));
    let path: PathBuf = folder.join(name);
    if !path.is_file() {
        let known: Vec<_> = binding::shipped_names().map(|name| format!("`{name}`")).collect();
        let message = format!("there is no binding `{name}`: neither shipped nor a file");
        let help = format!("shipped are {}; or give the path of your own", known.join(", "));
        return Err(Problems::of_file(name, message, Some(help)).into());
    }
    let text = super::read(&path)?;
    Ok(Binding::parse(&path.display().to_string(), &text).map_err(|problems| *problems)?)
}
