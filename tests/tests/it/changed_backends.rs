//! A backend that was changed or mistyped creates nothing a second time.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::machines::{KEY, Machine, Place, manifests};
use eci_tests::servers::Postgres;
use eci_tests::state_server::StateServer;
use eci_tests::{Cloud, Project};

/// Returns a machine with access to a store, whose backend is in a separate file.
fn machine<'a>(cloud: &'a Cloud, place: &Place) -> Machine<'a> {
    Machine {
        project: Project::new(&manifests("", &["web"])),
        cloud,
        variables: place.variables(),
    }
}

/// Puts a backend into the manifests.
fn set_backend(machine: &Machine<'_>, backend: &str) {
    let backend = format!("{backend}{KEY}");
    machine.project.write("backend.eci.toml", &backend);
}

/// Puts a directory that is not encrypted into the manifests.
fn set_directory(machine: &Machine<'_>, path: &str) {
    let backend = format!("[backend.local]\npath = {path:?}\n");
    machine.project.write("backend.eci.toml", &backend);
}

/// Returns the last part of the address of a state on GitLab, as a backend.
fn states(place: &Place) -> impl Fn(&str) -> String {
    let Place::GitLab(server) = place else {
        unreachable!("it is a server")
    };
    |name: &str| server.gitlab_backend(name)
}

/// Checks that every command that plans is refused.
fn is_refused(machine: &Machine<'_>, english: &str, chinese: &str) {
    for command in [machine.plan(), machine.apply(), machine.destroy()] {
        command.run().exits(1).says(english);
    }
    let refused = machine.plan().args(["--lang", "zh"]).run().exits(1);
    refused.says(chinese);
}

fn gitlab() -> Place {
    Place::GitLab(StateServer::start())
}

#[test]
fn a_state_that_was_not_migrated_is_refused_also_where_the_store_has_another_one() {
    let (place, cloud) = (gitlab(), Cloud::start());
    let states = states(&place);
    let team = machine(&cloud, &place);
    set_backend(&team, &states("shop"));
    team.apply().run().exits(0);

    let machine = machine(&cloud, &place);
    machine.apply().run().exits(0);
    set_backend(&machine, &states("shop"));
    let (created, before) = (cloud.created(), cloud.names());
    is_refused(
        &machine,
        "the state in `state` was not migrated to",
        "`state` 中的状态尚未迁移到",
    );
    let migration = machine.eci("init --migrate").run().exits(1);
    migration.says("contains another state");
    assert_eq!(cloud.created(), created);
    assert_eq!(cloud.names(), before);

    // The rest of the directory stays what it is.
    let refused = machine.plan().run().exits(1);
    refused.says("rename `state/state.json`");
    let state = machine.project.path().join("state");
    fs::rename(state.join("state.json"), state.join("old.json")).unwrap();
    machine.plan().run().exits(0).says("No changes.");
    machine.apply().run().exits(0);
    assert_eq!(cloud.created(), created);
}

#[test]
fn a_state_that_was_migrated_elsewhere_is_refused() {
    let (place, cloud) = (gitlab(), Cloud::start());
    let states = states(&place);
    let machine = machine(&cloud, &place);
    machine.apply().run().exits(0);
    set_backend(&machine, &states("rd"));
    machine.eci("init --migrate").run().exits(0);
    machine.plan().run().exits(0).says("No changes.");
    // A machine that remembers nothing: the note is sufficient.
    let remembered = machine.project.path().join("state/places.json");
    fs::remove_file(&remembered).unwrap();
    set_backend(&machine, &states("rdx"));
    is_refused(&machine, "`, not to `", "，而不是 `");
    machine.plan().run().exits(1).says("correct `[backend]`");
    set_directory(&machine, "rdx");
    is_refused(&machine, "/rd`, not to `rdx`", "/rd`，而不是 `rdx`");
    machine
        .project
        .write("old.toml", &format!("{}{KEY}", states("rd")));

    // A state may be moved on.
    set_backend(&machine, &states("next"));
    machine.eci("init --migrate old.toml").run().exits(0);
    fs::remove_file(&remembered).unwrap();
    machine.plan().run().exits(0).says("No changes.");
    machine.apply().run().exits(0);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn an_empty_state_does_not_replace_one_that_this_machine_has_used() {
    let (place, cloud) = (gitlab(), Cloud::start());
    let states = states(&place);
    let machine = machine(&cloud, &place);
    set_backend(&machine, &states("dupa"));
    machine.apply().run().exits(0);

    let english = "/dupa` has the resources of this configuration, and `";
    let chinese = "/dupa` 的状态包含此配置的资源，而 `";
    set_backend(&machine, &states("dupb"));
    is_refused(&machine, english, chinese);
    let refused = machine.plan().run().exits(1);
    refused
        .says("eci init --migrate old.toml")
        .says("delete `state/places.json`");
    set_directory(&machine, "st");
    is_refused(&machine, english, chinese);
    fs::remove_file(machine.project.path().join("backend.eci.toml")).unwrap();
    is_refused(&machine, english, chinese);
    // A directory on the command line is another state, and so is one of the sandbox.
    for other in ["--state=elsewhere", "--sandbox"] {
        let plan = machine.project.eci("plan").args([other]);
        let plan = if other == "--sandbox" {
            plan
        } else {
            plan.args(cloud.flags())
        };
        machine.with(plan).run().exits(0).says("1 to create");
    }
    assert_eq!(cloud.created(), ["web"]);

    // It is moved, and its old place is not remembered.
    let old = format!("{}{KEY}", states("dupa"));
    machine.project.write("old.toml", &old);
    set_backend(&machine, &states("dupb"));
    machine.eci("init --migrate old.toml").run().exits(0);
    machine.apply().run().exits(0);
    let remembered = machine.project.read("state/places.json");
    assert!(!remembered.contains("dupa"), "{remembered}");
    // A state that was destroyed has nothing to lose.
    machine.destroy().run().exits(0);
    set_backend(&machine, &states("dupc"));
    machine.plan().run().exits(2).says("1 to create");
    machine.apply().run().exits(0);

    // Another one is begun on purpose.
    set_backend(&machine, &states("dupd"));
    machine.apply().run().exits(1).says("/dupc` has the");
    fs::remove_file(machine.project.path().join("state/places.json")).unwrap();
    machine.apply().run().exits(0);
    assert_eq!(cloud.created(), ["web"; 3]);
}

#[test]
fn an_empty_database_does_not_replace_a_state_elsewhere() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let (server, database) = (gitlab(), Place::Postgres(database));
    let cloud = Cloud::start();
    let mut machine = machine(&cloud, &server);
    machine.variables.extend(database.variables());
    set_backend(&machine, &states(&server)("shop"));
    machine.apply().run().exits(0);
    set_backend(&machine, &database.backend());
    is_refused(
        &machine,
        "/shop` has the resources of this configuration, and `",
        "/shop` 的状态包含此配置的资源",
    );
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn an_empty_directory_does_not_replace_another_one() {
    let cloud = Cloud::start();
    let machine = machine(&cloud, &Place::Directory);
    machine.apply().run().exits(0);
    set_directory(&machine, "st");
    is_refused(
        &machine,
        "the state at `state` has the resources of this configuration, and `st` has none",
        "位于 `state` 的状态包含此配置的资源，而 `st` 中没有资源",
    );
    machine
        .plan()
        .run()
        .exits(1)
        .says("rename `state/state.json`");
    machine.eci("init --migrate").run().exits(0);
    machine.plan().run().exits(0).says("No changes.");

    let st = machine.project.path().join("st");
    set_directory(&machine, "stx");
    fs::remove_file(machine.project.path().join("state/migrated")).unwrap();
    fs::remove_file(machine.project.path().join("state/state.json")).unwrap();
    let refused = machine.plan().run().exits(1);
    refused
        .says("/st` has the resources of")
        .says("/st` to migrate it");
    // A directory is compared as it is: this one was renamed.
    fs::rename(&st, machine.project.path().join("renamed")).unwrap();
    machine.plan().run().exits(2).says("1 to create");
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn workspaces_are_separate() {
    let (place, cloud) = (gitlab(), Cloud::start());
    let Place::GitLab(server) = &place else {
        unreachable!("it is a server")
    };
    let address = |suffix: &str| {
        let address = server.gitlab_address(&format!("shop{suffix}-"));
        format!("[backend.http]\naddress = '{address}${{eci.workspace}}'\nretry_wait_min = 0\n")
    };
    let machine = machine(&cloud, &place);
    set_backend(&machine, &address(""));
    machine.apply().run().exits(0);
    machine.eci("workspace new staging").run().exits(0);
    machine.plan().run().exits(2).says("1 to create");
    set_backend(&machine, &address("x"));
    machine.plan().run().exits(2).says("1 to create");
    machine.eci("workspace select default").run().exits(0);
    machine
        .apply()
        .run()
        .exits(1)
        .says("/shop-default` has the");
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn places_that_differ_from_run_to_run_are_only_noted() {
    let (place, cloud) = (gitlab(), Cloud::start());
    let Place::GitLab(server) = &place else {
        unreachable!("it is a server")
    };
    let machine = machine(&cloud, &place);
    let address = server.gitlab_address("");
    let backend = format!(
        "[variable.env]\ndefault = \"test\"\n[backend.http]\naddress = '{address}${{var.env}}'\nretry_wait_min = 0\n"
    );
    set_backend(&machine, &backend);
    machine.apply().run().exits(0);
    let production = || machine.apply().args(["--var", "env=production"]);
    let noted = production().run().exits(0);
    noted
        .says("note: the state at `")
        .says("/test` has the resources");
    let quiet = production().run().exits(0);
    assert!(!quiet.stderr.contains("note: the state at"), "{quiet}");
    assert_eq!(cloud.created(), ["web", "web"]);

    // The address is on the command line.
    set_backend(&machine, "[backend.http]\nretry_wait_min = 0\n");
    let elsewhere = machine
        .plan()
        .arg(format!("--backend=address={address}other"));
    elsewhere.run().exits(2).says("note: the state at `");

    // One without expressions is an error again.
    set_backend(&machine, &server.gitlab_backend("other"));
    machine.plan().run().exits(1).says("has the resources of");
}

#[test]
fn a_pipeline_remembers_nothing() {
    let (place, cloud) = (gitlab(), Cloud::start());
    let states = states(&place);
    let machine = machine(&cloud, &place);
    set_backend(&machine, &states("one"));
    machine.apply().env("CI", "true").run().exits(0);
    set_backend(&machine, &states("two"));
    machine.plan().run().exits(2).says("1 to create");
}
