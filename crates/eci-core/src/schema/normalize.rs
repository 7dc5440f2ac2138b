//! Brings evaluated values into the normal form of their description and says what does not
//! fit.
//!
//! In normal form a table holds only what is given: no nulls, no empty lists or tables, no
//! value that the cloud would take anyway, every default that must be sent. Two manifests
//! that mean the same have the same normal form, and so has what the cloud reports of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::coerce::{TypeMismatch, coerce, show, way_between};
use super::grammar::plain_path;
use super::identity::identity_of;
use super::{Availability, Check, Field, Link, Object, Type, Violation, with_article};
use eci_text::{Text, text};

use crate::codes::{self, Code};
use crate::path::PathCursor;
use crate::suggest::nearest;
use crate::value::{Map, Value, shared_name};

/// A table in normal form, with what does not fit. Where something does not fit, the value
/// has it left out.
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

/// So many keys are named where none is near.
const MOST_NAMED: usize = 40;

struct Normalizer {
    violations: Vec<Violation>,
    /// Whether attributes stand where manifests have labels.
    linked: bool,
}

impl Normalizer {
    fn report(
        &mut self,
        path: &PathCursor<'_>,
        code: &'static Code,
        message: impl Into<Text>,
        help: Option<Text>,
    ) {
        self.violations.push(Violation {
            path: path.path(),
            code,
            message: message.into(),
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
        message: impl Into<Text>,
        (written, meant): (&str, &str),
    ) {
        self.violations.push(Violation {
            path: path.path(),
            code,
            message: message.into(),
            help: Some(
                text!(en: "did you mean `{meant}`?", zh: "是否应为 `{meant}`？", meant = meant),
            ),
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
        self.unknown_keys(object, given, path);
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
        // What did not fit was left out: that it is missing now is no further fault.
        let misfit = self.violations[before..].iter().any(|violation| {
            [codes::BAD_VALUE, codes::TYPE_MISMATCH].contains(&violation.code)
                && violation.path.0.len() == path.steps() + 1
        });
        let validate = object.validate.filter(|_| !misfit);
        for fault in validate.iter().flat_map(|validate| validate(&normal)) {
            let at = fault.field.map_or(*path, |field| path.name(field));
            match quotes_secret(fault.message.en(), &normal) {
                true => self.report(&at, fault.code, HUSHED.to_owned(), None),
                false => self.report(&at, fault.code, fault.message, fault.help),
            }
        }
        Value::map(normal)
    }

    /// Whether one of the violations from this one on is a misspelt key that means this field:
    /// that it is missing is no further fault.
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
                    format!("`{key}` is set by the cloud and can only be read"),
                    Some(
                        "remove it; other resources can refer to it"
                            .to_owned()
                            .into(),
                    ),
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
            let help = Some(format!("`{key}` belongs to {}", owners.join(" and ")));
            return self.report(
                &at,
                codes::WRONG_TYPE_KEY,
                format!("{variant} has no `{key}`"),
                help.map(Into::into),
            );
        }
        let known = object
            .fields
            .iter()
            .filter(|field| field.is_writable() && field.applies_to(given));
        let names: Vec<&str> = known.map(|field| field.name).collect();
        let message = format!("unsupported key `{key}` in {}", with_article(object.name));
        if let Some(near) = nearest(key, names.iter().copied()) {
            return self.report_near(&at, codes::UNKNOWN_KEY, message, (key, near));
        }
        let help =
            (names.len() <= MOST_NAMED).then(|| format!("its keys are {}", names.join(", ")));
        self.report(&at, codes::UNKNOWN_KEY, message, help.map(Into::into));
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
                let message = format!(
                    "missing required key `{}` in this {}",
                    field.name, object.name
                );
                self.report(
                    path,
                    codes::MISSING_KEY,
                    message,
                    Some(format!("`{}` is {}", field.name, field.doc).into()),
                );
            }
            return field.default.map(|default| default.value());
        };
        let path = path.name(field.name);
        let value = self.value(&field.ty, given, &path)?;
        match value.as_str() {
            Some("") if field.must_be_filled() => self.report(
                &path,
                codes::EMPTY,
                "this must not be empty".to_owned(),
                Some(
                    "give it a value; an expression may have come out empty"
                        .to_owned()
                        .into(),
                ),
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

    /// What is wrong within a sensitive value is told of it as a whole: names and reasons may
    /// quote it.
    fn hushed<T>(&mut self, path: &PathCursor<'_>, conform: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.violations.len();
        let value = conform(self);
        for violation in &mut self.violations[before..] {
            violation.path = path.path();
            violation.message = HUSHED.into();
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
                Err(TypeMismatch::Said(message, help)) => {
                    self.report(path, codes::BAD_VALUE, message, Some(help.into()));
                    None
                }
                Err(TypeMismatch::Near(written, near)) => {
                    let message = format!("{} is not {}", show(given), scalar.describe());
                    self.report_near(path, codes::BAD_VALUE, message, (&written, near));
                    None
                }
                Err(TypeMismatch::Value(help)) => {
                    let message = format!("{} is not {}", show(given), scalar.describe());
                    let help = help.unwrap_or_else(|| format!("write {}", scalar.describe()));
                    self.report(path, codes::BAD_VALUE, message, Some(help.into()));
                    None
                }
            },
        }
    }

    fn mismatch(&mut self, ty: &Type, given: &Value, path: &PathCursor<'_>) -> Option<Value> {
        let message = format!("expected {}, found {}", ty.describe(), given.type_name());
        self.report(
            path,
            codes::TYPE_MISMATCH,
            message,
            way_between(ty, given).map(Into::into),
        );
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
                let place = match is_path(object, keys) {
                    true => plain_path(identity.expose()),
                    false => identity.expose().to_owned(),
                };
                match firsts.get(&place) {
                    Some(first) => self.violations.push(Violation {
                        path: path.index(at).path(),
                        code: codes::DUPLICATE,
                        message: match identity.is_secret() {
                            true => format!("a second {} of the same {}", object.name, keys[0]),
                            false => format!("a second {} {identity}", object.name),
                        }
                        .into(),
                        help: Some(format!("give it another {}", keys[0]).into()),
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
                let message = format!(
                    "expected {} table, found {}",
                    with_article(object.name),
                    other.type_name()
                );
                let help = match given {
                    Value::String(_) => "write a table, such as { key = value }",
                    _ => "write one table for each, such as [{ key = value }]",
                };
                self.report(
                    path,
                    codes::TYPE_MISMATCH,
                    message,
                    Some(help.to_owned().into()),
                );
                None
            }
        }
    }
}

/// Whether elements are told from one another by a path, which can be written in several ways.
fn is_path(object: &Object, keys: &[&str]) -> bool {
    let mut fields = object.fields.iter();
    fields.any(|field| keys == [field.name] && field.checks.contains(&Check::AbsolutePath))
}

/// What is said where the reason may quote something sensitive.
const HUSHED: &str = "this does not fit; why is not shown, as it is sensitive";

/// Whether a message has the text of something sensitive in it.
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
