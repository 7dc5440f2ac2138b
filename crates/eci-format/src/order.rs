//! The order of keys.

use std::collections::HashMap;

use eci_core::tables::ManifestShape;
use toml_edit::{Item, Key, Table, Value};

/// Gives each path of keys its place: keys in the order of their descriptions, and those that have
/// none after them in the order of the file.
pub(crate) struct Ranks<'a> {
    shape: ManifestShape,
    variant: Option<&'a str>,
    known: HashMap<Vec<&'a str>, usize>,
}

impl<'a> Ranks<'a> {
    pub(crate) fn new(shape: ManifestShape, variant: Option<&'a str>) -> Ranks<'a> {
        Ranks {
            shape,
            variant,
            known: HashMap::new(),
        }
    }

    /// Returns the place of the next path.
    ///
    /// The paths have to be passed in the order of the file.
    pub(crate) fn of(&mut self, path: &[&'a Key]) -> Vec<(usize, usize)> {
        let mut shape = self.shape;
        let mut variant = self.variant;
        let mut names = Vec::with_capacity(path.len());
        let mut ranks = Vec::with_capacity(path.len());
        for key in path {
            names.push(key.get());
            let described = shape
                .keys(variant)
                .position(|field| field.name == key.get());
            let next = self.known.len();
            let position = *self.known.entry(names.clone()).or_insert(next);
            ranks.push((described.unwrap_or(usize::MAX), position));
            shape = shape.child(key.get(), variant);
            variant = None;
        }
        ranks
    }
}

/// Returns the `type` that a table writes out.
pub(crate) fn variant(table: &Table) -> Option<&str> {
    table.get("type").and_then(Item::as_str)
}

/// Returns the `type` that an inline table writes out.
pub(crate) fn variant_inline(table: &toml_edit::InlineTable) -> Option<&str> {
    table.get("type").and_then(Value::as_str)
}
