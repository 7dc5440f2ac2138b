//! EIPs and disks that are declared as existing while another change would delete them.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::Diagnostics;
use eci_planner::{Action, Mode, Observations, Plan, PlannerOptions, Reason, TaskKind, plan};
use eci_state::Snapshot;
use scene::{actions, address, configuration, done, empty, reason};

fn eip(label: &str, keys: &str) -> String {
    format!("[eip.{label}]\n{keys}\n")
}

fn disk(label: &str, keys: &str) -> String {
    format!("[volume.{label}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n{keys}\n")
}

const DISK: &str = "disk = { size = 40, kind = \"SATA\" }";

fn group(keys: &str) -> String {
    format!(
        "[container_group.web]\nvpc_id = \"v\"\nsecurity_group_id = \"g\"\naz_name = \"z\"\n{keys}\n\
         containers = [{{ name = \"main\", image = \"i:1\" }}]\n"
    )
}

/// Returns the state in which all of a manifest was created, each resource with its own ID.
fn created(manifest: &str) -> Snapshot {
    let first = plan(
        &configuration(manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let mut state = done(&first, &empty());
    for (address, state) in &mut state.resources {
        let id = address.to_string().replace('.', "-");
        state.id = state.id.take().map(|_| id);
    }
    state
}

fn planned(before: &str, now: &str) -> Result<Plan, Diagnostics> {
    plan(
        &configuration(now),
        &created(before),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
}

fn deletes(plan: &Plan) -> Vec<String> {
    let tasks = plan.tasks().iter();
    let deletes = tasks.filter(|task| task.kind == TaskKind::Delete);
    deletes
        .map(|task| plan.steps()[task.step].address.to_string())
        .collect()
}

#[test]
fn managed_eips_and_disks_that_exchange_their_ids_are_removed_from_the_state() {
    let before = eip("aa", "") + &eip("bb", "") + &disk("cc", DISK) + &disk("dd", DISK);
    let now = eip("aa", "id = \"eip-bb\"")
        + &eip("bb", "id = \"eip-aa\"")
        + &disk("cc", "volume_handle = \"volume-dd\"")
        + &disk("dd", "volume_handle = \"volume-cc\"");
    let plan = planned(&before, &now).unwrap();
    assert_eq!(deletes(&plan), [""; 0]);
    for (label, by) in [
        ("eip.aa", "eip.bb"),
        ("eip.bb", "eip.aa"),
        ("volume.cc", "volume.dd"),
        ("volume.dd", "volume.cc"),
    ] {
        let by = address(by);
        assert_eq!(reason(&plan, label), Some(&Reason::DeclaredExisting { by }));
    }
}

#[test]
fn a_change_to_another_existing_or_automatic_object_keeps_declared_objects() {
    let before = eip("aa", "");
    let declared = eip("zz", "id = \"eip-aa\"");
    for keys in ["id = \"eip-other\"", "auto = true"] {
        let plan = planned(&before, &(eip("aa", keys) + &declared)).unwrap();
        assert_eq!(deletes(&plan), [""; 0], "{keys}");
        let plan = planned(&before, &eip("aa", keys)).unwrap();
        assert_eq!(deletes(&plan), ["eip.aa"], "{keys}");
    }
}

/// The ID of an existing EIP or disk may be that of a managed one, for example of another module.
#[test]
fn what_only_refers_to_a_managed_one_does_not_keep_it() {
    let managed = eip("aa", "") + &disk("cc", DISK);
    let unprotected = "lifecycle = { prevent_destroy = false }\n";
    let managed = managed + unprotected;
    let uses = eip("bb", "id = '${eip.aa.id}'") + &disk("dd", "volume_handle = '${volume.cc.id}'");
    let mut state = created(&managed);
    let both = plan(
        &configuration(&(managed.clone() + &uses)),
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    state = done(&both.unwrap(), &state);
    let destroy = PlannerOptions::default().with_mode(Mode::Destroy);
    for (manifest, options) in [
        (managed + &uses, destroy),
        (String::new(), PlannerOptions::default()),
    ] {
        let configuration = configuration(&manifest);
        let plan = plan(&configuration, &state, &Observations::empty(), &options).unwrap();
        let mut deleted = deletes(&plan);
        deleted.sort();
        assert_eq!(deleted, ["eip.aa", "volume.cc"]);
    }
}

#[test]
fn what_leaves_the_manifests_with_what_declares_it_as_existing_is_kept() {
    let managed = eip("aa", "") + &disk("cc", DISK);
    let managed = managed + "lifecycle = { prevent_destroy = false }\n";
    let declared = eip("bb", "id = \"eip-aa\"") + &disk("dd", "volume_handle = \"volume-cc\"");
    let mut state = created(&managed);
    state.resources.extend(created(&declared).resources);
    let plan = plan(
        &configuration(""),
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(deletes(&plan), [""; 0]);
}

#[test]
fn the_help_of_a_refused_replacement_leads_to_one() {
    let declared = eip("zz", "id = \"eip-aa\"");
    let now = eip("aa", "name = \"new\"") + &declared;
    let replace = PlannerOptions::default().with_replace(vec![address("eip.aa")]);
    let state = created(&eip("aa", ""));
    let refused = plan(
        &configuration(&now),
        &state,
        &Observations::empty(),
        &replace,
    );
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("`id = \"eip-aa\"`"), "{refused}");
    let first = eip("aa", "id = \"eip-aa\"") + &declared;
    let first = plan(
        &configuration(&first),
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(deletes(&first), [""; 0]);
    let then = plan(
        &configuration(&now),
        &done(&first, &state),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(actions(&then), [("eip.aa".to_owned(), Action::Create)]);
}

/// The id is known once the group is.
const LATE: &str = "id = '${container_group.web.id == \"x\" ? \"eip-x\" : \"eip-mm\"}'";

#[test]
fn what_may_be_declared_as_existing_is_deleted_last() {
    let before = eip("mm", "") + &eip("nn", "") + &group("vswitch_id = \"s1\"");
    let now = eip("zz", LATE) + &group("vswitch_id = \"s2\"");
    let plan = planned(&before, &now).unwrap();
    let undetermined: Vec<_> = plan.undetermined().map(ToString::to_string).collect();
    assert_eq!(undetermined, ["eip.zz"]);
    let task = |kind: TaskKind, label: &str| {
        let label = address(label);
        let mut tasks = plan.tasks().iter();
        let is_it = |task: &eci_planner::Task| {
            task.kind == kind && plan.steps()[task.step].address == label
        };
        tasks.position(is_it).unwrap()
    };
    let declares = task(TaskKind::Create, "eip.zz");
    for label in ["eip.mm", "eip.nn"] {
        let delete = task(TaskKind::Delete, label);
        assert!(
            plan.tasks()[delete].depends_on.contains(&declares),
            "{label}"
        );
    }
}

#[test]
fn what_must_go_before_an_id_is_known_is_not_deleted() {
    let groups = |vswitch: &str| group(&format!("vswitch_id = \"{vswitch}\""));
    let mounted = |vswitch: &str, eip: &str| groups(vswitch) + eip;
    // A new disk of the same name waits for the old one, and the group for the new one.
    let before = disk("mm", DISK) + "lifecycle = { prevent_destroy = false }\n";
    let now = disk(
        "mm",
        "disk = { size = 40, kind = \"SSD\" }\nlifecycle = { prevent_destroy = false }",
    ) + &disk(
        "zz",
        "volume_handle = '${volume.mm.disk.kind == \"SSD\" ? volume.mm.id : \"x\"}'",
    );
    // What refers to what is replaced gets the id of the new one.
    assert_eq!(deletes(&planned(&before, &now).unwrap()), ["volume.mm"]);
    let now = disk(
        "mm",
        "disk = { size = 40, kind = \"SSD\" }\nlifecycle = { prevent_destroy = false }",
    ) + &mounted("s2", "").replace(
        "image = \"i:1\"",
        "image = \"i:1\", env = { D = '${volume.mm.id}' }",
    ) + &disk(
        "zz",
        "volume_handle = '${container_group.web.id == \"x\" ? \"x\" : \"volume-mm\"}'",
    );
    let before = before + &mounted("s1", "");
    let message = planned(&before, &now).unwrap_err().to_string();
    assert!(
        message.contains("volume.zz may declare it as existing"),
        "{message}"
    );
}
