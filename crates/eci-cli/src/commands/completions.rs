//! `eci completions`

use crate::completions;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Prints the script that registers completion in a shell.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<ExitStatus, CommandError> {
    let script = completions::registration(&shell.to_string()).map_err(CommandError::plain)?;
    print_stdout(&script)?;
    Ok(ExitStatus::Done)
}
