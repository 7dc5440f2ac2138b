//! Answers that quote a secret, whole or truncated, in the names of every kind: all output and
//! files of the programs are searched for it.

#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eci_sandbox::{Fault, Rule};
use eci_tests::{Cloud, Eci, Project, REGION, Run};
use serde_json::Value;

const SECRET: &str = "planted-s3cr3t-value";
const OTHER: &str = "changed-s3cr3t-value";

fn manifest() -> String {
    format!(
        r#"
[provider]
region_id = "{REGION}"
retry = {{ attempts = 1 }}

[variable.secret]
sensitive = true

[eip.front]
name = '${{var.secret}}'

[volume.data]
type = "DiskVolume"
fs_type = "xfs"
disk = {{ size = 40, kind = "SATA", name = '${{var.secret}}', az_name = "az1", description = 'of ${{var.secret}}', labels = {{ team = '${{var.secret}}' }} }}

[container_group.web]
name = '${{var.secret}}'
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
timeouts = {{ create = "3s" }}
tags = {{ owner = '${{var.secret}}' }}
containers = [
  {{ name = "main", image = "nginx:1.27", env = {{ TOKEN = '${{var.secret}}' }}, volume_mounts = [{{ volume = "data", mount_path = "/data" }}] }},
]

[output.name]
value = '${{eip.front.name}}'
sensitive = true
"#
    )
}

fn project() -> Project {
    let project = Project::new(&manifest());
    project.write("eci.vars.toml", &format!("secret = \"{SECRET}\"\n"));
    project
}

/// Returns whether a text contains eight or more characters of a secret.
fn has_secret(text: &str) -> bool {
    let beginnings = [SECRET, OTHER].map(|secret| secret[..8].to_owned());
    let encoded = [SECRET, OTHER].map(|secret| STANDARD.encode(secret)[..10].to_owned());
    let mut all = beginnings.iter().chain(&encoded);
    all.any(|part| text.contains(part.as_str()))
}

#[track_caller]
fn silent(command: Eci) -> Run {
    let run = command.arg("-vv").env("ECI_LOG", "trace").run();
    assert!(
        !has_secret(&run.stdout) && !has_secret(&run.stderr),
        "{run}"
    );
    run
}

fn on(project: &Project, cloud: &Cloud, command: &str) -> Eci {
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let eci = project.eci(name).args(cloud.flags());
    eci.args(rest.split_whitespace())
}

/// Runs commands, and checks their output and every file that they wrote.
#[track_caller]
fn all_silent(project: &Project, cloud: &Cloud, commands: &[&str]) {
    for command in commands {
        silent(on(project, cloud, command));
    }
    for (path, bytes) in project.files(".") {
        if !path.ends_with("eci.vars.toml") {
            let is_leaked = has_secret(&String::from_utf8_lossy(&bytes));
            assert!(!is_leaked, "{} after {commands:?}", path.display());
        }
    }
}

const PLANS: [&str; 4] = [
    "plan --format text",
    "plan --format json",
    "plan --format markdown",
    "plan --format html",
];

/// Makes every refusal quote the request, and names as a cloud cuts them.
fn quoting(cloud: &Cloud, secret: &'static str) {
    cloud.rewrite(move |_, request, answer| {
        let code = answer["statusCode"].as_i64();
        if code.is_some_and(|code| code != 800 && code != 200) {
            answer["message"] = format!("cannot take {request}").into();
            answer["description"] = format!("the name {}… is bad", &secret[..13]).into();
            answer["error"] = format!("Odd.{}", STANDARD.encode(secret)).into();
        }
    });
}

#[test]
fn a_refusal_that_quotes_a_name_does_not_disclose_it() {
    let (project, cloud) = (project(), Cloud::start());
    quoting(&cloud, SECRET);
    for operation in [
        "describeRegion",
        "eip/create",
        "ebs/new-ebs",
        "createContainerGroup",
    ] {
        let (project, cloud) = (self::project(), Cloud::start());
        quoting(&cloud, SECRET);
        cloud.fail([Rule::new(operation, Fault::ErrorBefore)]);
        let run = silent(on(&project, &cloud, "apply --auto-approve"));
        assert!(run.stderr.contains("***"), "{operation}: {}", run.stderr);
        all_silent(&project, &cloud, &["apply --auto-approve --format json"]);
    }
    all_silent(
        &project,
        &cloud,
        &[
            "apply --auto-approve",
            "show",
            "show --format json",
            "output",
        ],
    );
    project.assert_no_changes(&cloud);
    for operation in [
        "eip/new-list",
        "ebs/list-ebs",
        "describeContainerGroups",
        "*",
    ] {
        cloud.fail([Rule::new(operation, Fault::ErrorBefore)]);
        all_silent(&project, &cloud, &PLANS);
    }
    // Of the old name the state has only a digest, so that it cannot be recognized in other text.
    quoting(&cloud, OTHER);
    project.write("eci.vars.toml", &format!("secret = \"{OTHER}\"\n"));
    for operation in [
        "eip/change-name",
        "ebs/update-attr-ebs",
        "updateContainerGroup",
    ] {
        cloud.fail([Rule::new(operation, Fault::ErrorBefore)]);
        all_silent(
            &project,
            &cloud,
            &["apply --auto-approve", "refresh --auto-approve"],
        );
    }
    cloud.fail([Rule::new("*", Fault::Stale)]);
    all_silent(&project, &cloud, &PLANS);
    cloud.fail([Rule::new("eip/delete", Fault::ErrorBefore)]);
    all_silent(&project, &cloud, &["destroy --auto-approve"]);
}

#[test]
fn events_and_logs_that_quote_a_name_do_not_disclose_it() {
    let (project, cloud) = (project(), Cloud::start());
    project.edit("main.eci.toml", "nginx:1.27", "nginx:crash");
    cloud.rewrite(|operation, _, answer| {
        let quotes = ["Event", "Log", "describeContainerGroup"];
        if quotes.iter().any(|part| operation.contains(part)) {
            quote(answer, "");
        }
    });
    let apply = on(&project, &cloud, "apply --auto-approve");
    let run = silent(apply);
    assert!(run.stderr.contains("***"), "{}", run.stderr);
    all_silent(&project, &cloud, &["apply --auto-approve --format json"]);
}

/// Lets messages and logs quote the secret.
fn quote(answer: &mut Value, key: &str) {
    match answer {
        Value::String(text) if matches!(key, "message" | "reason" | "content") => {
            text.push_str(&format!(" {SECRET} {}…", &SECRET[..12]));
        }
        Value::Array(items) => items.iter_mut().for_each(|it| quote(it, key)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, it)| quote(it, key)),
        _ => {}
    }
}

const LOOKS: [&str; 8] = [
    "status",
    "status --format json",
    "events container_group.web",
    "events container_group.web --format json",
    "logs container_group.web",
    "exec container_group.web -- ls",
    "restart container_group.web --timeout 2s",
    "orphans",
];

#[test]
fn no_inspection_command_discloses_a_secret_that_the_cloud_quotes() {
    let (project, cloud) = (project(), Cloud::start());
    silent(on(&project, &cloud, "apply --auto-approve")).exits(0);
    cloud.rewrite(|_, _, answer| {
        let code = answer["statusCode"].as_i64();
        if code.is_some_and(|code| code != 800 && code != 200) {
            answer["message"] = format!("cannot take {SECRET} here").into();
            answer["description"] = format!("the value \"{SECRET}\" is bad").into();
        }
        state(answer);
    });
    // The second secret is not in the manifests: only its digest is recorded.
    for secret in [SECRET, OTHER] {
        project.write("eci.vars.toml", &format!("secret = \"{secret}\"\n"));
        for refused in [false, true] {
            if refused {
                cloud.fail([Rule::new("*", Fault::ErrorBefore)]);
            }
            for look in LOOKS {
                let run = silent(on(&project, &cloud, look));
                let quotes = refused || look.starts_with("status");
                let is_leaked = format!("{}{}", run.stdout, run.stderr);
                assert!(!quotes || is_leaked.contains("***"), "{look}: {run}");
            }
            cloud.fail([]);
        }
    }
}

/// Lets the status of groups be the secret.
fn state(answer: &mut Value) {
    match answer {
        Value::Array(items) => items.iter_mut().for_each(state),
        Value::Object(fields) => {
            if fields.contains_key("containerGroupId") && fields.contains_key("status") {
                fields.insert("status".to_owned(), SECRET.into());
            }
            fields.values_mut().for_each(state);
        }
        _ => {}
    }
}
