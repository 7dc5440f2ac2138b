//! Workspaces in directories, encrypted or not.

use std::path::Path;

use eci_backend::{Backend, EncryptedDirectory, WorkspaceSet};
use eci_state::{StateError, Store as _, WorkspaceError, WorkspaceName, Workspaces};

use crate::world::{key, options, updated};

/// Returns the workspaces of a directory in both forms.
fn sets(parent: &Path) -> [WorkspaceSet; 2] {
    let [plain, encrypted] = ["plain", "encrypted"].map(|name| parent.join(name));
    let vault = EncryptedDirectory::new(&encrypted, vec![key()]);
    [
        WorkspaceSet::new(Backend::from(&plain), Workspaces::new(plain)),
        WorkspaceSet::new(Backend::Encrypted(vault), Workspaces::new(encrypted)),
    ]
}

#[test]
fn only_an_empty_unlocked_workspace_is_deleted_unless_by_force() {
    let parent = tempfile::tempdir().unwrap();
    let dev: WorkspaceName = "dev".parse().unwrap();
    let default = WorkspaceName::default_one();
    let options = || options("eci workspace");
    for workspaces in sets(parent.path()) {
        workspaces.create(&dev, options()).unwrap();
        let place = workspaces.place(&dev).unwrap();
        let mut held = place.open(options(), |_| {}).unwrap();
        let error = workspaces.delete(&dev, options(), true).unwrap_err();
        assert!(matches!(
            error,
            WorkspaceError::State(StateError::LockHeld { .. })
        ));
        held.append(&[updated("web", "eip-1")]).unwrap();
        held.compact().unwrap();
        held.close().unwrap();
        let error = workspaces.delete(&dev, options(), false).unwrap_err();
        assert!(error.to_string().ends_with("has 1 resource"), "{error}");
        workspaces.find(&dev).unwrap();
        let deleted = workspaces.delete(&dev, options(), true).unwrap();
        assert_eq!(deleted.resources.len(), 1);
        assert_eq!(workspaces.list().unwrap(), std::slice::from_ref(&default));
        let directory = place.directory().unwrap();
        let left = std::fs::read_dir(directory.parent().unwrap()).unwrap();
        assert_eq!(left.count(), 0);
        let refused = workspaces.delete(&default, options(), true);
        let help = refused.unwrap_err().help().unwrap();
        assert!(
            help.en().contains("`eci destroy --workspace default`"),
            "{help}"
        );
    }
}

#[test]
fn a_workspace_in_the_other_form_is_not_deleted() {
    let parent = tempfile::tempdir().unwrap();
    let dev: WorkspaceName = "dev".parse().unwrap();
    let options = || options("eci workspace");
    let [plain, encrypted] = [false, true].map(|is_encrypted| {
        let base = parent.path().join("state");
        let backend = if is_encrypted {
            Backend::Encrypted(EncryptedDirectory::new(&base, vec![key()]))
        } else {
            Backend::from(&base)
        };
        WorkspaceSet::new(backend, Workspaces::new(base))
    });
    for [with, without] in [[&plain, &encrypted], [&encrypted, &plain]] {
        with.create(&dev, options()).unwrap();
        let refused = without.delete(&dev, options(), true).unwrap_err();
        assert!(refused.to_string().contains("encrypted"), "{refused}");
        with.delete(&dev, options(), false).unwrap();
    }
}
