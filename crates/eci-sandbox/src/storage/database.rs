//! The database that the world is kept in, written by one thread.
//!
//! Changes that wait at the same time are written in one transaction with one flush, and
//! each is answered after the flush that covers it. So a thousand creates at once cost a
//! few flushes, and an answered change is there after a crash.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use eci_text::{In, Lang, Text, messages, text};
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use crate::model::clock::Reference;
use crate::model::{DirtyEntity, Disk, Eip, Group, Job, Order};
use crate::storage::audit_log::AuditEntry;

const GROUPS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("groups");
const EIPS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("eips");
const DISKS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("disks");
const ORDERS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("orders");
const JOBS: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("jobs");
const LEDGER: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("ledger");
const FACTS: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("facts");
const CLOCK: &str = "clock";
const NEXT_NUMBER: &str = "next_number";

const FILE: &str = "world.redb";
/// The size of the database's cache: reads are answered from memory, so that it can be small.
const CACHE_BYTES: usize = 16 << 20;
/// Most changes of one transaction, so that the first of a flood is not kept waiting.
const MOST_AT_ONCE: usize = 1024;

/// An error of opening the simulated cloud on disk.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The directory does not exist and cannot be created.
    DirectoryNotCreated {
        /// The directory.
        path: PathBuf,
        /// The operating system's reason.
        cause: std::io::Error,
    },
    /// Another process has the database open.
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database is there and cannot be opened: it may be whole.
    NotOpened {
        /// The database.
        path: PathBuf,
        /// The operating system's reason.
        cause: std::io::Error,
    },
    /// The database cannot be read.
    Unreadable {
        /// The database.
        path: PathBuf,
        /// The database's reason.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The thread that writes cannot be started.
    NoWriter {
        /// The operating system's reason.
        cause: std::io::Error,
    },
}

messages! { StorageError:
    StorageError::DirectoryNotCreated { path, cause } =>
        en("failed to create the sandbox directory `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("创建沙箱目录 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    StorageError::InUse { path } =>
        en("the sandbox database `{}` is in use by another process", path.display()),
        zh("沙箱数据库 `{}` 正由其他进程使用", path.display());
    StorageError::NotOpened { path, cause } =>
        en("failed to open the sandbox database `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("打开沙箱数据库 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    StorageError::Unreadable { path, cause } =>
        en("failed to read the sandbox database `{}`: {cause}", path.display()),
        zh("读取沙箱数据库 `{}` 失败：{cause}", path.display());
    StorageError::NoWriter { cause } =>
        en("failed to start the thread that writes the sandbox database: {}", In(cause, Lang::En)),
        zh("启动沙箱数据库的写入线程失败：{}", In(cause, Lang::Zh));
}

impl StorageError {
    /// Returns the remedy, if there is one.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            StorageError::DirectoryNotCreated { .. } => text!(
                en: "fix the permissions, or use another directory",
                zh: "修复目录权限，或使用其他目录",
            ),
            StorageError::InUse { .. } => text!(
                en: "stop that process, or use another directory",
                zh: "停止该进程，或使用其他目录",
            ),
            // It may be whole, and merely not readable by this user.
            StorageError::NotOpened { path, .. } => text!(
                en: "check that `{path}` is a readable and writable file",
                zh: "检查 `{path}` 是否为可读写的文件",
                path = path.display(),
            ),
            StorageError::Unreadable { path, .. } => text!(
                en: "delete `{path}` to start with an empty cloud",
                zh: "删除 `{path}`，从空的沙箱开始",
                path = path.display(),
            ),
            StorageError::NoWriter { .. } => return None,
        })
    }
}

/// The error of a change that was not written; what the disk holds is not known.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the sandbox's database cannot be written: {0}")]
pub(crate) struct DatabaseError(Arc<str>);

/// One item to be stored.
pub(crate) enum Write {
    Group(Arc<Group>),
    /// A deleted group, by its number.
    Deleted(u64),
    Touched(DirtyEntity),
    Ledger(u64, AuditEntry),
    Clock(Reference),
    NextNumber(u64),
}

/// The stored content.
#[derive(Default)]
pub(crate) struct StoredWorld {
    pub(crate) groups: Vec<Group>,
    pub(crate) eips: Vec<Eip>,
    pub(crate) disks: Vec<Disk>,
    pub(crate) orders: Vec<Order>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) audit_log: Vec<AuditEntry>,
    pub(crate) clock: Option<Reference>,
    pub(crate) next_number: u64,
}

struct Batch {
    writes: Vec<Write>,
    done: oneshot::Sender<Result<(), DatabaseError>>,
}

/// The storage to which changes are sent.
///
/// Without a directory nothing is stored.
pub(crate) struct Store {
    writer: Option<Writer>,
}

struct Writer {
    queue: Option<mpsc::Sender<Batch>>,
    thread: Option<JoinHandle<()>>,
}

/// The answer to a change, once it is on disk.
pub(crate) struct PendingWrite(Option<oneshot::Receiver<Result<(), DatabaseError>>>);

impl Store {
    /// Keeps nothing.
    pub(crate) fn nowhere() -> Store {
        Store { writer: None }
    }

    /// Opens or makes the database in `directory` and reads what it holds.
    pub(crate) fn open(directory: &Path) -> Result<(Store, StoredWorld), StorageError> {
        make_directory(directory).map_err(|cause| StorageError::DirectoryNotCreated {
            path: directory.to_owned(),
            cause,
        })?;
        let path = directory.join(FILE);
        let file = open_private(&path).map_err(|cause| StorageError::NotOpened {
            path: path.clone(),
            cause,
        })?;
        let database = FileBackend::new(file)
            .and_then(|file| {
                Database::builder()
                    .set_cache_size(CACHE_BYTES)
                    .create_with_backend(file)
            })
            .map_err(|cause| match cause {
                redb::DatabaseError::DatabaseAlreadyOpen => {
                    StorageError::InUse { path: path.clone() }
                }
                cause => StorageError::Unreadable {
                    path: path.clone(),
                    cause: cause.into(),
                },
            })?;
        let kept = read(&database).map_err(|cause| StorageError::Unreadable { path, cause })?;
        let (queue, batches) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox-store".to_owned())
            .spawn(move || write_all(&database, &batches))
            .map_err(|cause| StorageError::NoWriter { cause })?;
        let writer = Writer {
            queue: Some(queue),
            thread: Some(thread),
        };
        let store = Store {
            writer: Some(writer),
        };
        Ok((store, kept))
    }

    /// Sends a change to be written after all that were sent before.
    ///
    /// It is written even if no caller waits for it.
    pub(crate) fn keep(&self, writes: Vec<Write>) -> PendingWrite {
        let Some(queue) = self
            .writer
            .as_ref()
            .and_then(|writer| writer.queue.as_ref())
        else {
            return PendingWrite(None);
        };
        let (done, answer) = oneshot::channel();
        // If the writer has ended, the batch and its sender are dropped: the answer is an error.
        let _ = queue.send(Batch { writes, done });
        PendingWrite(Some(answer))
    }
}

impl Drop for Writer {
    /// Writes the rest of the queue and ends the thread.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the sandbox's database panicked");
        }
    }
}

impl PendingWrite {
    /// Waits until the change is on disk.
    pub(crate) async fn written(self) -> Result<(), DatabaseError> {
        match self.0 {
            None => Ok(()),
            Some(answer) => answer
                .await
                .unwrap_or_else(|_| Err(DatabaseError("its writer has ended".into()))),
        }
    }
}

/// Makes a directory that only its owner may enter, as those above it where they are not there.
/// One that is there keeps its permissions.
fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens or creates a file that only its owner may read, because it contains passwords of groups in
/// clear. The permissions of an existing file are restricted.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut permissions = file.metadata()?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            // Of a file of someone else, this is theirs to say.
            let _ = file.set_permissions(permissions);
        }
    }
    Ok(file)
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;

fn read(database: &Database) -> Result<StoredWorld, AnyError> {
    let preparation = database.begin_write()?;
    for table in [GROUPS, EIPS, DISKS, ORDERS, JOBS, LEDGER] {
        preparation.open_table(table)?;
    }
    preparation.open_table(FACTS)?;
    preparation.commit()?;
    let reading = database.begin_read()?;
    let facts = reading.open_table(FACTS)?;
    let clock = match facts.get(CLOCK)? {
        Some(bytes) => Some(serde_json::from_slice(bytes.value())?),
        None => None,
    };
    let next_number = match facts.get(NEXT_NUMBER)? {
        Some(bytes) => serde_json::from_slice(bytes.value())?,
        None => 0,
    };
    Ok(StoredWorld {
        groups: values(&reading.open_table(GROUPS)?)?,
        eips: values(&reading.open_table(EIPS)?)?,
        disks: values(&reading.open_table(DISKS)?)?,
        orders: values(&reading.open_table(ORDERS)?)?,
        jobs: values(&reading.open_table(JOBS)?)?,
        audit_log: values(&reading.open_table(LEDGER)?)?,
        clock,
        next_number,
    })
}

fn values<T: DeserializeOwned>(
    table: &impl ReadableTable<u64, &'static [u8]>,
) -> Result<Vec<T>, AnyError> {
    table
        .iter()?
        .map(|entry| Ok(serde_json::from_slice(entry?.1.value())?))
        .collect()
}

fn write_all(database: &Database, batches: &mpsc::Receiver<Batch>) {
    while let Ok(first) = batches.recv() {
        let mut together = vec![first];
        while together.len() < MOST_AT_ONCE
            && let Ok(next) = batches.try_recv()
        {
            together.push(next);
        }
        let outcome = write(database, &together).map_err(|cause| {
            tracing::error!(%cause, "the sandbox's database cannot be written");
            DatabaseError(cause.to_string().into())
        });
        for batch in together {
            // The caller may have stopped waiting.
            let _ = batch.done.send(outcome.clone());
        }
    }
}

/// Writes batches in one transaction; it is on disk when this returns, as is the default of the
/// database.
fn write(database: &Database, batches: &[Batch]) -> Result<(), AnyError> {
    let transaction = database.begin_write()?;
    {
        let mut groups = transaction.open_table(GROUPS)?;
        let mut audit_log = transaction.open_table(LEDGER)?;
        let mut facts = transaction.open_table(FACTS)?;
        for write in batches.iter().flat_map(|batch| &batch.writes) {
            match write {
                Write::Group(group) => {
                    groups.insert(group.number, json(&**group)?.as_slice())?;
                }
                Write::Deleted(number) => {
                    groups.remove(number)?;
                }
                Write::Touched(touched) => {
                    let (table, number, bytes) = match touched {
                        DirtyEntity::Eip(eip) => (EIPS, eip.number, json(eip)?),
                        DirtyEntity::Disk(disk) => (DISKS, disk.number, json(disk)?),
                        DirtyEntity::Order(order) => (ORDERS, order.number, json(order)?),
                        DirtyEntity::Job(job) => (JOBS, job.number, json(job)?),
                    };
                    let mut table = transaction.open_table(table)?;
                    table.insert(number, bytes.as_slice())?;
                }
                Write::Ledger(number, entry) => {
                    audit_log.insert(number, json(entry)?.as_slice())?;
                }
                Write::Clock(reference) => {
                    facts.insert(CLOCK, json(reference)?.as_slice())?;
                }
                Write::NextNumber(number) => {
                    facts.insert(NEXT_NUMBER, json(number)?.as_slice())?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn written_data_is_read_again_and_the_directory_is_created() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("a/b");
        let (store, kept) = Store::open(&inner).unwrap();
        assert_eq!(kept.next_number, 0);
        store
            .keep(vec![Write::NextNumber(7)])
            .written()
            .await
            .unwrap();
        drop(store);
        assert_eq!(Store::open(&inner).unwrap().1.next_number, 7);
    }

    #[cfg(unix)]
    #[test]
    fn the_database_is_for_its_owner_alone_also_one_that_was_open_to_others() {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("a/b");
        let file = inner.join(FILE);
        drop(Store::open(&inner).unwrap());
        let preparation = [&inner, &directory.path().join("a"), &file].map(|path| mode(path));
        assert_eq!(preparation, [0o700, 0o700, 0o600]);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        drop(Store::open(&inner).unwrap());
        assert_eq!(mode(&file), 0o600);
    }

    #[tokio::test]
    async fn unawaited_writes_are_written_on_drop() {
        let directory = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(directory.path()).unwrap();
        for number in 0..100 {
            drop(store.keep(vec![Write::NextNumber(number)]));
        }
        drop(store);
        assert_eq!(Store::open(directory.path()).unwrap().1.next_number, 99);
    }

    #[test]
    fn a_database_in_use_and_an_invalid_one_are_distinguished() {
        let directory = tempfile::tempdir().unwrap();
        let first = Store::open(directory.path()).unwrap();
        assert!(matches!(
            Store::open(directory.path()),
            Err(StorageError::InUse { .. })
        ));
        drop(first);
        std::fs::write(directory.path().join(FILE), "no database at all").unwrap();
        assert!(matches!(
            Store::open(directory.path()),
            Err(StorageError::Unreadable { .. })
        ));
    }

    #[test]
    fn a_database_that_cannot_be_opened_is_not_to_be_deleted() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(FILE)).unwrap();
        let error = Store::open(directory.path()).err().unwrap().help().unwrap();
        let error = error.en();
        assert!(error.contains("readable and writable"), "{error}");
        assert!(!error.contains("delete"), "{error}");
    }
}
