//! Whether a state belongs to the sandbox.
//!
//! To the sandbox, what the real cloud made is gone, and to the real cloud what the sandbox
//! made: a run against the wrong one would make everything anew and forget the first. So a
//! state whose groups are in the sandbox is marked by a file, and the other cloud is refused.

use std::fs;
use std::path::{Path, PathBuf};

use eci_state::{Snapshot, StateError};

use crate::failure::Failure;

/// What the mark says to whoever finds it.
const TEXT: &str = "The container groups of the state in the directory above are in the sandbox.\n";

/// The directory of the mark: beside the sandbox's world, for the default workspace.
fn sandbox_in(state: &Path) -> PathBuf {
    state.join("sandbox")
}

fn mark_in(state: &Path) -> PathBuf {
    sandbox_in(state).join("holds-this-state")
}

/// Refuses the cloud that does not have what the state has.
pub(super) fn check(state: &Path, snapshot: &Snapshot, sandbox: bool) -> Result<(), Failure> {
    let made = snapshot
        .resources
        .values()
        .any(|resource| resource.id.is_some());
    if !made && snapshot.open.is_empty() {
        return Ok(());
    }
    match (sandbox, mark_in(state).exists()) {
        (true, false) => Err(Failure::new(
            format!(
                "the container groups of the state in {} are not in the sandbox",
                state.display()
            ),
            "leave out --sandbox, or keep a state for the sandbox elsewhere with --state",
        )),
        (false, true) => Err(Failure::new(
            format!(
                "the container groups of the state in {} are in the sandbox",
                state.display()
            ),
            "go on with --sandbox; or end it with `eci destroy --sandbox`; or keep the real \
             cloud's state elsewhere with --state",
        )),
        _ => Ok(()),
    }
}

/// Marks a state, which must have passed [`check`], before anything is made for it.
pub(super) fn mark(state: &Path, sandbox: bool) -> Result<(), StateError> {
    let path = mark_in(state);
    let done = match (sandbox, path.exists()) {
        (true, false) => {
            fs::create_dir_all(sandbox_in(state)).and_then(|()| fs::write(&path, TEXT))
        }
        (false, true) => fs::remove_file(&path),
        _ => Ok(()),
    };
    done.map_err(|cause| StateError::NotWritable { path, cause })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{Address, Kind};
    use eci_state::ResourceState;

    use super::*;

    fn with_a_group() -> Snapshot {
        let mut snapshot = Snapshot::fresh().unwrap();
        let state = ResourceState {
            id: Some("eci-1".to_owned()),
            ..ResourceState::default()
        };
        snapshot
            .resources
            .insert(Address::new(Kind::ContainerGroup, "web"), state);
        snapshot
    }

    #[test]
    fn a_state_stays_with_the_cloud_that_made_what_it_has() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path();
        let full = with_a_group();
        assert!(check(state, &full, false).is_ok());
        assert!(check(state, &full, true).is_err());
        mark(state, true).unwrap();
        assert!(check(state, &full, true).is_ok());
        assert!(check(state, &full, false).is_err());
    }

    #[test]
    fn an_empty_state_may_go_to_either() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path();
        let empty = Snapshot::fresh().unwrap();
        mark(state, true).unwrap();
        assert!(check(state, &empty, false).is_ok());
        mark(state, false).unwrap();
        assert!(check(state, &with_a_group(), false).is_ok());
    }
}
