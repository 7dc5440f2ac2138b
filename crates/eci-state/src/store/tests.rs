//! Behavior common to all stores.

use std::sync::Arc;

use eci_core::{Map, Serial, Value};
use proptest::prelude::*;

use super::*;
use crate::holder::Holder;
use crate::local::LocalStore;
use crate::resource::ResourceState;
use crate::testing::{create, done, eip, failed, recorded, resource, run};

fn for_every_store(check: impl Fn(&mut dyn Store)) {
    check(&mut MemoryStore::new(Snapshot::new_random().unwrap()));
    let directory = tempfile::tempdir().unwrap();
    check(&mut LocalStore::open(directory.path(), Holder::current_process("test")).unwrap());
}

#[test]
fn records_of_one_append_are_kept_or_lost_together() {
    for_every_store(|store| {
        let intent = store.next_intent();
        store
            .append(&[create(intent, "web"), done(intent, "web", Some("eip-1"))])
            .unwrap();
        let before = store.snapshot().clone();
        assert_eq!(before.resources[&eip("web")], resource("eip-1"));

        let error = store
            .append(&[recorded("db", "eip-2"), failed(intent, "web")])
            .unwrap_err();
        assert!(matches!(error, StateError::InvalidRecord(_)), "{error}");
        assert_eq!(*store.snapshot(), before);
    });
}

#[test]
fn a_value_that_may_not_be_stored_is_refused_and_changes_nothing() {
    let values = [Value::from("hunter2").into_sensitive(), Value::Unknown];
    for value in values {
        for_every_store(|store| {
            let before = store.snapshot().clone();
            let state = ResourceState {
                applied: Arc::new(Map::from_iter([("password".into(), value.clone())])),
                ..ResourceState::default()
            };
            let address = eip("web");
            let state = Box::new(state);
            let error = store
                .append(&[Record::ResourceUpdated { address, state }])
                .unwrap_err();
            assert!(
                matches!(error, StateError::NotSerializable { .. }),
                "{error}"
            );
            assert!(error.to_string().contains("eip.web"), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            assert_eq!(*store.snapshot(), before);
        });
    }
}

#[test]
fn compacting_counts_the_serial_up_only_after_a_change() {
    for_every_store(|store| {
        let serial = |store: &mut dyn Store| {
            store.compact().unwrap();
            store.snapshot().serial
        };
        assert_eq!(serial(store), Serial(0));
        store.append(&[recorded("web", "eip-1")]).unwrap();
        assert_eq!(serial(store), Serial(1));
        assert_eq!(serial(store), Serial(1));
        // The same again, and a failed intent, leave the state as it is.
        let intent = store.next_intent();
        let nothing = [
            recorded("web", "eip-1"),
            create(intent, "db"),
            failed(intent, "db"),
            Record::ResourceRemoved {
                address: eip("none"),
            },
        ];
        store.append(&nothing).unwrap();
        assert_eq!(serial(store), Serial(1));
        let intent = store.next_intent();
        store.append(&[create(intent, "db")]).unwrap();
        assert_eq!(serial(store), Serial(2));
        store.append(&[failed(intent, "db")]).unwrap();
        assert_eq!(serial(store), Serial(3));
    });
}

#[test]
fn an_open_intent_outlives_compaction_and_its_number_is_not_given_again() {
    for_every_store(|store| {
        let intent = store.next_intent();
        store.append(&[create(intent, "web")]).unwrap();
        store.compact().unwrap();
        assert_eq!(store.snapshot().open_intents[0].intent, intent);
        assert_ne!(store.next_intent(), intent);
        store.append(&[done(intent, "web", Some("eip-1"))]).unwrap();
        assert!(store.snapshot().open_intents.is_empty());
    });
}

#[test]
fn memory_reports_what_a_crash_would_leave() {
    let mut store = MemoryStore::new(Snapshot::new_random().unwrap());
    store.append(&[recorded("a", "eip-1")]).unwrap();
    store.flush().wait().unwrap();
    store.append(&[recorded("b", "eip-2")]).unwrap();
    assert_eq!(store.flushed(), [recorded("a", "eip-1")]);
    assert_eq!(store.journal().len(), 2);
    store.compact().unwrap();
    assert!(store.journal().is_empty() && store.flushed().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_store_comes_to_the_same_state(steps in run()) {
        let directory = tempfile::tempdir().unwrap();
        let mut local = LocalStore::open(directory.path(), Holder::current_process("test")).unwrap();
        let mut memory = MemoryStore::new(local.snapshot().clone());
        for step in steps {
            step.take(&mut local);
            step.take(&mut memory);
            prop_assert_eq!(local.snapshot(), memory.snapshot());
        }
        prop_assert_eq!(local.next_intent(), memory.next_intent());
    }
}
