//! A damaged state, put together again from what is left of it.
//!
//! The snapshot is taken as it is if it can be read, and else the newest backup that can. Every
//! line of the journal that can be read is applied to it, also those behind one that cannot:
//! a record holds all that it says of a resource, so that a line that is missing costs only
//! what it said itself. What ended in such a line stays open, and is settled by asking the cloud
//! like any call whose end nobody saw.
//!
//! Nothing is removed: what was there is copied aside before it is replaced.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use eci_core::{Address, DigestKey, Lineage, Serial, excerpt};
use jiff::Timestamp;

use super::files::{not_writable, unreadable};
use super::hold::{Hold, Version};
use super::{LocalStore, Places, backups, document, files, journal};
use crate::error::{Damage, StateError};
use crate::ledger::Ledger;
use crate::lock::{self, Holder, Lock};
use crate::record::{Deed, IntentId, Record, Settlement};
use crate::snapshot::{OpenIntent, ResourceState, Snapshot};
use crate::store::Store as _;

/// What was wrong with a state and what it was rebuilt from.
#[derive(Debug)]
pub struct Salvage {
    /// What was wrong. Nothing: the state was left as it is.
    pub defects: Vec<Defect>,
    /// The snapshot that it was built on.
    pub base: Base,
    /// How many lines of the journal were applied to that.
    pub lines: usize,
    /// The directory that keeps what was there before.
    pub kept: Option<PathBuf>,
}

/// The snapshot that a state is rebuilt on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The one of the state.
    Snapshot,
    /// An earlier one.
    Backup(PathBuf),
    /// None could be read, and an empty one takes its place. The key of its digests is new, so
    /// that every secret counts as changed once.
    Nothing,
}

/// One thing that is wrong with a state.
#[derive(Debug, thiserror::Error)]
pub enum Defect {
    /// A snapshot is not what was written.
    #[error("{path} is damaged: {damage}", path = path.display())]
    Snapshot {
        /// The snapshot or backup.
        path: PathBuf,
        /// What is wrong with it.
        damage: Damage,
    },
    /// There is no snapshot.
    #[error("{path} is missing", path = path.display())]
    NoSnapshot {
        /// Where it should be.
        path: PathBuf,
    },
    /// A line of the journal is not what was written.
    #[error("line {line} of {path} is damaged: {damage}", path = path.display())]
    Line {
        /// The journal.
        path: PathBuf,
        /// The line, the first being 1.
        line: usize,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The journal extends a later snapshot than the one that is there.
    #[error("{path} extends serial {found}, and the newest snapshot that can be read has serial \
        {expected}: what happened in between is not known", path = path.display())]
    Gap {
        /// The journal.
        path: PathBuf,
        /// The serial that it extends.
        found: Serial,
        /// The snapshot's serial.
        expected: Serial,
    },
    /// The journal extends the snapshot of another state.
    #[error("{path} belongs to another state, {found}; the snapshot is of {expected}",
        path = path.display(), found = excerpt(found), expected = excerpt(expected))]
    Foreign {
        /// The journal.
        path: PathBuf,
        /// The lineage that it names.
        found: Lineage,
        /// The snapshot's lineage.
        expected: Lineage,
    },
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Snapshot => f.write_str("the snapshot"),
            Base::Backup(path) => write!(f, "the backup {}", path.display()),
            Base::Nothing => f.write_str("an empty snapshot"),
        }
    }
}

impl LocalStore {
    /// Locks a state and opens it; one that is damaged is rebuilt first, from what can be read
    /// of its snapshot, its backups and its journal. What cannot be known from them, the cloud
    /// must be asked: calls whose end is not known are open in the snapshot.
    ///
    /// # Errors
    /// As [`LocalStore::open`]; and if there is nothing that can be read.
    pub fn rebuild(directory: &Path, holder: Holder) -> Result<(LocalStore, Salvage), StateError> {
        let places = Places::new(directory);
        let lock = Lock::take(&lock::path_in(directory), &holder)?;
        let refusal = match places.load() {
            Ok(Some(loaded)) => {
                let hold = Hold::new(&places, lock.id()?, Some(loaded.version));
                let mut store = LocalStore::of(places, loaded.ledger, (hold, lock));
                store.compact()?;
                return Ok((store, Salvage::of_a_sound_state()));
            }
            Ok(None) => None,
            Err(error) if error.is_damage() => Some(error),
            Err(error) => return Err(error),
        };
        let mut findings = Findings::of(&places)?;
        let (base, snapshot) = findings.base(&places)?;
        let (snapshot, lines) = findings.replayed(&places, snapshot);
        findings.tell(refusal);
        let kept = places.keep_aside()?;
        let hold = Hold::new(&places, lock.id()?, None);
        let mut store = LocalStore::of(places, Ledger::new(snapshot), (hold, lock));
        store.put_in_place()?;
        let salvage = Salvage {
            defects: findings.defects,
            base,
            lines,
            kept: Some(kept),
        };
        Ok((store, salvage))
    }

    fn of(places: Places, ledger: Ledger, (hold, lock): (Hold, Lock)) -> LocalStore {
        LocalStore {
            places,
            ledger,
            journal: None,
            written: true,
            hold,
            lock,
        }
    }

    /// Writes the snapshot as it is. Its serial is later than any that the journal may extend,
    /// so that a crash before the journal is replaced leaves one of the past.
    fn put_in_place(&mut self) -> Result<(), StateError> {
        let (path, snapshot) = (&self.places.snapshot, self.ledger.snapshot());
        snapshot.check()?;
        let file = files::replace(path, |file| document::write(snapshot, file, path))?;
        let about = file.metadata().map_err(|cause| unreadable(path, cause))?;
        self.hold
            .wrote_snapshot(Some(Version::of(snapshot, &about)));
        files::flush_directory(&self.places.directory)?;
        self.compact()
    }
}

impl Salvage {
    fn of_a_sound_state() -> Salvage {
        Salvage {
            defects: Vec::new(),
            base: Base::Snapshot,
            lines: 0,
            kept: None,
        }
    }

    /// Whether nothing was wrong, and the state was left as it is.
    pub fn is_sound(&self) -> bool {
        self.defects.is_empty()
    }
}

/// What can be read of a state, and what cannot.
struct Findings {
    snapshot: Option<Snapshot>,
    journal: Option<journal::Scraps>,
    defects: Vec<Defect>,
}

impl Findings {
    fn of(places: &Places) -> Result<Findings, StateError> {
        let mut defects = Vec::new();
        let snapshot = snapshot_in(&places.snapshot, &mut defects)?;
        let journal = journal::scraps(&places.journal)?;
        Ok(Findings {
            snapshot,
            journal,
            defects,
        })
    }

    /// Tells why the state could not be opened, where nothing else says so: each line may be
    /// what was written, and one contradict another.
    fn tell(&mut self, refusal: Option<StateError>) {
        if let (true, Some(StateError::JournalDamaged { path, line, damage })) =
            (self.defects.is_empty(), refusal)
        {
            self.defects.push(Defect::Line { path, line, damage });
        }
    }

    /// Which state the journal says it is of, and which serial it extends.
    fn extended(&self) -> Option<(Lineage, Serial)> {
        let journal = self.journal.as_ref()?;
        if let Some(heading) = &journal.heading {
            return Some((heading.lineage.clone(), heading.serial));
        }
        // A journal is begun anew with each serial, so that every run in it says the same.
        journal.records().find_map(|record| match record {
            Record::Begin {
                lineage, serial, ..
            } => Some((lineage.clone(), *serial)),
            _ => None,
        })
    }

    fn base(&mut self, places: &Places) -> Result<(Base, Snapshot), StateError> {
        if let Some(snapshot) = self.snapshot.take() {
            return Ok((Base::Snapshot, snapshot));
        }
        let extended = self.extended().map(|(lineage, _)| lineage);
        if self.defects.is_empty() {
            self.defects.push(Defect::NoSnapshot {
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
            if let Some(snapshot) = read.filter(fits) {
                return Ok((Base::Backup(path), snapshot));
            }
        }
        let Some(lineage) = extended else {
            return Err(StateError::NothingLeft {
                directory: places.directory.clone(),
            });
        };
        let key: DigestKey = Snapshot::fresh()?.digest_key;
        Ok((Base::Nothing, Snapshot::new(lineage, key)))
    }

    /// The snapshot with what the journal says, and how many of its lines that took.
    fn replayed(&mut self, places: &Places, snapshot: Snapshot) -> (Snapshot, usize) {
        let extended = self.extended();
        let (base, lineage) = (snapshot.serial, snapshot.lineage.clone());
        let Some(mut journal) = self.journal.take() else {
            return (later(snapshot, base), 0);
        };
        let path = places.journal.clone();
        for (line, damage) in std::mem::take(&mut journal.damaged) {
            let path = path.clone();
            self.defects.push(Defect::Line { path, line, damage });
        }
        let Some((found, serial)) = extended else {
            return (later(snapshot, base), 0);
        };
        if found != lineage {
            let expected = lineage;
            self.defects.push(Defect::Foreign {
                path,
                found,
                expected,
            });
            return (later(snapshot, base), 0);
        }
        let newest = base.max(serial);
        if serial < base {
            // All of it is part of the snapshot.
            return (later(snapshot, newest), 0);
        }
        if serial > base {
            let expected = base;
            let found = serial;
            self.defects.push(Defect::Gap {
                path,
                found,
                expected,
            });
        }
        let mut mending = Mending::new(snapshot, &journal);
        journal.records().for_each(|record| mending.take(record));
        (later(mending.done(), newest), journal.lines.len())
    }
}

/// The snapshot under a serial that nobody has seen: the one that was lost may have been the
/// next of those that are known.
fn later(mut snapshot: Snapshot, newest: Serial) -> Snapshot {
    snapshot.serial = newest.next().next();
    snapshot
}

/// Reads a snapshot; one that is damaged is told and left out.
fn snapshot_in(path: &Path, defects: &mut Vec<Defect>) -> Result<Option<Snapshot>, StateError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(path, cause)),
    };
    match Snapshot::from_document(&text, path) {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(StateError::Damaged { damage, .. }) => {
            let path = path.to_owned();
            defects.push(Defect::Snapshot { path, damage });
            Ok(None)
        }
        // Whoever wrote a newer format can also mend it.
        Err(error) => Err(error),
    }
}

/// A snapshot to which records are applied of which some are missing in between.
struct Mending {
    snapshot: Snapshot,
    /// A number that no intent of the journal has.
    spare: u64,
}

impl Mending {
    fn new(snapshot: Snapshot, journal: &journal::Scraps) -> Mending {
        let open = snapshot.open.iter().map(|open| open.intent.0);
        let begun = journal.records().filter_map(|record| match record {
            Record::Intent { intent, .. } => Some(intent.0),
            _ => None,
        });
        let last = open.chain(begun).max().unwrap_or_default();
        Mending {
            spare: last.saturating_add(1),
            snapshot,
        }
    }

    fn take(&mut self, record: &Record) {
        match record {
            Record::Begin { .. } => {}
            Record::Settled {
                intent,
                address,
                outcome,
            } if !self.is_open(*intent, address) => {
                // It began in a line that is missing. An end that leaves nothing does not say
                // of what: the cloud will say that it is gone.
                if let Settlement::Done { state: Some(state) } = outcome {
                    self.put(address, state);
                }
            }
            Record::Settled {
                address,
                outcome: Settlement::Done { state: Some(state) },
                ..
            } => {
                self.snapshot.change(record);
                self.put(address, state);
            }
            Record::Recorded { address, state } => self.put(address, state),
            Record::Intent { intent, .. } => {
                self.make_room(*intent);
                self.change(record);
            }
            record => self.change(record),
        }
    }

    fn change(&mut self, record: &Record) {
        // What was written was admitted then; what is not any more lacks what came before it.
        if let Err(error) = self.snapshot.apply(record) {
            tracing::warn!(error = excerpt(error), "a record was left out");
        }
    }

    fn is_open(&self, intent: IntentId, address: &Address) -> bool {
        let mut open = self.snapshot.open.iter();
        open.any(|open| open.intent == intent && open.address == *address)
    }

    /// One thing in the cloud has one address: an earlier one that still has it lacks the record
    /// that it was moved.
    fn put(&mut self, address: &Address, state: &ResourceState) {
        if state.id.is_some() {
            self.snapshot.resources.retain(|other, held| {
                other == address || other.kind() != address.kind() || held.id != state.id
            });
        }
        self.snapshot
            .resources
            .insert(address.clone(), state.clone());
    }

    /// An intent whose number was given again has ended in a line that is missing, or in the
    /// snapshot that is: how, is found out under another number.
    fn make_room(&mut self, number: IntentId) {
        for open in &mut self.snapshot.open {
            if open.intent == number {
                open.intent = IntentId(self.spare);
                self.spare = self.spare.saturating_add(1);
            }
        }
    }

    /// Creates of what the state has need not be looked for.
    fn done(mut self) -> Snapshot {
        let made: BTreeSet<_> = self
            .snapshot
            .resources
            .values()
            .filter(|state| state.id.is_some())
            .filter_map(|state| state.operation.clone())
            .collect();
        let is_made = |open: &OpenIntent| match &open.deed {
            Deed::Create { operation, .. } => made.contains(operation),
            Deed::Update { .. } | Deed::Delete { .. } => false,
        };
        self.snapshot.open.retain(|open| !is_made(open));
        self.snapshot
    }
}

impl Places {
    /// Copies snapshot and journal into a directory of their own.
    fn keep_aside(&self) -> Result<PathBuf, StateError> {
        let now = format!("{:.3}", Timestamp::now()).replace(':', "");
        let aside = self.directory.join("damaged").join(now);
        files::make_directory(&aside)?;
        for file in [&self.snapshot, &self.journal] {
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
#[path = "salvage/tests.rs"]
mod tests;
