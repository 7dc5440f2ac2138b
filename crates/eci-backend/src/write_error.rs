//! Failures of the thread that writes what a run records.

use std::sync::Arc;

use eci_state::{DeviceError, RemoteError, StateError};
use eci_text::Text;

use crate::seal_error::SealError;

/// An error of writing an entry.
///
/// It can be reported to several callers.
#[derive(Clone, Debug)]
pub(crate) enum WriteError {
    /// Another run has the lock.
    Superseded,
    /// The store failed.
    Device(DeviceError),
    /// The entry could not be encrypted.
    NotSealed(Arc<SealError>),
    /// The entry could not be written as a document: a defect of this program.
    Internal(Text),
}

impl From<SealError> for WriteError {
    fn from(error: SealError) -> WriteError {
        WriteError::NotSealed(Arc::new(error))
    }
}

impl WriteError {
    /// Returns the error of a state.
    pub(crate) fn at(self, location: String) -> StateError {
        let error = match self {
            WriteError::Superseded => RemoteError::Superseded { location, by: None },
            WriteError::Device(cause) => RemoteError::Device { location, cause },
            WriteError::NotSealed(error) => return error.at(location),
            WriteError::Internal(cause) => RemoteError::Device {
                location,
                cause: DeviceError::Refused { cause },
            },
        };
        error.into()
    }
}
