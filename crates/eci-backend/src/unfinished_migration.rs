//! The mark of a copy whose migration is not complete.

use eci_state::{RemoteError, Snapshot, StateError};

/// Checks that a state is not the copy of an unfinished migration.
///
/// # Errors
/// If it is: the state is still used in the old place.
pub(crate) fn check_complete(
    snapshot: &Snapshot,
    location: impl FnOnce() -> String,
) -> Result<(), StateError> {
    match &snapshot.migrating_from {
        None => Ok(()),
        Some(from) => Err(RemoteError::Unfinished {
            location: location(),
            from: from.clone(),
        }
        .into()),
    }
}
