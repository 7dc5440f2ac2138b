//! Functions as rows of a table, and what their signatures say of their arguments.

use std::sync::Arc;

use eci_core::{Diagnostic, Map, Number, Value};
use eci_text::{Noun, Text, text};

use crate::budget::{self, LARGEST_VALUE};
use crate::evaluate::Evaluator;
use crate::files::FileError;
pub(super) use crate::nouns::{BOOLEAN, ELEMENT, LIST, MAP, NUMBER, STRING, STRINGS};
use crate::operators::{as_number, as_text};
use crate::resolver::Resolver;

/// The result of a function, or its error.
pub(super) type Answer = Result<Value, CallError>;

/// One function.
pub(super) struct FunctionRow {
    /// Its signature: `lookup(table, key, default?)`.
    ///
    /// A `?` may be left out, of a `...` there may be any number.
    pub(super) signature: &'static str,
    /// One sentence on its result.
    pub(super) doc: Text,
    pub(super) run: Implementation,
}

/// The implementation of a function.
#[derive(Clone, Copy)]
pub(super) enum Implementation {
    /// From its arguments as wholes: a part that is unknown makes the result unknown, a part
    /// that is sensitive makes it sensitive.
    Whole(fn(&[Value]) -> Answer),
    /// Without the parts of its arguments: they keep their marks, only an argument
    /// that is itself unknown or sensitive makes the result so.
    Parts(fn(&[Value]) -> Answer),
    /// From its arguments with all their marks.
    Marks(fn(&[Value]) -> Answer),
    /// From files next to the manifests, and its arguments as a whole.
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

pub(super) const fn row(
    signature: &'static str,
    en: &'static str,
    zh: &'static str,
    run: Implementation,
) -> FunctionRow {
    FunctionRow {
        signature,
        doc: Text::fixed(en, zh),
        run,
    }
}

/// A function with what its signature says.
#[derive(Clone, Copy)]
pub(crate) struct Function {
    pub(super) name: &'static str,
    /// The least number of arguments.
    pub(super) least: usize,
    /// The largest number of arguments; any number if `None`.
    pub(super) most: Option<usize>,
    pub(super) row: &'static FunctionRow,
}

impl Function {
    /// Reads the signature of a row.
    pub(super) fn new(row: &'static FunctionRow) -> Function {
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
            least: parameters().filter(is_needed).count(),
            most,
            row,
        }
    }

    /// Returns whether it takes this number of arguments.
    pub(super) fn takes(&self, given: usize) -> bool {
        given >= self.least && self.most.is_none_or(|most| given <= most)
    }

    /// Returns how to call it, as a help.
    pub(super) fn usage(&self) -> Text {
        text!(
            en: "usage: `{signature}`",
            zh: "用法：`{signature}`",
            signature = self.row.signature,
        )
    }

    /// Returns what to do about a call that has no result for its arguments.
    pub(super) fn fallback(&self) -> Text {
        text!(
            en: "pass another value, or use `try({name}(…), null)` to get null where it fails",
            zh: "传入其他值，或使用 `try({name}(…), null)` 在失败时得到空值（null）",
            name = self.name,
        )
    }

    /// Returns the message for a call with a number of arguments that it does not take.
    pub(super) fn wrong_count(&self, given: usize) -> Text {
        let least = ARGUMENT.count(self.least);
        match self.most {
            Some(most) if most == self.least => text!(
                en: "`{name}` requires {least}, found {given}",
                zh: "`{name}` 需要 {least}，实际为 {given} 个",
                name = self.name,
                least = least,
                given = given,
            ),
            Some(most) => text!(
                en: "`{name}` requires {least} to {most} arguments, found {given}",
                zh: "`{name}` 需要 {least} 到 {most} 个参数，实际为 {given} 个",
                name = self.name,
                least = self.least,
                most = most,
                given = given,
            ),
            None => text!(
                en: "`{name}` requires at least {least}, found {given}",
                zh: "`{name}` 需要至少 {least}，实际为 {given} 个",
                name = self.name,
                least = least,
                given = given,
            ),
        }
    }
}

/// The reason why a function has no result.
#[derive(Debug)]
pub(super) enum CallError {
    /// An error of its arguments.
    Argument {
        /// The argument at fault, counted from 0; the whole call if `None`.
        at: Option<usize>,
        message: Text,
        help: Option<Text>,
    },
    /// A file cannot be used, the path of which is the first argument.
    File(FileError),
    /// The result, or an argument, would be too large.
    TooLarge,
    /// The call would take too many steps.
    TooMuch,
    /// An error at a separate place.
    Inner(Box<Diagnostic>),
}

impl CallError {
    pub(super) fn new(message: Text) -> CallError {
        CallError::Argument {
            at: None,
            message,
            help: None,
        }
    }

    pub(super) fn at(argument: usize, message: Text) -> CallError {
        CallError::Argument {
            at: Some(argument),
            message,
            help: None,
        }
    }

    /// Sets what to do about an argument.
    pub(super) fn help(mut self, advice: Text) -> CallError {
        if let CallError::Argument { help, .. } = &mut self {
            *help = Some(advice);
        }
        self
    }
}

const ARGUMENT: Noun = Noun {
    one: "argument",
    many: "arguments",
    zh: "参数",
    measure: "个",
};

/// Returns a quoted string for a message, where its type matters.
pub(super) fn quoted(string: &str) -> String {
    format!("{string:?}")
}

impl From<FileError> for CallError {
    fn from(error: FileError) -> CallError {
        CallError::File(error)
    }
}

/// Returns the argument; null where there is none.
pub(super) fn given(arguments: &[Value], at: usize) -> &Value {
    arguments.get(at).unwrap_or(&Value::Null)
}

/// Returns the text that an argument is or is written as.
pub(super) fn text(arguments: &[Value], at: usize) -> Result<Arc<str>, CallError> {
    let value = given(arguments, at);
    as_text(value).ok_or_else(|| expected(at, &STRING, value))
}

pub(super) fn list(arguments: &[Value], at: usize) -> Result<&[Value], CallError> {
    match given(arguments, at) {
        Value::List(items) => Ok(items),
        other => Err(expected(at, &LIST, other)),
    }
}

/// Returns the texts of a list.
pub(super) fn texts(arguments: &[Value], at: usize) -> Result<Vec<Arc<str>>, CallError> {
    list(arguments, at)?
        .iter()
        .map(|item| as_text(item).ok_or_else(|| expected(at, &STRINGS, item)))
        .collect()
}

pub(super) fn table(arguments: &[Value], at: usize) -> Result<&Map, CallError> {
    match given(arguments, at) {
        Value::Map(entries) => Ok(entries),
        other => Err(expected(at, &MAP, other)),
    }
}

pub(super) fn number(arguments: &[Value], at: usize) -> Result<Number, CallError> {
    let value = given(arguments, at);
    as_number(value).ok_or_else(|| expected(at, &NUMBER, value))
}

pub(super) fn whole(arguments: &[Value], at: usize) -> Result<i64, CallError> {
    let given = number(arguments, at)?;
    given.as_i64().ok_or_else(|| {
        CallError::at(
            at,
            text!(
             en: "expected a 64-bit integer, found {given}",
             zh: "应为 64 位整数，实际为 {given}",
             given = given.to_string(),
            ),
        )
        .help(text!(
            en: "round the number with `floor(…)` or `ceil(…)`",
            zh: "使用 `floor(…)` 或 `ceil(…)` 取整",
        ))
    })
}

/// Returns an argument that is an integer from 0.
pub(super) fn count(arguments: &[Value], at: usize) -> Result<usize, CallError> {
    let given = whole(arguments, at)?;
    usize::try_from(given).map_err(|_| {
        CallError::at(
            at,
            text!(
             en: "expected a non-negative integer, found {given}",
             zh: "应为非负整数，实际为 {given}",
             given = given,
            ),
        )
        .help(text!(en: "use 0 or more", zh: "使用不小于 0 的值"))
    })
}

/// Returns a count as a value.
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

/// Does work whose cost does not follow from a size, and pays for its time.
pub(super) fn timed<T>(work: impl FnOnce() -> T) -> Result<T, CallError> {
    match budget::timed(work) {
        (done, true) => Ok(done),
        (_, false) => Err(CallError::TooMuch),
    }
}

/// Returns whether a list may have this number of elements.
pub(super) fn fits(items: usize) -> Result<(), CallError> {
    // Each has a size, even if it is only named.
    if items > LARGEST_VALUE / size_of::<Value>() {
        Err(CallError::TooLarge)
    } else {
        Ok(())
    }
}

/// Returns the error for an argument of another type.
pub(super) fn expected(at: usize, what: &Text, found: &Value) -> CallError {
    let error = CallError::at(
        at,
        text!(
            en: "expected {what}, found {found}",
            zh: "应为{what}，实际为{found}",
            what = what,
            found = found.type_name(),
        ),
    );
    match conversion(what, found) {
        Some(help) => error.help(help),
        None => error,
    }
}

/// Returns how to get a value of the expected type, if that is obvious.
fn conversion(what: &Text, found: &Value) -> Option<Text> {
    let help = match found {
        Value::Null => text!(
            en: "use `coalesce(…, DEFAULT)` for a value in place of null",
            zh: "使用 `coalesce(…, DEFAULT)` 指定空值（null）时的值",
        ),
        Value::List(_) if *what == STRING => text!(
            en: "use `join(\",\", …)` or `jsonencode(…)` to convert the list to a string",
            zh: "使用 `join(\",\", …)` 或 `jsonencode(…)` 将列表转换为字符串",
        ),
        Value::Map(_) if *what == STRING => text!(
            en: "use `jsonencode(…)` to convert the map to a string",
            zh: "使用 `jsonencode(…)` 将映射转换为字符串",
        ),
        Value::Map(_) if [LIST, STRINGS].contains(what) => text!(
            en: "use `keys(…)` or `values(…)` to get a list",
            zh: "使用 `keys(…)` 或 `values(…)` 得到列表",
        ),
        Value::String(_) if [LIST, STRINGS].contains(what) => text!(
            en: "write it in brackets, or use `split(\",\", …)` to get a list",
            zh: "写在方括号中，或使用 `split(\",\", …)` 得到列表",
        ),
        _ if [LIST, STRINGS].contains(what) => text!(
            en: "write it in brackets: `[…]`",
            zh: "写在方括号中：`[…]`",
        ),
        _ if *what == MAP => text!(
            en: "pass a map, for example `{ key = \"value\" }`",
            zh: "传入映射，例如 `{ key = \"value\" }`",
        ),
        _ if *what == NUMBER => NUMBER_HELP,
        _ if *what == BOOLEAN => BOOLEAN_HELP,
        _ => return None,
    };
    Some(help)
}

/// The help where a number is expected.
pub(super) const NUMBER_HELP: Text = Text::fixed(
    "pass a number or a string that contains one, for example \"5\"",
    "传入数值或包含数值的字符串，例如 \"5\"",
);

/// The help where a boolean is expected.
pub(super) const BOOLEAN_HELP: Text = Text::fixed(
    "pass `true` or `false`, or compare the value: `value == \"yes\"`",
    "传入 `true` 或 `false`，或使用比较：`value == \"yes\"`",
);

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

    static ROWS: [FunctionRow; 4] = [
        row("a(x)", "", "", Implementation::Try),
        row("b(x?, y, z?)", "", "", Implementation::Try),
        row("c(x, more...)", "", "", Implementation::Try),
        row("d(more...)", "", "", Implementation::Try),
    ];

    #[test]
    fn a_signature_says_how_many_arguments_there_are() {
        let takes = ROWS.each_ref().map(|row| {
            let function = Function::new(row);
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
