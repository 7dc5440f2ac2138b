//! Values for people: on one line where they fit, on several otherwise.

mod inline;

use std::borrow::Cow;

use eci_core::path::identity_of;
use eci_core::schema::{Object, Type};
use eci_core::{Map, Value};
use eci_text::Lang;

use super::layout::{LayoutEntry, LayoutView, layout, unaligned_layout, widest};
use super::style::{visible, width};
use inline::{fields, item_type, key_text, object_of};

pub use inline::ValueSpace;
#[cfg(test)]
pub(crate) use inline::unknown;
pub(crate) use inline::{inline, sensitive};

/// Returns whether a string in the value has several lines.
pub(crate) fn has_lines(value: &Value) -> bool {
    match value {
        Value::String(text) => text.trim_end_matches('\n').contains('\n'),
        Value::List(items) => items.iter().any(has_lines),
        Value::Map(entries) => entries.values().any(has_lines),
        _ => false,
    }
}

/// A value under a name.
struct NamedValue<'a> {
    name: Cow<'a, str>,
    value: &'a Value,
    ty: Option<Type>,
    /// Whether the value is replaced by a placeholder.
    sensitive: bool,
}

impl NamedValue<'_> {
    /// Returns its entries, next to names of up to that many columns.
    fn entries(&self, room: ValueSpace, names: usize) -> Vec<LayoutEntry> {
        if self.sensitive {
            vec![LayoutEntry::line(&*self.name, sensitive(room.lang))]
        } else {
            entries(&self.name, self.value, self.ty, room.next_to(names))
        }
    }
}

/// Returns the entries of values on consecutive lines.
///
/// The `=` of neighbors are aligned: what fits next to its own name may not fit next to the widest
/// one.
fn aligned(values: &[NamedValue<'_>], room: ValueSpace) -> Vec<LayoutEntry> {
    let mut all: Vec<LayoutEntry> = Vec::with_capacity(values.len());
    let mut sources = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        all.extend(value.entries(room, 0));
        sources.resize(all.len(), at);
    }
    let is_wide = |run: &[LayoutEntry]| {
        let names = widest(run);
        let mut texts = run.iter().filter_map(LayoutEntry::text);
        texts.any(|text| names + 3 + width(text) > room.columns)
    };
    let mut names = vec![0; values.len()];
    let mut start = 0;
    let mut fits = true;
    for run in all.chunk_by(|one, next| one.text().is_some() == next.text().is_some()) {
        if is_wide(run) {
            fits = false;
            for source in &sources[start..start + run.len()] {
                names[*source] = widest(run);
            }
        }
        start += run.len();
    }
    if fits {
        return all;
    }
    let again = values.iter().zip(names);
    again
        .flat_map(|(value, names)| value.entries(room, names))
        .collect()
}

/// Returns the entries of a value with a name: several for a list of tables that have names.
pub(crate) fn entries(
    name: &str,
    value: &Value,
    ty: Option<Type>,
    room: ValueSpace,
) -> Vec<LayoutEntry> {
    let line = room.inline(value, ty);
    if !has_lines(value) && width(name).max(room.names) + 3 + width(&line) <= room.columns {
        return vec![LayoutEntry::line(name, line)];
    }
    let one = |shown| {
        vec![LayoutEntry {
            name: name.to_owned(),
            shown,
        }]
    };
    let inner = room.indented();
    match value {
        Value::String(text) if has_lines(value) => {
            // The quotes in it do not end it.
            let text = text.replace("\"\"\"", "\\\"\"\"");
            one(LayoutView::Between(
                "\"\"\"",
                room.first_lines(&text),
                "\"\"\"",
            ))
        }
        Value::Map(map) => one(LayoutView::Below(table(map, object_of(ty), inner))),
        Value::List(items) if items.iter().any(|item| item.as_map().is_some()) => {
            elements(name, items, ty, room)
        }
        Value::List(items) => {
            let lines = items
                .iter()
                .map(|item| format!("{},", room.inline(item, None)));
            one(LayoutView::Between("[", lines.collect(), "]"))
        }
        _ => one(LayoutView::Line(line)),
    }
}

/// Returns the entries of a list of maps, by their identities.
fn elements(name: &str, items: &[Value], ty: Option<Type>, room: ValueSpace) -> Vec<LayoutEntry> {
    let keys: &[&str] = match ty {
        Some(Type::Objects(_, keys)) => keys,
        _ => &["name"],
    };
    let entries_of = |(at, item): (usize, &Value)| {
        let place = match identity_of(item, keys) {
            Some(identity) => format!("{name}[{identity}]"),
            None => format!("{name}[{at}]"),
        };
        entries(&place, item, item_type(ty), room)
    };
    items.iter().enumerate().flat_map(entries_of).collect()
}

/// Returns the entries of a table, in the order of their description.
pub(crate) fn table_entries(
    map: &Map,
    object: Option<&'static Object>,
    room: ValueSpace,
) -> Vec<LayoutEntry> {
    let fields = fields(map, object).into_iter();
    let given = fields.filter(|(_, value, _)| !value.is_null());
    let all: Vec<NamedValue<'_>> = given
        .map(|(name, value, field)| NamedValue {
            name: key_text(name),
            value,
            ty: field.map(|field| field.ty),
            sensitive: field.is_some_and(|field| field.sensitive),
        })
        .collect();
    aligned(&all, room)
}

/// Returns the lines of a table.
pub(crate) fn table(map: &Map, object: Option<&'static Object>, room: ValueSpace) -> Vec<String> {
    let entries = table_entries(map, object, room);
    if room.aligns {
        layout(&entries)
    } else {
        unaligned_layout(&entries)
    }
}

/// Returns the lines of named values.
pub(crate) fn named(
    values: impl IntoIterator<Item = (String, Value)>,
    room: ValueSpace,
) -> Vec<String> {
    let values: Vec<(String, Value)> = values.into_iter().collect();
    let all: Vec<NamedValue<'_>> = values
        .iter()
        .map(|(name, value)| NamedValue {
            name: Cow::from(name),
            value,
            ty: None,
            sensitive: false,
        })
        .collect();
    layout(&aligned(&all, room))
}

/// Returns all lines of a value that the user requested by its name.
pub(crate) fn alone(value: &Value, columns: usize, lang: Lang) -> String {
    match value {
        Value::String(text) => text.lines().map(visible).collect::<Vec<_>>().join("\n"),
        _ => lines(value, None, ValueSpace::for_all(columns, lang)).join("\n"),
    }
}

/// Returns the lines of a value, one for each of its parts if it does not fit on one.
pub fn lines(value: &Value, ty: Option<Type>, room: ValueSpace) -> Vec<String> {
    match value {
        Value::String(text) if has_lines(value) => text.lines().map(visible).collect(),
        _ if !has_lines(value) && width(&room.inline(value, ty)) <= room.columns => {
            vec![room.inline(value, ty)]
        }
        Value::Map(map) => table(map, object_of(ty), room),
        Value::List(items) => {
            let inner = room.indented();
            let mut all = vec!["[".to_owned()];
            for item in items.iter() {
                let mut part = lines(item, item_type(ty), inner);
                if let Some(last) = part.last_mut() {
                    last.push(',');
                }
                all.extend(part.into_iter().map(|line| format!("    {line}")));
            }
            all.push("]".to_owned());
            all
        }
        _ => vec![room.inline(value, ty)],
    }
}

#[cfg(test)]
mod tests {
    use eci_core::kinds::CONTAINER_GROUP;

    use super::*;

    #[test]
    fn a_requested_value_is_shown_completely() {
        let (long, text) = ("配".repeat(500), "line\n".repeat(40));
        let shown = |value: Value| lines(&value, None, ValueSpace::for_all(60, Lang::En));
        assert_eq!(shown(long.as_str().into()), [format!("\"{long}\"")]);
        let list = Value::list(vec![long.as_str().into(), 1.into()]);
        assert_eq!(
            alone(&list, 60, Lang::En).lines().nth(1),
            shown(list.clone()).get(1).map(String::as_str)
        );
        assert_eq!(shown(list)[1], format!("    \"{long}\","));
        let text = Value::from(text);
        let map = Value::from([("a", Value::from(long.as_str())), ("b", text)]);
        let all = shown(map);
        assert_eq!(all[0], format!("a = \"{long}\""));
        assert_eq!(all.iter().filter(|line| line.trim() == "line").count(), 40);
        let secret = Value::list(vec![Value::from(long.as_str()).into_sensitive()]);
        assert_eq!(shown(secret), ["[(sensitive)]"]);
    }

    #[test]
    fn tables_that_do_not_fit_are_below_their_name_in_the_order_of_their_fields() {
        let container = Value::from([
            ("name", Value::from("nginx")),
            ("image", Value::from("nginx:1.27")),
            ("env", Value::from([("LOG_LEVEL", Value::from("info"))])),
            ("cpu", Value::from(0.5)),
        ]);
        let map = Map::from_iter([
            ("restart_policy".into(), Value::from("Always")),
            ("containers".into(), Value::list(vec![container])),
            ("vpc_id".into(), Value::from("vpc-1")),
        ]);
        assert_eq!(
            table(&map, Some(&CONTAINER_GROUP), ValueSpace::new(60, Lang::En)),
            [
                "vpc_id         = \"vpc-1\"",
                "restart_policy = \"Always\"",
                "containers[\"nginx\"]",
                "    name  = \"nginx\"",
                "    image = \"nginx:1.27\"",
                "    cpu   = 0.5",
                "    env   = { LOG_LEVEL = \"info\" }",
            ]
        );
    }

    #[test]
    fn a_text_of_several_lines_shows_its_first_ones() {
        let text: String = (1..=40).map(|line| format!("line {line}\n")).collect();
        let map = Map::from_iter([("x".into(), Value::from(text))]);
        let shown = table(&map, None, ValueSpace::new(60, Lang::En));
        assert_eq!(shown.len(), 15);
        assert_eq!(shown[0], "x = \"\"\"");
        assert_eq!(shown[13], "    … 28 more lines");
        let shown = table(&map, None, ValueSpace::new(60, Lang::Zh));
        assert_eq!(shown[13], "    … 其余 28 行");
    }
}
