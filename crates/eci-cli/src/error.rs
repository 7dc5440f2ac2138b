//! Errors of commands.

use std::io;
use std::path::Path;

use eci_api::{CallError, ClientError};
use eci_config::{ValuesFileError, VariableError};
use eci_core::Diagnostics;
use eci_engine::{
    BackendError, CloudMismatch, ConnectError, EngineError, ImportError, PendingOperation,
};
use eci_executor::{ApplyError, RecoverError};
use eci_planner::SavedError;
use eci_render::ErrorChain;
use eci_state::{StateError, WorkspaceError};
use eci_text::{Text, text};

/// An error that ends a command.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// Manifests are wrong.
    Diagnostics(Diagnostics),
    /// Another error, with its help where the message does not contain it.
    Error {
        /// The error and its causes.
        error: ErrorChain,
        /// The remedy.
        help: Option<Text>,
    },
    /// The user interrupted the command.
    Interrupted,
}

impl CommandError {
    /// Creates an error with its help.
    pub(crate) fn new(message: impl Into<Text>, help: impl Into<Text>) -> CommandError {
        CommandError::Error {
            error: message.into().into(),
            help: Some(help.into()),
        }
    }

    /// Creates an error with the remedy of the first error in its chain that has one.
    pub(crate) fn plain(error: impl Into<anyhow::Error>) -> CommandError {
        let error = error.into();
        let help = error.chain().find_map(help_of);
        CommandError::with_help(error, help)
    }

    /// Creates an error with its remedy.
    pub(crate) fn with_help(error: impl Into<anyhow::Error>, help: Option<Text>) -> CommandError {
        CommandError::Error {
            error: chain(&error.into()),
            help,
        }
    }

    /// Creates the error about a file that cannot be written.
    pub(crate) fn unwritable(path: &Path, error: &io::Error, help: Text) -> CommandError {
        let message = text!(
            en: "failed to write `{path}`: {cause}",
            zh: "写入 `{path}` 失败：{cause}",
            path = path.display(),
            cause = error,
        );
        CommandError::new(message, help)
    }

    /// Creates the error about a directory whose files cannot be listed.
    pub(crate) fn unlistable(directory: &Path, error: &io::Error) -> CommandError {
        CommandError::new(
            text!(
                en: "failed to list `{path}`: {cause}",
                zh: "列出 `{path}` 失败：{cause}",
                path = directory.display(),
                cause = error,
            ),
            text!(en: "check its permissions", zh: "检查其权限"),
        )
    }
}

/// Returns an error and its causes in all languages.
fn chain(error: &anyhow::Error) -> ErrorChain {
    ErrorChain::new(error.as_ref(), text_of)
}

/// Returns the message of an error in all languages, as far as it has one.
pub(crate) fn text_of(error: &(dyn std::error::Error + 'static)) -> Text {
    let own = eci_render::localized!(
        error;
        crate::stdio::StdoutError,
        eci_format::FormatError,
        eci_engine::CredentialsError,
        ConnectError,
        CloudMismatch,
        EngineError,
        BackendError,
        eci_ci::EnvironmentError,
        eci_ci::HostError,
        eci_ci::TransportError,
        eci_sandbox::FaultsError,
        eci_sandbox::BehaviorError,
        eci_sandbox::OpenError,
        eci_sandbox::SpeedError,
        eci_sandbox::StartError,
        eci_sandbox::StorageError,
    );
    own.unwrap_or_else(|| eci_render::text_of(error))
}

/// Returns the remedy of an error, if its type is one of those with remedies.
fn help_of(error: &(dyn std::error::Error + 'static)) -> Option<Text> {
    fn of<E: std::error::Error + 'static>(
        error: &(dyn std::error::Error + 'static),
        help: fn(&E) -> Option<Text>,
    ) -> Option<Text> {
        error.downcast_ref().and_then(help)
    }
    of(error, StateError::help)
        .or_else(|| of(error, WorkspaceError::help))
        .or_else(|| of(error, eci_core::address::AddressError::help))
        .or_else(|| of(error, CallError::help))
        .or_else(|| of(error, ClientError::help))
        .or_else(|| of(error, eci_format::FormatError::help))
        .or_else(|| of(error, eci_sandbox::FaultsError::help))
        .or_else(|| of(error, eci_sandbox::BehaviorError::help))
        .or_else(|| of(error, eci_sandbox::OpenError::help))
        .or_else(|| of(error, eci_sandbox::StartError::help))
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> CommandError {
        CommandError::Diagnostics(diagnostics)
    }
}

impl From<CallError> for CommandError {
    fn from(error: CallError) -> CommandError {
        let help = error.help();
        CommandError::with_help(error, help)
    }
}

impl From<BackendError> for CommandError {
    fn from(error: BackendError) -> CommandError {
        let help = Some(error.help());
        CommandError::with_help(error, help)
    }
}

impl From<SavedError> for CommandError {
    fn from(error: SavedError) -> CommandError {
        let help = Some(error.help());
        CommandError::with_help(error, help)
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> CommandError {
        match error {
            EngineError::Configuration(diagnostics) => diagnostics.into(),
            EngineError::Stopped => CommandError::Interrupted,
            // Errors that have a text in each language are looked up by their own type.
            EngineError::Variable(error) => error.into(),
            EngineError::ValuesFile(error) => error.into(),
            EngineError::Connect(ConnectError::Credentials(error)) => {
                let help = Some(error.help());
                CommandError::with_help(error, help)
            }
            EngineError::Connect(ConnectError::Client(error)) => error.into(),
            EngineError::Connect(ConnectError::Sandbox(error)) => error.into(),
            EngineError::Call(error) => error.into(),
            EngineError::State(error) => error.into(),
            EngineError::Recover(error) => error.into(),
            EngineError::Apply(error) => error.into(),
            EngineError::Saved(error) => error.into(),
            error => {
                let help = error.help();
                CommandError::with_help(error, help)
            }
        }
    }
}

/// The errors that are shown as errors of the engine.
macro_rules! of_engine {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for CommandError {
            fn from(error: $error) -> CommandError {
                EngineError::from(error).into()
            }
        })*
    };
}

of_engine!(ConnectError, CloudMismatch, ImportError, PendingOperation);

impl From<ValuesFileError> for CommandError {
    fn from(error: ValuesFileError) -> CommandError {
        if let ValuesFileError::NotToml { diagnostics, .. } = error {
            return diagnostics.into();
        }
        let help = Some(error.help());
        CommandError::with_help(error, help)
    }
}

impl From<RecoverError> for CommandError {
    fn from(error: RecoverError) -> CommandError {
        match error {
            RecoverError::Call(error) => error.into(),
            RecoverError::State(error) => error.into(),
            error => {
                let help = error.help();
                CommandError::with_help(error, help)
            }
        }
    }
}

impl From<ApplyError> for CommandError {
    fn from(error: ApplyError) -> CommandError {
        match error {
            ApplyError::State(error) => error.into(),
            error => {
                let help = error.help();
                CommandError::with_help(error, help)
            }
        }
    }
}

impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> CommandError {
        CommandError::plain(error)
    }
}

/// The errors that are shown as they are, with their remedies.
macro_rules! plain {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for CommandError {
            fn from(error: $error) -> CommandError {
                CommandError::plain(error)
            }
        })*
    };
}

plain!(
    StateError,
    WorkspaceError,
    ClientError,
    VariableError,
    eci_core::address::AddressError,
    eci_sandbox::StartError,
    eci_sandbox::OpenError,
    eci_sandbox::FaultsError,
    crate::stdio::StdoutError,
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_text::Lang;

    use super::*;

    #[test]
    fn an_error_of_the_sandbox_has_a_message_in_chinese_and_a_remedy() {
        let name = "polite".to_owned();
        let error = CommandError::plain(eci_sandbox::BehaviorError::Unknown { name });
        let CommandError::Error { error, help } = error else {
            panic!("{error:?}");
        };
        let message = error.messages()[0].get(Lang::Zh);
        assert_eq!(message, "未知的沙箱行为 `polite`");
        let help = help.unwrap_or_default();
        assert!(help.get(Lang::Zh).starts_with("支持的行为："), "{help}");
    }

    #[test]
    fn a_speed_that_is_wrong_is_explained_in_chinese() {
        let error = "fast".parse::<eci_sandbox::Speed>().unwrap_err();
        assert_eq!(
            text_of(&error).get(Lang::Zh),
            "速度必须是 `instant` 或大于 0 的数值，实际为 `fast`"
        );
    }
}
