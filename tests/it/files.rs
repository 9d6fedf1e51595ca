//! Scenarios of several files, with variables of the environment; and new ones.

use std::fs;
use std::path::Path;

use crate::stage::{Stage, claque};

const SHOW: &str = r#"include = ["shared/products.toml"]
environment = ["CLAQUE_TEST_WORD"]
name = "drop"
length = "3s"

[[shows]]
creator = "mia"
cues = [{ at = "1s", pin = "lamp" }, { at = "2s", say = "The word is ${CLAQUE_TEST_WORD}." }]

[[audience]]
name = "followers"
viewers = 5
stay = "2s"
"#;

const PRODUCTS: &str = "[products.lamp]\nprice = \"39.00 EUR\"\nstock = 40\n";

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn results_keep_included_files_and_no_value_of_the_environment() {
    let stage = Stage::new();
    fs::create_dir(stage.path("shared")).unwrap();
    let products = stage.file("shared/products.toml", PRODUCTS);
    let scenario = stage.file("drop.toml", SHOW);
    let unset = claque().arg("check").arg(&scenario).output().unwrap();
    assert_eq!(unset.status.code(), Some(2));
    let said = String::from_utf8(unset.stderr).unwrap();
    assert!(said.contains("`CLAQUE_TEST_WORD` is not set"), "{said}");

    let preview = claque().arg("preview").arg(&scenario).env("CLAQUE_TEST_WORD", "cod").output();
    assert_eq!(preview.unwrap().status.code(), Some(0), "a preview takes variables as well");

    let mut command = stage.run_command(&scenario, &[]);
    let output = command.env("CLAQUE_TEST_WORD", "swordfish").output().unwrap();
    let ended = stage.ended(&output);
    assert!(matches!(ended.status.code(), Some(0 | 3)), "{}", ended.stderr);
    let results = ended.results.unwrap();
    let kept = fs::read_to_string(results.join("scenario.toml")).unwrap();
    assert!(kept.contains("${CLAQUE_TEST_WORD}"), "{kept}");
    assert_eq!(fs::read_to_string(results.join("shared/products.toml")).unwrap(), PRODUCTS);
    for path in files(&results) {
        let bytes = fs::read(&path).unwrap();
        let told = bytes.windows(9).any(|word| word == b"swordfish");
        assert!(!told, "{} holds the word", path.display());
    }

    // What is kept can be reported and played again when the files are gone.
    fs::remove_file(products).unwrap();
    for arguments in [
        ["report", results.to_str().unwrap()],
        ["check", results.join("scenario.toml").to_str().unwrap()],
    ] {
        let mut command = claque();
        let output = command.args(arguments).env("CLAQUE_TEST_WORD", "cod").output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_new_scenario_passes_its_check_and_replaces_nothing_unasked() {
    let stage = Stage::new();
    let path = stage.path("drop.toml");
    let new = |further: &[&str]| {
        let mut command = claque();
        command.args(["new", "drop", "--viewers", "50", "--creators", "mia,noor", "--output"]);
        command.arg(&path).args(further).output().unwrap()
    };
    assert_eq!(new(&[]).status.code(), Some(0));
    let check = claque().arg("check").arg(&path).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{check:?}");
    assert_eq!(String::from_utf8(check.stderr).unwrap(), "", "nothing is to be warned of");
    fs::write(&path, "mine").unwrap();
    let refused = new(&[]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(new(&["--force"]).status.code(), Some(0));
    assert!(fs::read_to_string(&path).unwrap().contains("[[audience]]"));
}

#[test]
fn the_schema_is_json() {
    let output = claque().arg("schema").output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(schema["properties"]["audience"].is_object());
}
