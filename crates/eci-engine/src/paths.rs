//! Paths as they are shown.

use std::path::{Component, Path, PathBuf};

/// Returns the path without a `./` in front.
pub fn strip_current_dir(path: &Path) -> PathBuf {
    let parts = path.components();
    let short: PathBuf = parts
        .filter(|part| !matches!(part, Component::CurDir))
        .collect();
    if short.as_os_str().is_empty() {
        return PathBuf::from(".");
    }
    short
}
