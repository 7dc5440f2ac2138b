//! Words of a private dialect that the glossary (`docs/glossary.md`) replaces by standard terms.
//!
//! `tests/data/words.toml` records how often each of them is left, in code (names, comments and messages)
//! and in documentation. A count must not grow; where it has shrunk, `UPDATE=1` records that.

#![allow(clippy::unwrap_used)]

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use eci_tests::binaries::workspace;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// Files that name these words because they are about them.
const ABOUT_WORDS: [&str; 5] = [
    "crates/eci-text/src/typography.rs",
    "docs/glossary.md",
    "docs/messages.md",
    "tests/data/words.toml",
    "tests/tests/words.rs",
];

#[derive(Deserialize, Serialize)]
struct Words {
    word: Vec<Word>,
}

#[derive(Deserialize, Serialize)]
struct Word {
    /// A regular expression for whole words, in any case.
    avoid: String,
    /// The standard terms.
    write: String,
    /// The number of times that it is left in Rust files.
    code: usize,
    /// The number of times that it is left in Markdown files.
    docs: usize,
}

#[test]
fn no_word_to_avoid_is_used_more_often_than_before() {
    let path = workspace().join("tests/data/words.toml");
    let mut words: Words = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let code = texts("rs");
    let docs = texts("md");
    assert!(code.len() > 500 && docs.len() > 10);
    let mut more = Vec::new();
    let mut fewer = Vec::new();
    for word in &mut words.word {
        let pattern =
            Regex::new(&format!("(?i)(?:^|[^a-z])(?:{})(?:$|[^a-z])", word.avoid)).unwrap();
        for (texts, recorded) in [(&code, &mut word.code), (&docs, &mut word.docs)] {
            let found: BTreeMap<&PathBuf, usize> = texts
                .iter()
                .map(|(file, text)| (file, pattern.find_iter(text).count()))
                .filter(|(_, count)| *count > 0)
                .collect();
            let count: usize = found.values().sum();
            if count > *recorded {
                let avoid = &word.avoid;
                let mut files: Vec<_> = found.into_iter().collect();
                files.sort_by_key(|(_, count)| Reverse(*count));
                files.truncate(5);
                more.push(format!(
                    "`{avoid}` is used {count} times instead of {recorded}; write {:?}; most in {files:?}",
                    word.write
                ));
            } else if count < *recorded {
                fewer.push(format!("`{}`: {count} instead of {recorded}", word.avoid));
                *recorded = count;
            }
        }
    }
    assert!(more.is_empty(), "{}", more.join("\n"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, toml::to_string(&words).unwrap()).unwrap();
    } else {
        assert!(
            fewer.is_empty(),
            "record this progress with UPDATE=1:\n{}",
            fewer.join("\n")
        );
    }
}

/// Returns the texts of all files of the project with this extension.
fn texts(extension: &str) -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    collect(workspace(), Path::new(""), extension, &mut texts);
    texts
}

fn collect(root: &Path, at: &Path, extension: &str, texts: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(root.join(at)).unwrap() {
        let entry = entry.unwrap();
        let path = at.join(entry.file_name());
        let name = entry.file_name();
        let is_hidden = name.to_string_lossy().starts_with('.');
        if entry.file_type().unwrap().is_dir() {
            if !is_hidden && name != "target" {
                collect(root, &path, extension, texts);
            }
        } else if path.extension().is_some_and(|it| it == extension)
            && !ABOUT_WORDS.iter().any(|about| path == Path::new(about))
        {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            texts.push((path, text));
        }
    }
}
