//! Recorded dependencies, and the order of a destroy.
#![allow(clippy::unwrap_used)]

mod scene;

use std::collections::BTreeMap;

use eci_core::Address;
use eci_planner::graph::DependencyGraph;
use eci_planner::{Mode, Observations, Plan, PlannerOptions, TaskKind, plan};
use eci_state::Snapshot;

use scene::{actions, address, configuration, done, empty, pending_create};

fn group(name: &str, more: &str) -> String {
    format!(
        "[container_group.{name}]\nvpc_id = \"v\"\nvswitch_id = \"s\"\nsecurity_group_id = \"g\"\n\
         az_name = \"z\"\n{more}\ncontainers = [{{ name = \"a\", image = \"{name}:1\" }}]\n"
    )
}

/// A database and a web server that may say that it comes after it.
fn manifest(web: &str) -> String {
    group("db", "") + &group("web", web)
}

const AFTER: &str = "depends_on = [\"container_group.db\"]";
const REFERENCE: &str = "tags = { db = '${container_group.db.id}' }";
const LITERAL: &str = "tags = { db = 'container_group-db' }";

fn state(manifest: &str) -> Snapshot {
    let first = plan(
        &configuration(manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    done(&first, &empty())
}

fn planned(manifest: &str, state: &Snapshot, options: &PlannerOptions) -> Plan {
    let configuration = configuration(manifest);
    plan(&configuration, state, &Observations::empty(), options).unwrap()
}

fn destroy(targets: &[&str]) -> PlannerOptions {
    PlannerOptions::default()
        .with_mode(Mode::Destroy)
        .with_targets(targets.iter().map(|it| it.parse().unwrap()).collect())
}

/// Returns the deleted resources, in an order in which the tasks may run.
fn deletes(plan: &Plan) -> Vec<String> {
    let dependencies: Vec<Vec<usize>> = plan
        .tasks()
        .iter()
        .map(|task| task.depends_on.clone())
        .collect();
    let order = DependencyGraph::new(&dependencies).order().unwrap();
    let tasks = order.into_iter().map(|at| &plan.tasks()[at]);
    let deletes = tasks.filter(|task| task.kind == TaskKind::Delete);
    deletes
        .map(|task| plan.steps()[task.step].address.label().to_string())
        .collect()
}

#[test]
fn a_plan_without_changes_records_the_dependencies_of_the_manifest() {
    let (web, db) = (
        address("container_group.web"),
        address("container_group.db"),
    );
    for (before, after, expected) in [
        ("", AFTER, vec![db.clone()]),
        (AFTER, "", vec![]),
        (REFERENCE, LITERAL, vec![]),
        (LITERAL, REFERENCE, vec![db.clone()]),
    ] {
        // A reference comes to the same as the literal.
        let mut state = state(&manifest(before).replace(REFERENCE, LITERAL));
        if before == REFERENCE {
            let web = state.resources.get_mut(&web).unwrap();
            web.dependencies = vec![db.clone()];
        }
        let plan = planned(&manifest(after), &state, &PlannerOptions::default());
        assert!(plan.is_empty(), "{before} {after}");
        assert!(!plan.is_idle(), "{before} {after}");
        let expected: BTreeMap<Address, Vec<Address>> = [(web.clone(), expected)].into();
        assert_eq!(*plan.dependencies(), expected);
        let same = planned(&manifest(before), &state, &PlannerOptions::default());
        assert!(same.is_idle() && same.dependencies().is_empty(), "{before}");
        let refresh = PlannerOptions::default().with_mode(Mode::RefreshOnly);
        let plan = planned(&manifest(after), &state, &refresh);
        assert!(plan.dependencies().is_empty(), "{before} {after}");
    }
}

#[test]
fn a_destroy_goes_by_the_manifest() {
    let state_without = state(&manifest(""));
    let plan = planned(&manifest(AFTER), &state_without, &destroy(&[]));
    assert_eq!(deletes(&plan), ["web", "db"]);
    let targeted = destroy(&["container_group.db"]);
    let plan = planned(&manifest(AFTER), &state_without, &targeted);
    assert_eq!(deletes(&plan), ["web", "db"]);

    let state_with = state(&manifest(AFTER));
    let plan = planned(&manifest(""), &state_with, &targeted);
    assert_eq!(deletes(&plan), ["db"]);
    assert!(plan.partial().unwrap().omitted_dependents.is_empty());
    // The other way round by now.
    let reversed = group("db", "depends_on = [\"container_group.web\"]") + &group("web", "");
    let plan = planned(&reversed, &state_with, &destroy(&[]));
    assert_eq!(deletes(&plan), ["db", "web"]);
}

#[test]
fn a_target_of_a_destroy_that_does_not_exist_takes_nothing_along() {
    let manifest = group("db", "") + &group("web", "depends_on = [\"container_group.db\"]");
    let mut state = state(&manifest);
    assert!(
        state
            .resources
            .remove(&address("container_group.db"))
            .is_some()
    );
    let plan = planned(&manifest, &state, &destroy(&["container_group.db"]));
    assert_eq!(deletes(&plan), Vec::<String>::new());
    assert!(plan.partial().unwrap().omitted_dependents.is_empty());
    // One whose create is pending may exist.
    state
        .open_intents
        .push(pending_create("container_group.db"));
    let plan = planned(&manifest, &state, &destroy(&["container_group.db"]));
    assert_eq!(deletes(&plan), ["web"]);
}

#[test]
fn a_destroy_takes_along_what_has_the_eip_of_its_target() {
    let manifest = |eip: &str| {
        let eips = "[eip.one]\nbandwidth = 5\n[eip.two]\nbandwidth = 5\n";
        eips.to_owned() + &group("web", &format!("eip = \"{eip}\""))
    };
    // An update that was not applied yet changes nothing about who has it.
    let mut state = state(&manifest("one"));
    let (one, two) = (address("eip.one"), address("eip.two"));
    state.resources.get_mut(&two).unwrap().id = Some("eip-two".to_owned());
    assert!(state.resources[&one].id.is_some());
    let plan = planned(&manifest("two"), &state, &destroy(&["eip.one"]));
    assert_eq!(deletes(&plan), ["web", "one"]);
    assert_eq!(actions(&plan).len(), 2);
}
