//! Every text in every answer in turn is a secret, whole, within other text, or truncated: no
//! command discloses it, in any format, and no file contains it.
//!
//! All fields are tried with `FIELDS=all`, otherwise a part of them.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use eci_tests::{Cloud, Eci, Project, REGION};
use serde_json::Value;

const SECRET: &str = "planted-s3cr3t-value";

/// One field in this many is tried unless all are requested.
const PART: usize = 12;

/// A text in an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    operation: String,
    /// The path in the answer.
    path: String,
}

fn manifest(bandwidth: u32, image: &str) -> String {
    format!(
        r#"
[provider]
region_id = "{REGION}"
retry = {{ attempts = 1 }}

[variable.secret]
sensitive = true

[eip.front]
bandwidth = {bandwidth}
name = '${{var.secret}}'

[volume.data]
type = "DiskVolume"
fs_type = "xfs"
lifecycle = {{ prevent_destroy = false }}
disk = {{ size = 40, kind = "SATA", az_name = "az1", description = 'of ${{var.secret}} {bandwidth}' }}

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
timeouts = {{ create = "2s", update = "2s", delete = "2s" }}
tags = {{ owner = '${{var.secret}}', team = "web" }}
containers = [
  {{ name = "main", image = "{image}", env = {{ TOKEN = '${{var.secret}}', MODE = "a" }}, volume_mounts = [{{ volume = "data", mount_path = "/data" }}] }},
]

[output.address]
value = '${{container_group.web.intranet_ip}}'
"#
    )
}

struct World {
    project: Project,
    cloud: Cloud,
    /// The fields found so far.
    visited: Arc<Mutex<BTreeSet<Field>>>,
    /// The field that a secret is planted in, and the secret.
    planted: Arc<Mutex<Option<(Field, String)>>>,
}

impl World {
    fn new() -> World {
        let (project, cloud) = (Project::new(&manifest(5, "nginx:1.27")), Cloud::start());
        project.write("eci.vars.toml", &format!("secret = \"{SECRET}\"\n"));
        let world = World {
            project,
            cloud,
            visited: Arc::default(),
            planted: Arc::default(),
        };
        let (visited, planted) = (Arc::clone(&world.visited), Arc::clone(&world.planted));
        world.cloud.rewrite(move |operation, _, answer| {
            let planted = planted.lock().unwrap().clone();
            let mut visited = visited.lock().unwrap();
            each_text(answer, &mut String::new(), &mut |path, text| {
                let field = Field {
                    operation: operation.to_owned(),
                    path: path.to_owned(),
                };
                if let Some((_, secret)) = planted.as_ref().filter(|(it, _)| *it == field) {
                    secret.clone_into(text);
                }
                visited.insert(field);
            });
        });
        world
    }

    fn command(&self, command: &str) -> Eci {
        let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
        let eci = self.project.eci(name).args(self.cloud.flags());
        eci.args(rest.split_whitespace())
            .arg("-vv")
            .env("ECI_LOG", "trace")
    }

    /// Returns the leaks of a command while a secret is planted, in its output and its files.
    fn leaks(&self, field: &Field, secret: String, command: &str) -> Vec<String> {
        *self.planted.lock().unwrap() = Some((field.clone(), secret));
        let run = self.command(command).run();
        *self.planted.lock().unwrap() = None;
        let mut leaks = Vec::new();
        for (stream, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            leaks.extend(leaking_lines(text).map(|line| format!("{stream}: {line}")));
        }
        for (path, bytes) in self.project.files(".") {
            let text = String::from_utf8_lossy(&bytes);
            if !path.ends_with("eci.vars.toml") {
                leaks
                    .extend(leaking_lines(&text).map(|line| format!("{}: {line}", path.display())));
            }
        }
        let place = format!("{field:?}, {command}");
        leaks
            .into_iter()
            .map(|it| format!("{place}: {it}"))
            .collect()
    }

    fn kept(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.project.files("state")
    }

    /// Puts the files of the state back as they were.
    fn put_back(&self, files: &BTreeMap<PathBuf, Vec<u8>>) {
        let folder = self.project.path().join("state");
        fs::remove_dir_all(&folder).unwrap();
        for (path, bytes) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
}

/// The first eight characters of a secret say too much; each is the part of a line.
fn leaking_lines(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().filter(|line| line.contains(&SECRET[..8]));
    lines
        .take(1)
        .map(|line| {
            let at = line.find(&SECRET[..8]).unwrap_or_default();
            let from = line.floor_char_boundary(at.saturating_sub(80));
            let to = line.floor_char_boundary((at + 60).min(line.len()));
            line[from..to].to_owned()
        })
        .collect::<Vec<_>>()
        .into_iter()
}

fn each_text(value: &mut Value, path: &mut String, visit: &mut impl FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            for item in items {
                nested(item, "[*]", path, visit);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                nested(item, &format!(".{key}"), path, visit);
            }
        }
        _ => {}
    }
}

fn nested(
    value: &mut Value,
    step: &str,
    path: &mut String,
    visit: &mut impl FnMut(&str, &mut String),
) {
    let length = path.len();
    path.push_str(step);
    each_text(value, path, visit);
    path.truncate(length);
}

/// The secret as a whole, within other text, or truncated.
fn planted(number: usize) -> String {
    match number % 3 {
        0 => SECRET.to_owned(),
        1 => format!("the value {SECRET} is bad"),
        _ => format!("{}…", &SECRET[..12]),
    }
}

/// The fields that are tried.
fn chosen(world: &World) -> Vec<Field> {
    let visited = world.visited.lock().unwrap().clone();
    let all = std::env::var("FIELDS").is_ok_and(|fields| fields == "all");
    let numbered = visited.into_iter().enumerate();
    numbered
        .filter(|(number, _)| all || number % PART == 0)
        .map(|(_, field)| field)
        .collect()
}

#[track_caller]
fn none(leaks: &[String]) {
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}

#[test]
fn no_field_of_an_answer_to_a_read_discloses_a_secret() {
    let world = World::new();
    world.command("apply --auto-approve").run().exits(0);
    let kept = world.kept();
    const COMMANDS: [&str; 12] = [
        "plan --format text",
        "refresh --auto-approve",
        "plan --format json",
        "plan --format markdown",
        "orphans",
        "plan --format html",
        "plan --format events",
        "refresh --auto-approve --format json",
        "status",
        "status --format json",
        "events container_group.web",
        "restart container_group.web --timeout 2s",
    ];
    world.visited.lock().unwrap().clear();
    for command in COMMANDS {
        world.command(command).run();
        world.put_back(&kept);
    }
    let mut leaks = Vec::new();
    for (number, field) in chosen(&world).iter().enumerate() {
        // Each field with a plan and with what writes it down.
        for (turn, command) in [COMMANDS[number % COMMANDS.len()], COMMANDS[1]]
            .into_iter()
            .enumerate()
        {
            leaks.extend(world.leaks(field, planted(number + turn), command));
            world.put_back(&kept);
        }
    }
    none(&leaks);
}

#[test]
fn no_field_of_an_answer_to_a_change_discloses_a_secret() {
    let world = World::new();
    let run = |world: &World| {
        world.command("apply --auto-approve").run();
        world
            .project
            .write("main.eci.toml", &manifest(7, "nginx:1.28"));
        world.command("apply --auto-approve --format json").run();
        world.command("destroy --auto-approve").run();
    };
    run(&world);
    let mut leaks = Vec::new();
    let is_change = |operation: &str| {
        let verbs = [
            "create", "update", "delete", "change", "new-ebs", "refund", "modify", "order",
        ];
        let name = operation.to_lowercase();
        verbs.iter().any(|verb| name.contains(verb))
    };
    let fields = chosen(&world);
    for (number, field) in fields
        .iter()
        .filter(|field| is_change(&field.operation))
        .enumerate()
    {
        let world = World::new();
        leaks.extend(world.leaks(field, planted(number), "apply --auto-approve"));
        world
            .project
            .write("main.eci.toml", &manifest(7, "nginx:1.28"));
        leaks.extend(world.leaks(
            field,
            planted(number + 1),
            "apply --auto-approve --format json",
        ));
        leaks.extend(world.leaks(field, planted(number + 2), "destroy --auto-approve"));
    }
    none(&leaks);
}

#[test]
fn a_plain_value_next_to_a_secret_causes_no_change() {
    let world = World::new();
    let image = format!("{SECRET}:1.27");
    world.project.write("main.eci.toml", &manifest(5, &image));
    world.command("apply --auto-approve").run().exits(0);
    for _ in 0..2 {
        world.command("plan").run().exits(0).says("No changes");
        world.command("refresh --auto-approve").run().exits(0);
    }
    let output = world.command("output address").run().exits(0);
    assert!(output.stdout.contains("10."), "{output}");
}
