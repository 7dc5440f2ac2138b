use std::path::PathBuf;

use eci_core::{Address, Kind, Lineage, Serial};
use eci_text::typography::{chinese, english, has_han};
use eci_text::{In, Lang, Localize};

use super::*;
use crate::{AnotherCloud, CloudDifference, CloudIdentity, Corruption, RepairBase};
use crate::{WorkspaceError, WorkspaceName};

/// Values that no two places of a message share, none of which has a Han character.
fn path(name: &str) -> PathBuf {
    PathBuf::from(format!("/state/{name}"))
}

fn web() -> Address {
    Address::new(Kind::Eip, "web")
}

fn system() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

fn parser() -> serde_json::Error {
    serde_json::from_str::<u8>("x").unwrap_err()
}

fn integrity() -> Vec<IntegrityError> {
    let (first, second) = (web(), Address::new(Kind::Eip, "db"));
    vec![
        IntegrityError::AnotherLineage {
            found: Lineage::new("a"),
            expected: Lineage::new("b"),
        },
        IntegrityError::AnotherSerial {
            found: Serial(1),
            expected: Serial(2),
        },
        IntegrityError::Occupied {
            from: first.clone(),
            to: second.clone(),
        },
        IntegrityError::NotAnAddress {
            address: first.clone(),
        },
        IntegrityError::IdTwice {
            id: "eip-1".to_owned(),
            first: first.clone(),
            second,
        },
        IntegrityError::DependsOnItself { address: first },
        IntegrityError::NotRedacted {
            place: "eip.web.password".to_owned(),
        },
    ]
}

fn corruption() -> Vec<CorruptionKind> {
    vec![
        CorruptionKind::Checksum {
            stated: "00".to_owned(),
            actual: "11".to_owned(),
        },
        CorruptionKind::NoSuchFormat(99),
        CorruptionKind::OtherForm,
        CorruptionKind::NoChecksum,
        CorruptionKind::TooLong(512 << 20),
        CorruptionKind::OutOfPlace,
        CorruptionKind::Truncated {
            flushed: 3,
            found: 1,
        },
        CorruptionKind::EndUnknown,
    ]
}

fn state() -> Vec<StateError> {
    let holder = |process| {
        Some(Box::new(Holder {
            process,
            ..Holder::current_process("eci apply")
        }))
    };
    let held = |holder| StateError::LockHeld {
        path: path("lock"),
        holder,
    };
    let known = StateError::KnownFileDamaged {
        path: path("heads.json"),
        damage: CorruptionKind::NoChecksum,
    };
    let missing = |lines| StateError::JournalMissing {
        path: path("journal.jsonl"),
        lines,
    };
    let damaged = |about| StateError::JournalDamaged {
        path: path("journal.jsonl"),
        line: 3,
        damage: CorruptionKind::NoChecksum,
        about,
    };
    let mut all = vec![
        StateError::Unreadable {
            path: path("state.json"),
            cause: system(),
        },
        StateError::NotWritable {
            path: path("state.json"),
            cause: system(),
        },
        StateError::NewerFormat {
            path: path("state.json"),
            found: 9,
            known: 8,
        },
        known,
        damaged(Vec::new()),
        damaged(vec![web(), web()]),
        missing(0),
        missing(4),
        StateError::JournalReplaced {
            path: path("journal.jsonl"),
        },
        StateError::JournalOfAnotherState {
            path: path("journal.jsonl"),
            found: Lineage::new("a"),
            expected: Lineage::new("b"),
        },
        StateError::JournalAhead {
            path: path("journal.jsonl"),
            found: Serial(5),
            expected: Serial(4),
        },
        StateError::JournalWithoutSnapshot {
            path: path("journal.jsonl"),
            snapshot: path("state.json"),
            backups: path("backups"),
        },
        StateError::SnapshotMissing {
            snapshot: path("state.json"),
            backups: path("backups"),
        },
        StateError::NothingLeft {
            directory: path(""),
        },
        held(None),
        held(holder(std::process::id())),
        held(holder(u32::MAX)),
        StateError::TakenOver { path: path("lock") },
        StateError::TakenOver {
            path: path("state.json"),
        },
        StateError::Unlockable {
            path: path("lock"),
            cause: system(),
        },
        crate::store::unstorable(&[], parser()),
        crate::store::unstorable(&[crate::testing::recorded("web", "eip-1")], parser()),
        StateError::NoRandomness {
            cause: getrandom::Error::UNSUPPORTED,
        },
    ];
    all.extend(integrity().into_iter().map(StateError::InvalidRecord));
    all.extend(corruption().into_iter().map(|damage| StateError::Damaged {
        path: path("state.json"),
        damage,
        backups: path("backups"),
    }));
    all
}

fn repair() -> Vec<Corruption> {
    vec![
        Corruption::NoSnapshot {
            path: path("state.json"),
        },
        Corruption::Line {
            path: path("journal.jsonl"),
            line: 3,
            damage: CorruptionKind::NoChecksum,
            about: vec![web()],
        },
        Corruption::NoJournal {
            path: path("journal.jsonl"),
            lines: 0,
        },
        Corruption::NoJournal {
            path: path("journal.jsonl"),
            lines: 1,
        },
        Corruption::AnotherJournal {
            path: path("journal.jsonl"),
        },
        Corruption::Gap {
            path: path("journal.jsonl"),
            found: Serial(5),
            expected: Serial(4),
        },
        Corruption::Foreign {
            path: path("journal.jsonl"),
            found: Lineage::new("a"),
            expected: Lineage::new("b"),
        },
    ]
}

fn workspaces() -> Vec<WorkspaceError> {
    let name = || "dev".parse::<WorkspaceName>().unwrap();
    let unknown = |known| WorkspaceError::Unknown {
        name: name(),
        known,
    };
    let not_empty = |resources, open| WorkspaceError::NotEmpty {
        name: name(),
        resources,
        open,
    };
    vec![
        "a b".parse::<WorkspaceName>().unwrap_err(),
        WorkspaceError::Selection {
            path: path("workspace"),
            text: "a b".to_owned(),
        },
        unknown(vec![WorkspaceName::default_one()]),
        unknown(vec!["dvv".parse().unwrap()]),
        WorkspaceError::Exists { name: name() },
        WorkspaceError::Default,
        not_empty(1, 0),
        not_empty(0, 2),
        not_empty(2, 1),
    ]
}

fn clouds() -> Vec<AnotherCloud> {
    let here = CloudIdentity::new([("eci", "https://eci.example")], "r-1");
    let account = CloudIdentity {
        account: Some("a".to_owned()),
        ..here.clone()
    };
    let other = |recorded, current| AnotherCloud {
        recorded: Box::new(recorded),
        current: Box::new(current),
        differences: vec![CloudDifference::Region],
    };
    vec![
        other(here, CloudIdentity::sandbox("r-1")),
        other(
            account,
            CloudIdentity::new([("eci", "https://eci.example"); 0], "r-2"),
        ),
    ]
}

fn both(value: &dyn Localize) -> Text {
    let [en, zh] = Lang::ALL.map(|lang| In(value, lang).to_string());
    Text::new(en, zh)
}

#[test]
fn every_message_and_remedy_is_written_in_both_languages() {
    let mut texts = Vec::new();
    for error in state() {
        texts.extend([Some(both(&error)), error.help()]);
    }
    for error in workspaces() {
        texts.extend([Some(both(&error)), error.help()]);
    }
    texts.extend(repair().iter().map(|it| Some(both(it))));
    texts.extend(clouds().iter().map(|it| Some(both(it))));
    let bases = [
        RepairBase::Snapshot,
        RepairBase::Backup(path("b")),
        RepairBase::Nothing,
    ];
    texts.extend(bases.iter().map(|it| Some(both(it))));
    let texts: Vec<Text> = texts.into_iter().flatten().collect();
    assert!(texts.len() > 80, "{}", texts.len());
    let mut problems = Vec::new();
    for text in texts {
        let (en, zh) = (text.en(), text.get(Lang::Zh));
        assert!(has_han(zh), "{en} / {zh}");
        problems.extend(english(en).into_iter().chain(chinese(zh)));
    }
    assert_eq!(problems, [""; 0]);
}
