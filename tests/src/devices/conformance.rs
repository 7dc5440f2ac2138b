//! The conformance suite: what every device of states must do.
//!
//! `tests/tests/it/devices.rs` runs it on every device, and shows that it finds wrong ones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use eci_backend::{Creation, LogDevice, ObjectId, Series};
use eci_state::Store;

use super::faulty::FaultyDevice;
use super::world::{backend, eip, options, updated};

/// Runs the whole suite on new devices.
pub fn conforms<D: LogDevice + Clone + 'static>(new: impl Fn() -> D) {
    block_on(objects_are_created_once(&new()));
    block_on(one_of_many_creates_succeeds(&new()));
    block_on(lists_are_complete_and_in_order(&new()));
    the_records_of_many_runs_are_all_kept(&new(), 0);
    for seed in 1..4 {
        the_records_of_many_runs_are_all_kept(&FaultyDevice::new(new(), seed, 5), seed);
    }
}

/// Runs work on a runtime of one thread.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work)
}

const ENTRY: ObjectId = ObjectId::new(Series::Log, 1);

async fn objects_are_created_once(device: &impl LogDevice) {
    assert_eq!(device.get(ENTRY).await.unwrap(), None);
    let first = Bytes::from_static(b"first");
    let created = device.create(ENTRY, first.clone()).await;
    assert_eq!(created.unwrap(), Creation::Created);
    for again in [first.clone(), Bytes::from_static(b"second")] {
        let created = device.create(ENTRY, again).await;
        assert_eq!(created.unwrap(), Creation::Exists);
    }
    let found = device.get(ENTRY).await.unwrap().unwrap();
    assert_eq!(found.bytes, first);
    device.delete(ENTRY).await.unwrap();
    device.delete(ENTRY).await.unwrap();
    assert_eq!(device.get(ENTRY).await.unwrap(), None);
    let large = Bytes::from(vec![b'x'; 9 << 20]);
    device.create(ENTRY, large.clone()).await.unwrap();
    let found = device.get(ENTRY).await.unwrap().unwrap();
    assert!(found.bytes == large, "a large object was changed");
}

async fn one_of_many_creates_succeeds(device: &(impl LogDevice + Clone + 'static)) {
    for number in 1..20 {
        let mut racing = tokio::task::JoinSet::new();
        for writer in 0..8 {
            let device = device.clone();
            racing.spawn(async move {
                let bytes = Bytes::from(format!("writer {writer}"));
                let id = ObjectId::new(Series::Log, number);
                (writer, device.create(id, bytes).await.unwrap())
            });
        }
        let mut winners = Vec::new();
        while let Some(ended) = racing.join_next().await {
            let (writer, created) = ended.unwrap();
            if created == Creation::Created {
                winners.push(writer);
            }
        }
        let [winner] = winners[..] else {
            panic!("entry {number} was created by {winners:?}");
        };
        let found = device.get(ObjectId::new(Series::Log, number)).await;
        let expected = format!("writer {winner}");
        assert_eq!(found.unwrap().unwrap().bytes, expected.as_bytes());
    }
}

async fn lists_are_complete_and_in_order(device: &impl LogDevice) {
    assert!(device.list(Series::Log, 0).await.unwrap().is_empty());
    // More than one page of any store.
    for number in 1..=1_100 {
        let id = ObjectId::new(Series::Log, number);
        device.create(id, Bytes::from_static(b"x")).await.unwrap();
        if number % 100 == 0 {
            // What was answered is listed at once.
            let listed = device.list(Series::Log, number).await.unwrap();
            assert_eq!(listed, [number]);
        }
    }
    let snapshot = ObjectId::new(Series::Snapshot, 7);
    device.create(snapshot, Bytes::new()).await.unwrap();
    let all: Vec<u64> = (1..=1_100).collect();
    assert_eq!(device.list(Series::Log, 0).await.unwrap(), all);
    assert_eq!(
        device.list(Series::Log, 1_099).await.unwrap(),
        [1_099, 1_100]
    );
    assert_eq!(device.list(Series::Snapshot, 0).await.unwrap(), [7]);
}

/// Several runs append to one state, one after the other, as they get the lock.
fn the_records_of_many_runs_are_all_kept(device: &(impl LogDevice + Clone + 'static), seed: u64) {
    const RUNS: usize = 4;
    const RECORDS: usize = 12;
    let expected: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
    let runs: Vec<_> = (0..RUNS)
        .map(|run| {
            let backend = backend(device.clone());
            let expected = Arc::clone(&expected);
            thread::spawn(move || {
                let mut options = options(&format!("eci apply {run}"));
                options.timeout = std::time::Duration::from_secs(120);
                let mut store = backend.open(options, |_| {}).unwrap();
                for record in 0..RECORDS {
                    let (label, id) = (format!("r{run}-{record}"), format!("eip-{run}-{record}"));
                    store.append(&[updated(&label, &id)]).unwrap();
                    if record % 3 == 0 {
                        store.flush().wait().unwrap();
                    }
                    if record == RECORDS / 2 {
                        store.compact().unwrap();
                    }
                    expected.lock().unwrap().insert(label, id);
                }
                store.flush().wait().unwrap();
                if run % 2 == 0 {
                    store.compact().unwrap();
                }
                store.close().unwrap();
            })
        })
        .collect();
    for run in runs {
        run.join().unwrap();
    }
    let state = backend(device.clone()).read().unwrap().unwrap();
    let expected = expected.lock().unwrap();
    assert_eq!(state.resources.len(), expected.len(), "seed {seed}");
    for (label, id) in &*expected {
        assert_eq!(state.resources[&eip(label)].id.as_ref(), Some(id));
    }
}
