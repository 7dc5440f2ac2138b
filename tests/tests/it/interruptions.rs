//! Runs that are killed or interrupted. Nothing is created twice, and no created object is lost.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use eci_sandbox::{Fault, ObjectKind, Rule, Speed};
use eci_tests::machines::{PASSPHRASE, manifests};
use eci_tests::{Cloud, Project};
use serde_json::{Value, json};

/// Groups that do not depend on each other.
fn groups(names: &[&str]) -> Project {
    let mut manifest = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n".to_owned();
    for name in names {
        manifest.push_str(&format!(
            r#"
            [container_group.{name}]
            vpc_id = "vpc-1"
            vswitch_id = "subnet-1"
            security_group_id = "sg-1"
            az_name = "az1"
            containers = [{{ name = "main", image = "nginx:1.27" }}]
            "#
        ));
    }
    Project::new(&manifest)
}

const CREATE: &str = "createContainerGroup";

/// Kills a run where it waits at the create of the second of three groups, in a cloud where
/// that create goes wrong in a certain way, and lets the next run carry on.
#[track_caller]
fn killed_at_the_second_create(fault: Fault) {
    let (project, cloud) = (groups(&["one", "three", "two"]), Cloud::start());
    cloud.fail([Rule::new(CREATE, fault).nth(2)]);
    let apply = project.apply(&cloud).args(["--parallelism", "1"]).start();
    apply.until("at the second create", || cloud.calls(CREATE) == 2);
    // So that the work after the lost answer is completed.
    std::thread::sleep(Duration::from_millis(50));
    apply.kill();
    cloud.heal();

    let open = project.state().open_intents;
    assert_eq!(open.len(), 1, "the intent of the second create is on disk");
    let next = |command| project.impatient_eci(command).args(cloud.flags());
    next("plan --detailed-exitcode")
        .run()
        .exits(2)
        .says("left 1 pending operation");
    next("apply --auto-approve").run().exits(0);
    assert_eq!(cloud.created(), ["one", "three", "two"]);
    assert_eq!(cloud.names(), ["one", "three", "two"]);
    assert!(project.state().open_intents.is_empty());
    project.assert_no_changes(&cloud);
}

#[test]
fn a_run_killed_before_a_group_was_created_creates_it_the_next_time() {
    killed_at_the_second_create(Fault::Hang);
}

#[test]
fn a_run_killed_after_a_group_was_created_adopts_it_the_next_time() {
    killed_at_the_second_create(Fault::HangAfter);
}

#[test]
fn a_run_killed_while_groups_become_ready_waits_for_the_same_groups_the_next_time() {
    // Time does not pass: nothing becomes ready until it is advanced.
    let (project, cloud) = (groups(&["one", "two"]), Cloud::at_speed(Speed::Times(0.0)));
    let apply = project.apply(&cloud).start();
    apply.until("waiting for both", || {
        apply.so_far().1.matches("created as").count() == 2
    });
    apply.kill();

    cloud.sandbox().advance(Duration::from_secs(600));
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["one", "two"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_run_killed_again_and_again_ends_with_each_group_once() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let (project, cloud) = (groups(&names), Cloud::start());
    for _ in 0..names.len() {
        // Each run gets to one more create, which is done and never answered.
        cloud.fail([Rule::new(CREATE, Fault::HangAfter)]);
        let before = cloud.calls(CREATE);
        let apply = project.apply(&cloud).args(["--parallelism", "1"]).start();
        apply.until("at a create", || cloud.calls(CREATE) > before);
        std::thread::sleep(Duration::from_millis(20));
        apply.kill();
    }
    cloud.heal();
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), names);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_plan_next_to_a_pending_operation_is_not_final() {
    let (project, cloud) = (groups(&["one"]), Cloud::start());
    const UPDATE: &str = "updateContainerGroup";
    project.apply(&cloud).run().exits(0);
    project.edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    cloud.fail([Rule::new(UPDATE, Fault::HangAfter)]);
    let apply = project.apply(&cloud).start();
    apply.until("at the update", || cloud.calls(UPDATE) > 0);
    std::thread::sleep(Duration::from_millis(50));
    apply.kill();
    cloud.heal();
    let plan = project.plan(&cloud).args(["--format", "json"]).run();
    assert_eq!(plan.exits(2).json()["pending_operations"], 1);
    project.apply(&cloud).run().exits(0);
    let plan = project.plan(&cloud).args(["--format", "json"]).run();
    assert!(plan.exits(0).json().get("pending_operations").is_none());
}

#[test]
fn a_run_killed_during_a_destroy_is_finished_by_the_next() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    project.apply(&cloud).run().exits(0);
    const DELETE: &str = "deleteContainerGroup";
    cloud.fail([Rule::new(DELETE, Fault::HangAfter)]);
    let destroy = project.destroy(&cloud).start();
    destroy.until("at a delete", || cloud.calls(DELETE) > 0);
    std::thread::sleep(Duration::from_millis(50));
    destroy.kill();
    cloud.heal();

    project.destroy(&cloud).run().exits(0);
    assert_eq!(cloud.names(), [""; 0]);
    let state = project.state();
    assert!(state.resources.is_empty() && state.open_intents.is_empty());
}

#[test]
fn a_delete_that_a_killed_run_began_is_not_drift() {
    const DELETE: &str = "deleteContainerGroup";
    const BEGUN: &str = "an earlier run was interrupted while it was deleted";
    // Time does not pass: a group that is deleted terminates until it is advanced.
    let (project, cloud) = (groups(&["one"]), Cloud::at_speed(Speed::Times(0.0)));
    let apply = project.apply(&cloud).start();
    apply.until("waiting", || apply.so_far().1.contains("created as"));
    cloud.sandbox().advance(Duration::from_secs(600));
    apply.wait().exits(0);
    let destroy = project.destroy(&cloud).start();
    destroy.until("at the delete", || cloud.calls(DELETE) > 0);
    std::thread::sleep(Duration::from_millis(50));
    destroy.kill();
    assert_eq!(project.state().open_intents.len(), 1);

    let eci = |command| project.impatient_eci(command).args(cloud.flags());
    let plan = eci("plan --detailed-exitcode").start();
    plan.until("waiting for the delete", || plan.so_far().1.contains(BEGUN));
    cloud.sandbox().advance(Duration::from_secs(600));
    let plan = plan.wait().exits(2);
    plan.says("1 to create").omits("outside of eci");
    for command in [
        "plan --destroy",
        "plan --refresh-only",
        "plan --refresh-only --format events",
        "refresh --auto-approve",
    ] {
        let recovered = eci(command).run().exits(0);
        recovered
            .says("an earlier run")
            .omits("outside of eci")
            .omits("resource_drift");
    }
    let state = project.state();
    assert!(state.resources.is_empty() && state.open_intents.is_empty());
}

#[test]
fn an_interrupted_run_finishes_operations_in_progress_and_starts_no_others() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    let mut slow = Rule::new(CREATE, Fault::Hang);
    slow.fault = None;
    slow.latency = Some(Duration::from_millis(700));
    cloud.fail([slow]);
    let apply = project.apply(&cloud).args(["--parallelism", "1"]).start();
    apply.until("at the first create", || cloud.calls(CREATE) == 1);
    apply.signal("INT");
    let ended = apply.wait().exits(130);
    ended
        .says("Stopping after the operations in progress: container_group.one.")
        .says("The operations in progress were completed and recorded.");
    cloud.heal();

    assert_eq!(cloud.created(), ["one"]);
    let state = project.state();
    assert!(state.open_intents.is_empty());
    assert_eq!(state.resources.len(), 1, "the created group is recorded");
    project.plan(&cloud).run().exits(2).says("1 to create");
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["one", "two"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_replacement_interrupted_between_its_halves_is_reported() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let mut slow = Rule::new("deleteContainerGroup", Fault::Hang);
    slow.fault = None;
    slow.latency = Some(Duration::from_millis(700));
    cloud.fail([slow]);
    let before = cloud.calls("deleteContainerGroup");
    let replace = ["--replace", "container_group.one", "--parallelism", "1"];
    let apply = project.apply(&cloud).args(replace).start();
    apply.until("at the delete", || {
        cloud.calls("deleteContainerGroup") > before
    });
    apply.signal("INT");
    let ended = apply.wait().exits(130);
    ended
        .says("container_group.one was deleted and is not re-created yet")
        .says("help: run `eci apply` to continue");
    cloud.heal();

    assert_eq!(cloud.created(), ["one", "two"]);
    let again = project.apply(&cloud).run().exits(0);
    again.omits("not re-created");
    project.assert_no_changes(&cloud);
}

#[test]
fn a_run_interrupted_twice_stops_at_once_and_loses_nothing() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    cloud.fail([Rule::new(CREATE, Fault::HangAfter)]);
    let apply = project.apply(&cloud).start();
    apply.until("at both creates", || cloud.calls(CREATE) == 2);
    apply.signal("INT");
    apply.until("stopping", || apply.so_far().1.contains("Stopping"));
    apply.signal("INT");
    // Both may exist by now: nothing is known to have failed.
    let ended = apply.wait().exits(130);
    ended
        .says("container_group.one: outcome unknown: interrupted\n")
        .says("Apply incomplete: 2 with an unknown outcome.\nInterrupted. ")
        .omits("warning:")
        .omits("failed");
    cloud.heal();

    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["one", "two"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_supervisor_ends_a_run_as_ctrl_c_does() {
    let (project, cloud) = (groups(&["one"]), Cloud::at_speed(Speed::Times(0.0)));
    let apply = project.apply(&cloud).start();
    apply.until("waiting", || apply.so_far().1.contains("created as"));
    apply.signal("TERM");
    apply.until("stopping", || apply.so_far().1.contains("Stopping"));
    cloud.sandbox().advance(Duration::from_secs(600));
    // Operations in progress are finished. Then no action is left, and the run still counts as
    // stopped.
    let ended = apply.wait().exits(130).says("Apply complete: 1 created.");
    ended
        .says("Stopping after the operations in progress: container_group.one.")
        .says("Interrupted after everything was completed.")
        .omits("incomplete");
    project.assert_no_changes(&cloud);
}

#[test]
fn a_run_that_is_killed_while_it_waits_is_followed_by_one_that_goes_on_waiting() {
    let (project, cloud) = (groups(&["one"]), Cloud::at_speed(Speed::Times(0.0)));
    let apply = project.apply(&cloud).start();
    apply.until("waiting", || apply.so_far().1.contains("created as"));
    apply.signal("KILL");
    apply.wait();
    let apply = project.apply(&cloud).start();
    let waits = "container_group.one: waiting until ready";
    apply.until("waiting again", || apply.so_far().1.contains(waits));
    cloud.sandbox().advance(Duration::from_secs(300));
    apply.wait().exits(0);
    assert_eq!(cloud.created(), ["one"]);
    project.assert_no_changes(&cloud);
}

/// `web` reads the address of `db`, which is waited for as `wait` says.
fn readers(wait: &str) -> Project {
    let project = groups(&["db", "web"]);
    let text = project.read("main.eci.toml");
    let (db, web) = text.split_once("[container_group.web]").unwrap();
    let env = "containers = [{ env = { DB = '${container_group.db.intranet_ip}' },";
    let web = web.replace("containers = [{", env);
    let manifest = format!("{db}wait = \"{wait}\"\n[container_group.web]{web}");
    project.write("main.eci.toml", &manifest);
    project
}

/// The environment of the first container of a group.
fn environment(cloud: &Cloud, group: &str) -> Value {
    let groups = cloud.groups();
    let mut found = groups
        .iter()
        .filter(|it| it["containerGroupName"] == *group);
    found.next().unwrap()["containers"][0]["environmentVar"].clone()
}

#[test]
fn an_address_that_an_interrupted_run_did_not_wait_for_is_unknown_to_the_next() {
    for signals in [&["KILL"][..], &["INT", "INT"]] {
        let (project, cloud) = (readers("ready"), Cloud::at_speed(Speed::Times(0.0)));
        let apply = project.apply(&cloud).start();
        apply.until("waiting", || apply.so_far().1.contains("created as"));
        for (at, signal) in signals.iter().enumerate() {
            if at > 0 {
                apply.until("stopping", || apply.so_far().1.contains("Stopping"));
            }
            apply.signal(signal);
        }
        apply.wait();

        let plan = project.plan(&cloud).run();
        plan.exits(2).says("env   = { DB = (known after apply) }");
        let apply = project.apply(&cloud).start();
        let waits = "container_group.db: waiting until ready";
        apply.until("waiting again", || apply.so_far().1.contains(waits));
        assert_eq!(cloud.calls(CREATE), 1, "web waits for the address");
        cloud.sandbox().advance(Duration::from_secs(60));
        apply.until("web is created", || cloud.created().len() == 2);
        cloud.sandbox().advance(Duration::from_secs(600));
        apply.wait().exits(0);
        let address = cloud.groups()[0]["intranetIp"].clone();
        let expected = json!([{ "key": "DB", "value": address }]);
        assert_ne!(address, "");
        assert_eq!(environment(&cloud, "web"), expected);
        project.assert_no_changes(&cloud);
    }
}

#[test]
fn a_reader_waits_for_the_address_of_a_group_that_is_not_waited_for() {
    let (project, cloud) = (readers("none"), Cloud::at_speed(Speed::Times(0.0)));
    let apply = project.apply(&cloud).start();
    let created = "container_group.db: created";
    apply.until("db is created", || apply.so_far().1.contains(created));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(cloud.calls(CREATE), 1, "web waits for the address");
    cloud.sandbox().advance(Duration::from_secs(60));
    apply.until("web is created", || cloud.created().len() == 2);
    cloud.sandbox().advance(Duration::from_secs(600));
    apply.wait().exits(0);
    let address = cloud.groups()[0]["intranetIp"].clone();
    let expected = json!([{ "key": "DB", "value": address }]);
    assert_ne!(address, "");
    assert_eq!(environment(&cloud, "web"), expected);
}

#[test]
fn a_stopped_run_records_each_outcome_when_it_arrives() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    let latency = |nth, millis| {
        let mut rule = Rule::new(CREATE, Fault::Hang).nth(nth);
        rule.fault = None;
        rule.latency = Some(Duration::from_millis(millis));
        rule
    };
    cloud.fail([latency(1, 500), latency(2, 2000)]);
    let mut apply = project.apply(&cloud).start();
    apply.until("at both creates", || cloud.calls(CREATE) == 2);
    apply.signal("TERM");
    apply.until("stopping", || apply.so_far().1.contains("Stopping"));
    assert_eq!(project.state().resources.len(), 0);
    apply.until("the first outcome is recorded", || {
        let state = project.state();
        state.resources.len() == 1 && state.open_intents.len() == 1
    });
    assert!(!apply.has_ended(), "the second create is still on its way");
    assert_eq!(cloud.created().len(), 1);
    apply.wait().exits(130);
    assert_eq!(cloud.created(), ["one", "two"]);
    project.assert_no_changes(&cloud);
}

/// Returns the changing calls so far.
fn changes(cloud: &Cloud) -> usize {
    cloud.sandbox().requests(None).len()
}

#[test]
fn an_order_that_a_killed_run_placed_is_finished_by_a_step_of_an_approved_plan() {
    const ORDER: &str = "eip/create";
    for fault in [Fault::Hang, Fault::HangAfter] {
        let (project, cloud) = (groups(&[]), Cloud::start());
        project.edit("main.eci.toml", "[provider]", "[eip.front]\n[provider]");
        cloud.fail([Rule::new(ORDER, fault)]);
        let apply = project.apply(&cloud).start();
        apply.until("at the order", || cloud.calls(ORDER) > 0);
        std::thread::sleep(Duration::from_millis(50));
        apply.kill();
        cloud.heal();

        let before = changes(&cloud);
        let plan = project.plan(&cloud).run();
        match fault {
            Fault::Hang => plan.exits(2).says("# eip.front will be created"),
            // Reads show that it took effect.
            _ => plan.exits(2).says("No changes"),
        };
        let refresh = project.eci("refresh --auto-approve");
        refresh.args(cloud.flags()).run();
        let unapproved = project.eci("apply").args(cloud.flags());
        let unapproved = unapproved.input("no\n").run();
        match fault {
            Fault::Hang => unapproved.exits(1),
            // There is nothing to approve.
            _ => unapproved.exits(0),
        };
        assert_eq!(changes(&cloud), before, "{fault:?}");
        project.apply(&cloud).run().exits(0);
        assert_eq!(cloud.created_of(ObjectKind::Eip), ["front"], "{fault:?}");
        project.assert_no_changes(&cloud);
    }
}

/// A project with an EIP whose order was never sent, because the run was killed before.
fn never_ordered() -> (Project, Cloud) {
    let (project, cloud) = (groups(&[]), Cloud::start());
    project.edit("main.eci.toml", "[provider]", "[eip.front]\n[provider]");
    cloud.fail([Rule::new("eip/create", Fault::Hang)]);
    let apply = project.apply(&cloud).start();
    apply.until("at the order", || cloud.calls("eip/create") > 0);
    apply.kill();
    cloud.heal();
    assert_eq!(project.state().open_intents.len(), 1);
    (project, cloud)
}

#[test]
fn what_is_only_pending_is_neither_removed_from_the_state_nor_tainted() {
    let (project, _cloud) = never_ordered();
    for command in ["state rm eip.front", "taint eip.front", "untaint eip.front"] {
        let refused = project.eci(command).run().exits(1);
        refused
            .says("an earlier run was interrupted while changing eip.front")
            .says("eci refresh");
    }
}

/// A group and a disk; the imports would leave each at two addresses, and the next apply would delete
/// what is in use.
#[test]
fn an_object_of_a_pending_create_is_not_imported_under_another_address() {
    const DISK: &str = "[volume.LABEL]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                        disk = { name = \"data\", size = 40, kind = \"SATA\" }\n[provider]";
    for (kind, create) in [
        (ObjectKind::ContainerGroup, CREATE),
        (ObjectKind::Disk, "ebs/new-ebs"),
    ] {
        let (project, cloud) = match kind {
            ObjectKind::ContainerGroup => (groups(&["web"]), Cloud::start()),
            _ => (groups(&[]), Cloud::start()),
        };
        if kind == ObjectKind::Disk {
            let disk = DISK.replace("LABEL", "web");
            project.edit("main.eci.toml", "[provider]", &disk);
        }
        cloud.fail([Rule::new(create, Fault::HangAfter)]);
        let apply = project.apply(&cloud).start();
        apply.until("at the create", || cloud.calls(create) > 0);
        std::thread::sleep(Duration::from_millis(50));
        apply.kill();
        cloud.heal();
        let id = match kind {
            ObjectKind::Disk => cloud.disks()[0].id.to_string(),
            _ => cloud.groups()[0]["containerGroupId"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        let address = match kind {
            ObjectKind::ContainerGroup => {
                let table = "[container_group.app]\nname = \"web\"";
                project.edit("main.eci.toml", "[container_group.web]", table);
                "container_group"
            }
            _ => {
                project.edit("main.eci.toml", "[volume.web]", "[volume.app]");
                "volume"
            }
        };
        let next = |command: &str| project.impatient_eci(command).args(cloud.flags());
        let refused = next(&format!("import {address}.app {id}")).run();
        refused
            .exits(1)
            .says("an earlier run was interrupted while creating")
            .says(&format!("eci state mv {address}.web {address}.app"));
        next("refresh --auto-approve").run().exits(0);
        project
            .eci(&format!("state mv {address}.web {address}.app"))
            .run()
            .exits(0);
        project.apply(&cloud).run().exits(0);
        assert_eq!(cloud.created_of(kind).len(), 1);
        project.assert_no_changes(&cloud);
    }
}

#[test]
fn a_destroy_does_not_place_an_order_that_was_never_sent() {
    let (project, cloud) = never_ordered();
    let before = changes(&cloud);
    project.destroy(&cloud).run().exits(0);
    assert_eq!(changes(&cloud), before);
    assert!(project.state().open_intents.is_empty());
}

#[test]
fn a_saved_plan_resumes_an_order_of_an_earlier_run() {
    let (project, cloud) = never_ordered();
    let plan = project.plan(&cloud).args(["--out", "kept.plan"]).run();
    plan.exits(2).says("# eip.front will be created");
    let apply = project.eci("apply kept.plan").args(cloud.flags());
    apply.run().exits(0);
    assert_eq!(cloud.created_of(ObjectKind::Eip), ["front"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_plan_without_a_refresh_shows_what_an_apply_without_one_does() {
    const UPDATE: &str = "updateContainerGroup";
    let (project, cloud) = (groups(&["one"]), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let before = "az_name = \"az1\"\n";
    let dns = "az_name = \"az1\"\ndns_config = { nameservers = [\"10.0.0.53\"] }\n";
    project.edit("main.eci.toml", before, dns);
    cloud.fail([Rule::new(UPDATE, Fault::HangAfter)]);
    let apply = project.apply(&cloud).start();
    apply.until("at the update", || cloud.calls(UPDATE) > 0);
    std::thread::sleep(Duration::from_millis(50));
    apply.kill();
    cloud.heal();
    project.edit("main.eci.toml", dns, before);
    let plan = project.plan(&cloud).args(["--refresh=false"]).run();
    plan.exits(2).says("container_group.one will be updated");
    let apply = project.apply(&cloud).args(["--refresh=false"]).run();
    apply.exits(0).says("container_group.one will be updated");
}

#[test]
fn a_create_interrupted_after_it_was_done_is_adopted_in_the_same_run() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    cloud.fail([Rule::new(CREATE, Fault::CutAfter).nth(1)]);
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.calls(CREATE), 2);
    assert_eq!(cloud.created(), ["one", "two"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_create_that_failed_after_it_was_done_is_adopted_in_the_same_run() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    cloud.fail([Rule::new(CREATE, Fault::ErrorAfter).nth(1)]);
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["one", "two"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_call_to_a_busy_cloud_is_retried() {
    let (project, cloud) = (groups(&["one", "two", "three"]), Cloud::start());
    let mut busy = Rule::new(CREATE, Fault::TooManyRequests).nth(1);
    busy.retry_after = Some(0);
    cloud.fail([busy]);
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["one", "three", "two"]);
    assert_eq!(cloud.calls(CREATE), 4);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_run_that_waits_for_a_busy_cloud_says_so_and_ends_on_a_signal() {
    let (project, cloud) = (groups(&["one", "two"]), Cloud::start());
    let mut busy = Rule::new(CREATE, Fault::TooManyRequests);
    busy.retry_after = Some(200);
    cloud.fail([busy]);
    let apply = project.apply(&cloud).start();
    let waits = "attempt 2 of 6 in 200s";
    apply.until("waiting for its turn", || apply.so_far().1.contains(waits));
    apply.signal("INT");
    let ended = apply.wait();
    ended.exits(130).says("2 failed");
    assert_eq!(cloud.created(), [""; 0]);
    cloud.heal();
    project.apply(&cloud).run().exits(0);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_second_run_during_a_first_is_refused() {
    let (project, cloud) = (groups(&["one"]), Cloud::at_speed(Speed::Times(0.0)));
    let apply = project.apply(&cloud).start();
    apply.until("waiting", || apply.so_far().1.contains("created as"));
    project
        .apply(&cloud)
        .run()
        .exits(1)
        .says("locked by `eci-apply");
    project.destroy(&cloud).run().exits(1).says("locked");
    cloud.sandbox().advance(Duration::from_secs(600));
    apply.wait().exits(0);
    assert_eq!(cloud.created(), ["one"]);
}

#[test]
fn an_interrupt_ends_a_command_that_waits_for_a_shared_store() {
    for command in [
        "plan --sandbox",
        "plan --sandbox --out web.eciplan",
        "apply --sandbox --auto-approve",
        "destroy --sandbox --auto-approve",
        "console -e 1",
        "status --sandbox",
        "output",
        "state show",
        "state rm eip.web",
        "workspace list",
        "workspace new other",
        "force-unlock 1",
    ] {
        // It accepts connections and never answers.
        let store = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        store.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", store.local_addr().unwrap());
        let backend = format!("[backend.s3]\nbucket = \"b\"\nendpoint = {endpoint:?}");
        let project = Project::new(&manifests(&backend, &["web"]));
        let waiting = project
            .eci(command)
            .env("AWS_ACCESS_KEY_ID", "ak")
            .env("AWS_SECRET_ACCESS_KEY", "sk")
            .env("ECI_STATE_PASSPHRASE", PASSPHRASE)
            .start();
        let mut connection = None;
        waiting.until("connected to the store", || {
            connection = store.accept().ok();
            connection.is_some()
        });
        let began = Instant::now();
        waiting.signal("INT");
        let ended = waiting.wait().exits(130);
        assert_eq!(ended.stderr, "Interrupted.\n", "{command}");
        // The store would be waited for much longer; a busy machine is slow, too.
        assert!(began.elapsed() < Duration::from_secs(5), "{command}");
    }
}
