//! Values brought to the types of variables, by the rules of Terraform.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Map, Path, Value};
use eci_lang::{SortKey, as_number, as_text, as_truth, spend, without_marks};
use eci_text::{Lang, Localize, Text, text};

use super::types::{Attribute, Attributes, ELEMENT, VariableType};

/// A part of a value that does not fit its type.
#[derive(Debug)]
pub(crate) struct ConversionError {
    /// The part.
    pub(crate) path: Path,
    /// The mismatch.
    pub(crate) message: Text,
}

impl Localize for ConversionError {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.0.is_empty() {
            // The messages in Chinese are predicates, of which this is the subject.
            let (path, separator) = (&self.path, lang.pick(": ", " "));
            write!(f, "`{path}`{separator}")?;
        }
        self.message.fmt_in(lang, f)
    }
}

/// The work of each part of a value that is converted.
const WORK_FOR_PART: usize = 2;

/// The work of each attribute of a created object.
const WORK_FOR_ENTRY: usize = 8;

type ConversionResult = Result<Value, ConversionError>;

impl VariableType {
    /// Brings a value to this type: text that writes a number becomes one, attributes that are
    /// not given get their defaults, those that the type does not have are left out.
    pub(crate) fn convert(&self, value: &Value) -> ConversionResult {
        self.at(value, &Path::root())
    }

    fn at(&self, value: &Value, path: &Path) -> ConversionResult {
        // The caller checks the budget: excess is not reported as a misfit.
        if !spend(WORK_FOR_PART + path.0.len() / 4) {
            return Ok(Value::Unknown);
        }
        match value {
            Value::Null | Value::Unknown | Value::Digest(_) => return Ok(value.clone()),
            Value::Sensitive(inner) => return Ok(self.at(inner.expose(), path)?.into_sensitive()),
            _ => {}
        }
        let expected = || ConversionError {
            path: path.clone(),
            message: text!(
                en: "expected {expected}, found {found}",
                zh: "应为{expected}，实际为{found}",
                expected = self,
                found = value.type_name(),
            ),
        };
        match (self, value) {
            (VariableType::Any, _) => Ok(value.clone()),
            (VariableType::String, _) => as_text(value).map(Value::String).ok_or_else(expected),
            (VariableType::Number, _) => as_number(value).map(Value::Number).ok_or_else(expected),
            (VariableType::Bool, _) => truth(value).map(Value::Bool).ok_or_else(expected),
            (VariableType::List(items), Value::List(list)) => {
                Ok(Value::list(items.each(list, path)?))
            }
            (VariableType::Set(items), Value::List(list)) => Ok(distinct(items.each(list, path)?)),
            (VariableType::Tuple(types), Value::List(list)) if types.len() == list.len() => {
                let items = types.iter().zip(list.iter()).enumerate();
                let items = items.map(|(at, (ty, item))| ty.at(item, &path.index(at)));
                Ok(Value::list(items.collect::<Result<_, _>>()?))
            }
            (VariableType::Tuple(_), Value::List(list)) => Err(ConversionError {
                path: path.clone(),
                message: text!(
                    en: "expected {expected}, found {found}",
                    zh: "应为{expected}，实际为 {found}",
                    expected = self,
                    found = ELEMENT.count(list.len()),
                ),
            }),
            (VariableType::Map(values), Value::Map(entries)) => {
                let keys: Vec<&Arc<str>> = entries.keys().collect();
                let items: Vec<Value> = entries
                    .iter()
                    .map(|(key, item)| values.at(item, &path.name(key.clone())))
                    .collect::<Result<_, _>>()?;
                let items = values.unified(items, |at| path.name(keys[at].clone()))?;
                let entries = keys.into_iter().cloned().zip(items);
                Ok(Value::map(entries.collect::<Map>()))
            }
            (VariableType::Object(attributes), Value::Map(entries)) => {
                object(attributes, entries, path)
            }
            _ => Err(expected()),
        }
    }

    /// Converts each element of a list to this type.
    fn each(&self, list: &[Value], path: &Path) -> Result<Vec<Value>, ConversionError> {
        let items = list.iter().enumerate();
        let items = items.map(|(at, item)| self.at(item, &path.index(at)));
        self.unified(items.collect::<Result<_, _>>()?, |at| path.index(at))
    }

    /// Unifies the types of elements that may be of any type: scalars become strings if one of
    /// them is a string.
    fn unified(
        &self,
        items: Vec<Value>,
        path: impl Fn(usize) -> Path,
    ) -> Result<Vec<Value>, ConversionError> {
        if *self != VariableType::Any {
            return Ok(items);
        }
        let known = |value: &Value| !value.is_null() && !value.is_unknown();
        let kind = |value: &Value| std::mem::discriminant(value.reveal().0);
        let Some(first) = items.iter().find(|item| known(item)).map(kind) else {
            return Ok(items);
        };
        let Some(other) = items.iter().position(|it| known(it) && kind(it) != first) else {
            return Ok(items);
        };
        let scalar = |value: &Value| !known(value) || as_text(value.reveal().0).is_some();
        if items.iter().any(|item| item.as_str().is_some()) && items.iter().all(scalar) {
            let texts = items
                .iter()
                .map(|item| VariableType::String.at(item, &Path::root()));
            return texts.collect();
        }
        Err(ConversionError {
            path: path(other),
            message: text!(
                en: "all elements must have the same type, found {found} among others",
                zh: "所有元素必须是同一类型，实际混有{found}",
                found = items[other].type_name(),
            ),
        })
    }
}

/// Returns the boolean of a value, also of a string that writes one.
fn truth(value: &Value) -> Option<bool> {
    match value.as_str() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => as_truth(value),
    }
}

/// Returns the distinct values: strings and numbers sorted, others in their order.
fn distinct(items: Vec<Value>) -> Value {
    let mut sensitive = false;
    let mut kept: Vec<Value> = Vec::new();
    let mut elements = BTreeSet::new();
    for item in &items {
        let (item, secret) = without_marks(item);
        let item = item.into_owned();
        sensitive |= secret;
        // What is unknown may become anything.
        if item.has_unknown() || elements.insert(SortKey::of(&item)) {
            kept.push(item);
        }
    }
    kept.sort_by(|a, b| match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    });
    let set = Value::list(kept);
    if sensitive { set.into_sensitive() } else { set }
}

fn object(attributes: &Attributes, entries: &Map, path: &Path) -> ConversionResult {
    // Also what is not given is in the value.
    if !spend(WORK_FOR_ENTRY * attributes.all.len()) {
        return Ok(Value::Unknown);
    }
    let mut converted = Vec::with_capacity(attributes.all.len());
    for attribute in &attributes.all {
        let given = entries.get(&attribute.name).filter(|it| !it.is_null());
        let value = match (given, &attribute.default) {
            (Some(value), _) => attribute.ty.at(value, &path.name(attribute.name.clone()))?,
            (None, Some(default)) => default.clone(),
            (None, None) if entries.contains_key(&attribute.name) => Value::Null,
            (None, None) => {
                return Err(ConversionError {
                    path: path.clone(),
                    message: missing(attribute, attributes, entries),
                });
            }
        };
        converted.push((attribute.name.clone(), value));
    }
    Ok(Value::map(converted.into_iter().collect::<Map>()))
}

/// Describes a missing attribute, which may be misspelled.
fn missing(attribute: &Attribute, attributes: &Attributes, entries: &Map) -> Text {
    let others = entries.keys().map(|key| &**key);
    let others = others.filter(|key| attributes.get(key).is_none());
    let name = &attribute.name;
    match nearest(name, others) {
        Some(near) => text!(
            en: "missing attribute `{name}`, found the similar `{near}`",
            zh: "缺少属性 `{name}`，但有相似的 `{near}`",
            name = name,
            near = near,
        ),
        None => text!(
            en: "missing attribute `{name}`",
            zh: "缺少属性 `{name}`",
            name = name,
        ),
    }
}

/// Returns the names in a value that its type does not have, each with the one that is meant: an
/// optional attribute that is not given and has a similar name.
pub(crate) fn misspelled(ty: &VariableType, value: &Value) -> Vec<(Path, Arc<str>)> {
    let mut found = Vec::new();
    search(ty, value, &Path::root(), &mut found);
    found
}

fn search(ty: &VariableType, value: &Value, path: &Path, found: &mut Vec<(Path, Arc<str>)>) {
    match (ty, value.reveal().0) {
        (VariableType::List(inner) | VariableType::Set(inner), Value::List(items)) => {
            for (at, item) in items.iter().enumerate() {
                search(inner, item, &path.index(at), found);
            }
        }
        (VariableType::Tuple(types), Value::List(items)) => {
            for (at, (ty, item)) in types.iter().zip(items.iter()).enumerate() {
                search(ty, item, &path.index(at), found);
            }
        }
        (VariableType::Map(inner), Value::Map(entries)) => {
            for (key, item) in entries.iter() {
                search(inner, item, &path.name(key.clone()), found);
            }
        }
        (VariableType::Object(attributes), Value::Map(entries)) => {
            for (key, item) in entries.iter() {
                let path = path.name(key.clone());
                match attributes.get(key) {
                    Some(attribute) => search(&attribute.ty, item, &path, found),
                    None if !spend(attributes.all.len()) => return,
                    None => {
                        let open = attributes.all.iter().map(|attribute| &*attribute.name);
                        let open = open.filter(|name| !entries.contains_key(*name));
                        if let Some(near) = nearest(key, open) {
                            found.push((path, near.into()));
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn ty(written: &str) -> VariableType {
        let expression = hcl_edit::parser::parse_expr(written).unwrap();
        let literal = |expression: &hcl_edit::expr::Expression| {
            Ok(match expression {
                hcl_edit::expr::Expression::Number(number) => {
                    Value::from(number.value().as_f64().unwrap())
                }
                other => Value::from(other.as_str().unwrap_or_default()),
            })
        };
        VariableType::from_expression(&expression, &literal).unwrap()
    }

    fn list(texts: &[&str]) -> Value {
        Value::list(texts.iter().map(|text| Value::from(*text)).collect())
    }

    #[test]
    fn scalars_are_converted_where_nothing_is_lost() {
        for (written, value, expected) in [
            ("string", Value::from(2.5), Some(Value::from("2.5"))),
            ("string", Value::from(true), Some(Value::from("true"))),
            ("number", Value::from("0.5"), Some(Value::from(0.5))),
            ("number", Value::from(true), None),
            ("bool", Value::from("1"), Some(Value::from(true))),
            ("bool", Value::from("false"), Some(Value::from(false))),
            ("bool", Value::from("TRUE"), None),
            ("bool", Value::from(1), None),
            ("string", list(&[]), None),
            ("number", Value::Null, Some(Value::Null)),
            ("number", Value::Unknown, Some(Value::Unknown)),
        ] {
            assert_eq!(
                ty(written).convert(&value).ok(),
                expected,
                "{written} {value:?}"
            );
        }
    }

    #[test]
    fn a_set_has_each_value_once_in_order() {
        let value = ty("set(string)").convert(&list(&["b", "a", "b"])).unwrap();
        assert_eq!(value, list(&["a", "b"]));
        let numbers = Value::list(vec![Value::from("10"), Value::from(9), Value::from(10)]);
        let value = ty("set(number)").convert(&numbers).unwrap();
        assert_eq!(value, Value::list(vec![Value::from(9), Value::from(10)]));
        let secret = Value::list(vec![Value::from("s").into_sensitive(), Value::from("s")]);
        let value = ty("set(string)").convert(&secret).unwrap();
        assert_eq!(value, list(&["s"]).into_sensitive());
    }

    #[test]
    fn a_tuple_has_as_many_items_as_types() {
        let pair = ty("tuple([string, number])");
        let value = Value::list(vec![Value::from(1), Value::from("2")]);
        let expected = Value::list(vec![Value::from("1"), Value::from(2)]);
        assert_eq!(pair.convert(&value).unwrap(), expected);
        let error = pair.convert(&list(&["a"])).unwrap_err();
        assert_eq!(
            eci_text::In(&error, Lang::En).to_string(),
            "expected a list of 2 elements, found 1 element"
        );
        let error = pair.convert(&list(&["a", "b"])).unwrap_err();
        assert_eq!(
            eci_text::In(&error, Lang::En).to_string(),
            "`[1]`: expected a number, found a string"
        );
    }

    #[test]
    fn an_optional_attribute_gets_its_default_also_in_one_that_is_not_given() {
        let shape = ty(
            "object({ port = number, probe = optional(object({ path = optional(string, \"/\") })), weight = optional(number, 1) })",
        );
        let value = Value::from([
            ("port", Value::from("80")),
            ("probe", Value::from(Map::new())),
            ("weight", Value::Null),
            ("more", Value::from(1)),
        ]);
        let expected = Value::from([
            ("port", Value::from(80)),
            ("probe", Value::from([("path", "/")])),
            ("weight", Value::from(1)),
        ]);
        assert_eq!(shape.convert(&value).unwrap(), expected);
        let error = shape.convert(&Value::from([("prot", 80i64)])).unwrap_err();
        assert_eq!(
            eci_text::In(&error, Lang::En).to_string(),
            "missing attribute `port`, found the similar `prot`"
        );
    }

    #[test]
    fn a_name_that_is_misspelled_is_found_however_deep() {
        let shape = ty("list(object({ port = number, weight = optional(number) }))");
        let value = Value::list(vec![Value::from([("port", 80i64), ("weigth", 2)])]);
        let found = misspelled(&shape, &value);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0.to_string(), "[0].weigth");
        assert_eq!(&*found[0].1, "weight");
    }

    #[test]
    fn items_of_any_type_are_still_of_one() {
        let mixed = Value::list(vec![Value::from(1), Value::from("a"), Value::from(true)]);
        assert_eq!(
            ty("list(any)").convert(&mixed).unwrap(),
            list(&["1", "a", "true"])
        );
        let odd = Value::list(vec![Value::from(1), Value::from(true)]);
        assert!(ty("list(any)").convert(&odd).is_err());
        assert_eq!(ty("any").convert(&odd).unwrap(), odd);
    }
}
