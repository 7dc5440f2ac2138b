//! `eci lsp`

use std::io::{IsTerminal as _, stdin};

use eci_lsp::LangChoice;
use eci_text::{Text, text};

use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Speaks with the editor that started this program.
pub(crate) async fn lsp(context: &Context) -> Result<ExitStatus, CommandError> {
    let help = text!(
        en: "set `eci lsp` as the language server in your editor, see docs/editors.md",
        zh: "在编辑器中将 `eci lsp` 设为语言服务器，见 docs/editors.md",
    );
    if stdin().is_terminal() {
        let message = text!(
            en: "the language server must be started by an editor, not on a terminal",
            zh: "语言服务器必须由编辑器启动，不能在终端中启动",
        );
        return Err(CommandError::new(message, help));
    }
    let lang = match context.globals.lang {
        Some(lang) => LangChoice::Fixed(lang.into()),
        None => LangChoice::OfEditor {
            default: context.lang(),
        },
    };
    let served = eci_lsp::serve_process(lang).await;
    served.map_err(|error| CommandError::new(Text::of(&error), help))?;
    Ok(ExitStatus::Done)
}
