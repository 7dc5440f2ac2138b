//! The commands that look, and what all commands keep to.

#![allow(clippy::unwrap_used)]

use std::io::Read as _;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use eci_state::LocalStore;
use eci_tests::binaries;
use eci_tests::{Cloud, Eci, Project};
use serde_json::{Value, json};

/// The password in the three tiers, which is sensitive.
const PASSWORD: &str = "only-for-the-demo";

#[test]
fn no_secret_is_written_in_clear_to_state_journal_plan_or_terminal() {
    let (project, cloud) = (Project::example("web-three-tier"), Cloud::start());
    let silent = |command: Eci| command.run().omits(PASSWORD);
    silent(project.plan(&cloud)).exits(2);
    silent(project.plan(&cloud).args(["--format", "json"])).exits(2);
    silent(project.plan(&cloud).args(["--format", "markdown"])).exits(2);
    silent(project.apply(&cloud).env("ECI_LOG", "trace")).exits(0);
    silent(project.eci("show")).exits(0);
    silent(project.eci("show --format json")).exits(0);
    silent(project.eci("state show container_group.database")).exits(0);
    silent(project.eci("output --format json")).exits(0);
    assert_not_in_the_state(&project, PASSWORD);

    // The cloud has it, and a new one is a change that is not shown either.
    let sent = cloud.bodies("createContainerGroup");
    assert!(sent.iter().any(|body| body.to_string().contains(PASSWORD)));
    let other = |command: Eci| command.args(["--var", "password=changed-by-now"]);
    let plan = silent(other(project.plan(&cloud))).exits(2);
    plan.omits("changed-by-now").says("(sensitive)");
    let apply = silent(other(project.apply(&cloud))).exits(0);
    apply.omits("changed-by-now");
    assert_not_in_the_state(&project, "changed-by-now");
    other(project.plan(&cloud)).run().exits(0);
}

/// Checks every file below `state/`, backups included.
#[track_caller]
fn assert_not_in_the_state(project: &Project, secret: &str) {
    let files = project.files("state");
    assert!(files.len() >= 3, "{:?}", files.keys());
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(secret), "{} has it", path.display());
    }
}

#[test]
fn a_secret_that_fails_to_be_sent_is_not_shown_either() {
    let (project, cloud) = (Project::example("web-three-tier"), Cloud::start());
    let secret = |command: Eci| command.args(["--var", "password=hush-hush"]);
    // The cloud refuses the group that the secret is in.
    project.edit("data.eci.toml", "cpu = 2", "cpu = 2000");
    let apply = secret(project.apply(&cloud).env("ECI_LOG", "trace")).run();
    apply.exits(3).omits("hush-hush");
    assert_not_in_the_state(&project, "hush-hush");
}

#[test]
fn outputs_are_answered_as_text_as_json_and_raw() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let run = project.apply(&cloud).run().exits(0);
    let address = cloud.groups()[0]["internetIp"].as_str().unwrap().to_owned();
    assert_eq!(run.stdout, format!("address = \"{address}\"\n"));

    let output = |arguments: &str| project.eci(&format!("output {arguments}")).run();
    assert_eq!(output("").stdout, format!("address = \"{address}\"\n"));
    assert_eq!(output("address --raw").exits(0).stdout.trim_end(), address);
    assert_eq!(output("address --format json").json(), json!(address));
    assert_eq!(
        output("--format json").json()["address"]["value"],
        json!(address)
    );
    output("adress").exits(1).says("address");
}

#[test]
fn a_sensitive_output_requested_by_name_is_an_error() {
    let project = Project::new(
        r#"
        [variable.password]
        sensitive = true
        [output.password]
        value = '${var.password}'
        sensitive = true
        "#,
    );
    let cloud = Cloud::start();
    let apply = project.apply(&cloud).args(["--var", "password=hush-hush"]);
    apply.run().exits(0);
    for form in ["", " --raw", " --format json"] {
        let output = project.eci(&format!("output password{form}")).run();
        let output = output.exits(1).says("digest");
        assert_eq!(output.stdout, "", "{output}");
    }
    let all = project.eci("output").run().exits(0);
    assert_eq!(all.stdout, "password = (sensitive)\n");
}

#[test]
fn the_state_is_listed_and_shown_by_address() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let state = |arguments: &str| project.eci(&format!("state {arguments}")).run();
    state("list").exits(1).says("eci apply");
    project.apply(&cloud).run().exits(0);
    let listed = "eip.web\nvolume.conf\ncontainer_group.web\n";
    assert_eq!(state("list").exits(0).stdout, listed);
    let shown = state("show container_group.web").exits(0);
    shown.says("nginx:1.27").says("Running");
    state("show container_group.wep")
        .exits(1)
        .says("container_group.web");
    let document = project.eci("show --format json").run().exits(0).json();
    assert!(document.to_string().contains("container_group.web"));
}

#[test]
fn a_valid_configuration_is_validated_without_cloud_credentials_or_state() {
    for name in eci_tests::examples() {
        let project = Project::example(&name);
        let before = project.files(".");
        let validate = |more: &str| {
            let command = project.eci(&format!("validate {more}"));
            let command = command.without_env("CTYUN_AK").without_env("CTYUN_SK");
            command.run().exits(0)
        };
        validate("").says("valid");
        assert_eq!(validate("--format json").json()["valid"], json!(true));
        assert!(project.files(".") == before, "{name}: it writes nothing");
    }
}

const ERRORS: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.image]
default = "nginx:1.27"

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group = "sg-1"
az_name = "az1"
restart_policy = "Sometimes"

[[container_group.web.containers]]
name = "nginx"
image = '${var.imgae}'
ports = [{ port = 70000 }]
volume_mounts = [{ volume = "conf", mount_path = "etc" }]
"#;

#[test]
fn every_error_of_a_manifest_is_reported_with_its_location_in_one_run() {
    let (project, cloud) = (Project::new(ERRORS), Cloud::start());
    project.write(
        "more.eci.toml",
        "[output.address]\nvalue = '${container_group.wep.id}'\n",
    );
    let run = project.eci("validate").run().exits(1);
    for place in [
        "main.eci.toml:11:1",
        "main.eci.toml:13:18",
        "main.eci.toml:17:12",
        "main.eci.toml:18:19",
        "main.eci.toml:19:29",
        "main.eci.toml:19:50",
        "more.eci.toml:2:",
    ] {
        assert!(run.stderr.contains(place), "{place}: {run}");
    }
    insta::with_settings!(
        { omit_expression => true, prepend_module_to_snapshot => false },
        { insta::assert_snapshot!("errors-of-a-manifest", project.shown(&run)) }
    );
    // A plan and an apply report the same error and change nothing.
    let plan = project.plan(&cloud).run().exits(1);
    assert_eq!(plan.stderr, run.stderr);
    let apply = project.apply(&cloud).run().exits(1);
    assert_eq!(apply.stderr, run.stderr);
    assert!(!project.path().join("state").exists());
}

#[test]
fn a_manifest_with_invalid_toml_is_reported_with_its_location() {
    let project = Project::new("[provider]\nregion_id = \"x\n");
    project
        .eci("validate")
        .run()
        .exits(1)
        .says("main.eci.toml:2:");
}

#[test]
fn colors_are_drawn_only_where_they_are_requested() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let plan = || project.plan(&cloud);
    plan().run().exits(2);
    plan().env("CLICOLOR_FORCE", "1").in_colors().run().exits(2);
    plan()
        .args(["--color", "always"])
        .in_colors()
        .run()
        .exits(2);
    let never = plan().args(["--color", "never"]);
    never.env("CLICOLOR_FORCE", "1").run().exits(2);
}

#[test]
fn a_plan_as_json_has_the_document_of_terraforms_readers() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let plan = project
        .plan(&cloud)
        .args(["--format", "json"])
        .run()
        .exits(2)
        .json();
    let changes = plan["resource_changes"].as_array().unwrap();
    let of = |address: &str| {
        let found = changes.iter().find(|change| change["address"] == address);
        found.unwrap_or_else(|| panic!("{address}: {plan:#}"))
    };
    let group = of("container_group.web");
    assert_eq!(group["change"]["actions"], json!(["create"]));
    assert_eq!(group["change"]["before"], Value::Null);
    assert_eq!(group["change"]["after_unknown"]["id"], json!(true));
    assert_eq!(plan["errored"], json!(false));
    assert!(plan["format_version"].is_string());

    project.apply(&cloud).run().exits(0);
    let plan = project
        .plan(&cloud)
        .args(["--format", "json"])
        .run()
        .exits(0)
        .json();
    for change in plan["resource_changes"].as_array().unwrap() {
        assert_eq!(change["change"]["actions"], json!(["no-op"]), "{change:#}");
    }
}

#[test]
fn an_apply_as_json_is_one_message_a_line() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let run = project
        .apply(&cloud)
        .args(["--format", "json"])
        .run()
        .exits(0);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {run}")))
        .collect();
    assert!(lines.len() >= 4, "{run}");
    assert!(
        lines
            .iter()
            .any(|line| line["hook"]["resource"]["addr"] == "container_group.web"),
        "{run}"
    );
}

#[test]
fn an_edit_in_place_keeps_the_group_and_another_replaces_it() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let first = cloud.groups()[0]["containerGroupId"].clone();

    project
        .plan(&cloud)
        .args(["--var", "image=nginx:1.28"])
        .run()
        .exits(2)
        .says("1 to update");
    project
        .apply(&cloud)
        .args(["--var", "image=nginx:1.28"])
        .run()
        .exits(0);
    assert_eq!(cloud.groups()[0]["containerGroupId"], first);
    assert_eq!(cloud.groups()[0]["containers"][0]["image"], "nginx:1.28");
    project.edit("web.eci.toml", "nginx:1.27", "nginx:1.28");
    project.assert_no_changes(&cloud);

    project.edit("web.eci.toml", "subnet-y9n723knrg", "subnet-2");
    let plan = project.plan(&cloud).run().exits(2);
    plan.says("vswitch_id")
        .says("# forces replacement")
        .says("1 to replace");
    project.apply(&cloud).run().exits(0);
    assert_ne!(cloud.groups()[0]["containerGroupId"], first);
    assert_eq!(cloud.names(), ["web"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_resource_that_left_the_manifests_is_deleted() {
    let (project, cloud) = (Project::example("web-three-tier"), Cloud::start());
    project.apply(&cloud).run().exits(0);
    std::fs::remove_file(project.path().join("web.eci.toml")).unwrap();
    project.plan(&cloud).run().exits(2).says("will be deleted");
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.names(), ["app", "database"]);
    project.assert_no_changes(&cloud);
}

#[test]
fn an_empty_state_is_destroyed_in_no_time() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let destroy = project.destroy(&cloud).run().exits(0);
    destroy.says("No changes. The state contains no resources.");
    assert!(cloud.sandbox().audit_log().is_empty());
}

#[test]
fn the_state_is_locked_until_the_outcome_is_printed() {
    // More than fits into an unread pipe.
    let value = "x".repeat(40);
    let outputs = (0..3000).map(|at| format!("[output.o{at}]\nvalue = {value:?}\n"));
    let project = Project::new(&outputs.collect::<String>());
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut apply = binaries::command("eci")
        .current_dir(project.path())
        .args(["apply", "--auto-approve"])
        .env_clear()
        .env("HOME", project.path())
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let state = project.path().join("state");
    let since = Instant::now();
    while !LocalStore::read(&state).is_ok_and(|state| !state.outputs.is_empty()) {
        assert!(
            since.elapsed() < Duration::from_secs(60),
            "nothing is recorded"
        );
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(500));
    let holder = LocalStore::holder(&state).unwrap();
    let mut printed = String::new();
    reader.read_to_string(&mut printed).unwrap();
    assert!(apply.wait().unwrap().success());
    assert_eq!(printed.matches(&value).count(), 3000);
    assert!(holder.is_some(), "released before the outcome is printed");
    assert!(LocalStore::holder(&state).unwrap().is_none());
}
