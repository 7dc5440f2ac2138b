//! Files that only their owner may read, and that are there whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::Path;

use crate::error::StateError;

/// What becomes of the content of a file that is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It stays.
    Keep,
    /// It goes.
    Empty,
}

/// Opens a file to read and write, making it if need be.
pub(crate) fn open_private(path: &Path, mode: Mode) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .write(true)
        .create(true)
        .truncate(mode == Mode::Empty);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a directory, and those above it, if it is not there. One that is keeps its
/// permissions.
pub(crate) fn make_directory(path: &Path) -> Result<(), StateError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|cause| not_writable(path, cause))
}

/// Replaces a file by what `write` writes: after a crash at any instant, the file is the old
/// one or the new one, and surely the new one once the directory was flushed. Returns the new
/// file, open at its end; an error means that the old one is in its place.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), StateError>,
) -> Result<File, StateError> {
    let new = path.with_extension("new");
    let failed = |cause| not_writable(&new, cause);
    let mut file = BufWriter::new(open_private(&new, Mode::Empty).map_err(failed)?);
    write(&mut file)?;
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    fs::rename(&new, path).map_err(|cause| not_writable(path, cause))?;
    Ok(file)
}

/// The error for a file that cannot be written.
pub(crate) fn not_writable(path: &Path, cause: io::Error) -> StateError {
    StateError::NotWritable {
        path: path.to_owned(),
        cause,
    }
}

/// The error for a file that cannot be read.
pub(crate) fn unreadable(path: &Path, cause: io::Error) -> StateError {
    StateError::Unreadable {
        path: path.to_owned(),
        cause,
    }
}

/// Flushes the names in a directory.
pub(crate) fn flush_directory(path: &Path) -> Result<(), StateError> {
    if cfg!(unix) {
        File::open(path)
            .and_then(|directory| directory.sync_all())
            .map_err(|cause| not_writable(path, cause))?;
    }
    Ok(())
}
