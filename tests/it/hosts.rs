//! Hosts as actors: co-hosts with connections of their own, everything that a host may do, what
//! viewers do besides chatting, and a creator who answers.

use crate::stage::{Stage, assert_conserved, assert_delivered, number, row};
use crate::trace;

const STUDIO: &str = r#"
name = "studio"
seed = 8
length = "6s"

[target]
binding = "reference"
time_out = "4s"
guard = "50ms"
delivery_deadline = "100ms"

[products.lamp]
price = "39.00 EUR"
stock = 100

[[shows]]
creator = "mia"
co_hosts = ["ben", "eva"]
answers = { every = 4, delay = "100ms" }
cues = [
  { at = "1500ms", pin = "lamp", by = "ben" },
  { at = "2s", price_change = "lamp", price = "35.00 EUR", by = "eva" },
  { at = "2500ms", say = "Welcome!", by = "ben" },
  { at = "3s", giveaway = "lamp", length = "1s" },
  { at = "4s", flash_sale = "lamp", price = "29.00 EUR", length = "1s", by = "ben" },
]

[[audience]]
name = "fans"
viewers = 40
arrivals = { points = [["0s", 1.0], ["1s", 1.0]] }
stay = "60s"
chat = { per_viewer = "30/min" }
gifts = { givers = "50%", per_giver = "20/min", amount = "1.50 EUR" }
shares = { per_viewer = "10/min" }
giveaways = { enter_per_viewer = "60%", delay = "100ms" }
funnel = { click_per_visit = "90%", cart_per_click = "80%", buy_per_cart = "80%", cart_delay = "200ms", check_out_delay = "200ms" }
"#;

#[test]
fn every_host_acts_over_a_connection_of_its_own() {
    let stage = Stage::new();
    let scenario = stage.file("studio.toml", STUDIO);
    let path = stage.path("trace.csv");
    let ended = stage.run_valid(&scenario, &["--trace", path.to_str().unwrap(), "--shards", "3"]);
    ended.expect_code(0);
    let summary = ended.summary();
    assert_conserved(&summary);
    assert_delivered(&summary);
    assert_eq!(summary["played"], summary["run"]["plan"]);
    assert!(ended.stdout.contains("hosts      mia with ben, eva\n"), "{}", ended.stdout);

    let trace = trace::read(&path);
    let by = |kind: &str| {
        let acts = trace.iter().filter(|it| it.kind == kind && !it.viewer.contains('-'));
        let mut names: Vec<_> = acts.map(|it| (it.viewer.as_str(), it.outcome.as_str())).collect();
        names.sort_unstable();
        names
    };
    let done =
        |names: &[&'static str]| names.iter().map(|name| (*name, "answered")).collect::<Vec<_>>();
    assert_eq!(by("go_live"), done(&["ben", "eva", "mia"]));
    assert_eq!(by("pin"), done(&["ben"]));
    assert_eq!(by("price_change"), done(&["eva"]));
    assert_eq!(by("giveaway"), done(&["mia"]));
    assert_eq!(by("flash_sale"), done(&["ben"]));
    assert_eq!(by("end"), done(&["mia"]));
    assert_eq!(by("leave"), done(&["ben", "eva"]));

    // What viewers do has its answers too, and the room hears of gifts.
    for kind in ["gift", "share", "enter", "click", "check_out"] {
        let row = row(&summary, "intents", kind);
        assert!(number(&row["answered"]) > 5, "{row}\n{}", ended.stdout);
    }
    for kind in ["gift", "price_change", "giveaway", "chat", "pin", "flash_sale"] {
        assert!(number(&row(&summary, "deliveries", kind)["all"]["expected"]) > 0, "{kind}");
    }
    assert_eq!(row(&summary, "intents", "gift")["rejected"], 0, "{}", ended.stdout);
    assert_eq!(summary["orders"]["mispriced_count"], 0, "{}", ended.stdout);

    // The creator answers every fourth message of viewers, and that is no part of the plan.
    let heard = trace.iter().filter(|it| it.kind == "chat" && it.viewer.contains('-')).count();
    let answers: Vec<_> = trace.iter().filter(|it| it.reaction).collect();
    assert!(answers.iter().all(|it| it.kind == "chat" && it.viewer == "mia"), "{answers:?}");
    let expect = heard / 4;
    assert!(answers.len() == expect || answers.len() + 1 == expect, "{} of {heard}", answers.len());
    assert_eq!(number(&row(&summary, "reactions", "chat")["planned"]), answers.len() as u64);
    let said = by("chat");
    assert_eq!(said.iter().filter(|(name, _)| *name == "ben").count(), 1, "{said:?}");
}
