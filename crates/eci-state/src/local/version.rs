//! The version of a snapshot that is on disk.

use std::fs::Metadata;
use std::time::SystemTime;

use eci_core::{Lineage, Serial};

use super::file_id::FileId;
use crate::snapshot::Snapshot;

/// A snapshot as it is on disk.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    file: FileId,
    length: u64,
    modified: Option<SystemTime>,
    pub(crate) lineage: Lineage,
    pub(crate) serial: Serial,
}

impl Version {
    pub(crate) fn of(snapshot: &Snapshot, about: &Metadata) -> Version {
        Version {
            file: FileId::of(about),
            length: about.len(),
            modified: about.modified().ok(),
            lineage: snapshot.lineage.clone(),
            serial: snapshot.serial,
        }
    }

    /// Returns whether nothing was written there since.
    pub(crate) fn is(&self, about: &Metadata) -> bool {
        self.file == FileId::of(about)
            && self.length == about.len()
            && self.modified == about.modified().ok()
    }
}
