//! The status of a container group.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::excerpt::{WORD, beginning};

/// The status of a container group.
///
/// The vendor documents no list: one that is not known is kept and shown, and is never an error.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// A place is being looked for.
    Scheduling,
    /// No place was found.
    ScheduleFailed,
    /// Placed, with containers being started.
    Pending,
    /// Its containers run.
    Running,
    /// Its containers ended well, for good.
    Succeeded,
    /// A container ended badly, for good.
    Failed,
    /// Being restarted.
    Restarting,
    /// Being updated in place.
    Updating,
    /// Being deleted.
    Terminating,
    /// Removed by the cloud, for example for arrears.
    Expired,
    /// One that is not known; empty where the cloud gives none.
    Other(String),
}

const KNOWN: [(Status, &str); 10] = [
    (Status::Scheduling, "Scheduling"),
    (Status::ScheduleFailed, "ScheduleFailed"),
    (Status::Pending, "Pending"),
    (Status::Running, "Running"),
    (Status::Succeeded, "Succeeded"),
    (Status::Failed, "Failed"),
    (Status::Restarting, "Restarting"),
    (Status::Updating, "Updating"),
    (Status::Terminating, "Terminating"),
    (Status::Expired, "Expired"),
];

impl Status {
    /// Returns the cloud's spelling.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Other(text) => text,
            known => KNOWN
                .iter()
                .find(|(status, _)| status == known)
                .map_or("", |(_, text)| text),
        }
    }

    /// Returns whether the group will never run by itself.
    pub fn is_failed_for_good(&self) -> bool {
        matches!(
            self,
            Status::ScheduleFailed | Status::Failed | Status::Expired
        )
    }
}

impl Default for Status {
    fn default() -> Status {
        Status::Other(String::new())
    }
}

impl From<&str> for Status {
    fn from(text: &str) -> Status {
        KNOWN.iter().find(|(_, known)| *known == text).map_or_else(
            || Status::Other(beginning(text, WORD)),
            |(status, _)| status.clone(),
        )
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.as_str() {
            "" => "(no status)",
            text => return f.write_str(&eci_text::line(text)),
        })
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
        let text: Option<String> = Option::deserialize(deserializer)?;
        Ok(Status::from(text.unwrap_or_default().as_str()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_no_longer_than_a_word() {
        let long = "长".repeat(1 << 20);
        let words = [
            Status::from(&*long).to_string(),
            crate::types::EipStatus::from(&*long).to_string(),
        ];
        for word in words {
            assert_eq!(word.chars().count(), WORD);
        }
    }

    #[test]
    fn every_status_is_read_as_it_is_written_and_an_unknown_one_is_kept() {
        for text in KNOWN
            .map(|(_, text)| text)
            .into_iter()
            .chain(["Hibernating", ""])
        {
            let json = serde_json::to_string(text).unwrap();
            let status: Status = serde_json::from_str(&json).unwrap();
            assert_eq!(status.as_str(), text);
            assert_eq!(serde_json::to_string(&status).unwrap(), json);
            let known = KNOWN.iter().any(|(_, known)| *known == text);
            assert_eq!(matches!(status, Status::Other(_)), !known, "{text}");
        }
        assert_eq!(
            serde_json::from_str::<Status>("null").unwrap(),
            Status::default()
        );
    }
}
