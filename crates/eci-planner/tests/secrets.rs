//! No secret is shown or stored, wherever in a resource it stands: every attribute of every
//! kind is taken in turn, by the descriptions of the fields.
#![allow(clippy::unwrap_used)]

mod scene;

use std::sync::Arc;

use eci_core::schema::{Link, Object, Type, secret_paths};
use eci_core::{Address, DigestKey, Kind, Map, Path, Value};
use eci_planner::{Action, Observation, Observed, Plan, SavedPlan, plan, sealed};
use eci_state::{OutputState, ResourceState, Snapshot};

use scene::{address, empty};

/// What no output may have in it. It begins with a letter, has no upper case, and no other
/// value of the manifests has it in it.
const OLD: &str = "hush-old";
const NEW: &str = "hush-new";

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

/// The numbers of the places where something may be sensitive.
fn places() -> impl Iterator<Item = usize> {
    0..MANIFEST.matches('@').count()
}

/// The manifest with a value in one place, taken from a variable that is sensitive or not.
fn manifest(place: usize, secret: &str, sensitive: bool) -> String {
    let mut parts = MANIFEST.split('@');
    let mut text = parts.next().unwrap().to_owned();
    for (at, part) in parts.enumerate() {
        text.push_str(if at == place { "${var.v}" } else { "plain" });
        text.push_str(part);
    }
    // Quotes of its own would end the string.
    format!("[variable.v]\ndefault = \"{secret}\"\nsensitive = {sensitive}\n{text}")
}

struct World {
    snapshot: Snapshot,
    /// What the cloud has, in clear.
    cloud: Vec<(Address, Map)>,
}

impl World {
    /// After an apply of a manifest.
    fn new(text: &str) -> World {
        let mut world = World {
            snapshot: empty(),
            cloud: Vec::new(),
        };
        let first = plan(&scene::configuration(text), &empty(), &Observed::nothing()).unwrap();
        world.made(&first);
        world
    }

    /// The cloud has what a plan asks for, and the state records it.
    fn made(&mut self, plan: &Plan) {
        for step in plan.steps() {
            let Some(desired) = &step.desired else {
                continue;
            };
            let key = self.snapshot.digest_key.clone();
            let kind = step.address.kind();
            let known = scene::settle(desired);
            let managed = eci_core::kinds::is_managed(kind, &known);
            let id = managed.then(|| format!("{}-1", step.address.label()));
            let mut clear = revealed(&known);
            let readable = [("status", "Running"), ("intranet_ip", "10.0.0.2")];
            for (name, value) in readable {
                clear.insert(name.into(), Value::from(value));
            }
            clear.insert("id".into(), id.as_deref().map_or(Value::Null, Value::from));
            let before = self.snapshot.resources.get(&step.address).cloned();
            let state = before.unwrap_or_default();
            let state = state.with_applied(kind, key.redact_all(&Arc::new(known)));
            let reported = reported(kind, &clear);
            let state = ResourceState {
                id,
                observed: match managed {
                    true => sealed(kind, &state, &Arc::new(reported), &key),
                    false => Arc::default(),
                },
                dependencies: step.needs.clone(),
                ..state
            };
            self.snapshot.resources.insert(step.address.clone(), state);
            self.cloud.retain(|(address, _)| *address != step.address);
            self.cloud.push((step.address.clone(), clear));
        }
    }

    fn observed(&self) -> Observed {
        let mut observed = Observed::nothing();
        for (address, clear) in &self.cloud {
            if self.snapshot.resources[address].id.is_some() {
                let seen = reported(address.kind(), clear);
                observed.insert(address.clone(), Observation::Seen(seen.into()));
            }
        }
        observed
    }

    /// The next plan, and all that is shown or stored of it.
    fn plan(&self, text: &str) -> (Plan, String) {
        let configuration = scene::configuration(text);
        let observed = self.observed();
        let plan = plan(&configuration, &self.snapshot, &observed)
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
        let variables = eci_config::Variables::default();
        let from = (&configuration, &variables);
        let saved = SavedPlan::new(&plan, from, (&self.snapshot, &observed), "cloud");
        shown += &saved.to_document().unwrap();
        (plan, shown)
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

/// What a cloud reports of attributes.
fn reported(kind: Kind, clear: &Map) -> Map {
    table(kind.schema(), clear, kind != Kind::ContainerGroup)
}

fn table(object: &'static Object, clear: &Map, own: bool) -> Map {
    let mut told = Map::new();
    for (name, value) in clear {
        let Some(field) = object.field(name, clear) else {
            continue;
        };
        let place = if own {
            field.own_reported
        } else {
            field.reported
        };
        if place.is_none() {
            continue;
        }
        told.insert(name.clone(), told_value(&field.ty, value));
    }
    told
}

fn told_value(ty: &'static Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Object(object), Value::Map(entries)) => Value::map(table(object, entries, false)),
        (Type::Objects(object, _), Value::List(items)) => told_items(object, items),
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => {
            told_items(kind.schema(), items)
        }
        (_, value) => value.clone(),
    }
}

fn told_items(object: &'static Object, items: &[Value]) -> Value {
    let items = items.iter().map(|item| match item {
        Value::Map(entries) => Value::map(table(object, entries, false)),
        other => other.clone(),
    });
    Value::list(items.collect())
}

fn assert_hidden(shown: &str, secret: &str, what: &str) {
    if let Some(at) = shown.find(secret) {
        let begin = at.saturating_sub(300);
        let begin = (begin..at)
            .find(|at| shown.is_char_boundary(*at))
            .unwrap_or(at);
        panic!("{what}: …{}", &shown[begin..at + secret.len()]);
    }
}

#[test]
fn marking_a_value_as_sensitive_is_no_change_and_hides_it_from_then_on() {
    for place in places() {
        let mut world = World::new(&manifest(place, OLD, false));
        let marked = manifest(place, OLD, true);
        let (first, shown) = world.plan(&marked);
        let what = format!("place {place}");
        assert_eq!(scene::actions(&first), [], "{what}");
        assert_hidden(&shown, OLD, &what);
        record(&mut world.snapshot, &first);
        let stored = format!("{:?}", world.snapshot.resources);
        assert_hidden(&stored, OLD, &what);
        let (second, _) = world.plan(&marked);
        assert!(
            second.refreshed().is_empty(),
            "{what}: {:?}",
            second.refreshed()
        );

        // No longer sensitive: shown once that is on record. A password always is.
        let plain = manifest(place, OLD, false);
        if !format!("{:?}", World::new(&plain).snapshot.resources).contains(OLD) {
            continue;
        }
        let (third, shown) = world.plan(&plain);
        assert_eq!(scene::actions(&third), [], "{what}");
        let changes = shown.contains(&format!("before: \"{OLD}"));
        assert!(!changes, "{what}");
        record(&mut world.snapshot, &third);
        let stored = format!("{:?}", world.snapshot.resources);
        assert!(stored.contains(OLD), "{what}");
        let (fourth, _) = world.plan(&plain);
        assert!(
            fourth.refreshed().is_empty(),
            "{what}: {:?}",
            fourth.refreshed()
        );
    }
}

#[test]
fn an_output_is_hidden_in_the_plan_that_marks_it_and_in_the_one_that_no_longer_does() {
    let manifest = |sensitive: bool| {
        format!("[output.word]\nvalue = '${{lower(\"{OLD}\")}}'\nsensitive = {sensitive}\n")
    };
    for marked in [true, false] {
        let mut world = World::new(&manifest(!marked));
        let word = Value::from(OLD);
        let recorded = match marked {
            true => word,
            false => world.snapshot.digest_key.redact(&word.into_sensitive()),
        };
        let output = OutputState {
            value: recorded,
            sensitive: !marked,
        };
        world.snapshot.outputs.insert("word".to_owned(), output);
        let (plan, shown) = world.plan(&manifest(marked));
        assert_hidden(&shown, OLD, &format!("marked: {marked}"));
        let [word] = plan.outputs() else {
            panic!("{:?}", plan.outputs());
        };
        assert!(word.changed && word.sensitive == marked, "{word:?}");
        assert!(word.before.has_sensitive() && word.after.has_sensitive());
    }
}

/// What the run of a plan that changes nothing records.
fn record(snapshot: &mut Snapshot, plan: &Plan) {
    for refreshed in plan.refreshed() {
        let state = snapshot.resources.get_mut(&refreshed.address).unwrap();
        if let Some(applied) = &refreshed.applied {
            *state = state.with_applied(refreshed.address.kind(), applied.clone());
        }
        state.observed = refreshed.observed.clone();
    }
}

#[test]
fn marking_a_value_and_changing_it_at_once_hides_both() {
    for place in places() {
        let world = World::new(&manifest(place, OLD, false));
        let (plan, shown) = world.plan(&manifest(place, NEW, true));
        let what = format!("place {place}");
        assert_ne!(scene::actions(&plan), [], "{what}");
        assert_hidden(&shown, NEW, &what);
        assert_hidden(&shown, OLD, &what);
    }
}

#[test]
fn a_secret_that_an_update_of_unknown_outcome_added_stays_hidden() {
    for place in places() {
        let plain = manifest(place, "plain", false);
        let mut world = World::new(&plain);
        let (update, _) = world.plan(&manifest(place, OLD, true));
        // Only what the journal says before the calls is on record.
        let mut after = World {
            snapshot: world.snapshot.clone(),
            cloud: Vec::new(),
        };
        after.made(&update);
        world.cloud = after.cloud;
        for step in update
            .steps()
            .iter()
            .filter(|step| step.action == Action::Update)
        {
            let kind = step.address.kind();
            let desired = world
                .snapshot
                .digest_key
                .redact_all(step.desired.as_ref().unwrap());
            let state = world.snapshot.resources.get_mut(&step.address).unwrap();
            state
                .sensitive
                .extend(secret_paths(kind.schema(), &desired));
        }
        if update
            .steps()
            .iter()
            .any(|step| step.action == Action::Replace)
        {
            continue;
        }
        let (next, shown) = world.plan(&plain);
        assert_hidden(&shown, OLD, &format!("place {place}"));
        record(&mut world.snapshot, &next);
        let stored = format!("{:?}", world.snapshot.resources);
        assert_hidden(&stored, OLD, &format!("place {place}"));
    }
}

#[test]
fn a_secret_that_was_removed_stays_hidden_in_a_stale_read() {
    for place in places() {
        let mut world = World::new(&manifest(place, OLD, true));
        let plain = manifest(place, "plain", false);
        let (update, _) = world.plan(&plain);
        if update
            .steps()
            .iter()
            .any(|step| step.action == Action::Replace)
        {
            continue;
        }
        let stale = world.cloud.clone();
        world.made(&update);
        let fresh = world.cloud.clone();
        let (_, shown) = world.plan(&plain);
        assert_hidden(&shown, OLD, &format!("place {place}"));
        world.cloud = stale;
        let (next, shown) = world.plan(&plain);
        assert_hidden(&shown, OLD, &format!("place {place}, stale"));
        record(&mut world.snapshot, &next);
        let stored = format!("{:?}", world.snapshot.resources);
        assert_hidden(&stored, OLD, &format!("place {place}, stale"));
        world.cloud = fresh;
        let (last, _) = world.plan(&plain);
        assert_eq!(scene::actions(&last), [], "place {place}");
    }
}

#[test]
fn an_ignored_secret_is_neither_changed_nor_lost_when_the_rest_changes() {
    let group = |secret: &str, image: &str| {
        format!(
            r#"
[variable.v]
default = "{secret}"
sensitive = true
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "s"
security_group_id = "sg"
az_name = "z"
tags = {{ owner = '${{var.v}}', app = "{image}" }}
lifecycle = {{ ignore_changes = ["tags.owner", 'containers[0].env.TOKEN'] }}
[[container_group.web.containers]]
name = "app"
image = "{image}"
env = {{ TOKEN = '${{var.v}}' }}
"#
        )
    };
    let mut world = World::new(&group(OLD, "a:1"));
    let (update, shown) = world.plan(&group(NEW, "a:2"));
    assert_hidden(&shown, OLD, "old");
    assert_hidden(&shown, NEW, "new");
    let paths = scene::changed(&update, "container_group.web");
    assert_eq!(paths, ["tags.app", r#"containers["app"].image"#]);
    let desired = update.steps()[0].desired.clone().unwrap();
    let owner = desired[&"tags".into()].get("owner").unwrap();
    // What the cloud has is sent along, as the secret that it is.
    assert_eq!(*owner, Value::from(OLD).into_sensitive());
    world.made(&update);
    let stored = format!("{:?}", world.snapshot.resources);
    assert_hidden(&stored, OLD, "stored");
    let (next, _) = world.plan(&group(NEW, "a:2"));
    assert!(next.is_idle());
}

#[test]
fn an_ignored_secret_that_the_cloud_does_not_report_cannot_be_sent_along() {
    let group = |password: &str, user: &str, cpu: &str| {
        format!(
            r#"
[variable.v]
default = "{password}"
sensitive = true
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "s"
security_group_id = "sg"
az_name = "z"
cpu = {cpu}
memory = 4
image_registry_credentials = [{{ server = "r.example", user_name = "{user}", password = '${{var.v}}' }}]
lifecycle = {{ ignore_changes = ['image_registry_credentials["r.example"].password'] }}
[[container_group.web.containers]]
name = "app"
image = "r.example/app:1"
"#
        )
    };
    let world = World::new(&group(OLD, "u", "2"));
    let (same, _) = world.plan(&group(NEW, "u", "2"));
    assert!(same.is_idle());
    // The same value can be sent.
    let (update, _) = world.plan(&group(OLD, "other", "2"));
    assert_eq!(update.steps()[0].action, Action::Update);
    let configuration = scene::configuration(&group(NEW, "other", "2"));
    let told = plan(&configuration, &world.snapshot, &world.observed()).unwrap_err();
    let told = told.to_string();
    assert!(
        told.contains("E1103") || told.contains("only its digest"),
        "{told}"
    );
    // A replacement sends everything: the manifest's value, and the plan says so.
    let (replacement, _) = world.plan(&group(NEW, "u", "4"));
    assert_eq!(replacement.steps()[0].action, Action::Replace);
    let paths = scene::changed(&replacement, "container_group.web");
    assert!(
        paths.iter().any(|path| path.contains("password")),
        "{paths:?}"
    );
}

#[test]
fn what_a_digest_stands_for_is_known_only_with_the_key() {
    let other = DigestKey::new([9; 32]);
    let world = World::new(&manifest(0, OLD, true));
    let web = &world.snapshot.resources[&address("container_group.web")];
    let digest = &web.applied[&"vswitch_id".into()];
    assert_ne!(*digest, other.redact(&Value::from(OLD).into_sensitive()));
    let paths = secret_paths(Kind::ContainerGroup.schema(), &web.applied);
    assert!(paths.contains(&Path::root().name("vswitch_id")));
}
