//! Plans that are kept, refreshes, and what is adopted.

#![allow(clippy::unwrap_used)]

use eci_tests::{Cloud, Eci, Project};

/// The password in the three tiers, which is sensitive.
const PASSWORD: &str = "only-for-the-demo";

fn on(cloud: &Cloud, command: Eci) -> Eci {
    command.args(cloud.flags())
}

#[test]
fn a_saved_plan_is_applied_once_as_it_was_shown_and_without_a_question() {
    let (project, cloud) = (Project::example("web-three-tier"), Cloud::start());
    let plan = project.plan(&cloud).args(["--out", "web.eciplan"]).run();
    let shown = plan.exits(2).stdout;
    let kept = project.read("web.eciplan");
    assert!(!kept.contains(PASSWORD) && kept.contains("hmac-sha256"));

    let again = project.eci("show web.eciplan").run().exits(0);
    assert_eq!(again.stdout, shown);
    let document = project.eci("show web.eciplan --format json").run().json();
    assert_eq!(document["resource_drift"], serde_json::json!([]));
    assert!(cloud.names().is_empty());

    let apply = || on(&cloud, project.eci("apply web.eciplan")).run();
    apply().exits(0).omits(PASSWORD);
    project.assert_no_changes(&cloud);
    apply().exits(1).says("the saved plan is stale");
}

#[cfg(unix)]
#[test]
fn no_command_reads_or_waits_for_a_path_that_is_not_a_file() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let at = |name: &str| project.path().join(name);
    let pipe = std::process::Command::new("mkfifo")
        .arg(at("pipe"))
        .status();
    assert!(pipe.unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", at("device")).unwrap();
    std::fs::create_dir(at("directory")).unwrap();
    for file in ["pipe", "device", "directory"] {
        for command in [
            format!("show {file}"),
            format!("apply {file}"),
            format!("state push {file}"),
            format!("plan --var-file {file}"),
            format!("sandbox serve --listen 127.0.0.1:0 --faults {file}"),
        ] {
            let refused = on(&cloud, project.eci(&command)).run().exits(1);
            let is_plan = command.starts_with("show") || command.starts_with("apply");
            let reason = if is_plan && file == "directory" {
                "it is a directory"
            } else {
                "it is not a file"
            };
            refused.says(reason);
        }
    }
}

#[test]
fn a_plan_takes_the_place_of_nothing_but_a_plan() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let plan = |file: &str| project.plan(&cloud).args(["--out", file]).run();
    project.write("notes.txt", "{\"format\": 2");
    project.write("empty", "");
    for file in ["web.eci.toml", "notes.txt", "new.eci.toml", "new.vars.toml"] {
        let before = std::fs::read(project.path().join(file)).ok();
        // Before any question or change.
        let refused = plan(file).exits(1).says("not a saved plan");
        assert_eq!(refused.stdout, "");
        assert_eq!(std::fs::read(project.path().join(file)).ok(), before);
    }
    assert!(!project.path().join("state").exists());
    for file in ["empty", "web.eciplan", "web.eciplan"] {
        plan(file).exits(2);
    }
    let state = "state/state.json";
    let before = project.read(state);
    plan(state).exits(1).says("not a saved plan");
    assert_eq!(project.read(state), before);
}

#[cfg(unix)]
#[test]
fn a_plan_takes_the_place_of_no_device_and_of_no_link() {
    use std::os::unix::fs::FileTypeExt as _;
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let at = |name: &str| project.path().join(name);
    let pipe = std::process::Command::new("mkfifo")
        .arg(at("pipe"))
        .status();
    assert!(pipe.unwrap().success());
    let plan = |file: &str| project.plan(&cloud).args(["--out", file]).run();
    // Before any question or change.
    let refused = plan("pipe").exits(1).says("it exists and is not a file");
    assert_eq!(refused.stdout, "");
    let kind = std::fs::symlink_metadata(at("pipe")).unwrap().file_type();
    assert!(kind.is_fifo() && !at("state").exists());

    std::fs::create_dir(at("kept")).unwrap();
    let old = r#"{"format":1,"plan":{},"checksum":"sha256:0"}"#;
    project.write("kept/old.eciplan", old);
    std::os::unix::fs::symlink("kept/old.eciplan", at("web.eciplan")).unwrap();
    plan("web.eciplan").exits(2);
    let link = std::fs::symlink_metadata(at("web.eciplan")).unwrap();
    assert!(link.is_symlink() && project.read("kept/old.eciplan") != old);
    on(&cloud, project.eci("apply web.eciplan")).run().exits(0);
}

#[test]
fn a_saved_plan_is_refused_after_a_manifest_has_changed() {
    let (project, cloud) = (Project::example("quickstart"), Cloud::start());
    let plan = project.plan(&cloud).args(["--out", "web.eciplan"]).run();
    plan.exits(2);
    project.edit("web.eci.toml", "cpu = 1", "cpu = 2");
    let apply = || on(&cloud, project.eci("apply web.eciplan")).run();
    apply()
        .exits(1)
        .says("manifest web.eci.toml changed after the plan was created");
    project.edit("web.eci.toml", "cpu = 2", "cpu = 1");
    project.write("default.conf", "# nothing\n");
    apply().exits(1).says("default.conf");
    assert!(cloud.names().is_empty());
}

#[test]
fn a_saved_plan_takes_no_flags_of_plan() {
    let project = Project::example("quickstart");
    for flags in [
        "apply web.eciplan --destroy",
        "apply web.eciplan --target eip.web",
        "apply web.eciplan --refresh=false",
    ] {
        project.eci(flags).run().exits(1).says("Usage");
    }
}

#[test]
fn what_is_there_is_written_down_adopted_and_then_unchanged() {
    let (maker, cloud) = (Project::example("quickstart"), Cloud::start());
    maker.apply(&cloud).run().exits(0);
    let created = cloud.created();

    let project = Project::empty();
    let import = "import --all --tag app=web --write web";
    let region = "bb9fdb42056f11eda1610242ac110002";
    let command = || on(&cloud, project.eci(import)).env("CTYUN_REGION_ID", region);
    command().run().exits(1).says("--az-name");
    let zone = ["--az-name", "cn-huadong1-jsnj1A-public-ctcloud"];
    let run = command().args(zone).run().exits(0);
    assert!(run.stdout.contains("web.eci.toml"), "{}", run.stdout);
    command()
        .args(zone)
        .run()
        .exits(1)
        .says("already contains manifests");

    // The state of its maker owns the group still.
    let imports = project.read("web/imports.eci.toml");
    let (before, of_group) = imports.split_once("container_group.web").unwrap();
    let taken = of_group.replacen('\n', "\ntake_over = true\n", 1);
    project.write(
        "web/imports.eci.toml",
        &format!("{before}container_group.web{taken}"),
    );
    let there = |words: &str| on(&cloud, project.eci(&format!("{words} -C web"))).run();
    there("plan --detailed-exitcode")
        .exits(2)
        .says("0 to create, 1 to update, 0 to replace, 0 to delete, 3 to import");
    there("apply --auto-approve")
        .exits(0)
        .says("1 updated, 3 imported");
    there("plan --detailed-exitcode").exits(0);
    assert_eq!(cloud.created(), created);
    // It has the operation tag of its new state.
    assert_eq!(cloud.calls("updateContainerGroup"), 1);
}

#[test]
fn one_resource_is_adopted_by_its_id() {
    let (maker, cloud) = (Project::example("quickstart"), Cloud::start());
    maker.apply(&cloud).run().exits(0);
    let id = cloud.groups()[0]["containerGroupId"]
        .as_str()
        .unwrap()
        .to_owned();

    let project = Project::example("quickstart");
    let import = |words: &str| on(&cloud, project.eci(&format!("import {words}"))).run();
    import(&format!("container_group.wbe {id} --auto-approve"))
        .exits(1)
        .says("did you mean `container_group.web`?");
    import(&format!("container_group.web {id} --auto-approve"))
        .exits(1)
        .says("belongs to the state with lineage");
    let adopt = format!("container_group.web {id} --auto-approve --take-over");
    import(&adopt).exits(0).says("imported");
    import(&adopt).exits(1).says("already");
    // The operation tag of its new state is all that the next plan sets.
    let then = |words: &str| on(&cloud, project.eci(words)).run();
    then("plan --detailed-exitcode")
        .exits(2)
        .says("0 to create, 1 to update, 0 to replace, 0 to delete");
    then("apply --auto-approve").exits(0).says("1 updated");
    then("plan --detailed-exitcode").exits(0);
    assert_eq!(cloud.calls("createContainerGroup"), 1);
}
