//! What hosts do at cues.

use super::each_said;

/// The cue that is replaced; one show of one minute.
const CUE: &str = "{ at = \"10s\", pin = \"lamp\" }";

#[test]
fn prices_and_giveaways() {
    insta::assert_snapshot!(each_said(CUE, &[
        "{ at = \"10s\", price_change = \"lmap\", price = \"30.00 EUR\" }",
        "{ at = \"10s\", price_change = \"lamp\" }",
        "{ at = \"10s\", price_change = \"lamp\", price = \"30.00 GBP\" }",
        "{ at = \"10s\", giveaway = \"mug\", length = \"15s\" }",
        "{ at = \"10s\", giveaway = \"lamp\", length = \"0s\" }",
        "{ at = \"10s\", giveaway = \"lamp\", length = \"2m\" }",
        "{ at = \"10s\", giveaway = \"lamp\", length = \"15s\" }, { at = \"20s\", giveaway = \"lamp\", length = \"5s\" }",
        "{ at = \"10s\", giveaway = \"lamp\", lenght = \"15s\" }",
    ]), @r#"
    error: there is no product `lmap`
      --> drop.toml:14:32
       |
    14 |   { at = "10s", price_change = "lmap", price = "30.00 EUR" },
       |                                ^^^^^^
       |
       = help: did you mean `lamp`?

    error: missing field `price` in `cues`
      --> drop.toml:14:3
       |
    14 |   { at = "10s", price_change = "lamp" },
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: this price is in GBP, but `lamp` is in EUR
      --> drop.toml:14:48
       |
    14 |   { at = "10s", price_change = "lamp", price = "30.00 GBP" },
       |                                                ^^^^^^^^^^^
       |
       = help: a scenario has one currency

    error: there is no product `mug`
      --> drop.toml:14:28
       |
    14 |   { at = "10s", giveaway = "mug", length = "15s" },
       |                            ^^^^^
       |
       = help: products here: lamp

    error: a giveaway of no length
      --> drop.toml:14:45
       |
    14 |   { at = "10s", giveaway = "lamp", length = "0s" },
       |                                             ^^^^
       |
       = help: write "15s"

    warning: this giveaway would last until 2m10s
      --> drop.toml:14:3
       |
    14 |   { at = "10s", giveaway = "lamp", length = "2m" },
       |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: the show ends at 1m, and the giveaway with it

    error: `lamp` is in another giveaway at this time
      --> drop.toml:14:54
       |
    14 |   { at = "10s", giveaway = "lamp", length = "15s" }, { at = "20s", giveaway = "lamp", length = "5s" },
       |                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: end one before the other begins: for which would a viewer enter?

    error: unknown field `lenght` in `cues`
      --> drop.toml:14:36
       |
    14 |   { at = "10s", giveaway = "lamp", lenght = "15s" },
       |                                    ^^^^^^
       |
       = help: did you mean `length`? Allowed here: `at`, `pin`, `flash_sale`, `go_live`, `end`, `price_change`, `giveaway`, `raid`, `say`, `length`, `by`
    "#);
}

#[test]
fn what_is_said() {
    insta::assert_snapshot!(each_said(CUE, &[
        "{ at = \"10s\", say = \" \" }",
        "{ at = \"10s\", say = 4 }",
        &format!("{{ at = \"10s\", say = \"{}\" }}", "la".repeat(251)),
    ]), @r#"
    error: nothing is said
      --> drop.toml:14:23
       |
    14 |   { at = "10s", say = " " },
       |                       ^^^
       |
       = help: write say = "Welcome!"

    error: `say` must be a string, not an integer
      --> drop.toml:14:23
       |
    14 |   { at = "10s", say = 4 },
       |                       ^
       |
       = help: put it in quotes

    error: 502 letters are too many for one message
      --> drop.toml:14:23
       |
    14 | ... = "lalalalalalalalalalalalalalalalalalalalalala...lalalalalalalalalalalalalalalalalalalalalala" },
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: at most 500
    "#);
}

#[test]
fn co_hosts() {
    let with = "cues = [";
    insta::assert_snapshot!(each_said(with, &[
        "co_hosts = [\"ben\"]\ncues = [ { at = \"9s\", by = \"bne\", pin = \"lamp\" },",
        "cues = [ { at = \"9s\", by = \"ben\", pin = \"lamp\" },",
        "co_hosts = [\"ben\"]\ncues = [ { at = \"0.5s\", by = \"ben\", pin = \"lamp\" },",
        "co_hosts = [\"ben\"]\ncues = [ { at = \"0s\", by = \"ben\", go_live = true },",
        "co_hosts = [\"ben\", \"mia\"]\ncues = [",
        "co_hosts = [\"Ben & Co\"]\ncues = [",
        "co_hosts = [\"followers-12\"]\ncues = [",
        "co_hosts = \"ben\"\ncues = [",
        "answers = { every = 0, delay = \"3s\" }\ncues = [",
        "answers = { every = 5 }\ncues = [",
    ]), @r#"
    error: `bne` does not host this show
      --> drop.toml:14:28
       |
    14 | cues = [ { at = "9s", by = "bne", pin = "lamp" },
       |                            ^^^^^
       |
       = help: did you mean `ben`?

    error: `ben` does not host this show
      --> drop.toml:13:28
       |
    13 | cues = [ { at = "9s", by = "ben", pin = "lamp" },
       |                            ^^^^^
       |
       = help: name the co-host first: co_hosts = ["ben"]

    error: `ben` is not there yet
      --> drop.toml:14:17
       |
    14 | cues = [ { at = "0.5s", by = "ben", pin = "lamp" },
       |                 ^^^^^^
       |
       = help: co-hosts enter 1s after going live, here at 1s

    error: a co-host cannot do `go_live`
      --> drop.toml:14:28
       |
    14 | cues = [ { at = "0s", by = "ben", go_live = true },
       |                            ^^^^^
       |
       = help: it is the creator's: leave `by` out

    error: `mia` hosts this show already
      --> drop.toml:13:20
       |
    13 | co_hosts = ["ben", "mia"]
       |                    ^^^^^
       |
       = help: name every co-host once, and not the creator

    error: `Ben & Co` cannot be a name
      --> drop.toml:13:13
       |
    13 | co_hosts = ["Ben & Co"]
       |             ^^^^^^^^^^
       |
       = help: a name has 1 to 64 of a–z, A–Z, 0–9, - and _, since it stands in addresses

    error: the co-host `followers-12` is named like a viewer of this group
      --> drop.toml:20:8
       |
    20 | name = "followers"
       |        ^^^^^^^^^^^
       |
       = help: viewers are called followers-0, followers-1, …; rename one of the two

    error: `co_hosts` must be an array, not a string
      --> drop.toml:13:12
       |
    13 | co_hosts = "ben"
       |            ^^^^^
       |
       = help: put the values in square brackets: [ … ]

    error: 0 is out of range
      --> drop.toml:13:21
       |
    13 | answers = { every = 0, delay = "3s" }
       |                     ^
       |
       = help: write a whole number from 1 to 4294967295

    error: missing field `delay` in `answers`
      --> drop.toml:13:11
       |
    13 | answers = { every = 5 }
       |           ^^^^^^^^^^^^^
    "#);
}
