//! Why a sandbox cannot be opened.

use crate::engine::faults::FaultsError;
use crate::storage::store::StorageError;

/// Why a sandbox cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The configuration makes no sense.
    #[error("the sandbox cannot be set up so: {message}")]
    NotValid {
        /// What is wrong and what would be right.
        message: &'static str,
    },
    /// The fault rules make no sense.
    #[error(transparent)]
    Faults(#[from] FaultsError),
    /// The world on disk cannot be opened.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
