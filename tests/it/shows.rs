//! The shipped scenarios against the reference backend.

use std::process::Stdio;
use std::thread;

use rustix::process::Signal;
use serde_json::Value;

use crate::stage::{Ended, Stage, claque, root, signal};

/// The headings of a report, in order.
fn headings(report: &str) -> Vec<&str> {
    let words = report.lines().filter_map(|line| line.split("  ").next());
    let words = words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()));
    words.filter(|word| word.chars().all(|c| c.is_ascii_uppercase() || c == ' ')).collect()
}

/// The lines of a report under the heading that starts with `heading`.
fn section<'a>(report: &'a str, heading: &str) -> &'a str {
    let start = report.find(&format!("\n{heading}")).expect(heading) + 1;
    let section = &report[start..];
    &section[..section.find("\n\n").map_or(section.len(), |end| end + 1)]
}

fn scenario(name: &str) -> std::path::PathBuf {
    root().join("scenarios").join(format!("{name}.toml"))
}

/// What holds for every good run: each intent has one outcome and nothing broke, every objective
/// holds, the folder is complete, and the report can be made again from it, letter by letter.
fn check(ended: &Ended) {
    ended.expect_code(0);
    let report = &ended.stdout;
    let headings: Vec<_> = headings(report).into_iter().filter(|it| *it != "UNSENT").collect();
    assert_eq!(
        headings,
        [
            "INTENTS",
            "RESPONSE",
            "WHERE IT WENT",
            "DELIVERIES",
            "ORDERS",
            "ERRORS AND REFUSALS",
            "OBJECTIVES",
            "VERDICT PASSED"
        ],
        "{report}"
    );
    let summary = ended.summary();
    for row in summary["intents"].as_array().unwrap() {
        let count = |name: &str| row[name].as_u64().unwrap();
        // Who leaves before an answer that others wait for is there, leaves the rest undone.
        let left = row["unsent"]["left"].as_u64().unwrap();
        let settled = count("answered") + count("rejected");
        assert_eq!(settled + left, count("planned"), "{row}\n{report}");
        assert!(left <= count("planned") / 50, "{row}\n{report}");
    }
    for objective in summary["objectives"].as_array().unwrap() {
        assert_eq!(objective["holds"], true, "{objective}\n{report}");
    }
    for row in summary["deliveries"].as_array().unwrap() {
        for flaw in ["missing", "duplicate", "out_of_order", "late", "ghost", "outside"] {
            assert_eq!(row["all"][flaw], 0, "{flaw} of {}\n{report}", row["kind"]);
        }
    }
    let folder = ended.results.as_deref().unwrap();
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let expect = ["intervals.csv", "intervals.hlog", "run.json", "scenario.toml", "summary.json"];
    assert_eq!(files, expect);

    let (printed, last) = report.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(last, format!("results in {}", folder.display()));
    let again = claque().arg("report").arg(folder).output().unwrap();
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&again.stdout), format!("{printed}\n"));
}

/// Begins a show, and ends it by Ctrl-C once so many seconds of it are over.
fn seconds_of(name: &str, seconds: u32, stage: &Stage) -> Ended {
    let mut command = stage.run_command(&scenario(name), &["--force"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.wait_for_second(seconds - 1);
    signal(&child, Signal::INT);
    stage.ended(&child.wait_with_output().unwrap())
}

#[test]
fn shows_are_played_to_their_end_and_reported_again() {
    let stages = [Stage::new(), Stage::new(), Stage::new()];
    let (quiet, first, drop) = thread::scope(|scope| {
        let quiet = scope.spawn(|| stages[0].run_valid(&scenario("quiet-room"), &[]));
        let first = scope.spawn(|| stages[1].run_valid(&scenario("first-show"), &[]));
        let drop = seconds_of("product-drop", 10, &stages[2]);
        (quiet.join().unwrap(), first.join().unwrap(), drop)
    });
    check(&quiet);
    check_quiet_room(&quiet.stdout);
    check(&first);
    check_first_show(&first);
    check_interrupted(&drop, "product-drop");
}

fn check_quiet_room(report: &str) {
    insta::assert_snapshot!(section(report, "INTENTS"), @"
    INTENTS  planned = answered + rejected + failed + timed out + unsent
                   planned  answered  rejected  failed  timed out  unsent
      go_live            4         4         ·       ·          ·       ·
      pin                3         3         ·       ·          ·       ·
      flash_sale         1         1         ·       ·          ·       ·
      end                4         4         ·       ·          ·       ·
      join              15        15         ·       ·          ·       ·
      chat              19        19         ·       ·          ·       ·
      like              15        15         ·       ·          ·       ·
      click             16        16         ·       ·          ·       ·
      add_to_cart       11        11         ·       ·          ·       ·
      check_out          4         1         3       ·          ·       ·
      leave             15        15         ·       ·          ·       ·
    ");
    insta::assert_snapshot!(section(report, "ORDERS"), @"
    ORDERS  counted by order id
           stock  sold  oversold
      mug      1     1         ·
    ");
    // Too few samples for percentiles: their largest stands alone.
    let row = section(report, "RESPONSE").lines().find(|line| line.starts_with("  go_live"));
    let cells: Vec<&str> = row.unwrap().split_whitespace().take(6).collect();
    assert_eq!(cells, ["go_live", "4", "–", "–", "–", "–"], "{report}");
    assert!(report.contains("no sentinels in so small an audience"), "{report}");
    assert!(report.contains("all 8 objectives hold"), "{report}");
}

fn check_first_show(ended: &Ended) {
    let report = &ended.stdout;
    let summary = ended.summary();
    let figure = |pointer: &str| summary.pointer(pointer).and_then(Value::as_f64).unwrap();
    assert!((figure("/run/viewers") - 500.0).abs() < f64::EPSILON);
    let sold = figure("/orders/products/0/sold");
    assert!((1.0..=40.0).contains(&sold), "{report}");
    assert!(figure("/peak_present") > 200.0, "{report}");
    assert!(figure("/usage/target_cpu_ms") > 0.0, "{report}");
    assert!(report.contains("target shared this machine, not a capacity figure"), "{report}");
    assert!(report.contains("all 7 objectives hold"), "{report}");
}

/// What is not played in full by any other test runs for a few seconds here.
#[test]
fn every_scenario_runs_for_a_few_seconds() {
    let mut names: Vec<String> = std::fs::read_dir(root().join("scenarios"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| !["first-show", "product-drop", "quiet-room"].contains(&name.as_str()))
        .collect();
    names.sort();
    assert!(names.len() >= 5, "{names:?}");
    for few in names.chunks(3) {
        thread::scope(|scope| {
            let runs = few.iter().map(|name| {
                scope.spawn(move || check_interrupted(&seconds_of(name, 6, &Stage::new()), name))
            });
            let runs: Vec<_> = runs.collect();
            for run in runs {
                run.join().unwrap();
            }
        });
    }
}

/// A run that was ended by Ctrl-C: each intent has one outcome, and nothing broke.
fn check_interrupted(ended: &Ended, name: &str) {
    ended.expect_code(130);
    let report = &ended.stdout;
    assert!(report.contains("VERDICT INTERRUPTED  exit code 130\n"), "{report}");
    let summary = ended.summary();
    assert_eq!(summary["interrupted"], true);
    assert_eq!(summary["words"], serde_json::json!([]), "{name}\n{report}");
    for row in summary["intents"].as_array().unwrap() {
        let count = |name: &str| row[name].as_u64().unwrap();
        let settled = count("answered") + row["unsent"]["interrupted"].as_u64().unwrap();
        assert_eq!(settled, count("planned"), "{row}\n{report}");
    }
    let joins = summary["intents"].as_array().unwrap().iter().find(|row| row["kind"] == "join");
    let joins = joins.unwrap();
    assert!(joins["answered"].as_u64().unwrap() > 5, "{name}\n{report}");
}

#[test]
fn every_scenario_passes_the_check_with_every_shipped_binding() {
    let mut scenarios = 0;
    for entry in std::fs::read_dir(root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        scenarios += 1;
        for binding in ["reference", "nchan"] {
            let output = claque().arg("check").arg(&path).args(["--binding", binding]).output();
            let output = output.unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let complained = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}, {binding}: {complained}", path.display());
            assert!(!complained.contains("error"), "{complained}");
            let plays_all = binding == "reference";
            assert_eq!(said.contains("not played"), !plays_all, "{}: {said}", path.display());
        }
    }
    assert!(scenarios >= 4);
}
