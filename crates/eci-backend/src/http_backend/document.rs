//! The document that a server keeps.

use eci_core::Lineage;
use eci_state::{Holder, ObjectDamage, Snapshot, StateError, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::device::{ObjectId, Series};
use crate::keyring::KeyRing;

/// The format of documents that this version writes, and the newest that it reads.
pub(super) const DOCUMENT_FORMAT: u32 = 1;

/// The number of versions whose authors are recorded.
pub(super) const VERSIONS: usize = 100;

/// A document as it is stored.
///
/// GitLab requires `serial` in clear, and another one each time.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StateDocument<'a> {
    /// The format; no document of another program has it.
    pub(super) eci_state: u32,
    /// The number of the document.
    pub(super) serial: u64,
    /// The state.
    pub(super) lineage: Lineage,
    /// The data keys, wrapped for their readers.
    pub(super) keys: KeyRing,
    /// The content, encrypted, and bound to the number.
    #[serde(borrow)]
    pub(super) content: &'a RawValue,
}

/// The content of a document.
#[derive(Serialize, Deserialize)]
pub(super) struct DocumentContent<'a> {
    /// The run that is in progress, or was when it died.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held: Option<Holder>,
    /// The versions so far, the oldest first.
    #[serde(default)]
    pub(super) versions: Vec<StoredVersion>,
    /// The address to which the state was migrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) migrated_to: Option<String>,
    /// The snapshot, as in a file.
    #[serde(borrow)]
    pub(super) document: &'a RawValue,
}

/// A version of the state and the number of the document that has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredVersion {
    pub(super) number: u64,
    pub(super) version: Version,
}

/// The parts of a document besides the snapshot.
#[derive(Debug, Default)]
pub(super) struct StoredState {
    /// The number of the document; 0 before the first one.
    pub(super) number: u64,
    /// Its size in bytes.
    pub(super) size: usize,
    /// The run that wrote it, unless that run had ended.
    pub(super) held: Option<Holder>,
    /// The versions so far, the oldest first.
    pub(super) versions: Vec<StoredVersion>,
}

/// Returns the name that the content of a document is bound to.
pub(super) fn object(number: u64) -> ObjectId {
    ObjectId::new(Series::Document, number)
}

/// A problem with a document.
pub(super) enum DocumentProblem {
    /// A document of another program.
    Foreign,
    /// Damage of the document.
    Damaged(ObjectDamage),
}

impl<'a> StateDocument<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<StateDocument<'a>, DocumentProblem> {
        #[derive(Deserialize)]
        struct DocumentHead {
            eci_state: Option<u32>,
            #[serde(default)]
            version: Option<serde_json::Value>,
            #[serde(default)]
            terraform_version: Option<serde_json::Value>,
        }
        let damaged =
            |error: serde_json::Error| DocumentProblem::Damaged(ObjectDamage::Syntax(error.into()));
        let head: DocumentHead = serde_json::from_slice(bytes).map_err(damaged)?;
        match head.eci_state {
            Some(format) if format > DOCUMENT_FORMAT => {
                Err(DocumentProblem::Damaged(ObjectDamage::NewerFormat(format)))
            }
            None if head.version.is_some() || head.terraform_version.is_some() => {
                Err(DocumentProblem::Foreign)
            }
            _ => serde_json::from_slice(bytes).map_err(damaged),
        }
    }
}

/// Returns the text of a snapshot as part of a document.
pub(super) fn raw(snapshot: &Snapshot) -> Result<Box<RawValue>, StateError> {
    let text = snapshot.to_document()?;
    let raw = RawValue::from_string(text.trim_end().to_owned());
    raw.map_err(|cause| StateError::NotSerializable {
        what: eci_text::text!(en: "the state", zh: "状态"),
        cause,
    })
}
