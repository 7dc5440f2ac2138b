//! `eci explain`

use eci_core::codes;
use eci_core::suggest::nearest;

use crate::answer::answer;
use crate::arguments::Explain;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::explain::{code_list, explanation};

/// Says more about a code, or lists all.
pub(crate) fn explain(context: &Context, asked: &Explain) -> Result<Exit, Failure> {
    let text = match &asked.code {
        None => code_list(context.out),
        Some(text) => match codes::find(text) {
            Some(code) => explanation(code, context.out),
            None => return Err(unknown(text)),
        },
    };
    answer(&text)?;
    Ok(Exit::Done)
}

fn unknown(text: &str) -> Failure {
    let known = codes::all().flat_map(|code| [code.number, code.name]);
    let help = match nearest(text, known) {
        Some(near) => format!("did you mean {near}?"),
        None => "`eci explain` lists all codes".to_owned(),
    };
    Failure::new(format!("there is no code {text}"), help)
}
