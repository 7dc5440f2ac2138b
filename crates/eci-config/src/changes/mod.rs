//! `[[moved]]`, `[[removed]]` and `[[import]]`: what changes in the state rather than in the
//! cloud.

mod read;

use eci_core::Address;
use eci_core::diagnostic::Place;

pub(crate) use read::read_changes;

/// All three, each in the order of files and tables.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) moved: Vec<Moved>,
    pub(crate) removed: Vec<Removed>,
    pub(crate) imports: Vec<Import>,
}

/// `[[moved]]`: a resource, or all instances of one, has another address than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The address before.
    pub from: Address,
    /// The address from now on; of the same kind.
    pub to: Address,
    /// Its header.
    pub place: Place,
}

/// `[[removed]]`: a resource, or all instances of one, is in no manifest any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its address.
    pub from: Address,
    /// Whether it is deleted; otherwise the state lets it go, and the cloud keeps it.
    pub destroy: bool,
    /// Its header.
    pub place: Place,
}

/// `[[import]]`: a resource of the configuration is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its address.
    pub to: Address,
    /// The cloud's id.
    pub id: String,
    /// Its header.
    pub place: Place,
}
