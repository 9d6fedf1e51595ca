//! What viewers do on receiving something.

use super::{all_said, each_added};

#[test]
fn on_received() {
    insta::assert_snapshot!(each_added(&[
        "on_received = { pni = { click = \"15%\", delay = \"2s\" } }",
        "on_received = { pin = \"15%\" }",
        "on_received = { pin = { delay = \"2s\" } }",
        "on_received = { pin = { click = \"15%\" } }",
        "on_received = { pin = { click = 15, delay = \"2s\" } }",
        "on_received = { pin = { clik = \"15%\", delay = \"2s\" } }",
        "on_received = { pin = { enter = \"15%\", delay = \"2s\" } }",
        "on_received = { sold_out = { click = \"15%\", delay = \"2s\" } }",
        "on_received = { sold_out = { leave = { share = \"30%\" }, complain = { delay = \"2s\" } } }",
        "on_received = { giveaway = { enter = \"60%\", delay = \"2s\" } }",
        "on_received = { price_change = { click = \"60%\", delay = \"2s\" } }",
        "giveaways = { enter_per_viewer = \"60%\", delay = \"2s\" }",
        "giveaways = { enter_per_viewer = \"60%\" }",
    ]), @r#"
    error: unknown field `pni` in `on_received`
      --> drop.toml:21:17
       |
    21 | on_received = { pni = { click = "15%", delay = "2s" } }
       |                 ^^^
       |
       = help: did you mean `pin`? Allowed here: `pin`, `flash_sale`, `price_change`, `giveaway`, `sold_out`

    error: `pin` must be a table, not a string
      --> drop.toml:21:23
       |
    21 | on_received = { pin = "15%" }
       |                       ^^^^^
       |
       = help: write what they do, and after how long: { leave = "15%", delay = "2s" }

    error: nothing is done here
      --> drop.toml:21:23
       |
    21 | on_received = { pin = { delay = "2s" } }
       |                       ^^^^^^^^^^^^^^^^
       |
       = help: write the share of one or more of `click`, `complain`, `leave`

    error: after how long do they click?
      --> drop.toml:21:25
       |
    21 | on_received = { pin = { click = "15%" } }
       |                         ^^^^^
       |
       = help: write a delay beside it: delay = { exponential = { mean = "2s" } }

    error: 15 is above 1, which is all of them
      --> drop.toml:21:33
       |
    21 | on_received = { pin = { click = 15, delay = "2s" } }
       |                                 ^^
       |
       = help: did you mean "15%"?

    error: unknown field `clik` in `pin`
      --> drop.toml:21:25
       |
    21 | on_received = { pin = { clik = "15%", delay = "2s" } }
       |                         ^^^^
       |
       = help: did you mean `click`? Allowed here: `delay`, `click`, `complain`, `leave`

    error: unknown field `enter` in `pin`
      --> drop.toml:21:25
       |
    21 | on_received = { pin = { enter = "15%", delay = "2s" } }
       |                         ^^^^^
       |
       = help: allowed here: `delay`, `click`, `complain`, `leave`

    error: unknown field `click` in `sold_out`
      --> drop.toml:21:30
       |
    21 | on_received = { sold_out = { click = "15%", delay = "2s" } }
       |                              ^^^^^
       |
       = help: allowed here: `delay`, `complain`, `leave`

    error: after how long do they leave?
      --> drop.toml:21:30
       |
    21 | on_received = { sold_out = { leave = { share = "30%" }, complain = { delay = "2s" } } }
       |                              ^^^^^
       |
       = help: write a delay beside it: delay = { exponential = { mean = "2s" } }
    error: missing field `share` in `complain`
      --> drop.toml:21:68
       |
    21 | on_received = { sold_out = { leave = { share = "30%" }, complain = { delay = "2s" } } }
       |                                                                    ^^^^^^^^^^^^^^^^

    warning: nothing is ever given away in the shows of this group
      --> drop.toml:21:17
       |
    21 | on_received = { giveaway = { enter = "60%", delay = "2s" } }
       |                 ^^^^^^^^
       |
       = help: add a cue: { at = "10s", giveaway = PRODUCT, length = "15s" }

    warning: no price ever changes in the shows of this group
      --> drop.toml:21:17
       |
    21 | on_received = { price_change = { click = "60%", delay = "2s" } }
       |                 ^^^^^^^^^^^^
       |
       = help: add a cue: { at = "10s", price_change = PRODUCT, price = … }

    warning: nothing is ever given away in the shows of this group
      --> drop.toml:21:1
       |
    21 | giveaways = { enter_per_viewer = "60%", delay = "2s" }
       | ^^^^^^^^^
       |
       = help: add a cue: { at = "10s", giveaway = PRODUCT, length = "15s" }

    error: missing field `delay` in `giveaways`
      --> drop.toml:21:13
       |
    21 | giveaways = { enter_per_viewer = "60%" }
       |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

/// What is done on receiving is not planned as well.
#[test]
fn planned_for_nothing() {
    let buy = "buy_per_cart = \"50%\"";
    let cues = "{ at = \"10s\", pin = \"lamp\" },";
    let give =
        super::GOOD.replacen(cues, "{ at = \"10s\", giveaway = \"lamp\", length = \"9s\" },", 1);
    insta::assert_snapshot!(all_said(&[
        (buy, "buy_per_cart = \"50%\", pin_lift = 2, sale_lift = 3 }\non_received = { pin = { click = \"15%\", delay = \"2s\" }"),
        (buy, "buy_per_cart = \"50%\", sale_lift = 2 }\non_received = { flash_sale = { click = \"15%\", delay = \"2s\" }"),
    ]), @r#"
    warning: this does nothing: here viewers click when they receive the pin
      --> drop.toml:24:82
       |
    24 | funnel = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "50%", pin_lift = 2, sale_lift = 3 }
       |                                                                                  ^^^^^^^^
       |
       = help: leave one of the two out

    warning: this does nothing: here viewers click when they receive the flash sale
      --> drop.toml:24:82
       |
    24 | funnel = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "50%", sale_lift = 2 }
       |                                                                                  ^^^^^^^^^
       |
       = help: leave one of the two out
    "#);
    insta::assert_snapshot!(super::all_said_of(&give, &[(
        "viewers = 500",
        "viewers = 500\ngiveaways = { enter_per_viewer = \"60%\", delay = \"2s\" }\n\
         on_received = { giveaway = { enter = \"60%\", delay = \"2s\" } }",
    )]), @r#"
    warning: this does nothing: here viewers enter when they receive the giveaway
      --> drop.toml:21:1
       |
    21 | giveaways = { enter_per_viewer = "60%", delay = "2s" }
       | ^^^^^^^^^
       |
       = help: leave one of the two out
    "#);
}

#[test]
fn without_what_it_takes() {
    let funnel =
        "funnel = { click_per_visit = \"9%\", cart_per_click = \"35%\", buy_per_cart = \"50%\" }";
    let product = "[products.lamp]\nprice = \"39.00 EUR\"\nstock = 40\n";
    insta::assert_snapshot!(all_said(&[
        (funnel, "on_received = { pin = { click = \"15%\", delay = \"2s\" } }"),
    ]), @r#"
    error: this group has no funnel that a click could lead into
      --> drop.toml:24:25
       |
    24 | on_received = { pin = { click = "15%", delay = "2s" } }
       |                         ^^^^^
       |
       = help: give it one: funnel = { click_per_visit = "0%", cart_per_click = …, buy_per_cart = … }
    "#);
    // Without anything to sell.
    let bare = super::GOOD.replacen(product, "", 1);
    let from = bare.find("cues = [").unwrap();
    let to = from + bare[from..].find("\n]\n").unwrap() + 3;
    let bare = bare.replacen(&bare[from..to], "", 1);
    let leave = "on_received = { sold_out = { leave = \"30%\", delay = \"2s\" } }";
    insta::assert_snapshot!(super::all_said_of(&bare, &[(funnel, leave)]), @r#"
    warning: nothing is sold here, so nothing is ever sold out
      --> drop.toml:17:17
       |
    17 | on_received = { sold_out = { leave = "30%", delay = "2s" } }
       |                 ^^^^^^^^
       |
       = help: describe what is sold: [products.lamp] with a price and a stock
    "#);
}
