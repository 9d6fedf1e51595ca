//! A rule of the scenario ends a run early: the report is whole, and says which rule, by which
//! figure, and when.

use std::time::Duration;

use crate::stage::{Stage, assert_conserved, claque, finish, number, row};

/// Half a minute of chat that has to be answered within half a second.
const SHOW: &str = r#"
name = "fragile"
seed = 4
length = "30s"
abort_when = ["chat failed > 50% over 2s", "join failed > 90%"]
objectives = ["chat failed < 99%"]

[target]
binding = "reference"
time_out = "500ms"

[[shows]]
creator = "mia"

[[audience]]
name = "fans"
viewers = 30
arrivals = { points = [["0s", 1.0], ["1s", 1.0]] }
stay = "60s"
chat = { per_viewer = "1/s" }
"#;

#[test]
fn a_rule_ends_a_run_early_and_says_why() {
    let stage = Stage::new();
    let scenario = stage.file("fragile.toml", SHOW);
    let mut command = claque();
    command.arg("run").arg(&scenario).arg("--results").arg(stage.path("results"));
    command.args(["--fault", "stall=60s@2s"]);
    let ended = stage.ended(&finish(command, Duration::from_mins(1)));
    ended.expect_code(1);
    let summary = ended.summary();
    assert_conserved(&summary);
    assert_eq!((&summary["complete"], &summary["interrupted"]), (&true.into(), &false.into()));
    assert_eq!(summary["verdict"]["name"], "aborted");
    let aborted = &summary["aborted"];
    assert_eq!(aborted["rule"], "chat failed > 50% over 2s");
    assert!(aborted["value"].as_f64().unwrap() > 0.5, "{aborted}");
    let second = number(&aborted["second"]);
    assert!((2..=6).contains(&second), "{aborted}");
    // The run has ended soon after; what was planned for later is unsent, for that reason.
    assert!(number(&summary["seconds"]) <= second + 8, "{}", ended.stdout);
    let unsent = number(&row(&summary, "intents", "chat")["unsent"]["interrupted"]);
    assert!(unsent > 500, "{}", ended.stdout);

    let found = aborted["found"].as_str().unwrap();
    let why = format!("chat failed > 50% over 2s: {found} up to second {second}");
    let verdict = format!("VERDICT ABORTED  exit code 1\n  {why}\n");
    assert!(ended.stdout.contains(&verdict), "{verdict} in\n{}", ended.stdout);
    assert!(ended.stderr.contains(&format!("ended early by {why}")), "{}", ended.stderr);

    // The record alone says so too.
    let (printed, _) = ended.stdout.trim_end().rsplit_once('\n').unwrap();
    let again = claque().arg("report").arg(ended.results.as_deref().unwrap()).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&again.stdout), format!("{printed}\n"));
}
