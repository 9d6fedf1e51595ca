//! Targets, and figures far from those published.

use super::all_said;

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
