//! `claque preview`: draws what a scenario's audience would do.

use anyhow::{Context as _, Result};
use claque::preview::Preview;
use claque::scenario;

use crate::cli;

/// Plays a scenario under several seeds and draws it.
pub(crate) fn preview(arguments: &cli::Preview) -> Result<u8> {
    let load = |seed: Option<u64>| {
        scenario::load_with(&arguments.scenario, &arguments.sets, seed, &super::variable)
    };
    let (scenario, warnings) = load(arguments.seed).map_err(|problems| *problems)?;
    if !warnings.is_empty() {
        anstream::eprint!("{}", warnings.render(super::colour()));
    }
    // Some of a plan is drawn while it is read, so that another seed asks for reading it again.
    let under = |seed: u64| load(Some(seed)).ok().map(|(scenario, _)| scenario.plan);
    let preview = Preview::new(&scenario, arguments.seeds, &under);
    if let Some(path) = &arguments.output {
        let is_svg = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
        let drawing = if is_svg { preview.svg() } else { preview.html() };
        std::fs::write(path, drawing)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    anstream::print!("{}", preview.terminal(super::width()));
    if let Some(path) = &arguments.output {
        anstream::println!("\ndrawn in {}", path.display());
    }
    Ok(0)
}
