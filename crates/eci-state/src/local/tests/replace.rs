//! Tests of a state that another one takes the place of.

use eci_core::Lineage;

use super::*;

/// Creates a state of three versions, the last of which is in the journal alone.
fn old() -> (TempDir, LocalStore) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    for label in ["a", "b"] {
        store
            .append(&[recorded(label, &format!("eip-{label}"))])
            .unwrap();
        store.compact().unwrap();
    }
    store.append(&[recorded("c", "eip-c")]).unwrap();
    (directory, store)
}

fn backups(directory: &TempDir) -> Vec<Snapshot> {
    let entries = fs::read_dir(directory.path().join("backups")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &PathBuf| Snapshot::from_document(&fs::read(path).unwrap(), path).unwrap();
    paths.iter().map(read).collect()
}

#[test]
fn a_state_that_is_replaced_is_kept_as_a_backup_with_what_its_journal_says() {
    let (directory, mut store) = old();
    let before = store.snapshot().clone();
    let mut other = before.clone();
    other.resources.remove(&eip("a"));
    store.replace(other.clone()).unwrap();
    drop(store);
    let now = LocalStore::read(directory.path()).unwrap();
    assert_eq!(now.resources, other.resources);
    let mut kept = backups(&directory);
    assert_eq!(kept.pop().unwrap(), now);
    let kept = kept.pop().unwrap();
    assert_eq!(kept.resources, before.resources);
    assert!(now.serial > kept.serial);
    let mut store = open(directory.path());
    store.append(&[recorded("d", "eip-d")]).unwrap();
    drop(store);
    let again = LocalStore::read(directory.path()).unwrap();
    assert_eq!(again.resources.len(), now.resources.len() + 1);
}

#[test]
fn a_later_serial_and_another_lineage_are_kept_as_they_are() {
    let (_directory, mut store) = old();
    let mut later = store.snapshot().clone();
    later.serial = Serial(40);
    store.replace(later.clone()).unwrap();
    assert_eq!(store.snapshot().serial, Serial(40));
    let mut other = later;
    other.lineage = Lineage::new("other");
    other.serial = Serial(7);
    store.replace(other.clone()).unwrap();
    assert_eq!(*store.snapshot(), other);
}

#[test]
fn a_directory_without_a_state_takes_any() {
    let (_, old) = old();
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    assert!(store.is_new());
    store.replace(old.snapshot().clone()).unwrap();
    assert!(!store.is_new());
    drop(store);
    assert_eq!(LocalStore::read(directory.path()).unwrap(), *old.snapshot());
}

#[test]
fn a_crash_before_the_new_journal_leaves_a_state_that_can_be_read() {
    let (directory, mut store) = old();
    let mut other = Snapshot::new_random().unwrap();
    other.apply(&recorded("x", "eip-x")).unwrap();
    store.replace(other.clone()).unwrap();
    drop(store);
    fs::remove_file(directory.path().join("journal.jsonl")).unwrap();
    assert_eq!(LocalStore::read(directory.path()).unwrap(), other);
}

#[test]
fn a_snapshot_that_contradicts_itself_replaces_nothing() {
    let (directory, mut store) = old();
    let before = store.snapshot().clone();
    let mut twice = before.clone();
    twice.apply(&recorded("z", "eip-a")).unwrap();
    assert!(store.replace(twice).is_err());
    assert_eq!(*store.snapshot(), before);
    drop(store);
    let read = LocalStore::read(directory.path()).unwrap();
    assert_eq!(read.resources, before.resources);
}
