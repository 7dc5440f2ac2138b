//! Arguments of `eci state`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use eci_core::Subject;

use super::inspect::LockTimeoutArgs;
use super::paths::plain_path;
use super::{Format, VariableArgs};

const RECOVER_HELP: &str = "\
The state is rebuilt from the newest readable state snapshot and every readable line of the journal. \
The outcome of pending operations is determined from the cloud. The damaged files are moved to \
`damaged/` in the state directory; nothing is deleted. An undamaged state is not changed.";

/// `eci state`
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List the resource addresses in the state
    List {
        /// Only these; a resource with all its instances, a module with all its resources
        #[arg(value_name = "ADDR")]
        named: Vec<Subject>,
        /// Output format
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        format: Format,
    },
    /// Show a resource in the state, or the whole state
    Show(StateShowArgs),
    /// List the versions of the state: who wrote each, when, and with which command
    History {
        /// Output format
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        format: Format,
    },
    /// Show the differences between two versions of the state
    Diff(StateDiffArgs),
    /// Restore an earlier version of the state, as a new one
    Restore(RestoreArgs),
    /// Move a resource or module to another address, as `[[moved]]` does
    #[command(name = "mv")]
    Move(MoveArgs),
    /// Remove resources from the state and keep them in the cloud
    #[command(name = "rm")]
    Remove(RemoveArgs),
    /// Print the state as one document; protect it like the state itself
    Pull,
    /// Replace the state with a document written by `eci state pull`
    Push(PushArgs),
    /// Show the cloud that the state belongs to: region, endpoints and account
    Cloud(CloudArgs),
    /// Encrypt the state with a new data key, for the keys in the manifests and no others
    #[command(name = "re-encrypt")]
    ReEncrypt {
        #[command(flatten)]
        lock: LockTimeoutArgs,
    },
    /// Rebuild a damaged state from its backups, its journal and the cloud
    #[command(after_help = RECOVER_HELP)]
    Recover(RecoverArgs),
}

/// `eci state show`
#[derive(Debug, Args)]
pub(crate) struct StateShowArgs {
    /// Resource address, for example container_group.web [default: all resources and outputs]
    pub(crate) address: Option<String>,
    /// Show the version with this serial, see `eci state history`
    #[arg(long, value_name = "SERIAL")]
    pub(crate) at: Option<u64>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci state diff`
#[derive(Debug, Args)]
pub(crate) struct StateDiffArgs {
    /// Serial of the version before
    #[arg(value_name = "BEFORE")]
    pub(crate) before: u64,
    /// Serial of the version after [default: the current one]
    #[arg(value_name = "AFTER")]
    pub(crate) after: Option<u64>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// `eci state restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Serial of the version, see `eci state history`
    #[arg(value_name = "SERIAL")]
    pub(crate) serial: u64,
    /// Restore it even if operations of an interrupted run are pending
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// `eci state cloud`
#[derive(Debug, Args)]
pub(crate) struct CloudArgs {
    /// Record the cloud of the current configuration and environment, for example after an endpoint
    /// of the same cloud has changed
    #[arg(long)]
    pub(crate) set: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// `eci state mv`
#[derive(Debug, Args)]
pub(crate) struct MoveArgs {
    /// Current address; without an instance key, all instances; of a module, all its resources
    #[arg(value_name = "FROM")]
    pub(crate) from: Subject,
    /// New address
    #[arg(value_name = "TO")]
    pub(crate) to: Subject,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// `eci state rm`
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Addresses; without an instance key, all instances; of a module, all its resources
    #[arg(value_name = "ADDR", required = true)]
    pub(crate) addresses: Vec<Subject>,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// `eci state push`
#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    /// File to read; `-` is standard input
    #[arg(value_name = "FILE", value_parser = plain_path())]
    pub(crate) file: PathBuf,
    /// Replace the state even if the lineage differs or the serial is older
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}

/// `eci state recover`
#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    /// Rebuild from local files only; the next `eci apply` checks the cloud
    #[arg(long)]
    pub(crate) offline: bool,
    #[command(flatten)]
    pub(crate) variables: VariableArgs,
    #[command(flatten)]
    pub(crate) lock: LockTimeoutArgs,
}
