//! The same plan for any number of shards, and in every run.

use std::collections::BTreeSet;
use std::path::Path;

use claque_audience::{
    Audience, Intent, IntentKind, IntentSource, Micros, Plan, PlanHasher, Shard,
};
use serde_json::Value;

use crate::stage::{Stage, claque, root};

/// Five seconds in the shape of `product-drop`: people come for a sale that most of them miss.
const DROP: &str = r#"
name   = "drop"
seed   = 11
length = "5s"

[target]
binding = "reference"

[products.sneaker]
price = "129.00 EUR"
stock = 15

[products.socks]
price = "12.00 EUR"
stock = 200

[[shows]]
creator = "noor"
chat    = { branching = 0.3, decay = "300ms" }
cues = [
  { at = "500ms", pin = "socks" },
  { at = "2s", pin = "sneaker" },
  { at = "3s", flash_sale = "sneaker", price = "89.00 EUR", length = "1s" },
]

[[audience]]
name     = "subscribers"
viewers  = 210
arrivals = { points = [["0s", 0.3], ["2s", 1.0], ["2900ms", 3.0], ["3100ms", 1.0], ["5s", 0.1]] }
stay     = { log_normal = { median = "2s", sigma = 0.8 } }
chat     = { per_viewer = "15/min" }
likes    = { per_viewer = "60/min", run = 5 }
funnel   = { click_per_visit = "40%", cart_per_click = "60%", buy_per_cart = "60%", pin_lift = 3.0, sale_lift = 6.0, lift_decay = "500ms", price_sensitivity = 2.0, cart_delay = "200ms", check_out_delay = "300ms" }

[[audience]]
name     = "passers-by"
viewers  = 90
arrivals = "constant"
stay     = { log_normal = { median = "1s", sigma = 1.2 } }
chat     = { per_viewer = "10/min" }
likes    = { per_viewer = "60/min", run = 3 }
funnel   = { click_per_visit = "20%", cart_per_click = "60%", buy_per_cart = "60%", pin_lift = 2.0, sale_lift = 5.0, lift_decay = "500ms", price_sensitivity = 2.0, cart_delay = "200ms", check_out_delay = "300ms" }
"#;

/// Six seconds with everything that a scenario may say of an audience.
const EVERYTHING: &str = r#"
name   = "everything"
seed   = 19
length = "6s"

[target]
binding = "reference"

[products.lamp]
price = "39.00 EUR"
stock = 12

[products.mug]
price = "9.00 EUR"
stock = 500

[[shows]]
creator  = "mia"
co_hosts = ["ben"]
answers  = { every = 5, delay = { exponential = { mean = "200ms" } } }
chat     = { branching = 0.4, decay = "300ms" }
cues = [
  { at = "1200ms", pin = "lamp", by = "ben" },
  { at = "1500ms", say = "Welcome!" },
  { at = "2s", price_change = "mug", price = "8.00 EUR" },
  { at = "2500ms", flash_sale = "lamp", price = "29.00 EUR", length = "1s", by = "ben" },
  { at = "3s", giveaway = "mug", length = "1s" },
  { at = "4s", raid = "noor", follow = "60%" },
]

[[shows]]
creator = "noor"
chat    = { branching = 0.2, decay = "200ms" }
cues    = [{ at = "3s", pin = "mug" }]

[[audience]]
name     = "fans"
shows    = { mia = 3, noor = 1 }
viewers  = 260
arrivals = { sum = [{ weight = 2, cubic = [["0s", 1.0], ["2s", 3.0], ["6s", 0.5]] }, { flash_crowd = { at = "1s", height = 4.0, ramp = "200ms", sustain = "500ms", decay = "500ms" } }] }
classes  = [
  { share = "70%", stay = { weibull = { shape = 0.8, scale = "2s" } }, returns = { visits = 1, more = { negative_binomial = { r = 1.0, p = 0.5 } }, absence = { gamma = { shape = 0.7, scale = "400ms" } } } },
  { share = "30%", stay = { mixture = [{ share = "50%", exponential = { mean = "1s" } }, { share = "50%", log_normal = { median = "3s", sigma = 0.5 } }] } },
]
hop       = { per_visit = "30%", gap = "150ms" }
chat      = { per_viewer = "20/min", by_show_time = [["0s", 0.5], ["3s", 2.0]], by_viewer_age = [["0s", 2.0], ["2s", 0.5]], weights = { 1 = "80%", 4 = "20%" } }
likes     = { per_viewer = "60/min", run = 4 }
gifts     = { givers = "20%", per_giver = "20/min", amount = { pareto = { min = "0.50 EUR", alpha = 1.1, max = "50 EUR" } } }
shares    = { per_viewer = "4/min" }
giveaways = { enter_per_viewer = "40%", delay = { exponential = { mean = "200ms" } } }
funnel    = { click_per_visit = "40%", cart_per_click = "70%", buy_per_cart = "70%", sale_lift = 4.0, lift_decay = "500ms", price_sensitivity = 2.0, cart_delay = "200ms", check_out_delay = "200ms", by_show_time = [["0s", 1.0], ["4s", 2.0]] }
on_received = { pin = { click = "30%", delay = { exponential = { mean = "300ms" } } }, sold_out = { leave = "20%", complain = { share = "20%", delay = "100ms" }, delay = "300ms" }, price_change = { click = "20%", delay = "200ms" } }

[[audience]]
name     = "followers"
show     = "noor"
viewers  = 60
arrivals = { notification = { at = "500ms", opens = "60%", delay = { log_normal = { median = "800ms", sigma = 0.8 } } } }
stay     = "2s"
chat     = { per_viewer = "10/min" }
"#;

/// What one run says that it played, and the histograms of what it measured.
struct Run {
    played: Value,
    histograms: BTreeSet<String>,
}

fn run(scenario: &str, shards: &str) -> Run {
    let stage = Stage::new();
    let ended = stage.run(&stage.file("drop.toml", scenario), &["--shards", shards]);
    let summary = ended.summary();
    assert_eq!(summary["complete"], true, "{}", ended.stderr);
    assert_eq!(summary["run"]["shards"].to_string(), shards);
    assert_eq!(summary["played"], summary["run"]["plan"], "all of the plan is taken up");
    let log = ended.results.unwrap().join("intervals.hlog");
    let log = std::fs::read_to_string(log).unwrap();
    let histograms = log.lines().filter(|line| line.starts_with("Tag=chat."));
    Run { played: summary["played"].clone(), histograms: histograms.map(str::to_owned).collect() }
}

#[test]
fn runs_on_one_two_and_seven_shards_play_the_plan_that_check_prints() {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", DROP);
    let checked = claque().arg("check").arg(scenario).output().unwrap();
    let checked = String::from_utf8(checked.stdout).unwrap();
    let line = checked.lines().find(|line| line.starts_with("plan ")).unwrap();

    // Two at a time: what is compared does not depend on how busy the machine is.
    let mut runs = Vec::new();
    for pair in [["1", "2"], ["7", "1"]] {
        std::thread::scope(|scope| {
            let pair = pair.map(|shards| scope.spawn(move || run(DROP, shards)));
            runs.extend(pair.map(|run| run.join().unwrap()));
        });
    }
    for run in &runs {
        let (intents, digest) = (&run.played["intents"], run.played["digest"].as_str().unwrap());
        let thousands = intents.as_u64().unwrap() / 1_000;
        let rest = intents.as_u64().unwrap() % 1_000;
        assert!(thousands > 0, "{intents} intents are no plan to speak of");
        assert_eq!(line, format!("plan        {thousands},{rest:03} intents, digest {digest}"));
        assert!(!run.histograms.is_empty());
    }
    for (one, other) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        assert_eq!(runs[one].played, runs[other].played);
        let same = runs[one].histograms.intersection(&runs[other].histograms).count();
        let all = runs[one].histograms.len();
        assert!(same * 2 < all, "runs {one} and {other} share {same} of {all} histograms");
    }
}

#[test]
fn a_plan_with_everything_is_the_same_on_any_number_of_shards() {
    let runs = std::thread::scope(|scope| {
        let runs = ["1", "2", "7"].map(|shards| scope.spawn(move || run(EVERYTHING, shards)));
        runs.map(|run| run.join().unwrap())
    });
    assert!(runs[0].played["intents"].as_u64().unwrap() > 2_000, "{}", runs[0].played);
    assert_eq!(runs[0].played, runs[1].played);
    assert_eq!(runs[0].played, runs[2].played);

    let read = claque::scenario::parse("everything.toml", EVERYTHING, &[], &|_| Err(String::new()));
    let (scenario, _) = read.map_err(|problems| *problems).unwrap();
    let whole = all(Audience::new(&scenario.plan));
    let kinds: BTreeSet<_> = whole.iter().map(|intent| intent.kind).collect();
    assert_eq!(kinds.len(), IntentKind::COUNT, "every kind is planned: {kinds:?}");
    assert!(whole.iter().any(|intent| intent.visit() > 0));
    for of in [1, 2, 7] {
        let parts = (0..of).map(|index| all(Audience::shard(&scenario.plan, Shard { index, of })));
        let mut union: Vec<Intent> = parts.flatten().collect();
        union.sort_unstable_by_key(Intent::order);
        assert!(union == whole, "{of} parts");
    }
}

#[test]
fn another_seed_is_another_plan() {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", DROP);
    let plan = |arguments: &[&str]| {
        let checked = claque().arg("check").arg(&scenario).args(arguments).output().unwrap();
        let checked = String::from_utf8(checked.stdout).unwrap();
        checked.lines().find(|line| line.starts_with("plan ")).unwrap().to_owned()
    };
    assert_eq!(plan(&[]), plan(&["--seed", "11"]));
    assert_ne!(plan(&[]), plan(&["--seed", "12"]));
    assert_ne!(plan(&[]), plan(&["--set", "audience.passers-by.viewers=91"]));
}

/// Everything that a source yields, in batches of 100 ms as a run takes them.
fn all(mut source: Audience) -> Vec<Intent> {
    let mut intents = Vec::new();
    let mut until = Micros(0);
    loop {
        until = until.saturating_add(Micros(100_000));
        if !source.fill(until, &mut intents) {
            return intents;
        }
    }
}

fn hash(intents: &[Intent]) -> u64 {
    let mut hasher = PlanHasher::default();
    for intent in intents {
        hasher.add(intent);
    }
    hasher.hash()
}

fn product_drop() -> Plan {
    let path: &Path = &root().join("scenarios/product-drop.toml");
    let (scenario, _) = claque::scenario::load(path, &[]).map_err(|problems| *problems).unwrap();
    scenario.plan
}

#[test]
fn parts_of_product_drop_are_the_whole_intent_for_intent() {
    let plan = product_drop();
    let whole = all(Audience::new(&plan));
    assert!(whole.len() > 20_000, "{} intents", whole.len());
    assert!(whole.is_sorted_by_key(Intent::order));
    assert_eq!(hash(&all(Audience::new(&product_drop()))), hash(&whole), "read and played twice");
    for of in [1, 2, 7] {
        let parts = (0..of).map(|index| all(Audience::shard(&plan, Shard { index, of })));
        let mut union: Vec<Intent> = parts.flatten().collect();
        union.sort_unstable_by_key(Intent::order);
        assert_eq!(union.len(), whole.len(), "{of} parts");
        assert!(union == whole, "{of} parts");
        assert_eq!(hash(&union), hash(&whole), "{of} parts");
    }
}
