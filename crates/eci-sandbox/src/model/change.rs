//! The words for a change: its kind, the kind of the object, and the actor.

use eci_text::FixedText;
use serde::{Deserialize, Serialize};

/// A kind of object in the cloud.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum ObjectKind {
    /// A container group.
    #[default]
    ContainerGroup,
    /// An elastic IP.
    Eip,
    /// A cloud disk.
    Disk,
}

impl ObjectKind {
    /// Returns the kind as messages name it.
    pub(crate) fn noun(self) -> FixedText {
        match self {
            ObjectKind::ContainerGroup => FixedText::new("container group", "容器组"),
            ObjectKind::Eip => FixedText::new("EIP", "弹性 IP"),
            ObjectKind::Disk => FixedText::new("disk", "云硬盘"),
        }
    }
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeKind {
    /// A creation, or, of an EIP or a disk, an order; orders that fail create nothing.
    Create,
    /// Some of it was changed, or it was bound, unbound, attached or detached by a separate call.
    Update,
    /// A restart.
    Restart,
    /// A disk was grown, by its own call or by its group's, or an elastic IP got another
    /// bandwidth.
    Resize,
    /// Its end began.
    Delete,
}

/// The origin of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Actor {
    /// A client of the API.
    Client,
    /// Someone else.
    OutOfBand,
}
