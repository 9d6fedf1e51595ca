//! Which shows a group visits: `show = "mia"`, or `shows = { mia = 3, noor = 1 }`, each with its
//! weight, or `shows = { zipf = 1.0 }`: all of them, in the file's order, the k-th with weight
//! k^−1.0. May be left out where there is only one show.

use std::collections::BTreeMap;

use claque_audience::ShowId;

use super::a_few;
use super::shows::ReadShow;
use crate::input::{Field, Spanned, Table, did_you_mean};

/// The shows of a scenario, found by the creator's name.
pub(super) struct Rooms<'a> {
    /// Each with the position of its show.
    shows: BTreeMap<&'a str, usize>,
    /// Hosts that end in a number (`mia-3`), each with what it is, by what stands before it.
    numbered: BTreeMap<&'a str, (&'static str, &'a str)>,
}

impl<'a> Rooms<'a> {
    pub(super) fn new(shows: &'a [ReadShow]) -> Rooms<'a> {
        let creators = || shows.iter().map(|show| show.show.creator.as_str());
        let co_hosts = shows.iter().flat_map(|show| &show.show.co_hosts).map(String::as_str);
        let hosts = creators().map(|name| ("creator", name));
        let hosts = hosts.chain(co_hosts.map(|name| ("co-host", name)));
        let numbered = |(what, name): (&'static str, &'a str)| {
            let (stem, number) = name.rsplit_once('-')?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then_some((stem, (what, name)))
        };
        Rooms {
            shows: creators().zip(0..).collect(),
            numbered: hosts.filter_map(numbered).collect(),
        }
    }

    /// Viewers are called `GROUP-NUMBER` on the wire; a host of such a name would be one of them.
    pub(super) fn like_a_viewer(&self, table: &Table<'_>, group: &Spanned<String>) {
        if let Some((what, host)) = self.numbered.get(group.value.as_str()) {
            table.input().problem(
                group.span,
                format!("the {what} `{host}` is named like a viewer of this group"),
                format!("viewers are called {}-0, {0}-1, …; rename one of the two", group.value),
            );
        }
    }

    /// The shows that a group visits with their weights, in the order of the shows; never empty.
    pub(super) fn read(&self, table: &Table<'_>) -> Option<Vec<(ShowId, f64)>> {
        let (show, shows) = (table.optional("show"), table.optional("shows"));
        if show.is_present() {
            if shows.is_present() {
                table.input().problem(
                    table.key_span("shows"),
                    "`show` and `shows` exclude each other",
                    "write `show` for one of them, `shows` for several with their weights",
                );
            }
            let creator = show.string()?;
            return Some(vec![(self.find(show, &creator.value, creator.span)?, 1.0)]);
        }
        if shows.is_present() {
            return self.weighted(shows);
        }
        if self.shows.len() > 1 {
            table.input().problem(
                table.span(),
                "there are several shows: which one does this group visit?",
                format!(
                    "write show = one of {}; or shows, with weights",
                    a_few(self.shows.keys().copied())
                ),
            );
        }
        (self.shows.len() == 1).then(|| vec![(ShowId(0), 1.0)])
    }

    fn weighted(&self, field: Field<'_>) -> Option<Vec<(ShowId, f64)>> {
        if !field.is_table() {
            return field.wrong("a table", "write shows = { mia = 3, noor = 1 }");
        }
        let table = field.table()?;
        let named: Vec<_> = table.entries().collect();
        if let [(key, exponent)] = named.as_slice()
            && key.value == "zipf"
            && !self.shows.contains_key("zipf")
        {
            return self.zipf(exponent.float(0.0..=20.0)?.value);
        }
        let mut weighted = Vec::new();
        let mut good = true;
        for (key, weight) in named {
            let show = self.find(field, key.value, key.span);
            match (show, weight.float(0.0..=1e9)) {
                (Some(show), Some(weight)) => weighted.push((show, weight.value)),
                _ => good = false,
            }
        }
        weighted.retain(|&(_, weight)| weight > 0.0);
        weighted.sort_by_key(|&(show, _)| show);
        if good && weighted.is_empty() {
            let message = "no show has a weight above zero, so nobody would come";
            field.input().problem(table.span(), message, "write shows = { mia = 3, noor = 1 }");
        }
        (good && !weighted.is_empty()).then_some(weighted)
    }

    /// Weight k^−`exponent` for the k-th show.
    fn zipf(&self, exponent: f64) -> Option<Vec<(ShowId, f64)>> {
        // Not the platform's own power, whose last digit differs from machine to machine.
        let weight = |rank: u16| libm::exp(-exponent * libm::log(f64::from(rank)));
        let count = u16::try_from(self.shows.len()).ok()?;
        let weighted: Vec<_> = (0..count).map(|show| (ShowId(show), weight(show + 1))).collect();
        (!weighted.is_empty()).then_some(weighted)
    }

    /// The show of the creator `name`; an unknown one is reported at `span`.
    fn find(&self, field: Field<'_>, name: &str, span: crate::input::Span) -> Option<ShowId> {
        let names = || self.shows.keys().copied();
        if let Some(&index) = self.shows.get(name) {
            return u16::try_from(index).ok().map(ShowId);
        }
        let help = match did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("creators here: {}", a_few(names())),
        };
        field.input().problem(span, format!("there is no show by `{name}`"), help);
        None
    }
}
