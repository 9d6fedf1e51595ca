//! The preview in a terminal: curves in braille dots, two by four to a character.

use std::fmt::Write as _;

use claque_audience::Micros;

use super::axis::{round_length, round_up, short};
use super::{Chart, Preview};
use crate::input::units::show_duration;

/// Columns left of the curves: a number and the axis.
const LEFT: usize = 9;
/// Rows of the audience, and of every other figure.
const ROWS: (usize, usize) = (6, 3);
/// Most cues that are listed.
const LISTED: usize = 24;

pub(super) fn render(preview: &Preview, width: usize) -> String {
    let columns = width.max(40) - LEFT - 1;
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{}: {}, bins of {}; {}\n",
        preview.name,
        show_duration(preview.length),
        show_duration(preview.bin),
        preview.band(),
    );
    let cues: Vec<usize> =
        preview.marks.iter().map(|mark| column_of(preview, mark.at, columns)).collect();
    for chart in &preview.charts {
        let rows = if chart.title == "audience" { ROWS.0 } else { ROWS.1 };
        curve(chart, columns, rows, &cues, &mut text);
    }
    if preview.charts.is_empty() {
        text.push_str("nobody comes, and nothing happens\n");
    }
    times(preview, columns, &mut text);
    listed_cues(preview, &mut text);
    text.push('\n');
    for (label, figure) in &preview.figures {
        let _ = writeln!(text, "{label:<20}{figure}");
    }
    if let Some(words) = preview.left_out() {
        let _ = writeln!(text, "{words}");
    }
    text
}

/// Dots on a raster, two by four to a character.
struct Raster {
    /// Dots of each character: bit i is dot i + 1 of the braille patterns.
    cells: Vec<u8>,
    columns: usize,
    rows: usize,
}

impl Raster {
    fn new(columns: usize, rows: usize) -> Raster {
        Raster { cells: vec![0; columns * rows], columns, rows }
    }

    /// Sets the dot at `x` from the left and `y` from the bottom.
    fn dot(&mut self, x: usize, y: usize) {
        const BITS: [[u8; 4]; 2] = [[6, 2, 1, 0], [7, 5, 4, 3]];
        let (column, row) = (x / 2, self.rows - 1 - y / 4);
        self.cells[row * self.columns + column] |= 1 << BITS[x % 2][y % 4];
    }

    fn row(&self, row: usize) -> String {
        let cells = &self.cells[row * self.columns..(row + 1) * self.columns];
        let shown: String =
            cells.iter().map(|&dots| if dots == 0 { ' ' } else { braille(dots) }).collect();
        shown.trim_end().to_owned()
    }
}

fn braille(dots: u8) -> char {
    char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ')
}

/// One figure: its name, its curve with the band's edges dotted, and its axis with the cues.
fn curve(chart: &Chart, columns: usize, rows: usize, cues: &[usize], text: &mut String) {
    let peak = chart.high.iter().chain(&chart.mean).fold(0.0, |max: f64, &value| max.max(value));
    let top = round_up(peak);
    let mut raster = Raster::new(columns, rows);
    let dots = (columns * 2, rows * 4);
    let height = |value: f64| -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "between 0 and the number of dots"
        )]
        let dot = (value / top * (dots.1 - 1) as f64).round() as usize;
        dot.min(dots.1 - 1)
    };
    let mut before: Option<usize> = None;
    for x in 0..dots.0 {
        let bin = (x * chart.mean.len() / dots.0).min(chart.mean.len() - 1);
        let y = height(chart.mean[bin]);
        // Steps are joined, so that a steep curve is one line.
        let last = before.replace(y).unwrap_or(y);
        let (from, to) = ((last + 1).min(y), last.saturating_sub(1).max(y));
        for y in from..=to {
            raster.dot(x, y);
        }
        if x % 3 == 0 {
            // An edge at nothing is the axis.
            for edge in [chart.low[bin], chart.high[bin]].into_iter().filter(|&edge| edge > 0.0) {
                raster.dot(x, height(edge));
            }
        }
    }
    let _ = writeln!(text, "{}, {}", chart.title, chart.unit);
    for row in 0..rows {
        let label = if row == 0 { short(top) } else { String::new() };
        let line = format!("{label:>width$} │{}", raster.row(row), width = LEFT - 2);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let mut axis: Vec<char> = vec!['─'; columns];
    for &column in cues {
        axis[column] = '▲';
    }
    let axis: String = axis.into_iter().collect();
    let _ = writeln!(text, "{:>width$} └{axis}", "0", width = LEFT - 2);
}

/// The column of an instant.
fn column_of(preview: &Preview, at: Micros, columns: usize) -> usize {
    let share = at.seconds() / preview.length.seconds().max(1e-6);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a column"
    )]
    let column = (share * columns as f64) as usize;
    column.min(columns - 1)
}

/// The time axis.
fn times(preview: &Preview, columns: usize, text: &mut String) {
    let step = round_length(preview.length, u32::try_from(columns / 12).unwrap_or(1).max(1));
    let mut line = " ".repeat(LEFT);
    let mut at = Micros(0);
    while at < preview.length {
        let column = LEFT + column_of(preview, at, columns);
        let used = line.chars().count();
        if used <= column {
            line.push_str(&" ".repeat(column - used));
            line.push_str(&show_duration(at));
        }
        at = at.saturating_add(step);
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

fn listed_cues(preview: &Preview, text: &mut String) {
    if preview.marks.is_empty() {
        return;
    }
    text.push_str("\n▲ cues\n");
    for (number, mark) in (1..).zip(&preview.marks).take(LISTED) {
        let _ = writeln!(text, "{number:>4}  {:>8}  {}", show_duration(mark.at), mark.text);
    }
    let more = preview.marks.len().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(text, "      … and {more} more");
    }
}
