//! Values that variables are given from outside, each with where it came from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::external_inputs::{ExternalInputs, StateReader};
use super::input_error::{ValuesFileError, VariableError};
use super::input_value::{InputValue, RawValue, ValueOrigin, ValueSource};
use crate::parse::{Overlay, parse_values, read_whole};

/// The variable file that is read first of those that are read by themselves.
const FIRST: &str = "eci.vars.toml";

/// The ending of the names of all other files.
const ENDING: &str = ".auto.vars.toml";

/// Inputs of a configuration: values of variables with their origins, and the name of the
/// workspace.
#[derive(Clone, Default)]
pub struct Variables {
    given: BTreeMap<String, InputValue>,
    workspace: Option<String>,
    may_be_missing: bool,
    external: Arc<ExternalInputs>,
}

impl Variables {
    /// Returns the variable files of a directory that are read without being named, in their order:
    /// those on disk, and those of an overlay.
    ///
    /// # Errors
    ///
    /// The directory cannot be read.
    pub fn own_files(directory: &Path, overlay: &Overlay) -> Result<Vec<PathBuf>, ValuesFileError> {
        let unreadable = |cause| ValuesFileError::Unreadable {
            path: directory.to_owned(),
            cause,
        };
        let mut found: Vec<PathBuf> = overlay.files_in(directory).collect();
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            found.push(entry.map_err(unreadable)?.path());
        }
        found.retain(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name == FIRST || name.ends_with(ENDING)
        });
        found.sort_by_key(|path| (!path.ends_with(FIRST), path.clone()));
        found.dedup();
        Ok(found)
    }

    /// Sets the value of a variable as text: the text itself for a string, a literal like
    /// `["a", "b"]` for other types. It replaces a value of the same or an earlier rank.
    pub fn set(&mut self, name: impl Into<String>, text: &str, rank: ValueSource) {
        let name = name.into();
        let given = InputValue {
            value: RawValue::Text(text.to_owned()),
            rank,
            origin: rank.origin(&name),
            written: None,
        };
        self.insert(name, given);
    }

    /// Gives a variable the value that it was given when a plan was kept.
    pub fn restore(&mut self, name: impl Into<String>, value: RawValue, rank: ValueSource) {
        let given = InputValue {
            value,
            rank,
            origin: ValueOrigin::Plan,
            written: None,
        };
        self.insert(name.into(), given);
    }

    /// Gives variables the values of a file of TOML.
    ///
    /// Strings are taken as they are: nothing in such a file is evaluated.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is not TOML.
    pub fn read_file(&mut self, path: &Path, rank: ValueSource) -> Result<(), ValuesFileError> {
        let unreadable = |cause| ValuesFileError::Unreadable {
            path: path.to_owned(),
            cause,
        };
        let bytes = read_whole(path).map_err(unreadable)?;
        let text = String::from_utf8(bytes).map_err(|error| ValuesFileError::NotUtf8 {
            path: path.to_owned(),
            at: error.utf8_error().valid_up_to(),
        })?;
        self.read_text(path, text, rank)
    }

    /// Reads a text like [`Variables::read_file`] reads the file at this path.
    ///
    /// # Errors
    ///
    /// The text is not TOML.
    pub fn read_text(
        &mut self,
        path: &Path,
        text: String,
        rank: ValueSource,
    ) -> Result<(), ValuesFileError> {
        let name = path.display().to_string();
        let not_toml = |diagnostics| ValuesFileError::NotToml {
            path: path.to_owned(),
            diagnostics,
        };
        for block in parse_values(&name, text).map_err(not_toml)? {
            let given = InputValue {
                value: RawValue::Value(block.node.literal()),
                rank,
                origin: ValueOrigin::Named(name.clone()),
                written: Some(Arc::new(block)),
            };
            let block_name = given.written.as_ref().map(|block| block.name.to_string());
            self.insert(block_name.unwrap_or_default(), given);
        }
        Ok(())
    }

    fn insert(&mut self, name: String, given: InputValue) {
        match self.given.get(&name) {
            Some(known) if known.rank > given.rank => {}
            _ => {
                self.given.insert(name, given);
            }
        }
    }

    /// Makes variables without values unknown instead of errors, for checks of manifests whose
    /// values are set elsewhere.
    pub fn leave_missing_unknown(&mut self) {
        self.may_be_missing = true;
    }

    pub(crate) fn may_be_missing(&self) -> bool {
        self.may_be_missing
    }

    /// Sets a key of `[backend]`, in place of its value in the manifests.
    pub fn set_backend(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let external = Arc::make_mut(&mut self.external);
        external.backend.insert(key.into(), value.into());
    }

    /// Removes the keys of `[backend]` that replace those in the manifests.
    pub(crate) fn clear_backend(&mut self) {
        if !self.external.backend.is_empty() {
            Arc::make_mut(&mut self.external).backend.clear();
        }
    }

    /// Sets a variable of the environment, for `env("NAME")` and settings of the backend.
    pub fn set_system(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let external = Arc::make_mut(&mut self.external);
        external.system.insert(name.into(), value.into());
    }

    /// Leaves the variables of the environment unknown, for checks of manifests of strangers.
    pub fn leave_environment_unknown(&mut self) {
        let external = Arc::make_mut(&mut self.external);
        external.system.clear();
        external.is_system_unknown = true;
    }

    /// Reads the outputs of other states with this reader; they are unknown otherwise.
    pub fn read_states_with(&mut self, reader: StateReader) {
        Arc::make_mut(&mut self.external).reader = Some(reader);
    }

    /// Leaves the outputs of other states unknown, for checks without access to them.
    pub fn leave_states_unknown(&mut self) {
        Arc::make_mut(&mut self.external).reader = None;
    }

    pub(crate) fn external(&self) -> &Arc<ExternalInputs> {
        &self.external
    }

    /// Sets `eci.workspace`, which is `default` otherwise.
    pub fn set_workspace(&mut self, name: impl Into<String>) {
        self.workspace = Some(name.into());
    }

    /// Returns the value of `eci.workspace`.
    pub fn workspace(&self) -> &str {
        self.workspace.as_deref().unwrap_or("default")
    }

    /// Splits `NAME=VALUE` as it appears on a command line.
    ///
    /// # Errors
    ///
    /// The `=` is missing, or the part before it is not a name.
    pub fn parse_flag(text: &str) -> Result<(String, String), VariableError> {
        let (name, value) = text.split_once('=').ok_or_else(|| VariableError::NoValue {
            text: text.to_owned(),
        })?;
        let name = name.trim();
        if eci_core::address::is_label(name) {
            Ok((name.to_owned(), value.to_owned()))
        } else {
            Err(VariableError::NoName {
                name: name.to_owned(),
            })
        }
    }

    /// Returns the values as they were given, by name, each with its rank.
    ///
    /// They may be secrets.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &RawValue, ValueSource)> {
        self.iter()
            .map(|(name, given)| (name, &given.value, given.rank))
    }

    /// Returns the rank of the value that a variable was given.
    pub fn rank(&self, name: &str) -> Option<ValueSource> {
        self.get(name).map(|given| given.rank)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&InputValue> {
        self.given.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &InputValue)> {
        self.given.iter().map(|(name, given)| (&**name, given))
    }
}

/// Shows names and origins; values may be secrets.
impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map()
            .entries(self.iter().map(|(name, given)| (name, &given.origin)))
            .finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::Value;

    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("eci.vars.toml");
        std::fs::write(&path, text).unwrap();
        (directory, path)
    }

    #[test]
    fn a_later_source_replaces_an_earlier_one_in_whatever_order_they_come() {
        let (_directory, path) = file("image = \"file\"\n");
        let mut variables = Variables::default();
        variables.set("image", "flag", ValueSource::CliArg);
        variables.set("image", "environment", ValueSource::Environment);
        variables.read_file(&path, ValueSource::VarFile).unwrap();
        let given = variables.get("image").unwrap();
        assert_eq!(given.value, RawValue::Text("flag".to_owned()));
        variables.set("image", "flag again", ValueSource::CliArg);
        let given = variables.get("image").unwrap();
        assert_eq!(given.value, RawValue::Text("flag again".to_owned()));
    }

    #[test]
    fn nothing_in_a_variable_file_is_evaluated() {
        let (_directory, path) = file("image = \"nginx ${x\"\nports = [80, { a = '%{if' }]\n");
        let mut variables = Variables::default();
        variables.read_file(&path, ValueSource::File).unwrap();
        let value = |name| variables.get(name).unwrap().value.clone();
        assert_eq!(value("image"), RawValue::Value(Value::from("nginx ${x")));
        let table = Value::from([("a", Value::from("%{if"))]);
        let ports = Value::list(vec![Value::from(80), table]);
        assert_eq!(value("ports"), RawValue::Value(ports));
    }

    #[test]
    fn an_error_in_a_variable_file_names_its_place_and_shows_no_value() {
        for text in [
            "a = 1\npassword = hunter2\n",
            "a = 1\npassword = 99999999999999999999\n",
        ] {
            let (_directory, path) = file(text);
            let error = Variables::default().read_file(&path, ValueSource::File);
            let error = error.unwrap_err().to_string();
            assert!(error.contains("eci.vars.toml:2:12: "), "{error}");
            assert!(
                !error.contains("hunter2") && !error.contains("9999"),
                "{error}"
            );
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let mut variables = Variables::default();
        variables.set("password", "hunter2", ValueSource::CliArg);
        let shown = format!(
            "{variables:?} {:?}",
            variables.entries().collect::<Vec<_>>()
        );
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
