//! Sources of values of variables, and messages about those that are wrong or missing.

#![allow(clippy::unwrap_used)]

use eci_tests::{Cloud, Project, Run};

const MANIFEST: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[variable.image]
type = "string"
description = "what it runs"

[variable.replicas]
type = "number"

[variable.password]
type = "string"
sensitive = true

[output.image]
value = '${var.image} × ${var.replicas}'
"#;

fn plan(project: &Project, more: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = project.eci("plan").args(more.iter().copied());
    for (name, value) in environment {
        command = command.env(name, *value);
    }
    command.run()
}

#[test]
fn a_later_source_replaces_an_earlier_one() {
    let project = Project::new(MANIFEST);
    project.write(
        "eci.vars.toml",
        "image = \"main\"\nreplicas = 1\npassword = \"p\"\n",
    );
    let says = |more: &[&str], environment: &[(&str, &str)], expected: &str| {
        plan(&project, more, environment)
            .exits(0)
            .says(&format!("\"{expected} × 1\""));
    };
    says(&[], &[], "main");
    project.write("b.auto.vars.toml", "image = \"automatic\"\n");
    says(&[], &[], "automatic");
    project.write("named.toml", "image = \"named\"\n");
    says(&["--var-file", "named.toml"], &[], "named");
    let environment = [("ECI_VAR_image", "environment"), ("ECI_VAR_other", "1")];
    says(&["--var-file", "named.toml"], &environment, "environment");
    let flags = ["--var", "image=flag", "--var-file", "named.toml"];
    says(&flags, &environment, "flag");
}

#[test]
fn missing_values_are_listed_together_without_a_terminal() {
    let project = Project::new(MANIFEST);
    let run = plan(&project, &[], &[]).exits(1);
    for name in ["image", "replicas", "password"] {
        assert!(
            run.stderr
                .contains(&format!("no value for required variable `{name}`")),
            "{run}"
        );
        assert!(run.stderr.contains(&format!("ECI_VAR_{name}")), "{run}");
    }
    run.says("3 errors");
}

#[test]
fn a_check_runs_without_values_and_lists_the_missing_ones() {
    let project = Project::new(MANIFEST);
    project
        .eci("validate --var replicas=2")
        .run()
        .exits(0)
        .says("The configuration is valid: 1 output.")
        .says("Not checked because no value is set: var.image and var.password");
    project.edit("main.eci.toml", "${var.image}", "${var.imgae}");
    project
        .eci("validate")
        .run()
        .exits(1)
        .says("did you mean `var.image`?")
        .says("1 error");
}

#[test]
fn an_invalid_value_is_reported_with_its_origin() {
    let project = Project::new(MANIFEST);
    project.write(
        "eci.vars.toml",
        "image = \"a\"\nreplicas = \"three\"\npassword = [\"hush\"]\n",
    );
    plan(&project, &[], &[])
        .exits(1)
        .says("eci.vars.toml:2:12")
        .says("main.eci.toml:10:8")
        .says("invalid value for variable `password` from `eci.vars.toml`")
        .omits("hush");
    let environment = [("ECI_VAR_replicas", "many")];
    let flags = ["--var", "password=p"];
    plan(&project, &flags, &environment)
        .exits(1)
        .says("ECI_VAR_replicas:1:1");
    let flags = [
        "--var",
        "password=p",
        "--var",
        "replicas=2",
        "--var",
        "imgae=b",
    ];
    plan(&project, &flags, &[])
        .exits(1)
        .says("did you mean `image`?");
}

#[test]
fn a_value_for_what_is_not_declared_stops_nothing_where_it_is_in_a_file() {
    let project = Project::new("[variable.image]\ndefault = \"a\"\n");
    project.write("eci.vars.toml", "imgae = \"hush\"\n");
    plan(&project, &[], &[])
        .exits(0)
        .says("warning")
        .says("did you mean `image`?")
        .omits("hush");
}

#[test]
fn a_saved_plan_keeps_values_given_outside_files() {
    let (project, cloud) = (Project::new(MANIFEST), Cloud::start());
    project.write("eci.vars.toml", "image = \"file\"\n");
    let on = |command: &str| project.eci(command).args(cloud.flags());
    on("plan --out it.eciplan --var image=flag --var replicas=2")
        .env("ECI_VAR_password", "hush")
        .run()
        .exits(0);
    assert!(!project.read("it.eciplan").contains("hush"));
    on("apply it.eciplan")
        .run()
        .exits(1)
        .says("ECI_VAR_password=…");
    on("apply it.eciplan")
        .env("ECI_VAR_password", "other")
        .run()
        .exits(1)
        .says("variable `password` does not have the value that the saved plan was created with");
    on("apply it.eciplan --var image=other")
        .env("ECI_VAR_password", "hush")
        .run()
        .exits(1)
        .says("variable `image` does not have the value that the saved plan was created with");
    on("apply it.eciplan")
        .env("ECI_VAR_password", "hush")
        .run()
        .exits(0)
        .says("\"flag × 2\"");
}

#[test]
fn a_variable_whose_name_is_in_another_case_in_the_environment_is_named() {
    let project = Project::new("[variable.tag]\n[output.tag]\nvalue = '${var.tag}'\n");
    let environment = [("ECI_VAR_TAG", "1.28")];
    plan(&project, &[], &environment)
        .exits(1)
        .says("rename `ECI_VAR_TAG` to `ECI_VAR_tag`");
    let both = [("ECI_VAR_TAG", "1.28"), ("ECI_VAR_tag", "1.29")];
    plan(&project, &[], &both).exits(0).says("\"1.29\"");
}

#[test]
fn a_number_in_a_file_keeps_its_text_or_is_refused() {
    let project =
        Project::new("[variable.tag]\ntype = \"string\"\n[output.tag]\nvalue = '${var.tag}'\n");
    project.write("eci.vars.toml", "tag = 1.3\n");
    plan(&project, &[], &[]).exits(0).says("\"1.3\"");
    project.write("eci.vars.toml", "tag = 1.30\n");
    plan(&project, &[], &[])
        .exits(1)
        .says("found the number `1.30`, which would become `1.3`");
}
