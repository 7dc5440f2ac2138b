//! States of earlier formats are read, and written in the format of today.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use eci_core::{Address, Kind};
use eci_state::{FORMAT, Holder, LocalStore, Snapshot, Store as _};

/// A state as the last version that wrote format 1 left it.
const FORMAT_1: &str = include_str!("data/state-format-1.json");

#[test]
fn a_state_of_format_1_is_read_whole() {
    let snapshot = Snapshot::from_document(FORMAT_1.as_bytes(), Path::new("state.json")).unwrap();
    assert_eq!((snapshot.format, snapshot.serial.0), (1, 1));
    let ids = snapshot.resources.values().filter_map(|it| it.id.as_ref());
    assert_eq!((snapshot.resources.len(), ids.count()), (4, 4));
    assert_eq!(snapshot.outputs.len(), 2);
    snapshot.check().unwrap();
}

/// A state and its journal as the last version that wrote format 2 left them, in the middle of a run.
const FORMAT_2: [(&str, &str); 2] = [
    ("state.json", include_str!("data/state-format-2.json")),
    ("journal.jsonl", include_str!("data/journal-format-2.jsonl")),
];

#[test]
fn a_state_and_a_journal_of_format_2_are_read_whole_and_written_in_the_format_of_today() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in FORMAT_2 {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let read = LocalStore::read(directory.path()).unwrap();
    assert_eq!((read.resources.len(), read.open.len()), (5, 1));
    assert!(read.removed.contains_key("eip-removed") && read.lost.is_none());
    drop(LocalStore::open(directory.path(), Holder::here("eci apply")).unwrap());
    let again = LocalStore::read(directory.path()).unwrap();
    assert_eq!((again.format, again.serial), (FORMAT, read.serial));
    assert_eq!((again.resources, again.open), (read.resources, read.open));
}

#[test]
fn a_torn_line_of_a_journal_of_format_2_is_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let [(snapshot, text), (journal, lines)] = FORMAT_2;
    fs::write(directory.path().join(snapshot), text).unwrap();
    fs::write(directory.path().join(journal), &lines[..lines.len() - 9]).unwrap();
    let read = LocalStore::read(directory.path()).unwrap();
    assert_eq!((read.resources.len(), read.open.len()), (4, 1));
}

#[test]
fn a_state_of_format_1_is_written_in_the_format_of_today() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    fs::write(&path, FORMAT_1).unwrap();
    let mut store = LocalStore::open(directory.path(), Holder::here("eci apply")).unwrap();
    let web = Address::new(Kind::ContainerGroup, "web");
    let changed = eci_state::Record::Forgotten { address: web };
    store.append(&[changed]).unwrap();
    store.compact().unwrap();
    drop(store);
    let written = fs::read_to_string(&path).unwrap();
    assert!(
        written.contains(&format!("\"format\": {FORMAT}")),
        "{written}"
    );
    let again = LocalStore::read(directory.path()).unwrap();
    assert_eq!((again.format, again.serial.0), (FORMAT, 2));
    assert_eq!(again.resources.len(), 3);
}
