//! A disk, or a store behind a network, that keeps what was flushed, and of the rest what it likes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use eci_core::{Address, DigestKey, Lineage};
use eci_state::{
    Durability, IntentId, IntentKind, MemoryStore, Record, Snapshot, StateError, Store,
};

use crate::crash_point::Fuse;
use crate::rng::Draws;

/// The content of the disk: the snapshot, and the journal line by line.
#[derive(Debug)]
pub(crate) struct DiskContent {
    base: Snapshot,
    lines: Vec<Vec<Record>>,
    flushed: usize,
    /// The number of times that the state was opened or its machine stopped: writes that began
    /// before that no longer count.
    epoch: usize,
    /// Every intent that was ever appended.
    intents: Vec<(Address, IntentKind)>,
}

/// The behavior of a disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DiskBehavior {
    /// A disk that writes at once.
    #[default]
    Prompt,
    /// A disk that says that it has flushed and has not.
    Lies,
    /// A slow disk, like a store behind a network: the end of a process loses what was
    /// not written.
    Slow,
    /// A slow disk that says that it has flushed when the write begins.
    SlowAndLies,
}

/// A disk that outlives the processes that write to it.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    content: Arc<Mutex<DiskContent>>,
    behavior: DiskBehavior,
    draws: Draws,
}

impl Disk {
    pub(crate) fn new(behavior: DiskBehavior, draws: &Draws) -> Disk {
        Disk {
            behavior,
            draws: draws.clone(),
            ..Disk::of(Lineage::new("lineage"))
        }
    }

    /// The disk of a state of that lineage, which writes at once.
    pub(crate) fn of(lineage: Lineage) -> Disk {
        let base = Snapshot::new(lineage, DigestKey::new([7; 32]));
        let content = DiskContent {
            base,
            lines: Vec::new(),
            flushed: 0,
            epoch: 0,
            intents: Vec::new(),
        };
        Disk {
            content: Arc::new(Mutex::new(content)),
            behavior: DiskBehavior::Prompt,
            draws: Draws::new(0),
        }
    }

    /// Returns whether the end of a process loses what was not flushed.
    pub(crate) fn loses_with_process(&self) -> bool {
        matches!(
            self.behavior,
            DiskBehavior::Slow | DiskBehavior::SlowAndLies
        )
    }

    /// Writes what was appended so far, after a while.
    fn write_later(&self) -> impl Future<Output = ()> + Send + 'static {
        let content = self.content.clone();
        let (lines, epoch) = {
            let content = content.lock().unwrap();
            (content.lines.len(), content.epoch)
        };
        let takes = Duration::from_millis(self.draws.one(&[0, 30, 300, 3_000]));
        async move {
            tokio::time::sleep(takes).await;
            let mut content = content.lock().unwrap();
            if content.epoch == epoch {
                content.flushed = content.flushed.max(lines.min(content.lines.len()));
            }
        }
    }

    /// Returns whether an intent records this create of a group.
    pub(crate) fn has_create_intent(&self, tag: &str) -> bool {
        self.has_intent(
            |kind| matches!(kind, IntentKind::Create { operation, .. } if operation.as_str() == tag),
        )
    }

    /// Returns whether an intent records an order of a new object under this token.
    pub(crate) fn has_order_intent(&self, token: &str) -> bool {
        self.has_intent(
            |kind| matches!(kind, IntentKind::Create { operation, .. } if operation.short() == token),
        )
    }

    /// Returns whether an intent records the delete of the object with this ID.
    pub(crate) fn has_delete_intent(&self, id: &str) -> bool {
        self.has_intent(|kind| matches!(kind, IntentKind::Delete { id: deleted } if deleted == id))
    }

    /// Every intent that was ever appended, with its address.
    pub(crate) fn intents(&self) -> Vec<(Address, IntentKind)> {
        self.content.lock().unwrap().intents.clone()
    }

    /// The text of all that is on the disk.
    pub(crate) fn text(&self) -> String {
        let content = self.content.lock().unwrap();
        let base = serde_json::to_string(&content.base).unwrap();
        let lines = content.lines.iter();
        let lines = lines.map(|line| serde_json::to_string(line).unwrap());
        lines.fold(base, |text, line| text + "\n" + &line)
    }

    /// Puts an older state in the place of this one, as from a backup.
    pub(crate) fn restore(&self, snapshot: &Snapshot) {
        self.content.lock().unwrap().write(snapshot);
    }

    /// Returns whether there is such an intent in what is flushed.
    fn has_intent(&self, is_it: impl Fn(&IntentKind) -> bool) -> bool {
        if matches!(
            self.behavior,
            DiskBehavior::Lies | DiskBehavior::SlowAndLies
        ) {
            // What comes of it is to be found out, not this.
            return true;
        }
        let content = self.content.lock().unwrap();
        let open = content.base.open_intents.iter().map(|intent| &intent.kind);
        let flushed = content.lines[..content.flushed].iter().flatten();
        let begun = flushed.filter_map(|record| match record {
            Record::Intent { kind, .. } => Some(kind),
            _ => None,
        });
        open.chain(begun).any(is_it)
    }

    /// The machine stops: what was not flushed may be lost.
    pub(crate) fn stop(&self, draws: &Draws) {
        let mut content = self.content.lock().unwrap();
        let loose = content.lines.len() - content.flushed;
        let kept = content.flushed + draws.below(loose + 1);
        content.lines.truncate(kept);
        content.epoch += 1;
    }

    /// Opens the state as the next process does: what the one before left in the journal goes
    /// into the snapshot.
    pub(crate) fn open(&self, fuse: &Fuse) -> OpenedState {
        let mut content = self.content.lock().unwrap();
        content.epoch += 1;
        let mut store = MemoryStore::new(content.base.clone());
        for line in &content.lines {
            // Through the form that is on disk.
            let line = serde_json::to_string(line).unwrap();
            let records: Vec<Record> = serde_json::from_str(&line).unwrap();
            store.append(&records).unwrap();
        }
        if !content.lines.is_empty() {
            store.compact().unwrap();
            content.write(store.snapshot());
        }
        OpenedState {
            store,
            disk: self.clone(),
            fuse: fuse.clone(),
        }
    }
}

impl DiskContent {
    fn write(&mut self, snapshot: &Snapshot) {
        self.base = snapshot.clone();
        self.lines.clear();
        self.flushed = 0;
        self.epoch += 1;
    }
}

/// The state as one process has it open.
pub(crate) struct OpenedState {
    store: MemoryStore,
    disk: Disk,
    fuse: Fuse,
}

impl OpenedState {
    fn alive(&self) -> Result<(), StateError> {
        if self.fuse.burns() {
            Err(StateError::NotWritable {
                path: "journal.jsonl".into(),
                cause: std::io::Error::other("the process is dead"),
            })
        } else {
            Ok(())
        }
    }
}

impl Store for OpenedState {
    fn snapshot(&self) -> &Snapshot {
        self.store.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        self.alive()?;
        self.store.append(records)?;
        let mut content = self.disk.content.lock().unwrap();
        content.lines.push(records.to_vec());
        let intents = records.iter().filter_map(|record| match record {
            Record::Intent { address, kind, .. } => Some((address.clone(), kind.clone())),
            _ => None,
        });
        content.intents.extend(intents);
        Ok(())
    }

    fn flush(&mut self) -> Durability {
        if let Err(error) = self.alive() {
            return Durability::done(Err(error));
        }
        let flushed = self.store.flush();
        match self.disk.behavior {
            DiskBehavior::Prompt => {
                let mut content = self.disk.content.lock().unwrap();
                content.flushed = content.lines.len();
                flushed
            }
            DiskBehavior::Lies => flushed,
            DiskBehavior::Slow => {
                let written = self.disk.write_later();
                Durability::pending(async move {
                    written.await;
                    Ok(())
                })
            }
            DiskBehavior::SlowAndLies => {
                tokio::spawn(self.disk.write_later());
                flushed
            }
        }
    }

    fn hasten(&mut self) {
        if self.disk.loses_with_process() && self.alive().is_ok() {
            tokio::spawn(self.disk.write_later());
        }
    }

    fn compact(&mut self) -> Result<(), StateError> {
        self.alive()?;
        self.store.compact()?;
        self.disk
            .content
            .lock()
            .unwrap()
            .write(self.store.snapshot());
        Ok(())
    }

    fn next_intent(&mut self) -> IntentId {
        self.store.next_intent()
    }
}
