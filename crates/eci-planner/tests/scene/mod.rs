//! Manifests, states and observations to plan from.
#![allow(unreachable_pub, dead_code)]

use std::sync::Arc;

use eci_config::Configuration;
use eci_core::{Address, DigestKey, Lineage, Map, OperationTag, Value};
use eci_planner::saved::PlanOrigin;
use eci_planner::{Action, Observation, Observations, Plan, PlannerOptions, Reason, plan};
use eci_state::{IntentId, IntentKind, OpenIntent, ResourceState, Snapshot};
use jiff::Timestamp;

pub const GROUP: &str = r#"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
eip = "front"
[[container_group.web.containers]]
name = "nginx"
image = "nginx:1"
env = { LEVEL = "info" }
volume_mounts = [{ volume = "conf", mount_path = "/etc/conf" }]

[eip.front]
auto = true

[volume.conf]
type = "ConfigFileVolume"
files = [{ path = "a.conf", content = "one" }]
"#;

pub const OTHER: &str = r#"
[container_group.other]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
[[container_group.other.containers]]
name = "app"
image = "app:1"
env = { WEB = 'http://${container_group.web.intranet_ip}/' }
"#;

pub fn configuration(manifest: &str) -> Configuration {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    eci_config::load(directory.path(), &Default::default()).unwrap()
}

pub fn empty() -> Snapshot {
    Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]))
}

/// Returns the cloud and the time of saved plans.
pub fn origin() -> PlanOrigin {
    PlanOrigin {
        is_sandbox: false,
        cloud: "region r-1".to_owned(),
        created: Timestamp::UNIX_EPOCH,
    }
}

pub fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A create whose outcome is unknown.
pub fn pending_create(at: &str) -> OpenIntent {
    OpenIntent {
        intent: IntentId::new(1),
        address: address(at),
        kind: IntentKind::Create {
            operation: OperationTag::from_recorded("l.1"),
            planned: Box::default(),
            listed: Vec::new(),
        },
        id: None,
        started_at: String::new(),
        token: None,
        order: None,
        triggers: Vec::new(),
    }
}

/// The state after a plan was done, with what a cloud would have added.
pub fn done(plan: &Plan, before: &Snapshot) -> Snapshot {
    let mut after = empty();
    after.digest_key = before.digest_key.clone();
    for step in plan.steps() {
        let Some(desired) = &step.desired else {
            continue;
        };
        let known = resolve(desired);
        let applied: Map = known
            .iter()
            .map(|(name, value)| (name.clone(), after.digest_key.redact(value)))
            .collect();
        let mut observed = applied.clone();
        let id = step.address.to_string().replace('.', "-");
        for (name, value) in [
            ("id", id.as_str()),
            ("status", "Running"),
            ("intranet_ip", "10.0.0.2"),
        ] {
            observed.insert(name.into(), Value::from(value));
        }
        let kind = step.address.kind();
        let is_managed = eci_core::kinds::is_standalone(kind, desired);
        let group = kind == eci_core::Kind::ContainerGroup;
        if is_managed && !group {
            // What groups have in place of what was not known.
            observed.insert("id".into(), Value::from("http://10.0.0.2/"));
            observed.insert("status".into(), Value::from("free"));
            observed.insert("address".into(), Value::from("http://10.0.0.2/"));
        }
        let state = ResourceState {
            id: if group {
                Some(id)
            } else {
                is_managed.then(|| "http://10.0.0.2/".to_owned())
            },
            observed: Arc::new(if is_managed { observed } else { Map::new() }),
            applied: Arc::new(applied),
            dependencies: step.dependencies.clone(),
            prevent_destroy: step.protection_after(),
            ..ResourceState::default()
        };
        after.resources.insert(step.address.clone(), state);
    }
    after
}

/// Replaces unknown values by an address.
pub fn resolve(map: &Map) -> Map {
    let resolved = map
        .iter()
        .map(|(name, value)| (name.clone(), resolved(value)));
    resolved.collect()
}

fn resolved(value: &Value) -> Value {
    match value {
        Value::Unknown => Value::from("http://10.0.0.2/"),
        Value::List(items) => Value::list(items.iter().map(resolved).collect()),
        Value::Map(entries) => Value::map(resolve(entries)),
        other => other.clone(),
    }
}

pub fn actions(plan: &Plan) -> Vec<(String, Action)> {
    let steps = plan.steps().iter().filter(|step| step.action.is_change());
    steps
        .map(|step| (step.address.to_string(), step.action))
        .collect()
}

pub fn reason<'a>(plan: &'a Plan, of: &str) -> Option<&'a Reason> {
    let of = address(of);
    let step = plan.steps().iter().find(|step| step.address == of).unwrap();
    step.reason.as_ref()
}

pub fn changed(plan: &Plan, of: &str) -> Vec<String> {
    let of = address(of);
    let step = plan.steps().iter().find(|step| step.address == of).unwrap();
    step.changes
        .iter()
        .map(|change| change.path.to_string())
        .collect()
}

/// Returns the plan from `before` to `after`, where the actual state is the desired one of
/// `before`.
pub fn change(before: &str, after: &str) -> Plan {
    let first = plan(
        &configuration(before),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    plan(
        &configuration(after),
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap()
}

pub fn observed_after(manifest: &str, edit: impl FnOnce(&mut Map)) -> Plan {
    let configuration = configuration(manifest);
    let first = plan(
        &configuration,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let web = address("container_group.web");
    let mut reported = Map::clone(&state.resources[&web].observed);
    edit(&mut reported);
    let mut observed = Observations::empty();
    observed.insert(web, Observation::Present(reported.into()));
    plan(
        &configuration,
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap()
}
