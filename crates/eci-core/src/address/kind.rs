//! The kinds of resources.

use std::fmt;

/// The kind of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An elastic IP.
    Eip,
    /// A volume; except for a managed disk it lives only inside its groups.
    Volume,
    /// A container group.
    ContainerGroup,
}

impl Kind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Kind; 3] = [Kind::Eip, Kind::Volume, Kind::ContainerGroup];

    /// Returns the name in manifests and addresses.
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    /// Returns the kind of that name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
