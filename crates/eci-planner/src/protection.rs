//! `prevent_destroy`: its declared and its recorded value.

use eci_config::Lifecycle;
use eci_core::kinds::is_standalone;
use eci_core::{Address, Kind, Map};
use serde::{Deserialize, Serialize};

use crate::step::Step;

/// A `prevent_destroy` whose recorded value differs from the declared one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// The resource.
    pub address: Address,
    /// Whether it is protected from then on.
    pub prevent_destroy: bool,
    /// The value to record: none where that is the default.
    pub recorded: Option<bool>,
}

impl Step {
    /// Returns the recorded `prevent_destroy` after the step is applied.
    pub fn protection_after(&self) -> Option<bool> {
        let before = self.state.as_ref().and_then(|it| it.prevent_destroy);
        match &self.resource {
            Some(resource) => after(&resource.lifecycle, before, self.bears_data_after()),
            None => before,
        }
    }

    /// Returns the protection to record without any other change, if it differs.
    pub(crate) fn protection(&self) -> Option<Protection> {
        let state = self.state.as_deref()?;
        let before = state.prevent_destroy;
        let recorded = self.protection_after();
        let was_protected = before.unwrap_or(holds_data(self.address.kind(), &state.applied));
        let prevent_destroy = recorded.unwrap_or(self.bears_data_after());
        // The recorded value of a disk that is removed from the state has no meaning.
        let differs = was_protected != prevent_destroy || recorded.is_some();
        (before != recorded && differs).then(|| Protection {
            address: self.address.clone(),
            prevent_destroy,
            recorded,
        })
    }

    fn bears_data_after(&self) -> bool {
        let applied = || Some(&*self.state.as_deref()?.applied);
        let attributes = self.desired.as_deref().or_else(applied);
        attributes.is_some_and(|it| holds_data(self.address.kind(), it))
    }
}

/// Returns whether this is a disk with data on it, which is protected unless its manifest says otherwise.
pub(crate) fn holds_data(kind: Kind, attributes: &Map) -> bool {
    kind.properties().holds_data() && is_standalone(kind, attributes)
}

/// Returns the `prevent_destroy` to record when a manifest is applied.
///
/// A manifest without it leaves a protection as it is, and a disk protected again.
pub(crate) fn after(lifecycle: &Lifecycle, before: Option<bool>, bears_data: bool) -> Option<bool> {
    let protects_after = lifecycle.prevent_destroy.or(before.filter(|it| *it));
    protects_after.filter(|protects| *protects || bears_data)
}
