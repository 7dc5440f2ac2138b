//! Versions of a state: each run that changes it writes one, while its lock is released.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use eci_backend::{LogDevice, MemoryDevice, ObjectId, Series};
use eci_core::Serial;
use eci_state::{Record, Store};

use crate::world::{backend, creating_by, options, updated};

/// Performs a run that records one resource, and returns the serial that it began with.
fn run(device: impl LogDevice + 'static, label: &str) -> Serial {
    let mut store = backend(device).open(options(label), |_| {}).unwrap();
    let (serial, lineage) = (store.snapshot().serial, store.snapshot().lineage.clone());
    let started = Record::RunStarted {
        command: label.to_owned(),
        time: "2026-01-01T00:00:00Z".to_owned(),
        serial,
        lineage,
    };
    let records = [started, updated(label, &format!("eip-{label}"))];
    store.append(&records).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    serial
}

#[test]
fn a_run_that_begins_before_the_version_of_the_last_one_is_stored_continues_it() {
    let device = MemoryDevice::default();
    let first = run(device.clone(), "first");
    let slow = creating_by(&device, |device, id, bytes| {
        Box::pin(async move {
            if id.series == Series::Snapshot && id.number > 0 {
                tokio::time::sleep(Duration::from_millis(700)).await;
            }
            device.create(id, bytes).await
        })
    });
    let ending = std::thread::spawn(move || run(slow, "second"));
    // Its lock is released before its version is stored.
    let is_released = || {
        let holder = backend(device.clone()).holder().unwrap();
        let state = backend(device.clone()).read().unwrap().unwrap();
        holder.is_none() && state.resources.len() == 2
    };
    while !is_released() {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!ending.is_finished(), "the version is stored already");
    let read = backend(device.clone()).read().unwrap().unwrap();
    let third = run(device.clone(), "third");
    let second = ending.join().unwrap();
    assert_eq!([first, second, third], [0, 1, 2].map(Serial));
    assert_eq!(read.serial, third);
    let state = backend(device.clone()).read().unwrap().unwrap();
    assert_eq!((state.serial, state.resources.len()), (Serial(3), 3));
    let history = backend(device.clone()).history().unwrap();
    let serials: Vec<u64> = history.iter().map(|version| version.serial.0).collect();
    assert_eq!(serials, [0, 1, 2, 3]);
    for version in history {
        let kept = backend(device.clone()).version(version.serial).unwrap();
        assert_eq!(kept.unwrap().resources.len(), version.resources);
    }
    // From an older snapshot and all entries since, too.
    let numbers = device.contents().into_keys();
    let snapshots = numbers.filter(|id| id.series == Series::Snapshot);
    let last = snapshots.max().unwrap();
    device.remove(last);
    let rebuilt = backend(device).read().unwrap().unwrap();
    assert_eq!(rebuilt, state);
}

#[test]
fn a_run_that_read_the_state_before_many_others_does_not_get_their_lock() {
    for is_new in [true, false] {
        let device = MemoryDevice::default();
        if !is_new {
            run(device.clone(), "first");
        }
        let slept = AtomicBool::default();
        // Other runs begin and end before the lock arrives, as if the machine slept.
        let late = creating_by(&device, move |device, id, bytes| {
            if id.series == Series::Log && !slept.swap(true, Ordering::SeqCst) {
                for other in 0..6 {
                    run(device.clone(), &format!("other-{other}"));
                }
                let entries = device.contents();
                assert!(!entries.contains_key(&id), "{id} was to be removed");
            }
            Box::pin(async move { device.create(id, bytes).await })
        });
        run(late, "late");
        let state = backend(device).read().unwrap().unwrap();
        assert_eq!(state.resources.len(), if is_new { 7 } else { 8 });
    }
}

#[test]
fn a_run_that_is_followed_at_once_by_another_one_ends_without_an_error() {
    let device = MemoryDevice::default();
    let is_armed: Arc<AtomicBool> = Arc::default();
    let armed = Arc::clone(&is_armed);
    // Another run begins and ends as soon as no_one has the lock.
    let eager = creating_by(&device, move |device, id, bytes| {
        let armed = Arc::clone(&armed);
        Box::pin(async move {
            let created = device.create(id, bytes).await;
            let is_free = || backend(device.clone()).holder().unwrap().is_none();
            if id.series == Series::Log && armed.load(Ordering::SeqCst) && is_free() {
                armed.store(false, Ordering::SeqCst);
                run(device.clone(), "next");
            }
            created
        })
    });
    let mut store = backend(eager).open(options("first"), |_| {}).unwrap();
    store.append(&[updated("first", "eip-first")]).unwrap();
    store.flush().wait().unwrap();
    is_armed.store(true, Ordering::SeqCst);
    store.close().unwrap();
    assert!(!is_armed.load(Ordering::SeqCst), "no run followed");
    let state = backend(device).read().unwrap().unwrap();
    assert_eq!(state.resources.len(), 2);
}

/// Returns the number of the last version.
fn last_number(device: &MemoryDevice) -> u64 {
    let numbers = device.contents().into_keys();
    let last = numbers.filter(|id| id.series == Series::History).max();
    last.unwrap().number
}

#[test]
fn a_damaged_version_makes_no_other_one_unreadable() {
    let device = MemoryDevice::default();
    run(device.clone(), "first");
    let number = last_number(&device);
    run(device.clone(), "second");
    let nonsense = Bytes::from_static(b"nonsense");
    for series in [Series::History, Series::Snapshot] {
        device.overwrite(ObjectId::new(series, number), nonsense.clone());
        let history = backend(device.clone()).history().unwrap();
        let serials: Vec<u64> = history.iter().map(|version| version.serial.0).collect();
        let expected: &[u64] = if series == Series::History {
            &[0, 1, 2]
        } else {
            &[0, 2]
        };
        assert_eq!(serials, expected);
        let last = backend(device.clone()).version(Serial(2)).unwrap();
        assert_eq!(last.unwrap().resources.len(), 2);
    }
    // Its history is readable, and its content is not.
    let device = MemoryDevice::default();
    run(device.clone(), "first");
    let number = last_number(&device);
    run(device.clone(), "second");
    device.overwrite(ObjectId::new(Series::Snapshot, number), nonsense);
    let damaged = backend(device.clone()).version(Serial(1)).unwrap_err();
    assert!(damaged.to_string().contains("the version 1"), "{damaged}");
    assert!(!damaged.is_damage(), "the state itself is whole");
    backend(device).read().unwrap().unwrap();
}

#[test]
fn the_author_of_a_version_is_known_where_the_history_lacks_it() {
    let device = MemoryDevice::default();
    run(device.clone(), "first");
    let before = backend(device.clone()).history().unwrap();
    device.remove(ObjectId::new(Series::History, last_number(&device)));
    let after = backend(device).history().unwrap();
    assert_eq!(after.len(), before.len());
    let (before, after) = (before.last().unwrap(), after.last().unwrap());
    assert_eq!(after.command.as_deref(), Some("first"));
    assert_eq!(after.serial, before.serial);
    assert_eq!(after.resources, before.resources);
}
