//! Allowed imports: between the crates, and between the folders of each crate; and no circles of imports.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use eci_tests::binaries::workspace;
use eci_tests::imports::Imports;
use serde::{Deserialize, Serialize};

/// The rules, in `tests/data/layers.toml`.
#[derive(Deserialize, Serialize)]
struct Layers {
    /// The crates of this project that each may import; every other import is an error.
    imports: ImportedNames,
    /// The folders and files at the root of each crate, with those that each may import.
    folders: BTreeMap<String, ImportedNames>,
}

/// The imports of each file or folder, by name.
type ImportedNames = BTreeMap<String, BTreeSet<String>>;

/// The start of the file of the rules.
const HEADER: &str = "\
# The allowed imports: between crates, and between the folders and files at the root of each crate.
# `UPDATE=1 cargo test -p eci-tests --test it layers::` writes the imports of folders as they are: read the difference.

";

fn rules() -> Layers {
    let text = fs::read_to_string(workspace().join("tests/data/layers.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn crates() -> Vec<String> {
    let entries = fs::read_dir(workspace().join("crates")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn crates_import_only_what_their_layer_may() {
    let rules = rules();
    for name in crates() {
        let manifest = workspace().join("crates").join(&name).join("Cargo.toml");
        let manifest: toml::Table = toml::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let imported = dependencies.into_iter().flat_map(|table| table.keys());
        let imported: BTreeSet<String> = imported
            .filter(|other| other.starts_with("eci-"))
            .cloned()
            .collect();
        let allowed = rules.imports.get(&name);
        assert_eq!(
            Some(&imported),
            allowed,
            "{name}: its imports differ from layers.toml"
        );
    }
}

/// A dependency whose version alone matters: see the comment in the manifest.
const UNNAMED: [(&str, &str); 1] = [("eci-api", "idna_adapter")];

#[test]
fn every_dependency_is_named_in_the_code() {
    for name in crates() {
        let folder = workspace().join("crates").join(&name);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = toml::from_str(&manifest).unwrap();
        let mut code = String::new();
        add_code(&folder, &mut code);
        let words: BTreeSet<&str> = code
            .split(|it: char| !it.is_alphanumeric() && it != '_')
            .collect();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let dependencies = manifest.get(section).and_then(toml::Value::as_table);
            for dependency in dependencies.into_iter().flat_map(|table| table.keys()) {
                // The library of `md-5` has another name.
                let library = dependency.replace("md-5", "md5").replace('-', "_");
                let is_used = words.contains(&*library);
                let is_unnamed = UNNAMED.contains(&(&*name, &**dependency));
                assert!(is_used || is_unnamed, "{name} does not use {dependency}");
            }
        }
    }
}

/// Adds all code in a folder.
fn add_code(folder: &std::path::Path, code: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_code(&path, code);
        } else if path.extension().is_some_and(|it| it == "rs") {
            code.push_str(&fs::read_to_string(path).unwrap());
            code.push('\n');
        }
    }
}

#[test]
fn the_imports_between_crates_go_downward() {
    assert_downward(&rules().imports);
}

/// The package of the tests, whose servers the benchmarks use. No crate below them does.
const TESTS: &str = "eci-tests";

/// Checks that there is an order in which each comes after all that it imports.
fn assert_downward(imports: &ImportedNames) {
    let mut done: BTreeSet<&String> = BTreeSet::new();
    while done.len() < imports.len() {
        let ready = imports.iter().filter(|(name, imports)| {
            let is_below = |other: &String| done.contains(other) || other == TESTS;
            !done.contains(name) && imports.iter().all(is_below)
        });
        let ready: Vec<&String> = ready.map(|(name, _)| name).collect();
        assert!(!ready.is_empty(), "a circle, apart from {done:?}");
        done.extend(ready);
    }
}

#[test]
fn the_pure_crates_reach_no_client_of_the_cloud() {
    let imports = rules().imports;
    for pure in ["eci-config", "eci-lang", "eci-planner"] {
        let mut reached = BTreeSet::from([pure.to_owned()]);
        let mut waiting = vec![pure.to_owned()];
        while let Some(name) = waiting.pop() {
            for other in &imports[&name] {
                if reached.insert(other.clone()) {
                    waiting.push(other.clone());
                }
            }
        }
        assert!(!reached.contains("eci-api"), "{pure} reaches {reached:?}");
    }
}

#[test]
fn folders_import_only_what_their_layer_may() {
    let mut rules = rules();
    let found: BTreeMap<String, ImportedNames> = crates()
        .into_iter()
        .map(|name| (name.clone(), imports_of(&name).folders()))
        .collect();
    if std::env::var_os("UPDATE").is_some() {
        rules.folders = found;
        let text = toml::to_string(&rules).unwrap();
        let path = workspace().join("tests/data/layers.toml");
        fs::write(path, format!("{HEADER}{text}")).unwrap();
        return;
    }
    for (name, found) in &found {
        let allowed = rules.folders.get(name);
        let allowed = allowed.unwrap_or_else(|| panic!("{name} is not in layers.toml"));
        for (folder, imports) in found {
            let allowed = allowed.get(folder);
            assert_eq!(
                Some(imports),
                allowed,
                "{name}: the imports of `{folder}` differ from layers.toml"
            );
        }
        assert_eq!(
            found.len(),
            allowed.len(),
            "{name}: layers.toml has folders that do not exist"
        );
    }
    assert_eq!(found.len(), rules.folders.len(), "crates that do not exist");
}

#[test]
fn files_and_folders_import_each_other_in_one_direction() {
    for name in crates() {
        let imports = imports_of(&name);
        let circles = [imports.circles(), imports.folder_circles()];
        assert_eq!(
            circles,
            [BTreeSet::new(), BTreeSet::new()],
            "{name}: circles of imports; move what several files need below them"
        );
    }
}

fn imports_of(name: &str) -> Imports {
    Imports::of(&workspace().join("crates").join(name).join("src"))
}
