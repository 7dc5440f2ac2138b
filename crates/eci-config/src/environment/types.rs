//! Types of variables, written as in Terraform: `list(string)`, `object({ port = number })`.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Value};
use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, Object};

/// The type of a variable.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum VariableType {
    Any,
    String,
    Number,
    Bool,
    List(Box<VariableType>),
    /// A list in which nothing comes twice, in order.
    Set(Box<VariableType>),
    Map(Box<VariableType>),
    Tuple(Vec<VariableType>),
    Object(Attributes),
}

/// The attributes of an `object({…})`, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attributes {
    pub(super) all: Vec<Attribute>,
    by_name: HashMap<Arc<str>, usize>,
}

impl Attributes {
    /// The one of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Attribute> {
        self.all.get(*self.by_name.get(name)?)
    }
}

/// One attribute of an `object({…})`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attribute {
    pub(super) name: Arc<str>,
    pub(super) ty: VariableType,
    /// What it is where it is not given; `None` if it must be.
    pub(super) default: Option<Value>,
}

/// What is wrong with a type, and the part of it that is.
#[derive(Debug)]
pub(super) enum BadType {
    Written {
        message: String,
        help: Option<String>,
        part: Option<Range<usize>>,
    },
    /// A default in it cannot be computed.
    Default(Box<Diagnostic>),
}

const NAMES: [&str; 9] = [
    "string", "number", "bool", "list", "set", "map", "tuple", "object", "any",
];

const OBJECT: &str = "write object({ name = type, … })";

type Read<T> = Result<T, BadType>;

/// Computes the default of an optional attribute.
pub(super) type Evaluate<'a> = dyn Fn(&Expression) -> Result<Value, Box<Diagnostic>> + 'a;

fn bad<T>(message: impl Into<String>, part: Option<Range<usize>>) -> Read<T> {
    Err(BadType::Written {
        message: message.into(),
        help: None,
        part,
    })
}

impl VariableType {
    /// Reads a type from its expression.
    pub(super) fn from_expression(
        expression: &Expression,
        evaluate: &Evaluate<'_>,
    ) -> Read<VariableType> {
        match expression {
            Expression::Variable(name) => match name.value().as_str() {
                "any" => Ok(VariableType::Any),
                "string" => Ok(VariableType::String),
                "number" => Ok(VariableType::Number),
                "bool" => Ok(VariableType::Bool),
                word @ ("list" | "set" | "map") => bad(
                    format!("`{word}` needs what it holds, such as {word}(string)"),
                    name.span(),
                ),
                "tuple" => bad(
                    "`tuple` needs its types, such as tuple([string])",
                    name.span(),
                ),
                "object" => bad(OBJECT, name.span()),
                other => unknown(other, name.span()),
            },
            Expression::FuncCall(call) => VariableType::from_call(call, evaluate),
            Expression::Parenthesis(inner) => {
                VariableType::from_expression(inner.inner(), evaluate)
            }
            _ => unknown(expression.to_string().trim(), expression.span()),
        }
    }

    fn from_call(call: &FuncCall, evaluate: &Evaluate<'_>) -> Read<VariableType> {
        let name = call.name.name.value().as_str();
        let span = call.name.name.span();
        let one = || match call.args.get(0) {
            Some(argument) if call.args.len() == 1 => Ok(argument),
            _ => bad(format!("`{name}(…)` takes one type"), span.clone()),
        };
        let inner = || Ok(Box::new(VariableType::from_expression(one()?, evaluate)?));
        match name {
            "list" => Ok(VariableType::List(inner()?)),
            "set" => Ok(VariableType::Set(inner()?)),
            "map" => Ok(VariableType::Map(inner()?)),
            "tuple" => match one()? {
                Expression::Array(types) => {
                    let types = types.iter();
                    let types = types.map(|it| VariableType::from_expression(it, evaluate));
                    Ok(VariableType::Tuple(types.collect::<Read<_>>()?))
                }
                other => bad("write tuple([type, …])", other.span()),
            },
            "object" => match one()? {
                Expression::Object(attributes) => VariableType::from_object(attributes, evaluate),
                other => bad(OBJECT, other.span()),
            },
            "optional" => bad(
                "`optional(…)` stands only for an attribute of an object({…})",
                span,
            ),
            other => unknown(other, span),
        }
    }

    fn from_object(object: &Object, evaluate: &Evaluate<'_>) -> Read<VariableType> {
        let mut attributes = Attributes::default();
        for (key, value) in object.iter() {
            let name = match (key.as_ident(), key.as_expr().and_then(Expression::as_str)) {
                (Some(name), _) => name.as_str(),
                (None, Some(name)) => name,
                (None, None) => return bad(OBJECT, value.expr().span()),
            };
            if attributes.get(name).is_some() {
                return bad(format!("`{name}` comes twice"), value.expr().span());
            }
            let attribute = Attribute::read(name, value.expr(), evaluate)?;
            let at = attributes.all.len();
            attributes.by_name.insert(attribute.name.clone(), at);
            attributes.all.push(attribute);
        }
        Ok(VariableType::Object(attributes))
    }

    /// Whether a text from outside is a value of it as it stands.
    pub(super) fn is_scalar(&self) -> bool {
        matches!(
            self,
            VariableType::String | VariableType::Number | VariableType::Bool
        )
    }
}

impl Attribute {
    fn read(name: &str, written: &Expression, evaluate: &Evaluate<'_>) -> Read<Attribute> {
        let call = match written {
            Expression::FuncCall(call) if call.name.name.value().as_str() == "optional" => call,
            _ => {
                return Ok(Attribute {
                    name: name.into(),
                    ty: VariableType::from_expression(written, evaluate)?,
                    default: None,
                });
            }
        };
        let (ty, default) = match (call.args.get(0), call.args.get(1), call.args.len()) {
            (Some(ty), default, 1 | 2) => (ty, default),
            _ => {
                let message = "`optional(…)` takes a type, and perhaps a default";
                return bad(message, call.name.name.span());
            }
        };
        let ty = VariableType::from_expression(ty, evaluate)?;
        let default = match default {
            None => Value::Null,
            Some(written) => {
                let value = evaluate(written).map_err(BadType::Default)?;
                match ty.convert(&value) {
                    Ok(value) => value,
                    Err(misfit) => {
                        let message = format!("the default of `{name}` does not fit: {misfit}");
                        return bad(message, written.span());
                    }
                }
            }
        };
        Ok(Attribute {
            name: name.into(),
            ty,
            default: Some(default),
        })
    }
}

fn unknown<T>(name: &str, part: Option<Range<usize>>) -> Read<T> {
    let help = match nearest(name, NAMES) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write string, number, bool, list(…), set(…), map(…), tuple([…]), object({…}) or \
                 any"
        .to_owned(),
    };
    Err(BadType::Written {
        message: format!("`{name}` is no type"),
        help: Some(help),
        part,
    })
}

/// What a value of the type is called.
impl fmt::Display for VariableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VariableType::Any => "any value",
            VariableType::String => "a string",
            VariableType::Number => "a number",
            VariableType::Bool => "true or false",
            VariableType::List(_) | VariableType::Set(_) => "a list",
            VariableType::Tuple(types) => {
                return match types.len() {
                    1 => f.write_str("a list of one item"),
                    count => write!(f, "a list of {count} items"),
                };
            }
            VariableType::Map(_) | VariableType::Object(_) => "a table",
        })
    }
}
