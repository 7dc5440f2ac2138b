//! The layout of attributes in a table: in the order of their description, short values in one
//! line, long ones in separate tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::schema::{Field, Link, Object, Type};
use eci_core::{Kind, Map, Number, Value};
use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, Value as Toml};

/// The longest value in one line.
const LONGEST: usize = 84;

/// The parameters of the layout, other than the values.
#[derive(Clone, Copy)]
pub(super) struct ManifestLayout<'a> {
    /// The labels of the volumes, by their names in the cloud.
    volumes: &'a BTreeMap<Arc<str>, String>,
}

impl<'a> ManifestLayout<'a> {
    pub(super) fn new(volumes: &'a BTreeMap<Arc<str>, String>) -> ManifestLayout<'a> {
        ManifestLayout { volumes }
    }

    /// Writes a value in one line.
    fn line(self, ty: &Type, value: &Value) -> Option<Toml> {
        Some(match (ty, value.reveal().0) {
            (Type::Ref(Kind::Volume, Link::Name), Value::String(name)) => {
                string(self.volumes.get(name).map_or(&**name, String::as_str))
            }
            (_, Value::Bool(truth)) => Toml::from(*truth),
            (_, Value::Number(Number::Int(number))) => Toml::from(*number),
            (_, Value::Number(Number::Float(number))) => Toml::from(*number),
            (_, Value::String(text)) => string(&literal(text)),
            (Type::List(items), Value::List(values)) => values
                .iter()
                .filter_map(|it| self.line(items, it))
                .collect::<Array>()
                .into(),
            (Type::Objects(object, _), Value::List(values)) => values
                .iter()
                .filter_map(|it| self.line(&Type::Object(object), it))
                .collect::<Array>()
                .into(),
            (Type::Object(object), Value::Map(map)) => {
                let mut table = InlineTable::new();
                for (field, value) in entries(object, map) {
                    if let Some(value) = self.line(&field.ty, value) {
                        table.insert(field.name, value);
                    }
                }
                table.into()
            }
            (Type::Table(values, _), Value::Map(map)) => {
                let mut table = InlineTable::new();
                for (key, value) in map.iter() {
                    if let Some(value) = self.line(values, value) {
                        table.insert(&**key, value);
                    }
                }
                table.into()
            }
            // What is linked is written by its label, and that is text.
            (_, Value::List(values)) => values
                .iter()
                .filter_map(|it| self.line(&Type::String, it))
                .collect::<Array>()
                .into(),
            _ => return None,
        })
    }

    fn item(self, ty: &Type, value: &Value) -> Option<Item> {
        let line = self.line(ty, value)?;
        let is_short = is_short(&line);
        match (ty, value.reveal().0) {
            (Type::Objects(object, _), Value::List(values)) if !is_short || has_lists(object) => {
                let lines: Vec<Toml> = values
                    .iter()
                    .filter_map(|it| self.line(&Type::Object(object), it))
                    .collect();
                if lines.iter().all(is_short_line) && !has_lists(object) {
                    return Some(one_a_line(lines));
                }
                let tables = values.iter().filter_map(Value::as_map).map(|map| {
                    let mut table = Table::new();
                    fill(&mut table, object, map, self);
                    table
                });
                Some(Item::ArrayOfTables(tables.collect::<ArrayOfTables>()))
            }
            (Type::Object(object), Value::Map(map)) if !is_short => {
                let mut table = Table::new();
                fill(&mut table, object, map, self);
                Some(Item::Table(table))
            }
            (Type::Table(values, _), Value::Map(map)) if !is_short => {
                let mut table = Table::new();
                for (key, value) in map.iter() {
                    if let Some(value) = self.line(values, value) {
                        table.insert(key, Item::Value(value));
                    }
                }
                Some(Item::Table(table))
            }
            (Type::List(items), Value::List(values)) if !is_short => {
                let lines = values.iter().filter_map(|it| self.line(items, it));
                Some(one_a_line(lines.collect()))
            }
            _ => Some(Item::Value(line)),
        }
    }
}

/// Writes attributes into a table.
pub(super) fn fill(
    table: &mut Table,
    object: &'static Object,
    map: &Map,
    layout: ManifestLayout<'_>,
) {
    for (field, value) in entries(object, map) {
        if let Some(item) = layout.item(&field.ty, value) {
            table.insert(field.name, item);
        }
    }
}

/// Returns the entries that a manifest may give and that are not the default.
fn entries<'a>(
    object: &'static Object,
    map: &'a Map,
) -> impl Iterator<Item = (&'static Field, &'a Value)> {
    let fields = object.fields.iter();
    let fields = fields.filter(|field| field.is_writable() && field.applies_to(map));
    fields.filter_map(|field| {
        let value = map.get(field.name).filter(|value| !value.is_null())?;
        let taken = field.default.or(field.api_default);
        let is_taken = taken.is_some_and(|taken| taken.value() == *value);
        (!is_taken).then_some((field, value))
    })
}

/// Returns whether its elements have lists of tables of their own, which one line cannot show well.
fn has_lists(object: &Object) -> bool {
    let mut fields = object.fields.iter();
    fields.any(|field| matches!(field.ty, Type::Objects(..)))
}

fn is_short(value: &Toml) -> bool {
    is_short_line(value)
        && !value
            .as_array()
            .is_some_and(|array| array.iter().any(has_text_lines))
}

fn is_short_line(value: &Toml) -> bool {
    value.to_string().chars().count() <= LONGEST && !has_text_lines(value)
}

fn has_text_lines(value: &Toml) -> bool {
    value.to_string().contains('\n')
}

fn one_a_line(values: Vec<Toml>) -> Item {
    let mut array = Array::new();
    for mut value in values {
        value.decor_mut().set_prefix("\n  ");
        array.push_formatted(value);
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    Item::Value(Toml::Array(array))
}

/// Creates a string with escapes for invisible characters.
pub(super) fn string(text: &str) -> Toml {
    let plain = Toml::from(text);
    if text.contains(|it| eci_text::is_hidden(it) && it != '\n') {
        eci_text::toml(text).parse().unwrap_or(plain)
    } else {
        plain
    }
}

/// Escapes a text so that nothing in it is an expression.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}
