//! The cloud's id of a group, an EIP or a disk.

use std::fmt;

use eci_api::types::{ContainerGroupId, DiskId, EipId};
use eci_core::Kind;

use crate::request::RequestError;

/// The cloud's id of something, with what kind of thing it is.
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
    /// The id of a resource of this kind, as the state has it.
    ///
    /// # Errors
    /// If it is none.
    pub fn new(kind: Kind, id: &str) -> Result<RemoteId, RequestError> {
        Ok(match kind {
            Kind::ContainerGroup => RemoteId::Group(ContainerGroupId::new(id)?),
            Kind::Eip => RemoteId::Eip(EipId::new(id)?),
            Kind::Volume => RemoteId::Disk(DiskId::new(id)?),
        })
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        match self {
            RemoteId::Group(id) => id.as_str(),
            RemoteId::Eip(id) => id.as_str(),
            RemoteId::Disk(id) => id.as_str(),
        }
    }

    /// Returns the kind of what it is the id of.
    pub fn kind(&self) -> Kind {
        match self {
            RemoteId::Group(_) => Kind::ContainerGroup,
            RemoteId::Eip(_) => Kind::Eip,
            RemoteId::Disk(_) => Kind::Volume,
        }
    }

    /// Returns what a person calls what it is the id of.
    pub fn noun(&self) -> &'static str {
        match self {
            RemoteId::Group(_) => "group",
            RemoteId::Eip(_) => "EIP",
            RemoteId::Disk(_) => "disk",
        }
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
