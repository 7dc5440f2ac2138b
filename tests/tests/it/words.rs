//! Words of a private dialect that the glossary (`docs/glossary.md`) replaces by standard terms.
//!
//! `tests/data/words.toml` records how often each of them is left, in code (names, comments and messages)
//! and in documentation. A count must not grow; where it has shrunk, `UPDATE=1` records that. Names count
//! as their words (`cut_off`, `CutOff`), and a phrase may continue on the next line.

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
    "tests/tests/it/words.rs",
];

#[derive(Deserialize, Serialize)]
struct Words {
    word: Vec<Word>,
    ordinary: Vec<OrdinaryPhrases>,
}

#[derive(Deserialize, Serialize)]
struct Word {
    /// A regular expression for whole words, in lower case.
    avoid: String,
    /// The standard terms.
    write: String,
    /// The number of times that it is left in Rust files and in the names of files.
    code: usize,
    /// The number of times that it is left in Markdown files.
    docs: usize,
}

/// Phrases that the glossary avoids for a term, and that have other senses in which they are ordinary
/// English or a name in code, so that only a reader can tell which one is meant.
#[derive(Deserialize, Serialize)]
struct OrdinaryPhrases {
    phrases: Vec<String>,
    /// The other sense.
    because: String,
}

impl Word {
    fn pattern(&self) -> Regex {
        whole_words(&self.avoid)
    }
}

#[test]
fn no_word_to_avoid_is_used_more_often_than_before() {
    let path = workspace().join("tests/data/words.toml");
    let mut words: Words = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let mut texts = texts();
    assert!(texts.code.len() > 500 && texts.docs.len() > 10);
    texts
        .code
        .push((PathBuf::from("the names of files"), texts.names.join("\n")));
    let mut more = Vec::new();
    let mut fewer = Vec::new();
    for word in &mut words.word {
        let pattern = word.pattern();
        for (texts, recorded) in [(&texts.code, &mut word.code), (&texts.docs, &mut word.docs)] {
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

/// Every phrase in the last column of the glossary is counted by a pattern, is ordinary elsewhere, or is
/// not used at all.
#[test]
fn every_phrase_that_the_glossary_avoids_is_checked() {
    let words = fs::read_to_string(workspace().join("tests/data/words.toml")).unwrap();
    let words: Words = toml::from_str(&words).unwrap();
    let patterns: Vec<Regex> = words.word.iter().map(Word::pattern).collect();
    let ordinary = words.ordinary.iter().flat_map(|it| &it.phrases);
    let ordinary: Vec<String> = ordinary.map(|it| readable(it).trim().to_owned()).collect();
    let avoided = avoided_phrases();
    assert!(avoided.len() > 150, "{avoided:?}");
    let mut problems = Vec::new();
    let mut unused = Vec::new();
    for phrase in &avoided {
        let is_counted = patterns.iter().any(|pattern| pattern.is_match(phrase));
        match (is_counted, ordinary.contains(phrase)) {
            (true, true) => problems.push(format!("`{phrase}` is ordinary and has a pattern")),
            (false, false) => unused.push(regex::escape(phrase)),
            _ => {}
        }
    }
    let unused = whole_words(&unused.join("|"));
    let texts = texts();
    for (file, text) in texts.code.iter().chain(&texts.docs) {
        let found = unused.find_iter(text);
        problems.extend(found.map(|it| format!("`{}` is in {}", it.as_str(), file.display())));
    }
    for phrase in ordinary.iter().filter(|phrase| !avoided.contains(phrase)) {
        problems.push(format!("`{phrase}` is not avoided by the glossary"));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns the English phrases in quotes in the last columns of the glossary's tables.
fn avoided_phrases() -> Vec<String> {
    let glossary = fs::read_to_string(workspace().join("docs/glossary.md")).unwrap();
    let quoted = Regex::new("\"([^\"]+)\"").unwrap();
    let rows = glossary.lines().filter(|line| line.starts_with('|'));
    let columns = rows.filter_map(|row| row.trim_end_matches('|').rsplit('|').next());
    let mut phrases: Vec<String> = columns
        .flat_map(|column| quoted.captures_iter(column))
        .map(|phrase| readable(phrase[1].trim_end_matches(" …")).trim().to_owned())
        .collect();
    phrases.sort();
    phrases.dedup();
    phrases
}

/// Returns the regular expression that finds a pattern as whole words of [`readable`] text.
fn whole_words(pattern: &str) -> Regex {
    Regex::new(&format!(r"\b(?:{pattern})\b")).unwrap()
}

/// The texts of the project by their paths, as [`readable`] text.
#[derive(Default)]
struct Texts {
    code: Vec<(PathBuf, String)>,
    docs: Vec<(PathBuf, String)>,
    /// The names of all files.
    names: Vec<String>,
}

fn texts() -> Texts {
    let mut texts = Texts::default();
    texts.collect(workspace(), Path::new(""));
    texts
}

impl Texts {
    fn collect(&mut self, root: &Path, at: &Path) {
        for entry in fs::read_dir(root.join(at)).unwrap() {
            let entry = entry.unwrap();
            let path = at.join(entry.file_name());
            let name = entry.file_name();
            let is_hidden = name.to_string_lossy().starts_with('.');
            if entry.file_type().unwrap().is_dir() {
                if !is_hidden && name != "target" {
                    self.collect(root, &path);
                }
                continue;
            }
            self.names.push(readable(&path.to_string_lossy()));
            if ABOUT_WORDS.iter().any(|about| path == Path::new(about)) {
                continue;
            }
            let texts = match path.extension().and_then(|it| it.to_str()) {
                Some("rs") => &mut self.code,
                Some("md") => &mut self.docs,
                _ => continue,
            };
            let text = readable(&fs::read_to_string(root.join(&path)).unwrap());
            texts.push((path, text));
        }
    }
}

/// Returns a text as it is read aloud, in lower case: names as their words, and the lines of a paragraph or
/// a comment as one line.
fn readable(text: &str) -> String {
    let mut readable = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        let line = line
            .trim()
            .trim_start_matches(['/', '!', '>', '*'])
            .trim_start();
        let line = line.strip_suffix('\\').unwrap_or(line).trim_end();
        readable.push(if line.is_empty() { '\n' } else { ' ' });
        let mut before = ' ';
        for char in line.chars() {
            if char.is_ascii_uppercase() && before.is_ascii_lowercase() {
                readable.push(' ');
            }
            readable.push(if char == '_' {
                ' '
            } else {
                char.to_ascii_lowercase()
            });
            before = char;
        }
    }
    readable
}

#[test]
fn names_and_broken_lines_are_read_as_words() {
    let text = "/// It was cut\n    /// off.\nfn is_cut_off(it: CutOff) {}\n\n\"cut \\\n  off\"";
    let pattern = whole_words("cut off");
    assert_eq!(
        pattern.find_iter(&readable(text)).count(),
        4,
        "{:?}",
        readable(text)
    );
}
