//! Names of kinds in code: the description in eci-core, the adapter in eci-provider and the few
//! files in `tests/data/kinds.toml`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::sync::LazyLock;

use eci_tests::binaries::workspace;
use eci_tests::sources::{self, without_tests};
use regex::Regex;
use serde::{Deserialize, Serialize};

/// The rules, in `tests/data/kinds.toml`.
#[derive(Deserialize, Serialize)]
struct Rules {
    /// The folders and files whose job it is to name kinds.
    homes: Vec<String>,
    /// The other files that name kinds.
    files: BTreeMap<String, Exception>,
}

/// A file that names kinds. Its numbers may only shrink.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
struct Exception {
    /// The number of names of kinds.
    names: usize,
    /// The number of arms of a `match` that name a kind.
    #[serde(default)]
    arms: usize,
    /// The reason why no property of the kinds can take their place.
    why: String,
}

/// An enum whose variants have these names without being kinds: a service of the cloud has an address.
const NO_KINDS: &str = "Service";

const FILE: &str = "tests/data/kinds.toml";

fn rules() -> Rules {
    toml::from_str(&fs::read_to_string(workspace().join(FILE)).unwrap()).unwrap()
}

/// Returns the source files outside of tests and of the sandbox, whose kinds are its own.
fn checked() -> Vec<String> {
    let files = sources::below(&workspace().join("crates")).into_iter();
    let paths = files.map(|path| path.strip_prefix(workspace()).unwrap().to_owned());
    let mut all: Vec<String> = paths
        .map(|path| path.to_str().unwrap().to_owned())
        .collect();
    let is_test = |path: &str| {
        let mut parts = path.split('/');
        parts.any(|part| ["tests", "tests.rs", "fixtures.rs", "testing.rs"].contains(&part))
    };
    all.retain(|path| {
        path.contains("/src/") && !is_test(path) && !path.starts_with("crates/eci-sandbox/")
    });
    all
}

/// Returns the lines of code of a file, without comments and tests.
fn code(path: &str) -> String {
    let text = fs::read_to_string(workspace().join(path)).unwrap();
    // Most files name none: they are not parsed.
    if names(&text).is_empty() {
        return String::new();
    }
    let code = without_tests(&text);
    let lines = code.lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the places of variants that name a kind: those of `Kind`, and of every enum that has a variant
/// for each kind or for some.
fn names(code: &str) -> Vec<Range<usize>> {
    static VARIANT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b([A-Z]\w*)::(ContainerGroup|Group|Eip|Volume|Disk)\b").unwrap()
    });
    let variants = VARIANT.captures_iter(code);
    let kinds = variants.filter(|variant| &variant[1] != NO_KINDS);
    kinds.map(|variant| variant.get_match().range()).collect()
}

/// Returns the number of patterns of a `match` that name a kind.
fn arms(code: &str) -> usize {
    let places = names(code).into_iter();
    let arms = places.filter(|place| {
        let rest = &code[place.end..];
        let rest = if rest.starts_with('(') {
            &rest[parentheses(rest)..]
        } else {
            rest
        };
        let rest = rest.trim_start();
        ["=>", "|", "if "].iter().any(|next| rest.starts_with(next))
    });
    arms.count()
}

/// Returns the length of the first pair of parentheses of a text, with what is before it.
fn parentheses(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => return at + 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

/// Returns the comparisons with a kind, by `==`, `!=` or `matches!`.
fn comparisons(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for place in names(code) {
        let before = code[..place.start].trim_end_matches("eci_core::");
        let before = before.trim_end_matches(['&', '*', '(', ' ', '\n']);
        let after = code[place.end..].trim_start_matches([')', ' ', '\n']);
        // A variant with a value is compared with that value.
        let has_value = code[place.end..].starts_with('(');
        let is_compared = ["==", "!="]
            .iter()
            .any(|operator| before.ends_with(operator) || after.starts_with(operator));
        if is_compared && !has_value {
            found.push(excerpt(code, place.start));
        }
    }
    for (at, macro_name) in code.match_indices("matches!") {
        let end = at + macro_name.len() + parentheses(&code[at + macro_name.len()..]);
        if !names(&code[at..end]).is_empty() {
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
    let mut found = BTreeMap::new();
    for path in checked() {
        let is_home = rules.homes.iter().any(|home| path.starts_with(home));
        let code = code(&path);
        let count = names(&code).len();
        if !is_home && count > 0 {
            let recorded = rules.files.get(&path).cloned().unwrap_or_default();
            let exception = Exception {
                names: count,
                arms: arms(&code),
                why: recorded.why,
            };
            found.insert(path, exception);
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        rules.files = found;
        let text = toml::to_string(&rules).unwrap();
        fs::write(workspace().join(FILE), text).unwrap();
        return;
    }
    for (path, exception) in &found {
        assert!(
            !exception.why.is_empty(),
            "{path} names kinds: declare a property of the kinds in eci-core, or write the reason into {FILE}"
        );
    }
    assert_eq!(
        found, rules.files,
        "the names of kinds differ from {FILE}: declare a property of the kinds in eci-core, or \
         record that there are fewer with UPDATE=1"
    );
}

#[test]
fn names_are_those_of_every_enum_with_a_variant_for_a_kind() {
    let code = "match id {\n RemoteId::Group(_) | RemoteId::Eip(id) => f(Service::Eip),\n \
                Attachable::Disk(id) if a(b) => Kind::Eip }";
    assert_eq!((names(code).len(), arms(code)), (4, 3));
    assert!(names("Kinds::Groups, types::Eip, Eip::new()").is_empty());
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
        "matches!(remote.report(), RemoteReport::Group(..))",
    ] {
        assert_eq!(comparisons(code).len(), 1, "{code}");
    }
    assert!(comparisons("Address::new(Kind::Eip, \"web\")").is_empty());
    assert!(comparisons("object == Attachable::Eip(id)").is_empty());
    let code =
        "match kind {\n Kind::Eip | Kind::Volume => f(Kind::Eip),\n Kind::Volume if a => 1 }";
    assert_eq!(arms(code), 3);
}
