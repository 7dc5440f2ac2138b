//! Brings evaluated values into the normal form of their description and says what does not
//! fit.
//!
//! In normal form a table holds only what is given: no nulls, no empty lists or tables, no
//! value that the cloud would take anyway, every default that must be sent. Two manifests
//! that mean the same have the same normal form, and so has what the cloud reports of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::coerce::{TypeMismatch, coerce, conversion_help, show};
use super::grammar::plain_path;
use super::identity::{Identity, identity_of};
use super::{Availability, Check, Field, Link, Object, Type, Violation, in_backticks};
use eci_text::{List, Text, text};

use crate::codes::{self, Code};
use crate::path::PathCursor;
use crate::suggest::{already_set, did_you_mean, nearest};
use crate::value::{Map, Value, shared_name};

/// A table in normal form, with its violations. Invalid parts are left out
/// of the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalized {
    /// The table in normal form.
    pub value: Value,
    /// What does not fit.
    pub violations: Vec<Violation>,
}

/// Checks a table against its description and brings it into normal form. Unknown values fit
/// everywhere; sensitive ones keep their mark.
pub fn normalize_config(object: &'static Object, entries: &Map) -> Normalized {
    let mut conforming = Normalizer {
        violations: Vec::new(),
        linked: false,
    };
    let value = conforming.object(object, entries, &PathCursor::Root);
    Normalized {
        value,
        violations: conforming.violations,
    }
}

/// Brings a table that is already linked into normal form: where a manifest has a label, it
/// has the attributes of the resource that the label names. What does not fit is left out,
/// since what the cloud reports is taken as it comes.
pub fn normalize_report(object: &'static Object, entries: &Map) -> Value {
    let mut conforming = Normalizer {
        violations: Vec::new(),
        linked: true,
    };
    conforming.object(object, entries, &PathCursor::Root)
}

/// The most keys that a message lists.
const MOST_LISTED: usize = 40;

struct Normalizer {
    violations: Vec<Violation>,
    /// Whether attributes replace the labels of manifests.
    linked: bool,
}

/// A word that is not known, with the known one that was probably meant.
#[derive(Clone, Copy)]
struct Misspelling<'a> {
    written: &'a str,
    meant: &'a str,
}

impl Normalizer {
    fn report(
        &mut self,
        path: &PathCursor<'_>,
        code: &'static Code,
        message: Text,
        help: Option<Text>,
    ) {
        self.violations.push(Violation {
            path: path.path(),
            code,
            message,
            help,
            other: None,
            meant: None,
        });
    }

    /// As [`Normalizer::report`], with what was probably meant.
    fn report_near(
        &mut self,
        path: &PathCursor<'_>,
        code: &'static Code,
        message: Text,
        word: Misspelling<'_>,
    ) {
        let Misspelling { written, meant } = word;
        self.violations.push(Violation {
            path: path.path(),
            code,
            message,
            help: Some(did_you_mean(meant)),
            other: None,
            meant: Some((written.to_owned(), meant.to_owned())),
        });
    }

    fn object(&mut self, object: &'static Object, entries: &Map, path: &PathCursor<'_>) -> Value {
        let mut normalized;
        let given = match object.normalize {
            Some(normalize) => {
                normalized = entries.clone();
                normalize(&mut normalized);
                &normalized
            }
            None => entries,
        };
        let before = self.violations.len();
        self.unknown_keys(object, entries, path);
        // What the manifest does not give is seldom filled in.
        let mut normal = Map::with_capacity(given.len() + 1);
        // Which keys are needed follows from a type that is known.
        let variant = given.get("type");
        let is_known = variant.is_some_and(|variant| variant.as_str().is_some());
        for field in object
            .fields
            .iter()
            .filter(|field| field.is_writable() && field.applies_to(given))
        {
            if field.variant.is_some() && variant.is_none() {
                continue;
            }
            let entry = field.entry_in(given);
            if field.variant.is_some() && entry.is_none() && !is_known {
                continue;
            }
            let value = entry.map(|(_, value)| value);
            let value = value.filter(|value| !value.is_null());
            if value.is_none() && self.is_meant(field, before) {
                continue;
            }
            if let Some(value) = self.field(object, field, value, path) {
                // A name that is there already need not be written again.
                let name = entry.map_or_else(|| shared_name(field.name), |(name, _)| name.clone());
                normal.insert(name, value);
            }
        }
        // A violation removed the value: that it is missing now is not a further error.
        let misfit = self.violations[before..].iter().any(|violation| {
            [codes::BAD_VALUE, codes::TYPE_MISMATCH].contains(&violation.code)
                && violation.path.0.len() == path.steps() + 1
        });
        let validate = object.validate.filter(|_| !misfit);
        for fault in validate.iter().flat_map(|validate| validate(&normal)) {
            let at = fault.field.map_or(*path, |field| path.name(field));
            if quotes_secret(fault.message.en(), &normal) {
                self.report(&at, fault.code, HIDDEN, None);
            } else {
                self.report(&at, fault.code, fault.message, fault.help);
            }
        }
        Value::map(normal)
    }

    /// Whether one of the violations from this one on is a misspelled key that means this field:
    /// that it is missing is not a further error.
    fn is_meant(&self, field: &Field, from: usize) -> bool {
        let meant = self.violations[from..]
            .iter()
            .filter_map(|it| it.meant.as_ref());
        let mut keys = meant.map(|(_, meant)| meant);
        keys.any(|meant| meant == field.name)
    }

    fn unknown_keys(&mut self, object: &'static Object, given: &Map, path: &PathCursor<'_>) {
        for key in given.keys() {
            match object.field(key, given) {
                Some(field) if field.is_writable() => {}
                Some(_) => self.report(
                    &path.name(key),
                    codes::READ_ONLY,
                    text!(
                        en: "`{key}` is a read-only attribute",
                        zh: "`{key}` 是只读属性",
                        key = key,
                    ),
                    Some(text!(
                        en: "remove it; expressions of other tables can refer to it",
                        zh: "删除该键；其他表的表达式可以引用",
                    )),
                ),
                None => self.unknown_key(object, key, given, path),
            }
        }
    }

    fn unknown_key(
        &mut self,
        object: &'static Object,
        key: &Arc<str>,
        given: &Map,
        path: &PathCursor<'_>,
    ) {
        let at = path.name(key);
        let owners: Vec<&str> = object
            .fields
            .iter()
            .filter(|field| field.name == &**key)
            .filter_map(|field| field.variant)
            .collect();
        if let (false, Some(variant)) =
            (owners.is_empty(), given.get("type").and_then(Value::as_str))
        {
            let help = text!(
                en: "types that support `{key}`: {owners}",
                zh: "支持 `{key}` 的类型：{owners}",
                key = key,
                owners = List::and(in_backticks(owners)),
            );
            let message = text!(
                en: "unsupported key `{key}` in a `{object}` of type `{variant}`",
                zh: "类型为 `{variant}` 的 `{object}` 不支持键 `{key}`",
                key = key,
                object = object.name,
                variant = variant,
            );
            return self.report(&at, codes::WRONG_TYPE_KEY, message, Some(help));
        }
        let known = object
            .fields
            .iter()
            .filter(|field| field.is_writable() && field.applies_to(given));
        let names: Vec<&str> = known.map(|field| field.name).collect();
        let message = text!(
            en: "unsupported key `{key}` in {table}",
            zh: "{table}不支持键 `{key}`",
            key = key,
            table = object.phrase(),
        );
        if let Some(near) = nearest(key, names.iter().copied()) {
            if given.get(near).is_some() {
                return self.report(&at, codes::UNKNOWN_KEY, message, Some(already_set(near)));
            }
            let word = Misspelling {
                written: key,
                meant: near,
            };
            return self.report_near(&at, codes::UNKNOWN_KEY, message, word);
        }
        let help = (names.len() <= MOST_LISTED).then(|| {
            text!(
                en: "supported keys: {names}",
                zh: "支持的键：{names}",
                names = List::and(in_backticks(names)),
            )
        });
        self.report(&at, codes::UNKNOWN_KEY, message, help);
    }

    fn field(
        &mut self,
        object: &'static Object,
        field: &'static Field,
        given: Option<&Value>,
        path: &PathCursor<'_>,
    ) -> Option<Value> {
        let Some(given) = given else {
            if field.presence == Availability::Required && field.default.is_none() {
                let message = text!(
                    en: "missing required key `{name}` in {table}",
                    zh: "{table}缺少必填键 `{name}`",
                    name = field.name,
                    table = object.phrase(),
                );
                let help = text!(
                    en: "add `{name}`: {doc}",
                    zh: "添加 `{name}`：{doc}",
                    name = field.name,
                    doc = field.doc,
                );
                self.report(path, codes::MISSING_KEY, message, Some(help));
            }
            return field.default.map(|default| default.value());
        };
        let path = path.name(field.name);
        let value = self.value(&field.ty, given, &path)?;
        match value.as_str() {
            Some("") if field.must_be_filled() => self.report(
                &path,
                codes::EMPTY,
                text!(
                    en: "`{name}` must not be empty",
                    zh: "`{name}` 不能为空",
                    name = field.name,
                ),
                Some(text!(
                    en: "set a value; an expression may have evaluated to an empty string",
                    zh: "设置值；可能是表达式的结果为空字符串",
                )),
            ),
            _ if matches!(value, Value::Sensitive(_)) => {
                self.hushed(&path, |this| this.check(field, &value, &path));
            }
            _ => self.check(field, &value, &path),
        }
        if is_empty(&value)
            || field
                .api_default
                .is_some_and(|implied| implied.value() == value)
        {
            return None;
        }
        Some(if field.sensitive {
            value.into_sensitive()
        } else {
            value
        })
    }

    fn check(&mut self, field: &Field, value: &Value, path: &PathCursor<'_>) {
        for check in field.checks {
            check.run(value, path, &mut self.violations);
        }
    }

    /// Reports violations within a sensitive value for the value as a whole: names and reasons could
    /// quote it.
    fn hushed<T>(&mut self, path: &PathCursor<'_>, conform: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.violations.len();
        let value = conform(self);
        for violation in &mut self.violations[before..] {
            violation.path = path.path();
            violation.message = HIDDEN;
            violation.help = None;
            violation.meant = None;
            violation.other = None;
        }
        value
    }

    /// The value in normal form; `None` if it does not fit, which is then reported.
    fn value(&mut self, ty: &'static Type, given: &Value, path: &PathCursor<'_>) -> Option<Value> {
        match given {
            Value::Unknown => return Some(Value::Unknown),
            Value::Sensitive(inner) => {
                let value = self.hushed(path, |this| this.value(ty, inner.expose(), path));
                return Some(value?.into_sensitive());
            }
            Value::Digest(_) => return Some(given.clone()),
            _ => {}
        }
        match ty {
            Type::List(items) => self.list(items, given, path),
            Type::Objects(object, keys) => self.objects(object, keys, given, path),
            Type::Object(object) => match given {
                Value::Map(entries) => Some(self.object(object, entries, path)),
                _ => self.mismatch(ty, given, path),
            },
            Type::Table(values, _) => self.table(values, given, path),
            Type::Ref(kind, Link::Attributes) if self.linked => match given {
                Value::Map(entries) => Some(self.object(kind.schema(), entries, path)),
                _ => self.mismatch(ty, given, path),
            },
            scalar => match coerce(scalar, given) {
                Ok(value) => Some(value),
                Err(TypeMismatch::Type) => self.mismatch(ty, given, path),
                Err(TypeMismatch::Value(_)) if self.linked && matches!(ty, Type::Ref(..)) => {
                    Some(given.clone())
                }
                Err(TypeMismatch::Other { message, help }) => {
                    self.report(path, codes::BAD_VALUE, message, Some(help));
                    None
                }
                Err(TypeMismatch::Near(written, near)) => {
                    let message = scalar.mismatch(&path.label(), show(given));
                    let word = Misspelling {
                        written: &written,
                        meant: near,
                    };
                    self.report_near(path, codes::BAD_VALUE, message, word);
                    None
                }
                Err(TypeMismatch::Value(help)) => {
                    let message = scalar.mismatch(&path.label(), show(given));
                    self.report(path, codes::BAD_VALUE, message, help);
                    None
                }
            },
        }
    }

    fn mismatch(&mut self, ty: &Type, given: &Value, path: &PathCursor<'_>) -> Option<Value> {
        let message = ty.mismatch(&path.label(), given.type_name());
        let help = conversion_help(ty, given);
        self.report(path, codes::TYPE_MISMATCH, message, help);
        None
    }

    fn list(
        &mut self,
        items: &'static Type,
        given: &Value,
        path: &PathCursor<'_>,
    ) -> Option<Value> {
        let Value::List(list) = given else {
            return self.mismatch(&Type::List(items), given, path);
        };
        let mut normal = Vec::with_capacity(list.len());
        for (at, item) in list.iter().enumerate() {
            normal.extend(self.value(items, item, &path.index(at)));
        }
        Some(Value::list(normal))
    }

    fn table(
        &mut self,
        values: &'static Type,
        given: &Value,
        path: &PathCursor<'_>,
    ) -> Option<Value> {
        let Value::Map(entries) = given else {
            return self.mismatch(&Type::Table(values, ["", ""]), given, path);
        };
        let mut normal = Map::with_capacity(entries.len());
        for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
            if let Some(value) = self.value(values, value, &path.name(key)) {
                normal.insert(key.clone(), value);
            }
        }
        Some(Value::map(normal))
    }

    fn objects(
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

    fn value_object(
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
                let help = if matches!(given, Value::String(_)) {
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

/// Returns whether elements are distinguished by a path, which can be written in several ways.
fn is_path(object: &Object, keys: &[&str]) -> bool {
    let mut fields = object.fields.iter();
    fields.any(|field| keys == [field.name] && field.checks.contains(&Check::AbsolutePath))
}

/// The message where the reason could reveal a sensitive value.
const HIDDEN: Text = Text::fixed(
    "invalid sensitive value; the reason is not displayed",
    "敏感值无效，不显示原因",
);

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

/// Returns whether a message contains the text of a sensitive value.
fn quotes_secret(message: &str, entries: &Map) -> bool {
    entries.values().any(|value| match value.reveal() {
        (Value::String(text), true) => !text.is_empty() && message.contains(&**text),
        (Value::Number(number), true) => message.contains(&number.to_string()),
        _ => false,
    })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}
