//! Points at which a crash test makes the process die.
//!
//! Whether a run loses data when it dies is decided by a few instants: between a call and
//! its record, between a snapshot and the journal that follows it. A random kill seldom hits
//! them; a process that passes a point by name does so each time. The feature `failpoints`
//! compiles the points in; without it they are nothing, and the programs that are delivered
//! have none.
//!
//! | variable | meaning |
//! |---|---|
//! | `ECI_FAILPOINT=NAME:N` | the process dies when it passes this point for the `N`th time, from 1 |
//! | `ECI_FAILPOINT_ACTION=suspend` | it is suspended there in place of dying, and goes on when it is continued |
//! | `ECI_FAILPOINT_TRACE=FILE` | each pass is added to the file, a line `NAME:N` each |
//! | `ECI_FAILPOINT_FILES=N:OUTCOME` | the outcome of the `N`th operation on files of the state, from 1: it `fails`, is `torn`, is the `last` one, or the `power` fails after it, and what was not synced is lost |
//! | `ECI_FAILPOINT_FILES_TRACE=FILE` | each of these operations is added to the file, a line `N OPERATION NAME` each |
//! | `ECI_FAULT_UNFLUSHED=1` | records are not synced: an error to be found |
//! | `ECI_FAULT_UNORDERED=1` | a file takes the place of another before its content is synced: likewise |

#[cfg(feature = "failpoints")]
pub(crate) mod files;

/// Passes a point: here the process dies if the environment says so.
#[cfg(feature = "failpoints")]
pub fn hit(name: &'static str) {
    if is_armed(name) {
        if std::env::var("ECI_FAILPOINT_ACTION").is_ok_and(|action| action == "suspend") {
            suspend();
        } else {
            die();
        }
    }
}

/// Suspends the process until it is continued.
#[cfg(feature = "failpoints")]
fn suspend() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        // A crash test notices that the process is not suspended.
        let _ = kill_process(getpid(), Signal::STOP);
        // The signal may be delivered to another thread first.
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

/// Passes a point: here the process dies if the environment says so.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn hit(_name: &'static str) {}

/// Passes a point; whether it is the one where the process is to die, once it has done half of
/// what it is about to do.
#[cfg(feature = "failpoints")]
pub fn is_armed(name: &'static str) -> bool {
    let pass = passes::count(name);
    let pass = format!("{name}:{pass}");
    passes::trace(&pass);
    std::env::var("ECI_FAILPOINT").is_ok_and(|at| at == pass)
}

/// Passes a point; whether it is the one where the process is to die, once it has done half of
/// what it is about to do.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub fn is_armed(_name: &'static str) -> bool {
    false
}

/// Ends the process immediately: nothing is dropped, flushed or reported.
pub fn die() -> ! {
    std::process::abort()
}

#[cfg(feature = "failpoints")]
mod passes {
    use std::collections::BTreeMap;
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::sync::{Mutex, PoisonError};

    static PASSES: Mutex<BTreeMap<&'static str, u64>> = Mutex::new(BTreeMap::new());

    pub(super) fn count(name: &'static str) -> u64 {
        let mut passes = PASSES.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = passes.entry(name).or_default();
        *pass += 1;
        *pass
    }

    pub(super) fn trace(pass: &str) {
        let Some(path) = std::env::var_os("ECI_FAILPOINT_TRACE") else {
            return;
        };
        let file = OpenOptions::new().append(true).create(true).open(path);
        // A missing trace is noticed by its reader.
        let _ = file.and_then(|mut file| file.write_all(format!("{pass}\n").as_bytes()));
    }
}
