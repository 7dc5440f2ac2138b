//! Two runs on one state, the second of which got in because somebody removed or moved a name.

use std::fs;

use eci_core::Serial;
use tempfile::TempDir;

use super::super::LocalStore;
use crate::holder::Holder;
use crate::snapshot::Snapshot;
use crate::store::Store as _;
use crate::testing::recorded;

use super::*;

fn open(directory: &Path) -> LocalStore {
    LocalStore::open(directory, Holder::current_process("eci apply")).unwrap()
}

/// Creates a state with a snapshot, and a run that has written to its journal.
fn first() -> (TempDir, PathBuf, LocalStore) {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let mut store = open(&state);
    store.append(&[recorded("a", "eip-a")]).unwrap();
    store.compact().unwrap();
    store.append(&[recorded("b", "eip-b")]).unwrap();
    (directory, state, store)
}

fn content(state: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(state)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        // A run takes its name off its lock, wherever that is now.
        .filter(|path| path.is_file() && !path.ends_with("lock"))
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Asserts that the run finds at its next operation that the state is not its own, and writes
/// nothing.
fn stops(mut first: LocalStore, state: &Path) {
    let before = content(state);
    let guard = first.guard();
    let mut other = first.snapshot().clone();
    other.serial = Serial(90);
    for stopped in [
        guard(),
        first.append(&[recorded("c", "eip-c")]),
        first.flush().wait(),
        first.compact(),
        first.replace(other),
    ] {
        let error = stopped.unwrap_err();
        assert!(matches!(error, StateError::TakenOver { .. }), "{error}");
        assert!(error.help().unwrap().en().contains("eci apply"));
    }
    drop(first);
    assert_eq!(content(state), before);
}

#[test]
fn the_advice_to_a_run_whose_file_was_removed_works() {
    for name in ["lock", "journal.jsonl", "state.json"] {
        let (_directory, state, mut first) = first();
        first.flush().wait().unwrap();
        fs::remove_file(state.join(name)).unwrap();
        let message = first.flush().wait().unwrap_err().help().unwrap();
        drop(first);
        let holder = Holder::current_process("eci apply");
        let opened = LocalStore::open(&state, holder.clone()).map(drop);
        assert_eq!(
            opened.is_err(),
            message.en().contains("run `eci state recover` to rebuild"),
            "{name}: {message}"
        );
        if opened.is_err() {
            drop(LocalStore::rebuild(&state, holder.clone()).unwrap());
        }
        let store = LocalStore::open(&state, holder).unwrap();
        let snapshot = store.snapshot();
        assert!(
            snapshot.resources.len() == 2 || snapshot.lost.is_some(),
            "{name}"
        );
    }
}

#[test]
fn a_run_whose_lock_was_removed_stops_also_before_another_gets_in() {
    let (_directory, state, first) = first();
    fs::remove_file(state.join("lock")).unwrap();
    stops(first, &state);
}

#[test]
fn a_run_whose_lock_was_removed_or_moved_leaves_the_state_to_the_one_that_got_in() {
    for moved in [false, true] {
        for ended in [false, true] {
            let (directory, state, first) = first();
            let lock = state.join("lock");
            if moved {
                fs::rename(&lock, directory.path().join("away")).unwrap();
            } else {
                fs::remove_file(&lock).unwrap();
            }
            let mut second = open(&state);
            assert_eq!(second.snapshot().resources.len(), 2);
            second.append(&[recorded("d", "eip-d")]).unwrap();
            second.flush().wait().unwrap();
            let second = if ended {
                second.compact().unwrap();
                drop(second);
                None
            } else {
                Some(second)
            };
            stops(first, &state);
            drop(second);
            let found = LocalStore::read(&state).unwrap();
            assert_eq!(found.resources.len(), 3);
        }
    }
}

#[test]
fn a_run_whose_directory_was_removed_or_moved_leaves_the_new_one_alone() {
    for moved in [false, true] {
        let (directory, state, first) = first();
        if moved {
            fs::rename(&state, directory.path().join("away")).unwrap();
        } else {
            fs::remove_dir_all(&state).unwrap();
        }
        let mut second = open(&state);
        second.append(&[recorded("d", "eip-d")]).unwrap();
        second.compact().unwrap();
        drop(second);
        let expected = LocalStore::read(&state).unwrap();
        stops(first, &state);
        assert_eq!(LocalStore::read(&state).unwrap(), expected);
    }
}

#[test]
fn a_snapshot_that_was_put_in_place_by_hand_is_not_written_over() {
    let (_directory, state, mut first) = first();
    let path = state.join("state.json");
    // The same version written again is the same state.
    let text = fs::read(&path).unwrap();
    fs::write(state.join("copy"), &text).unwrap();
    fs::rename(state.join("copy"), &path).unwrap();
    first.append(&[recorded("c", "eip-c")]).unwrap();
    let mut later = Snapshot::from_document(&text, &path).unwrap();
    later.serial = later.serial.next();
    fs::write(&path, later.to_document().unwrap()).unwrap();
    stops(first, &state);
}

#[test]
fn a_run_that_has_written_nothing_yet_writes_over_no_state_that_came_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let first = open(&state);
    fs::remove_file(state.join("lock")).unwrap();
    let mut second = open(&state);
    second.append(&[recorded("d", "eip-d")]).unwrap();
    drop(second);
    stops(first, &state);
}

#[test]
fn a_lock_that_is_replaced_while_it_is_taken_is_taken_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("lock");
    std::thread::scope(|scope| {
        let remover = scope.spawn(|| {
            for _ in 0..500 {
                let _ = fs::remove_file(&path);
                std::thread::yield_now();
            }
        });
        while !remover.is_finished() {
            // The lock has the file of that name, or another process has it.
            if let Ok(lock) = lock::Lock::take(&path, &Holder::current_process("eci apply")) {
                assert!(lock.id().is_ok());
            }
        }
    });
}
