//! kill -9 at random instants: the report rebuilds what was measured; Ctrl-C: a whole report, marked.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use claque_audience::{Audience, IntentSource, Micros};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use crate::stage::{Stage, claque, signal};

/// Five seconds with everything that a report has a table for, from the first second on.
const SHOW: &str = r#"
name   = "show"
seed   = 5
length = "5s"
objectives = ["chat completeness = 100%", "oversold = 0"]
abort_when = ["chat unsent > 50% over 1s"]

[target]
binding = "reference"
time_out = "1s"                     # until then a pair may still be delivered, and is not judged
guard = "20ms"
delivery_deadline = "200ms"

[products.mug]
price = "14.50 GBP"
stock = 3

[[shows]]
creator = "dana"
chat = { branching = 0.3, decay = "200ms" }
cues = [
  { at = "200ms", pin = "mug" },
  { at = "300ms", flash_sale = "mug", price = "9.90 GBP", length = "4s" },
]

[[audience]]
name = "regulars"
viewers = 60
arrivals = { points = [["0s", 4.0], ["1s", 1.0], ["5s", 1.0]] }
stay = { empirical = ["1s", "2s", "4s"] }
chat = { per_viewer = "40/min" }
likes = { per_viewer = "60/min", run = 3 }
funnel = { click_per_visit = "90%", cart_per_click = "80%", buy_per_cart = "80%", cart_delay = "50ms", check_out_delay = "50ms" }
"#;

/// From the moment that the interval files are there until the show starts.
const LEAD: f64 = 0.3;

/// How much later than that the show may start, and a second be written, on a busy machine.
const LATE: f64 = 0.3;

/// A run under way.
struct Run {
    stage: Stage,
    child: Child,
    folder: PathBuf,
    /// When its interval files were there.
    since: Instant,
    /// The process id of the embedded backend.
    backend: u32,
}

impl Run {
    /// Starts a run in a process group of its own, as a shell would, and waits for its files.
    fn start() -> Run {
        let stage = Stage::new();
        let scenario = stage.file("show.toml", SHOW);
        let mut command = stage.run_command(&scenario, &[]);
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let folder = loop {
            if let Some(folder) = stage.newest_results()
                && folder.join("intervals.csv").exists()
            {
                break folder;
            }
            assert_eq!(child.try_wait().unwrap(), None, "the run ended before it began");
            sleep(Duration::from_millis(2));
        };
        let since = Instant::now();
        let backend = child_of(child.id()).expect("the embedded backend runs as a child");
        Run { stage, child, folder, since, backend }
    }

    /// Seconds of the show that have passed, at most.
    fn second(&self) -> f64 {
        self.since.elapsed().as_secs_f64() - LEAD
    }

    /// Lets it run until `after` its files were there.
    fn go_on(&self, after: Duration) {
        sleep(after.saturating_sub(self.since.elapsed()));
    }

    /// kill -9; returns the second of the show in which it came.
    fn kill(&mut self) -> f64 {
        let second = self.second();
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it was killed, and had not ended by itself");
        second
    }
}

/// A child of process `parent`, if there is one.
fn child_of(parent: u32) -> Option<u32> {
    let processes = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let id: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let (_, parent) = state_and_parent(id)?;
        Some((id, parent))
    });
    processes.into_iter().find(|&(_, of)| of == parent).map(|(id, _)| id)
}

/// The state and the parent of a process; none if it is gone.
fn state_and_parent(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Waits until a process has ended; a zombie has.
#[track_caller]
fn wait_for_the_end_of(id: u32) {
    let patience = Instant::now() + Duration::from_secs(20);
    while state_and_parent(id).is_some_and(|(state, _)| state != 'Z') {
        assert!(Instant::now() < patience, "process {id} outlives the run");
        sleep(Duration::from_millis(10));
    }
}

/// What `claque report` says of a folder: exit code, text or JSON, complaints.
fn report(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = claque().arg("report").arg(folder).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn report_json(folder: &Path) -> Value {
    let (_, json, complaints) = report(folder, &["--json"]);
    assert_eq!(complaints, "");
    serde_json::from_str(&json).unwrap()
}

/// The show's intents before each instant, by kind.
struct Planned(Vec<(Micros, &'static str)>);

impl Planned {
    fn of(show: &str) -> Planned {
        let (scenario, _) =
            claque::scenario::parse("show.toml", show, &[], &|_| Err(String::new())).unwrap();
        let mut intents = Vec::new();
        Audience::new(&scenario.plan).fill(Micros(u64::MAX >> 8), &mut intents);
        Planned(intents.iter().map(|intent| (intent.at, intent.kind.name())).collect())
    }

    fn before(&self, second: u64) -> BTreeMap<&'static str, u64> {
        let until = Micros(second * 1_000_000);
        let mut counts = BTreeMap::new();
        for &(_, kind) in self.0.iter().filter(|&&(at, _)| at < until) {
            *counts.entry(kind).or_default() += 1;
        }
        counts
    }
}

/// A figure of each intent kind in a summary.
fn intents(summary: &Value, figure: &str) -> BTreeMap<String, u64> {
    let rows = summary["intents"].as_array().unwrap();
    let row = |row: &Value| {
        (row["kind"].as_str().unwrap().to_owned(), row.pointer(figure).unwrap().as_u64().unwrap())
    };
    rows.iter().map(row).collect()
}

#[test]
fn killed_at_any_instant_a_run_is_reported_up_to_its_last_second() {
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let mut instants: Vec<u64> = (0..20).map(|_| random.random_range(0..5_200)).collect();
    // Those that are killed late run together.
    instants.sort_unstable();
    let planned = &Planned::of(SHOW);
    for four in instants.chunks(4) {
        std::thread::scope(|scope| {
            for &ms in four {
                scope.spawn(move || killed_after(ms, planned, &format!("seed {seed}, {ms} ms")));
            }
        });
    }
}

fn killed_after(ms: u64, planned: &Planned, case: &str) {
    let mut run = Run::start();
    run.go_on(Duration::from_millis(ms));
    let second = run.kill();
    wait_for_the_end_of(run.backend);
    assert!(!run.folder.join("summary.json").exists(), "{case}");

    let (code, text, complaints) = report(&run.folder, &[]);
    assert_eq!((code, complaints.as_str()), (Some(130), ""), "{case}");
    let summary = report_json(&run.folder);
    assert_eq!(summary["complete"], false, "{case}");
    assert_eq!(summary["played"], Value::Null, "{case}");
    let seconds = summary["seconds"].as_u64().unwrap();
    let told =
        format!("VERDICT INTERRUPTED  exit code 130\n  the record breaks off after {seconds} s");
    assert!(text.contains(&told), "{case}: {text}");

    #[expect(clippy::cast_precision_loss, reason = "a handful of seconds")]
    let recorded = seconds as f64;
    assert!(
        (second - 1.0 - LATE..=second + LATE).contains(&recorded),
        "{case}: {seconds} s recorded of {second:.3} s"
    );
    // Everything planned in those seconds is there, and nothing of a second that is not whole.
    let counts = intents(&summary, "/planned");
    let (least, most) = (planned.before(seconds), planned.before(seconds + 1));
    for (&kind, &least) in &least {
        let count = counts.get(kind).copied().unwrap_or(0);
        assert!((least..=most[kind]).contains(&count), "{case}: {kind} {count}, {least} planned");
    }
    let known = counts.iter().all(|(kind, &count)| most.get(kind.as_str()) >= Some(&count));
    assert!(known, "{case}: {counts:?} against {most:?}");
    if seconds >= 2 {
        let tables = ["INTENTS", "RESPONSE", "WHERE IT WENT", "DELIVERIES", "ORDERS", "OBJECTIVES"];
        for table in tables {
            assert!(text.contains(&format!("\n{table}")), "{case}: no {table} in {text}");
        }
    }
    if seconds >= 4 {
        assert!(text.contains("✓ chat completeness = 100%"), "{case}: {text}");
    }
}

#[test]
fn killed_before_its_first_second_a_run_is_reported_as_such() {
    let mut run = Run::start();
    run.kill();
    wait_for_the_end_of(run.backend);
    let (code, text, complaints) = report(&run.folder, &[]);
    assert_eq!((code, complaints.as_str()), (Some(130), ""));
    assert!(text.contains("nothing was planned"), "{text}");
    assert!(text.contains("the record breaks off after 0 s: the run was killed"), "{text}");
}

/// The whole lines of a file, and a piece of another.
fn tear(path: &Path, torn: &str) {
    let mut text = fs::read_to_string(path).unwrap();
    text.truncate(text.rfind('\n').unwrap() + 1);
    fs::write(path, text + torn).unwrap();
}

#[test]
fn what_a_kill_leaves_in_the_folder_is_read_or_refused_in_words() {
    let mut run = Run::start();
    run.go_on(Duration::from_secs(3));
    run.kill();
    let (csv, hlog) = (run.folder.join("intervals.csv"), run.folder.join("intervals.hlog"));
    let whole = report(&run.folder, &[]).1;
    let untorn = fs::read_to_string(&csv).unwrap();

    tear(&csv, "7,planned,ch");
    tear(&hlog, "Tag=chat.response,7.000,1.0");
    assert_eq!(report(&run.folder, &[]).1, whole, "torn lines");
    tear(&csv, "7,planned,chat,3\n7,answered,chat,3\n");
    assert_eq!(report(&run.folder, &[]).1, whole, "a second without its end");

    let refused = |folder: &Path, expect: &[&str]| {
        let (code, text, complaint) = report(folder, &[]);
        assert_eq!((code, text.as_str()), (Some(2), ""), "{complaint}");
        for expect in expect {
            assert!(complaint.contains(expect), "{expect:?} is not in {complaint}");
        }
        assert!(!complaint.contains("panicked"), "{complaint}");
    };
    for name in ["intervals.csv", "intervals.hlog", "run.json"] {
        let (path, aside) = (run.folder.join(name), run.folder.join("aside"));
        fs::rename(&path, &aside).unwrap();
        let folder = run.folder.to_str().unwrap();
        refused(&run.folder, &["error: ", folder, name]);
        fs::rename(&aside, &path).unwrap();
    }
    fs::write(&csv, untorn + "7,planned,chat,many\n7,end,0,1\n").unwrap();
    refused(&run.folder, &["intervals.csv is damaged: second 7, planned:"]);
    tear(&run.folder.join("run.json"), "{");
    refused(&run.folder, &["run.json is damaged: ", "line"]);

    let empty = run.stage.path("empty");
    fs::create_dir(&empty).unwrap();
    for none in [empty, run.stage.path("nowhere"), run.stage.path("show.toml")] {
        refused(&none, &["is no results folder: there is no run.json in it"]);
    }
}

/// Ends a run early after two seconds, by a signal to it alone or to its whole process group.
fn interrupted_by(kind: Signal, group: bool) {
    let case = format!("{kind:?}, group {group}");
    let run = Run::start();
    run.go_on(Duration::from_millis(2_300));
    if group {
        let group = Pid::from_raw(i32::try_from(run.child.id()).unwrap()).unwrap();
        kill_process_group(group, kind).unwrap();
    } else {
        signal(&run.child, kind);
    }
    let Run { stage, child, folder, backend, .. } = run;
    let ended = stage.ended(&child.wait_with_output().unwrap());
    ended.expect_code(130);
    wait_for_the_end_of(backend);

    assert_eq!(ended.stdout.matches("VERDICT INTERRUPTED  exit code 130").count(), 1, "{case}");
    assert_eq!(ended.stdout.matches("\nINTENTS").count(), 1, "{case}");
    let (code, text, _) = report(&folder, &[]);
    assert_eq!(code, Some(130));
    let told = ended.stdout.rsplit_once("results in ").unwrap().0;
    assert_eq!(text, told, "{case}: the report made again is the one that was shown");

    let summary = ended.summary();
    assert_eq!(summary, report_json(&folder), "{case}");
    assert_eq!((&summary["interrupted"], &summary["complete"]), (&true.into(), &true.into()));
    assert_eq!(summary["verdict"]["name"], "interrupted");
    assert_eq!(summary["aborted"], Value::Null, "{case}: what was left undone is no abort rule's");
    assert_eq!(summary["played"], summary["run"]["plan"], "{case}: nothing planned is left out");
    let sum = |figure: &str| intents(&summary, figure).values().sum::<u64>();
    let planned = sum("/planned");
    assert_eq!(Some(planned), summary["played"]["intents"].as_u64(), "{case}");
    let unsent = ["not_connected", "predecessor_rejected", "predecessor_failed", "left"];
    let others = ["answered", "rejected", "failed", "timed_out"].map(|of| format!("/{of}"));
    let outcomes: u64 = unsent.iter().map(|reason| sum(&format!("/unsent/{reason}"))).sum::<u64>()
        + others.iter().map(|of| sum(of)).sum::<u64>()
        + sum("/unsent/overload");
    let interrupted = sum("/unsent/interrupted");
    assert!(interrupted > planned / 5, "{case}: {interrupted} of {planned}");
    assert_eq!(planned, outcomes + interrupted, "{case}");
    assert_eq!(sum("/failed"), 0, "{case}: the backend is there until the end\n{}", ended.stdout);
}

#[test]
fn a_run_ended_early_reports_everything_once() {
    std::thread::scope(|scope| {
        for (kind, group) in [(Signal::INT, true), (Signal::INT, false), (Signal::TERM, true)] {
            scope.spawn(move || interrupted_by(kind, group));
        }
    });
}
