//! Marked secrets in every place that can hold one, and every byte that the programs write
//! searched for them.

#![allow(clippy::unwrap_used)]

use eci_sandbox::{Fault, OutOfBandChange, Rule, Speed};
use eci_tests::{Cloud, Eci, Project, Run};
use serde_json::json;

/// The secrets that must be found nowhere: as they were given, and as they are sent.
const MARKS: [&str; 13] = [
    "mark-registry-1",
    "mark-access-2",
    "mark-secret-3",
    // base64 of `mark-access-2:mark-secret-3`
    "bWFyay1hY2Nlc3MtMjptYXJrLXNlY3JldC0z",
    "mark-variable-4",
    "mark-content-5",
    // base64 of `mark-credential-6:x`
    "bWFyay1jcmVkZW50aWFsLTY6eA==",
    // of `mark-variable-4`, upper case and base64
    "MARK-VARIABLE-4",
    "bWFyay12YXJpYWJsZS00",
    "mark-name-7",
    "mark-image-8",
    "mark-server-9",
    "mark-path-10",
];

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.secret]
sensitive = true

[variable.content]
sensitive = true

[volume.conf]
type = "ConfigFileVolume"
files = [
    { path = "token", content = '${var.content}' },
    { path = "key", content = 'key = ${var.secret}' },
]

[volume.bucket]
type = "ZosVolume"
bucket = "b"
url = "https://zos.example"
access_key = "mark-access-2"
secret_key = "mark-secret-3"

[volume.other]
type = "ZosVolume"
bucket = "c"
url = "https://zos.example"
credential = "bWFyay1jcmVkZW50aWFsLTY6eA=="

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
tags = { owner = '${var.secret}' }
image_registry_credentials = [
    { server = "registry.example", user_name = "robot", password = "mark-registry-1" },
]

[[container_group.web.containers]]
name = "main"
image = "app:1"
command = ["serve", '--token=${upper(var.secret)}']
env = { TOKEN = '${var.secret}', ENCODED = '${base64encode(var.secret)}' }
volume_mounts = [
    { volume = "conf", mount_path = "/conf" },
    { volume = "bucket", mount_path = "/bucket" },
    { volume = "other", mount_path = "/other" },
]

[output.token]
value = '${var.secret}'
sensitive = true
"#;

fn project() -> Project {
    let project = Project::new(MANIFEST);
    project.write(
        "eci.vars.toml",
        "secret = \"mark-variable-4\"\ncontent = \"mark-content-5\"\n",
    );
    project
}

#[track_caller]
fn silent(command: Eci) -> Run {
    let mut run = command.run();
    for mark in MARKS {
        run = run.omits(mark);
    }
    run
}

/// Checks every file that the programs wrote.
#[track_caller]
fn nothing_is_written(project: &Project) {
    let files = project.files(".");
    let ours = |path: &std::path::Path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.ends_with(".eci.toml") || name == "eci.vars.toml"
    };
    let written: Vec<_> = files.iter().filter(|(path, _)| !ours(path)).collect();
    assert!(written.len() >= 2, "{written:?}");
    for (path, bytes) in written {
        let text = String::from_utf8_lossy(bytes);
        for mark in MARKS {
            assert!(!text.contains(mark), "{} has {mark}", path.display());
        }
    }
}

fn on(cloud: &Cloud, command: Eci) -> Eci {
    command.args(cloud.flags())
}

/// Returns the command with all of its output.
fn loud(command: Eci) -> Eci {
    command.arg("-vv").env("ECI_LOG", "trace")
}

#[test]
fn no_secret_is_written_while_a_group_is_created_changed_and_deleted() {
    let (project, cloud) = (project(), Cloud::start());
    for format in ["text", "json", "markdown", "html"] {
        silent(project.plan(&cloud).args(["--format", format])).exits(2);
    }
    let keep = project.plan(&cloud).args(["--out", "kept.eciplan"]);
    silent(loud(keep)).exits(2);
    silent(project.eci("show kept.eciplan --format json")).exits(0);
    silent(loud(project.apply(&cloud))).exits(0);
    nothing_is_written(&project);
    // What is there got all of it.
    let sent = serde_json::to_string(&cloud.groups()).unwrap();
    assert!(sent.contains("mark-variable-4"), "{sent}");
    project.assert_no_changes(&cloud);
    for command in [
        "show",
        "show --format json",
        "state show container_group.web",
        "state show volume.bucket",
        "state show volume.conf",
        "state list",
        "state history",
        "state show --at 1",
        "state diff 0",
        "state diff 0 --format json",
        "state pull",
        "output",
        "output --format json",
        "graph",
        "validate",
    ] {
        silent(loud(project.eci(command))).exits(0);
    }
    silent(loud(on(&cloud, project.eci("status --format json"))));

    // A changed secret is a change, and still not shown.
    project.edit("eci.vars.toml", "mark-variable-4", "other-mark-variable-4");
    project.edit("main.eci.toml", "mark-registry-1", "other-mark-registry-1");
    project.edit("main.eci.toml", "mark-access-2", "other-mark-access-2");
    for format in ["text", "json", "markdown", "html"] {
        let plan = project.plan(&cloud).args(["--format", format]);
        silent(loud(plan)).exits(2);
    }
    silent(loud(project.apply(&cloud))).exits(0);
    nothing_is_written(&project);
    silent(loud(project.destroy(&cloud))).exits(0);
    nothing_is_written(&project);
}

#[test]
fn no_secret_is_written_when_calls_fail() {
    for fault in [Fault::CutAfter, Fault::ErrorAfter, Fault::TooManyRequests] {
        let (project, cloud) = (project(), Cloud::start());
        cloud.fail([Rule::new("createContainerGroup", fault).times(1)]);
        silent(loud(project.apply(&cloud)));
        nothing_is_written(&project);
    }
    let (project, cloud) = (project(), Cloud::start());
    project.edit(
        "main.eci.toml",
        "image = \"app:1\"",
        "image = \"app:1\"\ncpu = 1000",
    );
    silent(loud(project.apply(&cloud))).exits(3);
    nothing_is_written(&project);
}

/// A group without a secret, which [`with_secret`] gives one in each place that an update can change
/// and that the cloud reports.
fn plain() -> Project {
    Project::new(
        r#"
        [provider]
        region_id = "bb9fdb42056f11eda1610242ac110002"

        [variable.secret]
        sensitive = true

        [container_group.web]
        vpc_id = "vpc-1"
        vswitch_id = "subnet-1"
        security_group_id = "sg-1"
        az_name = "az1"
        tags = { owner = "me" }
        containers = [{ name = "main", image = "app:1", command = ["serve"], env = { LEVEL = "info" } }]
        "#,
    )
}

fn with_secret(manifest: &str) -> String {
    manifest
        .replace("\"me\"", "'${var.secret}'")
        .replace("\"serve\"", "'--token=${upper(var.secret)}'")
        .replace("LEVEL =", "TOKEN = '${var.secret}', LEVEL =")
}

/// Every command that reads the cloud and shows or records the result.
#[track_caller]
fn everything_is_silent(project: &Project, cloud: &Cloud) {
    for format in ["text", "json", "markdown", "html"] {
        silent(project.plan(cloud).args(["--format", format]));
    }
    let keep = project.plan(cloud).args(["--out", "kept.eciplan"]);
    silent(loud(keep));
    silent(loud(on(
        cloud,
        project.eci("refresh --auto-approve --format json"),
    )));
    nothing_is_written(project);
    silent(loud(project.apply(cloud))).exits(0);
    nothing_is_written(project);
    for command in ["show", "state pull", "state show container_group.web"] {
        silent(project.eci(command)).exits(0);
    }
}

#[test]
fn a_secret_that_an_unanswered_update_added_is_written_nowhere() {
    const UPDATE: &str = "updateContainerGroup";
    for reverted in [true, false] {
        let (project, cloud) = (plain(), Cloud::start());
        let before = project.read("main.eci.toml");
        project.write("eci.vars.toml", "secret = \"mark-variable-4\"\n");
        silent(project.apply(&cloud)).exits(0);
        project.write("main.eci.toml", &with_secret(&before));
        cloud.fail([Rule::new(UPDATE, Fault::HangAfter)]);
        let apply = project.apply(&cloud).start();
        apply.until("at the update", || cloud.calls(UPDATE) > 0);
        std::thread::sleep(std::time::Duration::from_millis(50));
        apply.kill();
        cloud.heal();
        let sent = serde_json::to_string(&cloud.groups()).unwrap();
        assert!(sent.contains("mark-variable-4"), "{sent}");
        if reverted {
            project.write("main.eci.toml", &before);
        }
        everything_is_silent(&project, &cloud);
        project.assert_no_changes(&cloud);
    }
}

#[test]
fn a_stale_read_after_a_secret_was_removed_does_not_disclose_it() {
    let (project, cloud) = (plain(), Cloud::start());
    let without = project.read("main.eci.toml");
    project.write("eci.vars.toml", "secret = \"mark-variable-4\"\n");
    project.write("main.eci.toml", &with_secret(&without));
    silent(project.apply(&cloud)).exits(0);
    project.write("main.eci.toml", &without);
    silent(project.apply(&cloud)).exits(0);
    cloud.fail([Rule::new("*", Fault::Stale)]);
    silent(project.plan(&cloud)).exits(2).says("(sensitive)");
    everything_is_silent(&project, &cloud);
    cloud.heal();
    everything_is_silent(&project, &cloud);
    project.assert_no_changes(&cloud);
}

/// Secrets in names, labels and keys.
const NAMED: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.name]
sensitive = true

[variable.image]
sensitive = true

[variable.path]
sensitive = true

[variable.registry]
type = "object({ server = string, user_name = string, password = string })"
sensitive = true

[eip.front]
name = "front"

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 40, kind = "SATA", name = '${var.name}-d' }

[volume.empty]
type = "EmptyDirVolume"

[container_group.web]
name = '${var.name}-g'
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
image_registry_credentials = [
    { server = '${var.registry.server}', user_name = '${var.registry.user_name}', password = "x" },
]

[[container_group.web.containers]]
name = '${var.name}-c'
image = '${var.registry.server}/${var.image}:1'
volume_mounts = [
    { volume = "data", mount_path = "/data" },
    { volume = "empty", mount_path = '/${var.path}' },
]

[container_group.whole]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
image_registry_credentials = ['${var.registry}']
containers = ['${sensitive({ name = "mark-name-7", image = "mark-image-8" })}']
"#;

fn named() -> Project {
    let project = Project::new(NAMED);
    let variables = r#"
        name = "mark-name-7"
        image = "mark-image-8"
        path = "mark-path-10"
        registry = { server = "mark-server-9.example", user_name = "mark-name-7", password = "x" }
        "#;
    project.write("eci.vars.toml", variables);
    project
}

#[test]
fn no_secret_is_disclosed_as_the_key_of_a_list() {
    let (project, cloud) = (named(), Cloud::start());
    let all_plans = || {
        for format in ["text", "json", "markdown", "html"] {
            silent(project.plan(&cloud).args(["--format", format])).exits(2);
        }
    };
    all_plans();
    silent(loud(project.plan(&cloud)))
        .says("containers[(sensitive)]")
        .says("image_registry_credentials[(sensitive)]")
        .says("volume_mounts[(sensitive)]");
    silent(project.apply(&cloud)).exits(0);
    nothing_is_written(&project);
}

#[test]
fn no_secret_of_a_pending_operation_is_disclosed() {
    let (project, cloud) = (named(), Cloud::at_speed(Speed::Times(4.0)));
    silent(project.apply(&cloud))
        .exits(0)
        .says("pulling image ***");
    for (command, says) in [
        ("status", "container_group.web"),
        ("status --format json", "Running"),
        ("events container_group.web", "Pulled"),
        ("events container_group.whole --format json", "Pulled"),
        ("restart container_group.web", "Restarting"),
        (
            "restart container_group.whole --format json",
            r#""restarted":true"#,
        ),
    ] {
        silent(loud(on(&cloud, project.eci(command))))
            .exits(0)
            .says(says);
    }
    project.edit("main.eci.toml", ":1'", ":2'");
    silent(project.apply(&cloud).args(["--format", "json"])).exits(0);
    nothing_is_written(&project);
}

/// Gives the only group the secret that it had, as somebody does in the console.
fn give_again(cloud: &Cloud) {
    let body = json!({ "containers": [{
        "name": "main", "image": "app:1", "command": ["serve"],
        "environmentVar": [
            { "key": "LEVEL", "value": "info" },
            { "key": "TOKEN", "value": "mark-variable-4" },
        ],
    }] });
    outside(
        cloud,
        OutOfBandChange::Update(body.as_object().unwrap().clone()),
    );
}

/// Applies an out-of-band change to the only group.
fn outside(cloud: &Cloud, change: OutOfBandChange) {
    let id = cloud.groups()[0]["containerGroupId"].clone();
    cloud
        .sandbox()
        .apply_out_of_band(id.as_str().unwrap(), change)
        .unwrap();
}

#[test]
fn a_secret_stays_hidden_in_what_takes_the_place_of_what_had_it() {
    for is_noticed in [None, Some(false), Some(true)] {
        let (project, cloud) = (plain(), Cloud::start());
        let without = project.read("main.eci.toml");
        project.write("eci.vars.toml", "secret = \"mark-variable-4\"\n");
        project.write("main.eci.toml", &with_secret(&without));
        silent(project.apply(&cloud)).exits(0);
        match is_noticed {
            // Another subnet is a replacement.
            None => project.write("main.eci.toml", &without.replace("subnet-1", "subnet-2")),
            Some(is_noticed) => {
                outside(&cloud, OutOfBandChange::Delete);
                if is_noticed {
                    silent(on(&cloud, project.eci("refresh --auto-approve"))).exits(0);
                }
                project.write("main.eci.toml", &without);
            }
        }
        silent(project.apply(&cloud)).exits(0);
        assert_eq!(cloud.created().len(), 2);
        give_again(&cloud);
        silent(project.plan(&cloud)).exits(2).says("(sensitive)");
        everything_is_silent(&project, &cloud);
        project.assert_no_changes(&cloud);
    }
}

#[test]
fn the_secret_key_is_written_nowhere_whether_it_is_right_or_wrong() {
    let (project, cloud) = (project(), Cloud::start());
    let wrong = loud(project.apply(&cloud)).env("CTYUN_SK", "mark-secret-3");
    silent(wrong).says("sandbox");
    let keys = [("CTYUN_AK", "mark-access"), ("CTYUN_SK", "mark-secret-3")];
    let mut command = loud(project.plan(&cloud));
    for (name, value) in keys {
        command = command.env(name, value);
    }
    silent(command);
}

#[test]
fn an_error_about_a_secret_does_not_disclose_it() {
    for value in [
        "tonumber(var.secret)",
        "tobool(var.secret)",
        "var.secret + 1",
        "var.secret ? 1 : 2",
        "{ a = 1 }[var.secret]",
        "[1][var.secret]",
        "lookup({ a = 1 }, var.secret)",
        "file(var.secret)",
        "range(var.secret)",
        "format(var.secret, 1)",
        "format(\"%d\", var.secret)",
        "jsondecode(var.secret)",
        "base64decode(\"${var.secret}!\")",
        "{ for x in [1, 2] : var.secret => x }",
        "for x in var.secret : x",
        "-var.secret",
        "var.secret",
        "max(var.secret, 1)",
        "join(var.secret, [[]])",
        "element([1], var.secret)",
    ] {
        let project = project();
        let image = format!("image = \"app:1\"\ncpu = '${{{value}}}'");
        project.edit("main.eci.toml", "image = \"app:1\"", &image);
        let run = silent(project.eci("validate"));
        assert_ne!(run.code(), 0, "{value} is treated as a number");
    }
    for (attribute, value) in [
        ("restart_policy", "var.secret"),
        ("eip", "var.secret"),
        ("wait", "var.secret"),
        ("name", "\"${var.secret}_!\""),
        ("timeouts", "{ create = var.secret }"),
    ] {
        let project = project();
        let line = format!("az_name = \"az1\"\n{attribute} = '${{{value}}}'");
        project.edit("main.eci.toml", "az_name = \"az1\"", &line);
        silent(project.eci("validate"));
    }
}
