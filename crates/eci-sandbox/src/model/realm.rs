//! The realm of an object: its account and its region.

use serde::{Deserialize, Serialize};

/// An account in a region.
///
/// What is in one realm sees nothing of the others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Realm {
    /// The access key.
    pub(crate) account: String,
    pub(crate) region: String,
}

/// An object of a realm, by its ID.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) realm: &'a Realm,
    pub(crate) id: &'a str,
}
