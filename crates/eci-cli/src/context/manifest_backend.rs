//! The backend in manifests, as far as it is known without evaluating them.

use std::path::{Path, PathBuf};

use eci_config::may_name_a_backend;
use eci_core::regular::{self, LARGEST_TEXT};
use eci_engine::strip_current_dir;
use eci_format::MANIFEST_ENDING;
use toml::{Table, Value};

/// The default directory of the state.
pub(super) const DEFAULT: &str = "state";

/// The backend as far as it is known without evaluating anything.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ConfiguredBackend {
    /// A directory.
    Local(PathBuf),
    /// Another backend, or one that depends on expressions, or one that an error may hide.
    Other,
}

/// Returns the manifests of a directory, in the order of their names.
pub(crate) fn manifests_in(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut manifests: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(MANIFEST_ENDING) && !path.is_dir())
        .collect();
    manifests.sort();
    manifests
}

/// Returns whether the manifests of a directory have `[encryption]`, as far as that is known without
/// evaluating them. One that cannot be read may have it.
pub(super) fn may_have_keys(directory: &Path) -> bool {
    manifests_in(directory).iter().any(|manifest| {
        let Ok(text) = regular::read_to_string(manifest, LARGEST_TEXT) else {
            return true;
        };
        let names_it = text.contains("encryption");
        if !names_it && !may_name_a_backend(&text) {
            return false;
        }
        let table = text.parse::<Table>();
        table.map_or(names_it, |table| table.contains_key("encryption"))
    })
}

/// Returns the backend in the manifests of a directory.
pub(super) fn configured(directory: &Path) -> ConfiguredBackend {
    let manifests = manifests_in(directory);
    let found = manifests.iter().find_map(|manifest| {
        let Ok(text) = regular::read_to_string(manifest, LARGEST_TEXT) else {
            return Some(ConfiguredBackend::Other);
        };
        if !may_name_a_backend(&text) {
            return None;
        }
        // The default directory is not the place of a state whose backend cannot be read.
        let Ok(table) = text.parse::<Table>() else {
            return Some(ConfiguredBackend::Other);
        };
        let backend = table.get("backend")?;
        let local = match backend
            .as_table()
            .map(|backend| (backend.get("local"), backend))
        {
            Some((Some(local), _)) => local,
            Some((None, backend)) if backend.is_empty() => return None,
            _ => return Some(ConfiguredBackend::Other),
        };
        let path = match local.as_table().map(|local| local.get("path")) {
            Some(None) => return None,
            Some(Some(Value::String(path))) => path,
            _ => return Some(ConfiguredBackend::Other),
        };
        if path.contains("${") || path.contains("%{") {
            return Some(ConfiguredBackend::Other);
        }
        Some(ConfiguredBackend::Local(strip_current_dir(Path::new(path))))
    });
    found.unwrap_or_else(|| ConfiguredBackend::Local(PathBuf::from(DEFAULT)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_state_is_found_also_in_manifests_that_are_wrong() {
        let directory = tempfile::tempdir().unwrap();
        let local = |path: &str| ConfiguredBackend::Local(PathBuf::from(path));
        assert_eq!(configured(directory.path()), local("state"));
        std::fs::write(
            directory.path().join("a.eci.toml"),
            "[eip.web]\nbandwith = ",
        )
        .unwrap();
        std::fs::write(
            directory.path().join("b.eci.toml"),
            "nonsense = 1\n[backend.local]\npath = \"./there\"\n",
        )
        .unwrap();
        assert_eq!(configured(directory.path()), local("there"));
    }

    #[test]
    fn the_default_directory_is_not_used_where_an_error_may_hide_the_backend() {
        for text in [
            "[backend.s3]\nx = [",
            "[backend.local]\npath = \"there\"\nx = [",
            "[backend.zos]\n",
            "[backend.local]\npath = 3\n",
            "backend = 3\n",
            "backend.local = 3\n",
        ] {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("a.eci.toml"), text).unwrap();
            assert_eq!(
                configured(directory.path()),
                ConfiguredBackend::Other,
                "{text}"
            );
        }
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.eci.toml"), b"# \xff\n").unwrap();
        assert_eq!(configured(directory.path()), ConfiguredBackend::Other);
    }
}
