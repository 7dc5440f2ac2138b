//! A state that several machines share: directories that have nothing in common but the manifests, the
//! store, its key, and the credentials of the cloud.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::time::Duration;

use eci_sandbox::{ChangeKind, Fault, Rule};
use eci_tests::machines::{Machine, Place, manifests};
use eci_tests::servers::{Bucket as _, Moto, Postgres, SeaweedFs};
use eci_tests::tcp_proxy::TcpProxy;
use eci_tests::{Cloud, Eci, Project, RunningProgram, binaries};

const CREATE: &str = "createContainerGroup";

/// Runs a test on two machines with a state in this place.
fn on(place: &Place, names: &[&str], test: impl FnOnce(&Cloud, &Machine<'_>, &Machine<'_>)) {
    let cloud = Cloud::start();
    let machine = || place.machine(&cloud, names);
    test(&cloud, &machine(), &machine());
}

/// Runs a test on two machines with a state in PostgreSQL.
fn on_postgres(names: &[&str], test: impl FnOnce(&Cloud, &Machine<'_>, &Machine<'_>)) {
    if let Some(server) = Postgres::start() {
        on(&Place::Postgres(server), names, test);
    }
}

/// Runs a test on two machines with a state in a bucket.
fn on_a_bucket(names: &[&str], test: impl FnOnce(&Cloud, &Machine<'_>, &Machine<'_>)) {
    if let Some(server) = SeaweedFs::start() {
        on(&Place::Bucket(server), names, test);
    }
}

/// Runs a test on two machines with a state in PostgreSQL, the first one behind a network that can be cut.
fn on_postgres_behind_a_network(test: impl FnOnce(&Cloud, &Machine<'_>, &Machine<'_>, &TcpProxy)) {
    let Some(server) = Postgres::start() else {
        return;
    };
    let cloud = Cloud::start();
    let network = TcpProxy::start(server.port());
    let machine = |port| Machine {
        project: Project::new(&manifests("[backend.postgres]", &["one", "three", "two"])),
        cloud: &cloud,
        variables: server.variables_at(port),
    };
    test(
        &cloud,
        &machine(network.port()),
        &machine(server.port()),
        &network,
    );
}

/// Checks that one machine knows what the other one applies.
fn machines_know_of_each_other(cloud: &Cloud, one: &Machine<'_>, two: &Machine<'_>) {
    one.apply().run().exits(0);
    two.plan().run().exits(0).says("No changes.");
    let listed = two.eci("state list").run().exits(0);
    assert_eq!(listed.stdout, "container_group.web\n");
    two.destroy().run().exits(0);
    one.plan().run().exits(2).says("1 to create");
    assert!(cloud.names().is_empty());
    assert!(!one.project.path().join("state").join("state.json").exists());
}

#[test]
fn two_machines_share_a_state_in_postgresql() {
    on_postgres(&["web"], machines_know_of_each_other);
}

#[test]
fn two_machines_share_a_state_in_a_bucket() {
    on_a_bucket(&["web"], machines_know_of_each_other);
}

#[test]
fn a_shared_state_of_the_sandbox_is_refused_where_the_sandbox_is_on_another_machine() {
    on_postgres(&["web"], |_, one, two| {
        one.eci("apply --sandbox --auto-approve").run().exits(0);
        one.eci("plan --sandbox").run().exits(0).says("No changes.");
        let refused_commands = [
            "apply --sandbox --auto-approve",
            "refresh --sandbox --auto-approve",
            "plan --sandbox",
            "status --sandbox",
        ];
        for command in refused_commands {
            let refused = two.eci(command).run().exits(1);
            let refused = refused.says("are in the sandbox of another machine");
            refused.says("eci sandbox serve");
        }
        two.eci("plan").run().exits(1).says("of the sandbox");
        // The sandbox of this machine does not have them either.
        let shared = two.project.read("main.eci.toml");
        let _ = std::fs::remove_file(two.project.path().join("state/places.json"));
        two.project.write("main.eci.toml", &manifests("", &["web"]));
        two.eci("apply --sandbox --auto-approve").run().exits(0);
        two.eci("destroy --sandbox --auto-approve").run().exits(0);
        two.project.write("main.eci.toml", &shared);
        for command in refused_commands {
            let refused = two.eci(command).run().exits(1);
            refused.says("are in the sandbox of another machine");
        }
        one.eci("plan --sandbox").run().exits(0).says("No changes.");
        one.eci("destroy --sandbox --auto-approve").run().exits(0);
        two.eci("plan --sandbox").run().exits(0).says("1 to create");
    });
}

#[test]
fn a_damaged_file_of_what_a_machine_knows_is_reported() {
    on_postgres(&["web"], |_, one, _| {
        one.apply().run().exits(0);
        for file in ["state/heads.json", "state/places.json"] {
            let whole = one.project.read(file);
            for text in [&whole[..whole.len() / 2], "", "garbage"] {
                one.project.write(file, text);
                for command in [one.plan(), one.apply()] {
                    let refused = command.run().exits(1);
                    refused
                        .says(&format!("the file `{file}` is damaged"))
                        .says(&format!("then delete `{file}`"));
                }
                let chinese = one.plan().args(["--lang", "zh"]).run().exits(1);
                chinese.says("已损坏");
            }
            std::fs::remove_file(one.project.path().join(file)).unwrap();
            one.plan().run().exits(0).says("No changes.");
            one.project.write(file, &whole);
            one.plan().run().exits(0).says("No changes.");
        }
    });
}

/// One machine dies in the middle of an apply and never comes back.
fn another_machine_continues(cloud: &Cloud, one: &Machine<'_>, two: &Machine<'_>) {
    cloud.fail([Rule::new(CREATE, Fault::Hang).nth(2)]);
    let apply = one.apply().start();
    apply.until("at the second create", || cloud.calls(CREATE) == 2);

    // While it lives, it keeps others out.
    let refused = two.apply().run().exits(1);
    let refused = refused.says("is locked by `eci-apply");
    apply.kill();
    cloud.heal();

    let id = refused.stderr.split("lock ").nth(1).unwrap();
    let id = id.split(')').next().unwrap();
    two.apply().run().exits(1).says("is locked by `eci-apply");
    two.eci("force-unlock another").run().exits(1);
    two.eci(&format!("force-unlock {id}")).run().exits(0);
    two.apply().run().exits(0);
    assert_eq!(cloud.created(), ["one", "three", "two"]);
    two.plan().run().exits(0).says("No changes.");
}

#[test]
fn another_machine_continues_on_a_state_in_postgresql() {
    on_postgres(&["one", "three", "two"], another_machine_continues);
}

#[test]
fn another_machine_continues_on_a_state_in_a_bucket() {
    on_a_bucket(&["one", "three", "two"], another_machine_continues);
}

#[test]
fn a_pipeline_succeeds_one_that_died_without_a_person() {
    on_postgres(&["one", "three", "two"], |cloud, one, two| {
        cloud.fail([Rule::new(CREATE, Fault::Hang).nth(2)]);
        let apply = one.apply().env("CI", "true").start();
        apply.until("at the second create", || cloud.calls(CREATE) == 2);
        apply.kill();
        cloud.heal();
        let next = two.apply().env("CI", "true");
        next.args(["--lock-timeout", "30s"]).run().exits(0);
        assert_eq!(cloud.created(), ["one", "three", "two"]);
        two.plan().run().exits(0).says("No changes.");
    });
}

#[test]
fn a_restart_of_the_database_during_an_apply_loses_nothing() {
    let Some(mut server) = Postgres::start() else {
        return;
    };
    let cloud = Cloud::start();
    let machine = Machine {
        project: Project::new(&manifests("[backend.postgres]", &["one", "three", "two"])),
        cloud: &cloud,
        variables: server.variables_at(server.port()),
    };
    let apply = machine.apply().env("ECI_LEASE_MS", "60000").start();
    apply.until("at the second create", || cloud.calls(CREATE) == 2);
    server.end_connections();
    server.restart();
    apply.wait().exits(0);
    assert_eq!(cloud.created(), ["one", "three", "two"]);
    machine.plan().run().exits(0).says("No changes.");
}

/// Returns how often each operation tag was used for a create.
fn creates_per_tag(cloud: &Cloud) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for entry in cloud.sandbox().audit_log() {
        if entry.change == ChangeKind::Create {
            let tag = entry.tags.get(eci_core::OperationTag::KEY).cloned();
            *counts.entry(tag.unwrap_or_default()).or_default() += 1;
        }
    }
    counts
}

/// Checks that nothing is created twice where an apply of the first machine has begun its first create, and
/// is kept from going on until another machine has taken over and has done all of it.
fn another_machine_takes_over(
    one: &Machine<'_>,
    two: &Machine<'_>,
    keep: impl FnOnce(&RunningProgram),
    release: impl FnOnce(&RunningProgram),
) {
    let cloud = one.cloud;
    cloud.slow_down(CREATE, Duration::from_millis(500));
    let apply = one.apply().env("CI", "true").start();
    apply.until("at the first create", || cloud.calls(CREATE) == 1);
    keep(&apply);
    let next = two.apply().env("CI", "true");
    next.args(["--lock-timeout", "50s"]).run().exits(0);
    release(&apply);
    let ended = apply.wait();
    assert_ne!(ended.code(), 0, "{ended}");
    let says = |text: &str| ended.stderr.contains(text);
    assert!(says("taken over") || says("lease of"), "{ended}");

    let counts = creates_per_tag(cloud);
    assert_eq!(counts.len(), 3, "{counts:?}");
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    assert_eq!(cloud.created(), ["one", "three", "two"]);
    two.plan().run().exits(0).says("No changes.");
}

#[test]
fn a_machine_that_loses_its_connection_and_comes_back_creates_nothing_a_second_time() {
    on_postgres_behind_a_network(|_, one, two, network| {
        another_machine_takes_over(one, two, |_| network.cut(), |_| network.join());
    });
}

/// Lets every call of the cloud take this long.
fn slow_calls(cloud: &Cloud, latency: Duration) {
    cloud.fail([Rule {
        fault: None,
        latency: Some(latency),
        ..Rule::new("*", Fault::Hang)
    }]);
}

#[test]
fn an_interrupt_while_a_state_is_opened_leaves_no_lock() {
    on_postgres_behind_a_network(|cloud, one, two, network| {
        one.apply().run().exits(0);
        slow_calls(cloud, Duration::from_secs(30));
        network.delay(Duration::from_millis(100));
        // The first ones read, then the lock is requested, and the last ones have it.
        for time in (1..=10).map(|tenth| tenth * Duration::from_millis(300)) {
            let apply = one.apply().start();
            std::thread::sleep(time);
            apply.signal("INT");
            let ended = apply.wait();
            ended.exits(130).says("Interrupted.").omits("may remain");
            two.eci("force-unlock 1")
                .run()
                .exits(1)
                .says("is not locked");
        }
    });
}

#[test]
fn a_lock_that_cannot_be_released_after_an_interrupt_is_reported() {
    on_postgres_behind_a_network(|cloud, one, two, network| {
        one.apply().run().exits(0);
        slow_calls(cloud, Duration::from_secs(30));
        let apply = one.apply().start();
        apply.until("reading the cloud", || {
            apply.so_far().1.contains("Reading the actual state")
        });
        network.cut();
        apply.signal("INT");
        apply.until("waiting for the store", || {
            apply.so_far().1.contains("Releasing the lock")
        });
        apply.signal("INT");
        let ended = apply.wait().exits(130).says("may remain");
        assert!(ended.stderr.ends_with("Interrupted.\n"), "{ended}");
        cloud.heal();
        two.apply().run().exits(1).says("eci force-unlock");
    });
}

#[test]
fn a_machine_that_sleeps_and_wakes_up_creates_nothing_a_second_time() {
    on_a_bucket(&["one", "three", "two"], |_, one, two| {
        another_machine_takes_over(
            one,
            two,
            |apply| apply.signal("STOP"),
            |apply| apply.signal("CONT"),
        );
    });
}

#[test]
fn a_create_that_no_lease_could_stop_is_reported_and_planned_away() {
    on_postgres_behind_a_network(|cloud, one, two, network| {
        // It sleeps between the check of its lease and the call.
        let sleeping = Eci::new(binaries::FAILPOINTS, one.project.path());
        let apply = one
            .with(sleeping)
            .args(["apply", "--auto-approve"])
            .args(cloud.flags())
            .args(["--parallelism", "1"])
            .env("CI", "true")
            .env("ECI_FAILPOINT", "call-checked:1")
            .env("ECI_FAILPOINT_ACTION", "suspend")
            .start();
        apply.until("suspended", || apply.is_suspended());
        assert_eq!(cloud.calls(CREATE), 0);

        cloud.slow_down(CREATE, Duration::from_secs(2));
        let next = two.apply().env("CI", "true");
        let next = next.args(["--lock-timeout", "50s"]).start();
        next.until("at the second create", || cloud.calls(CREATE) == 2);
        // It does not hear of the other one before it has sent the call.
        network.cut();
        apply.signal("CONT");
        let next = next.wait();
        assert!(next.stderr.contains("took effect more than once"), "{next}");
        let counts = creates_per_tag(cloud);
        assert_eq!(counts.values().copied().max(), Some(2), "{counts:?}");

        cloud.heal();
        network.join();
        assert_ne!(apply.wait().code(), 0);
        two.plan().run().exits(2).says("1 to delete");
        two.apply().run().exits(0);
        two.plan().run().exits(0).says("No changes.");
        assert_eq!(cloud.names(), ["one", "three", "two"]);
    });
}

#[test]
fn a_secret_in_place_of_the_name_of_a_variable_is_refused_and_not_shown() {
    let secret = "postgres://shop:hush@db/eci";
    for wrong in [
        format!("[backend.postgres]\nurl_env = {secret:?}\n"),
        format!("[backend.postgres]\n[[encryption.key]]\npassphrase_env = {secret:?}\n"),
        format!("[backend.postgres]\n[[encryption.key]]\nkey_env = {secret:?}\n"),
        format!(
            "[backend.http]\naddress = \"http://127.0.0.1:9/s\"\nlock_address = \"http://127.0.0.1:9/s\"\npassword_env = {secret:?}\n"
        ),
    ] {
        let project = Project::new(&wrong);
        for command in ["validate", "plan --sandbox", "state list", "init --migrate"] {
            let refused = project.eci(command).run().exits(1);
            let refused = refused.says("must be the name of an environment variable");
            assert!(!format!("{refused}").contains("hush"), "{refused}");
        }
    }
}

#[test]
fn a_secret_under_the_name_of_its_variable_is_hidden_and_has_no_edit() {
    let key = "[[encryption.key]]\n";
    let encryption = "[encryption]\n";
    for (wrong, key) in [
        (format!("{key}passphrase = \"hush\"\n"), "passphrase_env"),
        (format!("{key}Passphrase = \"hush\"\n"), "passphrase_env"),
        (format!("{key}passphras_env = \"hush\"\n"), "passphrase_env"),
        (format!("{key}key = 'hush'\n"), "key_env"),
        (
            "[backend.postgres]\nurl = \"postgres://a:hush@db/a\"\n".to_owned(),
            "url_env",
        ),
        (
            "[backend.http]\naddress = \"http://127.0.0.1:9/s\"\npassword = \"hush\"\n".to_owned(),
            "password_env",
        ),
        (
            "[backend.s3]\nbucket = \"a\"\nsecret_key = \"hush\"\n".to_owned(),
            "credentials_file",
        ),
        (format!("{encryption}passphrase = \"hush\"\n"), "`key`"),
        (format!("{encryption}key = \"hush\"\n"), "encryption.key"),
        (format!("{encryption}key = [\"hush\"]\n"), "encryption.key"),
    ] {
        let project = Project::new(&wrong);
        for command in ["validate", "plan --sandbox"] {
            let refused = project.eci(command).run().exits(1);
            let refused = refused.says(key);
            assert!(!format!("{refused}").contains("hush"), "{refused}");
        }
    }
    let project = Project::new("[[encryption.key]]\npassphras_env = \"STATE_PASSPHRASE\"\n");
    let refused = project.eci("validate").run().exits(1);
    refused.says("did you mean `passphrase_env`?");
}

#[test]
fn wrong_settings_are_named_with_a_fix() {
    on_postgres(&["web"], |_, one, two| {
        one.apply().run().exits(0);
        let other = two
            .plan()
            .env("ECI_STATE_PASSPHRASE", "another passphrase of mine");
        other
            .run()
            .exits(1)
            .says("none of the configured keys decrypts the state");
        let short = two.plan().env("ECI_STATE_PASSPHRASE", "hush");
        short.run().exits(1).says("at least 16 characters");
        let nowhere = two.plan().without_env("ECI_STATE_URL");
        nowhere.run().exits(1).says("`ECI_STATE_URL` is not set");
        let wrong = two.plan().env("ECI_STATE_URL", "hush hush");
        let wrong = wrong
            .run()
            .exits(1)
            .says("does not contain the address of a database");
        assert!(!wrong.stderr.contains("hush"), "{}", wrong.stderr);
    });
}

#[test]
fn a_bucket_that_refuses_requests_is_named_at_once() {
    on_a_bucket(&["web"], |_, one, _| {
        one.plan().run().exits(2);
        let began = std::time::Instant::now();
        let wrong = one.plan().env("AWS_SECRET_ACCESS_KEY", "another");
        let wrong = wrong.run().exits(1).says("the store denied access: 403");
        wrong.says("check `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`");
        let manifest = one.project.read("main.eci.toml");
        let bucket = manifest.lines().find(|line| line.starts_with("bucket"));
        let missing = manifest.replace(bucket.unwrap(), "bucket = \"nowhere\"");
        one.project.write("main.eci.toml", &missing);
        let missing = one.plan().run().exits(1);
        missing.says("bucket `nowhere` does not exist");
        // A fault is retried for longer than this by one of the two.
        assert!(began.elapsed() < Duration::from_secs(25));
    });
}

#[test]
fn a_bucket_that_ignores_what_forbids_to_overwrite_is_refused() {
    let Some(server) = Moto::start() else {
        return;
    };
    let network = TcpProxy::start(server.port());
    let cloud = Cloud::start();
    let machine = Machine {
        project: Project::new(&manifests(
            &server.table_at("shop", network.port()),
            &["web"],
        )),
        cloud: &cloud,
        variables: server.variables(),
    };
    network.hide("if-none-match");
    let refused = machine.apply().run().exits(1);
    refused
        .says("overwrites objects")
        .says("whose versioning was never enabled");
    let zh = machine.apply().env("ECI_LANG", "zh").run().exits(1);
    zh.says("从未启用版本控制");
    assert_eq!(cloud.calls(CREATE), 0);
    // The same bucket, directly.
    let direct = server.table_at("shop", server.port());
    machine
        .project
        .write("main.eci.toml", &manifests(&direct, &["web"]));
    machine.apply().run().exits(0);
    assert_eq!(cloud.created(), ["web"]);
}
