//! A saved plan as text: JSON with its format in front and a checksum behind.

use std::fs::File;

use eci_core::envelope::{LARGEST_WHOLE, LargeDocument, StoredDocument};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::format::FORMAT;
use super::{SavedError, SavedPlan};

/// The key of the plan in its document.
const KEY: &str = "plan";

/// The members that every format has.
#[derive(Deserialize)]
struct PlanHead {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanDocument<'a> {
    format: u32,
    #[serde(borrow)]
    plan: &'a RawValue,
    checksum: String,
}

impl SavedPlan {
    /// Returns the plan as the text of a plan file.
    ///
    /// # Errors
    /// If there is anything in it that may not be stored.
    pub fn to_document(&self) -> Result<String, SavedError> {
        let plan = serde_json::to_string(self).map_err(SavedError::Unstorable)?;
        let plan = RawValue::from_string(plan).map_err(SavedError::Unstorable)?;
        let document = PlanDocument {
            format: FORMAT,
            checksum: checksum(plan.get()),
            plan: &plan,
        };
        let text = serde_json::to_string(&document).map_err(SavedError::Unstorable)?;
        Ok(text + "\n")
    }

    /// The number of bytes of a file that [`SavedPlan::begins`] requires.
    pub const BEGINNING: u64 = 32;

    /// Returns whether a file that begins like this is a saved plan, of whatever format.
    pub fn begins(text: &[u8]) -> bool {
        let format = text.strip_prefix(b"{\"format\":");
        format.is_some_and(|rest| {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            digits > 0 && rest[digits..].starts_with(b",\"plan\":")
        })
    }

    /// Reads what [`SavedPlan::to_document`] wrote.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn from_document(text: &[u8]) -> Result<SavedPlan, SavedError> {
        let head: PlanHead = serde_json::from_slice(text).map_err(not_a_plan)?;
        if head.format != FORMAT {
            return Err(SavedError::OtherFormat { found: head.format });
        }
        let document: PlanDocument<'_> = serde_json::from_slice(text).map_err(not_a_plan)?;
        agrees(document.checksum, checksum(document.plan.get()))?;
        serde_json::from_str(document.plan.get()).map_err(not_a_plan)
    }

    /// Reads the plan in a file: a large one as a stream, so that the file and its content are not
    /// in memory at once.
    ///
    /// # Errors
    /// As [`SavedPlan::from_document`], and if the file cannot be read.
    pub fn from_file(file: File) -> Result<SavedPlan, SavedError> {
        let document = StoredDocument::read(file, KEY, LARGEST_WHOLE);
        SavedPlan::from_stored(document.map_err(SavedError::Unreadable)?)
    }

    fn from_stored(document: StoredDocument) -> Result<SavedPlan, SavedError> {
        match document {
            StoredDocument::Whole(text) => SavedPlan::from_document(&text),
            StoredDocument::Large(document) => streamed(document),
            StoredDocument::OtherForm(Some(found)) if found != FORMAT => {
                Err(SavedError::OtherFormat { found })
            }
            _ => Err(SavedError::OtherForm),
        }
    }
}

/// Reads the plan in a large document.
fn streamed(document: LargeDocument) -> Result<SavedPlan, SavedError> {
    let LargeDocument { mut file, envelope } = document;
    let failed = SavedError::Unreadable;
    if envelope.format != FORMAT {
        return Err(SavedError::OtherFormat {
            found: envelope.format,
        });
    }
    let mut digest = Sha256::new();
    envelope
        .each_part(&mut file, |part| digest.update(part))
        .map_err(failed)?;
    agrees(envelope.checksum.clone(), in_hex(&digest.finalize()))?;
    let value = envelope.value(&mut file).map_err(failed)?;
    serde_json::from_reader(value).map_err(not_read)
}

fn not_read(error: serde_json::Error) -> SavedError {
    if error.is_io() {
        SavedError::Unreadable(error.into())
    } else {
        not_a_plan(error)
    }
}

/// Compares the checksum that a document states with the one that it has.
fn agrees(stated: String, actual: String) -> Result<(), SavedError> {
    if actual == stated {
        Ok(())
    } else {
        Err(SavedError::Damaged { stated, actual })
    }
}

fn not_a_plan(error: serde_json::Error) -> SavedError {
    SavedError::NotAPlan(error.into())
}

fn checksum(text: &str) -> String {
    in_hex(&Sha256::digest(text.as_bytes()))
}

fn in_hex(digest: &[u8]) -> String {
    format!("sha256:{}", base16ct::lower::encode_string(digest))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Lineage};
    use eci_state::Snapshot;

    use jiff::Timestamp;

    use super::super::PlanOrigin;
    use super::*;
    use crate::observed::Observations;

    /// Text that a parser would hold in memory, and quote, where it finds it in an unexpected
    /// place. None of it is read: the file has a hole larger than any memory.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_large_and_has_another_form_is_refused_unread() {
        use std::io::{Seek as _, Write as _};
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("plan");
        for (head, tail) in [
            ("\"", "\""),
            ("1", "1"),
            ("{\"", "\":1}"),
            ("{\"format\":6,\"checksum\":\"", "\",\"plan\":{}}"),
            ("{\"format\":6,\"plan\":\"", "\",\"checksum\":\"00\"}"),
            ("{\"format\":9,\"other\":\"", "\"}"),
        ] {
            let mut file = File::create(&path).unwrap();
            file.write_all(head.as_bytes()).unwrap();
            file.seek(std::io::SeekFrom::Start(1 << 40)).unwrap();
            file.write_all(tail.as_bytes()).unwrap();
            let error = SavedPlan::from_file(File::open(&path).unwrap()).unwrap_err();
            let is_newer = matches!(error, SavedError::OtherFormat { found: 9 });
            assert!(
                is_newer == head.contains('9')
                    && (is_newer || matches!(error, SavedError::OtherForm)),
                "{head}: {error}"
            );
        }
    }

    /// The result of reading a stream equals that of reading a whole document, and damage is
    /// refused either way.
    #[test]
    fn document_and_stream_contain_the_same_plan() {
        let directory = tempfile::tempdir().unwrap();
        let manifest = directory.path().join("main.eci.toml");
        std::fs::write(manifest, "[eip.front]\nname = \"front\"\n").unwrap();
        let variables = Default::default();
        let configuration = eci_config::load(directory.path(), &variables).unwrap();
        let snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
        let observed = Observations::empty();
        let plan = crate::plan(
            &configuration,
            &snapshot,
            &observed,
            &crate::PlannerOptions::default(),
        )
        .unwrap();
        let inputs = crate::saved::SavedPlanInputs {
            configuration: &configuration,
            variables: &variables,
            snapshot: &snapshot,
            observed: &observed,
        };
        let origin = PlanOrigin {
            is_sandbox: false,
            cloud: "r-1".to_owned(),
            created: Timestamp::UNIX_EPOCH,
        };
        let saved = SavedPlan::new(&plan, inputs, origin);

        let path = directory.path().join("plan");
        let read = |text: &[u8]| {
            std::fs::write(&path, text).unwrap();
            let open = || File::open(&path).unwrap();
            let [whole, streamed] = [u64::MAX, 0].map(|most| {
                SavedPlan::from_stored(StoredDocument::read(open(), KEY, most).unwrap())
            });
            assert_eq!(whole.is_ok(), streamed.is_ok(), "{whole:?} {streamed:?}");
            whole
                .ok()
                .inspect(|whole| assert_eq!(*whole, streamed.unwrap()))
        };
        let document = saved.to_document().unwrap();
        assert_eq!(read(document.as_bytes()), Some(saved));
        let other = document.replacen("\"format\":6", "\"format\":7", 1);
        assert_eq!(read(other.as_bytes()), None);
        for at in (0..document.len() - 1).step_by(7) {
            assert_eq!(read(&document.as_bytes()[..at]), None);
            let mut flipped = document.clone().into_bytes();
            flipped[at] ^= 4;
            assert_eq!(read(&flipped), None, "{at}");
        }
    }
}
