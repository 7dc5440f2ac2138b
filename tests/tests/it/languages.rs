//! The language of messages changes nothing for programs, and tests do not depend on the language
//! of the machine.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use eci_sandbox::{Fault, Rule};
use eci_tests::{Cloud, Eci, Project, binaries, sources};
use regex::Regex;

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.token]
sensitive = true

[variable.unused]
default = 1

[eip.front]

[container_group.web]
az_name = "az1"
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
cpu = 1
memory = 2
eip = "front"

[[container_group.web.containers]]
name = "app"
image = "nginx:1.27"
env = { TOKEN = '${var.token}', PASSWORD = "hunter2" }
ports = [{ port = 80 }]

[output.id]
value = '${container_group.web.id}'
"#;

/// The locales of a Chinese machine.
const CHINESE: [(&str, &str); 3] = [
    ("ECI_LANG", "zh"),
    ("LC_ALL", "zh_CN.UTF-8"),
    ("LANG", "zh_CN.UTF-8"),
];

const FORMATS_OF_VALIDATE: [&str; 3] = ["json", "sarif", "github"];

fn project() -> Project {
    let project = Project::new(MANIFEST);
    project.write("eci.vars.toml", "token = \"planted\"\n");
    project
}

/// Returns what differs from run to run replaced: directories, IDs, times and durations.
fn stable(text: &str, project: &Project) -> String {
    let mut text = text.replace(&project.path().display().to_string(), "[project]");
    for (pattern, name) in [
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
        (r"(eci|eip|disk|port)-[0-9a-z]{10,26}", "[id]"),
        (
            r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)?",
            "[time]",
        ),
        (r#""elapsed_seconds":[\d.]+"#, "[elapsed]"),
        (r"(after |\[)\d+s", "[elapsed]"),
        (r"\d+\.\d+\.\d+\.\d+(:\d+)?", "[ip]"),
        (r"[0-9a-f]{32,}", "[hash]"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into();
    }
    text
}

/// Returns the answers of commands in a language, each with its exit code.
fn answers(lang: &str, project: &Project, commands: &[String], cloud: &Cloud) -> Vec<String> {
    let answer = |command: &String| {
        let run = project
            .eci(command)
            .args(cloud.flags())
            .env("ECI_LANG", lang)
            .run();
        let (code, text) = (run.code(), stable(&run.stdout, project));
        assert!(!text.is_empty(), "no answer: {run}");
        format!("{command}: exit code {code}\n{text}")
    };
    commands.iter().map(answer).collect()
}

/// Runs commands in two equal projects, each in a language, and compares the answers.
#[track_caller]
fn compare(commands: &[&str], new: impl Fn() -> (Project, Cloud)) {
    let commands: Vec<String> = commands.iter().map(|&it| it.to_owned()).collect();
    let [english, chinese] = ["en", "zh"].map(|lang| {
        let (project, cloud) = new();
        answers(lang, &project, &commands, &cloud)
    });
    // One run is not as fast as the other one.
    let age = Regex::new(r#""age_seconds": \d+"#).unwrap();
    for (english, chinese) in english.iter().zip(&chinese) {
        let [english, chinese] = [english, chinese].map(|text| age.replace_all(text, "<age>"));
        let mut lines = english.lines().zip(chinese.lines());
        if let Some((english, chinese)) = lines.find(|(english, chinese)| english != chinese) {
            panic!("an answer differs:\n{english}\n{chinese}");
        }
        assert_eq!(english, chinese);
    }
}

#[test]
fn programs_read_the_same_in_every_language() {
    let commands = [
        "validate --format json",
        "validate --format sarif",
        "validate --format github",
        "plan --format json",
        "plan --format events",
        "graph --format json",
        "graph --format dot",
        "graph --format mermaid",
        "plan --out a.eciplan --format json",
        "show --format json a.eciplan",
        "apply --auto-approve --parallelism 1 --format json",
        "show --format json",
        "output --format json",
        "state list --format json",
        "state diff 0 --format json",
        "status --format json",
        "plan --format events",
        "destroy --auto-approve --parallelism 1 --format json",
        "version --format json",
    ];
    compare(&commands, || (project(), Cloud::in_memory()));
}

#[test]
fn programs_read_of_failures_the_same_in_every_language() {
    let commands = [
        "plan --format events",
        "apply --auto-approve --parallelism 1 --format json",
        "show --format json",
        "plan --format events",
        "destroy --auto-approve --parallelism 1 --format json",
    ];
    compare(&commands, || {
        let cloud = Cloud::in_memory();
        cloud.fail([Rule::new("createContainerGroup", Fault::Html)]);
        (project(), cloud)
    });
}

/// The first mistake of each group of the gallery, in each format.
#[test]
fn programs_read_of_mistakes_the_same_in_every_language() {
    let gallery = binaries::workspace().join("tests/gallery");
    for group in sorted(&gallery) {
        let mut mistakes = sorted(&group).into_iter();
        let mistake = mistakes.find(|path| path.to_string_lossy().ends_with(".eci.toml"));
        let Some(mistake) = mistake else { continue };
        let commands = FORMATS_OF_VALIDATE.map(|format| format!("validate --format {format}"));
        let mut commands: Vec<&str> = commands.iter().map(String::as_str).collect();
        commands.extend(["plan --format events", "apply --auto-approve --format json"]);
        let manifest = fs::read_to_string(mistake).unwrap();
        compare(&commands, || (Project::new(&manifest), Cloud::in_memory()));
    }
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Runs the next test as on a Chinese machine.
#[test]
fn tests_read_english_on_every_machine() {
    let test = "languages::programs_that_tests_start_are_english";
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test])
        .envs(CHINESE)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

#[test]
fn programs_that_tests_start_are_english() {
    let project = Project::empty();
    let run = Eci::new("eci", project.path()).arg("validate").run();
    run.exits(1).says("error");
    let mut command = binaries::command("eci");
    let output = command.arg("validate").current_dir(project.path()).output();
    let text = String::from_utf8(output.unwrap().stderr).unwrap();
    assert!(text.contains("error"), "{text}");
}

/// Programs under test are started by helpers, which set the language.
#[test]
fn only_helpers_start_programs_under_test() {
    let pattern = Regex::new(r"Command::new\((\w+::)*program\(").unwrap();
    let mut found = Vec::new();
    for folder in ["tests/tests", "tests/src"] {
        let files = sources::below(&binaries::workspace().join(folder)).into_iter();
        for path in files.filter(|path| !path.ends_with("src/binaries.rs")) {
            if pattern.is_match(&fs::read_to_string(&path).unwrap_or_default()) {
                found.push(path);
            }
        }
    }
    assert!(found.is_empty(), "use `binaries::command` in {found:?}");
}
