//! A saved plan as text: JSON with its format in front and a checksum behind.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{SavedError, SavedPlan};

/// The format of plans that this version writes, and the only one that it reads: whoever
/// updates in between plans again.
pub const FORMAT: u32 = 3;

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    format: u32,
    #[serde(borrow)]
    plan: &'a RawValue,
    checksum: String,
}

impl SavedPlan {
    /// The plan as the text in which it is kept.
    ///
    /// # Errors
    /// If there is anything in it that may not be stored.
    pub fn to_document(&self) -> Result<String, SavedError> {
        let plan = serde_json::to_string(self).map_err(SavedError::Unstorable)?;
        let plan = RawValue::from_string(plan).map_err(SavedError::Unstorable)?;
        let document = Document {
            format: FORMAT,
            checksum: checksum(plan.get()),
            plan: &plan,
        };
        let text = serde_json::to_string(&document).map_err(SavedError::Unstorable)?;
        Ok(text + "\n")
    }

    /// How many bytes of a file are enough for [`SavedPlan::begins`].
    pub const BEGINNING: u64 = 32;

    /// Whether a file that begins like this is a saved plan, of whatever format.
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
        let head: Head = serde_json::from_slice(text).map_err(not_a_plan)?;
        if head.format != FORMAT {
            return Err(SavedError::OtherFormat { found: head.format });
        }
        let document: Document<'_> = serde_json::from_slice(text).map_err(not_a_plan)?;
        let actual = checksum(document.plan.get());
        if actual != document.checksum {
            return Err(SavedError::Damaged {
                stated: document.checksum,
                actual,
            });
        }
        serde_json::from_str(document.plan.get()).map_err(not_a_plan)
    }
}

fn not_a_plan(error: serde_json::Error) -> SavedError {
    SavedError::NotAPlan(error.into())
}

fn checksum(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let digits = digest.iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", digits.collect::<String>())
}
