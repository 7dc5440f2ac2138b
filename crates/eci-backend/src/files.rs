//! Files of states in directories.

use std::path::Path;
use std::{fs, io};

use eci_state::StateError;

/// Returns once the names in a directory are on disk.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        return fs::File::open(path)?.sync_all();
    }
    Ok(())
}

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
