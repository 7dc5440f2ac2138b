//! Tests, scenarios, files and types that `docs/guarantees.md` names: all of them exist.
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
fn every_implementation_names_files_and_items_that_there_are() {
    let root = binaries::workspace();
    let page = fs::read_to_string(root.join("docs/guarantees.md")).unwrap();
    let quoted = Regex::new("`([^`]+)`").unwrap();
    let is_item = Regex::new(r"^(?:(eci_\w+)::)?([\w:]*[A-Za-z]\w*)$").unwrap();
    // A header of HTTP, and functions of expressions.
    let others = ["Date", "can", "try"];
    let (mut files, mut items, mut unknown) = (0, 0, Vec::new());
    for section in page.split("\n## ").skip(1) {
        let (_, rest) = section.split_once("**How.**").unwrap();
        let (how, _) = rest.split_once("**Guarded by.**").unwrap();
        // A file or an item is in the crate that is named last before it.
        let mut named = String::new();
        for found in quoted.captures_iter(how) {
            let name = &found[1];
            if name.starts_with("eci-") {
                name.clone_into(&mut named);
                unknown.extend((!root.join("crates").join(name).is_dir()).then(|| name.to_owned()));
            } else if name.starts_with("docs/") {
                unknown.extend((!root.join(name).is_file()).then(|| name.to_owned()));
            } else if Path::new(name).extension().is_some_and(|it| it == "rs")
                || name.ends_with('/')
            {
                files += 1;
                let path = root.join("crates").join(&named).join("src").join(name);
                unknown.extend((!path.exists()).then(|| format!("{named}: {name}")));
            } else if let Some(parts) = is_item.captures(name)
                && !others.contains(&name)
            {
                items += 1;
                let of = parts
                    .get(1)
                    .map_or_else(|| named.clone(), |it| it.as_str().replace('_', "-"));
                let sources = sources_in(&root.join("crates").join(&of).join("src"));
                let is_missing = |part: &&str| {
                    let item = format!(r"\b(?:struct|enum|trait|type|fn|mod) {part}\b");
                    !Regex::new(&item).unwrap().is_match(&sources)
                };
                let missing = parts[2].split("::").find(is_missing);
                unknown.extend(missing.map(|part| format!("{of}: {part}")));
            }
        }
    }
    assert!(unknown.is_empty(), "not found: {unknown:?}");
    assert!(files > 20 && items > 5, "{files} files, {items} items");
}

/// Returns the text of all sources in a folder.
fn sources_in(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&sources_in(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    text
}

#[test]
fn every_file_of_tests_is_on_the_test_map() {
    let root = binaries::workspace();
    let page = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let (programs, crates) = page.split_once("\n## Crate tests\n").unwrap();
    let (_, programs) = programs.split_once("\n## Whole-program tests\n").unwrap();
    for name in modules_in(&root.join("tests/tests/it")) {
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

fn modules_in(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("main.rs")).unwrap();
    let modules = text.lines().filter_map(|line| {
        let name = line.strip_prefix("mod ")?;
        name.strip_suffix(';')
    });
    modules.map(str::to_owned).collect()
}
