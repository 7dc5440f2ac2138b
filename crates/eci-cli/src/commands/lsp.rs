//! `eci lsp`

use std::io::{IsTerminal as _, stdin};

use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Speaks with the editor that started this program.
pub(crate) async fn lsp() -> Result<ExitStatus, CommandError> {
    if stdin().is_terminal() {
        return Err(CommandError::new(
            "`eci lsp` speaks with an editor, and this is a terminal",
            "name it in the settings of your editor: docs/editors.md shows how",
        ));
    }
    eci_lsp::serve_process().await.map_err(|error| {
        let help = "start it from an editor: docs/editors.md shows how";
        CommandError::new(error.to_string(), help)
    })?;
    Ok(ExitStatus::Done)
}
