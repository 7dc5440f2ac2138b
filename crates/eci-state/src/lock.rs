//! Who holds a state.
//!
//! The lock is the operating system's, so that it ends with the process that holds it, however
//! that ends. The file's content only names the holder for whoever finds it locked.

use std::fmt;
use std::fs::TryLockError;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use eci_core::{regular, truncate};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StateError;
use crate::local::files;
use crate::local::hold::FileId;
use crate::local::operations::StateFile;

/// A run that holds a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Tells this hold from every other.
    pub id: String,
    /// The machine.
    pub host: String,
    /// The process on it.
    pub process: u32,
    /// The command line.
    pub command: String,
    /// Since when, in RFC 3339.
    pub since: String,
}

impl Holder {
    /// This process, from now on.
    pub fn current_process(command: impl Into<String>) -> Holder {
        Holder {
            id: Uuid::new_v4().to_string(),
            host: host(),
            process: std::process::id(),
            command: shortened(command.into()),
            since: format!("{:.0}", Timestamp::now()),
        }
    }
}

/// The most bytes of a command line that a lock tells. It may be written as up to six times as many.
const LONGEST_COMMAND: usize = 8 << 10;

fn shortened(mut command: String) -> String {
    command.truncate(command.floor_char_boundary(LONGEST_COMMAND));
    command
}

/// Whether the process of a holder still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderStatus {
    /// A process of its number runs on this machine.
    Runs,
    /// There is no such process on this machine any more.
    Ended,
    /// It is on another machine, or this one does not tell.
    Unknown,
}

impl Holder {
    /// Whether its process still runs.
    pub fn status(&self) -> HolderStatus {
        let processes = Path::new("/proc");
        if self.host != host() || !processes.join("self").exists() {
            return HolderStatus::Unknown;
        }
        match processes.join(self.process.to_string()).exists() {
            true => HolderStatus::Runs,
            false => HolderStatus::Ended,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}`, process {} on {}, since {} (lock {})",
            truncate(&self.command),
            self.process,
            truncate(&self.host),
            truncate(&self.since),
            truncate(&self.id)
        )
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "an unnamed host".to_owned())
}

/// How often the lock is tried before it counts as held. Someone who only asks for the holder
/// has it for an instant, and a holder needs one to write down its name.
const ATTEMPTS: usize = 4;

/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(10);

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: StateFile,
    /// The holder before, where it did not give the lock back.
    predecessor: Option<Holder>,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(path: &Path, holder: &Holder) -> Result<Lock, StateError> {
        let failed = |cause| files::not_writable(path, cause);
        loop {
            files::may_be_opened(path, LARGEST).map_err(failed)?;
            let mut file = StateFile::open(path, files::Mode::Keep).map_err(failed)?;
            lock(path, &mut file)?;
            // Whoever gives a lock back takes its name off.
            let predecessor = read_holder(&mut file);
            let mut lock = Lock { file, predecessor };
            // What was opened may have lost its name before it was locked.
            if FileId::at(path)? == Some(lock.id()?) {
                name_holder(&mut lock.file, holder).map_err(failed)?;
                return Ok(lock);
            }
        }
    }

    /// Which file it is.
    pub(crate) fn id(&self) -> Result<FileId, StateError> {
        let about = self.file.metadata();
        about
            .map(|about| FileId::of(&about))
            .map_err(|cause| StateError::Unlockable {
                path: PathBuf::from("lock"),
                cause,
            })
    }

    /// The holder before, where it ended without giving the lock back.
    pub(crate) fn previous_holder(&self) -> Option<&Holder> {
        self.predecessor.as_ref()
    }

    /// The last holder of a lock that nobody holds, where it did not give it back.
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

    /// Who holds the lock now, if anyone does.
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
    /// Empties the file and leaves it: whoever unlinked it could unlink one that another run
    /// has just made and locked.
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

/// The holder as it wrote itself down; `None` while it has not done so yet.
fn read_holder(mut file: impl Read + Seek) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(LARGEST).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Where the lock of a directory is.
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
    fn a_held_state_names_its_holder_and_the_way_out() {
        let directory = tempfile::tempdir().unwrap();
        let holder = Holder::current_process("eci apply -C web");
        let held = LocalStore::open(directory.path(), holder.clone()).unwrap();
        let error =
            LocalStore::open(directory.path(), Holder::current_process("eci destroy")).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("locked by `eci apply -C web`, process"),
            "{message}"
        );
        assert!(message.contains("--lock-timeout"), "{message}");
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
    fn whoever_takes_over_a_lock_that_was_not_given_back_learns_whose_it_was() {
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

    #[cfg(target_os = "linux")]
    #[test]
    fn a_holder_that_ended_on_this_machine_is_told_from_one_that_runs() {
        let mut holder = Holder::current_process("eci apply");
        assert_eq!(holder.status(), HolderStatus::Runs);
        // No process has this number: the highest that there can be is 2^22.
        holder.process = u32::MAX;
        assert_eq!(holder.status(), HolderStatus::Ended);
        holder.host.push_str(".elsewhere");
        assert_eq!(holder.status(), HolderStatus::Unknown);
    }

    #[test]
    fn a_run_waits_for_the_state_and_says_for_whom() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        let held = LocalStore::open(path, Holder::current_process("eci apply")).unwrap();
        thread::scope(|scope| {
            let (tell, told) = std::sync::mpsc::channel();
            let waiting = scope.spawn(move || {
                let holder = Holder::current_process("eci destroy");
                LocalStore::open_waiting(path, holder, Duration::from_secs(60), |holder| {
                    tell.send(holder.map(|holder| holder.command.clone()))
                        .unwrap();
                })
            });
            assert_eq!(told.recv().unwrap().as_deref(), Some("eci apply"));
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
