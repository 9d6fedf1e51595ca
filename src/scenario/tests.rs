//! Tests of scenarios.

use std::path::Path;

use super::*;

#[test]
fn every_scenario_parses() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        match load(&path, &[]) {
            Ok((scenario, _)) => {
                assert_eq!(path.file_stem().unwrap(), scenario.name.as_str());
                names.push(scenario.name);
            }
            Err(problems) => panic!("{problems}"),
        }
    }
    assert!(names.contains(&"first-show".to_owned()));
}
