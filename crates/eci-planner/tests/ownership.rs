//! Resources that another state has taken over: they are neither changed nor deleted, whatever is planned.
#![allow(clippy::unwrap_used)]

mod scene;

use std::sync::Arc;

use eci_core::{Address, Diagnostics, codes};
use eci_planner::{
    Action, Mode, Observation, Observations, OwnerMark, Plan, PlannerOptions, check_owners, plan,
};
use eci_state::Snapshot;

use scene::{actions, address, configuration, done, empty};

const WEB: &str = "[container_group.web]\nname = \"web\"\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
                   security_group_id = \"g\"\naz_name = \"z\"\n\
                   containers = [{ name = \"a\", image = \"web:1\" }]\n";

fn web() -> Address {
    address("container_group.web")
}

fn state() -> Snapshot {
    let first = plan(
        &configuration(WEB),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    done(&first, &empty())
}

/// The group as it was applied, with this operation tag.
fn observation(state: &Snapshot, mark: &str) -> Observations {
    let mut observed = Observations::empty();
    for (address, resource) in &state.resources {
        let observation = Observation::Present(Arc::clone(&resource.applied));
        observed.insert(address.clone(), observation);
        observed.insert_mark(address.clone(), OwnerMark::new(mark));
    }
    observed
}

fn planned(manifest: &str, mark: &str, mode: Mode) -> Result<Plan, Diagnostics> {
    let state = state();
    let options = PlannerOptions::default().with_mode(mode);
    plan(
        &configuration(manifest),
        &state,
        &observation(&state, mark),
        &options,
    )
}

#[test]
fn what_carries_the_tag_of_another_state_stops_every_plan() {
    let changed = WEB.replace("web:1", "web:2");
    let replaced = WEB.replace("\"v\"", "\"w\"");
    let destroyed = "[[removed]]\nfrom = \"container_group.web\"\ndestroy = true\n";
    let moved = WEB.replace("container_group.web", "container_group.site")
        + "[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.site\"\n";
    for (manifest, mode) in [
        (WEB, Mode::Apply),
        (&changed, Mode::Apply),
        (&replaced, Mode::Apply),
        ("", Mode::Apply),
        (destroyed, Mode::Apply),
        (&moved, Mode::Apply),
        (WEB, Mode::Destroy),
        (WEB, Mode::RefreshOnly),
    ] {
        let refused = planned(manifest, "other.op1", mode).unwrap_err();
        assert!(
            refused.0.iter().any(|it| it.code == codes::OTHER_OWNER),
            "{refused}"
        );
        let refused = refused
            .0
            .iter()
            .find(|it| it.code == codes::OTHER_OWNER)
            .unwrap();
        assert!(
            refused
                .message
                .en()
                .contains("now belongs to the state with lineage other"),
            "{refused:?}"
        );
        let help = refused.help.clone().unwrap_or_default();
        for fix in ["eci state rm", "[[removed]]", "--take-over"] {
            assert!(help.en().contains(fix), "{fix}: {help}");
        }
        assert!(planned(manifest, "l.op1", mode).is_ok(), "{manifest}");
    }
}

#[test]
fn it_is_left_to_that_state_by_removing_it_from_this_one() {
    let removed = "[[removed]]\nfrom = \"container_group.web\"\n";
    let plan = planned(removed, "other.op1", Mode::Apply).unwrap();
    assert_eq!(actions(&plan), [(web().to_string(), Action::Forget)]);
}

#[test]
fn what_lost_its_tag_or_is_not_selected_does_not_stop() {
    let state = state();
    let mut observed = Observations::empty();
    let resource = &state.resources[&web()];
    observed.insert(web(), Observation::Present(Arc::clone(&resource.applied)));
    let changed = configuration(&WEB.replace("web:1", "web:2"));
    let updated = plan(&changed, &state, &observed, &PlannerOptions::default()).unwrap();
    assert_eq!(actions(&updated), [(web().to_string(), Action::Update)]);
    let excluded = PlannerOptions::default().with_exclude(vec![web().into()]);
    let others = observation(&state, "other.op1");
    assert!(
        plan(&changed, &state, &others, &excluded)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_tag_that_was_taken_over_is_accepted_and_a_later_one_of_its_state_is_not() {
    let mut state = state();
    let resource = state.resources.get_mut(&web()).unwrap();
    resource.tag_pending = true;
    resource.taken_over = Some("other.op1".to_owned());
    let configuration = configuration(WEB);
    let claims = plan(
        &configuration,
        &state,
        &observation(&state, "other.op1"),
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(actions(&claims), [(web().to_string(), Action::Update)]);
    assert!(
        plan(
            &configuration,
            &state,
            &observation(&state, "other.op2"),
            &PlannerOptions::default()
        )
        .is_err()
    );
    // One that carried no tag when it was imported, and that another state was faster to mark.
    state.resources.get_mut(&web()).unwrap().taken_over = None;
    assert!(
        plan(
            &configuration,
            &state,
            &observation(&state, "other.op1"),
            &PlannerOptions::default()
        )
        .is_err()
    );
}

#[test]
fn a_plan_is_refused_once_another_state_has_taken_over_what_it_changes() {
    let state = state();
    let changed = configuration(&WEB.replace("web:1", "web:2"));
    let plan = plan(
        &changed,
        &state,
        &observation(&state, "l.op1"),
        &PlannerOptions::default(),
    )
    .unwrap();
    assert!(check_owners(&plan, &observation(&state, "l.op2")).is_ok());
    assert!(check_owners(&plan, &Observations::empty()).is_ok());
    let refused = check_owners(&plan, &observation(&state, "other.op1")).unwrap_err();
    assert_eq!(refused.0[0].code, codes::OTHER_OWNER);
}
