//! Cost of recording outcomes: flushes and bytes of the journal, counted in a run of the
//! executor on a state on disk.

use std::time::Duration;

use anyhow::Context as _;
use eci_executor::{ApplyOptions, Effects, NullReporter, RunContext, StopHandle};
use eci_planner::{Observations, PlannerOptions};
use eci_provider::{ResourceProvider, Throttle};
use eci_sandbox::{Config, SimulatedCloud, Speed};
use eci_state::{Durability, Holder, IntentId, LocalStore, Record, Snapshot, StateError, Store};
use serde::Serialize;

use crate::shape;
use crate::simulated::{client, slow};

/// The cost of recording in one run.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct JournalCost {
    /// The number of created resources.
    pub outcomes: u64,
    /// The number of flushes of the journal.
    pub flushes: u64,
    /// The bytes that were written to the journal.
    pub bytes: u64,
}

impl JournalCost {
    /// Flushes for one outcome.
    pub fn flushes_each(&self) -> f64 {
        self.flushes as f64 / self.outcomes.max(1) as f64
    }

    /// Bytes for one outcome.
    pub fn bytes_each(&self) -> f64 {
        self.bytes as f64 / self.outcomes.max(1) as f64
    }
}

/// A store that counts the requests to the one behind it.
struct CountingStore {
    store: LocalStore,
    counts: JournalCost,
}

impl Store for CountingStore {
    fn snapshot(&self) -> &Snapshot {
        self.store.snapshot()
    }

    fn append(&mut self, records: &[Record]) -> Result<(), StateError> {
        for record in records {
            let line = serde_json::to_vec(record).unwrap_or_default();
            // Each line begins with its checksum.
            self.counts.bytes += line.len() as u64 + 10;
            if let Record::IntentFinished { .. } = record {
                self.counts.outcomes += 1;
            }
        }
        self.store.append(records)
    }

    fn flush(&mut self) -> Durability {
        self.counts.flushes += 1;
        self.store.flush()
    }

    fn compact(&mut self) -> Result<(), StateError> {
        self.store.compact()
    }

    fn next_intent(&mut self) -> IntentId {
        self.store.next_intent()
    }
}

/// Creates a number of groups without dependencies, one or ten at a time, and counts what is
/// recorded.
///
/// # Errors
/// If the run fails.
pub async fn record(groups: usize, parallelism: usize) -> anyhow::Result<JournalCost> {
    let directory = tempfile::tempdir()?;
    shape::write_flat(directory.path(), groups, None)?;
    let cloud = SimulatedCloud::start(Config {
        speed: Speed::Instant,
        faults: slow(Duration::from_millis(5)),
        ..Config::default()
    });
    let cloud = cloud.await.context("cannot start the sandbox")?;
    let configuration = eci_config::load(directory.path(), &Default::default())
        .map_err(|wrong| anyhow::anyhow!("the shape is wrong: {wrong}"))?;
    let state = directory.path().join("state");
    let mut store = CountingStore {
        store: LocalStore::open(&state, Holder::current_process("eci-bench"))?,
        counts: JournalCost::default(),
    };
    store.compact()?;
    let plan = eci_planner::plan(
        &configuration,
        store.snapshot(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .map_err(|error| anyhow::anyhow!("failed to create a plan: {error}"))?;
    let provider = ResourceProvider::new(client(cloud.endpoint())?, Throttle::default());
    let options = ApplyOptions::default().with_parallelism(parallelism);
    let number = std::sync::atomic::AtomicU64::new(0);
    let unique = move || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        format!("{number:032}")
    };
    let effects = Effects {
        clock: std::sync::Arc::new(|| "2025-01-02T03:04:05Z".parse().unwrap_or_default()),
        ids: std::sync::Arc::new(unique),
    };
    let context = RunContext {
        provider: &provider,
        store: &mut store,
        effects: &effects,
        reporter: &NullReporter,
    };
    let outcome = eci_executor::apply(plan, context, &options, &StopHandle::new()).await;
    let outcome = outcome.into_result()?;
    anyhow::ensure!(outcome.is_complete(), "not every group was created");
    cloud.stop().await;
    Ok(store.counts)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_outcome_costs_the_same_however_many_there_are_and_flushes_are_shared() {
        let few = record(20, 1).await.unwrap();
        assert_eq!(few.outcomes, 20);
        assert!(few.flushes_each() <= 2.1, "{few:?}");
        let many = record(100, 10).await.unwrap();
        assert!(many.flushes_each() < 1.0, "{many:?}");
        assert!(many.bytes_each() < few.bytes_each() * 1.1, "{many:?}");
    }
}
