//! Files and flags that are wrong: a clear error each, never a panic.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::stage::{Stage, claque, root};

/// A scenario without a fault, for the cases to put one into.
const GOOD: &str = r#"name = "drop"
length = "5s"
objectives = ["check-out response p99 < 1s during flash_sale(lamp)"]

[products.lamp]
price = "39.00 EUR"
stock = 40

[[shows]]
creator = "mia"
cues = [
  { at = "1s", pin = "lamp" },
  { at = "2s", flash_sale = "lamp", price = "29.00 EUR", length = "1s" },
]

[[audience]]
name = "followers"
viewers = 5
arrivals = { points = [["0s", 1.0], ["5s", 2.0]] }
stay = { fixed = "2s" }
likes = { per_viewer = "12/min", run = 4 }
funnel = { click_per_visit = "9%", cart_per_click = "10%", buy_per_cart = "10%" }
"#;

/// [`GOOD`] with `old` replaced by `new`.
fn with(old: &str, new: &str) -> String {
    assert!(GOOD.contains(old), "{old:?} is not in the scenario");
    GOOD.replacen(old, new, 1)
}

/// What a command complains about that must end with `code`, having said and done nothing else.
#[track_caller]
fn complaint(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{complaint}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "{command:?}\n{complaint}");
    assert!(!complaint.contains("panicked"), "{command:?}\n{complaint}");
    assert!(!complaint.contains('\u{1b}'), "colours where none are wanted: {complaint:?}");
    complaint
}

/// What `claque run` complains about, with `FOLDER` for where the scenario is. No results folder may
/// be left.
#[track_caller]
fn refusal(stage: &Stage, scenario: &Path, arguments: &[&str], code: i32) -> String {
    let complaint = complaint(&mut stage.run_command(scenario, arguments), code);
    assert_eq!(stage.newest_results(), None, "nothing was run:\n{complaint}");
    complaint.replace(stage.path("").to_str().unwrap(), "FOLDER/")
}

/// The refusal of [`GOOD`] with one change.
#[track_caller]
fn refusal_of(old: &str, new: &str) -> String {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", &with(old, new));
    refusal(&stage, &scenario, &[], 2)
}

#[track_caller]
fn contains_all(text: &str, expect: &[&str]) {
    for expect in expect {
        assert!(text.contains(expect), "{expect:?} is not in\n{text}");
    }
}

#[test]
fn the_scenario_itself_is_good() {
    let stage = Stage::new();
    let output = claque().arg("check").arg(stage.file("drop.toml", GOOD)).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_bad_scenario_is_shown_with_its_place_and_what_would_be_right() {
    insta::assert_snapshot!(refusal_of("viewers = 5", "veiwers = 5"), @r"
    error: unknown field `veiwers` in `audience`
      --> FOLDER/drop.toml:18:1
       |
    18 | veiwers = 5
       | ^^^^^^^
       |
       = help: did you mean `viewers`? Allowed here: `name`, `show`, `shows`, `preset`, `compress`, `viewers`, `rate`, `arrivals`, `stay`, `classes`, `returns`, `hop`, `chat`, `likes`, `shares`, `gifts`, `giveaways`, `funnel`, `on_received`
    ");
    insta::assert_snapshot!(refusal_of("\"12/min\"", "\"-12/min\""), @r#"
    error: `-12/min` is negative
      --> FOLDER/drop.toml:21:24
       |
    21 | likes = { per_viewer = "-12/min", run = 4 }
       |                        ^^^^^^^^^
       |
       = help: a rate is at least "0/s"
    "#);
    insta::assert_snapshot!(refusal_of("at = \"1s\"", "at = \"7s\""), @r#"
    error: this cue comes after the end of the run
      --> FOLDER/drop.toml:12:10
       |
    12 |   { at = "7s", pin = "lamp" },
       |          ^^^^
       |
       = help: the end is at 5s
    error: a cue at 2s stands after one at 7s
      --> FOLDER/drop.toml:13:10
       |
    13 |   { at = "2s", flash_sale = "lamp", price = "29.00 EUR", length = "1s" },
       |          ^^^^
       |
       = help: write cues in the order of time
    "#);
    // All of a file's problems at once.
    let stage = Stage::new();
    let twice = with("pin = \"lamp\"", "pin = \"lmap\"").replacen("\"2s\", fl", "\"2 sec\", fl", 1);
    let complaint = refusal(&stage, &stage.file("drop.toml", &twice), &[], 2);
    contains_all(&complaint, &["`lmap`", "did you mean `lamp`?", "drop.toml:13:10", "\"600ms\""]);
}

#[test]
fn every_kind_of_bad_scenario_names_place_token_and_remedy() {
    let check = |old: &str, new: &str, expect: &[&str]| {
        contains_all(&refusal_of(old, new), expect);
    };
    // A wrong unit, or none.
    check(
        "length = \"5s\"",
        "length = \"5 parsecs\"",
        &["drop.toml:2:10", "`parsecs`", "units are ms"],
    );
    check("length = \"5s\"", "length = 5", &["drop.toml:2:10", "not an integer", "with its unit"]);
    check("stay = { fixed = \"2s\" }", "stay = { fixed = \"2/s\" }", &["drop.toml:20:18", "2/s"]);
    check("\"39.00 EUR\"", "\"39.00\"", &["drop.toml:6:9", "39.00", "EUR"]);
    // A curve of integral zero.
    check(
        "[[\"0s\", 1.0], [\"5s\", 2.0]]",
        "[[\"0s\", 0.0], [\"5s\", 0.0]]",
        &["drop.toml:19:23", "zero everywhere", "above zero"],
    );
    // A missing product.
    check(
        "pin = \"lamp\"",
        "pin = \"vase\"",
        &["drop.toml:12:22", "no product `vase`", "products here: lamp"],
    );
    // A cue after the end.
    check("at = \"1s\"", "at = \"6s\"", &["drop.toml:12:10", "after the end", "the end is at 5s"]);
    // Two products of one name.
    check(
        "[[shows]]",
        "[products.lamp]\nprice = \"1.00 EUR\"\nstock = 1\n\n[[shows]]",
        &["drop.toml:9:11", "two [products.lamp]", "rename one"],
    );
    check("viewers = 5", "viewers = -5", &["drop.toml:18:11", "-5", "0"]);
    check("p99 < 1s", "p99 < 1m/s", &["drop.toml:3:", "1m/s"]);
    check("name = \"drop\"", "name = \"drop", &["drop.toml:1:"]);
    check("[[audience]]", "[[audiences]]", &["drop.toml:16:", "audience"]);
}

#[test]
fn what_is_no_scenario_at_all_is_refused_at_once() {
    let stage = Stage::new();
    let check = |scenario: &Path, expect: &[&str]| {
        contains_all(&refusal(&stage, scenario, &[], 2), expect);
    };
    // 100 MB of comment: refused by its size, and not read.
    let large = stage.path("large.toml");
    fs::File::create(&large).unwrap().set_len(100 << 20).unwrap();
    check(&large, &["FOLDER/large.toml", "100 MiB", "at most 16"]);
    check(&stage.path("nowhere.toml"), &["FOLDER/nowhere.toml", "No such file"]);
    check(&stage.path(""), &["directory"]);
    check(&stage.file("empty.toml", ""), &["FOLDER/empty.toml", "missing"]);
    let binary = stage.path("binary.toml");
    fs::write(&binary, [0xff, 0xfe, 0x00, 0x80]).unwrap();
    check(&binary, &["FOLDER/binary.toml", "UTF-8"]);
    let deep = format!("name = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    check(&stage.file("deep.toml", &deep), &["FOLDER/deep.toml:1:"]);
}

#[test]
fn a_bad_binding_is_shown_like_a_bad_scenario() {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", GOOD);
    let good = fs::read_to_string(root().join("scenarios/bindings/reference.toml")).unwrap();
    let binding = |old: &str, new: &str| {
        assert!(good.contains(old), "{old:?} is not in the binding");
        let file = stage.file("mine.toml", &good.replacen(old, new, 1));
        refusal(&stage, &scenario, &["--binding", file.to_str().unwrap()], 2)
    };
    insta::assert_snapshot!(binding("cid   = \"/cid\"", "cid   = \"cid\""), @r#"
    error: `cid` is not a JSON Pointer
       --> FOLDER/mine.toml:174:10
        |
    174 | cid   = "cid"
        |          ^^^
        |
        = help: a pointer begins with a slash: `/cid`
    "#);
    contains_all(&binding("\"/cid\"", "\"/~2cid\""), &["mine.toml:", "`/~2cid`", "`~0`"]);
    contains_all(&binding("${count}", "${cuont}"), &["mine.toml:", "cuont", "count"]);
    contains_all(&binding("kind = \"json\"", "kind = \"jsn\""), &["mine.toml:", "jsn", "json"]);
    let nowhere = refusal(&stage, &scenario, &["--binding", "mien"], 2);
    contains_all(&nowhere, &["no binding `mien`", "`reference`", "`nchan`"]);
}

#[test]
fn a_bad_flag_names_what_was_given_and_what_would_be_right() {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", GOOD);
    let check = |arguments: &[&str], code: i32, expect: &[&str]| {
        contains_all(&refusal(&stage, &scenario, arguments, code), expect);
    };
    insta::assert_snapshot!(
        refusal(&stage, &scenario, &["--set", "audience.folowers.viewers=9"], 2),
        @r"
    error: no entry is named `folowers`
     --> --set:1:10
      |
    1 | audience.folowers.viewers=9
      |          ^^^^^^^^
      |
      = help: did you mean `followers`?
    "
    );
    check(
        &["--set", "audience.followers.viewers=many"],
        2,
        &["--set:1:28", "`viewers` must be an integer"],
    );
    check(&["--set", "length=60"], 2, &["--set:1:8", "\"60s\""]);
    check(&["--set", "length"], 2, &["--set:1:1", "write a path and a value"]);
    check(&["--seed", "x"], 2, &["'x'", "--seed", "a whole number from 0 to"]);
    check(&["--shards", "0"], 2, &["'0'", "--shards", "1..=256"]);
    check(&["--fault", "eat=1%"], 2, &["'eat=1%'", "unknown fault `eat`", "lose, duplicate"]);
    check(&["--fault", "lose=200%"], 2, &["`200%` is no share", "`0.1%`"]);
    check(
        &["--fault", "stall=2@30s"],
        2,
        &["stall=2@30s", "`2` is no length of time", "ms, s or min"],
    );
    let beneath_file = stage.file("file", "").join("log");
    let beneath_file = beneath_file.to_str().unwrap();
    check(&["--fault-log", beneath_file], 2, &["cannot write the fault log", "refused to start"]);
    check(&["--url", "ftp://x"], 2, &["`ftp://x` is not a target", "`http://127.0.0.1:8080`"]);
    check(&["--url", "http://"], 2, &["`http://` is not a target", "`http://127.0.0.1:8080`"]);
    check(&["--url", "http://192.0.2.1"], 2, &["192.0.2.1", "--authorised"]);
    check(&["--url", "http://127.0.0.1:1"], 4, &["http://127.0.0.1:1", "nothing listens there"]);
    check(&["--binding", "nchan", "--strict"], 2, &["cannot play like, click", "--strict"]);
    check(&["--frobnicate"], 2, &["--frobnicate", "--help"]);
}

#[test]
fn a_results_folder_that_cannot_be_made_is_named() {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", GOOD);
    let file = stage.file("file", "");
    for place in [&file, &file.join("below"), Path::new("/proc/claque")] {
        let mut command = claque();
        command.arg("run").arg(&scenario).arg("--quiet").arg("--results").arg(place);
        contains_all(&complaint(&mut command, 2), &["cannot make", place.to_str().unwrap()]);
    }
}

#[test]
fn a_disk_that_is_full_ends_the_run_and_leaves_what_can_be_reported() {
    let stage = Stage::new();
    let scenario = stage.file("drop.toml", GOOD);
    let run = stage.run_command(&scenario, &[]);
    // No file may grow beyond a few blocks, and writing on is an error instead of a signal.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""]);
    limited.arg(run.get_program()).args(run.get_args());
    let complaint = complaint(&mut limited, 3);
    contains_all(&complaint, &["error: ", "intervals.", "too large"]);
    let folder = stage.newest_results().unwrap();
    let report = claque().arg("report").arg(&folder).output().unwrap();
    let text = String::from_utf8(report.stdout).unwrap();
    assert_eq!(report.status.code(), Some(130), "{}", String::from_utf8_lossy(&report.stderr));
    contains_all(&text, &["VERDICT INTERRUPTED", "the record breaks off after"]);
}

#[test]
fn commands_refuse_what_they_cannot_use() {
    let stage = Stage::new();
    let check = |arguments: &[&str], expect: &[&str]| {
        contains_all(&complaint(claque().args(arguments), 2), expect);
    };
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let nowhere = stage.path("nowhere").join("file");
    let nowhere = nowhere.to_str().unwrap();
    let free = ["serve", "--listen", "127.0.0.1:0"];
    check(&["serve", "--listen", &taken], &["cannot listen on", &taken, "in use"]);
    check(&["serve", "--listen", "127.0.0.1:99999"], &["127.0.0.1:99999", "--listen"]);
    check(&["serve", "--product", "lamp=39"], &["`lamp=39` is no product", "`lamp=39.00 EUR x40`"]);
    let lamp = ["--product", "lamp=39.00 EUR x40"];
    check(&[&free[..], &lamp, &lamp].concat(), &["two products are called `lamp`"]);
    check(&["serve", "--fault", "eat"], &["unknown fault `eat`", "stall, delay"]);
    check(&["serve", "--idle", "60"], &["`60` has no unit", "60s"]);
    check(&["serve", "--seed", "-1"], &["-1"]);
    check(&[&free[..], &["--db", nowhere]].concat(), &["cannot use the database", nowhere]);
    check(
        &[&free[..], &["--fault-log", nowhere]].concat(),
        &["cannot write the fault log", nowhere],
    );
    check(&["report"], &["<FOLDER>", "claque report"]);
    check(&["report", nowhere], &[nowhere, "is no results folder"]);
    check(&["check"], &["<SCENARIO>"]);
    check(&["chekc", "x.toml"], &["chekc", "check"]);
    check(&[], &["Usage: claque", "report"]);
}
