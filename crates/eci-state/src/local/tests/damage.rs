//! A state that was cut or changed at any byte after its run had flushed it.

use super::*;

/// Creates a run that flushed its journal and was killed, and returns the snapshots of its steps.
fn flushed_run() -> (TempDir, Vec<Snapshot>) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.append(&[recorded("old", "eip-0")]).unwrap();
    store.compact().unwrap();
    let mut states = vec![store.snapshot().clone()];
    let (first, second) = (store.next_intent(), store.next_intent());
    let begin = Record::RunStarted {
        command: "eci apply".to_owned(),
        time: "2026-01-01T00:00:00Z".to_owned(),
        serial: store.snapshot().serial,
        lineage: store.snapshot().lineage.clone(),
    };
    for records in [
        vec![begin],
        vec![create(first, "web")],
        vec![create(second, "db"), recorded("mail", "eip-2")],
        vec![done(first, "web", Some("eip-1"))],
    ] {
        store.append(&records).unwrap();
        store.flush().wait().unwrap();
        states.push(store.snapshot().clone());
    }
    // This one was not flushed.
    store.append(&[done(second, "db", Some("eip-3"))]).unwrap();
    states.push(store.snapshot().clone());
    (directory, states)
}

fn rebuilt(directory: &TempDir) -> (Snapshot, RepairReport) {
    let holder = Holder::current_process("eci state recover");
    let (store, salvage) = LocalStore::rebuild(directory.path(), holder).unwrap();
    (store.snapshot().clone(), salvage)
}

/// Returns the resources that the state has, or whose outcome it has yet to determine.
fn known(snapshot: &Snapshot) -> BTreeSet<String> {
    let open = snapshot.open_intents.iter().map(|open| &open.address);
    let all = snapshot.resources.keys().chain(open);
    all.map(ToString::to_string).collect()
}

fn is_damage(read: &Result<Snapshot, StateError>) -> bool {
    read.as_ref().is_err_and(StateError::is_damage)
}

#[test]
fn a_journal_cut_anywhere_is_damaged_where_what_was_flushed_is_missing() {
    let (whole, states) = flushed_run();
    let journal = file(&whole, "journal.jsonl");
    let ends: Vec<usize> = (0..journal.len())
        .filter(|at| journal[*at] == b'\n')
        .collect();
    let path = whole.path().join("journal.jsonl");
    for cut in 0..=journal.len() {
        fs::write(&path, &journal[..cut]).unwrap();
        let read = LocalStore::read(whole.path());
        // The heading, and four lines that were flushed.
        let lines = ends.iter().filter(|end| **end <= cut).count();
        if lines < 5 {
            assert!(is_damage(&read), "{cut}: {read:?}");
        } else {
            let expected = as_found(&states[lines - 1], &states[0]);
            assert_eq!(read.unwrap(), expected, "{cut}");
        }
    }
    fs::remove_file(&path).unwrap();
    assert!(is_damage(&LocalStore::read(whole.path())));
}

#[test]
fn a_flipped_bit_anywhere_in_a_flushed_journal_is_found() {
    let (whole, _) = flushed_run();
    let journal = file(&whole, "journal.jsonl");
    let last = journal[..journal.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n');
    for at in 0..=last.unwrap() {
        for bit in 0..8 {
            let mut damaged = journal.clone();
            damaged[at] ^= 1 << bit;
            fs::write(whole.path().join("journal.jsonl"), damaged).unwrap();
            let read = LocalStore::read(whole.path());
            assert!(is_damage(&read), "{at}, {bit}: {read:?}");
        }
    }
}

#[test]
fn what_a_damaged_journal_lost_is_remembered_until_it_is_accounted_for() {
    let (whole, states) = flushed_run();
    let journal = file(&whole, "journal.jsonl");
    let all = known(states.last().unwrap());
    for at in (0..journal.len()).step_by(7) {
        for cut in [false, true] {
            let (directory, _) = flushed_run();
            let mut journal = file(&directory, "journal.jsonl");
            if cut {
                journal.truncate(at);
            } else {
                journal[at] ^= 0x04;
            }
            fs::write(directory.path().join("journal.jsonl"), journal).unwrap();
            if LocalStore::read(directory.path()).is_ok() {
                continue;
            }
            let (snapshot, salvage) = rebuilt(&directory);
            let lost = snapshot
                .lost
                .clone()
                .unwrap_or_else(|| panic!("{at}, {cut}: {salvage:?}"));
            assert_eq!(lost.about, salvage.about);
            if !cut {
                // A line that is still there says what it was about, unless that was hit.
                let about = salvage.about.iter().map(ToString::to_string);
                let found = known(&snapshot)
                    .into_iter()
                    .chain(about)
                    .collect::<BTreeSet<_>>();
                assert!(all.difference(&found).count() <= 1, "{at}: {found:?}");
            }
            let mut store = open(directory.path());
            assert_eq!(store.snapshot().lost, Some(lost));
            let at = "2026-01-01T00:00:00Z".to_owned();
            store.append(&[Record::Accounted { time: at }]).unwrap();
            drop(store);
            assert_eq!(LocalStore::read(directory.path()).unwrap().lost, None);
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_snapshot_loses_nothing() {
    let (whole, states) = flushed_run();
    drop(open(whole.path()));
    let expected = known(states.last().unwrap());
    let path = whole.path().join("state.json");
    let snapshot = fs::read(&path).unwrap();
    let mut rebuilds = 0;
    for at in 0..snapshot.len() {
        // In its place, so that other names of the file would have it as well.
        let mut damaged = snapshot.clone();
        damaged[at] ^= 0x02;
        fs::write(&path, &damaged).unwrap();
        let read = LocalStore::read(whole.path());
        match &read {
            Ok(read) => assert_eq!(known(read), expected),
            Err(StateError::NewerFormat { .. }) => {}
            Err(_) => assert!(is_damage(&read), "{at}: {read:?}"),
        }
        if is_damage(&read) && at % 11 == 0 {
            let (rebuilt, salvage) = rebuilt(&whole);
            assert_eq!(known(&rebuilt), expected, "{at}");
            assert_eq!(rebuilt.lost, None, "{at}: {salvage:?}");
            rebuilds += 1;
        }
    }
    assert!(rebuilds > 20);
}

#[test]
fn a_line_that_was_taken_out_or_put_elsewhere_is_found() {
    let (whole, _) = flushed_run();
    let text = String::from_utf8(file(&whole, "journal.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let changed = |order: &[usize]| {
        let text: Vec<&str> = order.iter().map(|at| lines[*at]).collect();
        fs::write(whole.path().join("journal.jsonl"), text.join("\n") + "\n").unwrap();
        fs::remove_file(whole.path().join("flushed")).unwrap_or_default();
        LocalStore::read(whole.path()).unwrap_err().to_string()
    };
    for order in [&[0, 2, 3, 4, 5][..], &[0, 1, 3, 2, 4, 5], &[0, 1, 2, 4, 5]] {
        let message = changed(order);
        assert!(
            message.contains("does not follow the line before it"),
            "{message}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_not_a_file_or_is_too_large_is_an_error_at_once() {
    let names = ["state.json", "journal.jsonl", "flushed", "lock"];
    for name in names {
        for what in ["pipe", "device", "directory", "large"] {
            let (whole, _) = flushed_run();
            let path = whole.path().join(name);
            fs::remove_file(&path).unwrap();
            match what {
                "pipe" => {
                    let created = std::process::Command::new("mkfifo").arg(&path).status();
                    assert!(created.unwrap().success());
                }
                "device" => std::os::unix::fs::symlink("/dev/zero", &path).unwrap(),
                "directory" => fs::create_dir(&path).unwrap(),
                // With a hole, which takes no room.
                _ => fs::File::create(&path).unwrap().set_len(3 << 30).unwrap(),
            }
            let opened = LocalStore::open(whole.path(), Holder::current_process("eci apply"));
            let message = opened.unwrap_err().to_string();
            let expected = if what == "large" {
                "it is larger than"
            } else {
                "it is not a file"
            };
            assert!(message.contains(expected), "{name}, {what}: {message}");
            let holder = Holder::current_process("eci state recover");
            assert!(
                LocalStore::rebuild(whole.path(), holder).is_err(),
                "{name}, {what}"
            );
        }
    }
}
