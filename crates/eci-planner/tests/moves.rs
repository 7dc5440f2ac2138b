//! Resources that move to other addresses, alone, in chains, and together with imports.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::{Diagnostics, Map};
use eci_planner::{Action, Mode, Observation, Observations, Plan, PlannerOptions, Reason, plan};
use eci_state::{IntentId, IntentKind, Record, Snapshot};

use scene::{actions, address, configuration, done, empty, reason};

fn group(name: &str) -> String {
    format!(
        "[container_group.{name}]\nname = \"fixed-{name}\"\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
         security_group_id = \"g\"\naz_name = \"z\"\ncontainers = [{{ name = \"a\", image = \"a:1\" }}]\n"
    )
}

fn moved(from: &str, to: &str) -> String {
    format!("[[moved]]\nfrom = \"container_group.{from}\"\nto = \"container_group.{to}\"\n")
}

/// The state in which groups of these names are.
fn state(names: &[&str]) -> Snapshot {
    let manifest: String = names.iter().map(|name| group(name)).collect();
    let first = plan(
        &configuration(&manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    done(&first, &empty())
}

fn options(mode: Mode, targets: &[&str], exclude: &[&str]) -> PlannerOptions {
    let subjects = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    PlannerOptions::default()
        .with_mode(mode)
        .with_targets(subjects(targets))
        .with_exclude(subjects(exclude))
}

fn planned(
    manifest: &str,
    state: &Snapshot,
    options: &PlannerOptions,
) -> Result<Plan, Diagnostics> {
    plan(
        &configuration(manifest),
        state,
        &Observations::empty(),
        options,
    )
}

fn moves(plan: &Plan) -> Vec<String> {
    let moves = plan.moves().iter();
    moves
        .map(|(from, to)| format!("{} > {}", from.label(), to.label()))
        .collect()
}

/// `b` becomes `c`, and `a` takes the address of `b`, which no manifest declares.
fn chain() -> String {
    group("c").replace("fixed-c", "fixed-b") + &moved("b", "c") + &moved("a", "b")
}

#[test]
fn a_chain_moves_as_a_whole_or_is_refused() {
    let state = state(&["a", "b"]);
    let whole = planned(&chain(), &state, &PlannerOptions::default()).unwrap();
    assert_eq!(moves(&whole), ["a > b", "b > c"]);
    for part in [
        options(Mode::Apply, &["container_group.b"], &[]),
        options(Mode::Apply, &["container_group.c"], &[]),
        options(Mode::Apply, &[], &["container_group.c"]),
        options(Mode::Destroy, &["container_group.b"], &[]),
        options(Mode::Destroy, &[], &["container_group.b"]),
    ] {
        let refused = planned(&chain(), &state, &part).unwrap_err().to_string();
        let expected = "cannot move container_group.a to container_group.b and container_group.b \
                        to container_group.c: only";
        assert!(refused.contains(expected), "{part:?}: {refused}");
    }
}

#[test]
fn a_destroy_sees_each_resource_of_a_chain_under_its_old_address() {
    let state = state(&["a", "b"]);
    let mut observed = Observations::empty();
    let reported = Map::clone(&state.resources[&address("container_group.a")].observed);
    observed.insert(
        address("container_group.a"),
        Observation::Present(reported.into()),
    );
    observed.insert(address("container_group.b"), Observation::Missing);
    let options = options(Mode::Destroy, &[], &[]);
    let plan = plan(&configuration(&chain()), &state, &observed, &options).unwrap();
    let mut found = actions(&plan);
    found.sort();
    assert_eq!(
        found,
        [
            ("container_group.b".to_owned(), Action::Delete),
            ("container_group.c".to_owned(), Action::Forget),
        ]
    );
}

#[test]
fn a_refresh_follows_moves() {
    let state = state(&["a", "b"]);
    // One is changed as well, the other one is declared no more.
    let manifest = group("c")
        .replace("a:1", "a:2")
        .replace("fixed-c", "fixed-a")
        + &moved("a", "c")
        + &moved("b", "d");
    let refresh = options(Mode::RefreshOnly, &[], &[]);
    let plan = planned(&manifest, &state, &refresh).unwrap();
    assert_eq!(moves(&plan), ["a > c", "b > d"]);
    assert_eq!(
        actions(&plan),
        [
            ("container_group.c".to_owned(), Action::Move),
            ("container_group.d".to_owned(), Action::Move),
        ]
    );
    assert_eq!(reason(&plan, "container_group.c"), Some(&Reason::Moved));
}

#[test]
fn an_import_of_what_moves_to_its_address_is_satisfied() {
    let state = state(&["a"]);
    let id = "eci-3rr2p3bikgw7phf1lm0cn39y0y";
    let import = format!("[[import]]\nto = \"container_group.b\"\nid = \"{id}\"\n");
    let manifest = group("b").replace("fixed-b", "fixed-a") + &moved("a", "b") + &import;
    let mut with_id = state.clone();
    let a = address("container_group.a");
    with_id.resources.get_mut(&a).unwrap().id = Some(id.to_owned());
    let mut observed = Observations::empty();
    let reported = Observation::Present(with_id.resources[&a].observed.clone());
    observed.insert(a, reported.clone());
    observed.insert(address("container_group.b"), reported);
    let plan = plan(
        &configuration(&manifest),
        &with_id,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(
        actions(&plan),
        [("container_group.b".to_owned(), Action::Move)]
    );
}

#[test]
fn a_pending_operation_moves_with_its_address() {
    let mut state = state(&["a"]);
    for (number, of) in [(1, "a"), (2, "lost")] {
        let pending = Record::Intent {
            intent: IntentId::new(number),
            address: address(&format!("container_group.{of}")),
            kind: IntentKind::Delete {
                id: format!("eci-old{number}"),
            },
            time: "2026-01-01T00:00:00Z".to_owned(),
            token: None,
        };
        state.apply(&pending).unwrap();
    }
    let manifest =
        group("b").replace("fixed-b", "fixed-a") + &moved("a", "b") + &moved("lost", "new");
    let plan = planned(&manifest, &state, &PlannerOptions::default()).unwrap();
    assert_eq!(moves(&plan), ["a > b", "lost > new"]);
    // An address with a pending operation is not free.
    let onto = group("lost").replace("fixed-lost", "fixed-a") + &moved("a", "lost");
    let refused = planned(&onto, &state, &PlannerOptions::default()).unwrap_err();
    let expected = "cannot move container_group.a to container_group.lost: an operation";
    assert!(refused.to_string().contains(expected), "{refused}");
}

#[test]
fn a_resource_whose_instances_are_still_declared_does_not_move() {
    let many = |name: &str| {
        format!(
            "[volume.{name}]\nfor_each = [\"x\"]\nname = \"v-{name}\"\ntype = \"EmptyDirVolume\"\n"
        )
    };
    let manifest = many("v") + &many("w") + "[[moved]]\nfrom = \"volume.v\"\nto = \"volume.w\"\n";
    let refused = planned(&manifest, &empty(), &PlannerOptions::default()).unwrap_err();
    assert!(refused.to_string().contains("still declared"), "{refused}");
}
