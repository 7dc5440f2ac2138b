//! The cloud's id of a group, an EIP or a disk.

use std::fmt;

use eci_api::types::{ContainerGroupId, DiskId, EipId};

/// The cloud's ID of an object, with the kind of the object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RemoteId {
    /// A container group.
    Group(ContainerGroupId),
    /// A managed EIP.
    Eip(EipId),
    /// A managed disk.
    Disk(DiskId),
}

impl RemoteId {
    /// Returns the text of it.
    pub fn as_str(&self) -> &str {
        match self {
            RemoteId::Group(id) => id.as_str(),
            RemoteId::Eip(id) => id.as_str(),
            RemoteId::Disk(id) => id.as_str(),
        }
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<ContainerGroupId> for RemoteId {
    fn from(id: ContainerGroupId) -> RemoteId {
        RemoteId::Group(id)
    }
}

impl From<EipId> for RemoteId {
    fn from(id: EipId) -> RemoteId {
        RemoteId::Eip(id)
    }
}

impl From<DiskId> for RemoteId {
    fn from(id: DiskId) -> RemoteId {
        RemoteId::Disk(id)
    }
}
