//! Operations on the files of a state that fail, are torn, or are the last that a process does.
//!
//! After a power failure, a machine has not all that its processes saw last: content
//! that was not synced may be lost, and so may names in a directory that was not. This records
//! both, and reverts both where power is to fail.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::die;

/// An operation on a file or a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileOperation {
    Open,
    Write,
    Sync,
    Truncate,
    Rename,
    Remove,
    Link,
    MakeDirectory,
    SyncDirectory,
}

impl FileOperation {
    fn name(self) -> &'static str {
        match self {
            FileOperation::Open => "open",
            FileOperation::Write => "write",
            FileOperation::Sync => "sync",
            FileOperation::Truncate => "truncate",
            FileOperation::Rename => "rename",
            FileOperation::Remove => "remove",
            FileOperation::Link => "link",
            FileOperation::MakeDirectory => "make-directory",
            FileOperation::SyncDirectory => "sync-directory",
        }
    }
}

/// The outcome of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileOutcome {
    /// The operation is performed.
    Done,
    /// The operation fails after half of its content is written.
    Fails,
    /// The process dies in the middle: half of what it was to write is written, and anything
    /// else is not done.
    Torn,
    /// The process dies after it.
    Last,
    /// The power fails after it.
    PowerFails,
}

/// The content that is certainly on disk.
#[derive(Debug, Default)]
struct Book {
    count: u64,
    /// The number of bytes of each written file that are certainly on disk.
    synced: BTreeMap<PathBuf, u64>,
    /// Names that may be lost, the latest last, with what was there before.
    names: Vec<(PathBuf, Option<Vec<u8>>)>,
    /// The present names of files that are about to be renamed, by their new ones.
    sources: BTreeMap<PathBuf, PathBuf>,
}

static BOOK: Mutex<Book> = Mutex::new(Book {
    count: 0,
    synced: BTreeMap::new(),
    names: Vec::new(),
    sources: BTreeMap::new(),
});

fn book() -> MutexGuard<'static, Book> {
    BOOK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts and traces an operation, and decides what becomes of it.
fn outcome(operation: FileOperation, path: &Path) -> FileOutcome {
    let number = {
        let mut book = book();
        book.count += 1;
        book.count
    };
    if let Some(trace) = std::env::var_os("ECI_FAILPOINT_FILES_TRACE") {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let line = format!("{number} {} {name}\n", operation.name());
        let file = OpenOptions::new().append(true).create(true).open(trace);
        // A missing trace is noticed by its reader.
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
    let requested = std::env::var("ECI_FAILPOINT_FILES").unwrap_or_default();
    match requested.split_once(':') {
        Some((at, outcome)) if at == number.to_string() => match outcome {
            "fails" => FileOutcome::Fails,
            "torn" => FileOutcome::Torn,
            "last" => FileOutcome::Last,
            "power" => FileOutcome::PowerFails,
            _ => FileOutcome::Done,
        },
        _ => FileOutcome::Done,
    }
}

/// Performs an operation with its outcome.
pub(crate) fn perform<T>(
    operation: FileOperation,
    path: &Path,
    act: impl FnOnce() -> io::Result<T>,
) -> io::Result<T> {
    let outcome = outcome(operation, path);
    match outcome {
        FileOutcome::Fails => return Err(io::Error::other("a crash test lets it fail")),
        FileOutcome::Torn => die(),
        FileOutcome::Done | FileOutcome::Last | FileOutcome::PowerFails => {}
    }
    let mut book = book();
    let before = book.before(operation, path);
    let done = act()?;
    book.note(operation, path, before);
    drop(book);
    end(outcome);
    Ok(done)
}

/// Notes which file the next rename to a name gives that name.
pub(crate) fn note_source(from: &Path, to: &Path) {
    book().sources.insert(to.to_owned(), from.to_owned());
}

/// Writes to a file, with the outcome of the operation.
pub(crate) fn write(path: &Path, mut file: &File, bytes: &[u8]) -> io::Result<()> {
    let outcome = outcome(FileOperation::Write, path);
    let half = &bytes[..bytes.len() / 2];
    match outcome {
        FileOutcome::Fails => {
            file.write_all(half)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        FileOutcome::Torn => {
            let _ = file.write_all(half);
            die();
        }
        FileOutcome::Done | FileOutcome::Last | FileOutcome::PowerFails => file.write_all(bytes)?,
    }
    end(outcome);
    Ok(())
}

fn end(outcome: FileOutcome) {
    match outcome {
        FileOutcome::Last => die(),
        FileOutcome::PowerFails => {
            book().lose();
            die();
        }
        FileOutcome::Done | FileOutcome::Fails | FileOutcome::Torn => {}
    }
}

/// Returns whether records remain in the memory of the machine, which is an error.
pub(crate) fn is_unflushed() -> bool {
    std::env::var_os("ECI_FAULT_UNFLUSHED").is_some()
}

/// Returns whether a file replaces another before its content is on disk, which is an error.
pub(crate) fn is_unordered() -> bool {
    std::env::var_os("ECI_FAULT_UNORDERED").is_some()
}

impl Book {
    /// Returns the content that has a name before an operation assigns the name to another file.
    fn before(&self, operation: FileOperation, path: &Path) -> Option<Vec<u8>> {
        match operation {
            FileOperation::Rename | FileOperation::Remove | FileOperation::Link => {
                fs::read(path).ok()
            }
            _ => None,
        }
    }

    fn note(&mut self, operation: FileOperation, path: &Path, before: Option<Vec<u8>>) {
        let length = || fs::metadata(path).map_or(0, |it| it.len());
        match operation {
            FileOperation::Open => drop(self.synced.insert(path.to_owned(), length())),
            FileOperation::Sync => drop(self.synced.insert(path.to_owned(), length())),
            FileOperation::Rename => {
                let source = self.sources.remove(path);
                let synced = source.and_then(|source| self.synced.remove(&source));
                self.synced.insert(path.to_owned(), synced.unwrap_or(0));
                self.names.push((path.to_owned(), before));
            }
            FileOperation::Remove | FileOperation::Link => {
                self.names.push((path.to_owned(), before))
            }
            FileOperation::SyncDirectory => self.names.retain(|(it, _)| it.parent() != Some(path)),
            FileOperation::Write | FileOperation::Truncate | FileOperation::MakeDirectory => {}
        }
    }

    /// Takes back all that may be lost.
    fn lose(&mut self) {
        for (path, synced) in &self.synced {
            let file = OpenOptions::new().write(true).open(path);
            let longer = |file: &File| file.metadata().is_ok_and(|it| it.len() > *synced);
            // A missing file cannot be truncated.
            if let Some(file) = file.ok().filter(longer) {
                let _ = file.set_len(*synced);
            }
        }
        for (path, before) in self.names.drain(..).rev() {
            let _ = match before {
                Some(content) => fs::write(path, content),
                None => fs::remove_file(path),
            };
        }
    }
}
