//! Damage in a store: it is noticed and named, and never used.

use bytes::Bytes;
use eci_backend::{MemoryDevice, ObjectId, Series};
use eci_state::{RemoteError, StateError, Store};

use crate::world::{backend, options, updated};

/// Returns a device with a state of several entries after its last snapshot.
fn written() -> MemoryDevice {
    let device = MemoryDevice::default();
    let mut store = backend(device.clone())
        .open(options("first run"), |_| {})
        .unwrap();
    for number in 0..4 {
        store
            .append(&[updated(&format!("r{number}"), &format!("eip-{number}"))])
            .unwrap();
        store.flush().wait().unwrap();
        if number == 1 {
            store.compact().unwrap();
        }
    }
    store.close().unwrap();
    device
}

/// Returns the name of the object that a read of a damaged state blames.
fn blamed(device: MemoryDevice) -> Option<String> {
    match backend(device).read() {
        Err(StateError::Remote(
            RemoteError::Damaged { object, .. } | RemoteError::Missing { object, .. },
        )) => Some(object),
        Err(StateError::Remote(RemoteError::NoKey { .. })) => Some("keys".to_owned()),
        Err(other) => panic!("{other}"),
        Ok(_) => None,
    }
}

/// Returns the objects that a read of the state depends on.
fn needed(device: &MemoryDevice) -> Vec<(ObjectId, Bytes)> {
    let contents = device.contents();
    let snapshots = contents.keys().filter(|id| id.series == Series::Snapshot);
    let last = snapshots.map(|id| id.number).max().unwrap();
    let needed = contents.into_iter().filter(|(id, _)| match id.series {
        Series::Snapshot => id.number == last,
        Series::Log => id.number > last,
        Series::Keys => true,
        _ => false,
    });
    needed.collect()
}

#[test]
fn every_flipped_byte_is_noticed_and_its_object_named() {
    let device = written();
    for (id, bytes) in needed(&device) {
        for at in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 1;
            device.overwrite(id, damaged.into());
            let blamed = blamed(device.clone());
            let blamed = blamed.unwrap_or_else(|| panic!("byte {at} of {id} was not noticed"));
            assert!(
                id.to_string().starts_with(&blamed)
                    || blamed.contains(id.series.name())
                    || id.series == Series::Keys,
                "byte {at} of {id}: {blamed}"
            );
        }
        device.overwrite(id, bytes);
    }
    assert_eq!(blamed(device), None);
}

#[test]
fn missing_truncated_and_swapped_objects_are_noticed() {
    let original = written();
    let needed = needed(&original);
    let logs: Vec<_> = needed
        .iter()
        .filter(|(id, _)| id.series == Series::Log)
        .collect();
    for (id, bytes) in &needed {
        let device = written_again(&original);
        device.remove(*id);
        let is_last = logs.last().is_some_and(|(last, _)| last == id);
        // Without the last entry, a state is as it was before; without its last snapshot, it is rebuilt
        // from the one before.
        if !is_last && id.series != Series::Snapshot {
            assert!(blamed(device).is_some(), "{id} is missing");
        }
        let device = written_again(&original);
        device.overwrite(*id, bytes.slice(..bytes.len() / 2));
        assert!(blamed(device).is_some(), "{id} is truncated");
    }
    for pair in logs.windows(2) {
        let device = written_again(&original);
        let ((first, one), (second, other)) = (pair[0], pair[1]);
        device.overwrite(*first, other.clone());
        device.overwrite(*second, one.clone());
        assert_eq!(blamed(device), Some(first.to_string()));
    }
}

/// Nothing is recorded before the first snapshot is there.
#[test]
fn a_log_without_any_snapshot_is_refused() {
    let device = MemoryDevice::default();
    let mut store = backend(device.clone())
        .open(options("first run"), |_| {})
        .unwrap();
    store.append(&[updated("r", "eip-1")]).unwrap();
    store.flush().wait().unwrap();
    drop(store);
    let first = ObjectId::new(Series::Snapshot, 0);
    assert_eq!(blamed(written_again(&device)), None);
    device.remove(first);
    assert_eq!(blamed(device), Some(first.to_string()));
}

fn written_again(original: &MemoryDevice) -> MemoryDevice {
    let device = MemoryDevice::default();
    for (id, bytes) in original.contents() {
        device.overwrite(id, bytes);
    }
    device
}

#[test]
fn nothing_of_a_state_is_in_clear() {
    let device = written();
    for (id, bytes) in device.contents() {
        let text = String::from_utf8_lossy(&bytes);
        for word in ["eip-", "digest_key", "first run"] {
            assert!(!text.contains(word), "`{word}` is in {id}: {text}");
        }
    }
}
