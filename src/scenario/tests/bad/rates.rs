//! How often something is done.

use super::{each_added, each_said};

const CHAT: &str = "chat = { per_viewer = \"0.5/min\" }";

#[test]
fn frequencies() {
    insta::assert_snapshot!(each_said(CHAT, &[
        "chat = {}",
        "chat = { per_viewer = \"0.5/min\", per_visit = 0.8 }",
        "chat = { per_visit = \"0.8\" }",
        "chat = { per_visit = -1 }",
        "chat = { per_vist = 1 }",
        "chat = { per_viewer = \"1000000/s\" }",
        "chat = { per_show = 1_000_000_000 }",
        "chat = { per_show = { quantiles = [9] } }",
        "chat = { per_show = { quantiles = [0, 9, 4] } }",
        "chat = { per_show = 100_000 }",
        "chat = { per_visit = 0.01 }\nlikes = { per_show = 100 }",
        "chat = { per_visit = 0.01 }\nlikes = { per_visit = 200 }",
        "chat = { per_visit = 0.01, by_show_time = [[\"70s\", 1]] }",
        "chat = { per_visit = 0.01, by_show_time = [[\"0s\", 1], [\"70s\", 2], [\"80s\", 3]] }",
        "shares = { per_visit = 1, by_viewer_age = [[\"0s\", 0], [\"1s\", 0]] }",
    ]), @r#"
    error: the frequency of messages is missing in `chat`
      --> drop.toml:23:8
       |
    23 | chat = {}
       |        ^^
       |
       = help: write one of `per_viewer`, `per_visit`, `per_show`

    error: `per_viewer` and `per_visit` exclude each other
      --> drop.toml:23:34
       |
    23 | chat = { per_viewer = "0.5/min", per_visit = 0.8 }
       |                                  ^^^^^^^^^
       |
       = help: the frequency of messages is one of `per_viewer`, `per_visit`, `per_show`

    error: `per_visit` must be a number, not a string
      --> drop.toml:23:22
       |
    23 | chat = { per_visit = "0.8" }
       |                      ^^^^^
       |
       = help: write a number from 0 to 1000000

    error: -1 is negative
      --> drop.toml:23:22
       |
    23 | chat = { per_visit = -1 }
       |                      ^^
       |
       = help: write a number from 0 to 1000000

    error: unknown field `per_vist` in `chat`
      --> drop.toml:23:10
       |
    23 | chat = { per_vist = 1 }
       |          ^^^^^^^^
       |
       = help: did you mean `per_visit`? Allowed here: `per_viewer`, `per_visit`, `per_show`, `by_show_time`, `by_viewer_age`, `weights`, `metronome`

    error: that is 60000000 times, by every single viewer
      --> drop.toml:23:23
       |
    23 | chat = { per_viewer = "1000000/s" }
       |                       ^^^^^^^^^^^
       |
       = help: at most 1048576 are counted; is the unit right?

    error: that is 2000000 times, by every single viewer
      --> drop.toml:23:21
       |
    23 | chat = { per_show = 1_000_000_000 }
       |                     ^^^^^^^^^^^^^
       |
       = help: at most 1048576 are counted; is the unit right?

    error: two quantiles are the least
      --> drop.toml:23:35
       |
    23 | chat = { per_show = { quantiles = [9] } }
       |                                   ^^^
       |
       = help: write at least the smallest and the largest: [0, 7000]

    error: a quantile of 4 stands after one of 9
      --> drop.toml:23:42
       |
    23 | chat = { per_show = { quantiles = [0, 9, 4] } }
       |                                          ^
       |
       = help: quantiles never fall

    warning: about 200 messages a visit: livelier than published rooms
      --> drop.toml:23:21
       |
    23 | chat = { per_show = 100_000 }
       |                     ^^^^^^^
       |
       = help: KuaiLive: at most 4 % of visits write a comment at all

    error: unknown field `per_show` in `likes`
      --> drop.toml:24:11
       |
    24 | likes = { per_show = 100 }
       |           ^^^^^^^^
       |
       = help: did you mean `per_visit`? Allowed here: `per_viewer`, `per_visit`, `by_show_time`, `by_viewer_age`, `weights`, `run`

    warning: about 200 likes a visit: keener than published rooms
      --> drop.toml:24:23
       |
    24 | likes = { per_visit = 200 }
       |                       ^^^
       |
       = help: Periscope: 407 hearts for 36 views, 11 a view (IMC 2016)

    warning: this point is after the end of the run
      --> drop.toml:23:45
       |
    23 | chat = { per_visit = 0.01, by_show_time = [["70s", 1]] }
       |                                             ^^^^^
       |
       = help: the run ends at 1m; is the unit right?

    warning: this point is after the end of the run
      --> drop.toml:23:68
       |
    23 | chat = { per_visit = 0.01, by_show_time = [["0s", 1], ["70s", 2], ["80s", 3]] }
       |                                                                    ^^^^^
       |
       = help: the run ends at 1m; is the unit right?

    error: `by_viewer_age` is zero everywhere, so nothing would ever be done
      --> drop.toml:23:43
       |
    23 | shares = { per_visit = 1, by_viewer_age = [["0s", 0], ["1s", 0]] }
       |                                           ^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one factor be above zero; 1 is as declared
    "#);
}

#[test]
fn factors_and_weights() {
    insta::assert_snapshot!(each_said("per_viewer = \"0.5/min\"", &[
        "per_viewer = \"0.5/min\", by_show_time = []",
        "per_viewer = \"0.5/min\", by_show_time = [[\"9s\", 1.0], [\"3s\", 2.0]]",
        "per_viewer = \"0.5/min\", by_show_time = [[\"9s\", -1.0]]",
        "per_viewer = \"0.5/min\", by_show_time = [[\"0s\", 0], [\"9s\", 0]]",
        "per_viewer = \"0.5/min\", by_show_time = [[\"9s\"]]",
        "per_viewer = \"0.5/min\", by_viewer_age = [[9, 1.0]]",
        "per_viewer = \"0.5/min\", by_age = [[\"9s\", 1.0]]",
        "per_viewer = \"0.5/min\", weights = { 1 = \"80%\", 3 = \"20%\" }",
        "per_viewer = \"0.5/min\", weights = { 1 = \"80%\", 4 = \"15%\" }",
        "per_viewer = \"0.5/min\", weights = { one = \"100%\" }",
        "per_viewer = \"0.5/min\", weights = { 0 = \"100%\" }",
        "per_viewer = \"0.5/min\", weights = { 2097152 = \"100%\" }",
        "per_viewer = \"0.5/min\", metronome = true, weights = { 1 = \"100%\" }",
    ]), @r#"
    error: a factor needs at least one point
      --> drop.toml:23:49
       |
    23 | chat = { per_viewer = "0.5/min", by_show_time = [] }
       |                                                 ^^
       |
       = help: write [["0s", 1.0]]

    error: this point is not later than the one before it
      --> drop.toml:23:64
       |
    23 | chat = { per_viewer = "0.5/min", by_show_time = [["9s", 1.0], ["3s", 2.0]] }
       |                                                                ^^^^
       |
       = help: write points in the order of time

    error: -1 is negative
      --> drop.toml:23:57
       |
    23 | chat = { per_viewer = "0.5/min", by_show_time = [["9s", -1.0]] }
       |                                                         ^^^^
       |
       = help: write a number from 0 to 1000000000

    error: `by_show_time` is zero everywhere, so nothing would ever be done
      --> drop.toml:23:49
       |
    23 | chat = { per_viewer = "0.5/min", by_show_time = [["0s", 0], ["9s", 0]] }
       |                                                 ^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one factor be above zero; 1 is as declared

    error: a point has two parts
      --> drop.toml:23:50
       |
    23 | chat = { per_viewer = "0.5/min", by_show_time = [["9s"]] }
       |                                                  ^^^^^^
       |
       = help: write [instant, factor]: ["5m", 3.0]

    error: `by_viewer_age` must be a duration, not an integer
      --> drop.toml:23:52
       |
    23 | chat = { per_viewer = "0.5/min", by_viewer_age = [[9, 1.0]] }
       |                                                    ^
       |
       = help: write it as text with its unit: "9s" or "9ms"

    error: unknown field `by_age` in `chat`
      --> drop.toml:23:34
       |
    23 | chat = { per_viewer = "0.5/min", by_age = [["9s", 1.0]] }
       |                                  ^^^^^^
       |
       = help: allowed here: `per_viewer`, `per_visit`, `per_show`, `by_show_time`, `by_viewer_age`, `weights`, `metronome`

    error: 3 is no power of two
      --> drop.toml:23:57
       |
    23 | chat = { per_viewer = "0.5/min", weights = { 1 = "80%", 3 = "20%" } }
       |                                                         ^
       |
       = help: weights are 1, 2, 4, 8, …, with their shares: { 1 = "80%", 4 = "20%" }

    error: the shares of these weights sum to 95%, not to 100%
      --> drop.toml:23:44
       |
    23 | chat = { per_viewer = "0.5/min", weights = { 1 = "80%", 4 = "15%" } }
       |                                            ^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: 5% are missing

    error: `one` is no weight
      --> drop.toml:23:46
       |
    23 | chat = { per_viewer = "0.5/min", weights = { one = "100%" } }
       |                                              ^^^
       |
       = help: weights are 1, 2, 4, 8, …, with their shares: { 1 = "80%", 4 = "20%" }

    error: 0 is no power of two
      --> drop.toml:23:46
       |
    23 | chat = { per_viewer = "0.5/min", weights = { 0 = "100%" } }
       |                                              ^
       |
       = help: weights are 1, 2, 4, 8, …, with their shares: { 1 = "80%", 4 = "20%" }

    error: a weight of 2097152 is out of range
      --> drop.toml:23:46
       |
    23 | chat = { per_viewer = "0.5/min", weights = { 2097152 = "100%" } }
       |                                              ^^^^^^^
       |
       = help: at most 1048576

    error: a metronome takes no `weights`
      --> drop.toml:23:52
       |
    23 | chat = { per_viewer = "0.5/min", metronome = true, weights = { 1 = "100%" } }
       |                                                    ^^^^^^^
       |
       = help: it spaces messages evenly; leave one of the two out
    "#);
}

#[test]
fn gifts() {
    insta::assert_snapshot!(each_added(&[
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\" }",
        "gifts = { givers = \"30%\", per_giver = \"0.5/min\", amount = \"1.00 EUR\" }",
        "gifts = { givers = \"1%\", per_viewer = \"0.5/min\", amount = \"1.00 EUR\" }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = \"1.00 USD\" }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = \"0.00 EUR\" }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = \"50000000.00 EUR\" }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = 1 }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = { log_normal = { median = \"5.00 EUR\", sigma = 2, max = \"1.00 EUR\" } } }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = { pareto = { min = \"0.10 EUR\", alpha = 0, max = \"500 EUR\" } } }",
        "gifts = { givers = \"1%\", per_giver = \"0.5/min\", amount = { pareto = { min = \"0.10 EUR\", alpha = 1 } } }",
    ]), @r#"
    error: missing field `amount` in `gifts`
      --> drop.toml:21:9
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min" }
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    warning: 30% of viewers give: more than published
      --> drop.toml:21:20
       |
    21 | gifts = { givers = "30%", per_giver = "0.5/min", amount = "1.00 EUR" }
       |                    ^^^^^
       |
       = help: KuaiLive: a gift in at most 1.48 % of visits

    error: unknown field `per_viewer` in `gifts`
      --> drop.toml:21:26
       |
    21 | gifts = { givers = "1%", per_viewer = "0.5/min", amount = "1.00 EUR" }
       |                          ^^^^^^^^^^
       |
       = help: did you mean `per_giver`? Allowed here: `givers`, `per_giver`, `by_show_time`, `by_viewer_age`, `weights`, `amount`

    error: this gift is in USD, but `lamp` is in EUR
      --> drop.toml:21:58
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = "1.00 USD" }
       |                                                          ^^^^^^^^^^
       |
       = help: a scenario has one currency

    error: a gift of nothing
      --> drop.toml:21:58
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = "0.00 EUR" }
       |                                                          ^^^^^^^^^^
       |
       = help: write what it is worth: "1.00 EUR"

    error: 50000000.00 EUR is too much for one gift
      --> drop.toml:21:58
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = "50000000.00 EUR" }
       |                                                          ^^^^^^^^^^^^^^^^^
       |
       = help: at most 42949672.95 EUR

    error: `amount` must be an amount of money, not an integer
      --> drop.toml:21:58
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = 1 }
       |                                                          ^
       |
       = help: write it with its currency: "39.00 EUR"

    error: `max` is below `median`
      --> drop.toml:21:113
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = { log_normal = { median = "5.00 EUR", sigma = 2, max = "1.00 EUR" } } }
       |                                                                                                                 ^^^^^^^^^^
       |
       = help: the largest gift cannot be smaller; write more

    error: 0 is out of range
      --> drop.toml:21:97
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = { pareto = { min = "0.10 EUR", alpha = 0, max = "500 EUR" } } }
       |                                                                                                 ^
       |
       = help: write a number from 0.05 to 100

    error: missing field `max` in `pareto`
      --> drop.toml:21:69
       |
    21 | gifts = { givers = "1%", per_giver = "0.5/min", amount = { pareto = { min = "0.10 EUR", alpha = 1 } } }
       |                                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn gifts_without_products_agree_on_a_currency() {
    let audience = "[[audience]]\nname = \"a\"\nviewers = 1\nstay = \"5s\"\n\
                    gifts = { givers = \"1%\", per_giver = \"1/min\", amount = \"1.00 EUR\" }\n";
    let other = audience.replace("\"a\"", "\"b\"").replace("EUR", "USD");
    let text = format!(
        "name = \"drop\"\nlength = \"60s\"\n[[shows]]\ncreator = \"mia\"\n{audience}{other}"
    );
    insta::assert_snapshot!(super::all_said_of(&text, &[("", "")]), @r#"
    error: this gift is in USD, but another is in EUR
      --> drop.toml:14:56
       |
    14 | gifts = { givers = "1%", per_giver = "1/min", amount = "1.00 USD" }
       |                                                        ^^^^^^^^^^
       |
       = help: a scenario has one currency
    "#);
}

#[test]
fn nobody_is_there() {
    insta::assert_snapshot!(each_said(CHAT, &[
        "chat = { per_show = 9, by_show_time = [[\"60s\", 0], [\"100s\", 1]] }",
        "chat = { per_visit = 9, by_viewer_age = [[\"60s\", 0], [\"100s\", 1]] }",
    ]), @r#"
    warning: nobody is ever there to do this
      --> drop.toml:23:21
       |
    23 | chat = { per_show = 9, by_show_time = [["60s", 0], ["100s", 1]] }
       |                     ^
       |
       = help: let viewers come, and the factors be above zero while they are there
    warning: this point is after the end of the run
      --> drop.toml:23:53
       |
    23 | chat = { per_show = 9, by_show_time = [["60s", 0], ["100s", 1]] }
       |                                                     ^^^^^^
       |
       = help: the run ends at 1m; is the unit right?

    warning: about 9.00 messages a visit: livelier than published rooms
      --> drop.toml:23:22
       |
    23 | chat = { per_visit = 9, by_viewer_age = [["60s", 0], ["100s", 1]] }
       |                      ^
       |
       = help: KuaiLive: at most 4 % of visits write a comment at all
    warning: nobody is ever there to do this
      --> drop.toml:23:22
       |
    23 | chat = { per_visit = 9, by_viewer_age = [["60s", 0], ["100s", 1]] }
       |                      ^
       |
       = help: let viewers come, and the factors be above zero while they are there
    "#);
    let empty = super::super::GOOD.replacen("viewers = 500", "viewers = 0", 1);
    insta::assert_snapshot!(super::all_said_of(&empty, &[(CHAT, "chat = { per_show = 9 }")]), @r#"
    warning: nobody is ever there to do this
      --> drop.toml:23:21
       |
    23 | chat = { per_show = 9 }
       |                     ^
       |
       = help: let viewers come, and the factors be above zero while they are there
    "#);
}
