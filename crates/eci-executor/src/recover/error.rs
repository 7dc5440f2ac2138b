//! Why what an earlier run left open cannot be settled.

use eci_api::CallError;
use eci_core::quote::shell_word;
use eci_state::StateError;

/// The reason why what an earlier run left open cannot be settled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// The cloud could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state cannot be written.
    #[error(transparent)]
    State(#[from] StateError),
    /// Several things could be what one create made.
    #[error(
        "{address}: any of {} could be what an earlier run made; take it over with an `[[import]]` \
         and run `eci state rm {}` before that, or delete all of them, then run again",
        ids.join(", "),
        shell_word(address)
    )]
    Ambiguous {
        /// The resource.
        address: String,
        /// Their ids.
        ids: Vec<String>,
    },
}
