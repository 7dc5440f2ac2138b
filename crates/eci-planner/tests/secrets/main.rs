//! No secret is displayed or stored, wherever in a resource it is: every attribute of every kind is
//! tested in turn, by the descriptions of the fields.
#![allow(clippy::unwrap_used)]

mod edits;
mod identities;
mod literals;
#[path = "../scene/mod.rs"]
mod scene;
mod world;

use eci_core::schema::secret_paths;
use eci_core::{DigestKey, Kind, Path, Value};
use eci_planner::{Action, PlannerOptions, plan};
use eci_state::{OutputState, Record, ResourceState};

use scene::address;
use world::{NEW, OLD, World, assert_hidden, manifest, places, record};

#[test]
fn marking_a_value_as_sensitive_is_not_a_change_and_hides_it_from_then_on() {
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

        // No longer sensitive: displayed once that is recorded. A password stays sensitive.
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
        let recorded = if marked {
            word
        } else {
            world.snapshot.digest_key.redact(&word.into_sensitive())
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
        // Only what the journal records before the calls is recorded.
        let mut after = World {
            snapshot: world.snapshot.clone(),
            cloud: Vec::new(),
        };
        after.apply_plan(&update);
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
        world.apply_plan(&update);
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
fn an_import_where_a_value_was_sensitive_stays_hidden() {
    for place in places() {
        let mut world = World::new(&manifest(place, OLD, true));
        let observed = world.observed();
        let mut plain = manifest(place, "plain", false);
        for (address, state) in world.snapshot.resources.clone() {
            if state.id.is_some() {
                let id = match address.kind() {
                    Kind::ContainerGroup => "eci-3rr2p3bikgw7phf1",
                    Kind::Eip => "eip-5sdasd2gfh",
                    Kind::Volume => "0a1b2c3d-0000-4000-8000-00000000000f",
                };
                plain += &format!("[[import]]\nto = \"{address}\"\nid = \"{id}\"\n");
            }
            world.snapshot.apply(&Record::Missing { address }).unwrap();
        }
        let (import, shown) = world.plan_from(&plain, &observed);
        let what = format!("place {place}");
        assert_hidden(&shown, OLD, &what);
        for step in import.steps() {
            let Some(state) = &step.state else {
                continue;
            };
            let imported = Record::ResourceUpdated {
                address: step.address.clone(),
                state: Box::new(ResourceState::clone(state)),
            };
            world.snapshot.apply(&imported).unwrap();
        }
        let stored = format!("{:?}", world.snapshot.resources);
        assert_hidden(&stored, OLD, &what);
        let (_, shown) = world.plan_from(&plain, &observed);
        assert_hidden(&shown, OLD, &what);
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
    world.apply_plan(&update);
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
    let message = plan(
        &configuration,
        &world.snapshot,
        &world.observed(),
        &PlannerOptions::default(),
    )
    .unwrap_err();
    let message = message.to_string();
    assert!(
        message.contains("E1103") || message.contains("only its digest"),
        "{message}"
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
fn the_value_of_a_digest_is_known_only_with_the_key() {
    let other = DigestKey::new([9; 32]);
    let world = World::new(&manifest(0, OLD, true));
    let web = &world.snapshot.resources[&address("container_group.web")];
    let digest = &web.applied[&"vswitch_id".into()];
    assert_ne!(*digest, other.redact(&Value::from(OLD).into_sensitive()));
    let paths = secret_paths(Kind::ContainerGroup.schema(), &web.applied);
    assert!(paths.contains(&Path::root().name("vswitch_id")));
}
