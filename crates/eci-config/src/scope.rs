//! What other resources look like at the time of an evaluation.

use eci_core::{Address, Value};

/// What other resources look like at the time of an evaluation.
pub trait Scope {
    /// The attributes of a resource as a table in normal form, the ones that only the cloud
    /// sets included. Parts may be unknown; an attribute that is missing is null, or what the
    /// cloud takes where nothing is given. `None` means that nothing is known: every attribute
    /// is unknown.
    fn resource(&self, address: &Address) -> Option<Value>;
}

/// A scope in which nothing is known of any resource.
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingKnown;

impl Scope for NothingKnown {
    fn resource(&self, _: &Address) -> Option<Value> {
        None
    }
}
