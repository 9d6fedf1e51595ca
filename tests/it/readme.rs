//! What the README says is true: its commands exist, its files are there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use claque::measure::Verdict;

use crate::stage::{claque, root};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backquotes in the running text, without fenced blocks.
fn quoted(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).collect()
}

/// The fenced blocks of that language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fenced = text.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// The targets of links that are no addresses.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.contains("://") && !target.is_empty()).collect()
}

/// Whether a file's name ends so.
fn is_kind(name: &str, kind: &str) -> bool {
    Path::new(name).extension().is_some_and(|known| known == kind)
}

/// What `claque COMMAND --help` says.
fn help(command: &str) -> String {
    let output = claque().args([command, "--help"]).output().unwrap();
    assert!(output.status.success(), "there is no `claque {command}`");
    String::from_utf8(output.stdout).unwrap()
}

/// Every file that is kept in the repository, of those kinds.
fn sources(kinds: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let kept = !["target", "results", ".git"].contains(&name);
            if kept && path.is_dir() && !path.is_symlink() {
                walk(&path, found);
            } else if kept {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(root(), &mut found);
    let of_kind = |path: &PathBuf| {
        path.extension().is_some_and(|kind| kinds.iter().any(|&known| kind == known))
    };
    found.retain(of_kind);
    assert!(found.len() > 10, "the repository has sources");
    found
}

#[test]
fn every_command_in_the_readme_exists_with_the_flags_named() {
    let readme = read("README.md");
    let mut lines: Vec<&str> =
        blocks(&readme, "sh").iter().flat_map(|block| block.lines()).collect();
    // A row of the table of commands is a command with its flags.
    lines.extend(readme.lines().filter(|line| line.starts_with("| `claque ")));
    lines.extend(quoted(&readme));
    let mut seen = BTreeSet::new();
    for line in lines {
        let line = line.trim_start_matches("| `");
        let after = line.strip_prefix("claque ").or(line.strip_prefix("cargo run --release -- "));
        let Some(arguments) = after else { continue };
        let command = arguments.split([' ', '`']).next().unwrap();
        let help = help(command);
        seen.insert(command.to_owned());
        let flags = arguments.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
        for flag in flags.filter(|flag| flag.starts_with("--") && flag.len() > 2) {
            assert!(help.contains(flag), "`claque {command}` has no {flag}: {line}");
        }
        for file in arguments.split(' ').filter(|word| word.starts_with("scenarios/")) {
            assert!(root().join(file.trim_end_matches('`')).exists(), "{line}");
        }
    }
    let all: Vec<_> = seen.iter().map(String::as_str).collect();
    assert_eq!(
        all,
        ["check", "new", "presets", "preview", "report", "run", "schema", "serve"],
        "the README shows every command"
    );
}

#[test]
fn every_file_that_a_document_links_or_names_exists() {
    let mut documents = vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        documents.push(format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    }
    for document in &documents {
        let text = read(document);
        let folder = root().join(document).parent().unwrap().to_owned();
        for link in links(&text) {
            assert!(folder.join(link).exists(), "{document} links {link}");
        }
    }
    let readme = read("README.md");
    for scenario in readme.lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = scenario.split('`').next().unwrap();
        if is_kind(name, "toml") {
            assert!(root().join("scenarios").join(name).exists(), "README.md lists {name}");
        }
    }
    for entry in fs::read_dir(root().join("scenarios")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let listed = !is_kind(&name, "toml") || readme.contains(&format!("| `{name}` |"));
        assert!(listed, "README.md does not list {name}");
    }
}

#[test]
fn every_path_in_the_code_map_exists() {
    let text = read("ARCHITECTURE.md");
    let is_path = |name: &&str| {
        let plain =
            name.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
        plain && (name.contains('/') || is_kind(name, "rs") || is_kind(name, "toml"))
    };
    let paths: Vec<&str> = quoted(&text).into_iter().filter(is_path).collect();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        let exists = root().join(path).exists() || root().join("src").join(path).exists();
        assert!(exists, "ARCHITECTURE.md names {path}");
    }
}

#[test]
fn the_scenario_in_the_readme_is_the_shipped_one_without_its_comments() {
    let bare = |text: &str| -> Vec<String> {
        let line = |line: &str| {
            // No text in the scenario has a number sign in it.
            line.split('#').next().unwrap().trim_end().to_owned()
        };
        text.lines().map(line).filter(|line| !line.is_empty()).collect()
    };
    let readme = read("README.md");
    let shipped = bare(&read("scenarios/first-show.toml"));
    for block in blocks(&readme, "toml") {
        if block.contains("name   = \"first-show\"") || block.contains("name = \"first-show\"") {
            assert_eq!(bare(block), shipped);
        }
    }
}

#[test]
fn exit_codes_are_the_verdicts() {
    let verdicts = [
        Verdict::Passed,
        Verdict::ObjectivesMissed,
        Verdict::BadUsage,
        Verdict::Invalid,
        Verdict::Unreachable,
        Verdict::Interrupted,
    ];
    let expect: BTreeMap<String, &str> =
        verdicts.iter().map(|verdict| (verdict.exit_code().to_string(), verdict.name())).collect();
    let check = |text: &str, separator: &str| {
        let text = text.split_once("Exit codes: ").expect("a list of exit codes").1;
        let text = text.split(['.']).next().unwrap().replace('\n', " ");
        let listed: BTreeMap<String, String> = text
            .split(separator)
            .map(|one| one.trim().split_once(' ').expect("a code and its meaning"))
            .map(|(code, meaning)| (code.to_owned(), meaning.to_owned()))
            .collect();
        let codes: Vec<_> = listed.keys().collect();
        assert_eq!(codes, expect.keys().collect::<Vec<_>>(), "{text}");
        for (code, name) in &expect {
            assert!(listed[code].contains(name), "{code} is {name}, not {}", listed[code]);
        }
    };
    check(&read("README.md"), "·");
    let help = claque().arg("--help").output().unwrap();
    check(&String::from_utf8(help.stdout).unwrap(), ",");
}

#[test]
fn every_source_says_first_what_it_is_for() {
    for path in sources(&["rs"]) {
        let text = fs::read_to_string(&path).unwrap();
        let first = text.lines().next().unwrap_or("");
        assert!(first.starts_with("//! "), "{} opens with {first:?}", path.display());
    }
}

#[test]
fn nothing_is_left_to_be_done_in_a_comment() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X ")];
    for path in sources(&["rs", "toml", "md", "sh"]) {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in (1..).zip(text.lines()) {
            let found = words.iter().find(|word| line.contains(**word));
            assert_eq!(found, None, "{}:{number}", path.display());
        }
    }
}
