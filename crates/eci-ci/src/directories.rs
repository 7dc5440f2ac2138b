//! The configuration directories of a repository: which ones a change affects, and their order.

use std::collections::{BTreeMap, BTreeSet};

/// The names of files that belong to a directory merely because they are in it.
const OWN: [&str; 2] = [".eci.toml", ".vars.toml"];

/// A directory of manifests.
///
/// Paths are relative to the root of the repository, with `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The path; empty for the root.
    pub path: String,
    /// The files that its configuration consists of and reads, those of modules included; `None` if they
    /// are unknown, because the configuration has errors.
    pub reads: Option<BTreeSet<String>>,
}

/// Returns the directories that a change of these files affects.
///
/// A directory whose files are unknown counts as affected: the change may have broken it, or repair it.
pub fn affected<'a>(
    directories: &'a [Directory],
    changed: &BTreeSet<String>,
) -> Vec<&'a Directory> {
    let all = directories.iter();
    all.filter(|directory| is_affected(directory, changed))
        .collect()
}

fn is_affected(directory: &Directory, changed: &BTreeSet<String>) -> bool {
    let Some(reads) = &directory.reads else {
        return true;
    };
    // A deleted manifest is read no more, but its directory still is.
    let mut folders: BTreeSet<&str> = reads
        .iter()
        .filter(|file| is_own(file))
        .map(|file| parent(file))
        .collect();
    folders.insert(&directory.path);
    let mut changed = changed.iter();
    changed.any(|file| reads.contains(file) || is_own(file) && folders.contains(parent(file)))
}

/// Returns the folders whose manifests a change deletes, all of them: `exists` says whether a folder still has
/// one. Modules are none of them.
pub fn deleted(changed: &BTreeSet<String>, exists: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let manifests = changed.iter().filter(|file| file.ends_with(".eci.toml"));
    let folders: BTreeSet<&str> = manifests.map(|file| parent(file)).collect();
    let is_configuration = |folder: &&str| {
        let mut parts = folder.split('/');
        !parts.any(|part| part == "modules" || part.starts_with('.'))
    };
    let folders = folders.into_iter().filter(is_configuration);
    let folders = folders.filter(|folder| !exists(folder));
    folders.map(str::to_owned).collect()
}

fn is_own(file: &str) -> bool {
    OWN.iter().any(|end| file.ends_with(end))
}

fn parent(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Returns a path without `.` and `..`; `None` if it leads out of the repository.
pub fn normal(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns a path of a directory in messages: `.` for the root.
pub fn shown_path(path: &str) -> &str {
    match path {
        "" => ".",
        path => path,
    }
}

/// A directory in relation to others: whose outputs it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The address of its state.
    pub state: String,
    /// The addresses of the states whose outputs it reads.
    pub reads: Vec<String>,
}

/// Returns the order of applies: each directory after those whose outputs it reads, and otherwise in the
/// given order.
///
/// # Errors
/// If directories read each other's outputs in a cycle: the directories that are part of it, or after it.
pub fn in_order(nodes: &[Node]) -> Result<Vec<usize>, Vec<usize>> {
    let states: BTreeMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (&*node.state, at))
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    let mut left: BTreeSet<usize> = (0..nodes.len()).collect();
    while !left.is_empty() {
        let is_ready = |at: &usize| {
            let mut before = nodes[*at].reads.iter();
            before.all(|state| {
                states
                    .get(&**state)
                    .is_none_or(|before| !left.contains(before))
            })
        };
        let Some(next) = left.iter().copied().find(is_ready) else {
            return Err(left.into_iter().collect());
        };
        left.remove(&next);
        order.push(next);
    }
    Ok(order)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn directory(path: &str, reads: &[&str]) -> Directory {
        Directory {
            path: path.to_owned(),
            reads: Some(reads.iter().map(|file| (*file).to_owned()).collect()),
        }
    }

    fn affected_by(files: &[&str]) -> Vec<String> {
        let directories = [
            directory("", &["root.eci.toml"]),
            directory(
                "envs/dev",
                &[
                    "envs/dev/main.eci.toml",
                    "modules/web/web.eci.toml",
                    "modules/web/nginx.conf",
                ],
            ),
            directory("envs/prod", &["envs/prod/main.eci.toml"]),
        ];
        let changed = files.iter().map(|file| (*file).to_owned()).collect();
        let found = affected(&directories, &changed);
        found.iter().map(|it| it.path.clone()).collect()
    }

    #[test]
    fn a_directory_is_affected_by_what_it_reads() {
        assert_eq!(affected_by(&["envs/dev/main.eci.toml"]), ["envs/dev"]);
        assert_eq!(affected_by(&["modules/web/nginx.conf"]), ["envs/dev"]);
        assert_eq!(affected_by(&["modules/web/web.eci.toml"]), ["envs/dev"]);
        assert_eq!(affected_by(&["root.eci.toml"]), [""]);
        assert!(affected_by(&["README.md", "envs/dev/README.md"]).is_empty());
    }

    #[test]
    fn a_manifest_that_comes_or_goes_affects_its_directory_and_the_users_of_its_module() {
        assert_eq!(affected_by(&["envs/prod/eci.vars.toml"]), ["envs/prod"]);
        assert_eq!(affected_by(&["modules/web/deleted.eci.toml"]), ["envs/dev"]);
        assert!(affected_by(&["modules/other/web.eci.toml"]).is_empty());
    }

    #[test]
    fn a_directory_without_a_manifest_that_is_left_is_deleted() {
        let changed = [
            "a/x.eci.toml",
            "b/x.eci.toml",
            "modules/web/x.eci.toml",
            "c/readme",
        ];
        let changed = changed.into_iter().map(str::to_owned).collect();
        let found = deleted(&changed, |folder| folder == "b");
        assert_eq!(Vec::from_iter(found), ["a"]);
    }

    #[test]
    fn a_directory_with_errors_is_always_affected() {
        let broken = Directory {
            path: "a".to_owned(),
            reads: None,
        };
        let changed = BTreeSet::from(["README.md".to_owned()]);
        assert_eq!(affected(&[broken], &changed).len(), 1);
    }

    #[test]
    fn paths_lose_their_detours() {
        assert_eq!(
            normal("envs/dev/../../modules/./web").unwrap(),
            "modules/web"
        );
        assert_eq!(normal(".").unwrap(), "");
        assert_eq!(normal("../outside"), None);
    }

    #[test]
    fn applies_follow_the_references_between_states() {
        let node = |state: &str, reads: &[&str]| Node {
            state: state.to_owned(),
            reads: reads.iter().map(|it| (*it).to_owned()).collect(),
        };
        let nodes = [
            node("app", &["network", "data"]),
            node("data", &["network"]),
            node("network", &["elsewhere"]),
            node("zoo", &[]),
        ];
        assert_eq!(in_order(&nodes).unwrap(), [2, 1, 0, 3]);
        let cycle = [node("a", &["b"]), node("b", &["a"]), node("c", &[])];
        assert_eq!(in_order(&cycle).unwrap_err(), [0, 1]);
    }
}
