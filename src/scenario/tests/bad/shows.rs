//! Shows and their cues.

use super::all_said;

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
       = help: did you mean `price_change`? Allowed here: `at`, `pin`, `flash_sale`, `go_live`, `end`, `price_change`, `giveaway`, `raid`, `say`, `by`

    error: unknown field `pni` in `cues`
      --> drop.toml:14:17
       |
    14 |   { at = "10s", pni = "lamp" },
       |                 ^^^
       |
       = help: did you mean `pin`? Allowed here: `at`, `pin`, `flash_sale`, `go_live`, `end`, `price_change`, `giveaway`, `raid`, `say`, `by`

    error: `pin` and `end` exclude each other
      --> drop.toml:14:31
       |
    14 |   { at = "10s", pin = "lamp", end = true },
       |                               ^^^
       |
       = help: the act of a cue is one of `pin`, `flash_sale`, `go_live`, `end`, `price_change`, `giveaway`, `raid`, `say`

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
       = help: write show = one of mia, noor; or shows, with weights

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
