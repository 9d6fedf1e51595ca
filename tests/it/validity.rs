//! When a run is invalid: the generator's own fault, never the backend's.

use std::fmt::Write as _;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::stage::{Ended, Server, Stage, claque, signal};
use crate::trace;

/// A quiet talk among twenty, so that every second has something to measure.
const TALK: &str = r#"
name = "talk"
seed = 4
length = "5s"
objectives = ["chat response max < 500ms"]

[target]
binding = "reference"

[[shows]]
creator = "mia"

[[audience]]
name = "fans"
viewers = 20
arrivals = { points = [["0s", 1.0], ["200ms", 1.0]] }
stay = { fixed = "60s" }
chat = { per_viewer = "2/s", metronome = true }
"#;

/// The reasons of a verdict, in words.
fn reasons(ended: &Ended) -> Vec<String> {
    let summary = ended.summary();
    let reasons = summary["verdict"]["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["text"].as_str().unwrap().to_owned()).collect()
}

/// The number after the first `in second`.
#[track_caller]
fn second(reason: &str) -> i64 {
    let (_, rest) = reason.split_once("in second ").expect(reason);
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().expect(reason)
}

#[test]
fn a_generator_that_was_stopped_for_a_second_says_so_and_when() {
    let stage = Stage::new();
    let scenario = stage.file("talk.toml", TALK);
    let server = Server::reference(&[]);
    let path = stage.path("trace.csv");
    let arguments = ["--url", &server.url, "--trace", path.to_str().unwrap()];
    let mut command = stage.run_command(&scenario, &arguments);
    let show = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.wait_for_second(0);
    signal(&show, Signal::STOP);
    thread::sleep(Duration::from_secs(1));
    signal(&show, Signal::CONT);
    let ended = stage.ended(&show.wait_with_output().unwrap());
    ended.expect_code(3);
    assert_eq!(ended.summary()["verdict"]["name"], "invalid");
    let reasons = reasons(&ended);
    assert!(reasons[0].starts_with("the generator was paused: a shard woke "), "{reasons:?}");
    assert!(ended.stdout.contains("VERDICT INVALID  exit code 3"), "{}", ended.stdout);
    assert!(ended.stdout.contains("the generator was paused"), "{}", ended.stdout);
    // When nothing was sent is in the data.
    let (from, to) = trace::longest_gap(trace::read(&path).iter().filter_map(|one| one.sent));
    assert!(to - from > 900_000, "nothing was sent from {from} to {to} µs");
    let seconds = from / 1_000_000..=to / 1_000_000;
    for reason in reasons.iter().filter(|reason| reason.starts_with("the generator")) {
        assert!(seconds.contains(&second(reason)), "{reason}, but {seconds:?}");
    }
}

#[test]
fn a_server_that_was_stopped_for_a_second_makes_no_run_invalid() {
    let stage = Stage::new();
    let scenario = stage.file("talk.toml", TALK);
    let server = Server::reference(&[]);
    let mut command = stage.run_command(&scenario, &["--url", &server.url]);
    let show = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.wait_for_second(0);
    server.freeze();
    thread::sleep(Duration::from_secs(1));
    server.thaw();
    let ended = stage.ended(&show.wait_with_output().unwrap());
    ended.expect_code(1);
    assert_eq!(ended.summary()["verdict"]["name"], "objectives missed");
    let reasons = reasons(&ended);
    assert!(reasons.iter().all(|reason| reason.contains("chat response max")), "{reasons:?}");
}

/// A hundred rooms of one viewer each, who all together say so much a second. Nothing fans out, so
/// that each delivery costs the generator a message of its own: with a crowd in one room it reads
/// many deliveries at once, and can do far more of them than the budget says.
fn soliloquies(messages: f64) -> String {
    let mut text = "name = \"soliloquies\"\nseed = 7\nlength = \"3s\"\n\
                    [target]\nbinding = \"reference\"\ntime_out = \"3s\"\n"
        .to_owned();
    let each = messages / 100.0;
    for room in 0..100 {
        let _ = write!(
            text,
            "[[shows]]\ncreator = \"host-{room}\"\n\
             [[audience]]\nname = \"fan-{room}\"\nshow = \"host-{room}\"\nviewers = 1\n\
             arrivals = {{ points = [[\"0s\", 1.0], [\"500ms\", 1.0]] }}\nstay = {{ fixed = \"60s\" }}\n\
             chat = {{ per_viewer = \"{each:.1}/s\", metronome = true }}\n"
        );
    }
    text
}

/// What `claque check` prints of the machine's budget, frames a second.
#[track_caller]
fn budget(stdout: &str) -> f64 {
    let words: Vec<&str> = stdout.split_whitespace().collect();
    let at = words.iter().position(|&word| word == "frames/s").expect(stdout);
    words[at - 1].replace(',', "").parse().expect(stdout)
}

#[test]
fn five_times_what_the_machine_can_do_is_refused_and_if_forced_invalid() {
    let stage = Stage::new();
    let check = |scenario: &std::path::Path| {
        let output = claque().arg("check").arg(scenario).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let small = stage.file("small.toml", TALK);
    let budget = budget(&check(&small));
    // One more than five, since a calibration is never the same twice.
    let scenario = stage.file("soliloquies.toml", &soliloquies(budget * 6.0));
    let told = check(&scenario).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("is refused without --force"), "{told}");

    let refused = stage.run(&scenario, &[]);
    refused.expect_code(2);
    assert!(refused.stderr.contains("deliveries in its worst second"), "{}", refused.stderr);
    assert_eq!(refused.results, None, "nothing was played");

    let from = Instant::now();
    let ended = stage.run(&scenario, &["--force"]);
    ended.expect_code(3);
    let took = from.elapsed();
    assert!(took < Duration::from_secs(90), "a show of 3 s took {took:?}");
    let summary = ended.summary();
    let reasons = reasons(&ended);
    let generator = reasons.iter().filter(|reason| reason.starts_with("the generator "));
    let recorded = summary["seconds"].as_i64().unwrap();
    assert!(generator.clone().all(|reason| (0..recorded).contains(&second(reason))), "{reasons:?}");
    assert!(generator.count() >= 1, "{reasons:?}");
    for side in ["generator_memory_bytes", "target_memory_bytes"] {
        let bytes = summary["usage"][side].as_u64().unwrap();
        assert!(bytes < 512 << 20, "{side} {bytes}");
    }
}
