//! Where code may name a kind: its description in eci-core, its adapter in eci-provider and the few
//! files in `tests/data/kinds.toml`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use eci_tests::binaries::workspace;
use serde::{Deserialize, Serialize};

/// The rules, in `tests/data/kinds.toml`.
#[derive(Deserialize, Serialize)]
struct Rules {
    /// The folders and files whose job it is to name kinds.
    homes: Vec<String>,
    /// The number of names of kinds in every other file that has some. It may only shrink.
    names: BTreeMap<String, usize>,
    /// The number of arms of a `match` that name a kind, likewise.
    arms: BTreeMap<String, usize>,
}

const KINDS: [&str; 3] = ["Kind::ContainerGroup", "Kind::Eip", "Kind::Volume"];

const FILE: &str = "tests/data/kinds.toml";

fn rules() -> Rules {
    toml::from_str(&fs::read_to_string(workspace().join(FILE)).unwrap()).unwrap()
}

/// Returns the source files of a folder and those below it, as paths in the workspace.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let path = path.strip_prefix(workspace()).unwrap();
            found.push(path.to_str().unwrap().to_owned());
        }
    }
}

/// Returns the source files outside of tests and of the sandbox, whose kinds are its own.
fn checked() -> Vec<String> {
    let mut all = Vec::new();
    sources(&workspace().join("crates"), &mut all);
    let is_test = |path: &str| {
        let mut parts = path.split('/');
        parts.any(|part| ["tests", "tests.rs", "fixtures.rs", "testing.rs"].contains(&part))
    };
    all.retain(|path| {
        path.contains("/src/") && !is_test(path) && !path.starts_with("crates/eci-sandbox/")
    });
    all.sort();
    all
}

/// Returns the lines of code of a file, without comments and the tests at its end.
fn code(path: &str) -> String {
    let text = fs::read_to_string(workspace().join(path)).unwrap();
    let tests = text.find("#[cfg(test)]\nmod tests");
    let tests =
        tests.or_else(|| text.find("#[cfg(test)]\n#[allow(clippy::unwrap_used)]\nmod tests"));
    let lines = text[..tests.unwrap_or(text.len())].lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn names(code: &str) -> usize {
    KINDS.iter().map(|kind| code.matches(kind).count()).sum()
}

/// Returns the number of patterns of a `match` that name a kind.
fn arms(code: &str) -> usize {
    let places = |kind: &&str| {
        let ends = code
            .match_indices(*kind)
            .map(|(at, _)| &code[at + kind.len()..]);
        let arms = ends.filter(|rest| {
            let rest = rest.trim_start();
            ["=>", "|", "if "].iter().any(|next| rest.starts_with(next))
        });
        arms.count()
    };
    KINDS.iter().map(places).sum()
}

/// Returns the comparisons with a kind, by `==`, `!=` or `matches!`.
fn comparisons(code: &str) -> Vec<String> {
    let is_kind = |text: &str| {
        let text = text.trim_start().trim_start_matches(['&', '*', '(']);
        let text = text.strip_prefix("eci_core::").unwrap_or(text);
        KINDS.iter().any(|kind| text.starts_with(kind))
    };
    let was_kind = |text: &str| {
        let text = text.trim_end().trim_end_matches(')');
        KINDS.iter().any(|kind| text.ends_with(kind))
    };
    let mut found = Vec::new();
    for operator in ["==", "!="] {
        let places = code.match_indices(operator);
        let compared = places
            .filter(|(at, _)| is_kind(&code[at + operator.len()..]) || was_kind(&code[..*at]));
        found.extend(compared.map(|(at, _)| excerpt(code, at)));
    }
    for (at, _) in code.match_indices("matches!(") {
        let end = code[at..].find(')').map_or(code.len(), |end| at + end);
        if names(&code[at..end]) > 0 {
            found.push(excerpt(code, at));
        }
    }
    found
}

/// Returns the line at a place.
fn excerpt(code: &str, at: usize) -> String {
    let start = code[..at].rfind('\n').map_or(0, |before| before + 1);
    let line = code[start..].lines().next();
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn no_code_compares_with_a_kind() {
    for path in checked() {
        let found = comparisons(&code(&path));
        assert!(
            found.is_empty(),
            "{path} compares with a kind: {found:?}; declare a property of the kinds instead"
        );
    }
}

#[test]
fn few_files_name_a_kind() {
    let mut rules = rules();
    let (mut found, mut found_arms) = (BTreeMap::new(), BTreeMap::new());
    for path in checked() {
        if rules.homes.iter().any(|home| path.starts_with(home)) {
            continue;
        }
        let code = code(&path);
        if arms(&code) > 0 {
            found_arms.insert(path.clone(), arms(&code));
        }
        let count = names(&code);
        if count > 0 {
            found.insert(path, count);
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        rules.names = found;
        rules.arms = found_arms;
        let text = toml::to_string(&rules).unwrap();
        fs::write(workspace().join(FILE), text).unwrap();
        return;
    }
    assert_eq!(
        found, rules.names,
        "the names of kinds differ from {FILE}: declare a property of the kinds in eci-core, or \
         record that there are fewer with UPDATE=1"
    );
    assert_eq!(
        found_arms, rules.arms,
        "the matches on kinds differ from {FILE}, likewise"
    );
}

#[test]
fn comparisons_are_found_in_all_their_forms() {
    for code in [
        "if kind == Kind::Eip {",
        "if kind !=\n    eci_core::Kind::Volume {",
        "matches!(kind, Kind::Eip | Kind::Volume)",
        "if Kind::Eip == kind {",
        "if kind == &Kind::Volume {",
        "if (eci_core::Kind::Volume) != *kind {",
    ] {
        assert_eq!(comparisons(code).len(), 1, "{code}");
    }
    assert!(comparisons("Address::new(Kind::Eip, \"web\")").is_empty());
    let code =
        "match kind {\n Kind::Eip | Kind::Volume => f(Kind::Eip),\n Kind::Volume if a => 1 }";
    assert_eq!(arms(code), 3);
}
