//! What can be said with `eci workspace`.

use clap::Subcommand;

use super::Format;

/// `eci workspace`
#[derive(Debug, Subcommand)]
pub(crate) enum Workspace {
    /// List the workspaces; a star marks the one that commands work on
    List {
        /// The form of the answer
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        format: Format,
    },
    /// Make a workspace, with a state of its own, and select it
    New {
        /// Its name
        name: String,
    },
    /// Select the workspace that commands work on from now on
    Select {
        /// Its name; `default` is always there
        name: String,
    },
    /// Show the name of the workspace that commands work on
    Show,
    /// Delete a workspace whose state is empty
    Delete {
        /// Its name
        name: String,
        /// Delete it also if its state has something, which then stays in the cloud unknown to
        /// any state
        #[arg(long)]
        force: bool,
    },
}
