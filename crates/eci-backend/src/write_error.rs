//! Failures of the thread that writes what a run records.

use eci_state::{DeviceError, RemoteError, StateError};
use eci_text::Text;

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
    Internal(Text),
}

impl WriteError {
    /// Returns the error of a state.
    pub(crate) fn at(self, location: String) -> StateError {
        let error = match self {
            WriteError::Superseded => RemoteError::Superseded { location, by: None },
            WriteError::Device(cause) => RemoteError::Device { location, cause },
            WriteError::Internal(cause) => RemoteError::Device {
                location,
                cause: DeviceError::Refused { cause },
            },
        };
        error.into()
    }
}
