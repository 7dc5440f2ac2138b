//! Configurations, loaded from directories of manifests.
//!
//! Values of variables come from these sources, of which a later one replaces an earlier one:
//!
//! | from | |
//! |---|---|
//! | `eci.vars.toml` | read by itself |
//! | `*.auto.vars.toml` | read by themselves, in name order |
//! | [`Loader::var_file`] | in the order of the calls |
//! | [`Loader::environment`] | `ECI_VAR_name` |
//! | [`Loader::var`], [`Loader::assignment`] | in the order of the calls |

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use eci_config::{Configuration, Overlay, ValueSource, Variables};

use crate::error::EngineError;
use crate::paths::strip_current_dir;

/// The beginning of the name of an environment variable that gives a value.
const PREFIX: &str = "ECI_VAR_";

/// Loads the configuration of a directory of manifests.
#[derive(Clone, Debug)]
pub struct Loader {
    directory: PathBuf,
    files: Vec<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    values: Vec<VariableValue>,
    workspace: Option<String>,
    backend: Vec<String>,
}

/// A value of a variable.
#[derive(Clone)]
enum VariableValue {
    Value { name: String, value: String },
    Assignment(String),
}

impl std::fmt::Debug for VariableValue {
    /// Leaves out the value, which may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VariableValue")
    }
}

impl Loader {
    /// Returns a loader of the manifests in a directory.
    pub fn new(directory: impl Into<PathBuf>) -> Loader {
        Loader {
            directory: directory.into(),
            files: Vec::new(),
            environment: Vec::new(),
            values: Vec::new(),
            workspace: None,
            backend: Vec::new(),
        }
    }

    /// Adds a variable file; its path is relative to the directory.
    #[must_use]
    pub fn var_file(mut self, path: impl Into<PathBuf>) -> Loader {
        self.files.push(path.into());
        self
    }

    /// Adds the value of a variable, as text or as a TOML value.
    #[must_use]
    pub fn var(mut self, name: impl Into<String>, value: impl Into<String>) -> Loader {
        self.values.push(VariableValue::Value {
            name: name.into(),
            value: value.into(),
        });
        self
    }

    /// Adds the value of a variable, written `NAME=VALUE`.
    #[must_use]
    pub fn assignment(mut self, text: impl Into<String>) -> Loader {
        self.values.push(VariableValue::Assignment(text.into()));
        self
    }

    /// Takes values of variables from environment variables, for example those of
    /// [`std::env::vars_os`]. By default none are read.
    #[must_use]
    pub fn environment(
        mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Loader {
        self.environment = variables.into_iter().collect();
        self
    }

    /// Adds a setting of the backend, written `KEY=VALUE`.
    #[must_use]
    pub fn backend(mut self, text: impl Into<String>) -> Loader {
        self.backend.push(text.into());
        self
    }

    /// Sets the name of the workspace, which expressions can read.
    #[must_use]
    pub fn workspace(mut self, name: impl Into<String>) -> Loader {
        self.workspace = Some(name.into());
        self
    }

    /// Loads the configuration.
    ///
    /// # Errors
    /// If a manifest is not valid, or a value of a variable is missing or cannot be read.
    pub fn load(&self) -> Result<Configuration, EngineError> {
        let variables = self.variables()?;
        Ok(eci_config::load(&self.directory, &variables)?)
    }

    /// Collects the values of variables.
    ///
    /// # Errors
    /// If a file or an environment variable cannot be read, or an assignment is not one.
    pub fn variables(&self) -> Result<Variables, EngineError> {
        let mut variables = Variables::default();
        for path in own_files(&self.directory)? {
            variables.read_file(&path, ValueSource::File)?;
        }
        for path in &self.files {
            let path = strip_current_dir(&self.directory.join(path));
            variables.read_file(&path, ValueSource::VarFile)?;
        }
        self.read_environment(&mut variables)?;
        for given in &self.values {
            let (name, value) = match given {
                VariableValue::Value { name, value } => (name.clone(), value.clone()),
                VariableValue::Assignment(text) => Variables::parse_flag(text)?,
            };
            variables.set(name, &value, ValueSource::CliArg);
        }
        for text in &self.backend {
            let (key, value) = Variables::parse_flag(text)?;
            variables.set_backend(key, value);
        }
        if let Some(workspace) = &self.workspace {
            variables.set_workspace(workspace);
        }
        Ok(variables)
    }

    fn read_environment(&self, variables: &mut Variables) -> Result<(), EngineError> {
        for (key, value) in &self.environment {
            if let (Some(key), Some(value)) = (key.to_str(), value.to_str()) {
                variables.set_system(key, value);
            }
            let Some(name) = key.to_str().and_then(|key| key.strip_prefix(PREFIX)) else {
                continue;
            };
            let value = value.to_str().ok_or_else(|| EngineError::NotUtf8 {
                variable: format!("{PREFIX}{name}"),
                name: name.to_owned(),
            })?;
            variables.set(name, value, ValueSource::Environment);
        }
        Ok(())
    }
}

/// Returns the files that are read by themselves, in their order.
fn own_files(directory: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let found = Variables::own_files(directory, &Overlay::default())?;
    Ok(found.iter().map(|path| strip_current_dir(path)).collect())
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
        let found = own_files(directory.path()).unwrap();
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
                let environment = set().filter(|_| environment);
                let mut loader = Loader::new(directory.path()).environment(environment);
                for file in files {
                    loader = loader.var_file(*file);
                }
                for flag in flags {
                    loader = loader.assignment(*flag);
                }
                let given = loader.variables().unwrap();
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
