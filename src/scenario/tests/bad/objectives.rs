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
