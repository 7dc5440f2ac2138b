//! Rust sources, as the checks of this project's code read them.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::binaries::workspace;

/// Returns all Rust files of the project, in order: of its crates, tests, examples and fuzz targets.
///
/// # Panics
/// If a folder cannot be read.
pub fn all() -> Vec<PathBuf> {
    let folders = ["crates", "examples", "fuzz", "tests"];
    let files = folders
        .iter()
        .flat_map(|name| below(&workspace().join(name)));
    files.collect()
}

/// Returns the Rust files below a folder, in order, without what builds have left there.
///
/// # Panics
/// If a folder cannot be read.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap_or_else(|error| panic!("{error}")).path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            if !path.ends_with("target") {
                files.extend(below(&path));
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files
}

/// Returns code without the items that only tests compile: those after `#[cfg(test)]`.
///
/// # Panics
/// If the text is not Rust.
pub fn without_tests(text: &str) -> String {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{error}"));
    let mut tests = Vec::new();
    find_tests(tokens, &mut tests);
    let mut code = String::new();
    let mut from = 0;
    for range in tests {
        code.push_str(&text[from..range.start]);
        from = range.end;
    }
    code.push_str(&text[from..]);
    code
}

/// Adds the places of items that only tests compile, in order, each with its attributes.
fn find_tests(tokens: TokenStream, found: &mut Vec<Range<usize>>) {
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let is_hash = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '#');
        if is_hash && trees.peek().is_some_and(is_for_tests) {
            let start = tree.span().byte_range().start;
            let last = trees.find(|tree| match tree {
                TokenTree::Punct(punct) => matches!(punct.as_char(), ';' | ','),
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Ident(_) | TokenTree::Literal(_) => false,
            });
            let end = last.map_or(start, |tree| tree.span().byte_range().end);
            found.push(start..end);
        } else if let TokenTree::Group(group) = tree {
            find_tests(group.stream(), found);
        }
    }
}

/// Returns whether the brackets of an attribute restrict an item to tests.
fn is_for_tests(brackets: &TokenTree) -> bool {
    let TokenTree::Group(group) = brackets else {
        return false;
    };
    let text: String = group.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_item_of_a_test_is_left_out() {
        let text = "use a::A;\n\
                    #[cfg(test)]\nmod tests;\n\
                    use b::B;\n\
                    struct S {\n    #[cfg(test)]\n    probe: u8,\n    kept: u8,\n}\n\
                    #[cfg(all(test, unix))]\n#[allow(unused)]\nmod inner {\n    const TEXT: &str = \"}\";\n}\n\
                    // The end }\nuse c::C;\n";
        let code = without_tests(text);
        for left_out in ["tests", "probe", "inner", "TEXT", "cfg"] {
            assert!(!code.contains(left_out), "{left_out} in {code}");
        }
        for kept in ["use a::A;", "use b::B;", "kept: u8", "use c::C;"] {
            assert!(code.contains(kept), "{kept} not in {code}");
        }
    }

    #[test]
    fn files_of_every_folder_are_found() {
        let files = all();
        for end in ["tests/src/sources.rs", "crates/eci-core/src/lib.rs"] {
            assert!(files.iter().any(|file| file.ends_with(end)), "{end}");
        }
        assert!(
            !files
                .iter()
                .any(|file| file.iter().any(|part| part == "target"))
        );
    }
}
