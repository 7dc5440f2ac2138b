//! `eci fmt`, as a person, an editor and a pipeline use it.

#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::{Project, examples};

const CROOKED: &str = "\
# The address.
[eip.web]
bandwidth=5   # Mbps
auto=true
";

const STRAIGHT: &str = "\
# The address.
[eip.web]
auto = true
bandwidth = 5 # Mbps
";

#[test]
fn files_are_formatted_in_place_and_named() {
    let project = Project::new(CROOKED);
    project.write("eci.vars.toml", "image='nginx'\n");
    project.write("other.toml", "left   =   'alone'\n");
    let run = project.eci("fmt").run().exits(0);
    assert_eq!(run.stdout, "eci.vars.toml\nmain.eci.toml\n");
    assert_eq!(project.read("main.eci.toml"), STRAIGHT);
    assert_eq!(project.read("eci.vars.toml"), "image = \"nginx\"\n");
    assert_eq!(project.read("other.toml"), "left   =   'alone'\n");
    let again = project.eci("fmt").run().exits(0);
    assert_eq!(again.stdout, "");
    again.says("2 files already formatted.");
}

#[test]
fn a_check_changes_nothing_and_says_which_files_are_not_formatted() {
    let project = Project::new(CROOKED);
    project.write("good.eci.toml", "[provider]\n");
    let run = project.eci("fmt --check").run().exits(1);
    assert_eq!(run.stdout, "main.eci.toml\n");
    assert_eq!(project.read("main.eci.toml"), CROOKED);
    let run = project
        .eci("fmt --check --diff main.eci.toml")
        .run()
        .exits(1);
    let expected = "\
--- main.eci.toml
+++ main.eci.toml
@@ -1,4 +1,4 @@
 # The address.
 [eip.web]
-bandwidth=5   # Mbps
-auto=true
+auto = true
+bandwidth = 5 # Mbps
";
    assert_eq!(run.stdout, expected);
    assert_eq!(project.read("main.eci.toml"), CROOKED);
    project.eci("fmt --check good.eci.toml").run().exits(0);
}

#[test]
fn an_invalid_file_is_unchanged_and_the_others_are_formatted() {
    let project = Project::new(CROOKED);
    project.write("broken.eci.toml", "[eip.web\nauto = true\n");
    let run = project.eci("fmt").run().exits(1);
    run.says("invalid TOML: unclosed table")
        .says("broken.eci.toml:1");
    assert_eq!(project.read("broken.eci.toml"), "[eip.web\nauto = true\n");
    assert_eq!(project.read("main.eci.toml"), STRAIGHT);
}

#[test]
fn a_foreign_file_is_refused() {
    let project = Project::new(STRAIGHT);
    project.write("Cargo.toml", "[package]\n");
    project
        .eci("fmt Cargo.toml")
        .run()
        .exits(1)
        .says("neither a manifest");
    project
        .eci("fmt none.eci.toml")
        .run()
        .exits(1)
        .says("failed to read `none.eci.toml`");
    fs::create_dir(project.path().join("empty")).unwrap();
    project.eci("fmt empty").run().exits(1).says("eci init");
}

#[test]
fn a_manifest_is_piped_through() {
    let project = Project::empty();
    let run = project.eci("fmt -").input(CROOKED).run().exits(0);
    assert_eq!(run.stdout, STRAIGHT);
    project.eci("fmt --check -").input(CROOKED).run().exits(1);
    project.eci("fmt --check -").input(STRAIGHT).run().exits(0);
    let run = project.eci("fmt -").input("[x").run().exits(1);
    assert_eq!(run.stdout, "");
}

#[test]
fn line_ends_of_windows_stay() {
    let project = Project::new(&CROOKED.replace('\n', "\r\n"));
    project.eci("fmt").run().exits(0);
    assert_eq!(
        project.read("main.eci.toml"),
        STRAIGHT.replace('\n', "\r\n")
    );
}

#[test]
fn every_example_is_formatted() {
    for name in examples() {
        let project = Project::example(&name);
        project.eci("fmt --check --diff").run().exits(0);
    }
}

#[test]
fn the_manifest_of_the_readme_is_formatted() {
    let page = include_str!("../../../README.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (manifest, _) = rest.split_once("```\n").unwrap();
    let project = Project::new(manifest);
    project.eci("fmt --check --diff").run().exits(0);
}
