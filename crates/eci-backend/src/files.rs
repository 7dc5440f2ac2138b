//! Files of states in directories.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

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

/// Puts a file that only its owner may read in the place of another: after a crash it is the old one or the new
/// one. Its folder is created if it does not exist.
///
/// # Errors
/// If it cannot be written.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    // Runs in other workspaces may replace it at the same time.
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_directory(folder)
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
