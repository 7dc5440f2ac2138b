//! Values of variables: from files that are read by themselves, from files that are named,
//! and from the command line; a later one replaces an earlier one.

use std::path::{Path, PathBuf};

use eci_config::Variables;
use toml::{Table, Value};

use crate::arguments::VariableArguments;
use crate::failure::Failure;

/// Why a file of values cannot be used. Its content may be secret and is not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VariablesFileError {
    /// It cannot be read.
    #[error("cannot read the values of variables in {}: {cause}; check the path and its permissions", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// It is not TOML.
    #[error("{}:{line}: {problem}; a file of values has lines such as `image = \"nginx:1.28\"`", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

/// All values that are given.
pub(crate) fn collect(
    directory: &Path,
    arguments: &VariableArguments,
) -> Result<Variables, Failure> {
    let mut variables = Variables::default();
    for path in found(directory)? {
        read(&path, &mut variables)?;
    }
    for path in &arguments.files {
        read(&super::plainly(&directory.join(path)), &mut variables)?;
    }
    for text in &arguments.values {
        let (name, value) = Variables::parse_flag(text).map_err(|error| {
            // What stands there may be a secret, so the error does not repeat it.
            match error {
                eci_config::VariableError::NoValue { .. } => {
                    Failure::new("a --var gives no value", "write it as --var NAME=VALUE")
                }
                error => error.into(),
            }
        })?;
        variables.set(name, &value, "--var");
    }
    Ok(variables)
}

/// The files that are read by themselves, in name order.
fn found(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |cause| VariablesFileError::Unreadable {
        path: directory.to_owned(),
        cause,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name == "eci.vars.toml" || name.ends_with(".auto.vars.toml") {
            found.push(super::plainly(&path));
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path, variables: &mut Variables) -> Result<(), VariablesFileError> {
    let text = std::fs::read_to_string(path).map_err(|cause| VariablesFileError::Unreadable {
        path: path.to_owned(),
        cause,
    })?;
    let table: Table = text
        .parse()
        .map_err(|error| not_toml(path, &text, &error))?;
    let origin = path.display().to_string();
    for (name, value) in &table {
        variables.set(name, &given(value), &*origin);
    }
    Ok(())
}

fn not_toml(path: &Path, text: &str, error: &toml::de::Error) -> VariablesFileError {
    VariablesFileError::NotToml {
        path: path.to_owned(),
        line: line_of(text, error),
        problem: error.message().to_owned(),
    }
}

/// The line of an error, from 1.
pub(super) fn line_of(text: &str, error: &toml::de::Error) -> usize {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    text.as_bytes()[..start]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// A value as it is given: a string as it is, anything else as an expression.
fn given(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => expression(other),
    }
}

fn expression(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Datetime(time) => quoted(&time.to_string()),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => value.to_string(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(expression).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Table(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{} = {}", quoted(name), expression(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// A string of the expression language, in which `${` and `%{` stand for themselves.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => {
                quoted.push(c);
                quoted.push(c);
            }
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn values_become_expressions_and_strings_stay_themselves() {
        let table: Table = r#"
            image = "nginx ${x}"
            count = 3
            names = ["a", "b${c}"]
            tags = { "a b" = "say \"名\"", on = true }
        "#
        .parse()
        .unwrap();
        assert_eq!(given(&table["image"]), "nginx ${x}");
        assert_eq!(given(&table["count"]), "3");
        assert_eq!(given(&table["names"]), r#"["a", "b$${c}"]"#);
        assert_eq!(
            given(&table["tags"]),
            r#"{ "a b" = "say \"名\"", "on" = true }"#
        );
    }

    #[test]
    fn files_are_read_in_name_order_and_only_those_that_are_meant() {
        let directory = tempfile::tempdir().unwrap();
        for name in [
            "eci.vars.toml",
            "b.auto.vars.toml",
            "a.auto.vars.toml",
            "other.vars.toml",
        ] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let found = found(directory.path()).unwrap();
        let names: Vec<_> = found.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(
            names,
            ["a.auto.vars.toml", "b.auto.vars.toml", "eci.vars.toml"]
        );
    }

    #[test]
    fn an_error_in_a_file_names_its_line_and_shows_no_value() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("eci.vars.toml");
        std::fs::write(&path, "a = 1\npassword = hunter2\n").unwrap();
        let error = read(&path, &mut Variables::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains("eci.vars.toml:2: "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
