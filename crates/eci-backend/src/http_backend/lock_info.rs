//! The description of a lock that is sent to a server and returned by it.

use eci_state::Holder;
use serde::{Deserialize, Serialize};

/// The most characters of a field: GitLab accepts 255.
const LONGEST: usize = 200;

/// Precedes the number of the process in the field `Info`.
const PROCESS: &str = "process ";

/// Separates the identity of the process from its number.
const IDENTITY: &str = ", ";

/// A lock, with the names that Terraform gives to its parts.
///
/// GitLab requires all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LockInfo {
    #[serde(rename = "ID")]
    pub(crate) id: String,
    #[serde(rename = "Operation")]
    operation: String,
    #[serde(rename = "Info")]
    info: String,
    #[serde(rename = "Who")]
    who: String,
    #[serde(rename = "Version")]
    version: String,
    #[serde(rename = "Created")]
    created: String,
    #[serde(rename = "Path")]
    path: String,
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

impl LockInfo {
    pub(crate) fn of(holder: &Holder) -> LockInfo {
        LockInfo {
            id: holder.id.clone(),
            operation: shortened(&holder.command),
            info: info_of(holder),
            who: shortened(&holder.host),
            version: format!("eci {}", env!("CARGO_PKG_VERSION")),
            created: holder.since.clone(),
            path: String::new(),
        }
    }

    /// Returns the holder.
    ///
    /// One that is not a run of eci has no process.
    pub(crate) fn holder(self) -> Holder {
        let info = self.info.strip_prefix(PROCESS).unwrap_or_default();
        let (process, identity) = info.split_once(IDENTITY).unwrap_or((info, ""));
        Holder {
            id: self.id,
            host: self.who,
            process: process.parse().unwrap_or_default(),
            command: self.operation,
            since: self.created,
            identity: serde_json::from_str(identity).ok(),
        }
    }
}

/// Returns the number of the process, and its identity if it is known.
fn info_of(holder: &Holder) -> String {
    let process = format!("{PROCESS}{}", holder.process);
    let identity = holder.identity.as_ref().map(serde_json::to_string);
    match identity.and_then(Result::ok) {
        Some(identity) => process + IDENTITY + &identity,
        None => process,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_read_back_and_that_of_terraform_is_understood() {
        let holder = Holder::current_process("eci apply");
        let sent = serde_json::to_string(&LockInfo::of(&holder)).unwrap();
        let read: LockInfo = serde_json::from_str(&sent).unwrap();
        assert_eq!(read.holder(), holder);
        let mut unknown = holder;
        unknown.identity = None;
        assert_eq!(LockInfo::of(&unknown).holder(), unknown);
        // Recorded from Terraform 1.11.4.
        let terraform = r#"{"ID":"86b4","Operation":"OperationTypeApply","Info":"","Who":"root@vm",
            "Version":"1.11.4","Created":"2026-11-29T04:38:58.563209394Z","Path":""}"#;
        let holder = serde_json::from_str::<LockInfo>(terraform)
            .unwrap()
            .holder();
        assert_eq!((&*holder.host, holder.process), ("root@vm", 0));
    }
}
