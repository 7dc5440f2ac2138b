//! Repairs: orphans, damaged states, tainted groups, locks that were left.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use eci_sandbox::Speed;
use eci_tests::binaries;
use eci_tests::{Cloud, Eci, Project};

/// Two groups.
fn manifest() -> String {
    let group = |name: &str| {
        format!(
            r#"
[container_group.{name}]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"

[[container_group.{name}.containers]]
name = "nginx"
image = "nginx:1.27"
"#
        )
    };
    let provider = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n";
    format!("{provider}{}{}", group("db"), group("web"))
}

fn created() -> (Project, Cloud) {
    let (project, cloud) = (Project::new(&manifest()), Cloud::start());
    project.apply(&cloud).run().exits(0);
    (project, cloud)
}

fn on(project: &Project, cloud: &Cloud, command: &str) -> Eci {
    project.eci(command).args(cloud.flags())
}

fn id_of(project: &Project, label: &str) -> String {
    let address = format!("container_group.{label}").parse().unwrap();
    project.state().resources[&address].id.clone().unwrap()
}

fn backups(project: &Project) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.path().join("state/backups")).unwrap();
    let mut backups: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    backups.sort();
    backups
}

#[test]
fn a_state_that_knows_everything_has_no_orphans() {
    let (project, cloud) = created();
    let none = on(&project, &cloud, "orphans").run().exits(0);
    assert_eq!(none.says("No orphaned resources").stdout, "");
    let none = on(&project, &cloud, "orphans --format json").run();
    assert_eq!(none.exits(0).json(), serde_json::json!([]));
    let none = on(
        &project,
        &cloud,
        "orphans --delete --auto-approve --format json",
    );
    assert_eq!(
        none.run().exits(0).json(),
        serde_json::json!({ "deleted": [], "not_deleted": [] })
    );
}

#[test]
fn an_object_of_another_state_is_not_an_orphan_of_this_one() {
    let (_other, cloud) = created();
    let project = Project::new(&manifest());
    project
        .eci("refresh --auto-approve")
        .args(cloud.flags())
        .run();
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.groups().len(), 4);
    let none = on(&project, &cloud, "orphans --format json").run();
    assert_eq!(none.exits(0).json(), serde_json::json!([]));
}

#[test]
fn an_orphan_is_adopted_under_a_declared_address() {
    let (project, cloud) = created();
    let id = id_of(&project, "db");
    lose(&project, &["container_group.db"]);
    let orphans = on(&project, &cloud, "orphans --format json").run().exits(0);
    assert_eq!(orphans.json()[0]["id"], id);
    let wrong = on(&project, &cloud, "orphans --adopt container_group.db=eci-0");
    wrong
        .run()
        .exits(1)
        .says("eci-0 is not an orphaned resource");
    let adopt = format!("orphans --auto-approve --adopt container_group.db={id}");
    on(&project, &cloud, &adopt).run().exits(0);
    assert_eq!(id_of(&project, "db"), id);
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.created(), ["db", "web"]);
}

#[test]
fn orphans_are_deleted_and_nothing_else() {
    let (project, cloud) = created();
    lose(&project, &["container_group.db"]);
    let unasked = on(&project, &cloud, "orphans --delete");
    unasked.run().exits(1).says("--auto-approve");
    assert_eq!(cloud.names(), ["db", "web"]);
    let delete = on(&project, &cloud, "orphans --delete --auto-approve");
    delete.run().exits(0).says("Deleted 1 orphaned resource.");
    assert_eq!(cloud.names(), ["web"]);
    assert_eq!(project.state().resources.len(), 1);
}

/// An EIP and a disk of a group, and a second EIP.
const OWN: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[eip.front]

[eip.spare]

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 40, kind = "SATA" }

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
containers = [
  { name = "nginx", image = "nginx:1.27", volume_mounts = [{ volume = "data", mount_path = "/data" }] },
]
"#;

fn owned() -> (Project, Cloud) {
    let (project, cloud) = (Project::new(OWN), Cloud::start());
    project.apply(&cloud).run().exits(0);
    (project, cloud)
}

fn id_at(project: &Project, address: &str) -> String {
    let address = address.parse().unwrap();
    project.state().resources[&address].id.clone().unwrap()
}

/// Takes resources out of the state as if they had never been recorded, unlike a deliberate
/// removal.
fn lose(project: &Project, addresses: &[&str]) {
    let mut state = project.state();
    for address in addresses {
        state.resources.remove(&address.parse().unwrap()).unwrap();
    }
    state.serial = state.serial.next();
    project.write("lost.json", &state.to_document().unwrap());
    project.eci("state push lost.json").run().exits(0);
}

#[test]
fn a_disk_is_deleted_as_an_orphan_only_on_request() {
    let (project, cloud) = owned();
    let disk = id_at(&project, "volume.data");
    lose(&project, &["container_group.web", "volume.data"]);
    let delete = on(&project, &cloud, "orphans --delete --auto-approve");
    let deleted = delete.run().exits(0);
    let said = &deleted.stderr;
    assert!(
        said.contains(&format!("Keeping 1 disk with all data: {disk}")),
        "{said}"
    );
    // The mounted objects of the group are listed before it is deleted.
    assert!(said.contains("ATTACHED"), "{said}");
    assert_eq!((cloud.groups().len(), cloud.disks().len()), (0, 1));
    let delete = on(
        &project,
        &cloud,
        "orphans --delete --auto-approve --include-disks",
    );
    delete.run().exits(0);
    assert_eq!(cloud.disks().len(), 0);
}

#[test]
fn a_disk_and_an_eip_that_the_state_lost_are_adopted_again() {
    let (project, cloud) = owned();
    let (eip, disk) = (id_at(&project, "eip.front"), id_at(&project, "volume.data"));
    lose(
        &project,
        &["container_group.web", "eip.front", "volume.data"],
    );
    let group = cloud.groups()[0]["containerGroupId"]
        .as_str()
        .unwrap()
        .to_owned();
    let orphans = on(&project, &cloud, "orphans --format json").run().exits(0);
    let mut kinds: Vec<String> = orphans
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["container_group", "eip", "volume"]);
    let adopt = format!(
        "orphans --auto-approve --adopt container_group.web={group} --adopt eip.front={eip} \
         --adopt volume.data={disk}"
    );
    on(&project, &cloud, &adopt).run().exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!((cloud.eips().len(), cloud.disks().len()), (2, 1));
}

#[test]
fn a_disk_and_an_eip_that_the_state_lost_are_deleted_once_nothing_has_them() {
    let (project, cloud) = owned();
    lose(&project, &["eip.front", "volume.data"]);
    // The group is not an orphan, and keeps them.
    let delete = || {
        let delete = on(&project, &cloud, "orphans --delete --auto-approve");
        delete.arg("--include-disks").run()
    };
    let left = delete().exits(3);
    assert!(
        left.stderr.contains("Deleted 0 orphaned resources."),
        "{}",
        left.stderr
    );
    assert_eq!(
        left.stderr.matches("which is not orphaned").count(),
        2,
        "{}",
        left.stderr
    );
    lose(&project, &["container_group.web"]);
    let unasked = on(&project, &cloud, "orphans --delete").run().exits(1);
    unasked.says("--auto-approve");
    let deleted = delete().exits(0);
    let lost = "All data on these disks is lost, with their snapshots: data (40 GB).";
    deleted.says(lost).says("Deleted 3 orphaned resources.");
    assert_eq!((cloud.eips().len(), cloud.disks().len()), (1, 0));
    assert_eq!(cloud.groups().len(), 0);
}

#[test]
fn objects_of_other_states_and_unknown_objects_are_never_offered() {
    let (_other, cloud) = owned();
    let project = Project::new(OWN);
    // With the name of another one: the name of a disk must be unique.
    project.edit("main.eci.toml", "size = 40", "name = \"mine\", size = 40");
    project.apply(&cloud).run().exits(0);
    // Reset to the beginning and without backups, the state does not show which EIPs were created.
    let state = project.path().join("state");
    let first = backups(&project).into_iter().next().unwrap();
    fs::copy(first, state.join("state.json")).unwrap();
    fs::remove_file(state.join("journal.jsonl")).unwrap();
    fs::remove_dir_all(state.join("backups")).unwrap();
    let orphans = on(&project, &cloud, "orphans --format json").run().exits(0);
    let orphans = orphans.json();
    let mut names: Vec<&str> = orphans
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["mine", "web"]);
}

#[test]
fn a_restored_state_finds_objects_created_since() {
    let (project, cloud) = created();
    let id = id_of(&project, "web");
    // Before the first apply there was nothing: a snapshot without resources.
    let first = backups(&project).into_iter().next().unwrap();
    fs::copy(first, project.path().join("state/state.json")).unwrap();
    fs::remove_file(project.path().join("state/journal.jsonl")).unwrap();
    assert_eq!(project.state().resources.len(), 0);
    let orphans = on(&project, &cloud, "orphans").run().exits(0);
    assert!(orphans.stdout.contains(&id), "{}", orphans.stdout);
}

#[test]
fn two_orphans_are_not_adopted_under_one_address() {
    let (project, cloud) = created();
    let (web, db) = (id_of(&project, "web"), id_of(&project, "db"));
    let first = backups(&project).into_iter().next().unwrap();
    fs::copy(first, project.path().join("state/state.json")).unwrap();
    fs::remove_file(project.path().join("state/journal.jsonl")).unwrap();
    let adopt = |ids: [&str; 2]| {
        let flag = |id: &str| format!("--adopt=container_group.web={id}");
        let orphans = on(&project, &cloud, "orphans --auto-approve");
        orphans.args(ids.map(flag)).run()
    };
    adopt([&*web, &*db]).exits(1).says(&format!(
        "container_group.web cannot be both {web} and {db}"
    ));
    assert_eq!(project.state().resources.len(), 0);
    assert_eq!(cloud.names().len(), 2);
    let blanks = format!("--adopt=container_group.web= {web} ");
    let orphans = on(&project, &cloud, "orphans --auto-approve").arg(blanks);
    orphans.run().exits(0);
    assert_eq!(id_of(&project, "web"), web);
}

#[test]
fn a_damaged_state_is_rebuilt_and_what_it_lost_is_named() {
    let (project, cloud) = created();
    let id = id_of(&project, "web");
    project.write("state/state.json", "{ torn");
    for backup in &backups(&project)[1..] {
        fs::write(backup, "{ torn").unwrap();
    }
    project
        .plan(&cloud)
        .run()
        .exits(1)
        .says("eci state recover");
    let recover = on(&project, &cloud, "state recover").run().exits(3);
    assert!(recover.stderr.contains(&id), "{}", recover.stderr);
    recover
        .says("state.json` is damaged")
        .says("2 orphaned resources")
        .says("eci orphans --adopt");
    let kept = project.files("state/damaged");
    let damaged = kept.values().any(|content| content == b"{ torn");
    assert!(damaged, "{kept:?}");
    let mut adopt = on(&project, &cloud, "orphans --auto-approve");
    for group in cloud.groups() {
        let (name, id) = (&group["containerGroupName"], &group["containerGroupId"]);
        let (name, id) = (name.as_str().unwrap(), id.as_str().unwrap());
        adopt = adopt.arg(format!("--adopt=container_group.{name}={id}"));
    }
    adopt.run().exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.created(), ["db", "web"]);
}

#[test]
fn a_damaged_journal_is_rebuilt_from_the_cloud() {
    let (project, cloud) = (
        Project::new(&manifest()),
        Cloud::at_speed(Speed::Times(1.0)),
    );
    let run = project.apply(&cloud).start();
    run.until("both groups are created", || cloud.names().len() == 2);
    run.until("they are recorded", || {
        project
            .read("state/journal.jsonl")
            .matches("intent_finished")
            .count()
            == 2
    });
    run.kill();
    let journal = project.read("state/journal.jsonl");
    project.write(
        "state/journal.jsonl",
        &journal.replacen("intent_finished", "intent_finXshed", 1),
    );
    project
        .plan(&cloud)
        .run()
        .exits(1)
        .says("eci state recover");
    on(&project, &cloud, "state recover").run().exits(0);
    cloud.hasten(project.apply(&cloud).start()).exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.created(), ["db", "web"]);
}

#[test]
fn a_damaged_snapshot_is_rebuilt_from_its_copy_and_nothing_is_ordered_again() {
    let (project, cloud) = owned();
    let state = project.read("state/state.json");
    // One bit, in its place.
    let flipped = state.replacen("\"bandwidth\"", "\"bandwidti\"", 1);
    fs::write(project.path().join("state/state.json"), flipped).unwrap();
    project
        .apply(&cloud)
        .run()
        .exits(1)
        .says("eci state recover");
    on(&project, &cloud, "state recover").run().exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!((cloud.eips().len(), cloud.disks().len()), (2, 1));
}

#[test]
fn what_a_cut_journal_lost_is_looked_for_before_anything_is_created() {
    for flushed in [
        "lines had been written",
        "the file `flushed`, which records",
    ] {
        is_looked_for(flushed);
    }
}

/// Cuts the journal of a run that was killed, and removes what the message says is missing.
#[track_caller]
fn is_looked_for(missing: &str) {
    let (project, cloud) = (Project::new(OWN), Cloud::at_speed(Speed::Times(1.0)));
    let run = project.apply(&cloud).start();
    run.until("both EIPs and the disk are created", || {
        cloud.eips().len() == 2 && cloud.disks().len() == 1
    });
    run.kill();
    let path = project.path().join("state/journal.jsonl");
    let journal = project.read("state/journal.jsonl");
    // The heading and the beginning of the run are left.
    let kept: Vec<&str> = journal.split_inclusive('\n').take(2).collect();
    fs::write(&path, kept.concat()).unwrap();
    if missing.contains("`flushed`") {
        fs::remove_file(project.path().join("state/flushed")).unwrap();
    }
    for command in ["plan", "show", "apply --auto-approve"] {
        let refused = on(&project, &cloud, command).run().exits(1);
        refused.says(missing).says("eci state recover");
    }
    // Without the cloud, the loss is still recorded.
    project.eci("state recover --offline").run().exits(0);
    for command in ["plan", "apply --auto-approve"] {
        let refused = on(&project, &cloud, command).run().exits(1);
        let refused =
            refused.says("the state may have created these resources and does not record them");
        for eip in cloud.eips() {
            assert!(refused.stderr.contains(&eip.id.to_string()), "{refused}");
        }
        assert!(refused.stderr.contains("disk "), "{refused}");
    }
    assert_eq!((cloud.eips().len(), cloud.disks().len()), (2, 1));
    // What is adopted is created no second time.
    for eip in cloud.eips() {
        let import = format!("import eip.{} {} --auto-approve", eip.name, eip.id);
        cloud.hasten(on(&project, &cloud, &import).start());
    }
    let disk = cloud.disks()[0].id.clone();
    let adopt = format!("orphans --auto-approve --adopt volume.data={disk}");
    cloud.hasten(on(&project, &cloud, &adopt).start());
    let apply = on(&project, &cloud, "apply --auto-approve");
    cloud.hasten(apply.start()).exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!((cloud.eips().len(), cloud.disks().len()), (2, 1));
    assert_eq!(project.state().lost, None);
}

/// Recovers a state that was put back to before the second apply, which created the managed EIP
/// `pp` and the container groups of `groups`.
#[track_caller]
fn recovered_from_before_the_second_apply(groups: &str) -> (Project, Cloud, String) {
    let (project, cloud) = (Project::new(AUTOMATIC), Cloud::start());
    project.apply(&cloud).run().exits(0);
    let before = project.read("state/state.json");
    project.write("more.eci.toml", &format!("[eip.pp]\n{groups}"));
    project.apply(&cloud).run().exits(0);
    project.write("state/state.json", &before);
    let recover = on(&project, &cloud, "state recover").run().exits(3);
    let said = project.shown(&recover);
    (project, cloud, said)
}

/// A container group with an automatic EIP.
const AUTOMATIC: &str = r#"
[provider]
region_id = "bb9fdb42056f11eda1610242ac110002"

[eip.web]
auto = true

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "web"
containers = [{ name = "nginx", image = "nginx:1.27" }]
"#;

#[test]
fn a_damaged_state_of_a_simulated_cloud_is_not_rebuilt_from_another_cloud() {
    let project = Project::new(&manifest());
    let apply = "apply --auto-approve --sandbox --sandbox-speed instant";
    project.eci(apply).run().exits(0);
    fs::write(project.path().join("state/state.json"), "{").unwrap();
    fs::remove_dir_all(project.path().join("state/backups")).unwrap();
    let before = fs::read_dir(project.path().join("state")).unwrap().count();
    let refused = project.eci("state recover").run().exits(1);
    refused
        .says("may belong to the simulated cloud")
        .says("`eci state recover --sandbox`");
    let after = fs::read_dir(project.path().join("state")).unwrap().count();
    assert_eq!(before, after);
    let recovered = project.eci("state recover --sandbox").run();
    assert!(
        !recovered.stderr.contains("may belong"),
        "{}",
        recovered.stderr
    );
}

#[test]
fn recovery_offers_no_automatic_eip_of_a_group_in_the_state_for_import() {
    let (_project, cloud, said) = recovered_from_before_the_second_apply("");
    let id = |bound: bool| {
        let eips = cloud.eips().into_iter();
        let mut eips = eips.filter(|eip| eip.bound_to().is_some() == bound);
        eips.next().unwrap().id.to_string()
    };
    assert!(said.contains(&id(false)), "{said}");
    assert!(!said.contains(&id(true)), "{said}");
}

#[test]
fn recovery_advises_to_adopt_a_group_and_not_to_import_its_automatic_eip() {
    let groups = AUTOMATIC.split_once("[eip.web]").unwrap().1;
    let groups = format!("[eip.two]{}", groups.replace("web", "two"));
    let (_project, cloud, said) = recovered_from_before_the_second_apply(&groups);
    let eips = cloud.eips();
    let eip_of = |group: &str| {
        let mut eips = eips.iter().filter(|eip| eip.bound_to() == Some(group));
        eips.next().unwrap().id.to_string()
    };
    let groups = cloud.groups();
    let id = |name: &str| {
        let mut groups = groups.iter().filter(|it| it["containerGroupName"] == *name);
        groups.next().unwrap()["containerGroupId"].as_str().unwrap()
    };
    let advice = "cannot be imported: adopt the container group instead";
    let (before, after) = said.split_once(advice).unwrap_or_default();
    assert!(!before.contains("eci import"), "{said}");
    assert!(after.contains(&eip_of(id("two"))), "{said}");
    assert!(!said.contains(&eip_of(id("web"))), "{said}");
}

#[test]
fn a_sound_state_is_not_rebuilt() {
    let (project, cloud) = created();
    let before = project.read("state/state.json");
    let recover = on(&project, &cloud, "state recover").run().exits(0);
    recover.says("not damaged");
    assert_eq!(project.read("state/state.json"), before);
}

#[test]
fn a_tainted_group_is_replaced_unless_it_is_untainted() {
    let (project, cloud) = created();
    let id = id_of(&project, "web");
    project.eci("taint container_group.web").run().exits(0);
    project.plan(&cloud).run().exits(2);
    project.eci("untaint container_group.web").run().exits(0);
    project.assert_no_changes(&cloud);
    project.eci("taint container_group.web").run().exits(0);
    project.apply(&cloud).run().exits(0);
    assert_ne!(id_of(&project, "web"), id);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_lock_names_whose_it_is_and_ends_with_that_run() {
    let (project, cloud) = (
        Project::new(&manifest()),
        Cloud::at_speed(Speed::Times(1.0)),
    );
    project.eci("force-unlock x").run().exits(1);
    let not_locked = project.eci("force-unlock").run().exits(0);
    not_locked.says("The state in `state` is not locked.");
    let run = project.apply(&cloud).start();
    run.until("it holds the lock", || {
        project.path().join("state/lock").exists() && project.read("state/lock").ends_with('\n')
    });
    let lock: serde_json::Value = serde_json::from_str(&project.read("state/lock")).unwrap();
    let (id, process) = (lock["id"].as_str().unwrap(), &lock["process"]);
    let unlock = format!("force-unlock {id}");
    let refused = project.eci(&unlock).run().exits(1);
    refused.says(&format!("`kill {process}`"));
    let shown = project.eci("force-unlock").run().exits(0);
    shown.says(id).says(&format!("`kill {process}`"));
    run.until("a group is in progress", || !cloud.names().is_empty());
    run.kill();
    let another = project.eci("force-unlock another").run().exits(1);
    another.says(id);
    let shown = project.eci("force-unlock").run().exits(0);
    shown
        .says("That process has ended.")
        .says(&format!("run `eci {unlock}` to remove the lock"));
    project
        .eci(&unlock)
        .run()
        .exits(0)
        .says("Removed the stale lock");
    cloud.hasten(project.apply(&cloud).start()).exits(0);
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.created(), ["db", "web"]);
}

#[test]
fn a_run_whose_lock_or_state_was_taken_away_stops_for_the_one_that_got_in() {
    for missing in ["state/lock", "state"] {
        let (project, cloud) = (
            Project::new(&manifest()),
            Cloud::at_speed(Speed::Times(1.0)),
        );
        let first = project.apply(&cloud).start();
        first.until("both groups are created", || cloud.names().len() == 2);
        first.until("they are recorded", || {
            let journal = project.read("state/journal.jsonl");
            journal.matches("intent_finished").count() == 2
        });
        let (there, away) = (project.path().join(missing), project.path().join("away"));
        fs::rename(there, away).unwrap();
        let second = project.eci("plan --out second.eciplan").args(cloud.flags());
        let planned = second.run();
        assert!([0, 2].contains(&planned.code()), "{planned}");
        let stopped = first.wait().exits(1);
        stopped.says("was removed, moved, or replaced during this run");
        // Nothing of the second run's is written over.
        let lineage = project.state().lineage;
        let plan = project.read("second.eciplan");
        assert!(plan.contains(lineage.as_str()), "{lineage}");
    }
}

#[test]
fn a_lock_that_a_killed_run_left_is_taken_over_and_that_is_said() {
    let (project, cloud) = (
        Project::new(&manifest()),
        Cloud::at_speed(Speed::Times(1.0)),
    );
    let run = project.apply(&cloud).start();
    run.until("a group is in progress", || !cloud.names().is_empty());
    run.kill();
    // What it was making is not lost: its intents are open.
    let orphans = on(&project, &cloud, "orphans --format json").run();
    assert_eq!(orphans.exits(0).json(), serde_json::json!([]));
    let next = cloud.hasten(project.apply(&cloud).start()).exits(0);
    next.says("ended without releasing the state lock");
    project.assert_no_changes(&cloud);
    assert_eq!(cloud.created(), ["db", "web"]);
}

#[test]
fn a_terminal_that_goes_ends_a_run_like_one_interrupt_however_often_it_says_so() {
    let (project, cloud) = (
        Project::new(&manifest()),
        Cloud::at_speed(Speed::Times(1.0)),
    );
    let run = project.apply(&cloud).arg("--parallelism=1").start();
    run.until("a group is in progress", || !cloud.names().is_empty());
    for _ in 0..4 {
        run.signal("HUP");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    cloud
        .hasten(run)
        .exits(130)
        .says("1 created, 1 not started");
    assert!(project.state().open_intents.is_empty());
    cloud.hasten(project.apply(&cloud).start()).exits(0);
    assert_eq!(cloud.created().len(), 2);
}

#[test]
fn a_closed_output_does_not_stop_a_run() {
    for flags in ["--format=json", "-vv", "-vvv"] {
        let (project, cloud) = (Project::new(&manifest()), Cloud::start());
        let apply = binaries::command("eci")
            .args(["apply", "--auto-approve", flags])
            .args(cloud.flags())
            .current_dir(project.path())
            .envs([("CTYUN_AK", "sandbox"), ("CTYUN_SK", "sandbox")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut run = apply.unwrap();
        // Both ends are dropped before a word was read.
        drop((run.stdout.take(), run.stderr.take()));
        let status = run.wait().unwrap();
        assert!(status.success(), "{flags}: {status}");
        assert_eq!(project.state().resources.len(), 2, "{flags}");
        project.assert_no_changes(&cloud);
    }
}
