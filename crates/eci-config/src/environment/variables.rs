//! Values given from outside.

use std::collections::BTreeMap;

/// Values of variables as they were given, by name, each with where it came from.
#[derive(Clone, Default)]
pub struct Variables {
    given: BTreeMap<String, Given>,
}

/// One value as it was given.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) text: String,
    pub(crate) origin: String,
}

/// Why a `NAME=VALUE` is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// There is no `=`.
    #[error("`{text}` gives no variable a value; write it as NAME=VALUE")]
    NoValue {
        /// What was written.
        text: String,
    },
    /// What stands before the `=` cannot name a variable.
    #[error("`{name}` is no name of a variable; names are letters, digits, `_` and `-`")]
    NoName {
        /// What was written.
        name: String,
    },
}

impl Variables {
    /// Gives a variable its value as text: the text itself for a string, an expression such as
    /// `["a", "b"]` for other types. A later value replaces an earlier one. The origin is what
    /// messages call the place it came from: `--var`, `eci.vars.toml`.
    pub fn set(&mut self, name: impl Into<String>, text: &str, origin: impl Into<String>) {
        let given = Given {
            text: text.to_owned(),
            origin: origin.into(),
        };
        self.given.insert(name.into(), given);
    }

    /// Splits `NAME=VALUE` as it stands on a command line.
    ///
    /// # Errors
    ///
    /// There is no `=`, or nothing that can be a name before it.
    pub fn parse_flag(text: &str) -> Result<(String, String), VariableError> {
        let (name, value) = text.split_once('=').ok_or_else(|| VariableError::NoValue {
            text: text.to_owned(),
        })?;
        let name = name.trim();
        match eci_core::address::is_label(name) {
            true => Ok((name.to_owned(), value.to_owned())),
            false => Err(VariableError::NoName {
                name: name.to_owned(),
            }),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Given)> {
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
