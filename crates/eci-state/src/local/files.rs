//! Files that only their owner may read, and that are there whole or not at all.

use std::fs::{File, Metadata};
use std::io::{self, BufWriter, Read as _};
use std::path::Path;

use super::operations::{self, StateFile};
use crate::error::StateError;

pub(crate) use super::operations::Mode;

/// Makes a directory, and those above it, if it is not there. One that is keeps its
/// permissions.
pub(crate) fn make_directory(path: &Path) -> Result<(), StateError> {
    operations::make_directory(path).map_err(|cause| not_writable(path, cause))
}

/// Replaces a file by what `write` writes: after a crash at any instant, the file is the old
/// one or the new one, and surely the new one once the directory was flushed. Returns the new
/// file, open at its end; an error means that the old one is in its place.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<StateFile>) -> Result<(), StateError>,
) -> Result<StateFile, StateError> {
    replace_if(path, || Ok(()), write)
}

/// The same if the file may still be replaced once what takes its place is written.
pub(crate) fn replace_if(
    path: &Path,
    may: impl FnOnce() -> Result<(), StateError>,
    write: impl FnOnce(&mut BufWriter<StateFile>) -> Result<(), StateError>,
) -> Result<StateFile, StateError> {
    let new = path.with_extension("new");
    let failed = |cause| not_writable(&new, cause);
    let mut file = BufWriter::new(StateFile::open(&new, Mode::Empty).map_err(failed)?);
    write(&mut file)?;
    let mut file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    may()?;
    file.rename(&new, path)
        .map_err(|cause| not_writable(path, cause))?;
    Ok(file)
}

/// The content of a file, and what the operating system says about it; none if it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<(Vec<u8>, Metadata)>, StateError> {
    let read = || {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        let mut content = Vec::new();
        file.read_to_end(&mut content)?;
        Ok((content, about))
    };
    match read() {
        Ok(read) => Ok(Some(read)),
        Err(cause) if io::Error::kind(&cause) == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(unreadable(path, cause)),
    }
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
    operations::sync_directory(path).map_err(|cause| not_writable(path, cause))
}
