//! Plans of managed EIPs and disks.

#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::{Diagnostics, Map, Value};
use eci_planner::{
    Action, Attachable, Mode, Observation, Observations, Plan, PlannerOptions, Reason, TaskKind,
    plan,
};
use eci_state::Snapshot;
use scene::{actions, address, changed, configuration, done, empty, reason};

const GROUP: &str = r#"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "front"
[[container_group.web.containers]]
name = "nginx"
image = "nginx:1"
env = { ADDRESS = '${eip.front.address}' }
volume_mounts = [{ volume = "data", mount_path = "/data" }]
"#;

/// The line by which the group reads the address of its EIP.
const ADDRESS: &str = "env = { ADDRESS = '${eip.front.address}' }\n";

fn manifest(eip: &str, disk: &str) -> String {
    format!(
        "{GROUP}[eip.front]\n{eip}\n[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n{disk}\n"
    )
}

const DISK: &str = r#"disk = { size = 40, kind = "SATA" }"#;

/// Returns the state in which all of a manifest was created.
fn created(manifest: &str) -> Snapshot {
    let first = plan(
        &configuration(manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    done(&first, &empty())
}

fn after(before: &str, manifest: &str) -> Result<Plan, Diagnostics> {
    plan(
        &configuration(manifest),
        &created(before),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
}

fn destroyed(before: &str, manifest: &str, exclude: &[&str]) -> Result<Plan, Diagnostics> {
    let options = PlannerOptions::default()
        .with_mode(Mode::Destroy)
        .with_exclude(exclude.iter().map(|text| text.parse().unwrap()).collect());
    plan(
        &configuration(manifest),
        &created(before),
        &Observations::empty(),
        &options,
    )
}

/// Returns the address of each task, in an order in which they may run.
fn order(plan: &Plan) -> Vec<String> {
    let dependencies: Vec<Vec<usize>> = plan
        .tasks()
        .iter()
        .map(|task| task.depends_on.clone())
        .collect();
    let order = eci_planner::graph::DependencyGraph::new(&dependencies)
        .order()
        .unwrap();
    let tasks = order.into_iter().map(|at| &plan.tasks()[at]);
    let tasks = tasks.filter(|task| task.kind != TaskKind::NoOp);
    tasks
        .map(|task| format!("{:?} {}", task.kind, plan.steps()[task.step].address))
        .collect()
}

#[test]
fn both_are_created_before_the_group_that_uses_them() {
    let first = plan(
        &configuration(&manifest("bandwidth = 5", DISK)),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let first = first.unwrap();
    assert_eq!(
        order(&first),
        [
            "Create eip.front",
            "Create volume.data",
            "Create container_group.web"
        ]
    );
    let group = first
        .steps()
        .iter()
        .find(|step| &**step.address.label() == "web")
        .unwrap();
    let desired = group.desired.as_ref().unwrap();
    assert_eq!(
        desired[&"eip".into()],
        Value::from([("id", Value::Unknown)])
    );
    let volume = &desired[&"volumes".into()].as_list().unwrap()[0];
    assert_eq!(volume.get("volume_handle"), Some(&Value::Unknown));
    assert_eq!(volume.get("disk"), None);
}

#[test]
fn a_plan_after_they_are_created_is_empty() {
    let manifest = manifest("bandwidth = 5", DISK);
    assert_eq!(actions(&after(&manifest, &manifest).unwrap()), []);
}

#[test]
fn a_name_a_bandwidth_and_a_size_are_updated_in_place() {
    let before = manifest("bandwidth = 5", DISK);
    let now = manifest(
        "bandwidth = 8\nname = \"other\"",
        r#"disk = { size = 60, kind = "SATA" }"#,
    );
    let plan = after(&before, &now).unwrap();
    let update = |what: &str| (what.to_owned(), Action::Update);
    assert_eq!(actions(&plan), [update("eip.front"), update("volume.data")]);
    assert_eq!(changed(&plan, "volume.data"), ["disk.size"]);
}

#[test]
fn a_disk_never_shrinks() {
    let before = manifest("", DISK);
    let now = manifest("", r#"disk = { size = 20, kind = "SATA" }"#);
    let message = after(&before, &now).unwrap_err().to_string();
    assert!(message.contains("from 40 GB to 20 GB"), "{message}");
    assert!(message.contains("--replace volume.data"), "{message}");
    assert!(message.contains("apply that first"), "{message}");
    let unprotected =
        |manifest: &str| format!("{manifest}\n[volume.data.lifecycle]\nprevent_destroy = false\n");
    let message = after(&unprotected(&before), &unprotected(&now)).unwrap_err();
    assert!(
        !message.to_string().contains("apply that first"),
        "{message}"
    );
}

#[test]
fn a_disk_that_others_grew_stays_so() {
    let manifest = manifest("", DISK);
    let state = created(&manifest);
    let data = address("volume.data");
    let mut reported = Map::clone(&state.resources[&data].observed);
    let mut disk = reported[&"disk".into()].as_map().unwrap().clone();
    disk.insert("size".into(), Value::from(80));
    reported.insert("disk".into(), Value::map(disk));
    let mut observed = Observations::empty();
    observed.insert(data, Observation::Present(reported.into()));
    let plan = plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(actions(&plan), []);
    assert_eq!(plan.drift()[0].changes[0].path.to_string(), "disk.size");
    let smaller = manifest.replace("size = 40", "size = 50");
    let message = eci_planner::plan(
        &configuration(&smaller),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap_err();
    assert!(
        message.to_string().contains("from 80 GB to 50 GB"),
        "{message}"
    );
}

#[test]
fn a_disk_is_protected_unless_its_manifest_says_otherwise() {
    let before = manifest("", DISK);
    let other = manifest("", r#"disk = { size = 40, kind = "SSD" }"#);
    let message = after(&before, &other).unwrap_err().to_string();
    assert!(
        message.contains("it holds data and is protected"),
        "{message}"
    );
    let lifted = |manifest: &str| format!("{manifest}lifecycle = {{ prevent_destroy = false }}\n");
    // What lifts it is applied first, and only then is anything deleted.
    let message = after(&before, &lifted(&other)).unwrap_err().to_string();
    assert!(message.contains("apply that first"), "{message}");
    assert!(after(&lifted(&before), &lifted(&other)).is_ok());
    let message = destroyed(&before, &before, &[]).unwrap_err().to_string();
    assert!(
        message.contains("cannot delete the disk of volume.data")
            && message.contains("--exclude volume.data"),
        "{message}"
    );
    let rest = destroyed(&before, &before, &["volume.data"]).unwrap();
    assert_eq!(
        order(&rest),
        ["Delete container_group.web", "Delete eip.front"]
    );
}

#[test]
fn a_disk_removed_from_all_manifests_is_deleted_only_by_a_removed_block() {
    let before = manifest("", DISK);
    let without = GROUP.replace(
        "volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]\n",
        "",
    );
    let without = format!("{without}[eip.front]\n");
    let message = after(&before, &without).unwrap_err().to_string();
    assert!(message.contains("[[removed]]"), "{message}");
    let removed =
        |destroy| format!("{without}[[removed]]\nfrom = \"volume.data\"\ndestroy = {destroy}\n");
    let action = |plan: &Plan| {
        plan.steps()
            .iter()
            .find(|step| &**step.address.label() == "data")
            .unwrap()
            .action
    };
    assert_eq!(
        action(&after(&before, &removed(true)).unwrap()),
        Action::Delete
    );
    assert_eq!(
        action(&after(&before, &removed(false)).unwrap()),
        Action::Forget
    );
}

#[test]
fn a_group_is_deleted_before_a_replaced_disk_and_created_after_it() {
    let lifted = |disk: &str| format!("{disk}\nlifecycle = {{ prevent_destroy = false }}");
    let before = manifest("", &lifted(DISK));
    let other = &lifted(r#"disk = { size = 40, kind = "SSD" }"#);
    let plan = after(&before, &manifest("", other)).unwrap();
    assert_eq!(
        order(&plan),
        [
            "Delete container_group.web",
            "Delete volume.data",
            "Create volume.data",
            "Create container_group.web"
        ]
    );
    let volume = address("volume.data");
    assert_eq!(
        reason(&plan, "container_group.web"),
        Some(&Reason::DiskReplaced { volume })
    );
}

#[test]
fn a_new_eip_exists_before_the_old_one_is_unbound() {
    let before = manifest("line_type = \"163\"", DISK);
    let plan = after(&before, &manifest("line_type = \"bgp\"", DISK)).unwrap();
    assert_eq!(
        order(&plan),
        [
            "Create eip.front",
            "Update container_group.web",
            "Delete eip.front"
        ]
    );
}

#[test]
fn a_resource_that_changes_its_form_is_created_or_removed() {
    // The address of neither of the others is known before the group has it.
    let unread = |manifest: String| manifest.replace(ADDRESS, "");
    let managed = manifest("bandwidth = 5", DISK);
    let auto = unread(manifest("auto = true", DISK));
    let existing = unread(manifest("id = \"eip-7\"", r#"volume_handle = "d-7""#));
    let plan = after(&auto, &managed).unwrap();
    assert_eq!(
        order(&plan),
        ["Create eip.front", "Update container_group.web"]
    );
    let lifted = |manifest: &str| format!("{manifest}lifecycle = {{ prevent_destroy = false }}\n");
    let plan = after(&lifted(&managed), &lifted(&existing)).unwrap();
    assert_eq!(
        order(&plan)[2..],
        [
            "Update container_group.web",
            "Delete eip.front",
            "Delete volume.data"
        ]
    );
    assert_eq!(reason(&plan, "eip.front"), Some(&Reason::OwnershipChanged));
}

/// The state in which a managed EIP and a disk of these ids serve a group.
fn created_with_ids(manifest: &str) -> Snapshot {
    let mut state = created(manifest);
    for (of, id) in [("eip.front", "eip-1"), ("volume.data", "disk-1")] {
        let resource = state.resources.get_mut(&address(of)).unwrap();
        resource.id = Some(id.to_owned());
    }
    state
}

#[test]
fn a_resource_declared_existing_by_its_id_is_removed_from_the_state_and_not_deleted() {
    let state = created_with_ids(&manifest("bandwidth = 5", DISK));
    let existing = manifest("id = \"eip-1\"", r#"volume_handle = "disk-1""#).replace(ADDRESS, "");
    let moved = |of: &str, to: &str| format!("[[moved]]\nfrom = \"{of}\"\nto = \"{to}\"\n");
    let moves = moved("eip.front", "eip.edge") + &moved("volume.data", "volume.rest");
    let renamed = existing
        .replace("\"front\"", "\"edge\"")
        .replace("eip.front", "eip.edge")
        .replace("\"data\"", "\"rest\"")
        .replace("volume.data", "volume.rest");
    for (manifest, eip, disk) in [
        (existing.clone(), "eip.front", "volume.data"),
        (format!("{moves}{renamed}"), "eip.edge", "volume.rest"),
        // What was protected is not deleted, so that nothing is refused.
        (
            format!("{existing}lifecycle = {{ prevent_destroy = true }}\n"),
            "eip.front",
            "volume.data",
        ),
    ] {
        let plan = plan(
            &configuration(&manifest),
            &state,
            &Observations::empty(),
            &PlannerOptions::default(),
        )
        .unwrap();
        for address in [eip, disk] {
            let by = scene::address(address);
            assert_eq!(
                reason(&plan, address),
                Some(&Reason::DeclaredExisting { by })
            );
        }
        assert_eq!(changed(&plan, eip), ["id"]);
        assert_eq!(changed(&plan, disk), ["volume_handle"]);
        assert!(!order(&plan).iter().any(|task| task.starts_with("Delete")));
    }
}

#[test]
fn a_destroy_does_not_delete_what_the_manifests_or_the_state_declare_existing() {
    let managed = created_with_ids(&manifest("bandwidth = 5", DISK));
    let existing = manifest("id = \"eip-1\"", r#"volume_handle = "disk-1""#).replace(ADDRESS, "");
    let mut both = managed.clone();
    for (address, existing) in created(&existing).resources {
        let label = address
            .to_string()
            .replace("front", "edge")
            .replace("data", "rest");
        both.resources.insert(scene::address(&label), existing);
    }
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    for (manifest, state) in [(existing.as_str(), &managed), ("", &both)] {
        let configuration = configuration(manifest);
        let plan = plan(&configuration, state, &Observations::empty(), &options).unwrap();
        let deleted: Vec<_> = actions(&plan).into_iter().collect();
        for address in ["eip.front", "volume.data"] {
            let forgets = (address.to_owned(), Action::Forget);
            assert!(deleted.contains(&forgets), "{deleted:?}");
        }
    }
}

#[test]
fn what_another_resource_declares_existing_is_removed_from_the_state_and_not_deleted() {
    let state = created_with_ids(&manifest("bandwidth = 5", DISK));
    let other = manifest("id = \"eip-1\"", r#"volume_handle = "disk-1""#)
        .replace(ADDRESS, "")
        .replace("\"front\"", "\"edge\"")
        .replace("eip.front", "eip.edge")
        .replace("\"data\"", "\"rest\"")
        .replace("volume.data", "volume.rest");
    let target = PlannerOptions::default().with_targets(vec![
        "eip.front".parse().unwrap(),
        "volume.data".parse().unwrap(),
    ]);
    let removed = "[[removed]]\nfrom = \"eip.front\"\ndestroy = true\n";
    for (manifest, options) in [
        (other.clone(), PlannerOptions::default()),
        (other.clone(), target),
        (format!("{removed}{other}"), PlannerOptions::default()),
    ] {
        let plan = plan(
            &configuration(&manifest),
            &state,
            &Observations::empty(),
            &options,
        );
        let plan = plan.unwrap();
        for (old, new) in [("eip.front", "eip.edge"), ("volume.data", "volume.rest")] {
            let by = address(new);
            assert_eq!(reason(&plan, old), Some(&Reason::DeclaredExisting { by }));
            let action = |of: &str| {
                actions(&plan)
                    .into_iter()
                    .find(|(address, _)| address == of)
            };
            assert_eq!(action(old), Some((old.to_owned(), Action::Forget)));
        }
        assert!(!order(&plan).iter().any(|task| task.starts_with("Delete")));
    }
}

#[test]
fn a_replacement_of_what_is_declared_existing_elsewhere_is_refused() {
    let before = manifest("bandwidth = 5", DISK);
    let state = created_with_ids(&before);
    let now = format!("{before}[eip.edge]\nid = \"eip-1\"\n");
    let options = PlannerOptions::default().with_replace(vec![address("eip.front")]);
    let observed = Observations::empty();
    let refused = plan(&configuration(&now), &state, &observed, &options).unwrap_err();
    let refused = refused.to_string();
    assert!(
        refused.contains("eip-1 would be deleted, but eip.edge declares it as existing"),
        "{refused}"
    );
}

#[test]
fn a_replaced_object_declared_existing_since_is_not_deleted() {
    let manifest = manifest("bandwidth = 5", DISK);
    let mut state = created_with_ids(&manifest);
    state.open_intents.push(eci_state::OpenIntent {
        intent: eci_state::IntentId::new(1),
        address: address("eip.front"),
        kind: eci_state::IntentKind::Delete {
            id: "eip-0".to_owned(),
        },
        id: Some("eip-0".to_owned()),
        started_at: String::new(),
        token: None,
        order: None,
        triggers: Vec::new(),
    });
    let now = format!("{manifest}[eip.edge]\nid = \"eip-0\"\n");
    let plan = plan(
        &configuration(&now),
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let of_old = plan.steps().iter().filter(|step| step.is_of_predecessor());
    let actions: Vec<Action> = of_old.map(|step| step.action).collect();
    assert_eq!(actions, [Action::Forget]);
    assert!(!order(&plan).iter().any(|task| task.starts_with("Delete")));
}

#[test]
fn a_group_reads_the_address_of_its_existing_eip_from_the_observation() {
    let existing = configuration(&manifest("id = \"eip-7\"", DISK));
    let mut observed = Observations::empty();
    let refused = plan(&existing, &empty(), &observed, &PlannerOptions::default()).unwrap_err();
    assert!(
        refused.0[0]
            .message
            .en()
            .contains("cannot use the address of its own eip.front")
    );
    observed.insert_eip_address("eip-7", "198.18.0.7");
    let first = plan(&existing, &empty(), &observed, &PlannerOptions::default()).unwrap();
    let mut steps = first.steps().iter();
    let web = steps.find(|step| step.address == address("container_group.web"));
    let planned = format!("{:?}", web.unwrap().desired);
    assert!(planned.contains("198.18.0.7"), "{planned}");
}

#[test]
fn an_attachment_to_a_foreign_object_is_drift_and_prevents_a_delete() {
    let manifest = manifest("bandwidth = 5", DISK).replace("volume_mounts", "# volume_mounts");
    let manifest = format!("{manifest}lifecycle = {{ prevent_destroy = false }}\n");
    let state = created(&manifest);
    let id = |of: &str| state.resources[&address(of)].id.clone().unwrap();
    let mut observed = Observations::empty();
    observed.hold(
        Attachable::Disk(id("volume.data")),
        Some("ins-7".to_owned()),
    );
    let stays = plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(actions(&stays), []);
    assert_eq!(stays.drift()[0].address, address("volume.data"));
    assert!(
        stays.warnings().0[0]
            .message
            .en()
            .contains("in use by ins-7")
    );
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    let destroyed =
        |observed: &Observations| plan(&configuration(&manifest), &state, observed, &options);
    let refused = destroyed(&observed).unwrap_err();
    assert!(refused.0[0].message.en().contains("in use by ins-7"));
    // What nothing has, or its own group, is deleted.
    observed.hold(Attachable::Disk(id("volume.data")), None);
    destroyed(&observed).unwrap();
    let group = id("container_group.web");
    observed.hold(Attachable::Disk(id("volume.data")), Some(group));
    destroyed(&observed).unwrap();
}

#[test]
fn the_bandwidth_within_a_shared_one_is_not_compared() {
    let manifest = manifest("bandwidth = 5\nbandwidth_id = \"bw-1\"", DISK);
    let state = created(&manifest);
    let front = address("eip.front");
    let mut reported: Map = Map::clone(&state.resources[&front].observed);
    reported.insert("bandwidth".into(), Value::from(100));
    let mut observed = Observations::empty();
    observed.insert(front, Observation::Present(reported.into()));
    assert_eq!(
        actions(
            &plan(
                &configuration(&manifest),
                &state,
                &observed,
                &PlannerOptions::default()
            )
            .unwrap()
        ),
        []
    );
}

#[test]
fn an_expired_eip_is_reported_and_unchanged() {
    let manifest = manifest("bandwidth = 5", DISK);
    let state = created(&manifest);
    let front = address("eip.front");
    let mut reported: Map = Map::clone(&state.resources[&front].observed);
    reported.insert("status".into(), Value::from("EXPIRED"));
    let mut observed = Observations::empty();
    observed.insert(front, Observation::Present(reported.into()));
    let plan = plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(actions(&plan), []);
    assert!(
        plan.warnings().to_string().contains("EXPIRED"),
        "{}",
        plan.warnings()
    );
}

fn pair(disk: &str, holder: &str) -> String {
    let group = |label: &str| {
        let mount = if label == holder {
            "volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]\n"
        } else {
            ""
        };
        format!(
            "[container_group.{label}]\nvpc_id = \"vpc-1\"\nvswitch_id = \"subnet-1\"\n\
             security_group_id = \"sg-1\"\naz_name = \"az1\"\n\
             [[container_group.{label}.containers]]\nname = \"main\"\nimage = \"nginx:1\"\n{mount}"
        )
    };
    let (one, other) = (group("one"), group("other"));
    format!(
        "{one}{other}[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
         disk = {{ size = 40, kind = \"{disk}\" }}\nlifecycle = {{ prevent_destroy = false }}\n"
    )
}

#[test]
fn a_disk_that_is_replaced_and_passed_on_is_detached_first_and_no_group_is_replaced() {
    let plan = after(&pair("SATA", "one"), &pair("SSD", "other")).unwrap();
    assert_eq!(
        order(&plan),
        [
            "Update container_group.one",
            "Delete volume.data",
            "Create volume.data",
            "Update container_group.other"
        ]
    );
    let task = |kind, label: &str| {
        let mut tasks = plan.tasks().iter();
        let is_it = |task: &eci_planner::Task| {
            task.kind == kind && &**plan.steps()[task.step].address.label() == label
        };
        tasks.position(is_it).unwrap()
    };
    let detach = task(TaskKind::Update, "one");
    assert!(
        plan.tasks()[task(TaskKind::Delete, "data")]
            .depends_on
            .contains(&detach)
    );
}

#[test]
fn a_replaced_disk_is_detached_from_a_group_that_was_given_it_unnoticed() {
    let state = created(&pair("SATA", "none"));
    let id = state.resources[&address("volume.data")].id.clone().unwrap();
    let one = address("container_group.one");
    let mut reported = Map::clone(&state.resources[&one].applied);
    let volume = Value::from([
        ("name", Value::from("data")),
        ("volume_handle", Value::from(id.as_str())),
    ]);
    reported.insert("volumes".into(), Value::list(vec![volume]));
    let mut observed = Observations::empty();
    observed.insert(one, Observation::Present(reported.into()));
    let plan = plan(
        &configuration(&pair("SSD", "one")),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    let volume = address("volume.data");
    assert_eq!(
        reason(&plan, "container_group.one"),
        Some(&Reason::DiskReplaced { volume })
    );
}

#[test]
fn an_eip_that_leaves_its_shared_bandwidth_is_reported_as_billed_by_traffic() {
    let within = manifest("bandwidth = 5\nbandwidth_id = \"bandwidth-1\"", DISK);
    let state = created(&within);
    let left = |eip: &str| {
        let configuration = configuration(&manifest(eip, DISK));
        let plan = plan(
            &configuration,
            &state,
            &Observations::empty(),
            &PlannerOptions::default(),
        )
        .unwrap();
        let updated = [("eip.front".to_owned(), Action::Update)];
        assert_eq!(actions(&plan), updated);
        plan.warnings().to_string()
    };
    let message = left("bandwidth = 5");
    assert!(message.contains("by traffic"), "{message}");
    // A manifest that sets it itself is neither reported nor replaced for it.
    assert_eq!(left("bandwidth = 5\ndemand_billing_type = \"upflowc\""), "");
}
