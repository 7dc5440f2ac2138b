//! Automatic EIPs that a manifest declares as existing by their ids.
#![allow(clippy::unwrap_used)]

mod scene;

use std::sync::Arc;

use eci_core::{Diagnostics, Map, Value};
use eci_planner::{Attachable, Mode, Observation, Observations, Plan, PlannerOptions, plan};
use eci_state::Snapshot;
use scene::{actions, address, configuration, done, empty};

const PUBLIC: &str = "203.0.113.5";

fn groups(web: &str, other: &str) -> String {
    let group = |label: &str, more: &str| {
        format!(
            "[container_group.{label}]\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
             security_group_id = \"g\"\naz_name = \"z\"\n{more}\n\
             containers = [{{ name = \"main\", image = \"i:1\" }}]\n"
        )
    };
    group("web", web) + &group("other", other)
}

/// The group `web` has an automatic EIP.
fn created() -> Snapshot {
    let manifest = groups("eip = \"front\"", "") + "[eip.front]\nauto = true\n";
    let first = plan(
        &configuration(&manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    let mut state = done(&first.unwrap(), &empty());
    let web = state.resources.get_mut(&address("container_group.web"));
    let web = web.unwrap();
    let mut observed = Map::clone(&web.observed);
    observed.insert("internet_ip".into(), Value::from(PUBLIC));
    web.observed = Arc::new(observed);
    state
}

/// Returns an observation in which the EIP `eip-1` was read, and `web` has this public IP address.
fn observation(state: &Snapshot, public: &str, holder: Option<&str>) -> Observations {
    let mut observed = Observations::empty();
    for (address, state) in &state.resources {
        if state.id.is_none() {
            continue;
        }
        let mut attributes = Map::clone(&state.observed);
        if *address == scene::address("container_group.web") {
            attributes.insert("internet_ip".into(), Value::from(public));
        }
        observed.insert(address.clone(), Observation::Present(attributes.into()));
    }
    observed.insert_eip_address("eip-1", PUBLIC);
    observed.hold(Attachable::Eip("eip-1".into()), holder.map(str::to_owned));
    observed
}

fn planned(manifest: &str, options: &PlannerOptions) -> Result<Plan, Diagnostics> {
    let state = created();
    let observed = observation(&state, PUBLIC, Some("container_group-web"));
    plan(&configuration(manifest), &state, &observed, options)
}

const EXISTING: &str = "[eip.front]\nid = \"eip-1\"\n";

#[test]
fn no_group_keeps_an_automatic_eip_by_its_id() {
    for (web, other, help) in [
        ("eip = \"front\"", "", "set `auto = true`"),
        ("", "eip = \"front\"", "remove eip.front"),
        ("", "", "remove eip.front"),
    ] {
        let manifest = groups(web, other) + EXISTING;
        let message = planned(&manifest, &PlannerOptions::default()).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("cannot keep EIP eip-1"), "{message}");
        assert!(
            message.contains("automatic EIP of container_group.web"),
            "{message}"
        );
        assert!(message.contains(help), "{message}");
    }
}

#[test]
fn it_is_refused_where_only_the_group_is_planned() {
    let manifest = groups("", "eip = \"front\"") + EXISTING;
    let options =
        |target: &str| PlannerOptions::default().with_targets(vec![target.parse().unwrap()]);
    assert!(planned(&manifest, &options("container_group.web")).is_err());
    let manifest = groups("eip = \"auto\"", "") + EXISTING + "[eip.auto]\nauto = true\n";
    let other = planned(&manifest, &options("container_group.other"));
    assert_eq!(actions(&other.unwrap()), []);
}

#[test]
fn a_destroy_releases_nothing_that_is_declared_as_existing() {
    let manifest = groups("eip = \"front\"", "") + EXISTING;
    let destroy = |exclude: &[&str]| {
        PlannerOptions::default()
            .with_mode(Mode::Destroy)
            .with_exclude(exclude.iter().map(|it| it.parse().unwrap()).collect())
    };
    let message = planned(&manifest, &destroy(&[])).unwrap_err().to_string();
    assert!(message.contains("would be released"), "{message}");
    let rest = planned(&manifest, &destroy(&["container_group.web"]));
    assert_eq!(rest.unwrap().released_with_groups().count(), 0);
    let all = planned(&groups("", ""), &destroy(&[])).unwrap();
    let released = all.released_with_groups();
    let released: Vec<_> = released
        .map(|(step, public)| (step.address.to_string(), public))
        .collect();
    assert_eq!(released, [("container_group.web".to_owned(), Some(PUBLIC))]);
}

#[test]
fn an_eip_that_the_group_no_longer_has_can_be_given_to_another_one() {
    let state = created();
    let manifest = groups("", "eip = \"front\"") + EXISTING;
    let observed = observation(&state, "203.0.113.9", None);
    assert!(
        plan(
            &configuration(&manifest),
            &state,
            &observed,
            &PlannerOptions::default()
        )
        .is_ok()
    );
}

#[test]
fn an_automatic_eip_that_is_read_is_not_drift() {
    let state = created();
    let manifest = groups("eip = \"front\"", "") + "[eip.front]\nauto = true\n";
    let observed = observation(&state, PUBLIC, Some("container_group-web"));
    let plan = plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_eq!(actions(&plan), []);
    assert!(plan.drift().is_empty());
    assert_eq!(plan.released_with_groups().count(), 0);
}
