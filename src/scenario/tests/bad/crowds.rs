//! When a crowd comes and how long it stays.

use super::all_said;

#[test]
fn curves_and_stays() {
    let points = "{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }";
    let stay = "{ fixed = \"5s\" }";
    insta::assert_snapshot!(all_said(&[
        (points, "{ points = [[\"0s\", 0.0], [\"60s\", 0]] }"),
        (points, "{ points = [[\"0s\", 1.0], [\"60s\", -0.2]] }"),
        (points, "{ points = [[\"0s\", 1.0], [\"90s\", 0.2]] }"),
        (points, "{ points = [[\"9s\", 1.0], [\"3s\", 0.2]] }"),
        (points, "{ points = [[\"9s\", 1.0]] }"),
        (points, "{ points = [[\"9s\"], \"3s\"] }"),
        (points, "{ spike = { at = \"58s\", height = 5, width = \"4s\" } }"),
        (points, "{ ramp = { from = 0, to = 0 } }"),
        (points, "\"flat\""),
        (points, "{}"),
        (points, "{ trace = \"gone.csv\" }"),
        (points, "{ trace = \"empty.csv\" }"),
        (points, "{ trace = \"nothing.csv\", compress = 60 }"),
        (points, "{ trace = \"day.csv\" }"),
        (points, "{ trace = \"words.csv\" }"),
        (points, "{ trace = \"back.csv\" }"),
        (points, "{ trace = \"weeks.csv\" }"),
        (stay, "{ lognormal = { median = \"4s\", sigma = 1 } }"),
        (stay, "{ log_normal = { median = \"0s\", sigma = -1 } }"),
        (stay, "{ empirical = [] }"),
    ]), @r#"
    error: the curve is zero everywhere, so nobody would arrive
      --> drop.toml:21:23
       |
    21 | arrivals = { points = [["0s", 0.0], ["60s", 0]] }
       |                       ^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one rate be above zero

    error: -0.2 is negative
      --> drop.toml:21:45
       |
    21 | arrivals = { points = [["0s", 1.0], ["60s", -0.2]] }
       |                                             ^^^^
       |
       = help: write a number from 0 to 1000000000

    error: this point is after the show
      --> drop.toml:21:38
       |
    21 | arrivals = { points = [["0s", 1.0], ["90s", 0.2]] }
       |                                      ^^^^^
       |
       = help: it ends at 1m

    error: this point is not later than the one before it
      --> drop.toml:21:38
       |
    21 | arrivals = { points = [["9s", 1.0], ["3s", 0.2]] }
       |                                      ^^^^
       |
       = help: write points in the order of time

    error: a curve needs at least two points
      --> drop.toml:21:23
       |
    21 | arrivals = { points = [["9s", 1.0]] }
       |                       ^^^^^^^^^^^^^
       |
       = help: write a second point: [["0s", 1.0], ["60s", 1.0]]

    error: a point has two parts
      --> drop.toml:21:24
       |
    21 | arrivals = { points = [["9s"], "3s"] }
       |                        ^^^^^^
       |
       = help: write [instant, rate]: ["5s", 3.0]
    error: `points` must be an array, not a string
      --> drop.toml:21:32
       |
    21 | arrivals = { points = [["9s"], "3s"] }
       |                                ^^^^
       |
       = help: put the values in square brackets: [ … ]

    error: the spike does not fit into the show
      --> drop.toml:21:29
       |
    21 | arrivals = { spike = { at = "58s", height = 5, width = "4s" } }
       |                             ^^^^^
       |
       = help: the show is from 0s to 1m

    error: the curve is zero everywhere, so nobody would arrive
      --> drop.toml:21:21
       |
    21 | arrivals = { ramp = { from = 0, to = 0 } }
       |                     ^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one rate be above zero

    error: `flat` is none of the choices
      --> drop.toml:21:12
       |
    21 | arrivals = "flat"
       |            ^^^^^^
       |
       = help: allowed: `constant`

    error: a curve of arrivals is missing in `arrivals`
      --> drop.toml:21:12
       |
    21 | arrivals = {}
       |            ^^
       |
       = help: write one of `constant`, `points`, `ramp`, `spike`, `trace`, `cubic`, `flash_crowd`, `notification`, `bins`, `sum`

    error: gone.csv cannot be read: no such file
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "gone.csv" }
       |                      ^^^^^^^^^^
       |
       = help: a trace's path begins at the folder of the file that names it

    error: empty.csv has fewer than two bins
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "empty.csv" }
       |                      ^^^^^^^^^^^
       |
       = help: the length of a bin is where the next begins

    error: nothing.csv is zero everywhere, so nobody would arrive
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "nothing.csv", compress = 60 }
       |                      ^^^^^^^^^^^^^
       |
       = help: at least one bin must be above zero

    error: day.csv lasts 24h, longer than the show, 1m
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "day.csv" }
       |                      ^^^^^^^^^
       |
       = help: compress it: compress = 1440

    error: words.csv line 3: `many` is no number of at least 0
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "words.csv" }
       |                      ^^^^^^^^^^^
       |
       = help: mend the line

    error: back.csv line 3: the bin begins before the last
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "back.csv" }
       |                      ^^^^^^^^^^
       |
       = help: bins stand in the order of time

    error: weeks.csv has `week` as its first column
      --> drop.toml:21:22
       |
    21 | arrivals = { trace = "weeks.csv" }
       |                      ^^^^^^^^^^^
       |
       = help: the header's first name is a unit: second, minute or hour

    error: unknown field `lognormal` in `stay`
      --> drop.toml:22:10
       |
    22 | stay = { lognormal = { median = "4s", sigma = 1 } }
       |          ^^^^^^^^^
       |
       = help: did you mean `log_normal`? Allowed here: `log_normal`, `exponential`, `fixed`, `empirical`, `weibull`, `exponentiated_weibull`, `exponential_power`, `gamma`, `mixture`, `shift`

    error: `median` must be longer than zero
      --> drop.toml:22:34
       |
    22 | stay = { log_normal = { median = "0s", sigma = -1 } }
       |                                  ^^^^
       |
       = help: write "40s"
    error: -1 is negative
      --> drop.toml:22:48
       |
    22 | stay = { log_normal = { median = "0s", sigma = -1 } }
       |                                                ^^
       |
       = help: write a number from 0 to 10

    error: there is no length to draw from
      --> drop.toml:22:22
       |
    22 | stay = { empirical = [] }
       |                      ^^
       |
       = help: write at least one: ["40s"]
    "#);
}
