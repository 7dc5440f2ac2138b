//! Evaluation of a call.

use eci_core::{Diagnostic, Value, codes};
use eci_text::{Text, text};
use hcl_edit::Span;
use hcl_edit::expr::FuncCall;

use super::function::{Answer, CallError, Function, Implementation, spend};
use super::{convert, find};
use crate::budget;
use crate::evaluate::{Evaluator, Frame, Outcome};
use crate::marks::{mark, reveal, without_marks};

/// The arguments of a call.
enum Arguments {
    Given(Vec<Value>),
    /// One that is spread with `...` is unknown, so that not even their number is known.
    Unknown {
        sensitive: bool,
    },
}

impl Evaluator<'_> {
    /// Returns the value of a call.
    pub(crate) fn call(&self, call: &FuncCall, frame: Option<&Frame>) -> Outcome {
        let function = find(self, call)?;
        match function.row.run {
            Implementation::Try => return self.try_each(call, frame),
            Implementation::Can => {
                let Some(argument) = call.args.get(0) else {
                    return Ok(Value::Bool(false));
                };
                let attempt = self.attempt(argument, frame);
                let value = match attempt.outcome {
                    Ok(value) if value.has_unknown() => Value::Unknown,
                    Err(error) if error.code == codes::TOO_MUCH => return Err(error),
                    outcome => Value::Bool(outcome.is_ok()),
                };
                return Ok(mark(value, attempt.used_sensitive));
            }
            _ => {}
        }
        let arguments = match self.arguments(call, frame)? {
            Arguments::Given(arguments) => arguments,
            Arguments::Unknown { sensitive } => return Ok(mark(Value::Unknown, sensitive)),
        };
        if !function.takes(arguments.len()) {
            let message = function.wrong_count(arguments.len());
            return Err(self.error(codes::ARGUMENTS, message, call.span()));
        }
        self.run(function, &arguments)
            .map_err(|fault| self.fault(call, function, &arguments, fault))
    }

    fn run(&self, function: &Function, arguments: &[Value]) -> Answer {
        let looks_inside = matches!(
            function.row.run,
            Implementation::Whole(_) | Implementation::File(_) | Implementation::Type
        );
        if looks_inside && budget::is_too_large(arguments) {
            return Err(CallError::TooLarge);
        }
        // Text of any size may be looked through.
        let bytes = arguments.iter().filter_map(|it| reveal(it).0.as_str());
        spend(bytes.map(str::len).sum::<usize>() / 64)?;
        if !budget::tick() {
            return Err(CallError::TooMuch);
        }
        let files = self.resolver;
        let value = match function.row.run {
            Implementation::Whole(run) => with_wholes(arguments, run),
            Implementation::Parts(run) => with_parts(arguments, run),
            Implementation::File(run) => with_wholes(arguments, |bare| run(files, bare)),
            Implementation::Marks(run) => run(arguments),
            Implementation::Template(run) => run(self, arguments),
            Implementation::Type => convert::type_of(arguments),
            // Answered before their arguments are evaluated.
            Implementation::Try | Implementation::Can => Ok(Value::Null),
        }?;
        // A created value takes memory, whether it is kept or not.
        spend(size_of_top(&value) / 16)?;
        Ok(value)
    }

    /// Returns the error for arguments that a function refuses.
    fn fault(
        &self,
        call: &FuncCall,
        function: &Function,
        arguments: &[Value],
        fault: CallError,
    ) -> Box<Diagnostic> {
        let secret = arguments.iter().any(Value::has_sensitive);
        let part = |at: usize| {
            let last = call.args.len().saturating_sub(1);
            call.args.get(at.min(last)).and_then(Span::span)
        };
        match fault {
            CallError::Inner(diagnostic) => {
                let label = text!(en: "rendered here", zh: "在此处渲染");
                Box::new(diagnostic.secondary(self.origin.place(call.span()), label))
            }
            CallError::TooLarge => self.too_large(call.span()),
            CallError::TooMuch => self.too_much(call.span()),
            // What it says may quote what it does not like.
            CallError::File(error) => {
                let message = if secret {
                    text!(
                        en: "failed to read a file whose path is sensitive",
                        zh: "读取文件失败，其路径为敏感值",
                    )
                } else {
                    Text::of(&error)
                };
                Box::new(self.error(codes::FILE, message, part(0)).help(error.help()))
            }
            CallError::Argument { at, message, help } => {
                let name = function.name;
                let span = at.map_or_else(|| call.span(), part);
                if secret {
                    let message = text!(
                        en: "invalid argument for `{name}`; the cause is not shown because it is sensitive",
                        zh: "`{name}` 的参数无效，原因包含敏感值，不予显示",
                        name = name,
                    );
                    let error = self.error(codes::FUNCTION, message, span);
                    return Box::new(error.help(function.fallback()));
                }
                let message = match at {
                    Some(_) => text!(
                        en: "invalid argument for `{name}`: {message}",
                        zh: "`{name}` 的参数无效：{message}",
                        name = name,
                        message = message,
                    ),
                    None => text!(
                        en: "`{name}` failed: {message}",
                        zh: "`{name}` 调用失败：{message}",
                        name = name,
                        message = message,
                    ),
                };
                let error = self.error(codes::FUNCTION, message, span);
                Box::new(error.help(help.unwrap_or_else(|| function.fallback())))
            }
        }
    }

    fn arguments(
        &self,
        call: &FuncCall,
        frame: Option<&Frame>,
    ) -> Result<Arguments, Box<Diagnostic>> {
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
                Value::Unknown => {
                    let sensitive = sensitive || arguments.iter().any(Value::has_sensitive);
                    return Ok(Arguments::Unknown { sensitive });
                }
                other => {
                    let message = text!(
                        en: "`...` must follow a list, found {found}",
                        zh: "`...` 之前必须是列表，实际为{found}",
                        found = other.type_name(),
                    );
                    return Err(self.error(codes::TYPE_MISMATCH, message, argument.span()));
                }
            }
        }
        Ok(Arguments::Given(arguments))
    }

    fn try_each(&self, call: &FuncCall, frame: Option<&Frame>) -> Outcome {
        let mut last = None;
        let mut sensitive = false;
        for argument in call.args.iter() {
            let attempt = self.attempt(argument, frame);
            match attempt.outcome {
                // The failure of the earlier ones discloses information about their values.
                Ok(value) => return Ok(mark(value, sensitive)),
                // No other argument can be evaluated either.
                Err(diagnostic) if diagnostic.code == codes::TOO_MUCH => return Err(diagnostic),
                Err(diagnostic) => last = Some(diagnostic),
            }
            sensitive |= attempt.used_sensitive;
        }
        Err(last.unwrap_or_else(|| {
            let message = text!(
                en: "`try` requires at least 1 argument",
                zh: "`try` 需要至少 1 个参数",
            );
            self.error(codes::ARGUMENTS, message, call.span())
        }))
    }
}

/// Returns the size of a value without the content of its parts, which may be shared.
///
/// Lists and maps in a list have places of their own in memory.
fn size_of_top(value: &Value) -> usize {
    let size_of_item = |item: &Value| match item {
        Value::List(_) | Value::Map(_) => budget::ONE_LIST,
        _ => budget::ONE_VALUE,
    };
    match reveal(value).0 {
        Value::String(text) => text.len(),
        Value::List(items) => items.iter().map(size_of_item).sum(),
        Value::Map(entries) => entries.len() * budget::ONE_VALUE,
        _ => 0,
    }
}

fn with_wholes(arguments: &[Value], run: impl FnOnce(&[Value]) -> Answer) -> Answer {
    let sensitive = arguments.iter().any(Value::has_sensitive);
    let bare: Vec<Value> = arguments
        .iter()
        .map(|argument| without_marks(argument).0.into_owned())
        .collect();
    let value = if bare.iter().any(Value::has_unknown) {
        Value::Unknown
    } else {
        run(&bare)?
    };
    if budget::is_too_large([&value]) {
        return Err(CallError::TooLarge);
    }
    Ok(mark(value, sensitive))
}

fn with_parts(arguments: &[Value], run: fn(&[Value]) -> Answer) -> Answer {
    let mut sensitive = false;
    let bare: Vec<Value> = arguments
        .iter()
        .map(|argument| {
            let (bare, secret) = reveal(argument);
            sensitive |= secret;
            bare.clone()
        })
        .collect();
    let is_unknown = |argument: &Value| matches!(argument, Value::Unknown);
    let value = if bare.iter().any(is_unknown) {
        Value::Unknown
    } else {
        run(&bare)?
    };
    Ok(mark(value, sensitive))
}
