//! Identities of processes, which outlast their numbers.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The identity of a process on a machine.
///
/// Its number alone is none: after a restart of the machine, and in another container with the same host name, it is
/// that of another process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProcessIdentity {
    /// The ID of the start of the machine.
    pub boot: String,
    /// The namespace in which the process has its number.
    pub namespace: String,
    /// The time at which the process started, in clock ticks after the start of the machine.
    pub started: u64,
}

impl ProcessIdentity {
    /// Returns the identity of this process; `None` where the operating system does not show it.
    pub(crate) fn current() -> Option<ProcessIdentity> {
        let stat = ProcessStat::read("self")?;
        // The processes that are shown may be those of another namespace.
        if stat.process != std::process::id() {
            return None;
        }
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
        Some(ProcessIdentity {
            boot: boot.trim().to_owned(),
            namespace: namespace.to_string_lossy().into_owned(),
            started: stat.started,
        })
    }

    /// Returns whether a process of this identity would be shown to another one: both have numbers of one namespace.
    pub(crate) fn is_visible_to(&self, other: &ProcessIdentity) -> bool {
        self.boot == other.boot && self.namespace == other.namespace
    }
}

/// The status of a process as the operating system shows it.
pub(crate) struct ProcessStat {
    process: u32,
    state: char,
    pub(crate) started: u64,
}

impl ProcessStat {
    /// Reads the status of a process by its number; `None` if it does not exist.
    pub(crate) fn read(process: &str) -> Option<ProcessStat> {
        let path = Path::new("/proc").join(process).join("stat");
        ProcessStat::parse(&fs::read_to_string(path).ok()?)
    }

    /// Returns the status in the form of `proc(5)`: the number, the name in parentheses, which may contain any
    /// character, and the other fields.
    fn parse(text: &str) -> Option<ProcessStat> {
        let (process, rest) = text.split_once(' ')?;
        let (_, fields) = rest.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace();
        Some(ProcessStat {
            process: process.parse().ok()?,
            state: fields.next()?.chars().next()?,
            // Field 22; the state is field 3.
            started: fields.nth(18)?.parse().ok()?,
        })
    }

    /// Returns whether the process has ended, and only its parent has not been informed of that yet.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_whatever_the_name_of_the_program() {
        let text = "71 (a) Z (b) S 1 71 71 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9 10\n";
        let stat = ProcessStat::parse(text).unwrap();
        assert_eq!((stat.process, stat.state, stat.started), (71, 'S', 4711));
        assert!(!stat.has_ended());
        let zombie = ProcessStat::parse(&text.replace(") S", ") Z")).unwrap();
        assert!(zombie.has_ended());
        assert!(ProcessStat::parse("71 (a) S 1").is_none());
    }
}
