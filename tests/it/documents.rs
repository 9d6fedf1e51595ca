//! Every TOML example of docs/scenarios.md runs for a few seconds.

use std::process::Stdio;
use std::thread;

use rustix::process::Signal;
use toml::Table;

use crate::examples::{examples, included, variables};
use crate::stage::{Stage, signal};

/// Runs at once: they are small, and mostly wait.
const AT_ONCE: usize = 8;

/// Plays an example against the embedded backend, whatever target it names, until two seconds of it
/// are over.
fn check(example: &str) {
    let stage = Stage::new();
    let mut scenario: Table = example.parse().unwrap();
    if let Some(target) = scenario.get_mut("target").and_then(toml::Value::as_table_mut) {
        target.remove("url");
        target.remove("binding");
    }
    std::fs::create_dir(stage.path("shared")).unwrap();
    stage.file("shared/products.toml", &included("shared/products.toml").unwrap());
    let path = stage.file("docs.toml", &toml::to_string(&scenario).unwrap());
    let mut command = stage.run_command(&path, &["--force", "--set", "seed=5"]);
    command.env("API_HOST", variables("API_HOST").unwrap());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.wait_for_second(1);
    signal(&child, Signal::INT);
    let ended = stage.ended(&child.wait_with_output().unwrap());
    ended.expect_code(130);
    let summary = ended.summary();
    assert_eq!(summary["words"], serde_json::json!([]), "{scenario}\n{}", ended.stdout);
    for row in summary["intents"].as_array().unwrap() {
        let count = |name: &str| row[name].as_u64().unwrap();
        let settled = count("answered") + row["unsent"]["interrupted"].as_u64().unwrap();
        assert_eq!(settled, count("planned"), "{row}\n{scenario}\n{}", ended.stdout);
    }
}

#[test]
fn every_example_of_the_reference_runs_for_a_few_seconds() {
    let examples = examples();
    assert!(examples.len() > 30, "{}", examples.len());
    for few in examples.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let runs: Vec<_> = few.iter().map(|it| scope.spawn(move || check(it))).collect();
            for run in runs {
                run.join().unwrap();
            }
        });
    }
}
