//! Malformed states: whatever is in the files, reading them gives a state or an error,
//! soon and without a panic. Checksums are put right, so that more than they is tested.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use eci_core::{Address, Kind, Map, OperationTag, Value};
use eci_state::{
    Holder, IntentKind, IntentOutcome, LocalStore, OutputState, Record, ResourceState, StateError,
    Store,
};
use proptest::prelude::*;

/// Values of unexpected types.
const STRANGE: [&str; 16] = [
    "null",
    "true",
    "-1",
    "0",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "-0.0",
    "\"\"",
    "\"\\u0000\"",
    "\"container_group.web\"",
    "\"module.a.eip.x[\\\"y\\\"]\"",
    "[]",
    "{}",
    "{\"$digest\":1}",
    "{\"$unknown\":true}",
];

/// A state as it is after a run that died.
struct WrittenState {
    directory: tempfile::TempDir,
    snapshot: String,
    /// The lines of its journal.
    lines: Vec<String>,
}

fn resource(id: &str) -> Box<ResourceState> {
    let token = Value::Digest("hmac-sha256:x".into());
    Box::new(ResourceState {
        id: Some(id.to_owned()),
        applied: Arc::new(Map::from_iter([
            ("name".into(), Value::from("web")),
            ("cpu".into(), Value::from(1.5)),
            ("env".into(), Value::from([("TOKEN", token)])),
        ])),
        dependencies: vec![Address::new(Kind::Eip, "front").instance("a")],
        operation: Some(OperationTag::from_recorded("lineage.op")),
        ..ResourceState::default()
    })
}

/// A state with all kinds of records.
fn written() -> WrittenState {
    let directory = tempfile::tempdir().unwrap();
    let address = |label: &str| Address::new(Kind::ContainerGroup, label);
    let mut store = LocalStore::open(directory.path(), Holder::current_process("test")).unwrap();
    let recorded = Record::ResourceUpdated {
        address: address("web"),
        state: resource("eci-1"),
    };
    let output = OutputState {
        value: Value::list(vec![Value::Null, Value::from(1)]),
        sensitive: false,
    };
    let outputs = Record::Outputs {
        outputs: [("o".to_owned(), output)].into(),
    };
    let create = |intent| Record::Intent {
        intent,
        address: address("db"),
        kind: IntentKind::Create {
            operation: OperationTag::from_recorded("lineage.op2"),
            planned: resource("eci-2"),
            listed: Vec::new(),
        },
        time: "2026-01-01T00:00:00Z".to_owned(),
        token: None,
    };
    let (first, second) = (store.next_intent(), store.next_intent());
    store.append(&[recorded, outputs, create(first)]).unwrap();
    store.compact().unwrap();
    store.append(&[create(second)]).unwrap();
    let finished = Record::IntentFinished {
        intent: second,
        address: address("db"),
        outcome: IntentOutcome::Done {
            state: Some(resource("eci-2")),
        },
    };
    store.append(&[finished]).unwrap();
    drop(store);
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    let (snapshot, journal) = (read("state.json"), read("journal.jsonl"));
    // Behind the heading, a line has the checksum of the one before it as well.
    let json = |(at, line): (usize, &str)| line[if at == 0 { 9 } else { 18 }..].to_owned();
    let lines = journal.lines().enumerate().map(json).collect();
    WrittenState {
        directory,
        snapshot,
        lines,
    }
}

/// The JSON of the snapshot itself.
fn inside(document: &str) -> &str {
    let start = document.find("\"state\": ").unwrap() + 9;
    &document[start..document.rfind(",\n  \"checksum\"").unwrap()]
}

fn document(state: &str) -> String {
    let crc = crc32fast::hash(state.as_bytes());
    format!("{{\"format\": 1, \"state\": {state}, \"checksum\": \"crc32:{crc:08x}\"}}\n")
}

fn line(json: &str) -> String {
    format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()))
}

/// A journal of a heading and chained lines.
fn journal(lines: &[impl AsRef<str>]) -> String {
    let mut journal = String::new();
    let mut before = None;
    for json in lines {
        let json = json.as_ref();
        let next = match before {
            None => line(json),
            Some(before) => line(&format!("{before} {json}")),
        };
        before = Some(next[..8].to_owned());
        journal.push_str(&next);
    }
    journal
}

/// Returns the places of the scalars of a JSON text, keys included.
fn scalars(json: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = json.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at += 1;
                while bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => {
                let part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                while bytes.get(at).is_some_and(|byte| part(*byte)) {
                    at += 1;
                }
            }
            _ => {
                at += 1;
                continue;
            }
        }
        found.push(start..at);
    }
    found
}

/// With one scalar of the text replaced by another.
fn mutated(json: &str, which: usize, strange: &str) -> String {
    let scalars = scalars(json);
    let range = scalars[which % scalars.len()].clone();
    format!("{}{strange}{}", &json[..range.start], &json[range.end..])
}

/// Reads and, if that goes well, takes over what is in the directory and writes it again.
fn take_over(directory: &Path) -> Result<(), StateError> {
    let snapshot = LocalStore::read(directory)?;
    // It is whole in itself or says what is not.
    let _ = snapshot.check();
    let mut store = LocalStore::open(directory, Holder::current_process("test"))?;
    let intent = store.next_intent();
    store.append(&[Record::Intent {
        intent,
        address: Address::new(Kind::Eip, "new"),
        kind: IntentKind::Delete { id: "x".to_owned() },
        time: String::new(),
        token: None,
    }])?;
    store.compact()
}

fn on_a_small_stack(directory: &Path) -> Result<(), StateError> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(1 << 20);
        let taking = builder.spawn_scoped(scope, || take_over(directory));
        taking.unwrap().join().unwrap()
    })
}

fn strange() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(&STRANGE[..]).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn no_snapshot_makes_the_reader_panic(which in any::<usize>(), strange in strange()) {
        let WrittenState { directory, snapshot, .. } = written();
        let changed = document(&mutated(inside(&snapshot), which, &strange));
        fs::write(directory.path().join("state.json"), changed).unwrap();
        let _ = take_over(directory.path());
    }

    #[test]
    fn no_line_of_a_journal_makes_the_reader_panic(
        at in 0usize..3,
        which in any::<usize>(),
        strange in strange(),
    ) {
        let WrittenState { directory, mut lines, .. } = written();
        lines[at] = mutated(&lines[at], which, &strange);
        fs::write(directory.path().join("journal.jsonl"), journal(&lines)).unwrap();
        let _ = take_over(directory.path());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        snapshot in any::<bool>(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let WrittenState { directory, .. } = written();
        let name = if snapshot { "state.json" } else { "journal.jsonl" };
        fs::write(directory.path().join(name), bytes).unwrap();
        let _ = take_over(directory.path());
    }
}

#[test]
fn what_is_put_right_again_is_read_again() {
    // Otherwise the tests above would test nothing but checksums.
    let WrittenState {
        directory,
        snapshot,
        lines,
    } = written();
    let right = document(inside(&snapshot));
    fs::write(directory.path().join("state.json"), right).unwrap();
    fs::write(directory.path().join("journal.jsonl"), journal(&lines)).unwrap();
    take_over(directory.path()).unwrap();
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    for depth in [200, 10_000, 1_000_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"$$a\":", "}")] {
            let deep = open.repeat(depth) + "1" + &close.repeat(depth);
            let WrittenState {
                directory,
                snapshot,
                lines,
            } = written();
            let state = inside(&snapshot).replacen(": \"web\"", &format!(": {deep}"), 1);
            assert!(state.len() > 2 * depth);
            let at = |name: &str| directory.path().join(name);
            fs::write(at("state.json"), document(&state)).unwrap();
            assert!(on_a_small_stack(directory.path()).is_err(), "{depth}");
            fs::write(at("state.json"), &snapshot).unwrap();
            fs::write(at("journal.jsonl"), journal(&[&lines[0], &deep])).unwrap();
            assert!(on_a_small_stack(directory.path()).is_err(), "{depth}");
        }
    }
}

#[test]
fn numbers_at_the_end_of_their_range_do_not_panic() {
    let most = u64::MAX.to_string();
    let WrittenState {
        directory,
        snapshot,
        lines,
    } = written();
    let state = inside(&snapshot);
    for name in ["serial", "intent"] {
        let changed = state.replacen(&format!("\"{name}\": 1"), &format!("\"{name}\": {most}"), 1);
        assert_ne!(changed, state, "{name}");
        fs::write(directory.path().join("state.json"), document(&changed)).unwrap();
        let later = lines[0].replacen("\"serial\":1", &format!("\"serial\":{most}"), 1);
        for head in [&later, &lines[0]] {
            fs::write(directory.path().join("journal.jsonl"), line(head)).unwrap();
            let _ = take_over(directory.path());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_cycle_of_links_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["state.json", "journal.jsonl", "backups", "lock"] {
        std::os::unix::fs::symlink(name, directory.path().join(name)).unwrap();
    }
    assert!(take_over(directory.path()).is_err());
}

/// Returns the error and the help for a state of these files.
fn refusal(snapshot: &str, journal: &[String]) -> String {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("state.json"), snapshot).unwrap();
    if !journal.is_empty() {
        let path = directory.path().join("journal.jsonl");
        fs::write(path, journal.concat()).unwrap();
    }
    let holder = Holder::current_process("test");
    let error = LocalStore::open(directory.path(), holder).unwrap_err();
    assert!(error.is_damage(), "{:.200}", error.to_string());
    let help = error.help().map(|help| help.to_string());
    format!("{error}\n{}", help.unwrap_or_default())
}

#[test]
fn long_content_of_a_file_is_truncated_in_messages() {
    let long = "长".repeat(1 << 20);
    let text = format!("\"{long}\"");
    let document = |state: &str| {
        let crc = crc32fast::hash(state.as_bytes());
        format!(r#"{{"format":1,"state":{state},"checksum":"crc32:{crc:08x}"}}"#)
    };
    let state = |rest: &str| {
        format!(
            r#"{{"lineage":"l","serial":1,"digest_key":"{}","outputs":{{}},"open":[]{rest}}}"#,
            "00".repeat(32)
        )
    };
    let sound = document(&state(r#","resources":{}"#));
    let line = |json: &str| format!("{:08x} {json}\n", crc32fast::hash(json.as_bytes()));
    let heading = line(r#"{"format":1,"lineage":"l","serial":1}"#);
    let foreign = line(&format!(r#"{{"format":1,"lineage":{text},"serial":1}}"#));
    let begin = format!(r#"[{{"begin":{{"command":"c","at":"t","serial":1,"lineage":{text}}}}}]"#);
    for (snapshot, journal) in [
        (&text, vec![]),
        (&format!(r#"{{"format":{text}}}"#), vec![]),
        (
            &format!(r#"{{"format":1,"state":{{}},"checksum":{text}}}"#),
            vec![],
        ),
        (&format!(r#"{{"format":1,{text}:1}}"#), vec![]),
        (&document(&text), vec![]),
        (
            &document(&state(&format!(r#","resources":{{{text}:{{}}}}"#))),
            vec![],
        ),
        (&sound, vec![heading.clone(), line(&text)]),
        (
            &sound,
            vec![heading.clone(), line(&format!("[{{{text}:1}}]"))],
        ),
        (&sound, vec![heading.clone(), line(&begin)]),
        (&sound, vec![foreign]),
    ] {
        let message = refusal(snapshot, &journal);
        assert!(message.contains('…'), "{message:.2000}");
        assert!(message.chars().count() < 1500, "{message:.2000}");
        assert!(message.contains("eci state recover"), "{message}");
    }
}
