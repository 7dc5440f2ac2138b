//! `eci explain`

use eci_core::codes;
use eci_core::suggest::nearest;
use eci_render::explain::{code_list, explanation};

use crate::arguments::ExplainArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Says more about a code, or lists all.
pub(crate) fn explain(context: &Context, asked: &ExplainArgs) -> Result<ExitStatus, CommandError> {
    let text = match &asked.code {
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
        Some(near) => format!("did you mean {near}?"),
        None => "`eci explain` lists all codes".to_owned(),
    };
    CommandError::new(format!("there is no code {text}"), help)
}
