//! A damaged state, put together again from what is left of it.
//!
//! The snapshot is taken as it is if it can be read, and else the newest backup that can. Every
//! line of the journal that can be read is applied to it, also those behind one that cannot:
//! a record holds all that it says of a resource, so that a line that is missing costs only
//! what it said itself. An operation whose outcome was in such a line stays pending, and is recovered
//! from the cloud like any call of unknown outcome.
//!
//! Nothing is removed: what was there is copied aside before it is replaced.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use eci_core::{Address, DigestKey, Lineage, Serial};
use jiff::Timestamp;

use super::directory_lock::DirectoryLock;
use super::files::{not_writable, unreadable};
use super::hold::Hold;
use super::mark::{self, Position};
use super::places::{StatePaths, flushed_of};
use super::version::Version;
use super::{LocalStore, backups, files, journal, snapshot_file};
use crate::error::{CorruptionKind, StateError};
use crate::holder::Holder;
use crate::record::Record;
use crate::snapshot::{OpenJournal, Snapshot};
use crate::state_view::StateView;
use crate::store::Store as _;

mod lenient_replay;
mod messages;

use lenient_replay::LenientReplay;

/// The damage of a state and the parts from which it was rebuilt.
#[derive(Debug)]
#[non_exhaustive]
pub struct RepairReport {
    /// The damaged parts.
    ///
    /// Empty: the state was left as it is.
    pub defects: Vec<Corruption>,
    /// The snapshot that it was built on.
    pub base: RepairBase,
    /// The number of lines of the journal that were applied to that.
    pub lines: usize,
    /// The resources of which records are lost, as far as that is known.
    pub about: BTreeSet<Address>,
    /// The directory that keeps what was there before.
    pub kept: Option<PathBuf>,
}

/// The snapshot that a state is rebuilt on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepairBase {
    /// The one of the state.
    Snapshot,
    /// An earlier one.
    Backup(PathBuf),
    /// None could be read, and an empty one takes its place.
    ///
    /// The key of its digests is new, so that every secret counts as changed once.
    Nothing,
}

/// One defect of a state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Corruption {
    /// A snapshot is damaged.
    Snapshot {
        /// The snapshot or backup.
        path: PathBuf,
        /// The kind of the damage.
        damage: CorruptionKind,
    },
    /// The snapshot is missing.
    NoSnapshot {
        /// The path at which it should be.
        path: PathBuf,
    },
    /// A line of the journal is damaged.
    Line {
        /// The journal.
        path: PathBuf,
        /// The line, the first being 1.
        line: usize,
        /// The kind of the damage.
        damage: CorruptionKind,
        /// The resources that it names, as far as that can be read.
        about: Vec<Address>,
    },
    /// The journal is missing, or its beginning is.
    NoJournal {
        /// The path at which it should be.
        path: PathBuf,
        /// The least number of lines that were written; 0 where it is unknown.
        lines: u64,
    },
    /// The journal is not the one that the snapshot names.
    AnotherJournal {
        /// The journal.
        path: PathBuf,
    },
    /// The journal extends a later snapshot than the one that is there.
    Gap {
        /// The journal.
        path: PathBuf,
        /// The serial that it extends.
        found: Serial,
        /// The snapshot's serial.
        expected: Serial,
    },
    /// The journal extends the snapshot of another state.
    Foreign {
        /// The journal.
        path: PathBuf,
        /// The lineage that it names.
        found: Lineage,
        /// The snapshot's lineage.
        expected: Lineage,
    },
}

impl LocalStore {
    /// Locks a state and opens it; one that is damaged is rebuilt first, from what can be read
    /// of its snapshot, its backups and its journal. The rest must be requested from the
    /// cloud: calls of unknown outcome are open in the snapshot.
    ///
    /// # Errors
    /// As [`LocalStore::open`]; and if there is nothing that can be read.
    pub fn rebuild(
        directory: &Path,
        holder: Holder,
    ) -> Result<(LocalStore, RepairReport), StateError> {
        let places = StatePaths::new(directory);
        let lock = DirectoryLock::take(directory, &holder)?;
        let refusal = match places.load() {
            Ok(Some(loaded)) => {
                let hold = Hold::new(&places, lock.id()?, Some(loaded.version));
                let mut store = LocalStore::of(places, loaded.ledger, hold, lock);
                store.is_open = !loaded.open.is_none();
                store.compact()?;
                return Ok((store, RepairReport::of_a_sound_state()));
            }
            Ok(None) => None,
            Err(error) if error.is_damage() => Some(error),
            Err(error) => return Err(error),
        };
        let mut findings = RepairInput::of(&places)?;
        let (base, snapshot) = findings.base(&places)?;
        let is_newest = findings.is_newest(&base, snapshot.serial);
        let since = findings.since();
        let (mut snapshot, lines) = findings.replayed(&places, snapshot);
        findings.add_refusal(refusal);
        if !is_newest || findings.defects.iter().any(Corruption::loses_records) {
            let mut lost = snapshot.lost.take().unwrap_or_default();
            lost.since = since;
            lost.about.extend(findings.about.iter().cloned());
            snapshot.lost = Some(lost);
        }
        // A backup may be older than the end of the migration, and the old place may no longer exist.
        snapshot.migrating_from = None;
        let kept = places.keep_aside()?;
        let hold = Hold::new(&places, lock.id()?, None);
        let mut store = LocalStore::of(places, StateView::new(snapshot), hold, lock);
        store.put_in_place()?;
        let salvage = RepairReport {
            defects: findings.defects,
            base,
            lines,
            about: findings.about,
            kept: Some(kept),
        };
        Ok((store, salvage))
    }

    fn of(places: StatePaths, ledger: StateView, hold: Hold, lock: DirectoryLock) -> LocalStore {
        LocalStore {
            places,
            ledger,
            journal: None,
            written: true,
            is_open: false,
            hold,
            lock,
            author: None,
        }
    }

    /// Writes the snapshot as it is.
    ///
    /// Its serial is later than any that the journal may extend, so that a crash before the journal
    /// is replaced leaves one of the past.
    fn put_in_place(&mut self) -> Result<(), StateError> {
        let (path, snapshot) = (&self.places.snapshot, self.ledger.snapshot());
        snapshot.check()?;
        backups::copy(snapshot, &self.places.backups)?;
        let file = files::replace(path, |file| snapshot_file::write(snapshot, file, path))?;
        let about = file.metadata().map_err(|cause| unreadable(path, cause))?;
        self.hold
            .wrote_snapshot(Some(Version::of(snapshot, &about)));
        files::flush_directory(&self.places.directory)?;
        self.compact()
    }
}

impl RepairReport {
    fn of_a_sound_state() -> RepairReport {
        RepairReport {
            defects: Vec::new(),
            base: RepairBase::Snapshot,
            lines: 0,
            about: BTreeSet::new(),
            kept: None,
        }
    }

    /// Returns whether there was no damage, and the state was left as it is.
    pub fn is_sound(&self) -> bool {
        self.defects.is_empty()
    }
}

/// The readable parts of a state, and the unreadable ones.
struct RepairInput {
    snapshot: Option<Snapshot>,
    /// The journal that it names.
    open: OpenJournal,
    journal: Option<journal::ReadableJournal>,
    /// Up to where the journals were flushed.
    marks: Vec<Position>,
    defects: Vec<Corruption>,
    /// The resources of which records are lost.
    about: BTreeSet<Address>,
}

impl Corruption {
    /// Returns whether records are lost.
    fn loses_records(&self) -> bool {
        match self {
            Corruption::Snapshot { .. } | Corruption::NoSnapshot { .. } => false,
            Corruption::Line { .. }
            | Corruption::NoJournal { .. }
            | Corruption::AnotherJournal { .. }
            | Corruption::Gap { .. }
            | Corruption::Foreign { .. } => true,
        }
    }
}

impl RepairInput {
    fn of(places: &StatePaths) -> Result<RepairInput, StateError> {
        let mut defects = Vec::new();
        let mut snapshot = snapshot_in(&places.snapshot, &mut defects)?;
        let open = snapshot.as_mut().map(|it| std::mem::take(&mut it.journal));
        let marks = mark::read(&journal::mark_path(&places.journal))?;
        let journal = journal::scraps(&places.journal, &marks, open.as_ref())?;
        Ok(RepairInput {
            snapshot,
            open: open.unwrap_or_default(),
            journal,
            marks,
            defects,
            about: BTreeSet::new(),
        })
    }

    /// Returns whether nothing was recorded after the snapshot of the rebuilt state except the
    /// records of its journal.
    fn is_newest(&self, base: &RepairBase, serial: Serial) -> bool {
        let extended = self.extended().map(|(_, serial)| serial);
        let marked = self.marks.iter().map(|mark| mark.serial).max();
        match base {
            RepairBase::Snapshot => true,
            RepairBase::Backup(_) => {
                extended.is_some_and(|known| known <= serial)
                    && marked.is_none_or(|known| known <= serial)
            }
            RepairBase::Nothing => false,
        }
    }

    /// Returns the start of the run that wrote the journal.
    fn since(&self) -> Option<String> {
        let mut records = self.journal.as_ref()?.records();
        records.find_map(|record| match record {
            Record::RunStarted { time: at, .. } => Some(at.clone()),
            _ => None,
        })
    }

    /// Adds the error of opening the state where no other defect was found: each line may be
    /// what was written, and one contradict another.
    fn add_refusal(&mut self, refusal: Option<StateError>) {
        if let (
            true,
            Some(StateError::JournalDamaged {
                path,
                line,
                damage,
                about,
            }),
        ) = (self.defects.is_empty(), refusal)
        {
            self.about.extend(about.iter().cloned());
            self.defects.push(Corruption::Line {
                path,
                line,
                damage,
                about,
            });
        }
    }

    /// Returns the state and the serial that the journal extends.
    fn extended(&self) -> Option<(Lineage, Serial)> {
        let journal = self.journal.as_ref()?;
        if let Some(heading) = &journal.heading {
            return Some((heading.lineage.clone(), heading.serial));
        }
        // A new journal begins with each serial, so that every run in it says the same.
        journal.records().find_map(|record| match record {
            Record::RunStarted {
                lineage, serial, ..
            } => Some((lineage.clone(), *serial)),
            _ => None,
        })
    }

    fn base(&mut self, places: &StatePaths) -> Result<(RepairBase, Snapshot), StateError> {
        if let Some(snapshot) = self.snapshot.take() {
            return Ok((RepairBase::Snapshot, snapshot));
        }
        let extended = self.extended().map(|(lineage, _)| lineage);
        if self.defects.is_empty() {
            self.defects.push(Corruption::NoSnapshot {
                path: places.snapshot.clone(),
            });
        }
        let mut kept = match backups::list(&places.backups) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            listed => listed.map_err(|cause| unreadable(&places.backups, cause))?,
        };
        kept.sort();
        for path in kept.into_iter().rev() {
            let read = snapshot_in(&path, &mut self.defects)?;
            let fits = |snapshot: &Snapshot| {
                let lineage = extended.as_ref();
                lineage.is_none_or(|lineage| *lineage == snapshot.lineage)
            };
            if let Some(mut snapshot) = read.filter(fits) {
                snapshot.journal = OpenJournal::default();
                return Ok((RepairBase::Backup(path), snapshot));
            }
        }
        let Some(lineage) = extended else {
            return Err(StateError::NothingLeft {
                directory: places.directory.clone(),
            });
        };
        let key: DigestKey = Snapshot::new_random()?.digest_key;
        Ok((RepairBase::Nothing, Snapshot::new(lineage, key)))
    }

    /// Replays a journal on a snapshot.
    ///
    /// Returns the snapshot and the number of lines that were replayed.
    fn replayed(&mut self, places: &StatePaths, snapshot: Snapshot) -> (Snapshot, usize) {
        let extended = self.extended();
        let (base, lineage) = (snapshot.serial, snapshot.lineage.clone());
        let Some(mut journal) = self.journal.take() else {
            if let Some(lines) = flushed_of(&self.marks, &snapshot, &self.open) {
                let path = places.journal.clone();
                self.defects.push(Corruption::NoJournal { path, lines });
            }
            return (later(snapshot, base), 0);
        };
        let path = places.journal.clone();
        for damaged in std::mem::take(&mut journal.damaged) {
            self.about.extend(damaged.about.iter().cloned());
            self.defects.push(Corruption::Line {
                path: path.clone(),
                line: damaged.number,
                damage: damaged.damage,
                about: damaged.about,
            });
        }
        let Some((found, serial)) = extended else {
            return (later(snapshot, base), 0);
        };
        if found != lineage {
            let expected = lineage;
            self.defects.push(Corruption::Foreign {
                path,
                found,
                expected,
            });
            return (later(snapshot, base), 0);
        }
        if let Some(heading) = &journal.heading
            && !self.open.is_none()
            && !self.open.is(&heading.id)
        {
            let path = path.clone();
            self.defects.push(Corruption::AnotherJournal { path });
        }
        let newest = base.max(serial);
        if serial < base {
            // All of it is part of the snapshot.
            return (later(snapshot, newest), 0);
        }
        if serial > base {
            let expected = base;
            let found = serial;
            self.defects.push(Corruption::Gap {
                path,
                found,
                expected,
            });
        }
        let mut replay = LenientReplay::new(snapshot, &journal);
        journal.records().for_each(|record| replay.take(record));
        self.about.append(&mut replay.left_out);
        (later(replay.done(), newest), journal.lines.len())
    }
}

/// Returns the snapshot under an unused serial: the lost one may have been the next after the known
/// ones.
fn later(mut snapshot: Snapshot, newest: Serial) -> Snapshot {
    snapshot.serial = newest.next().next();
    snapshot
}

/// Reads a snapshot; a damaged one is reported and left out.
fn snapshot_in(path: &Path, defects: &mut Vec<Corruption>) -> Result<Option<Snapshot>, StateError> {
    let Some(opened) = files::open(path)? else {
        return Ok(None);
    };
    match Snapshot::from_file(opened.file, path) {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(StateError::Damaged { damage, .. }) => {
            let path = path.to_owned();
            defects.push(Corruption::Snapshot { path, damage });
            Ok(None)
        }
        // The version that wrote a newer format can also repair it.
        Err(error) => Err(error),
    }
}

impl StatePaths {
    /// Copies snapshot and journal into a directory of their own.
    fn keep_aside(&self) -> Result<PathBuf, StateError> {
        let now = format!("{:.3}", Timestamp::now()).replace(':', "");
        let aside = self.directory.join("damaged").join(now);
        files::make_directory(&aside)?;
        let mark = journal::mark_path(&self.journal);
        for file in [&self.snapshot, &self.journal, &mark] {
            let Some(name) = file.file_name() else {
                continue;
            };
            let copy = aside.join(name);
            match fs::copy(file, &copy) {
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                copied => {
                    let flushed = copied.and_then(|_| fs::File::open(&copy)?.sync_all());
                    flushed.map_err(|cause| not_writable(&copy, cause))?;
                }
            }
        }
        files::flush_directory(&aside)?;
        files::flush_directory(&self.directory)?;
        Ok(aside)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "repair/tests.rs"]
mod tests;
