//! Tests, scenarios and files that `docs/guarantees.md` names: all of them exist.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

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
                assert!(path.exists(), "{name} does not exist");
                tests += usize::from(path.is_dir());
                source = fs::read_to_string(path).unwrap_or_default();
            } else if is_test.is_match(name) {
                let function = format!("fn {name}(");
                assert!(source.contains(&function), "test {name} not found");
                tests += 1;
            }
        }
        assert!(tests > before, "nothing guards {section}");
    }
    assert_eq!(guarantees, 9);
}

#[test]
fn every_test_binary_is_on_the_test_map() {
    let root = binaries::workspace();
    let page = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let (programs, crates) = page.split_once("\n## Crate tests\n").unwrap();
    let (_, programs) = programs.split_once("\n## Whole-program tests\n").unwrap();
    for name in binaries_in(&root.join("tests/tests")) {
        let quoted = format!("`{name}`");
        assert!(programs.contains(&quoted), "{name} is missing");
    }
    // A row without a crate goes on with that of the row before.
    let mut rows = Vec::new();
    let mut current = "";
    for line in crates.lines().filter(|line| line.starts_with('|')) {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let (name, tests) = (cells.next().unwrap(), cells.next().unwrap());
        if !name.is_empty() {
            current = name.trim_matches('`');
        }
        rows.push(format!("{current}: {tests}"));
    }
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let start = format!("{name}: ");
        let rows: String = rows
            .iter()
            .filter(|row| row.starts_with(&start))
            .cloned()
            .collect();
        assert!(!rows.is_empty(), "{name} is missing");
        for test in binaries_in(&path.join("tests")) {
            assert!(
                rows.contains(&format!("`{test}`")),
                "{name}: {test} is missing"
            );
        }
    }
}

/// Returns the names of the test binaries in a folder, which may be missing.
fn binaries_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let binaries = paths.filter(|path| {
        path.extension().is_some_and(|it| it == "rs") || path.join("main.rs").exists()
    });
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    binaries.map(name).collect()
}
