//! Errors of rebuilding a state.

use eci_text::{Text, messages, text};

/// A state that cannot be rebuilt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// The directory has no state.
    NoState {
        /// The address of the state.
        state: String,
    },
    /// The state is one document on a server.
    Document,
}

messages! { RebuildError:
    RebuildError::NoState { state } =>
        en("no state found in `{state}`"),
        zh("在 `{state}` 中未找到状态");
    RebuildError::Document =>
        en("`eci state recover` cannot rebuild a state in `[backend.http]`"),
        zh("`eci state recover` 无法重建 `[backend.http]` 中的状态");
}

impl RebuildError {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            RebuildError::NoState { .. } => text!(
                en: "use `-C` or `--state` to select the directory of the state",
                zh: "使用 `-C` 或 `--state` 指定状态所在的目录",
            ),
            RebuildError::Document => text!(
                en: "restore an earlier version of the document on the server; GitLab keeps them",
                zh: "在服务器上还原文档的先前版本；GitLab 会保留先前的版本",
            ),
        }
    }
}
