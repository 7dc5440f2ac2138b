//! The identity of files, whatever their names.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use super::files::unreadable;
use crate::error::StateError;

/// The identity of a file, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl FileId {
    /// Creates an identifier from the metadata of a file.
    ///
    /// Where the operating system does not identify files, all are equal.
    pub(crate) fn of(about: &Metadata) -> FileId {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            FileId(about.dev(), about.ino())
        }
        #[cfg(not(unix))]
        {
            let _ = about;
            FileId(0, 0)
        }
    }

    /// Returns the identifier of the file with a name; `None` if there is none.
    pub(crate) fn at(path: &Path) -> Result<Option<FileId>, StateError> {
        Ok(about(path)?.as_ref().map(FileId::of))
    }
}

/// Returns what the operating system says about the file that has a name; none if nothing has it.
pub(crate) fn about(path: &Path) -> Result<Option<Metadata>, StateError> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some(about)),
        Err(cause)
            if matches!(
                cause.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(cause) => Err(unreadable(path, cause)),
    }
}
