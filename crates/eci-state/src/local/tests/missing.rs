//! A state of which files are missing, empty, cut or old after its run died.

use super::*;

/// A directory of a state, and everything in it that was flushed.
struct DeadRun {
    directory: TempDir,
    flushed: Vec<Address>,
    /// `flushed` as it was before the run.
    stale: Vec<u8>,
}

/// Creates a run that was killed after it had flushed three appends, on top of `ended` runs that
/// ended.
fn dead_run(ended: usize) -> DeadRun {
    let directory = tempfile::tempdir().unwrap();
    let mut stale = Vec::new();
    for run in 0..ended {
        let mut store = open(directory.path());
        let name = format!("old-{run}");
        store.append(&[recorded(&name, &name)]).unwrap();
        store.compact().unwrap();
        drop(store);
        stale = file(&directory, "flushed");
    }
    let mut store = open(directory.path());
    let begin = Record::RunStarted {
        command: "eci apply".to_owned(),
        time: "2026-01-01T00:00:00Z".to_owned(),
        serial: store.snapshot().serial,
        lineage: store.snapshot().lineage.clone(),
    };
    let intent = store.next_intent();
    for records in [
        vec![begin],
        vec![create(intent, "web"), recorded("db", "eip-2")],
        vec![done(intent, "web", Some("eip-1"))],
    ] {
        store.append(&records).unwrap();
        store.flush().wait().unwrap();
    }
    DeadRun {
        flushed: known(store.snapshot()),
        directory,
        stale,
    }
}

/// Returns the resources that a state has, or whose outcome has to be read from the cloud.
fn known(snapshot: &Snapshot) -> Vec<Address> {
    let open = snapshot.open_intents.iter().map(|open| &open.address);
    let all: BTreeSet<&Address> = snapshot.resources.keys().chain(open).collect();
    all.into_iter().cloned().collect()
}

const JOURNAL: [&str; 6] = [
    "intact",
    "cut at a line",
    "cut within a line",
    "cut within the heading",
    "empty",
    "missing",
];
const FLUSHED: [&str; 4] = ["intact", "empty", "missing", "stale"];
const LOCK: [&str; 3] = ["of the dead run", "empty", "missing"];
const SNAPSHOT: [&str; 2] = ["intact", "missing"];

/// Does to a file what its case says.
fn put(directory: &TempDir, name: &str, case: &str, stale: &[u8]) {
    let path = directory.path().join(name);
    let content = fs::read(&path).unwrap_or_default();
    let ends: Vec<usize> = (0..content.len())
        .filter(|at| content[*at] == b'\n')
        .collect();
    match case {
        "missing" => fs::remove_file(&path).unwrap_or_default(),
        "empty" => fs::write(&path, "").unwrap(),
        "stale" => fs::write(&path, stale).unwrap(),
        "cut at a line" => fs::write(&path, &content[..=ends[1]]).unwrap(),
        "cut within a line" => fs::write(&path, &content[..ends[1] + 40]).unwrap(),
        "cut within the heading" => fs::write(&path, &content[..40]).unwrap(),
        "of the dead run" => {
            let dead = serde_json::to_vec(&Holder::current_process("eci apply")).unwrap();
            fs::write(&path, dead).unwrap();
        }
        _ => {}
    }
}

/// Copies the directory of a dead run.
fn copy(run: &DeadRun) -> DeadRun {
    let directory = tempfile::tempdir().unwrap();
    for below in ["", "backups"] {
        let from = run.directory.path().join(below);
        let to = directory.path().join(below);
        fs::create_dir_all(&to).unwrap();
        let entries = fs::read_dir(from).unwrap().map(Result::unwrap);
        for entry in entries.filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    DeadRun {
        directory,
        flushed: run.flushed.clone(),
        stale: run.stale.clone(),
    }
}

/// Calls a function with the directory of each combination of cases.
fn each_case(mut check: impl FnMut(&DeadRun, &str)) {
    for ended in 0..=2 {
        let original = dead_run(ended);
        for journal in JOURNAL {
            for flushed in FLUSHED {
                for (lock, snapshot) in LOCK.iter().flat_map(|it| SNAPSHOT.map(|at| (it, at))) {
                    let run = copy(&original);
                    put(&run.directory, "journal.jsonl", journal, &[]);
                    put(&run.directory, "flushed", flushed, &run.stale);
                    put(&run.directory, "lock", lock, &[]);
                    put(&run.directory, "state.json", snapshot, &[]);
                    let case = format!(
                        "after {ended} runs, journal {journal}, flushed {flushed}, lock {lock}, \
                         snapshot {snapshot}"
                    );
                    check(&run, &case);
                }
            }
        }
    }
}

#[test]
fn what_a_dead_run_flushed_is_there_or_its_state_is_damaged() {
    let mut sound = 0;
    each_case(|run, case| {
        let path = run.directory.path();
        match LocalStore::read(path) {
            Ok(read) => {
                assert_eq!(known(&read), run.flushed, "{case}");
                sound += 1;
            }
            Err(error) => {
                assert!(error.is_damage(), "{case}: {error}");
                let (message, help) = (error.to_string(), error.help().unwrap());
                assert!(help.en().contains("eci state recover"), "{case}: {help}");
                // A refused run leaves the state as it was.
                for _ in 0..2 {
                    let opened = LocalStore::open(path, Holder::current_process("eci apply"));
                    assert_eq!(opened.unwrap_err().to_string(), message, "{case}");
                }
            }
        }
    });
    // Nothing but the lock is missing, after any number of runs.
    assert_eq!(sound, 9);
}

#[test]
fn a_state_that_was_rebuilt_knows_what_was_flushed_or_that_records_are_lost() {
    each_case(|run, case| {
        let path = run.directory.path();
        let (store, salvage) =
            LocalStore::rebuild(path, Holder::current_process("eci state recover")).unwrap();
        let rebuilt = store.snapshot().clone();
        let is_whole = known(&rebuilt) == run.flushed;
        assert!(
            is_whole || rebuilt.lost.is_some(),
            "{case}: {salvage:?}, {rebuilt:?}"
        );
        drop(store);
        assert_eq!(*open(path).snapshot(), rebuilt, "{case}");
    });
}

#[test]
fn a_state_at_rest_requires_neither_journal_nor_mark() {
    for journal in ["intact", "empty", "missing"] {
        for flushed in FLUSHED {
            let run = dead_run(1);
            let mut store = open(run.directory.path());
            store.compact().unwrap();
            let expected = store.snapshot().clone();
            drop(store);
            put(&run.directory, "journal.jsonl", journal, &[]);
            put(&run.directory, "flushed", flushed, &run.stale);
            let read = LocalStore::read(run.directory.path()).unwrap();
            assert_eq!(read, expected, "{journal}, {flushed}");
            assert_eq!(*open(run.directory.path()).snapshot(), expected);
        }
    }
}

#[test]
fn a_run_that_died_before_it_recorded_anything_leaves_a_sound_state() {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open(directory.path());
    store.append(&[recorded("old", "eip-0")]).unwrap();
    store.compact().unwrap();
    let expected = store.snapshot().clone();
    drop(store);
    let mut store = open(directory.path());
    store.journal().unwrap();
    drop(store);
    for _ in 0..2 {
        assert_eq!(LocalStore::read(directory.path()).unwrap(), expected);
        assert_eq!(*open(directory.path()).snapshot(), expected);
    }
}

#[test]
fn what_is_kept_or_given_away_of_a_state_names_no_journal() {
    let run = dead_run(1);
    let path = run.directory.path();
    let names_one = |text: &[u8]| String::from_utf8_lossy(text).contains("\"journal\"");
    assert!(names_one(&file(&run.directory, "state.json")));
    let copy = fs::read(path.join("state.json")).unwrap();
    let read = LocalStore::read(path).unwrap();
    assert!(!names_one(read.to_document().unwrap().as_bytes()));
    for backup in fs::read_dir(path.join("backups")).unwrap() {
        assert!(!names_one(&fs::read(backup.unwrap().path()).unwrap()));
    }
    let other = tempfile::tempdir().unwrap();
    let pushed = Snapshot::from_document(&copy, Path::new("copy")).unwrap();
    open(other.path()).replace(pushed).unwrap();
    assert!(!names_one(&file(&other, "state.json")));
    drop(open(path));
    assert!(!names_one(&file(&run.directory, "state.json")));
}
