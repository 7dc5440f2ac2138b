//! `eci show`

use std::path::Path;

use eci_core::Address;
use eci_render::plan::DocumentSource;
use eci_text::{Verbatim, text};

use super::plan_file;
use crate::arguments::{Format, ShowArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{line, print_stdout};

/// Refuses an address, which is another command's, where no file has its name.
fn refuse_address(context: &Context, file: &Path) -> Result<(), CommandError> {
    let address = file.to_str().and_then(|text| text.parse::<Address>().ok());
    match address {
        Some(address) if !context.path(file)?.exists() => Err(CommandError::new(
            text!(
                en: "{address} is a resource address, not a saved plan",
                zh: "{address} 是资源地址，不是已保存的计划",
                address = Verbatim(&address),
            ),
            text!(
                en: "run `eci state show {address}` to show a resource in the state",
                zh: "执行 `eci state show {address}` 显示状态中的资源",
                address = Verbatim(address.in_shell()),
            ),
        )),
        _ => Ok(()),
    }
}

/// Shows the state, or a saved plan.
pub(crate) fn show(context: &Context, args: &ShowArgs) -> Result<ExitStatus, CommandError> {
    if let Some(file) = &args.plan {
        refuse_address(context, file)?;
        // Hints name its cloud.
        context.snapshot_on_disk();
        let saved = plan_file::read(context, file)?;
        let plan = saved.plan();
        match args.format {
            Format::Text => print_stdout(&eci_render::plan::text(&plan, None, context.out))?,
            Format::Json => line(&eci_render::plan::json(DocumentSource {
                plan: &plan,
                created: saved.origin.created,
                outline: saved.outline(),
                key: None,
                cost: None,
            }))?,
        }
        return Ok(ExitStatus::Done);
    }
    let snapshot = context.existing_state()?;
    let state = context.state_location()?;
    context.note_other_runs(&state, &snapshot)?;
    match args.format {
        Format::Text => print_stdout(&eci_render::state::text(&snapshot, context.out))?,
        Format::Json => line(&eci_render::state::json(&snapshot))?,
    }
    Ok(ExitStatus::Done)
}
