//! The places of states with resources that this machine knows: by them it recognizes a backend that was changed
//! or mistyped.
//!
//! A state in a place that was never used is a sound, empty one: the next run would create everything a second
//! time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eci_state::{StateError, WorkspaceName};
use serde::{Deserialize, Serialize};

use crate::known_file::KnownFile;

/// A file with the places of states that a configuration has used on this machine and that have resources.
///
/// It protects, and no run depends on it: a file that is missing knows nothing, and no failure to write it fails a
/// run.
#[derive(Clone, Debug)]
pub struct KnownPlaces(KnownFile);

/// The place of a state with resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownPlace {
    /// The permanent address of the state.
    pub location: String,
    /// Whether the resources are those of the simulated cloud.
    pub is_sandbox: bool,
}

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
struct KnownPlacesContent {
    /// The places by workspace, the one that was used last at the end.
    workspaces: BTreeMap<String, Vec<KnownPlace>>,
}

impl KnownPlaces {
    /// Creates a view of a file, which may be missing.
    pub fn new(path: impl Into<PathBuf>) -> KnownPlaces {
        KnownPlaces(KnownFile::new(path))
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the places of a workspace, the one that was used last at the end.
    ///
    /// # Errors
    /// If the file is damaged or cannot be read.
    pub fn of(&self, workspace: &WorkspaceName) -> Result<Vec<KnownPlace>, StateError> {
        let KnownPlacesContent { mut workspaces } = self.0.read()?;
        Ok(workspaces.remove(workspace.as_str()).unwrap_or_default())
    }

    /// Records a place that was used.
    pub fn record(&self, workspace: &WorkspaceName, place: KnownPlace) {
        self.change(workspace, |places| {
            places.retain(|known| known.location != place.location);
            places.push(place);
        });
    }

    /// Forgets a place: its state was migrated, or has nothing that could be created a second time.
    pub fn forget(&self, workspace: &WorkspaceName, location: &str) {
        self.change(workspace, |places| {
            places.retain(|known| known.location != location);
        });
    }

    /// Forgets all places of a workspace.
    pub fn forget_workspace(&self, workspace: &WorkspaceName) {
        self.change(workspace, Vec::clear);
    }

    /// Writes the places of a workspace, if they change.
    fn change(&self, workspace: &WorkspaceName, change: impl FnOnce(&mut Vec<KnownPlace>)) {
        self.0.change(|content: &mut KnownPlacesContent| {
            let workspaces = &mut content.workspaces;
            let before = workspaces.remove(workspace.as_str()).unwrap_or_default();
            let mut places = before.clone();
            change(&mut places);
            let is_changed = places != before;
            if !places.is_empty() {
                workspaces.insert(workspace.to_string(), places);
            }
            is_changed
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn place(location: &str) -> KnownPlace {
        KnownPlace {
            location: location.to_owned(),
            is_sandbox: false,
        }
    }

    #[test]
    fn places_are_known_by_workspace_until_they_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let known = KnownPlaces::new(directory.path().join("state/places.json"));
        let default = WorkspaceName::default_one();
        let other: WorkspaceName = "other".parse().unwrap();
        known.forget(&default, "a");
        assert!(!directory.path().join("state").exists());
        for location in ["a", "b", "a"] {
            known.record(&default, place(location));
        }
        known.record(&other, place("c"));
        assert_eq!(known.of(&default).unwrap(), [place("b"), place("a")]);
        known.forget(&default, "b");
        assert_eq!(known.of(&default).unwrap(), [place("a")]);
        known.forget_workspace(&other);
        assert_eq!(known.of(&other).unwrap(), []);
        assert_eq!(known.of(&default).unwrap(), [place("a")]);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let known = KnownPlaces::new(directory.path().join("places.json"));
        known.record(&WorkspaceName::default_one(), place("a"));
        let mode = std::fs::metadata(known.path())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_reported_and_not_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let known = KnownPlaces::new(directory.path().join("places.json"));
        let default = WorkspaceName::default_one();
        known.record(&default, place("a"));
        let whole = std::fs::read(known.path()).unwrap();
        for damaged in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[damaged] ^= 1;
            for text in [&flipped[..], &whole[..damaged]] {
                std::fs::write(known.path(), text).unwrap();
                let error = known.of(&default).unwrap_err();
                assert!(
                    matches!(error, StateError::KnownFileDamaged { .. }),
                    "{damaged}: {error}"
                );
                known.record(&default, place("b"));
                assert_eq!(std::fs::read(known.path()).unwrap(), text);
            }
        }
        std::fs::write(known.path(), r#"{"format": 2, "workspaces": {}}"#).unwrap();
        let error = known.of(&default).unwrap_err();
        assert!(matches!(error, StateError::NewerFormat { .. }), "{error}");
        std::fs::remove_file(known.path()).unwrap();
        assert_eq!(known.of(&default).unwrap(), []);
    }
}
