//! A file of what this machine knows about states.

use std::io;
use std::path::{Path, PathBuf};

use eci_core::regular::{self, LARGEST_TEXT};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::files;

/// The format of these files.
const FORMAT: u32 = 1;

/// A file of what this machine knows about states.
///
/// It protects, and nothing depends on it: a file that is missing or unreadable knows nothing, and no failure to
/// write it fails a run.
#[derive(Clone, Debug)]
pub(crate) struct KnownFile {
    path: PathBuf,
}

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
struct KnownFileDocument<T> {
    format: u32,
    #[serde(flatten)]
    content: T,
}

impl KnownFile {
    /// Creates a view of a file, which may be missing.
    pub(crate) fn new(path: impl Into<PathBuf>) -> KnownFile {
        KnownFile { path: path.into() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read<T: Default + DeserializeOwned>(&self) -> T {
        let text = regular::read_to_string(&self.path, LARGEST_TEXT).unwrap_or_default();
        match serde_json::from_str(&text) {
            Ok(KnownFileDocument {
                format: FORMAT,
                content,
            }) => content,
            _ => T::default(),
        }
    }

    pub(crate) fn write<T: Serialize>(&self, content: T) -> io::Result<()> {
        let format = FORMAT;
        let document = serde_json::to_vec_pretty(&KnownFileDocument { format, content })?;
        files::replace(&self.path, &document)
    }
}
