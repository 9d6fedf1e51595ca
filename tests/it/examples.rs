//! The scenarios that the examples of docs/scenarios.md stand for: what an example leaves out is put
//! around it. Unit tests read them all, the tests from outside run them all.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// What an example leaves out.
const REST: &str = r#"
name = "docs"
length = "10m"

[products.lamp]
price = "39.00 EUR"
stock = 40

[[shows]]
creator = "mia"
cues = [
  { at = "1m", pin = "lamp" },
  { at = "2m", giveaway = "lamp", length = "30s" },
  { at = "3m", flash_sale = "lamp", price = "29.00 EUR", length = "30s" },
]

[[shows]]
creator = "noor"

[[audience]]
name = "crowd"
show = "mia"
viewers = 5000
stay = "4m"
chat = { per_viewer = "0.01/min" }
funnel = { click_per_visit = "9%", cart_per_click = "35%", buy_per_cart = "20%" }
"#;

/// Fields of which an example's one replaces those of [`REST`].
const INSTEAD: [(&str, &str); 5] = [
    ("shows", "show"),
    ("rate", "viewers"),
    ("classes", "stay"),
    ("preset", "stay"),
    ("preset", "viewers"),
];

/// Puts what `example` has over what the rest has.
fn over(mut rest: Table, example: Table) -> Table {
    for (own, other) in INSTEAD {
        if example.contains_key(own) && rest.contains_key("stay") {
            rest.remove(other);
        }
    }
    for (name, value) in example {
        match (rest.get_mut(&name), value) {
            // Another product does not take the first one away.
            (Some(Value::Table(known)), Value::Table(more)) if name == "products" => {
                known.extend(more);
            }
            (_, value) => {
                rest.insert(name, value);
            }
        }
    }
    if !rest.contains_key("viewers") && !rest.contains_key("rate") && rest.contains_key("preset") {
        rest.insert("viewers".into(), Value::Integer(50));
    }
    rest
}

/// The scenarios that an example stands for.
fn scenarios(example: &str) -> Vec<String> {
    let parsed =
        |text: &str| text.parse::<Table>().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let within = |section: &str, text: &str| {
        let mut whole = parsed(REST);
        let tables = whole[section].as_array_mut().unwrap();
        let first = tables[0].as_table().unwrap().clone();
        tables[0] = Value::Table(over(first, parsed(text)));
        toml::to_string(&whole).unwrap()
    };
    let (first, rest) = example.split_once('\n').unwrap();
    match first {
        "# in [[audience]]" => vec![within("audience", rest)],
        "# in [[shows]]" => vec![within("shows", rest)],
        "# each in [[audience]]" => rest.lines().map(|line| within("audience", line)).collect(),
        _ => vec![toml::to_string(&over(parsed(REST), parsed(example))).unwrap()],
    }
}

/// The file that the reference includes.
pub(crate) fn included(path: &str) -> Result<String, String> {
    let found = path == "shared/products.toml";
    found
        .then(|| "[products.cup]\nprice = \"9.00 EUR\"\nstock = 1\n".to_owned())
        .ok_or("gone".into())
}

pub(crate) fn variables(name: &str) -> Option<String> {
    (name == "API_HOST").then(|| "127.0.0.1".to_owned())
}

/// Every scenario that an example of the reference stands for.
pub(crate) fn examples() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md");
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("```").skip(1).step_by(2);
    let examples: Vec<&str> = blocks.filter_map(|block| block.strip_prefix("toml\n")).collect();
    assert!(examples.len() > 15, "{}", examples.len());
    examples.into_iter().flat_map(scenarios).collect()
}
