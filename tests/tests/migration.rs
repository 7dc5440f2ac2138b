//! A state moves from any backend to any other, also when the move is killed at any step and repeated.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use eci_tests::machines::{KEY, Machine, Place, manifests};
use eci_tests::servers::Postgres;
use eci_tests::state_server::StateServer;
use eci_tests::{Cloud, Eci, Project, binaries};

/// The steps at which a migration dies.
const STEPS: [&str; 5] = [
    "migrate-source-locked",
    "migrate-target-locked",
    "migrate-copied",
    "migrate-verified",
    "migrate-noted",
];

/// Returns a machine whose backend is in a separate file.
fn machine<'a>(cloud: &'a Cloud, places: [&Place; 2]) -> Machine<'a> {
    let machine = Machine {
        project: Project::new(&manifests("", &["web"])),
        cloud,
        variables: places.iter().flat_map(|place| place.variables()).collect(),
    };
    use_place(&machine, places[0]);
    machine
}

/// Puts a backend into the manifests.
fn use_place(machine: &Machine<'_>, place: &Place) {
    machine.project.write("backend.eci.toml", &backend(place));
}

fn backend(place: &Place) -> String {
    match place {
        Place::Directory => "[backend.local]\npath = \"state\"\n".to_owned(),
        // Not where a directory that is not encrypted is.
        Place::Encrypted => format!("[backend.local]\npath = \"vault\"\n{KEY}"),
        place => format!("{}{KEY}", place.backend()),
    }
}

/// Puts the new backend into the manifests, and the old one into a file next to them.
fn change(machine: &Machine<'_>, places: [&Place; 2]) {
    machine.project.write("old.toml", &backend(places[0]));
    use_place(machine, places[1]);
}

fn migrate(machine: &Machine<'_>) -> Eci {
    machine.eci("init --migrate old.toml --lock-timeout 50s")
}

/// Releases the locks of servers that know no leases, as a person would.
fn release(places: [&Place; 2]) {
    for place in places {
        if let Place::Http(server) | Place::GitLab(server) = place {
            server.break_lock("shop");
        }
    }
}

/// The state is in the new place, and the old one refers to it.
fn check_moved(machine: &Machine<'_>, places: [&Place; 2]) {
    machine.plan().run().exits(0).says("No changes.");
    use_place(machine, places[0]);
    for command in [machine.plan(), machine.apply(), machine.eci("state list")] {
        command.run().exits(1).says("was moved to");
    }
    use_place(machine, places[1]);
}

/// Moves a state there and back.
fn there_and_back(places: [&Place; 2]) {
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    let pulled = machine.eci("state pull").run().exits(0).stdout;
    change(&machine, places);
    migrate(&machine)
        .run()
        .exits(0)
        .says("Moved the state from");
    assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
    check_moved(&machine, places);
    migrate(&machine)
        .run()
        .exits(0)
        .says("was moved to")
        .says("before");

    // It changes there, and moves back.
    machine
        .project
        .edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    machine.apply().run().exits(0);
    let back = [places[1], places[0]];
    change(&machine, back);
    migrate(&machine)
        .run()
        .exits(0)
        .says("Moved the state from");
    check_moved(&machine, back);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_state_moves_between_a_directory_and_a_server() {
    there_and_back([&Place::Directory, &Place::GitLab(StateServer::start())]);
}

#[test]
fn a_state_moves_between_an_encrypted_directory_and_others() {
    there_and_back([&Place::Encrypted, &Place::GitLab(StateServer::start())]);
    there_and_back([&Place::Directory, &Place::Encrypted]);
}

#[test]
fn a_state_moves_between_a_database_and_a_server() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let database = Place::Postgres(database);
    there_and_back([&database, &Place::Http(StateServer::start())]);
}

/// Kills a migration at each step.
fn killed_at_each_step(places: [&Place; 2]) {
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    let mut places = places;
    for step in STEPS {
        change(&machine, places);
        let migrate_until = Eci::new(binaries::FAILPOINTS, machine.project.path())
            .args(["init", "--migrate", "old.toml", "--lock-timeout", "50s"])
            .env("ECI_FAILPOINT", format!("{step}:1"));
        let died = machine.with(migrate_until).run();
        assert!(died.died(), "{step}: {died}");
        release(places);
        let repeated = migrate(&machine).run().exits(0);
        let was_complete = repeated.stderr.contains("before");
        assert_eq!(was_complete, step == "migrate-noted", "{step}: {repeated}");
        check_moved(&machine, places);
        // The next one moves back.
        places.reverse();
    }
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_migration_killed_at_any_step_is_repeated() {
    killed_at_each_step([&Place::Directory, &Place::GitLab(StateServer::start())]);
}

#[test]
fn a_migration_of_an_encrypted_directory_killed_at_any_step_is_repeated() {
    killed_at_each_step([&Place::Directory, &Place::Encrypted]);
}

#[test]
fn a_migration_of_a_database_killed_at_any_step_is_repeated() {
    if let Some(database) = Postgres::start() {
        killed_at_each_step([&Place::Directory, &Place::Postgres(database)]);
    }
}

#[test]
fn a_state_that_both_places_changed_or_that_is_another_one_is_refused() {
    let places = [&Place::Directory, &Place::GitLab(StateServer::start())];
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    // Nothing is there yet.
    change(&machine, places);
    migrate(&machine).run().exits(1).says("no state found");
    use_place(&machine, places[0]);
    migrate(&machine).run().exits(1).says("already");

    // Another state is there.
    use_place(&machine, places[1]);
    machine.apply().run().exits(0);
    use_place(&machine, places[0]);
    machine.apply().run().exits(0);
    use_place(&machine, places[1]);
    migrate(&machine)
        .run()
        .exits(1)
        .says("contains another state");
    machine.destroy().run().exits(0);

    // It was copied, and changed in both places.
    let until_copied = Eci::new(binaries::FAILPOINTS, machine.project.path())
        .args(["init", "--migrate", "old.toml"])
        .env("ECI_FAILPOINT", "migrate-verified:1");
    assert!(machine.with(until_copied).run().died());
    release(places);
    for (place, image) in [(places[1], "nginx:1.28"), (places[0], "nginx:1.29")] {
        use_place(&machine, place);
        let manifest = machine.project.read("main.eci.toml");
        let start = manifest.find("nginx:").unwrap();
        let manifest = manifest.replace(&manifest[start..start + 10], image);
        machine.project.write("main.eci.toml", &manifest);
        machine.apply().run().exits(0);
    }
    use_place(&machine, places[1]);
    let diverged = migrate(&machine).run().exits(1);
    diverged
        .says("was changed both in")
        .says("state push --force");
}

/// A shared store takes the place of a directory whose state was not moved.
fn is_refused_until_moved(place: &Place) {
    let places = [&Place::Directory, place];
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    use_place(&machine, place);
    let commands = [
        machine.plan(),
        machine.apply(),
        machine.destroy(),
        machine.eci_on_cloud("refresh"),
        machine.eci("show"),
        machine.eci("state list"),
    ];
    for command in commands {
        let refused = command.run().exits(1);
        refused
            .says("the state in `state` was not moved to `")
            .says("eci init --migrate");
    }
    // A migration that died before the copy leaves an empty state there.
    let until_locked = Eci::new(binaries::FAILPOINTS, machine.project.path())
        .args(["init", "--migrate"])
        .env("ECI_FAILPOINT", "migrate-target-locked:1");
    assert!(machine.with(until_locked).run().died());
    release(places);
    machine.apply().run().exits(1).says("was not moved to");
    let migrate = machine.eci("init --migrate --lock-timeout 50s");
    migrate.run().exits(0).says("Moved the state from");
    machine.plan().run().exits(0).says("No changes.");

    // A shared state in use is not refused, whatever is in the directory.
    std::fs::remove_file(machine.project.path().join("state/moved")).unwrap();
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_local_state_that_was_not_moved_is_not_created_again_on_a_server() {
    is_refused_until_moved(&Place::GitLab(StateServer::start()));
}

#[test]
fn a_local_state_that_was_not_moved_is_not_created_again_in_a_database() {
    if let Some(database) = Postgres::start() {
        is_refused_until_moved(&Place::Postgres(database));
    }
}
