//! Notices about a run as a whole.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use eci_state::Holder;

/// Something about a run as a whole that a person may want to know. Progress of single resources
/// is an [`Event`](crate::Event) instead.
///
/// `Display` gives the sentence that the command prints.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// Other accounts of this machine may read the file of credentials.
    CredentialsReadable {
        /// The file.
        path: PathBuf,
    },
    /// A call failed and is repeated.
    Retrying {
        /// The call, its error and the pause.
        message: String,
    },
    /// The first call of a run failed and is repeated.
    Reconnecting {
        /// The error.
        message: String,
    },
    /// Another run holds the state, and this one waits for it.
    WaitingForLock {
        /// The other run, where the lock names it.
        holder: Option<Holder>,
    },
    /// An earlier run ended without releasing the state.
    LockLeft {
        /// The earlier run.
        holder: Holder,
    },
    /// Operations of an earlier run are recovered.
    Recovering {
        /// The number of operations.
        operations: usize,
    },
    /// The actual state is being read, which takes longer than usual.
    Reading,
    /// Prices are being queried, which takes longer than usual.
    QueryingPrices,
    /// A state that does not say which cloud it belongs to adopts the one of this run.
    AdoptsCloud {
        /// The cloud.
        cloud: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::CredentialsReadable { path } => write!(
                f,
                "warning: others on this machine may read the credentials file {0}; let only \
                 yourself: chmod 600 {0}",
                path.display()
            ),
            Notice::Retrying { message } => write!(f, "note: {message}"),
            Notice::Reconnecting { message } => write!(f, "{message}; trying again"),
            Notice::WaitingForLock {
                holder: Some(other),
            } => {
                write!(f, "Waiting for {other}, which holds the state.")
            }
            Notice::WaitingForLock { holder: None } => {
                f.write_str("Waiting for another run, which holds the state.")
            }
            Notice::LockLeft { holder } => write!(
                f,
                "note: the state was held by {holder}, which ended without releasing it"
            ),
            Notice::Recovering { operations } => {
                write!(f, "Recovering {} of an earlier run.", pending(*operations))
            }
            Notice::Reading => f.write_str("Reading the actual state from the cloud …"),
            Notice::QueryingPrices => f.write_str("Querying prices …"),
            Notice::AdoptsCloud { cloud } => write!(
                f,
                "note: the state does not say which cloud it belongs to, as it is of an earlier \
                 version; from now on it belongs to {cloud}"
            ),
        }
    }
}

/// `1 pending operation`
fn pending(operations: usize) -> String {
    match operations {
        1 => "1 pending operation".to_owned(),
        several => format!("{several} pending operations"),
    }
}

/// A listener for notices. It is called from async tasks and must not block.
pub type NoticeListener = Arc<dyn Fn(&Notice) + Send + Sync>;
