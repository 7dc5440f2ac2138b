//! The ends of logs that this machine knows: by them it recognizes a store that was rolled back.
//!
//! A store that was restored from an older backup is a sound state, in which the resources that were created
//! since are missing: the next run would create them a second time. Entries are never removed from the end of
//! a log, so that a machine which has read an entry can check that the store still has it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eci_state::StateError;
use serde::{Deserialize, Serialize};

use crate::entry::{EntryHash, LogId};
use crate::known_file::KnownFile;

/// A file with the ends of logs that this machine knows.
///
/// It protects, and no run depends on it: a file that is missing knows nothing, and no failure to write it fails a
/// run.
#[derive(Clone, Debug)]
pub struct KnownHeads(KnownFile);

/// The content of the file.
#[derive(Default, Serialize, Deserialize)]
struct KnownHeadsContent {
    /// The ends by the addresses of the states.
    states: BTreeMap<String, KnownHead>,
}

/// The end of a log as it was when a run on this machine ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownHead {
    /// The ID of the log.
    pub(crate) log: LogId,
    /// The number of the last entry.
    pub(crate) entry: u64,
    /// Its hash.
    pub(crate) hash: EntryHash,
}

impl KnownHeads {
    /// Creates a view of a file, which may be missing.
    pub fn new(path: impl Into<PathBuf>) -> KnownHeads {
        KnownHeads(KnownFile::new(path))
    }

    /// Returns the end of the log of a state that this machine knows.
    ///
    /// # Errors
    /// If the file is damaged or cannot be read.
    pub(crate) fn get(&self, location: &str) -> Result<Option<KnownHead>, StateError> {
        let KnownHeadsContent { mut states } = self.0.read()?;
        Ok(states.remove(location))
    }

    pub(crate) fn record(&self, location: &str, head: KnownHead) {
        self.0.change(|content: &mut KnownHeadsContent| {
            let before = content.states.insert(location.to_owned(), head.clone());
            before != Some(head)
        });
    }

    pub(crate) fn forget(&self, location: &str) {
        self.0
            .change(|content: &mut KnownHeadsContent| content.states.remove(location).is_some());
    }
}
