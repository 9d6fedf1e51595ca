//! The ledger against the backend's own log of what it did wrong.
//!
//! The backend decides and logs by itself, and shares no code with the ledger. Which pairs of a
//! viewer and a message count is worked out here once more, from the trace of the joins and leaves
//! and from what the correlation ids say.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::Value;

use crate::stage::{Ended, Server, Stage, assert_conserved, row};
use crate::trace::{self, Traced};

/// Guard and delivery deadline of the scenarios here, µs.
const GUARD: i64 = 20_000;
const DEADLINE: i64 = 100_000;

/// Thirty who stay, and thirty who come and go, so that there are pairs at the boundary.
const ROOM: &str = r#"
name = "room"
seed = 1
length = "5s"

[target]
binding = "reference"
time_out = "4s"
guard = "20ms"
delivery_deadline = "100ms"

[products.lamp]
price = "39.00 EUR"
stock = 3

[[shows]]
creator = "mia"
cues = [{ at = "1s", pin = "lamp" }, { at = "2s", flash_sale = "lamp", price = "29.00 EUR", length = "1s" }]

[[audience]]
name = "fans"
viewers = 30
arrivals = { points = [["0s", 1.0], ["300ms", 1.0]] }
stay = { fixed = "60s" }
chat = { per_viewer = "1/s" }
likes = { per_viewer = "1/s", run = 2 }

[[audience]]
name = "guests"
viewers = 30
arrivals = { points = [["0s", 1.0], ["5s", 1.0]] }
stay = { exponential = { mean = "1s" } }
chat = { per_viewer = "1/s" }
"#;

type Pair = (String, String);

/// A run of [`ROOM`] with faults.
struct Faulty {
    ended: Ended,
    summary: Value,
    log: Vec<Value>,
    trace: Vec<Traced>,
}

impl Faulty {
    fn run(scenario: &str, faults: &[&str], arguments: &[&str]) -> Faulty {
        let stage = Stage::new();
        let scenario = stage.file("room.toml", scenario);
        let (log, trace) = (stage.path("faults.jsonl"), stage.path("trace.csv"));
        let mut all =
            vec!["--fault-log", log.to_str().unwrap(), "--trace", trace.to_str().unwrap()];
        for fault in faults {
            all.extend(["--fault", fault]);
        }
        all.extend(arguments);
        let ended = stage.run(&scenario, &all);
        let code = ended.status.code();
        assert!(matches!(code, Some(0 | 1)), "{code:?}\n{}\n{}", ended.stdout, ended.stderr);
        let summary = ended.summary();
        assert_conserved(&summary);
        assert_eq!(summary["findings_overflow"], 0);
        Faulty { log: read_log(&log), trace: trace::read(&trace), summary, ended }
    }

    /// Pairs that the log has of `fault`, but for the creator's, whom the ledger does not audit.
    fn logged(&self, fault: &str) -> BTreeSet<Pair> {
        let acts = self.log.iter().filter(|act| act["fault"] == fault && act["viewer"] != "mia");
        let pairs: Vec<_> = acts.map(|act| (text(&act["viewer"]), text(&act["cid"]))).collect();
        let count = pairs.len();
        let pairs: BTreeSet<_> = pairs.into_iter().collect();
        assert_eq!(count, pairs.len(), "each act once");
        pairs
    }

    /// Pairs that the ledger found, those at the boundary or the others.
    fn found(&self, flaw: &str, boundary: bool) -> BTreeSet<Pair> {
        let findings = self.summary["findings"].as_array().unwrap();
        findings
            .iter()
            .filter(|finding| finding["flaw"] == flaw && finding["boundary"] == boundary)
            .map(|finding| (text(&finding["viewer"]), text(&finding["cid"])))
            .collect()
    }

    /// The pairs whose viewer was certainly in the room: the join was answered more than the guard
    /// before the message was sent, and the leave is planned after its deadline.
    fn expected(&self, pairs: &BTreeSet<Pair>) -> BTreeSet<Pair> {
        let of = |kind: &str| {
            let intents = self.trace.iter().filter(|intent| intent.kind == kind);
            intents.map(|intent| (intent.viewer.as_str(), intent)).collect::<BTreeMap<_, _>>()
        };
        let (joins, leaves) = (of("join"), of("leave"));
        let is_expected = |(viewer, cid): &Pair| {
            let sent = i64::from_str_radix(cid.split('-').nth(3).unwrap(), 16).unwrap();
            let joined = joins[viewer.as_str()].answered;
            joined.is_some_and(|joined| joined < sent - GUARD)
                && leaves[viewer.as_str()].planned > sent + DEADLINE
        };
        pairs.iter().filter(|pair| is_expected(pair)).cloned().collect()
    }

    /// What the ledger found is what the backend did, pair for pair.
    #[track_caller]
    fn agree(&self, flaw: &str, fault: &str) -> usize {
        let logged = self.logged(fault);
        let expected = self.expected(&logged);
        let found = self.found(flaw, false);
        let difference: Vec<_> = found.symmetric_difference(&expected).collect();
        assert!(difference.is_empty(), "{flaw} and {fault} differ in {difference:?}");
        // By the ledger's own marks it comes to the same, and what it leaves out is little.
        let at_boundary = self.found(flaw, true);
        let unmarked: BTreeSet<_> = logged.difference(&at_boundary).cloned().collect();
        let outside: Vec<_> = unmarked.difference(&found).collect();
        let left_out = logged.len() - expected.len();
        assert!(outside.len() <= left_out, "{outside:?}");
        assert!(left_out * 5 <= logged.len(), "{left_out} of {} are left out", logged.len());
        expected.len()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn read_log(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ms(value: &Value) -> f64 {
    value.as_f64().unwrap() / 1e6
}

/// How often a word of the network was heard.
fn words(summary: &Value, of: &str, word: &str) -> u64 {
    let words = summary["words"].as_array().unwrap();
    let words = words.iter().filter(|row| row["of"] == of && row["word"] == word);
    words.map(|row| row["count"].as_u64().unwrap()).sum()
}

#[test]
fn what_is_lost_and_what_is_doubled_is_found_pair_for_pair() {
    for (seed, shards) in [("1", "1"), ("2", "2"), ("3", "2"), ("4", "1")] {
        let arguments = ["--seed", seed, "--shards", shards];
        let faulty = Faulty::run(ROOM, &["lose=2%", "duplicate=2%"], &arguments);
        let lost = faulty.agree("missing", "lose");
        let doubled = faulty.agree("duplicate", "duplicate");
        assert!(lost > 40 && doubled > 40, "{lost} lost and {doubled} doubled are too few to tell");
        let chat = row(&faulty.summary, "deliveries", "chat");
        assert!(chat["all"]["completeness"].as_f64().unwrap() < 1.0);
    }
}

#[test]
fn what_changed_places_is_found_out_of_order() {
    let faulty = Faulty::run(ROOM, &["reorder=2%"], &["--shards", "2"]);
    // What was received, was received in some order, also shortly before a leave.
    let (logged, found) = (faulty.logged("reorder"), faulty.found("out_of_order", false));
    let expected = faulty.expected(&logged);
    assert!(expected.len() > 40, "{} are too few to tell", expected.len());
    assert!(expected.len() * 5 >= logged.len() * 4, "{} of {}", expected.len(), logged.len());
    let (unseen, unfounded) = (expected.difference(&found), found.difference(&logged));
    let (unseen, unfounded): (Vec<_>, Vec<_>) = (unseen.collect(), unfounded.collect());
    assert!(unseen.is_empty() && unfounded.is_empty(), "{unseen:?} {unfounded:?}");
    assert_eq!(faulty.found("missing", false), BTreeSet::new());
    assert_eq!(faulty.found("duplicate", false), BTreeSet::new());
}

#[test]
fn garbage_is_counted_and_what_it_replaced_is_missing() {
    let faulty = Faulty::run(ROOM, &["garbage=2%"], &["--shards", "2"]);
    let pairs = faulty.agree("missing", "garbage");
    let count = u64::try_from(faulty.log.len()).unwrap();
    let heard = words(&faulty.summary, "connection", "garbage");
    assert!((pairs as u64..=count).contains(&heard), "{pairs} <= {heard} <= {count}");
}

#[test]
fn resets_and_refusals_are_outcomes() {
    let reset = Faulty::run(ROOM, &["reset=3%"], &[]);
    let resets = u64::try_from(reset.log.len()).unwrap();
    let lost = words(&reset.summary, "connection", "reset");
    assert!(resets >= 5, "{resets} are too few to tell");
    assert_eq!(lost, resets, "{}", reset.ended.stdout);
    let failed: u64 = reset.summary["intents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["failed"].as_u64().unwrap())
        .sum();
    assert!((1..=resets).contains(&failed), "{failed} failed of {resets}: a like has no answer");
    let unsent = &row(&reset.summary, "intents", "chat")["unsent"];
    assert!(unsent["not_connected"].as_u64().unwrap() > 0, "{unsent}");

    let refused = Faulty::run(ROOM, &["refuse=30%"], &[]);
    let refusals = u64::try_from(refused.log.len()).unwrap();
    assert!(refusals >= 5, "{refusals} are too few to tell");
    let heard = words(&refused.summary, "connection", "http 503");
    assert_eq!(heard, refusals, "{}", refused.ended.stdout);
    let unsent = &row(&refused.summary, "intents", "chat")["unsent"];
    assert!(unsent["predecessor_failed"].as_u64().unwrap() > 0, "{unsent}");
}

#[test]
fn a_delay_is_in_the_deliveries_and_not_in_the_answers() {
    let delayed = Faulty::run(ROOM, &["delay=300ms"], &[]);
    let deliveries = row(&delayed.summary, "deliveries", "chat");
    let transit = ms(&deliveries["all"]["transit"]["p50_ns"]);
    assert!((299.0..340.0).contains(&transit), "transit p50 is {transit} ms");
    // Both are from the planned instant, so that whatever else is late is in both.
    let delivery = ms(&deliveries["all"]["delivery"]["p50_ns"]);
    let response = ms(&row(&delayed.summary, "intents", "chat")["response"]["p50_ns"]);
    let moved = delivery - response;
    assert!((290.0..330.0).contains(&moved), "moved by {moved} ms: {delivery} and {response}");
    assert!(response < 150.0, "chat response p50 is {response} ms");
}

#[test]
fn a_stall_is_in_the_responses_and_the_run_is_valid() {
    let stalled = Faulty::run(ROOM, &["stall=1s@2s"], &[]);
    let most = ms(&row(&stalled.summary, "intents", "chat")["response"]["max_ns"]);
    // The first message of the stall waits for all of it, less what it is planned later.
    assert!((850.0..1_500.0).contains(&most), "response max is {most} ms");
}

/// Forty who all want a lamp.
fn rush(stock: u32, length: &str) -> String {
    format!(
        r#"
name = "rush"
seed = 5
length = "{length}"
objectives = ["oversold = 0"]

[target]
binding = "reference"
time_out = "1s"

[products.lamp]
price = "39.00 EUR"
stock = {stock}

[[shows]]
creator = "mia"

[[audience]]
name = "fans"
viewers = 80
arrivals = {{ points = [["0s", 1.0], ["3s", 1.0]] }}
stay = {{ fixed = "60s" }}
funnel = {{ click_per_visit = "99%", cart_per_click = "100%", buy_per_cart = "100%", cart_delay = "300ms", check_out_delay = "700ms" }}
"#
    )
}

#[test]
fn overselling_names_the_product_its_stock_and_the_orders_beyond_it() {
    let oversold = Faulty::run(&rush(3, "5s"), &["oversell"], &[]);
    oversold.ended.expect_code(1);
    let lamp = &oversold.summary["orders"]["products"][0];
    let logged: BTreeSet<_> = oversold.log.iter().map(|act| text(&act["order"])).collect();
    assert!(logged.len() >= 5, "{} are too few to tell", logged.len());
    assert_eq!((text(&lamp["product"]), &lamp["stock"]), ("lamp".to_owned(), &Value::from(3)));
    assert_eq!(lamp["oversold"], logged.len(), "{lamp}");
    assert_eq!(lamp["oversold_possible"], logged.len(), "{lamp}");
    assert_eq!(lamp["beyond_stock_count"], logged.len(), "{lamp}");
    // Which orders are beyond the stock is told by the order of the answers, which may differ from
    // the shop's by what was under way at once.
    let named = lamp["beyond_stock"].as_array().unwrap();
    assert_eq!(named.len(), logged.len().min(20));
    let strangers = named.iter().filter(|id| !logged.contains(id.as_str().unwrap())).count();
    assert!(strangers <= 3, "{named:?} and {logged:?}");
    let printed = &oversold.ended.stdout;
    for part in [
        "lamp oversold, 3 in stock; orders beyond it: o-",
        named[0].as_str().unwrap(),
        "✗ oversold = 0",
    ] {
        assert!(printed.contains(part), "{part} in\n{printed}");
    }
}

/// What `GET /stats` says.
fn stats(server: &Server) -> Value {
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /stats HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let body = &answer[answer.find('{').unwrap()..=answer.rfind('}').unwrap()];
    serde_json::from_str(body).unwrap()
}

#[test]
fn check_outs_that_timed_out_are_asked_for_and_told_by_the_shop() {
    let stage = Stage::new();
    let scenario = stage.file("rush.toml", &rush(500, "6s"));
    let server =
        Server::reference(&["--product", "lamp=39.00 EUR x500", "--fault", "stall=2s@1500ms"]);
    let ended = stage.run(&scenario, &["--url", &server.url]);
    ended.expect_code(0);
    let summary = ended.summary();
    assert_conserved(&summary);
    let check_out = row(&summary, "intents", "check_out");
    let (timed_out, answered) = (&check_out["timed_out"], &check_out["answered"]);
    assert!(timed_out.as_u64().unwrap() >= 3, "too few timed out to tell: {check_out}");
    let orders = &summary["orders"];
    assert_eq!(orders["unresolved"], 0, "{orders}");
    let lamp = &orders["products"][0];
    let shop = stats(&server);
    assert_eq!(orders["orders"], shop["orders"], "{}", ended.stdout);
    assert_eq!((&lamp["sold"], &lamp["sold_possible"]), (&shop["orders"], &shop["orders"]));
    assert!(orders["orders"].as_u64() >= answered.as_u64(), "some may have gone through unheard");
}
