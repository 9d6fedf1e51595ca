//! `--set` arguments.

use super::said;

#[test]
fn arguments() {
    let bad = [
        "audience.folowers.viewers=2000",
        "audience.7.viewers=2000",
        "audience.followers.veiwers=2000",
        "audience.followers.viewers=-3",
        "length",
        "name.first=x",
        "length=[1",
        "objectives=[\"chat response p99 < 250\"]",
        "audience..viewers=1",
        "=1",
    ];
    let said: String = bad.iter().map(|&set| said("", "", &[set]) + "\n").collect();
    insta::assert_snapshot!(said, @r#"
    error: no entry is named `folowers`
     --> --set:1:10
      |
    1 | audience.folowers.viewers=2000
      |          ^^^^^^^^
      |
      = help: did you mean `followers`?

    error: there is no entry 7
     --> --set:1:10
      |
    1 | audience.7.viewers=2000
      |          ^
      |
      = help: there are 1, numbered from 0

    error: unknown field `veiwers` in `audience`
     --> --set:1:20
      |
    1 | audience.followers.veiwers=2000
      |                    ^^^^^^^
      |
      = help: did you mean `viewers`? Allowed here: `name`, `show`, `shows`, `preset`, `compress`, `viewers`, `rate`, `arrivals`, `stay`, `classes`, `returns`, `hop`, `chat`, `likes`, `shares`, `gifts`, `giveaways`, `funnel`, `on_received`

    error: -3 is negative
     --> --set:1:28
      |
    1 | audience.followers.viewers=-3
      |                            ^^
      |
      = help: write a whole number from 0 to 4294967295

    error: `length` sets nothing
     --> --set:1:1
      |
    1 | length
      | ^^^^^^
      |
      = help: write a path and a value: --set audience.followers.viewers=2000

    error: a string has no `first`
     --> --set:1:6
      |
    1 | name.first=x
      |      ^^^^^
      |
      = help: shorten the path

    error: `[1` is not a TOML value
     --> --set:1:8
      |
    1 | length=[1
      |        ^^
      |
      = help: is a quote or bracket missing? Plain text needs none

    error: `250` is not a time
     --> --set:1:34
      |
    1 | objectives=["chat response p99 < 250"]
      |                                  ^^^
      |
      = help: this figure is a time: write its unit, 250ms

    error: a part of the path is empty
     --> --set:1:10
      |
    1 | audience..viewers=1
      |          ^
      |
      = help: write the names of the fields with a point between them: target.url

    error: a part of the path is empty
     --> --set:1:1
      |
    1 | =1
      | ^
      |
      = help: write the names of the fields with a point between them: target.url
    "#);
}
