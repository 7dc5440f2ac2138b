//! Every example in the folder of examples: a new one is found by itself.

#![allow(clippy::unwrap_used)]

use eci_sandbox::ObjectKind;
use eci_tests::{Cloud, Eci, Project, examples};
use toml::{Table, Value};

#[test]
fn there_are_examples_for_a_newcomer() {
    let names = examples();
    for name in [
        "batch",
        "gitops/envs/dev",
        "gitops/envs/production",
        "gitops/envs/staging",
        "quickstart",
        "stateful",
        "vendor",
        "web-three-tier",
    ] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
}

#[test]
fn after_an_apply_every_example_has_nothing_to_change() {
    for name in examples() {
        let (project, mut cloud) = (Project::example(&name), Cloud::start());
        project.plan(&cloud).run().exits(2).says("will be created");
        project.apply(&cloud).run().exits(0);
        project.assert_no_changes(&cloud);

        cloud.restart();
        project.assert_no_changes(&cloud);
        project.apply(&cloud).run().exits(0);
        let (created, there) = (cloud.created(), cloud.names());
        assert_eq!(created, there, "{name}: each group was created once");
        // An automatic EIP is not one of the orders.
        assert!(
            cloud.created_of(ObjectKind::Eip).len() <= cloud.eips().len(),
            "{name}"
        );
        assert_eq!(
            cloud.created_of(ObjectKind::Disk).len(),
            cloud.disks().len(),
            "{name}"
        );
    }
}

#[test]
fn after_an_edit_every_example_has_changes_until_it_is_applied() {
    for name in examples() {
        let (project, cloud) = (Project::example(&name), Cloud::start());
        project.apply(&cloud).run().exits(0);
        tag_a_group(&project);
        project.plan(&cloud).run().exits(2).says("edited");
        project.apply(&cloud).run().exits(0);
        project.assert_no_changes(&cloud);
    }
}

#[test]
fn every_example_is_destroyed_without_a_rest() {
    for name in examples() {
        let (project, cloud) = (Project::example(&name), Cloud::start());
        project.apply(&cloud).run().exits(0);
        assert!(!cloud.names().is_empty(), "{name}");
        if name == "stateful" {
            project.destroy(&cloud).run().exits(1).says("volume.data");
            let file = "data.eci.toml";
            project.edit(file, "prevent_destroy = true", "prevent_destroy = false");
            // Protection ends with an apply that says so.
            project.apply(&cloud).run().exits(0);
        }
        project.destroy(&cloud).run().exits(0);
        assert_eq!(cloud.names(), [""; 0], "{name}");
        assert!(project.state().resources.is_empty(), "{name}");
    }
}

#[test]
fn every_example_runs_on_the_embedded_sandbox_without_credentials() {
    for name in examples() {
        let project = Project::example(&name);
        let embedded = |program| {
            Eci::new(program, project.path())
                .without_env("CTYUN_AK")
                .without_env("CTYUN_SK")
                .args(["--sandbox", "--sandbox-speed", "instant"])
        };
        embedded("eci-apply").arg("--auto-approve").run().exits(0);
        // Another process, which finds the world of the first.
        embedded("eci-plan")
            .arg("--detailed-exitcode")
            .run()
            .exits(0)
            .says("No changes.");
    }
}

#[test]
fn environments_differ_by_their_variables_alone() {
    let names = examples();
    let environments = names.iter().filter(|name| name.starts_with("gitops/"));
    let manifests: Vec<(String, usize)> = environments
        .map(|name| {
            let (project, cloud) = (Project::example(name), Cloud::start());
            let validated = project.eci("validate").run().exits(0);
            assert!(
                !validated.stderr.contains("warning"),
                "{}",
                validated.stderr
            );
            project.apply(&cloud).run().exits(0);
            (project.read("main.eci.toml"), cloud.names().len())
        })
        .collect();
    let counts: Vec<usize> = manifests.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [1, 5, 3], "groups in dev, production and staging");
    assert!(manifests.windows(2).all(|two| two[0].0 == two[1].0));
}

/// Gives the first group of a project another tag.
fn tag_a_group(project: &Project) {
    let mut manifests = project.files(".");
    manifests.append(&mut project.files_of_modules());
    for path in manifests.keys() {
        if !path.to_string_lossy().ends_with(".eci.toml") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let mut manifest: Table = toml::from_str(&text).unwrap();
        let Some(Value::Table(groups)) = manifest.get_mut("container_group") else {
            continue;
        };
        let (_, group) = groups.iter_mut().next().unwrap();
        let tags = group.as_table_mut().unwrap().entry("tags");
        let tags = tags.or_insert_with(|| Table::new().into());
        let tags = tags.as_table_mut().expect("tags are a table");
        tags.insert("edited".to_owned(), "yes".into());
        std::fs::write(path, toml::to_string(&manifest).unwrap()).unwrap();
        return;
    }
    panic!("container group not found");
}
