//! `eci completions`

use clap::CommandFactory as _;

use crate::arguments::Eci;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Writes a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<ExitStatus, CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Eci::command(), "eci", &mut script);
    print_stdout(&String::from_utf8_lossy(&script))?;
    Ok(ExitStatus::Done)
}
