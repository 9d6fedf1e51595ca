//! When a crowd comes, in the newer forms; the older ones are in `crowds`.

use super::{all_said, each_said};

const ARRIVALS: &str = "{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }";

#[test]
fn curves() {
    insta::assert_snapshot!(each_said(ARRIVALS, &[
        "{ cubic = [[\"0s\", 1.0], [\"90s\", 0.2]] }",
        "{ cubic = [[\"0s\", 1.0]] }",
        "{ flash_crowd = { at = \"30s\", height = 9, ramp = \"10s\", sustain = \"10s\", decay = \"20s\" } }",
        "{ flash_crowd = { at = \"30s\", height = 9, ramp = \"0s\", sustain = \"0s\", decay = \"0s\" } }",
        "{ flash_crowd = { at = \"30s\", hight = 9, ramp = \"5s\", sustain = \"0s\", decay = \"5s\" } }",
        "{ notification = { at = \"60s\", opens = \"7%\", delay = \"20s\" } }",
        "{ notification = { at = \"0s\", opens = 7, delay = { fixed = \"20\" } } }",
        "{ bins = { width = \"1m\", weights = [3, 1] } }",
        "{ bins = { width = \"10s\", weights = [0, 0] } }",
        "{ bins = { width = \"10s\", weights = [] } }",
        "{ bins = { width = \"10s\", weights = [1, -1] } }",
        "{ sum = [] }",
        "{ sum = [{ weight = 0, constant = true }, { ramp = { from = 0, to = 0 } }] }",
        "{ sum = [{ weight = 2 }] }",
        "{ sum = [{ sum = [{ constant = true }] }] }",
    ]), @r#"
    error: this point is after the show
      --> drop.toml:21:37
       |
    21 | arrivals = { cubic = [["0s", 1.0], ["90s", 0.2]] }
       |                                     ^^^^^
       |
       = help: it ends at 1m

    error: a curve needs at least two points
      --> drop.toml:21:22
       |
    21 | arrivals = { cubic = [["0s", 1.0]] }
       |                      ^^^^^^^^^^^^^
       |
       = help: write a second point: [["0s", 1.0], ["60s", 1.0]]

    error: the flash crowd does not fit into the show
      --> drop.toml:21:35
       |
    21 | arrivals = { flash_crowd = { at = "30s", height = 9, ramp = "10s", sustain = "10s", decay = "20s" } }
       |                                   ^^^^^
       |
       = help: the show is from 0s to 1m

    error: a flash crowd of no length
      --> drop.toml:21:28
       |
    21 | arrivals = { flash_crowd = { at = "30s", height = 9, ramp = "0s", sustain = "0s", decay = "0s" } }
       |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: let it sustain: sustain = "10s"

    error: unknown field `hight` in `flash_crowd`
      --> drop.toml:21:42
       |
    21 | arrivals = { flash_crowd = { at = "30s", hight = 9, ramp = "5s", sustain = "0s", decay = "5s" } }
       |                                          ^^^^^
       |
       = help: did you mean `height`? Allowed here: `at`, `height`, `ramp`, `sustain`, `decay`

    error: they would be told after the show
      --> drop.toml:21:36
       |
    21 | arrivals = { notification = { at = "60s", opens = "7%", delay = "20s" } }
       |                                    ^^^^^
       |
       = help: the show is from 0s to 1m

    error: 7 is above 1, which is all of them
      --> drop.toml:21:50
       |
    21 | arrivals = { notification = { at = "0s", opens = 7, delay = { fixed = "20" } } }
       |                                                  ^
       |
       = help: did you mean "7%"?
    error: `20` has no unit
      --> drop.toml:21:71
       |
    21 | arrivals = { notification = { at = "0s", opens = 7, delay = { fixed = "20" } } }
       |                                                                       ^^^^
       |
       = help: write its unit: "20s", "20ms", "20m"

    error: these bins last 2m, longer than the show, 1m
      --> drop.toml:21:21
       |
    21 | arrivals = { bins = { width = "1m", weights = [3, 1] } }
       |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: compress it: compress = 2

    error: these bins are zero everywhere, so nobody would arrive
      --> drop.toml:21:21
       |
    21 | arrivals = { bins = { width = "10s", weights = [0, 0] } }
       |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: at least one bin must be above zero

    error: there is no bin
      --> drop.toml:21:48
       |
    21 | arrivals = { bins = { width = "10s", weights = [] } }
       |                                                ^^
       |
       = help: write at least one weight: [3, 1]

    error: -1 is negative
      --> drop.toml:21:52
       |
    21 | arrivals = { bins = { width = "10s", weights = [1, -1] } }
       |                                                    ^^
       |
       = help: write a number from 0 to 1000000000

    error: a sum of no arrivals
      --> drop.toml:21:20
       |
    21 | arrivals = { sum = [] }
       |                    ^^
       |
       = help: write its parts: [{ weight = 2, ramp = { from = 0, to = 1 } }, …]

    error: 0 is out of range
      --> drop.toml:21:32
       |
    21 | arrivals = { sum = [{ weight = 0, constant = true }, { ramp = { from = 0, to = 0 } }] }
       |                                ^
       |
       = help: write a number from 0.001 to 1000000000
    error: the curve is zero everywhere, so nobody would arrive
      --> drop.toml:21:63
       |
    21 | arrivals = { sum = [{ weight = 0, constant = true }, { ramp = { from = 0, to = 0 } }] }
       |                                                               ^^^^^^^^^^^^^^^^^^^^
       |
       = help: let at least one rate be above zero

    error: a curve of arrivals is missing in `sum`
      --> drop.toml:21:21
       |
    21 | arrivals = { sum = [{ weight = 2 }] }
       |                     ^^^^^^^^^^^^^^
       |
       = help: write one of `constant`, `points`, `ramp`, `spike`, `trace`, `cubic`, `flash_crowd`, `notification`, `bins`

    error: a sum within a sum
      --> drop.toml:21:23
       |
    21 | arrivals = { sum = [{ sum = [{ constant = true }] }] }
       |                       ^^^
       |
       = help: write its parts beside the others
    "#);
}

/// A rate says how many arrive, a notification how many of those told do.
#[test]
fn notifications() {
    let told = "{ notification = { at = \"0s\", opens = \"7%\", delay = \"20s\" } }";
    let sum = "rate = \"2/s\"\narrivals = { sum = [{ constant = true }, { notification = { at = \"0s\", opens = \"7%\", delay = \"20s\" } }] }";
    let old = format!("viewers = 500\narrivals = {ARRIVALS}");
    insta::assert_snapshot!(all_said(&[
        (&old, &format!("rate = \"2/s\"\narrivals = {told}")),
        (&old, sum),
    ]), @r#"
    error: a notification goes to a number of viewers, not at a rate
      --> drop.toml:20:1
       |
    20 | rate = "2/s"
       | ^^^^
       |
       = help: write how many are told: viewers = 500

    error: a notification goes to a number of viewers, not at a rate
      --> drop.toml:20:1
       |
    20 | rate = "2/s"
       | ^^^^
       |
       = help: write how many are told: viewers = 500
    "#);
}

#[test]
fn compress() {
    insta::assert_snapshot!(all_said(&[
        ("viewers = 500", "viewers = 500\ncompress = 0"),
        ("viewers = 500\narrivals = { points = [[\"0s\", 1.0], [\"60s\", 0.2]] }\nstay = { fixed = \"5s\" }",
         "viewers = 500\ncompress = 60\nstay = { empirical = { trace = \"stays.csv\", compress = 10 } }"),
        (ARRIVALS, "{ bins = { width = \"1h\", weights = [3, 1] } }\ncompress = 60"),
    ]), @r#"
    error: 0 is out of range
      --> drop.toml:21:12
       |
    21 | compress = 0
       |            ^
       |
       = help: write a number from 0.001 to 1000000

    warning: there is nothing here that this factor divides
      --> drop.toml:21:12
       |
    21 | compress = 60
       |            ^^
       |
       = help: it is for bins and traces of arrivals, stays and absences; leave it out
    warning: about 0.06 messages a visit: livelier than published rooms
      --> drop.toml:23:23
       |
    23 | chat = { per_viewer = "0.5/min" }
       |                       ^^^^^^^^^
       |
       = help: KuaiLive: at most 4 % of visits write a comment at all

    error: these bins last 2m, longer than the show, 1m
      --> drop.toml:21:21
       |
    21 | arrivals = { bins = { width = "1h", weights = [3, 1] } }
       |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: compress it: compress = 120
    "#);
}
