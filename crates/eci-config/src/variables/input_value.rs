//! The value of a variable as it is given, and its source.

use std::sync::Arc;

use eci_core::Value;
use eci_text::{Text, messages, text};

use crate::parse::Block;

/// The value of a variable as it was given, with its source.
#[derive(Clone)]
pub(crate) struct InputValue {
    pub(crate) value: RawValue,
    pub(crate) rank: ValueSource,
    /// The place it came from.
    pub(crate) origin: ValueOrigin,
    /// The table that contains it, if it comes from a file.
    pub(crate) written: Option<Arc<Block>>,
}

/// A value as it was given.
#[derive(Clone, PartialEq)]
pub enum RawValue {
    /// A text: the value itself where a string is expected, a literal like `["a", "b"]` for
    /// other types.
    Text(String),
    /// A value that has a type already, as files have.
    Value(Value),
}

/// Shows nothing: it may be a secret.
impl std::fmt::Debug for RawValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RawValue::Text(_) => "Text(…)",
            RawValue::Value(_) => "Value(…)",
        })
    }
}

/// The source of a value.
///
/// A later one has precedence over an earlier one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ValueSource {
    /// A file that is read by itself: `eci.vars.toml`, `*.auto.vars.toml`.
    File,
    /// A file that was named: `--var-file`.
    VarFile,
    /// The environment: `ECI_VAR_name`.
    Environment,
    /// The command line: `--var`.
    CliArg,
    /// The answer to a question.
    Prompt,
}

impl ValueSource {
    /// Returns the origin of a value of this variable.
    pub(crate) fn origin(self, name: &str) -> ValueOrigin {
        match self {
            ValueSource::File | ValueSource::VarFile => ValueOrigin::Named("--var-file".to_owned()),
            ValueSource::Environment => ValueOrigin::Named(format!("ECI_VAR_{name}")),
            ValueSource::CliArg => ValueOrigin::Named("--var".to_owned()),
            ValueSource::Prompt => ValueOrigin::Prompt,
        }
    }
}

/// The origin of a value as messages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueOrigin {
    /// An option, an environment variable or a file.
    Named(String),
    /// The answer to a question.
    Prompt,
    /// A saved plan.
    Plan,
}

// In Chinese it comes after a Han character, and is followed by full-width punctuation.
messages! { ValueOrigin:
    ValueOrigin::Named(name) => en("`{name}`"), zh(" `{name}`");
    ValueOrigin::Prompt => en("the prompt"), zh("输入提示");
    ValueOrigin::Plan => en("the saved plan"), zh("已保存的计划");
}

impl ValueOrigin {
    /// Returns the name of the text that a value was given as, for places in it.
    pub(crate) fn source_name(&self) -> Text {
        match self {
            ValueOrigin::Named(name) => Text::verbatim(name.clone()),
            ValueOrigin::Prompt => text!(en: "prompt", zh: "输入"),
            ValueOrigin::Plan => text!(en: "plan", zh: "计划"),
        }
    }
}
