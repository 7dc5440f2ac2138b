//! The text of a value on one line, and the space that it has.

use std::borrow::Cow;
use std::fmt::Write as _;

use eci_core::address::is_label;
use eci_core::schema::{Field, Link, Object, Type};
use eci_core::value::SENSITIVE;
use eci_core::{Map, Value};
use eci_text::{Lang, say};

use crate::nouns::MORE_LINE;
use crate::style::{cut, visible, width};

/// The width of the longest string that is shown whole.
const LONGEST: usize = 160;
/// The maximum number of lines that are shown of one string.
const MOST_LINES: usize = 12;

/// Returns the value on one line, in the syntax of manifests.
pub(crate) fn inline(value: &Value, ty: Option<Type>, lang: Lang) -> String {
    ValueSpace::new(usize::MAX, lang).inline(value, ty)
}

/// The space for a value, whether long strings are shown whole, and the language.
#[derive(Clone, Copy, Debug)]
pub struct ValueSpace {
    /// The number of columns.
    pub(super) columns: usize,
    /// Whether long strings are shown to their end.
    whole: bool,
    /// The number of columns of the widest neighboring name, with which `=` is aligned.
    pub(super) names: usize,
    /// Whether the `=` of neighbors are aligned.
    pub(super) aligns: bool,
    pub(super) lang: Lang,
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

    /// Returns the same space next to a name that is as wide as the widest of its neighbors.
    pub(super) fn next_to(self, names: usize) -> ValueSpace {
        ValueSpace { names, ..self }
    }

    /// Returns the space that is left for indented lines.
    pub(super) fn indented(self) -> ValueSpace {
        ValueSpace {
            columns: self.columns.saturating_sub(4),
            names: 0,
            ..self
        }
    }

    pub(super) fn inline(self, value: &Value, ty: Option<Type>) -> String {
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
    pub(super) fn first_lines(self, text: &str) -> Vec<String> {
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

/// Returns the placeholder of an unknown value.
pub(crate) fn unknown(lang: Lang) -> &'static str {
    lang.pick("(known after apply)", "（应用后可知）")
}

/// Returns the placeholder of a sensitive value.
pub(crate) fn sensitive(lang: Lang) -> &'static str {
    lang.pick(SENSITIVE, "（敏感值）")
}

/// Returns the entries of a table in the order of their description, with that, then those without
/// one.
pub(super) fn fields<'a>(
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
pub(super) fn item_type(ty: Option<Type>) -> Option<Type> {
    match ty? {
        Type::Objects(object, _) => Some(Type::Object(object)),
        Type::List(items) => Some(*items),
        _ => None,
    }
}

pub(super) fn key_text(key: &str) -> Cow<'_, str> {
    if is_label(key) {
        Cow::from(key)
    } else {
        Cow::from(format!("{key:?}"))
    }
}

pub(super) fn object_of(ty: Option<Type>) -> Option<&'static Object> {
    match ty? {
        Type::Object(object) => Some(object),
        Type::Ref(kind, Link::Attributes) => Some(kind.schema()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
}
