//! The runs that hold states.

use std::fmt;

use eci_core::truncate;
use eci_text::{Lang, Localize, Text, text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::process_identity::{ProcessIdentity, ProcessStat};

/// A run that holds a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Identifies this hold.
    pub id: String,
    /// The machine.
    pub host: String,
    /// The process on it; 0 if it is not known.
    pub process: u32,
    /// The command line.
    pub command: String,
    /// Since when, in RFC 3339.
    pub since: String,
    /// The identity of the process, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Box<ProcessIdentity>>,
}

impl Holder {
    /// Creates a holder for this process, from now on.
    pub fn current_process(command: impl Into<String>) -> Holder {
        Holder {
            id: Uuid::new_v4().to_string(),
            host: host(),
            process: std::process::id(),
            command: shortened(command.into()),
            since: format!("{:.0}", Timestamp::now()),
            identity: ProcessIdentity::current().map(Box::new),
        }
    }
}

/// The most bytes of a command line in a lock.
///
/// Escaped, it may take up to six times as many.
const LONGEST_COMMAND: usize = 8 << 10;

fn shortened(mut command: String) -> String {
    command.truncate(command.floor_char_boundary(LONGEST_COMMAND));
    command
}

/// Whether the process of a holder still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HolderStatus {
    /// The process runs on this machine.
    Runs,
    /// The process no longer exists on this machine.
    Ended,
    /// The process is on another machine or in another container, or its state cannot be determined.
    Unknown,
}

impl Holder {
    /// Returns whether its process still runs.
    pub fn status(&self) -> HolderStatus {
        let Some(here) = ProcessIdentity::current() else {
            return HolderStatus::Unknown;
        };
        let identity = self.identity.as_ref();
        // Another machine or container may have the same name, and another process the same number there.
        if self.process == 0
            || self.host != host()
            || identity.is_some_and(|identity| !identity.is_visible_to(&here))
        {
            return HolderStatus::Unknown;
        }
        let Some(stat) = ProcessStat::read(&self.process.to_string()) else {
            return HolderStatus::Ended;
        };
        let is_another = identity.is_some_and(|identity| identity.started != stat.started);
        if stat.has_ended() || is_another {
            HolderStatus::Ended
        } else {
            HolderStatus::Runs
        }
    }
}

/// Text that is part of a sentence: `` `eci apply` (process 71 on build-7, since …, lock …) ``.
impl Localize for Holder {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (command, details) = (truncate(&self.command), self.details());
        let details = details.get(lang);
        match lang {
            Lang::En => write!(f, "`{command}` ({details})"),
            Lang::Zh => write!(f, "`{command}`（{details}）"),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}

impl Holder {
    /// Returns the process, where it is known, the machine, the time and the ID of the lock.
    pub(crate) fn details(&self) -> Text {
        if self.process == 0 {
            return text!(
                en: "on {host}, since {since}, lock {id}",
                zh: "在 {host} 上，自 {since} 起，锁 {id}",
                host = truncate(&self.host),
                since = truncate(&self.since),
                id = truncate(&self.id),
            );
        }
        text!(
            en: "process {process} on {host}, since {since}, lock {id}",
            zh: "{host} 上的进程 {process}，自 {since} 起，锁 {id}",
            process = self.process,
            host = truncate(&self.host),
            since = truncate(&self.since),
            id = truncate(&self.id),
        )
    }
}

fn host() -> String {
    node_name()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "an unnamed host".to_owned())
}

/// Returns the name by which the operating system knows this machine.
fn node_name() -> Option<String> {
    #[cfg(unix)]
    {
        let about = rustix::system::uname();
        Some(about.nodename().to_string_lossy().into_owned())
    }
    #[cfg(not(unix))]
    None
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ended_holders_are_distinguished_from_running_ones() {
        let mut holder = Holder::current_process("eci apply");
        assert_eq!(holder.status(), HolderStatus::Runs);
        // No process has this number: the highest that there can be is 2^22.
        holder.process = u32::MAX;
        assert_eq!(holder.status(), HolderStatus::Ended);
        holder.host.push_str(".elsewhere");
        assert_eq!(holder.status(), HolderStatus::Unknown);
    }

    #[test]
    fn another_process_with_the_number_of_a_holder_is_not_the_holder() {
        let change = |change: fn(&mut ProcessIdentity)| {
            let mut holder = Holder::current_process("eci apply");
            change(holder.identity.as_mut().unwrap());
            holder.status()
        };
        assert_eq!(change(|_| {}), HolderStatus::Runs);
        let later = change(|identity| identity.started -= 1);
        assert_eq!(later, HolderStatus::Ended);
        let restarted = change(|identity| identity.boot.push('0'));
        assert_eq!(restarted, HolderStatus::Unknown);
        let in_container = change(|identity| identity.namespace.push('0'));
        assert_eq!(in_container, HolderStatus::Unknown);
        // As earlier versions recorded it, and as other programs do.
        let mut holder = Holder::current_process("eci apply");
        holder.identity = None;
        assert_eq!(holder.status(), HolderStatus::Runs);
        holder.process = 0;
        assert_eq!(holder.status(), HolderStatus::Unknown);
    }

    #[test]
    fn a_process_that_its_parent_has_not_waited_for_has_ended() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let mut holder = Holder::current_process("eci apply");
        holder.process = child.id();
        holder.identity = None;
        let since = std::time::Instant::now();
        while holder.status() == HolderStatus::Runs {
            assert!(since.elapsed().as_secs() < 60, "the child has not ended");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(std::path::Path::new(&format!("/proc/{}", child.id())).exists());
        child.wait().unwrap();
    }
}
