//! `prevent_destroy` and `replace_triggered_by` over several runs.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_config::Configuration;
use eci_core::Diagnostics;
use eci_planner::{
    Action, Mode, Observation, Observations, Plan, PlannerOptions, Protection, Reason, plan,
};
use eci_state::Snapshot;

use scene::{actions, address, configuration, done, empty, reason};

fn group(name: &str, more: &str) -> String {
    format!(
        "[container_group.{name}]\nname = \"fixed-{name}\"\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
         security_group_id = \"g\"\naz_name = \"z\"\n{more}\
         containers = [{{ name = \"a\", image = \"{name}:1\" }}]\n"
    )
}

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

fn planned(manifest: &str, state: &Snapshot) -> Result<Plan, Diagnostics> {
    plan(
        &configuration(manifest),
        state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
}

fn protected_state() -> Snapshot {
    let mut state = state(&(group("web", "") + &group("db", "")));
    let db = address("container_group.db");
    state.resources.get_mut(&db).unwrap().prevent_destroy = Some(true);
    state
}

#[test]
fn what_was_protected_stays_so_without_its_table() {
    let state = protected_state();
    let refused = planned(&group("web", ""), &state).unwrap_err().to_string();
    assert!(
        refused.contains("cannot delete container_group.db") && refused.contains("[[removed]]"),
        "{refused}"
    );
    let destroy = PlannerOptions::default().with_mode(Mode::Destroy);
    let without = configuration(&group("web", ""));
    assert!(plan(&without, &state, &Observations::empty(), &destroy).is_err());
    let removed = |destroy: bool| {
        group("web", "")
            + &format!("[[removed]]\nfrom = \"container_group.db\"\ndestroy = {destroy}\n")
    };
    for (destroy, action) in [(true, Action::Delete), (false, Action::Forget)] {
        let plan = planned(&removed(destroy), &state).unwrap();
        assert_eq!(actions(&plan), [("container_group.db".to_owned(), action)]);
    }
    // One that moves is protected under its new address.
    let moved = group("web", "")
        + "[[moved]]\nfrom = \"container_group.db\"\nto = \"container_group.old\"\n";
    assert!(planned(&moved, &state).is_err());
}

/// A manifest changed as the message says, letter for letter, can be read.
#[test]
fn what_a_refusal_suggests_to_write_is_toml_also_for_an_instance() {
    let of = |keys: &str| {
        format!(
            "[container_group.web]\nfor_each = {keys}\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
             security_group_id = \"g\"\naz_name = \"z\"\nlifecycle = {{ prevent_destroy = true }}\n\
             containers = [{{ name = \"a\", image = \"i:1\" }}]\n"
        )
    };
    for key in ["b", "it's"] {
        let mut before = state(&of(&format!(r#"["a", "{key}"]"#)));
        let resources = before.resources.values_mut();
        resources.for_each(|it| it.prevent_destroy = Some(true));
        let refused = planned(&of(r#"["a"]"#), &before).unwrap_err().to_string();
        let (_, from) = refused.split_once("from = ").unwrap();
        let (from, _) = from.split_once("` and `").unwrap();
        let removed = format!("[[removed]]\nfrom = {from}\ndestroy = true\n");
        let plan = planned(&(of(r#"["a"]"#) + &removed), &before).unwrap();
        let deleted = format!(r#"container_group.web["{key}"]"#);
        assert!(
            actions(&plan).contains(&(deleted, Action::Delete)),
            "{from}"
        );
    }
}

#[test]
fn an_added_or_removed_protection_is_recorded_and_is_not_a_change() {
    let both = |more: &str| group("web", "") + &group("db", more);
    let lifted = both("lifecycle = { prevent_destroy = false }\n");
    let plan = planned(&lifted, &protected_state()).unwrap();
    assert!(plan.is_empty() && !plan.is_idle());
    let lifted = Protection {
        address: address("container_group.db"),
        prevent_destroy: false,
        recorded: None,
    };
    assert_eq!(plan.protections(), [lifted]);
    // A manifest that does not say changes nothing about it.
    for same in ["", "lifecycle = { prevent_destroy = true }\n"] {
        assert!(planned(&both(same), &protected_state()).unwrap().is_idle());
    }
}

#[test]
fn a_protection_is_not_lifted_by_the_plan_that_would_delete() {
    for more in ["", "lifecycle = { prevent_destroy = false }\n"] {
        let manifest = group("web", "") + &group("db", more);
        let replacing = manifest.replace("fixed-db", "other-db");
        let refused = planned(&replacing, &protected_state()).unwrap_err();
        let refused = refused.to_string();
        for part in [
            "cannot replace container_group.db",
            "apply `prevent_destroy = false` alone first",
        ] {
            assert!(refused.contains(part), "{part}: {refused}");
        }
        let destroy = PlannerOptions::default().with_mode(Mode::Destroy);
        let manifest = configuration(&manifest);
        let state = protected_state();
        let refused = plan(&manifest, &state, &Observations::empty(), &destroy).unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.contains("cannot delete container_group.db"),
            "{refused}"
        );
        // Once that is applied, both are possible.
        let lifted = state_of(&manifest);
        assert!(planned(&replacing, &lifted).is_ok());
        assert!(plan(&manifest, &lifted, &Observations::empty(), &destroy).is_ok());
    }
}

/// The state that has what a configuration declares, nothing of it protected.
fn state_of(configuration: &Configuration) -> Snapshot {
    let first = plan(
        configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    done(&first, &empty())
}

/// `app` is replaced with `db`.
fn triggered(db: &str) -> String {
    group("db", "").replace("db:1", db)
        + &group(
            "app",
            "lifecycle = { replace_triggered_by = [\"container_group.db\"] }\n",
        )
}

fn is_triggered(plan: &Plan) -> bool {
    let by = address("container_group.db");
    reason(plan, "container_group.app") == Some(&Reason::Triggered { by })
}

#[test]
fn an_update_and_a_replacement_of_a_trigger_replace_its_dependents() {
    let state = state(&triggered("db:1"));
    assert!(planned(&triggered("db:1"), &state).unwrap().is_empty());
    for changed in [
        triggered("db:2"),
        triggered("db:1").replacen("vpc_id = \"v\"", "vpc_id = \"w\"", 1),
    ] {
        let plan = planned(&changed, &state).unwrap();
        assert!(is_triggered(&plan), "{:?}", actions(&plan));
        let dependents = &plan.triggers()[&address("container_group.db")];
        assert_eq!(*dependents, [address("container_group.app")]);
    }
}

#[test]
fn a_trigger_that_is_moved_imported_or_created_replaces_nothing() {
    let whole = state(&triggered("db:1"));
    let db = address("container_group.db");
    let mut moved = whole.clone();
    let recorded = moved.resources.remove(&db).unwrap();
    let reported = recorded.observed.clone();
    let old = address("container_group.old");
    moved.resources.insert(old, recorded);
    let with_moved = triggered("db:1")
        + "[[moved]]\nfrom = \"container_group.old\"\nto = \"container_group.db\"\n";
    let plan = planned(&with_moved, &moved).unwrap();
    assert_eq!(actions(&plan), [(db.to_string(), Action::Move)]);
    assert!(plan.triggers().is_empty());

    let mut without = whole.clone();
    without.resources.remove(&db);
    let plan = planned(&triggered("db:1"), &without).unwrap();
    assert_eq!(actions(&plan), [(db.to_string(), Action::Create)]);

    let mut missing = Observations::empty();
    missing.insert(db.clone(), Observation::Missing);
    let plan = scene_plan(&triggered("db:1"), &whole, &missing);
    assert_eq!(actions(&plan), [(db.to_string(), Action::Create)]);

    let import = "[[import]]\nto = \"container_group.db\"\nid = \"eci-3rr2p3bikgw7phf1\"\n";
    let mut there = Observations::empty();
    there.insert(db.clone(), Observation::Present(reported));
    let plan = scene_plan(&(triggered("db:1") + import), &without, &there);
    let of_app = actions(&plan)
        .into_iter()
        .find(|(name, _)| name == "container_group.app");
    assert_eq!(of_app, None);
}

fn scene_plan(manifest: &str, state: &Snapshot, observed: &Observations) -> Plan {
    plan(
        &configuration(manifest),
        state,
        observed,
        &PlannerOptions::default(),
    )
    .unwrap()
}

#[test]
fn a_pending_replacement_is_planned_until_it_is_done() {
    let mut state = state(&triggered("db:1"));
    let app = address("container_group.app");
    let pending = Some(address("container_group.db"));
    state.resources.get_mut(&app).unwrap().replacement_pending = pending;
    let plan = planned(&triggered("db:1"), &state).unwrap();
    assert_eq!(actions(&plan), [(app.to_string(), Action::Replace)]);
    assert!(is_triggered(&plan));
    // What its manifest does not name any more triggers nothing.
    let untriggered = group("db", "") + &group("app", "");
    assert!(planned(&untriggered, &state).unwrap().is_empty());
}
