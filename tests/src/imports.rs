//! The imports between the files of a crate: its `use` declarations, and paths in its code that begin with
//! `crate::`, `super::`, `self::` or a submodule of the file. Items that only tests compile do not count.
//!
//! Paths that macros put together are not read: a test finds import cycles with this, and a deliberately
//! hidden one escapes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::sources::without_tests;

/// The modules of a crate, by their paths, for example `run::prepare`; the root is the empty path.
#[derive(Debug, Default)]
pub struct Imports {
    modules: BTreeMap<String, Module>,
}

#[derive(Debug, Default)]
struct Module {
    /// The paths that it imports, whole: `crate::a::B` is `a::B`.
    uses: Vec<String>,
    /// The names that it re-exports, with their paths.
    exports: BTreeMap<String, String>,
}

impl Imports {
    /// Reads the files below the folder of a crate's sources.
    ///
    /// # Panics
    /// If a file cannot be read.
    pub fn of(sources: &Path) -> Imports {
        let mut imports = Imports::default();
        imports.read(sources, sources);
        imports
    }

    /// Returns the groups of modules that import each other, directly or not, each in order.
    pub fn circles(&self) -> BTreeSet<Vec<String>> {
        groups(&self.edges())
    }

    /// Returns the folders and files at the root of the sources, by name, with those that each imports.
    /// The root itself, which only re-exports, is not among them.
    pub fn folders(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut folders = self.siblings().remove("").unwrap_or_default();
        for path in self.modules.keys().filter(|path| !path.is_empty()) {
            folders.entry(folder(path).to_owned()).or_default();
        }
        folders
    }

    /// Returns the groups of folders and files next to each other that import each other, directly or not,
    /// each in order. A file and the folder of its submodules are one.
    pub fn folder_circles(&self) -> BTreeSet<Vec<String>> {
        let mut circles = BTreeSet::new();
        for (parent, imports) in self.siblings() {
            let edges = imports.iter().map(|(name, imported)| {
                let imported = imported.iter().map(String::as_str).collect();
                (name.as_str(), imported)
            });
            let within = |name: String| match &*parent {
                "" => name,
                parent => format!("{parent}::{name}"),
            };
            let found = groups(&edges.collect()).into_iter();
            circles.extend(found.map(|group| group.into_iter().map(within).collect::<Vec<_>>()));
        }
        circles
    }

    /// Returns, for each module, its submodules with those of them that each imports, whatever the files
    /// below them are that import and are imported.
    fn siblings(&self) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
        let mut siblings: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (path, targets) in self.edges() {
            for target in targets {
                let from: Vec<&str> = path.split("::").collect();
                let to: Vec<&str> = target.split("::").collect();
                let pairs = from.iter().zip(&to);
                let depth = pairs.take_while(|(from, to)| from == to).count();
                let (Some(from), Some(to)) = (from.get(depth), to.get(depth)) else {
                    continue;
                };
                if from.is_empty() || to.is_empty() {
                    continue;
                }
                let parent = path.split("::").take(depth).collect::<Vec<_>>().join("::");
                let imports = siblings.entry(parent).or_default();
                imports
                    .entry((*from).to_owned())
                    .or_default()
                    .insert((*to).to_owned());
            }
        }
        siblings
    }

    /// Returns the modules that each module imports.
    fn edges(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let edges = self.modules.iter().map(|(path, module)| {
            let targets = module.uses.iter().filter_map(|used| self.target(used, 0));
            let others = targets.filter(|target| target != path);
            (path.as_str(), others.collect())
        });
        edges.collect()
    }

    /// Returns the module that has what a path names, past re-exports.
    fn target(&self, path: &str, depth: usize) -> Option<&str> {
        let mut module = path;
        let mut name = "";
        loop {
            if let Some((found, about)) = self.modules.get_key_value(module) {
                let first = name.split("::").next().unwrap_or_default();
                return match about.exports.get(first) {
                    Some(exported) if depth < 8 => self.target(exported, depth + 1),
                    _ => Some(found),
                };
            }
            // A name outside of every submodule is in the root.
            (module, name) = match module.rfind("::") {
                Some(at) => (&module[..at], &path[at + 2..]),
                None if module.is_empty() => return None,
                None => ("", path),
            };
        }
    }

    fn read(&mut self, root: &Path, at: &Path) {
        for entry in fs::read_dir(at).unwrap_or_else(|error| panic!("{}: {error}", at.display())) {
            let path = entry.unwrap_or_else(|error| panic!("{error}")).path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                // Programs of their own, and tests.
                if !matches!(&*name, "bin" | "tests") {
                    self.read(root, &path);
                }
            } else if path.extension().is_some_and(|it| it == "rs") && name != "tests" {
                let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}"));
                let module = module_path(root, &path);
                let read = Module::read(&module, &text);
                self.modules.insert(module, read);
            }
        }
    }
}

/// Returns the first part of the path of a module.
fn folder(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

/// `root/a/mod.rs` and `root/a.rs` are `a`, `root/lib.rs` is empty.
fn module_path(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).unwrap_or(file).with_extension("");
    let names = path.iter().map(|name| name.to_string_lossy());
    let mut names: Vec<String> = names.map(|name| name.into_owned()).collect();
    if matches!(
        names.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        names.pop();
    }
    names.join("::")
}

impl Module {
    fn read(path: &str, text: &str) -> Module {
        let mut module = Module::default();
        let text = &*without_tests(text);
        let submodules = submodules(text);
        let mut rest = text;
        let mut code = String::new();
        while let Some((exported, body)) = next_use(rest) {
            let Some(end) = body.find(';') else {
                break;
            };
            code.push_str(&rest[..rest.len() - body.len()]);
            let declaration: String = body[..end].split_whitespace().collect::<Vec<_>>().join(" ");
            for leaf in leaves(&declaration) {
                let (used, name) = match leaf.split_once(" as ") {
                    Some((used, name)) => (used.to_owned(), name.to_owned()),
                    None => (
                        leaf.clone(),
                        leaf.rsplit("::").next().unwrap_or_default().to_owned(),
                    ),
                };
                let Some(used) = absolute(path, used.trim()) else {
                    continue;
                };
                if exported {
                    module.exports.insert(name, used);
                } else {
                    module.uses.push(used);
                }
            }
            rest = &body[end..];
        }
        code.push_str(rest);
        let paths = qualified_paths(&code, &submodules).into_iter();
        module
            .uses
            .extend(paths.filter_map(|used| absolute(path, &used)));
        module
    }
}

/// Returns whether the next `use` at the begin of a line is a re-export, and what comes after the word.
fn next_use(text: &str) -> Option<(bool, &str)> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let at = offset + (line.len() - trimmed.len());
        if trimmed.starts_with("use ") {
            return Some((false, &text[at + 4..]));
        }
        if trimmed.starts_with("pub")
            && let Some(word) = trimmed.find(" use ")
            && !trimmed[..word].contains(' ')
        {
            return Some((true, &text[at + word + 5..]));
        }
        offset += line.len();
    }
    None
}

/// Returns the names of the modules that a file declares and that are files themselves.
fn submodules(code: &str) -> BTreeSet<&str> {
    let names = code.lines().filter_map(|line| {
        let line = line.trim().strip_suffix(';')?;
        let (before, name) = line.rsplit_once(' ')?;
        let is_module = before == "mod" || before.starts_with("pub") && before.ends_with(" mod");
        is_module.then_some(name)
    });
    names.collect()
}

/// Returns the paths in code without `use` declarations that begin at the root of the crate, at the
/// module, above it, or with a submodule. Comments and the places of a visibility are left out.
fn qualified_paths(code: &str, submodules: &BTreeSet<&str>) -> Vec<String> {
    let is_part = |it: char| it.is_alphanumeric() || it == '_' || it == ':';
    let lines = code.lines().filter(|it| !it.trim_start().starts_with("//"));
    let lines = lines.map(|line| match line.split_once("pub(in ") {
        Some((_, rest)) => rest.split_once(')').map_or("", |(_, item)| item),
        None => line,
    });
    let mut found = Vec::new();
    for line in lines {
        for path in line.split(|it| !is_part(it)) {
            let path = path.trim_end_matches(':');
            let first = path.split("::").next().unwrap_or_default();
            let is_local =
                matches!(first, "crate" | "super" | "self") || submodules.contains(first);
            if is_local && first != path {
                found.push(path.to_owned());
            }
        }
    }
    found
}

/// `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`; `self` is the path before it.
fn leaves(declaration: &str) -> Vec<String> {
    let Some(open) = declaration.find('{') else {
        let whole = declaration.trim().trim_end_matches("::*");
        return vec![whole.trim_end_matches("::self").to_owned()];
    };
    let prefix = declaration[..open].trim();
    let inner = declaration[open + 1..].trim_end();
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let whole = |part: &str| match part {
        "self" => prefix.trim_end_matches("::").to_owned(),
        part => format!("{prefix}{part}"),
    };
    parts.flat_map(|part| leaves(&whole(part))).collect()
}

/// Returns the path from the root of the crate; none where it leads elsewhere.
fn absolute(module: &str, used: &str) -> Option<String> {
    if let Some(rest) = used.strip_prefix("crate::") {
        return Some(rest.to_owned());
    }
    let mut base: Vec<&str> = module.split("::").filter(|it| !it.is_empty()).collect();
    let mut rest = used;
    rest = rest.strip_prefix("self::").unwrap_or(rest);
    while let Some(after) = rest.strip_prefix("super::") {
        base.pop()?;
        rest = after;
    }
    // A path without a prefix begins with a module of this one; one of another crate leads nowhere.
    base.push(rest);
    Some(base.join("::"))
}

/// Returns the groups of nodes that reach each other, each in order.
fn groups(edges: &BTreeMap<&str, BTreeSet<&str>>) -> BTreeSet<Vec<String>> {
    let reaches: BTreeMap<&str, BTreeSet<&str>> = edges
        .keys()
        .map(|start| (*start, reachable(start, edges)))
        .collect();
    let group = |path: &&str| -> Option<Vec<String>> {
        let mutual = reaches[path].iter().filter(|other| {
            let back = reaches.get(*other);
            back.is_some_and(|reached| reached.contains(path))
        });
        let group: BTreeSet<&str> = mutual.copied().chain([*path]).collect();
        (group.len() > 1).then(|| group.into_iter().map(str::to_owned).collect())
    };
    edges.keys().filter_map(group).collect()
}

fn reachable<'a>(
    start: &'a str,
    edges: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(at) = waiting.pop() {
        for next in edges.get(at).into_iter().flatten() {
            if reached.insert(*next) {
                waiting.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(files: &[(&str, &str)]) -> Imports {
        let modules = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), Module::read(path, text)));
        Imports {
            modules: modules.collect(),
        }
    }

    #[test]
    fn files_that_import_each_other_are_a_circle() {
        let imports = imports(&[
            ("", "mod a;\nmod b;\nmod c;\npub use a::A;\n"),
            ("a", "use crate::b::{B, inner::{self, C as D}};\n"),
            (
                "b",
                "use std::fmt;\nuse super::{\n    c::C,\n    fmt::X,\n};\n",
            ),
            ("b::inner", ""),
            ("c", "pub(crate) use crate::b::B;\nuse crate::A;\n"),
            (
                "d",
                "use crate::a::A;\n#[cfg(test)]\nmod tests { use crate::e::E; }",
            ),
            ("e", "use crate::d;\n"),
        ]);
        let circle = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(imports.circles(), BTreeSet::from([circle]));
    }

    #[test]
    fn paths_in_code_are_imports() {
        let imports = imports(&[
            ("", "mod a;\nmod b;\n"),
            (
                "a",
                "use std::fmt;\nfn f() {\n    super::b::g::<crate::c::C>(1)?;\n}\n",
            ),
            ("b", "use super::a::f;\n"),
            ("c", "/// As [`crate::a::f`].\npub(in crate::a) struct C;\n"),
        ]);
        let circle = ["a", "b"].map(str::to_owned).to_vec();
        assert_eq!(imports.circles(), BTreeSet::from([circle]));
        assert!(imports.edges()["a"].contains("c"));
        assert!(imports.edges()["c"].is_empty());
    }

    #[test]
    fn a_path_may_begin_with_a_submodule() {
        let imports = imports(&[
            (
                "a",
                "pub(crate) mod inner;\nmod other;\nfn f() {\n    inner::g(serde_json::json!(1));\n}\n",
            ),
            ("a::inner", "use super::A;\nfn g() {}\n"),
            (
                "a::other",
                "use super::A;\nfn other() { other.inner::<u8>() }\n",
            ),
        ]);
        let circle = ["a", "a::inner"].map(str::to_owned).to_vec();
        assert_eq!(imports.circles(), BTreeSet::from([circle]));
    }

    #[test]
    fn imports_after_tests_are_read() {
        let imports = imports(&[
            ("a", "#[cfg(test)]\nmod tests;\nuse crate::b::B;\n"),
            ("b", "use crate::a::A;\n"),
        ]);
        assert_eq!(imports.circles().len(), 1);
    }

    #[test]
    fn a_folder_imports_what_its_files_import() {
        let imports = imports(&[
            ("", "mod a;\nmod b;\npub use b::inner::C;\n"),
            ("a", ""),
            ("a::x", "use super::y::Y;\nuse crate::C;\n"),
            ("a::y", "use crate::d::D;\n"),
            ("b", ""),
            ("b::inner", "use std::fmt;\n"),
            ("d", ""),
        ]);
        let folders = imports.folders();
        assert_eq!(folders["a"], BTreeSet::from(["b", "d"].map(str::to_owned)));
        assert!(folders["b"].is_empty() && folders["d"].is_empty());
    }

    #[test]
    fn folders_that_import_each_other_are_a_circle() {
        let imports = imports(&[
            ("", "mod a;\nmod b;\nmod c;\n"),
            ("a", "pub mod x;\npub mod y;\n"),
            ("a::x", "use crate::b::B;\nuse super::y::v::V;\n"),
            ("a::y", ""),
            ("a::y::u", "use crate::a::x::X;\n"),
            ("a::y::v", ""),
            ("b", ""),
            ("b::z", "use crate::c::C;\n"),
            ("c", "use crate::a::y::Y;\n"),
            ("d", "use crate::a::A;\n"),
        ]);
        assert!(imports.circles().is_empty());
        let circles = [vec!["a", "b", "c"], vec!["a::x", "a::y"]];
        let circles = circles.map(|circle| circle.into_iter().map(str::to_owned).collect());
        assert_eq!(imports.folder_circles(), BTreeSet::from(circles));
    }

    #[test]
    fn a_declaration_has_its_leaves() {
        assert_eq!(
            leaves("a::{self, b, c::{d, e as f}}"),
            ["a", "a::b", "a::c::d", "a::c::e as f"]
        );
        assert_eq!(leaves("a::b::*"), ["a::b"]);
    }
}
