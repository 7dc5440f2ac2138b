//! `eci completions`

use clap::CommandFactory as _;

use crate::answer::answer;
use crate::arguments::Eci;
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes a completion script.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Eci::command(), "eci", &mut script);
    answer(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
