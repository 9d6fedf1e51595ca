//! Quantities without units, or with the wrong ones.

use super::all_said;

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
