//! What viewers do because of what they receive: planned from the instant of receiving, in books of
//! its own, and nothing of the plan moves with it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stage::{Ended, Stage, assert_conserved, assert_delivered, claque, number, row};
use crate::trace::{self, Traced};

/// Viewers who click because of the pin.
const PINNED: &str = r#"
name = "pinned"
seed = 21
length = "9s"
objectives = ["reaction click answered > 90%", "reaction click response p50 < 2s", "reaction enter answered > 0"]

[target]
binding = "reference"
time_out = "4s"
guard = "50ms"
delivery_deadline = "100ms"

[products.lamp]
price = "39.00 EUR"
stock = 500

[[shows]]
creator = "mia"
cues = [{ at = "1500ms", pin = "lamp" }]

[[audience]]
name = "fans"
viewers = 120
arrivals = { points = [["0s", 1.0], ["1s", 1.0]] }
stay = "60s"
chat = { per_viewer = "10/min" }
funnel = { click_per_visit = "30%", cart_per_click = "80%", buy_per_cart = "80%", cart_delay = "200ms", check_out_delay = "200ms" }
on_received = { pin = { click = "60%", delay = { exponential = { mean = "400ms" } } } }
"#;

/// Runs a scenario with a binding's text, and reads every intent.
fn play_with(binding: &str, text: &str, further: &[&str]) -> (Ended, Value, Vec<Traced>) {
    let stage = Stage::new();
    let scenario = stage.file("scenario.toml", text);
    let (path, binding) = (stage.path("trace.csv"), stage.file("binding.toml", binding));
    let mut arguments = vec!["--trace", path.to_str().unwrap()];
    arguments.extend(["--binding", binding.to_str().unwrap()]);
    arguments.extend(further);
    let ended = stage.run_valid(&scenario, &arguments);
    ended.expect_code(0);
    let summary = ended.summary();
    assert_conserved(&summary);
    assert_eq!(summary["played"], summary["run"]["plan"]);
    assert_reported_again(&ended);
    (ended, summary, trace::read(&path))
}

fn play(text: &str, further: &[&str]) -> (Ended, Value, Vec<Traced>) {
    play_with(claque::binding::shipped("reference").unwrap(), text, further)
}

/// The report can be made again from the folder, letter by letter.
#[track_caller]
fn assert_reported_again(ended: &Ended) {
    let (printed, _) = ended.stdout.trim_end().rsplit_once('\n').unwrap();
    let again = claque().arg("report").arg(ended.results.as_deref().unwrap()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), format!("{printed}\n"));
}

/// What a trace says that was planned, of the plan or of reactions, by intent.
fn planned(trace: &[Traced], reaction: bool) -> BTreeMap<(&str, &str, u32), i64> {
    let all = trace.iter().filter(|it| it.reaction == reaction);
    all.map(|it| ((it.viewer.as_str(), it.kind.as_str(), it.sequence), it.planned)).collect()
}

#[test]
fn a_pin_delivered_late_moves_reactions_and_nothing_that_is_planned() {
    const LATE: i64 = 5_000_000;
    let (prompt, late) = std::thread::scope(|scope| {
        let prompt = scope.spawn(|| play(PINNED, &[]));
        // What comes twice is reacted to once.
        let late = play(PINNED, &["--fault", "delay=5s:pin", "--fault", "duplicate=50%"]);
        (prompt.join().unwrap(), late)
    });
    assert_eq!(prompt.1["played"]["digest"], late.1["played"]["digest"]);
    assert_eq!(planned(&prompt.2, false), planned(&late.2, false), "line for line");

    let (before, after) = (planned(&prompt.2, true), planned(&late.2, true));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let clicks = before.keys().filter(|(_, kind, _)| *kind == "click").count();
    assert!((50..95).contains(&clicks), "{clicks} of 120 clicked, and 60 % should");
    let mut moved: Vec<i64> = before.iter().map(|(id, at)| after[id] - at).collect();
    moved.sort_unstable();
    let median = moved[moved.len() / 2];
    assert!((LATE - 50_000..LATE + 150_000).contains(&median), "moved by {median} µs");
    assert!(moved[0] > LATE - 500_000 && moved[moved.len() - 1] < LATE + 500_000, "{moved:?}");

    // What depends on it goes on as planned: carts and orders, in the same books.
    for (ended, summary, _) in [&prompt, &late] {
        for kind in ["click", "add_to_cart", "check_out"] {
            let row = row(summary, "reactions", kind);
            assert!(number(&row["answered"]) > 20, "{row}\n{}", ended.stdout);
            assert_eq!(row["rejected"], 0, "{row}\n{}", ended.stdout);
        }
        let tried: u64 = ["intents", "reactions"]
            .map(|list| number(&row(summary, list, "check_out")["answered"]))
            .iter()
            .sum();
        assert_eq!(number(&summary["orders"]["orders"]), tried);
        let of = |n: usize| summary["objectives"][n]["holds"].clone();
        assert_eq!([of(0), of(1), of(2)], [true.into(), true.into(), Value::Null]);
        assert!(ended.stdout.contains("\nREACTIONS  to what was received"), "{}", ended.stdout);
    }
    assert_delivered(&prompt.1);
}

/// Eighty want three lamps; who learns that they are gone complains or goes.
const SOLD_OUT: &str = r#"
name = "sold-out"
seed = 5
length = "6s"

[target]
binding = "reference"
time_out = "4s"
guard = "50ms"
delivery_deadline = "100ms"

[products.lamp]
price = "39.00 EUR"
stock = 3

[[shows]]
creator = "mia"

[[audience]]
name = "fans"
viewers = 80
arrivals = { points = [["0s", 1.0], ["2s", 1.0]] }
stay = "60s"
chat = { per_viewer = "20/min" }
funnel = { click_per_visit = "95%", cart_per_click = "100%", buy_per_cart = "100%", cart_delay = "300ms", check_out_delay = "300ms" }
on_received = { sold_out = { leave = "50%", complain = { share = "40%", delay = "100ms" }, delay = "400ms" } }
"#;

#[test]
fn who_receives_that_all_is_sold_complains_or_goes() {
    let (ended, summary, trace) = play(SOLD_OUT, &[]);
    assert_delivered(&summary);
    let left = number(&row(&summary, "reactions", "leave")["answered"]);
    let complained = number(&row(&summary, "reactions", "chat")["answered"]);
    assert!(left > 10 && complained > 10, "{}", ended.stdout);
    // Who has left so does not leave once more as planned, nor does anything else.
    let leaves = row(&summary, "intents", "leave");
    assert_eq!(number(&leaves["unsent"]["left"]), left, "{}", ended.stdout);
    assert_eq!(number(&leaves["answered"]) + left, 80, "{}", ended.stdout);
    let gone: BTreeMap<&str, i64> = trace
        .iter()
        .filter(|it| it.reaction && it.kind == "leave")
        .map(|it| (it.viewer.as_str(), it.planned))
        .collect();
    let undone = trace.iter().filter(|intent| {
        let is_after = gone.get(intent.viewer.as_str()).is_some_and(|&at| intent.planned > at);
        assert!(!is_after || intent.outcome == "unsent_left", "{intent:?}");
        is_after
    });
    let undone = undone.count() as u64;
    assert!(undone > left, "{undone}: they had more in mind than to leave");
    assert_eq!(summary["orders"]["products"][0]["sold"], 3);
}

#[test]
fn who_goes_without_a_word_for_it_is_gone_all_the_same() {
    let reference = claque::binding::shipped("reference").unwrap();
    let (before, from) = reference.split_once("[verbs.leave]").unwrap();
    let (_, after) = from.split_once("\n\n").unwrap();
    let (ended, summary, trace) = play_with(&format!("{before}\n{after}"), SOLD_OUT, &[]);
    assert_delivered(&summary);
    // Going is counted nowhere, and ends what the viewer had in mind.
    assert!(trace.iter().all(|intent| intent.kind != "leave"));
    let left = number(&row(&summary, "intents", "chat")["unsent"]["left"]);
    assert!(left > 5, "{}", ended.stdout);
    let last = trace.iter().filter(|it| it.outcome == "unsent_left").map(|it| it.planned).max();
    assert!(last < Some(6_000_000), "{last:?}");
}
