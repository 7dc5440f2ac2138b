//! Plans created from real manifests, states and observations.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::Value;
use eci_planner::{
    Action, InvalidPlan, Mode, Observation, Observations, Plan, PlannerOptions, Reason, TaskKind,
    plan,
};

use scene::{
    GROUP, OTHER, actions, address, change, changed, configuration, done, empty, observed_after,
    reason,
};

#[test]
fn everything_is_created_after_its_dependencies() {
    let plan = plan(
        &configuration(&format!("{OTHER}{GROUP}")),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let plan = plan.unwrap();
    let order: Vec<String> = actions(&plan)
        .into_iter()
        .map(|(address, _)| address)
        .collect();
    let at = |name: &str| order.iter().position(|other| other == name).unwrap();
    assert_eq!(order.len(), 4);
    assert!(at("volume.conf") < at("container_group.web"));
    assert!(at("eip.front") < at("container_group.web"));
    assert!(at("container_group.web") < at("container_group.other"));
    let other = &plan.steps()[at("container_group.other")];
    assert!(other.desired.as_ref().unwrap()[&"containers".into()].has_unknown());
}

#[test]
fn a_plan_after_its_apply_is_empty() {
    let both = format!("{GROUP}{OTHER}");
    let plan = change(&both, &both);
    assert_eq!(actions(&plan), []);
    assert!(plan.is_empty());
    assert_eq!(plan.summary().unchanged, 4);
}

#[test]
fn a_changed_image_is_an_update_of_one_attribute() {
    let plan = change(GROUP, &GROUP.replace("nginx:1", "nginx:2"));
    assert_eq!(
        actions(&plan),
        [("container_group.web".to_owned(), Action::Update)]
    );
    assert_eq!(
        changed(&plan, "container_group.web"),
        [r#"containers["nginx"].image"#]
    );
    assert_eq!(reason(&plan, "container_group.web"), Some(&Reason::Changed));
}

#[test]
fn a_changed_volume_changes_its_group_and_is_never_replaced() {
    let plan = change(
        GROUP,
        &GROUP.replace(r#"content = "one""#, r#"content = "two""#),
    );
    assert_eq!(
        actions(&plan),
        [
            ("volume.conf".to_owned(), Action::Update),
            ("container_group.web".to_owned(), Action::Update)
        ]
    );
    let retyped = GROUP.replace(
        "type = \"ConfigFileVolume\"\nfiles = [{ path = \"a.conf\", content = \"one\" }]",
        "type = \"EmptyDirVolume\"",
    );
    let plan = change(GROUP, &retyped);
    assert!(
        actions(&plan)
            .iter()
            .all(|(_, action)| *action == Action::Update)
    );
}

#[test]
fn what_cannot_be_updated_in_place_is_replaced_and_names_the_attribute() {
    let plan = change(GROUP, &GROUP.replace("vpc-1", "vpc-2"));
    assert_eq!(
        actions(&plan),
        [("container_group.web".to_owned(), Action::Replace)]
    );
    let reason = reason(&plan, "container_group.web").unwrap().to_string();
    assert_eq!(reason, "a change of `vpc_id` forces replacement");
}

#[test]
fn dependents_of_a_replaced_resource_wait_for_the_new_one() {
    let both = format!("{GROUP}{OTHER}");
    let plan = change(&both, &both.replacen("vpc-1", "vpc-2", 1));
    assert_eq!(
        actions(&plan),
        [
            ("container_group.web".to_owned(), Action::Replace),
            ("container_group.other".to_owned(), Action::Update)
        ]
    );
    let number = |of: &str, kind| {
        let found = plan
            .tasks()
            .iter()
            .position(|task| plan.steps()[task.step].address == address(of) && task.kind == kind);
        found.unwrap()
    };
    let create = number("container_group.web", TaskKind::Create);
    let delete = number("container_group.web", TaskKind::Delete);
    assert!(plan.tasks()[create].depends_on.contains(&delete));
    let update = number("container_group.other", TaskKind::Update);
    assert!(plan.tasks()[update].depends_on.contains(&create));
}

#[test]
fn what_is_in_no_manifest_is_deleted_after_its_dependents() {
    let both = format!("{GROUP}{OTHER}");
    let first = plan(
        &configuration(&both),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    let plan = plan(
        &configuration(&both),
        &state,
        &Observations::empty(),
        &options,
    )
    .unwrap();
    assert_eq!(plan.summary().delete, 4);
    let task = |of: &str| {
        let found = plan
            .tasks()
            .iter()
            .position(|task| plan.steps()[task.step].address == address(of));
        found.unwrap()
    };
    let web = &plan.tasks()[task("container_group.web")];
    assert_eq!(web.depends_on, [task("container_group.other")]);
    assert!(
        plan.tasks()[task("volume.conf")]
            .depends_on
            .contains(&task("container_group.web"))
    );

    let removed = change(&both, GROUP);
    assert_eq!(
        actions(&removed),
        [("container_group.other".to_owned(), Action::Delete)]
    );
    assert_eq!(
        reason(&removed, "container_group.other"),
        Some(&Reason::NoConfiguration)
    );
}

#[test]
fn drift_is_distinguished_from_change_and_undone() {
    let plan = observed_after(GROUP, |reported| {
        reported.insert("tags".into(), Value::from([("stranger", "here")]));
    });
    assert_eq!(plan.drift().len(), 1);
    assert_eq!(plan.drift()[0].changes[0].path.to_string(), "tags.stranger");
    assert_eq!(reason(&plan, "container_group.web"), Some(&Reason::Drifted));
    let step = plan
        .steps()
        .iter()
        .find(|step| step.action == Action::Update)
        .unwrap();
    assert_eq!(step.changes[0].before, Value::from("here"));
    assert_eq!(step.changes[0].after, Value::Null);
}

#[test]
fn what_the_cloud_omits_or_chose_is_not_drift() {
    let plan = observed_after(GROUP, |reported| {
        reported.remove("az_name");
        reported.remove("eip");
        reported.insert("cpu".into(), Value::from(2));
    });
    assert_eq!(plan.drift(), []);
    assert!(plan.is_empty());
    assert_eq!(plan.refreshed().len(), 1);
}

#[test]
fn a_group_that_ended_or_is_missing_is_created_again() {
    let failed = observed_after(GROUP, |reported| {
        reported.insert("status".into(), Value::from("Failed"));
    });
    assert_eq!(
        actions(&failed),
        [("container_group.web".to_owned(), Action::Replace)]
    );
    let status = "Failed".to_owned();
    assert_eq!(
        reason(&failed, "container_group.web"),
        Some(&Reason::TerminalStatus { status })
    );

    let configuration = configuration(GROUP);
    let first = plan(
        &configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let mut observed = Observations::empty();
    observed.insert(address("container_group.web"), Observation::Missing);
    let deleted = plan(
        &configuration,
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(
        actions(&deleted),
        [("container_group.web".to_owned(), Action::Create)]
    );
    assert_eq!(
        reason(&deleted, "container_group.web"),
        Some(&Reason::Missing)
    );
    assert!(deleted.drift()[0].is_missing);
}

#[test]
fn a_cycle_is_shown_as_the_path_that_closes() {
    let knot = format!("{GROUP}{OTHER}").replace(
        "eip = \"front\"",
        "eip = \"front\"\ndepends_on = [\"container_group.other\"]",
    );
    let error = plan(
        &configuration(&knot),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("container_group.web → container_group.other → container_group.web"),
        "{text}"
    );
}

#[test]
fn what_is_protected_is_neither_replaced_nor_deleted() {
    let protected = format!("{GROUP}\n[container_group.web.lifecycle]\nprevent_destroy = true\n");
    let first = plan(
        &configuration(&protected),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let replaced = configuration(&protected.replace("vpc-1", "vpc-2"));
    let error = plan(
        &replaced,
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap_err()
    .to_string();
    assert!(
        error.contains("prevent_destroy") && error.contains("vpc_id"),
        "{error}"
    );
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    let all = plan(
        &configuration(&protected),
        &state,
        &Observations::empty(),
        &options,
    );
    assert!(all.is_err());
}

#[test]
fn ignored_changes_are_not_changes() {
    let ignoring = format!(
        "{GROUP}\n[container_group.web.lifecycle]\nignore_changes = [\"containers[\\\"nginx\\\"].image\"]\n"
    );
    let plan = change(&ignoring, &ignoring.replace("nginx:1", "nginx:2"));
    assert!(plan.is_empty());
}

#[test]
fn a_secret_is_compared_by_its_digest_and_never_shown() {
    let secret = |text: &str| {
        format!(
            "[variable.token]\nsensitive = true\ndefault = \"{text}\"\n{}",
            GROUP.replace("LEVEL = \"info\"", "TOKEN = '${var.token}'")
        )
    };
    assert!(change(&secret("hush-1"), &secret("hush-1")).is_empty());
    let plan = change(&secret("hush-1"), &secret("hush-2"));
    assert_eq!(
        changed(&plan, "container_group.web"),
        [r#"containers["nginx"].env.TOKEN"#]
    );
    let shown = format!("{plan:?}");
    assert!(!shown.contains("hush-"), "{shown}");
}

#[test]
fn a_missing_resource_is_reported_once_and_a_refresh_removes_it_from_the_state() {
    let configuration = configuration(GROUP);
    let first = plan(
        &configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let mut observed = Observations::empty();
    observed.insert(address("container_group.web"), Observation::Missing);
    let options = PlannerOptions::default().with_mode(Mode::RefreshOnly);
    let plan = plan(&configuration, &state, &observed, &options).unwrap();
    assert_eq!(
        actions(&plan),
        [("container_group.web".to_owned(), Action::Forget)]
    );
    assert_eq!(plan.drift().len(), 1);
}

#[test]
fn a_plan_whose_steps_were_removed_cannot_be_assembled() {
    let mut parts = change("", GROUP).into_parts();
    parts.steps.clear();
    let refused = Plan::assemble(parts).unwrap_err();
    assert!(
        matches!(refused, InvalidPlan::NoSuchStep { task: 0, step: 0 }),
        "{refused}"
    );
}

#[test]
fn tasks_that_wait_for_each_other_are_not_a_plan() {
    let mut parts = change("", GROUP).into_parts();
    parts.tasks[0].depends_on.push(0);
    let refused = Plan::assemble(parts).unwrap_err();
    assert_eq!(refused, InvalidPlan::Cycle { task: 0 });
}

/// As in Terraform, a plan without a refresh goes by what the last one recorded.
#[test]
fn a_plan_that_trusts_the_state_repairs_what_a_refresh_recorded() {
    let configuration = configuration(GROUP);
    let first = plan(
        &configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let web = address("container_group.web");
    let reported = state.resources[&web].observed.clone();
    let mut changed_outside = eci_core::Map::clone(&reported);
    changed_outside.insert("restart_policy".into(), Value::from("Never"));
    let trusting = PlannerOptions::default().with_trusts_state(true);
    let planned = |observed: &eci_core::Map, waits: bool| {
        let mut state = state.clone();
        let group = state.resources.get_mut(&web).unwrap();
        group.observed = observed.clone().into();
        group.ready_by = waits.then(|| "2026-01-01T00:00:00Z".to_owned());
        plan(&configuration, &state, &Observations::empty(), &trusting).unwrap()
    };
    let repaired = planned(&changed_outside, false);
    assert_eq!(
        changed(&repaired, "container_group.web"),
        ["restart_policy"]
    );
    assert_eq!(
        reason(&repaired, "container_group.web"),
        Some(&Reason::Drifted)
    );
    assert!(planned(&reported, false).is_empty());
    // Nor does the answer to a create say what the group is like.
    let answered = eci_core::Map::from_iter([("id".into(), Value::from("container_group-web"))]);
    assert!(planned(&answered, false).is_empty());
    // An observation before a change that is still waited for says nothing about it.
    assert!(planned(&changed_outside, true).is_empty());
}

/// The next plan depends on it.
#[test]
fn a_plan_that_only_records_a_protection_has_changes() {
    let protecting = |protects: bool| {
        let lifecycle = format!("lifecycle = {{ prevent_destroy = {protects} }}\naz_name");
        GROUP.replacen("az_name", &lifecycle, 1)
    };
    let first = plan(
        &configuration(GROUP),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let mut state = done(&first.unwrap(), &empty());
    for (before, after) in [(true, false), (false, true), (true, true)] {
        let web = state.resources.get_mut(&address("container_group.web"));
        web.unwrap().prevent_destroy = before.then_some(true);
        let manifest = configuration(&protecting(after));
        let plan = plan(
            &manifest,
            &state,
            &Observations::empty(),
            &PlannerOptions::default(),
        )
        .unwrap();
        assert!(plan.is_empty());
        assert_eq!(plan.has_changes(), before != after, "{before} {after}");
    }
}
