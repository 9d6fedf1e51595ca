//! `[[audience]]`: kinds of viewers, each with a `name`, the shows it visits, its size, and what it
//! does.
//!
//! - Shows: `show` or `shows`, see `rooms`.
//! - Size: `viewers = 500`, exactly; or `rate = "2/s"`, the mean rate of arrivals over the show,
//!   whose number is then drawn once. Of several shows, the time in which all are live counts.
//! - `arrivals`: see the file of that name here. `stay`, `returns`, `classes`, `hop`: see `visits`.
//! - `compress = 120` divides the times of arrivals that come from bins or a trace, of stays,
//!   absences and their shifts.
//! - `chat`, `likes`, `gifts`, `shares`, `giveaways`: see `engagement` and `rates`.
//! - `funnel` and `on_received`: see `funnel` and `reactions`.
//! - `preset = "world-cup-2014"`: fields that are absent here are the preset's.

use std::cell::Cell;
use std::collections::BTreeSet;

use claque_audience::{Arrivals, CueAct, Curve, Group, Law, Micros, Product, Show, ShowId, Size};

use super::arrivals::Door;
use super::engagement::Crowd;
use super::laws::{Compress, Laws};
use super::rates::{Frequency, Of, Pending, Rates, Written};
use super::reactions::Needs;
use super::rooms::Rooms;
use super::shows::ReadShow;
use super::{Traces, funnel, name, reactions, trace, unique, visits};
use crate::input::units::show_duration;
use crate::input::{Spanned, Table};

/// Viewers of a group at most: ten times what has been tried, and still within memory.
const VIEWERS_MAX: u32 = 100_000_000;

/// What groups refer to.
pub(super) struct Stage<'a> {
    pub(super) seed: u64,
    /// The end of the run.
    pub(super) end: Micros,
    pub(super) shows: &'a [ReadShow],
    pub(super) products: &'a [Spanned<Product>],
    pub(super) traces: &'a Traces<'a>,
}

/// The groups, and the rates that hang on how long their visits are.
pub(super) fn read(root: &Table<'_>, stage: &Stage<'_>) -> (Vec<Group>, Vec<Pending>) {
    let input = root.input();
    let (mut groups, mut pending) = (Vec::new(), Vec::new());
    let tables = root.optional("audience").tables().unwrap_or_default();
    if tables.len() >= usize::from(u16::MAX) {
        let message = format!("{} groups are too many", tables.len());
        input.problem(tables[0].span(), message, format!("at most {} are possible", u16::MAX - 1));
        return (groups, pending);
    }
    let (mut used, rooms, currency) = (BTreeSet::new(), Rooms::new(stage.shows), Cell::new(None));
    for (number, table) in tables.into_iter().enumerate() {
        let group_name = name(table.required("name"));
        if let Some(found) = &group_name {
            unique(&table, "group", found, &mut used);
            rooms.like_a_viewer(&table, found);
        }
        let group_name = group_name.map_or_else(String::new, |name| name.value);
        let shows = rooms.read(&table);
        let group = stage.read_one(&table, number, shows, &currency, &mut pending);
        table.finish();
        groups.push(Group { name: group_name, ..group });
    }
    (groups, pending)
}

impl Stage<'_> {
    /// A group without its name.
    fn read_one(
        &self,
        table: &Table<'_>,
        number: usize,
        shows: Option<Vec<(ShowId, f64)>>,
        currency: &Cell<Option<claque_audience::Currency>>,
        pending: &mut Vec<Pending>,
    ) -> Group {
        let traces = self.traces;
        let preset = table.optional("preset").string().map(|preset| preset.span);
        let (start, end) = self.live(shows.as_deref());
        let length = end.saturating_sub(start);
        let compress = table.optional("compress");
        let compress = Compress::new(trace::read_compress(compress).unwrap_or(1.0));
        let laws = Laws { traces, compress: Some(&compress), zero: false };
        let size = read_size(table, length);
        let arrivals = Door { start, end, preset, laws }.read(table.optional("arrivals"));
        if arrivals.as_ref().is_some_and(is_told) && table.optional("rate").is_present() {
            table.input().problem(
                table.key_span("rate"),
                "a notification goes to a number of viewers, not at a rate",
                "write how many are told: viewers = 500",
            );
        }
        if let (Some(shows), Some(arrivals)) = (&shows, &arrivals) {
            self.warn_if_nobody_comes(table, shows, arrivals);
        }
        let classes = visits::read(table, &laws);
        warn_if_unused(table, &compress);
        let count = shows.as_ref().map_or(1, Vec::len);
        let hop = visits::hop(table, count, &Laws::delays(traces));
        let crowd = Crowd {
            rates: Rates { seed: self.seed, group: number, rooms: count, end: self.end },
            classes: classes.as_deref(),
            length,
            products: self.products,
            currency,
            preset,
            traces,
        };
        let group = self.read_acts(table, &crowd, shows.as_deref(), pending);
        // Stand-ins where something was wrong; it has been reported.
        Group {
            shows: shows.unwrap_or(group.shows),
            size: size.unwrap_or(group.size),
            arrivals: arrivals.unwrap_or(group.arrivals),
            hop,
            classes: classes.unwrap_or(group.classes),
            ..group
        }
    }

    /// What a group does; who comes is left at stand-ins.
    fn read_acts(
        &self,
        table: &Table<'_>,
        crowd: &Crowd<'_>,
        shows: Option<&[(ShowId, f64)]>,
        pending: &mut Vec<Pending>,
    ) -> Group {
        let mut later = |of: Of, written: &Written| {
            let Spanned { value: count, span } = written.frequency;
            if !matches!(count, Frequency::Rate(_)) {
                let published = Some(span) == crowd.preset;
                pending.push(Pending { group: crowd.rates.group, of, count, span, published });
            }
        };
        let chat = crowd.chat(table).inspect(|(_, written)| later(Of::Chat, written));
        let likes = crowd.likes(table).inspect(|(_, written)| later(Of::Likes, written));
        let passes = crowd.shares(table).inspect(|(_, written)| later(Of::Shares, written));
        let gifts = crowd.gifts(table);
        let giveaways = crowd.giveaways(table);
        let visited = self.visited(shows);
        if giveaways.is_some() {
            warn_if_nothing_is_given(table, &visited);
        }
        let funnel = funnel::read(table, !self.products.is_empty(), self.end);
        let needs = Needs {
            shows: visited,
            has_products: !self.products.is_empty(),
            has_funnel: table.optional("funnel").is_present(),
        };
        let on_received = reactions::read(table, &needs, &Laws::delays(self.traces));
        let stay = Law::Fixed(Micros::SECOND);
        let constant = Curve::constant(Micros::SECOND);
        Group {
            chat: chat.map(|(chat, _)| chat),
            likes: likes.map(|(likes, _)| likes),
            gifts,
            shares: passes.map(|(shares, _)| shares),
            funnel,
            giveaways,
            on_received,
            ..Group::new("", ShowId::default(), Size::Viewers(0), constant, stay)
        }
    }

    /// From when the first of `shows` is live until the last of them ends: when there is somewhere
    /// to arrive. A viewer arrives while his own first show is live.
    fn live(&self, shows: Option<&[(ShowId, f64)]>) -> (Micros, Micros) {
        let shows =
            || shows.unwrap_or_default().iter().map(|show| &self.shows[usize::from(show.0.0)]);
        let start = shows().map(|show| show.start).min();
        let end = shows().map(|show| show.end).max();
        (start.unwrap_or_default(), end.unwrap_or(super::LENGTH_UNKNOWN))
    }

    /// A viewer's first show is drawn before he arrives: if nobody arrives while it is live, he is
    /// one of those announced who never come.
    fn warn_if_nobody_comes(
        &self,
        table: &Table<'_>,
        shows: &[(ShowId, f64)],
        arrivals: &Arrivals,
    ) {
        for show in shows.iter().map(|(show, _)| &self.shows[usize::from(show.0)]) {
            if show.start < show.end && arrivals.within(show.start, show.end).is_none() {
                table.input().warning(
                    table.key_span("arrivals"),
                    format!("nobody arrives while `{}` is live", show.show.creator),
                    format!(
                        "that is from {} to {}; those who would begin there never come",
                        show_duration(show.start),
                        show_duration(show.end)
                    ),
                );
            }
        }
    }

    /// The shows that a group may come to see: raids lead on.
    fn visited(&self, shows: Option<&[(ShowId, f64)]>) -> Vec<&Show> {
        let mut found: BTreeSet<ShowId> =
            shows.unwrap_or_default().iter().map(|show| show.0).collect();
        let mut open: Vec<ShowId> = found.iter().copied().collect();
        while let Some(show) = open.pop() {
            for cue in &self.shows[usize::from(show.0)].show.cues {
                if let CueAct::Raid { to, .. } = cue.act
                    && found.insert(to)
                {
                    open.push(to);
                }
            }
        }
        found.into_iter().map(|show| &self.shows[usize::from(show.0)].show).collect()
    }
}

/// Whether a notification brings them, or some of them.
fn is_told(arrivals: &Arrivals) -> bool {
    match arrivals {
        Arrivals::Curve(_) => false,
        Arrivals::Notification { .. } => true,
        Arrivals::Sum(parts) => parts.iter().any(|part| is_told(&part.1)),
    }
}

fn warn_if_unused(table: &Table<'_>, compress: &Compress) {
    let field = table.optional("compress");
    if let Some(span) = field.span().filter(|_| !compress.is_used()) {
        table.input().warning(
            span,
            "there is nothing here that this factor divides",
            "it is for bins and traces of arrivals, stays and absences; leave it out",
        );
    }
}

fn warn_if_nothing_is_given(table: &Table<'_>, shows: &[&Show]) {
    let gives =
        |show: &&Show| show.cues.iter().any(|cue| matches!(cue.act, CueAct::Giveaway { .. }));
    if !shows.iter().any(gives) {
        table.input().warning(
            table.key_span("giveaways"),
            "nothing is ever given away in the shows of this group",
            "add a cue: { at = \"10s\", giveaway = PRODUCT, length = \"15s\" }",
        );
    }
}

fn read_size(table: &Table<'_>, length: Micros) -> Option<Size> {
    match table.one_of("the size of a group", &["viewers", "rate"])? {
        ("viewers", field) => {
            let viewers = field.integer(0..=u32::MAX)?;
            if viewers.value > VIEWERS_MAX {
                let message = format!("{} viewers are too many for one group", viewers.value);
                table.input().problem(viewers.span, message, format!("at most {VIEWERS_MAX}"));
                return None;
            }
            Some(Size::Viewers(viewers.value))
        }
        (_, field) => {
            let rate = field.rate()?;
            let mean = rate.value.per_second * length.seconds();
            if length < super::LENGTH_UNKNOWN && mean > f64::from(VIEWERS_MAX) {
                let message = format!("this rate makes {mean:.0} viewers");
                table.input().problem(rate.span, message, format!("at most {VIEWERS_MAX}"));
                return None;
            }
            Some(Size::Mean(mean))
        }
    }
}
