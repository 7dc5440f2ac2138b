//! The files in `ci/`: their commands are run as the CI systems run them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eci_tests::binaries::{self, workspace};
use eci_tests::code_host::{Change, CodeHostKind, PipelineRun, REPOSITORY, TOKEN};
use eci_tests::tool::Tool;
use eci_tests::{Project, examples};
use regex::Regex;
use serde_json::Value;

use super::{PULL, Team, web};

/// Reads a file of `ci/`.
fn text(file: &str) -> String {
    fs::read_to_string(workspace().join(file)).unwrap()
}

/// Reads a YAML file, with the function of the expression language.
fn yaml(file: &str) -> Value {
    let project = Project::new("");
    project.write("a.yml", &text(file));
    let expression = "jsonencode(yamldecode(file(\"a.yml\")))";
    let run = project.eci("console -e").arg(expression).run().exits(0);
    let document: String = serde_json::from_str(run.stdout.trim()).unwrap();
    serde_json::from_str(&document).unwrap()
}

/// Returns the texts of a list.
fn lines(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// A shell of a job.
struct Shell<'a> {
    team: &'a Team,
    variables: Vec<(String, String)>,
}

impl<'a> Shell<'a> {
    /// Creates the shell of a job for the pull request, or for a push.
    fn new(team: &'a Team, is_pull: bool) -> Shell<'a> {
        let commit = team.head();
        let base = team.git(&["rev-parse", "main"]);
        let run = PipelineRun {
            commit: &commit,
            base: is_pull.then_some(&*base),
            change: is_pull.then_some(Change {
                number: PULL,
                source: REPOSITORY,
            }),
            token: TOKEN,
            folder: team.path(),
        };
        let mut variables = team.host.kind.environment(&team.host, &run);
        let services = ["ECI", "EIP", "EBS", "ECS"]
            .map(|service| (format!("CTYUN_{service}_ENDPOINT"), team.cloud.endpoint()));
        variables.extend(services);
        for (name, value) in [("CTYUN_AK", "sandbox"), ("CTYUN_SK", "sandbox")] {
            variables.push((name.to_owned(), value.to_owned()));
        }
        Shell { team, variables }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(set, _)| set != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Runs a script, which must succeed.
    #[track_caller]
    fn run(&self, script: &str) -> String {
        let output = self.output(script, self.team.path());
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(output.status.success(), "{script}\n{text}");
        text
    }

    fn output(&self, script: &str, directory: &Path) -> Output {
        let mut command = Command::new("sh");
        command
            .args(["-e", "-c", script])
            .current_dir(directory)
            .env_clear()
            .env("PATH", path_with_eci())
            .env("HOME", self.team.path());
        command.envs(self.variables.iter().cloned());
        command.output().unwrap()
    }
}

/// Returns `PATH` with the folder of the program first.
fn path_with_eci() -> std::ffi::OsString {
    let folder = binaries::program("eci");
    let folder: PathBuf = folder.parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap()
}

/// A repository with a pull request that adds a container group.
fn team(kind: CodeHostKind) -> Team {
    let team = Team::new(kind, &[("web.eci.toml", &web(&[]))]);
    team.propose("web.eci.toml", &web(&["a"]));
    team
}

/// Checks that a job planned the pull request, runs the one for the main branch, and that for drift.
fn plan_apply_drift(team: &Team, run: impl Fn(&mut Shell<'_>, &str)) {
    run(&mut Shell::new(team, true), "plan");
    assert!(team.only_comment().contains("1 to create"));
    assert!(team.cloud.names().is_empty());
    team.merge(&["--no-ff"]);
    run(&mut Shell::new(team, false), "apply");
    assert_eq!(team.cloud.names(), ["a"]);
    super::edit_tags(team, "a", "x");
    run(&mut Shell::new(team, false), "drift");
    assert_eq!(team.host.open_issues().len(), 1);
    team.host.assert_knows_all_requests();
}

#[test]
fn the_github_action_plans_applies_and_reports_drift() {
    let action = yaml("ci/github/action.yml");
    let mut inputs: BTreeMap<String, String> = BTreeMap::new();
    for (name, input) in action["inputs"].as_object().unwrap() {
        inputs.insert(name.clone(), input["default"].as_str().unwrap().to_owned());
    }
    inputs.insert("token".to_owned(), TOKEN.to_owned());
    for kind in [CodeHostKind::GitHub, CodeHostKind::Gitea] {
        plan_apply_drift(&team(kind), |shell, command| {
            let event = match command {
                "plan" => "pull_request",
                "apply" => "push",
                _ => "schedule",
            };
            shell.set("GITHUB_EVENT_NAME", event);
            for step in action["runs"]["steps"].as_array().unwrap() {
                let Some(script) = step["run"].as_str() else {
                    // An action of others has no commands.
                    assert!(step["uses"].is_string(), "{step}");
                    continue;
                };
                assert_eq!(step["shell"], "sh");
                for (name, value) in step["env"].as_object().unwrap() {
                    let value = value.as_str().unwrap();
                    let input = value.trim_start_matches("${{ inputs.");
                    shell.set(name, &inputs[input.trim_end_matches(" }}")]);
                }
                shell.run(script);
            }
        });
    }
}

#[test]
fn the_gitlab_template_plans_applies_and_reports_drift() {
    let template = yaml("ci/gitlab/eci.gitlab-ci.yml");
    plan_apply_drift(&team(CodeHostKind::GitLab), |shell, command| {
        let job = &template[format!("eci:{command}")];
        assert!(job["rules"][0]["if"].is_string(), "{job}");
        for (name, value) in template["variables"].as_object().unwrap() {
            shell.set(name, value.as_str().unwrap());
        }
        let parent = &template[job["extends"].as_str().unwrap()];
        let mut script = lines(&parent["before_script"]);
        script.extend(lines(&job["script"]));
        shell.run(&script.join("\n"));
    });
}

#[test]
fn the_gitee_pipelines_plan_apply_and_report_drift() {
    plan_apply_drift(&team(CodeHostKind::Gitee), |shell, command| {
        let pipeline = yaml(&format!("ci/gitee/eci-{command}.yml"));
        if command == "apply" {
            // The branch that the file is for.
            shell.set("GITEE_BRANCH", "master");
            let head = shell.team.head();
            let mut world = shell.team.host.world();
            world.branches.insert("master".to_owned(), head);
        }
        let step = &pipeline["stages"][0]["steps"][0];
        shell.run(&lines(&step["commands"]).join("\n"));
    });
}

#[test]
fn the_name_of_a_tag_is_accepted_as_a_version() {
    let address = Regex::new(r#""(https://[^"]*/install\.sh)""#).unwrap();
    for file in [
        "ci/github/action.yml",
        "ci/gitlab/eci.gitlab-ci.yml",
        "ci/gitee/eci-plan.yml",
        "ci/gitee/eci-apply.yml",
        "ci/gitee/eci-drift.yml",
    ] {
        let text = text(file);
        let address = &address.captures(&text).unwrap()[1];
        for version in ["0.1.0", "v0.1.0"] {
            let script = format!("printf %s \"{address}\"");
            let mut shell = Command::new("sh");
            let shell = shell
                .args(["-u", "-c", &script])
                .env("ECI_VERSION", version);
            let printed = String::from_utf8(shell.output().unwrap().stdout).unwrap();
            let expected =
                "https://github.com/eci-provisioner/eci/releases/download/v0.1.0/install.sh";
            assert_eq!(printed, expected, "{file}");
        }
    }
}

#[test]
fn the_stages_of_jenkins_plan_apply_and_report_drift() {
    let file = text("ci/jenkins/Jenkinsfile");
    let line = Regex::new(r"^\s*(stage\(|sh )'([^']+)'").unwrap();
    let mut stages = BTreeMap::new();
    let mut stage = "";
    for found in file.lines().filter_map(|text| line.captures(text)) {
        let [keyword, argument] = found.extract().1;
        if keyword == "stage(" {
            stage = argument;
        } else {
            assert_eq!(stages.insert(stage, argument), None, "{stage}");
        }
    }
    assert_eq!(stages.len(), 4, "{stages:?}");
    // A build for a fork has no credentials, in whatever stage they would be.
    assert!(!file.contains("environment {"), "{file}");
    for (stage, part) in file
        .split("stage('")
        .skip(1)
        .map(|it| it.split_once('\'').unwrap())
    {
        let is_of_fork = part.contains("env.CHANGE_FORK != null");
        assert_eq!(stage == "validate", is_of_fork, "{stage}");
        assert_eq!(part.contains("withCredentials"), !is_of_fork, "{stage}");
    }
    plan_apply_drift(&team(CodeHostKind::Gitea), |shell, command| {
        let commit = shell.team.head();
        let host = shell.team.host.url();
        shell
            .variables
            .retain(|(name, _)| !name.starts_with("GITHUB_") && !name.starts_with("GITEA_"));
        let variables = [
            ("JENKINS_URL", "http://jenkins.example.com/"),
            ("GIT_COMMIT", &commit),
            ("ECI_CI_HOST", "gitea"),
            ("ECI_CI_API", &format!("{host}/api/v1")),
            ("ECI_CI_REPOSITORY", REPOSITORY),
            ("ECI_CI_TOKEN", TOKEN),
        ];
        for (name, value) in variables {
            shell.set(name, value);
        }
        if command == "plan" {
            shell.set("CHANGE_ID", &PULL.to_string());
            shell.set("CHANGE_TARGET", "main");
            shell.set("BRANCH_NAME", "PR-7");
        } else {
            shell.set("BRANCH_NAME", "main");
        }
        shell.run(stages[command]);
    });
}

#[test]
fn the_workflow_of_atlantis_applies_the_plan_that_it_kept() {
    let file = yaml("ci/atlantis/repos.yaml");
    let workflow = &file["workflows"]["eci"];
    let team = team(CodeHostKind::GitHub);
    let mut shell = Shell::new(&team, true);
    let plan = team.path().join("default.tfplan");
    shell.set("PLANFILE", &plan.display().to_string());
    let command = |stage: &str| {
        let run = &workflow[stage]["steps"][0]["run"];
        run["command"].as_str().unwrap().to_owned()
    };
    assert!(shell.run(&command("plan")).contains("1 to create"));
    assert!(team.cloud.names().is_empty());
    shell.run(&command("apply"));
    assert_eq!(team.cloud.names(), ["a"]);
}

#[test]
fn the_hooks_format_and_validate() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let hook = |id: &str| {
        let hooks = hooks.as_array().unwrap();
        let found = hooks.iter().find(|hook| hook["id"] == id);
        found.unwrap().clone()
    };
    let team = Team::new(
        CodeHostKind::GitHub,
        &[
            ("a dir/web.eci.toml", &web(&["a"])),
            ("a dir/eci.vars.toml", "x  =  1\n"),
            ("b/web.eci.toml", "[container_group.a]\nimag = 1\n"),
            ("c/only.vars.toml", ""),
        ],
    );
    let files = |hook: &Value| {
        let pattern = Regex::new(hook["files"].as_str().unwrap()).unwrap();
        let tracked = team.git(&["ls-files", "-z"]);
        let tracked = tracked.split('\0').filter(|file| pattern.is_match(file));
        tracked.map(|file| format!("'{file}'")).collect::<Vec<_>>()
    };
    let shell = Shell::new(&team, true);

    let fmt = hook("eci-fmt");
    assert_eq!(fmt["language"], "system");
    assert_eq!(files(&fmt).len(), 4);
    shell.run(&format!(
        "{} 'a dir/eci.vars.toml'",
        fmt["entry"].as_str().unwrap()
    ));
    let formatted = fs::read_to_string(team.path().join("a dir/eci.vars.toml"));
    assert_eq!(formatted.unwrap(), "x = 1\n");

    let validate = hook("eci-validate");
    assert_eq!(validate["language"], "script");
    let script = workspace().join(validate["entry"].as_str().unwrap());
    let script = script.display();
    // A variable that no manifest declares is an error.
    team.write("a dir/eci.vars.toml", "");
    shell.run(&format!("{script} 'a dir/web.eci.toml' c/only.vars.toml"));
    let all = files(&validate).join(" ");
    let failed = shell.output(&format!("{script} {all}"), team.path());
    assert!(!failed.status.success());
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("imag"), "{said}");
}

/// An image that Renovate would update.
fn images(manager: &Value, file: &str, text: &str) -> BTreeSet<String> {
    let patterns = lines(&manager["managerFilePatterns"]);
    let is_file = |pattern: &String| {
        let pattern = pattern.trim_matches('/');
        Regex::new(pattern).unwrap().is_match(file)
    };
    if !patterns.iter().any(is_file) {
        return BTreeSet::new();
    }
    let mut found = BTreeSet::new();
    for expression in lines(&manager["matchStrings"]) {
        // Renovate uses RE2, which has what this crate has: no look-around, no references.
        let expression = Regex::new(&expression).unwrap();
        for image in expression.captures_iter(text) {
            found.insert(format!("{}:{}", &image["depName"], &image["currentValue"]));
        }
    }
    found
}

#[test]
fn renovate_finds_the_images_of_manifests_variables_and_variable_files() {
    let preset: Value = serde_json::from_str(&text("ci/renovate.json")).unwrap();
    let managers = preset["customManagers"].as_array().unwrap();
    let all = |file: &str, text: &str| -> Vec<String> {
        let found = managers
            .iter()
            .flat_map(|manager| images(manager, file, text));
        let found: BTreeSet<String> = found.collect();
        found.into_iter().collect()
    };
    let manifest = r#"
containers = [{ name = "a", image = "nginx:1.27", image_pull_policy = "Always:x" }]
image = 'registry.example.com:5000/team/app:v2.1-alpine'
image="busybox"
image = '${var.image}:1'
digest_image = "redis:7@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
address = "10.0.0.1:80"

[variable.web_image]
type = "string"
description = "the image [of the web server]: not default = 1"

default = "postgres:17"

[variable.other_image]
type = "string"
[[variable.other_image.validation]]
condition = true
[variable.number]
default = "none:1"

[variable.port]
default = "tcp:80"
"#;
    let expected = [
        "nginx:1.27",
        "postgres:17",
        "redis:7",
        "registry.example.com:5000/team/app:v2.1-alpine",
    ];
    assert_eq!(all("web.eci.toml", manifest), expected);
    assert_eq!(
        all("eci.vars.toml", "image = \"nginx:1.28\"\n"),
        ["nginx:1.28"]
    );
    assert!(all("Cargo.toml", manifest).is_empty());

    // Every image that an example has as a literal.
    let literal = Regex::new(r#"image"?\s*=\s*"([^"$]+:[^"$]+)""#).unwrap();
    let mut count = 0;
    for example in examples() {
        let project = Project::example(&example);
        for folder in [project.root(), project.path()] {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if !name.ends_with(".eci.toml") && !name.ends_with(".vars.toml") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap();
                let literals = literal.captures_iter(&text);
                let literals: BTreeSet<String> =
                    literals.map(|found| found[1].to_owned()).collect();
                count += literals.len();
                let found: BTreeSet<String> = all(&name, &text).into_iter().collect();
                assert!(literals.is_subset(&found), "{}: {found:?}", path.display());
            }
        }
    }
    assert!(count > 5, "{count}");
}

/// The scripts of the repository.
const SCRIPTS: [&str; 3] = ["install.sh", "ci/package", "ci/pre-commit/validate"];

#[test]
fn scripts_are_those_of_a_posix_shell() {
    for script in SCRIPTS {
        let path = workspace().join(script);
        let checked = Command::new("sh").arg("-n").arg(&path).output().unwrap();
        assert!(checked.status.success(), "{script}: {checked:?}");
        assert!(text(script).starts_with("#!/bin/sh\n"), "{script}");
    }
    let Some(shellcheck) = Tool::find("shellcheck") else {
        return;
    };
    let said = shellcheck.run(workspace(), &SCRIPTS);
    assert_eq!(said.code, Some(0), "{}", said.text);
    // The scripts inside of the YAML files.
    let action = yaml("ci/github/action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap().iter();
    let mut scripts: Vec<String> = steps
        .filter_map(|step| Some(step["run"].as_str()?.to_owned()))
        .collect();
    let template = yaml("ci/gitlab/eci.gitlab-ci.yml");
    scripts.push(lines(&template[".eci"]["before_script"]).join("\n"));
    let project = Project::empty();
    for script in scripts {
        project.write("script", &format!("#!/bin/sh\n{script}\n"));
        let said = shellcheck.run(project.path(), &["script"]);
        assert_eq!(said.code, Some(0), "{}", said.text);
    }
}

#[test]
fn the_dockerfile_has_both_images_and_copies_only_the_program() {
    let file = text("Dockerfile");
    let stages = Regex::new(r"(?m)^FROM (\S+)(?: AS (\w+))?$").unwrap();
    let stages: Vec<_> = stages.captures_iter(&file).collect();
    assert_eq!(stages.len(), 2);
    assert_eq!(stages[0].get(2).unwrap().as_str(), "ci");
    assert!(stages[1][1].contains("distroless/static"), "{file}");
    let copied = file.lines().filter(|line| line.starts_with("COPY"));
    for line in copied {
        assert!(line.contains(" dist/${TARGETARCH}/eci "), "{line}");
    }
    // What is ignored is neither sent nor copied.
    assert_eq!(text(".dockerignore"), "*\n!dist/*/eci\n");
}
