//! The shape of a JSON body: which fields there are, of which type.

use serde_json::{Map, Value};

use crate::model::group_error::GroupApiError;

/// A JSON object and the fields it may have.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) fields: &'static [Field],
}

impl Record {
    /// Returns whether a body may have a field with this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .find(|field| field.name == name || field.also == Some(name))
    }
}

/// A field of a [`Record`].
#[derive(Debug)]
pub(crate) struct Field {
    name: &'static str,
    also: Option<&'static str>,
    shape: Shape,
    required: bool,
}

/// The type of a field.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    Whole,
    Decimal,
    Flag,
    Texts,
    Object(&'static Record),
    Objects(&'static Record),
    /// An object of strings, for example labels.
    Labels,
    /// Only in the vendor's client, not on the page: taken as it is.
    Undocumented,
}

impl Field {
    const fn of(name: &'static str, shape: Shape) -> Self {
        Field {
            name,
            also: None,
            shape,
            required: false,
        }
    }

    pub(crate) const fn text(name: &'static str) -> Self {
        Field::of(name, Shape::Text)
    }

    pub(crate) const fn whole(name: &'static str) -> Self {
        Field::of(name, Shape::Whole)
    }

    pub(crate) const fn decimal(name: &'static str) -> Self {
        Field::of(name, Shape::Decimal)
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Field::of(name, Shape::Flag)
    }

    pub(crate) const fn texts(name: &'static str) -> Self {
        Field::of(name, Shape::Texts)
    }

    pub(crate) const fn labels(name: &'static str) -> Self {
        Field::of(name, Shape::Labels)
    }

    pub(crate) const fn object(name: &'static str, record: &'static Record) -> Self {
        Field::of(name, Shape::Object(record))
    }

    pub(crate) const fn objects(name: &'static str, record: &'static Record) -> Self {
        Field::of(name, Shape::Objects(record))
    }

    pub(crate) const fn undocumented(name: &'static str) -> Self {
        Field::of(name, Shape::Undocumented)
    }

    /// Requires the field in the body.
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Adds the spelling of the vendor's client; the field is stored under the first name.
    pub(crate) const fn or(mut self, also: &'static str) -> Self {
        self.also = Some(also);
        self
    }
}

/// Returns the body with each field under its name in the API reference and without nulls.
///
/// The error names the first field that is wrong, with its path.
pub(crate) fn conform(
    record: &Record,
    body: Map<String, Value>,
) -> Result<Map<String, Value>, GroupApiError> {
    conform_at("", record, body)
}

fn conform_at(
    place: &str,
    record: &Record,
    body: Map<String, Value>,
) -> Result<Map<String, Value>, GroupApiError> {
    let mut conformed = Map::with_capacity(body.len());
    for (name, value) in body {
        let path = join(place, &name);
        let field = record
            .field(&name)
            .ok_or_else(|| GroupApiError::bad_request(format!("unknown field {path}")))?;
        if value.is_null() {
            continue;
        }
        let value = field_value(&path, &field.shape, value)?;
        if conformed.insert(field.name.to_owned(), value).is_some() {
            return Err(GroupApiError::bad_request(format!(
                "{path} is given twice, once under another name"
            )));
        }
    }
    for field in record.fields {
        if field.required && !conformed.contains_key(field.name) {
            let path = join(place, field.name);
            return Err(GroupApiError::bad_request(format!("{path} is required")));
        }
    }
    Ok(conformed)
}

fn field_value(path: &str, shape: &Shape, value: Value) -> Result<Value, GroupApiError> {
    let fits = match shape {
        Shape::Text => value.is_string(),
        Shape::Whole => value.is_i64(),
        Shape::Decimal => value.is_number(),
        Shape::Flag => value.is_boolean(),
        Shape::Texts => value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_string)),
        Shape::Labels => value
            .as_object()
            .is_some_and(|labels| labels.values().all(Value::is_string)),
        Shape::Undocumented => true,
        Shape::Object(record) => match value {
            Value::Object(inner) => {
                return conform_at(path, record, inner).map(Value::Object);
            }
            _ => false,
        },
        Shape::Objects(record) => match value {
            Value::Array(items) => return objects(path, record, items),
            _ => false,
        },
    };
    if fits {
        Ok(value)
    } else {
        Err(GroupApiError::bad_request(format!(
            "{path} must be {}",
            described(shape)
        )))
    }
}

fn objects(path: &str, record: &Record, items: Vec<Value>) -> Result<Value, GroupApiError> {
    let mut conformed = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let path = format!("{path}[{at}]");
        let Value::Object(item) = item else {
            return Err(GroupApiError::bad_request(format!(
                "{path} must be an object"
            )));
        };
        conformed.push(Value::Object(conform_at(&path, record, item)?));
    }
    Ok(Value::Array(conformed))
}

fn described(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text => "a string",
        Shape::Whole => "an integer",
        Shape::Decimal => "a number",
        Shape::Flag => "true or false",
        Shape::Texts => "an array of strings",
        Shape::Object(_) => "an object",
        Shape::Objects(_) => "an array of objects",
        Shape::Labels => "an object of strings",
        Shape::Undocumented => "present",
    }
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}
