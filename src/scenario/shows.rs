//! `[[shows]]`: live streams, each by one `creator`, with the `chat` of its room and its `cues`.
//!
//! - `co_hosts = ["ben"]`: further hosts, each with a connection of its own.
//! - `chat = { branching, decay }`: mean direct replies to a message (default 0: none) and their
//!   mean delay (default 1s).
//! - `answers = { every = 5, delay = LAW }`: the creator answers every fifth message that it
//!   receives, after a delay.
//! - `cues`: see the file of that name here.
//! - `preset = "youtube-chat"`: fields that are absent here are the preset's.

use std::collections::BTreeSet;

use claque_audience::{Answers, Micros, Product, Replies, Show};

use super::cues::{self, Arranged, Raid, Stage};
use super::laws::Laws;
use super::{Traces, name, unique};
use crate::input::{Data, Spanned, Table};

/// A show with what other sections need to know of it.
pub(super) struct ReadShow {
    /// The result.
    pub(super) show: Show,
    /// When it goes live.
    pub(super) start: Micros,
    /// When it ends.
    pub(super) end: Micros,
}

pub(super) fn read(
    root: &Table<'_>,
    length: Micros,
    products: &[Spanned<Product>],
    traces: &Traces<'_>,
) -> Vec<ReadShow> {
    let input = root.input();
    let mut shows: Vec<ReadShow> = Vec::new();
    let field = root.required("shows");
    let tables = field.tables().unwrap_or_default();
    if let (Some([]), Some(span)) = (field.array().as_deref(), field.span()) {
        input.problem(span, "there is no show", "write at least one [[shows]] with a creator");
    }
    if tables.len() > usize::from(u16::MAX) {
        let message = format!("{} shows are too many", tables.len());
        input.problem(tables[0].span(), message, format!("at most {} are possible", u16::MAX));
        return shows;
    }
    // A raid may name a show that stands below it.
    let creators: Vec<String> = tables.iter().map(creator_of).collect();
    let (mut sales, mut used) = (Vec::new(), BTreeSet::new());
    let mut raids: Vec<Raid> = Vec::new();
    for (number, table) in tables.into_iter().enumerate() {
        let creator = name(table.required("creator"));
        if let Some(creator) = &creator {
            unique(&table, "creator", creator, &mut used);
        }
        let _ = table.optional("preset").string();
        let co_hosts = read_co_hosts(&table, &creators[number]);
        let replies = read_chat(table.optional("chat").table());
        let answers = read_answers(table.optional("answers").table(), traces);
        let stage =
            Stage { input, products, creators: &creators, show: number, co_hosts: &co_hosts };
        let cues = table.optional("cues").tables().unwrap_or_default();
        let mut lines = Vec::new();
        let written = cues.into_iter().filter_map(|cue| stage.read(cue, &mut lines)).collect();
        let Arranged { cues, raids: of_show } = stage.arrange(written, length, &mut sales);
        raids.extend(of_show);
        table.finish();
        let (start, end) = (cues[0].at, cues[cues.len() - 1].at);
        let creator = creator.map_or_else(String::new, |creator| creator.value);
        let show = Show { co_hosts, replies, lines, answers, ..Show::new(creator, cues) };
        shows.push(ReadShow { show, start, end });
    }
    for raid in &raids {
        cues::check_raid(input, raid, &shows);
    }
    shows
}

/// The creator's name as it stands there, good or not; it is looked at later.
fn creator_of(table: &Table<'_>) -> String {
    match table.optional("creator").value().map(|value| &value.data) {
        Some(Data::String(creator)) => creator.clone(),
        _ => String::new(),
    }
}

fn read_co_hosts(table: &Table<'_>, creator: &str) -> Vec<String> {
    let mut co_hosts: Vec<String> = Vec::new();
    let fields = table.optional("co_hosts").array().unwrap_or_default();
    if fields.len() >= usize::from(u16::MAX) {
        let message = format!("{} co-hosts are too many", fields.len());
        table.input().problem(table.key_span("co_hosts"), message, "who would be heard?");
        return co_hosts;
    }
    for host in fields.into_iter().filter_map(name) {
        if host.value == creator || co_hosts.contains(&host.value) {
            table.input().problem(
                host.span,
                format!("`{}` hosts this show already", host.value),
                "name every co-host once, and not the creator",
            );
        }
        co_hosts.push(host.value);
    }
    co_hosts
}

fn read_chat(table: Option<Table<'_>>) -> Replies {
    let mut replies = Replies { branching: 0.0, decay: Micros::SECOND };
    let Some(table) = table else { return replies };
    if let Some(branching) = table.optional("branching").float(0.0..=f64::MAX) {
        if branching.value >= 1.0 {
            table.input().problem(
                branching.span,
                format!("a branching of {} never comes to rest", branching.value),
                "each message would bring at least one more, without end; write a number from 0 \
                 to below 1",
            );
        } else {
            replies.branching = branching.value;
            super::published::branching(table.input(), branching);
        }
    }
    if let Some(decay) = table.optional("decay").duration() {
        if decay.value.0 == 0 {
            table.input().problem(decay.span, "replies need some time", "write \"600ms\"");
        } else {
            replies.decay = decay.value;
        }
    }
    table.finish();
    replies
}

fn read_answers(table: Option<Table<'_>>, traces: &Traces<'_>) -> Option<Answers> {
    let table = table?;
    let every = table.required("every").integer(1..=u32::MAX);
    let delay = Laws::delays(traces).read(table.required("delay"));
    table.finish();
    Some(Answers { every: every?.value, delay: delay? })
}
