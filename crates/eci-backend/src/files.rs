//! Files of states in directories.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

use eci_state::StateError;
use eci_state::atomic_file::{self, sync_directory};

/// Creates the error for a file that cannot be written.
pub(crate) fn not_writable(path: &Path, cause: io::Error) -> StateError {
    let path = path.to_owned();
    StateError::NotWritable { path, cause }
}

/// Returns whether a file does not exist.
pub(crate) fn is_absent(cause: &io::Error) -> bool {
    let kind = cause.kind();
    matches!(kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Replaces or creates a file that only its owner may read, in a folder that is created if it does not exist.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    create_folder(path.parent().unwrap_or(Path::new(".")))?;
    atomic_file::replace_private(path, content)
}

/// Creates a folder that only its owner may read, and those above it, durably: an entry in a folder whose
/// name a power failure loses would be lost with it.
pub(crate) fn create_folder(folder: &Path) -> io::Result<()> {
    let missing = folder
        .ancestors()
        .take_while(|it| !it.as_os_str().is_empty() && !it.exists());
    let missing: Vec<&Path> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    missing.iter().try_for_each(|it| match it.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_directory(parent),
        _ => sync_directory(Path::new(".")),
    })
}
