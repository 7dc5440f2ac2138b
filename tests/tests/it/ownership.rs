//! One owner for each resource: which objects can be imported, and which a state no longer manages.

#![allow(clippy::unwrap_used)]

use eci_sandbox::OutOfBandChange;
use eci_tests::{Cloud, Eci, Project};

const PROVIDER: &str = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n";

const GROUP: &str = r#"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
containers = [{ name = "main", image = "nginx:1.27" }]
"#;

/// A container group with an EIP and a disk.
const OWN: &str = r#"
[eip.front]
bandwidth = 5

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 40, kind = "SATA", name = "orders" }
lifecycle = { prevent_destroy = false }

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
containers = [
  { name = "main", image = "nginx:1.27", volume_mounts = [{ volume = "data", mount_path = "/data" }] },
]
"#;

const OF_OWN: [&str; 3] = ["container_group.web", "eip.front", "volume.data"];

fn project(manifest: &str) -> Project {
    Project::new(&format!("{PROVIDER}{manifest}"))
}

fn on(project: &Project, cloud: &Cloud, command: &str) -> Eci {
    project.eci(command).args(cloud.flags())
}

fn id_at(project: &Project, address: &str) -> String {
    let address = address.parse().unwrap();
    project.state().resources[&address].id.clone().unwrap()
}

/// Returns the number of changing calls.
fn changes(cloud: &Cloud) -> usize {
    cloud.sandbox().requests(None).len()
}

/// The operation tag of the only group.
fn tag(cloud: &Cloud) -> Option<String> {
    let group = cloud.groups().into_iter().next()?;
    let tags = group["tags"].as_array()?.clone();
    let ours = tags.iter().find(|tag| tag["key"] == "eci:operation")?;
    Some(ours["value"].as_str()?.to_owned())
}

/// A group that no state has, and that carries no tag of one.
fn nobodys(cloud: &Cloud, manifest: &str) -> String {
    let maker = project(manifest);
    maker.apply(cloud).run().exits(0);
    let id = id_at(&maker, "container_group.web");
    let none = OutOfBandChange::SetTags(Vec::new());
    cloud.sandbox().apply_out_of_band(&id, none).unwrap();
    id
}

#[test]
fn an_import_writes_only_the_state_and_shows_what_the_next_plan_changes() {
    let cloud = Cloud::start();
    let id = nobodys(&cloud, GROUP);
    let other = format!("{GROUP}\n[eip.front]\n").replace("nginx:1.27", "nginx:1.28");
    let project = project(&other);
    let before = changes(&cloud);
    let command = format!("import container_group.web {id}");
    let imported = on(&project, &cloud, &command).run().exits(0);
    assert_eq!(changes(&cloud), before);
    for part in ["nginx:1.28", "eci:operation", "eip.front will be created"] {
        assert!(
            imported.stderr.contains(part),
            "{part}: {}",
            imported.stderr
        );
    }
    let state = project.state();
    assert_eq!(state.resources.len(), 1);
    assert_eq!(id_at(&project, "container_group.web"), id);
    assert_eq!(tag(&cloud), None);

    project.apply(&cloud).run().exits(0).says("1 updated");
    assert!(tag(&cloud).unwrap().starts_with(state.lineage.as_str()));
    assert_eq!(cloud.groups().len(), 1);
    project.assert_no_changes(&cloud);
}

#[test]
fn an_import_block_sets_the_tag_with_the_import() {
    let cloud = Cloud::start();
    let id = nobodys(&cloud, GROUP);
    let import = format!("{GROUP}\n[[import]]\nto = \"container_group.web\"\nid = \"{id}\"\n");
    let project = project(&import);
    let plan = project.plan(&cloud).run().exits(2);
    for part in ["will be imported and updated", "eci:operation"] {
        assert!(plan.stdout.contains(part), "{part}: {}", plan.stdout);
    }
    project.apply(&cloud).run().exits(0);
    let lineage = project.state().lineage;
    assert!(tag(&cloud).unwrap().starts_with(lineage.as_str()));
    project.assert_no_changes(&cloud);
    // With its tag it is found again where the state is lost.
    let mut lost = project.state();
    lost.resources.clear();
    lost.serial = lost.serial.next();
    project.write("lost.json", &lost.to_document().unwrap());
    project.eci("state push lost.json").run().exits(0);
    let orphans = on(&project, &cloud, "orphans").run().exits(0);
    assert!(orphans.stdout.contains(&id), "{}", orphans.stdout);
}

#[test]
fn what_another_state_owns_is_imported_only_with_take_over() {
    let cloud = Cloud::start();
    let owner = project(GROUP);
    owner.apply(&cloud).run().exits(0);
    let id = id_at(&owner, "container_group.web");
    let lineage = owner.state().lineage;
    let refusal = format!("belongs to the state with lineage {lineage}");

    let by_command = project(GROUP);
    let command = format!("import container_group.web {id}");
    let refused = on(&by_command, &cloud, &command).run().exits(1);
    assert!(refused.stderr.contains(&refusal), "{}", refused.stderr);
    assert!(by_command.state().resources.is_empty());

    let import = format!("{GROUP}\n[[import]]\nto = \"container_group.web\"\nid = \"{id}\"\n");
    let by_block = project(&import);
    let refused = by_block.plan(&cloud).run().exits(1);
    assert!(refused.stderr.contains(&refusal), "{}", refused.stderr);
    by_block.write(
        "main.eci.toml",
        &format!("{PROVIDER}{import}take_over = true\n"),
    );
    let plan = by_block.plan(&cloud).run().exits(2);
    let taken = format!("the operation tag of the state with lineage {lineage}");
    assert!(plan.stderr.contains(&taken), "{}", plan.stderr);
    assert!(plan.stdout.contains(lineage.as_str()), "{}", plan.stdout);

    let flagged = on(&by_command, &cloud, &command).arg("--take-over");
    let flagged = flagged.run().exits(0);
    assert!(flagged.stderr.contains(&taken), "{}", flagged.stderr);
    by_command.apply(&cloud).run().exits(0);
    let ours = by_command.state().lineage;
    assert!(tag(&cloud).unwrap().starts_with(ours.as_str()));
    by_command.assert_no_changes(&cloud);
}

#[test]
fn a_disk_that_another_state_owns_is_imported_only_with_take_over() {
    let cloud = Cloud::start();
    let owner = project(OWN);
    owner.apply(&cloud).run().exits(0);
    let id = id_at(&owner, "volume.data");
    let (disk, _) = OWN.split_once("[container_group.web]").unwrap();
    let other = project(disk);
    let command = format!("import volume.data {id}");
    let refused = on(&other, &cloud, &command).run().exits(1);
    assert!(
        refused
            .stderr
            .contains("belongs to another state (the label of the disk is"),
        "{}",
        refused.stderr
    );
    on(&other, &cloud, &command)
        .arg("--take-over")
        .run()
        .exits(0);
    assert_eq!(id_at(&other, "volume.data"), id);
}

#[test]
fn a_group_is_imported_before_its_eip_is_in_the_state() {
    let cloud = Cloud::start();
    let id = nobodys(&cloud, GROUP);
    let with_eip = format!(
        "[eip.front]\n{}",
        GROUP.replace("containers", "eip = \"front\"\ncontainers")
    );
    let project = project(&with_eip);
    let command = format!("import container_group.web {id}");
    on(&project, &cloud, &command).run().exits(0);
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.groups().len(), 1);
    let eips = cloud.eips();
    assert_eq!(eips.len(), 1);
    assert_eq!(eips[0].bound_to(), Some(&*id));
    project.assert_no_changes(&cloud);
}

#[test]
fn a_group_is_imported_before_the_eip_and_the_disk_that_it_has() {
    let cloud = Cloud::start();
    let owner = project(OWN);
    owner.apply(&cloud).run().exits(0);
    let other = project(OWN);
    for address in OF_OWN {
        let command = format!("import {address} {} --take-over", id_at(&owner, address));
        on(&other, &cloud, &command).run().exits(0);
    }
    other.apply(&cloud).run().exits(0);
    other.assert_no_changes(&cloud);
    assert_eq!(
        (
            cloud.groups().len(),
            cloud.eips().len(),
            cloud.disks().len()
        ),
        (1, 1, 1)
    );
}

#[test]
fn several_orphans_are_adopted_in_one_step_that_creates_nothing() {
    let cloud = Cloud::start();
    let project = project(&format!("{OWN}\n[eip.spare]\n"));
    project.apply(&cloud).run().exits(0);
    let ids = OF_OWN.map(|address| id_at(&project, address));
    let mut lost = project.state();
    lost.serial = lost.serial.next();
    lost.resources.clear();
    project.write("lost.json", &lost.to_document().unwrap());
    project.eci("state push lost.json").run().exits(0);
    let before = changes(&cloud);
    let mut adopt = on(&project, &cloud, "orphans");
    for (address, id) in OF_OWN.iter().zip(&ids) {
        adopt = adopt.arg(format!("--adopt={address}={id}"));
    }
    let adopted = adopt.run().exits(0);
    let said = &adopted.stderr;
    assert!(said.contains("eip.spare will be created"), "{said}");
    assert_eq!(changes(&cloud), before);
    assert_eq!(project.state().resources.len(), 3);
    let spare = cloud.eips().len();
    project.apply(&cloud).run().exits(0);
    assert_eq!(cloud.eips().len(), spare + 1);
    project.assert_no_changes(&cloud);
}

#[test]
fn a_handover_leaves_nothing_to_the_orphans_of_the_first_state() {
    let cloud = Cloud::start();
    let first = project(OWN);
    first.apply(&cloud).run().exits(0);
    let ids = OF_OWN.map(|address| id_at(&first, address));
    let removed: String = OF_OWN
        .iter()
        .map(|address| format!("[[removed]]\nfrom = \"{address}\"\n\n"))
        .collect();
    first.write("main.eci.toml", &format!("{PROVIDER}{removed}"));
    first.apply(&cloud).run().exits(0);
    let mut remembered: Vec<String> = first.state().removed.into_keys().collect();
    remembered.sort();
    let mut expected = ids.to_vec();
    expected.sort();
    assert_eq!(remembered, expected);

    let imports: String = OF_OWN
        .iter()
        .zip(&ids)
        .map(|(to, id)| format!("[[import]]\nto = \"{to}\"\nid = \"{id}\"\ntake_over = true\n\n"))
        .collect();
    let second = project(&format!("{OWN}\n{imports}"));
    second.apply(&cloud).run().exits(0);
    second.assert_no_changes(&cloud);

    let listed = on(&first, &cloud, "orphans --format json").run().exits(0);
    assert_eq!(listed.json(), serde_json::json!([]));
    let delete = "orphans --delete --include-disks --auto-approve";
    on(&first, &cloud, delete).run().exits(0);
    assert_eq!(
        (
            cloud.groups().len(),
            cloud.eips().len(),
            cloud.disks().len()
        ),
        (1, 1, 1)
    );
    second.assert_no_changes(&cloud);
}

#[test]
fn an_object_removed_by_state_rm_is_not_an_orphan_until_it_is_imported_and_lost() {
    let cloud = Cloud::start();
    let project = project(GROUP);
    project.apply(&cloud).run().exits(0);
    let id = id_at(&project, "container_group.web");
    project.eci("state rm container_group.web").run().exits(0);
    let listed = on(&project, &cloud, "orphans --format json").run().exits(0);
    assert_eq!(listed.json(), serde_json::json!([]));
    let command = format!("import container_group.web {id}");
    on(&project, &cloud, &command).run().exits(0);
    assert!(project.state().removed.is_empty());
    project.assert_no_changes(&cloud);
}

#[test]
fn a_deleted_object_is_not_recorded_as_removed() {
    let cloud = Cloud::start();
    let project = project(GROUP);
    project.apply(&cloud).run().exits(0);
    let id = id_at(&project, "container_group.web");
    cloud
        .sandbox()
        .apply_out_of_band(&id, OutOfBandChange::Delete)
        .unwrap();
    on(&project, &cloud, "refresh --auto-approve")
        .run()
        .exits(0);
    let state = project.state();
    assert!(state.resources.is_empty() && state.removed.is_empty());
}

fn import_block(address: &str, id: &str, more: &str) -> String {
    format!("\n[[import]]\nto = \"{address}\"\nid = \"{id}\"\n{more}\n")
}

/// Checks that a command is refused and changes nothing of somebody else's.
#[track_caller]
fn is_refused(eci: Eci, cloud: &Cloud) {
    let before = changes(cloud);
    let refused = eci.run().exits(1);
    for part in ["E0906", "eci state rm", "[[removed]]", "--take-over"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    assert_eq!(changes(cloud), before);
}

/// A state that has created an object, and another one that has imported it.
fn taken_over(cloud: &Cloud) -> (Project, Project) {
    let first = project(OWN);
    first.apply(cloud).run().exits(0);
    let blocks: String = OF_OWN
        .iter()
        .map(|address| import_block(address, &id_at(&first, address), "take_over = true"))
        .collect();
    let second = project(&format!("{OWN}{blocks}"));
    (first, second)
}

#[test]
fn what_another_state_took_over_is_neither_changed_nor_deleted() {
    let cloud = Cloud::start();
    let (first, second) = taken_over(&cloud);
    first.edit("main.eci.toml", "nginx:1.27", "nginx:1.28");
    on(&first, &cloud, "plan --out old.eciplan").run().exits(0);
    let taken = second.apply(&cloud).run().exits(0);
    taken.says("3 imported");

    is_refused(on(&first, &cloud, "apply old.eciplan"), &cloud);
    is_refused(first.plan(&cloud), &cloud);
    is_refused(first.apply(&cloud), &cloud);
    is_refused(first.destroy(&cloud), &cloud);
    first.write("main.eci.toml", PROVIDER);
    is_refused(first.apply(&cloud), &cloud);
    second.assert_no_changes(&cloud);

    // It is left to the other one.
    let removed: String = OF_OWN
        .iter()
        .map(|address| format!("[[removed]]\nfrom = \"{address}\"\n\n"))
        .collect();
    first.write("main.eci.toml", &format!("{PROVIDER}{removed}"));
    first.apply(&cloud).run().exits(0);
    first.destroy(&cloud).run().exits(0);
    second.assert_no_changes(&cloud);
}

/// What trusts the state asks who owns what it changes all the same.
#[test]
fn what_another_state_took_over_is_unchanged_without_a_refresh() {
    let cloud = Cloud::start();
    let (first, second) = taken_over(&cloud);
    second.apply(&cloud).run().exits(0);
    for manifest in ["", GROUP, &GROUP.replace("nginx:1.27", "nginx:1.29")] {
        first.write("main.eci.toml", &format!("{PROVIDER}{manifest}"));
        let destroy = on(&first, &cloud, "destroy --auto-approve --refresh=false");
        is_refused(destroy, &cloud);
        if manifest != GROUP {
            let apply = on(&first, &cloud, "apply --auto-approve --refresh=false");
            is_refused(apply, &cloud);
        }
    }
}

#[test]
fn what_another_state_took_over_is_taken_back_only_with_take_over() {
    let cloud = Cloud::start();
    let first = project(GROUP);
    first.apply(&cloud).run().exits(0);
    let id = id_at(&first, "container_group.web");
    let block = import_block("container_group.web", &id, "take_over = true");
    let second = project(&format!("{GROUP}{block}"));
    second.apply(&cloud).run().exits(0);

    let web = "container_group.web";
    is_refused(on(&first, &cloud, &format!("restart {web}")), &cloud);
    let entered = on(&first, &cloud, "exec").args([web, "--", "ls"]);
    is_refused(entered, &cloud);
    let plain = format!("import container_group.web {id}");
    let refused = on(&first, &cloud, &plain).run().exits(1);
    assert!(
        refused.stderr.contains("already in the state"),
        "{}",
        refused.stderr
    );
    let back = on(&first, &cloud, &plain).arg("--take-over");
    back.run().exits(0);
    first.apply(&cloud).run().exits(0).says("1 updated");
    first.assert_no_changes(&cloud);
    // The block that took it over once does not take it over again.
    is_refused(second.apply(&cloud), &cloud);
    // An object without another owner is not reclaimed.
    let again = on(&first, &cloud, &plain).arg("--take-over").run().exits(1);
    assert!(
        again.stderr.contains("already in the state"),
        "{}",
        again.stderr
    );
}

#[test]
fn of_two_states_that_import_an_unowned_object_the_first_to_apply_has_it() {
    let cloud = Cloud::start();
    let id = nobodys(&cloud, GROUP);
    let (one, two) = (project(GROUP), project(GROUP));
    for project in [&one, &two] {
        let command = format!("import container_group.web {id}");
        on(project, &cloud, &command).run().exits(0);
    }
    two.apply(&cloud).run().exits(0);
    is_refused(one.apply(&cloud), &cloud);
    is_refused(one.destroy(&cloud), &cloud);
    two.assert_no_changes(&cloud);
}

#[test]
fn a_rebuilt_state_takes_in_neither_what_was_removed_nor_what_another_state_has() {
    let cloud = Cloud::start();
    let (first, second) = (project(GROUP), project(GROUP));
    first.apply(&cloud).run().exits(0);
    let id = id_at(&first, "container_group.web");
    first.eci("state rm container_group.web").run().exits(0);
    let damage = |project: &Project| {
        std::fs::write(project.path().join("state/state.json"), "{ torn").unwrap();
    };
    damage(&first);
    on(&first, &cloud, "state recover").run().exits(0);
    let state = first.state();
    assert!(state.resources.is_empty(), "{:?}", state.resources);
    assert!(state.removed.contains_key(&id));

    let command = format!("import container_group.web {id} --take-over");
    on(&second, &cloud, &command).run().exits(0);
    second.apply(&cloud).run().exits(0);
    // Only the oldest backup is left, which still has it.
    let backups = first.path().join("state/backups");
    let files = std::fs::read_dir(&backups).unwrap();
    for file in files.map(|file| file.unwrap().path()) {
        let snapshot = std::fs::read_to_string(&file).unwrap();
        if !snapshot.contains("\"container_group.web\": {") || snapshot.contains("\"removed\"") {
            std::fs::remove_file(&file).unwrap();
        }
    }
    damage(&first);
    std::fs::remove_file(first.path().join("state/journal.jsonl")).unwrap();
    let recovered = on(&first, &cloud, "state recover").run().exits(0);
    let lineage = second.state().lineage;
    let message = format!("{id} now belongs to the state with lineage {lineage}");
    assert!(recovered.stderr.contains(&message), "{}", recovered.stderr);
    assert!(first.state().resources.is_empty());
    first.write("main.eci.toml", PROVIDER);
    first.apply(&cloud).run().exits(0);
    second.assert_no_changes(&cloud);
}

#[test]
fn an_eip_is_imported_before_its_group_and_after_it() {
    for order in [
        ["eip.front", "container_group.web"],
        ["container_group.web", "eip.front"],
    ] {
        let cloud = Cloud::start();
        let with_eip = format!(
            "[eip.front]\nbandwidth = 5\n{}",
            GROUP.replace("containers", "eip = \"front\"\ncontainers")
        );
        let owner = project(&with_eip);
        owner.apply(&cloud).run().exits(0);
        let other = project(&with_eip);
        let mut said = String::new();
        for address in order {
            let command = format!("import {address} {} --take-over", id_at(&owner, address));
            said += &on(&other, &cloud, &command).run().exits(0).stderr;
        }
        let hint = match order[0] {
            "eip.front" => "The next plan fails until this is resolved".to_owned(),
            _ => "`eci import eip.front ID` to keep it".to_owned(),
        };
        assert!(said.contains(&hint), "{hint}: {said}");
        other.apply(&cloud).run().exits(0);
        assert_eq!((cloud.groups().len(), cloud.eips().len()), (1, 1));
        other.assert_no_changes(&cloud);
    }
}

#[test]
fn every_form_of_a_plan_shows_imports() {
    let cloud = Cloud::start();
    let (first, second) = taken_over(&cloud);
    let lineage = first.state().lineage;
    for format in ["text", "json", "markdown", "html"] {
        let command = format!("plan --format {format}");
        let plan = on(&second, &cloud, &command).run().exits(0).stdout;
        assert!(plan.contains(lineage.as_str()), "{format}: {plan}");
    }
}

#[test]
fn an_import_to_an_address_that_another_resource_moves_to_is_an_error() {
    let cloud = Cloud::start();
    let id = nobodys(&cloud, GROUP);
    let project = project(&GROUP.replace("web", "old"));
    project.apply(&cloud).run().exits(0);
    let held = id_at(&project, "container_group.old");
    let moved = "[[moved]]\nfrom = \"container_group.old\"\nto = \"container_group.web\"\n";
    let block = import_block("container_group.web", &id, "");
    project.write("main.eci.toml", &format!("{PROVIDER}{GROUP}{moved}{block}"));
    let refused = project.plan(&cloud).run().exits(1);
    for part in [id.as_str(), held.as_str(), "container_group.old", "E0903"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
}
