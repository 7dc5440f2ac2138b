//! Errors of opening a sandbox.

use eci_text::{In, Lang, Text, messages};

use crate::engine::faults::FaultsError;
use crate::storage::database::StorageError;

/// An error of opening a sandbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The configuration is not valid.
    NotValid {
        /// The requirement that it does not meet.
        message: Text,
    },
    /// The fault rules are not valid.
    Faults(FaultsError),
    /// The simulated cloud on disk cannot be opened.
    Storage(StorageError),
}

messages! { OpenError:
    OpenError::NotValid { message } =>
        en("invalid configuration of the sandbox: {message}"),
        zh("沙箱的配置无效：{}", In(message, Lang::Zh));
    OpenError::Faults(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    OpenError::Storage(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
}

impl OpenError {
    /// Returns the remedy, if there is one.
    pub fn help(&self) -> Option<Text> {
        match self {
            OpenError::Storage(error) => error.help(),
            OpenError::NotValid { .. } | OpenError::Faults(_) => None,
        }
    }
}

impl From<FaultsError> for OpenError {
    fn from(error: FaultsError) -> OpenError {
        OpenError::Faults(error)
    }
}

impl From<StorageError> for OpenError {
    fn from(error: StorageError) -> OpenError {
        OpenError::Storage(error)
    }
}
