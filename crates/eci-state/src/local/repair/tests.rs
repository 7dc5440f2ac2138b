//! Tests of repairing a state that is damaged, wherever it is.

use std::fs;

use eci_core::OperationTag;
use tempfile::TempDir;

use super::*;
use crate::record::{IntentId, IntentKind};
use crate::resource::ResourceState;
use crate::testing::{create, done, eip, intention, recorded, resource};

fn open(directory: &Path) -> LocalStore {
    LocalStore::open(directory, Holder::current_process("eci apply")).unwrap()
}

fn rebuild(directory: &Path) -> (LocalStore, RepairReport) {
    LocalStore::rebuild(directory, Holder::current_process("eci state recover")).unwrap()
}

fn held(snapshot: &Snapshot) -> Vec<String> {
    let resources = snapshot.resources.iter();
    let each = resources
        .map(|(address, state)| format!("{address}={}", state.id.as_deref().unwrap_or_default()));
    each.collect()
}

/// Creates a state of two runs that ended and one that was killed: a backup, a snapshot and a
/// journal.
fn state() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.append(&[recorded("a", "eip-a")]).unwrap();
    store.compact().unwrap();
    store.append(&[recorded("b", "eip-b")]).unwrap();
    store.compact().unwrap();
    let lineage = store.snapshot().lineage.clone();
    let serial = store.snapshot().serial;
    let (c, d) = (store.next_intent(), store.next_intent());
    for records in [
        vec![Record::RunStarted {
            command: "eci apply".to_owned(),
            time: "2026-01-01T00:00:00Z".to_owned(),
            serial,
            lineage,
        }],
        vec![create(c, "c"), create(d, "d")],
        vec![done(c, "c", Some("eip-c"))],
        vec![recorded("e", "eip-e")],
    ] {
        store.append(&records).unwrap();
    }
    directory
}

fn damage(directory: &TempDir, name: &str, line: usize) {
    let path = directory.path().join(name);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[line].insert(12, '#');
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

const ALL: [&str; 4] = ["eip.a=eip-a", "eip.b=eip-b", "eip.c=eip-c", "eip.e=eip-e"];

#[test]
fn a_sound_state_is_left_as_it_is() {
    let directory = state();
    let expected = LocalStore::read(directory.path()).unwrap();
    let (store, salvage) = rebuild(directory.path());
    assert!(salvage.is_sound(), "{salvage:?}");
    assert_eq!(*store.snapshot(), expected);
    assert!(!directory.path().join("damaged").exists());
}

#[test]
fn a_line_that_is_damaged_costs_only_what_it_said() {
    for (line, missing) in [(0, ""), (1, ""), (4, "eip.e=eip-e"), (3, "eip.c=eip-c")] {
        let directory = state();
        let before = LocalStore::read(directory.path()).unwrap();
        damage(&directory, "journal.jsonl", line);
        let journal = fs::read(directory.path().join("journal.jsonl")).unwrap();
        let (store, salvage) = rebuild(directory.path());
        assert_eq!(salvage.base, RepairBase::Snapshot);
        assert!(
            matches!(salvage.defects[..], [Corruption::Line { line: found, .. }] if found == line + 1),
            "{salvage:?}"
        );
        assert!(store.snapshot().lost.is_some());
        let about: Vec<String> = salvage.about.iter().map(ToString::to_string).collect();
        assert_eq!(
            about,
            missing
                .split('=')
                .take(usize::from(!missing.is_empty()))
                .collect::<Vec<_>>()
        );
        let snapshot = store.snapshot();
        let expected = ALL.iter().filter(|held| **held != missing);
        assert_eq!(held(snapshot), expected.copied().collect::<Vec<_>>());
        // The outcome of the create in the damaged line is read from the cloud.
        let open = snapshot
            .open_intents
            .iter()
            .map(|open| &**open.address.label());
        let expected = if line == 3 { vec!["c", "d"] } else { vec!["d"] };
        assert_eq!(open.collect::<Vec<_>>(), expected, "line {line}");
        assert!(snapshot.serial > before.serial);
        let kept = salvage.kept.unwrap();
        assert_eq!(fs::read(kept.join("journal.jsonl")).unwrap(), journal);
        let snapshot = snapshot.clone();
        drop(store);
        assert_eq!(*open_again(&directory).snapshot(), snapshot);
    }
}

fn open_again(directory: &TempDir) -> LocalStore {
    open(directory.path())
}

#[test]
fn what_was_deliberately_removed_stays_removed_when_the_snapshot_that_says_so_is_damaged() {
    let directory = state();
    let mut store = open(directory.path());
    let removed = Record::Removed {
        address: eip("a"),
        time: "2026-01-01T00:00:00Z".to_owned(),
    };
    store.append(&[removed]).unwrap();
    store.compact().unwrap();
    drop(store);
    // Its second copy is not another name of the same file.
    fs::write(directory.path().join("state.json"), "{ torn").unwrap();
    let (store, salvage) = rebuild(directory.path());
    assert!(matches!(salvage.base, RepairBase::Backup(_)), "{salvage:?}");
    let snapshot = store.snapshot();
    assert_eq!(held(snapshot), ALL[1..]);
    assert!(snapshot.removed.contains_key("eip-a"));
}

#[test]
fn of_a_create_whose_intent_is_in_a_damaged_line_the_end_is_still_known() {
    let directory = state();
    damage(&directory, "journal.jsonl", 2);
    let (store, _) = rebuild(directory.path());
    assert_eq!(held(store.snapshot()), ALL);
    assert_eq!(store.snapshot().open_intents, []);
}

#[test]
fn without_its_snapshot_a_state_is_its_newest_backup_and_the_journal() {
    for (missing, gap) in [(true, false), (false, false), (true, true), (false, true)] {
        let directory = state();
        let path = directory.path().join("state.json");
        if missing {
            fs::remove_file(&path).unwrap();
        } else {
            fs::write(&path, "{").unwrap();
        }
        let kept = directory.path().join("backups");
        if gap {
            fs::remove_file(backups::list(&kept).unwrap().iter().max().unwrap()).unwrap();
        }
        let before = backups::list(&kept).unwrap();
        let (store, salvage) = rebuild(directory.path());
        assert!(matches!(salvage.base, RepairBase::Backup(_)), "{salvage:?}");
        let defects: Vec<String> = salvage.defects.iter().map(ToString::to_string).collect();
        let lost = &store.snapshot().lost;
        if gap {
            // The records of the second run were only in the deleted snapshots.
            let left = ["eip.a=eip-a", "eip.c=eip-c", "eip.e=eip-e"];
            assert_eq!(held(store.snapshot()), left);
            assert!(defects[1].contains("in between are unknown"), "{defects:?}");
            let since = lost.as_ref().and_then(|lost| lost.since.as_deref());
            assert_eq!(since, Some("2026-01-01T00:00:00Z"));
        } else {
            assert_eq!(held(store.snapshot()), ALL);
            assert_eq!((defects.len(), lost), (1, &None));
        }
        drop(store);
        open(directory.path());
        let after = backups::list(&directory.path().join("backups")).unwrap();
        assert!(before.iter().all(|backup| after.contains(backup)));
    }
}

#[test]
fn a_state_of_which_only_backups_are_left_is_not_replaced_by_an_empty_one() {
    let directory = state();
    for name in ["state.json", "journal.jsonl"] {
        fs::remove_file(directory.path().join(name)).unwrap();
    }
    let refused =
        LocalStore::open(directory.path(), Holder::current_process("eci apply")).unwrap_err();
    assert!(
        matches!(refused, StateError::SnapshotMissing { .. }),
        "{refused}"
    );
    assert!(LocalStore::read(directory.path()).is_err());
    let (store, salvage) = rebuild(directory.path());
    assert!(matches!(salvage.base, RepairBase::Backup(_)), "{salvage:?}");
    assert_eq!(held(store.snapshot()), ["eip.a=eip-a", "eip.b=eip-b"]);
    drop(store);
    open(directory.path());
}

#[test]
fn a_backup_that_is_damaged_too_is_ignored() {
    let directory = state();
    fs::write(directory.path().join("state.json"), "").unwrap();
    let backups = directory.path().join("backups");
    let mut kept = backups::list(&backups).unwrap();
    kept.sort();
    let newest = kept.pop().unwrap();
    fs::write(&newest, "{}").unwrap();
    let (_, salvage) = rebuild(directory.path());
    assert_eq!(salvage.base, RepairBase::Backup(kept.pop().unwrap()));
    assert!(newest.exists());
}

#[test]
fn without_any_snapshot_the_journal_says_which_state_it_is() {
    let directory = state();
    let lineage = LocalStore::read(directory.path()).unwrap().lineage;
    fs::remove_file(directory.path().join("state.json")).unwrap();
    fs::remove_dir_all(directory.path().join("backups")).unwrap();
    let (store, salvage) = rebuild(directory.path());
    assert_eq!(salvage.base, RepairBase::Nothing);
    assert_eq!(store.snapshot().lineage, lineage);
    assert_eq!(held(store.snapshot()), ["eip.c=eip-c", "eip.e=eip-e"]);
}

#[test]
fn nothing_is_invented_where_nothing_is_left() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("state.json"), "{").unwrap();
    let holder = Holder::current_process("eci state recover");
    let error = LocalStore::rebuild(directory.path(), holder).unwrap_err();
    assert!(matches!(error, StateError::NothingLeft { .. }), "{error}");
    assert_eq!(fs::read(directory.path().join("state.json")).unwrap(), b"{");
}

#[test]
fn a_newer_format_is_not_damage() {
    let directory = state();
    fs::write(directory.path().join("state.json"), r#"{"format": 7}"#).unwrap();
    let holder = Holder::current_process("eci state recover");
    let error = LocalStore::rebuild(directory.path(), holder).unwrap_err();
    assert!(matches!(error, StateError::NewerFormat { .. }), "{error}");
}

#[test]
fn the_journal_of_another_state_is_kept_aside() {
    let (directory, other) = (state(), state());
    let journal = other.path().join("journal.jsonl");
    fs::copy(&journal, directory.path().join("journal.jsonl")).unwrap();
    let (store, salvage) = rebuild(directory.path());
    assert_eq!(held(store.snapshot()), ["eip.a=eip-a", "eip.b=eip-b"]);
    assert!(matches!(salvage.defects[..], [Corruption::Foreign { .. }]));
    let kept = salvage.kept.unwrap().join("journal.jsonl");
    assert_eq!(fs::read(kept).unwrap(), fs::read(journal).unwrap());
}

fn replayed(snapshot: Snapshot, records: Vec<Record>) -> Snapshot {
    let journal = journal::ReadableJournal {
        lines: vec![records],
        ..journal::ReadableJournal::default()
    };
    let mut replay = LenientReplay::new(snapshot, &journal);
    journal.records().for_each(|record| replay.take(record));
    replay.done()
}

#[test]
fn a_number_that_was_given_twice_keeps_both_intents_open() {
    let mut snapshot = Snapshot::new_random().unwrap();
    snapshot.apply(&create(IntentId(1), "old")).unwrap();
    let replayed = replayed(snapshot, vec![create(IntentId(1), "new")]);
    let open: Vec<_> = replayed
        .open_intents
        .iter()
        .map(|open| (open.intent.0, &**open.address.label()))
        .collect();
    assert_eq!(open, [(2, "old"), (1, "new")]);
    replayed.check().unwrap();
}

#[test]
fn what_was_moved_in_a_line_that_is_missing_has_one_address() {
    let mut snapshot = Snapshot::new_random().unwrap();
    snapshot.apply(&recorded("before", "eip-1")).unwrap();
    let replayed = replayed(snapshot, vec![recorded("after", "eip-1")]);
    assert_eq!(held(&replayed), ["eip.after=eip-1"]);
    replayed.check().unwrap();
}

#[test]
fn a_create_that_the_state_has_the_result_of_is_not_looked_for() {
    let mut snapshot = Snapshot::new_random().unwrap();
    snapshot.apply(&create(IntentId(1), "web")).unwrap();
    let state = ResourceState {
        operation: Some(OperationTag::from_recorded("lineage.web")),
        ..resource("eip-1")
    };
    let updated = Record::ResourceUpdated {
        address: eip("web"),
        state: Box::new(state),
    };
    let deleting = intention(
        IntentId(2),
        "web",
        IntentKind::Delete {
            id: "eip-0".to_owned(),
        },
    );
    let replayed = replayed(snapshot, vec![updated, deleting]);
    let open: Vec<_> = replayed
        .open_intents
        .iter()
        .map(|open| open.intent.0)
        .collect();
    assert_eq!(open, [2]);
}
