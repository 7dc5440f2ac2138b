//! Why work on a resource failed.

use std::time::Duration;

use eci_api::CallError;
use eci_core::{Diagnostics, Kind, Path};
use eci_provider::{EncodeError, Explanation};

/// Why work on a resource failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Problem {
    /// A call failed.
    #[error("{0}")]
    Call(CallError),
    /// A create got no clear answer, and what it would have made was not found.
    #[error("{error}; it is not known whether the group was made, and it is not there yet")]
    Unknown {
        /// The failed call.
        error: CallError,
    },
    /// An expression failed once its values were known.
    #[error("{0}")]
    Evaluation(Diagnostics),
    /// The values that became known make something else than the plan showed.
    #[error("`{attribute}` came out other than planned")]
    NotAsPlanned {
        /// The first such attribute.
        attribute: Path,
    },
    /// The attributes cannot be sent.
    #[error("{0}")]
    NotSendable(EncodeError),
    /// The group ended, or did not become ready in time.
    #[error("{0}")]
    NotReady(Box<NotReady>),
    /// It was deleted, and is still there.
    #[error("it is still there {} s after its delete, with status {status}", waited.as_secs())]
    NotGone {
        /// How long was waited.
        waited: Duration,
        /// Its last status.
        status: String,
    },
    /// The task ended without an answer, which is a defect of this program.
    #[error("the work ended unexpectedly: {0}")]
    Broken(String),
    /// What has a life of its own beside groups is planned and not made yet.
    #[error("a managed {0} cannot be made yet")]
    NotYet(Kind),
    /// The run was stopped at once while this was under way.
    #[error("interrupted; the next run finds out what became of it")]
    Interrupted,
}

/// A group that did not become ready.
#[derive(Clone, Debug)]
pub struct NotReady {
    /// The cloud's id.
    pub id: String,
    /// The last status.
    pub status: String,
    /// Whether it ended; otherwise the time was up.
    pub ended: bool,
    /// How long was waited.
    pub waited: Duration,
    /// What the cloud tells about it.
    pub explanation: Explanation,
}

impl std::fmt::Display for NotReady {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let NotReady { id, status, .. } = self;
        match self.ended {
            true => write!(
                f,
                "the group {id} did not become ready: its status is {status}"
            ),
            false => write!(
                f,
                "the group {id} did not become ready within {} s: its status is {status}",
                self.waited.as_secs()
            ),
        }
    }
}

impl Problem {
    /// The way out.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Problem::Call(error) => return error.help(),
            Problem::Unknown { .. } => {
                "run again: the next run looks for it by its operation tag before it makes another"
            }
            Problem::Evaluation(_) => return None,
            Problem::NotAsPlanned { .. } => "plan again to see what would be done now",
            Problem::NotSendable(EncodeError::OnlyDigest { .. }) => {
                "give the value in the manifest again"
            }
            Problem::NotSendable(_) => return None,
            Problem::NotReady(not_ready) if not_ready.ended => {
                "correct what its events and log show; the next run replaces it"
            }
            Problem::NotReady(_) => {
                "correct what its events and log show, or give it more time with \
                 `timeouts = { create = \"30m\" }`; the next run replaces it"
            }
            Problem::NotGone { .. } => {
                "run again later, or give it more time with `timeouts = { delete = \"30m\" }`"
            }
            Problem::Broken(_) => "please report it with the output of ECI_LOG=debug",
            Problem::NotYet(_) => "use an existing one, by `id` or `volume_handle`",
            Problem::Interrupted => "run again",
        };
        Some(help.to_owned())
    }
}
