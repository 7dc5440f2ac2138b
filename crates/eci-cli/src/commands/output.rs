//! `eci output`

use eci_config::Variables;
use eci_core::suggest::{did_you_mean, nearest};
use eci_render::outputs::{self, RawError};
use eci_state::{OutputState, Snapshot};
use eci_text::{List, text};

use crate::arguments::{Format, OutputArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, exactly, print_stdout};

/// Shows the outputs of the last apply.
pub(crate) fn output(context: &Context, args: &OutputArgs) -> Result<ExitStatus, CommandError> {
    let snapshot = context.existing_state()?;
    let Some(name) = &args.name else {
        match args.format {
            Format::Json => document(&outputs::json(&snapshot.outputs))?,
            Format::Text if snapshot.outputs.is_empty() => {
                context.note(&text!(
                    en: "The state has no outputs. The next apply adds those declared as `[output.NAME]`.",
                    zh: "状态中没有输出。下次应用会添加以 `[output.NAME]` 声明的输出。",
                ));
            }
            Format::Text => print_stdout(&outputs::text(&snapshot.outputs, context.out))?,
        }
        return Ok(ExitStatus::Done);
    };
    let output = find(context, &snapshot, name)?;
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
                zh: "从其来源读取该值，例如提供该值的变量或文件",
            ),
        ));
    }
    match (args.raw, args.format) {
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

fn find<'a>(
    context: &Context,
    snapshot: &'a Snapshot,
    name: &str,
) -> Result<&'a OutputState, CommandError> {
    let known = || snapshot.outputs.keys().map(String::as_str);
    snapshot.outputs.get(name).ok_or_else(|| {
        let help = match (nearest(name, known()), known().next()) {
            _ if is_declared(context, name) => text!(
                en: "run `eci apply` to add it to the state",
                zh: "执行 `eci apply` 将其写入状态",
            ),
            (Some(near), _) => did_you_mean(near),
            (None, Some(_)) => text!(
                en: "available outputs: {names}",
                zh: "可用的输出：{names}",
                names = List::and(known().map(|name| format!("`{name}`"))),
            ),
            (None, None) => text!(
                en: "declare it as `[output.NAME]` and run `eci apply`",
                zh: "以 `[output.NAME]` 声明，然后执行 `eci apply`",
            ),
        };
        let message = text!(
            en: "output `{name}` not found in the state",
            zh: "状态中没有输出 `{name}`",
            name = name,
        );
        CommandError::new(message, help)
    })
}

/// Returns whether the manifests declare an output, as far as they can be read.
fn is_declared(context: &Context, name: &str) -> bool {
    let mut variables = Variables::default();
    variables.leave_missing_unknown();
    let directory = context.directory().ok();
    let configuration =
        directory.and_then(|directory| eci_config::load_lenient(directory, &variables).ok());
    let mut outputs = configuration.iter().flat_map(|it| &it.outputs);
    outputs.any(|output| *output.name == *name)
}
