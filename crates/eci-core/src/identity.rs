//! Identities of states, of their versions and of operations.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The identity of a state, created once with it.
///
/// Two states of the same lineage are versions of the same state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lineage(String);

impl Lineage {
    /// Creates a lineage from a fresh unique text, for example a UUID, which the caller draws.
    pub fn new(unique: impl Into<String>) -> Lineage {
        Lineage(unique.into())
    }

    /// Returns the lineage as text.
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
    /// Returns the serial after this one.
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

/// The cloud tag that identifies the object that a create created: written to the journal before the
/// call and carried by the resource, so that it is found again if the answer was lost.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationTag(String);

impl OperationTag {
    /// The key of the tag that holds it.
    pub const KEY: &'static str = "eci:operation";

    /// Creates the tag value of one operation of one lineage: `LINEAGE.UNIQUE`.
    ///
    /// The caller draws the unique part.
    pub fn new(lineage: &Lineage, unique: &str) -> OperationTag {
        OperationTag(format!("{lineage}.{unique}"))
    }

    /// Creates a tag from a value that was read from the cloud or the journal.
    pub fn from_recorded(text: impl Into<String>) -> OperationTag {
        OperationTag(text.into())
    }

    /// Returns the tag's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether eci writes a tag or label of this key.
    pub fn is_ours(key: &str) -> bool {
        key == OperationTag::KEY
    }

    /// Returns 32 hexadecimal digits that identify the tag where its text is too long: the label of
    /// a disk, and the client token of an ordering call. They begin with those of its lineage.
    pub fn short(&self) -> String {
        let lineage = self.0.rsplit_once('.').map_or("", |(lineage, _)| lineage);
        digits(lineage, LINEAGE_BYTES) + &digits(&self.0, SHORT_BYTES - LINEAGE_BYTES)
    }

    /// Returns whether this is the short form of a tag that a create of that lineage wrote.
    pub fn is_short_of(short: &str, lineage: &Lineage) -> bool {
        short.len() == 2 * SHORT_BYTES
            && short.starts_with(&digits(lineage.as_str(), LINEAGE_BYTES))
    }

    /// Returns whether a create of that lineage wrote this tag.
    pub fn is_of(&self, lineage: &Lineage) -> bool {
        self.0
            .strip_prefix(lineage.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    }
}

/// The number of bytes of a short form, and how many of them are those of the lineage.
const SHORT_BYTES: usize = 16;
const LINEAGE_BYTES: usize = 6;

/// Returns the first bytes of a text's digest, in hexadecimal.
fn digits(text: &str, bytes: usize) -> String {
    let digest = Sha256::digest(text.as_bytes());
    base16ct::lower::encode_string(&digest[..bytes])
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

    #[test]
    fn a_short_form_contains_its_lineage() {
        let (ours, other) = (Lineage::new("a1"), Lineage::new("a2"));
        let short = OperationTag::new(&ours, "op7").short();
        assert!(OperationTag::is_short_of(&short, &ours));
        assert!(!OperationTag::is_short_of(&short, &other));
        assert!(!OperationTag::is_short_of(&short[..12], &ours));
    }
}
