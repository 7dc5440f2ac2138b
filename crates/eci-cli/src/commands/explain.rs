//! `eci explain`

use eci_core::codes;
use eci_core::suggest::nearest;
use eci_render::explain::{code_list, explanation};
use eci_text::text;

use crate::arguments::ExplainArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Says more about a code, or lists all.
pub(crate) fn explain(context: &Context, args: &ExplainArgs) -> Result<ExitStatus, CommandError> {
    let text = match &args.code {
        None => code_list(context.out),
        Some(text) => match codes::find(text) {
            Some(code) => explanation(code, context.out),
            None => return Err(unknown(text)),
        },
    };
    print_stdout(&text)?;
    Ok(ExitStatus::Done)
}

fn unknown(text: &str) -> CommandError {
    let known = codes::all().flat_map(|code| [code.number, code.name]);
    let help = match nearest(text, known) {
        Some(near) => text!(
            en: "did you mean {near}?",
            zh: "是否应为 {near}？",
            near = near,
        ),
        None => text!(
            en: "run `eci explain` to list all codes",
            zh: "执行 `eci explain` 列出全部错误码",
        ),
    };
    CommandError::new(
        text!(en: "unknown code `{code}`", zh: "未知错误码 `{code}`", code = text),
        help,
    )
}
