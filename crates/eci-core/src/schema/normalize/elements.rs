//! Lists of tables, whose elements are distinguished by an identity.

use std::collections::HashMap;

use eci_text::{Text, text};

use super::Normalizer;
use crate::codes;
use crate::path::{Identity, PathCursor, identity_of};
use crate::schema::grammar::plain_path;
use crate::schema::{Availability, Check, Object, Type, Violation};
use crate::value::Value;

impl Normalizer {
    pub(super) fn objects(
        &mut self,
        object: &'static Object,
        keys: &'static [&'static str],
        given: &Value,
        path: &PathCursor<'_>,
    ) -> Option<Value> {
        let Value::List(list) = given else {
            return self.mismatch(&Type::Objects(object, keys), given, path);
        };
        let mut normal: Vec<Value> = Vec::with_capacity(list.len());
        let mut firsts: HashMap<String, usize> = HashMap::new();
        for (at, item) in list.iter().enumerate() {
            let Some(item) = self.value_object(object, item, &path.index(at)) else {
                continue;
            };
            let identity = (list.len() > 1).then(|| identity_of(&item, keys));
            if let Some(identity) = identity.flatten() {
                let place = if is_path(object, keys) {
                    plain_path(identity.expose())
                } else {
                    identity.expose().to_owned()
                };
                match firsts.get(&place) {
                    Some(first) => self.violations.push(Violation {
                        path: path.index(at).path(),
                        code: codes::DUPLICATE,
                        message: duplicate(object, keys[0], &identity),
                        help: Some(text!(
                            en: "use another `{key}`",
                            zh: "使用其他 `{key}`",
                            key = keys[0],
                        )),
                        other: Some(path.index(*first).path()),
                        meant: None,
                        is_replaceable: false,
                    }),
                    None => {
                        firsts.insert(place, at);
                    }
                }
            }
            normal.push(item);
        }
        Some(Value::list(normal))
    }

    pub(super) fn value_object(
        &mut self,
        object: &'static Object,
        given: &Value,
        path: &PathCursor<'_>,
    ) -> Option<Value> {
        match given {
            Value::Map(entries) => Some(self.object(object, entries, path)),
            Value::Unknown => Some(Value::Unknown),
            Value::Sensitive(inner) => {
                let value =
                    self.hushed(path, |this| this.value_object(object, inner.expose(), path));
                Some(value?.into_sensitive())
            }
            other => {
                let message = Type::Object(object).mismatch(&path.label(), other.type_name());
                let help = if let Some(entry) = entry_of(object, given) {
                    text!(
                        en: "write one object per element: `[{{ {entry} }}]`",
                        zh: "每个元素写成一个对象：`[{{ {entry} }}]`",
                        entry = entry,
                    )
                } else if matches!(given, Value::String(_)) {
                    text!(
                        en: "write an object: `{ key = value }`",
                        zh: "写成对象：`{ key = value }`",
                    )
                } else {
                    text!(
                        en: "write one object per element: `[{ key = value }]`",
                        zh: "每个元素写成一个对象：`[{ key = value }]`",
                    )
                };
                self.report(path, codes::TYPE_MISMATCH, message, Some(help));
                None
            }
        }
    }
}

/// Returns the entry of an object that a number was meant as, or a text that ends with one: `port = 8000` for
/// `8000` and `"8080:8000"`.
fn entry_of(object: &Object, given: &Value) -> Option<String> {
    let mut required = object.fields.iter();
    let key = required.find(|field| field.presence == Availability::Required)?;
    let Type::Integer(least, most) = key.ty else {
        return None;
    };
    let number = match given {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => {
            let last = text.rsplit(':').next()?;
            last.split('/').next()?.parse().ok()?
        }
        _ => return None,
    };
    (least..=most)
        .contains(&number)
        .then(|| format!("{} = {number}", key.name))
}

/// Returns whether elements are distinguished by a path, which can be written in several ways.
fn is_path(object: &Object, keys: &[&str]) -> bool {
    let mut fields = object.fields.iter();
    fields.any(|field| keys == [field.name] && field.checks.contains(&Check::AbsolutePath))
}

/// Returns the message that two elements have the same identity.
fn duplicate(object: &Object, key: &str, identity: &Identity) -> Text {
    if identity.is_secret() {
        text!(
            en: "duplicate {noun} with the same sensitive `{key}`",
            zh: "{noun}重复，敏感的 `{key}` 相同",
            noun = object.title(),
            key = key,
        )
    } else {
        text!(
            en: "duplicate {noun} {identity}",
            zh: "{noun} {identity} 重复",
            noun = object.title(),
            identity = identity.to_string(),
        )
    }
}
