//! Contradictions between a snapshot and its records.

use eci_core::{Address, Lineage, Serial};
use thiserror::Error;

use crate::record::IntentId;

/// A record does not fit the snapshot, or the snapshot contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IntegrityError {
    /// The record is of a run on another state.
    #[error("a run of the state {found} cannot go on in the state {expected}")]
    AnotherLineage {
        /// The lineage that the record names.
        found: Lineage,
        /// The snapshot's.
        expected: Lineage,
    },
    /// The record is of a run on another version of the state.
    #[error("a run that began with serial {found} cannot go on in serial {expected}")]
    AnotherSerial {
        /// The serial that the record names.
        found: Serial,
        /// The snapshot's.
        expected: Serial,
    },
    /// Two intents have one number.
    #[error("{address}: intent {intent} is open already")]
    IntentTwice {
        /// The number.
        intent: IntentId,
        /// The resource of the second one.
        address: Address,
    },
    /// The end of an intent that is not open.
    #[error("{address}: intent {intent} cannot end, for it is not open")]
    NoSuchIntent {
        /// The number.
        intent: IntentId,
        /// The resource.
        address: Address,
    },
    /// The end of an intent names another resource than its beginning.
    #[error("intent {intent} is about {expected}, its end is about {found}")]
    IntentOfAnother {
        /// The number.
        intent: IntentId,
        /// The resource that the end names.
        found: Address,
        /// The resource that the intent names.
        expected: Address,
    },
    /// A resource would move to an address that another resource, or a pending operation, has.
    #[error("{from} cannot move to {to}, which is taken")]
    Occupied {
        /// Its old address.
        from: Address,
        /// Its new one.
        to: Address,
    },
    /// The address could be written and not be read again.
    #[error("`{address}` has a part that is no name")]
    NotAnAddress {
        /// The address.
        address: Address,
    },
    /// Two resources claim one thing in the cloud.
    #[error("{first} and {second} both have the id {id}")]
    IdTwice {
        /// The id.
        id: String,
        /// One of them.
        first: Address,
        /// The other.
        second: Address,
    },
    /// A resource depends on itself.
    #[error("{address} depends on itself")]
    DependsOnItself {
        /// The resource.
        address: Address,
    },
    /// A value is in the snapshot that may not be stored.
    #[error("`{place}` holds a value that is sensitive or not known yet, and was not redacted")]
    NotRedacted {
        /// The resource and attribute, or the output.
        place: String,
    },
}
