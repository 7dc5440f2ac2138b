//! The gallery of broken manifests: `tests/gallery/`.
//!
//! Each file `NAME.eci.toml`, or each directory of files, is one mistake that people make, and
//! `NAME.txt` is what they read about it, `NAME.zh.txt` the same in Chinese: 80 columns, no color.
//! `UPDATE=1 cargo test -p eci-cli --test gallery` writes both; read them as a user who has just
//! run into it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use eci_cli::check;
use eci_config::{ValueSource, Variables};
use eci_core::{Code, Diagnostic, Diagnostics, codes};
use eci_render::{Style, diagnostics};
use eci_text::{Lang, Text, typography};

/// The name of every file when it is checked: a separate manifest.
const SINGLE: &str = "web.eci.toml";

/// `NAME=VALUE` lines, given from outside.
const VALUES: &str = "values";

/// Values that are read by themselves.
const VARIABLE_FILE: &str = "eci.vars.toml";

/// Codes that a gallery of manifests cannot show: a directory that cannot be read (below), a disk
/// that had another size (`tests/scenarios/a_size_that_a_disk_cannot_shrink_to_is_an_error`), an
/// EIP that a group has which is left out
/// (`tests/scenarios/an_eip_that_an_excluded_group_still_has_is_not_taken`), an
/// EIP or a disk in an error state in the cloud (`tests/tests/it/api_behaviors.rs`), zones that
/// the region does not have (`tests/tests/it/clouds.rs`), what another state owns or has taken over
/// (`tests/tests/it/ownership.rs`), and what was sent before (`eci-planner`).
const ELSEWHERE: [&Code; 9] = [
    codes::UNREADABLE,
    codes::SHRINK,
    codes::STATUS,
    codes::UNKNOWN_ZONE,
    codes::TRANSFER,
    codes::IGNORED_SECRET,
    codes::IGNORED_VOLUME,
    codes::TAKEN_OVER,
    codes::OTHER_OWNER,
];

fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/gallery")
}

/// One mistake.
struct Case {
    /// The file or the directory.
    path: PathBuf,
    /// The group of mistakes and the name of this one within it.
    stem: PathBuf,
}

impl Case {
    /// Returns the file of the expected text in a language.
    fn expected(&self, lang: Lang) -> PathBuf {
        self.stem.with_extension(lang.pick("txt", "zh.txt"))
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for group in sorted(&gallery()).into_iter().filter(|path| path.is_dir()) {
        for path in sorted(&group) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let stem = match name.strip_suffix(".eci.toml") {
                Some(stem) => stem,
                None if path.is_dir() => name,
                None => continue,
            };
            let stem = group.join(stem);
            cases.push(Case { path, stem });
        }
    }
    cases
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Returns the diagnostics of a case, and the directory that their places name.
fn found(path: &Path) -> (Diagnostics, PathBuf) {
    let mut variables = Variables::default();
    let alone = tempfile::tempdir().unwrap();
    let directory = if path.is_dir() {
        path
    } else {
        fs::copy(path, alone.path().join(SINGLE)).unwrap();
        alone.path()
    };
    for line in fs::read_to_string(directory.join(VALUES))
        .unwrap_or_default()
        .lines()
    {
        let (name, value) = Variables::parse_flag(line).unwrap();
        variables.set(name, &value, ValueSource::CliArg);
    }
    let file = directory.join(VARIABLE_FILE);
    if file.exists() {
        variables.read_file(&file, ValueSource::File).unwrap();
    }
    let checked = eci_config::load(directory, &variables).and_then(|it| check(it).unwrap());
    let found = match checked {
        Ok(configuration) => configuration.warnings,
        Err(diagnostics) => diagnostics,
    };
    (found, directory.to_owned())
}

fn report_of(case: &Case, lang: Lang) -> String {
    let (found, directory) = found(&case.path);
    let text = diagnostics(&found, Style::plain().with_lang(lang));
    // The places are relative to the configuration directory.
    let text = text.replace(&format!("{}/", directory.display()), "");
    let place = case.path.to_string_lossy();
    // A directory without manifests is named by its path.
    text.replace(&*place, case.path.file_name().unwrap().to_str().unwrap())
}

/// Both in one test, since the second reads what the first may write.
#[test]
fn every_mistake_is_reported_as_reviewed_and_every_code_has_one() {
    as_reviewed();
    every_code_is_shown();
}

/// That every error says how to fix it is a promise of the README.
#[test]
fn every_error_has_a_help_line() {
    let mut without = Vec::new();
    for case in cases() {
        let report = report_of(&case, Lang::En);
        let blocks = report.split("\n\n");
        let errors = blocks.filter(|block| block.starts_with("error["));
        for error in errors.filter(|error| !error.contains("help: ")) {
            without.push(format!("{}\n{error}", case.path.display()));
        }
    }
    assert!(
        without.is_empty(),
        "errors without a help line:\n{}",
        without.join("\n\n")
    );
}

fn as_reviewed() {
    let update = env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        for lang in Lang::ALL {
            let report = report_of(&case, lang);
            let expected = case.expected(lang);
            assert!(!report.is_empty(), "{} is empty", expected.display());
            if update {
                fs::write(&expected, &report).unwrap();
            } else if fs::read_to_string(&expected).unwrap_or_default() != report {
                wrong.push(format!("{}\n{report}", expected.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "other than expected (UPDATE=1 accepts it):\n{}",
        wrong.join("\n")
    );
}

/// The lines of the manifests, which the rendered text quotes, are not part of these texts.
#[test]
fn every_text_of_a_mistake_is_chinese_by_the_rules_of_typography() {
    let mut problems = Vec::new();
    for case in cases() {
        for diagnostic in &found(&case.path).0.0 {
            for text in texts(diagnostic) {
                let lines = text.get(Lang::Zh).lines();
                let found = lines.flat_map(problems_of_chinese);
                problems.extend(found.map(|it| format!("{}: {it}", case.stem.display())));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Returns the texts of a diagnostic that are shown to people.
fn texts(diagnostic: &Diagnostic) -> Vec<Text> {
    let labels = diagnostic.primary.iter().chain(&diagnostic.secondary);
    let mut texts = vec![diagnostic.message.clone()];
    texts.extend(labels.map(|label| label.text.clone()));
    texts.extend(diagnostic.instances());
    texts.extend(diagnostic.advice());
    texts
}

/// Returns the violations of the rules of Chinese, to which belongs that it is Chinese: words
/// outside of code and quoted values come with Han.
fn problems_of_chinese(line: &str) -> Vec<String> {
    let without_code = without(line, '`');
    let prose = without(&without_code, '"');
    let mut problems = typography::chinese(&prose);
    let words: String = prose.split(['`', '"']).step_by(2).collect();
    if words.contains(char::is_alphabetic) && !typography::has_han(&words) {
        problems.push(format!("not Chinese: {line}"));
    }
    problems
}

/// Returns the line with a Latin word in the place of each text within quotes.
fn without(line: &str, quote: char) -> String {
    let pieces = line.split(quote).enumerate();
    let kept = pieces.map(|(at, piece)| if at % 2 == 0 { piece } else { "code" });
    kept.collect::<Vec<_>>().join(&quote.to_string())
}

#[test]
fn every_expected_text_has_its_mistake() {
    let cases = cases().into_iter();
    let expected: BTreeSet<PathBuf> = cases
        .flat_map(|case| Lang::ALL.map(|lang| case.expected(lang)))
        .collect();
    for group in sorted(&gallery()).into_iter().filter(|path| path.is_dir()) {
        for path in sorted(&group) {
            let is_text = path.extension().is_some_and(|extension| extension == "txt");
            assert!(
                !is_text || expected.contains(&path),
                "{} belongs to no case",
                path.display()
            );
        }
    }
}

/// Those that need a state or options are shown by scenarios, and what cannot be read below.
fn every_code_is_shown() {
    let mut shown = String::new();
    for case in cases() {
        shown += &fs::read_to_string(case.expected(Lang::En)).unwrap_or_default();
    }
    for scenario in sorted(&gallery().join("../scenarios")) {
        let expected = scenario.join("expected");
        if expected.is_dir() {
            for path in sorted(&expected) {
                shown += &fs::read_to_string(path).unwrap_or_default();
            }
        }
    }
    let missing: Vec<_> = codes::all()
        .filter(|code| !shown.contains(&format!("[{}]", code.number)))
        .filter(|code| !ELSEWHERE.contains(code))
        .collect();
    assert!(
        missing.is_empty(),
        "no mistake in tests/gallery shows {missing:?}"
    );
}

#[test]
fn an_unreadable_directory_is_reported() {
    let missing = found_error(&gallery().join("nowhere"));
    assert!(
        missing.0.iter().any(|it| it.code == codes::UNREADABLE),
        "{missing}"
    );
}

fn found_error(path: &Path) -> Diagnostics {
    eci_config::load(path, &Variables::default()).unwrap_err()
}
