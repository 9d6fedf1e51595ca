//! The report that a run ends with, for people.
//!
//! Text only: what is printed where is the caller's business. Tables are in `tables`, numbers in
//! `format`.

mod format;
mod tables;
#[cfg(test)]
mod tests;

use anstyle::{AnsiColor, Style};

use self::format::bytes;
pub use self::format::wrap;
pub(crate) use self::format::{count, percent, time};
use crate::measure::text::duration;
use crate::measure::{Evaluated, Evaluation, RunSummary, Verdict};
use crate::scenario::{Figure, Unit};

/// The report, at most `width` columns wide (less than 80 counts as 80), with colours or without.
#[must_use]
pub fn render(summary: &RunSummary, width: usize, colour: bool) -> String {
    let mut page = Page { text: String::new(), width: width.max(80), colour };
    header(&mut page, summary);
    tables::intents(&mut page, summary);
    tables::unsent(&mut page, summary);
    tables::responses(&mut page, summary);
    tables::shares_of_time(&mut page, summary);
    tables::reactions(&mut page, summary);
    tables::deliveries(&mut page, summary);
    tables::orders(&mut page, summary);
    tables::words(&mut page, summary);
    objectives(&mut page, summary);
    verdict(&mut page, summary);
    page.text
}

/// The text so far, and how it is to look.
struct Page {
    text: String,
    width: usize,
    colour: bool,
}

const HEADING: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green))).bold();
const BAD: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))).bold();
const DOUBTFUL: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow))).bold();

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn styled_line(&mut self, style: Style, line: &str) {
        let line = self.styled(style, line.trim_end());
        self.line(&line);
    }

    /// A blank line and a heading, with what it means behind it.
    fn heading(&mut self, heading: &str, meaning: &str) {
        self.line("");
        let mut line = self.styled(HEADING, heading);
        if !meaning.is_empty() {
            line.push_str("  ");
            line.push_str(&self.styled(FAINT, meaning));
        }
        self.line(&line);
    }

    /// A line that starts with `head` and is wrapped under it.
    fn wrapped(&mut self, head: &str, text: &str) {
        for line in wrap(head, text, self.width) {
            self.line(&line);
        }
    }

    /// A line of facts about the run.
    fn fact(&mut self, name: &str, text: &str) {
        self.wrapped(&format!("  {name:<11}"), text);
    }
}

/// The plan's fingerprint, and that of what was taken up where it is another.
fn plan(summary: &RunSummary) -> String {
    let plan = summary.info.plan;
    let planned = format!("{} intents, digest {plan}", count(plan.intents));
    match summary.played {
        Some(played) if played == plan => format!("{planned}, all taken up"),
        Some(played) => {
            format!("{planned}; taken up: {}, digest {played}", count(played.intents))
        }
        None => planned,
    }
}

/// Who hosts the shows, where there are more than the creators.
fn hosts(summary: &RunSummary) -> Option<String> {
    let info = &summary.info;
    let with = |(show, creator): (usize, &String)| match info.co_hosts.get(show) {
        Some(co_hosts) if !co_hosts.is_empty() => format!("{creator} with {}", co_hosts.join(", ")),
        _ => creator.clone(),
    };
    let shows = info.creators.iter().enumerate().map(with);
    info.co_hosts
        .iter()
        .any(|co_hosts| !co_hosts.is_empty())
        .then(|| shows.collect::<Vec<_>>().join("; "))
}

fn header(page: &mut Page, summary: &RunSummary) {
    let info = &summary.info;
    let title = format!("{} · seed {}", info.name, info.seed);
    page.styled_line(HEADING, &title);
    let backend = if info.embedded { " (the embedded reference backend)" } else { "" };
    page.fact("target", &format!("{}{backend}, binding {}", info.target, info.binding));
    if info.embedded {
        page.fact("", "target shared this machine, not a capacity figure");
    }
    let sentinels = match info.sentinels {
        0 => "no sentinels in so small an audience".to_owned(),
        sentinels => format!("{sentinels} sentinels"),
    };
    page.fact(
        "audience",
        &format!(
            "{} viewers planned, {} at the peak, {sentinels}",
            count(u64::from(info.viewers)),
            count(summary.peak_present)
        ),
    );
    if let Some(hosts) = hosts(summary) {
        page.fact("hosts", &hosts);
    }
    page.fact("plan", &plan(summary));
    let shards = if info.shards == 1 { "shard" } else { "shards" };
    page.fact("machine", &format!("{} · {} {shards}", info.machine, info.shards));
    page.fact(
        "time",
        &format!(
            "{} · {} planned, {} s recorded",
            started(info.started_unix_ms),
            duration(info.length.0.saturating_mul(1_000)),
            summary.seconds
        ),
    );
    let (frames_in, bytes_in) = summary.frames_in;
    let (frames_out, bytes_out) = summary.frames_out;
    page.fact(
        "traffic",
        &format!(
            "{} frames in ({}), {} out ({})",
            count(frames_in),
            bytes(bytes_in),
            count(frames_out),
            bytes(bytes_out)
        ),
    );
    if let Some(usage) = summary.usage {
        let mut text = format!(
            "generator {} CPU, {}",
            duration(usage.generator_cpu_ms.saturating_mul(1_000_000)),
            bytes(usage.generator_memory_bytes)
        );
        if let (Some(cpu), Some(memory)) = (usage.target_cpu_ms, usage.target_memory_bytes) {
            let cpu = duration(cpu.saturating_mul(1_000_000));
            text = format!("{text} · target {cpu} CPU, {}", bytes(memory));
        }
        page.fact("used", &text);
    }
    let hash: String = info.scenario_hash.chars().take(12).collect();
    page.fact("made by", &format!("claque {} from scenario {hash}", info.version));
    if !info.not_played.is_empty() {
        let kinds: Vec<&str> = info.not_played.iter().map(|kind| kind.name()).collect();
        let them = if kinds.len() == 1 { "it" } else { "them" };
        let text = format!("{}: the binding has no verb for {them}", kinds.join(", "));
        page.fact("not played", &text);
    }
    for warning in &info.warnings {
        page.fact("warning", warning);
    }
}

/// An instant in words.
fn started(unix_ms: u64) -> String {
    i64::try_from(unix_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map_or_else(|| "unknown".into(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

fn objectives(page: &mut Page, summary: &RunSummary) {
    page.heading("OBJECTIVES", "");
    if summary.objectives.is_empty() {
        page.line("  none");
    }
    // Figures stand in a column of their own behind all but the longest objectives.
    let column_max = page.width * 11 / 20 - 6;
    let lengths = summary.objectives.iter().map(|one| one.objective.text.chars().count());
    let column = lengths.filter(|&length| length <= column_max).max().unwrap_or(0);
    for evaluated in &summary.objectives {
        let (mark, style) = match evaluated.evaluation {
            Evaluation::Measured { holds: true, .. } => ("✓", GOOD),
            Evaluation::Measured { holds: false, .. } => ("✗", BAD),
            Evaluation::NotEvaluated(_) => ("–", FAINT),
        };
        let text = &evaluated.objective.text;
        let lines = if text.chars().count() > column {
            let mut lines = wrap(&format!("  {mark} "), text, page.width);
            lines.extend(wrap("      ", &figure(evaluated), page.width));
            lines
        } else {
            wrap(&format!("  {mark} {text:<column$}  "), &figure(evaluated), page.width)
        };
        for line in lines {
            let line = line.replacen(mark, &page.styled(style, mark), usize::from(page.colour));
            page.line(&line);
        }
    }
}

/// A figure's value in words.
#[must_use]
pub fn quantity(unit: Unit, value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float-to-integer cast saturates, and figures are not negative"
    )]
    let (nanoseconds, whole) = ((value * 1e9).round() as u64, value.round() as u64);
    match unit {
        Unit::Time => duration(nanoseconds),
        Unit::Share => percent(value),
        Unit::Count => count(whole),
    }
}

/// An objective's figure in words.
fn figure(evaluated: &Evaluated) -> String {
    let (value, n, maximum, second) = match &evaluated.evaluation {
        Evaluation::NotEvaluated(why) => return format!("not evaluated: {why}"),
        Evaluation::Measured { value, n, maximum, second, .. } => (*value, *n, *maximum, *second),
    };
    let mut text = quantity(evaluated.objective.figure.unit(), value);
    if let Some(second) = second {
        text = format!("{text} in second {second}");
    }
    match evaluated.objective.figure {
        Figure::Latency { .. } if maximum => {
            format!("{text}, the largest of {}: too few for the percentile", count(n))
        }
        Figure::Latency { .. } => format!("{text} (n {})", count(n)),
        Figure::Completeness(_) | Figure::Boundary(_) => format!("{text} of {} pairs", count(n)),
        Figure::Ended { .. } => format!("{text} of {}", count(n)),
        _ => text,
    }
}

fn verdict(page: &mut Page, summary: &RunSummary) {
    page.line("");
    let style = match summary.verdict {
        Verdict::Passed => GOOD,
        Verdict::ObjectivesMissed | Verdict::Aborted | Verdict::BadUsage | Verdict::Unreachable => {
            BAD
        }
        Verdict::Invalid | Verdict::Interrupted => DOUBTFUL,
    };
    let name = summary.verdict.name().to_uppercase();
    let line = format!(
        "{} {}  {}",
        page.styled(HEADING, "VERDICT"),
        page.styled(style, &name),
        page.styled(FAINT, &format!("exit code {}", summary.verdict.exit_code()))
    );
    page.line(&line);
    for reason in &summary.reasons {
        let head = if reason.verdict == summary.verdict {
            "  ".to_owned()
        } else {
            format!("  also {}: ", reason.verdict.name())
        };
        page.wrapped(&head, &reason.text);
    }
    if summary.verdict == Verdict::Passed {
        let judged = summary
            .objectives
            .iter()
            .filter(|one| matches!(one.evaluation, Evaluation::Measured { .. }))
            .count();
        let text = match (summary.objectives.len(), judged) {
            (0, _) => "no objective was set".to_owned(),
            (_, 0) => "no objective could be evaluated".to_owned(),
            (1, 1) => "the objective holds".to_owned(),
            (all, judged) if all == judged => format!("all {all} objectives hold"),
            (all, judged) => format!("{judged} of {all} objectives were evaluated, and hold"),
        };
        page.line(&format!("  {text}"));
    }
}
