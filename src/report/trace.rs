//! Every single intent, reactions too, as a CSV row, for those who ask for it; a second's rows at once.
//!
//! Leaves out the broken line that a kill may leave at the end: a trace is for looking at, and
//! reports are never made from it.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::measure::{Counter, Interval, RunInfo, Stamp, Traced};

/// Appends the intents of one second after the other, and flushes each.
#[derive(Debug)]
pub struct TraceWriter {
    info: RunInfo,
    out: csv::Writer<File>,
    /// Intents that were not handed on, for want of room.
    pub missing: u64,
}

impl TraceWriter {
    /// Creates the file.
    ///
    /// # Errors
    ///
    /// If it cannot be created or written.
    pub fn create(path: &Path, info: &RunInfo) -> io::Result<TraceWriter> {
        let mut out = csv::Writer::from_writer(File::create(path)?);
        out.write_record([
            "kind",
            "viewer",
            "sequence",
            "planned_us",
            "ready_us",
            "sent_us",
            "answered_us",
            "outcome",
            "of",
        ])?;
        out.flush()?;
        Ok(TraceWriter { info: info.clone(), out, missing: 0 })
    }

    /// Appends the intents of one second.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&mut self, interval: &Interval) -> io::Result<()> {
        self.missing += interval.traces_overflow;
        for traced in &interval.traces {
            let Traced { id, kind, planned, ready, sent, answered, outcome } = *traced;
            self.out.write_record([
                kind.name(),
                &self.info.actor_name(id.actor),
                &id.sequence.to_string(),
                &micros(Some(planned)),
                &micros(ready),
                &micros(sent),
                &micros(answered),
                Counter::of(outcome).name(),
                if id.is_reaction() { "reaction" } else { "plan" },
            ])?;
        }
        self.out.flush()
    }
}

fn micros(stamp: Option<Stamp>) -> String {
    stamp.map(|stamp| (stamp.0 / 1_000).to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use claque_audience::{Actor, IntentId, IntentKind, Micros, ShowId};

    use super::*;
    use crate::measure::{Outcome, Recorder, Settings, Settled, Unsent};

    #[test]
    fn every_intent_has_a_row_and_what_found_no_room_is_counted() {
        let info = RunInfo {
            creators: vec!["mia".into()],
            groups: vec!["followers".into()],
            time_out: Micros(10_000_000),
            ..RunInfo::blank()
        };
        let settings = Arc::new(Settings::of(&info));
        let mut recorder = Recorder::new(Arc::clone(&settings), false);
        recorder.keep_traces(3);
        let (creator, viewer) = (Actor::creator(ShowId(0)), Actor::viewer(0, 3));
        let mut settle = |actor, sequence, kind, [ready, sent, answered]: [u64; 3], outcome| {
            let planned = Stamp(1_500_000);
            let stamp = |us: u64| (us > 0).then_some(Stamp(us * 1_000));
            let id = IntentId { actor, sequence };
            if id.is_reaction() {
                recorder.reacted(kind);
            } else {
                recorder.planned(kind, planned);
            }
            recorder.settled(&Settled {
                id,
                kind,
                planned,
                ready: stamp(ready),
                sent: stamp(sent),
                answered: stamp(answered),
                paced: None,
                outcome,
                reason: None,
            });
        };
        settle(creator, 0, IntentKind::GoLive, [1_500, 1_507, 2_001], Outcome::Answered);
        settle(viewer, 7, IntentKind::CheckOut, [1_600, 1_601, 0], Outcome::TimedOut);
        let reaction = 1 << 31 | 1 << 3 | 3;
        settle(viewer, reaction, IntentKind::Chat, [0, 0, 0], Outcome::Unsent(Unsent::Left));
        settle(viewer, 9, IntentKind::Leave, [1_500, 1_500, 1_500], Outcome::Answered);

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.csv");
        let mut writer = TraceWriter::create(&path, &info).unwrap();
        let spare = Box::new(Interval::new(&settings));
        let mut merged = Interval::new(&settings);
        let mut taken = recorder.take(spare);
        merged.merge(&taken);
        writer.write(&merged).unwrap();
        taken.clear();
        writer.write(&taken).unwrap();
        assert_eq!(writer.missing, 1);
        insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r"
        kind,viewer,sequence,planned_us,ready_us,sent_us,answered_us,outcome,of
        go_live,mia,0,1500,1500,1507,2001,answered,plan
        check_out,followers-3,7,1500,1600,1601,,timed_out,plan
        chat,followers-3,2147483659,1500,,,,unsent_left,reaction
        ");
    }
}
