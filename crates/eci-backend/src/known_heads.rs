//! The ends of logs that this machine knows: by them it recognizes a store that was rolled back.
//!
//! A store that was restored from an older backup is a sound state, in which the resources that were created
//! since are missing: the next run would create them a second time. Entries are never removed from the end of
//! a log, so that a machine which has read an entry can check that the store still has it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::entry::{EntryHash, LogId};
use crate::known_file::KnownFile;

/// A file with the ends of logs that this machine knows.
///
/// It protects, and nothing depends on it: a file that is missing or unreadable knows nothing, and no failure to
/// write it fails a run.
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

    pub(crate) fn get(&self, location: &str) -> Option<KnownHead> {
        self.0.read::<KnownHeadsContent>().states.remove(location)
    }

    pub(crate) fn record(&self, location: &str, head: KnownHead) {
        self.change(|states| {
            states.insert(location.to_owned(), head);
        });
    }

    pub(crate) fn forget(&self, location: &str) {
        if self.get(location).is_some() {
            self.change(|states| {
                states.remove(location);
            });
        }
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, KnownHead>)) {
        let KnownHeadsContent { mut states } = self.0.read();
        change(&mut states);
        if let Err(error) = self.0.write(KnownHeadsContent { states }) {
            let path = self.0.path().display();
            tracing::info!(%error, %path, "the end of the state was not recorded on this machine");
        }
    }
}
