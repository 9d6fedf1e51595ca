//! Bad input, table by table, with what is said of each row. Read them aloud when you change them.
#![expect(clippy::too_many_lines, reason = "a table and its texts belong side by side")]

use super::{GOOD, read};

/// What is said of [`GOOD`] with `old` replaced by `new`, and each `--set` applied.
fn said(old: &str, new: &str, sets: &[&str]) -> String {
    assert!(GOOD.contains(old), "{old:?} is not in the text");
    match read(&GOOD.replacen(old, new, 1), sets) {
        Ok((_, warnings)) => warnings.to_string(),
        Err(problems) => problems.to_string(),
    }
}

/// Several changes one after another, each with what is said.
fn all_said(changes: &[(&str, &str)]) -> String {
    changes.iter().map(|(old, new)| said(old, new, &[]) + "\n").collect()
}

#[test]
fn fields_and_types() {
    insta::assert_snapshot!(all_said(&[
        ("viewers = 500", "veiwers = 500"),
        ("viewers = 500", "viewers = 500\nmood = \"good\""),
        ("viewers = 500", ""),
        ("viewers = 500", "viewers = 500\nrate = \"2/s\""),
        ("viewers = 500", "viewers = 5_000_000_000"),
        ("viewers = 500", "viewers = -1"),
        ("viewers = 500", "viewers = \"many\""),
        ("creator = \"mia\"", ""),
        ("[[audience]]", "[audience]"),
        ("name = \"drop\"", "name = \"../drop\""),
        ("name = \"drop\"", "name = drop"),
        ("stock = 40", "stock = 40\nstock = 41"),
        ("[[shows]]", "[products.lamp]\nprice = \"1.00 EUR\"\n\n[[shows]]"),
    ]), @r#"
    error: unknown field `veiwers` in `audience`
      --> drop.toml:20:1
       |
    20 | veiwers = 500
       | ^^^^^^^
       |
       = help: did you mean `viewers`? Allowed here: `name`, `show`, `viewers`, `rate`, `arrivals`, `stay`, `chat`, `likes`, `funnel`

    error: unknown field `mood` in `audience`
      --> drop.toml:21:1
       |
    21 | mood = "good"
       | ^^^^
       |
       = help: allowed here: `name`, `show`, `viewers`, `rate`, `arrivals`, `stay`, `chat`, `likes`, `funnel`

    error: the size of a group is missing in `audience`
      --> drop.toml:18:1
       |
    18 | [[audience]]
       | ^^^^^^^^^^^^
       |
       = help: write one of `viewers`, `rate`

    error: `viewers` and `rate` exclude each other
      --> drop.toml:21:1
       |
    21 | rate = "2/s"
       | ^^^^
       |
       = help: the size of a group is one of `viewers`, `rate`

    error: 5000000000 is out of range
      --> drop.toml:20:11
       |
    20 | viewers = 5_000_000_000
       |           ^^^^^^^^^^^^^
       |
       = help: write a whole number from 0 to 4294967295

    error: -1 is negative
      --> drop.toml:20:11
       |
    20 | viewers = -1
       |           ^^
       |
       = help: write a whole number from 0 to 4294967295

    error: `viewers` must be an integer, not a string
      --> drop.toml:20:11
       |
    20 | viewers = "many"
       |           ^^^^^^
       |
       = help: write a whole number from 0 to 4294967295

    error: missing field `creator` in `shows`
      --> drop.toml:10:1
       |
    10 | [[shows]]
       | ^^^^^^^^^

    error: `audience` must be an array of tables, not a table
      --> drop.toml:18:1
       |
    18 | [audience]
       | ^^^^^^^^^^
       |
       = help: write [[audience]] instead of [audience]

    error: `../drop` cannot be a name
     --> drop.toml:2:8
      |
    2 | name = "../drop"
      |        ^^^^^^^^^
      |
      = help: a name has 1 to 64 letters, digits, - or _, since it stands in addresses

    error: text must stand in quotes
     --> drop.toml:2:8
      |
    2 | name = drop
      |        ^^^^
      |
      = help: write "drop"

    error: `stock` stands here twice
     --> drop.toml:9:1
      |
    9 | stock = 41
      | ^^^^^
      |
      = help: keep one of the two, or rename one

    error: there are two [products.lamp]
      --> drop.toml:10:11
       |
    10 | [products.lamp]
       |           ^^^^
       |
       = help: keep one of the two, or rename one
    "#);
}

#[test]
fn units() {
    insta::assert_snapshot!(all_said(&[
        ("length = \"60s\"", "length = 60"),
        ("length = \"60s\"", "length = \"60\""),
        ("length = \"60s\"", "length = \"60 sec\""),
        ("length = \"60s\"", "length = \"0s\""),
        ("\"0.5/min\"", "\"-0.5/min\""),
        ("\"0.5/min\"", "0.5"),
        ("\"0.5/min\"", "\"0.5/mn\""),
        ("\"9%\"", "9"),
        ("\"9%\"", "\"109%\""),
        ("\"9%\"", "\"100%\""),
        ("\"39.00 EUR\"", "39.00"),
        ("\"39.00 EUR\"", "\"39.00\""),
        ("\"39.00 EUR\"", "\"39.005 EUR\""),
        ("\"39.00 EUR\"", "\"0.00 EUR\""),
        ("\"29.00 EUR\"", "\"29.00 USD\""),
        ("stock = 40", "stock = 40\n[products.mug]\nprice = \"9 GBP\"\nstock = 1"),
    ]), @r#"
    error: `length` must be a duration, not an integer
     --> drop.toml:3:10
      |
    3 | length = 60
      |          ^^
      |
      = help: write it as text with its unit: "60s" or "60ms"

    error: `60` has no unit
     --> drop.toml:3:10
      |
    3 | length = "60"
      |          ^^^^
      |
      = help: write its unit: "60s", "60ms", "60m"

    error: `sec` is no unit of time
     --> drop.toml:3:10
      |
    3 | length = "60 sec"
      |          ^^^^^^^^
      |
      = help: units are ms, s, m, h, d and w: "600ms", "90s", "1m30s"

    error: a run cannot be of this length
     --> drop.toml:3:10
      |
    3 | length = "0s"
      |          ^^^^
      |
      = help: from "1s" to "7d"

    error: `-0.5/min` is negative
      --> drop.toml:23:23
       |
    23 | chat = { per_viewer = "-0.5/min" }
       |                       ^^^^^^^^^^
       |
       = help: a rate is at least "0/s"

    error: `per_viewer` must be a rate, not a number
      --> drop.toml:23:23
       |
    23 | chat = { per_viewer = 0.5 }
       |                       ^^^
       |
       = help: write how many in which time: "0.5/min"

    error: `/mn` is no unit of a rate
      --> drop.toml:23:23
       |
    23 | chat = { per_viewer = "0.5/mn" }
       |                       ^^^^^^^^
       |
       = help: a rate is a number a second, minute, hour or day: "12/s", "0.5/min", "3/h"

    error: 9 is above 1, which is all of them
      --> drop.toml:24:30
       |
    24 | funnel = { click_per_visit = 9, cart_per_click = "35%", buy_per_cart = "50%" }
       |                              ^
       |
       = help: did you mean "9%"?

    error: `109%` is out of range
      --> drop.toml:24:30
       |
    24 | funnel = { click_per_visit = "109%", cart_per_click = "35%", buy_per_cart = "50%" }
       |                              ^^^^^^
       |
       = help: a share is from 0% to 100%

    error: a share of 100% is out of reach: clicks come by chance
      --> drop.toml:24:30
       |
    24 | funnel = { click_per_visit = "100%", cart_per_click = "35%", buy_per_cart = "50%" }
       |                              ^^^^^^
       |
       = help: write at most "99.9%"

    error: `price` must be an amount of money, not a number
     --> drop.toml:7:9
      |
    7 | price = 39.00
      |         ^^^^^
      |
      = help: write it with its currency: "39.00 EUR"

    error: `39.00` has no currency
     --> drop.toml:7:9
      |
    7 | price = "39.00"
      |         ^^^^^^^
      |
      = help: write the amount and a currency of three capital letters: "39.00 EUR"

    error: `39.005` is no amount of EUR
     --> drop.toml:7:9
      |
    7 | price = "39.005 EUR"
      |         ^^^^^^^^^^^^
      |
      = help: EUR has 2 decimals, after a point

    error: a price of zero sells nothing
     --> drop.toml:7:9
      |
    7 | price = "0.00 EUR"
      |         ^^^^^^^^^^
      |
      = help: write what a unit costs

    error: this price is in USD, but `lamp` is in EUR
      --> drop.toml:15:46
       |
    15 |   { at = "35s", flash_sale = "lamp", price = "29.00 USD", length = "15s" },
       |                                              ^^^^^^^^^^^
       |
       = help: a scenario has one currency

    error: this price is in GBP, but `lamp` is in EUR
      --> drop.toml:10:9
       |
    10 | price = "9 GBP"
       |         ^^^^^^^
       |
       = help: a scenario has one currency
    "#);
}

#[test]
fn cues_and_shows() {
    insta::assert_snapshot!(all_said(&[
        ("at = \"35s\"", "at = \"75s\""),
        ("at = \"10s\"", "at = \"40s\""),
        ("pin = \"lamp\"", "pin = \"lmap\""),
        ("pin = \"lamp\"", "pin = \"lamp\", price = \"3 EUR\""),
        ("pin = \"lamp\"", "pni = \"lamp\""),
        ("pin = \"lamp\"", "pin = \"lamp\", end = true"),
        (", length = \"15s\"", ""),
        ("length = \"15s\"", "length = \"30s\""),
        ("\"29.00 EUR\"", "\"49.00 EUR\""),
        ("pin = \"lamp\"", "flash_sale = \"lamp\", price = \"1 EUR\", length = \"30s\""),
        ("{ at = \"10s\", pin = \"lamp\" }", "{ at = \"20s\", go_live = true }, { at = \"5s\", pin = \"lamp\" }"),
        ("branching = 0.3", "branching = 1.2"),
        ("branching = 0.3", "branching = 0.9"),
        ("[[audience]]", "[[shows]]\ncreator = \"mia\"\n\n[[audience]]"),
        ("[[audience]]", "[[shows]]\ncreator = \"noor\"\n\n[[audience]]"),
        ("[[audience]]", "[[shows]]\ncreator = \"noor\"\n\n[[audience]]\nshow = \"nor\""),
        ("\"mia\"", "\"followers-3\""),
    ]), @r#"
    error: this cue comes after the end of the run
      --> drop.toml:15:10
       |
    15 |   { at = "75s", flash_sale = "lamp", price = "29.00 EUR", length = "15s" },
       |          ^^^^^
       |
       = help: the end is at 1m

    error: a cue at 35s stands after one at 40s
      --> drop.toml:15:10
       |
    15 |   { at = "35s", flash_sale = "lamp", price = "29.00 EUR", length = "15s" },
       |          ^^^^^
       |
       = help: write cues in the order of time

    error: there is no product `lmap`
      --> drop.toml:14:23
       |
    14 |   { at = "10s", pin = "lmap" },
       |                       ^^^^^^
       |
       = help: did you mean `lamp`?

    error: unknown field `price` in `cues`
      --> drop.toml:14:31
       |
    14 |   { at = "10s", pin = "lamp", price = "3 EUR" },
       |                               ^^^^^
       |
       = help: allowed here: `at`, `pin`, `flash_sale`, `go_live`, `end`

    error: unknown field `pni` in `cues`
      --> drop.toml:14:17
       |
    14 |   { at = "10s", pni = "lamp" },
       |                 ^^^
       |
       = help: did you mean `pin`? Allowed here: `at`, `pin`, `flash_sale`, `go_live`, `end`

    error: `pin` and `end` exclude each other
      --> drop.toml:14:31
       |
    14 |   { at = "10s", pin = "lamp", end = true },
       |                               ^^^
       |
       = help: the act of a cue is one of `pin`, `flash_sale`, `go_live`, `end`

    error: missing field `length` in `cues`
      --> drop.toml:15:3
       |
    15 |   { at = "35s", flash_sale = "lamp", price = "29.00 EUR" },
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    warning: this flash sale would last until 1m5s
      --> drop.toml:15:3
       |
    15 |   { at = "35s", flash_sale = "lamp", price = "29.00 EUR", length = "30s" },
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: the show ends at 1m, and the sale with it

    warning: 49.00 EUR is above the list price of 39.00 EUR
      --> drop.toml:15:46
       |
    15 |   { at = "35s", flash_sale = "lamp", price = "49.00 EUR", length = "15s" },
       |                                              ^^^^^^^^^^^
       |
       = help: a flash sale is usually cheaper

    error: `lamp` is in another flash sale at this time
      --> drop.toml:15:3
       |
    15 |   { at = "35s", flash_sale = "lamp", price = "29.00 EUR", length = "15s" },
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: end one before the other begins: which price would hold?

    error: a cue at 5s stands after one at 20s
      --> drop.toml:14:42
       |
    14 |   { at = "20s", go_live = true }, { at = "5s", pin = "lamp" },
       |                                          ^^^^
       |
       = help: write cues in the order of time
    error: this cue comes before the show is live
      --> drop.toml:14:42
       |
    14 |   { at = "20s", go_live = true }, { at = "5s", pin = "lamp" },
       |                                          ^^^^
       |
       = help: it goes live at 20s
    error: this point is before the show
      --> drop.toml:21:25
       |
    21 | arrivals = { points = [["0s", 1.0], ["60s", 0.2]] }
       |                         ^^^^
       |
       = help: it goes live at 20s

    error: a branching of 1.2 never comes to rest
      --> drop.toml:12:22
       |
    12 | chat = { branching = 1.2, decay = "600ms" }
       |                      ^^^
       |
       = help: each message would bring at least one more, without end; write a number from 0 to below 1

    warning: a branching of 0.9 is above what was published
      --> drop.toml:12:22
       |
    12 | chat = { branching = 0.9, decay = "600ms" }
       |                      ^^^
       |
       = help: YouTube Live chats: 0.75 to 0.83 by one reading (arXiv 2408.05700)

    error: two creators are named `mia`
      --> drop.toml:19:11
       |
    19 | creator = "mia"
       |           ^^^^^
       |
       = help: give each creator a name of its own

    error: there are several shows: which one does this group visit?
      --> drop.toml:21:1
       |
    21 | [[audience]]
       | ^^^^^^^^^^^^
       |
       = help: write show = one of mia, noor

    error: there is no show by `nor`
      --> drop.toml:22:8
       |
    22 | show = "nor"
       |        ^^^^^
       |
       = help: did you mean `noor`?

    error: the creator `followers-3` is named like a viewer of this group
      --> drop.toml:19:8
       |
    19 | name = "followers"
       |        ^^^^^^^^^^^
       |
       = help: viewers are called followers-0, followers-1, …; rename one of the two
    "#);
}

#[test]
fn curves_and_stays() {
    let points = "{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }";
    let stay = "{ fixed = \"5s\" }";
    insta::assert_snapshot!(all_said(&[
        (points, "{ points = [[\"0s\", 0.0], [\"60s\", 0]] }"),
        (points, "{ points = [[\"0s\", 1.0], [\"60s\", -0.2]] }"),
        (points, "{ points = [[\"0s\", 1.0], [\"90s\", 0.2]] }"),
        (points, "{ points = [[\"9s\", 1.0], [\"3s\", 0.2]] }"),
        (points, "{ points = [[\"9s\", 1.0]] }"),
        (points, "{ points = [[\"9s\"], \"3s\"] }"),
        (points, "{ spike = { at = \"58s\", height = 5, width = \"4s\" } }"),
        (points, "{ ramp = { from = 0, to = 0 } }"),
        (points, "\"flat\""),
        (points, "{}"),
        (points, "{ trace = \"gone.csv\" }"),
        (points, "{ trace = \"empty.csv\" }"),
        (points, "{ trace = \"nothing.csv\", compress = 60 }"),
        (points, "{ trace = \"day.csv\" }"),
        (points, "{ trace = \"words.csv\" }"),
        (points, "{ trace = \"back.csv\" }"),
        (points, "{ trace = \"weeks.csv\" }"),
        (stay, "{ lognormal = { median = \"4s\", sigma = 1 } }"),
        (stay, "{ log_normal = { median = \"0s\", sigma = -1 } }"),
        (stay, "{ empirical = [] }"),
    ]), @r#"
    error: the curve is zero everywhere, so nobody would arrive
      --> drop.toml:21:23
       |
    21 | arrivals = { points = [["0s", 0.0], ["60s", 0]] }
       |                       ^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one rate be above zero

    error: -0.2 is negative
      --> drop.toml:21:45
       |
    21 | arrivals = { points = [["0s", 1.0], ["60s", -0.2]] }
       |                                             ^^^^
       |
       = help: write a number from 0 to 1000000000

    error: this point is after the show
      --> drop.toml:21:38
       |
    21 | arrivals = { points = [["0s", 1.0], ["90s", 0.2]] }
       |                                      ^^^^^
       |
       = help: it ends at 1m

    error: this point is not later than the one before it
      --> drop.toml:21:38
       |
    21 | arrivals = { points = [["9s", 1.0], ["3s", 0.2]] }
       |                                      ^^^^
       |
       = help: write points in the order of time

    error: a curve needs at least two points
      --> drop.toml:21:23
       |
    21 | arrivals = { points = [["9s", 1.0]] }
       |                       ^^^^^^^^^^^^^
       |
       = help: write a second point: [["0s", 1.0], ["60s", 1.0]]

    error: a point has two parts
      --> drop.toml:21:24
       |
    21 | arrivals = { points = [["9s"], "3s"] }
       |                        ^^^^^^
       |
       = help: write [instant, rate]: ["5s", 3.0]
    error: `points` must be an array, not a string
      --> drop.toml:21:32
       |
    21 | arrivals = { points = [["9s"], "3s"] }
       |                                ^^^^
       |
       = help: put the values in square brackets: [ … ]

    error: the spike does not fit into the show
      --> drop.toml:21:29
       |
    21 | arrivals = { spike = { at = "58s", height = 5, width = "4s" } }
       |                             ^^^^^
       |
       = help: the show is from 0s to 1m

    error: the curve is zero everywhere, so nobody would arrive
      --> drop.toml:21:21
       |
    21 | arrivals = { ramp = { from = 0, to = 0 } }
       |                     ^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one rate be above zero

    error: `flat` is none of the choices
      --> drop.toml:21:12
       |
    21 | arrivals = "flat"
       |            ^^^^^^
       |
       = help: allowed: `constant`

    error: a curve of arrivals is missing in `arrivals`
      --> drop.toml:21:12
       |
    21 | arrivals = {}
       |            ^^
       |
       = help: write one of `constant`, `points`, `ramp`, `spike`, `trace`

    error: gone.csv cannot be read: no such file
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "gone.csv" }
       |                      ^^^^^^^^^^
       |
       = help: a trace's path is relative to the scenario's folder

    error: empty.csv has fewer than two bins
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "empty.csv" }
       |                      ^^^^^^^^^^^
       |
       = help: the length of a bin is where the next begins

    error: nothing.csv is zero everywhere, so nobody would arrive
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "nothing.csv", compress = 60 }
       |                      ^^^^^^^^^^^^^
       |
       = help: at least one bin must be above zero

    error: day.csv lasts 24h, longer than the show, 1m
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "day.csv" }
       |                      ^^^^^^^^^
       |
       = help: compress it: compress = 1440

    error: words.csv line 3: `many` is no number of at least 0
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "words.csv" }
       |                      ^^^^^^^^^^^
       |
       = help: mend the line

    error: back.csv line 3: the bin begins before the last
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "back.csv" }
       |                      ^^^^^^^^^^
       |
       = help: bins stand in the order of time

    error: weeks.csv has `week` as its first column
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "weeks.csv" }
       |                      ^^^^^^^^^^^
       |
       = help: the header's first name is a unit: second, minute or hour

    error: unknown field `lognormal` in `stay`
      --> drop.toml:22:10
       |
    22 | stay = { lognormal = { median = "4s", sigma = 1 } }
       |          ^^^^^^^^^
       |
       = help: did you mean `log_normal`? Allowed here: `log_normal`, `exponential`, `fixed`, `empirical`

    error: `median` must be longer than zero
      --> drop.toml:22:34
       |
    22 | stay = { log_normal = { median = "0s", sigma = -1 } }
       |                                  ^^^^
       |
       = help: write "40s"
    error: -1 is negative
      --> drop.toml:22:48
       |
    22 | stay = { log_normal = { median = "0s", sigma = -1 } }
       |                                                ^^
       |
       = help: write a number from 0 to 10

    error: there is no stay to draw from
      --> drop.toml:22:22
       |
    22 | stay = { empirical = [] }
       |                      ^^
       |
       = help: write at least one: ["40s"]
    "#);
}

#[test]
fn objectives() {
    let good = "chat response p99 < 250ms";
    let table = [
        "chat response p99 < 250",
        "chat response < 250ms",
        "chat response p100 < 250ms",
        "chat respons p99 < 250ms",
        "chta response p99 < 250ms",
        "response p99 < 250ms",
        "join delivery p99 < 250ms",
        "chat completeness < 250ms",
        "chat completeness >= 99.9% p99",
        "chat response p99 is 250ms",
        "chat oversold = 0",
        "oversold = 0 in the worst second",
        "orders = many",
        "chat response p99 < 250ms in the best second",
        "chat response p99 < 250ms during flash_sale(lmap)",
        "chat response p99 < 250ms during pin(lamp)",
        "chat response p99 < 250ms after 61s",
        "chat response p99 <",
        "like response p99 < 1s",
        "",
    ];
    let changes: Vec<(&str, &str)> = table.iter().map(|&text| (good, text)).collect();
    insta::assert_snapshot!(all_said(&changes), @r#"
    error: `250` is not a time
     --> drop.toml:4:36
      |
    4 | objectives = ["chat response p99 < 250"]
      |                                    ^^^
      |
      = help: this figure is a time: write its unit, 250ms

    error: which statistic of the response?
     --> drop.toml:4:30
      |
    4 | objectives = ["chat response < 250ms"]
      |                              ^
      |
      = help: write p50, p99, p99.9, max or mean

    error: `p100` is no statistic
     --> drop.toml:4:30
      |
    4 | objectives = ["chat response p100 < 250ms"]
      |                              ^^^^
      |
      = help: write p50, p99, p99.9, max or mean

    error: `respons` is no figure
     --> drop.toml:4:21
      |
    4 | objectives = ["chat respons p99 < 250ms"]
      |                     ^^^^^^^
      |
      = help: did you mean `response`?

    error: `chta` is no kind of intent
     --> drop.toml:4:16
      |
    4 | objectives = ["chta response p99 < 250ms"]
      |                ^^^^
      |
      = help: did you mean `chat`?

    error: of which kind is this the response?
     --> drop.toml:4:16
      |
    4 | objectives = ["response p99 < 250ms"]
      |                ^^^^^^^^
      |
      = help: write the kind before it: chat response

    error: a join is not broadcast, so it has no delivery
     --> drop.toml:4:21
      |
    4 | objectives = ["join delivery p99 < 250ms"]
      |                     ^^^^^^^^
      |
      = help: the room hears of chat, pin, flash_sale, end

    error: `250ms` is not a share
     --> drop.toml:4:36
      |
    4 | objectives = ["chat completeness < 250ms"]
      |                                    ^^^^^
      |
      = help: this figure is a share: write 99.9% or 0.999

    error: `p99` does not belong here
     --> drop.toml:4:43
      |
    4 | objectives = ["chat completeness >= 99.9% p99"]
      |                                           ^^^
      |
      = help: a window is `in the worst second`, `during flash_sale(lamp)` or `after 30s`

    error: `is` is no comparison
     --> drop.toml:4:34
      |
    4 | objectives = ["chat response p99 is 250ms"]
      |                                  ^^
      |
      = help: write <, <=, =, >= or >

    error: `oversold` is counted over the whole run, not by kind
     --> drop.toml:4:21
      |
    4 | objectives = ["chat oversold = 0"]
      |                     ^^^^^^^^
      |
      = help: write it alone: oversold

    error: this figure is counted over the whole run only
     --> drop.toml:4:29
      |
    4 | objectives = ["oversold = 0 in the worst second"]
      |                             ^^
      |
      = help: leave the window out

    error: `many` is not a count
     --> drop.toml:4:25
      |
    4 | objectives = ["orders = many"]
      |                         ^^^^
      |
      = help: this figure is a count: write a whole number

    error: `best` does not belong here
     --> drop.toml:4:49
      |
    4 | objectives = ["chat response p99 < 250ms in the best second"]
      |                                                 ^^^^
      |
      = help: a window is `in the worst second`, `during flash_sale(lamp)` or `after 30s`

    error: there is no product `lmap`
     --> drop.toml:4:60
      |
    4 | objectives = ["chat response p99 < 250ms during flash_sale(lmap)"]
      |                                                            ^^^^
      |
      = help: did you mean `lamp`?

    error: `pin` has no length
     --> drop.toml:4:49
      |
    4 | objectives = ["chat response p99 < 250ms during pin(lamp)"]
      |                                                 ^^^
      |
      = help: write during flash_sale(lamp)

    error: `61s` is after the end
     --> drop.toml:4:48
      |
    4 | objectives = ["chat response p99 < 250ms after 61s"]
      |                                                ^^^
      |
      = help: the end is at 1m

    error: the objective ends where a time should stand
     --> drop.toml:4:35
      |
    4 | objectives = ["chat response p99 <"]
      |                                   ^
      |
      = help: this figure is a time: write its unit, 250ms

    warning: nobody ever does a like here, so this cannot be judged
     --> drop.toml:4:15
      |
    4 | objectives = ["like response p99 < 1s"]
      |               ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out, or let a group or a cue do it

    error: the objective ends where a kind or a figure should stand
     --> drop.toml:4:15
      |
    4 | objectives = [""]
      |               ^^
      |
      = help: such as "chat response p99 < 250ms"
    "#);
}

#[test]
fn targets_and_published_figures() {
    let target = |text: &'static str| ("[products.lamp]", text);
    insta::assert_snapshot!(all_said(&[
        target("[target]\nurl = \"127.0.0.1:8080\"\n[products.lamp]"),
        target("[target]\nurl = \"https://shop.example\"\n[products.lamp]"),
        target("[target]\nurl = \"http://shop.example/live?x=1\"\n[products.lamp]"),
        target("[target]\ntime_out = \"0s\"\nauthorised = \"yes\"\n[products.lamp]"),
        ("\"0.5/min\"", "\"5/min\""),
        ("\"9%\"", "\"60%\""),
        ("buy_per_cart", "pin_lift = -1, buy_per_cart"),
        ("[products.lamp]\nprice = \"39.00 EUR\"\nstock = 40\n", ""),
    ]), @r#"
    error: `127.0.0.1:8080` is no address
     --> drop.toml:7:7
      |
    7 | url = "127.0.0.1:8080"
      |       ^^^^^^^^^^^^^^^^
      |
      = help: write scheme, host and port: "http://127.0.0.1:8080"

    error: `https://shop.example` asks for TLS, which is not spoken yet
     --> drop.toml:7:7
      |
    7 | url = "https://shop.example"
      |       ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: put a TLS proxy in between, or use http://

    error: `http://shop.example/live?x=1` has more than host and port
     --> drop.toml:7:7
      |
    7 | url = "http://shop.example/live?x=1"
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: paths belong into the binding; here stands only "http://host:port"

    error: `time_out` is out of range
     --> drop.toml:7:12
      |
    7 | time_out = "0s"
      |            ^^^^
      |
      = help: from "10ms" to "10m"
    error: `authorised` must be a boolean, not a string
     --> drop.toml:8:14
      |
    8 | authorised = "yes"
      |              ^^^^^
      |
      = help: write true or false, without quotes

    warning: about 0.42 messages a visit: livelier than published rooms
      --> drop.toml:23:23
       |
    23 | chat = { per_viewer = "5/min" }
       |                       ^^^^^^^
       |
       = help: KuaiLive: at most 4 % of visits write a comment at all

    warning: 60% of visits click: more than published
      --> drop.toml:24:30
       |
    24 | funnel = { click_per_visit = "60%", cart_per_click = "35%", buy_per_cart = "50%" }
       |                              ^^^^^
       |
       = help: of those who enter a live-shopping room, 9.11 % open a product page, 11 % with a pitch (Li, Peking University)
    warning: 10.5 % of visits would buy: more than published
      --> drop.toml:24:76
       |
    24 | funnel = { click_per_visit = "60%", cart_per_click = "35%", buy_per_cart = "50%" }
       |                                                                            ^^^^^
       |
       = help: of those who enter a live-shopping room, 0.66 % buy, 1.54 % with a pitch (Li, Peking University)

    error: -1 is negative
      --> drop.toml:24:71
       |
    24 | funnel = { click_per_visit = "9%", cart_per_click = "35%", pin_lift = -1, buy_per_cart = "50%" }
       |                                                                       ^^
       |
       = help: write a number from 0 to 1000

    error: there is no product `lamp`
      --> drop.toml:11:23
       |
    11 |   { at = "10s", pin = "lamp" },
       |                       ^^^^^^
       |
       = help: describe it first, in [products.lamp]
    error: there is no product `lamp`
      --> drop.toml:12:30
       |
    12 |   { at = "35s", flash_sale = "lamp", price = "29.00 EUR", length = "15s" },
       |                              ^^^^^^
       |
       = help: describe it first, in [products.lamp]
    error: a funnel without products leads nowhere
      --> drop.toml:21:10
       |
    21 | funnel = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "50%" }
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: describe what is sold: [products.lamp] with a price and a stock
    "#);
}

#[test]
fn arguments() {
    let bad = [
        "audience.folowers.viewers=2000",
        "audience.7.viewers=2000",
        "audience.followers.veiwers=2000",
        "audience.followers.viewers=-3",
        "length",
        "name.first=x",
        "length=[1",
        "objectives=[\"chat response p99 < 250\"]",
        "audience..viewers=1",
        "=1",
    ];
    let said: String = bad.iter().map(|&set| said("", "", &[set]) + "\n").collect();
    insta::assert_snapshot!(said, @r#"
    error: no entry is named `folowers`
     --> --set:1:10
      |
    1 | audience.folowers.viewers=2000
      |          ^^^^^^^^
      |
      = help: did you mean `followers`?

    error: there is no entry 7
     --> --set:1:10
      |
    1 | audience.7.viewers=2000
      |          ^
      |
      = help: there are 1, numbered from 0

    error: unknown field `veiwers` in `audience`
     --> --set:1:20
      |
    1 | audience.followers.veiwers=2000
      |                    ^^^^^^^
      |
      = help: did you mean `viewers`? Allowed here: `name`, `show`, `viewers`, `rate`, `arrivals`, `stay`, `chat`, `likes`, `funnel`

    error: -3 is negative
     --> --set:1:28
      |
    1 | audience.followers.viewers=-3
      |                            ^^
      |
      = help: write a whole number from 0 to 4294967295

    error: `length` sets nothing
     --> --set:1:1
      |
    1 | length
      | ^^^^^^
      |
      = help: write a path and a value: --set audience.followers.viewers=2000

    error: a string has no `first`
     --> --set:1:6
      |
    1 | name.first=x
      |      ^^^^^
      |
      = help: shorten the path

    error: `[1` is not a TOML value
     --> --set:1:8
      |
    1 | length=[1
      |        ^^
      |
      = help: is a quote or bracket missing? Plain text needs none

    error: `250` is not a time
     --> --set:1:34
      |
    1 | objectives=["chat response p99 < 250"]
      |                                  ^^^
      |
      = help: this figure is a time: write its unit, 250ms

    error: a part of the path is empty
     --> --set:1:10
      |
    1 | audience..viewers=1
      |          ^
      |
      = help: write the names of the fields with a point between them: target.url

    error: a part of the path is empty
     --> --set:1:1
      |
    1 | =1
      | ^
      |
      = help: write the names of the fields with a point between them: target.url
    "#);
}
