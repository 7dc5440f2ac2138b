//! Errors before a run has begun: each a clear error with a help, exit code 1, nothing lost and no
//! panic. The snapshots contain the whole messages.

#![allow(clippy::unwrap_used)]

use std::fs;

use eci_state::{Holder, LocalStore};
use eci_tests::{Cloud, Eci, Project};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"
retry = { attempts = 1 }

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
tags = { edition = "1" }

[[container_group.web.containers]]
name = "nginx"
image = "nginx:1.27"
"#;

/// A created group, and a manifest that was edited since.
fn edited() -> (Project, Cloud) {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    project.edit("main.eci.toml", r#"edition = "1""#, r#"edition = "2""#);
    (project, cloud)
}

/// Nothing was created so far.
fn fresh() -> (Project, Cloud) {
    (Project::new(MANIFEST), Cloud::start())
}

/// Runs what has to fail, and checks that the project is as it was.
#[track_caller]
fn refused(name: &str, project: &Project, command: Eci) {
    let before = project.files(".");
    let run = command.run().exits(1);
    assert!(project.files(".") == before, "files have changed: {run}");
    assert_eq!(run.stdout, "", "an error prints nothing on standard output");
    let filters = [
        (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
        (r"eci-[0-9a-z]{16,26}", "[group]"),
        (
            r"process \d+ on \S+, since \S+",
            "process [pid] on [host], since [time]",
        ),
        (r"crc32:[0-9a-f]+", "crc32:[sum]"),
        (r"line \d+, column \d+", "line [line], column [column]"),
    ];
    insta::with_settings!({ filters => filters, omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, project.shown(&run));
    });
}

#[test]
fn without_credentials_all_ways_to_give_them_are_listed() {
    let (project, cloud) = edited();
    let strip = |command: Eci| command.without_env("CTYUN_AK").without_env("CTYUN_SK");
    refused("no-credentials", &project, strip(project.apply(&cloud)));
    refused("no-credentials", &project, strip(project.plan(&cloud)));
    refused("no-credentials", &project, strip(project.destroy(&cloud)));
    assert_eq!(cloud.names(), ["web"]);
}

#[test]
fn half_of_the_credentials_is_not_enough() {
    let (project, cloud) = edited();
    let half = project.apply(&cloud).without_env("CTYUN_SK");
    refused("half-the-credentials", &project, half);
}

#[test]
fn a_plan_of_an_empty_state_requires_credentials_unless_it_does_not_refresh() {
    let (project, cloud) = fresh();
    let plan = || {
        let plan = project.plan(&cloud);
        plan.without_env("CTYUN_AK").without_env("CTYUN_SK")
    };
    plan().run().exits(1).says("no credentials found");
    let unverified = plan().arg("--refresh=false").run().exits(2);
    unverified.says("1 to create");
}

#[test]
fn a_configuration_without_resources_makes_no_calls() {
    let project = Project::new("[output.x]\nvalue = \"1\"\n");
    let cloudless = |name: &'static str| {
        let command = Eci::new(name, project.path());
        let without = ["CTYUN_AK", "CTYUN_SK", "CTYUN_REGION_ID"];
        without.into_iter().fold(command, Eci::without_env)
    };
    let plan = || cloudless("eci-plan").arg("--detailed-exitcode").run();
    plan().exits(2);
    let apply = || cloudless("eci-apply").arg("--auto-approve").run();
    apply().exits(0);
    plan().exits(0);
    project.write("main.eci.toml", "");
    plan().exits(2);
    apply().exits(0);
    plan().exits(0);
}

#[test]
fn wrong_credentials_are_named_but_for_the_secret() {
    let (project, cloud) = edited();
    let wrong = |command: Eci| command.env("CTYUN_SK", "hush-hush");
    refused("wrong-credentials", &project, wrong(project.apply(&cloud)));
    refused("wrong-credentials", &project, wrong(project.plan(&cloud)));
    let unknown = project.apply(&cloud).env("CTYUN_AK", "nobody");
    refused("unknown-access-key", &project, unknown);
}

#[test]
fn wrong_credentials_of_a_first_run_leave_nothing_behind() {
    let (project, cloud) = fresh();
    let wrong = project.apply(&cloud).env("CTYUN_SK", "hush-hush");
    wrong.run().exits(1).says("CTYUN_SK").omits("hush-hush");
    assert_eq!(cloud.names(), [""; 0]);
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn an_unknown_region_is_reported_with_the_known_ones() {
    let (project, cloud) = fresh();
    project.edit(
        "main.eci.toml",
        "bb9fdb42056f11eda1610242ac110002",
        "nowhere",
    );
    refused("unknown-region", &project, project.plan(&cloud));
}

#[test]
fn another_region_than_that_of_the_state_is_refused() {
    let (project, cloud) = edited();
    project.edit(
        "main.eci.toml",
        "bb9fdb42056f11eda1610242ac110002",
        "nowhere",
    );
    refused("another-region", &project, project.apply(&cloud));
    refused("another-region", &project, project.plan(&cloud));
}

#[test]
fn an_unknown_region_of_a_first_run_leaves_nothing_behind() {
    let (project, cloud) = fresh();
    project.edit(
        "main.eci.toml",
        "bb9fdb42056f11eda1610242ac110002",
        "nowhere",
    );
    project
        .apply(&cloud)
        .run()
        .exits(1)
        .says("nowhere")
        .says("region_id");
    assert_eq!(cloud.names(), [""; 0]);
    project.edit(
        "main.eci.toml",
        "nowhere",
        "bb9fdb42056f11eda1610242ac110002",
    );
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn without_a_region_all_ways_to_give_it_are_listed() {
    let (project, cloud) = edited();
    project.edit("main.eci.toml", "region_id = ", "# region_id = ");
    refused("no-region", &project, project.apply(&cloud));
}

#[test]
fn a_refused_connection_names_the_endpoint() {
    let (project, mut cloud) = edited();
    let (apply, plan) = (project.apply(&cloud), project.plan(&cloud));
    cloud.stop();
    refused("refused-connection", &project, apply);
    refused("refused-connection", &project, plan);
}

#[test]
fn a_refused_connection_of_a_first_run_leaves_nothing_behind() {
    let (project, mut cloud) = fresh();
    let apply = project.apply(&cloud);
    cloud.stop();
    apply
        .run()
        .exits(1)
        .says("failed to connect to http://127.0.0.1");
    cloud.restart();
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_state_in_place_of_which_is_a_file_cannot_be_written() {
    let (project, cloud) = fresh();
    let at = |place: &str| project.apply(&cloud).args(["--state", place]);
    refused("state-is-a-file", &project, at("main.eci.toml"));
    refused("state-below-a-file", &project, at("main.eci.toml/state"));
    assert_eq!(cloud.names(), [""; 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_state_is_reported_before_anything_is_created() {
    let (project, cloud) = fresh();
    let apply = project.apply(&cloud).args(["--state", "/proc/eci-state"]);
    refused("state-not-writable", &project, apply);
    assert_eq!(cloud.names(), [""; 0]);
}

#[test]
fn a_state_of_a_newer_format_is_not_changed() {
    let (project, cloud) = edited();
    project.edit("state/state.json", r#""format": 5"#, r#""format": 6"#);
    refused("newer-format", &project, project.apply(&cloud));
    refused("newer-format", &project, project.plan(&cloud));
    refused("newer-format", &project, project.eci("show"));
    assert_eq!(cloud.names(), ["web"]);
}

#[test]
fn a_damaged_snapshot_is_not_changed() {
    let (project, cloud) = edited();
    project.edit("state/state.json", "subnet-1", "subnet-2");
    refused("damaged-snapshot", &project, project.apply(&cloud));
    refused("damaged-snapshot", &project, project.plan(&cloud));
    refused("damaged-snapshot", &project, project.eci("state list"));
    assert_eq!(cloud.names(), ["web"]);
}

#[test]
fn a_snapshot_that_is_cut_short_is_not_changed() {
    let (project, cloud) = edited();
    let whole = project.read("state/state.json");
    let (start, _) = whole.split_once("\"resources\"").unwrap();
    project.write("state/state.json", start);
    refused("snapshot-cut-short", &project, project.apply(&cloud));
    project.write("state/state.json", "");
    refused("snapshot-empty", &project, project.apply(&cloud));
}

#[test]
fn the_remedy_for_a_damaged_snapshot_works() {
    let (project, cloud) = edited();
    project.apply(&cloud).run().exits(0);
    project.write("state/state.json", "{");
    project
        .apply(&cloud)
        .run()
        .exits(1)
        .says("eci state recover");
    // As the message says.
    let recover = project.eci("state recover").args(cloud.flags());
    recover
        .run()
        .exits(0)
        .says("Rebuilt the state from the backup");
    project.apply(&cloud).run().exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_journal_damaged_in_its_middle_is_not_changed() {
    let (project, cloud) = edited();
    let journal = project.read("state/journal.jsonl");
    project.write(
        "state/journal.jsonl",
        &format!("{journal}nonsense\nnonsense\n"),
    );
    refused("damaged-journal", &project, project.apply(&cloud));
}

#[test]
fn a_held_lock_names_its_holder() {
    let (project, cloud) = edited();
    let holder = Holder::current_process("eci apply (by someone else)");
    let held = LocalStore::open(&project.path().join("state"), holder).unwrap();
    refused("held-lock", &project, project.apply(&cloud));
    refused("held-lock", &project, project.destroy(&cloud));
    let waiting = project.apply(&cloud).args(["--lock-timeout", "200ms"]);
    refused("held-lock-after-waiting", &project, waiting);
    // A plan takes no lock.
    project.plan(&cloud).run().exits(2);
    project.eci("show").run().exits(0);

    let waiting = project
        .apply(&cloud)
        .args(["--lock-timeout", "30s"])
        .start();
    waiting.until("heard waiting", || waiting.so_far().1.contains("Waiting"));
    drop(held);
    waiting.wait().exits(0);
    project.assert_no_changes(&cloud);
}

#[test]
fn without_a_terminal_and_without_approval_nothing_is_done() {
    let (project, cloud) = edited();
    let apply = Eci::new("eci-apply", project.path()).args(cloud.flags());
    refused("no-approval", &project, apply);
    let destroy = project.eci("destroy").args(cloud.flags());
    refused("no-approval-to-destroy", &project, destroy);
    assert_eq!(cloud.names(), ["web"]);
}

#[test]
fn without_a_terminal_a_command_with_nothing_to_approve_succeeds() {
    let (project, cloud) = fresh();
    let unattended = |command: &str| project.eci(command).args(cloud.flags()).run();
    unattended("destroy").exits(0).says("No changes.");
    project.apply(&cloud).run().exits(0);
    for command in ["apply", "apply --refresh-only", "refresh"] {
        unattended(command).exits(0).says("No changes.");
    }
    let json = unattended("apply --format json").exits(0);
    assert!(json.stdout.contains("change_summary"), "{json}");
    assert_eq!(cloud.names(), ["web"]);
    // No lock is left, and the missing approval is refused only now.
    let refused = unattended("destroy").exits(1);
    refused.says("1 to delete").says("--auto-approve");
    project.destroy(&cloud).run().exits(0);
}

#[test]
fn a_protection_is_lifted_only_where_that_is_approved() {
    let (project, cloud) = fresh();
    let manifest = fs::read_to_string(project.path().join("main.eci.toml")).unwrap();
    let protect = |how: &str| {
        let lifecycle = format!("[container_group.web]\nlifecycle = {{ prevent_destroy = {how} }}");
        project.write(
            "main.eci.toml",
            &manifest.replacen("[container_group.web]", &lifecycle, 1),
        );
    };
    protect("true");
    project.apply(&cloud).run().exits(0);
    protect("false");
    let unattended = project.eci("apply").args(cloud.flags()).run().exits(1);
    unattended.says("--auto-approve");
    let (head, _) = manifest.split_once("[container_group.web]").unwrap();
    project.write("main.eci.toml", head);
    let refused = project.eci("destroy --auto-approve").args(cloud.flags());
    refused.run().exits(1).says("E0805");
    protect("false");
    project.apply(&cloud).run().exits(0);
    project.destroy(&cloud).run().exits(0);
}

#[test]
fn a_directory_without_manifests_is_reported() {
    let (project, cloud) = fresh();
    fs::create_dir(project.path().join("empty")).unwrap();
    let in_the_wrong_place = project.plan(&cloud).args(["-C", "empty"]);
    refused("no-manifests", &project, in_the_wrong_place);
    refused(
        "no-directory",
        &project,
        project.plan(&cloud).args(["-C", "nowhere"]),
    );
}

#[test]
fn an_invalid_endpoint_is_reported() {
    let (project, _cloud) = fresh();
    let apply = |endpoint: &str| {
        let apply = Eci::new("eci-apply", project.path()).arg("--auto-approve");
        apply.args(["--endpoint", endpoint]).run().exits(1)
    };
    apply("eci=nonsense").says("https://");
    apply("eci").says("SERVICE=URL");
    apply("dns=http://127.0.0.1:9").says("dns");
}
