//! `claque presets`: the built-in presets with their figures, where those come from, and how sure
//! they are.

use anyhow::{Result, bail};
use claque::input::did_you_mean;
use claque::report::terminal::wrap;
use claque::scenario::presets::{self, Preset};

use crate::cli;

/// Lists all presets, or prints one as it is written.
pub(crate) fn presets(arguments: &cli::Presets) -> Result<u8> {
    let all: Vec<Preset> = presets::all().collect();
    let Some(name) = &arguments.name else {
        let pages: Vec<String> = all.iter().map(|preset| page(preset, super::width())).collect();
        anstream::print!("{}", pages.join("\n"));
        return Ok(0);
    };
    let Some(preset) = all.iter().find(|preset| preset.name == name) else {
        let names: Vec<&str> = all.iter().map(|preset| preset.name).collect();
        match did_you_mean(name, names.iter().copied()) {
            Some(near) => bail!("there is no preset `{name}`: did you mean `{near}`?"),
            None => bail!("there is no preset `{name}`: there are {}", names.join(", ")),
        }
    };
    anstream::print!("{}", preset.text);
    Ok(0)
}

/// A preset with its figures.
fn page(preset: &Preset, width: usize) -> String {
    let bold = anstyle::Style::new().bold();
    let place = match (preset.of_audience, preset.of_show) {
        (true, true) => "[[audience]] and [[shows]]",
        (true, false) => "[[audience]]",
        _ => "[[shows]]",
    };
    let mut lines = vec![format!("{bold}{}{bold:#}  {}", preset.name, preset.title)];
    lines.extend(wrap("  goes into  ", &format!("{place}: preset = \"{}\"", preset.name), width));
    lines.extend(wrap("  source     ", &preset.source, width));
    lines.extend(wrap("  mark       ", preset.mark.name(), width));
    for figure in &preset.figures {
        let text = format!("{}: {}", figure.what, figure.value);
        lines.extend(wrap(&format!("  {:<11}", figure.mark.name()), &text, width));
    }
    lines.push(String::new());
    lines.join("\n")
}
