use std::sync::Arc;

use eci_core::{DigestKey, Map, Value};

use super::*;
use crate::record::{IntentOutcome, Record};
use crate::testing::{create, done, eip, failed, intention, recorded, resource};

fn snapshot() -> Snapshot {
    Snapshot::new(Lineage::new("ours"), DigestKey::new([1; 32]))
}

fn after(records: &[Record]) -> Snapshot {
    let mut snapshot = snapshot();
    for record in records {
        snapshot.apply(record).unwrap();
        snapshot.check().unwrap();
    }
    snapshot
}

const FIRST: IntentId = IntentId(1);
const SECOND: IntentId = IntentId(2);

#[test]
fn an_intent_is_open_until_it_is_finished() {
    let open = after(&[create(FIRST, "web")]);
    assert_eq!(open.open_intents[0].intent, FIRST);
    assert!(open.resources.is_empty());

    let finished = after(&[create(FIRST, "web"), done(FIRST, "web", Some("eip-1"))]);
    assert!(finished.open_intents.is_empty());
    assert_eq!(finished.resources[&eip("web")], resource("eip-1"));

    let failed = after(&[create(FIRST, "web"), failed(FIRST, "web")]);
    assert_eq!(failed, snapshot());
}

#[test]
fn an_open_intent_remembers_what_it_was_about() {
    let update = IntentKind::Update {
        attributes: vec!["bandwidth".to_owned()],
        ready_by: None,
        sensitive: BTreeSet::new(),
        unreported: None,
    };
    let open = after(&[
        recorded("web", "eip-1"),
        intention(FIRST, "web", update.clone()),
    ]);
    assert_eq!(open.open_intents[0].id.as_deref(), Some("eip-1"));
    assert_eq!(open.open_intents[0].kind, update);
}

#[test]
fn a_deleted_resource_is_removed() {
    let delete = IntentKind::Delete {
        id: "eip-1".to_owned(),
    };
    let deleted = after(&[
        recorded("web", "eip-1"),
        intention(FIRST, "web", delete),
        done(FIRST, "web", None),
    ]);
    assert_eq!(deleted, snapshot());
}

#[test]
fn deleting_a_predecessor_leaves_its_successor() {
    let delete = IntentKind::Delete {
        id: "eip-1".to_owned(),
    };
    let replaced = after(&[
        recorded("web", "eip-1"),
        create(FIRST, "web"),
        done(FIRST, "web", Some("eip-2")),
        intention(SECOND, "web", delete),
        done(SECOND, "web", None),
    ]);
    assert_eq!(replaced.resources[&eip("web")], resource("eip-2"));
}

/// Covers a managed EIP that was replaced by an automatic or existing one, which has no ID.
#[test]
fn deleting_a_predecessor_leaves_a_successor_without_an_id() {
    let delete = IntentKind::Delete {
        id: "eip-1".to_owned(),
    };
    let successor = ResourceState {
        id: None,
        ..resource("eip-1")
    };
    let replaced = after(&[
        recorded("web", "eip-1"),
        Record::ResourceUpdated {
            address: eip("web"),
            state: Box::new(successor.clone()),
        },
        intention(FIRST, "web", delete),
        done(FIRST, "web", None),
    ]);
    assert_eq!(replaced.resources[&eip("web")], successor);
}

#[test]
fn the_deletion_of_a_resource_leaves_nothing_and_may_be_recorded_twice() {
    let missing = Record::Missing {
        address: eip("web"),
    };
    let deleted = after(&[recorded("web", "eip-1"), missing.clone(), missing]);
    assert_eq!(deleted, snapshot());
}

#[test]
fn a_record_that_does_not_fit_changes_nothing_and_says_why() {
    let begin = |lineage: &str, serial| Record::RunStarted {
        command: "eci apply".to_owned(),
        time: "now".to_owned(),
        serial: Serial(serial),
        lineage: Lineage::new(lineage),
    };
    let cases = [
        (
            begin("theirs", 0),
            "lineage theirs cannot continue in the state with lineage ours",
        ),
        (begin("ours", 4), "serial 4 cannot continue in serial 0"),
        (create(FIRST, "db"), "eip.db: intent 1 is already pending"),
        (
            done(SECOND, "web", None),
            "eip.web: cannot end intent 2, which is not pending",
        ),
        (
            done(FIRST, "db", None),
            "intent 1 belongs to eip.web, but its outcome belongs to eip.db",
        ),
    ];
    let before = after(&[begin("ours", 0), create(FIRST, "web")]);
    for (record, reason) in cases {
        let mut snapshot = before.clone();
        let error = snapshot.apply(&record).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(snapshot, before);
    }
}

#[test]
fn an_address_that_could_not_be_read_again_is_not_recorded() {
    let mut state = resource("eip-1");
    state.dependencies.push(eip("a b"));
    let depends = Record::ResourceUpdated {
        address: eip("web"),
        state: Box::new(state),
    };
    for record in [recorded("a b", "eip-1"), depends] {
        let error = snapshot().apply(&record).unwrap_err().to_string();
        assert_eq!(error, "invalid name in resource address `eip.a b`");
    }
}

#[test]
fn an_intent_cannot_end_twice() {
    let mut finished = after(&[create(FIRST, "web"), failed(FIRST, "web")]);
    assert!(finished.apply(&failed(FIRST, "web")).is_err());
}

#[test]
fn a_snapshot_that_contradicts_itself_is_found() {
    let with = |change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = after(&[recorded("a", "eip-1"), create(FIRST, "b")]);
        change(&mut snapshot);
        snapshot.check().unwrap_err().to_string()
    };
    let twice = with(&|snapshot| {
        snapshot.resources.insert(eip("b"), resource("eip-1"));
    });
    assert_eq!(twice, "eip.a and eip.b have the same ID eip-1");

    let itself = with(&|snapshot| {
        let resource = snapshot.resources.get_mut(&eip("a")).unwrap();
        resource.dependencies.push(eip("a"));
    });
    assert_eq!(itself, "eip.a depends on itself");

    let intent = with(&|snapshot| snapshot.open_intents.push(snapshot.open_intents[0].clone()));
    assert_eq!(intent, "eip.b: intent 1 is already pending");

    let secret = with(&|snapshot| {
        let resource = snapshot.resources.get_mut(&eip("a")).unwrap();
        let secret = Value::list(vec![Value::from("hunter2").into_sensitive()]);
        Arc::make_mut(&mut resource.observed).insert("password".into(), secret);
    });
    assert!(secret.contains("`eip.a.password`"), "{secret}");
    assert!(!secret.contains("hunter2"), "{secret}");

    let unknown = with(&|snapshot| {
        let output = OutputState {
            value: Value::Unknown,
            sensitive: false,
        };
        snapshot.outputs.insert("ip".to_owned(), output);
    });
    assert!(unknown.contains("`output.ip`"), "{unknown}");
}

#[test]
fn two_fresh_snapshots_are_two_states() {
    let (a, b) = (
        Snapshot::new_random().unwrap(),
        Snapshot::new_random().unwrap(),
    );
    assert_ne!(a.lineage, b.lineage);
    assert_ne!(a.digest_key, b.digest_key);
}

#[test]
fn what_is_removed_and_kept_by_the_cloud_is_remembered_until_it_comes_back() {
    let removed = |label: &str| Record::Removed {
        address: eip(label),
        time: "2026-01-02T03:04:05Z".to_owned(),
    };
    let two = [recorded("web", "eip-1"), recorded("db", "eip-2")];
    let mut records = two.to_vec();
    records.extend([removed("web"), Record::Missing { address: eip("db") }]);
    let snapshot = after(&records);
    assert!(snapshot.resources.is_empty());
    let ids: Vec<&String> = snapshot.removed.keys().collect();
    assert_eq!(ids, ["eip-1"]);
    assert_eq!(snapshot.removed["eip-1"].address, eip("web"));
    assert!(snapshot.removed["eip-1"].at.is_some());

    records.push(recorded("front", "eip-1"));
    assert!(after(&records).removed.is_empty());
}

#[test]
fn records_of_an_earlier_version_remember_removed_resources_but_not_moved_ones() {
    let removed = Record::ResourceRemoved {
        address: eip("web"),
    };
    let left = after(&[recorded("web", "eip-1"), removed.clone()]);
    assert_eq!(left.removed["eip-1"].at, None);
    let moved = [
        recorded("web", "eip-1"),
        removed,
        recorded("front", "eip-1"),
    ];
    assert!(after(&moved).removed.is_empty());
}

/// Covers snapshots of an earlier version, which recorded `true` or nothing.
#[test]
fn a_protection_that_an_earlier_version_recorded_is_read() {
    let state = with_name(Value::from("web"));
    let mut json = serde_json::to_value(&state).unwrap();
    assert!(json.get("prevent_destroy").is_none());
    for recorded in [true, false] {
        json["prevent_destroy"] = recorded.into();
        let read: ResourceState = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(read.prevent_destroy, Some(recorded));
    }
}

fn with_name(name: Value) -> ResourceState {
    ResourceState {
        applied: Arc::new(Map::from_iter([("name".into(), name)])),
        ..resource("eip-1")
    }
}

fn sensitive(snapshot: &Snapshot) -> Vec<String> {
    let paths = snapshot.resources[&eip("web")].sensitive.iter();
    paths.map(ToString::to_string).collect()
}

#[test]
fn what_was_sensitive_is_remembered_as_long_as_the_address_is_used() {
    let record = |state: ResourceState| Record::ResourceUpdated {
        address: eip("web"),
        state: Box::new(state),
    };
    let secret = with_name(Value::Digest("hmac-sha256:x".into()));
    let plain = with_name("front".into());
    let mut other = plain.clone();
    other.id = Some("eip-2".to_owned());
    let missing = Record::Missing {
        address: eip("web"),
    };
    let deleted = [
        intention(
            FIRST,
            "web",
            IntentKind::Delete {
                id: "eip-1".to_owned(),
            },
        ),
        Record::IntentFinished {
            intent: FIRST,
            address: eip("web"),
            outcome: IntentOutcome::Done { state: None },
        },
    ];
    let (before, after_it) = (record(secret), record(other));
    let again = |between: &[Record]| {
        let first = [before.clone(), record(plain.clone())];
        after(&[&first, between, std::slice::from_ref(&after_it)].concat())
    };
    for between in [
        &[][..],
        &[record(plain.clone())],
        std::slice::from_ref(&missing),
        &deleted,
    ] {
        let snapshot = again(between);
        assert_eq!(sensitive(&snapshot), ["name"], "{between:?}");
        assert!(snapshot.formerly_sensitive.is_empty());
    }
    let empty = after(&[before.clone(), missing.clone()]);
    assert_eq!(empty.sensitive_at(&eip("web")).len(), 1);
    let document = empty.to_document().unwrap();
    let read = Snapshot::from_document(document.as_bytes(), std::path::Path::new("state.json"));
    assert_eq!(read.unwrap().formerly_sensitive, empty.formerly_sensitive);
    let removed = Record::Removed {
        address: eip("web"),
        time: String::new(),
    };
    assert_eq!(sensitive(&after(&[before, removed, after_it])), [""; 0]);
}

#[test]
fn an_update_with_unknown_outcome_leaves_what_it_would_make_sensitive() {
    let update = IntentKind::Update {
        attributes: vec!["name".to_owned()],
        ready_by: None,
        sensitive: BTreeSet::from([Path::root().name("name")]),
        unreported: None,
    };
    let open = [
        recorded("web", "eip-1"),
        intention(FIRST, "web", update),
        failed(FIRST, "web"),
    ];
    assert_eq!(sensitive(&after(&open)), ["name"]);
}

#[test]
fn a_change_that_is_done_leaves_the_replacements_that_it_triggers_pending() {
    let outcomes = [
        IntentOutcome::Done { state: None },
        IntentOutcome::Failed {
            message: "refused".to_owned(),
        },
    ];
    for (outcome, is_pending) in outcomes.into_iter().zip([true, false]) {
        let mut snapshot = after(&[recorded("db", "eip-1"), recorded("app", "eip-2")]);
        let intent = IntentId::new(1);
        let records = [
            Record::Intent {
                intent,
                address: eip("db"),
                kind: IntentKind::Delete {
                    id: "eip-1".to_owned(),
                },
                time: "2026-01-02T03:04:05Z".to_owned(),
                token: None,
            },
            Record::Triggers {
                intent,
                address: eip("db"),
                dependents: vec![eip("app"), eip("nowhere")],
            },
            Record::Moved {
                to: [(eip("app"), eip("site"))].into(),
            },
            Record::IntentFinished {
                intent,
                address: eip("db"),
                outcome,
            },
        ];
        for record in &records {
            snapshot.apply(record).unwrap();
        }
        let pending = &snapshot.resources[&eip("site")].replacement_pending;
        assert_eq!(pending.as_ref(), is_pending.then_some(&eip("db")));
        assert!(!snapshot.resources.contains_key(&eip("nowhere")));
    }
}
