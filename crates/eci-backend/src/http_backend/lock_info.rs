//! The description of a lock that is sent to a server and returned by it.

use eci_state::Holder;
use serde::{Deserialize, Serialize};

/// The most characters of a field: GitLab accepts 255.
const LONGEST: usize = 200;

/// Precedes the number of the process in the field `Info`.
const PROCESS: &str = "process ";

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
            info: format!("{PROCESS}{}", holder.process),
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
        let process = self.info.strip_prefix(PROCESS);
        Holder {
            id: self.id,
            host: self.who,
            process: process.and_then(|it| it.parse().ok()).unwrap_or_default(),
            command: self.operation,
            since: self.created,
        }
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
        // Recorded from Terraform 1.11.4.
        let terraform = r#"{"ID":"86b4","Operation":"OperationTypeApply","Info":"","Who":"root@vm",
            "Version":"1.11.4","Created":"2026-11-29T04:38:58.563209394Z","Path":""}"#;
        let holder = serde_json::from_str::<LockInfo>(terraform)
            .unwrap()
            .holder();
        assert_eq!((&*holder.host, holder.process), ("root@vm", 0));
    }
}
