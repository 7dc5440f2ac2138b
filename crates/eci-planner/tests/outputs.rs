//! Outputs in plans: what they are computed from, and how a failed one is reported.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::{Map, Value, codes};
use eci_planner::{Mode, Observation, Observations, OutputChange, Plan, PlannerOptions, plan};
use eci_state::{OutputState, Snapshot};

use scene::{address, configuration, done, empty};

const WEB: &str = "[container_group.web]\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
    security_group_id = \"g\"\naz_name = \"z\"\ncontainers = [{ name = \"a\", image = \"i:1\" }]\n";
const IP: &str = "[output.ip]\nvalue = '${container_group.web.intranet_ip}'\n";

fn applied(manifest: &str, ip: &str) -> Snapshot {
    let first = plan(
        &configuration(manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let mut state = done(&first, &empty());
    let ip = OutputState {
        value: Value::from(ip),
        sensitive: false,
    };
    state.outputs.insert("ip".to_owned(), ip);
    state
}

fn refreshed(manifest: &str, state: &Snapshot, observed: &Observations) -> Plan {
    let options = PlannerOptions::default().with_mode(Mode::RefreshOnly);
    plan(&configuration(manifest), state, observed, &options).unwrap()
}

fn displayed(plan: &Plan) -> Vec<(&str, &Value)> {
    let displayed = plan.outputs().iter().filter(|it| it.is_displayed());
    displayed.map(|it| (it.name.as_str(), &it.after)).collect()
}

#[test]
fn a_refresh_computes_outputs_from_what_it_records() {
    let manifest = WEB.to_owned() + IP;
    let state = applied(&manifest, "10.0.0.2");
    let web = address("container_group.web");
    let mut reported = Map::clone(&state.resources[&web].observed);
    reported.insert("intranet_ip".into(), Value::from("10.0.0.9"));
    let mut observed = Observations::empty();
    observed.insert(web, Observation::Present(reported.into()));
    let plan = refreshed(&manifest, &state, &observed);
    assert_eq!(displayed(&plan), [("ip", &Value::from("10.0.0.9"))]);
}

/// A refresh creates nothing: whatever is missing remains so, night after night.
#[test]
fn a_refresh_leaves_the_output_of_what_is_missing_alone() {
    let manifest = WEB.to_owned() + IP + "[output.new]\nvalue = '${container_group.web.id}'\n";
    let mut state = applied(&manifest, "10.0.0.2");
    let web = address("container_group.web");
    let mut observed = Observations::empty();
    observed.insert(web.clone(), Observation::Missing);
    assert_eq!(displayed(&refreshed(&manifest, &state, &observed)), []);
    state.resources.remove(&web);
    let plan = refreshed(&manifest, &state, &Observations::empty());
    assert!(plan.is_empty() && plan.is_idle());
}

#[test]
fn an_output_that_fails_remains_to_be_done() {
    let fails = WEB.to_owned() + "[output.ip]\nvalue = '${tonumber(container_group.web.id)}'\n";
    let state = applied(&fails, "10.0.0.2");
    for plan in [
        plan(
            &configuration(&fails),
            &state,
            &Observations::empty(),
            &PlannerOptions::default(),
        )
        .unwrap(),
        refreshed(&fails, &state, &Observations::empty()),
    ] {
        assert!(!plan.is_empty() && !plan.is_idle());
        let [
            OutputChange {
                failed, changed, ..
            },
        ] = plan.outputs()
        else {
            panic!("{:?}", plan.outputs());
        };
        assert!(*failed && !changed);
    }
}

/// What an expression catches, or what only makes an output fail, would be planned as if it were so.
#[test]
fn nothing_is_planned_once_expressions_take_too_much() {
    let heads: String = (0..9)
        .map(|at| format!("[for x{at} in split(\"\", container_group.web.intranet_ip) : "))
        .collect();
    let value = format!("can({heads}1{})", "]".repeat(9));
    let manifest = format!("{WEB}[output.o]\nvalue = '${{{value}}}'\n");
    let configuration = configuration(&manifest);
    let first = plan(
        &configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let problems = plan(
        &configuration,
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap_err();
    let found: Vec<_> = problems.0.iter().map(|it| it.code).collect();
    assert_eq!(found, [codes::TOO_MUCH]);
    // It stays so.
    plan(
        &configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap_err();
}
