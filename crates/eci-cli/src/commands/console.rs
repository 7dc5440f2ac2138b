//! `eci console`

use std::io::{self, IsTerminal as _};

use eci_config::{Configuration, Console};
use eci_core::{Diagnostics, Kind, Map, Severity, Value};
use eci_planner::{KnownValues, leave_open};
use eci_render::value::ValueSpace;
use eci_state::{ResourceState, Snapshot};
use eci_text::text;

use crate::arguments;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::print_stdout;
use crate::terminal::{self, EchoMode, Editor, LineInput};

/// Evaluates expressions against the configuration and the state.
pub(crate) async fn console(
    context: &Context,
    args: &arguments::ConsoleArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let mut variables = context.variables(&args.variables)?;
    let configuration = context
        .load_lenient_prompting(&mut variables, &mut signals)
        .await?;
    print_errors(context, &configuration);
    let snapshot = context.reading(&mut signals, || {
        let state = context.state_of(&configuration)?;
        Ok::<_, CommandError>(state.read()?)
    })?;
    let session = Session {
        context,
        console: Console::new(&configuration),
        known: known(&configuration, &snapshot),
    };
    if !args.expressions.is_empty() {
        for expression in &args.expressions {
            session.print_value(expression)??;
        }
        return Ok(ExitStatus::Done);
    }
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        session.read_terminal(&mut signals).await
    } else {
        session.read_lines(io::stdin().lock())
    }
}

/// Prints the errors of the manifests, which prevent a plan but not the evaluation of the rest.
fn print_errors(context: &Context, configuration: &Configuration) {
    let all = configuration.warnings.0.iter();
    let errors = all.filter(|it| it.severity == Severity::Error).cloned();
    let errors = Diagnostics(errors.collect());
    if errors.has_errors() {
        context.print_diagnostics(&errors);
        context.say(&text!(
            en: "Expressions are still evaluated. Invalid values are unknown.",
            zh: "表达式仍可计算，无效的值视为未知值。",
        ));
    }
}

/// Returns the values that the state has of the declared resources.
fn known(configuration: &Configuration, snapshot: &Snapshot) -> KnownValues {
    let declared = configuration.resources.iter().map(|resource| &**resource);
    let mut known = KnownValues::new(declared);
    for (address, state) in &snapshot.resources {
        known.set(address.clone(), attributes(address.kind(), state));
    }
    known
}

/// Returns the applied attributes, and those that the cloud added; what it has not filled in yet is unknown.
fn attributes(kind: Kind, state: &ResourceState) -> Map {
    let mut attributes = Map::clone(&state.observed);
    let applied = state.applied.iter();
    attributes.extend(applied.map(|(name, value)| (name.clone(), value.clone())));
    if let Some(id) = &state.id {
        attributes.insert("id".into(), Value::from(id.as_str()));
    }
    leave_open(kind, state, &mut attributes);
    attributes
}

struct Session<'a> {
    context: &'a Context,
    console: Console,
    known: KnownValues,
}

impl Session<'_> {
    /// Prints the value of an expression, or returns its errors.
    fn print_value(&self, text: &str) -> Result<Result<(), Diagnostics>, CommandError> {
        Ok(match self.console.evaluate(text, &self.known) {
            Ok(value) => {
                let room = ValueSpace::for_all(self.context.out.width(), self.context.lang());
                let lines = eci_render::value::lines(&value, None, room);
                print_stdout(&format!("{}\n", lines.join("\n")))?;
                Ok(())
            }
            Err(wrong) => Err(wrong),
        })
    }

    /// Reads expressions from the terminal until the end of input.
    async fn read_terminal(&self, signals: &mut Signals) -> Result<ExitStatus, CommandError> {
        self.context.say(&text!(
            en: "Enter an expression. Enter `exit` or press Ctrl-D to exit.",
            zh: "请输入表达式，输入 `exit` 或按 Ctrl-D 退出。",
        ));
        let editor = Editor::open();
        let mut open = String::new();
        loop {
            let typed = match &editor {
                Some(editor) => editor.line(signals).await?,
                None => match terminal::line(signals, EchoMode::Shown).await? {
                    Some(line) => LineInput::Line(line),
                    None => LineInput::End,
                },
            };
            let line = match typed {
                LineInput::Line(line) => line,
                LineInput::Abandoned => {
                    open.clear();
                    continue;
                }
                LineInput::End => return Ok(ExitStatus::Done),
            };
            if open.is_empty() && is_exit(&line) {
                return Ok(ExitStatus::Done);
            }
            if let Some(expression) = complete(&mut open, &line)
                && let Err(wrong) = self.print_value(&expression)?
            {
                self.context.print_diagnostics(&wrong);
            }
        }
    }

    /// Reads expressions from a pipe or a file, up to the first that is wrong.
    fn read_lines(&self, input: impl io::BufRead) -> Result<ExitStatus, CommandError> {
        let mut open = String::new();
        for line in input.lines() {
            let line = line.map_err(|error| {
                CommandError::new(
                    text!(
                        en: "failed to read standard input: {cause}",
                        zh: "读取标准输入失败：{cause}",
                        cause = error,
                    ),
                    text!(en: "pass text encoded in UTF-8", zh: "传入 UTF-8 编码的文本"),
                )
            })?;
            if open.is_empty() && is_exit(&line) {
                return Ok(ExitStatus::Done);
            }
            if let Some(expression) = complete(&mut open, &line) {
                self.print_value(&expression)??;
            }
        }
        if !open.trim().is_empty() {
            self.print_value(&open)??;
        }
        Ok(ExitStatus::Done)
    }
}

/// Returns whether a line asks to end the session.
///
/// Neither word is an expression.
fn is_exit(line: &str) -> bool {
    matches!(line.trim(), "exit" | "quit")
}

/// Adds a line, and takes the expression out once every bracket in it is closed.
fn complete(open: &mut String, line: &str) -> Option<String> {
    if !open.is_empty() {
        open.push('\n');
    }
    open.push_str(line);
    if has_open_bracket(open) {
        return None;
    }
    let expression = std::mem::take(open);
    (!expression.trim().is_empty()).then_some(expression)
}

/// Returns whether a bracket is not closed yet.
///
/// Quoted text counts only within `${…}`.
fn has_open_bracket(text: &str) -> bool {
    let mut open: Vec<char> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if open.last() == Some(&'"') {
            match c {
                '\\' => drop(rest.next()),
                '"' => drop(open.pop()),
                '$' | '%' if rest.peek() == Some(&'{') => {
                    rest.next();
                    open.push('{');
                }
                _ => {}
            }
            continue;
        }
        match c {
            '"' | '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    // A text ends on its line: an open quote is a mistake to be reported.
    open.iter().any(|c| *c != '"') && open.last() != Some(&'"')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_expression_goes_on_until_its_brackets_are_closed() {
        for (text, is_open) in [
            ("[1,", true),
            ("[1, 2]", false),
            ("{ a = (1", true),
            ("\"(\"", false),
            ("\"\\\"(\"", false),
            ("\"${max(1,", true),
            ("\"${max(1, 2)}\"", false),
            ("\"open", false),
            ("1)", false),
        ] {
            assert_eq!(has_open_bracket(text), is_open, "{text}");
        }
        let mut open = String::new();
        assert_eq!(complete(&mut open, "  "), None);
        assert_eq!(complete(&mut open, "[1,"), None);
        assert_eq!(complete(&mut open, "2]").as_deref(), Some("[1,\n2]"));
        assert!(open.is_empty());
    }

    #[test]
    fn what_the_cloud_has_not_filled_in_yet_is_not_known() {
        let status = |status: &str, ready_by: Option<&str>| {
            let status = [("status".into(), Value::from(status))];
            let state = ResourceState {
                id: Some("eci-1".to_owned()),
                observed: Arc::new(Map::from_iter(status)),
                ready_by: ready_by.map(str::to_owned),
                ..ResourceState::default()
            };
            let attributes = attributes(Kind::ContainerGroup, &state);
            attributes.get("intranet_ip").cloned()
        };
        let starting = status("Creating", Some("2026-01-01T00:00:00Z"));
        assert_eq!(starting, Some(Value::Unknown));
        assert_eq!(status("Running", None), None);
    }

    #[test]
    fn applied_attributes_precede_observed_ones() {
        let state = ResourceState {
            id: Some("eci-1".to_owned()),
            applied: Arc::new(Map::from_iter([("name".into(), Value::from("a"))])),
            observed: Arc::new(Map::from_iter([
                ("name".into(), Value::from("b")),
                ("status".into(), Value::from("Running")),
            ])),
            ..ResourceState::default()
        };
        let attributes = attributes(Kind::ContainerGroup, &state);
        assert_eq!(attributes.get("name"), Some(&Value::from("a")));
        assert_eq!(attributes.get("status"), Some(&Value::from("Running")));
        assert_eq!(attributes.get("id"), Some(&Value::from("eci-1")));
    }
}
