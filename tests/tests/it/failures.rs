//! Runs in which a call fails: the rest is done and recorded, and the failure is shown with a help.

#![allow(clippy::unwrap_used)]

use eci_core::{Address, Kind};
use eci_sandbox::{Fault, Rule, Speed};
use eci_tests::{Cloud, Project};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[locals]
network = { vpc = "vpc-1", subnet = "subnet-1", group = "sg-1" }

[container_group.database]
vpc_id = '${local.network.vpc}'
vswitch_id = '${local.network.subnet}'
security_group_id = '${local.network.group}'
az_name = "az1"
containers = [{ name = "postgres", image = "postgres:17" }]

[container_group.app]
vpc_id = '${local.network.vpc}'
vswitch_id = '${local.network.subnet}'
security_group_id = '${local.network.group}'
az_name = "az1"
containers = [
    { name = "shop", image = "shop:3", env = { DATABASE = '${container_group.database.intranet_ip}' } },
]

[container_group.web]
vpc_id = '${local.network.vpc}'
vswitch_id = '${local.network.subnet}'
security_group_id = '${local.network.group}'
az_name = "az1"
containers = [{ name = "nginx", image = "nginx:1.27" }]
"#;

/// Compares with a snapshot, without what differs from run to run.
#[track_caller]
fn shown(name: &str, text: &str) {
    let filters = [
        (r"eci-[0-9a-z]{16,26}", "[group]"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
        (
            r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})",
            "[time]",
        ),
        (r"\d+\.\d s", "[n] s"),
    ];
    insta::with_settings!(
        { filters => filters, omit_expression => true, prepend_module_to_snapshot => false },
        { insta::assert_snapshot!(name, text) }
    );
}

fn group(label: &str) -> Address {
    Address::new(Kind::ContainerGroup, label)
}

#[test]
fn what_does_not_depend_on_a_failure_is_done_and_the_next_run_does_the_rest() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    // Nothing of that size is sold.
    project.edit(
        "main.eci.toml",
        "image = \"postgres:17\"",
        "image = \"postgres:17\", cpu = 1000",
    );
    let run = project.apply(&cloud).run();
    let run = run
        .exits(3)
        .says("container_group.database")
        .says("skipped");
    shown("one-failed-one-skipped", &failed_part(&run.stderr));
    assert_eq!(cloud.names(), ["web"]);
    let state = project.state();
    assert!(state.resources.contains_key(&group("web")));
    assert!(!state.resources.contains_key(&group("app")));

    project.edit("main.eci.toml", ", cpu = 1000", "");
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["app", "database", "web"]);
    project.assert_no_changes(&cloud);
}

/// The output from the first error on: the order of the progress before it varies.
fn failed_part(stderr: &str) -> String {
    let at = stderr.find("\nerror").expect("there is an error");
    stderr[at + 1..].to_owned()
}

#[test]
fn a_call_that_a_gateway_answers_is_retried_and_then_reported() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    project.edit(
        "main.eci.toml",
        "[locals]",
        "retry = { attempts = 2, max_delay = \"1s\" }\n[locals]",
    );
    cloud.fail([Rule::new("*", Fault::Html).nth(1)]);
    project.plan(&cloud).run().exits(0);
    cloud.fail([Rule::new("*", Fault::Html)]);
    project
        .plan(&cloud)
        .run()
        .exits(1)
        .says("502")
        .says("proxy");
    cloud.heal();
    project.assert_no_changes(&cloud);
}

#[test]
fn a_group_that_does_not_become_ready_is_explained_tainted_and_replaced() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::at_speed(Speed::Times(50.0)));
    let quick = "[container_group.web.timeouts]\ncreate = \"1s\"\n";
    project.write("main.eci.toml", &format!("{MANIFEST}\n{quick}"));
    project.edit("main.eci.toml", "nginx:1.27", "nginx:missing");
    let run = project.apply(&cloud).run().exits(3);
    let run = run.says("ErrImagePull").says("timeouts");
    shown("image-missing", &failed_part(&run.stderr));
    assert!(project.state().resources[&group("web")].tainted);
    assert!(!project.state().resources[&group("app")].tainted);

    project.edit("main.eci.toml", "nginx:missing", "nginx:1.28");
    project.plan(&cloud).run().exits(2).says("must be replaced");
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["app", "database", "web", "web"]);
    assert_eq!(cloud.names(), ["app", "database", "web"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_group_that_crashes_is_explained_with_its_log() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::at_speed(Speed::Times(50.0)));
    let quick = "[container_group.web.timeouts]\ncreate = \"1s\"\n";
    project.write("main.eci.toml", &format!("{MANIFEST}\n{quick}"));
    project.edit("main.eci.toml", "nginx:1.27", "nginx:crash");
    project
        .apply(&cloud)
        .run()
        .exits(3)
        .says("BackOff")
        .says("log");
    assert!(project.state().resources[&group("web")].tainted);
}

#[test]
fn a_failed_job_is_explained_and_retried() {
    let (project, cloud) = (Project::example("batch"), Cloud::start());
    project.edit("report.eci.toml", r#"["exit", "0"]"#, r#"["exit", "7"]"#);
    project
        .apply(&cloud)
        .run()
        .exits(3)
        .says("Failed")
        .says("7");
    project.edit("report.eci.toml", r#"["exit", "7"]"#, r#"["exit", "0"]"#);
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.names(), ["report"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn an_out_of_band_change_is_shown_as_drift_and_corrected() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let id = project.state().resources[&group("web")].id.clone().unwrap();
    let outside = |change| cloud.sandbox().apply_out_of_band(&id, change).unwrap();

    let tags = vec![("owner".to_owned(), "someone".to_owned())];
    let refresh_only = || project.plan(&cloud).arg("--refresh-only").run();
    refresh_only().exits(0);
    outside(eci_sandbox::OutOfBandChange::SetTags(tags));
    refresh_only().exits(2).says("owner");
    project
        .plan(&cloud)
        .run()
        .exits(2)
        .says("changed outside of eci")
        .says("owner");
    project.apply(&cloud).run().exits(0);
    project.assert_no_changes(&cloud);
    let outputs = "[output.id]\nvalue = \"${container_group.web.id}\"\n";
    project.write("outputs.eci.toml", outputs);
    let refresh = project.eci("refresh --auto-approve");
    refresh
        .args(cloud.flags())
        .run()
        .exits(0)
        .says("Refreshed the state.");

    outside(eci_sandbox::OutOfBandChange::Delete);
    project.plan(&cloud).run().exits(2).says("1 to create");
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.names(), ["app", "database", "web"]);
    project.assert_no_changes(&cloud);
}
