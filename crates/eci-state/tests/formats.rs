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
    assert_eq!((read.resources.len(), read.open_intents.len()), (5, 1));
    assert!(read.removed.contains_key("eip-removed") && read.lost.is_none());
    drop(LocalStore::open(directory.path(), Holder::current_process("eci apply")).unwrap());
    let again = LocalStore::read(directory.path()).unwrap();
    assert_eq!((again.format, again.serial), (FORMAT, read.serial));
    assert_eq!(
        (again.resources, again.open_intents),
        (read.resources, read.open_intents)
    );
}

/// A state, its journal and how far that was flushed, as the last version that wrote format 3 left them in
/// the middle of a run. Its keys have other names than those of today.
const FORMAT_3: [(&str, &str); 3] = [
    ("state.json", include_str!("data/state-format-3.json")),
    ("journal.jsonl", include_str!("data/journal-format-3.jsonl")),
    ("flushed", include_str!("data/flushed-format-3")),
];

#[test]
fn a_state_and_a_journal_of_format_3_are_read_whole_and_written_with_the_keys_of_today() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in FORMAT_3 {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let read = LocalStore::read(directory.path()).unwrap();
    let [open] = &*read.open_intents else {
        panic!("{:?}", read.open_intents);
    };
    assert_eq!(open.address.to_string(), "eip.front");
    assert!(open.order.is_some() && read.resources.len() == 1);
    drop(LocalStore::open(directory.path(), Holder::current_process("eci apply")).unwrap());
    let written = fs::read_to_string(directory.path().join("state.json")).unwrap();
    for key in ["open_intents", "kind", "planned", "started_at"] {
        assert!(written.contains(&format!("\"{key}\"")), "{key}: {written}");
    }
    let again = LocalStore::read(directory.path()).unwrap();
    assert_eq!(again.open_intents, read.open_intents);
    assert_eq!((again.format, again.resources), (FORMAT, read.resources));
}

#[test]
fn a_pending_operation_in_a_snapshot_of_format_3_is_read() {
    let text = include_str!("data/state-open-format-3.json");
    let snapshot = Snapshot::from_document(text.as_bytes(), Path::new("state.json")).unwrap();
    assert_eq!((snapshot.format, snapshot.open_intents.len()), (3, 1));
    snapshot.check().unwrap();
}

#[test]
fn a_record_with_a_former_name_is_read_and_written_with_the_name_of_today() {
    let former = r#"{"gone":{"address":"eip.web"}}"#;
    let record: eci_state::Record = serde_json::from_str(former).unwrap();
    let address = Address::new(Kind::Eip, "web");
    assert_eq!(record, eci_state::Record::Missing { address });
    let written = serde_json::to_string(&record).unwrap();
    assert_eq!(written, r#"{"missing":{"address":"eip.web"}}"#);
}

#[test]
fn a_torn_line_of_a_journal_of_format_2_is_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let [(snapshot, text), (journal, lines)] = FORMAT_2;
    fs::write(directory.path().join(snapshot), text).unwrap();
    fs::write(directory.path().join(journal), &lines[..lines.len() - 9]).unwrap();
    let read = LocalStore::read(directory.path()).unwrap();
    assert_eq!((read.resources.len(), read.open_intents.len()), (4, 1));
}

#[test]
fn a_state_of_format_1_is_written_in_the_format_of_today() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    fs::write(&path, FORMAT_1).unwrap();
    let mut store =
        LocalStore::open(directory.path(), Holder::current_process("eci apply")).unwrap();
    let web = Address::new(Kind::ContainerGroup, "web");
    let changed = eci_state::Record::ResourceRemoved { address: web };
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
