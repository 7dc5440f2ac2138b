//! The files of a state: who may read them, when they are written, and which are kept.

use std::thread;

use super::*;

#[test]
fn a_missing_state_is_empty_and_is_not_created_by_reading() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("deep/state");
    assert!(LocalStore::read(&state).unwrap().resources.is_empty());
    assert!(!state.exists());
    drop(open(&state));
    assert!(!state.join("state.json").exists());
}

#[test]
fn an_empty_state_is_written_on_demand_and_keeps_its_identity() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.compact().unwrap();
    let snapshot = store.snapshot().clone();
    drop(store);
    assert_eq!(LocalStore::read(directory.path()).unwrap(), snapshot);
    assert_eq!(*open(directory.path()).snapshot(), snapshot);
}

#[test]
fn the_state_can_be_read_during_a_run() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    for n in 0..40 {
        store
            .append(&[recorded(&format!("n{n}"), "eip-1")])
            .unwrap();
        if n % 10 == 9 {
            store.compact().unwrap();
        }
        let read = LocalStore::read(directory.path()).unwrap();
        assert_eq!(read.resources, store.snapshot().resources);
        assert_eq!(read.serial, Serial(1 + n / 10));
    }
}

#[test]
fn a_reader_never_meets_a_state_that_is_half_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.append(&[recorded("n0", "eip-0")]).unwrap();
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut counts = BTreeSet::new();
            loop {
                let count = LocalStore::read(directory.path()).unwrap().resources.len();
                assert!(counts.last().is_none_or(|before| *before <= count));
                counts.insert(count);
                if count == 60 {
                    return counts.len();
                }
            }
        });
        for n in 1..60 {
            store
                .append(&[recorded(&format!("n{n}"), "eip-1")])
                .unwrap();
            store.compact().unwrap();
        }
        assert!(reader.join().unwrap() > 1);
    });
}

#[test]
fn the_last_snapshots_are_kept_and_nothing_of_others_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let backups = directory.path().join("backups");
    fs::create_dir(&backups).unwrap();
    fs::write(backups.join("mine.json"), "{}").unwrap();
    let mut store = open(directory.path());
    for n in 0..=BACKUPS + 4 {
        store
            .append(&[recorded("web", &format!("eip-{n}"))])
            .unwrap();
        store.compact().unwrap();
    }
    let mut serials: Vec<u64> = fs::read_dir(&backups)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("mine.json"))
        .map(|path| Snapshot::from_document(&fs::read(&path).unwrap(), &path).unwrap())
        .map(|snapshot| snapshot.serial.0)
        .collect();
    serials.sort_unstable();
    assert_eq!(serials, (6..26).collect::<Vec<u64>>());
    assert!(backups.join("mine.json").exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_state() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("a/state");
    let mut store = open(&state);
    for id in ["eip-1", "eip-2"] {
        store.append(&[recorded("web", id)]).unwrap();
        store.compact().unwrap();
    }
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    assert_eq!(mode(&state.join("backups")), 0o700);
    let names = ["state.json", "journal.jsonl", "flushed", "lock"].map(|name| state.join(name));
    let backups = fs::read_dir(state.join("backups")).unwrap();
    let backups: Vec<PathBuf> = backups.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(backups.len(), 3);
    for path in names.iter().chain(&backups) {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let occupied = directory.path().join("occupied");
    fs::write(&occupied, "").unwrap();
    let refused = LocalStore::open(&occupied, Holder::current_process("eci apply")).unwrap_err();
    assert!(
        matches!(refused, StateError::NotWritable { .. }),
        "{refused}"
    );
    assert!(refused.to_string().contains("occupied"), "{refused}");

    fs::create_dir(directory.path().join("state.json")).unwrap();
    let unreadable = LocalStore::read(directory.path()).unwrap_err();
    assert!(
        matches!(unreadable, StateError::Unreadable { .. }),
        "{unreadable}"
    );
}

#[test]
fn a_compaction_that_fails_leaves_the_journal_to_go_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.append(&[recorded("a", "eip-1")]).unwrap();
    let obstacle = directory.path().join("state.new");
    fs::create_dir(&obstacle).unwrap();
    let refused = store.compact().unwrap_err();
    assert!(
        matches!(refused, StateError::NotWritable { .. }),
        "{refused}"
    );
    assert_eq!(store.snapshot().serial, Serial(0));
    store.append(&[recorded("b", "eip-2")]).unwrap();
    assert_eq!(
        LocalStore::read(directory.path()).unwrap().resources.len(),
        2
    );
    fs::remove_dir(&obstacle).unwrap();
    store.compact().unwrap();
    assert_eq!(store.snapshot().serial, Serial(1));
    assert_eq!(
        LocalStore::read(directory.path()).unwrap(),
        *store.snapshot()
    );
}

#[test]
fn the_document_is_readable_and_begins_with_its_format() {
    let mut snapshot = Snapshot::new_random().unwrap();
    snapshot.apply(&recorded("web", "eip-1")).unwrap();
    let text = snapshot.to_document().unwrap();
    assert!(text.starts_with("{\n  \"format\": 5,\n  \"state\": {\n    \"lineage\": \""));
    assert!(
        text.contains("\n      \"eip.web\": {\n        \"id\": \"eip-1\","),
        "{text}"
    );
    assert!(text.contains("\n  },\n  \"checksum\": \"crc32:"), "{text}");
    let read = Snapshot::from_document(text.as_bytes(), Path::new("state.json")).unwrap();
    assert_eq!(read, snapshot);
}

#[test]
fn an_unredacted_value_never_reaches_a_document() {
    let mut snapshot = Snapshot::new_random().unwrap();
    let mut secret = crate::testing::resource("v-1");
    let password = Value::from("hunter2").into_sensitive();
    Arc::make_mut(&mut secret.applied).insert("password".into(), password);
    let address = Address::new(Kind::Volume, "data");
    snapshot.resources.insert(address, secret);
    let refused = snapshot.to_document().unwrap_err();
    assert!(
        matches!(refused, StateError::NotSerializable { .. }),
        "{refused}"
    );
    assert!(!refused.to_string().contains("hunter2"));
}
