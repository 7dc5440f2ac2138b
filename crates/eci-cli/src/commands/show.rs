//! `eci show`

use super::saved;
use crate::answer::{answer, line};
use crate::arguments::{Format, Show};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::render::plan::Source;

/// Shows the state, or a plan that was kept.
pub(crate) fn show(context: &Context, asked: &Show) -> Result<Exit, Failure> {
    if let Some(file) = &asked.plan {
        let saved = saved::read(context, file)?;
        let plan = saved.plan();
        match asked.format {
            Format::Text => answer(&render::plan::text(&plan, None, context.out))?,
            Format::Json => line(&render::plan::json(Source {
                plan: &plan,
                outline: saved.outline(),
                key: None,
                cost: None,
            }))?,
        }
        return Ok(Exit::Done);
    }
    let snapshot = context.existing_state()?;
    context.tell_of_others(&context.state_directory()?, &snapshot)?;
    match asked.format {
        Format::Text => answer(&render::state::text(&snapshot, context.out))?,
        Format::Json => line(&render::state::json(&snapshot))?,
    }
    Ok(Exit::Done)
}
