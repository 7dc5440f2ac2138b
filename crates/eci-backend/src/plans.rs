//! Saved plans of pipelines, next to the state that they are for.
//!
//! A plan that was reviewed is applied by another job, on another machine. It is an encrypted object of
//! the store, found by its commit, or by the files of its commit: a merge may create another commit with
//! the same files. It is not part of the log: a plan that is missing or unreadable means that a new one
//! has to be reviewed, never that a state is damaged.

use std::time::Duration;

use bytes::Bytes;
use eci_core::Serial;
use eci_state::StateError;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::blocking::on_thread;
use crate::device::{Creation, ObjectId, Series};
use crate::keys::Keys;
use crate::log::{Log, to_bytes};
use crate::log_backend::LogBackend;

/// The time for which a plan is kept.
pub const PLAN_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// 2020-01-01 in seconds: the times of numbers begin here, so that they fit into 31 bits until 2088.
const EPOCH: i64 = 1_577_836_800;

/// The most attempts to find a free number.
const ATTEMPTS: u64 = 1000;

/// A saved plan of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPlan {
    /// The commit that it was created for.
    pub commit: String,
    /// The hash of the files of the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    /// The name of the pipeline, where several have the same state.
    pub name: String,
    /// The number of the change request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The time of its creation.
    pub created: Timestamp,
    /// The plan, as in a file.
    pub document: String,
}

impl StoredPlan {
    /// Returns whether it was created for one of these commits or trees.
    pub fn is_of(&self, revisions: &[String]) -> bool {
        revisions
            .iter()
            .any(|it| *it == self.commit || self.tree.as_ref() == Some(it))
    }

    /// Returns the number of its object: a list shows time, commit and tree without reading plans.
    fn number(&self, later: u64) -> u64 {
        let tree = self.tree.as_deref().unwrap_or_default();
        (seconds(self.created) + later) << 32
            | u64::from(short_hash(&self.commit)) << 16
            | u64::from(short_hash(tree))
    }
}

/// Returns the time as part of a number.
fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second() - EPOCH).unwrap_or_default() & 0x7fff_ffff
}

fn short_hash(text: &str) -> u16 {
    let hash = Sha256::digest(text.as_bytes());
    u16::from_be_bytes([hash[0], hash[1]])
}

/// Returns whether the plan with this number may be one for a commit or a tree.
fn may_be_of(number: u64, revisions: &[String]) -> bool {
    let parts = [(number >> 16) & 0xffff, number & 0xffff];
    let mut revisions = revisions.iter();
    revisions.any(|it| parts.contains(&u64::from(short_hash(it))))
}

impl LogBackend {
    /// Keeps a plan, and deletes those that are too old.
    ///
    /// # Errors
    /// If the state does not exist, or the store cannot be written.
    pub fn put_plan(&self, plan: &StoredPlan) -> Result<(), StateError> {
        on_thread(|| self.log.runtime()?.block_on(put(&self.log, plan)))
    }

    /// Returns the plans for a commit or its files, the newest first.
    ///
    /// Those that cannot be read, for example because their key was replaced, are left out.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn find_plans(&self, revisions: &[String]) -> Result<Vec<StoredPlan>, StateError> {
        on_thread(|| self.log.runtime()?.block_on(find(&self.log, revisions)))
    }
}

impl LogBackend {
    /// Returns the newest plan, whatever commit it is for.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn latest_plan(&self) -> Result<Option<StoredPlan>, StateError> {
        on_thread(|| self.log.runtime()?.block_on(latest(&self.log)))
    }
}

async fn latest(log: &Log) -> Result<Option<StoredPlan>, StateError> {
    let Some(mut keys) = log.keys().await? else {
        return Ok(None);
    };
    for number in log.list(Series::Plan, 0).await?.into_iter().rev() {
        let object = ObjectId::new(Series::Plan, number);
        let Some(stored) = log.get(object).await? else {
            continue;
        };
        if let Some(plan) = read(log, &mut keys, object, &stored.bytes) {
            return Ok(Some(plan));
        }
    }
    Ok(None)
}

async fn put(log: &Log, plan: &StoredPlan) -> Result<(), StateError> {
    let keys = match log.keys().await? {
        Some(keys) => keys,
        None => log.create_keys().await?,
    };
    let clear = to_bytes(plan)?;
    for later in 0..ATTEMPTS {
        let object = ObjectId::new(Series::Plan, plan.number(later));
        let bytes = keys.seal(object, Serial::default(), &clear);
        let bytes: Bytes = bytes.map_err(|error| log.not_sealed(&error))?;
        let created = log.create(object, &bytes, log.patience).await;
        if created.map_err(|cause| log.failed(cause))? == Creation::Created {
            break;
        }
    }
    let oldest = oldest(plan.created);
    let all = log.list(Series::Plan, 0).await?;
    for number in all.into_iter().filter(|number| number >> 32 < oldest) {
        let object = ObjectId::new(Series::Plan, number);
        let deleted = log.retried(log.patience, || log.device.delete(object));
        deleted.await.map_err(|cause| log.failed(cause))?;
    }
    Ok(())
}

/// Returns the time before which plans are deleted, as part of a number.
fn oldest(now: Timestamp) -> u64 {
    let retention = SignedDuration::try_from(PLAN_RETENTION).unwrap_or_default();
    seconds(now.saturating_sub(retention).unwrap_or(now))
}

async fn find(log: &Log, revisions: &[String]) -> Result<Vec<StoredPlan>, StateError> {
    let Some(mut keys) = log.keys().await? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let all = log.list(Series::Plan, 0).await?;
    let candidates = all.into_iter().rev();
    for number in candidates.filter(|number| may_be_of(*number, revisions)) {
        let object = ObjectId::new(Series::Plan, number);
        let Some(stored) = log.get(object).await? else {
            continue;
        };
        match read(log, &mut keys, object, &stored.bytes) {
            Some(plan) if plan.is_of(revisions) => found.push(plan),
            Some(_) => {}
            None => tracing::info!(%object, "a saved plan cannot be read"),
        }
    }
    Ok(found)
}

fn read(log: &Log, keys: &mut Keys, object: ObjectId, bytes: &[u8]) -> Option<StoredPlan> {
    let opened = keys.open(&log.readers, object, bytes).ok()?;
    serde_json::from_slice(&opened.clear).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::devices::MemoryDevice;
    use crate::keyring::ReaderKey;
    use crate::seal::SecretKey;

    const NOW: &str = "2026-11-30T12:00:00Z";

    fn plan(commit: &str, tree: &str, created: &str) -> StoredPlan {
        StoredPlan {
            commit: commit.to_owned(),
            tree: Some(tree.to_owned()),
            name: "eci".to_owned(),
            change: None,
            created: created.parse().unwrap(),
            document: format!("plan of {commit} at {created}"),
        }
    }

    fn backend(device: &Arc<MemoryDevice>, key: u8) -> LogBackend {
        let key = ReaderKey::Key(SecretKey::new([key; 32]));
        LogBackend::new(device.clone(), vec![key])
    }

    fn found(backend: &LogBackend, revision: &str) -> Vec<String> {
        let found = backend.find_plans(&[revision.to_owned()]).unwrap();
        found.into_iter().map(|plan| plan.document).collect()
    }

    #[test]
    fn a_plan_is_found_by_its_commit_and_by_its_files_the_newest_first() {
        let backend = backend(&Arc::default(), 1);
        assert!(found(&backend, "a").is_empty());
        for plan in [
            plan("a", "tree", NOW),
            plan("a", "tree", NOW),
            plan("b", "other", NOW),
            plan("a", "tree", "2026-11-30T13:00:00Z"),
        ] {
            backend.put_plan(&plan).unwrap();
        }
        let of_a = found(&backend, "a");
        assert_eq!(of_a.len(), 3);
        assert_eq!(of_a[0], "plan of a at 2026-11-30T13:00:00Z");
        assert_eq!(found(&backend, "tree"), of_a);
        assert_eq!(found(&backend, "other").len(), 1);
        assert!(found(&backend, "c").is_empty());
        let latest = backend.latest_plan().unwrap().unwrap();
        assert_eq!(latest.document, of_a[0]);
    }

    #[test]
    fn plans_are_deleted_after_thirty_days() {
        let backend = backend(&Arc::default(), 1);
        backend
            .put_plan(&plan("a", "t", "2026-10-30T12:00:00Z"))
            .unwrap();
        backend
            .put_plan(&plan("b", "t", "2026-11-01T12:00:00Z"))
            .unwrap();
        assert_eq!(found(&backend, "t").len(), 2);
        backend.put_plan(&plan("c", "t", NOW)).unwrap();
        assert_eq!(found(&backend, "t").len(), 2);
        assert!(found(&backend, "a").is_empty());
    }

    #[test]
    fn plans_are_encrypted_and_an_unreadable_one_counts_as_missing() {
        let device = Arc::new(MemoryDevice::default());
        let backend = backend(&device, 1);
        let plan = plan("a", "t", NOW);
        backend.put_plan(&plan).unwrap();
        let log = &backend.log;
        let object = ObjectId::new(Series::Plan, plan.number(0));
        let stored = finished(log.get(object)).unwrap().unwrap();
        let text = String::from_utf8_lossy(&stored.bytes);
        assert!(!text.contains("plan of"), "{text}");
        let mut altered = stored.bytes.to_vec();
        *altered.last_mut().unwrap() ^= 1;
        let damaged = ObjectId::new(Series::Plan, plan.number(1));
        let created = finished(log.create(damaged, &Bytes::from(altered), log.patience));
        assert_eq!(created.unwrap(), Creation::Created);
        assert_eq!(found(&backend, "a").len(), 1);
    }

    fn finished<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(work)
    }

    #[test]
    fn numbers_fit_into_signed_columns_and_sort_by_time() {
        let early = plan("a", "t", "2026-01-01T00:00:00Z").number(0);
        let late = plan("b", "u", "2087-01-01T00:00:00Z").number(0);
        assert!(early < late);
        assert!(i64::try_from(late).is_ok());
        assert!(may_be_of(early, &["t".to_owned()]));
        assert!(!may_be_of(early, &["b".to_owned()]));
    }
}
