//! Files that only their owner may read, and that are there whole or not at all.

use std::fs::{File, Metadata};
use std::io::{self, BufRead as _, BufReader, BufWriter};
use std::path::Path;

use eci_core::regular::{self, LARGEST_STATE};

use super::operations::{self, StateFile};
use crate::error::StateError;

pub(crate) use super::operations::OpenMode;

/// Makes a directory, and those above it, if it is not there.
///
/// One that is keeps its permissions.
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
    let draft = &path.with_extension("new");
    replace_if(Draft { path, draft }, || Ok(()), write)
}

/// A file to replace, and the name of the new one until it is complete.
#[derive(Clone, Copy)]
pub(crate) struct Draft<'a> {
    pub(crate) path: &'a Path,
    pub(crate) draft: &'a Path,
}

/// Replaces a file like [`replace`] if that is still allowed once the new content is written.
pub(crate) fn replace_if(
    Draft { path, draft }: Draft<'_>,
    may: impl FnOnce() -> Result<(), StateError>,
    write: impl FnOnce(&mut BufWriter<StateFile>) -> Result<(), StateError>,
) -> Result<StateFile, StateError> {
    let failed = |cause| not_writable(draft, cause);
    let mut file = BufWriter::new(StateFile::open(draft, OpenMode::Empty).map_err(failed)?);
    write(&mut file)?;
    let mut file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    may()?;
    file.rename(draft, path)
        .map_err(|cause| not_writable(path, cause))?;
    Ok(file)
}

/// Refuses a path that is not a regular file: opening a pipe may wait forever.
pub(crate) fn may_be_opened(path: &Path, most: u64) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(about) => regular::check(&about, most),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(cause),
    }
}

/// A file that is to be read.
pub(crate) struct OpenFile {
    pub(crate) file: File,
    /// The metadata of the file.
    pub(crate) about: Metadata,
}

/// Opens a file of a state for reading; none if it is not there.
pub(crate) fn open(path: &Path) -> Result<Option<OpenFile>, StateError> {
    let open = || {
        let file = regular::open(path, LARGEST_STATE)?;
        let about = file.metadata()?;
        Ok(OpenFile { file, about })
    };
    match open() {
        Ok(opened) => Ok(Some(opened)),
        Err(cause) if io::Error::kind(&cause) == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(unreadable(path, cause)),
    }
}

/// Returns whether two files have the same content.
///
/// # Errors
/// If one of them cannot be opened or read.
pub(crate) fn are_equal(one: &Path, other: &Path) -> io::Result<bool> {
    let open = |path| regular::open(path, LARGEST_STATE);
    let (one, other) = (open(one)?, open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (these, those) = (one.fill_buf()?, other.fill_buf()?);
        let length = these.len().min(those.len());
        if length == 0 {
            return Ok(these.is_empty() && those.is_empty());
        }
        if these[..length] != those[..length] {
            return Ok(false);
        }
        one.consume(length);
        other.consume(length);
    }
}

/// Creates the error for a file that cannot be written.
pub(crate) fn not_writable(path: &Path, cause: io::Error) -> StateError {
    StateError::NotWritable {
        path: path.to_owned(),
        cause,
    }
}

/// Creates the error for a file that cannot be read.
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
