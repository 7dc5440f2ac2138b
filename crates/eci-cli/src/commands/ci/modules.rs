//! The modules that manifests of a commit call.
//!
//! Of a commit that is not checked out, nothing can be loaded.

use std::collections::BTreeSet;

use eci_ci::normal;
use toml::{Table, Value};

use super::git::CommittedFile;

/// Returns the folders that these manifests call as modules.
///
/// A manifest that cannot be parsed calls none.
pub(super) fn called_modules(manifests: &[CommittedFile]) -> BTreeSet<String> {
    manifests.iter().flat_map(called_by).collect()
}

fn called_by(manifest: &CommittedFile) -> Vec<String> {
    let tables: Table = toml::from_str(&manifest.text).unwrap_or_default();
    let Some(Value::Table(calls)) = tables.get("module") else {
        return Vec::new();
    };
    let parent = manifest.path.rsplit_once('/');
    let parent = parent.map_or("", |(parent, _)| parent);
    let sources = calls
        .values()
        .filter_map(|call| call.get("source")?.as_str());
    sources
        .filter_map(|source| normal(&format!("{parent}/{source}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(path: &str, text: &str) -> Vec<String> {
        let manifest = CommittedFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        Vec::from_iter(called_modules(&[manifest]))
    }

    #[test]
    fn sources_are_resolved_from_the_folder_of_their_manifest() {
        let calls = "module.y = { source = './nested' }\n[module.x]\nsource = \"../shared\"\n";
        assert_eq!(
            called("envs/a/a.eci.toml", calls),
            ["envs/a/nested", "envs/shared"]
        );
        assert_eq!(called("a.eci.toml", "[module.x]\nsource = \"b\"\n"), ["b"]);
        assert!(called("a.eci.toml", "[module.x]\nsource = \"../b\"\n").is_empty());
    }

    #[test]
    fn other_paths_and_broken_manifests_call_nothing() {
        let paths = "[backend.local]\npath = \"../states/web\"\n[eip.x]\nsource = \"../web\"\n";
        assert!(called("a/a.eci.toml", paths).is_empty());
        assert!(called("a/a.eci.toml", "[module.x\nsource = \"../web\"").is_empty());
    }
}
