//! JSON messages of runs, line by line, JSON diagnostics of validation, and exit codes.

#![allow(clippy::unwrap_used)]

use eci_tests::{Cloud, Eci, Project, PublishedForms, Run};
use serde_json::{Value as Json, json};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.token]
sensitive = true

[container_group.web]
az_name = "az1"
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
cpu = 1
memory = 2

[[container_group.web.containers]]
name = "app"
image = "nginx:1.27"
env = { TOKEN = '${var.token}' }

[volume.data]
for_each = ["a"]
type = "EmptyDirVolume"

[output.id]
value = '${container_group.web.id}'

[output.token]
value = '${var.token}'
sensitive = true
"#;

const SECRET: &str = "planted-s3cr3t";

fn project() -> Project {
    let project = Project::new(MANIFEST);
    project.write("eci.vars.toml", &format!("token = \"{SECRET}\"\n"));
    project
}

/// The messages of a run, each in the published form.
#[track_caller]
fn messages(run: &Run) -> Vec<Json> {
    let published = PublishedForms::read();
    let lines = run.stdout.lines();
    let messages: Vec<Json> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for message in &messages {
        assert_eq!(published.check_message(message), [""; 0], "{message}");
    }
    assert!(!run.stdout.contains(SECRET), "{}", run.stdout);
    assert_eq!(messages[0]["type"], "version", "{}", run.stdout);
    messages
}

fn types(messages: &[Json]) -> Vec<&str> {
    messages
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect()
}

fn of<'a>(messages: &'a [Json], ty: &str) -> Vec<&'a Json> {
    messages.iter().filter(|it| it["type"] == ty).collect()
}

#[track_caller]
fn summary(messages: &[Json], operation: &str, counts: [u32; 3]) {
    let summaries = of(messages, "change_summary");
    let mut summaries = summaries.iter().map(|it| &it["changes"]);
    let summary = summaries.find(|it| it["operation"] == operation);
    let [add, change, remove] = counts;
    let expected = json!({
        "add": add, "change": change, "import": 0, "remove": remove, "operation": operation,
    });
    assert_eq!(summary, Some(&expected));
}

fn run(project: &Project, cloud: &Cloud, command: &str) -> Run {
    project.eci(command).args(cloud.flags()).run()
}

#[test]
fn a_run_is_reported_from_its_plan_to_its_outputs() {
    let (project, cloud) = (project(), Cloud::start());
    let planned = messages(&run(&project, &cloud, "plan --format events").exits(0));
    let expected = [
        "version",
        "planned_change",
        "planned_change",
        "change_summary",
        "outputs",
    ];
    assert_eq!(types(&planned), expected);
    summary(&planned, "plan", [2, 0, 0]);

    let apply = "apply --auto-approve --format json";
    let applied = messages(&run(&project, &cloud, apply).exits(0));
    let reported = types(&applied);
    assert_eq!(reported[..5], expected);
    let web = |ty| {
        let all = of(&applied, ty);
        let mut hooks = all.iter().map(|it| &it["hook"]);
        hooks
            .find(|it| it["resource"]["addr"] == "container_group.web")
            .cloned()
    };
    assert_eq!(web("apply_start").unwrap()["action"], "create");
    let complete = web("apply_complete").unwrap();
    assert_eq!(complete["id_key"], "id");
    assert!(complete["id_value"].is_string() && complete["elapsed_seconds"].is_number());
    assert_eq!(
        reported[reported.len() - 2..],
        ["change_summary", "outputs"]
    );
    summary(&applied, "apply", [2, 0, 0]);
    let outputs = &applied.last().unwrap()["outputs"];
    assert_eq!(outputs["id"]["type"], "string");
    assert_eq!(
        outputs["token"],
        json!({ "sensitive": true, "type": "string" })
    );

    project.edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    summary(
        &messages(&run(&project, &cloud, apply).exits(0)),
        "apply",
        [0, 1, 0],
    );
    let refreshed = run(&project, &cloud, "refresh --auto-approve --format json");
    summary(&messages(&refreshed.exits(0)), "apply", [0, 0, 0]);
    let destroyed = run(&project, &cloud, "destroy --auto-approve --format json");
    let destroyed = messages(&destroyed.exits(0));
    summary(&destroyed, "destroy", [0, 0, 2]);
    assert_eq!(of(&destroyed, "planned_change").len(), 2);
}

#[test]
fn a_failure_is_shown_where_it_happens_and_explained_at_the_end() {
    let (project, cloud) = (project(), Cloud::start());
    // Nothing of that size is sold.
    project.edit("main.eci.toml", "cpu = 1\nmemory = 2\n", "");
    project.edit(
        "main.eci.toml",
        "\"nginx:1.27\"",
        "\"nginx:1.27\"\ncpu = 1000",
    );
    let apply = "apply --auto-approve --format json";
    let failed = messages(&run(&project, &cloud, apply).exits(3));
    let errored = of(&failed, "apply_errored");
    assert_eq!(
        errored[0]["hook"]["resource"]["addr"],
        "container_group.web"
    );
    let diagnostics = of(&failed, "diagnostic");
    let reported = diagnostics[0];
    assert_eq!(reported["@level"], "error");
    assert_eq!(reported["diagnostic"]["address"], "container_group.web");
    assert!(reported["diagnostic"]["detail"] != "", "{reported}");
    summary(&failed, "apply", [1, 0, 0]);
}

#[test]
fn errors_before_a_run_are_reported_on_standard_output_too() {
    let (project, cloud) = (project(), Cloud::start());
    let commands = [
        "plan --format json",
        "plan --format events",
        "apply --auto-approve --format json",
        "destroy --auto-approve --format json",
        "refresh --auto-approve --format json",
    ];
    project.edit("main.eci.toml", "memory = 2", "memori = 2");
    for command in commands {
        let reported = messages(&run(&project, &cloud, command).exits(1).says("memori"));
        let error = &of(&reported, "diagnostic")[0];
        assert_eq!(error["@level"], "error");
        let summary = error["diagnostic"]["summary"].as_str().unwrap();
        assert!(summary.contains("memori"), "{command}: {summary}");
        let range = &error["diagnostic"]["range"];
        assert_eq!(range["filename"], "main.eci.toml", "{command}");
        assert!(range["start"]["line"].as_u64() > Some(1), "{command}");
    }
    project.edit("main.eci.toml", "memori = 2", "memory = 2");
    for command in commands {
        let without = project.eci(command).without_env("CTYUN_AK");
        let reported = messages(&without.args(cloud.flags()).run().exits(1));
        let errors = of(&reported, "diagnostic");
        assert_eq!(errors.len(), 1, "{command}: {reported:?}");
        let summary = errors[0]["diagnostic"]["summary"].as_str().unwrap();
        assert!(summary.contains("CTYUN_AK"), "{command}: {summary}");
        let elsewhere = messages(&project.eci(command).args(["-C", "nowhere"]).run().exits(1));
        assert_eq!(types(&elsewhere), ["version", "diagnostic"], "{command}");
        let usage = messages(&project.eci(command).arg("--no-such-flag").run().exits(1));
        assert_eq!(types(&usage), ["version", "diagnostic"], "{command}");
    }
}

#[test]
fn validation_reports_errors_with_locations_to_programs() {
    let published = PublishedForms::read();
    let ours = [
        "code",
        "name",
        "message",
        "help",
        "file",
        "label",
        "related",
        "suggestion",
        "instances",
    ];
    let check = |run: &Run| {
        let mut document = run.json();
        let given = document["diagnostics"].as_array_mut().unwrap();
        for diagnostic in given.iter_mut().filter_map(Json::as_object_mut) {
            ours.iter().for_each(|key| drop(diagnostic.remove(*key)));
        }
        assert_eq!(published.check(&document, "ValidateOutput", &[]), [""; 0]);
        document
    };
    let project = project();
    let validate = |flags: &[&str]| {
        let validate = project.eci("validate --format json");
        validate.args(flags.iter().copied()).run()
    };
    let right = check(&validate(&[]).exits(0));
    assert_eq!(
        (&right["valid"], &right["error_count"]),
        (&json!(true), &json!(0))
    );
    project.edit("main.eci.toml", "memory = 2", "memori = 2");
    let wrong = check(&validate(&[]).exits(1));
    assert_eq!(wrong["valid"], false);
    let errors = wrong["diagnostics"].as_array().unwrap().iter();
    let errors: Vec<&Json> = errors.filter(|it| it["severity"] == "error").collect();
    assert_eq!(wrong["error_count"], errors.len());
    let misspelled = errors
        .iter()
        .find(|it| it["summary"].as_str().unwrap().contains("memori"));
    let misspelled = misspelled.unwrap();
    assert_eq!(misspelled["range"]["filename"], "main.eci.toml");
    assert!(misspelled["detail"].as_str().unwrap().contains("memory"));
    let nowhere = check(&validate(&["-C", "nowhere"]).exits(1));
    assert_eq!(nowhere["valid"], false);
    assert_eq!(nowhere["error_count"], 1);
}

#[test]
fn wrong_usage_exits_with_1_in_every_program_and_command() {
    let project = project();
    let commands = [
        "plan",
        "apply",
        "destroy",
        "refresh",
        "import",
        "orphans",
        "taint",
        "untaint",
        "force-unlock",
        "init",
        "fmt",
        "validate",
        "explain",
        "show",
        "output",
        "state list",
        "state show",
        "state history",
        "state diff",
        "state restore",
        "state re-encrypt",
        "state mv",
        "state rm",
        "state pull",
        "state push",
        "state recover",
        "workspace list",
        "workspace new",
        "workspace select",
        "console",
        "graph",
        "status",
        "events",
        "logs",
        "restart",
        "exec",
        "sandbox serve",
        "schema",
        "lsp",
        "completions",
        "version",
    ];
    for command in commands {
        let run = project.eci(command).arg("--no-such-flag").run();
        assert_eq!(run.exits(1).stdout, "", "{command}");
    }
    for program in ["eci-plan", "eci-apply"] {
        Eci::new(program, project.path())
            .arg("--no-such-flag")
            .run()
            .exits(1);
    }
    let detailed = project.eci("plan --detailed-exitcode --no-such-flag");
    detailed.run().exits(1);
    project.eci("").run().exits(1);
    project.eci("no-such-command").run().exits(1);
    project.eci("--help").run().exits(0);

    let cloud = Cloud::start();
    run(&project, &cloud, "plan").exits(0);
    run(&project, &cloud, "plan --detailed-exitcode").exits(2);
    run(&project, &cloud, "apply --auto-approve").exits(0);
    run(&project, &cloud, "plan --detailed-exitcode").exits(0);
}
