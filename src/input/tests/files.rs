//! Tests of several files as one document, and of variables in texts.

use std::fmt::Write as _;

use super::super::*;

/// A tree in one line: `{a = "x", b = [1]}`.
fn line(data: &Data) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match data {
        Data::String(text) => format!("{text:?}"),
        Data::Integer(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Boolean(truth) => truth.to_string(),
        Data::Datetime(instant) => instant.clone(),
        Data::Array(items) => {
            format!("[{}]", joined(items.iter().map(|item| line(&item.data)).collect()))
        }
        Data::Table(entries) => {
            let entry =
                |entry: &Entry| format!("{} = {}", entry.key.value, line(&entry.value.data));
            format!("{{{}}}", joined(entries.iter().map(entry).collect()))
        }
    }
}

/// What `files` come to, the first of which includes the others: the tree, or what is wrong.
fn merged(files: &[(&str, &str)], sets: &[&str]) -> String {
    let fetch = |path: &str| {
        let file = files.iter().find(|(name, _)| name.strip_prefix("shows/") == Some(path));
        file.map(|(_, text)| (*text).to_owned()).ok_or("no such file".to_owned())
    };
    let variables = |name: &str| match name {
        "HOST" => Some("127.0.0.1".to_owned()),
        "SAY" => Some("${HOST}".to_owned()),
        _ => None,
    };
    let mut input = Input::parse(files[0].0, files[0].1);
    input.include(&fetch);
    for set in sets {
        input.set(set);
    }
    input.replace_variables(&variables);
    let tree = line(&input.root.data);
    let included: Vec<String> = input.included().into_iter().map(|(path, _)| path).collect();
    match input.conclude(()) {
        Ok(_) if included.is_empty() => tree,
        Ok(_) => format!("{tree} of {}", included.join(", ")),
        Err(problems) => problems.to_string(),
    }
}

/// What every one of `inputs` comes to, one after the other.
fn all(inputs: &[&[(&str, &str)]]) -> String {
    inputs.iter().fold(String::new(), |mut all, files| {
        let _ = writeln!(all, "{}", merged(files, &[]).trim_end());
        all
    })
}

#[test]
fn files_are_merged() {
    let shared = "[products.lamp]\nprice = 1\n[[audience]]\nname = \"b\"\n";
    insta::assert_snapshot!(all(&[
        &[
            (
                "shows/a.toml",
                "include = [\"shared/p.toml\"]\nname = \"a\"\n[products]\nmug = 2\n\
                 [[audience]]\nname = \"a\"\n",
            ),
            ("shows/shared/p.toml", shared),
        ],
        // Included by two that are included: taken once. Paths begin at each file's folder.
        &[
            ("shows/a.toml", "include = [\"s/b.toml\", \"./s/../c.toml\"]\n"),
            ("shows/s/b.toml", "include = [\"d.toml\"]\nb = 1\n"),
            ("shows/c.toml", "include = [\"s/d.toml\"]\nc = 1\n"),
            ("shows/s/d.toml", "d = [1]\n"),
        ],
        &[("shows/a.toml", "include = []\na = 1\n")],
    ]), @r#"
    {products = {lamp = {price = 1}, mug = 2}, audience = [{name = "b"}, {name = "a"}], name = "a"} of shared/p.toml
    {d = [1], b = 1, c = 1} of s/b.toml, s/d.toml, c.toml
    {a = 1}
    "#);
}

#[test]
fn what_does_not_merge() {
    let shared = "[products.lamp]\nprice = 1\n";
    insta::assert_snapshot!(all(&[
        &[
            ("shows/a.toml", "include = [\"p.toml\"]\n[products.lamp]\nprice = 2\n"),
            ("shows/p.toml", shared),
        ],
        &[("shows/a.toml", "include = [\"p.toml\"]\nproducts = 1\n"), ("shows/p.toml", shared)],
        &[("shows/a.toml", "include = [\"b.toml\", \"c.toml\"]\n"), ("shows/b.toml", "x = 1\n"), ("shows/c.toml", "\nx = 2\n")],
        &[("shows/a.toml", "include = [\"gone.toml\", 7]\n")],
        &[("shows/a.toml", "include = \"p.toml\"\n")],
        &[("shows/a.toml", "x = 1\ninclude = [\"a.toml\"]\n")],
        &[
            ("shows/a.toml", "include = [\"s/b.toml\"]\n"),
            ("shows/s/b.toml", "include = [\"../c.toml\"]\n"),
            ("shows/c.toml", "include = [\"s/b.toml\"]\n"),
        ],
        &[("shows/a.toml", "include = [\"b.toml\"]\n"), ("shows/b.toml", "a = 1\nb = = 2\n")],
    ]), @r#"
    error: `products.lamp.price` stands here and in shows/p.toml, line 2
     --> shows/a.toml:3:1
      |
    3 | price = 2
      | ^^^^^
      |
      = help: keep one of the two
    error: `products` is an integer here and a table in shows/p.toml, line 1
     --> shows/a.toml:2:1
      |
    2 | products = 1
      | ^^^^^^^^
      |
      = help: keep one of the two
    error: `x` stands here and in shows/b.toml, line 1
     --> shows/c.toml:2:1
      |
    2 | x = 2
      | ^
      |
      = help: keep one of the two
    error: `gone.toml` cannot be included: no such file
     --> shows/a.toml:1:12
      |
    1 | include = ["gone.toml", 7]
      |            ^^^^^^^^^^^
      |
      = help: paths begin at the folder of this file
    error: `include` must be a string, not an integer
     --> shows/a.toml:1:25
      |
    1 | include = ["gone.toml", 7]
      |                         ^
      |
      = help: put the path in quotes
    error: `include` must be an array, not a string
     --> shows/a.toml:1:11
      |
    1 | include = "p.toml"
      |           ^^^^^^^^
      |
      = help: write include = ["shared/products.toml"]
    error: `a.toml` is this very file
     --> shows/a.toml:2:12
      |
    2 | include = ["a.toml"]
      |            ^^^^^^^^
      |
      = help: leave it out
    error: `s/b.toml` is one of those that include this file
     --> shows/c.toml:1:12
      |
    1 | include = ["s/b.toml"]
      |            ^^^^^^^^^^
      |
      = help: leave it out
    error: extra `=`, expected nothing
     --> shows/b.toml:2:5
      |
    2 | b = = 2
      |     ^
    "#);
}

#[test]
fn arguments_change_the_merged_document() {
    let files = [
        ("shows/a.toml", "include = [\"p.toml\"]\n"),
        ("shows/p.toml", "[[audience]]\nname = \"b\"\nviewers = 1\n"),
    ];
    let set = merged(&files, &["audience.b.viewers=7", "seed=${HOST}", "environment=[\"HOST\"]"]);
    insta::assert_snapshot!(set, @r#"
    {audience = [{name = "b", viewers = 7}], seed = "127.0.0.1"} of p.toml
    "#);
    let wrong = merged(&files, &["audience.c.viewers=7"]);
    insta::assert_snapshot!(wrong, @r#"
    error: no entry is named `c`
     --> --set:1:10
      |
    1 | audience.c.viewers=7
      |          ^
      |
      = help: entries are `b`
    "#);
}

#[test]
fn a_path_is_not_deeper_than_a_file_could_be() {
    let deep = format!("{}=1", vec!["a"; 100_000].join("."));
    let said = merged(&[("a.toml", "x = 1\n")], &[&deep]);
    assert!(said.starts_with("error: a path of more than 32 parts leads nowhere"), "{said:.200}");
}

#[test]
fn variables_are_replaced_where_they_are_declared() {
    insta::assert_snapshot!(all(&[
        &[(
            "a.toml",
            "environment = [\"HOST\", \"SAY\"]\nurl = \"http://${HOST}:80/${HOST}\"\n\
             say = [\"${SAY}\", \"$${HOST} costs $5 {}\"]\n",
        )],
        &[("a.toml", "x = \"$${HOST}\"\n")],
    ]), @r#"
    {url = "http://127.0.0.1:80/127.0.0.1", say = ["${HOST}", "${HOST} costs $5 {}"]}
    {x = "${HOST}"}
    "#);
    insta::assert_snapshot!(all(&[
        &[("a.toml", "url = \"http://${HOST}\"\n")],
        &[("a.toml", "environment = [\"HOST\"]\nurl = \"http://${HOTS}\"\nsay = \"${SAY}\"\n")],
        &[("a.toml", "environment = [\"HOST\", \"GONE\", \"a-b\", 7]\nurl = \"${GONE}\"\n")],
        &[("a.toml", "environment = [\"HOST\"]\nurl = \"${HOST\"\nsay = \"${ HOST }\"\n")],
        &[("a.toml", "environment = \"HOST\"\n")],
    ]), @r#"
    error: `${HOST}` is not declared
     --> a.toml:1:7
      |
    1 | url = "http://${HOST}"
      |       ^^^^^^^^^^^^^^^^
      |
      = help: write environment = ["HOST"] at the top, or $${ for ${
    error: `${HOTS}` is not declared
     --> a.toml:2:7
      |
    2 | url = "http://${HOTS}"
      |       ^^^^^^^^^^^^^^^^
      |
      = help: did you mean `${HOST}`?
    error: `${SAY}` is not declared
     --> a.toml:3:7
      |
    3 | say = "${SAY}"
      |       ^^^^^^^^
      |
      = help: add it to `environment`; declared are `HOST`
    error: the variable `GONE` is not set
     --> a.toml:1:24
      |
    1 | environment = ["HOST", "GONE", "a-b", 7]
      |                        ^^^^^^
      |
      = help: set it before the command: GONE=… claque …
    error: `a-b` cannot be a variable's name
     --> a.toml:1:32
      |
    1 | environment = ["HOST", "GONE", "a-b", 7]
      |                                ^^^^^
      |
      = help: write environment = ["API_HOST"]
    error: `environment` must be a string, not an integer
     --> a.toml:1:39
      |
    1 | environment = ["HOST", "GONE", "a-b", 7]
      |                                       ^
      |
      = help: write environment = ["API_HOST"]
    error: `${` has no `}`
     --> a.toml:2:7
      |
    2 | url = "${HOST"
      |       ^^^^^^^^
      |
      = help: write ${NAME}, or $${ for ${
    error: `${ HOST }` is not declared
     --> a.toml:3:7
      |
    3 | say = "${ HOST }"
      |       ^^^^^^^^^^^
      |
      = help: did you mean `${HOST}`?
    error: `environment` must be an array, not a string
     --> a.toml:1:15
      |
    1 | environment = "HOST"
      |               ^^^^^^
      |
      = help: write environment = ["API_HOST"]
    "#);
}
