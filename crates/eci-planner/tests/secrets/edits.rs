//! Changes made in the console next to secrets: each list and table of a group gets an element,
//! loses one, and has one renamed.

use std::sync::Arc;

use eci_core::schema::{Link, Object, Type};
use eci_core::{Map, Value};
use eci_planner::{Action, Plan};

use super::scene::{self, address};
use super::world::{OLD, World, assert_hidden, manifest, places, record};

/// Every edit of one list or table somewhere in a resource, with what it is called.
fn edits(object: &'static Object, clear: &Map) -> Vec<(String, Map)> {
    let mut edits = Vec::new();
    for (name, value) in clear {
        let Some(field) = object.field(name, clear) else {
            continue;
        };
        for (what, edited) in of_value(&field.ty, value) {
            let mut whole = clear.clone();
            whole.insert(name.clone(), edited);
            edits.push((format!("{name} {what}"), whole));
        }
    }
    edits
}

fn of_value(ty: &'static Type, value: &Value) -> Vec<(String, Value)> {
    match (ty, value) {
        (Type::Object(object), Value::Map(entries)) => {
            let edits = edits(object, entries).into_iter();
            edits.map(|(what, map)| (what, Value::map(map))).collect()
        }
        (Type::Objects(object, keys), Value::List(items)) => of_list(object, keys, items),
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => {
            of_list(kind.schema(), &["name"], items)
        }
        (Type::Table(..), Value::Map(entries)) => of_table(entries),
        (Type::List(_), Value::List(items)) => {
            let mut longer = items.clone();
            Arc::make_mut(&mut longer).push(Value::from("more"));
            vec![("longer".to_owned(), Value::List(longer))]
        }
        _ => Vec::new(),
    }
}

fn of_list(object: &'static Object, keys: &[&str], items: &[Value]) -> Vec<(String, Value)> {
    let Some(Value::Map(first)) = items.first() else {
        return Vec::new();
    };
    let mut other = Map::clone(first);
    let key = keys[0].into();
    let renamed = match &other[&key] {
        Value::Number(_) => Value::from(4040),
        _ => Value::from("other"),
    };
    other.insert(key, renamed);
    let other = Value::map(other);
    let mut edits: Vec<(String, Vec<Value>)> = Vec::new();
    let rest = || items[1..].iter().cloned();
    edits.push((
        "added".to_owned(),
        items.iter().cloned().chain([other.clone()]).collect(),
    ));
    edits.push((
        "renamed".to_owned(),
        [other].into_iter().chain(rest()).collect(),
    ));
    edits.push(("removed".to_owned(), rest().collect()));
    for (what, map) in self::edits(object, first) {
        edits.push((what, [Value::map(map)].into_iter().chain(rest()).collect()));
    }
    let edits = edits.into_iter();
    edits
        .map(|(what, items)| (what, Value::list(items)))
        .collect()
}

fn of_table(entries: &Map) -> Vec<(String, Value)> {
    let Some((key, value)) = entries.iter().next() else {
        return Vec::new();
    };
    let mut added = entries.clone();
    added.insert("OTHER".into(), value.clone());
    let mut removed = entries.clone();
    removed.remove(key);
    let mut renamed = added.clone();
    renamed.remove(key);
    [("added", added), ("removed", removed), ("renamed", renamed)]
        .map(|(what, map)| (what.to_owned(), Value::map(map)))
        .into()
}

/// The next plan, of which the secret may not be shown.
fn planned(world: &World, text: &str, what: &str) -> Plan {
    let (plan, shown) = world.plan(text);
    assert_hidden(&shown, OLD, what);
    plan
}

impl World {
    /// Checks that the next plans have no changes, and the second of them nothing to record.
    fn assert_no_changes(&mut self, text: &str, what: &str) {
        for round in 0..2 {
            let plan = planned(self, text, what);
            let changed = || scene::changed(&plan, "container_group.web");
            assert_eq!(scene::actions(&plan), [], "{what}: {:?}", changed());
            assert!(round == 0 || plan.refreshed().is_empty(), "{what}");
            record(&mut self.snapshot, &plan);
        }
    }
}

#[test]
fn changes_next_to_a_secret_are_undone_once_and_do_not_reveal_it() {
    let web = address("container_group.web");
    for place in places() {
        let marked = manifest(place, OLD, true);
        let plain = manifest(place, "plain", false);
        let world_before = World::new(&marked);
        let at = world_before
            .cloud
            .iter()
            .position(|(address, _)| *address == web);
        let at = at.unwrap();
        let edits = edits(web.kind().schema(), &world_before.cloud[at].1);
        for (number, (edit, edited)) in edits.into_iter().enumerate() {
            // Each place meets some edits, and each edit some places.
            if (place + number) % 11 != 0 {
                continue;
            }
            for refreshes in [false, true] {
                let what = format!("place {place}, {edit}, refreshes: {refreshes}");
                let mut world = World {
                    snapshot: world_before.snapshot.clone(),
                    cloud: world_before.cloud.clone(),
                };
                world.cloud[at].1 = edited.clone();
                let mut update = planned(&world, &marked, &what);
                record(&mut world.snapshot, &update);
                if refreshes {
                    update = planned(&world, &marked, &what);
                }
                // A replacement is created again: nothing of the old one is left to compare.
                if update
                    .steps()
                    .iter()
                    .any(|step| step.action == Action::Replace)
                {
                    continue;
                }
                world.apply_plan(&update);
                world.assert_no_changes(&marked, &what);
                let update = planned(&world, &plain, &what);
                world.apply_plan(&update);
                world.assert_no_changes(&plain, &format!("{what}, then in clear"));
            }
        }
    }
}

/// Secrets that contain the identities of elements.
const WHOLE: [&str; 7] = [
    "containers = '${var.containers}'",
    "containers = [{ name = '${var.word}', image = \"a:1\", ports = [{ port = 80 }] }]",
    "host_aliases = '${var.aliases}'",
    "host_aliases = [{ ip = '${var.ip}', hostnames = [\"a\"] }]",
    "image_registry_credentials = [{ server = '${var.word}', user_name = \"u\", password = \"p\" }]",
    "volumes = [\"conf\"]",
    "tags = '${var.tags}'",
];

fn whole(secret: &str, sensitive: bool) -> String {
    let containers = "containers = [{ name = \"app\", image = \"a:1\" }]";
    let containers = if secret.starts_with("containers") {
        ""
    } else {
        containers
    };
    format!(
        r#"
[variable.containers]
default = [{{ name = "app", image = "a:1", ports = [{{ port = 80 }}], env = {{ A = "{OLD}" }} }}]
sensitive = {sensitive}
[variable.aliases]
default = [{{ ip = "10.0.0.9", hostnames = ["{OLD}"] }}]
sensitive = {sensitive}
[variable.tags]
default = {{ a = "{OLD}" }}
sensitive = {sensitive}
[variable.word]
default = "{OLD}"
sensitive = {sensitive}
[variable.ip]
default = "10.11.12.13"
sensitive = {sensitive}
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "s"
security_group_id = "sg"
az_name = "z"
{secret}
{containers}
[volume.conf]
type = "ConfigFileVolume"
files = [{{ path = '${{var.word}}', content = "c" }}]
"#
    )
}

#[test]
fn what_is_sensitive_as_a_whole_does_not_change_endlessly() {
    let web = address("container_group.web");
    for secret in WHOLE {
        let (marked, plain) = (whole(secret, true), whole(secret, false));
        let world_before = World::new(&marked);
        let at = world_before
            .cloud
            .iter()
            .position(|(address, _)| *address == web);
        let at = at.unwrap();
        let mut edits = edits(web.kind().schema(), &world_before.cloud[at].1);
        edits.push(("untouched".to_owned(), world_before.cloud[at].1.clone()));
        for (edit, edited) in edits {
            let what = format!("{secret}, {edit}");
            let mut world = World {
                snapshot: world_before.snapshot.clone(),
                cloud: world_before.cloud.clone(),
            };
            world.assert_no_changes(&marked, &format!("{what}, before"));
            world.cloud[at].1 = edited;
            let update = planned(&world, &marked, &what);
            record(&mut world.snapshot, &update);
            world.apply_plan(&update);
            world.assert_no_changes(&marked, &what);
            let update = world.plan(&plain).0;
            world.apply_plan(&update);
            for _ in 0..2 {
                let plan = world.plan(&plain).0;
                let changed = || scene::changed(&plan, "container_group.web");
                assert_eq!(
                    scene::actions(&plan),
                    [],
                    "{what}, in clear: {:?}",
                    changed()
                );
                record(&mut world.snapshot, &plan);
            }
        }
    }
}
