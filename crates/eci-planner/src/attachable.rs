//! An EIP or a disk, which one container group at a time can have.

use eci_core::Kind;
use eci_text::{Text, messages, text};
use serde::{Deserialize, Serialize};

/// An EIP or a disk, by the cloud's id: one container group at a time can have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attachable {
    /// An EIP.
    Eip(String),
    /// A disk.
    Disk(String),
}

impl Attachable {
    /// Returns the object of this kind and id, unless nothing of the kind is attached to groups.
    pub fn of(kind: Kind, id: &str) -> Option<Attachable> {
        match kind {
            Kind::Eip => Some(Attachable::Eip(id.to_owned())),
            Kind::Volume => Some(Attachable::Disk(id.to_owned())),
            Kind::ContainerGroup => None,
        }
    }

    /// Returns the kind of the resources that such an object is.
    pub fn kind(&self) -> Kind {
        match self {
            Attachable::Eip(_) => Kind::Eip,
            Attachable::Disk(_) => Kind::Volume,
        }
    }

    /// Returns the cloud's id.
    pub fn id(&self) -> &str {
        match self {
            Attachable::Eip(id) | Attachable::Disk(id) => id,
        }
    }

    /// Returns the verb for taking it from its container group.
    pub(crate) fn detach(&self) -> Text {
        match self {
            Attachable::Eip(_) => text!(en: "unbind", zh: "解绑"),
            Attachable::Disk(_) => text!(en: "detach", zh: "卸载"),
        }
    }

    /// Returns whether it is a disk, the only object that holds data.
    pub fn is_disk(&self) -> bool {
        self.kind().properties().holds_data()
    }
}

messages! { Attachable:
    Attachable::Eip(id) => en("EIP {id}"), zh("弹性 IP {id}");
    Attachable::Disk(id) => en("disk {id}"), zh("云硬盘 {id}");
}
