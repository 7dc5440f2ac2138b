//! Attributes as the lints read them.

use eci_core::{Code, Diagnostic, Diagnostics, Map, Number, Path, Value};
use eci_text::Text;

use crate::resource::Resource;

/// The warnings about one resource, and what they follow from.
pub(super) struct Advice<'a> {
    pub(super) resource: &'a Resource,
    pub(super) attributes: &'a Map,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl<'a> Advice<'a> {
    pub(super) fn tables(
        &self,
        list: &'static str,
    ) -> impl Iterator<Item = (usize, &'a Map)> + use<'a> {
        tables(self.attributes.get(list))
    }

    pub(super) fn warn(&mut self, code: &'static Code, message: Text, path: &Path, help: Text) {
        let place = self.resource.span_of(path);
        self.diagnostics
            .push(Diagnostic::new(code, message).at(place).help(help));
    }
}

/// Returns the tables of a list with their places in it; none of a list that is sensitive as a
/// whole.
pub(super) fn tables(list: Option<&Value>) -> impl Iterator<Item = (usize, &Map)> {
    let items = match list {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let tables = items.iter().enumerate();
    tables.filter_map(|(at, item)| match item {
        Value::Map(entries) => Some((at, &**entries)),
        _ => None,
    })
}

/// Returns a number that may be shown: known, and no secret.
pub(super) fn number(value: Option<&Value>) -> Option<Number> {
    match value {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// Returns whether a text of a table may not be shown.
pub(super) fn is_secret(table: &Map, key: &str) -> bool {
    table.get(key).is_some_and(Value::has_sensitive)
}

/// Returns a text of a table, to be compared; check [`is_secret`] before it is shown.
pub(super) fn string_of<'a>(table: &'a Map, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Value::as_str)
}
