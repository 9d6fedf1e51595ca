//! Viewers who come again, go on to another room, or follow a raid: every act belongs to one visit
//! and has one outcome, and the ledger knows who is where.

use std::collections::{BTreeMap, BTreeSet};

use crate::stage::{Ended, Stage, assert_conserved, assert_delivered, number, row};
use crate::trace::{self, Traced};

/// Two rooms between which people wander; mia sends hers to noor.
const ROOMS: &str = r#"
name = "rooms"
seed = 3
length = "7s"

[target]
binding = "reference"
time_out = "4s"
guard = "50ms"
delivery_deadline = "100ms"

[[shows]]
creator = "mia"
cues = [{ at = "4s", raid = "noor", follow = "80%" }]

[[shows]]
creator = "noor"

[[audience]]
name = "fans"
show = "mia"
viewers = 60
arrivals = { points = [["0s", 3.0], ["1s", 1.0], ["5s", 1.0]] }
stay = { exponential = { mean = "1500ms" } }
returns = { visits = 2, more = { geometric = { p = 0.5 } }, absence = { exponential = { mean = "200ms" } } }
chat = { per_viewer = "1/s" }

[[audience]]
name = "guests"
shows = { mia = 1, noor = 1 }
viewers = 20
arrivals = { points = [["0s", 1.0], ["4s", 1.0]] }
stay = { exponential = { mean = "1s" } }
hop = { per_visit = "60%", gap = "100ms" }
chat = { per_viewer = "1/s" }
likes = { per_viewer = "1/s", run = 2 }
"#;

/// Plays [`ROOMS`], and reads every intent of it.
fn play(stage: &Stage, further: &[&str]) -> (Ended, Vec<Traced>) {
    let scenario = stage.file("rooms.toml", ROOMS);
    let path = stage.path("trace.csv");
    let mut arguments = vec!["--trace", path.to_str().unwrap()];
    arguments.extend(further);
    let ended = stage.run_valid(&scenario, &arguments);
    ended.expect_code(0);
    let trace = trace::read(&path);
    (ended, trace)
}

/// What holds whatever the backend does: the plan is taken up whole, each intent ends once, and
/// each visit begins with its join and ends with its leave.
#[track_caller]
fn check(ended: &Ended, trace: &[Traced]) {
    let summary = ended.summary();
    assert_conserved(&summary);
    assert_eq!(summary["played"], summary["run"]["plan"]);
    assert_eq!(number(&summary["played"]["intents"]), trace.len() as u64);
    let ids: BTreeSet<_> = trace.iter().map(|it| (&it.viewer, it.sequence)).collect();
    assert_eq!(ids.len(), trace.len(), "each intent once");
    let mut visits: BTreeMap<_, Vec<&Traced>> = BTreeMap::new();
    for intent in trace.iter().filter(|it| it.viewer.contains('-')) {
        visits.entry((&intent.viewer, intent.visit())).or_default().push(intent);
    }
    for (visit, acts) in &visits {
        let one = |kind: &str| {
            let mut found = acts.iter().filter(|act| act.kind == kind);
            let one = found.next().unwrap_or_else(|| panic!("no {kind} of {visit:?}"));
            assert!(found.next().is_none(), "{kind} of {visit:?}");
            one.planned
        };
        let stay = one("join")..=one("leave");
        assert!(acts.iter().all(|act| stay.contains(&act.planned)), "{visit:?}: {acts:?}");
    }
    let again = visits.keys().filter(|(_, visit)| *visit > 0).count();
    assert!(again > 40, "{again} visits of {} are not a viewer's first", visits.len());
}

/// Who came in and who went, over the whole run.
fn comings_and_goings(ended: &Ended) -> (u64, u64) {
    let csv = ended.results.as_deref().unwrap().join("intervals.csv");
    let csv = std::fs::read_to_string(csv).unwrap();
    let sum = |figure: &str| {
        let rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        rows.filter(|row| row[1] == figure).map(|row| row[3].parse::<u64>().unwrap()).sum()
    };
    (sum("arrived"), sum("gone"))
}

#[test]
fn whoever_comes_again_has_a_visit_of_its_own() {
    let stage = Stage::new();
    let (ended, trace) = play(&stage, &[]);
    check(&ended, &trace);
    let summary = ended.summary();
    assert_delivered(&summary);
    let joins = row(&summary, "intents", "join");
    assert_eq!(joins["answered"], joins["planned"], "{}", ended.stdout);
    assert_eq!(row(&summary, "intents", "raid")["answered"], 1);
    // Everybody who came has gone, and nobody is counted twice at once.
    let (arrived, gone) = comings_and_goings(&ended);
    assert_eq!((arrived, gone), (number(&joins["answered"]), arrived));
    assert!(number(&summary["peak_present"]) <= 80, "{}", ended.stdout);
    // The raid is the reason for many a visit: the rooms' second halves differ from their first.
    let begun = |from: i64| {
        let within = from..from + 1_000_000;
        let joins = trace.iter().filter(|it| it.kind == "join" && it.visit() > 0);
        joins.filter(|it| within.contains(&it.planned)).count()
    };
    assert!(begun(4_000_000) > 5, "{} in the second of the raid", begun(4_000_000));
}

#[test]
fn who_comes_again_before_the_leave_is_answered_is_there_twice_for_a_moment() {
    // Whoever leaves and comes again while the server says nothing has both visits under way.
    let stage = Stage::new();
    // A message of that second reaches nobody who leaves in it, so the deadline is longer.
    let deadline = "target.delivery_deadline=1200ms";
    let (ended, trace) = play(&stage, &["--fault", "stall=1s@2500ms", "--set", deadline]);
    check(&ended, &trace);
    assert_delivered(&ended.summary());
    let of = |kind: &str| {
        let found = trace.iter().filter(|it| it.kind == kind);
        found.map(|it| ((it.viewer.clone(), it.visit()), it.clone())).collect::<BTreeMap<_, _>>()
    };
    let (joins, leaves) = (of("join"), of("leave"));
    let overlapping = joins.iter().filter(|((viewer, visit), join)| {
        let before = visit.checked_sub(1).and_then(|before| leaves.get(&(viewer.clone(), before)));
        before.is_some_and(|leave| leave.answered.is_some_and(|answered| answered > join.planned))
    });
    assert!(overlapping.count() >= 3, "too few to tell");
    let (arrived, gone) = comings_and_goings(&ended);
    assert_eq!(arrived, gone);
}
