//! `eci init`: from an empty directory to a running container group.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use eci_tests::{Eci, Project};

/// A command that works on the simulated cloud, as someone without an account would call it.
fn embedded(program: &'static str, directory: &Path) -> Eci {
    Eci::new(program, directory)
        .without_env("CTYUN_AK")
        .without_env("CTYUN_SK")
        .args(["--sandbox", "--sandbox-speed", "instant"])
}

#[test]
fn what_it_writes_is_planned_and_applied_as_it_is() {
    let examples = ["quickstart", "web-three-tier", "batch", "vendor"];
    let in_both = examples.map(|example| [(example, "en"), (example, "zh")]);
    for (example, lang) in in_both.into_iter().flatten() {
        let project = Project::empty();
        let init = project.eci("init --from").arg(example);
        let run = init.env("ECI_LANG", lang).run().exits(0);
        run.says("eci apply --sandbox");
        project.eci("fmt --check --diff").run().exits(0);
        project.eci("validate").run().exits(0);
        embedded("eci-plan", project.path()).run().exits(0);
        let apply = embedded("eci-apply", project.path());
        apply.arg("--auto-approve").run().exits(0);
        let plan = embedded("eci-plan", project.path());
        plan.arg("--detailed-exitcode").run().exits(0);
    }
}

#[test]
fn without_an_example_it_is_the_quickstart_with_the_editor_schema() {
    let project = Project::empty();
    let run = project.eci("init").run().exits(0);
    let written = "Created default.conf\nCreated web.eci.toml\nCreated .eci/schema.json\n\
                   Created .taplo.toml\nCreated .gitignore\n";
    assert_eq!(run.stdout, written);
    let manifest = project.read("web.eci.toml");
    assert!(manifest.starts_with("#:schema .eci/schema.json\n\n# One web server"));
    let schema: serde_json::Value =
        serde_json::from_str(&project.read(".eci/schema.json")).unwrap();
    assert_eq!(schema, eci_schema::manifest(eci_text::Lang::En));
    let taplo: toml::Table = project.read(".taplo.toml").parse().unwrap();
    assert_eq!(
        taplo["rule"][0]["schema"]["path"].as_str(),
        Some(".eci/schema.json")
    );
    assert!(
        project
            .read(".gitignore")
            .lines()
            .any(|line| line == "state/")
    );
    let again = project.eci("init").run().exits(0);
    assert_eq!(again.stderr, "Nothing to write: all files already exist.\n");
}

#[test]
fn what_it_writes_is_in_chinese_too_and_each_language_keeps_the_files_of_the_other() {
    let project = Project::empty();
    let init = |lang: &str| project.eci("init --from stateful").env("ECI_LANG", lang);
    init("zh").run().exits(0);
    let start = "#:schema .eci/schema.json\n\n# 托管的弹性 IP";
    assert!(project.read("web.eci.toml").starts_with(start));
    assert!(project.read("README.md").starts_with("# 保留数据的数据库"));
    let schema: serde_json::Value =
        serde_json::from_str(&project.read(".eci/schema.json")).unwrap();
    assert_eq!(schema, eci_schema::manifest(eci_text::Lang::Zh));
    for file in [".gitignore", ".taplo.toml"] {
        let text = project.read(file);
        let comments: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
        assert!(
            comments.iter().all(|line| line.contains('。')),
            "{comments:?}"
        );
    }
    let again = project.eci("init").run().exits(0);
    assert!(!again.stderr.contains(".taplo.toml"), "{again}");
    assert!(!again.stderr.contains(".gitignore"), "{again}");
}

#[test]
fn nothing_that_is_there_is_written_over() {
    let project = Project::new("[eip.web]\nauto = true\n");
    project.write(".gitignore", "/target\nstate/\n");
    project.write(".taplo.toml", "# mine\n");
    let run = project.eci("init").run().exits(0);
    assert_eq!(run.stdout, "Created .eci/schema.json\n");
    let run = run.says("Kept the existing file `.taplo.toml`.");
    run.says("*.eciplan").says("#:schema .eci/schema.json");
    assert_eq!(project.read(".gitignore"), "/target\nstate/\n");
    assert_eq!(project.read(".taplo.toml"), "# mine\n");
    assert_eq!(project.read("main.eci.toml"), "[eip.web]\nauto = true\n");

    project.write(".eci/schema.json", "{}");
    let run = project.eci("init").run().exits(0);
    assert_eq!(run.stdout, "Updated .eci/schema.json\n");
    project.eci("init").run().exits(0).says("Nothing to write");
}

#[test]
fn an_example_is_not_mixed_with_other_manifests() {
    let project = Project::new("[eip.web]\nauto = true\n");
    let run = project.eci("init --from batch").run().exits(1);
    run.says("main.eci.toml").says("-C");
    assert!(!project.path().join("report.eci.toml").exists());
}

#[test]
fn a_wrong_name_is_met_with_the_right_ones() {
    let project = Project::empty();
    let run = project.eci("init --from quikstart").run().exits(1);
    run.says("quickstart, web-three-tier, stateful, batch, vendor")
        .says("did you mean `quickstart`?");
    assert_eq!(fs::read_dir(project.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_directory_is_created() {
    let project = Project::empty();
    let run = project.eci("-C shop/web init").run().exits(0);
    run.says("shop/web/web.eci.toml")
        .says("eci plan --sandbox -C shop/web");
    project.eci("-C shop/web validate").run().exits(0);
    let init = project.eci("init").args(["-C", "x y"]).run().exits(0);
    init.says("eci plan --sandbox -C 'x y'");
}
