//! An encrypted state in a directory: its lock is the operating system's.

use std::thread;
use std::time::{Duration, Instant};

use eci_backend::{
    Backend, EncryptedDirectory, LogStore, Migration, MigrationError, Places, migrate,
};
use eci_state::{LocalStore, StateError, Store as _};

use crate::world::{key, options, updated};

fn place(directory: &std::path::Path) -> EncryptedDirectory {
    EncryptedDirectory::new(directory, vec![key()])
}

fn open(place: &EncryptedDirectory) -> Result<LogStore, StateError> {
    place.open(options("eci apply"), |_| {})
}

#[test]
fn a_run_that_died_leaves_neither_lock_nor_lease() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    let mut store = open(&place).unwrap();
    store.append(&[updated("a", "eip-1")]).unwrap();
    store.flush().wait().unwrap();
    let held = open(&place).unwrap_err();
    assert!(matches!(held, StateError::LockHeld { .. }), "{held}");
    assert!(place.holder().unwrap().is_some());
    store.abandon();
    // The end of a process leaves its name.
    let dead = serde_json::to_string(&options("eci apply").holder).unwrap();
    std::fs::write(directory.path().join("lock"), dead).unwrap();

    let began = Instant::now();
    let store = open(&place).unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(store.previous_holder().is_some());
    assert_eq!(store.snapshot().resources.len(), 1);
    store.close().unwrap();
    assert!(open(&place).unwrap().previous_holder().is_none());
}

#[test]
fn a_run_whose_lock_was_removed_calls_the_cloud_no_more() {
    let directory = tempfile::tempdir().unwrap();
    let place = place(directory.path());
    let store = open(&place).unwrap();
    let guard = store.guard();
    guard().unwrap();
    std::fs::remove_file(directory.path().join("lock")).unwrap();
    let refused = guard().unwrap_err();
    assert!(matches!(refused, StateError::TakenOver { .. }), "{refused}");
    // Another run gets in, and what the first one writes is refused.
    let mut other = open(&place).unwrap();
    other.append(&[updated("b", "eip-2")]).unwrap();
    other.flush().wait().unwrap();
    let mut store = store;
    store.append(&[updated("a", "eip-1")]).unwrap();
    store.flush().wait().unwrap_err();
}

#[test]
fn a_state_in_the_other_form_is_not_an_empty_one() {
    let directory = tempfile::tempdir().unwrap();
    let [plain, encrypted] = forms(directory.path());
    assert!(encrypted.existing().unwrap().is_none());
    let mut store = plain.open(options("eci apply"), |_| {}).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    for refused in [
        encrypted.existing().unwrap_err(),
        encrypted.history().unwrap_err(),
        encrypted.open(options("eci apply"), |_| {}).unwrap_err(),
    ] {
        assert!(matches!(refused, StateError::NotEncrypted { .. }));
    }
    let store = LocalStore::open(directory.path(), options("eci").holder).unwrap();
    store.discard().unwrap();
    assert!(!LocalStore::is_in(directory.path()));
    open(&place(directory.path())).unwrap().close().unwrap();
    for refused in [
        plain.existing().unwrap_err(),
        plain.history().unwrap_err(),
        plain.open(options("eci apply"), |_| {}).unwrap_err(),
    ] {
        assert!(matches!(refused, StateError::Encrypted { .. }));
    }
}

#[test]
fn a_run_whose_directory_was_moved_writes_nothing_to_the_one_in_its_place() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("state");
    let place = place(&directory);
    let mut store = open(&place).unwrap();
    for label in ["a", "b", "c"] {
        store.append(&[updated(label, label)]).unwrap();
        store.flush().wait().unwrap();
    }
    std::fs::rename(&directory, parent.path().join("old")).unwrap();
    open(&place).unwrap().close().unwrap();
    store.append(&[updated("d", "d")]).unwrap();
    store.flush().wait().unwrap_err();
    store.close().unwrap_err();
    let other = Backend::Encrypted(place).existing().unwrap().unwrap();
    assert!(other.resources.is_empty());
}

/// Both forms of the state of a directory: without a key, and with one.
fn forms(directory: &std::path::Path) -> [Backend; 2] {
    let plain = Backend::from(&directory.to_owned());
    [plain, Backend::Encrypted(place(directory))]
}

fn convert([from, to]: [&Backend; 2]) -> Result<Migration, MigrationError> {
    let mut options = options("eci init --migrate");
    options.timeout = Duration::from_secs(60);
    migrate(Places { from, to }, &options, |_| {})
}

#[test]
fn of_two_changes_of_the_form_at_once_the_second_one_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let [plain, encrypted] = forms(directory.path());
    let mut store = plain.open(options("eci apply"), |_| {}).unwrap();
    store.append(&[updated("a", "eip-1")]).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    let state = plain.existing().unwrap();
    for [from, to] in [[&plain, &encrypted], [&encrypted, &plain]] {
        let both = thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| convert([from, to]).unwrap()));
            both.map(|it| it.join().unwrap().was_complete)
        });
        assert_ne!(both[0], both[1]);
        assert_eq!(to.existing().unwrap(), state);
        let other = from.existing();
        assert!(other.is_err(), "a second state: {other:?}");
    }
}

#[test]
fn a_state_that_came_back_encrypted_is_decrypted_over_its_outdated_copy() {
    let parent = tempfile::tempdir().unwrap();
    let [plain, encrypted] = forms(&parent.path().join("state"));
    let elsewhere = Backend::from(&parent.path().join("elsewhere"));
    let mut store = plain.open(options("eci apply"), |_| {}).unwrap();
    store.append(&[updated("a", "eip-1")]).unwrap();
    store.compact().unwrap();
    store.close().unwrap();
    convert([&plain, &elsewhere]).unwrap();
    convert([&elsewhere, &encrypted]).unwrap();
    let state = encrypted.existing().unwrap().unwrap();
    // The conversion dies once it has copied the state, which has got a later serial.
    let log = parent.path().join("state/encrypted");
    let kept = parent.path().join("kept");
    copy(&log, &kept);
    convert([&encrypted, &plain]).unwrap();
    copy(&kept, &log);
    assert!(matches!(
        plain.existing(),
        Err(StateError::Encrypted { .. })
    ));
    convert([&encrypted, &plain]).unwrap();
    let decrypted = plain.existing().unwrap().unwrap();
    assert!(decrypted.serial > state.serial);
    assert_eq!(decrypted.resources, state.resources);
    assert!(!log.exists());
}

/// Copies a folder with all below it.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
