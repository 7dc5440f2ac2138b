//! A state moves from any backend to any other, also when the move is killed at any step and repeated.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use eci_tests::machines::{KEY, Machine, Place, manifests};
use eci_tests::servers::Postgres;
use eci_tests::state_server::StateServer;
use eci_tests::{Cloud, Eci, Project, Run};

/// The steps at which a migration dies.
const STEPS: [Step; 6] = [
    Step::new("migrate-source-locked", UsablePlace::Old),
    Step::new("migrate-target-locked", UsablePlace::Old),
    Step::new("migrate-copied", UsablePlace::Old),
    Step::new("migrate-verified", UsablePlace::Old),
    Step::new("migrate-noted", UsablePlace::Neither),
    Step::new("migrate-completed", UsablePlace::New),
];

/// A step at which a migration dies.
struct Step {
    failpoint: &'static str,
    usable: UsablePlace,
}

impl Step {
    const fn new(failpoint: &'static str, usable: UsablePlace) -> Step {
        Step { failpoint, usable }
    }

    /// Returns whether a run in the new place is refused by what this migration has written there.
    fn has_begun(&self) -> bool {
        !matches!(
            self.failpoint,
            "migrate-source-locked" | "migrate-target-locked"
        )
    }
}

/// The place that runs can use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UsablePlace {
    Old,
    New,
    Neither,
}

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

#[test]
fn a_misspelled_old_place_is_named() {
    let project = Project::new("[backend.local]\npath = \"new\"\n");
    for (old, problem) in [
        ("odl.toml", "file `odl.toml` not found"),
        ("odl", "directory `odl` not found"),
    ] {
        let command = format!("init --migrate {old}");
        let refused = project.eci(&command).run().exits(1);
        refused.says(problem).says("help: name the old place");
    }
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
fn check_migrated(machine: &Machine<'_>, places: [&Place; 2]) {
    machine.plan().run().exits(0).says("No changes.");
    use_place(machine, places[0]);
    for command in [machine.plan(), machine.apply(), machine.eci("state list")] {
        command.run().exits(1).says("was migrated to");
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
        .says("Migrated the state from");
    assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
    check_migrated(&machine, places);
    migrate(&machine)
        .run()
        .exits(0)
        .says("was already migrated to");

    // It changes there, and moves back.
    machine
        .project
        .edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    machine.apply().run().exits(0);
    // The version that was copied can be restored: it is not unfinished any more.
    if !matches!(places[1], Place::Http(_)) {
        let state: serde_json::Value = serde_json::from_str(&pulled).unwrap();
        let restore = format!("state restore {}", state["state"]["serial"]);
        machine.eci(&restore).run().exits(0);
        machine.apply().run().exits(0);
    }
    let back = [places[1], places[0]];
    change(&machine, back);
    migrate(&machine)
        .run()
        .exits(0)
        .says("Migrated the state from");
    check_migrated(&machine, back);
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_state_is_migrated_between_a_directory_and_a_server() {
    there_and_back([&Place::Directory, &Place::GitLab(StateServer::start())]);
}

#[test]
fn a_state_is_migrated_between_an_encrypted_directory_and_others() {
    there_and_back([&Place::Encrypted, &Place::GitLab(StateServer::start())]);
    there_and_back([&Place::Directory, &Place::Encrypted]);
}

#[test]
fn a_state_is_migrated_between_a_database_and_a_server() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let database = Place::Postgres(database);
    there_and_back([&database, &Place::Http(StateServer::start())]);
}

#[test]
fn a_setting_of_the_command_line_is_that_of_the_new_place() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let places = [
        &Place::Http(StateServer::start()),
        &Place::Postgres(database),
    ];
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    change(&machine, places);
    // The old backend does not have this key.
    let migrate_to = |name: &str| {
        let command = format!("init --migrate old.toml --backend name={name}");
        machine.eci(&command).run().exits(0)
    };
    migrate_to("one")
        .says("Migrated the state from")
        .says("/one`");
    // The old backend has it, and another value of it.
    let name = "name = \"shop\"";
    let old = backend(places[1]);
    assert!(old.contains(name), "{old}");
    let old = old.replace(name, "name = \"one\"");
    machine.project.write("old.toml", &old);
    migrate_to("two").says("/one` to `").says("/two`");
    let list = machine.eci("state list --backend name=two").run().exits(0);
    assert_eq!(list.stdout.trim(), "container_group.web");
}

/// Changes the manifest, so that the next apply changes the state.
fn change_image(machine: &Machine<'_>) {
    let manifest = machine.project.read("main.eci.toml");
    let (before, after) = if manifest.contains("nginx:1.27") {
        ("nginx:1.27", "nginx:1.28")
    } else {
        ("nginx:1.28", "nginx:1.27")
    };
    machine.project.edit("main.eci.toml", before, after);
}

/// Tries to change the state in both places after a migration was killed, and returns with the new place in the
/// manifests.
fn check_usable(machine: &Machine<'_>, places: [&Place; 2], step: &Step) {
    change_image(machine);
    let apply = || machine.apply().args(["--lock-timeout", "50s"]).run();
    use_place(machine, places[0]);
    let old = apply();
    release(places);
    use_place(machine, places[1]);
    if !step.has_begun() {
        assert_eq!(old.code(), 0, "{}: {old}", step.failpoint);
        return;
    }
    let new = apply();
    release(places);
    let expected = match step.usable {
        UsablePlace::Old => [0, 1],
        UsablePlace::New => [1, 0],
        UsablePlace::Neither => [1, 1],
    };
    let codes = [old.code(), new.code()];
    assert_eq!(codes, expected, "{}: {old}\n{new}", step.failpoint);
    if step.usable != UsablePlace::Old {
        old.says("was migrated to");
    }
    if step.usable != UsablePlace::New {
        new.says("the migration of the state from")
            .says("is not complete")
            .says("run `eci init --migrate` again");
    }
}

/// Kills a migration at each step.
fn killed_at_each_step(places: [&Place; 2]) {
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    let mut places = places;
    for step in STEPS {
        change(&machine, places);
        let command = "init --migrate old.toml --lock-timeout 50s";
        let died = machine.eci_until(step.failpoint, command).run();
        assert!(died.died(), "{}: {died}", step.failpoint);
        release(places);
        check_usable(&machine, places, &step);
        let repeated = migrate(&machine).run().exits(0);
        let was_complete = repeated.stderr.contains("already");
        let is_complete = step.usable == UsablePlace::New;
        assert_eq!(was_complete, is_complete, "{}: {repeated}", step.failpoint);
        if step.usable == UsablePlace::Neither {
            // The change was not applied anywhere.
            machine.apply().run().exits(0);
        }
        check_migrated(&machine, places);
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
    let other = self::machine(&cloud, [places[1], places[0]]);
    other.apply().run().exits(0);
    machine.apply().run().exits(0);
    use_place(&machine, places[1]);
    migrate(&machine)
        .run()
        .exits(1)
        .says("contains another state");
    other.destroy().run().exits(0);

    // It was moved, somebody removes the note, and it changes in both places.
    migrate(&machine).run().exits(0);
    std::fs::remove_file(machine.project.path().join("state/migrated")).unwrap();
    use_place(&machine, places[0]);
    for (machine, image) in [(&other, "nginx:1.28"), (&machine, "nginx:1.29")] {
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

/// Kills a migration after the copy, and repeats it from the place that a table names.
#[test]
fn the_copy_of_an_unfinished_migration_is_refused_by_every_command() {
    let places = [&Place::Encrypted, &Place::GitLab(StateServer::start())];
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    let pulled = machine.eci("state pull").run().exits(0).stdout;
    machine.project.write("pulled.json", &pulled);
    change(&machine, places);
    let until_copied = machine.eci_until("migrate-copied", "init --migrate old.toml");
    assert!(until_copied.run().died());
    release(places);
    let commands = [
        machine.plan(),
        machine.apply(),
        machine.destroy(),
        machine.eci_on_cloud("refresh"),
        machine.eci("show"),
        machine.eci("state list"),
        machine.eci("state pull"),
        machine.eci("state push --force pulled.json"),
        machine.eci("state rm container_group.web"),
    ];
    for command in commands {
        let refused = command.run().exits(1);
        refused
            .says("the migration of the state from `")
            .says("vault` to `")
            .says("help: run `eci init --migrate` again");
    }
    let chinese = machine.eci("state list --lang zh").run().exits(1);
    chinese.says("的迁移尚未完成");
    // It does not move on from there either.
    let back = [places[1], &Place::Directory];
    change(&machine, back);
    migrate(&machine).run().exits(1).says("is not complete");

    // Another place from which it was moved long ago does not complete it.
    change(&machine, places);
    let until_noted = machine.eci_until("migrate-noted", "init --migrate old.toml");
    assert!(until_noted.run().died());
    release(places);
    let vault = machine.project.path().join("vault");
    std::fs::rename(&vault, machine.project.path().join("other")).unwrap();
    let other = format!("[backend.local]\npath = \"other\"\n{KEY}");
    machine.project.write("old.toml", &other);
    migrate(&machine).run().exits(1).says("is not complete");
    std::fs::rename(machine.project.path().join("other"), &vault).unwrap();
    change(&machine, places);
    migrate(&machine)
        .run()
        .exits(0)
        .says("Migrated the state from");
    assert_eq!(machine.eci("state pull").run().exits(0).stdout, pulled);
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["web"]);
}

/// A shared store takes the place of a directory whose state was not moved.
fn is_refused_until_migrated(place: &Place) {
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
            .says("the state in `state` was not migrated to `")
            .says("eci init --migrate");
    }
    // A migration that died before the copy leaves an empty state there.
    let until_locked = machine.eci_until("migrate-target-locked", "init --migrate");
    assert!(until_locked.run().died());
    release(places);
    machine.apply().run().exits(1).says("was not migrated to");
    let migrate = machine.eci("init --migrate --lock-timeout 50s");
    migrate.run().exits(0).says("Migrated the state from");
    machine.plan().run().exits(0).says("No changes.");

    // Without the note, it is to be moved again.
    std::fs::remove_file(machine.project.path().join("state/migrated")).unwrap();
    machine.plan().run().exits(1).says("was not migrated to");
    machine.eci("init --migrate").run().exits(0);
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["web"]);
}

#[test]
fn a_local_state_that_was_not_migrated_is_not_created_again_on_a_server() {
    is_refused_until_migrated(&Place::GitLab(StateServer::start()));
}

#[test]
fn a_local_state_that_was_not_migrated_is_not_created_again_in_a_database() {
    if let Some(database) = Postgres::start() {
        is_refused_until_migrated(&Place::Postgres(database));
    }
}

/// Returns the first ID in a run's message that `eci force-unlock` takes.
fn lock_id(run: &Run) -> String {
    let text = run.stderr.replace('\n', " ");
    let (_, rest) = text.split_once("eci force-unlock ").unwrap();
    rest.split('`').next().unwrap().to_owned()
}

#[test]
fn the_lock_of_a_killed_migration_is_removed_before_it_is_repeated() {
    let places = [&Place::Directory, &Place::Http(StateServer::start())];
    let cloud = Cloud::start();
    let machine = machine(&cloud, places);
    machine.apply().run().exits(0);
    use_place(&machine, places[1]);
    let until_locked = machine.eci_until("migrate-target-locked", "init --migrate");
    assert!(until_locked.run().died());
    // Another place for the state would be a second one.
    for command in [machine.plan(), machine.apply(), machine.eci("state list")] {
        let refused = command.run().exits(1);
        let refused = refused.says("run `eci init --migrate` to migrate it");
        assert!(!refused.stderr.contains("rename"), "{refused}");
    }
    let repeated = machine.eci("init --migrate").run().exits(1);
    let unlock = format!("force-unlock {}", lock_id(&repeated));
    machine.eci("force-unlock").run().exits(0).says("--migrate");
    machine.eci(&unlock).run().exits(0).says("Removed the");
    let migrate = machine.eci("init --migrate").run().exits(0);
    migrate.says("Migrated the state from");
    machine.plan().run().exits(0).says("No changes.");
    assert_eq!(cloud.created(), ["web"]);
}

/// Migrates two workspaces, one of them by the command that eci prints.
fn each_workspace_is_migrated(old: &str, new: &str, place: &Place) {
    let cloud = Cloud::start();
    let machine = machine(&cloud, [&Place::Directory, place]);
    machine.project.write("backend.eci.toml", old);
    machine.apply().run().exits(0);
    machine.eci("workspace new st").run().exits(0);
    machine.apply().run().exits(0);
    let created = cloud.created();
    machine.project.write("old.toml", old);
    machine.project.write("backend.eci.toml", new);
    // The selected workspace does not exist in the new place yet.
    let from = if old.contains("[backend.local]") {
        "state"
    } else {
        "old.toml"
    };
    let name = machine.project.path().file_name().unwrap();
    let name = name.to_str().unwrap();
    let parent = machine.project.path().parent().unwrap();
    let migrate = |arguments: &str| {
        let migrate = Eci::new("eci", parent).args(["init", "-C", name]);
        machine.with(migrate.args(arguments.split(' '))).run()
    };
    let unknown = migrate(&format!("--migrate {from} --workspace other")).exits(1);
    unknown.says("no state found in");
    let migrated = migrate(&format!("--migrate {from}")).exits(0);
    let migrated = migrated.says("Migrated the state from");
    let text = migrated.stderr.replace('\n', " ");
    let named = text.split_once("run `eci init -C ");
    let command = named.and_then(|(_, rest)| rest.split('`').next());
    let command = command.and_then(|it| it.split_once(' ')).unwrap().1;
    assert_eq!(command, format!("--migrate {from} --workspace default"));
    migrate(command).exits(0).says("Migrated the state from");
    let list = machine.eci("workspace list").run().exits(0);
    assert_eq!(
        list.stdout,
        "  default  1 resource\n* st       1 resource\n"
    );
    for workspace in ["default", "st"] {
        let plan = machine.plan().args(["--workspace", workspace]);
        plan.run().exits(0).says("No changes.");
    }
    assert_eq!(cloud.created(), created);
}

#[test]
fn each_workspace_is_migrated_to_another_directory() {
    let local = |path: &str| format!("[backend.local]\npath = {path:?}\n");
    each_workspace_is_migrated(
        &local("state"),
        &local("elsewhere/states"),
        &Place::Directory,
    );
}

#[test]
fn each_workspace_is_migrated_to_a_database_and_within_it() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let table = |name: &str| format!("{}{KEY}", database.table(name));
    let (one, two) = (table("one"), table("two"));
    let place = Place::Postgres(database);
    each_workspace_is_migrated("[backend.local]\n", &one, &place);
    each_workspace_is_migrated(&one.replace("one", "three"), &two, &place);
}

#[test]
fn a_state_that_was_migrated_is_recognized_under_each_name_of_its_place() {
    let server = StateServer::start();
    let remote = |name: &str| format!("{}{KEY}", server.gitlab_backend(name));
    let [next, elsewhere] = ["next", "elsewhere"].map(remote);
    let (place, cloud) = (Place::GitLab(server), Cloud::start());
    let machine = machine(&cloud, [&Place::Directory, &place]);
    machine.apply().run().exits(0);
    let to = |backend: &str| machine.project.write("backend.eci.toml", backend);
    to("[backend.local]\npath = \"first/../states/web\"\n");
    let migrate = |from: &str| machine.eci(&format!("init --migrate {from}")).run();
    migrate("state").exits(0).says("Migrated the state from");
    migrate("state").exits(0).says("was already migrated to");
    machine.plan().run().exits(0).says("No changes.");

    // It moves on, and the first place refers to the second one.
    to(&next);
    migrate("states/web").exits(0);
    migrate("state").exits(0).says("was already migrated to");
    machine.plan().run().exits(0).says("No changes.");
    to(&elsewhere);
    migrate("state")
        .exits(1)
        .says("/states/web`, not to `")
        .says("as the old place");

    // A machine whose manifests name the old place, and a configuration that reads it.
    to("[backend.local]\npath = \"states/web\"\n");
    let listed = machine.eci("workspace list").run().exits(0);
    assert!(
        listed.stdout.contains("* default  migrated to `"),
        "{listed}"
    );
    let path = machine.project.path().join("state");
    let reader = format!(
        "[state.src]\nbackend.local = {{ path = {path:?} }}\n[output.x]\nvalue = '${{state.src.x}}'\n"
    );
    let reader = Project::new(&reader).eci("plan").run().exits(1);
    reader
        .says("was migrated to")
        .says("update the backend of `[state.src]`");
    assert_eq!(cloud.created(), ["web"]);
}
