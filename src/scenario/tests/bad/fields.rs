//! Fields that are misspelt, missing, doubled or of the wrong type.

use super::all_said;

#[test]
fn fields_and_types() {
    insta::assert_snapshot!(all_said(&[
        ("viewers = 500", "veiwers = 500"),
        ("viewers = 500", "viewers = 500\nmood = \"good\""),
        ("viewers = 500", ""),
        ("viewers = 500", "viewers = 500\nrate = \"2/s\""),
        ("viewers = 500", "viewers = 5_000_000_000"),
        ("viewers = 500", "viewers = 100_000_001"),
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
       = help: did you mean `viewers`? Allowed here: `name`, `show`, `shows`, `preset`, `compress`, `viewers`, `rate`, `arrivals`, `stay`, `classes`, `returns`, `hop`, `chat`, `likes`, `shares`, `gifts`, `giveaways`, `funnel`, `on_received`

    error: unknown field `mood` in `audience`
      --> drop.toml:21:1
       |
    21 | mood = "good"
       | ^^^^
       |
       = help: allowed here: `name`, `show`, `shows`, `preset`, `compress`, `viewers`, `rate`, `arrivals`, `stay`, `classes`, `returns`, `hop`, `chat`, `likes`, `shares`, `gifts`, `giveaways`, `funnel`, `on_received`

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

    error: 100000001 viewers are too many for one group
      --> drop.toml:20:11
       |
    20 | viewers = 100_000_001
       |           ^^^^^^^^^^^
       |
       = help: at most 100000000

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
      = help: a name has 1 to 64 of a–z, A–Z, 0–9, - and _, since it stands in addresses

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
