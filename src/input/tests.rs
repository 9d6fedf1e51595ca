//! Tests of reading.

use super::*;

#[test]
fn smoke() {
    let input = Input::parse(
        "a.toml",
        "name = 3\n[target]\nurl = \"x\"\nlenght = 5\n[[shows]]\ncreator = \"mia\"\ncues = [{ at = \"10s\",\n pin = 5 }]\n",
    );
    let root = input.root();
    let _ = root.required("name").string();
    let target = root.optional("target").table().unwrap();
    let _ = target.required("bindng").string();
    let _ = target.optional("length").duration();
    target.finish();
    let shows = root.required("shows").tables().unwrap();
    for show in shows {
        let _ = show.required("x").string();
        for cue in show.required("cues").tables().unwrap() {
            let _ = cue.required("y").string();
        }
    }
    let _ = root.required("zz");
    root.finish();
    assert_eq!(input.conclude(()).unwrap_err().problems.len(), 7);
}
