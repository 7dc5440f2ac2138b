//! A world that outlives its process.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use eci_sandbox::{Config, OpenError, SandboxServer, SimulatedCloud, Speed, StorageError};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::client::{Client, DESCRIBE_MANY, group, group_with};

fn config(directory: &Path) -> Config {
    Config {
        data: Some(directory.to_owned()),
        speed: Speed::Times(1.0),
        ..Config::default()
    }
}

/// A wall clock that is stopped until it is advanced.
#[derive(Clone)]
struct StoppedClock(Arc<AtomicI64>);

impl StoppedClock {
    fn new() -> StoppedClock {
        StoppedClock(Arc::new(AtomicI64::new(1_800_000_000)))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }

    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn start(&self, directory: &Path) -> (SandboxServer, Client) {
        let wall = self.clone();
        let sandbox = SimulatedCloud::open_at(config(directory), move || wall.now()).unwrap();
        let running = SandboxServer::of(sandbox).await.unwrap();
        let mut client = Client::of(&running);
        client.wall = Some(self.now());
        (running, client)
    }
}

#[tokio::test]
async fn a_second_run_finds_the_groups_of_the_first_and_time_has_passed() {
    let directory = tempfile::tempdir().unwrap();
    let wall = StoppedClock::new();
    let (running, client) = wall.start(directory.path()).await;
    let tags = json!({"tags": [{"key": "app", "value": "web"}]});
    let id = client.create(group_with("kept", tags.clone())).await;
    let deleted = client.create(group("deleted")).await;
    client.delete(&deleted).await.returned();
    assert_eq!(client.status(&id).await, "Scheduling");
    let audit_log = running.sandbox().audit_log();
    running.stop().await;

    wall.pass(10);
    let (running, client) = wall.start(directory.path()).await;
    assert_eq!(client.status(&id).await, "Running");
    assert_eq!(client.describe(&deleted).await.refused().0, "NotFound");
    let listed = client.post(DESCRIBE_MANY, tags).await.returned();
    assert_eq!(
        listed["containerGroups"][0]["containerGroupId"],
        id.as_str()
    );
    assert_eq!(running.sandbox().audit_log(), audit_log);
    client.delete(&id).await.returned();
    assert_eq!(running.sandbox().audit_log().len(), audit_log.len() + 1);
    running.stop().await;
}

#[tokio::test]
async fn time_that_was_turned_on_stays_so() {
    let directory = tempfile::tempdir().unwrap();
    let wall = StoppedClock::new();
    let (running, client) = wall.start(directory.path()).await;
    let id = client.create(group("web")).await;
    running
        .sandbox()
        .advance(SignedDuration::from_hours(1).unsigned_abs());
    running.stop().await;
    let (running, client) = wall.start(directory.path()).await;
    assert_eq!(client.status(&id).await, "Running");
    running.stop().await;
}

#[tokio::test]
async fn identifiers_of_a_deleted_group_are_not_reused() {
    let directory = tempfile::tempdir().unwrap();
    let wall = StoppedClock::new();
    let mut addresses = Vec::new();
    for _ in 0..3 {
        let (running, client) = wall.start(directory.path()).await;
        let id = client.create(group("web")).await;
        wall.pass(10);
        let described = client.describe(&id).await.returned();
        addresses.push(described["intranetIp"].as_str().unwrap().to_owned());
        client.delete(&id).await.returned();
        wall.pass(10);
        assert_eq!(client.describe(&id).await.refused().0, "NotFound");
        running.stop().await;
    }
    assert_eq!(addresses, ["10.0.0.2", "10.0.0.3", "10.0.0.4"]);
}

/// A copy of the database, as a crash would leave it, has all that was answered.
#[tokio::test]
async fn what_was_answered_is_on_disk_already() {
    let directory = tempfile::tempdir().unwrap();
    let running = SimulatedCloud::start(config(directory.path()))
        .await
        .unwrap();
    let client = Client::of(&running);
    for number in 0..5 {
        let id = client.create(group(&format!("g{number}"))).await;
        let crashed = tempfile::tempdir().unwrap();
        let file = "world.redb";
        std::fs::copy(directory.path().join(file), crashed.path().join(file)).unwrap();
        let after = SimulatedCloud::start(config(crashed.path())).await.unwrap();
        assert!(
            Client::of(&after)
                .describe(&id)
                .await
                .returned()
                .is_object()
        );
        after.stop().await;
    }
    running.stop().await;
}

#[tokio::test]
async fn creates_at_the_same_time_are_all_kept() {
    let directory = tempfile::tempdir().unwrap();
    let running = SimulatedCloud::start(config(directory.path()))
        .await
        .unwrap();
    let client = Client::of(&running);
    let creates: Vec<_> = (0..200)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move { client.create(group(&format!("g{number}"))).await })
        })
        .collect();
    for create in creates {
        create.await.unwrap();
    }
    running.stop().await;
    let running = SimulatedCloud::start(config(directory.path()))
        .await
        .unwrap();
    let client = Client::of(&running);
    let listed = client.post(DESCRIBE_MANY, json!({})).await.returned();
    assert_eq!(listed["totalCount"], 200);
    running.stop().await;
}

#[tokio::test]
async fn a_world_is_open_once_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = SimulatedCloud::open(config(directory.path())).unwrap();
    let refused = SimulatedCloud::open(config(directory.path())).unwrap_err();
    assert!(
        matches!(refused, OpenError::Storage(StorageError::InUse { .. })),
        "{refused}"
    );
    drop(first);
    SimulatedCloud::open(config(directory.path())).unwrap();
}
