//! Tests of reading: units there and back, and getters of every kind.

use claque_audience::{Currency, Micros, Money, Rate, Share};
use proptest::prelude::*;

use super::*;

mod files;

/// A duration read and written again, or why it is none.
fn duration(text: &str) -> String {
    match units::duration(text) {
        Ok(length) => units::show_duration(length),
        Err(misread) => misread.message,
    }
}

#[test]
fn durations() {
    let table = [
        ("90s", "1m30s"),
        ("1m30s", "1m30s"),
        ("600ms", "600ms"),
        ("1.5s", "1.5s"),
        ("0.25ms", "250us"),
        ("2h", "2h"),
        ("1w", "168h"),
        ("1h 30m", "1h30m"),
        ("1_000ms", "1s"),
        ("0s", "0s"),
        ("10", "`10` has no unit"),
        ("1m30", "`1m30` has no unit"),
        ("30s1m", "`30s1m` has its units out of order"),
        ("1s1s", "`1s1s` has its units out of order"),
        ("-1s", "`-1s` is negative"),
        ("1min", "`min` is no unit of time"),
        ("s", "`s` is not a whole number of microseconds"),
        ("0.1us", "`0.1us` is not a whole number of microseconds"),
        ("99999999999999999999s", "`99999999999999999999s` is not a whole number of microseconds"),
        ("9999999w", "`9999999w` is longer than a hundred years"),
        ("", "an empty text is no duration"),
    ];
    for (text, expect) in table {
        assert_eq!(duration(text), expect, "{text}");
    }
}

#[test]
fn money() {
    let amount = |minor, code: &[u8; 3]| Ok(Money { minor, currency: Currency(*code) });
    let table = [
        ("39.00 EUR", amount(3_900, b"EUR")),
        ("39 EUR", amount(3_900, b"EUR")),
        ("1_200.5 GBP", amount(120_050, b"GBP")),
        ("500 JPY", amount(500, b"JPY")),
        ("1.234 KWD", amount(1_234, b"KWD")),
        ("1.5 JPY", Err("`1.5` is no amount of JPY")),
        ("39 euro", Err("`euro` is no currency code")),
        ("EUR 39", Err("`39` is no currency code")),
        ("3,9 EUR", Err("`3,9` is no amount")),
        ("-3 EUR", Err("`-3 EUR` is negative")),
    ];
    for (text, expect) in table {
        let read = units::money(text).map_err(|misread| misread.message);
        assert_eq!(read, expect.map_err(str::to_owned), "{text}");
    }
}

proptest! {
    #[test]
    fn durations_come_back(micros in 0_u64..3_000_000_000_000_000) {
        let text = units::show_duration(Micros(micros));
        prop_assert_eq!(units::duration(&text), Ok(Micros(micros)), "{}", text);
    }

    #[test]
    fn money_comes_back(minor in 0_u64..=u64::MAX / 1_000, code in "[A-Z]{3}") {
        let currency = Currency(code.as_bytes().try_into().unwrap());
        let money = Money { minor, currency };
        prop_assert_eq!(units::money(&money.to_string()), Ok(money));
    }

    #[test]
    fn shares_come_back(share in 0.0..=1.0_f64) {
        let text = units::show_share(Share(share));
        prop_assert_eq!(units::share(&text), Ok(Share(share)), "{}", text);
    }

    #[test]
    fn rates_come_back(per_second in 0.0..1e9_f64) {
        let text = units::show_rate(Rate { per_second });
        prop_assert_eq!(units::rate(&text), Ok(Rate { per_second }), "{}", text);
    }

    #[test]
    fn no_unit_panics(text in ".{0,24}|[-0-9._%/ a-zA-Zµ]{0,24}") {
        let _ = (units::duration(&text), units::share(&text), units::rate(&text));
        let _ = units::money(&text);
    }

    /// Any document is read or refused, and its problems can be drawn.
    #[test]
    fn no_document_panics(text in "([\\[\\]{}=.,#\"'\\\\\n a-z0-9é]|\"\"\"|''')*") {
        let input = Input::parse("x.toml", &text);
        let root = input.root();
        for (_, field) in root.entries() {
            let _ = (field.string(), field.integer(0..=9_u8), field.tables());
        }
        if let Err(problems) = input.conclude(()) {
            prop_assert!(!problems.render(true).is_empty());
        }
    }
}

#[test]
fn getters() {
    let text = r#"
text = "a"
yes = true
small = 200
ratio = 2
wait = "2s"
part = "5%"
pace = "3/min"
side = "left"
day = 2024-01-02
big = 99999999999999999999999999999999999999999
list = [1, "b", 3]
one = { y = 1 }

[[many]]
x = 1
[[many]]
x = 2

[free.form]
b = 2
a = "text"
"#;
    let input = Input::parse("g.toml", text);
    let root = input.root();
    let field = |name| root.optional(name);
    assert_eq!(field("text").string().unwrap().value, "a");
    assert!(field("yes").boolean().unwrap().value);
    assert_eq!(field("small").integer(0..=200_u8).unwrap().value, 200);
    assert!(field("ratio").float(0.0..=2.0).unwrap().value > 1.9);
    assert_eq!(field("wait").duration().unwrap().value, Micros(2_000_000));
    assert_eq!(field("part").share().unwrap().value, Share(0.05));
    assert_eq!(field("pace").rate().unwrap().value, Rate { per_second: 0.05 });
    assert_eq!(field("side").choice(&[("left", -1), ("right", 1)]).unwrap().value, -1);
    assert_eq!(root.one_of("a form", &["one", "two"]).unwrap().0, "one");
    let xs = field("many").tables().unwrap().into_iter().map(|table| {
        let x = table.required("x").integer(1..=2).unwrap().value;
        table.finish();
        x
    });
    assert_eq!(xs.collect::<Vec<i32>>(), [1, 2]);
    let free = field("free").table().unwrap().optional("form").table().unwrap();
    let keys: Vec<&str> = free.entries().map(|(key, _)| key.value).collect();
    assert_eq!(keys, ["b", "a"], "in the order of the file");
    // What does not fit.
    assert_eq!(field("absent").string(), None);
    assert_eq!(field("small").integer(0..=199_u8), None);
    assert_eq!(field("side").choice(&[("lift", ())]), None);
    assert_eq!(field("day").duration(), None);
    let items = field("list").array().unwrap();
    assert_eq!(items.iter().filter_map(|item| item.integer(0..=9)).count(), 2);
    let _ = field("one").table().map(Table::finish);
    root.finish();
    insta::assert_snapshot!(input.conclude(()).unwrap_err(), @r#"
    error: 200 is out of range
     --> g.toml:4:9
      |
    4 | small = 200
      |         ^^^
      |
      = help: write a whole number from 0 to 199
    error: `left` is none of the choices
     --> g.toml:9:8
      |
    9 | side = "left"
      |        ^^^^^^
      |
      = help: did you mean "lift"? Allowed: `lift`
    error: `day` must be a duration, not a date
      --> g.toml:10:7
       |
    10 | day = 2024-01-02
       |       ^^^^^^^^^^
       |
       = help: write a number with its unit: "90s"
    error: unknown field `big`
      --> g.toml:11:1
       |
    11 | big = 99999999999999999999999999999999999999999
       | ^^^
       |
       = help: allowed here: `text`, `yes`, `small`, `ratio`, `wait`, `part`, `pace`, `side`, `one`, `two`, `many`, `free`, `absent`, `day`, `list`
    error: this integer is too large
      --> g.toml:11:7
       |
    11 | big = 99999999999999999999999999999999999999999
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    error: `list` must be an integer, not a string
      --> g.toml:12:12
       |
    12 | list = [1, "b", 3]
       |            ^^^
       |
       = help: write a whole number from 0 to 9
    error: unknown field `y` in `one`
      --> g.toml:13:9
       |
    13 | one = { y = 1 }
       |         ^
       |
       = help: no fields are allowed here
    "#);
}

#[test]
fn places_in_strings() {
    let input = Input::parse("p.toml", "a = \"one two\"\nb = '''\nthree'''\nc = \"f\\tour\"\n");
    let root = input.root();
    let place = |name, from, to| {
        let text = root.optional(name).string().unwrap();
        input.written(input.inside(&text, from, to)).to_owned()
    };
    assert_eq!(place("a", 4, 7), "two");
    assert_eq!(place("b", 0, 2), "th");
    // Written with an escape, bytes of the value are not bytes of the file.
    assert_eq!(place("c", 2, 5), "\"f\\tour\"");
}

#[test]
fn many_problems_are_counted() {
    let lines: Vec<String> = (0..100).map(|number| format!("x{number} = 1")).collect();
    let text = lines.join("\n");
    let input = Input::parse("m.toml", &text);
    input.root().finish();
    let drawn = input.conclude(()).unwrap_err().to_string();
    assert!(drawn.ends_with("… and 60 more in m.toml\n"), "{drawn}");
}
