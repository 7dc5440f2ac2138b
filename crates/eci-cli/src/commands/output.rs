//! `eci output`

use eci_core::suggest::nearest;
use eci_render::outputs::{self, RawError};
use eci_state::{OutputState, Snapshot};
use eci_text::text;

use crate::arguments::{Format, OutputArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, exactly, print_stdout};

/// Shows the outputs of the last apply.
pub(crate) fn output(context: &Context, asked: &OutputArgs) -> Result<ExitStatus, CommandError> {
    let snapshot = context.existing_state()?;
    let Some(name) = &asked.name else {
        match asked.format {
            Format::Json => document(&outputs::json(&snapshot.outputs))?,
            Format::Text if snapshot.outputs.is_empty() => {
                context.note(
                    "The state has no outputs; an [output.NAME] makes one at the next apply.",
                );
            }
            Format::Text => print_stdout(&outputs::text(&snapshot.outputs, context.out))?,
        }
        return Ok(ExitStatus::Done);
    };
    let output = find(&snapshot, name)?;
    // `null` or a word in its place could be used as the value by a script.
    if output.sensitive {
        return Err(CommandError::new(
            text!(
                en: "cannot show the output `{name}`: {error}",
                zh: "无法显示输出 `{name}`：{error}",
                name = name,
                error = RawError::Sensitive,
            ),
            text!(
                en: "read the value from its source, for example the variable or file that it comes from",
                zh: "从其来源读取该值，例如它所来自的变量或文件",
            ),
        ));
    }
    match (asked.raw, asked.format) {
        (true, _) => {
            let text = outputs::raw(output).map_err(|error| CommandError::Error {
                error: text!(
                    en: "cannot show the output `{name}`: {error}",
                    zh: "无法显示输出 `{name}`：{error}",
                    name = name,
                    error = error,
                )
                .into(),
                help: error.help(),
            })?;
            // A script takes it as it is.
            exactly(&text)?;
        }
        (false, Format::Json) => document(&outputs::json_value(output))?,
        (false, Format::Text) => print_stdout(&outputs::one(output, context.out))?,
    }
    Ok(ExitStatus::Done)
}

fn find<'a>(snapshot: &'a Snapshot, name: &str) -> Result<&'a OutputState, CommandError> {
    let known = || snapshot.outputs.keys().map(String::as_str);
    snapshot.outputs.get(name).ok_or_else(|| {
        let help = match (nearest(name, known()), known().next()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(_)) => {
                format!("its outputs are {}", known().collect::<Vec<_>>().join(", "))
            }
            (None, None) => "it has none; an [output.NAME] makes one at the next apply".to_owned(),
        };
        CommandError::new(format!("the state has no output `{name}`"), help)
    })
}
