//! Why a command could not do its work.

use eci_api::{CallError, ClientError};
use eci_config::VariableError;
use eci_core::Diagnostics;
use eci_executor::{ApplyError, RecoverError};
use eci_state::StateError;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Manifests are wrong.
    Diagnostics(Diagnostics),
    /// Something else is, with the way out where the message does not hold it.
    Error {
        /// What is wrong.
        error: anyhow::Error,
        /// What to do about it.
        help: Option<String>,
    },
    /// The user asked for the end.
    Interrupted,
}

impl Failure {
    /// An error whose message says what is wrong, and the way out.
    pub(crate) fn new(message: impl std::fmt::Display, help: impl Into<String>) -> Failure {
        Failure::Error {
            error: anyhow::anyhow!("{message}"),
            help: Some(help.into()),
        }
    }

    /// An error whose message says both.
    pub(crate) fn plain(error: impl Into<anyhow::Error>) -> Failure {
        Failure::Error {
            error: error.into(),
            help: None,
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Failure {
        Failure::Diagnostics(diagnostics)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Failure {
        let help = error.help();
        Failure::Error {
            error: error.into(),
            help,
        }
    }
}

impl From<RecoverError> for Failure {
    fn from(error: RecoverError) -> Failure {
        match error {
            RecoverError::Call(error) => error.into(),
            RecoverError::State(error) => error.into(),
            error => Failure::plain(error),
        }
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Failure {
        match error {
            ApplyError::State(error) => error.into(),
            error => Failure::plain(error),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::plain(error)
    }
}

/// The errors of which the message says everything.
macro_rules! plain {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::plain(error)
            }
        })*
    };
}

plain!(
    StateError,
    eci_state::WorkspaceError,
    ClientError,
    VariableError,
    eci_core::address::AddressError,
    eci_sandbox::StartError,
    eci_sandbox::OpenError,
    eci_sandbox::FaultsError,
    crate::context::CredentialsError,
    eci_config::ValuesFileError,
    crate::answer::NotWritten,
);
