use crate::binding::{Binding, shipped, shipped_names};
use insta::assert_snapshot;

const GOOD: &str = r##"
name = "test"
[connect]
url = "${url}/live"
[verbs.join]
mode = "handshake"
"##;

/// The problems of a binding that begins well and goes on as said.
fn problems(more: &str) -> String {
    problems_of(&format!("{}\n{more}", GOOD.trim()))
}

fn problems_of(text: &str) -> String {
    Binding::parse("own.toml", text).expect_err("it should be refused").render(false)
}

#[test]
fn shipped_bindings_are_read() {
    for name in shipped_names() {
        let text = shipped(name).unwrap();
        let binding = Binding::parse(name, text).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(binding.name(), name);
        assert!(binding.ran_against().is_some(), "{name}");
    }
    Binding::parse("good", GOOD).unwrap();
}
