//! `eci version`

use crate::arguments::{Format, VersionArgs};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Prints the version.
pub(crate) fn version(args: &VersionArgs) -> Result<ExitStatus, CommandError> {
    match args.format {
        Format::Text => print_stdout(&eci_render::version::text())?,
        Format::Json => document(&eci_render::version::json())?,
    }
    Ok(ExitStatus::Done)
}
