//! Presets that are none, and problems with what they fill in.

use super::all_said;

#[test]
fn presets() {
    let group = |text: &'static str| {
        ("arrivals = { points = [[\"0s\", 1.0], [\"60s\", 0.2]] }\nstay = { fixed = \"5s\" }", text)
    };
    insta::assert_snapshot!(all_said(&[
        group("preset = \"world-cup\""),
        group("preset = \"tiktok\""),
        group("preset = \"youtube-chat\""),
        group("preset = 2014"),
        ("creator = \"mia\"", "creator = \"mia\"\npreset = \"world-cup-2014\""),
        ("creator = \"mia\"", "creator = \"mia\"\npreset = \"youtub-chat\""),
        // Four hours of arrivals do not fit into a minute.
        group("preset = \"world-cup-2014\""),
        group("preset = \"world-cup-2014\"\ncompress = 100"),
        ("arrivals = { points", "preset = \"world-cup-2014\"\narrivals = { points"),
    ]), @r#"
    error: there is no preset `world-cup`
      --> drop.toml:21:10
       |
    21 | preset = "world-cup"
       |          ^^^^^^^^^^^
       |
       = help: did you mean `world-cup-2014`?

    error: there is no preset `tiktok`
      --> drop.toml:21:10
       |
    21 | preset = "tiktok"
       |          ^^^^^^^^
       |
       = help: presets of an audience: facebook-live-sellers, periscope-room, veloso-2002, world-cup-2014

    error: `youtube-chat` is no preset of an audience
      --> drop.toml:21:10
       |
    21 | preset = "youtube-chat"
       |          ^^^^^^^^^^^^^^
       |
       = help: presets of an audience: facebook-live-sellers, periscope-room, veloso-2002, world-cup-2014

    error: `preset` must be a string, not an integer
      --> drop.toml:21:10
       |
    21 | preset = 2014
       |          ^^^^
       |
       = help: put it in quotes

    error: `world-cup-2014` is no preset of a show
      --> drop.toml:12:10
       |
    12 | preset = "world-cup-2014"
       |          ^^^^^^^^^^^^^^^^
       |
       = help: presets of a show: youtube-chat

    error: there is no preset `youtub-chat`
      --> drop.toml:12:10
       |
    12 | preset = "youtub-chat"
       |          ^^^^^^^^^^^^^
       |
       = help: did you mean `youtube-chat`?

    error: the arrivals of this preset last 4h, longer than the show, 1m
      --> drop.toml:21:10
       |
    21 | preset = "world-cup-2014"
       |          ^^^^^^^^^^^^^^^^
       |
       = help: compress it: compress = 240

    error: the arrivals of this preset last 2m24s, longer than the show, 1m
      --> drop.toml:21:10
       |
    21 | preset = "world-cup-2014"
       |          ^^^^^^^^^^^^^^^^
       |
       = help: compress it: compress = 240
    "#);
}
