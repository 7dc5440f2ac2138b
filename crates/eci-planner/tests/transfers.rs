//! EIPs and disks that pass from one container group to another: each is free when it is taken,
//! and what depends on what keeps its order.

#![allow(clippy::unwrap_used)]

mod scene;

use std::collections::{BTreeMap, BTreeSet};

use eci_core::{Address, Diagnostics, Kind, OperationTag, Value};
use eci_planner::attachment::{Attachable, attached};
use eci_planner::graph::DependencyGraph;
use eci_planner::{
    Action, Mode, Observation, Observations, Plan, PlannerOptions, Task, TaskKind, plan,
};
use eci_state::{IntentId, IntentKind as Intended, OpenIntent, Snapshot};
use proptest::prelude::*;
use scene::{address, configuration, done, empty};

/// A container group of a test.
#[derive(Clone, Debug, Default)]
struct Group {
    vpc: u8,
    eip: Option<u8>,
    disks: Vec<u8>,
    /// Groups whose address it reads.
    reads: Vec<u8>,
    create_first: bool,
    /// Whether it keeps the EIP and the disks that it has, whatever its manifest says.
    ignores: bool,
}

const GROUPS: u8 = 5;
const OBJECTS: u8 = 5;

type World = BTreeMap<u8, Group>;

/// Existing EIPs and disks, so that every id is known at once.
fn manifest(world: &World) -> String {
    let mut text = String::new();
    let (mut eips, mut disks) = (BTreeSet::new(), BTreeSet::new());
    for (label, group) in world {
        eips.extend(group.eip);
        disks.extend(group.disks.iter().copied());
        text += &format!(
            "[container_group.g{label}]\nvpc_id = \"vpc-{}\"\nvswitch_id = \"s\"\n\
             security_group_id = \"sg\"\naz_name = \"az1\"\n",
            group.vpc
        );
        if let Some(eip) = group.eip {
            text += &format!("eip = \"e{eip}\"\n");
        }
        let mut lifecycle = Vec::new();
        if group.create_first {
            lifecycle.push("create_before_destroy = true");
        }
        if group.ignores {
            lifecycle.push("ignore_changes = [\"eip\", \"volumes\", \"containers\"]");
        }
        if !lifecycle.is_empty() {
            text += &format!("lifecycle = {{ {} }}\n", lifecycle.join(", "));
        }
        let mounts = group.disks.iter();
        let mounts = mounts.map(|it| format!("{{ volume = \"d{it}\", mount_path = \"/d{it}\" }}"));
        let env = group.reads.iter();
        let env = env.map(|it| format!("G{it} = '${{container_group.g{it}.intranet_ip}}'"));
        text += &format!(
            "containers = [{{ name = \"main\", image = \"i:1\", volume_mounts = [{}], env = {{ {} }} }}]\n",
            mounts.collect::<Vec<_>>().join(", "),
            env.collect::<Vec<_>>().join(", "),
        );
    }
    for eip in eips {
        text += &format!("[eip.e{eip}]\nid = \"eip-{eip}\"\n");
    }
    for disk in disks {
        text += &format!(
            "[volume.d{disk}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\nvolume_handle = \"disk-{disk}\"\n"
        );
    }
    text
}

fn state_of(world: &World) -> Snapshot {
    let first = plan(
        &configuration(&manifest(world)),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    done(&first.unwrap(), &empty())
}

fn between(before: &World, after: &World) -> Plan {
    let configuration = configuration(&manifest(after));
    plan(
        &configuration,
        &state_of(before),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap()
}

fn dependencies(plan: &Plan) -> Vec<Vec<usize>> {
    plan.tasks()
        .iter()
        .map(|task| task.depends_on.clone())
        .collect()
}

/// All that comes before each task.
fn before(plan: &Plan) -> Vec<BTreeSet<usize>> {
    let dependencies = dependencies(plan);
    let order = DependencyGraph::new(&dependencies).order().unwrap();
    let mut all: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); dependencies.len()];
    for task in order {
        let mut before = BTreeSet::new();
        for dependency in &dependencies[task] {
            before.insert(*dependency);
            before.extend(all[*dependency].iter().copied());
        }
        all[task] = before;
    }
    all
}

/// Checks that whatever takes an object comes after all that frees it, in every order in which
/// the tasks can run.
fn check_free(plan: &Plan, state: &Snapshot) {
    let before = before(plan);
    let mut holder: BTreeMap<Attachable, &Address> = BTreeMap::new();
    for (address, state) in &state.resources {
        if address.kind() == Kind::ContainerGroup {
            holder.extend(attached(&state.applied).into_iter().map(|it| (it, address)));
        }
    }
    let wants = |task: &Task| {
        let step = &plan.steps()[task.step];
        let desired = step.desired.as_deref().map(attached).unwrap_or_default();
        let desired: BTreeSet<Attachable> = desired.into_iter().collect();
        (step, desired)
    };
    for (at, task) in plan.tasks().iter().enumerate() {
        let (step, desired) = wants(task);
        if step.address.kind() != Kind::ContainerGroup {
            continue;
        }
        let takes: Vec<&Attachable> = match task.kind {
            TaskKind::Create | TaskKind::Update => desired.iter().collect(),
            _ => continue,
        };
        for object in takes {
            let Some(has) = holder.get(object) else {
                continue;
            };
            // What it has already it keeps, and a new one takes over from the old one.
            if *has == &step.address && (task.kind == TaskKind::Update || step.transfers_eip) {
                continue;
            }
            let frees = |other: &usize| {
                let other = &plan.tasks()[*other];
                let (giver, keeps) = wants(other);
                let is_giver = &giver.address == *has;
                let detaches = || giver.detaches.iter().any(|it| it.object == *object);
                is_giver
                    && match other.kind {
                        TaskKind::Detach => detaches(),
                        TaskKind::Update => !keeps.contains(object),
                        TaskKind::Delete => true,
                        _ => false,
                    }
            };
            assert!(
                before[at].iter().any(frees),
                "{} takes the {object} from {has} too early: {:?} of {:?}",
                step.address,
                plan.tasks(),
                plan.steps()
                    .iter()
                    .map(|it| it.address.to_string())
                    .collect::<Vec<_>>(),
            );
        }
    }
}

/// Checks that creates and updates come after what they refer to, and deletes after all that
/// referred to it.
fn check_dependencies(plan: &Plan, state: &Snapshot) {
    let before = before(plan);
    let of = |address: &Address, kinds: &[TaskKind]| {
        let is_it = |task: &&Task| {
            plan.steps()[task.step].address == *address && kinds.contains(&task.kind)
        };
        plan.tasks().iter().position(|task| is_it(&task))
    };
    const MAIN: [TaskKind; 3] = [TaskKind::Create, TaskKind::Update, TaskKind::NoOp];
    for step in plan.steps() {
        for dependency in &step.dependencies {
            let (Some(task), Some(required)) = (of(&step.address, &MAIN), of(dependency, &MAIN))
            else {
                continue;
            };
            assert!(
                before[task].contains(&required),
                "{} {dependency}",
                step.address
            );
        }
    }
    for (address, resource) in &state.resources {
        for dependency in &resource.dependencies {
            let Some(deleted) = of(dependency, &[TaskKind::Delete]) else {
                continue;
            };
            if let Some(first) = of(address, &[TaskKind::Delete]) {
                assert!(before[deleted].contains(&first), "{address} {dependency}");
            } else if let Some(update) = of(address, &[TaskKind::Update]) {
                // Unless it waits for the delete itself.
                let waits = before[update].contains(&deleted);
                let is_first = before[deleted].contains(&update);
                let replaced = of(dependency, &MAIN).is_some();
                assert!(waits || is_first || replaced, "{address} {dependency}");
            }
        }
    }
}

/// Checks that no two groups are sent the same object, and that none is sent what is deleted.
fn check_exclusive(plan: &Plan) {
    let mut has: BTreeMap<Attachable, &Address> = BTreeMap::new();
    for step in plan.steps() {
        if step.address.kind() != Kind::ContainerGroup {
            continue;
        }
        for object in step.desired.as_deref().map(attached).unwrap_or_default() {
            let other = has.insert(object.clone(), &step.address);
            assert_eq!(other, None, "{} and another one: {object}", step.address);
        }
    }
}

/// Returns the detached objects, with the step that detaches each and the one that it is detached for.
fn detached(plan: &Plan) -> Vec<String> {
    let steps = plan.steps().iter();
    let lines = steps.flat_map(|step| {
        let all = step.detaches.iter();
        all.map(|it| format!("{} from {} for {}", it.object, step.address, it.taker))
    });
    lines.collect()
}

fn group(eip: Option<u8>, reads: &[u8]) -> Group {
    Group {
        eip,
        reads: reads.to_vec(),
        ..Group::default()
    }
}

fn world(groups: &[(u8, Group)]) -> World {
    groups.iter().cloned().collect()
}

fn checked(before: &World, after: &World) -> Plan {
    let plan = between(before, after);
    let state = state_of(before);
    check_free(&plan, &state);
    check_dependencies(&plan, &state);
    check_exclusive(&plan);
    plan
}

#[test]
fn two_groups_that_swap_their_eips_detach_one() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(Some(2), &[]))]);
    let after = world(&[(1, group(Some(2), &[])), (2, group(Some(1), &[]))]);
    assert_eq!(
        detached(&checked(&before, &after)),
        ["EIP eip-1 from container_group.g1 for container_group.g2"]
    );
}

#[test]
fn a_ring_of_three_detaches_one() {
    let ring = |shift: u8| {
        let groups = (0..3).map(|at| (at, group(Some((at + shift) % 3), &[])));
        groups.collect::<World>()
    };
    assert_eq!(detached(&checked(&ring(0), &ring(1))).len(), 1);
}

#[test]
fn an_eip_that_simply_moves_is_not_detached() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(None, &[]))]);
    let after = world(&[(1, group(None, &[])), (2, group(Some(1), &[]))]);
    assert_eq!(detached(&checked(&before, &after)), [""; 0]);
    assert_eq!(detached(&checked(&after, &before)), [""; 0]);
}

#[test]
fn the_dependent_of_a_removed_group_takes_its_eip() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(None, &[1]))]);
    let after = world(&[(2, group(Some(1), &[]))]);
    assert_eq!(
        detached(&checked(&before, &after)),
        ["EIP eip-1 from container_group.g1 for container_group.g2"]
    );
}

#[test]
fn an_eip_moves_from_a_dependent_to_its_dependency() {
    let before = world(&[(1, group(None, &[])), (2, group(Some(1), &[1]))]);
    let after = world(&[(1, group(Some(1), &[])), (2, group(None, &[1]))]);
    assert_eq!(
        detached(&checked(&before, &after)),
        ["EIP eip-1 from container_group.g2 for container_group.g1"]
    );
}

#[test]
fn a_renamed_group_that_others_read_takes_its_eip_along() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(None, &[1]))]);
    let after = world(&[(3, group(Some(1), &[])), (2, group(None, &[3]))]);
    assert_eq!(
        detached(&checked(&before, &after)),
        ["EIP eip-1 from container_group.g1 for container_group.g3"]
    );
}

#[test]
fn what_a_group_loses_is_detached_by_one_task() {
    let with = |eip, disk| Group {
        eip: Some(eip),
        disks: vec![disk],
        ..Group::default()
    };
    let before = world(&[(1, with(1, 1)), (2, with(2, 2))]);
    let after = world(&[(1, with(2, 2)), (2, with(1, 1))]);
    let plan = checked(&before, &after);
    let of = |kind| plan.tasks().iter().filter(|it| it.kind == kind).count();
    assert_eq!(detached(&plan).len(), 2);
    assert_eq!(of(TaskKind::Detach), 1);
}

#[test]
fn replacements_in_both_orders_swap() {
    for create_first in [false, true] {
        let with = |eip, vpc| Group {
            eip: Some(eip),
            vpc,
            create_first,
            ..Group::default()
        };
        let before = world(&[(1, with(1, 1)), (2, with(2, 1))]);
        let after = world(&[(1, with(2, 2)), (2, with(1, 2))]);
        let plan = checked(&before, &after);
        assert_eq!(detached(&plan).len(), usize::from(create_first));
    }
}

/// Returns a plan where the group that group 1 replaced still exists, and has EIP 1.
fn while_replaced(before: &World, after: &World) -> Plan {
    while_replaced_with(before, after, &PlannerOptions::default()).unwrap()
}

fn while_replaced_with(
    before: &World,
    after: &World,
    options: &PlannerOptions,
) -> Result<Plan, Diagnostics> {
    let mut state = state_of(before);
    state.open_intents.push(OpenIntent {
        intent: IntentId::new(1),
        address: address("container_group.g1"),
        kind: Intended::Delete {
            id: "eci-old".to_owned(),
        },
        id: Some("eci-old".to_owned()),
        started_at: String::new(),
        token: None,
        order: None,
        triggers: Vec::new(),
    });
    let mut observed = Observations::empty();
    let eip = Attachable::Eip("eip-1".to_owned());
    observed.hold(eip, Some("eci-old".to_owned()));
    plan(&configuration(&manifest(after)), &state, &observed, options)
}

#[test]
fn what_a_replaced_group_outside_of_the_targets_has_is_not_taken() {
    let before = world(&[(1, group(None, &[])), (2, group(None, &[]))]);
    let after = world(&[(1, group(None, &[])), (2, group(Some(1), &[]))]);
    let options =
        PlannerOptions::default().with_targets(vec![address("container_group.g2").into()]);
    let refused = while_replaced_with(&before, &after, &options).unwrap_err();
    let message = &refused.0[0].message;
    for named in [
        "container_group.g1",
        "container_group.g2",
        "eci-old",
        "eip-1",
    ] {
        assert!(message.en().contains(named), "{message}");
    }
}

/// The tasks of groups in an order in which they can run, but those without a call.
fn in_order(plan: &Plan) -> Vec<String> {
    let order = DependencyGraph::new(&dependencies(plan)).order().unwrap();
    let tasks = order.into_iter().map(|at| &plan.tasks()[at]);
    let lines = tasks.filter_map(|task| {
        let step = &plan.steps()[task.step];
        let is_call = task.kind != TaskKind::NoOp && step.address.kind() == Kind::ContainerGroup;
        let which = if step.is_of_predecessor() {
            "what it replaced"
        } else {
            step.address.label()
        };
        is_call.then(|| format!("{:?} {which}", task.kind))
    });
    lines.collect()
}

#[test]
fn a_created_group_gets_the_eip_of_a_group_replaced_before() {
    let after = world(&[(1, group(Some(1), &[]))]);
    assert_eq!(
        in_order(&while_replaced(&world(&[]), &after)),
        ["Create g1", "Delete what it replaced", "Bind g1"]
    );
}

#[test]
fn another_group_gets_the_eip_of_what_was_replaced_before() {
    let before = world(&[(1, group(None, &[])), (2, group(None, &[]))]);
    let after = world(&[(1, group(None, &[])), (2, group(Some(1), &[]))]);
    assert_eq!(
        in_order(&while_replaced(&before, &after)),
        ["Delete what it replaced", "Update g2"]
    );
}

/// The new one reads the address of the group that takes the EIP from what served until then.
#[test]
fn what_was_replaced_before_gives_way_where_all_else_waits_for_it() {
    let before = world(&[(2, group(None, &[]))]);
    let after = world(&[(1, group(None, &[2])), (2, group(Some(1), &[]))]);
    assert_eq!(
        in_order(&while_replaced(&before, &after)),
        ["Delete what it replaced", "Update g2", "Create g1"]
    );
}

/// A resource that is deleted and one that is replaced trade places: the dependencies alone close
/// a cycle.
#[test]
fn dependencies_that_close_a_cycle_give_way_at_an_update() {
    let at = |vpc, reads: &[u8]| Group {
        vpc,
        ..group(None, reads)
    };
    let before = world(&[(1, at(1, &[])), (2, at(1, &[1])), (3, at(1, &[2]))]);
    let after = world(&[(1, at(2, &[])), (3, at(1, &[1]))]);
    checked(&before, &after);
}

#[test]
fn an_omitted_holder_is_named_with_the_group_that_requires_its_object() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(Some(2), &[]))]);
    let after = world(&[(1, group(Some(2), &[])), (2, group(Some(1), &[]))]);
    let configuration = configuration(&manifest(&after));
    let message = |options: PlannerOptions| {
        let state = state_of(&before);
        let planned = plan(&configuration, &state, &Observations::empty(), &options);
        planned.unwrap_err().to_string()
    };
    let subject = |text: &str| vec![text.parse().unwrap()];
    for message in [
        message(PlannerOptions::default().with_targets(subject("container_group.g1"))),
        message(PlannerOptions::default().with_exclude(subject("container_group.g2"))),
    ] {
        let expected = "cannot attach EIP eip-2 to container_group.g1: container_group.g2 uses it";
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("--target container_group.g2"), "{message}");
    }
}

#[test]
fn a_group_that_is_only_removed_from_the_state_keeps_its_eip() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(None, &[]))]);
    let after = world(&[(2, group(Some(1), &[]))]);
    let removed = manifest(&after) + "[[removed]]\nfrom = \"container_group.g1\"\n";
    let message = plan(
        &configuration(&removed),
        &state_of(&before),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let message = message.unwrap_err().to_string();
    assert!(message.contains("only removed from the state"), "{message}");
}

/// What somebody has passed on since, the plan takes from where it is now.
#[test]
fn an_eip_is_taken_from_the_group_that_has_it_now() {
    let there = world(&[(1, group(Some(1), &[])), (2, group(None, &[]))]);
    let state = state_of(&there);
    let mut observed = Observations::empty();
    for (address, resource) in &state.resources {
        if resource.id.is_some() {
            let reported = Observation::Present(resource.observed.clone());
            observed.insert(address.clone(), reported);
        }
    }
    let other = state.resources[&address("container_group.g2")].id.clone();
    observed.hold(Attachable::Eip("eip-1".to_owned()), other);
    let plan = plan(
        &configuration(&manifest(&there)),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    let action = |label: &str| {
        let of = address(&format!("container_group.{label}"));
        let step = plan.steps().iter().find(|step| step.address == of);
        step.map(|step| step.action)
    };
    assert_eq!(action("g1"), Some(Action::Update));
    assert_eq!(action("g2"), Some(Action::Update));
    assert_eq!(plan.drift().len(), 2);
    check_dependencies(&plan, &state);
    let of = |label: &str| {
        let of = address(&format!("container_group.{label}"));
        let is_it = |task: &Task| plan.steps()[task.step].address == of;
        plan.tasks().iter().position(is_it).unwrap()
    };
    assert!(before(&plan)[of("g1")].contains(&of("g2")));
}

/// Somebody passed an EIP on, and the manifests follow.
#[test]
fn a_binding_that_the_manifest_follows_requires_no_call() {
    let there = world(&[(1, group(Some(1), &[])), (2, group(None, &[]))]);
    let follows = world(&[(1, group(None, &[])), (2, group(Some(1), &[]))]);
    let state = state_of(&there);
    let mut observed = Observations::empty();
    for (address, resource) in &state.resources {
        if resource.id.is_some() {
            let reported = Observation::Present(resource.observed.clone());
            observed.insert(address.clone(), reported);
        }
    }
    let other = state.resources[&address("container_group.g2")].id.clone();
    observed.hold(Attachable::Eip("eip-1".to_owned()), other);
    let plan = plan(
        &configuration(&manifest(&follows)),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert!(plan.is_empty(), "{:?}", scene::actions(&plan));
}

/// An earlier run may have created the group, which no read shows yet: what has the EIP is assumed
/// to be that group.
#[test]
fn the_eip_of_a_pending_create_is_not_held_by_another_group() {
    let there = world(&[(1, group(Some(1), &[]))]);
    let mut state = state_of(&there);
    let g1 = address("container_group.g1");
    let requested = state.resources.remove(&g1).unwrap();
    let mut observed = Observations::empty();
    let unobserved = Some("eci-unobserved".to_owned());
    observed.hold(Attachable::Eip("eip-1".to_owned()), unobserved);
    let configuration = configuration(&manifest(&there));
    let refused = plan(
        &configuration,
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap_err();
    assert!(refused.to_string().contains("is not in this state"));
    state.open_intents.push(OpenIntent {
        intent: IntentId::new(1),
        address: g1,
        kind: Intended::Create {
            operation: OperationTag::from_recorded("l.1"),
            planned: Box::new(requested),
            listed: Vec::new(),
        },
        id: None,
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        token: None,
        order: None,
        triggers: Vec::new(),
    });
    let plan = plan(
        &configuration,
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(plan.awaited().len(), 1);
}

fn unbound(holder: Option<&str>, more: &str) -> Result<Plan, String> {
    let before = world(&[(1, group(Some(1), &[]))]);
    let mut observed = Observations::empty();
    let state = state_of(&before);
    let g1 = address("container_group.g1");
    let reported = Observation::Present(state.resources[&g1].observed.clone());
    observed.insert(g1, reported);
    let eip = Attachable::Eip("eip-1".to_owned());
    observed.hold(eip, holder.map(str::to_owned));
    let manifest = manifest(&before).replace("vpc_id", &format!("{more}vpc_id"));
    plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .map_err(|message| message.to_string())
}

#[test]
fn an_eip_that_somebody_unbinds_is_bound_again() {
    let plan = unbound(None, "").unwrap();
    let step = plan.steps().iter().find(|step| step.action.is_change());
    let changed: Vec<String> = step
        .unwrap()
        .changes
        .iter()
        .map(|it| it.path.to_string())
        .collect();
    assert_eq!(changed, ["eip"]);
    assert_eq!(plan.drift()[0].changes[0].after, Value::Null);
}

#[test]
fn an_attached_object_is_not_taken_from_a_foreign_object() {
    let message = unbound(Some("ins-7"), "").unwrap_err();
    assert!(message.contains("ins-7 uses it"), "{message}");
}

#[test]
fn a_binding_that_is_ignored_stays_where_it_is() {
    for holder in [None, Some("ins-7")] {
        let ignoring = "lifecycle = { ignore_changes = [\"eip\"] }\n";
        let plan = unbound(holder, ignoring).unwrap();
        assert!(plan.is_empty(), "{holder:?}");
    }
}

/// The group does not release it, so the call would fail in every run.
#[test]
fn an_eip_that_an_ignoring_group_keeps_is_not_deleted() {
    let state = r#"
        [eip.front]
        [container_group.web]
        vpc_id = "v"
        vswitch_id = "w"
        security_group_id = "s"
        az_name = "z"
        eip = "front"
        containers = [{ name = "a", image = "i:1" }]
    "#;
    let first = plan(
        &configuration(state),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let before = done(&first.unwrap(), &empty());
    let message = |web: &str| {
        let manifest = state.replace("[eip.front]", "");
        let manifest = manifest.replace("eip = \"front\"", web);
        let planned = plan(
            &configuration(&manifest),
            &before,
            &Observations::empty(),
            &PlannerOptions::default(),
        );
        planned.map_err(|message| message.to_string())
    };
    message("").unwrap();
    let message = message("lifecycle = { ignore_changes = [\"eip\"] }").unwrap_err();
    let expected = "cannot delete eip.front (EIP http://10.0.0.2/): container_group.web uses it";
    assert!(message.contains(expected), "{message}");
}

/// It is sent what it had when it is created again, so that its delete frees none of that.
#[test]
fn what_a_replaced_group_ignores_is_not_taken_from_it() {
    let with_disk = |disks: &[u8]| Group {
        disks: disks.to_vec(),
        ..Group::default()
    };
    let replaced = |create_first| Group {
        vpc: 1,
        create_first,
        ignores: true,
        ..Group::default()
    };
    let taken = |given: &Group, create_first| {
        let before = world(&[(1, given.clone()), (2, Group::default())]);
        let after = world(&[(1, replaced(create_first)), (2, given.clone())]);
        let planned = plan(
            &configuration(&manifest(&after)),
            &state_of(&before),
            &Observations::empty(),
            &PlannerOptions::default(),
        );
        planned.map(drop).map_err(|message| message.to_string())
    };
    for (given, create_first, object) in [
        (group(Some(1), &[]), false, "EIP eip-1"),
        (group(Some(1), &[]), true, "EIP eip-1"),
        (with_disk(&[1]), false, "disk disk-1"),
    ] {
        let message = taken(&given, create_first).unwrap_err();
        let expected = format!(
            "cannot attach {object} to container_group.g2: container_group.g1 uses it and keeps it"
        );
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn what_a_replaced_group_ignores_is_not_deleted() {
    let state = r#"
        [eip.front]
        [volume.data]
        type = "DiskVolume"
        fs_type = "ext4"
        disk = { size = 40, kind = "SATA" }
        lifecycle = { prevent_destroy = false }
        [container_group.web]
        vpc_id = "v"
        vswitch_id = "w"
        security_group_id = "s"
        az_name = "z"
        eip = "front"
        containers = [{ name = "a", image = "i:1", volume_mounts = [{ volume = "data", mount_path = "/d" }] }]
    "#;
    let first = plan(
        &configuration(state),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let before = done(&first.unwrap(), &empty());
    let ignoring = r#"
        [[removed]]
        from = "volume.data"
        destroy = true
        [container_group.web]
        vpc_id = "another"
        vswitch_id = "w"
        security_group_id = "s"
        az_name = "z"
        lifecycle = { ignore_changes = ["eip", "volumes", "containers"] }
        containers = [{ name = "a", image = "i:1" }]
    "#;
    let planned = plan(
        &configuration(ignoring),
        &before,
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let message = planned.unwrap_err().to_string();
    for object in ["cannot delete eip.front", "cannot delete volume.data"] {
        assert!(message.contains(object), "{message}");
    }
}

fn any_world() -> impl Strategy<Value = World> {
    let group = (
        0..2u8,
        any::<bool>(),
        proptest::collection::vec(any::<bool>(), usize::from(GROUPS)),
        any::<bool>(),
        any::<bool>(),
    );
    let groups = proptest::collection::vec(group, usize::from(GROUPS));
    let objects = proptest::collection::vec(0..GROUPS + 2, usize::from(OBJECTS));
    // A different order of groups each time, so that who reads whom may turn round.
    let ranks = Just((0..GROUPS).collect::<Vec<u8>>()).prop_shuffle();
    (groups, objects.clone(), objects, ranks).prop_map(|(groups, eips, disks, ranks)| {
        let mut world = World::new();
        let there: Vec<bool> = groups.iter().map(|it| it.4).collect();
        for (at, (vpc, create_first, reads, ignores, is_there)) in groups.iter().enumerate() {
            let rank = |label: usize| ranks.iter().position(|it| usize::from(*it) == label);
            let reads = (0..usize::from(GROUPS))
                .filter(|other| reads[*other] && there[*other] && rank(*other) < rank(at));
            let reads = reads.map(|it| u8::try_from(it).unwrap()).collect();
            if *is_there {
                let group = Group {
                    vpc: *vpc,
                    create_first: *create_first,
                    reads,
                    ignores: *ignores,
                    ..Group::default()
                };
                world.insert(u8::try_from(at).unwrap(), group);
            }
        }
        for (object, holder) in (0..OBJECTS).zip(eips) {
            if let Some(group) = world.get_mut(&holder) {
                group.eip = Some(object);
            }
        }
        for (object, holder) in (0..OBJECTS).zip(disks) {
            if let Some(group) = world.get_mut(&holder) {
                group.disks.push(object);
            }
        }
        world
    })
}

/// Returns whether a group is to be created before the old one is deleted, and both mount one disk, or
/// keeps what another one is to get: that is refused.
fn is_refused(before: &World, after: &World) -> bool {
    let configuration = configuration(&manifest(after));
    let planned = plan(
        &configuration,
        &state_of(before),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    match planned {
        Ok(_) => false,
        Err(message) => {
            let message = message.to_string();
            let is_kept = message.contains("keeps it") && after.values().any(|it| it.ignores);
            assert!(
                is_kept || message.contains("only one container group at a time can mount"),
                "{message}"
            );
            true
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn every_object_is_free_when_it_is_taken(before in any_world(), after in any_world()) {
        if !is_refused(&before, &after) {
            checked(&before, &after);
        }
    }
}

#[test]
fn a_destroy_detaches_nothing() {
    let before = world(&[(1, group(Some(1), &[])), (2, group(Some(2), &[1]))]);
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    let configuration = configuration(&manifest(&before));
    let state = state_of(&before);
    let plan = plan(&configuration, &state, &Observations::empty(), &options).unwrap();
    assert_eq!(detached(&plan), [""; 0]);
}
