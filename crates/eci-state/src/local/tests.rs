//! Tests of a state after a crash, on a damaged disk, or next to another run.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use eci_core::{Address, Kind, Serial, Value};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::snapshot::FORMAT;
use crate::testing::{create, done, eip, failed, recorded, run};

mod damage;
mod files;
mod missing;
mod replace;

fn open(directory: &Path) -> LocalStore {
    LocalStore::open(directory, Holder::current_process("eci apply")).unwrap()
}

fn error(directory: &Path) -> StateError {
    let reading = LocalStore::read(directory).unwrap_err();
    let opening = LocalStore::open(directory, Holder::current_process("eci apply")).unwrap_err();
    assert_eq!(reading.to_string(), opening.to_string());
    opening
}

/// Creates a directory with a snapshot and the journal of a run that was killed.
fn killed_run() -> (TempDir, Vec<Snapshot>) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.append(&[recorded("old", "eip-0")]).unwrap();
    store.compact().unwrap();
    let mut states = vec![store.snapshot().clone()];
    let (first, second) = (store.next_intent(), store.next_intent());
    for records in [
        vec![create(first, "web")],
        vec![create(second, "db"), recorded("mail", "ü\n")],
        vec![done(first, "web", Some("eip-1"))],
        vec![recorded("web", "eip-1"), failed(second, "db")],
        vec![Record::ResourceRemoved {
            address: eip("old"),
        }],
    ] {
        store.append(&records).unwrap();
        states.push(store.snapshot().clone());
    }
    (directory, states)
}

/// Returns the state that a reader finds after a crash: changes count as the next serial.
fn as_found(state: &Snapshot, base: &Snapshot) -> Snapshot {
    let mut found = state.clone();
    if state != base {
        found.serial = base.serial.next();
    }
    found
}

fn copy_of(files: &[(&str, &[u8])]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(directory.path().join(name), content).unwrap();
    }
    directory
}

fn file(directory: &TempDir, name: &str) -> Vec<u8> {
    fs::read(directory.path().join(name)).unwrap()
}

#[test]
fn a_journal_cut_at_any_byte_loses_at_most_the_record_that_was_cut() {
    let (directory, states) = killed_run();
    let [snapshot, journal, flushed] =
        ["state.json", "journal.jsonl", "flushed"].map(|name| file(&directory, name));
    let ends: Vec<usize> = (0..journal.len())
        .filter(|at| journal[*at] == b'\n')
        .collect();
    assert_eq!(ends.len(), states.len());
    for cut in 0..=journal.len() {
        // The first line is the heading. A line is whole even if only its end is missing.
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let expected = as_found(&states[whole.max(1) - 1], &states[0]);
        let cut = copy_of(&[
            ("state.json", &snapshot),
            ("journal.jsonl", &journal[..cut]),
            ("flushed", &flushed),
        ]);
        if whole == 0 {
            // No crash tears the heading: the journal took its place whole.
            assert!(error(cut.path()).is_damage());
            continue;
        }
        assert_eq!(LocalStore::read(cut.path()).unwrap(), expected);
        let mut store = open(cut.path());
        assert_eq!(*store.snapshot(), expected);
        store.append(&[recorded("new", "eip-8")]).unwrap();
        drop(store);
        let again = LocalStore::read(cut.path()).unwrap();
        assert_eq!(again.resources.len(), expected.resources.len() + 1);
    }
}

#[test]
fn a_changed_byte_in_any_line_but_the_last_is_found() {
    let (directory, _) = killed_run();
    let (snapshot, journal) = (
        file(&directory, "state.json"),
        file(&directory, "journal.jsonl"),
    );
    let last = journal[..journal.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap();
    let directory = copy_of(&[("state.json", &snapshot)]);
    for at in 0..=last {
        for bits in [0x01, 0x20, 0x80] {
            let mut damaged = journal.clone();
            damaged[at] ^= bits;
            fs::write(directory.path().join("journal.jsonl"), &damaged).unwrap();
            let line = 1 + journal[..at].iter().filter(|byte| **byte == b'\n').count();
            match LocalStore::read(directory.path()) {
                Err(StateError::JournalDamaged { line: found, .. }) => assert_eq!(found, line),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }
    let damaged = error(directory.path());
    let message = damaged.to_string();
    assert!(message.contains("line 5 of the journal"), "{message}");
    assert!(damaged.help().unwrap().en().contains("eci state recover"));
    assert!(directory.path().join("journal.jsonl").exists());
}

#[test]
fn a_changed_byte_in_the_snapshot_is_found_or_changes_nothing() {
    let (directory, _) = killed_run();
    let expected = open(directory.path()).snapshot().clone();
    let snapshot = file(&directory, "state.json");
    let directory = tempfile::tempdir().unwrap();
    let mut found = 0;
    for at in 0..snapshot.len() {
        for bits in [0x01, 0x20, 0x80] {
            let mut damaged = snapshot.clone();
            damaged[at] ^= bits;
            fs::write(directory.path().join("state.json"), &damaged).unwrap();
            match LocalStore::read(directory.path()) {
                Ok(mut read) => {
                    // An earlier format reads the same.
                    read.format = FORMAT;
                    assert_eq!(read, expected, "byte {at}");
                }
                Err(StateError::Damaged { .. } | StateError::NewerFormat { .. }) => found += 1,
                Err(other) => panic!("byte {at}: {other}"),
            }
        }
    }
    // The rest is space between the document's own entries.
    assert!(
        found > 3 * snapshot.len() - 60,
        "{found} of {}",
        3 * snapshot.len()
    );
}

#[test]
fn a_damaged_snapshot_says_where_the_earlier_ones_are() {
    let (directory, _) = killed_run();
    let text = String::from_utf8(file(&directory, "state.json")).unwrap();
    let path = directory.path().join("state.json");
    fs::write(&path, text.replace("eip-0", "eip-7")).unwrap();
    let damaged = error(directory.path());
    let message = damaged.to_string();
    assert!(message.contains("state.json` is damaged: expected checksum"));
    assert!(damaged.help().unwrap().en().contains("eci state recover"));
    fs::write(&path, "").unwrap();
    assert!(matches!(
        error(directory.path()),
        StateError::Damaged { .. }
    ));
}

#[test]
fn a_newer_format_is_distinguished_from_damage() {
    let (directory, _) = killed_run();
    let path = directory.path().join("state.json");
    fs::write(&path, r#"{"format": 7, "contents": "of another shape"}"#).unwrap();
    let newer = error(directory.path());
    assert!(
        matches!(
            newer,
            StateError::NewerFormat {
                found: 7,
                known: FORMAT,
                ..
            }
        ),
        "{newer}"
    );
    assert!(newer.help().unwrap().en().contains("or a newer one"));

    let (directory, _) = killed_run();
    let heading = journal::line(br#"{"format": 9, "base": "x"}"#);
    fs::write(directory.path().join("journal.jsonl"), heading).unwrap();
    assert!(matches!(
        error(directory.path()),
        StateError::NewerFormat { found: 9, .. }
    ));
}

#[test]
fn a_crash_between_snapshot_and_journal_changes_nothing() {
    let (directory, states) = killed_run();
    let journal_before = file(&directory, "journal.jsonl");
    let snapshot_before = file(&directory, "state.json");
    let flushed = file(&directory, "flushed");
    drop(open(directory.path()));
    let snapshot_after = file(&directory, "state.json");
    let expected = as_found(states.last().unwrap(), &states[0]);

    for snapshot in [&snapshot_before, &snapshot_after] {
        let crashed = copy_of(&[
            ("state.json", snapshot),
            ("journal.jsonl", &journal_before),
            ("flushed", &flushed),
            ("state.new", b"{\"format\": 1, \"sta"),
            ("journal.new", b"00"),
        ]);
        assert_eq!(LocalStore::read(crashed.path()).unwrap(), expected);
        assert_eq!(*open(crashed.path()).snapshot(), expected);
        assert_eq!(LocalStore::read(crashed.path()).unwrap(), expected);
    }
}

#[test]
fn a_journal_that_does_not_belong_to_the_snapshot_is_refused() {
    let (ours, _) = killed_run();
    let (theirs, _) = killed_run();
    let mixed = copy_of(&[
        ("state.json", &file(&ours, "state.json")),
        ("journal.jsonl", &file(&theirs, "journal.jsonl")),
    ]);
    let other = error(mixed.path());
    assert!(
        matches!(other, StateError::JournalOfAnotherState { .. }),
        "{other}"
    );

    let earlier = file(&ours, "state.json");
    open(ours.path()).append(&[recorded("x", "eip-5")]).unwrap();
    fs::write(ours.path().join("state.json"), earlier).unwrap();
    let ahead = error(ours.path());
    assert!(matches!(ahead, StateError::JournalAhead { .. }), "{ahead}");

    fs::remove_file(theirs.path().join("state.json")).unwrap();
    let alone = error(theirs.path());
    assert!(
        matches!(alone, StateError::JournalWithoutSnapshot { .. }),
        "{alone}"
    );
}

#[test]
fn a_record_that_contradicts_the_journal_before_it_is_found() {
    let (directory, _) = killed_run();
    let mut journal = file(&directory, "journal.jsonl");
    let twice = [failed(IntentId(2), "db")];
    let last = journal[..journal.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n');
    let last = journal::checksum_of(&journal[last.unwrap() + 1..]);
    let twice = serde_json::to_vec(&twice[..]).unwrap();
    journal.extend(journal::chained(&last, &twice));
    fs::write(directory.path().join("journal.jsonl"), journal).unwrap();
    let message = error(directory.path()).to_string();
    assert!(message.contains("line 7"), "{message}");
    assert!(message.contains("cannot end intent 2"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_state_is_found_as_it_was_left(steps in run()) {
        let directory = tempfile::tempdir().unwrap();
        let mut store = open(directory.path());
        store.compact().unwrap();
        let mut written = store.snapshot().clone();
        for step in steps {
            let serial = store.snapshot().serial;
            step.take(&mut store);
            if store.snapshot().serial != serial {
                written = store.snapshot().clone();
            }
        }
        let mut left = store.snapshot().clone();
        drop(store);
        let read = LocalStore::read(directory.path()).unwrap();
        prop_assert!(read.serial == left.serial.next() || left == written);
        left.serial = read.serial;
        prop_assert_eq!(&read, &left);
        let opened = open(directory.path());
        prop_assert_eq!(opened.snapshot(), &left);
        drop(opened);
        prop_assert_eq!(&LocalStore::read(directory.path()).unwrap(), &left);
    }
}
