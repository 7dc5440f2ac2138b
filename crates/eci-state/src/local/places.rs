//! Paths of the files of a state, and what is read of them.

use std::io;
use std::path::{Path, PathBuf};

use eci_core::Lineage;

use super::mark::{self, Position};
use super::snapshot_file::snapshot_at;
use super::version::Version;
use super::{backups, files, journal, operations};
use crate::error::{CorruptionKind, StateError};
use crate::snapshot::{OpenJournal, Snapshot};
use crate::state_view::StateView;

/// The number of attempts to read a state that is replaced while it is read.
const TRIES: usize = 10;

/// The paths of the files of a state.
#[derive(Debug)]
pub(crate) struct StatePaths {
    pub(super) directory: PathBuf,
    pub(super) snapshot: PathBuf,
    pub(super) journal: PathBuf,
    pub(super) backups: PathBuf,
}

/// A state as it was read.
pub(super) struct PlacesContent {
    pub(super) ledger: StateView,
    /// The snapshot as it was read.
    pub(super) version: Version,
    /// The journal in which the run that did not end recorded.
    pub(super) open: OpenJournal,
    /// Whether the journal has content, useful or not.
    pub(super) has_content: bool,
}

/// The relation of a journal to a snapshot.
enum Relation {
    /// Its records come after it.
    Extends,
    /// Its records are part of it.
    Past,
}

impl StatePaths {
    pub(super) fn new(directory: &Path) -> StatePaths {
        StatePaths {
            directory: directory.to_owned(),
            snapshot: directory.join("state.json"),
            journal: directory.join("journal.jsonl"),
            backups: directory.join("backups"),
        }
    }

    pub(super) fn remove_journal(&self) -> Result<(), StateError> {
        match operations::remove(&self.journal) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(files::not_writable(&self.journal, cause))
            }
            _ => files::flush_directory(&self.directory),
        }
    }

    /// Reads the snapshot and replays the journal; `None` without a state.
    pub(super) fn load(&self) -> Result<Option<PlacesContent>, StateError> {
        let mut tries = 1;
        loop {
            match self.load_once() {
                // A run in progress has replaced the snapshot, and then the journal,
                // since the reader opened the snapshot.
                Err(
                    StateError::JournalAhead { .. }
                    | StateError::JournalWithoutSnapshot { .. }
                    | StateError::JournalMissing { .. }
                    | StateError::JournalReplaced { .. }
                    | StateError::JournalDamaged {
                        damage: CorruptionKind::EndUnknown,
                        ..
                    },
                ) if tries < TRIES => tries += 1,
                loaded => return loaded,
            }
        }
    }

    fn has_backups(&self) -> bool {
        backups::list(&self.backups).is_ok_and(|kept| !kept.is_empty())
    }

    fn load_once(&self) -> Result<Option<PlacesContent>, StateError> {
        let read = snapshot_at(&self.snapshot)?;
        let version = read.as_ref();
        let version = version.map(|(snapshot, about)| Version::of(snapshot, about));
        let mut snapshot = read.map(|(snapshot, _)| snapshot);
        let open = snapshot.as_mut().map(|it| std::mem::take(&mut it.journal));
        let open = open.unwrap_or_default();
        let marks = mark::read(&journal::mark_path(&self.journal))?;
        let mut reader = journal::Reader::open(&self.journal)?;
        let heading = match &mut reader {
            Some(reader) => reader.heading(&marks, Some(&open))?,
            None => None,
        };
        match (snapshot.zip(version), heading, reader) {
            (None, Some(_), _) => Err(StateError::JournalWithoutSnapshot {
                path: self.journal.clone(),
                snapshot: self.snapshot.clone(),
                backups: self.backups.clone(),
            }),
            (None, None, _) if self.has_backups() => Err(StateError::SnapshotMissing {
                snapshot: self.snapshot.clone(),
                backups: self.backups.clone(),
            }),
            // A run had written records, and none of them is left.
            (None, None, _) if let Some(lines) = mark::most_lines(&marks) => {
                Err(StateError::JournalMissing {
                    path: self.journal.clone(),
                    lines,
                })
            }
            (None, None, _) => Ok(None),
            (Some((snapshot, version)), Some(heading), Some(reader))
                if open.is_none() || open.is(&heading.id) =>
            {
                let relation = self.relation(&snapshot, &heading)?;
                let mut loaded = PlacesContent {
                    ledger: StateView::new(snapshot),
                    version,
                    has_content: !open.is_none(),
                    open,
                };
                loaded.replay(relation, reader)?;
                Ok(Some(loaded))
            }
            (Some((snapshot, _)), Some(heading), _) => {
                self.relation(&snapshot, &heading)?;
                Err(StateError::JournalReplaced {
                    path: self.journal.clone(),
                })
            }
            (Some((snapshot, _)), None, _)
                if let Some(lines) = flushed_of(&marks, &snapshot, &open) =>
            {
                Err(StateError::JournalMissing {
                    path: self.journal.clone(),
                    lines,
                })
            }
            (Some((snapshot, version)), None, _) => Ok(Some(PlacesContent {
                ledger: StateView::new(snapshot),
                version,
                open,
                has_content: false,
            })),
        }
    }

    fn relation(
        &self,
        snapshot: &Snapshot,
        heading: &journal::JournalHeader,
    ) -> Result<Relation, StateError> {
        let path = || self.journal.clone();
        let same = |found: &Lineage| *found == snapshot.lineage;
        if !same(&heading.lineage) {
            return Err(StateError::JournalOfAnotherState {
                path: path(),
                found: heading.lineage.clone(),
                expected: snapshot.lineage.clone(),
            });
        }
        match heading.serial.cmp(&snapshot.serial) {
            std::cmp::Ordering::Equal => Ok(Relation::Extends),
            std::cmp::Ordering::Less => Ok(Relation::Past),
            std::cmp::Ordering::Greater => Err(StateError::JournalAhead {
                path: path(),
                found: heading.serial,
                expected: snapshot.serial,
            }),
        }
    }
}

impl PlacesContent {
    fn replay(
        &mut self,
        relation: Relation,
        mut reader: journal::Reader,
    ) -> Result<(), StateError> {
        if let Relation::Past = relation {
            self.has_content = true;
            return Ok(());
        }
        while let Some(records) = reader.records()? {
            let admitted = self.ledger.validate(&records);
            admitted.map_err(|error| reader.damaged(error))?;
            self.ledger.apply_validated(&records);
            self.has_content = true;
        }
        Ok(())
    }
}

/// Returns the number of flushed lines of a journal that extends a snapshot, if any were flushed.
///
/// 0: a run is recorded in it, and nothing shows more.
pub(super) fn flushed_of(
    marks: &[Position],
    snapshot: &Snapshot,
    open: &OpenJournal,
) -> Option<u64> {
    let its = marks.iter().filter(|mark| mark.serial == snapshot.serial);
    mark::most_lines(its).or((!open.is_none()).then_some(0))
}
