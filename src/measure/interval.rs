//! Everything that was measured in one second, by one shard or by all of them.

use claque_audience::{Actor, IntentId, IntentKind, ProductId};

use super::tables::{Part, Tables};
use super::{Cid, Settings, Traced};

/// Counts that belong to no intent kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tally {
    /// Frames received.
    FramesIn,
    /// Their bytes.
    BytesIn,
    /// Frames sent.
    FramesOut,
    /// Their bytes.
    BytesOut,
    /// Viewers who came into a room.
    Arrived,
    /// Viewers who went.
    Gone,
    /// Connections opened.
    Connected,
    /// Connections closed.
    Disconnected,
    /// Broadcasts or receipts that the ledger had no room for.
    LedgerOverflow,
    /// Samples that a histogram could not hold.
    HistogramOverflow,
    /// Findings that were counted only.
    FindingsOverflow,
}

impl Tally {
    /// Number of tallies.
    pub const COUNT: usize = 11;

    /// Every tally.
    pub const ALL: [Tally; Tally::COUNT] = [
        Tally::FramesIn,
        Tally::BytesIn,
        Tally::FramesOut,
        Tally::BytesOut,
        Tally::Arrived,
        Tally::Gone,
        Tally::Connected,
        Tally::Disconnected,
        Tally::LedgerOverflow,
        Tally::HistogramOverflow,
        Tally::FindingsOverflow,
    ];

    /// Its name in `intervals.csv`: `frames_in`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Tally::FramesIn => "frames_in",
            Tally::BytesIn => "bytes_in",
            Tally::FramesOut => "frames_out",
            Tally::BytesOut => "bytes_out",
            Tally::Arrived => "arrived",
            Tally::Gone => "gone",
            Tally::Connected => "connected",
            Tally::Disconnected => "disconnected",
            Tally::LedgerOverflow => "ledger_overflow",
            Tally::HistogramOverflow => "histogram_overflow",
            Tally::FindingsOverflow => "findings_overflow",
        }
    }

    /// The tally of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Tally> {
        Tally::ALL.into_iter().find(|tally| tally.name() == name)
    }
}

/// What a word of the network or of the backend belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WordOf {
    /// A connection or the protocol.
    Error,
    /// A refused intent.
    Rejected(IntentKind),
    /// A failed intent.
    Failed(IntentKind),
}

/// Counts by word, of a bounded number of words.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Entries are kept when their count goes back to zero, so that a known word costs no memory.
    entries: Vec<(WordOf, String, u64)>,
}

/// Different words that are told apart; the rest count as [`Words::OTHER`].
const WORDS_MAX: usize = 128;

/// Longest word kept, in bytes.
const WORD_LENGTH_MAX: usize = 80;

impl Words {
    /// The word for all words beyond the first 128.
    pub const OTHER: &str = "other";

    /// Counts `number` more of `word`.
    pub fn add(&mut self, of: WordOf, word: &str, number: u64) {
        let position = self.position(of, word).unwrap_or_else(|| {
            let full = self.entries.len() >= WORDS_MAX;
            let word = if full { Words::OTHER.into() } else { tidy(word) };
            self.position(of, &word).unwrap_or_else(|| {
                self.entries.push((of, word, 0));
                self.entries.len() - 1
            })
        });
        let count = &mut self.entries[position].2;
        *count = count.saturating_add(number);
    }

    /// Every word that was counted, in order.
    #[must_use]
    pub fn sorted(&self) -> Vec<(WordOf, &str, u64)> {
        let mut words: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| entry.2 > 0)
            .map(|(of, word, number)| (*of, word.as_str(), *number))
            .collect();
        words.sort_unstable();
        words
    }

    fn merge(&mut self, other: &Words) {
        for (of, word, number) in other.entries.iter().filter(|entry| entry.2 > 0) {
            self.add(*of, word, *number);
        }
    }

    fn clear(&mut self) {
        for entry in &mut self.entries {
            entry.2 = 0;
        }
    }

    fn position(&self, of: WordOf, word: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.0 == of && entry.1 == word)
    }
}

/// A word on one line and not too long, whatever the network sent.
fn tidy(word: &str) -> String {
    let mut tidy = String::new();
    for letter in word.trim().chars() {
        if tidy.len() + letter.len_utf8() > WORD_LENGTH_MAX {
            break;
        }
        tidy.push(if letter.is_control() { ' ' } else { letter });
    }
    if tidy.is_empty() { "unknown".into() } else { tidy }
}

/// What was wrong with a pair of a viewer and a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// It was not received.
    Missing,
    /// It was received more than once.
    Duplicate,
    /// It was received after a later one.
    OutOfOrder,
    /// It was received although the publish was refused, failed, timed out or never happened.
    Ghost,
}

impl Flaw {
    /// Every flaw.
    pub const ALL: [Flaw; 4] = [Flaw::Missing, Flaw::Duplicate, Flaw::OutOfOrder, Flaw::Ghost];

    /// Its name in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Flaw::Missing => "missing",
            Flaw::Duplicate => "duplicate",
            Flaw::OutOfOrder => "out_of_order",
            Flaw::Ghost => "ghost",
        }
    }

    /// The flaw of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Flaw> {
        Flaw::ALL.into_iter().find(|flaw| flaw.name() == name)
    }
}

/// One flawed pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What was wrong.
    pub flaw: Flaw,
    /// What was broadcast.
    pub kind: IntentKind,
    /// Who should, or should not, have received it.
    pub viewer: Actor,
    /// Which message.
    pub cid: Cid,
    /// Whether the viewer came or went too near to the message to hold it against the backend.
    pub boundary: bool,
}

/// What was learnt about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// The shop says that it exists.
    Confirmed {
        /// The product ordered.
        product: ProductId,
        /// How many.
        units: u32,
        /// The check-out that it belongs to.
        key: IntentId,
        /// The shop's id of it.
        order: String,
        /// The price of one unit that was charged, as the shop wrote it.
        charged: Option<String>,
        /// The price that the viewer had seen.
        shown: Option<String>,
    },
    /// A check-out was sent and never answered: there may be an order.
    Unresolved {
        /// The product ordered.
        product: ProductId,
        /// How many.
        units: u32,
        /// The check-out.
        key: IntentId,
    },
    /// The shop knows no order of that check-out.
    NotFound {
        /// The check-out.
        key: IntentId,
    },
}

/// Everything of one second; merges by addition.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Tables of all viewers, of the sentinels, of reactions, and of each window: see
    /// [`Part::index`].
    tables: Vec<Tables>,
    tallies: [u64; Tally::COUNT],
    /// The latest that a shard's own clock tick came.
    pub woke_late_ns: u64,
    /// The longest that a viewer's socket was read without ever being found empty.
    pub read_behind_ns: u64,
    /// Errors, refusals and failures by word.
    pub words: Words,
    /// What was learnt about orders, in order.
    pub orders: Vec<OrderEvent>,
    /// Flawed pairs.
    pub findings: Vec<Finding>,
    /// Settled intents one by one, in the order of their ends a shard; only if asked for.
    pub traces: Vec<Traced>,
    /// Intents that found no room among them.
    pub traces_overflow: u64,
    touched: bool,
}

impl Interval {
    /// An empty interval.
    #[must_use]
    pub fn new(settings: &Settings) -> Interval {
        let parts = Part::FIXED + settings.windows.len();
        Interval {
            tables: (0..parts).map(|_| Tables::new(settings.max_ns)).collect(),
            tallies: [0; Tally::COUNT],
            woke_late_ns: 0,
            read_behind_ns: 0,
            words: Words::default(),
            orders: Vec::new(),
            findings: Vec::new(),
            traces: Vec::new(),
            traces_overflow: 0,
            touched: false,
        }
    }

    /// The tables of one part.
    ///
    /// # Panics
    ///
    /// If the run has no such window.
    #[must_use]
    pub fn tables(&self, part: Part) -> &Tables {
        &self.tables[part.index()]
    }

    /// The tables of every part.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &Tables)> {
        self.tables.iter().enumerate().map(|(index, tables)| (Part::from_index(index), tables))
    }

    /// The tables of one part, to write to; `None` if the run has no such window.
    pub fn tables_mut(&mut self, part: Part) -> Option<&mut Tables> {
        self.touched = true;
        self.tables.get_mut(part.index())
    }

    /// How many of `tally` there are.
    #[must_use]
    pub fn tally(&self, tally: Tally) -> u64 {
        self.tallies[tally as usize]
    }

    /// Counts `number` more.
    pub fn add(&mut self, tally: Tally, number: u64) {
        self.touched = true;
        let count = &mut self.tallies[tally as usize];
        *count = count.saturating_add(number);
    }

    /// Adds everything of `other`.
    pub fn merge(&mut self, other: &Interval) {
        if !other.touched {
            return;
        }
        self.touched = true;
        for (mine, theirs) in self.tables.iter_mut().zip(&other.tables) {
            let fits = mine.merge(theirs);
            self.tallies[Tally::HistogramOverflow as usize] += u64::from(!fits);
        }
        for (mine, theirs) in self.tallies.iter_mut().zip(&other.tallies) {
            *mine = mine.saturating_add(*theirs);
        }
        self.woke_late_ns = self.woke_late_ns.max(other.woke_late_ns);
        self.read_behind_ns = self.read_behind_ns.max(other.read_behind_ns);
        self.words.merge(&other.words);
        self.orders.extend_from_slice(&other.orders);
        self.findings.extend_from_slice(&other.findings);
        self.traces.extend_from_slice(&other.traces);
        self.traces_overflow += other.traces_overflow;
    }

    /// Empties the interval and keeps its memory.
    pub fn clear(&mut self) {
        if !self.touched {
            return;
        }
        self.tables.iter_mut().for_each(Tables::clear);
        self.tallies = [0; Tally::COUNT];
        self.woke_late_ns = 0;
        self.read_behind_ns = 0;
        self.words.clear();
        self.orders.clear();
        self.findings.clear();
        self.traces.clear();
        self.traces_overflow = 0;
        self.touched = false;
    }

    /// A shard's own tick came so much too late; the latest counts.
    pub fn woke_late(&mut self, ns: u64) {
        self.touched = true;
        self.woke_late_ns = self.woke_late_ns.max(ns);
    }

    /// A viewer's socket has not been found empty for so long; the longest counts.
    pub fn read_behind(&mut self, ns: u64) {
        self.touched = true;
        self.read_behind_ns = self.read_behind_ns.max(ns);
    }

    /// Marks that something is in it that [`Interval::clear`] must take out.
    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }
}

/// Intervals are equal if they say the same, whatever memory they keep. Findings of one second
/// have no order, and traces are no part of what is summed up.
impl PartialEq for Interval {
    fn eq(&self, other: &Interval) -> bool {
        let sorted = |interval: &Interval| {
            let mut findings = interval.findings.clone();
            findings.sort_unstable();
            findings
        };
        self.tables == other.tables
            && self.tallies == other.tallies
            && self.woke_late_ns == other.woke_late_ns
            && self.read_behind_ns == other.read_behind_ns
            && self.words.sorted() == other.words.sorted()
            && self.orders == other.orders
            && sorted(self) == sorted(other)
    }
}
