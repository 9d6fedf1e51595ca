//! The forecast as text.

use std::fmt::Write as _;

use claque_audience::{IntentKind, Micros};

use super::{Fit, Forecast, Second};
use crate::input::units::show_duration;

/// Width of the labels on the left.
const LABEL: usize = 12;
/// Most shows, groups and products that are listed one by one.
const LISTED_MAX: usize = 12;
/// Eighths of a cell, for bars.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(super) fn render(forecast: &Forecast, width: usize, budget: Option<f64>) -> String {
    let mut page = Page { text: String::new(), width: width.max(40) };
    title(forecast, &mut page);
    viewers(forecast, &mut page);
    traffic(forecast, &mut page);
    shop(forecast, &mut page);
    page.line("intents", &intents(forecast));
    if !forecast.not_played.is_empty() {
        let names: Vec<&str> = forecast.not_played.iter().map(|kind| kind.name()).collect();
        let words = "the binding has no verb for them, so they are taken out of the plan";
        page.line("not played", &format!("{}: {words}", names.join(", ")));
    }
    if forecast.reacts {
        let words = "what people do because they receive something comes on top, when they do: \
                     it is in none of these figures";
        page.line("reactions", words);
    }
    let plan = forecast.plan;
    page.line("plan", &format!("{} intents, digest {plan}", whole(plan.intents)));
    if let Some(boundary) = forecast.boundary {
        let percent = boundary * 100.0;
        let words = "too near to a join or leave to be judged";
        let text = if percent < 0.05 {
            format!("hardly any delivery is {words}")
        } else {
            format!("at most {percent:.1} % of deliveries are {words}")
        };
        page.line("boundary", &text);
    }
    if let Some(budget) = budget {
        page.line("budget", &verdict(forecast, budget));
    }
    page.text
}

/// Text in two columns, the right one wrapped.
struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn line(&mut self, label: &str, text: &str) {
        let room = self.width - LABEL;
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            let used = lines.last().map_or(0, |line| line.chars().count());
            if used > 0 && used + 1 + word.chars().count() > room {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let _ = writeln!(self.text, "{label:<LABEL$}{line}");
        }
    }

    /// A bar a stretch of time, as high as the largest second in it.
    fn bars(&mut self, forecast: &Forecast, of: impl Fn(&Second) -> u64) {
        let room = (self.width - LABEL - 2).min(60).min(forecast.seconds.len());
        let most = forecast.seconds.iter().map(&of).max().unwrap_or(0);
        let mut bars = String::new();
        for column in 0..room {
            let from = column * forecast.seconds.len() / room;
            let to = (column + 1) * forecast.seconds.len() / room;
            let value = forecast.seconds[from..to].iter().map(&of).max().unwrap_or(0);
            // Anything above nothing is seen.
            let eighths = (value * 8).div_ceil(most.max(1));
            let block = usize::try_from(eighths).ok().and_then(|eighths| eighths.checked_sub(1));
            bars.push(block.map_or(' ', |block| BLOCKS[block.min(7)]));
        }
        let _ = writeln!(self.text, "{:<LABEL$}│{bars}│", "");
    }
}

fn title(forecast: &Forecast, page: &mut Page) {
    let viewers: u64 = forecast.groups.iter().map(|(_, viewers)| viewers).sum();
    let _ = writeln!(
        page.text,
        "{}: {}, {}, {}, seed {}\n",
        forecast.name,
        show_duration(forecast.length),
        several(forecast.rooms.len() as u64, "show"),
        several(viewers, "viewer"),
        forecast.seed,
    );
}

fn viewers(forecast: &Forecast, page: &mut Page) {
    let (peak, when) = peak(forecast, |second| second.present_max);
    if peak == 0 {
        page.line("viewers", "nobody comes");
    } else {
        let mean = decimal(forecast.present_mean);
        page.line(
            "viewers",
            &format!("{mean} present on average, at most {} at {when}", whole(peak)),
        );
        page.bars(forecast, |second| second.present_max);
    }
    if forecast.rooms.len() > 1 {
        for room in forecast.rooms.iter().take(LISTED_MAX) {
            let visits = several(room.visits, "visit");
            let text = format!("{visits}, at most {} at once", whole(room.present_max));
            page.line(
                &format!("  {}", room.creator),
                if room.visits == 0 { "nobody" } else { &text },
            );
        }
        let more = forecast.rooms.len().saturating_sub(LISTED_MAX);
        if more > 0 {
            page.line("", &format!("… and {more} more rooms"));
        }
    }
    if peak > 0 {
        page.line("joins", &rate(forecast, |second| second.joins));
    }
}

fn traffic(forecast: &Forecast, page: &mut Page) {
    page.line("messages", &rate(forecast, |second| second.messages));
    page.line("deliveries", &rate(forecast, |second| second.deliveries));
    if forecast.seconds.iter().any(|second| second.deliveries > 0) {
        page.bars(forecast, |second| second.deliveries);
    }
    if forecast.seconds.iter().any(|second| second.counts > 0) {
        let counts = rate(forecast, |second| second.counts);
        page.line("counts", &format!("{counts} (likes and viewers, not audited)"));
    }
}

fn shop(forecast: &Forecast, page: &mut Page) {
    if forecast.seconds.iter().any(|second| second.shop > 0) {
        page.line("shop", &format!("requests {}", rate(forecast, |second| second.shop)));
    }
    for (product, check_outs) in forecast.products.iter().take(LISTED_MAX) {
        let planned = several(*check_outs, "check-out");
        let stock = u64::from(product.stock);
        let mut text = format!("{planned} planned for {} in stock", whole(stock));
        if forecast.not_played.contains(&IntentKind::CheckOut) {
            text.push_str(", not played");
        } else if *check_outs > stock {
            let turned = whole(check_outs - stock);
            let _ = write!(text, "; {turned} will hear \"sold out\", which is no failure");
        }
        page.line(&product.name, &text);
    }
    let more = forecast.products.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        page.line("", &format!("… and {more} more products"));
    }
}

fn intents(forecast: &Forecast) -> String {
    let total: u64 = forecast.kinds.iter().sum();
    let kinds = IntentKind::ALL.into_iter().filter(|&kind| forecast.planned(kind) > 0);
    let kinds: Vec<String> =
        kinds.map(|kind| format!("{} {}", kind.name(), whole(forecast.planned(kind)))).collect();
    format!("{} planned: {}", whole(total), kinds.join(", "))
}

fn verdict(forecast: &Forecast, budget: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a share for reading")]
    let percent = forecast.frames_max() as f64 / budget.max(1.0) * 100.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate, saturating"
    )]
    let budget_whole = whole(budget as u64);
    let share = match percent {
        _ if percent < 0.1 => "less than 0.1".to_owned(),
        _ if percent < 10.0 => format!("{percent:.1}"),
        _ => format!("{percent:.0}"),
    };
    let words = match forecast.fit(budget) {
        Fit::Fine => "fine",
        Fit::Tight => "tight: our own reading will show in the tails, look at the sentinels",
        Fit::Beyond => "too much: a run here would be invalid, and is refused without --force",
    };
    format!(
        "the peak is {share} % of the {budget_whole} frames/s that this machine can receive: {words}"
    )
}

/// "3.2/s on average, at most 14/s at 35s".
fn rate(forecast: &Forecast, of: impl Fn(&Second) -> u64) -> String {
    let total: u64 = forecast.seconds.iter().map(&of).sum();
    if total == 0 {
        return "none".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "a mean for reading")]
    let mean = total as f64 / forecast.length.seconds().max(1e-6);
    let (peak, when) = peak(forecast, of);
    format!("{}/s on average, at most {}/s at {when}", decimal(mean), whole(peak))
}

/// The largest second and when it is.
fn peak(forecast: &Forecast, of: impl Fn(&Second) -> u64) -> (u64, String) {
    let mut best = (0, 0);
    for (index, second) in forecast.seconds.iter().enumerate() {
        if of(second) > best.0 {
            best = (of(second), index);
        }
    }
    (best.0, show_duration(Micros(best.1 as u64 * Micros::SECOND.0)))
}

fn several(count: u64, what: &str) -> String {
    format!("{} {what}{}", whole(count), if count == 1 { "" } else { "s" })
}

fn decimal(number: f64) -> String {
    if number >= 99.5 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating")]
        return whole(number.round() as u64);
    }
    if number >= 9.95 { format!("{number:.0}") } else { format!("{number:.1}") }
}

/// 1234567 as 1,234,567.
fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
