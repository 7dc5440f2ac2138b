//! The versions of a state, on every backend: who wrote them, how they differ, and how one is restored.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::Cloud;
use eci_tests::machines::{Machine, Place};
use eci_tests::servers::Postgres;
use serde_json::Value;

/// Returns the versions of a state, the newest first.
fn history(machine: &Machine<'_>) -> Vec<Value> {
    let listed = machine.eci("state history --format json").run().exits(0);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    listed["versions"].as_array().unwrap().clone()
}

fn serials(machine: &Machine<'_>) -> Vec<u64> {
    let versions = history(machine);
    let serials = versions.iter().map(|version| version["serial"].as_u64());
    serials.map(Option::unwrap).collect()
}

/// Applies twice, with another container group the second time.
fn two_versions(machine: &Machine<'_>) {
    let commit = |name: &str| machine.apply().env("CI_COMMIT_SHA", name);
    commit("aaaa1111")
        .env("GITLAB_USER_LOGIN", "alice")
        .run()
        .exits(0);
    machine
        .project
        .edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    let manifest = machine.project.read("main.eci.toml");
    let second = manifest.replace("[container_group.web]", "[container_group.api]");
    let second = second.split_once("[container_group").unwrap().1;
    machine
        .project
        .write("second.eci.toml", &format!("[container_group{second}"));
    commit("bbbb2222")
        .env("GITLAB_USER_LOGIN", "bob")
        .run()
        .exits(0);
}

fn on_each(places: Vec<Place>, test: impl Fn(&Machine<'_>, &Cloud)) {
    for place in places {
        let cloud = Cloud::start();
        test(&place.machine(&cloud, &["web"]), &cloud);
    }
}

#[test]
fn a_history_shows_who_wrote_each_version_and_how_they_differ() {
    on_each(Place::all(), |machine, _| {
        two_versions(machine);
        let versions = history(machine);
        let serials = serials(machine);
        assert!(
            serials.is_sorted_by(|newer, older| newer > older),
            "{serials:?}"
        );
        let newest = &versions[0];
        assert_eq!(newest["user"], "bob");
        assert_eq!(newest["commit"], "bbbb2222");
        assert_eq!(newest["resources"], 2);
        let command = newest["command"].as_str().unwrap();
        assert!(command.starts_with("eci-apply"), "{command}");
        assert!(!newest["host"].as_str().unwrap().is_empty());
        let earlier = versions
            .iter()
            .find(|it| it["commit"] == "aaaa1111")
            .unwrap();
        assert_eq!(earlier["user"], "alice");
        let text = machine.eci("state history").run().exits(0);
        text.says("alice").says("bbbb2222").says("SERIAL");

        let (first, last) = (&earlier["serial"], &newest["serial"]);
        let at = machine.eci(&format!("state show --at {first} container_group.web"));
        at.run().exits(0).says("nginx:1.27");
        let missing = machine.eci(&format!("state show --at {first} container_group.api"));
        missing.run().exits(1).says("container_group.api not found");
        let diff = machine
            .eci(&format!("state diff {first} {last}"))
            .run()
            .exits(0);
        diff.says("+ container_group.api")
            .says("~ container_group.web")
            .says("nginx:1.28");
        let to_current = machine.eci(&format!("state diff {first}")).run().exits(0);
        assert_eq!(
            to_current.stdout,
            machine
                .eci(&format!("state diff {first} {last}"))
                .run()
                .stdout
        );
        let diff = machine.eci(&format!("state diff {first} {last} --format json"));
        let diff: Value = serde_json::from_str(&diff.run().exits(0).stdout).unwrap();
        assert_eq!(diff["resources"].as_array().unwrap().len(), 2);
        let unknown = machine.eci("state show --at 4711").run().exits(1);
        unknown
            .says("serial 4711 not found")
            .says("`eci state history`");
    });
}

#[test]
fn a_restored_version_gets_a_new_serial_and_creates_nothing_twice() {
    let mut places = vec![Place::Directory, Place::Encrypted];
    places.extend(Postgres::start().map(Place::Postgres));
    on_each(places, |machine, cloud| {
        two_versions(machine);
        let before = history(machine);
        let first = before.iter().find(|it| it["commit"] == "aaaa1111").unwrap();
        let first = first["serial"].as_u64().unwrap();
        let newest = serials(machine)[0];
        let restored = machine
            .eci(&format!("state restore {first}"))
            .run()
            .exits(0);
        restored
            .says(&format!(
                "Restored the state of serial {first} as serial {}",
                newest + 1
            ))
            .says("container_group.api  (eci-");
        assert_eq!(serials(machine)[..2], [newest + 1, newest]);
        let listed = machine.eci("state list").run().exits(0);
        assert_eq!(listed.stdout, "container_group.web\n");
        // The group that the restored version does not record would be created a second time.
        let refused = machine.apply().run().exits(1).says("eci orphans");
        refused.says("the state may have created these resources and does not record them");
        assert_eq!(cloud.created(), ["api", "web"]);
        machine
            .eci(&format!("state restore {newest}"))
            .run()
            .exits(0);
        machine.plan().run().exits(0).says("No changes.");
        let again = machine.eci(&format!("state restore {}", newest + 2));
        again.run().exits(0).says("No changes.");
    });
}

#[test]
fn a_damaged_record_of_an_author_is_named() {
    on_each(vec![Place::Encrypted], |machine, _| {
        two_versions(machine);
        let before = history(machine);
        let folder = machine.project.path().join("state/encrypted/history");
        let mut records: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        records.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
        let newest = records.pop().unwrap().unwrap().path();
        let mut bytes = fs::read(&newest).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&newest, bytes).unwrap();
        let after = history(machine);
        assert_eq!(after[1..], before[1..]);
        assert_eq!(after[0]["serial"], before[0]["serial"]);
        assert_eq!(
            (&after[0]["time"], &after[0]["user"]),
            (&Value::Null, &Value::Null)
        );
        let listed = machine.eci("state history").run().exits(0);
        listed
            .says(&format!(
                "the author and the time of serial {}",
                before[0]["serial"]
            ))
            .says("the object `history/")
            .says("is damaged");
        let chinese = machine.eci("state history --lang zh").run().exits(0);
        chinese.says("的作者和时间已丢失");
    });
}

#[test]
fn a_document_that_replaces_a_state_names_what_it_does_not_record() {
    let cloud = Cloud::start();
    let machine = Place::Directory.machine(&cloud, &["web"]);
    machine.apply().run().exits(0);
    let earlier = machine.eci("state pull").run().exits(0).stdout;
    machine.project.write("earlier.json", &earlier);
    let other = Place::Directory.machine(&cloud, &["other"]);
    other.apply().run().exits(0);
    let pulled = other.eci("state pull").run().exits(0).stdout;
    machine.project.write("other.json", &pulled);

    let manifest = machine.project.read("main.eci.toml");
    let second = manifest.replace("container_group.web", "container_group.api");
    let (_, second) = second.split_once("[container_group").unwrap();
    let second = format!("[container_group{second}");
    machine.project.write("second.eci.toml", &second);
    machine.apply().run().exits(0);
    let created = cloud.created();
    let pushed = machine
        .eci("state push --force earlier.json")
        .run()
        .exits(0);
    let pushed = pushed.says("will no longer be in the state");
    let listed = pushed.stderr.find("container_group.api  (eci-").unwrap();
    assert!(
        listed < pushed.stderr.find("Replaced the state").unwrap(),
        "{pushed}"
    );
    machine.apply().run().exits(1).says("eci orphans");
    assert_eq!(cloud.created(), created);

    machine
        .eci("state push other.json")
        .run()
        .exits(1)
        .says("belongs to another state");
    let pushed = machine.eci("state push --force other.json").run().exits(0);
    pushed
        .says("will no longer be recorded in any state")
        .says("container_group.web  (eci-")
        .says("eci import --take-over");
}
