//! The lock of a state in a directory.
//!
//! The lock is the operating system's, so that it ends with the process that holds it, however
//! that ends. The file's content only names the holder for those that find it locked.

use std::fs::TryLockError;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use eci_core::regular;

use super::file_id::FileId;
use super::files;
use super::operations::StateFile;
use crate::error::StateError;
use crate::holder::Holder;

/// The number of attempts before the lock counts as held.
///
/// A process that reads the holder has the lock for an instant, and a holder requires one to write its
/// name.
const ATTEMPTS: usize = 4;

/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: StateFile,
    /// The holder before, where it did not give the lock back.
    previous_holder: Option<Holder>,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(path: &Path, holder: &Holder) -> Result<Lock, StateError> {
        let failed = |cause| files::not_writable(path, cause);
        loop {
            files::may_be_opened(path, LARGEST).map_err(failed)?;
            let mut file = StateFile::open(path, files::OpenMode::Keep).map_err(failed)?;
            lock(path, &mut file)?;
            // A holder that releases the lock removes its name.
            let previous_holder = read_holder(&mut file);
            let mut lock = Lock {
                file,
                previous_holder,
            };
            // What was opened may have lost its name before it was locked.
            if FileId::at(path)? == Some(lock.id()?) {
                name_holder(&mut lock.file, holder).map_err(failed)?;
                return Ok(lock);
            }
        }
    }

    /// Returns the identifier of the file.
    pub(crate) fn id(&self) -> Result<FileId, StateError> {
        let about = self.file.metadata();
        about
            .map(|about| FileId::of(&about))
            .map_err(|cause| StateError::Unlockable {
                path: PathBuf::from("lock"),
                cause,
            })
    }

    /// Returns the previous holder, if it ended without releasing the lock.
    pub(crate) fn previous_holder(&self) -> Option<&Holder> {
        self.previous_holder.as_ref()
    }

    /// Returns the last holder of a stale lock.
    pub(crate) fn stale_holder(path: &Path) -> Result<Option<Holder>, StateError> {
        let mut file = match regular::open(path, LARGEST) {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(files::unreadable(path, cause)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(read_holder(&mut file)),
            Err(_) => Ok(None),
        }
    }

    /// Returns the present holder of the lock, if there is one.
    pub(crate) fn holder(path: &Path) -> Result<Option<Holder>, StateError> {
        let mut file = match regular::open(path, LARGEST) {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(files::unreadable(path, cause)),
        };
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Ok(read_holder(&mut file)),
            _ => Ok(None),
        }
    }
}

impl Drop for Lock {
    /// Empties the file and leaves it: unlinking it could unlink one that another run
    /// has just created and locked.
    fn drop(&mut self) {
        if let Err(cause) = self.file.set_len(0) {
            tracing::debug!(%cause, "the lock still names this run");
        }
        if let Err(cause) = self.file.unlock() {
            tracing::debug!(%cause, "the lock ends with this process");
        }
    }
}

/// Locks a file, or says who has it.
fn lock(path: &Path, file: &mut StateFile) -> Result<(), StateError> {
    let mut attempts = 1;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if attempts < ATTEMPTS => {
                attempts += 1;
                thread::sleep(PAUSE);
            }
            Err(TryLockError::WouldBlock) => {
                return Err(StateError::LockHeld {
                    path: path.to_owned(),
                    holder: read_holder(file).map(Box::new),
                });
            }
            Err(TryLockError::Error(cause)) => {
                return Err(StateError::Unlockable {
                    path: path.to_owned(),
                    cause,
                });
            }
        }
    }
}

fn name_holder(file: &mut StateFile, holder: &Holder) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(holder)?;
    line.push(b'\n');
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&line)?;
    file.flush()
}

/// The most bytes of a lock.
const LARGEST: u64 = 64 << 10;

/// Reads the holder from the lock file; `None` while it is not written.
fn read_holder(mut file: impl Read + Seek) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Returns the path of the lock of a directory.
pub(crate) fn path_in(directory: &Path) -> PathBuf {
    directory.join("lock")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::local::LocalStore;

    #[test]
    fn a_locked_state_names_its_holder_and_the_remedy() {
        let directory = tempfile::tempdir().unwrap();
        let holder = Holder::current_process("eci apply -C web");
        let held = LocalStore::open(directory.path(), holder.clone()).unwrap();
        let error =
            LocalStore::open(directory.path(), Holder::current_process("eci destroy")).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("locked by `eci apply -C web` (process"),
            "{message}"
        );
        assert!(error.help().unwrap().en().contains("--lock-timeout"));
        let named = LocalStore::holder(directory.path()).unwrap();
        assert_eq!(named, Some(holder));
        drop(held);
        assert_eq!(LocalStore::holder(directory.path()).unwrap(), None);
        assert_eq!(std::fs::read(directory.path().join("lock")).unwrap(), b"");
    }

    #[test]
    fn a_lock_whose_holder_died_is_free() {
        let directory = tempfile::tempdir().unwrap();
        let dead = serde_json::to_string(&Holder::current_process("eci apply")).unwrap();
        std::fs::write(directory.path().join("lock"), dead.repeat(3)).unwrap();
        assert_eq!(LocalStore::holder(directory.path()).unwrap(), None);
        let holder = Holder::current_process("eci destroy");
        let _held = LocalStore::open(directory.path(), holder.clone()).unwrap();
        assert_eq!(LocalStore::holder(directory.path()).unwrap(), Some(holder));
    }

    #[test]
    fn a_lock_that_was_not_released_reports_its_previous_holder() {
        let directory = tempfile::tempdir().unwrap();
        let dead = Holder::current_process("eci apply");
        let text = serde_json::to_string(&dead).unwrap();
        std::fs::write(directory.path().join("lock"), text).unwrap();
        assert_eq!(
            LocalStore::stale_holder(directory.path()).unwrap(),
            Some(dead.clone())
        );
        let open =
            || LocalStore::open(directory.path(), Holder::current_process("eci plan")).unwrap();
        let held = open();
        assert_eq!(held.previous_holder(), Some(&dead));
        assert_eq!(LocalStore::stale_holder(directory.path()).unwrap(), None);
        drop(held);
        assert_eq!(open().previous_holder(), None);
    }

    #[test]
    fn a_run_waits_for_the_state_and_says_for_whom() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let held = LocalStore::open(path, Holder::current_process("eci apply")).unwrap();
        thread::scope(|scope| {
            let (sender, receiver) = std::sync::mpsc::channel();
            let waiting = scope.spawn(move || {
                let holder = Holder::current_process("eci destroy");
                LocalStore::open_waiting(path, holder, Duration::from_secs(60), |holder| {
                    sender
                        .send(holder.map(|holder| holder.command.clone()))
                        .unwrap();
                })
            });
            assert_eq!(receiver.recv().unwrap().as_deref(), Some("eci apply"));
            drop(held);
            waiting.join().unwrap().unwrap();
        });
    }

    #[test]
    fn waiting_ends_with_the_timeout() {
        let directory = tempfile::tempdir().unwrap();
        let _held =
            LocalStore::open(directory.path(), Holder::current_process("eci apply")).unwrap();
        let began = Instant::now();
        let timeout = Duration::from_millis(150);
        let holder = Holder::current_process("eci destroy");
        let error =
            LocalStore::open_waiting(directory.path(), holder, timeout, |_| {}).unwrap_err();
        assert!(
            matches!(
                error,
                StateError::LockHeld {
                    holder: Some(_),
                    ..
                }
            ),
            "{error}"
        );
        assert!(began.elapsed() >= timeout);
    }
}
