//! `templatefile` and `templatestring`: text with `${…}` in it that sees only what it is given.

use eci_core::{Map, Value};
use eci_text::{Text, text};
use hcl_edit::Ident;

use super::function::{
    Answer, CallError, FunctionRow, Implementation, STRING, expected, given, quoted, row, spend,
};
use crate::evaluate::{Bound, Evaluator, Frame};
use crate::marks::{mark, reveal};
use crate::operators::as_text;
use crate::resolver::Roots;
use crate::template::{Origin, Template};

const PATH: Text = Text::fixed("a path", "路径");
const VALUES: Text = Text::fixed("a map of values", "由值组成的映射");

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "templatefile(path, values)",
        "The content of a file, rendered as a template with a map of values.",
        "以映射中的值渲染文件内容所得的字符串。",
        Implementation::Template(templatefile),
    ),
    row(
        "templatestring(template, values)",
        "A string rendered as a template with a map of values; write $${…} in its declaration.",
        "以映射中的值渲染模板字符串，声明该字符串时写作 $${…}。",
        Implementation::Template(templatestring),
    ),
];

fn templatefile(evaluator: &Evaluator<'_>, arguments: &[Value]) -> Answer {
    let (path, secret) = reveal(given(arguments, 0));
    if path.is_unknown() {
        return Ok(mark(Value::Unknown, secret));
    }
    let path = as_text(path).ok_or_else(|| expected(0, &PATH, path))?;
    let text = evaluator.resolver.file(&path)?.into_text(&path)?;
    let template = Source {
        name: &path,
        text: &text,
        secret,
    };
    filled_in(evaluator, template, given(arguments, 1))
}

fn templatestring(evaluator: &Evaluator<'_>, arguments: &[Value]) -> Answer {
    let (text, secret) = reveal(given(arguments, 0));
    if text.is_unknown() {
        return Ok(mark(Value::Unknown, secret));
    }
    let text = as_text(text).ok_or_else(|| expected(0, &STRING, text))?;
    let template = Source {
        name: "templatestring",
        text: &text,
        secret,
    };
    filled_in(evaluator, template, given(arguments, 1))
}

/// The text of a template before it is parsed.
struct Source<'a> {
    /// Its name in messages.
    name: &'a str,
    text: &'a str,
    /// Whether the text is sensitive.
    secret: bool,
}

/// Renders a template with a table of values.
fn filled_in(evaluator: &Evaluator<'_>, template: Source<'_>, values: &Value) -> Answer {
    let Source { name, text, secret } = template;
    if evaluator.roots == Roots::Bound {
        let message = text!(
            en: "a template cannot render another template",
            zh: "模板中不能渲染另一个模板",
        );
        return Err(CallError::new(message).help(text!(
            en: "render the other template first, and pass the result as a value",
            zh: "先渲染另一个模板，再将结果作为值传入",
        )));
    }
    let (values, values_secret) = reveal(values);
    let values = match values {
        Value::Unknown => return Ok(mark(Value::Unknown, secret || values_secret)),
        Value::Map(values) => values,
        other => return Err(expected(1, &VALUES, other)),
    };
    are_names(values)?;
    spend(text.len() / 64)?;
    let hushed = |diagnostic| {
        if secret || values_secret {
            // The error would draw a line of it.
            CallError::new(text!(
             en: "the template cannot be rendered",
             zh: "无法渲染模板",
            ))
        } else {
            CallError::Inner(diagnostic)
        }
    };
    let origin = Origin::outside(Text::verbatim(name.to_owned()), text);
    let template = Template::parse_outside(text, origin).map_err(hushed)?;
    let inner = Evaluator::bound(evaluator.resolver, &template.origin);
    let frame = Frame {
        bound: Bound::Table(values),
        outer: None,
    };
    let value = inner
        .template(&template.tree, Some(&frame))
        .map_err(hushed)?;
    Ok(mark(value, secret || values_secret))
}

fn are_names(values: &Map) -> Result<(), CallError> {
    match values.keys().find(|name| Ident::try_new(&***name).is_err()) {
        None => Ok(()),
        Some(name) => {
            let message = text!(
                en: "invalid name of a template value: {name}",
                zh: "模板值的名称无效：{name}",
                name = quoted(name),
            );
            Err(CallError::at(1, message))
        }
    }
}
