//! `lifecycle` and `timeouts`.

use std::time::Duration;

use eci_core::Address;
use eci_core::path::PathPattern;

/// `lifecycle`: how a resource may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lifecycle {
    /// Whether a plan that deletes it is refused.
    pub prevent_destroy: Option<bool>,
    /// Whether a replacement is created before the old object is deleted.
    pub create_before_destroy: bool,
    /// Changes that are ignored.
    pub ignore_changes: IgnoreChanges,
    /// Resources whose replacement replaces this one.
    pub replace_triggered_by: Vec<Address>,
}

/// Changes that are ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreChanges {
    /// Changes at or below these paths, for example `tags.owner`.
    Paths(Vec<PathPattern>),
    /// All changes.
    All,
}

impl Default for IgnoreChanges {
    fn default() -> IgnoreChanges {
        IgnoreChanges::Paths(Vec::new())
    }
}

/// `timeouts`: how long an action may take; the defaults are the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// Until it is there and ready.
    pub create: Option<Duration>,
    /// Until the change is done.
    pub update: Option<Duration>,
    /// Until it is deleted.
    pub delete: Option<Duration>,
}
