//! What a function is: a row of a table, and what its signature says of its arguments.

use std::sync::Arc;

use eci_core::{Diagnostic, Map, Number, Value};

use crate::budget::{self, LARGEST_VALUE};
use crate::evaluate::Evaluator;
use crate::files::FileError;
use crate::operators::{as_number, as_text};
use crate::resolver::Resolver;

/// What a function gives, or why it gives nothing.
pub(super) type Answer = Result<Value, CallError>;

/// One function.
pub(super) struct Row {
    /// How it is called: `lookup(table, key, default?)`. A `?` may be left out, of a `...` there
    /// may be any number.
    pub(super) signature: &'static str,
    /// One line on what it gives.
    pub(super) doc: &'static str,
    pub(super) run: Run,
}

/// How a function computes.
#[derive(Clone, Copy)]
pub(super) enum Run {
    /// From its arguments as wholes: a part that is unknown makes the result unknown, a part
    /// that is sensitive makes it sensitive.
    Whole(fn(&[Value]) -> Answer),
    /// Without a look into the parts of its arguments: they keep their marks, only an argument
    /// that is itself unknown or sensitive makes the result so.
    Parts(fn(&[Value]) -> Answer),
    /// From its arguments with all their marks.
    Marks(fn(&[Value]) -> Answer),
    /// From files beside the manifests, and its arguments as wholes.
    File(fn(&dyn Resolver, &[Value]) -> Answer),
    /// From a text with `${…}` in it, and the values that it is given.
    Template(fn(&Evaluator<'_>, &[Value]) -> Answer),
    /// The first argument that has a value.
    Try,
    /// Whether its argument has a value.
    Can,
    /// The type of its argument, which only a console answers.
    Type,
}

pub(super) const fn row(signature: &'static str, doc: &'static str, run: Run) -> Row {
    Row {
        signature,
        doc,
        run,
    }
}

/// A function with what its signature says.
#[derive(Clone, Copy)]
pub(crate) struct Function {
    pub(super) name: &'static str,
    /// What functions it stands among.
    pub(super) group: &'static str,
    /// At least so many arguments.
    pub(super) least: usize,
    /// At most so many; any number if `None`.
    pub(super) most: Option<usize>,
    pub(super) row: &'static Row,
}

impl Function {
    /// Reads the signature of a row.
    pub(super) fn new(group: &'static str, row: &'static Row) -> Function {
        let (name, rest) = row.signature.split_once('(').unwrap_or((row.signature, ""));
        let parameters = || rest.trim_end_matches(')').split(", ");
        let is_rest = |parameter: &&str| parameter.ends_with("...");
        let is_needed = |parameter: &&str| !parameter.ends_with(['.', '?']);
        let most = if parameters().any(|parameter| is_rest(&parameter)) {
            None
        } else {
            Some(parameters().count())
        };
        Function {
            name,
            group,
            least: parameters().filter(is_needed).count(),
            most,
            row,
        }
    }

    /// Whether it takes so many arguments.
    pub(super) fn takes(&self, given: usize) -> bool {
        given >= self.least && self.most.is_none_or(|most| given <= most)
    }

    /// How many it takes, in words.
    pub(super) fn arity(&self) -> String {
        match (self.least, self.most) {
            (1, Some(1)) => "one argument".to_owned(),
            (least, Some(most)) if least == most => format!("{least} arguments"),
            (least, Some(most)) => format!("{least} to {most} arguments"),
            (1, None) => "at least one argument".to_owned(),
            (least, None) => format!("at least {least} arguments"),
        }
    }
}

/// Why a function has no result.
#[derive(Debug)]
pub(super) enum CallError {
    /// What is wrong with its arguments.
    Argument {
        /// The argument at fault, counted from 0; the whole call if `None`.
        at: Option<usize>,
        message: String,
    },
    /// A file cannot be used, the path of which is the first argument.
    File(FileError),
    /// The result, or an argument, would be too large.
    TooLarge,
    /// It would take too many steps.
    TooMuch,
    /// An error at a place of its own.
    Inner(Box<Diagnostic>),
}

impl CallError {
    pub(super) fn new(message: impl Into<String>) -> CallError {
        CallError::Argument {
            at: None,
            message: message.into(),
        }
    }

    pub(super) fn at(argument: usize, message: impl Into<String>) -> CallError {
        CallError::Argument {
            at: Some(argument),
            message: message.into(),
        }
    }
}

impl From<FileError> for CallError {
    fn from(error: FileError) -> CallError {
        CallError::File(error)
    }
}

/// The argument; null where there is none.
pub(super) fn given(arguments: &[Value], at: usize) -> &Value {
    arguments.get(at).unwrap_or(&Value::Null)
}

/// The text that an argument is or is written as.
pub(super) fn text(arguments: &[Value], at: usize) -> Result<Arc<str>, CallError> {
    let value = given(arguments, at);
    as_text(value).ok_or_else(|| expected(at, "a string", value))
}

pub(super) fn list(arguments: &[Value], at: usize) -> Result<&[Value], CallError> {
    match given(arguments, at) {
        Value::List(items) => Ok(items),
        other => Err(expected(at, "a list", other)),
    }
}

/// The texts of a list.
pub(super) fn texts(arguments: &[Value], at: usize) -> Result<Vec<Arc<str>>, CallError> {
    list(arguments, at)?
        .iter()
        .map(|item| as_text(item).ok_or_else(|| expected(at, "a list of strings", item)))
        .collect()
}

pub(super) fn table(arguments: &[Value], at: usize) -> Result<&Map, CallError> {
    match given(arguments, at) {
        Value::Map(entries) => Ok(entries),
        other => Err(expected(at, "a table", other)),
    }
}

pub(super) fn number(arguments: &[Value], at: usize) -> Result<Number, CallError> {
    let value = given(arguments, at);
    as_number(value).ok_or_else(|| expected(at, "a number", value))
}

pub(super) fn whole(arguments: &[Value], at: usize) -> Result<i64, CallError> {
    let given = number(arguments, at)?;
    given.as_i64().ok_or_else(|| {
        CallError::at(
            at,
            format!("expected a whole number of at most 64 bits, found {given}"),
        )
    })
}

/// The whole number from 0 that an argument is.
pub(super) fn count(arguments: &[Value], at: usize) -> Result<usize, CallError> {
    let given = whole(arguments, at)?;
    usize::try_from(given)
        .map_err(|_| CallError::at(at, format!("expected a number from 0, found {given}")))
}

/// A number of things.
pub(super) fn amount(count: usize) -> Value {
    Value::from(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Takes steps of the evaluation's budget.
pub(super) fn spend(steps: usize) -> Result<(), CallError> {
    if budget::spend(steps) {
        Ok(())
    } else {
        Err(CallError::TooMuch)
    }
}

/// Does what no size tells the cost of, and pays for its time.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> Result<T, CallError> {
    match budget::timed(work) {
        (done, true) => Ok(done),
        (_, false) => Err(CallError::TooMuch),
    }
}

/// Whether a list may have so many items.
pub(super) fn fits(items: usize) -> Result<(), CallError> {
    // Each has a size, even if it is only named.
    if items > LARGEST_VALUE / size_of::<Value>() {
        Err(CallError::TooLarge)
    } else {
        Ok(())
    }
}

pub(super) fn expected(at: usize, what: &str, found: &Value) -> CallError {
    CallError::at(at, format!("expected {what}, found {}", found.type_name()))
}

/// Appends to a text that may not become larger than a value may be.
pub(super) fn push(text: &mut String, part: &str) -> Result<(), CallError> {
    if text.len() + part.len() > LARGEST_VALUE {
        return Err(CallError::TooLarge);
    }
    text.push_str(part);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    static ROWS: [Row; 4] = [
        row("a(x)", "", Run::Try),
        row("b(x?, y, z?)", "", Run::Try),
        row("c(x, more...)", "", Run::Try),
        row("d(more...)", "", Run::Try),
    ];

    #[test]
    fn a_signature_says_how_many_arguments_there_are() {
        let takes = ROWS.each_ref().map(|row| {
            let function = Function::new("", row);
            (function.name, function.least, function.most)
        });
        assert_eq!(
            takes,
            [
                ("a", 1, Some(1)),
                ("b", 1, Some(3)),
                ("c", 1, None),
                ("d", 0, None)
            ]
        );
    }
}
