//! What is to be done with a resource, and why.

use std::fmt;

use eci_core::{Address, Path};
use serde::{Deserialize, Serialize};

/// The action on a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made anew.
    Replace,
    /// It is deleted.
    Delete,
    /// It is there already, and the state takes it over.
    Import,
    /// Its address changes, and nothing else.
    Move,
    /// The state lets it go, and the cloud keeps it.
    Forget,
}

impl Action {
    /// Returns whether anything is done at all.
    pub fn is_change(self) -> bool {
        self != Action::NoOp
    }

    /// Returns the name in output for programs.
    pub fn name(self) -> &'static str {
        match self {
            Action::NoOp => "no-op",
            Action::Create => "create",
            Action::Update => "update",
            Action::Replace => "replace",
            Action::Delete => "delete",
            Action::Import => "import",
            Action::Move => "move",
            Action::Forget => "forget",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The reason for an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The configuration has it, the state has not.
    New,
    /// It was made, and it no longer exists in the cloud.
    Missing,
    /// It ended in a status that it does not come back from.
    TerminalStatus {
        /// The status.
        status: String,
    },
    /// It was made and did not become ready, or its user wants another one.
    Tainted,
    /// These attributes differ, and the cloud cannot change them in place.
    CannotChange {
        /// The attributes.
        attributes: Vec<Path>,
    },
    /// Its `replace_triggered_by` names a resource that changes.
    Triggered {
        /// That resource.
        by: Address,
    },
    /// The disk that it mounts is replaced, and has to be free for that.
    DiskReplaced {
        /// The volume with that disk.
        volume: Address,
    },
    /// What had a life of its own gets none any more, or the other way round.
    OtherForm,
    /// The configuration declares it as an existing one: it is kept, and no longer managed.
    DeclaredExisting {
        /// The resource that does.
        by: Address,
    },
    /// The configuration changed.
    Changed,
    /// The cloud has something else than it was asked for.
    Drifted,
    /// The outcome of an earlier change is unknown, and the cloud does not report what it has.
    Uncertain,
    /// It was imported, and does not carry the operation tag of this state yet.
    Untagged,
    /// The configuration no longer has it.
    NoConfiguration,
    /// Another one has taken its place.
    Replaced,
    /// An earlier run was about to order it, and the outcome of that is unknown.
    Resumed,
    /// An earlier run was about to create it, and that may still take effect.
    Awaited,
    /// Everything is to be destroyed.
    Destroy,
    /// The command line asks for its replacement.
    Requested,
    /// An `[[import]]` names it.
    Imported,
    /// A `[[moved]]` names it.
    Moved,
    /// A `[[removed]]` names it.
    Removed,
}

impl Reason {
    /// Returns the name in output for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Reason::New => "new",
            Reason::Missing => "gone",
            Reason::TerminalStatus { .. } => "ended",
            Reason::Tainted => "tainted",
            Reason::CannotChange { .. } => "cannot_change",
            Reason::Triggered { .. } => "triggered",
            Reason::DiskReplaced { .. } => "loses_disk",
            Reason::OtherForm => "other_form",
            Reason::DeclaredExisting { .. } => "declared_existing",
            Reason::Changed => "changed",
            Reason::Drifted => "drifted",
            Reason::Uncertain => "uncertain",
            Reason::Untagged => "untagged",
            Reason::NoConfiguration => "not_configured",
            Reason::Replaced => "replaced",
            Reason::Resumed => "resumed",
            Reason::Awaited => "awaited",
            Reason::Destroy => "destroy",
            Reason::Requested => "requested",
            Reason::Imported => "imported",
            Reason::Moved => "moved",
            Reason::Removed => "removed",
        }
    }
}

/// The reason as the end of a sentence; empty where the action says it all.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::New | Reason::Changed | Reason::Destroy | Reason::Imported | Reason::Moved => {
                Ok(())
            }
            Reason::Requested => f.write_str("requested with --replace"),
            Reason::Removed => f.write_str("a `[[removed]]` names it"),
            Reason::Missing => f.write_str("it no longer exists in the cloud"),
            Reason::TerminalStatus { status } => write!(f, "its status is {status}"),
            Reason::Tainted => f.write_str("it is tainted"),
            Reason::CannotChange { attributes } => {
                for (at, path) in attributes.iter().enumerate() {
                    let separator = if at == 0 { "" } else { ", " };
                    write!(f, "{separator}{path}")?;
                }
                f.write_str(" cannot be updated in place")
            }
            Reason::Triggered { by } => write!(f, "replace_triggered_by names {by}"),
            Reason::DiskReplaced { volume } => {
                write!(
                    f,
                    "the disk of {volume} is replaced and must be detached first"
                )
            }
            Reason::OtherForm => f.write_str("the configuration changes how it is managed"),
            Reason::DeclaredExisting { by } => write!(f, "{by} declares it as existing"),
            Reason::Drifted => f.write_str("it was changed outside of eci"),
            Reason::Uncertain => f.write_str("the outcome of an earlier change is unknown"),
            Reason::Replaced => f.write_str("it has been replaced"),
            Reason::Resumed => {
                f.write_str("the order of an earlier run is resumed; nothing is ordered twice")
            }
            Reason::Awaited => {
                f.write_str("what an earlier run may have created is looked for first")
            }
            Reason::Untagged => f.write_str("it gets the operation tag of this state"),
            Reason::NoConfiguration => f.write_str("it is not in the configuration"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_end_a_sentence() {
        let reason = Reason::CannotChange {
            attributes: vec![
                Path::root().name("vpc_id"),
                Path::root().name("containers").key("a"),
            ],
        };
        assert_eq!(
            reason.to_string(),
            r#"vpc_id, containers["a"] cannot be updated in place"#
        );
        assert_eq!(Reason::New.to_string(), "");
    }
}
