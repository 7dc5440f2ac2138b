//! Secrets in attributes that the cloud reports: it may put what it was asked for in any place.

use std::net::IpAddr;
use std::sync::Arc;

use eci_api::Api;
use eci_core::schema::Presence;
use eci_core::{Kind, Map, Value};
use jiff::Timestamp;

use crate::provider::Provider;
use crate::thing::{Look, Told};

impl<A: Api> Provider<A> {
    /// The attributes of something, with what this answer does not tell and is known from before; without
    /// secrets in clear in places where nobody put them.
    #[must_use]
    pub fn attributes_after(&self, look: &Look, applied: &Map, observed: &Map) -> Map {
        self.concealed(kind_of(look), look.attributes_after(applied, observed))
    }

    /// The attributes of something that no state has, likewise.
    #[must_use]
    pub fn attributes_with_terms(&self, look: &Look) -> Map {
        self.concealed(kind_of(look), look.with_terms())
    }

    /// Attributes as they may be shown and recorded: what quotes a secret that was sent is sensitive. In
    /// what only the cloud writes, it is covered, and addresses, times and IDs are left as they are.
    pub(crate) fn concealed(&self, kind: Kind, attributes: Map) -> Map {
        let entries = attributes.into_iter().map(|(name, value)| {
            let field = kind.schema().field(&name, &Map::new());
            let is_read_only = field.is_some_and(|field| field.presence == Presence::ReadOnly);
            let value = match value {
                Value::String(text) if is_read_only => match self.has_form_of(&name, &text) {
                    true => Value::String(text),
                    false if !self.api().quotes(&text) => Value::String(text),
                    false => Value::from(self.api().covered(&text)),
                },
                value => self.marked(value),
            };
            (name, value)
        });
        entries.collect()
    }

    /// Whether something that only the cloud writes is what its name says.
    fn has_form_of(&self, name: &str, text: &str) -> bool {
        match name {
            "id" => true,
            _ => text.parse::<IpAddr>().is_ok() || text.parse::<Timestamp>().is_ok(),
        }
    }

    fn marked(&self, value: Value) -> Value {
        match value {
            Value::String(text) if self.api().quotes(&text) => Value::String(text).into_sensitive(),
            Value::List(items) => {
                let is_plain = items.iter().all(|item| !self.is_quoted(item));
                if is_plain {
                    return Value::List(items);
                }
                let items = items.iter().map(|item| self.marked(item.clone()));
                Value::list(items.collect())
            }
            Value::Map(entries) if entries.keys().any(|key| self.api().quotes(key)) => {
                Value::Map(entries).into_sensitive()
            }
            Value::Map(entries) => {
                if entries.values().all(|entry| !self.is_quoted(entry)) {
                    return Value::Map(entries);
                }
                let entries = Arc::unwrap_or_clone(entries).into_iter();
                Value::map(
                    entries
                        .map(|(key, entry)| (key, self.marked(entry)))
                        .collect(),
                )
            }
            value => value,
        }
    }

    /// Whether a secret is quoted anywhere in a value.
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

fn kind_of(look: &Look) -> Kind {
    match &look.told {
        Told::Group(..) => Kind::ContainerGroup,
        Told::Eip(_) => Kind::Eip,
        Told::Disk(_) => Kind::Volume,
    }
}
