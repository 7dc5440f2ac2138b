//! Addresses of states in the form in which they are compared.

use std::path::{Component, Path, PathBuf};

/// Returns an address in the form in which addresses are compared.
///
/// Names that lead to one directory are one place, also while it does not exist yet. Addresses that are not absolute
/// paths stay the same.
pub(crate) fn normal_location(location: &str) -> String {
    let path = Path::new(location);
    if path.is_absolute() {
        normal_path(path).display().to_string()
    } else {
        location.to_owned()
    }
}

/// Returns an absolute path without links and `..`, as far as its directories exist.
pub(crate) fn normal_path(path: &Path) -> PathBuf {
    if let Ok(found) = path.canonicalize() {
        return found;
    }
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            component => {
                normal.push(component);
                // What is above a link is not what is above its name.
                if let Ok(found) = normal.canonicalize() {
                    normal = found;
                }
            }
        }
    }
    normal
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_directory_are_one_place_before_it_exists() {
        let directory = tempfile::tempdir().unwrap();
        let base = directory.path().canonicalize().unwrap();
        std::fs::create_dir_all(base.join("a/b")).unwrap();
        std::os::unix::fs::symlink(base.join("a/b"), base.join("link")).unwrap();
        let place = |path: &str| normal_location(&base.join(path).display().to_string());
        let expected = base.join("a/new/state").display().to_string();
        for path in [
            "a/new/state",
            "a/b/../new/./state",
            "link/../new/state",
            "a/x/../new/state",
        ] {
            assert_eq!(place(path), expected, "{path}");
        }
        std::fs::create_dir_all(base.join("a/new/state")).unwrap();
        assert_eq!(place("link/../new/state"), expected);
        assert_eq!(normal_location("s3://bucket/../a"), "s3://bucket/../a");
    }
}
