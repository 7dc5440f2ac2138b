//! Arguments of `eci workspace`.

use clap::Subcommand;

use super::Format;

/// `eci workspace`
#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// List workspaces; `*` marks the current one
    List {
        /// Output format
        #[arg(long, value_enum, value_name = "FORM", default_value_t)]
        format: Format,
    },
    /// Create a workspace with an empty state, and select it
    New {
        /// Workspace name
        name: String,
    },
    /// Select the workspace to use from now on
    Select {
        /// Workspace name; `default` always exists
        name: String,
    },
    /// Show the name of the current workspace
    Show,
    /// Delete a workspace whose state is empty
    Delete {
        /// Workspace name
        name: String,
        /// Delete it even if its state is not empty; its resources are not deleted and no longer
        /// recorded in any state
        #[arg(long)]
        force: bool,
    },
}
