//! A state on a server that speaks the protocol of Terraform's `http` backend, GitLab for example.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use eci_backend::{HttpBackend, HttpSettings, LockTiming, OpenOptions, ReaderKey, SecretKey};
use eci_core::{Address, Kind};
use eci_sandbox::{Fault, Rule};
use eci_state::{Holder, IntentId, IntentKind, Record, ResourceState, Store as _};
use eci_tests::Cloud;
use eci_tests::machines::{Machine, Place};
use eci_tests::state_server::{PASSWORD, ServerFault, StateServer, USER};
use serde_json::{Value, json};

const CREATE: &str = "createContainerGroup";

/// Runs a test on two machines with a state in each form of the protocol.
fn on_each_form(names: &[&str], test: impl Fn(&StateServer, &Cloud, [&Machine<'_>; 2])) {
    for form in [Place::Http, Place::GitLab] {
        let place = form(StateServer::start());
        let cloud = Cloud::start();
        let machine = || place.machine(&cloud, names);
        let (Place::Http(server) | Place::GitLab(server)) = &place else {
            unreachable!("both are servers")
        };
        test(server, &cloud, [&machine(), &machine()]);
    }
}

#[test]
fn two_machines_share_a_state() {
    on_each_form(&["web"], |server, cloud, [one, two]| {
        one.apply().run().exits(0);
        assert_eq!(server.lock_of("shop"), None);
        two.plan().run().exits(0).says("No changes.");
        let listed = two.eci("state list").run().exits(0);
        assert_eq!(listed.stdout, "container_group.web\n");
        two.destroy().run().exits(0);
        one.plan().run().exits(2).says("1 to create");
        assert!(cloud.names().is_empty());
        let document = server.document("shop").unwrap();
        let text = String::from_utf8(document.clone()).unwrap();
        assert!(!text.contains("container_group"), "it is encrypted");
        let document: Value = serde_json::from_slice(&document).unwrap();
        assert!(document["serial"].as_u64().unwrap() > 2);
        assert!(!one.project.path().join("state/state.json").exists());
    });
}

#[test]
fn a_run_that_may_be_alive_is_to_be_ended_where_its_lock_is_removed() {
    on_each_form(&["web"], |server, _, [one, _]| {
        let lock = json!({
            "ID": "4711", "Operation": "eci apply", "Info": "process 7", "Who": "build-7",
            "Version": "eci", "Created": "2026-11-29T04:38:58Z", "Path": "",
        });
        server.lock("shop", lock);
        let removed = one.eci("force-unlock 4711").run().exits(0);
        removed
            .says("Removed the lock of `eci apply`")
            .says("If it is still running, end it before the next run");
        assert_eq!(server.lock_of("shop"), None);
    });
}

#[test]
fn another_machine_continues_after_the_lock_was_released() {
    on_each_form(&["one", "three", "two"], |server, cloud, [one, two]| {
        cloud.fail([Rule::new(CREATE, Fault::Hang).nth(2)]);
        let apply = one.apply().start();
        apply.until("at the second create", || cloud.calls(CREATE) == 2);
        let refused = two.apply().run().exits(1);
        refused.says("is locked by `eci-apply");
        let shown = two.eci("force-unlock").run().exits(0);
        shown.says("is locked by").says("with `kill ");
        apply.kill();
        cloud.heal();
        let id = server.lock_of("shop").unwrap()["ID"]
            .as_str()
            .unwrap()
            .to_owned();
        let remedy = format!("run `eci force-unlock {id}` to remove the lock");
        for refused in [two.apply().run().exits(1), two.eci("force-unlock").run()] {
            let refused = refused.says("process has ended");
            assert!(
                refused.stderr.replace('\n', " ").contains(&remedy),
                "{refused}"
            );
        }
        two.eci("force-unlock another").run().exits(1);
        two.eci(&format!("force-unlock {id}")).run().exits(0);
        two.eci(&format!("force-unlock {id}"))
            .run()
            .exits(1)
            .says("is not locked");
        two.eci("force-unlock").run().exits(0).says("is not locked");
        two.apply().run().exits(0);
        assert_eq!(cloud.created(), ["one", "three", "two"]);
        two.plan().run().exits(0).says("No changes.");
    });
}

#[test]
fn lost_answers_and_busy_servers_change_nothing() {
    on_each_form(&["one", "two"], |server, cloud, [machine, _]| {
        let (lock, unlock) = match &*machine.project.read("main.eci.toml") {
            text if text.contains("/api/v4/") => ("POST", "DELETE"),
            _ => ("LOCK", "UNLOCK"),
        };
        for method in [lock, "POST", "POST", unlock] {
            server.fail(method, ServerFault::LoseAnswer);
        }
        machine.apply().run().exits(0);
        for status in [503, 429, 500] {
            server.fail("GET", ServerFault::Status(status));
        }
        machine.plan().run().exits(0).says("No changes.");
        server.fail("POST", ServerFault::LoseAnswer);
        server.fail("POST", ServerFault::LoseAnswer);
        machine.destroy().run().exits(0);
        assert!(server.has_failed());
        assert_eq!(cloud.created(), ["one", "two"]);
        assert_eq!(server.lock_of("shop"), None);
    });
}

#[test]
fn a_server_that_is_down_or_refuses_is_named_with_a_fix() {
    let place = Place::Http(StateServer::start());
    let cloud = Cloud::start();
    let machine = place.machine(&cloud, &["web"]);
    let Place::Http(server) = &place else {
        unreachable!("it is a server")
    };
    let wrong = machine.plan().env("TF_HTTP_PASSWORD", "hush hush");
    let wrong = wrong.run().exits(1).says("denied access").says("401");
    wrong.says("TF_HTTP_PASSWORD");
    for _ in 0..6 {
        server.fail("LOCK", ServerFault::Status(503));
    }
    let down = machine.apply().run().exits(1);
    down.says("the store is unavailable: 503").says("help:");
    let terraform = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"l","outputs":{},"resources":[]}"#;
    server.overwrite("shop", terraform.as_bytes());
    let foreign = machine.plan().run().exits(1);
    foreign.says("contains the state of another program");
    assert_eq!(server.document("shop").unwrap(), terraform.as_bytes());
    server.overwrite("shop", b"{}");
    machine.plan().run().exits(1).says("is damaged");

    let manifest = machine.project.read("main.eci.toml");
    let bare: String = manifest
        .lines()
        .filter(|line| !line.starts_with("lock_address"))
        .map(|line| format!("{line}\n"))
        .collect();
    machine.project.write("main.eci.toml", &bare);
    machine
        .plan()
        .run()
        .exits(1)
        .says("missing key `lock_address`");
    let no_url = manifest.replace("address = \"http", "address = \"nowhere");
    machine.project.write("main.eci.toml", &no_url);
    machine.plan().run().exits(1).says("is not a URL");
}

fn backend(server: &StateServer, name: &str) -> HttpBackend {
    let address = |suffix: &str| format!("{}{suffix}", server.address(name)).parse().unwrap();
    let mut settings = HttpSettings::new(address(""), address("/lock"));
    settings.username = Some(USER.to_owned());
    settings.password = Some(PASSWORD.into());
    settings.retry_max = 1;
    settings.retry_wait_min = Duration::ZERO;
    settings.retry_wait_max = Duration::ZERO;
    let mut timing = LockTiming::default();
    timing.lease = Duration::from_secs(2);
    timing.renewal = Duration::from_millis(100);
    timing.call = Duration::from_millis(500);
    timing.margin = Duration::from_millis(100);
    let http = eci_tests::servers::http_client();
    let readers = vec![ReaderKey::Key(SecretKey::new([7; 32]))];
    HttpBackend::new(settings, http, readers).with_timing(timing)
}

fn options() -> OpenOptions {
    OpenOptions::new(Holder::current_process("eci apply"))
}

fn intent(number: u64) -> Record {
    Record::Intent {
        intent: IntentId::new(number),
        address: Address::new(Kind::Eip, format!("eip-{number}")),
        kind: IntentKind::Delete { id: "e".to_owned() },
        time: "2026-01-01T00:00:00Z".to_owned(),
        token: None,
    }
}

#[test]
fn no_operation_begins_on_a_state_that_is_too_large_but_outcomes_are_recorded() {
    let server = StateServer::start();
    let backend = backend(&server, "large").with_largest(4 << 10);
    let mut store = backend.open(options(), |_| {}).unwrap();
    store.append(&[intent(1)]).unwrap();
    store.flush().wait().unwrap();
    let outcome = Record::ResourceUpdated {
        address: Address::new(Kind::Eip, "large"),
        state: Box::new(ResourceState {
            id: Some("x".repeat(8 << 10)),
            ..ResourceState::default()
        }),
    };
    store.append(&[outcome]).unwrap();
    store.flush().wait().unwrap();
    let error = store.append(&[intent(2)]).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("too large for `[backend.http]`"),
        "{message}"
    );
    assert!(message.contains("the limit is 4 KiB"), "{message}");
    store.close().unwrap();
    let read = backend.read().unwrap().unwrap();
    assert_eq!(read.resources.len(), 1);
}

#[test]
fn a_run_whose_lock_was_taken_stops_before_its_next_call() {
    let server = StateServer::start();
    let backend = backend(&server, "shop");
    let mut store = backend.open(options(), |_| {}).unwrap();
    store.append(&[intent(1)]).unwrap();
    store.flush().wait().unwrap();
    let guard = store.guard();
    guard().unwrap();
    server.break_lock("shop");
    store.append(&[intent(2)]).unwrap();
    let error = store.flush().wait().unwrap_err();
    assert!(error.to_string().contains("has taken over"), "{error}");
    assert!(guard().is_err());
    drop(store);

    // Without anything to write, the document of another run is noticed.
    let idle = backend.open(options(), |_| {}).unwrap();
    let guard = idle.guard();
    guard().unwrap();
    server.break_lock("shop");
    let mut other = backend.open(options(), |_| {}).unwrap();
    other.append(&[intent(3)]).unwrap();
    other.flush().wait().unwrap();
    let began = std::time::Instant::now();
    while guard().is_ok() {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(server.lock_of("shop").is_some());
    drop(idle);
    assert!(
        server.lock_of("shop").is_some(),
        "it is the lock of another run"
    );
    other.close().unwrap();
    assert!(server.lock_of("shop").is_none());
}

#[test]
fn one_round_writes_one_document() {
    let server = StateServer::start();
    let backend = backend(&server, "shop");
    let mut store = backend.open(options(), |_| {}).unwrap();
    let writes = || {
        let requests = server.requests();
        requests.iter().filter(|it| it.method == "POST").count()
    };
    for number in 1..=20 {
        store.append(&[intent(number)]).unwrap();
    }
    store.flush().wait().unwrap();
    assert_eq!(writes(), 1);
    store.close().unwrap();
    assert!(writes() <= 2);
}
