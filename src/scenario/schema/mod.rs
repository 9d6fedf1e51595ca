//! The JSON Schema of the scenario file, for editors that complete and validate TOML by it.
//!
//! Made from one compact list of fields (`fields`). A schema knows forms, not meanings: that a cue
//! names a product that exists is for `claque check`.

mod fields;
#[cfg(test)]
mod tests;

use serde_json::{Map as JsonMap, Value, json};

use super::presets;

/// A field of a table.
struct Field {
    name: &'static str,
    shape: Shape,
    /// What an editor shows.
    doc: &'static str,
    /// Whether it must be there whatever else is. What a preset or another file may bring is not.
    required: bool,
}

/// What a value may be.
enum Shape {
    Text,
    /// A name: letters, digits, `-` and `_`.
    Name,
    Path,
    /// An objective or a rule.
    Limit,
    Duration,
    Share,
    Rate,
    Money,
    Boolean,
    /// A whole number from the one to the other.
    Integer(u64, u64),
    /// A number from the one to the other.
    Number(f64, f64),
    /// One of these texts.
    Choice(fn() -> Vec<&'static str>),
    /// Points: pairs of a time and a number.
    Pairs,
    List(&'static Shape),
    Table(&'static Object),
    /// A table keyed by what the user chooses, of that pattern.
    Map(&'static str, &'static Shape),
    /// One of several, at most one of which is a table.
    Any(&'static [Shape]),
}

/// A table with known fields.
struct Object {
    /// Its name among the schema's definitions.
    name: &'static str,
    fields: &'static [Field],
    /// Of each of these lists there is exactly one field.
    exactly_one: &'static [&'static [&'static str]],
    /// Of each of these lists there is at most one field.
    at_most_one: &'static [&'static [&'static str]],
}

/// The schema as a JSON document.
#[must_use]
pub fn text() -> String {
    // The document is made of strings and finite numbers.
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

fn document() -> Value {
    let mut definitions = JsonMap::new();
    let mut root = object(&fields::SCENARIO, &mut definitions);
    for (name, definition) in texts() {
        definitions.insert(name.to_owned(), definition);
    }
    root["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    root["title"] = json!("A scenario of claque");
    root["description"] = json!(
        "Shows, products, an audience and limits. `claque check FILE` says everything that is \
         wrong with one; docs/scenarios.md has every field with an example."
    );
    // What is included may bring the rest.
    root["anyOf"] =
        json!([{ "required": ["name", "length", "shows"] }, { "required": ["include"] }]);
    root["definitions"] = Value::Object(definitions);
    root
}

/// A text that holds a variable may become anything.
const VARIABLE: &str = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}";

/// Definitions of texts with a form.
fn texts() -> [(&'static str, Value); 6] {
    let form = |pattern: &str, doc: &str| {
        json!({
            "type": "string",
            "pattern": format!("^(?:{pattern})$|{VARIABLE}"),
            "description": doc,
        })
    };
    let number = r"[0-9][0-9_]*(?:\.[0-9]+)?";
    [
        (
            "duration",
            form(
                &format!(r"\s*(?:{number}\s*(?:w|d|h|ms|m|us|µs|s)\s*)+"),
                "A length of time with its unit: \"600ms\", \"90s\", \"1m30s\".",
            ),
        ),
        (
            "rate",
            form(
                &format!(r"\s*{number}\s*/\s*(?:s|second|min|minute|h|hour|d|day)\s*"),
                "How many in which time: \"0.5/min\", \"12/s\".",
            ),
        ),
        (
            "money",
            form(
                &format!(r"\s*{number}\s+[A-Z]{{3}}\s*"),
                "An amount with its currency: \"39.00 EUR\".",
            ),
        ),
        (
            "share",
            json!({
                "anyOf": [
                    form(&format!(r"\s*{number}\s*%?\s*"), "A share: \"9%\"."),
                    { "type": "number", "minimum": 0, "maximum": 1 },
                ],
                "description": "A share: \"9%\" or 0.09.",
            }),
        ),
        ("name", form("[A-Za-z0-9_-]{1,64}", "Letters, digits, - and _; at most 64.")),
        (
            "limit",
            form(
                ".*(?:[<>=≤≥]).*",
                "A figure and its limit: \"chat response p99 < 250ms\", \"failed < 0.1%\".",
            ),
        ),
    ]
}

/// The schema of a table; what it refers to is added to the definitions.
fn object(object: &Object, definitions: &mut JsonMap<String, Value>) -> Value {
    let mut properties = JsonMap::new();
    for field in object.fields {
        let mut property = shape(&field.shape, definitions);
        property["description"] = json!(field.doc);
        properties.insert(field.name.to_owned(), property);
    }
    let required: Vec<&str> =
        object.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let one =
        |names: &[&str]| names.iter().map(|name| json!({ "required": [name] })).collect::<Vec<_>>();
    let mut rules: Vec<Value> =
        object.exactly_one.iter().map(|names| json!({ "oneOf": one(names) })).collect();
    for names in object.at_most_one {
        rules.push(json!({ "not": { "required": names } }));
    }
    if !rules.is_empty() {
        schema["allOf"] = Value::Array(rules);
    }
    schema
}

fn shape(one: &Shape, definitions: &mut JsonMap<String, Value>) -> Value {
    match one {
        Shape::Text | Shape::Path => json!({ "type": "string", "minLength": 1 }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Name => refer("name"),
        Shape::Limit => refer("limit"),
        Shape::Duration => refer("duration"),
        Shape::Share => refer("share"),
        Shape::Rate => refer("rate"),
        Shape::Money => refer("money"),
        Shape::Integer(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Shape::Number(from, to) => json!({ "type": "number", "minimum": from, "maximum": to }),
        Shape::Choice(choices) => json!({ "enum": choices() }),
        Shape::Pairs => {
            let pair = [shape(&Shape::Duration, definitions), json!({ "type": "number" })];
            let pair = json!({ "type": "array", "items": pair, "minItems": 2, "maxItems": 2 });
            json!({ "type": "array", "items": pair })
        }
        Shape::List(item) => json!({ "type": "array", "items": shape(item, definitions) }),
        Shape::Table(table) => {
            if !definitions.contains_key(table.name) {
                // A table may hold itself, so its name is taken before it is described.
                definitions.insert(table.name.to_owned(), Value::Null);
                let described = object(table, definitions);
                definitions.insert(table.name.to_owned(), described);
            }
            refer(table.name)
        }
        Shape::Map(pattern, item) => {
            let item = shape(item, definitions);
            if pattern.is_empty() {
                json!({ "type": "object", "additionalProperties": item })
            } else {
                json!({
                    "type": "object",
                    "additionalProperties": false,
                    "patternProperties": { *pattern: item },
                })
            }
        }
        Shape::Any(shapes) => {
            let shapes: Vec<Value> = shapes.iter().map(|one| shape(one, definitions)).collect();
            json!({ "anyOf": shapes })
        }
    }
}

/// A definition; beside a bare `$ref`, a description would not count.
fn refer(name: &str) -> Value {
    json!({ "allOf": [{ "$ref": format!("#/definitions/{name}") }] })
}

fn audience_presets() -> Vec<&'static str> {
    presets::all().filter(|preset| preset.of_audience).map(|preset| preset.name).collect()
}

fn show_presets() -> Vec<&'static str> {
    presets::all().filter(|preset| preset.of_show).map(|preset| preset.name).collect()
}
