//! A damaged state is rebuilt from what is readable, and the damage is never read again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use eci_backend::{MemoryDevice, ObjectId, ReaderKey, SecretKey, Series, WorkspaceSet};
use eci_state::{Store, WorkspaceName, Workspaces};

use crate::world::{backend, eip, options, timing, updated};

/// Returns a device with a state of four EIPs: two in the last snapshot, two in entries after it.
fn written() -> MemoryDevice {
    let device = MemoryDevice::default();
    let mut store = backend(device.clone())
        .open(options("first run"), |_| {})
        .unwrap();
    for number in 0..4 {
        let record = updated(&format!("r{number}"), &format!("eip-{number}"));
        store.append(&[record]).unwrap();
        store.flush().wait().unwrap();
        if number == 1 {
            store.compact().unwrap();
        }
    }
    store.close().unwrap();
    device
}

/// Returns the numbers of the objects of a series.
fn numbers(device: &MemoryDevice, series: Series) -> Vec<u64> {
    let contents = device.contents();
    let objects = contents.keys().filter(|id| id.series == series);
    objects.map(|id| id.number).collect()
}

/// Rebuilds the state, and returns the labels of the EIPs that were saved.
fn saved(device: &MemoryDevice) -> Vec<String> {
    let backend = backend(device.clone());
    assert!(backend.read().unwrap_err().is_damage());
    let (store, report) = backend.rebuild(options("recover"), |_| {}).unwrap();
    assert!(!report.is_sound());
    let snapshot = store.snapshot().clone();
    assert!(snapshot.lost.is_some(), "what the damage hides may exist");
    store.close().unwrap();
    // From now on it is as good as any other.
    assert_eq!(backend.read().unwrap().unwrap(), snapshot);
    let mut store = backend.open(options("next run"), |_| {}).unwrap();
    store.append(&[updated("later", "eip-9")]).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    let read = backend.read().unwrap().unwrap();
    assert_eq!(read.resources.len(), snapshot.resources.len() + 1);
    let (_, report) = backend.rebuild(options("recover"), |_| {}).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let labels = (0..4).map(|number| format!("r{number}"));
    labels
        .filter(|label| snapshot.resources.contains_key(&eip(label)))
        .collect()
}

#[test]
fn what_comes_before_and_after_a_damaged_entry_is_saved() {
    for remove in [false, true] {
        let device = written();
        let last = *numbers(&device, Series::Snapshot).last().unwrap();
        let entries = numbers(&device, Series::Log);
        let third = entries.into_iter().find(|number| *number > last).unwrap();
        let object = ObjectId::new(Series::Log, third);
        if remove {
            device.remove(object);
        } else {
            device.overwrite(object, Bytes::from_static(b"{}"));
        }
        assert_eq!(saved(&device), ["r0", "r1", "r3"]);
    }
}

#[test]
fn a_damaged_snapshot_is_replaced_by_the_one_before_and_the_entries_since() {
    let device = written();
    let last = *numbers(&device, Series::Snapshot).last().unwrap();
    let object = ObjectId::new(Series::Snapshot, last);
    device.overwrite(object, Bytes::from_static(b"hush"));
    assert_eq!(saved(&device), ["r0", "r1", "r2", "r3"]);
}

#[test]
fn the_lock_of_a_damaged_state_is_respected_and_can_be_released() {
    let device = written();
    let holding = backend(device.clone())
        .open(options("other run"), |_| {})
        .unwrap();
    holding.abandon();
    let last = *numbers(&device, Series::Snapshot).last().unwrap();
    let entries = numbers(&device, Series::Log);
    let third = entries.into_iter().find(|number| *number > last).unwrap();
    device.overwrite(ObjectId::new(Series::Log, third), Bytes::from_static(b"{}"));
    let backend = backend(device);
    let refused = backend.rebuild(options("recover"), |_| {}).unwrap_err();
    assert!(refused.to_string().contains("other run"), "{refused}");
    let holder = backend.holder().unwrap().unwrap();
    backend
        .break_lock(&holder.id, &options("unlock").holder)
        .unwrap();
    // The damaged entry may be the intent of a call that is on its way.
    let began = Instant::now();
    let mut waits = Vec::new();
    let rebuilt = backend.rebuild(options("recover"), |wait| waits.push(format!("{wait:?}")));
    let (_, report) = rebuilt.unwrap();
    assert!(!report.is_sound());
    assert!(waits[0].starts_with("Quiet"), "{waits:?}");
    assert!(began.elapsed() >= timing().until_quiet() - Duration::from_millis(500));
}

#[test]
fn a_damaged_state_is_rebuilt_once_another_run_has_released_its_lock() {
    let device = written();
    let holding = backend(device.clone())
        .open(options("other run"), |_| {})
        .unwrap();
    let last = *numbers(&device, Series::Snapshot).last().unwrap();
    device.overwrite(
        ObjectId::new(Series::Snapshot, last),
        Bytes::from_static(b"hush"),
    );
    let ending = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        holding.close().unwrap();
    });
    let mut patient = options("recover");
    patient.timeout = Duration::from_secs(20);
    let mut waits = Vec::new();
    let rebuilt = backend(device).rebuild(patient, |wait| waits.push(format!("{wait:?}")));
    assert!(!rebuilt.unwrap().1.is_sound());
    ending.join().unwrap();
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert!(waits[0].contains("other run"), "{waits:?}");
}

#[test]
fn a_re_encrypted_state_is_read_with_the_present_keys_alone() {
    let device = written();
    let secret = |byte| ReaderKey::Key(SecretKey::new([byte; 32]));
    let with = |readers: Vec<ReaderKey>| {
        let device: Arc<MemoryDevice> = Arc::new(device.clone());
        eci_backend::LogBackend::new(device, readers).with_timing(timing())
    };
    let both = with(vec![secret(7), secret(8)]);
    let before = both.read().unwrap().unwrap();
    let mut store = both.open(options("re-encrypt"), |_| {}).unwrap();
    store.re_encrypt().unwrap();
    // The run continues under the new key.
    store.append(&[updated("later", "eip-9")]).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    let new = with(vec![secret(8)]);
    assert_eq!(new.read().unwrap().unwrap().resources.len(), 5);
    let earlier = new.version(before.serial).unwrap().unwrap();
    assert_eq!(earlier.resources, before.resources);
    // The old key alone is the key of both, until it is left out.
    with(vec![secret(7)]).read().unwrap();
    let mut store = new.open(options("re-encrypt"), |_| {}).unwrap();
    store.re_encrypt().unwrap();
    store.close().unwrap();
    let refused = with(vec![secret(7)]).read().unwrap_err();
    assert!(
        refused.to_string().contains("none of the configured keys"),
        "{refused}"
    );
    let keys = numbers(&device, Series::Keys);
    assert_eq!(
        keys.len(),
        1,
        "what the old key could unwrap is not stored any more"
    );
}

#[test]
fn workspaces_are_separate_states_of_one_store() {
    let directory = std::env::temp_dir().join("eci-no-selection");
    let shared = eci_backend::Backend::Shared(backend(written()));
    let workspaces = WorkspaceSet::new(shared, Workspaces::new(directory));
    let name = |text: &str| text.parse::<WorkspaceName>().unwrap();
    let staging = name("staging");
    assert_eq!(workspaces.list().unwrap(), [name("default")]);
    workspaces.find(&staging).unwrap_err();
    workspaces.create(&staging, options("new")).unwrap();
    assert_eq!(
        workspaces.list().unwrap(),
        [name("default"), staging.clone()]
    );
    let place = workspaces.place(&staging).unwrap();
    assert!(place.read().unwrap().resources.is_empty());
    let mut store = place.open(options("run"), |_| {}).unwrap();
    store.append(&[updated("web", "eip-1")]).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    let refused = workspaces
        .delete(&staging, options("delete"), false)
        .unwrap_err();
    assert!(refused.to_string().contains("not empty"), "{refused}");
    let deleted = workspaces
        .delete(&staging, options("delete"), true)
        .unwrap();
    assert_eq!(deleted.resources.len(), 1);
    assert_eq!(workspaces.list().unwrap(), [name("default")]);
    // A state of that name is empty again.
    workspaces.create(&staging, options("new")).unwrap();
    assert!(place.read().unwrap().resources.is_empty());
}
