//! How long viewers stay and how often they come: `stay` with `returns`, or `classes`; and `hop`.
//!
//! - `stay`: the law of a visit's length (see `laws`); visits are cut at the show's end.
//! - `returns = { visits = 1, more = …, absence = LAW }`: how many visits a viewer makes, and how
//!   long he is away between two. `visits` (default 1) are certain; `more` are drawn once a viewer,
//!   by one of `negative_binomial = { r, p }` (0, 1, …), `geometric = { p }` (1, 2, …) and
//!   `zipf = 2.7` (1, 2, …; the exponent). Left out: everybody comes once. At most 256 visits.
//! - `classes = [{ share = "15%", stay = LAW, returns = … }, …]`, instead of the two: several
//!   classes of viewers, shares summing to 100 %; a viewer's class is drawn once.
//! - `hop = { per_visit = "30%", gap = LAW }`: share of ended visits after which the viewer goes on
//!   to another show of the group, and how long that takes (not divided by `compress`).

use claque_audience::{Hop, MoreVisits, Returns, Share, VisitClass};

use super::laws::Laws;
use super::whole;
use crate::input::{Field, Table};

/// Most visits of one viewer.
const VISITS_MAX: u32 = 256;

/// The classes of a group.
pub(super) fn read(table: &Table<'_>, laws: &Laws<'_>) -> Option<Vec<VisitClass>> {
    let form = table.one_of("how long viewers stay", &["stay", "classes"]);
    let returns = table.optional("returns");
    match form? {
        ("classes", field) => {
            if returns.is_present() {
                table.input().problem(
                    table.key_span("returns"),
                    "`classes` and `returns` exclude each other",
                    "each class has `returns` of its own",
                );
            }
            classes(field, laws)
        }
        (_, stay) => {
            let stay = laws.read(stay);
            let returns = read_returns(returns, laws);
            Some(vec![VisitClass { share: Share(1.0), stay: stay?, returns }])
        }
    }
}

fn classes(field: Field<'_>, laws: &Laws<'_>) -> Option<Vec<VisitClass>> {
    let tables = field.tables()?;
    let span = field.span()?;
    if tables.is_empty() {
        let help = "write them with their shares: [{ share = \"100%\", stay = \"40s\" }]";
        field.input().problem(span, "there is no class of viewers", help);
        return None;
    }
    let classes: Vec<_> = tables
        .into_iter()
        .map(|table| {
            let share = table.required("share").share();
            let stay = laws.read(table.required("stay"));
            let returns = read_returns(table.optional("returns"), laws);
            table.finish();
            Some(VisitClass { share: share?.value, stay: stay?, returns })
        })
        .collect();
    let mut classes: Vec<_> = classes.into_iter().collect::<Option<_>>()?;
    let shares = classes.iter_mut().map(|class: &mut VisitClass| &mut class.share);
    whole::settle(field.input(), span, "these classes", shares)?;
    Some(classes)
}

fn read_returns(field: Field<'_>, laws: &Laws<'_>) -> Option<Returns> {
    let table = field.table()?;
    let input = table.input();
    let visits = table.optional("visits");
    let certain = visits.integer(0..=VISITS_MAX).map_or(1, |visits| visits.value);
    let more_field = table.optional("more");
    let more = more_field.table().and_then(read_more);
    let absence = laws.read(table.required("absence"));
    let span = table.span();
    table.finish();
    let more = if more_field.is_present() { more? } else { MoreVisits::None };
    let from_none = matches!(more, MoreVisits::None | MoreVisits::NegativeBinomial { .. });
    if certain == 0 && from_none {
        input.problem(
            visits.span().unwrap_or(span),
            "some viewers would never come",
            "write visits = 1, or a law of `more` that begins at 1: geometric or zipf",
        );
    } else if certain == 1 && more == MoreVisits::None {
        input.warning(
            span,
            "nobody comes back: everybody makes one visit",
            "write visits = 2, or more = { geometric = { p = 0.6 } }",
        );
    }
    Some(Returns { visits: certain, more, absence: absence? })
}

fn read_more(table: Table<'_>) -> Option<MoreVisits> {
    let laws = ["negative_binomial", "geometric", "zipf"];
    let law = table.one_of("a law of further visits", &laws);
    let more = law.and_then(|(law, field)| match law {
        "negative_binomial" => {
            let table = field.table()?;
            let r = table.required("r").float(0.01..=1_000.0);
            let p = probability(table.required("p"));
            table.finish();
            Some(MoreVisits::NegativeBinomial { r: r?.value, p: p? })
        }
        "geometric" => {
            let table = field.table()?;
            let p = probability(table.required("p"));
            table.finish();
            Some(MoreVisits::Geometric { p: p? })
        }
        _ => {
            let exponent = field.float(0.0..=100.0)?;
            if exponent.value <= 1.0 {
                field.input().problem(
                    exponent.span,
                    format!("a Zipf law of exponent {} does not sum up", exponent.value),
                    "write a number above 1: 2.7 (Veloso et al. 2002)",
                );
                return None;
            }
            Some(MoreVisits::Zipf { exponent: exponent.value })
        }
    });
    table.finish();
    more
}

/// A probability above zero.
fn probability(field: Field<'_>) -> Option<f64> {
    let p = field.float(0.0..=1.0)?;
    if p.value <= 0.0 {
        let message = format!("`{}` must be above zero", field.name());
        field.input().problem(
            p.span,
            message,
            "write a number up to 1; at 0 no trial ever succeeds",
        );
        return None;
    }
    Some(p.value)
}

/// Going on to another of `rooms` shows.
pub(super) fn hop(table: &Table<'_>, rooms: usize, laws: &Laws<'_>) -> Option<Hop> {
    let field = table.optional("hop");
    let span = table.key_span("hop");
    let table = field.table()?;
    let per_visit = table.required("per_visit").share();
    let gap = laws.read(table.required("gap"));
    table.finish();
    if rooms == 1 {
        field.input().problem(
            span,
            "who visits one show only has no other to go on to",
            "name several: shows = { mia = 3, noor = 1 }",
        );
    }
    Some(Hop { per_visit: per_visit?.value, gap: gap? })
}
