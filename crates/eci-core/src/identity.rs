//! What tells one state, one version of it and one operation from another.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The identity of a state, made once with it. Two states of the same lineage are versions
/// of one another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lineage(String);

impl Lineage {
    /// A lineage from a fresh unique text, such as a UUID, which the caller draws.
    pub fn new(unique: impl Into<String>) -> Lineage {
        Lineage(unique.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The version of a snapshot within its lineage: each one written counts one up.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl Serial {
    /// The serial after this one.
    #[must_use]
    pub fn next(self) -> Serial {
        Serial(self.0.saturating_add(1))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The cloud tag that identifies what one create made: written to the journal before the
/// call and carried by the resource, so that it is found again if the answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationTag(String);

impl OperationTag {
    /// The key of the tag that holds it.
    pub const KEY: &'static str = "eci:operation";

    /// A tag value for one operation of one lineage: `LINEAGE.UNIQUE`. The caller draws the
    /// unique part.
    pub fn new(lineage: &Lineage, unique: &str) -> OperationTag {
        OperationTag(format!("{lineage}.{unique}"))
    }

    /// A tag value as read back from the cloud or the journal.
    pub fn from_recorded(text: impl Into<String>) -> OperationTag {
        OperationTag(text.into())
    }

    /// The tag's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether eci writes a tag or label of this key.
    pub fn is_ours(key: &str) -> bool {
        key == OperationTag::KEY
    }

    /// 32 hexadecimal digits that stand for the tag where its text is too long: as the label of
    /// a disk, and as the client token of the call that orders something.
    pub fn short(&self) -> String {
        let digest = Sha256::digest(self.0.as_bytes());
        digest[..16].iter().fold(String::new(), |mut text, byte| {
            use fmt::Write as _;
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Whether a create of that lineage wrote this tag.
    pub fn is_of(&self, lineage: &Lineage) -> bool {
        self.0
            .strip_prefix(lineage.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    }
}

impl fmt::Display for OperationTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_tag_knows_its_lineage() {
        let ours = Lineage::new("a1");
        let tag = OperationTag::new(&ours, "op7");
        assert_eq!(tag.as_str(), "a1.op7");
        assert!(tag.is_of(&ours));
        assert!(!tag.is_of(&Lineage::new("a")));
    }

    #[test]
    fn a_short_form_of_a_tag_is_the_same_each_time_and_of_no_other() {
        let tag = OperationTag::from_recorded("a1.op7");
        assert_eq!(tag.short(), OperationTag::from_recorded("a1.op7").short());
        assert_ne!(tag.short(), OperationTag::from_recorded("a1.op8").short());
        assert_eq!(tag.short().len(), 32);
    }
}
