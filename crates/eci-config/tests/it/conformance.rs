//! Expressions and their values, compared with those of Terraform: the tables in
//! `tests/conformance`.
//!
//! In a table, a line that begins with none of the signs below is an expression, in which `⏎`
//! marks the end of a line:
//!
//! * `# abs`: what the following expressions are about: a function, or a part of the grammar;
//! * `= …`: the value of the expression, as JSON;
//! * `! …`: the expression is an error, and its message has this in it;
//! * `~ …`: Terraform gives this instead: JSON, `!` for an error, `?` where it cannot be run;
//! * `; …`: a remark, for example a reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::{Map, Value};

use crate::directory::{Directory, lines};

/// The result of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExpectedResult {
    Json(String),
    /// An error; what its message has in it.
    Error(String),
}

/// One expression of a table.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Its place, for the message.
    place: String,
    pub(crate) topic: String,
    pub(crate) expression: String,
    pub(crate) expected: ExpectedResult,
    /// The value that Terraform gives; `None` where it cannot be run.
    terraform: Option<ExpectedResult>,
}

fn tables() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

/// All cases of all tables.
pub(crate) fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(tables())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "txt"))
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Case> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let mut topic = String::new();
    let mut open: Option<(String, String)> = None;
    let mut cases: Vec<Case> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let place = format!("{name}:{}", at + 1);
        let rest = || line.get(2..).unwrap_or_default().to_owned();
        // A sign has a space behind it: `!true` is an expression.
        let sign = line.chars().next();
        match sign.filter(|_| !matches!(line.as_bytes().get(1), Some(c) if *c != b' ')) {
            None if !line.is_empty() => {
                assert!(
                    open.is_none(),
                    "{place}: nothing says what the last one gives"
                );
                open = Some((place, line.replace('⏎', "\n")));
            }
            None | Some(';') => {}
            Some('#') => topic = rest(),
            Some(sign @ ('=' | '!')) => {
                let (place, expression) = open.take().unwrap_or_else(|| panic!("{place}: alone"));
                let expected = match sign {
                    '=' => ExpectedResult::Json(rest()),
                    _ => ExpectedResult::Error(rest()),
                };
                cases.push(Case {
                    place,
                    topic: topic.clone(),
                    expression,
                    terraform: Some(expected.clone()),
                    expected,
                });
            }
            Some('~') => {
                let case = cases.last_mut().unwrap_or_else(|| panic!("{place}: alone"));
                case.terraform = match &*rest() {
                    "?" => None,
                    "!" => Some(ExpectedResult::Error(String::new())),
                    json => Some(ExpectedResult::Json(json.to_owned())),
                };
            }
            Some(_) => {
                assert!(
                    open.is_none(),
                    "{place}: nothing says what the last one gives"
                );
                open = Some((place, line.replace('⏎', "\n")));
            }
        }
    }
    assert!(
        open.is_none(),
        "{name}: nothing says what the last one gives"
    );
    cases
}

/// A directory with the files that the tables name.
pub(crate) fn directory() -> Directory {
    let directory = Directory::with(&[]);
    copy(&tables().join("files"), &directory.path().join("files"));
    directory
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if path.is_dir() {
            copy(&path, &to)
        } else {
            std::fs::copy(&path, &to).map(drop).unwrap()
        }
    }
}

/// A manifest whose output is an expression, in quotes that hold any.
pub(crate) fn manifest(expression: &str) -> String {
    let quoted = serde_json::to_string(&format!("${{{expression}}}")).unwrap();
    format!("[output.it]\nsensitive = true\nvalue = {quoted}\n")
}

fn evaluate(directory: &Directory, expression: &str) -> Result<Value, String> {
    let path = directory.path().join("main.eci.toml");
    std::fs::write(path, manifest(expression)).unwrap();
    let configuration = directory
        .load()
        .map_err(|errors| lines(&errors).join("; "))?;
    let value = configuration.outputs[0].evaluate(&eci_config::EmptyScope);
    value
        .map(|value| bare(&value))
        .map_err(|error| error.to_string())
}

/// A value without marks.
pub(crate) fn bare(value: &Value) -> Value {
    match value.reveal().0 {
        Value::List(items) => Value::list(items.iter().map(bare).collect()),
        Value::Map(entries) => Value::map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), bare(value)))
                .collect::<Map>(),
        ),
        other => other.clone(),
    }
}

#[test]
fn every_expression_gives_what_the_table_says() {
    let directory = directory();
    let mut wrong = Vec::new();
    for case in cases() {
        let found = evaluate(&directory, &case.expression);
        let is_right = match (&case.expected, &found) {
            (ExpectedResult::Json(json), Ok(value)) => {
                serde_json::from_str::<Value>(json).unwrap_or_else(|_| panic!("{}", case.place))
                    == *value
            }
            (ExpectedResult::Error(part), Err(message)) => {
                !part.is_empty() && message.contains(part)
            }
            _ => false,
        };
        if !is_right {
            let found = match found {
                Ok(value) => format!("= {}", serde_json::to_string(&value).unwrap()),
                Err(message) => format!("! {message}"),
            };
            wrong.push(format!("{}: {}\n    {found}", case.place, case.expression));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_function_has_three_cases_or_more() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases() {
        if case.expression.contains(&format!("{}(", case.topic)) {
            *counts.entry(case.topic).or_default() += 1;
        }
    }
    let poor: Vec<&str> = eci_lang::functions()
        .map(|function| function.name)
        // Only a console has it.
        .filter(|name| *name != "type")
        .filter(|name| counts.get(*name).is_none_or(|count| *count < 3))
        .collect();
    assert!(poor.is_empty(), "{poor:?}");
}

/// Terraform reads a line of at most 64 KiB from its console.
const LONGEST_LINE: usize = 32 << 10;

#[test]
fn terraform_gives_the_same() {
    if Command::new("terraform").arg("version").output().is_err() {
        // A test has no other way to say so.
        #[allow(clippy::print_stderr)]
        {
            eprintln!("skipped: terraform not found");
        }
        return;
    }
    let directory = directory();
    let compared: Vec<Case> = cases()
        .into_iter()
        .filter(|it| it.terraform.is_some())
        .collect();
    let mut wrong = Vec::new();
    let mut rest = compared.as_slice();
    while !rest.is_empty() {
        let mut length = 0;
        let fits = rest
            .iter()
            .take_while(|case| {
                length += case.expression.len() + 80;
                length < LONGEST_LINE
            })
            .count();
        let (batch, after) = rest.split_at(fits.max(1));
        rest = after;
        for (case, found) in batch.iter().zip(ask_terraform(directory.path(), batch)) {
            let is_right = match (&case.terraform, &*found) {
                (Some(ExpectedResult::Error(_)), "error") => true,
                (Some(ExpectedResult::Json(json)), found) => is_same(json, found),
                _ => false,
            };
            if !is_right {
                wrong.push(format!("{}: {}\n    {found}", case.place, case.expression));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn is_same(expected: &str, found: &str) -> bool {
    let read = |json: &str| serde_json::from_str::<Value>(json).ok();
    // Terraform also gives integers that are refused here.
    expected == found || read(expected).is_some_and(|expected| read(found) == Some(expected))
}

/// Returns Terraform's result for each expression, as JSON, or `error`.
///
/// Its console answers only the last of several lines, so that all are evaluated in one list.
fn ask_terraform(directory: &Path, cases: &[Case]) -> Vec<String> {
    // It takes lines, so what has several is named.
    let (mut each, mut named) = (Vec::new(), String::new());
    for (at, case) in cases.iter().enumerate() {
        let expression = &case.expression;
        let answer =
            format!("base64encode(try(jsonencode(nonsensitive({expression})), \"error\"))");
        each.push(if expression.contains('\n') {
            named += &format!("it_{at} = {answer}\n");
            format!("local.it_{at}")
        } else {
            answer
        });
    }
    let locals = format!("locals {{\n{named}}}\n");
    std::fs::write(directory.join("locals.tf"), locals).unwrap();
    let line = format!("base64encode(jsonencode([{}]))\n", each.join(","));
    let mut terraform = Command::new("terraform")
        .arg("console")
        .current_dir(directory)
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = terraform.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, line.as_bytes()).unwrap();
    drop(input);
    let output = terraform.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let written = String::from_utf8(output.stdout).unwrap();
    let json = BASE64.decode(written.trim().trim_matches('"')).unwrap();
    let answers: Vec<String> = serde_json::from_slice(&json).unwrap();
    answers
        .into_iter()
        .map(|answer| String::from_utf8(BASE64.decode(answer).unwrap()).unwrap())
        .collect()
}
