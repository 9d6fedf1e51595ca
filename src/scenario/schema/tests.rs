//! The schema against what the readers ask for, and against scenarios good and bad.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::super::tests::{GOOD, examples, included, no_files, shipped, variables};
use super::*;
use crate::input::{Data, Input};
use crate::scenario::{Traces, read};

/// Scenarios that together use every form: those that are shipped, the examples of the reference,
/// and what neither has.
fn corpus() -> Vec<String> {
    let files = shipped().into_iter().map(|path| fs::read_to_string(path).unwrap());
    let summed =
        "{ sum = [{ constant = true }, { weight = 2, trace = \"day.csv\", compress = 1440 }] }";
    let rest = [
        GOOD.replace("{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }", summed),
        GOOD.replace("{ fixed = \"5s\" }", "{ empirical = { trace = \"stays.csv\", compress = 2 } }"),
        GOOD.replace("{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }", "{ trace = \"day.csv\", compress = 1440 }"),
        GOOD.replace("chat = { per_viewer = \"0.5/min\" }", "gifts = { givers = \"1%\", per_giver = \"1/h\", amount = { log_normal = { median = \"1.00 EUR\", sigma = 2.7, max = \"500 EUR\" } } }\nchat = { per_show = { quantiles = [0, 9] } }"),
        GOOD.replace("{ fixed = \"5s\" }", "\"5s\"\nreturns = { absence = \"3s\", more = { geometric = { p = 0.6 } } }\non_received = { pin = { click = \"15%\", delay = \"2s\" }, flash_sale = { leave = \"1%\", delay = \"2s\" }, price_change = { leave = \"1%\", delay = \"2s\" }, giveaway = { enter = { share = \"1%\", delay = \"2s\" } }, sold_out = { complain = \"1%\", delay = \"2s\" } }"),
    ];
    files.chain(examples()).chain(rest).collect()
}

/// Which fields the readers ask for, by the name of the schema's table: every table of `value` with
/// what `of` says about it.
fn asked(
    input: &Input,
    value: &crate::input::Value,
    of: &Shape,
    found: &mut BTreeMap<&'static str, BTreeSet<&'static str>>,
) {
    match (of, &value.data) {
        (Shape::List(item), Data::Array(values)) => {
            for value in values {
                asked(input, value, item, found);
            }
        }
        (Shape::Any(shapes), _) => {
            let fits = |one: &&Shape| match one {
                Shape::Table(_) => matches!(value.data, Data::Table(_)),
                Shape::List(_) => matches!(value.data, Data::Array(_)),
                _ => false,
            };
            if let Some(one) = shapes.iter().find(fits) {
                asked(input, value, one, found);
            }
        }
        (Shape::Map(_, item), Data::Table(entries)) => {
            for entry in entries {
                asked(input, &entry.value, item, found);
            }
        }
        (Shape::Table(table), Data::Table(entries)) => {
            let names = input.asked_of(value);
            found.entry(table.name).or_default().extend(names);
            for entry in entries {
                if let Some(field) = table.fields.iter().find(|field| field.name == entry.key.value)
                {
                    asked(input, &entry.value, &field.shape, found);
                }
            }
        }
        _ => {}
    }
}

/// The fields of every table of the schema.
fn described(of: &Shape, found: &mut BTreeMap<&'static str, BTreeSet<&'static str>>) {
    match of {
        Shape::List(item) | Shape::Map(_, item) => described(item, found),
        Shape::Any(shapes) => shapes.iter().for_each(|one| described(one, found)),
        Shape::Table(table) if !found.contains_key(table.name) => {
            found.insert(table.name, table.fields.iter().map(|field| field.name).collect());
            table.fields.iter().for_each(|field| described(&field.shape, found));
        }
        _ => {}
    }
}

#[test]
fn the_schema_has_the_fields_that_the_readers_ask_for() {
    let mut found = BTreeMap::new();
    for text in corpus() {
        let mut input = Input::parse("corpus.toml", &text);
        let files = |path: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
            let shipped = || fs::read_to_string(folder.join(path)).map_err(|e| e.to_string());
            no_files(path).or_else(|_| included(path)).or_else(|_| shipped())
        };
        input.include(&files);
        input.replace_variables(&variables);
        presets::fill(&mut input);
        let traces = Traces { fetch: &files, fetched: std::cell::RefCell::default() };
        let _ = read(&input, &traces);
        asked(&input, input.root_value(), &Shape::Table(&fields::SCENARIO), &mut found);
        assert!(!input.has_errors(), "{text}: {}", input.conclude(()).unwrap_err());
    }
    let mut schema = BTreeMap::new();
    described(&Shape::Table(&fields::SCENARIO), &mut schema);
    for (name, fields) in &schema {
        let asked = found.get(name);
        let asked = asked.unwrap_or_else(|| panic!("no scenario of the corpus has a {name}"));
        assert_eq!(asked, fields, "what is asked for in a {name}, and what the schema has");
    }
    assert_eq!(schema.len(), found.len());
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&document()).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn every_good_scenario_fits_the_schema() {
    let validator = validator();
    for text in corpus() {
        let errors: Vec<String> = validator
            .iter_errors(&json(&text))
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{text}");
    }
}

#[test]
fn what_has_the_wrong_form_does_not_fit() {
    let validator = validator();
    for (old, new) in [
        ("viewers = 500", "veiwers = 500"),
        ("viewers = 500", "viewers = \"500\""),
        ("viewers = 500", "viewers = 500\nrate = \"2/s\""),
        ("viewers = 500", "viewers = -1"),
        ("\"60s\"\n", "60\n"),
        ("\"60s\"\n", "\"60\"\n"),
        ("\"60s\"\n", "\"60min\"\n"),
        ("\"39.00 EUR\"", "39"),
        ("\"39.00 EUR\"", "\"39 euro\""),
        ("\"0.5/min\"", "\"0.5\""),
        ("\"9%\"", "\"nine\""),
        ("\"9%\"", "9"),
        ("pin = \"lamp\"", "pin = \"lamp\", say = \"Look!\""),
        ("pin = \"lamp\"", "by = \"ben\""),
        ("pin = \"lamp\"", "pni = \"lamp\""),
        ("{ fixed = \"5s\" }", "{ fixed = \"5s\", exponential = { mean = \"5s\" } }"),
        ("{ fixed = \"5s\" }", "{ log_normal = { median = \"5s\" } }"),
        ("{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }", "\"steady\""),
        ("{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }", "{ points = [[\"0s\", 1.0, 2.0]] }"),
        ("name = \"drop\"", ""),
        ("name = \"drop\"", "name = \"a drop\""),
        ("chat response p99 < 250ms", "chat response p99"),
        ("viewers = 500", "viewers = 500\npreset = \"world-cup-2013\""),
    ] {
        let text = GOOD.replacen(old, new, 1);
        assert_ne!(text, GOOD, "{old}");
        assert!(!validator.is_valid(&json(&text)), "{new} fits");
    }
    // A variable may stand for anything, and another file may bring what is missing.
    for (old, new) in [
        ("\"60s\"\n", "\"${LENGTH}\"\nenvironment = [\"LENGTH\"]\n"),
        ("name = \"drop\"", "include = [\"name.toml\"]"),
    ] {
        let text = GOOD.replacen(old, new, 1);
        assert!(validator.is_valid(&json(&text)), "{new} does not fit");
    }
}

#[test]
fn the_committed_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text(), "run: claque schema > scenarios/scenario.schema.json");
}
