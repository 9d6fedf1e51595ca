//! Laws of lengths of time, and how often viewers come.

use super::{all_said, each_said};

const STAY: &str = "{ fixed = \"5s\" }";

#[test]
fn laws() {
    insta::assert_snapshot!(each_said(STAY, &[
        "5",
        "\"5\"",
        "\"0s\"",
        "{ weibull = { shape = 0, scale = \"9s\" } }",
        "{ weibull = { shape = 0.7 } }",
        "{ gamma = { shape = -1, scale = \"0s\" } }",
        "{ exponentiated_weibull = { a = 1.5, b = 0.6, scale = \"9s\" } }",
        "{ exponential_power = { b = \"0.5\", scale = \"9s\" } }",
        "{ mixture = [] }",
        "{ mixture = [{ share = \"30%\", fixed = \"5s\" }, { share = \"60%\", exponential = { mean = \"9s\" } }] }",
        "{ mixture = [{ share = \"30%\", fixed = \"5s\" }, { share = \"80%\", fixed = \"9s\" }] }",
        "{ mixture = [{ fixed = \"5s\" }] }",
        "{ fixed = \"5s\", shift = 1 }",
        "{ fixed = \"5s\", exponential = { mean = \"9s\" } }",
        "{ shift = \"1s\" }",
    ]), @r#"
    error: `stay` must be a length of time or a law of such, not an integer
      --> drop.toml:22:8
       |
    22 | stay = 5
       |        ^
       |
       = help: write "3s", or a law: { log_normal = { median = "40s", sigma = 1.1 } }

    error: `5` has no unit
      --> drop.toml:22:8
       |
    22 | stay = "5"
       |        ^^^
       |
       = help: write its unit: "5s", "5ms", "5m"

    error: `stay` must be longer than zero
      --> drop.toml:22:8
       |
    22 | stay = "0s"
       |        ^^^^
       |
       = help: write "40s"

    error: 0 is out of range
      --> drop.toml:22:30
       |
    22 | stay = { weibull = { shape = 0, scale = "9s" } }
       |                              ^
       |
       = help: write a number from 0.01 to 1000

    error: missing field `scale` in `weibull`
      --> drop.toml:22:20
       |
    22 | stay = { weibull = { shape = 0.7 } }
       |                    ^^^^^^^^^^^^^^^

    error: -1 is negative
      --> drop.toml:22:28
       |
    22 | stay = { gamma = { shape = -1, scale = "0s" } }
       |                            ^^
       |
       = help: write a number from 0.01 to 1000
    error: `scale` must be longer than zero
      --> drop.toml:22:40
       |
    22 | stay = { gamma = { shape = -1, scale = "0s" } }
       |                                        ^^^^
       |
       = help: write "40s"

    error: missing field `c` in `exponentiated_weibull`
      --> drop.toml:22:34
       |
    22 | stay = { exponentiated_weibull = { a = 1.5, b = 0.6, scale = "9s" } }
       |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    error: unknown field `b` in `exponentiated_weibull`
      --> drop.toml:22:45
       |
    22 | stay = { exponentiated_weibull = { a = 1.5, b = 0.6, scale = "9s" } }
       |                                             ^
       |
       = help: allowed here: `a`, `c`, `scale`

    error: `b` must be a number, not a string
      --> drop.toml:22:36
       |
    22 | stay = { exponential_power = { b = "0.5", scale = "9s" } }
       |                                    ^^^^^
       |
       = help: write a number from 0.01 to 1000

    error: a mixture of nothing
      --> drop.toml:22:20
       |
    22 | stay = { mixture = [] }
       |                    ^^
       |
       = help: write its laws with their shares: [{ share = "30%", fixed = "5s" }, …]

    error: the shares of this mixture sum to 90%, not to 100%
      --> drop.toml:22:20
       |
    22 | stay = { mixture = [{ share = "30%", fixed = "5s" }, { share = "60%", exponential = { mean = "9s" } }] }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: 10% are missing

    error: the shares of this mixture sum to 110%, not to 100%
      --> drop.toml:22:20
       |
    22 | stay = { mixture = [{ share = "30%", fixed = "5s" }, { share = "80%", fixed = "9s" }] }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: 10% are too many

    error: missing field `share` in `mixture`
      --> drop.toml:22:21
       |
    22 | stay = { mixture = [{ fixed = "5s" }] }
       |                     ^^^^^^^^^^^^^^^^

    error: `shift` must be a duration, not an integer
      --> drop.toml:22:32
       |
    22 | stay = { fixed = "5s", shift = 1 }
       |                                ^
       |
       = help: write it as text with its unit: "1s" or "1ms"

    error: `exponential` and `fixed` exclude each other
      --> drop.toml:22:10
       |
    22 | stay = { fixed = "5s", exponential = { mean = "9s" } }
       |          ^^^^^
       |
       = help: a law is one of `log_normal`, `exponential`, `fixed`, `empirical`, `weibull`, `exponentiated_weibull`, `exponential_power`, `gamma`, `mixture`

    error: a law is missing in `stay`
      --> drop.toml:22:8
       |
    22 | stay = { shift = "1s" }
       |        ^^^^^^^^^^^^^^^^
       |
       = help: write one of `log_normal`, `exponential`, `fixed`, `empirical`, `weibull`, `exponentiated_weibull`, `exponential_power`, `gamma`, `mixture`
    "#);
}

#[test]
fn returns_and_classes() {
    let with = |more: &str| format!("{STAY}\nreturns = {{ {more} }}");
    let [none, zipf, no_zipf, p, r, never, twice, many] = [
        "visits = 3",
        "more = { zipf = 1 }, absence = \"9s\"",
        "more = { zpif = 2.7 }, absence = \"9s\"",
        "more = { geometric = { p = 0 } }, absence = \"9s\"",
        "more = { negative_binomial = { r = 0, p = 1.5 } }, absence = \"9s\"",
        "visits = 0, more = { negative_binomial = { r = 0.6, p = 0.5 } }, absence = \"9s\"",
        "absence = \"9s\"",
        "visits = 300, absence = \"9s\"",
    ]
    .map(with);
    insta::assert_snapshot!(all_said(&[
        (STAY, &none),
        (STAY, &zipf),
        (STAY, &no_zipf),
        (STAY, &p),
        (STAY, &r),
        (STAY, &never),
        (STAY, &twice),
        (STAY, &many),
        ("stay = { fixed = \"5s\" }", ""),
        ("stay = { fixed = \"5s\" }", "classes = []"),
        ("stay = { fixed = \"5s\" }", "classes = [{ share = \"50%\", stay = \"5s\" }, { share = \"40%\", stay = \"9s\" }]"),
        ("stay = { fixed = \"5s\" }", "classes = [{ share = \"100%\" }]"),
        ("stay = { fixed = \"5s\" }", "stay = \"5s\"\nclasses = [{ share = \"100%\", stay = \"5s\" }]"),
        ("stay = { fixed = \"5s\" }", "classes = [{ share = \"100%\", stay = \"5s\" }]\nreturns = { visits = 2, absence = \"9s\" }"),
    ]), @r#"
    error: missing field `absence` in `returns`
      --> drop.toml:23:11
       |
    23 | returns = { visits = 3 }
       |           ^^^^^^^^^^^^^^

    error: a Zipf law of exponent 1 does not sum up
      --> drop.toml:23:29
       |
    23 | returns = { more = { zipf = 1 }, absence = "9s" }
       |                             ^
       |
       = help: write a number above 1: 2.7 (Veloso et al. 2002)

    error: unknown field `zpif` in `more`
      --> drop.toml:23:22
       |
    23 | returns = { more = { zpif = 2.7 }, absence = "9s" }
       |                      ^^^^
       |
       = help: did you mean `zipf`? Allowed here: `negative_binomial`, `geometric`, `zipf`

    error: `p` must be above zero
      --> drop.toml:23:40
       |
    23 | returns = { more = { geometric = { p = 0 } }, absence = "9s" }
       |                                        ^
       |
       = help: write a number up to 1; at 0 no trial ever succeeds

    error: 0 is out of range
      --> drop.toml:23:48
       |
    23 | returns = { more = { negative_binomial = { r = 0, p = 1.5 } }, absence = "9s" }
       |                                                ^
       |
       = help: write a number from 0.01 to 1000
    error: 1.5 is out of range
      --> drop.toml:23:55
       |
    23 | returns = { more = { negative_binomial = { r = 0, p = 1.5 } }, absence = "9s" }
       |                                                       ^^^
       |
       = help: write a number from 0 to 1

    error: some viewers would never come
      --> drop.toml:23:22
       |
    23 | returns = { visits = 0, more = { negative_binomial = { r = 0.6, p = 0.5 } }, absence = "9s" }
       |                      ^
       |
       = help: write visits = 1, or a law of `more` that begins at 1: geometric or zipf

    warning: nobody comes back: everybody makes one visit
      --> drop.toml:23:11
       |
    23 | returns = { absence = "9s" }
       |           ^^^^^^^^^^^^^^^^^^
       |
       = help: write visits = 2, or more = { geometric = { p = 0.6 } }

    error: 300 is out of range
      --> drop.toml:23:22
       |
    23 | returns = { visits = 300, absence = "9s" }
       |                      ^^^
       |
       = help: write a whole number from 0 to 256

    error: how long viewers stay is missing in `audience`
      --> drop.toml:18:1
       |
    18 | [[audience]]
       | ^^^^^^^^^^^^
       |
       = help: write one of `stay`, `classes`

    error: there is no class of viewers
      --> drop.toml:22:11
       |
    22 | classes = []
       |           ^^
       |
       = help: write them with their shares: [{ share = "100%", stay = "40s" }]

    error: the shares of these classes sum to 90%, not to 100%
      --> drop.toml:22:11
       |
    22 | classes = [{ share = "50%", stay = "5s" }, { share = "40%", stay = "9s" }]
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: 10% are missing

    error: missing field `stay` in `classes`
      --> drop.toml:22:12
       |
    22 | classes = [{ share = "100%" }]
       |            ^^^^^^^^^^^^^^^^^^

    error: `stay` and `classes` exclude each other
      --> drop.toml:23:1
       |
    23 | classes = [{ share = "100%", stay = "5s" }]
       | ^^^^^^^
       |
       = help: how long viewers stay is one of `stay`, `classes`

    error: `classes` and `returns` exclude each other
      --> drop.toml:23:1
       |
    23 | returns = { visits = 2, absence = "9s" }
       | ^^^^^^^
       |
       = help: each class has `returns` of its own
    "#);
}
