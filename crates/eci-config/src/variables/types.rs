//! Types of variables, written as in Terraform: `list(string)`, `object({ port = number })`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use eci_core::suggest::{did_you_mean, nearest};
use eci_core::{Diagnostic, Value};
use eci_text::{In, Lang, Noun, Text, messages, text};
use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, Object};

/// The type of a variable.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum VariableType {
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
pub(crate) struct Attributes {
    pub(crate) all: Vec<Attribute>,
    by_name: HashMap<Arc<str>, usize>,
}

impl Attributes {
    /// Returns the attribute of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Attribute> {
        self.all.get(*self.by_name.get(name)?)
    }
}

/// An attribute of an `object({…})`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) name: Arc<str>,
    pub(crate) ty: VariableType,
    /// The default of an optional attribute; `None` if it is required.
    pub(crate) default: Option<Value>,
}

/// An invalid type constraint.
#[derive(Debug)]
pub(crate) enum BadType {
    Written {
        message: Text,
        help: Option<Text>,
        part: Option<Range<usize>>,
    },
    /// A default in it cannot be computed.
    Default(Box<Diagnostic>),
}

const NAMES: [&str; 9] = [
    "string", "number", "bool", "list", "set", "map", "tuple", "object", "any",
];

const OBJECT: Text = Text::fixed("invalid `object` type", "`object` 类型无效");

const OBJECT_HELP: Text = Text::fixed(
    "write `object({ name = type, … })`",
    "写成 `object({ name = type, … })`",
);

const ELEMENT_TYPE_HELP: Text = Text::fixed(
    "pass the type of the elements, for example `list(string)`",
    "传入元素的类型，例如 `list(string)`",
);

const TUPLE_HELP: Text = Text::fixed("write `tuple([type, …])`", "写成 `tuple([type, …])`");

type TypeResult<T> = Result<T, BadType>;

/// An evaluator of the defaults of optional attributes.
pub(crate) type DefaultEvaluator<'a> = dyn Fn(&Expression) -> Result<Value, Box<Diagnostic>> + 'a;

fn bad<T>(message: Text, help: Text, part: Option<Range<usize>>) -> TypeResult<T> {
    Err(BadType::Written {
        message,
        help: Some(help),
        part,
    })
}

impl VariableType {
    /// Reads a type from its expression.
    pub(crate) fn from_expression(
        expression: &Expression,
        evaluate: &DefaultEvaluator<'_>,
    ) -> TypeResult<VariableType> {
        match expression {
            Expression::Variable(name) => match name.value().as_str() {
                "any" => Ok(VariableType::Any),
                "string" => Ok(VariableType::String),
                "number" => Ok(VariableType::Number),
                "bool" => Ok(VariableType::Bool),
                word @ ("list" | "set" | "map") => bad(
                    text!(
                        en: "missing element type of `{word}`",
                        zh: "`{word}` 缺少元素类型",
                        word = word,
                    ),
                    ELEMENT_TYPE_HELP,
                    name.span(),
                ),
                "tuple" => bad(
                    text!(
                        en: "missing element types of `tuple`",
                        zh: "`tuple` 缺少元素类型",
                    ),
                    TUPLE_HELP,
                    name.span(),
                ),
                "object" => bad(OBJECT, OBJECT_HELP, name.span()),
                other => unknown(other, name.span()),
            },
            Expression::FuncCall(call) => VariableType::from_call(call, evaluate),
            Expression::Parenthesis(inner) => {
                VariableType::from_expression(inner.inner(), evaluate)
            }
            _ => unknown(expression.to_string().trim(), expression.span()),
        }
    }

    fn from_call(call: &FuncCall, evaluate: &DefaultEvaluator<'_>) -> TypeResult<VariableType> {
        let name = call.name.name.value().as_str();
        let span = call.name.name.span();
        let one = || match call.args.get(0) {
            Some(argument) if call.args.len() == 1 => Ok(argument),
            _ => bad(
                text!(
                    en: "`{name}` requires exactly 1 type",
                    zh: "`{name}` 需要 1 个类型",
                    name = name,
                ),
                match name {
                    "object" => OBJECT_HELP,
                    "tuple" => TUPLE_HELP,
                    _ => ELEMENT_TYPE_HELP,
                },
                span.clone(),
            ),
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
                    Ok(VariableType::Tuple(types.collect::<TypeResult<_>>()?))
                }
                other => bad(
                    text!(en: "invalid `tuple` type", zh: "`tuple` 类型无效"),
                    TUPLE_HELP,
                    other.span(),
                ),
            },
            "object" => match one()? {
                Expression::Object(attributes) => VariableType::from_object(attributes, evaluate),
                other => bad(OBJECT, OBJECT_HELP, other.span()),
            },
            "optional" => bad(
                text!(
                    en: "`optional` is allowed only for an attribute of `object`",
                    zh: "`optional` 只能用于 `object` 的属性",
                ),
                OBJECT_HELP,
                span,
            ),
            other => unknown(other, span),
        }
    }

    fn from_object(object: &Object, evaluate: &DefaultEvaluator<'_>) -> TypeResult<VariableType> {
        let mut attributes = Attributes::default();
        for (key, value) in object.iter() {
            let name = match (key.as_ident(), key.as_expr().and_then(Expression::as_str)) {
                (Some(name), _) => name.as_str(),
                (None, Some(name)) => name,
                (None, None) => return bad(OBJECT, OBJECT_HELP, value.expr().span()),
            };
            if attributes.get(name).is_some() {
                return bad(
                    text!(
                        en: "duplicate attribute `{name}`",
                        zh: "属性 `{name}` 重复",
                        name = name,
                    ),
                    text!(en: "remove one of them", zh: "删除其中之一"),
                    value.expr().span(),
                );
            }
            let attribute = Attribute::read(name, value.expr(), evaluate)?;
            let at = attributes.all.len();
            attributes.by_name.insert(attribute.name.clone(), at);
            attributes.all.push(attribute);
        }
        Ok(VariableType::Object(attributes))
    }

    /// Returns whether a text from outside is a value of it without conversion.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(
            self,
            VariableType::String | VariableType::Number | VariableType::Bool
        )
    }
}

impl Attribute {
    fn read(
        name: &str,
        written: &Expression,
        evaluate: &DefaultEvaluator<'_>,
    ) -> TypeResult<Attribute> {
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
                let message = text!(
                    en: "`optional` requires 1 to 2 arguments, found {found}",
                    zh: "`optional` 需要 1 到 2 个参数，实际为 {found} 个",
                    found = call.args.len(),
                );
                let help = text!(
                    en: "write `optional(type)` or `optional(type, default)`",
                    zh: "写成 `optional(type)` 或 `optional(type, default)`",
                );
                return bad(message, help, call.name.name.span());
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
                        let message = text!(
                            en: "invalid default of `{name}`: {misfit}",
                            zh: "`{name}` 的默认值无效：{misfit}",
                            name = name,
                            misfit = misfit,
                        );
                        let help = text!(
                            en: "change the default or the type",
                            zh: "修改默认值或类型",
                        );
                        return bad(message, help, written.span());
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

fn unknown<T>(name: &str, part: Option<Range<usize>>) -> TypeResult<T> {
    let help = match nearest(name, NAMES) {
        Some(near) => did_you_mean(near),
        None => text!(
            en: "supported types: `string`, `number`, `bool`, `list(…)`, `set(…)`, `map(…)`, `tuple([…])`, `object({…})`, and `any`",
            zh: "支持的类型：`string`、`number`、`bool`、`list(…)`、`set(…)`、`map(…)`、`tuple([…])`、`object({…})` 和 `any`",
        ),
    };
    Err(BadType::Written {
        message: text!(en: "unknown type `{name}`", zh: "未知类型 `{name}`", name = name),
        help: Some(help),
        part,
    })
}

/// Elements of a list.
pub(crate) const ELEMENT: Noun = Noun {
    one: "element",
    many: "elements",
    zh: "元素",
    measure: "个",
};

// A value of the type: a noun that begins and ends with a Han character in Chinese.
messages! { VariableType:
    VariableType::Any => en("any value"), zh("任意值");
    VariableType::String => en("a string"), zh("字符串");
    VariableType::Number => en("a number"), zh("数值");
    VariableType::Bool => en("a boolean"), zh("布尔值");
    VariableType::List(_) | VariableType::Set(_) => en("a list"), zh("列表");
    VariableType::Tuple(types) =>
        en("a list of {}", ELEMENT.count(types.len())),
        zh("包含 {}的列表", In(&ELEMENT.count(types.len()), Lang::Zh));
    VariableType::Map(_) => en("a map"), zh("映射");
    VariableType::Object(_) => en("an object"), zh("对象");
}
