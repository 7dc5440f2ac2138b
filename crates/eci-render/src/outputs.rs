//! Outputs, as the state has them.

use std::collections::BTreeMap;

use eci_core::Value;
use eci_state::OutputState;
use serde_json::Value as Json;

use super::document::Writer;
use super::style::Style;
use super::value;

/// Why an output cannot be given as plain text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// It is a secret, of which only a digest is kept.
    #[error("it is sensitive, and the state keeps only a digest of it")]
    Sensitive,
    /// It is a list or a table.
    #[error("it is a list or a table; give --format json in place of --raw")]
    Composite,
}

/// `name = value`, one block an output. Empty if there are none.
pub fn text(outputs: &BTreeMap<String, OutputState>, style: Style) -> String {
    let entries = outputs.iter().map(|(name, output)| {
        let shown = match output.sensitive {
            true => Value::Digest("".into()),
            false => output.value.clone(),
        };
        (name.clone(), shown)
    });
    let lines = value::named(entries, style.width());
    lines.into_iter().map(|line| line + "\n").collect()
}

/// One output as text for people.
pub fn one(output: &OutputState, style: Style) -> String {
    match output.sensitive {
        true => "(sensitive)\n".to_owned(),
        false => value::alone(&output.value, style.width()) + "\n",
    }
}

/// All of them for programs: `{"name": {"sensitive": false, "type": "string", "value": …}}`. The
/// value of a secret is `null`.
pub fn json(outputs: &BTreeMap<String, OutputState>) -> Json {
    let documents = outputs.iter().map(|(name, output)| {
        let mut document = Writer::default().output(&output.value, output.sensitive);
        if document["sensitive"] == true {
            document["value"] = Json::Null;
        }
        (name.clone(), document)
    });
    Json::Object(documents.collect())
}

/// The value of one output for programs; `null` if it is a secret.
pub fn json_value(output: &OutputState) -> Json {
    match output.sensitive {
        true => Json::Null,
        false => Writer::default().value(&output.value),
    }
}

/// The plain text of one output, as a script wants it.
///
/// # Errors
/// If it is a secret, a list or a table.
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
