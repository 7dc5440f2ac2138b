//! A machine that has used a state recognizes a store that was rolled back.

use std::path::Path;

use eci_backend::{DirectoryDevice, KnownHeads, LogBackend, LogStore, Series};
use eci_state::{Record, RemoteError, StateError, Store as _};
use eci_text::{Lang, Text};

use crate::world::{backend, eip, options, updated};

/// Returns the state in a directory as a machine sees it, which knows what is in this file.
fn machine(store: &Path, known: &Path) -> LogBackend {
    backend(DirectoryDevice::new(store)).with_known_heads(KnownHeads::new(known))
}

fn open(backend: &LogBackend) -> Result<LogStore, StateError> {
    backend.open(options("eci apply"), |_| {})
}

/// Records another EIP in a run of one entry or more.
fn apply(backend: &LogBackend, label: &str) {
    let mut store = open(backend).unwrap();
    store.append(&[updated(label, label)]).unwrap();
    store.flush().wait().unwrap();
    store.close().unwrap();
}

/// Copies a store, as its backup does.
fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    for series in Series::ALL {
        let (from, to) = (from.join(series.name()), to.join(series.name()));
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(&from).into_iter().flatten() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn rolled_back(backend: &LogBackend) -> (u64, u64) {
    match open(backend).unwrap_err() {
        StateError::Remote(error @ RemoteError::RolledBack { found, known, .. }) => {
            let text = Text::of(&error);
            assert_ne!(text.en(), text.get(Lang::Zh));
            assert!(error.help().en().contains("eci state recover"));
            (found, known)
        }
        error => panic!("{error}"),
    }
}

#[test]
fn a_store_that_lost_its_last_entries_is_refused_where_they_were_known() {
    let directory = tempfile::tempdir().unwrap();
    let [store, backup] = ["store", "backup"].map(|it| directory.path().join(it));
    let [here, there] = ["here.json", "there.json"].map(|it| directory.path().join("eci").join(it));
    let one = machine(&store, &here);
    apply(&one, "a");
    copy(&store, &backup);
    apply(&one, "b");
    apply(&one, "c");
    let private = std::fs::metadata(&here).unwrap();
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&private) & 0o77, 0);
    copy(&backup, &store);

    let (found, known) = rolled_back(&one);
    assert!(found < known, "{found} {known}");
    // Reading is not refused, and a machine that knows nothing continues.
    assert_eq!(one.read().unwrap().unwrap().resources.len(), 1);
    let two = machine(&store, &there);
    for label in ["d", "e", "f", "g"] {
        apply(&two, label);
    }
    // The log is longer than before, and another one.
    let (found, known) = rolled_back(&one);
    assert!(found > known, "{found} {known}");

    let (rebuilt, report) = one.rebuild(options("eci state recover"), |_| {}).unwrap();
    assert_eq!(report.defects.len(), 1, "{report:?}");
    assert_eq!(rebuilt.snapshot().resources.len(), 5);
    assert!(
        rebuilt.snapshot().lost.is_some(),
        "what is missing may exist"
    );
    rebuilt.close().unwrap();
    for machine in [&one, &two, &one] {
        apply(machine, "h");
    }
    // The entry that this machine knows has been removed meanwhile.
    for _ in 0..8 {
        apply(&two, "i");
    }
    apply(&one, "j");
    let (_, report) = one.rebuild(options("eci state recover"), |_| {}).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn what_one_machine_has_accepted_does_not_stop_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let [store, backup] = ["store", "backup"].map(|it| directory.path().join(it));
    let machines = ["one", "two"].map(|it| machine(&store, &directory.path().join(it)));
    apply(&machines[0], "a");
    copy(&store, &backup);
    apply(&machines[1], "b");
    apply(&machines[0], "c");
    copy(&backup, &store);
    for machine in &machines {
        rolled_back(machine);
    }
    let (rebuilt, _) = machines[0]
        .rebuild(options("eci state recover"), |_| {})
        .unwrap();
    rebuilt.close().unwrap();
    for machine in &machines {
        apply(machine, "d");
    }
}

#[test]
fn a_state_that_no_longer_exists_is_refused_until_that_is_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let one = machine(&store, &directory.path().join("known"));
    apply(&one, "a");
    std::fs::remove_dir_all(&store).unwrap();
    let (found, _) = rolled_back(&one);
    assert_eq!(found, 0);
    let nothing = one
        .rebuild(options("eci state recover"), |_| {})
        .unwrap_err();
    let nothing = matches!(nothing, StateError::Remote(RemoteError::NothingLeft { .. }));
    assert!(nothing);
    apply(&one, "a");
    // A state that this machine deletes is no longer known.
    open(&one).unwrap().delete().unwrap();
    apply(&one, "a");
}

#[test]
fn a_file_that_is_damaged_or_cannot_be_read_refuses_runs_until_it_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let known = directory.path().join("known");
    let one = machine(&store, &known);
    apply(&one, "a");
    let whole = std::fs::read_to_string(&known).unwrap();
    let newer = whole.replace("\"format\":1", "\"format\":2");
    for content in ["", "{", &whole[1..], &newer] {
        std::fs::write(&known, content).unwrap();
        let refused = open(&one).unwrap_err();
        let is_newer = matches!(refused, StateError::NewerFormat { .. });
        let is_damaged = matches!(refused, StateError::KnownFileDamaged { .. });
        assert!(is_damaged || is_newer && content == newer, "{refused}");
        // The state itself can be inspected.
        assert_eq!(one.read().unwrap().unwrap().resources.len(), 1);
        assert_eq!(std::fs::read_to_string(&known).unwrap(), content);
    }
    std::fs::remove_file(&known).unwrap();
    std::fs::create_dir(&known).unwrap();
    let refused = open(&one).unwrap_err();
    assert!(
        matches!(refused, StateError::Unreadable { .. }),
        "{refused}"
    );
    std::fs::remove_dir(&known).unwrap();
    apply(&one, "b");
}

#[test]
fn a_state_that_another_machine_deletes_and_creates_again_is_another_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let [one, two] = ["one", "two"].map(|it| machine(&store, &directory.path().join(it)));
    for _ in 0..2 {
        for label in ["a", "b", "c"] {
            apply(&one, label);
        }
        open(&two).unwrap().delete().unwrap();
        // Neither what is left of it nor a shorter log is refused.
        apply(&one, "a");
        open(&two).unwrap().delete().unwrap();
        apply(&two, "a");
        apply(&one, "b");
    }
}

#[test]
fn a_state_without_resources_may_disappear() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let one = machine(&store, &directory.path().join("known"));
    apply(&one, "a");
    let mut destroy = open(&one).unwrap();
    let time = "2026-11-30T00:00:00Z".to_owned();
    let address = eip("a");
    destroy
        .append(&[Record::Removed { address, time }])
        .unwrap();
    destroy.close().unwrap();
    std::fs::remove_dir_all(&store).unwrap();
    apply(&one, "a");
}
