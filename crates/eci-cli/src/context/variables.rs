//! Values of variables, in this order, of which a later one replaces an earlier one:
//!
//! | from | |
//! |---|---|
//! | `eci.vars.toml` | read by itself |
//! | `*.auto.vars.toml` | read by themselves, in name order |
//! | `--var-file FILE` | in the order of the command line |
//! | `ECI_VAR_name` | the environment |
//! | `--var NAME=VALUE` | in the order of the command line |

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use eci_config::{Overlay, ValueSource, VariableError, Variables};

use crate::arguments::VariableArguments;
use crate::error::CommandError;

/// How the name of a variable of the environment begins that gives a value.
const PREFIX: &str = "ECI_VAR_";

/// All values that are given.
pub(crate) fn collect(
    directory: &Path,
    arguments: &VariableArguments,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Variables, CommandError> {
    let mut variables = Variables::default();
    for path in found(directory)? {
        variables.read_file(&path, ValueSource::File)?;
    }
    for path in &arguments.files {
        let path = super::strip_current_dir(&directory.join(path));
        variables.read_file(&path, ValueSource::VarFile)?;
    }
    from_environment(environment, &mut variables)?;
    for text in &arguments.values {
        let (name, value) = Variables::parse_flag(text).map_err(|error| {
            // What stands there may be a secret, so the error does not repeat it.
            match error {
                VariableError::NoValue { .. } => {
                    CommandError::new("a --var gives no value", "write it as --var NAME=VALUE")
                }
                error => error.into(),
            }
        })?;
        variables.set(name, &value, ValueSource::CliArg);
    }
    Ok(variables)
}

fn from_environment(
    environment: impl Iterator<Item = (OsString, OsString)>,
    variables: &mut Variables,
) -> Result<(), CommandError> {
    for (key, value) in environment {
        let Some(name) = key.to_str().and_then(|key| key.strip_prefix(PREFIX)) else {
            continue;
        };
        let Some(value) = value.to_str() else {
            return Err(CommandError::new(
                format!("the value of {PREFIX}{name} is not UTF-8"),
                format!("give `{name}` with --var-file, or unset {PREFIX}{name}"),
            ));
        };
        variables.set(name, value, ValueSource::Environment);
    }
    Ok(())
}

/// The files that are read by themselves, in their order.
fn found(directory: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let found = Variables::own_files(directory, &Overlay::default())?;
    Ok(found
        .iter()
        .map(|path| super::strip_current_dir(path))
        .collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_config::RawValue;

    use super::*;

    const FIRST: &str = "eci.vars.toml";

    fn directory(names: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for name in names {
            let text = format!("x = {name:?}\n\"from {name}\" = 1\n");
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        directory
    }

    #[test]
    fn only_the_files_that_are_meant_are_read_by_themselves_and_the_main_one_first() {
        let names = [
            FIRST,
            "b.auto.vars.toml",
            "z.auto.vars.toml",
            "other.vars.toml",
        ];
        let directory = directory(&names);
        let found = found(directory.path()).unwrap();
        let found: Vec<_> = found.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(found, [FIRST, "b.auto.vars.toml", "z.auto.vars.toml"]);
    }

    #[test]
    fn each_source_replaces_those_before_it() {
        let files = [
            FIRST,
            "a.auto.vars.toml",
            "b.auto.vars.toml",
            "one.toml",
            "two.toml",
        ];
        let all = directory(&files);
        let none = directory(&[]);
        let set = || [("ECI_VAR_x".into(), "environment".into())].into_iter();
        let x =
            |directory: &tempfile::TempDir, files: &[&str], flags: &[&str], environment: bool| {
                let arguments = VariableArguments {
                    values: flags.iter().map(ToString::to_string).collect(),
                    files: files.iter().map(PathBuf::from).collect(),
                };
                let environment = set().filter(|_| environment);
                let given = collect(directory.path(), &arguments, environment).unwrap();
                let x = given.entries().find(|(name, ..)| *name == "x");
                x.map(|(_, value, _)| match value {
                    RawValue::Text(text) => text.clone(),
                    RawValue::Value(value) => value.as_str().unwrap().to_owned(),
                })
            };
        assert_eq!(x(&none, &[], &[], false), None);
        assert_eq!(x(&all, &[], &[], false).unwrap(), "b.auto.vars.toml");
        let named = ["two.toml", "one.toml"];
        assert_eq!(x(&all, &named, &[], false).unwrap(), "one.toml");
        assert_eq!(x(&all, &named, &[], true).unwrap(), "environment");
        let flags = ["x=first", "x=second=2"];
        assert_eq!(x(&all, &named, &flags, true).unwrap(), "second=2");
    }
}
