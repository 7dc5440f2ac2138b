//! Errors of the recovery of pending operations.

use eci_api::CallError;
use eci_state::StateError;
use eci_text::{In, Lang, Text, messages};

use crate::ambiguous_create::AmbiguousCreate;

/// The reason why the pending operations of an earlier run cannot be recovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The actual state could not be read from the cloud.
    Call(CallError),
    /// The state cannot be written.
    State(StateError),
    /// Several objects could be the result of one create.
    Ambiguous(AmbiguousCreate),
}

messages! { RecoverError:
    RecoverError::Call(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    RecoverError::State(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    RecoverError::Ambiguous(create) => en("{create}"), zh("{}", In(create, Lang::Zh));
}

impl From<CallError> for RecoverError {
    fn from(error: CallError) -> RecoverError {
        RecoverError::Call(error)
    }
}

impl From<StateError> for RecoverError {
    fn from(error: StateError) -> RecoverError {
        RecoverError::State(error)
    }
}

impl RecoverError {
    /// Returns what to do about it.
    pub fn help(&self) -> Option<Text> {
        match self {
            RecoverError::Call(error) => error.help(),
            RecoverError::State(error) => error.help(),
            RecoverError::Ambiguous(create) => Some(create.help()),
        }
    }
}
