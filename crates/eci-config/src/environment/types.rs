//! Types of variables, written as in Terraform: `list(string)`, `object({ port = number })`.

use std::fmt;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Map, Path, Value};
use hcl_edit::expr::{Expression, FuncCall, Object};

use crate::expression::{as_number, as_text, as_truth};

/// The type of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum VariableType {
    Any,
    String,
    Number,
    Bool,
    List(Box<VariableType>),
    Map(Box<VariableType>),
    Object(Vec<Attribute>),
}

/// One attribute of an `object({…})`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    name: Arc<str>,
    ty: VariableType,
    optional: bool,
}

/// A part of a value that does not fit its type.
#[derive(Debug)]
pub(super) struct Misfit {
    path: Path,
    message: String,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.0.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

const NAMES: [&str; 7] = ["string", "number", "bool", "list", "map", "object", "any"];

impl VariableType {
    /// Reads a type from its expression.
    pub(super) fn from_expression(expression: &Expression) -> Result<VariableType, String> {
        match expression {
            Expression::Variable(name) => match name.value().as_str() {
                "any" => Ok(VariableType::Any),
                "string" => Ok(VariableType::String),
                "number" => Ok(VariableType::Number),
                "bool" => Ok(VariableType::Bool),
                "list" | "map" | "object" => Err(format!(
                    "`{0}` needs what it holds, such as {0}(…)",
                    name.value()
                )),
                other => Err(unknown(other)),
            },
            Expression::FuncCall(call) => VariableType::from_call(call),
            _ => Err(unknown(expression.to_string().trim())),
        }
    }

    fn from_call(call: &FuncCall) -> Result<VariableType, String> {
        let name = call.name.name.value().as_str();
        let argument = call
            .args
            .get(0)
            .filter(|_| call.args.len() == 1)
            .ok_or_else(|| format!("`{name}(…)` takes one type"));
        match name {
            "list" => Ok(VariableType::List(Box::new(VariableType::from_expression(
                argument?,
            )?))),
            "map" => Ok(VariableType::Map(Box::new(VariableType::from_expression(
                argument?,
            )?))),
            "object" => match argument? {
                Expression::Object(attributes) => VariableType::from_object(attributes),
                _ => Err("write object({ name = type, … })".to_owned()),
            },
            other => Err(unknown(other)),
        }
    }

    fn from_object(object: &Object) -> Result<VariableType, String> {
        let mut attributes = Vec::with_capacity(object.len());
        for (key, value) in object.iter() {
            let name = match (key.as_ident(), key.as_expr().and_then(Expression::as_str)) {
                (Some(name), _) => name.as_str(),
                (None, Some(name)) => name,
                (None, None) => return Err("write object({ name = type, … })".to_owned()),
            };
            let inner = match value.expr() {
                Expression::FuncCall(call) if call.name.name.value().as_str() == "optional" => {
                    match call.args.get(0) {
                        Some(inner) if call.args.len() == 1 => Some(inner),
                        _ => return Err("`optional(…)` takes one type".to_owned()),
                    }
                }
                _ => None,
            };
            attributes.push(Attribute {
                name: name.into(),
                ty: VariableType::from_expression(inner.unwrap_or(value.expr()))?,
                optional: inner.is_some(),
            });
        }
        Ok(VariableType::Object(attributes))
    }

    /// Brings a value to this type: text that writes a number becomes one, and so on.
    pub(super) fn convert(&self, value: &Value) -> Result<Value, Misfit> {
        self.at(value, &Path::root())
    }

    fn at(&self, value: &Value, path: &Path) -> Result<Value, Misfit> {
        let misfit = |message: String| Misfit {
            path: path.clone(),
            message,
        };
        let expected = || misfit(format!("expected {self}, found {}", value.type_name()));
        match value {
            Value::Null | Value::Unknown | Value::Digest(_) => return Ok(value.clone()),
            Value::Sensitive(inner) => return Ok(self.at(inner.expose(), path)?.into_sensitive()),
            _ => {}
        }
        match (self, value) {
            (VariableType::Any, _) => Ok(value.clone()),
            (VariableType::String, _) => as_text(value).map(Value::String).ok_or_else(expected),
            (VariableType::Number, _) => as_number(value).map(Value::Number).ok_or_else(expected),
            (VariableType::Bool, _) => as_truth(value).map(Value::Bool).ok_or_else(expected),
            (VariableType::List(items), Value::List(list)) => {
                let items: Result<Vec<Value>, Misfit> = list
                    .iter()
                    .enumerate()
                    .map(|(at, item)| items.at(item, &path.index(at)))
                    .collect();
                Ok(Value::list(items?))
            }
            (VariableType::Map(values), Value::Map(entries)) => {
                let entries: Result<Map, Misfit> = entries
                    .iter()
                    .map(|(key, item)| Ok((key.clone(), values.at(item, &path.name(key.clone()))?)))
                    .collect();
                Ok(Value::map(entries?))
            }
            (VariableType::Object(attributes), Value::Map(entries)) => {
                object(attributes, entries, path)
            }
            _ => Err(expected()),
        }
    }
}

fn object(attributes: &[Attribute], entries: &Map, path: &Path) -> Result<Value, Misfit> {
    let misfit = |path: Path, message: String| Err(Misfit { path, message });
    if let Some(key) = entries
        .keys()
        .find(|key| attributes.iter().all(|attribute| attribute.name != **key))
    {
        let known = attributes.iter().map(|attribute| &*attribute.name);
        let message = match nearest(key, known) {
            Some(near) => format!("the type has no `{key}`; did you mean `{near}`?"),
            None => format!("the type has no `{key}`"),
        };
        return misfit(path.clone(), message);
    }
    let mut converted = Map::new();
    for attribute in attributes {
        let value = match entries.get(&attribute.name) {
            Some(value) => attribute.ty.at(value, &path.name(attribute.name.clone()))?,
            None if attribute.optional => Value::Null,
            None => return misfit(path.clone(), format!("`{}` is missing", attribute.name)),
        };
        converted.insert(attribute.name.clone(), value);
    }
    Ok(Value::map(converted))
}

fn unknown(name: &str) -> String {
    match nearest(name, NAMES) {
        Some(near) => format!("`{name}` is no type; did you mean `{near}`?"),
        None => format!(
            "`{name}` is no type; write string, number, bool, list(…), map(…), object({{…}}) or any"
        ),
    }
}

/// What a value of the type is called.
impl fmt::Display for VariableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VariableType::Any => "any value",
            VariableType::String => "a string",
            VariableType::Number => "a number",
            VariableType::Bool => "true or false",
            VariableType::List(_) => "a list",
            VariableType::Map(_) | VariableType::Object(_) => "a table",
        })
    }
}
