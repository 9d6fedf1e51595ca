//! `claque preview`: draws what a scenario's audience would do.

use anyhow::{Context as _, Result};
use claque::preview::Preview;
use claque::scenario;

use crate::cli;

/// Plays a scenario under several seeds and draws it.
pub(crate) fn preview(arguments: &cli::Preview) -> Result<u8> {
    let (mut scenario, warnings) =
        scenario::load(&arguments.scenario, &arguments.sets).map_err(|problems| *problems)?;
    if !warnings.is_empty() {
        anstream::eprint!("{}", warnings.render(super::colour()));
    }
    if let Some(seed) = arguments.seed {
        scenario.plan.seed = seed;
    }
    let preview = Preview::new(&scenario, arguments.seeds);
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
