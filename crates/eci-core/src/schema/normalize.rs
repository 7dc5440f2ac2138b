//! Brings evaluated values into the normal form of their description and says what does not
//! fit.
//!
//! In normal form a table holds only what is given: no nulls, no empty lists or tables, no
//! value that the cloud would take anyway, every default that must be sent. Two manifests
//! that mean the same have the same normal form, and so has what the cloud reports of them.

mod elements;
mod unknown_keys;

use super::coerce::{NUMBER_ALONE, TypeMismatch, coerce, conversion_help, show};
use super::{Availability, Field, Link, Object, Type, Violation};
use eci_text::{Lang, Text, text};

use crate::codes::{self, Code};
use crate::path::PathCursor;
use crate::suggest::did_you_mean;
use crate::value::{Map, Value, shared_name};

/// A table in normal form, with its violations.
///
/// Invalid parts are left out of the value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct NormalizedTable {
    /// The table in normal form.
    pub value: Value,
    /// The entries that do not fit.
    pub violations: Vec<Violation>,
}

/// Checks a table against its description and brings it into normal form.
///
/// Unknown values fit everywhere; sensitive ones keep their mark.
pub fn normalize_config(object: &'static Object, entries: &Map) -> NormalizedTable {
    let mut conforming = Normalizer {
        violations: Vec::new(),
        linked: false,
    };
    let value = conforming.object(object, entries, &PathCursor::Root);
    NormalizedTable {
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
            is_replaceable: false,
        });
    }

    /// Reports as [`Normalizer::report`] does, with the value that was probably meant.
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
            is_replaceable: true,
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
        let before = self.violations.len();
        let Some(value) = self.value(&field.ty, given, &path) else {
            self.name_unit(field, before);
            return None;
        };
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

    /// Adds the description of the field, which names the unit, to the help about a number with a
    /// unit. The violations from `before` on are about the field.
    fn name_unit(&mut self, field: &Field, before: usize) {
        let violations = self.violations.iter_mut().skip(before);
        let helps = violations.filter_map(|violation| violation.help.as_mut());
        for help in helps.filter(|help| **help == NUMBER_ALONE) {
            // Defaults and limits follow.
            let (en, zh) = (field.doc.get(Lang::En), field.doc.get(Lang::Zh));
            let doc = Text::new(
                en.split(';').next().unwrap_or(en).to_owned(),
                zh.split('；').next().unwrap_or(zh).to_owned(),
            );
            *help = text!(
                en: "{help} (`{name}`: {doc})",
                zh: "{help}（`{name}`：{doc}）",
                help = NUMBER_ALONE,
                name = field.name,
                doc = doc,
            );
        }
    }

    /// Returns the value in normal form; `None` if it does not fit, which is then reported.
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
}

/// The message where the reason could reveal a sensitive value.
const HIDDEN: Text = Text::fixed(
    "invalid sensitive value; the reason is not displayed",
    "敏感值无效，不显示原因",
);

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
