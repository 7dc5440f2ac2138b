//! The outputs in the state.

use std::collections::BTreeMap;

use eci_core::Value;
use eci_state::OutputState;
use eci_text::{Text, text};
use serde_json::Value as Json;

use super::document::ValueWriter;
use super::style::Style;
use super::value::{self, ValueSpace};

/// An output that cannot be shown as plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RawError {
    /// A sensitive value, of which the state has only a digest.
    Sensitive,
    /// A list or a map.
    Composite,
}

eci_text::messages! { RawError:
    RawError::Sensitive =>
        en("the output is sensitive, and the state has only a digest of it"),
        zh("该输出为敏感值，状态中仅保存其摘要");
    RawError::Composite =>
        en("the output is a list or a map, which has no plain text form"),
        zh("该输出为列表或映射，没有纯文本形式");
}

impl RawError {
    /// Returns what to do about it.
    pub fn help(self) -> Option<Text> {
        match self {
            RawError::Sensitive => None,
            RawError::Composite => Some(text!(
                en: "use `--format json` instead of `--raw`",
                zh: "使用 `--format json`，不使用 `--raw`",
            )),
        }
    }
}

/// Returns `name = value` for each output; empty if there are none.
pub fn text(outputs: &BTreeMap<String, OutputState>, style: Style) -> String {
    let entries = outputs.iter().map(|(name, output)| {
        let shown = if output.sensitive {
            Value::Digest("".into())
        } else {
            output.value.clone()
        };
        (name.clone(), shown)
    });
    let lines = value::named(entries, ValueSpace::new(style.width(), style.lang()));
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Returns one output for people.
pub fn one(output: &OutputState, style: Style) -> String {
    if output.sensitive {
        value::sensitive(style.lang()).to_owned() + "\n"
    } else {
        value::alone(&output.value, style.width(), style.lang()) + "\n"
    }
}

/// Returns all outputs for programs: `{"name": {"sensitive": false, "type": "string", "value": …}}`.
///
/// The value of a sensitive one is `null`.
pub fn json(outputs: &BTreeMap<String, OutputState>) -> Json {
    let documents = outputs.iter().map(|(name, output)| {
        let mut document = ValueWriter::default().output(&output.value, output.sensitive);
        if document["sensitive"] == true {
            document["value"] = Json::Null;
        }
        (name.clone(), document)
    });
    Json::Object(documents.collect())
}

/// Returns the value of one output for programs; `null` if it is sensitive.
pub fn json_value(output: &OutputState) -> Json {
    if output.sensitive {
        Json::Null
    } else {
        ValueWriter::default().value(&output.value)
    }
}

/// Returns the plain text of one output, for scripts.
///
/// # Errors
/// If it is sensitive, a list or a map.
pub fn raw(output: &OutputState) -> Result<String, RawError> {
    match &output.value {
        _ if output.sensitive => Err(RawError::Sensitive),
        Value::String(text) => Ok(text.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        Value::Null => Ok(String::new()),
        Value::List(_) | Value::Map(_) => Err(RawError::Composite),
        Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => Err(RawError::Sensitive),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn output(value: impl Into<Value>, sensitive: bool) -> OutputState {
        OutputState {
            value: value.into(),
            sensitive,
        }
    }

    fn outputs() -> BTreeMap<String, OutputState> {
        BTreeMap::from([
            ("address".to_owned(), output("198.18.0.1", false)),
            (
                "token".to_owned(),
                output(Value::Digest("hmac-sha256:abc".into()), true),
            ),
        ])
    }

    #[test]
    fn a_sensitive_output_is_never_shown() {
        assert_eq!(
            text(&outputs(), Style::plain()),
            "address = \"198.18.0.1\"\ntoken   = (sensitive)\n"
        );
        assert_eq!(
            json(&outputs()),
            json!({
                "address": { "sensitive": false, "type": "string", "value": "198.18.0.1" },
                "token": { "sensitive": true, "type": "string", "value": null },
            })
        );
        assert_eq!(raw(&outputs()["token"]), Err(RawError::Sensitive));
    }

    #[test]
    fn raw_is_the_bare_text() {
        assert_eq!(raw(&output("a b", false)), Ok("a b".to_owned()));
        assert_eq!(raw(&output(2.5, false)), Ok("2.5".to_owned()));
        let list = output(Value::list(Vec::new()), false);
        assert_eq!(raw(&list), Err(RawError::Composite));
    }
}
