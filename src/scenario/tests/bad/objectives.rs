//! Objectives that say nothing, or nothing that can be judged.

use super::all_said;

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
      = help: the room hears of pin, price_change, flash_sale, giveaway, raid, end, chat, gift

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
      = help: a window is `in the worst second`, `during flash_sale(lamp)`, `during giveaway(lamp)`, `after 30s` or `before 10s`

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
      = help: a window is `in the worst second`, `during flash_sale(lamp)`, `during giveaway(lamp)`, `after 30s` or `before 10s`

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
      = help: write during flash_sale(lamp) or during giveaway(lamp)

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
fn limits_windows_and_reactions() {
    let good = "chat response p99 < 250ms";
    let table = [
        "chat failed < many",
        "chat failed < 1.5",
        "chat failed < 250ms",
        "all failed < 1%",
        "chat response p50 < 50ms, failed < 1%",
        "chat response p50 < 50ms, < 250ms",
        "chat response p50 < 50ms,",
        "chat response p99 < 250ms over 10s",
        "chat response p99 < 250ms during giveaway(lamp)",
        "chat response p99 < 250ms during giveaway",
        "chat response p99 < 250ms before 60s",
        "chat response p99 < 250ms before 0s",
        "chat response p99 < 250ms befor 10s",
        "reaction like response p99 < 1s",
        "reaction chat delivery p99 < 1s",
        "reaction orders >= 1",
        "reaction click failed < 1% after 30s",
        "reaction click response p99 < 1s",
        "gift response p99 < 1s",
    ];
    let changes: Vec<(&str, &str)> = table.iter().map(|&text| (good, text)).collect();
    insta::assert_snapshot!(all_said(&changes), @r#"
    error: `many` is neither a share nor a count
     --> drop.toml:4:30
      |
    4 | objectives = ["chat failed < many"]
      |                              ^^^^
      |
      = help: write a share, 0.1% or 0.001, or how many, 100

    error: 1.5 is above 1, which is all of them
     --> drop.toml:4:30
      |
    4 | objectives = ["chat failed < 1.5"]
      |                              ^^^
      |
      = help: did you mean "1.5%"?

    error: `250ms` is neither a share nor a count
     --> drop.toml:4:30
      |
    4 | objectives = ["chat failed < 250ms"]
      |                              ^^^^^
      |
      = help: write a share, 0.1% or 0.001, or how many, 100

    error: `all` is no kind of intent
     --> drop.toml:4:16
      |
    4 | objectives = ["all failed < 1%"]
      |                ^^^
      |
      = help: without a kind, all of them are meant: failed < 1%

    error: `failed` begins another figure
     --> drop.toml:4:42
      |
    4 | objectives = ["chat response p50 < 50ms, failed < 1%"]
      |                                          ^^^^^^
      |
      = help: write it as an objective of its own, in quotes of its own

    error: which statistic of the response?
     --> drop.toml:4:42
      |
    4 | objectives = ["chat response p50 < 50ms, < 250ms"]
      |                                          ^
      |
      = help: write p50, p99, p99.9, max or mean

    error: the objective ends where a statistic should stand
     --> drop.toml:4:41
      |
    4 | objectives = ["chat response p50 < 50ms,"]
      |                                         ^
      |
      = help: write p50, p99, p99.9, max or mean

    error: `over` is for the rules of `abort_when`, which look at the last seconds
     --> drop.toml:4:42
      |
    4 | objectives = ["chat response p99 < 250ms over 10s"]
      |                                          ^^^^
      |
      = help: a window is `in the worst second`, `during flash_sale(lamp)`, `during giveaway(lamp)`, `after 30s` or `before 10s`

    error: `lamp` has no giveaway
     --> drop.toml:4:58
      |
    4 | objectives = ["chat response p99 < 250ms during giveaway(lamp)"]
      |                                                          ^^^^
      |
      = help: add the cue, or name a product that has one

    error: which product's giveaway?
     --> drop.toml:4:49
      |
    4 | objectives = ["chat response p99 < 250ms during giveaway"]
      |                                                 ^^^^^^^^
      |
      = help: write during giveaway(lamp)

    error: `60s` is not before the end
     --> drop.toml:4:49
      |
    4 | objectives = ["chat response p99 < 250ms before 60s"]
      |                                                 ^^^
      |
      = help: the end is at 1m

    error: nothing is before the start
     --> drop.toml:4:49
      |
    4 | objectives = ["chat response p99 < 250ms before 0s"]
      |                                                 ^^
      |
      = help: write before 10s

    error: `befor` does not belong here
     --> drop.toml:4:42
      |
    4 | objectives = ["chat response p99 < 250ms befor 10s"]
      |                                          ^^^^^
      |
      = help: a window is `in the worst second`, `during flash_sale(lamp)`, `during giveaway(lamp)`, `after 30s` or `before 10s`

    error: nobody does a like because of something received
     --> drop.toml:4:25
      |
    4 | objectives = ["reaction like response p99 < 1s"]
      |                         ^^^^
      |
      = help: reactions are chat, click, add_to_cart, check_out, enter, leave

    error: the delivery is not told apart by what somebody wrote it for
     --> drop.toml:4:30
      |
    4 | objectives = ["reaction chat delivery p99 < 1s"]
      |                              ^^^^^^^^
      |
      = help: leave `reaction` out

    error: orders are not told apart by what led to them
     --> drop.toml:4:25
      |
    4 | objectives = ["reaction orders >= 1"]
      |                         ^^^^^^
      |
      = help: write reaction check-out answered

    error: reactions have one table for the whole run
     --> drop.toml:4:43
      |
    4 | objectives = ["reaction click failed < 1% after 30s"]
      |                                           ^^^^^
      |
      = help: leave the window out, or write `in the worst second`

    warning: nobody ever does a click because of something received here, so this cannot be judged
     --> drop.toml:4:15
      |
    4 | objectives = ["reaction click response p99 < 1s"]
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out, or give a group `on_received`

    warning: nobody ever does a gift here, so this cannot be judged
     --> drop.toml:4:15
      |
    4 | objectives = ["gift response p99 < 1s"]
      |               ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out, or let a group or a cue do it
    "#);
}

#[test]
fn abort_rules() {
    let good = "objectives = [";
    let table = [
        "abort_when = [\"chat failed > 50% after 30s\"]\nobjectives = [",
        "abort_when = [\"chat failed > 50% over 10\"]\nobjectives = [",
        "abort_when = [\"chat failed > 50% over 1500ms\"]\nobjectives = [",
        "abort_when = [\"chat failed > 50% over 5m\"]\nobjectives = [",
        "abort_when = [\"chat failed > 50% for 10s\"]\nobjectives = [",
        "abort_when = [\"oversold > 0\"]\nobjectives = [",
        "abort_when = \"chat failed > 50%\"\nobjectives = [",
        "abort_when = [7]\nobjectives = [",
        "abort_when = [\"gift failed > 50%\"]\nobjectives = [",
    ];
    let changes: Vec<(&str, &str)> = table.iter().map(|&text| (good, text)).collect();
    insta::assert_snapshot!(all_said(&changes), @r#"
    error: a rule looks at the last seconds, so it has no `after`
     --> drop.toml:4:34
      |
    4 | abort_when = ["chat failed > 50% after 30s"]
      |                                  ^^^^^
      |
      = help: write over 10s

    error: `10` has no unit
     --> drop.toml:4:39
      |
    4 | abort_when = ["chat failed > 50% over 10"]
      |                                       ^^
      |
      = help: write its unit: "10s", "10ms", "10m"

    error: a rule cannot look back over 1500ms
     --> drop.toml:4:39
      |
    4 | abort_when = ["chat failed > 50% over 1500ms"]
      |                                       ^^^^^^
      |
      = help: whole seconds, from 1s to 120s

    error: a rule cannot look back over 5m
     --> drop.toml:4:39
      |
    4 | abort_when = ["chat failed > 50% over 5m"]
      |                                       ^^
      |
      = help: whole seconds, from 1s to 120s

    error: `for` does not belong here
     --> drop.toml:4:34
      |
    4 | abort_when = ["chat failed > 50% for 10s"]
      |                                  ^^^
      |
      = help: write over 10s

    error: what was oversold is known only at the end
     --> drop.toml:4:16
      |
    4 | abort_when = ["oversold > 0"]
      |                ^^^^^^^^
      |
      = help: look at it in `objectives`, or at orders here

    error: `abort_when` must be an array, not a string
     --> drop.toml:4:14
      |
    4 | abort_when = "chat failed > 50%"
      |              ^^^^^^^^^^^^^^^^^^^
      |
      = help: put the values in square brackets: [ … ]

    error: `abort_when` must be a string, not an integer
     --> drop.toml:4:15
      |
    4 | abort_when = [7]
      |               ^
      |
      = help: put it in quotes

    warning: nobody ever does a gift here, so this cannot be judged
     --> drop.toml:4:15
      |
    4 | abort_when = ["gift failed > 50%"]
      |               ^^^^^^^^^^^^^^^^^^^
      |
      = help: leave it out, or let a group or a cue do it
    "#);
}
