//! Functions of expressions, by Terraform's names and with its results.
//!
//! A function is one row of a table: its name, how many arguments it takes, how it treats
//! unknown and sensitive parts of them, and what it computes.

mod collections;
mod encoding;
mod format;
mod numbers;
mod strings;

pub(crate) use encoding::hex;

use std::sync::Arc;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Value, codes};
use hcl_edit::Span;
use hcl_edit::expr::FuncCall;

use super::budget::{self, LARGEST_VALUE};
use super::evaluate::{Evaluator, Frame, Outcome};
use super::marks::{mark, reveal, without_marks};
use super::operators::{as_number, as_text};

/// One function.
pub(crate) struct Function {
    name: &'static str,
    /// At least so many arguments.
    least: usize,
    /// At most so many; any number if `None`.
    most: Option<usize>,
    run: Run,
}

/// How a function computes.
#[derive(Clone, Copy)]
enum Run {
    /// From its arguments as wholes: a part that is unknown makes the result unknown, a part
    /// that is sensitive makes it sensitive.
    Whole(fn(&[Value]) -> Result<Value, Fault>),
    /// Without a look into the parts of its arguments: they keep their marks, only an argument
    /// that is itself unknown or sensitive makes the result so.
    Parts(fn(&[Value]) -> Result<Value, Fault>),
    /// The text of a file.
    File,
    /// The first argument that has a value.
    Try,
    /// Whether its argument has a value.
    Can,
    /// Its argument, sensitive.
    Sensitive,
    /// Its argument, not sensitive.
    Nonsensitive,
}

/// Why a function has no result.
#[derive(Debug)]
struct Fault {
    /// The argument at fault, counted from 0; the whole call if `None`.
    argument: Option<usize>,
    message: String,
}

impl Fault {
    fn new(message: impl Into<String>) -> Fault {
        Fault {
            argument: None,
            message: message.into(),
        }
    }

    fn at(argument: usize, message: impl Into<String>) -> Fault {
        Fault {
            argument: Some(argument),
            message: message.into(),
        }
    }
}

const fn row(name: &'static str, least: usize, most: Option<usize>, run: Run) -> Function {
    Function {
        name,
        least,
        most,
        run,
    }
}

/// A function that treats its arguments as wholes.
const fn whole(
    name: &'static str,
    least: usize,
    most: Option<usize>,
    run: fn(&[Value]) -> Result<Value, Fault>,
) -> Function {
    row(name, least, most, Run::Whole(run))
}

/// A function that leaves the parts of its arguments as they are.
const fn parts(
    name: &'static str,
    least: usize,
    most: Option<usize>,
    run: fn(&[Value]) -> Result<Value, Fault>,
) -> Function {
    row(name, least, most, Run::Parts(run))
}

static FUNCTIONS: &[Function] = &[
    whole("base64decode", 1, Some(1), encoding::base64decode),
    whole("base64encode", 1, Some(1), encoding::base64encode),
    row("can", 1, Some(1), Run::Can),
    parts("coalesce", 1, None, collections::coalesce),
    parts("concat", 1, None, collections::concat),
    whole("contains", 2, Some(2), collections::contains),
    row("file", 1, Some(1), Run::File),
    whole("format", 1, None, format::format),
    whole("join", 2, None, strings::join),
    whole("jsondecode", 1, Some(1), encoding::jsondecode),
    whole("jsonencode", 1, Some(1), encoding::jsonencode),
    parts("keys", 1, Some(1), collections::keys),
    parts("length", 1, Some(1), collections::length),
    parts("lookup", 2, Some(3), collections::lookup),
    whole("lower", 1, Some(1), strings::lower),
    whole("max", 1, None, numbers::max),
    parts("merge", 1, None, collections::merge),
    whole("min", 1, None, numbers::min),
    row("nonsensitive", 1, Some(1), Run::Nonsensitive),
    whole("range", 1, Some(3), numbers::range),
    whole("replace", 3, Some(3), strings::replace),
    row("sensitive", 1, Some(1), Run::Sensitive),
    whole("sha256", 1, Some(1), encoding::sha256),
    whole("split", 2, Some(2), strings::split),
    parts("tobool", 1, Some(1), collections::tobool),
    parts("tolist", 1, Some(1), collections::tolist),
    parts("tomap", 1, Some(1), collections::tomap),
    parts("tonumber", 1, Some(1), numbers::tonumber),
    whole("toset", 1, Some(1), collections::toset),
    parts("tostring", 1, Some(1), strings::tostring),
    whole("trimspace", 1, Some(1), strings::trimspace),
    row("try", 1, None, Run::Try),
    whole("upper", 1, Some(1), strings::upper),
    parts("values", 1, Some(1), collections::values),
];

/// The function that a call names, if there is one that takes so many arguments.
pub(crate) fn find(
    evaluator: &Evaluator<'_>,
    call: &FuncCall,
) -> Result<&'static Function, Box<Diagnostic>> {
    let name = call.name.name.value().as_str();
    let span = call.name.name.span();
    let known = FUNCTIONS
        .iter()
        .find(|function| function.name == name && call.name.namespace.is_empty());
    let Some(function) = known else {
        let error = evaluator.error(
            codes::UNKNOWN_FUNCTION,
            format!("there is no function `{name}`"),
            span,
        );
        return Err(
            match nearest(name, FUNCTIONS.iter().map(|function| function.name)) {
                Some(near) => Box::new(error.help(format!("did you mean `{near}`?"))),
                None => error,
            },
        );
    };
    let given = call.args.len();
    // A list spread with `...` gives any number, none included.
    let enough = call.args.expand_final() || given >= function.least;
    if enough && function.most.is_none_or(|most| given <= most) {
        return Ok(function);
    }
    let message = format!("`{name}` takes {}, {given} given", function.arity());
    Err(evaluator.error(codes::ARGUMENTS, message, span))
}

impl Function {
    fn arity(&self) -> String {
        match (self.least, self.most) {
            (1, Some(1)) => "one argument".to_owned(),
            (least, Some(most)) if least == most => format!("{least} arguments"),
            (least, Some(most)) => format!("{least} to {most} arguments"),
            (least, None) => format!("at least {least} arguments"),
        }
    }
}

impl Evaluator<'_> {
    /// The value of a call.
    pub(crate) fn call(&self, call: &FuncCall, frame: Option<&Frame>) -> Outcome {
        let function = find(self, call)?;
        match function.run {
            Run::Try => return self.try_each(call, frame),
            Run::Can => {
                let outcome = call.args.get(0).map(|it| self.expression(it, frame));
                return Ok(match outcome {
                    Some(Ok(value)) if value.has_unknown() => Value::Unknown,
                    Some(outcome) => Value::Bool(outcome.is_ok()),
                    None => Value::Bool(false),
                });
            }
            _ => {}
        }
        let arguments = self.arguments(call, frame)?;
        if arguments.len() < function.least {
            let message = format!("`{}` takes {}", function.name, function.arity());
            return Err(self.error(codes::ARGUMENTS, message, call.span()));
        }
        let secret = arguments.iter().any(Value::has_sensitive);
        let at = |fault: Fault| {
            // It may quote what it does not like.
            let message = match secret {
                true => "this does not fit; why is not shown, as it is sensitive".to_owned(),
                false => fault.message,
            };
            let part = match fault.argument {
                Some(argument) => call
                    .args
                    .get(argument.min(call.args.len() - 1))
                    .and_then(Span::span),
                None => call.span(),
            };
            self.error(
                codes::FUNCTION,
                format!("{}: {message}", function.name),
                part,
            )
        };
        if matches!(function.run, Run::Whole(_)) && budget::is_too_large(&arguments) {
            return Err(self.too_large(call.span()));
        }
        match function.run {
            Run::Whole(run) => with_wholes(&arguments, run).map_err(at),
            Run::Parts(run) => with_parts(&arguments, run).map_err(at),
            Run::File => self.file(call, &arguments[0]),
            Run::Nonsensitive => Ok(without_marks(&arguments[0]).0.into_owned()),
            Run::Sensitive | Run::Try | Run::Can => Ok(arguments
                .into_iter()
                .next()
                .unwrap_or_default()
                .into_sensitive()),
        }
    }

    fn arguments(
        &self,
        call: &FuncCall,
        frame: Option<&Frame>,
    ) -> Result<Vec<Value>, Box<Diagnostic>> {
        let mut arguments = Vec::with_capacity(call.args.len());
        for (at, argument) in call.args.iter().enumerate() {
            let value = self.expression(argument, frame)?;
            if !(call.args.expand_final() && at + 1 == call.args.len()) {
                arguments.push(value);
                continue;
            }
            let (bare, sensitive) = reveal(&value);
            match bare {
                Value::List(items) => {
                    arguments.extend(items.iter().map(|item| mark(item.clone(), sensitive)));
                }
                // How many arguments there are is not known: the call is unknown through one.
                Value::Unknown => arguments.push(mark(Value::Unknown, sensitive)),
                other => {
                    let message = format!("`...` needs a list, found {}", other.type_name());
                    return Err(self.error(codes::TYPE_MISMATCH, message, argument.span()));
                }
            }
        }
        Ok(arguments)
    }

    fn try_each(&self, call: &FuncCall, frame: Option<&Frame>) -> Outcome {
        let mut last = None;
        for argument in call.args.iter() {
            match self.expression(argument, frame) {
                Ok(value) => return Ok(value),
                Err(diagnostic) => last = Some(diagnostic),
            }
        }
        Err(last
            .unwrap_or_else(|| self.error(codes::ARGUMENTS, "`try` needs arguments", call.span())))
    }

    fn file(&self, call: &FuncCall, path: &Value) -> Outcome {
        let (bare, sensitive) = reveal(path);
        if bare.is_unknown() {
            return Ok(mark(Value::Unknown, sensitive));
        }
        let span = call.args.get(0).and_then(Span::span);
        let Some(path) = as_text(bare) else {
            let message = format!("file: expected a path, found {}", bare.type_name());
            return Err(self.error(codes::FUNCTION, message, span));
        };
        let text = self.context.environment.files.text(&path);
        let text = text.map_err(|error| {
            let help = error.help();
            let message = match sensitive {
                true => "this file cannot be used; its path is sensitive".to_owned(),
                false => error.to_string(),
            };
            Box::new(self.error(codes::FILE, message, span).help(help))
        })?;
        Ok(mark(Value::String(text), sensitive))
    }
}

fn with_wholes(
    arguments: &[Value],
    run: fn(&[Value]) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let sensitive = arguments.iter().any(Value::has_sensitive);
    let bare: Vec<Value> = arguments
        .iter()
        .map(|argument| without_marks(argument).0.into_owned())
        .collect();
    let value = match bare.iter().any(Value::has_unknown) {
        true => Value::Unknown,
        false => run(&bare)?,
    };
    Ok(mark(value, sensitive))
}

fn with_parts(
    arguments: &[Value],
    run: fn(&[Value]) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    let mut sensitive = false;
    let bare: Vec<Value> = arguments
        .iter()
        .map(|argument| {
            let (bare, secret) = reveal(argument);
            sensitive |= secret;
            bare.clone()
        })
        .collect();
    let value = match bare
        .iter()
        .any(|argument| matches!(argument, Value::Unknown))
    {
        true => Value::Unknown,
        false => run(&bare)?,
    };
    Ok(mark(value, sensitive))
}

/// The text that an argument is or is written as.
fn text(arguments: &[Value], at: usize) -> Result<Arc<str>, Fault> {
    let value = arguments.get(at).unwrap_or(&Value::Null);
    as_text(value).ok_or_else(|| expected(at, "a string", value))
}

fn list(arguments: &[Value], at: usize) -> Result<&[Value], Fault> {
    match arguments.get(at) {
        Some(Value::List(items)) => Ok(items),
        other => Err(expected(at, "a list", other.unwrap_or(&Value::Null))),
    }
}

fn table(arguments: &[Value], at: usize) -> Result<&eci_core::Map, Fault> {
    match arguments.get(at) {
        Some(Value::Map(entries)) => Ok(entries),
        other => Err(expected(at, "a table", other.unwrap_or(&Value::Null))),
    }
}

fn number(arguments: &[Value], at: usize) -> Result<eci_core::Number, Fault> {
    let value = arguments.get(at).unwrap_or(&Value::Null);
    as_number(value).ok_or_else(|| expected(at, "a number", value))
}

/// The error for a result that would be too large.
fn too_large() -> Fault {
    Fault::new(format!(
        "the result is larger than {} MiB",
        LARGEST_VALUE >> 20
    ))
}

fn expected(at: usize, what: &str, found: &Value) -> Fault {
    Fault::at(at, format!("expected {what}, found {}", found.type_name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_name_order_and_names_each_function_once() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
