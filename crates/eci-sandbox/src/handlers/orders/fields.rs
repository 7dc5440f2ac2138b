//! Fields of a call: the query of a URL or the body, read strictly.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::handlers::query;
use crate::model::order_error::{Code, OrderApiError, Service};

/// Longest client token (API reference).
const LONGEST_TOKEN: usize = 64;

/// The fields of a call.
///
/// Unused ones are ignored.
#[derive(Debug)]
pub(super) struct Fields {
    family: Service,
    fields: Map<String, Value>,
    /// Whether they come from a URL, where everything is text.
    texts: bool,
}

impl Fields {
    /// Reads the fields of the body, or, if there is none, of the query.
    pub(super) fn of(family: Service, query: &str, body: &Map<String, Value>) -> Fields {
        let texts = body.is_empty();
        let fields = if texts {
            query::pairs(query)
                .into_iter()
                .map(|(name, value)| (name, Value::String(value)))
                .collect()
        } else {
            body.clone()
        };
        Fields {
            family,
            fields,
            texts,
        }
    }

    /// Creates the error that a field is wrong.
    pub(super) fn invalid(&self, message: impl Into<String>) -> OrderApiError {
        OrderApiError::new(Code::invalid(self.family), message)
    }

    /// Returns the value of a field that is given and not null.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Returns a text; empty if it is not given.
    pub(super) fn text(&self, name: &str) -> Result<&str, OrderApiError> {
        match self.get(name) {
            None => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(self.invalid(format!("{name} must be a string"))),
        }
    }

    /// Returns a text that must be given.
    pub(super) fn required(&self, name: &str) -> Result<&str, OrderApiError> {
        match self.text(name)? {
            "" => Err(self.invalid(format!("{name} is required"))),
            text => Ok(text),
        }
    }

    /// Returns an integer.
    pub(super) fn whole(&self, name: &str) -> Result<Option<i64>, OrderApiError> {
        let read = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) if self.texts && text.is_empty() => return Ok(None),
            Some(Value::String(text)) if self.texts => text.parse().ok(),
            Some(value) => value.as_i64(),
        };
        match read {
            Some(number) => Ok(Some(number)),
            None => Err(self.invalid(format!("{name} must be an integer"))),
        }
    }

    /// Returns a flag.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, OrderApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(set)) => Ok(Some(*set)),
            Some(Value::String(text)) if self.texts && text.is_empty() => Ok(None),
            Some(Value::String(text)) if self.texts && text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if self.texts && text == "false" => Ok(Some(false)),
            Some(_) => Err(self.invalid(format!("{name} must be true or false"))),
        }
    }

    /// Returns a list of texts.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, OrderApiError> {
        let wrong = || self.invalid(format!("{name} must be an array of strings"));
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().ok_or_else(wrong));
                texts.collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Returns one of these words; the first if it is not given.
    pub(super) fn word<'a>(&self, name: &str, words: &[&'a str]) -> Result<&'a str, OrderApiError> {
        let given = self.text(name)?;
        let first = words.first().copied().unwrap_or_default();
        match words.iter().find(|word| **word == given) {
            Some(word) => Ok(word),
            None if given.is_empty() => Ok(first),
            None => Err(self.invalid(format!(
                "{name} must be one of {}, found {given:?}",
                words.join(", ")
            ))),
        }
    }

    /// Returns an integer within bounds.
    pub(super) fn within(
        &self,
        name: &str,
        range: RangeInclusive<i64>,
        otherwise: Option<i64>,
    ) -> Result<i64, OrderApiError> {
        let number = self.whole(name)?.or(otherwise);
        match number {
            Some(number) if range.contains(&number) => Ok(number),
            Some(number) => Err(self.invalid(format!(
                "{name} must be {} to {}, found {number}",
                range.start(),
                range.end()
            ))),
            None => Err(self.invalid(format!("{name} is required"))),
        }
    }

    /// Returns the client token, if it is given.
    pub(super) fn token(&self) -> Result<Option<&str>, OrderApiError> {
        match self.text("clientToken")? {
            "" => Ok(None),
            token if token.chars().count() <= LONGEST_TOKEN => Ok(Some(token)),
            _ => Err(self.invalid(format!(
                "clientToken must have 1 to {LONGEST_TOKEN} characters"
            ))),
        }
    }

    /// Returns the client token, which must be given.
    pub(super) fn required_token(&self) -> Result<&str, OrderApiError> {
        self.token()?
            .ok_or_else(|| self.invalid("clientToken is required"))
    }

    /// Returns all fields but one as a text, for comparison.
    pub(super) fn without(&self, name: &str) -> String {
        let mut fields = self.fields.clone();
        fields.remove(name);
        Value::Object(fields).to_string()
    }
}
