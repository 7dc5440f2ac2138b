//! The ids of container groups.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a container group: `eci-3rr2p3bikgw7phf1lm0cn39y0y`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContainerGroupId(String);

/// A text that cannot be the id of a container group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{given:?} cannot be the id of a container group: an id is 1 to 128 letters, digits, `-`, \
     `_`, such as `eci-3rr2p3bikgw7phf1lm0cn39y0y`"
)]
pub struct InvalidId {
    /// The text.
    pub given: String,
}

impl ContainerGroupId {
    /// An id, if the text can be one. The form is taken more widely than the cloud's ids have
    /// it, and no more widely than fits into a path and into a list joined by commas.
    ///
    /// # Errors
    /// If it is empty, too long, or has other characters than letters, digits, `-` and `_`.
    pub fn new(id: impl Into<String>) -> Result<ContainerGroupId, InvalidId> {
        let given = id.into();
        let fits = (1..=128).contains(&given.len())
            && given
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if fits {
            Ok(ContainerGroupId(given))
        } else {
            Err(InvalidId { given })
        }
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContainerGroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ContainerGroupId {
    type Err = InvalidId;

    fn from_str(id: &str) -> Result<ContainerGroupId, InvalidId> {
        ContainerGroupId::new(id)
    }
}

impl TryFrom<String> for ContainerGroupId {
    type Error = InvalidId;

    fn try_from(id: String) -> Result<ContainerGroupId, InvalidId> {
        ContainerGroupId::new(id)
    }
}

impl From<ContainerGroupId> for String {
    fn from(id: ContainerGroupId) -> String {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_lead_a_call_elsewhere_is_no_id() {
        assert!(ContainerGroupId::new("eci-3rr2p3bikgw7phf1lm0cn39y0y").is_ok());
        for other in ["", "..", "a/b", "a,b", "a?force=true", "a b", "组"] {
            assert!(ContainerGroupId::new(other).is_err(), "{other}");
        }
        assert!(ContainerGroupId::new("x".repeat(129)).is_err());
    }
}
