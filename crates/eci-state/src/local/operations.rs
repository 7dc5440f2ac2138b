//! The operations by which the files of a state are written, one by one.
//!
//! All that changes a file or a name goes through here, so that a crash test can let each of them
//! fail, tear it, or make it the last of its process; see [`crate::failpoint`]. Without the feature
//! `failpoints` they are the operations of the standard library and nothing else.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
#[cfg(feature = "failpoints")]
use std::path::PathBuf;

#[cfg(feature = "failpoints")]
use crate::failpoint::files::{self as crash_test, FileOperation};

/// The treatment of the content of a file that is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// The content stays.
    Keep,
    /// The content is removed.
    Empty,
}

/// A file of a state, open to be read and written; only its owner may do either.
#[derive(Debug)]
pub(crate) struct StateFile {
    file: File,
    #[cfg(feature = "failpoints")]
    path: PathBuf,
}

/// Performs an operation on a path.
#[cfg(feature = "failpoints")]
macro_rules! perform {
    ($operation:ident $path:expr, $act:expr) => {
        crash_test::perform(FileOperation::$operation, $path, || $act)
    };
}

/// Performs an operation on a path.
#[cfg(not(feature = "failpoints"))]
macro_rules! perform {
    ($operation:ident $path:expr, $act:expr) => {
        $act
    };
}

impl StateFile {
    /// Opens a file, creating it if need be.
    pub(crate) fn open(path: &Path, mode: OpenMode) -> io::Result<StateFile> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(mode == OpenMode::Empty);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(StateFile {
            file: perform!(Open path, options.open(path))?,
            #[cfg(feature = "failpoints")]
            path: path.to_owned(),
        })
    }

    /// Returns once its content and its length are on disk, and all else about it.
    pub(crate) fn sync_all(&self) -> io::Result<()> {
        #[cfg(feature = "failpoints")]
        if crash_test::is_unordered() {
            return Ok(());
        }
        perform!(Sync & self.path, self.file.sync_all())
    }

    /// Returns once its content and its length are on disk.
    pub(crate) fn sync_data(&self) -> io::Result<()> {
        #[cfg(feature = "failpoints")]
        if crash_test::is_unflushed() {
            return Ok(());
        }
        perform!(Sync & self.path, self.file.sync_data())
    }

    /// Cuts its content off, or fills it up, at a length.
    pub(crate) fn set_len(&self, length: u64) -> io::Result<()> {
        perform!(Truncate & self.path, self.file.set_len(length))
    }

    /// Gives it another name than this, also one that another file has.
    pub(crate) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        #[cfg(feature = "failpoints")]
        crash_test::note_source(from, to);
        perform!(Rename to, fs::rename(from, to))?;
        #[cfg(feature = "failpoints")]
        {
            self.path = to.to_owned();
        }
        Ok(())
    }

    /// Gives it these permissions.
    pub(crate) fn set_permissions(&self, permissions: Permissions) -> io::Result<()> {
        self.file.set_permissions(permissions)
    }

    /// Returns the metadata of the file.
    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Locks it, unless it is locked.
    pub(crate) fn try_lock(&self) -> Result<(), TryLockError> {
        self.file.try_lock()
    }

    /// Unlocks it.
    pub(crate) fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }
}

impl Read for StateFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Write for StateFile {
    #[cfg(feature = "failpoints")]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        crash_test::write(&self.path, &self.file, bytes).map(|()| bytes.len())
    }

    #[cfg(not(feature = "failpoints"))]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for StateFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Takes a file away.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    perform!(Remove path, fs::remove_file(path))
}

/// Gives a file a second name, or its copy where the file system has no second names.
pub(crate) fn link(from: &Path, to: &Path) -> io::Result<()> {
    perform!(Link to, fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ())))
}

/// Creates a directory, and those above it, if it is not there.
///
/// One that is keeps its permissions.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    perform!(MakeDirectory path, builder.create(path))
}

/// Returns once the names in a directory are on disk.
///
/// # Errors
/// If the directory cannot be opened or written.
pub fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        perform!(SyncDirectory path, File::open(path).and_then(|it| it.sync_all()))
    } else {
        Ok(())
    }
}
