//! Groups found, changed, claimed and released.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::model::clock::{SimTime, TimeScale, Timing};
use crate::model::group_error::{GroupApiError, GroupErrorReason};
use crate::model::request::accept_create;

const START: SimTime = SimTime::from_millis(1_700_000_000_000);

fn at(seconds: u64) -> Timing {
    Timing {
        now: START.plus(Duration::from_secs(seconds)),
        scale: TimeScale::Natural,
    }
}

fn realm(account: &str) -> Realm {
    Realm {
        account: account.to_owned(),
        region: "r".to_owned(),
    }
}

/// Creates a group with additional fields in its description.
fn create(world: &mut World, name: &str, more: Value) -> Result<Arc<Group>, GroupApiError> {
    let mut body = json!({
        "containerGroupName": name, "vpcId": "vpc-1", "vSwitchId": "subnet-1",
        "securityGroupId": "sg-1", "azInfo": [{"azName": "az1"}], "restartPolicy": "Always",
        "containers": [{"name": "web", "image": "nginx"}],
    });
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let spec = accept_create(fields.clone()).unwrap();
    world.create(realm("a"), Identity::random(), spec, at(0))
}

fn disk(id: &str) -> Value {
    json!({"volumes": [{"name": "disk", "type": "DiskVolume",
        "diskVolume": {"volumeHandle": id, "fsType": "ext4"}}]})
}

fn names(world: &World, filter: &Filter, seconds: u64) -> Vec<String> {
    let page = world.page(&realm("a"), filter, at(seconds));
    assert_eq!(
        page.total,
        page.groups.len(),
        "these tests see whole answers"
    );
    page.groups
        .iter()
        .map(|group| group.name().to_owned())
        .collect()
}

fn by(terms: Vec<Term>) -> Filter {
    Filter {
        terms,
        limit: 100,
        ..Filter::default()
    }
}

#[test]
fn groups_are_found_by_every_filter() {
    let mut world = World::default();
    let tags = |value| json!({"tags": [{"key": "app", "value": value}], "epId": "p1"});
    let one = create(&mut world, "one", tags("web")).unwrap();
    create(&mut world, "two", tags("db")).unwrap();
    create(&mut world, "three", json!({"restartPolicy": "Never"})).unwrap();
    let term = |key: &str, value: &str| Term::Tag(key.to_owned(), value.to_owned());
    let project = Term::Project("p1".to_owned());
    for (terms, found) in [
        (vec![], vec!["one", "two", "three"]),
        (vec![Term::Name("two".to_owned())], vec!["two"]),
        (vec![term("app", "web")], vec!["one"]),
        (vec![Term::TagKey("app".to_owned())], vec!["one", "two"]),
        (vec![project.clone(), term("app", "db")], vec!["two"]),
        (vec![term("app", "web"), term("app", "db")], vec![]),
        (vec![Term::Name("four".to_owned())], vec![]),
    ] {
        assert_eq!(names(&world, &by(terms.clone()), 0), found, "{terms:?}");
    }
    let mut named = by(vec![project]);
    named.ids = vec![one.id.clone(), "eci-none".to_owned()];
    assert_eq!(names(&world, &named, 0), ["one"]);
    let mut running = by(vec![]);
    running.status = Some("Running".to_owned());
    assert!(names(&world, &running, 0).is_empty());
    assert_eq!(names(&world, &running, 10).len(), 3);
}

#[test]
fn an_account_does_not_see_what_another_has() {
    let mut world = World::default();
    let group = create(&mut world, "mine", json!({})).unwrap();
    assert!(world.find(&realm("a"), &group.id).is_ok());
    let refused = world.find(&realm("b"), &group.id).unwrap_err();
    assert_eq!(refused.reason, GroupErrorReason::NotFound);
    let mut filter = by(vec![]);
    filter.ids = vec![group.id.clone()];
    assert_eq!(world.page(&realm("b"), &filter, at(0)).total, 0);
}

#[test]
fn pages_are_continuous_when_groups_are_deleted_in_between() {
    let mut world = World::default();
    let created: Vec<Arc<Group>> = (0..5)
        .map(|number| create(&mut world, &format!("g{number}"), json!({})).unwrap())
        .collect();
    let mut filter = by(vec![]);
    filter.limit = 2;
    let first = world.page(&realm("a"), &filter, at(0));
    assert_eq!((first.total, first.next), (5, Some(created[1].number)));
    world
        .delete(&realm("a"), &created[1].id, true, at(1))
        .unwrap();
    assert_eq!(world.reap_deleted(at(1)), [created[1].number]);
    filter.after = first.next;
    let second = world.page(&realm("a"), &filter, at(0));
    let listed: Vec<&str> = second.groups.iter().map(|group| group.name()).collect();
    assert_eq!(listed, ["g2", "g3"]);
    filter.after = second.next;
    let last = world.page(&realm("a"), &filter, at(0));
    assert_eq!((last.groups.len(), last.next), (1, None));
}

#[test]
fn an_update_is_found_by_its_new_tags_only() {
    let mut world = World::default();
    let old = json!({"tags": [{"key": "app", "value": "old"}]});
    let group = create(&mut world, "web", old).unwrap();
    let body = json!({"tags": [{"key": "app", "value": "new"}]});
    let body = body.as_object().unwrap().clone();
    world.update(&realm("a"), &group.id, body, at(10)).unwrap();
    let tag = |value: &str| by(vec![Term::Tag("app".to_owned(), value.to_owned())]);
    assert!(names(&world, &tag("old"), 10).is_empty());
    assert_eq!(names(&world, &tag("new"), 10), ["web"]);
}

#[test]
fn a_group_that_is_busy_is_not_changed() {
    let mut world = World::default();
    let group = create(&mut world, "web", json!({})).unwrap();
    let early = world.update(&realm("a"), &group.id, Default::default(), at(0));
    let listed = early.unwrap_err();
    assert_eq!(listed.reason, GroupErrorReason::Conflict);
    assert!(listed.message.contains("Scheduling"), "{}", listed.message);
    world.delete(&realm("a"), &group.id, false, at(10)).unwrap();
    let late = world.restart(&realm("a"), &group.id, at(10)).unwrap_err();
    assert!(late.message.contains("Terminating"), "{}", late.message);
}

#[test]
fn a_deleted_group_stays_for_a_while_and_can_be_forced_out() {
    let mut world = World::default();
    let group = create(&mut world, "web", json!({})).unwrap();
    world.delete(&realm("a"), &group.id, false, at(10)).unwrap();
    assert!(world.reap_deleted(at(11)).is_empty());
    let leaving = world.find(&realm("a"), &group.id).unwrap();
    assert_eq!(
        leaving.phase(at(11).now, TimeScale::Natural).status,
        "Terminating"
    );
    world.delete(&realm("a"), &group.id, true, at(11)).unwrap();
    assert_eq!(world.reap_deleted(at(11)), [group.number]);
    assert!(world.find(&realm("a"), &group.id).is_err());
}

#[test]
fn a_disk_serves_one_group_at_a_time() {
    let mut world = World::default();
    let first = create(&mut world, "one", disk("d-1")).unwrap();
    let refused = create(&mut world, "two", disk("d-1")).unwrap_err();
    assert_eq!(refused.reason, GroupErrorReason::Conflict);
    assert!(refused.message.contains(&first.id), "{}", refused.message);
    world.delete(&realm("a"), &first.id, true, at(1)).unwrap();
    world.reap_deleted(at(1));
    assert!(create(&mut world, "two", disk("d-1")).is_ok());
}

#[test]
fn a_disk_cannot_be_shrunk() {
    let mut world = World::default();
    let group = create(&mut world, "one", disk("d-1")).unwrap();
    let mut grow = |volume, disk, size| {
        world
            .grow_disk(
                &realm("a"),
                &group.id,
                DiskGrowth { volume, disk, size },
                at(0),
            )
            .map(|group| group.disk_size("d-1"))
            .map_err(|refusal| refusal.message)
    };
    assert_eq!(grow("disk", "d-1", 50), Ok(50));
    assert!(grow("disk", "d-1", 50).unwrap_err().contains("50 GB"));
    assert!(grow("disk", "d-2", 60).unwrap_err().contains("d-2"));
    assert!(grow("other", "d-1", 60).unwrap_err().contains("other"));
}

#[test]
fn out_of_band_changes_are_visible() {
    let mut world = World::default();
    let group = create(&mut world, "web", json!({})).unwrap();
    let status = |world: &World| {
        let Timing { now, scale } = at(20);
        world
            .find_anywhere(&group.id)
            .unwrap()
            .phase(now, scale)
            .status
    };
    let mut outside = |change| {
        world.outside_group(&group.id, change, at(10)).unwrap();
        status(&world)
    };
    assert_eq!(outside(OutOfBandChange::Fail), "Failed");
    assert_eq!(outside(OutOfBandChange::Restart), "Running");
    outside(OutOfBandChange::SetTags(vec![(
        "k".to_owned(),
        "v".to_owned(),
    )]));
    outside(OutOfBandChange::Resize {
        cpu: 4.0,
        memory: 8.0,
    });
    let found = world.find_anywhere(&group.id).unwrap();
    assert_eq!(found.size.cpu, 4.0);
    assert_eq!(found.tags().collect::<Vec<_>>(), [("k", "v")]);
    world
        .outside_group(&group.id, OutOfBandChange::Delete, at(20))
        .unwrap();
    world.reap_deleted(at(20));
    assert!(
        world
            .outside_group(&group.id, OutOfBandChange::Fail, at(20))
            .is_err()
    );
}

#[test]
fn a_world_that_was_kept_finds_the_same_and_gives_no_number_twice() {
    let mut world = World::default();
    let kept = create(&mut world, "kept", disk("d-1")).unwrap();
    let deleted = create(&mut world, "deleted", json!({})).unwrap();
    let next = world.next_number();
    world.delete(&realm("a"), &deleted.id, true, at(1)).unwrap();
    world.reap_deleted(at(1));
    let mut again = World::of([Group::clone(&kept)]);
    again.number_from(next);
    assert_eq!(names(&again, &by(vec![]), 0), ["kept"]);
    assert!(create(&mut again, "two", disk("d-1")).is_err());
    let new = create(&mut again, "new", json!({})).unwrap();
    assert_eq!(new.number, deleted.number + 1);
}
