//! `eci show`

use std::path::Path;

use eci_core::Address;

use super::saved;
use crate::answer::{answer, line};
use crate::arguments::{Format, Show};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::render::plan::Source;

/// Refuses an address, which is another command's, where no file has its name.
fn is_no_address(context: &Context, file: &Path) -> Result<(), Failure> {
    let address = file.to_str().and_then(|text| text.parse::<Address>().ok());
    match address {
        Some(address) if !context.path(file)?.exists() => Err(Failure::new(
            format!("{address} is an address, not a saved plan"),
            format!(
                "run `eci state show {}` to show a resource in the state",
                address.in_shell()
            ),
        )),
        _ => Ok(()),
    }
}

/// Shows the state, or a plan that was kept.
pub(crate) fn show(context: &Context, asked: &Show) -> Result<Exit, Failure> {
    if let Some(file) = &asked.plan {
        is_no_address(context, file)?;
        let saved = saved::read(context, file)?;
        let plan = saved.plan();
        match asked.format {
            Format::Text => answer(&render::plan::text(&plan, None, context.out))?,
            Format::Json => line(&render::plan::json(Source {
                plan: &plan,
                created: saved.origin.created,
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
