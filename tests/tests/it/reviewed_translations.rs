//! A text whose English changed must have its Chinese adapted or confirmed.
//!
//! `tests/data/reviewed_translations.txt` records a checksum of each English text with that of its Chinese
//! translation: of messages in the code, and of the sections of the pages. Where only the English one changed,
//! the test fails until the Chinese one is adapted too, or `UPDATE=reviewed` confirms that it still says the same.
//! Everything else is recorded with `UPDATE=1`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use eci_tests::binaries::workspace;
use regex::Regex;

const RECORD: &str = "tests/data/reviewed_translations.txt";

/// A text in both languages.
struct Translation {
    /// The file that contains it; of a page, the English one.
    file: PathBuf,
    english: String,
    chinese: String,
}

impl Translation {
    fn checksums(&self) -> Checksums {
        Checksums {
            english: checksum(&self.english),
            chinese: checksum(&self.chinese),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Checksums {
    english: String,
    chinese: String,
}

/// Returns the checksum of a text; its line breaks do not matter.
fn checksum(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("{:08x}", crc32fast::hash(words.join(" ").as_bytes()))
}

/// Returns the translations that are recorded for texts that exist no more, while the same Chinese text is now
/// that of another English text.
fn stale<'a>(
    translations: &'a [Translation],
    recorded: &BTreeSet<Checksums>,
) -> Vec<&'a Translation> {
    let present: BTreeSet<Checksums> = translations.iter().map(Translation::checksums).collect();
    let removed: Vec<&Checksums> = recorded.difference(&present).collect();
    let stale = translations.iter().filter(|it| {
        let now = it.checksums();
        let is_changed = |old: &&Checksums| {
            old.chinese == now.chinese && !present.iter().any(|it| it.english == old.english)
        };
        !recorded.contains(&now) && removed.iter().any(is_changed)
    });
    stale.collect()
}

static MARK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\b(en|zh)(?:\s*:\s*|\(\s*)""#).unwrap());
static FIXED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"\bText::fixed\(\s*""#).unwrap());

/// Returns the string literal that begins after a quotation mark, and what follows it.
fn literal(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.find(|character| {
        let ends = character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// Returns the messages in the source code of a file.
fn messages(file: &Path, code: &str) -> Vec<Translation> {
    let translation = |english: &str, chinese: &str| Translation {
        file: file.to_owned(),
        english: english.to_owned(),
        chinese: chinese.to_owned(),
    };
    let mut found = Vec::new();
    let mut english = None;
    for mark in MARK.captures_iter(code) {
        let Some((text, _)) = literal(&code[mark.get(0).unwrap().end()..]) else {
            continue;
        };
        match (&mark[1], english.take()) {
            ("en", _) => english = Some(text),
            (_, Some(english)) => found.push(translation(english, text)),
            (_, None) => {}
        }
    }
    for mark in FIXED.find_iter(code) {
        let english = literal(&code[mark.end()..]);
        let chinese = english.and_then(|(_, rest)| {
            let rest = rest.trim_start().strip_prefix(',')?;
            literal(rest.trim_start().strip_prefix('"')?)
        });
        if let (Some((english, _)), Some((chinese, _))) = (english, chinese) {
            found.push(translation(english, chinese));
        }
    }
    found
}

/// Returns the sections of a page.
fn sections(page: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut in_block = false;
    for line in page.lines() {
        in_block ^= line.starts_with("```");
        if line.starts_with('#') && !in_block {
            sections.push(String::new());
        }
        let section = sections.last_mut().unwrap();
        section.push_str(line);
        section.push('\n');
    }
    sections
}

fn page(english: PathBuf, chinese: &Path) -> Vec<Translation> {
    let read = |path: &Path| sections(&fs::read_to_string(workspace().join(path)).unwrap());
    let (of_english, of_chinese) = (read(&english), read(chinese));
    let both = of_english.into_iter().zip(of_chinese);
    both.map(|(of_english, of_chinese)| Translation {
        file: english.clone(),
        english: of_english,
        chinese: of_chinese,
    })
    .collect()
}

/// Adds the Rust files in a directory, and in those below it.
fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
}

/// Returns all texts in both languages. Pages that are generated from texts in the code have these.
fn translations() -> Vec<Translation> {
    let mut files = Vec::new();
    collect(&workspace().join("crates"), &mut files);
    let mut found = Vec::new();
    for file in files {
        let code = fs::read_to_string(&file).unwrap();
        found.extend(messages(file.strip_prefix(workspace()).unwrap(), &code));
    }
    let generated = ["codes.md", "commands.md", "reference.md"];
    for entry in fs::read_dir(workspace().join("docs/zh")).unwrap() {
        let name = entry.unwrap().file_name();
        if !generated.iter().any(|it| name == *it) {
            let chinese = Path::new("docs/zh").join(&name);
            found.extend(page(Path::new("docs").join(&name), &chinese));
        }
    }
    found.extend(page("README.md".into(), Path::new("README.zh.md")));
    found
}

fn recorded(text: &str) -> BTreeSet<Checksums> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(english, chinese)| Checksums {
            english: english.to_owned(),
            chinese: chinese.to_owned(),
        })
        .collect()
}

#[test]
fn a_chinese_text_is_reviewed_when_its_english_text_changes() {
    let translations = translations();
    assert!(translations.len() > 2000, "{}", translations.len());
    let path = workspace().join(RECORD);
    let known = recorded(&fs::read_to_string(&path).unwrap_or_default());
    let update = std::env::var("UPDATE").unwrap_or_default();
    if update != "reviewed" {
        let stale = stale(&translations, &known);
        let stale = stale.iter().map(|it| {
            format!(
                "{}:\n  {}\n  {}\n",
                it.file.display(),
                it.english.trim(),
                it.chinese.trim()
            )
        });
        let stale: String = stale.collect();
        assert!(
            stale.is_empty(),
            "only the English text changed; adapt the Chinese one, or confirm it with UPDATE=reviewed:\n{stale}"
        );
    }
    let now: BTreeSet<Checksums> = translations.iter().map(Translation::checksums).collect();
    if !update.is_empty() {
        let lines = now.iter();
        let lines = lines.map(|it| format!("{} {}\n", it.english, it.chinese));
        fs::write(&path, lines.collect::<String>()).unwrap();
    } else if now != known {
        let changed: Vec<String> = translations
            .iter()
            .filter(|it| !known.contains(&it.checksums()))
            .map(|it| format!("{}: {}", it.file.display(), it.english.trim()))
            .collect();
        panic!(
            "new, changed and removed texts are not recorded (UPDATE=1):\n{}",
            changed.join("\n")
        );
    }
}

#[test]
fn only_a_change_of_the_english_text_alone_is_stale() {
    let text = |english: &str, chinese: &str| Translation {
        file: PathBuf::new(),
        english: english.to_owned(),
        chinese: chinese.to_owned(),
    };
    let before = [text("the volume", "卷"), text("a disk", "盘")];
    let known = before.iter().map(Translation::checksums).collect();
    let count = |now: &[Translation]| stale(now, &known).len();
    assert_eq!(count(&before), 0);
    assert_eq!(count(&[text("the disk", "卷"), text("a disk", "盘")]), 1);
    assert_eq!(count(&[text("the disk", "云盘"), text("a disk", "盘")]), 0);
    assert_eq!(
        count(&[text("the volume", "存储卷"), text("a disk", "盘")]),
        0
    );
    let more = [
        text("the volume", "卷"),
        text("a disk", "盘"),
        text("disk", "盘"),
    ];
    assert_eq!(count(&more), 0, "several texts have one translation");
}

#[test]
fn messages_are_found_in_each_form() {
    let code = r#"
        text!(en: "one {x}", zh: "一 {x}", x = x);
        text!(
            en: "two \"quoted\" \
                 and more",
            zh: "二",
        );
        messages! { E::Three => en("three", x), zh("三"); }
        const FOUR: Text = Text::fixed(
            "four",
            "四",
        );
    "#;
    let found = messages(Path::new("x.rs"), code);
    let chinese: Vec<&str> = found.iter().map(|it| it.chinese.as_str()).collect();
    assert_eq!(chinese, ["一 {x}", "二", "三", "四"]);
    assert!(found[1].english.starts_with("two \\\"quoted"));
}
