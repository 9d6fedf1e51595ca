//! Reading what `--trace` wrote: every single intent.

use std::path::Path;

/// One intent; instants are µs since the show's start.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    pub(crate) kind: String,
    pub(crate) viewer: String,
    pub(crate) planned: i64,
    pub(crate) sent: Option<i64>,
    pub(crate) answered: Option<i64>,
    pub(crate) outcome: String,
    /// Which of the actor's intents.
    pub(crate) sequence: u32,
    /// Whether no plan knows it.
    pub(crate) reaction: bool,
}

impl Traced {
    /// Which of its viewer's visits it belongs to.
    pub(crate) fn visit(&self) -> u32 {
        self.sequence >> 23 & 0xff
    }

    /// Answered − planned.
    #[track_caller]
    pub(crate) fn response(&self) -> i64 {
        self.answered.unwrap() - self.planned
    }

    /// Answered − sent.
    #[track_caller]
    pub(crate) fn service(&self) -> i64 {
        self.answered.unwrap() - self.sent.unwrap()
    }
}

/// Every intent of a trace, in the order of their plan.
#[track_caller]
pub(crate) fn read(path: &Path) -> Vec<Traced> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = "kind,viewer,sequence,planned_us,ready_us,sent_us,answered_us,outcome,of";
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), header);
    let mut intents: Vec<Traced> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            Traced {
                kind: record[0].to_owned(),
                viewer: record[1].to_owned(),
                planned: record[3].parse().unwrap(),
                sent: record[5].parse().ok(),
                answered: record[6].parse().ok(),
                outcome: record[7].to_owned(),
                sequence: record[2].parse().unwrap(),
                reaction: &record[8] == "reaction",
            }
        })
        .collect();
    intents.sort_by_key(|intent| intent.planned);
    intents
}

/// The longest stretch without any of these instants.
#[track_caller]
pub(crate) fn longest_gap(instants: impl Iterator<Item = i64>) -> (i64, i64) {
    let mut instants: Vec<i64> = instants.collect();
    instants.sort_unstable();
    let gaps = instants.windows(2).map(|pair| (pair[0], pair[1]));
    gaps.max_by_key(|(from, to)| to - from).unwrap()
}
