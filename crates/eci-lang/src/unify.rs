//! One type for several values, as Terraform finds it: a number and a string become strings, a list
//! of both a list of strings.
//!
//! Values have no declared types here, so that a type is what a value shows of itself; what is
//! null or unknown shows nothing and goes along with anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::{Map, Value};

use super::marks::{mark, reveal};
use super::operators::as_text;

/// The type of a value, or one that values can be brought to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Of what is null or unknown; what is brought to it stays as it is.
    Any,
    Bool,
    Number,
    String,
    /// A list, each element with a separate type.
    Tuple(Vec<Type>),
    /// An object, each attribute with a separate type.
    Object(BTreeMap<Arc<str>, Type>),
    /// A list of items of one type.
    List(Box<Type>),
    /// A table of entries of one type.
    Table(Box<Type>),
}

impl Type {
    /// Returns the type that a value shows.
    pub(crate) fn of(value: &Value) -> Type {
        match reveal(value).0 {
            Value::Bool(_) => Type::Bool,
            Value::Number(_) => Type::Number,
            Value::String(_) => Type::String,
            Value::List(items) => Type::Tuple(items.iter().map(Type::of).collect()),
            Value::Map(entries) => Type::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), Type::of(value)))
                    .collect(),
            ),
            Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => Type::Any,
        }
    }

    /// Returns the type that values of all these types can be brought to; `None` if there is none.
    pub(crate) fn common<'t>(types: impl IntoIterator<Item = &'t Type>) -> Option<Type> {
        let types: Vec<&Type> = types.into_iter().filter(|ty| **ty != Type::Any).collect();
        let Some(first) = types.first() else {
            return Some(Type::Any);
        };
        if types.iter().all(|ty| ty == first) && !first.is_structure() {
            return Some((*first).clone());
        }
        let scalar = |ty: &&Type| matches!(**ty, Type::Bool | Type::Number | Type::String);
        if types.iter().all(scalar) {
            // Text writes either of the others, and they nothing but themselves.
            return types.contains(&&Type::String).then_some(Type::String);
        }
        let tuples: Option<Vec<&Vec<Type>>> = types.iter().map(|ty| ty.as_tuple()).collect();
        if let Some(tuples) = tuples {
            return common_list(&tuples);
        }
        let objects: Option<Vec<_>> = types.iter().map(|ty| ty.as_object()).collect();
        common_table(&objects?)
    }

    fn is_structure(&self) -> bool {
        !matches!(self, Type::Bool | Type::Number | Type::String)
    }

    fn as_tuple(&self) -> Option<&Vec<Type>> {
        match self {
            Type::Tuple(items) => Some(items),
            _ => None,
        }
    }

    fn as_object(&self) -> Option<&BTreeMap<Arc<str>, Type>> {
        match self {
            Type::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns the value in this type; of what does not fit, itself.
    pub(crate) fn convert(&self, value: &Value) -> Value {
        let (bare, sensitive) = reveal(value);
        let converted = match (self, bare) {
            (Type::String, Value::Number(_) | Value::Bool(_)) => {
                as_text(bare).map_or(Value::Null, Value::String)
            }
            (Type::Tuple(types), Value::List(items)) => {
                let pairs = types.iter().zip(items.iter());
                Value::list(pairs.map(|(ty, item)| ty.convert(item)).collect())
            }
            (Type::List(ty), Value::List(items)) => {
                Value::list(items.iter().map(|item| ty.convert(item)).collect())
            }
            (Type::Object(types), Value::Map(entries)) => converted(entries, |key| types.get(key)),
            (Type::Table(ty), Value::Map(entries)) => converted(entries, |_| Some(&**ty)),
            _ => return value.clone(),
        };
        mark(converted, sensitive)
    }
}

fn converted<'t>(entries: &Map, ty: impl Fn(&str) -> Option<&'t Type>) -> Value {
    let entries = entries.iter().map(|(key, value)| {
        let value = ty(key).map_or_else(|| value.clone(), |ty| ty.convert(value));
        (key.clone(), value)
    });
    Value::map(entries.collect())
}

/// Unifies lists item by item where all are as long, or else to one type for all items.
fn common_list(tuples: &[&Vec<Type>]) -> Option<Type> {
    let length = tuples.first()?.len();
    if tuples.iter().all(|items| items.len() == length) {
        let each: Option<Vec<Type>> = (0..length)
            .map(|at| Type::common(tuples.iter().map(|items| &items[at])))
            .collect();
        if let Some(each) = each {
            return Some(Type::Tuple(each));
        }
    }
    let all = Type::common(tuples.iter().flat_map(|items| items.iter()))?;
    Some(Type::List(Box::new(all)))
}

/// Unifies tables entry by entry where all have the same keys, or else to one type for all entries.
fn common_table(objects: &[&BTreeMap<Arc<str>, Type>]) -> Option<Type> {
    let first = objects.first()?;
    if objects
        .iter()
        .all(|entries| entries.keys().eq(first.keys()))
    {
        let each: Option<BTreeMap<Arc<str>, Type>> = first
            .keys()
            .map(|key| {
                let types = objects.iter().filter_map(|entries| entries.get(key));
                Some((key.clone(), Type::common(types)?))
            })
            .collect();
        if let Some(each) = each {
            return Some(Type::Object(each));
        }
    }
    let all = Type::common(objects.iter().flat_map(|entries| entries.values()))?;
    Some(Type::Table(Box::new(all)))
}

/// Returns the items in one type, as those of Terraform's lists are; `None` if there is none.
pub(crate) fn unified(items: &[Value]) -> Option<Vec<Value>> {
    let kind = |value: &Value| std::mem::discriminant(reveal(value).0);
    let is_scalar = |value: &Value| {
        matches!(
            reveal(value).0,
            Value::String(_) | Value::Number(_) | Value::Bool(_)
        )
    };
    // Most lists are of scalars of one kind.
    if let Some(first) = items.first()
        && items
            .iter()
            .all(|it| is_scalar(it) && kind(it) == kind(first))
    {
        return Some(items.to_vec());
    }
    let types: Vec<Type> = items.iter().map(Type::of).collect();
    let ty = Type::common(&types)?;
    Some(items.iter().map(|item| ty.convert(item)).collect())
}

/// Returns one of two branches in the type of both.
///
/// `None` if there is none: one is a list, say, and the other a table. What two lists or two tables
/// hold may differ; then each stays as it is.
pub(crate) fn chosen(value: &Value, other: &Value) -> Option<Value> {
    let (bare, other) = (reveal(value).0, reveal(other).0);
    match (bare, other) {
        (Value::Null | Value::Unknown, _) | (_, Value::Null | Value::Unknown) => {
            Some(value.clone())
        }
        (Value::List(items), Value::List(others)) if Arc::ptr_eq(items, others) => {
            Some(value.clone())
        }
        (Value::Map(entries), Value::Map(others)) if Arc::ptr_eq(entries, others) => {
            Some(value.clone())
        }
        (Value::List(_), Value::List(_)) | (Value::Map(_), Value::Map(_)) => {
            let ty = Type::common(&[Type::of(bare), Type::of(other)]);
            Some(ty.map_or_else(|| value.clone(), |ty| ty.convert(value)))
        }
        (bare, other) => {
            let ty = Type::common(&[Type::of(bare), Type::of(other)])?;
            Some(ty.convert(value))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_branch_takes_the_type_of_both() {
        for (value, other, expected) in [
            ("1", "\"a\"", "\"1\""),
            ("[1, true]", "[]", "null"),
            ("[1, \"a\"]", "[]", "[\"1\", \"a\"]"),
            ("[1, \"a\"]", "[2, 3]", "[1, \"a\"]"),
            ("{\"a\": 1}", "{\"b\": \"x\"}", "{\"a\": \"1\"}"),
            ("{\"a\": 1}", "{\"a\": 2, \"b\": [1]}", "{\"a\": 1}"),
            ("1", "null", "1"),
        ] {
            let expected = match expected {
                "null" => json(value),
                other => json(other),
            };
            let found = chosen(&json(value), &json(other)).unwrap();
            assert_eq!(found, expected, "{value} with {other}");
        }
        for (value, other) in [("1", "[1]"), ("true", "1"), ("{}", "[]")] {
            assert_eq!(chosen(&json(value), &json(other)), None, "{value} {other}");
        }
    }

    #[test]
    fn marks_stay_where_a_value_is_brought_to_a_type() {
        let items = [
            Value::from(1).into_sensitive(),
            Value::from("a"),
            Value::Unknown,
        ];
        assert_eq!(
            unified(&items).unwrap(),
            [
                Value::from("1").into_sensitive(),
                Value::from("a"),
                Value::Unknown
            ]
        );
    }
}
