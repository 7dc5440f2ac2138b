//! Values that were sensitive before, and may be reported in clear again.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::schema::secret_paths;
use eci_core::{Address, Kind, Map, Path};

use crate::record::IntentKind;
use crate::resource::ResourceState;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// Returns what was sensitive at an address until now: in the resource that is there and in
    /// those that were there before. Whatever is created there may be given the same by others.
    pub fn sensitive_at(&self, address: &Address) -> BTreeSet<Path> {
        let mut paths = match self.resources.get(address) {
            Some(state) => state.all_sensitive(address.kind()),
            None => BTreeSet::new(),
        };
        paths.extend(
            self.formerly_sensitive
                .get(address)
                .into_iter()
                .flatten()
                .cloned(),
        );
        paths
    }

    /// Records the state of a resource, which remembers what was sensitive at its address before.
    /// Returns whether that changed anything.
    pub(crate) fn record(&mut self, address: &Address, state: &ResourceState) -> bool {
        let mut state = state.clone();
        state.remember(self.sensitive_at(address), address.kind());
        self.formerly_sensitive.remove(address);
        let earlier = self.resources.insert(address.clone(), state);
        earlier.as_ref() != self.resources.get(address)
    }

    /// Removes a resource that no longer exists; what was sensitive in it stays remembered.
    ///
    /// Returns whether there was one.
    pub(crate) fn bury(&mut self, address: &Address) -> bool {
        let sensitive = self.sensitive_at(address);
        if !sensitive.is_empty() {
            self.formerly_sensitive.insert(address.clone(), sensitive);
        }
        self.resources.remove(address).is_some()
    }

    /// Remembers what a change is about to make sensitive: whatever its outcome, the cloud may
    /// report it from now on. Returns whether that was news.
    pub(crate) fn expect_secrets(&mut self, address: &Address, kind: &IntentKind) -> bool {
        let (IntentKind::Update { sensitive, .. }, Some(state)) =
            (kind, self.resources.get_mut(address))
        else {
            return false;
        };
        let before = state.sensitive.len();
        let known = secret_paths(address.kind().schema(), &state.applied);
        let new = sensitive.iter().filter(|path| !known.contains(*path));
        state.sensitive.extend(new.cloned());
        state.sensitive.len() > before
    }
}

impl ResourceState {
    /// Returns the state once other attributes are requested; it keeps the record of what was sensitive
    /// until then.
    #[must_use]
    pub fn with_applied(&self, kind: Kind, applied: Arc<Map>) -> ResourceState {
        let mut state = ResourceState {
            applied,
            unconfirmed: BTreeSet::new(),
            ..self.clone()
        };
        state.remember(self.all_sensitive(kind), kind);
        state
    }

    /// Remembers what was sensitive before, in addition to what is now.
    pub fn remember(&mut self, paths: BTreeSet<Path>, kind: Kind) {
        let now = secret_paths(kind.schema(), &self.applied);
        let paths = paths.into_iter().filter(|path| !now.contains(path));
        self.sensitive.extend(paths);
    }

    /// Returns the paths that are or were sensitive.
    fn all_sensitive(&self, kind: Kind) -> BTreeSet<Path> {
        let schema = kind.schema();
        let mut paths = secret_paths(schema, &self.applied);
        paths.extend(secret_paths(schema, &self.observed));
        paths.extend(self.sensitive.iter().cloned());
        paths
    }
}
