//! Several shows: who visits which, hops and raids.

use super::all_said_of;

/// Two shows, the second live from 20 s to 50 s.
const TWO: &str = r#"
name = "two"
length = "60s"

[[shows]]
creator = "mia"
cues = [{ at = "30s", say = "Hello" }]

[[shows]]
creator = "noor"
cues = [{ at = "20s", go_live = true }, { at = "50s", end = true }]

[[audience]]
name = "crowd"
shows = { mia = 3, noor = 1 }
viewers = 10
stay = "5s"
"#;

#[test]
fn weights_of_shows() {
    let shows = "{ mia = 3, noor = 1 }";
    insta::assert_snapshot!(all_said_of(TWO, &[
        (shows, "{ mia = 3, nor = 1 }"),
        (shows, "{ mia = -3, noor = 1 }"),
        (shows, "{ mia = 0 }"),
        (shows, "{}"),
        (shows, "{ zipf = -1 }"),
        (shows, "[\"mia\"]"),
        (shows, "{ mia = 1 }\nshow = \"noor\""),
        ("viewers = 10", "viewers = 10\nchat = { per_show = 9 }"),
        ("viewers = 10", "viewers = 10\narrivals = { points = [[\"10s\", 1], [\"70s\", 1]] }"),
        ("viewers = 10", "viewers = 10\narrivals = { points = [[\"0s\", 1], [\"20s\", 1]] }"),
    ]), @r#"
    error: there is no show by `nor`
      --> drop.toml:15:20
       |
    15 | shows = { mia = 3, nor = 1 }
       |                    ^^^
       |
       = help: did you mean `noor`?

    error: -3 is negative
      --> drop.toml:15:17
       |
    15 | shows = { mia = -3, noor = 1 }
       |                 ^^
       |
       = help: write a number from 0 to 1000000000

    error: no show has a weight above zero, so nobody would come
      --> drop.toml:15:9
       |
    15 | shows = { mia = 0 }
       |         ^^^^^^^^^^^
       |
       = help: write shows = { mia = 3, noor = 1 }

    error: no show has a weight above zero, so nobody would come
      --> drop.toml:15:9
       |
    15 | shows = {}
       |         ^^
       |
       = help: write shows = { mia = 3, noor = 1 }

    error: -1 is negative
      --> drop.toml:15:18
       |
    15 | shows = { zipf = -1 }
       |                  ^^
       |
       = help: write a number from 0 to 20

    error: `shows` must be a table, not an array
      --> drop.toml:15:9
       |
    15 | shows = ["mia"]
       |         ^^^^^^^
       |
       = help: write shows = { mia = 3, noor = 1 }

    error: `show` and `shows` exclude each other
      --> drop.toml:15:1
       |
    15 | shows = { mia = 1 }
       | ^^^^^
       |
       = help: write `show` for one of them, `shows` for several with their weights

    error: this group visits 2 shows: which of them has so many?
      --> drop.toml:17:21
       |
    17 | chat = { per_show = 9 }
       |                     ^
       |
       = help: write per_visit, or give each show a group of its own

    error: this point is after the show
      --> drop.toml:17:37
       |
    17 | arrivals = { points = [["10s", 1], ["70s", 1]] }
       |                                     ^^^^^
       |
       = help: it ends at 1m

    warning: nobody arrives while `noor` is live
      --> drop.toml:17:1
       |
    17 | arrivals = { points = [["0s", 1], ["20s", 1]] }
       | ^^^^^^^^
       |
       = help: that is from 20s to 50s; those who would begin there never come
    "#);
}

#[test]
fn hops() {
    let hop = |text: &'static str| ("viewers = 10", text);
    insta::assert_snapshot!(all_said_of(TWO, &[
        hop("viewers = 10\nhop = { per_visit = \"30%\" }"),
        hop("viewers = 10\nhop = { per_visit = 30, gap = \"2s\" }"),
        ("shows = { mia = 3, noor = 1 }", "show = \"mia\"\nhop = { per_visit = \"30%\", gap = \"2s\" }"),
    ]), @r#"
    error: missing field `gap` in `hop`
      --> drop.toml:17:7
       |
    17 | hop = { per_visit = "30%" }
       |       ^^^^^^^^^^^^^^^^^^^^^

    error: 30 is above 1, which is all of them
      --> drop.toml:17:21
       |
    17 | hop = { per_visit = 30, gap = "2s" }
       |                     ^^
       |
       = help: did you mean "30%"?

    error: who visits one show only has no other to go on to
      --> drop.toml:16:1
       |
    16 | hop = { per_visit = "30%", gap = "2s" }
       | ^^^
       |
       = help: name several: shows = { mia = 3, noor = 1 }
    "#);
}

#[test]
fn raids() {
    let raid = |text: &'static str| ("{ at = \"30s\", say = \"Hello\" }", text);
    insta::assert_snapshot!(all_said_of(TWO, &[
        raid("{ at = \"30s\", raid = \"nora\", follow = \"60%\" }"),
        raid("{ at = \"30s\", raid = \"xenia\", follow = \"60%\" }"),
        raid("{ at = \"30s\", raid = \"mia\", follow = \"60%\" }"),
        raid("{ at = \"10s\", raid = \"noor\", follow = \"60%\" }"),
        raid("{ at = \"50s\", raid = \"noor\", follow = \"60%\" }"),
        raid("{ at = \"30s\", raid = \"noor\" }"),
        raid("{ at = \"30s\", raid = \"noor\", follow = 60 }"),
    ]), @r#"
    error: there is no show by `nora`
     --> drop.toml:7:30
      |
    7 | cues = [{ at = "30s", raid = "nora", follow = "60%" }]
      |                              ^^^^^^
      |
      = help: did you mean `noor`?

    error: there is no show by `xenia`
     --> drop.toml:7:30
      |
    7 | cues = [{ at = "30s", raid = "xenia", follow = "60%" }]
      |                              ^^^^^^^
      |
      = help: others here: noor

    error: a show cannot raid itself
     --> drop.toml:7:30
      |
    7 | cues = [{ at = "30s", raid = "mia", follow = "60%" }]
      |                              ^^^^^
      |
      = help: a raid sends viewers on to another show

    error: `noor` is not live at 10s
     --> drop.toml:7:16
      |
    7 | cues = [{ at = "10s", raid = "noor", follow = "60%" }]
      |                ^^^^^
      |
      = help: that show is from 20s to 50s

    error: `noor` is not live at 50s
     --> drop.toml:7:16
      |
    7 | cues = [{ at = "50s", raid = "noor", follow = "60%" }]
      |                ^^^^^
      |
      = help: that show is from 20s to 50s

    error: missing field `follow` in `cues`
     --> drop.toml:7:9
      |
    7 | cues = [{ at = "30s", raid = "noor" }]
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: 60 is above 1, which is all of them
     --> drop.toml:7:47
      |
    7 | cues = [{ at = "30s", raid = "noor", follow = 60 }]
      |                                               ^^
      |
      = help: did you mean "60%"?
    "#);
    let one = "cues = [\n  { at = \"10s\", raid = \"noor\", follow = \"60%\" },";
    insta::assert_snapshot!(super::all_said(&[("cues = [", one)]), @r#"
    error: there is no show by `noor`
      --> drop.toml:14:24
       |
    14 |   { at = "10s", raid = "noor", follow = "60%" },
       |                        ^^^^^^
       |
       = help: this is the only show: add [[shows]] for the other
    "#);
}
