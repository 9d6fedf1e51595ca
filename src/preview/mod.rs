//! What a plan looks like, before anything is sent: arrivals, audience, chat, likes, clicks and
//! orders over time, with the cues marked. `claque preview` draws it.
//!
//! The plan is replayed under several seeds; each figure is a mean over them with a band, so that
//! a wrong unit shows as a curve of the wrong size and chance shows as the width of a band. Nothing
//! here knows a backend.

mod axis;
mod page;
mod sample;
mod terminal;
#[cfg(test)]
mod tests;

use claque_audience::{CueAct, Micros, Plan};

use crate::input::units::show_duration;
use crate::scenario::Scenario;

/// Seeds that a preview plays at most, if nobody says how many.
const SEEDS: u32 = 20;
/// Intents that a preview plays in all, about, if nobody says how many seeds.
const INTENTS: u64 = 4_000_000;
/// Largest number of rooms that are drawn one by one.
const ROOMS: usize = 8;

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The scenario's name.
    pub name: String,
    /// How long it runs.
    pub length: Micros,
    /// Length of a bin, over which rates are taken.
    pub bin: Micros,
    /// The first seed; the others follow it.
    pub seed: u64,
    /// How many seeds were played.
    pub seeds: u32,
    /// One chart a figure; figures that are always zero are left out.
    pub charts: Vec<Chart>,
    /// Cues in time order.
    pub marks: Vec<Mark>,
    /// Whether somebody does something because of what they receive, which is no part of a plan.
    pub reacts: bool,
    /// Figures that are best read as a number: label and text.
    pub figures: Vec<(&'static str, String)>,
}

/// One figure over time; all vectors have a value a bin.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// The unit of its values.
    pub unit: &'static str,
    /// Mean over the seeds.
    pub mean: Vec<f64>,
    /// A tenth of the seeds is below this (the least, where seeds are few).
    pub low: Vec<f64>,
    /// A tenth of the seeds is above this (the most, where seeds are few).
    pub high: Vec<f64>,
    /// The mean of each part, if the whole has parts (rooms): name and values.
    pub parts: Vec<(String, Vec<f64>)>,
}

/// A cue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Micros,
    /// When what it begins is over, if it lasts.
    pub until: Option<Micros>,
    /// In words: `pin lamp`.
    pub text: String,
}

impl Preview {
    /// Plays `scenario` under `seeds` seeds, from its own on; about twenty, fewer of a large plan,
    /// if none are asked for. `under` makes the plan of another seed, where it can: a plan may hold
    /// what was drawn when it was read.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        seeds: Option<u32>,
        under: &dyn Fn(u64) -> Option<Plan>,
    ) -> Preview {
        let plan = &scenario.plan;
        let seeds = seeds.map(|seeds| seeds.max(1));
        let sampled = sample::play(plan, under, seeds, (SEEDS, INTENTS));
        Preview {
            name: scenario.name.clone(),
            length: plan.length,
            bin: sampled.bin,
            seed: plan.seed,
            seeds: sampled.seeds,
            charts: sampled.charts,
            marks: marks(plan),
            figures: sampled.figures,
            reacts: plan.reacts(),
        }
    }

    /// Drawn in braille, at most `width` columns wide.
    #[must_use]
    pub fn terminal(&self, width: usize) -> String {
        terminal::render(self, width)
    }

    /// A drawing by itself.
    #[must_use]
    pub fn svg(&self) -> String {
        page::svg(self)
    }

    /// A page by itself, around the same drawing.
    #[must_use]
    pub fn html(&self) -> String {
        page::html(self)
    }

    /// The sentence that says what is not drawn, if there is such.
    fn left_out(&self) -> Option<&'static str> {
        self.reacts.then_some("reactions to what is received come on top: they are not planned")
    }

    /// The sentence that says what the band is.
    fn band(&self) -> String {
        match self.seeds {
            1 => format!("one seed, {}", self.seed),
            few if few < sample::BAND_FROM => {
                format!("mean of {few} seeds, and the least and most")
            }
            seeds => format!("mean of {seeds} seeds, and the band that eight of ten are in"),
        }
    }
}

/// The cues of all shows, by time.
fn marks(plan: &Plan) -> Vec<Mark> {
    let mut marks: Vec<Mark> = plan
        .shows
        .iter()
        .flat_map(|show| {
            show.cues.iter().filter_map(|cue| {
                let (text, length) = describe(plan, cue.act)?;
                let several = plan.shows.len() > 1;
                let text = if several { format!("{}: {text}", show.creator) } else { text };
                let until = length.map(|length| cue.at.saturating_add(length).min(plan.length));
                Some(Mark { at: cue.at, until, text })
            })
        })
        .collect();
    marks.sort_by_key(|mark| mark.at);
    marks
}

/// A cue in words and how long what it begins lasts; none for a start at 0s and an end at the end,
/// which say nothing, nor for what is merely said.
fn describe(plan: &Plan, act: CueAct) -> Option<(String, Option<Micros>)> {
    let name = |product: claque_audience::ProductId| {
        plan.products.get(usize::from(product.0)).map_or("", |product| product.name.as_str())
    };
    Some(match act {
        CueAct::GoLive | CueAct::End | CueAct::Say { .. } => return None,
        CueAct::Pin { product } => (format!("pin {}", name(product)), None),
        CueAct::PriceChange { product, price } => {
            (format!("{} now costs {price}", name(product)), None)
        }
        CueAct::FlashSale { product, price, length } => {
            let length_text = show_duration(length);
            (format!("flash sale of {} at {price} for {length_text}", name(product)), Some(length))
        }
        CueAct::Giveaway { product, length } => {
            (format!("giveaway of {} for {}", name(product), show_duration(length)), Some(length))
        }
        CueAct::Raid { to, follow } => {
            let to = plan.shows.get(usize::from(to.0)).map_or("", |show| show.creator.as_str());
            (format!("raid, {:.0} % go to {to}", follow.0 * 100.0), None)
        }
    })
}
