//! Secrets in attributes that the cloud reports: it may echo a requested value in any attribute.

use std::net::IpAddr;

use eci_api::Api;
use eci_core::schema::Availability;
use eci_core::{Kind, Map, Value};
use jiff::Timestamp;

use crate::provider::ResourceProvider;
use crate::remote::RemoteObject;

impl<A: Api> ResourceProvider<A> {
    /// Returns the attributes of an object, completed with known ones that this answer lacks, and
    /// without secrets in clear outside of the fields that hold them.
    #[must_use]
    pub fn attributes_with_prior(
        &self,
        remote: &RemoteObject,
        applied: &Map,
        observed: &Map,
    ) -> Map {
        self.concealed(
            remote.kind(),
            remote.attributes_with_prior(applied, observed),
        )
    }

    /// Returns the attributes of an object that no state has, without secrets in clear likewise.
    #[must_use]
    pub fn attributes_with_terms(&self, remote: &RemoteObject) -> Map {
        self.concealed(remote.kind(), remote.attributes_with_billing())
    }

    /// Conceals secrets in attributes that are shown and recorded: a text that quotes a secret that
    /// was sent is sensitive. In texts that only the cloud writes, the secret is covered, and
    /// addresses, times and IDs are left as they are.
    pub(crate) fn concealed(&self, kind: Kind, attributes: Map) -> Map {
        let entries = attributes.into_iter().map(|(name, value)| {
            let field = kind.schema().field(&name, &Map::new());
            let is_read_only = field.is_some_and(|field| field.presence == Availability::Computed);
            let value = match value {
                value if !self.is_quoted(&value) => value,
                Value::String(text) if is_read_only && has_form_of(&name, &text) => {
                    Value::String(text)
                }
                Value::String(text) if is_read_only => Value::from(self.api().redacted(&text)),
                value => self.marked(&value),
            };
            (name, value)
        });
        entries.collect()
    }

    /// Marks the texts of a value that quote a secret as sensitive; a table of which a key quotes
    /// one, as a whole.
    fn marked(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if self.api().quotes(text) => value.clone().into_sensitive(),
            Value::List(items) => Value::list(items.iter().map(|it| self.marked(it)).collect()),
            Value::Map(entries) if entries.keys().any(|key| self.api().quotes(key)) => {
                value.clone().into_sensitive()
            }
            Value::Map(entries) => {
                let entries = entries.iter();
                let marked = entries.map(|(key, entry)| (key.clone(), self.marked(entry)));
                Value::map(marked.collect())
            }
            value => value.clone(),
        }
    }

    /// Returns whether a secret is quoted anywhere in a value.
    fn is_quoted(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.api().quotes(text),
            Value::List(items) => items.iter().any(|item| self.is_quoted(item)),
            Value::Map(entries) => entries
                .iter()
                .any(|(key, entry)| self.api().quotes(key) || self.is_quoted(entry)),
            _ => false,
        }
    }
}

/// Returns whether a text that only the cloud writes has the form that its name implies.
fn has_form_of(name: &str, text: &str) -> bool {
    name == "id" || text.parse::<IpAddr>().is_ok() || text.parse::<Timestamp>().is_ok()
}
