//! Values for people: on one line where they fit, on several otherwise.

use std::borrow::Cow;
use std::fmt::Write as _;

use eci_core::address::is_label;
use eci_core::path::identity_of;
use eci_core::schema::{Field, Link, Object, Type};
use eci_core::value::SENSITIVE;
use eci_core::{Map, Value};
use eci_text::{Lang, say};

use super::layout::{LayoutEntry, LayoutView, layout, unaligned_layout, widest};
use super::nouns::MORE_LINE;
use super::style::{cut, visible, width};

/// Returns the placeholder of an unknown value.
pub(crate) fn unknown(lang: Lang) -> &'static str {
    lang.pick("(known after apply)", "（应用后可知）")
}

/// Returns the placeholder of a sensitive value.
pub(crate) fn sensitive(lang: Lang) -> &'static str {
    lang.pick(SENSITIVE, "（敏感值）")
}

/// The width of the longest string that is shown whole.
const LONGEST: usize = 160;
/// The maximum number of lines that are shown of one string.
const MOST_LINES: usize = 12;

/// The space for a value, whether long strings are shown whole, and the language.
#[derive(Clone, Copy, Debug)]
pub struct ValueSpace {
    /// The number of columns.
    columns: usize,
    /// Whether long strings are shown to their end.
    whole: bool,
    /// The number of columns of the widest neighboring name, with which `=` is aligned.
    names: usize,
    /// Whether the `=` of neighbors are aligned.
    aligns: bool,
    lang: Lang,
}

impl ValueSpace {
    /// Returns the space for a value of which only the beginning of long strings is shown.
    pub fn new(columns: usize, lang: Lang) -> ValueSpace {
        ValueSpace {
            columns,
            whole: false,
            names: 0,
            aligns: true,
            lang,
        }
    }

    /// Returns the same space for the same lines without alignment, which can be compared one by one.
    pub(crate) fn unaligned(self) -> ValueSpace {
        ValueSpace {
            aligns: false,
            ..self
        }
    }

    /// Returns the space for a whole value: the user may copy it from the output.
    pub fn for_all(columns: usize, lang: Lang) -> ValueSpace {
        ValueSpace {
            whole: true,
            ..ValueSpace::new(columns, lang)
        }
    }

    /// Returns the space that is left for indented lines.
    fn indented(self) -> ValueSpace {
        ValueSpace {
            columns: self.columns.saturating_sub(4),
            names: 0,
            ..self
        }
    }

    fn inline(self, value: &Value, ty: Option<Type>) -> String {
        let mut text = String::new();
        self.write_inline(&mut text, value, ty);
        text
    }

    fn write_inline(self, text: &mut String, value: &Value, ty: Option<Type>) {
        match value {
            Value::Null => text.push_str("null"),
            Value::Bool(truth) => text.push_str(if *truth { "true" } else { "false" }),
            // Writing to a string does not fail.
            Value::Number(number) => write!(text, "{number}").unwrap_or_default(),
            Value::String(string) => text.push_str(&self.quoted(string)),
            Value::List(items) => {
                text.push('[');
                for (at, item) in items.iter().enumerate() {
                    text.push_str(if at == 0 { "" } else { ", " });
                    self.write_inline(text, item, item_type(ty));
                }
                text.push(']');
            }
            Value::Map(entries) if entries.is_empty() => text.push_str("{}"),
            Value::Map(entries) => {
                let fields = fields(entries, object_of(ty)).into_iter();
                for (at, (key, value, field)) in fields.enumerate() {
                    text.push_str(if at == 0 { "{ " } else { ", " });
                    text.push_str(&key_text(key));
                    text.push_str(" = ");
                    match field {
                        Some(field) if field.sensitive => text.push_str(sensitive(self.lang)),
                        field => self.write_inline(text, value, field.map(|field| field.ty)),
                    }
                }
                text.push_str(" }");
            }
            Value::Unknown => text.push_str(unknown(self.lang)),
            Value::Sensitive(_) | Value::Digest(_) => text.push_str(sensitive(self.lang)),
        }
    }

    /// Returns the text in quotes, its special characters escaped; a long one is cut unless all of it is
    /// to be shown.
    fn quoted(self, text: &str) -> String {
        let whole = format!("{text:?}");
        if self.whole || width(&whole) <= LONGEST {
            return whole;
        }
        let characters = text.chars().count();
        let kept: String = text.chars().take(LONGEST).collect();
        let beginning = cut(&format!("{kept:?}"), LONGEST / 2);
        say!(
            self.lang,
            en: "{beginning}\" ({count} characters)",
            zh: "{beginning}\"（共 {count} 个字符）",
            beginning = beginning,
            count = characters,
        )
    }

    /// Returns the lines of a text: the first ones, cut where they are long, unless all of it is to be
    /// shown.
    fn first_lines(self, text: &str) -> Vec<String> {
        let all: Vec<&str> = text.lines().collect();
        if self.whole {
            return all.into_iter().map(visible).collect();
        }
        let shown = if all.len() > MOST_LINES + 1 {
            MOST_LINES
        } else {
            all.len()
        };
        let mut lines: Vec<String> = all[..shown]
            .iter()
            .map(|line| cut(&visible(line), LONGEST))
            .collect();
        if shown < all.len() {
            lines.push(say!(
                self.lang,
                en: "… {lines}",
                zh: "… 其余 {lines}",
                lines = MORE_LINE.count(all.len() - shown),
            ));
        }
        lines
    }
}

/// Returns the value on one line, in the syntax of manifests.
pub(crate) fn inline(value: &Value, ty: Option<Type>, lang: Lang) -> String {
    ValueSpace::new(usize::MAX, lang).inline(value, ty)
}

/// Returns the entries of a table in the order of their description, with that, then those without
/// one.
fn fields<'a>(
    map: &'a Map,
    object: Option<&'static Object>,
) -> Vec<(&'a str, &'a Value, Option<&'static Field>)> {
    let mut all = Vec::with_capacity(map.len());
    let entries = || map.iter().map(|(name, value)| (&**name, value, None));
    let Some(object) = object else {
        all.extend(entries());
        return all;
    };
    for field in object.fields.iter().filter(|field| field.applies_to(map)) {
        if let Some((_, value)) = field.entry_in(map) {
            all.push((field.name, value, Some(field)));
        }
    }
    let known = |name: &str| object.field(name, map).is_some();
    all.extend(entries().filter(|(name, ..)| !known(name)));
    all
}

/// Returns the type of the items of a list.
fn item_type(ty: Option<Type>) -> Option<Type> {
    match ty? {
        Type::Objects(object, _) => Some(Type::Object(object)),
        Type::List(items) => Some(*items),
        _ => None,
    }
}

fn key_text(key: &str) -> Cow<'_, str> {
    if is_label(key) {
        Cow::from(key)
    } else {
        Cow::from(format!("{key:?}"))
    }
}

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
            entries(
                &self.name,
                self.value,
                self.ty,
                ValueSpace { names, ..room },
            )
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

fn object_of(ty: Option<Type>) -> Option<&'static Object> {
    match ty? {
        Type::Object(object) => Some(object),
        Type::Ref(kind, Link::Attributes) => Some(kind.schema()),
        _ => None,
    }
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
    fn a_value_is_written_as_a_manifest_writes_it() {
        let value = Value::from([
            ("a.b", Value::from(1)),
            (
                "c",
                Value::list(vec![Value::from("x\"y"), Value::from(true)]),
            ),
            ("p", Value::from("hunter2").into_sensitive()),
        ]);
        assert_eq!(
            inline(&value, None, Lang::En),
            r#"{ "a.b" = 1, c = ["x\"y", true], p = (sensitive) }"#
        );
    }

    #[test]
    fn a_long_string_is_cut_and_says_how_long_it_is() {
        let text = inline(&Value::from("配".repeat(500)), None, Lang::En);
        assert!(text.ends_with("…\" (500 characters)"), "{text}");
        let chinese = inline(&Value::from("配".repeat(500)), None, Lang::Zh);
        assert!(chinese.ends_with("…\"（共 500 个字符）"), "{chinese}");
        assert!(width(&text) <= LONGEST, "{text}");
    }

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
