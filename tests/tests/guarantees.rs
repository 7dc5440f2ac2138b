//! What `docs/guarantees.md` names exists: the tests, the scenarios and the files.
#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::binaries;
use regex::Regex;

#[test]
fn every_guarantee_names_tests_that_there_are() {
    let root = binaries::workspace();
    let page = fs::read_to_string(root.join("docs/guarantees.md")).unwrap();
    let quoted = Regex::new("`([^`]+)`").unwrap();
    let is_path = Regex::new(r"^(tests|crates|fuzz|docs)/[\w/.-]+$").unwrap();
    let is_test = Regex::new(r"^[a-z0-9]+(_[a-z0-9]+){3,}$").unwrap();
    let (mut tests, mut guarantees) = (0, 0);
    for section in page.split("\n## ").skip(1) {
        guarantees += 1;
        let (_, guards) = section.split_once("**Guarded by.**").unwrap();
        let before = tests;
        // A test is in the file that is named last before it.
        let mut source = String::new();
        for found in quoted.captures_iter(guards) {
            let name = &found[1];
            if is_path.is_match(name) {
                let path = root.join(name);
                assert!(path.exists(), "there is no {name}");
                tests += usize::from(path.is_dir());
                source = fs::read_to_string(path).unwrap_or_default();
            } else if is_test.is_match(name) {
                let function = format!("fn {name}(");
                assert!(source.contains(&function), "there is no test {name}");
                tests += 1;
            }
        }
        assert!(tests > before, "nothing guards {section}");
    }
    assert_eq!(guarantees, 9);
}
