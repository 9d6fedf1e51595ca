//! The preview as one SVG drawing, and as a page around it: no script, nothing to load.

use std::fmt::Write as _;

use claque_audience::Micros;

use super::axis::{round_length, round_up, short};
use super::{Chart, Mark, Preview};
use crate::input::units::show_duration;

/// Width of the drawing, of its left margin and of the curves.
const WIDTH: f64 = 960.0;
const LEFT: f64 = 64.0;
const PLOT: f64 = WIDTH - LEFT - 24.0;
/// Height of the audience, of other figures, and of what is between two.
const HEIGHTS: (f64, f64) = (170.0, 96.0);
const GAP: f64 = 46.0;
/// Height of a line of text.
const LINE: f64 = 18.0;
/// Colours of rooms.
const ROOM_COLOURS: [&str; 8] =
    ["#b45309", "#047857", "#7c3aed", "#be123c", "#0e7490", "#4d7c0f", "#a21caf", "#475569"];

/// Colours for light and for dark surroundings.
const STYLE: &str = "
text { font: 12px system-ui, sans-serif; fill: #334155 }
.title { font-weight: 600; fill: #0f172a }
.head { font-size: 18px; font-weight: 600; fill: #0f172a }
.grid { stroke: #cbd5e1; stroke-width: 1 }
.mean { fill: none; stroke: #1d4ed8; stroke-width: 1.8 }
.band { fill: #1d4ed8; fill-opacity: .18; stroke: none }
.room { fill: none; stroke-width: 1.1 }
.cue { stroke: #b91c1c; stroke-width: 1; stroke-dasharray: 3 3 }
.lasts { fill: #b91c1c; fill-opacity: .07 }
.number { fill: #b91c1c; font-weight: 600 }
.paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #cbd5e1 } .title, .head { fill: #f8fafc } .grid { stroke: #334155 }
  .mean { stroke: #60a5fa } .band { fill: #60a5fa } .cue { stroke: #f87171 }
  .lasts { fill: #f87171; fill-opacity: .12 } .number { fill: #f87171 } .paper { fill: #0f172a }
}";

pub(super) fn html(preview: &Preview) -> String {
    let name = escape(&preview.name);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name}: preview</title>\n<style>\nbody {{ margin: 0; background: #ffffff }}\n\
         svg {{ display: block; width: 100%; max-width: {WIDTH}px; height: auto; margin: 0 auto }}\n\
         @media (prefers-color-scheme: dark) {{ body {{ background: #0f172a }} }}\n\
         </style>\n</head>\n<body>\n{}</body>\n</html>\n",
        svg(preview)
    )
}

pub(super) fn svg(preview: &Preview) -> String {
    let mut body = String::new();
    let mut y = 34.0;
    text(&mut body, LEFT, y, "head", &preview.name);
    y += LINE + 2.0;
    let about = format!(
        "{}, bins of {}; {}",
        show_duration(preview.length),
        show_duration(preview.bin),
        preview.band()
    );
    text(&mut body, LEFT, y, "", &about);
    for line in figures(preview).into_iter().chain(preview.left_out().map(str::to_owned)) {
        y += LINE;
        text(&mut body, LEFT, y, "", &line);
    }
    y += GAP - 10.0;
    if preview.charts.is_empty() {
        text(&mut body, LEFT, y, "title", "nobody comes, and nothing happens");
    }
    for chart in &preview.charts {
        let height = if chart.title == "audience" { HEIGHTS.0 } else { HEIGHTS.1 };
        plot(preview, chart, y, height, &mut body);
        y += height + GAP;
    }
    for (number, mark) in (1..).zip(&preview.marks) {
        let line = format!("{number}   {}   {}", show_duration(mark.at), mark.text);
        text(&mut body, LEFT, y, "", &line);
        y += LINE;
    }
    let height = y + 10.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         role=\"img\" aria-label=\"preview of {name}\">\n<style>{STYLE}\n</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height:.0}\"/>\n{body}</svg>\n",
        name = escape(&preview.name),
    )
}

/// The figures in a line or two.
fn figures(preview: &Preview) -> Vec<String> {
    let all: Vec<String> =
        preview.figures.iter().map(|(label, figure)| format!("{label} {figure}")).collect();
    all.chunks(5).map(|few| few.join(" · ")).collect()
}

/// Where an instant is, from the left.
fn x_of(preview: &Preview, at: Micros) -> f64 {
    LEFT + PLOT * (at.seconds() / preview.length.seconds().max(1e-6)).min(1.0)
}

/// One figure with its axes, band, mean, rooms and cues; `y` is its upper edge.
fn plot(preview: &Preview, chart: &Chart, y: f64, height: f64, out: &mut String) {
    let peak = chart.high.iter().chain(&chart.mean).fold(0.0, |max: f64, &value| max.max(value));
    let top = round_up(peak);
    let bottom = y + height;
    let y_of = |value: f64| bottom - height * (value / top).min(1.0);
    text(out, LEFT, y - 8.0, "title", &format!("{}, {}", chart.title, chart.unit));
    // Numbers that would stand in each other are set one below the other.
    let (mut last, mut row) = (f64::NEG_INFINITY, 0.0);
    for (number, mark) in (1..).zip(&preview.marks) {
        let x = x_of(preview, mark.at);
        row = if x - last < 14.0 { (row + 1.0) % 3.0 } else { 0.0 };
        last = x;
        cue(preview, mark, (number, row), (y, bottom), out);
    }
    for part in [0.0, 0.5, 1.0] {
        let at = y_of(top * part);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>",
            LEFT + PLOT
        );
        let _ = writeln!(
            out,
            "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            at + 4.0,
            short(top * part)
        );
    }
    let step = round_length(preview.length, 12);
    let mut at = Micros(0);
    while at <= preview.length {
        let x = x_of(preview, at);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 15.0,
            show_duration(at)
        );
        at = at.saturating_add(step);
    }
    let middle = |bin: usize| {
        let from = Micros(bin as u64 * preview.bin.0);
        let to = from.saturating_add(preview.bin).min(preview.length);
        x_of(preview, Micros(u64::midpoint(from.0, to.0)))
    };
    let points = |values: &[f64]| -> Vec<String> {
        let place = |(bin, &value): (usize, &f64)| format!("{:.1},{:.1}", middle(bin), y_of(value));
        values.iter().enumerate().map(place).collect()
    };
    let mut band = points(&chart.high);
    band.extend(points(&chart.low).into_iter().rev());
    let _ = writeln!(out, "<polygon class=\"band\" points=\"{}\"/>", band.join(" "));
    for ((name, values), colour) in chart.parts.iter().zip(ROOM_COLOURS) {
        let line = points(values).join(" ");
        let name = escape(name);
        let _ = writeln!(
            out,
            "<polyline class=\"room\" stroke=\"{colour}\" points=\"{line}\"><title>{name}</title>\
             </polyline>"
        );
    }
    let _ =
        writeln!(out, "<polyline class=\"mean\" points=\"{}\"/>", points(&chart.mean).join(" "));
    rooms(chart, y, out);
}

/// The names of the rooms in their colours.
fn rooms(chart: &Chart, y: f64, out: &mut String) {
    let mut x = LEFT + PLOT;
    for ((name, _), colour) in chart.parts.iter().zip(ROOM_COLOURS).rev() {
        #[expect(clippy::cast_precision_loss, reason = "a few letters")]
        let width = name.chars().count() as f64 * 7.0 + 16.0;
        let _ = writeln!(
            out,
            "<text x=\"{x:.0}\" y=\"{:.1}\" text-anchor=\"end\" style=\"fill: {colour}\">{}</text>",
            y - 8.0,
            escape(name)
        );
        x -= width;
    }
}

/// A cue's line through a figure, and what it begins as a shade.
fn cue(
    preview: &Preview,
    mark: &Mark,
    (number, row): (usize, f64),
    (y, bottom): (f64, f64),
    out: &mut String,
) {
    let x = x_of(preview, mark.at);
    let title = escape(&format!("{} {}", show_duration(mark.at), mark.text));
    if let Some(until) = mark.until {
        let _ = writeln!(
            out,
            "<rect class=\"lasts\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\">\
             <title>{title}</title></rect>",
            x_of(preview, until) - x,
            bottom - y
        );
    }
    let _ = writeln!(
        out,
        "<line class=\"cue\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{y:.1}\" y2=\"{bottom:.1}\">\
         <title>{title}</title></line>\n\
         <text class=\"number\" x=\"{:.1}\" y=\"{:.1}\">{number}</text>",
        x + 3.0,
        y + 11.0 + 12.0 * row
    );
}

fn text(out: &mut String, x: f64, y: f64, class: &str, content: &str) {
    let content = escape(content);
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x:.0}\" y=\"{y:.1}\">{content}</text>");
}

/// Text that stands for itself in markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
