//! A manifest with a value in each place that may be sensitive, and a cloud that has the requested
//! attributes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use eci_config::Configuration;
use eci_core::schema::{Link, Object, Type};
use eci_core::{Address, Kind, Map, Value};
use eci_planner::{
    Observation, Observations, Plan, PlannerOptions, SavedPlan, SavedPlanInputs, plan,
    redact_observed,
};
use eci_state::{ResourceState, Snapshot};

use super::scene::{self, empty, origin};

/// A secret that no output may contain.
///
/// It begins with a letter, has no upper case, and no other value of the manifests has it in it.
pub(crate) const OLD: &str = "hush-old";
pub(crate) const NEW: &str = "hush-new";

/// A manifest with an attribute of each shape, and `@` where each value goes that may be text.
const MANIFEST: &str = r#"
[container_group.web]
name = "web"
vpc_id = "vpc-1"
vswitch_id = "@"
security_group_id = "@"
az_name = "@"
host_name = "@"
flavor_name = "@"
cpu_architecture = "@"
image_cache_id = "@"
iam_role_name = "@"
als_instance_id = "@"
ep_id = "@"
tags = { owner = "@", app = "web" }
host_aliases = [{ ip = "127.0.0.1", hostnames = ["me", "@"] }]
dns_config = { nameservers = ["1.1.1.1"], searches = ["a", "@"], options = { ndots = "@" } }
image_registry_credentials = [{ server = "r.example", user_name = "@", password = "@" }]
volumes = ["conf", "nas", "zos"]

[[container_group.web.containers]]
name = "app"
image = "r.example/@"
command = ["serve", "@"]
args = ["@"]
working_dir = "/@"
env = { TOKEN = "@", LEVEL = "info" }
ports = [{ port = 8000, name = "@" }]
volume_mounts = [{ volume = "conf", mount_path = "/etc/@" }]
liveness_probe = { exec = ["check", "@"] }
readiness_probe = { http_get = { port = 8000, path = "/@" } }
post_start = ["@"]
pre_stop = ["stop", "@"]

[[container_group.web.init_containers]]
name = "first"
image = "r.example/@"
command = ["@"]
env = { TOKEN = "@" }

[volume.conf]
type = "ConfigFileVolume"
files = [{ path = "a.conf", content = "@" }]

[volume.nas]
type = "NasVolume"
source_path = "10.0.0.2:/@"

[volume.zos]
type = "ZosVolume"
bucket = "@"
url = "http://@"
access_key = "@"
secret_key = "@"

[volume.disk]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 40, kind = "SATA", name = "@", description = "@" }

[eip.front]
name = "@"
bandwidth = 5
"#;

/// Returns the numbers of the places where a value may be sensitive.
pub(crate) fn places() -> impl Iterator<Item = usize> {
    0..MANIFEST.matches('@').count()
}

/// The manifest with a value in one place, taken from a variable that is sensitive or not.
pub(crate) fn manifest(place: usize, secret: &str, sensitive: bool) -> String {
    let text = with(place, "${var.v}");
    // Quotes inside would end the string.
    format!("[variable.v]\ndefault = \"{secret}\"\nsensitive = {sensitive}\n{text}")
}

/// The tables of the manifest with a text in one place.
pub(crate) fn with(place: usize, written: &str) -> String {
    let mut parts = MANIFEST.split('@');
    let mut text = parts.next().unwrap().to_owned();
    for (at, part) in parts.enumerate() {
        text.push_str(if at == place { written } else { "plain" });
        text.push_str(part);
    }
    text
}

pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    /// The resources in the cloud, in clear.
    pub(crate) cloud: Vec<(Address, Map)>,
}

impl World {
    /// After an apply of a manifest.
    pub(crate) fn new(text: &str) -> World {
        let mut world = World {
            snapshot: empty(),
            cloud: Vec::new(),
        };
        let first = plan(
            &scene::configuration(text),
            &empty(),
            &Observations::empty(),
            &PlannerOptions::default(),
        )
        .unwrap();
        world.apply_plan(&first);
        world
    }

    /// Gives the cloud what a plan requests, and records it in the state.
    pub(crate) fn apply_plan(&mut self, plan: &Plan) {
        for step in plan.steps() {
            let Some(desired) = &step.desired else {
                continue;
            };
            let key = self.snapshot.digest_key.clone();
            let kind = step.address.kind();
            let known = scene::resolve(desired);
            let managed = eci_core::kinds::is_standalone(kind, &known);
            let id = managed.then(|| format!("{}-1", step.address.label()));
            let mut clear = revealed(&known);
            let readable = [("status", "Running"), ("intranet_ip", "10.0.0.2")];
            for (name, value) in readable {
                clear.insert(name.into(), Value::from(value));
            }
            choose(&mut clear);
            clear.insert("id".into(), id.as_deref().map_or(Value::Null, Value::from));
            let before = self.snapshot.resources.get(&step.address).cloned();
            let state = before.unwrap_or_default();
            let state = state.with_applied(kind, key.redact_all(&Arc::new(known)));
            let reported = reported(kind, &clear);
            let state = ResourceState {
                id,
                observed: if managed {
                    redact_observed(kind, &state, &Arc::new(reported), &key)
                } else {
                    Arc::default()
                },
                dependencies: step.dependencies.clone(),
                ..state
            };
            self.snapshot.resources.insert(step.address.clone(), state);
            self.cloud.retain(|(address, _)| *address != step.address);
            self.cloud.push((step.address.clone(), clear));
        }
    }

    pub(crate) fn observed(&self) -> Observations {
        let mut observed = Observations::empty();
        for (address, clear) in &self.cloud {
            if self.snapshot.resources[address].id.is_some() {
                let observation = reported(address.kind(), clear);
                observed.insert(address.clone(), Observation::Present(observation.into()));
            }
        }
        observed
    }

    /// The next plan, and all that is shown or stored of it.
    pub(crate) fn plan(&self, text: &str) -> (Plan, String) {
        self.plan_from(text, &self.observed())
    }

    /// The plan from an observation.
    pub(crate) fn plan_from(&self, text: &str, observed: &Observations) -> (Plan, String) {
        let configuration = loaded(text);
        let plan = plan(
            &configuration,
            &self.snapshot,
            observed,
            &PlannerOptions::default(),
        )
        .unwrap_or_else(|problems| panic!("{problems}"));
        let mut shown = format!(
            "{:?}{:?}{:?}",
            plan.drift(),
            plan.refreshed(),
            plan.outputs()
        );
        for step in plan.steps() {
            shown += &format!("{:?}{:?}{:?}", step.state, step.changes, step.planned);
        }
        shown += &self.saved(&plan, &configuration, observed);
        (plan, shown)
    }

    /// The document of a saved plan.
    pub(crate) fn saved(
        &self,
        plan: &Plan,
        configuration: &Configuration,
        observed: &Observations,
    ) -> String {
        let variables = eci_config::Variables::default();
        let inputs = SavedPlanInputs {
            configuration,
            variables: &variables,
            snapshot: &self.snapshot,
            observed,
        };
        let saved = SavedPlan::new(plan, inputs, origin());
        saved.to_document().unwrap()
    }
}

thread_local! {
    static LOADED: RefCell<HashMap<String, Rc<Configuration>>> = RefCell::default();
}

/// A configuration, read once.
fn loaded(text: &str) -> Rc<Configuration> {
    LOADED.with_borrow_mut(|loaded| {
        let configuration = loaded.get(text).cloned();
        configuration.unwrap_or_else(|| {
            let configuration = Rc::new(scene::configuration(text));
            loaded.insert(text.to_owned(), Rc::clone(&configuration));
            configuration
        })
    })
}

/// Adds what the cloud chooses where nothing was requested.
fn choose(clear: &mut Map) {
    for name in ["containers", "init_containers"] {
        let Some(Value::List(items)) = clear.get_mut(name) else {
            continue;
        };
        for item in Arc::make_mut(items) {
            if let Value::Map(entries) = item {
                let entries = Arc::make_mut(entries);
                let chosen = || Value::from("IfNotPresent");
                entries
                    .entry("image_pull_policy".into())
                    .or_insert_with(chosen);
            }
        }
    }
}

/// A table without marks.
fn revealed(map: &Map) -> Map {
    let entries = map.iter();
    entries
        .map(|(name, value)| (name.clone(), clear(value)))
        .collect()
}

fn clear(value: &Value) -> Value {
    match value.reveal().0 {
        Value::List(items) => Value::list(items.iter().map(clear).collect()),
        Value::Map(entries) => Value::map(revealed(entries)),
        other => other.clone(),
    }
}

/// Returns the attributes as a cloud reports them.
fn reported(kind: Kind, clear: &Map) -> Map {
    table(kind.schema(), clear, kind != Kind::ContainerGroup)
}

fn table(object: &'static Object, clear: &Map, own: bool) -> Map {
    let mut result = Map::new();
    for (name, value) in clear {
        let Some(field) = object.field(name, clear) else {
            continue;
        };
        let place = if own {
            field.service_response_path
        } else {
            field.response_path
        };
        if place.is_none() {
            continue;
        }
        result.insert(name.clone(), reported_value(&field.ty, value));
    }
    result
}

fn reported_value(ty: &'static Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Object(object), Value::Map(entries)) => Value::map(table(object, entries, false)),
        (Type::Objects(object, _), Value::List(items)) => reported_items(object, items),
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => {
            reported_items(kind.schema(), items)
        }
        (_, value) => value.clone(),
    }
}

fn reported_items(object: &'static Object, items: &[Value]) -> Value {
    let items = items.iter().map(|item| match item {
        Value::Map(entries) => Value::map(table(object, entries, false)),
        other => other.clone(),
    });
    Value::list(items.collect())
}

pub(crate) fn assert_hidden(shown: &str, secret: &str, what: &str) {
    if let Some(at) = shown.find(secret) {
        let begin = at.saturating_sub(300);
        let begin = (begin..at)
            .find(|at| shown.is_char_boundary(*at))
            .unwrap_or(at);
        panic!("{what}: …{}", &shown[begin..at + secret.len()]);
    }
}

/// Records what the run of a plan records that changes nothing.
pub(crate) fn record(snapshot: &mut Snapshot, plan: &Plan) {
    for refreshed in plan.refreshed() {
        let state = snapshot.resources.get_mut(&refreshed.address).unwrap();
        if let Some(applied) = &refreshed.applied {
            *state = state.with_applied(refreshed.address.kind(), applied.clone());
        }
        state.observed = refreshed.observed.clone();
    }
}
