//! A file of what this machine knows about states.

use std::io;
use std::path::{Path, PathBuf};

use eci_core::regular::{self, LARGEST_TEXT};
use eci_state::{CorruptionKind, StateError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::files;

/// The format of these files.
const FORMAT: u32 = 1;

/// A file of what this machine knows about states.
///
/// It protects, and no run depends on it: a file that is missing knows nothing, and no failure to write it fails a
/// run. One that is damaged is an error, because the protection would end unnoticed.
#[derive(Clone, Debug)]
pub(crate) struct KnownFile {
    path: PathBuf,
}

/// The format of a file, which determines what else it has.
#[derive(Deserialize)]
struct KnownFileFormat {
    format: u32,
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
struct KnownFileDocument<'a> {
    format: u32,
    /// The checksum of the content as it is written.
    checksum: String,
    #[serde(borrow)]
    content: &'a RawValue,
}

impl KnownFile {
    /// Creates a view of a file, which may be missing.
    pub(crate) fn new(path: impl Into<PathBuf>) -> KnownFile {
        KnownFile { path: path.into() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads what is known.
    ///
    /// # Errors
    /// If the file is damaged or cannot be read.
    pub(crate) fn read<T: Default + DeserializeOwned>(&self) -> Result<T, StateError> {
        let path = || self.path.clone();
        match regular::read(&self.path, LARGEST_TEXT) {
            Ok(text) => parse(&text, path),
            Err(cause) if files::is_absent(&cause) => Ok(T::default()),
            Err(cause) => Err(StateError::Unreadable {
                path: path(),
                cause,
            }),
        }
    }

    /// Writes what is known if a function changes it, of which it returns whether.
    ///
    /// A failure is only logged. A damaged file is not replaced: it is still to be restored.
    pub(crate) fn change<T: Default + DeserializeOwned + Serialize>(
        &self,
        change: impl FnOnce(&mut T) -> bool,
    ) {
        let changed = self.read().and_then(|mut content: T| {
            if change(&mut content) {
                let written = self.write(&content);
                written.map_err(|cause| files::not_writable(&self.path, cause))?;
            }
            Ok(())
        });
        if let Err(error) = changed {
            tracing::info!(%error, "what this machine knows of the state was not recorded");
        }
    }

    fn write<T: Serialize>(&self, content: &T) -> io::Result<()> {
        let content = serde_json::value::to_raw_value(content)?;
        let document = serde_json::to_vec(&KnownFileDocument {
            format: FORMAT,
            checksum: checksum(content.get()),
            content: &content,
        })?;
        files::replace_private(&self.path, &document)
    }
}

fn parse<T: DeserializeOwned>(text: &[u8], path: impl Fn() -> PathBuf) -> Result<T, StateError> {
    let damaged = |damage| StateError::KnownFileDamaged {
        path: path(),
        damage,
    };
    let syntax = |error: serde_json::Error| damaged(CorruptionKind::from(error));
    let KnownFileFormat { format: found } = serde_json::from_slice(text).map_err(syntax)?;
    if found > FORMAT {
        return Err(StateError::NewerFormat {
            path: path(),
            found,
            known: FORMAT,
        });
    }
    if found != FORMAT {
        return Err(damaged(CorruptionKind::NoSuchFormat(found)));
    }
    let document: KnownFileDocument<'_> = serde_json::from_slice(text).map_err(syntax)?;
    let (stated, actual) = (document.checksum, checksum(document.content.get()));
    if stated != actual {
        return Err(damaged(CorruptionKind::Checksum { stated, actual }));
    }
    serde_json::from_str(document.content.get()).map_err(syntax)
}

fn checksum(content: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    format!("sha256:{}", base16ct::lower::encode_string(&digest))
}
