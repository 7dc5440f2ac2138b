//! The lock of a state: held, released, broken, expired, superseded.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use eci_backend::{Creation, LockWait, LogBackend, LogDevice as _, LogStore, MemoryDevice, Series};
use eci_state::{Holder, IntentKind, Record, RemoteError, StateError, Store};

use crate::world::{backend, creating_by, eip, key, options, timing, updated};

#[test]
fn a_run_keeps_others_out_until_it_ends() {
    let device = MemoryDevice::default();
    let first = backend(device.clone())
        .open(options("first"), |_| {})
        .unwrap();
    let refused = backend(device.clone()).open(options("second"), |_| {});
    let Err(StateError::RemoteLockHeld { holder, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(holder.command, "first");
    assert_eq!(backend(device.clone()).holder().unwrap(), Some(*holder));
    first.close().unwrap();
    assert_eq!(backend(device.clone()).holder().unwrap(), None);
    let second = backend(device.clone())
        .open(options("second"), |_| {})
        .unwrap();
    drop(second);
    backend(device).open(options("third"), |_| {}).unwrap();
}

#[test]
fn a_store_that_overwrites_is_refused_before_anything_is_written() {
    let device = MemoryDevice::default();
    let overwriting = creating_by(&device, |device, id, bytes| {
        device.overwrite(id, bytes);
        Box::pin(async { Ok(Creation::Created) })
    });
    let refused = backend(overwriting).open(options("first"), |_| {});
    let Err(StateError::Remote(error @ RemoteError::Overwrites { .. })) = refused else {
        panic!("{refused:?}");
    };
    assert!(error.help().to_string().contains("versioning"));
    assert!(device.contents().is_empty());
}

#[test]
fn a_run_waits_for_another_one() {
    let device = MemoryDevice::default();
    let first = backend(device.clone())
        .open(options("first"), |_| {})
        .unwrap();
    let ending = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        first.close().unwrap();
    });
    let mut waited = Vec::new();
    let mut second = options("second");
    second.timeout = Duration::from_secs(20);
    let second = backend(device).open(second, |wait| {
        if let LockWait::Held(Some(holder)) = wait {
            waited.push(holder.command.clone());
        }
    });
    second.unwrap();
    ending.join().unwrap();
    assert_eq!(waited, ["first"]);
}

#[test]
fn an_idle_run_renews_its_lease() {
    let device = MemoryDevice::default();
    let mut store = backend(device.clone())
        .open(options("first"), |_| {})
        .unwrap();
    let guard = store.guard();
    for _ in 0..6 {
        std::thread::sleep(timing().lease / 3);
        guard().unwrap();
    }
    store.append(&[updated("a", "eip-1")]).unwrap();
    store.flush().wait().unwrap();
}

#[test]
fn a_superseded_run_writes_nothing_and_may_not_call() {
    let device = MemoryDevice::default();
    let mut first = backend(device.clone())
        .open(options("first"), |_| {})
        .unwrap();
    first.append(&[updated("a", "eip-1")]).unwrap();
    first.flush().wait().unwrap();
    let other = backend(device.clone());
    let holder = other.holder().unwrap().unwrap();
    assert!(
        other
            .break_lock("another", &Holder::current_process("eci"))
            .is_err()
    );
    other
        .break_lock(&holder.id, &Holder::current_process("eci"))
        .unwrap();

    first.append(&[updated("b", "eip-2")]).unwrap();
    let refused = first.flush().wait();
    assert!(matches!(
        refused,
        Err(StateError::Remote(RemoteError::Superseded { .. }))
    ));
    assert!(first.guard()().is_err());
    assert!(first.compact().is_err());
    drop(first);
    let state = other.read().unwrap().unwrap();
    assert!(state.resources.contains_key(&eip("a")));
    assert!(!state.resources.contains_key(&eip("b")));
}

#[test]
fn a_run_that_slept_does_not_take_a_number_whose_entry_was_removed() {
    let device = MemoryDevice::default();
    let mut asleep = timing();
    asleep.renewal = Duration::from_secs(60);
    let mut first = LogBackend::new(Arc::new(device.clone()), vec![key()])
        .with_timing(asleep)
        .open(options("first"), |_| {})
        .unwrap();
    let other = backend(device.clone());
    let holder = other.holder().unwrap().unwrap();
    other
        .break_lock(&holder.id, &Holder::current_process("eci"))
        .unwrap();
    for number in 0..6 {
        let mut next = other.open(options("next"), |_| {}).unwrap();
        let id = format!("eip-{number}");
        next.append(&[updated("a", &id)]).unwrap();
        next.compact().unwrap();
        next.close().unwrap();
    }

    first.append(&[updated("b", "eip-b")]).unwrap();
    let refused = first.flush().wait();
    assert!(
        matches!(
            refused,
            Err(StateError::Remote(RemoteError::Superseded { .. }))
        ),
        "{refused:?}"
    );
    assert!(first.guard()().is_err());
    drop(first);
    let state = other.read().unwrap().unwrap();
    assert_eq!(state.resources[&eip("a")].id.as_deref(), Some("eip-5"));
    assert!(!state.resources.contains_key(&eip("b")));
}

/// Stops without releasing the lock, as a machine that is switched off.
fn dies(device: &MemoryDevice, unattended: bool) {
    let mut options = options("first");
    options.unattended = unattended;
    let mut store = backend(device.clone()).open(options, |_| {}).unwrap();
    let intent = Record::Intent {
        intent: store.next_intent(),
        address: eip("web"),
        kind: IntentKind::Delete {
            id: "eip-1".to_owned(),
        },
        time: "2026-01-01T00:00:00Z".to_owned(),
        token: None,
    };
    store.append(&[updated("web", "eip-1"), intent]).unwrap();
    store.flush().wait().unwrap();
    store.abandon();
}

/// Returns the backend of a state whose run died, and whose lock a person has released.
fn unlocked_after_death() -> LogBackend {
    let device = MemoryDevice::default();
    dies(&device, false);
    let backend = backend(device);
    let holder = backend.holder().unwrap().unwrap();
    backend
        .break_lock(&holder.id, &Holder::current_process("eci force-unlock"))
        .unwrap();
    backend
}

#[test]
fn a_person_takes_over_from_a_dead_run_once_its_calls_are_over() {
    let device = MemoryDevice::default();
    dies(&device, false);
    std::thread::sleep(timing().lease + 2 * timing().margin);
    let backend = backend(device);
    // However long it has been silent: a person's machine may only be asleep.
    let held = backend.open(options("second"), |_| {}).unwrap_err();
    let help = held.help().unwrap();
    assert!(help.en().contains("`eci force-unlock "), "{}", help.en());
    let holder = backend.holder().unwrap().unwrap();
    backend
        .break_lock(&holder.id, &Holder::current_process("eci force-unlock"))
        .unwrap();
    let store = backend.open(options("second"), |_| {}).unwrap();
    assert_eq!(store.previous_holder(), Some(&holder));
    assert_eq!(store.snapshot().open_intents.len(), 1);
}

#[test]
fn an_unattended_run_is_succeeded_once_its_lease_has_expired() {
    let device = MemoryDevice::default();
    dies(&device, true);
    let backend = backend(device);
    let held = backend.open(options("second"), |_| {}).unwrap_err();
    let help = held.help().unwrap();
    assert!(help.en().contains("its lock expires in "), "{}", help.en());
    assert!(!help.en().contains("force-unlock"), "{}", help.en());
    let StateError::RemoteLockHeld { expires_in, .. } = held else {
        panic!("{held}");
    };
    let longest = timing().lease + timing().margin;
    assert!(expires_in.is_some_and(|left| left <= longest));
    let mut second = options("second");
    second.timeout = Duration::from_secs(30);
    let began = std::time::Instant::now();
    let store = backend.open(second, |_| {}).unwrap();
    assert!(began.elapsed() >= timing().until_quiet() - Duration::from_millis(500));
    assert_eq!(store.snapshot().open_intents.len(), 1);
}

#[test]
fn a_successor_waits_until_no_call_of_a_dead_run_can_take_effect() {
    let backend = unlocked_after_death();
    let mut quiet = None;
    let began = std::time::Instant::now();
    let store = backend.open(options("second"), |wait| {
        if let LockWait::Quiet { time, left } = wait {
            assert!(left.is_some());
            quiet = Some(time);
        }
    });
    store.unwrap();
    let expected = timing().until_quiet() - Duration::from_millis(500);
    assert!(quiet.is_some_and(|quiet| quiet > expected), "{quiet:?}");
    assert!(began.elapsed() >= expected);
}

#[track_caller]
fn assert_withdrawn(opened: Result<LogStore, StateError>) {
    let Err(StateError::Remote(RemoteError::Withdrawn { .. })) = opened else {
        panic!("{opened:?}");
    };
}

#[test]
fn a_run_whose_request_is_withdrawn_has_no_lock() {
    let device = MemoryDevice::default();
    let store = backend(device.clone()).open(options("first"), |_| {});
    store.unwrap().close().unwrap();
    let before = device.contents();
    let withdrawn = options("withdrawn");
    assert!(withdrawn.request.withdraw());
    assert_withdrawn(backend(device.clone()).open(withdrawn, |_| {}));
    assert_eq!(device.contents(), before);

    // The entry of the lock is in flight.
    let (sender, creates) = mpsc::channel();
    let reporting = creating_by(&device, move |device, id, bytes| {
        if id.series == Series::Log {
            // No one waits for later entries.
            let _ = sender.send(());
        }
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            device.create(id, bytes).await
        })
    });
    let reporting = backend(reporting);
    let withdrawn = options("withdrawn");
    let request = withdrawn.request.clone();
    let opening = std::thread::spawn(move || reporting.open(withdrawn, |_| {}));
    creates.recv().unwrap();
    assert!(!request.withdraw());
    assert_withdrawn(opening.join().unwrap());
    assert!(!request.is_sent());
    assert!(device.contents().len() > before.len());
    assert_eq!(backend(device).holder().unwrap(), None);
}

#[test]
fn a_run_that_waits_for_calls_of_another_one_ends_when_its_request_is_withdrawn() {
    let backend = unlocked_after_death();
    let second = options("second");
    let request = second.request.clone();
    let began = std::time::Instant::now();
    assert_withdrawn(backend.open(second, |wait| {
        assert!(matches!(wait, LockWait::Quiet { .. }));
        request.withdraw();
    }));
    assert!(began.elapsed() < timing().until_quiet() / 2);
    assert_eq!(backend.holder().unwrap(), None);
}
