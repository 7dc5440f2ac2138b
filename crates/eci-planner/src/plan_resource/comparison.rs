//! The comparison of last-applied, actual and desired attributes.

use std::cell::LazyCell;
use std::sync::Arc;

use eci_core::path::PathStep;
use eci_core::schema::{Object, secret_paths};
use eci_core::{DigestKey, Map, Path, Value};
use eci_state::ResourceState;

use crate::diff::{AttributeChange, DiffScope, Sides, diff, is_empty};
use crate::ignore::{Digests, IgnoredParts, KeptValues};
use crate::mask::Marks;
use crate::recall::recalled;
use crate::standalone;

/// The attributes of a resource that may be displayed while its desired value marks a part as
/// sensitive, or no longer does.
pub(super) struct DisplayedAttributes<'a> {
    /// The marks of an observation.
    pub(super) marks: Marks<'a>,
    pub(super) desired: &'a Map,
    pub(super) state: &'a ResourceState,
    /// The applied attributes, with the marks that the manifest has now.
    pub(super) applied: Arc<Map>,
}

impl<'a> DisplayedAttributes<'a> {
    pub(super) fn new(
        object: &'static Object,
        key: &'a DigestKey,
        desired: &'a Map,
        state: &'a ResourceState,
    ) -> DisplayedAttributes<'a> {
        let nothing = Map::new();
        let applied = Marks::of_one(object, key, desired, &nothing).mark(&state.applied);
        let applied = recalled(key, &applied, desired);
        DisplayedAttributes {
            marks: Marks::to_show(object, key, desired, state),
            desired,
            state,
            applied,
        }
    }

    /// Returns whether a difference does not count: the attribute is compared as a whole, because
    /// the identity of its elements is known only by digests of values that the manifest no longer
    /// has. Then it is unchanged if the report is, and what the manifest has now is sent as a
    /// whole.
    pub(super) fn is_incomparable(&self, change: &AttributeChange, observed: &Map) -> bool {
        let Marks { object, key, .. } = self.marks;
        let [PathStep::Name(attribute)] = &change.path.0[..] else {
            return false;
        };
        let has_digest = self.applied.get(attribute).is_some_and(Value::has_digest);
        let is_changed = || {
            let requested = diff(
                object,
                key,
                Sides {
                    before: &self.state.applied,
                    after: self.desired,
                },
                DiffScope::Given,
            );
            requested
                .iter()
                .any(|requested| overlaps(&requested.path, &change.path))
        };
        has_digest && observed.get(attribute) == self.state.observed.get(attribute) && is_changed()
    }

    /// Returns the form in which an observation is recorded.
    pub(super) fn seal(&self, reported: &Arc<Map>) -> Arc<Map> {
        let Marks { object, key, .. } = self.marks;
        Marks::to_record(object, key, self.desired, self.state).seal(reported)
    }

    /// Returns the applied attributes, without what is sensitive by now.
    pub(super) fn applied(&self) -> Arc<Map> {
        self.marks.key.redact_all(&self.applied)
    }

    /// Returns the state without what is sensitive by now.
    pub(super) fn state(&self, state: &ResourceState) -> ResourceState {
        ResourceState {
            applied: self.applied(),
            observed: self.marks.seal(&state.observed),
            ..state.clone()
        }
    }
}

/// The attributes that a desired state is compared with.
pub(super) struct Comparison<'a, F> {
    pub(super) object: &'static Object,
    pub(super) key: &'a DigestKey,
    /// Whether its bandwidth is shared, and not compared.
    pub(super) shared: bool,
    pub(super) applied: &'a Arc<Map>,
    /// Whether the cloud has the applied value, as far as it is known.
    pub(super) is_as_applied: bool,
    /// The attributes that the cloud has, as far as anybody knows.
    pub(super) now: LazyCell<Arc<Map>, F>,
}

impl<F: FnOnce() -> Arc<Map>> Comparison<'_, F> {
    /// Returns the differences to the actual state, and whether the manifest requests any of them: the
    /// others undo changes made elsewhere.
    pub(super) fn changes(&self, desired: &Arc<Map>) -> (Vec<AttributeChange>, bool) {
        let Comparison { object, key, .. } = *self;
        let requested = diff(
            object,
            key,
            Sides {
                before: self.applied,
                after: desired,
            },
            DiffScope::Given,
        );
        // Nearly all resources are as they are to be, and finding out what the cloud has of one
        // is the greater part of the work.
        if self.is_as_applied && requested.is_empty() {
            debug_assert_eq!(self.changes_since(&requested, desired).0, []);
            return (Vec::new(), false);
        }
        self.changes_since(&requested, desired)
    }

    fn changes_since(
        &self,
        requested: &[AttributeChange],
        desired: &Arc<Map>,
    ) -> (Vec<AttributeChange>, bool) {
        let Comparison { object, key, .. } = *self;
        let nothing = Map::new();
        // A value that is no longer sensitive is displayed once it is recorded.
        let shown = Marks::of_one(object, key, self.applied, &nothing).mark(desired);
        let mut changes = diff(
            object,
            key,
            Sides {
                before: &self.now,
                after: &shown,
            },
            DiffScope::Given,
        );
        let is_requested = |change: &AttributeChange| {
            let mut requested = requested.iter();
            requested.any(|requested| overlaps(&requested.path, &change.path))
        };
        changes.retain(|change| {
            // The cloud omits what is empty.
            let is_omitted = is_empty(key, &change.before) && is_empty(key, &change.after);
            let stays = (standalone::is_shrinkage(change) || is_omitted) && !is_requested(change)
                || self.shared && standalone::is_of_bandwidth(change);
            !stays
        });
        let is_change_requested = changes.iter().any(is_requested);
        (changes, is_change_requested)
    }

    /// Returns the attributes to record as applied while these changes are pending: the desired
    /// ones that the cloud already has, under their present marks.
    pub(super) fn accepted(&self, desired: &Arc<Map>, changes: &[AttributeChange]) -> Arc<Map> {
        let mut accepted = Arc::clone(desired);
        let undone = IgnoredParts::of_changes(changes);
        let values = KeptValues {
            values: self.applied,
            digests: Digests::Kept,
        };
        undone.keep(self.object, self.key, &mut accepted, values);
        if accepted.values().any(Value::has_unknown) {
            return Arc::clone(self.applied);
        }
        self.key.redact_all(&accepted)
    }
}

/// Returns whether the accepted attributes differ from the recorded ones: in a value, or in a mark.
pub(super) fn records_more<F>(comparison: &Comparison<'_, F>, accepted: &Map) -> bool {
    let Comparison {
        object,
        key,
        applied,
        ..
    } = *comparison;
    let marks = |map: &Map| secret_paths(object, map);
    !diff(
        object,
        key,
        Sides {
            before: applied,
            after: accepted,
        },
        DiffScope::Given,
    )
    .is_empty()
        || marks(applied) != marks(accepted)
}

fn overlaps(one: &Path, other: &Path) -> bool {
    one.0.iter().zip(&other.0).all(|(one, other)| one == other)
}
