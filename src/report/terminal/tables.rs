//! The tables of the report.

use comfy_table::{CellAlignment, Table, presets};

use super::format::{count, percent, tally, time};
use super::{FAINT, Page};
use crate::measure::text::duration;
use crate::measure::{Deliveries, Digest, KindRow, RunSummary, WordOf};

/// Reasons of unsent intents in words, in the order of the counters.
const UNSENT: [&str; 6] = [
    "not connected",
    "predecessor rejected",
    "predecessor failed",
    "left",
    "interrupted",
    "overload",
];

/// Names of one sort that are listed.
const NAMED: usize = 12;

/// Outcomes by intent kind.
pub(super) fn intents(page: &mut Page, summary: &RunSummary) {
    page.heading("INTENTS", "planned = answered + rejected + failed + timed out + unsent");
    if summary.kinds.is_empty() {
        return page.line("  nothing was planned");
    }
    outcomes(page, &summary.kinds);
}

fn outcomes(page: &mut Page, kinds: &[KindRow]) {
    let unreported: u64 = kinds.iter().map(|row| row.unreported).sum();
    let mut head = vec!["", "planned", "answered", "rejected", "failed", "timed out", "unsent"];
    if unreported > 0 {
        head.push("no record");
    }
    let rows = kinds.iter().map(|row| {
        let mut cells = vec![
            row.kind.name().to_owned(),
            count(row.planned),
            tally(row.answered),
            tally(row.rejected),
            tally(row.failed),
            tally(row.timed_out),
            tally(row.unsent.iter().sum()),
        ];
        if unreported > 0 {
            cells.push(tally(row.unreported));
        }
        cells
    });
    table(page, &head, rows.collect());
}

/// The reasons for which something was not sent, each with the kinds and their numbers.
fn unsent_by_reason(rows: &[KindRow]) -> Vec<(&'static str, String)> {
    UNSENT
        .into_iter()
        .enumerate()
        .filter_map(|(reason, name)| {
            let kinds: Vec<String> = rows
                .iter()
                .filter(|row| row.unsent[reason] > 0)
                .map(|row| format!("{} {}", row.kind.name(), count(row.unsent[reason])))
                .collect();
            (!kinds.is_empty()).then(|| (name, kinds.join(", ")))
        })
        .collect()
}

/// Why intents were not sent.
pub(super) fn unsent(page: &mut Page, summary: &RunSummary) {
    let reasons = unsent_by_reason(&summary.kinds);
    if reasons.is_empty() {
        return;
    }
    page.heading("UNSENT", "by reason");
    for (name, kinds) in reasons {
        page.wrapped(&format!("  {name:<21}"), &kinds);
    }
}

/// Response times, and those of the user who waits.
pub(super) fn responses(page: &mut Page, summary: &RunSummary) {
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for row in &summary.kinds {
        if row.response.n > 0 {
            rows.push(times(row.kind.name().to_owned(), &row.response));
        }
        if row.paced.n > 0 {
            rows.push(times("  paced".to_owned(), &row.paced));
        }
        if row.response.censored > 0 {
            notes.push(format!("{} {}", row.kind.name(), count(row.response.censored)));
        }
    }
    if rows.is_empty() {
        return;
    }
    page.heading("RESPONSE", "answered − planned; – where too few samples resolve a percentile");
    table(page, &TIMES, rows);
    if !notes.is_empty() {
        let limit = duration(summary.info.time_out.0.saturating_mul(1_000));
        let notes = notes.join(", ");
        page.wrapped("  ", &format!("censored: {notes} timed out, and stand at {limit}"));
    }
    if summary.kinds.iter().any(|row| row.paced.n > 0) {
        page.wrapped("  ", "paced: as if the user had waited for the answer before, then thought");
    }
}

const TIMES: [&str; 7] = ["", "n", "p50", "p90", "p99", "p99.9", "max"];

fn times(name: String, digest: &Digest) -> Vec<String> {
    vec![
        name,
        count(digest.n),
        time(digest.p50_ns),
        time(digest.p90_ns),
        time(digest.p99_ns),
        time(digest.p999_ns),
        time(digest.max_ns),
    ]
}

/// What the response is made of.
pub(super) fn shares_of_time(page: &mut Page, summary: &RunSummary) {
    let is_measured = |row: &&KindRow| row.service.n + row.blocked.n + row.lag.n > 0;
    let rows: Vec<Vec<String>> = summary
        .kinds
        .iter()
        .filter(is_measured)
        .map(|row| {
            let mut cells = vec![row.kind.name().to_owned()];
            for digest in [&row.service, &row.blocked, &row.lag] {
                cells.push(time(digest.p50_ns));
                cells.push(time(digest.p99_ns));
            }
            cells.push(time(row.lag.max_ns));
            cells
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.heading("WHERE IT WENT", "service = the backend, blocked = waiting for it, lag = ours");
    let head = ["", "service\np50", "\np99", "blocked\np50", "\np99", "lag\np50", "\np99", "\nmax"];
    table(page, &head, rows);
}

/// What was done because of something received: outcomes, then response times.
pub(super) fn reactions(page: &mut Page, summary: &RunSummary) {
    if summary.reactions.is_empty() {
        return;
    }
    page.heading("REACTIONS", "to what was received: planned then, and no part of the plan");
    outcomes(page, &summary.reactions);
    for (reason, kinds) in unsent_by_reason(&summary.reactions) {
        page.wrapped(&format!("  unsent, {reason}: "), &kinds);
    }
    let answered = summary.reactions.iter().filter(|row| row.response.n > 0);
    let rows: Vec<_> =
        answered.map(|row| times(row.kind.name().to_owned(), &row.response)).collect();
    if !rows.is_empty() {
        page.line("");
        table(page, &TIMES, rows);
    }
}

/// Broadcasts reaching viewers.
pub(super) fn deliveries(page: &mut Page, summary: &RunSummary) {
    if summary.deliveries.is_empty() {
        return;
    }
    page.heading("DELIVERIES", "received − planned; transit = received − sent");
    let mut rows = Vec::new();
    for row in &summary.deliveries {
        rows.push(times(row.kind.name().to_owned(), &row.all.delivery));
        if row.sentinels.delivery.n > 0 {
            rows.push(times("  sentinels".to_owned(), &row.sentinels.delivery));
        }
        rows.push(times("  transit".to_owned(), &row.all.transit));
    }
    table(page, &TIMES, rows);
    page.line("");
    let head = ["", "expected", "missing", "double", "late", "out of\norder", "ghost", "boundary"];
    let mut rows = Vec::new();
    for row in &summary.deliveries {
        rows.push(audit(row.kind.name().to_owned(), &row.all));
        if row.sentinels.expected + row.sentinels.boundary > 0 {
            rows.push(audit("  sentinels".to_owned(), &row.sentinels));
        }
    }
    table(page, &head, rows);
    for row in &summary.deliveries {
        let mut text = shares(&row.all);
        if row.sentinels.expected > 0 {
            text = format!("{text}; sentinels {}", shares(&row.sentinels));
        }
        page.wrapped(&format!("  {:<13}", row.kind.name()), &text);
    }
}

fn audit(name: String, pairs: &Deliveries) -> Vec<String> {
    vec![
        name,
        tally(pairs.expected),
        tally(pairs.missing),
        tally(pairs.duplicate),
        tally(pairs.late),
        tally(pairs.out_of_order),
        tally(pairs.ghost),
        tally(pairs.boundary),
    ]
}

/// Completeness and boundary share in words.
fn shares(pairs: &Deliveries) -> String {
    let complete = match pairs.completeness() {
        Some(share) => format!("complete {}", percent(share)),
        None => "nothing to be expected".to_owned(),
    };
    match pairs.boundary_share() {
        Some(share) => format!("{complete}, boundary {}", percent(share)),
        None => complete,
    }
}

/// Orders against stock.
pub(super) fn orders(page: &mut Page, summary: &RunSummary) {
    let orders = &summary.orders;
    if orders.products.is_empty() {
        return;
    }
    page.heading("ORDERS", "counted by order id");
    let rows = orders
        .products
        .iter()
        .map(|product| {
            let range = |(low, high): (u64, u64)| {
                if low == high { tally(low) } else { format!("{}–{}", count(low), count(high)) }
            };
            vec![
                product.product.clone(),
                count(product.stock),
                range((product.sold, product.sold_possible)),
                range(product.oversold()),
            ]
        })
        .collect();
    table(page, &["", "stock", "sold", "oversold"], rows);
    for product in &orders.products {
        let text = names(&product.beyond_stock, product.beyond_stock_count);
        if product.beyond_stock_count > 0 {
            page.wrapped(
                "  ",
                &format!(
                    "{} oversold, {} in stock; orders beyond it: {text}",
                    product.product,
                    count(product.stock)
                ),
            );
        }
    }
    if orders.unresolved > 0 {
        let number = count(orders.unresolved);
        page.wrapped(
            "  ",
            &format!("check-outs that may have made an order, unanswered: {number}"),
        );
    }
    if orders.repeated_ids_count > 0 {
        let text = names(&orders.repeated_ids, orders.repeated_ids_count);
        page.wrapped("  ", &format!("order ids given to more than one check-out: {text}"));
    }
    if orders.repeated_keys_count > 0 {
        let made = |(_, ids): &(String, Vec<String>)| ids.join(" + ");
        let made: Vec<String> = orders.repeated_keys.iter().map(made).collect();
        let text = names(&made, orders.repeated_keys_count);
        page.wrapped("  ", &format!("check-outs that made more than one order: {text}"));
    }
    if orders.mispriced_count > 0 {
        let row = |(order, shown, charged): &(String, String, String)| {
            format!("{order} ({shown} shown, {charged} charged)")
        };
        let rows: Vec<String> = orders.mispriced.iter().map(row).collect();
        let text = names(&rows, orders.mispriced_count);
        page.wrapped("  ", &format!("charged at another price than shown: {text}"));
    }
}

/// The first few names, and how many more there are.
fn names(named: &[String], all: u64) -> String {
    let shown = &named[..named.len().min(NAMED)];
    let rest = all.saturating_sub(shown.len() as u64);
    let shown = shown.join(", ");
    if rest > 0 { format!("{shown} and {} more", count(rest)) } else { shown }
}

/// Errors, refusals and failures.
pub(super) fn words(page: &mut Page, summary: &RunSummary) {
    if summary.words.is_empty() {
        return;
    }
    page.heading("ERRORS AND REFUSALS", "in the words of the network and of the backend");
    for row in &summary.words {
        let of = match row.of {
            WordOf::Error => "connection".to_owned(),
            WordOf::Rejected(kind) => format!("{} rejected", kind.name()),
            WordOf::Failed(kind) => format!("{} failed", kind.name()),
        };
        page.wrapped(&format!("  {of:<21}{:>9}  ", count(row.count)), &row.word);
    }
}

/// A table: names left, figures right, no lines.
fn table(page: &mut Page, head: &[&str], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    table.set_header(head.to_vec());
    table.add_rows(rows);
    for (position, column) in table.column_iter_mut().enumerate() {
        if position > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
        column.set_padding((if position > 0 { 1 } else { 2 }, 1));
    }
    let head_lines = head.iter().map(|cell| cell.split('\n').count()).max().unwrap_or(1);
    for (position, line) in table.lines().enumerate() {
        if position < head_lines {
            page.styled_line(FAINT, &line);
        } else {
            page.line(&line);
        }
    }
}
