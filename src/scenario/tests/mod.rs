//! Tests of scenarios: what is wrong and how it is said, what is right and what it means.

use std::fs;
use std::path::{Path, PathBuf};

use claque_audience::{Arrivals, CueAct, Curve, IntentKind, Law, Size};
use proptest::prelude::*;

use super::*;
use crate::input::units;

mod bad;
mod documents;
#[path = "../../../tests/it/examples.rs"]
pub(in crate::scenario) mod examples;
mod good;
mod objectives;

pub(super) use examples::{examples, included, variables};

/// The smallest scenario with everything that the tables of bad input change.
pub(super) const GOOD: &str = r#"
name = "drop"
length = "60s"
objectives = ["chat response p99 < 250ms"]

[products.lamp]
price = "39.00 EUR"
stock = 40

[[shows]]
creator = "mia"
chat = { branching = 0.3, decay = "600ms" }
cues = [
  { at = "10s", pin = "lamp" },
  { at = "35s", flash_sale = "lamp", price = "29.00 EUR", length = "15s" },
]

[[audience]]
name = "followers"
viewers = 500
arrivals = { points = [["0s", 1.0], ["60s", 0.2]] }
stay = { fixed = "5s" }
chat = { per_viewer = "0.5/min" }
funnel = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "50%" }
"#;

pub(super) fn no_files(path: &str) -> Result<String, String> {
    match path {
        "stays.csv" => Ok("minutes\n0.5\n2\n".to_owned()),
        "empty.csv" => Ok("minute,share\n".to_owned()),
        "nothing.csv" => Ok("minute,share\n0,0\n10,0\n".to_owned()),
        "day.csv" => Ok("# a day\nhour,share\n0,1\n12,3\n".to_owned()),
        "words.csv" => Ok("minute,share\n0,1\n10,many\n".to_owned()),
        "back.csv" => Ok("minute,share\n10,1\n0,2\n".to_owned()),
        "weeks.csv" => Ok("week,share\n0,1\n".to_owned()),
        _ => Err("no such file".to_owned()),
    }
}

fn read(text: &str, sets: &[&str]) -> Result<(Scenario, Problems), Box<Problems>> {
    let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
    parse("drop.toml", text, &sets, &no_files)
}

#[test]
fn every_problem_at_once() {
    let text = GOOD
        .replace("viewers = 500", "veiwers = 500")
        .replace("\"39.00 EUR\"", "39")
        .replace("at = \"35s\"", "at = \"75s\"")
        .replace("p99", "p999");
    let problems = read(&text, &[]).unwrap_err();
    assert_eq!(problems.problems.len(), 4, "{problems}");
    // In the order of the file.
    assert!(problems.problems.is_sorted_by_key(|problem| problem.span));
}

#[test]
fn sets() {
    let (scenario, _) = read(
        GOOD,
        &[
            "audience.followers.viewers=2000",
            "audience.0.chat.per_viewer=1/min",
            "shows.mia.cues.0.at=12s",
            "target.url=ws://127.0.0.1:9000/",
            "products.lamp.price=\"19.00 EUR\"",
            "seed=99",
        ],
    )
    .unwrap();
    let group = &scenario.plan.groups[0];
    assert_eq!(group.size, Size::Viewers(2000));
    assert_eq!(units::show_rate(group.chat.as_ref().unwrap().intensity.per_viewer), "1/min");
    assert_eq!(scenario.plan.shows[0].cues[1].at, Micros(12_000_000));
    assert_eq!(scenario.target.url.as_deref(), Some("http://127.0.0.1:9000"));
    assert_eq!(scenario.plan.products[0].price.minor, 1900);
    assert_eq!((scenario.plan.seed, scenario.sets.len()), (99, 6));
}

#[test]
fn what_is_read() {
    let (scenario, warnings) = read(
        &GOOD.replace(
            "\"chat response p99 < 250ms\"",
            "\"check-out response p99.9<=1s during flash_sale(lamp)\", \"chat completeness = 100%\", \
             \"flash_sale transit max < 2s after 30s\", \"oversold == 0\"",
        ),
        &[],
    )
    .unwrap();
    assert!(warnings.is_empty(), "{warnings}");
    let window = (Micros(35_000_000), Micros(50_000_000));
    assert_eq!(
        Objective::windows(&scenario.objectives),
        [window, (Micros(30_000_000), Micros(60_000_000))]
    );
    let [check_out, completeness, ..] = scenario.objectives.as_slice() else { panic!() };
    assert_eq!(
        check_out.figure,
        Figure::Latency {
            kind: IntentKind::CheckOut,
            series: Series::Response,
            statistic: Statistic::Quantile(0.999),
        }
    );
    assert_eq!((check_out.limit, check_out.comparison), (1.0, Comparison::AtMost));
    assert_eq!((completeness.limit, &completeness.window), (1.0, &Window::Whole));
    let cues = &scenario.plan.shows[0].cues;
    assert_eq!((cues[0].at, cues[0].act), (Micros(0), CueAct::GoLive));
    assert_eq!((cues[3].at, cues[3].act), (Micros(60_000_000), CueAct::End));
    assert_eq!(scenario.plan.groups[0].classes[0].stay, Law::Fixed(Micros(5_000_000)));
    assert_eq!(scenario.plan.seed, 1);
}

#[test]
fn several_sales_of_one_product_are_told_apart() {
    let twice = "{ at = \"5s\", flash_sale = \"lamp\", price = \"30 EUR\", length = \"5s\" }";
    let text = GOOD.replace("{ at = \"10s\", pin = \"lamp\" }", twice);
    let objective = |window: &str| {
        let text = text.replace("250ms", &format!("250ms during flash_sale({window})"));
        read(&text, &[])
            .map(|(scenario, _)| Objective::windows(&scenario.objectives))
            .map_err(|p| p.to_string())
    };
    assert_eq!(objective("lamp, 2").unwrap(), [(Micros(35_000_000), Micros(50_000_000))]);
    assert!(objective("lamp").unwrap_err().contains("has 2 flash sales"));
    assert!(objective("lamp, 3").unwrap_err().contains("no flash sale 3"));
}

#[test]
fn arrivals_and_stays_are_read() {
    let at = |seconds: u64| Micros(seconds * 1_000_000);
    let read = |arrivals: &str, stay: &str| {
        let text = GOOD
            .replace("{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }", arrivals)
            .replace("{ fixed = \"5s\" }", stay)
            .replace("viewers = 500", "rate = \"2/s\"");
        let (scenario, _) = read(&text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        scenario.plan.groups[0].clone()
    };
    let curve = |points: &[(u64, f64)]| {
        let points = points.iter().map(|&(seconds, rate)| (at(seconds), rate));
        Curve::points(points.collect()).unwrap()
    };
    for (arrivals, expect) in [
        ("\"constant\"", curve(&[(0, 1.0), (60, 1.0)])),
        ("{ ramp = { from = 0.5, to = 2 } }", curve(&[(0, 0.5), (60, 2.0)])),
        (
            "{ ramp = { from = 0.5, to = 2, length = \"20s\" } }",
            curve(&[(0, 0.5), (20, 2.0), (60, 2.0)]),
        ),
        (
            "{ spike = { at = \"20s\", height = 5, width = \"4s\" } }",
            curve(&[(0, 1.0), (20, 1.0), (22, 5.0), (24, 1.0), (60, 1.0)]),
        ),
        (
            "{ trace = \"day.csv\", compress = 1440 }",
            Curve::bins(&[at(0), at(30), at(60)], &[1.0, 3.0]).unwrap(),
        ),
    ] {
        let group = read(arrivals, "{ exponential = { mean = \"40s\" } }");
        assert_eq!(group.arrivals, Arrivals::Curve(expect), "{arrivals}");
        assert_eq!(group.classes[0].stay, Law::Exponential { mean: at(40) });
        assert_eq!(group.size, Size::Mean(120.0));
    }
    let log_normal = Law::LogNormal { median: at(40), sigma: 1.1 };
    for (stay, expect) in [
        ("{ log_normal = { median = \"40s\", sigma = 1.1 } }", log_normal),
        ("{ empirical = [\"5s\", \"9s\"] }", Law::Empirical(vec![at(5), at(9)])),
        (
            "{ empirical = { trace = \"stays.csv\", compress = 2 } }",
            Law::Empirical(vec![at(15), at(60)]),
        ),
    ] {
        assert_eq!(read("\"constant\"", stay).classes[0].stay, expect, "{stay}");
    }
}

pub(super) fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|name| name == "toml")).collect();
    paths.sort();
    paths
}

#[test]
fn every_shipped_scenario_is_good() {
    let mut names = Vec::new();
    for path in shipped() {
        let (scenario, _) = load(&path, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(path.file_stem().unwrap(), scenario.name.as_str());
        assert!(scenario.text.starts_with("# "), "{} opens with what it shows", scenario.name);
        names.push(scenario.name);
    }
    let all =
        "brand-event evening first-show giveaway product-drop quiet-room two-rooms world-cup-crowd";
    assert_eq!(names.join(" "), all);
}

#[test]
fn files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.toml");
    // A file with a hole: 100 MB that take no place.
    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let latin = folder.path().join("latin.toml");
    fs::write(&latin, b"name = \"x\"\nlength = \"\xe9\"\n").unwrap();
    let gone = folder.path().join("gone.toml");
    let said: String = [&path, &latin, &gone, &folder.path().to_owned()]
        .iter()
        .map(|path| load(path, &[]).unwrap_err().to_string())
        .collect();
    let said = said.replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(said, @r#"
    error: the file has 100 MiB; at most 16 are read
    --> FOLDER/large.toml
     = help: is this the right file?
    error: the file is not UTF-8 text: line 2 has a byte that cannot stand there
    --> FOLDER/latin.toml
     = help: is this the right file?
    error: cannot open the file: No such file or directory (os error 2)
    --> FOLDER/gone.toml
     = help: is the path right?
    error: this is a directory, not a file
    --> FOLDER
     = help: name a file in it
    "#);
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let dotted = format!("{}a = 1", "a.".repeat(1_000_000));
    let header = format!("[{}a]", "a.".repeat(1_000_000));
    for text in [deep, dotted, header] {
        let problems = read(&text, &[]).unwrap_err();
        assert_eq!(problems.problems.len(), 1);
        assert!(problems.to_string().contains("more than"), "{problems}");
    }
    let flat = format!("{GOOD}\n# {}\n", ".[".repeat(1_000));
    assert!(read(&flat, &[]).is_ok(), "comments and strings do not nest");
}

fn first_show() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/first-show.toml"))
        .unwrap()
}

/// A scenario in which almost every field is used.
const FULL: &str = r#"
name = "full"
length = "10m"
abort_when = ["chat failed > 50% over 10s"]
[products.lamp]
price = "39.00 EUR"
stock = 40
[[shows]]
creator = "mia"
co_hosts = ["ben"]
preset = "youtube-chat"
answers = { every = 5, delay = { gamma = { shape = 2, scale = "1s" } } }
cues = [
  { at = "10s", pin = "lamp", by = "ben" }, { at = "20s", price_change = "lamp", price = "35.00 EUR" },
  { at = "30s", giveaway = "lamp", length = "20s" }, { at = "1m", say = "Hello" },
  { at = "2m", flash_sale = "lamp", price = "29.00 EUR", length = "15s" },
  { at = "5m", raid = "noor", follow = "60%" },
]
[[shows]]
creator = "noor"
[[audience]]
name = "a"
shows = { mia = 3, noor = 1 }
viewers = 300
arrivals = { sum = [{ weight = 2, bins = { width = "1h", weights = [1, 3] } }, { cubic = [["0s", 1], ["9m", 0]] }, { notification = { at = "5s", opens = "7%", delay = "9s" } }] }
classes = [
  { share = "15%", stay = { mixture = [{ share = "30%", fixed = "5s" }, { share = "70%", weibull = { shape = 0.7, scale = "9m" } }], shift = "1s" } },
  { share = "85%", stay = { exponential_power = { b = 0.5, scale = "9m" } }, returns = { visits = 1, more = { negative_binomial = { r = 0.6, p = 0.5 } }, absence = "9m" } },
]
compress = 60
hop = { per_visit = "30%", gap = { empirical = ["1s", "2s"] } }
chat = { per_visit = 0.03, by_show_time = [["0s", 1.0], ["5m", 2.0]], by_viewer_age = [["0s", 2.0], ["1m", 1.0]], weights = { 1 = "80%", 4 = "20%" } }
likes = { per_viewer = "3/min", run = 4 }
gifts = { givers = "1.5%", per_giver = "0.5/min", amount = { pareto = { min = "0.10 EUR", alpha = 1.02, max = "500 EUR" } } }
shares = { per_visit = 0.01 }
funnel = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "20%", by_viewer_age = [["0s", 0.5]] }
giveaways = { enter_per_viewer = "60%", delay = "2s" }
on_received = { pin = { click = "15%", delay = "2s" }, sold_out = { leave = "30%", complain = { share = "10%", delay = "8s" }, delay = "2s" } }
[[audience]]
name = "b"
show = "noor"
preset = "facebook-live-sellers"
rate = "1/s"
arrivals = { flash_crowd = { at = "1m", height = 9, ramp = "10s", sustain = "1m", decay = "1m" } }
stay = { exponentiated_weibull = { a = 1.5, c = 0.6, scale = "1m" } }
returns = { visits = 0, more = { zipf = 2.7 }, absence = { exponential = { mean = "1m" } } }
"#;

#[test]
fn almost_every_field_at_once() {
    let (scenario, warnings) = read(FULL, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!((scenario.plan.shows.len(), scenario.plan.groups.len()), (2, 2));
}

proptest! {
    /// Whatever a file holds, it is read or refused, and what is said can be drawn.
    #[test]
    fn no_text_panics(
        full in any::<bool>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, ".{0,12}"), 1..6),
    ) {
        let mut text = if full { FULL.to_owned() } else { first_show() };
        for (at, length, insert) in cuts {
            let mut from = at.index(text.len() + 1);
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            let mut to = (from + length).min(text.len());
            while !text.is_char_boundary(to) {
                to += 1;
            }
            text.replace_range(from..to, &insert);
        }
        if let Err(problems) = read(&text, &[]) {
            prop_assert!(!problems.to_string().is_empty());
            prop_assert!(!problems.render(true).is_empty());
        }
    }

    /// Any objective, any `--set`.
    #[test]
    fn no_argument_panics(set in "[a-z.0-9=\"\\[{ ]{0,40}|.{0,20}", objective in ".{0,40}|(chat |delivery |p99|<|=| |in|during|\\(|[0-9%ms])*") {
        let quoted = format!("objectives=[{}]", serde_json::Value::String(objective));
        if let Err(problems) = read(GOOD, &[&set, &quoted]) {
            prop_assert!(!problems.to_string().is_empty());
        }
    }
}
