//! Every TOML example of the reference is read as a scenario.

use super::examples::{examples, included, variables};
use super::parse_with;

#[test]
fn every_example_of_the_reference_is_read() {
    for scenario in examples() {
        match parse_with("docs.toml", &scenario, &[], &included, &variables) {
            Ok((_, warnings)) => assert!(warnings.is_empty(), "{warnings}\n{scenario}"),
            Err(problems) => panic!("{problems}\n{scenario}"),
        }
    }
}
