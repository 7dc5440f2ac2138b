//! Hints: the commands in them work as they are written, and mistakes lead to what was meant.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use eci_sandbox::{Fault, Rule};
use eci_tests::{Cloud, Eci, Project};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 20, kind = "SATA" }

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
volumes = ["data"]
containers = [{ name = "main", image = "nginx:1.27" }]
"#;

/// The first command that a hint names, without `eci`.
fn command_in(text: &str) -> Vec<String> {
    let (_, rest) = text.split_once("`eci ").unwrap();
    let (command, _) = rest.split_once('`').unwrap();
    command.split(' ').map(str::to_owned).collect()
}

#[test]
fn the_command_in_the_hint_after_a_saved_plan_works_as_it_is_written() {
    let project = Project::new(MANIFEST);
    std::fs::create_dir(project.path().join("sub")).unwrap();
    project.write("sub/main.eci.toml", MANIFEST);
    let globals = "-C sub --state other --sandbox --sandbox-speed instant";
    project
        .eci(&format!("workspace new blue {globals}"))
        .run()
        .exits(0);
    let plan = project.eci(&format!("plan --out x.eciplan --workspace blue {globals}"));
    let said = plan.run().exits(0).stderr.replace('\n', " ");
    let command = command_in(&said);
    assert_eq!(command.last().unwrap(), "x.eciplan", "{command:?}");
    let apply = Eci::new("eci", project.path()).args(command);
    apply.run().exits(0).says("Apply complete: 2 created.");
}

#[test]
fn the_command_in_the_message_of_a_damaged_state_works_as_it_is_written() {
    let project = Project::new("");
    std::fs::create_dir(project.path().join("sub")).unwrap();
    project.write("sub/main.eci.toml", MANIFEST);
    let globals = "-C sub --sandbox --sandbox-speed instant --state other";
    let apply = project.eci(&format!("apply --auto-approve {globals}"));
    apply.run().exits(0);
    project.write("sub/other/state.json", "{ torn");
    let plan = project.eci(&format!("plan {globals}"));
    let said = plan.run().exits(1).stderr.replace('\n', " ");
    let recover = Eci::new("eci", project.path()).args(command_in(&said));
    recover.run().exits(0);
    let plan = project.eci(&format!("plan {globals}"));
    plan.run().exits(0);
}

#[test]
fn the_command_in_a_message_for_programs_has_the_options_of_the_run() {
    let project = Project::new(MANIFEST);
    std::fs::create_dir(project.path().join("other")).unwrap();
    project.write("other/state.json", "{ torn");
    for format in ["json", "events"] {
        let plan = format!("plan --sandbox --state other --format {format}");
        let plan = project.eci(&plan).run().exits(1);
        let said = plan.stdout.lines().find(|line| line.contains("diagnostic"));
        let said: serde_json::Value = serde_json::from_str(said.unwrap()).unwrap();
        let detail = said["diagnostic"]["detail"].as_str().unwrap();
        assert!(
            detail.contains("`eci state recover --state other --sandbox`"),
            "{detail}"
        );
    }
    let import = "[[import]]\nto = \"eip.front\"\nid = \"eip-1\"\n";
    std::fs::create_dir(project.path().join("sub")).unwrap();
    project.write("sub/main.eci.toml", import);
    let validate = project.eci("validate -C sub --format json").run().exits(1);
    let said = validate.json()["diagnostics"][0]["help"].to_string();
    assert!(said.contains("`eci import -C sub --all"), "{said}");
}

#[test]
fn a_command_in_a_hint_about_a_state_of_the_simulated_cloud_names_it() {
    let project = Project::new(MANIFEST);
    let speed = "--sandbox --sandbox-speed instant";
    let plan = format!("plan --out first.eciplan {speed}");
    project.eci(&plan).run().exits(0);
    let apply = project.eci("apply first.eciplan").run().exits(1);
    apply.says("use `--sandbox` to apply the plan in the simulated cloud");
    let apply = format!("apply first.eciplan {speed}");
    project.eci(&apply).run().exits(0);
    for (command, hint) in [
        ("state show eip.other", "`eci state list --sandbox`"),
        ("show other.eciplan", "`eci plan --sandbox --out FILE`"),
        ("output address", "`eci apply --sandbox`"),
    ] {
        project.eci(command).run().exits(1).says(hint);
    }
}

#[test]
fn options_that_would_have_no_effect_are_refused() {
    let project = Project::new(MANIFEST);
    let endpoint = "--endpoint eci=http://127.0.0.1:1";
    for line in [
        format!("plan --sandbox {endpoint}"),
        format!("--sandbox plan {endpoint}"),
        format!("{endpoint} apply --sandbox"),
    ] {
        let refused = project.eci(&line).run().exits(1);
        refused.says("`--endpoint` conflicts with `--sandbox`");
    }
    let refused = project
        .eci("init -backend-config=path=other")
        .run()
        .exits(1);
    refused.says("set `ECI_BACKEND_PATH` in the environment");
    let init = project.eci("init -backend=false").run();
    init.exits(0);
}

#[test]
fn the_command_in_the_hint_of_an_error_works_as_it_is_written() {
    let project = Project::new(MANIFEST);
    let globals = "--sandbox --sandbox-speed instant --state other";
    let logs = project.eci(&format!("logs container_group.web {globals}"));
    let said = logs.run().exits(1).stderr.replace('\n', " ");
    let apply = Eci::new("eci", project.path()).args(command_in(&said));
    let apply = apply.arg("--auto-approve");
    apply.run().exits(0).says("Apply complete: 2 created.");
}

#[test]
fn the_command_in_the_help_about_an_undeclared_import_works_as_it_is_written() {
    let project = Project::new(MANIFEST);
    for (lang, expected) in [("en", "--az-name"), ("zh", "生成")] {
        let import = project
            .eci("import container_group.app eci-abc --sandbox --sandbox-speed instant")
            .env("ECI_LANG", lang);
        let said = import.run().exits(1).stderr.replace('\n', " ");
        let command = command_in(&said);
        let help = Eci::new("eci", project.path()).args(command);
        help.env("ECI_LANG", lang).run().exits(0).says(expected);
    }
}

#[test]
fn a_command_in_the_place_of_a_plan_leads_to_the_command() {
    let project = Project::new(MANIFEST);
    for (lang, expected) in [
        ("en", "to run that command, use `eci destroy --sandbox`"),
        ("zh", "如需执行该命令，使用 `eci destroy --sandbox`"),
    ] {
        let apply = Eci::new("eci-apply", project.path()).args(["destroy", "--sandbox"]);
        apply.env("ECI_LANG", lang).run().exits(1).says(expected);
    }
}

#[test]
fn an_error_of_the_system_about_a_plan_is_in_the_language_of_the_user() {
    let project = Project::new("");
    for (lang, expected) in [
        (
            "en",
            "failed to write the plan `/nonexist/x`: file or directory not found",
        ),
        ("zh", "写入计划 `/nonexist/x` 失败：文件或目录不存在"),
    ] {
        let plan = project.eci("plan --sandbox --sandbox-speed instant --out /nonexist/x");
        let run = plan.env("ECI_LANG", lang).run().exits(1);
        run.says(expected).omits("os error");
    }
}

#[test]
fn an_unknown_address_leads_to_the_near_one_and_to_no_far_one() {
    let project = Project::new(MANIFEST);
    let plan = |flags: &str| {
        let plan = project.eci("plan --sandbox --sandbox-speed instant");
        plan.args(flags.split(' ')).run().exits(1)
    };
    for flag in ["--replace", "--target"] {
        plan(&format!("{flag} container_group.wbe")).says("did you mean `container_group.web`?");
        plan(&format!("{flag} container_group.app")).omits("did you mean");
    }
    plan("--target web")
        .says("missing resource type")
        .says("did you mean `container_group.web`?");
}

#[test]
fn an_address_that_is_given_to_show_leads_to_the_command_for_addresses() {
    let project = Project::new(MANIFEST);
    let show = project.eci("show container_group.web").run().exits(1);
    show.says("run `eci state show container_group.web`");
    project
        .eci("show none.eciplan")
        .run()
        .exits(1)
        .says("eci plan --out");
}

#[test]
fn commands_in_helps_about_a_state_of_the_sandbox_have_its_option() {
    let project = Project::new(MANIFEST);
    let apply = project.eci("apply --sandbox --sandbox-speed instant --auto-approve");
    apply.run().exits(0);
    for (command, help) in [
        (
            "workspace delete default",
            "`eci destroy --sandbox --workspace default`",
        ),
        ("show none.eciplan", "`eci plan --sandbox --out FILE`"),
    ] {
        project.eci(command).run().exits(1).says(help);
    }
}

#[test]
fn an_invalid_configuration_is_reported_in_the_format_of_the_plan() {
    let project = Project::new(&MANIFEST.replace("az_name", "az_nam"));
    let plan = |format: &str| {
        let plan = project.eci("plan --sandbox --format").arg(format);
        plan.run().exits(1).says("unsupported key `az_nam`").stdout
    };
    let markdown = plan("markdown");
    assert!(
        markdown.starts_with("### eci plan: failed\n\n```text\nerror[E0202]"),
        "{markdown}"
    );
    let html = plan("html");
    assert!(html.contains("<h1>eci plan: failed</h1>"), "{html}");
    assert!(html.contains("unsupported key `az_nam`"), "{html}");
    assert_eq!(plan("text"), "");
}

#[test]
fn an_empty_deletion_requires_no_approval_and_says_what_cannot_be_found() {
    let project = Project::new(MANIFEST);
    let eci = |command: &str| {
        let flags = ["--sandbox", "--sandbox-speed", "instant"];
        project.eci(command).args(flags).run()
    };
    eci("apply --auto-approve").exits(0);
    for command in ["orphans", "orphans --delete"] {
        let run = eci(command).exits(0).says("No orphaned resources found.");
        run.says("An EIP has no operation tag");
    }
}

#[test]
fn duplicates_that_cannot_be_looked_for_are_a_warning() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    let mut slow = Rule::new("createContainerGroup", Fault::Hang);
    slow.fault = None;
    slow.latency = Some(Duration::from_millis(500));
    cloud.fail([slow]);
    let apply = project.apply(&cloud).start();
    apply.until("at the create", || cloud.calls("createContainerGroup") == 1);
    cloud.fail([Rule::new("describeContainerGroups", Fault::Html)]);
    let run = apply.wait().exits(0);
    run.says("warning: eci could not check whether the cloud created anything twice")
        .says("help: run `eci orphans`")
        .omits("WARN");
}

#[test]
fn the_default_name_of_a_disk_that_is_taken_leads_to_another_one() {
    let cloud = Cloud::start();
    let (first, second) = (Project::new(MANIFEST), Project::new(MANIFEST));
    first.apply(&cloud).run().exits(0);
    let refused = second.apply(&cloud).run().exits(3);
    refused.says("set a different `name` in `disk`");
    second.edit(
        "main.eci.toml",
        "kind = \"SATA\"",
        "kind = \"SATA\", name = \"other\"",
    );
    second.apply(&cloud).run().exits(0);
}

#[test]
fn a_value_file_that_is_not_toml_has_the_report_of_a_manifest_and_shows_no_value() {
    let project = Project::new(MANIFEST);
    project.write("eci.vars.toml", "conn = hunter2\nport = 12ab\n");
    let plan = project
        .eci("plan --sandbox --sandbox-speed instant")
        .run()
        .exits(1);
    plan.says("error[E0104]: a string must be quoted")
        .says("--> eci.vars.toml:1:8")
        .says("1 | conn = *******")
        .says("help: quote a string, for example `image = \"nginx:1.28\"`")
        .says("invalid value of `port`")
        .says("2 | port = ****")
        .omits("hunter2")
        .omits("12ab");
}

#[test]
fn a_plan_that_could_not_be_saved_is_refused_before_any_call() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let plan = |file: &str| project.plan(&cloud).args(["--out", file]).run();
    std::fs::create_dir(project.path().join("plans")).unwrap();
    plan("plans/x.eciplan").exits(0);
    let names = std::fs::read_dir(project.path().join("plans")).unwrap();
    assert_eq!(names.count(), 1, "the check leaves nothing behind");
    let reads = || cloud.calls("describeContainerGroup") + cloud.calls("describeContainerGroups");
    let before = reads();
    assert!(before > 0, "a plan reads the container groups");
    plan("missing/x.eciplan")
        .exits(1)
        .says("failed to write the plan `missing/x.eciplan`: file or directory not found");
    assert_eq!(reads(), before);
}

#[test]
fn a_place_in_a_manifest_is_relative_to_the_directory_of_the_shell() {
    let project = Project::new("");
    std::fs::create_dir(project.path().join("sub")).unwrap();
    project.write("sub/main.eci.toml", "[eip.front]\nbandwith = 5\n");
    for command in ["validate -C sub", "plan -C sub --sandbox"] {
        let run = project.eci(command).run().exits(1);
        run.says("--> sub/main.eci.toml:2:1");
    }
    let inside = Eci::new("eci", &project.path().join("sub")).args(["validate"]);
    inside.run().exits(1).says("--> main.eci.toml:2:1");
}

#[test]
fn an_output_that_is_declared_and_not_in_the_state_leads_to_an_apply() {
    let project = Project::new(MANIFEST);
    let eci = |command: &str| project.eci(command);
    eci("output address")
        .run()
        .exits(1)
        .says("run `eci apply` (or `eci apply --sandbox` for the simulated cloud) to create one");
    let apply = "apply --auto-approve --sandbox --sandbox-speed instant";
    eci(apply).run().exits(0);
    eci("output address --sandbox")
        .run()
        .exits(1)
        .says("declare it as `[output.NAME]`");
    let output = "[output.address]\nvalue = '${container_group.web.intranet_ip}'\n";
    project.write("output.eci.toml", output);
    eci("output address --sandbox")
        .run()
        .exits(1)
        .says("help: run `eci apply --sandbox` to add it to the state");
    eci(apply).run().exits(0);
    eci("output address --sandbox").run().exits(0);
}

#[test]
fn the_log_of_an_earlier_run_of_a_container_that_was_not_restarted_is_refused_with_the_reason() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let logs = |options: &[&str]| {
        let logs = project.eci("logs container_group.web");
        logs.args(cloud.flags()).args(options.iter().copied()).run()
    };
    logs(&[]).exits(0);
    logs(&["--previous"])
        .exits(1)
        .says("container `main` of container_group.web has not been restarted")
        .says("help: omit `--previous`");
}

#[test]
fn events_have_their_times_in_utc() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let events = project.eci("events container_group.web");
    let events = events.args(cloud.flags()).run().exits(0);
    let mut lines = events.stdout.lines().skip(1);
    let times = lines.all(|line| {
        let time = line.split_whitespace().next().unwrap();
        time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok()
    });
    assert!(times, "{}", events.stdout);
}

#[test]
fn the_plan_to_review_has_the_options_of_the_command() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    let options = ["--target", "volume.data", "--refresh=false"];
    let refused = project.eci("apply").args(cloud.flags()).args(options);
    let refused = refused.run().exits(1);
    let hint = refused.stderr.split("help: review the plan with ").last();
    let command = command_in(hint.unwrap());
    assert!(
        command.ends_with(&options.map(str::to_owned)),
        "{command:?}"
    );
    let plan = Eci::new("eci", project.path()).args(&command);
    plan.run().exits(0).says("volume.data will be created");
}

#[test]
fn a_file_or_directory_in_place_of_a_plan_leads_to_the_command() {
    let project = Project::new(MANIFEST);
    std::fs::create_dir(project.path().join("envs")).unwrap();
    for (given, command) in [
        ("web.eci.toml", "`eci apply --sandbox`"),
        ("envs", "`eci apply -C envs`"),
        (
            "a.vars.toml",
            "`eci apply --sandbox --var-file a.vars.toml`",
        ),
    ] {
        let refused = project.eci(&format!("apply {given} --sandbox")).run();
        refused.exits(1).says("is not a saved plan").says(command);
    }
}
