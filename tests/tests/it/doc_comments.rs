//! First words of doc comments: a function begins with a third-person verb ("Returns the …"), and no
//! comment of an item or a file begins with a question or with what only a sentence before could explain.
//! The functions of tests may begin with a noun. In crates, the first line has one sentence.
//! Async functions of libraries document what happens when their future is dropped.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use eci_tests::binaries::workspace;
use eci_tests::sources;
use regex::Regex;

/// Words that end in "s" and are not verbs.
const NO_VERBS: [&str; 10] = [
    "Addresses",
    "Always",
    "As",
    "Attributes",
    "Has",
    "Is",
    "Its",
    "Seconds",
    "This",
    "Was",
];

/// Words of questions, and words that refer to a sentence before. "Whether" is the usual word for a
/// boolean.
const NO_NOUNS: [&str; 13] = [
    "As", "How", "It", "They", "This", "What", "When", "Where", "Which", "Who", "Whom", "Whose",
    "Why",
];

/// Crates that no other program calls.
const PROGRAMS: [&str; 2] = ["eci-bench", "eci-cli"];

/// A doc comment with the line that it documents.
struct DocumentedItem<'a> {
    place: String,
    first_line: &'a str,
    /// Whether the comment says what happens when the future is dropped.
    mentions_cancellation: bool,
    item: &'a str,
    is_test: bool,
    /// Whether the comment is the help of an argument.
    is_help: bool,
}

#[test]
fn doc_comments_begin_with_a_verb_or_a_noun() {
    let files = sources::all();
    assert!(files.len() > 100);
    let places: Vec<String> = files.iter().flat_map(|file| wrong_in(file)).collect();
    assert!(
        places.is_empty(),
        "begin with a third-person verb for a function, with a noun for anything else:\n{}",
        places.join("\n")
    );
}

#[test]
fn the_first_line_of_a_doc_comment_is_one_sentence() {
    // The help of commands and options is one paragraph.
    let help = [
        "crates/eci-cli/src/arguments",
        "crates/eci-bench/src/main.rs",
    ];
    let mut places = Vec::new();
    for file in sources::below(&workspace().join("crates")) {
        let text = fs::read_to_string(&file).unwrap();
        let shown = file.strip_prefix(workspace()).unwrap().to_string_lossy();
        if help.iter().any(|it| shown.starts_with(it)) {
            continue;
        }
        let long = first_lines(&text)
            .into_iter()
            .filter(|it| has_two_sentences(it));
        places.extend(long.map(|line| format!("{shown}: {line}")));
    }
    assert!(
        places.is_empty(),
        "end the first line with the first sentence, and leave the next one empty:\n{}",
        places.join("\n")
    );
}

#[test]
fn first_lines_with_two_sentences_are_found() {
    let text = "//! Names. They are short.\n\n/// Reads `a. B`.\n/// Writes. Blocks.\nfn read() {}\n\
                /// Returns it. `None` if there is none.\nfn it() {}\n/// Version 1.2 Beta.\nfn v() {}\n";
    let first_lines = first_lines(text).into_iter();
    let found: Vec<&str> = first_lines.filter(|it| has_two_sentences(it)).collect();
    assert_eq!(
        found,
        [
            "Names. They are short.",
            "Returns it. `None` if there is none."
        ]
    );
}

/// Returns the first lines of all doc comments of a file.
fn first_lines(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut before = "";
    for line in text.lines().map(str::trim) {
        for mark in ["///", "//!"] {
            if let Some(comment) = line.strip_prefix(mark)
                && !before.starts_with(mark)
            {
                found.push(comment.trim());
            }
        }
        before = line;
    }
    found
}

/// Returns whether a sentence ends and another one begins, outside of code.
fn has_two_sentences(line: &str) -> bool {
    static END: std::sync::OnceLock<Regex> = std::sync::OnceLock::new();
    let end = END.get_or_init(|| Regex::new(r#"[.!?][)"”]? +[A-Z\[]"#).unwrap());
    let words = line.split('`').enumerate().map(|(at, part)| {
        let is_code = at % 2 == 1;
        if is_code { "Code" } else { part }
    });
    end.is_match(&words.collect::<String>())
}

#[test]
fn async_functions_document_cancellation() {
    let libraries = crates();
    let libraries = libraries
        .iter()
        .filter(|name| !PROGRAMS.contains(&&***name));
    let mut count = 0;
    let mut missing = Vec::new();
    let folders = libraries.map(|name| workspace().join("crates").join(name).join("src"));
    for file in folders.flat_map(|folder| sources::below(&folder)) {
        let text = fs::read_to_string(&file).unwrap();
        let shown = file.strip_prefix(workspace()).unwrap().to_string_lossy();
        for comment in documented(&shown, &text) {
            if comment.item.starts_with("pub async fn ") {
                count += 1;
                if !comment.mentions_cancellation {
                    missing.push(format!("{}: {}", comment.place, comment.item));
                }
            }
        }
    }
    assert!(count > 50, "{count}");
    assert!(
        missing.is_empty(),
        "write whether it is cancel safe:\n{}",
        missing.join("\n")
    );
}

#[test]
fn cancellation_is_found_in_the_comment_alone() {
    let text = "/// Reads.\n///\n/// Cancel safe.\n#[must_use]\npub async fn read() {}\n\
                /// Writes.\npub async fn cancel() {}\n";
    let found = documented("", text).into_iter();
    let found: Vec<bool> = found.map(|it| it.mentions_cancellation).collect();
    assert_eq!(found, [true, false]);
}

#[test]
fn comments_of_either_form_are_distinguished() {
    let text = "/// Returns the name.\n#[must_use]\npub fn name() {}\n\
                /// The name.\nfn noun() {}\n\
                /// What is named.\nstruct Question;\n\
                /// A name.\nstruct Name {\n    /// Whether it is new.\n    is_new: bool,\n}\n\
                /// A case in words.\n#[test]\nfn case() {}\n\
                /// How long to wait\n#[arg(long)]\npub(crate) timeout: Duration,\n\
                /// Which name.\nfirst: String,\n";
    let bad: Vec<&str> = documented("", text)
        .into_iter()
        .filter(|comment| comment.is_wrong(Place::Program))
        .map(|comment| comment.item)
        .collect();
    assert_eq!(bad, ["fn noun() {}", "struct Question;", "first: String,"]);
}

#[test]
fn functions_of_tests_may_begin_with_a_noun_and_not_with_a_question() {
    let text = "/// A group.\nfn group() {}\n\
                /// Whether it is new.\nfn is_new() {}\n\
                /// What is named.\nfn named() {}\n\
                /// The same name.\nfn same() {}\n";
    let bad: Vec<&str> = documented("", text)
        .into_iter()
        .filter(|comment| comment.is_wrong(Place::Tests))
        .map(|comment| comment.item)
        .collect();
    assert_eq!(bad, ["fn is_new() {}", "fn named() {}", "fn same() {}"]);
}

#[test]
fn comments_of_files_are_distinguished() {
    assert_eq!(wrong_head("//! What is named.\n"), Some("What is named."));
    assert_eq!(
        wrong_head("//! Whether it is new:\n//! or old.\n"),
        Some("Whether it is new:")
    );
    assert_eq!(wrong_head("//! Names.\n"), None);
    assert_eq!(wrong_head("use std::fs;\n//! What is named.\n"), None);
}

impl DocumentedItem<'_> {
    fn is_function(&self) -> bool {
        function().is_match(self.item)
    }

    fn is_wrong(&self, place: Place) -> bool {
        let first = self.first_line;
        let word = first.split([' ', '.', ',', ':', ';']).next().unwrap_or("");
        let is_question = NO_NOUNS.contains(&word) || first.starts_with("The same ");
        if !self.is_function() {
            return !self.is_help && is_question;
        }
        match place {
            Place::Program => {
                let is_verb = word.ends_with('s')
                    && word.starts_with(|letter: char| letter.is_ascii_uppercase())
                    && !NO_VERBS.contains(&word);
                !self.is_test && !is_verb
            }
            Place::Tests => !self.is_test && (is_question || word == "Whether"),
        }
    }
}

/// The place of a file.
#[derive(Clone, Copy)]
enum Place {
    /// The sources of a crate.
    Program,
    /// Tests, benchmarks, examples and fuzz targets.
    Tests,
}

/// Returns the first line of a file's own comment if it begins with a question or with what only a
/// sentence before could explain.
fn wrong_head(text: &str) -> Option<&str> {
    let head = text.lines().next()?.strip_prefix("//! ")?;
    let word = head.split([' ', '.', ',', ':', ';']).next()?;
    let is_wrong = word == "Whether" || NO_NOUNS.contains(&word) || head.starts_with("The same ");
    is_wrong.then_some(head)
}

fn function() -> &'static Regex {
    static FUNCTION: std::sync::OnceLock<Regex> = std::sync::OnceLock::new();
    FUNCTION.get_or_init(|| {
        Regex::new(r"^(pub(\([^)]*\))? )?(default )?(const )?(async )?(unsafe )?fn ").unwrap()
    })
}

/// Returns the names of all crates.
fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(workspace().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Lists the wrong comments of a file.
fn wrong_in(file: &Path) -> Vec<String> {
    let path = file.strip_prefix(workspace()).unwrap();
    let place = if path.starts_with("crates") && path.iter().nth(2).unwrap() == "src" {
        Place::Program
    } else {
        Place::Tests
    };
    let text = fs::read_to_string(file).unwrap();
    let shown = path.to_string_lossy();
    let head = wrong_head(&text).map(|head| format!("{shown}:1: {head}"));
    let comments = documented(&shown, &text);
    let wrong = comments.iter().filter(|comment| comment.is_wrong(place));
    let lines = wrong.map(|comment| format!("{}: {}", comment.place, comment.first_line));
    head.into_iter().chain(lines).collect()
}

/// Returns the doc comments of a file, each with the line after its attributes.
fn documented<'a>(file: &str, text: &'a str) -> Vec<DocumentedItem<'a>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_doc = |at: usize| lines.get(at).is_some_and(|line| line.starts_with("///"));
    let mut found = Vec::new();
    let begins = (0..lines.len()).filter(|at| is_doc(*at) && (*at == 0 || !is_doc(*at - 1)));
    for begin in begins {
        let mut at = begin;
        let mut depth = 0_i32;
        let mut is_test = false;
        let mut is_help = false;
        while let Some(line) = lines.get(at) {
            let is_attribute = line.starts_with("#[");
            if depth == 0 && !line.starts_with("//") && !is_attribute {
                break;
            }
            if depth > 0 || is_attribute {
                depth += i32::try_from(line.matches('[').count()).unwrap();
                depth -= i32::try_from(line.matches(']').count()).unwrap();
                is_test |= line.contains("test]") || line.contains("test(");
                is_help |= line.starts_with("#[arg(") || line.starts_with("#[command(");
            }
            at += 1;
        }
        if let Some(item) = lines.get(at) {
            found.push(DocumentedItem {
                place: format!("{file}:{}", begin + 1),
                first_line: lines[begin].trim_start_matches('/').trim(),
                mentions_cancellation: lines[begin..at]
                    .iter()
                    .any(|line| line.starts_with("///") && line.to_lowercase().contains("cancel")),
                item,
                is_test,
                is_help,
            });
        }
    }
    found
}
