//! Changes of the world, each with its time and scale.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::group::{self, Claim, Group};
use super::ids::Identity;
use super::realm::Realm;
use super::{OutOfBandChange, World, attachments};
use crate::model::clock::{SimTime, Timing};
use crate::model::group_error::GroupApiError;
use crate::model::lifecycle::{Event, GroupTimeline};
use crate::model::request::{self, objects, text};

/// The expansion of a disk that a group has mounted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiskGrowth<'a> {
    pub(crate) volume: &'a str,
    pub(crate) disk: &'a str,
    /// GB.
    pub(crate) size: i64,
}

impl World {
    /// Creates a group that was accepted.
    pub(crate) fn create(
        &mut self,
        realm: Realm,
        identity: Identity,
        spec: Map<String, Value>,
        at: Timing,
    ) -> Result<Arc<Group>, GroupApiError> {
        let size = group::size(&spec).ok_or_else(|| {
            GroupApiError::invalid(
                "containers need more than the largest size sold, 64 vCPUs and 512 GiB",
            )
        })?;
        let number = self.next;
        self.check_claims(&group::claims(&spec), number)?;
        self.check_all_created(&spec, &[], &realm, at.now)?;
        self.next += 1;
        let group = Group {
            number,
            id: identity.id.clone(),
            realm,
            identity,
            size,
            created: at.now,
            courses: GroupTimeline::create(&spec, at.now, at.scale),
            spec,
            leaving: None,
            failed: None,
            disk_sizes: Default::default(),
            notes: Vec::new(),
            address: None,
        };
        Ok(self.put_in_place(None, group, at))
    }

    /// Replaces the fields that `body` has.
    pub(crate) fn update(
        &mut self,
        realm: &Realm,
        id: &str,
        body: Map<String, Value>,
        at: Timing,
    ) -> Result<Arc<Group>, GroupApiError> {
        let current = self.find(realm, id)?;
        let status = current.phase(at.now, at.scale).status;
        let reruns = body.contains_key("containers") || body.contains_key("restartPolicy");
        let spec = request::accept_update(&current.spec, body)?;
        match status {
            "Running" | "Pending" => {}
            "Succeeded" | "Failed" if !reruns => {}
            _ => return Err(busy(id, status, "updated")),
        }
        let before = Arc::clone(current);
        self.check_claims(&group::claims(&spec), before.number)?;
        self.check_all_created(&spec, &before.claims(), realm, at.now)?;
        let mut group = Group::clone(&before);
        group.courses = group.courses.update(&group.spec, &spec, at.now, at.scale);
        group.spec = spec;
        group.note(Event::normal(at.now, "Updated", "Updated container group"));
        Ok(self.put_in_place(Some(&before), group, at))
    }

    /// Runs all containers again.
    pub(crate) fn restart(
        &mut self,
        realm: &Realm,
        id: &str,
        at: Timing,
    ) -> Result<Arc<Group>, GroupApiError> {
        let current = self.find(realm, id)?;
        match current.phase(at.now, at.scale).status {
            "Running" | "Pending" | "Succeeded" | "Failed" => {}
            status => return Err(busy(id, status, "restarted")),
        }
        let mut group = Group::clone(current);
        restart(&mut group, at);
        Ok(self.replace(group))
    }

    /// Begins the end of a group.
    ///
    /// One that is leaving already can be forced.
    pub(crate) fn delete(
        &mut self,
        realm: &Realm,
        id: &str,
        force: bool,
        at: Timing,
    ) -> Result<Arc<Group>, GroupApiError> {
        let mut group = Group::clone(self.find(realm, id)?);
        if group.leaving.is_none() {
            group.note(Event::normal(at.now, "Killing", "Stopping container group"));
        }
        group.leave(at.now, at.scale, force);
        Ok(self.replace(group))
    }

    /// Grows a mounted disk to `size` GB.
    pub(crate) fn grow_disk(
        &mut self,
        realm: &Realm,
        id: &str,
        growth: DiskGrowth<'_>,
        at: Timing,
    ) -> Result<Arc<Group>, GroupApiError> {
        let mut group = Group::clone(self.find(realm, id)?);
        let DiskGrowth { volume, disk, size } = growth;
        let named = objects(&group.spec, "volumes")
            .find(|one| text(one, "name") == volume)
            .ok_or_else(|| {
                GroupApiError::invalid(format!("volumeName {volume:?} names no volume of {id}"))
            })?;
        let handle = named
            .get("diskVolume")
            .and_then(Value::as_object)
            .map(|settings| text(settings, "volumeHandle"));
        if handle != Some(disk) {
            return Err(GroupApiError::invalid(format!(
                "volume {volume:?} of {id} is not on disk {disk:?}"
            )));
        }
        if self.grow_mounted(disk, size, at)? {
            return Ok(self.replace(group));
        }
        let current = group.disk_size(disk);
        if size <= current {
            return Err(GroupApiError::invalid(format!(
                "newSize must be more than the {current} GB that disk {disk} has, found {size}"
            )));
        }
        group.disk_sizes.insert(disk.to_owned(), size);
        Ok(self.replace(group))
    }

    /// Applies an out-of-band change of a group.
    pub(crate) fn outside_group(
        &mut self,
        id: &str,
        change: OutOfBandChange,
        at: Timing,
    ) -> Result<Arc<Group>, GroupApiError> {
        let mut group = Group::clone(self.find_anywhere(id)?);
        if let OutOfBandChange::Update(body) = change {
            let before = group.claims();
            let realm = group.realm.clone();
            let updated = self.update(&realm, id, body, at)?;
            self.rest(before.iter().chain(&updated.claims()), at.now);
            return Ok(updated);
        }
        match change {
            OutOfBandChange::Delete => group.leave(at.now, at.scale, true),
            OutOfBandChange::SetTags(tags) => {
                let tags: Vec<Value> = tags
                    .into_iter()
                    .map(|(key, value)| json!({"key": key, "value": value}))
                    .collect();
                group.spec.insert("tags".to_owned(), Value::Array(tags));
            }
            OutOfBandChange::Fail => {
                group.failed = Some(at.now);
                group.note(Event::warning(
                    at.now,
                    "NodeLost",
                    "The node of the group was lost",
                ));
            }
            OutOfBandChange::Resize { cpu, memory } => {
                group.size = group::GroupSize { cpu, memory }
            }
            OutOfBandChange::Restart => restart(&mut group, at),
            // Those are for elastic IPs and disks.
            OutOfBandChange::Update(_)
            | OutOfBandChange::Rename(_)
            | OutOfBandChange::Bind(_)
            | OutOfBandChange::SetBandwidth(_)
            | OutOfBandChange::SetSize(_)
            | OutOfBandChange::Freeze(_)
            | OutOfBandChange::Break
            | OutOfBandChange::Expire => {
                return Err(GroupApiError::invalid(
                    "that cannot be done to a container group",
                ));
            }
        }
        Ok(self.replace(group))
    }

    fn replace(&mut self, group: Group) -> Arc<Group> {
        let group = Arc::new(group);
        self.put(Arc::clone(&group));
        group
    }

    /// Puts a group in its place, with what it has now.
    fn put_in_place(&mut self, before: Option<&Group>, mut group: Group, at: Timing) -> Arc<Group> {
        self.update_attachments(before, Some(&group), at);
        let address = group.claims().into_iter().find_map(|claim| match claim {
            Claim::Address(id) => self.eips.get(&id, at.now),
            Claim::Disk(_) => None,
        });
        group.address = address.map(|eip| eip.address);
        self.replace(group)
    }

    /// Checks whether a group of this description may have all objects that it would have and does
    /// not have yet, as far as they were created here.
    fn check_all_created(
        &self,
        spec: &Map<String, Value>,
        before: &[Claim],
        realm: &Realm,
        now: SimTime,
    ) -> Result<(), GroupApiError> {
        let zone = attachments::zone(spec);
        let claims = group::claims(spec);
        let mut new = claims.iter().filter(|claim| !before.contains(claim));
        new.try_for_each(|claim| self.check_created(claim, realm, zone, now))
    }

    fn check_claims(&self, claims: &[Claim], number: u64) -> Result<(), GroupApiError> {
        for (at, claim) in claims.iter().enumerate() {
            if claims[..at].contains(claim) {
                return Err(GroupApiError::invalid(format!(
                    "{} is used twice",
                    claim.describe()
                )));
            }
            let holder = self.claims.get(claim).filter(|holder| **holder != number);
            if let Some(group) = holder.and_then(|holder| self.groups.get(holder)) {
                return Err(GroupApiError::conflict(format!(
                    "{} is used by container group {}",
                    claim.describe(),
                    group.id
                )));
            }
        }
        Ok(())
    }
}

fn restart(group: &mut Group, at: Timing) {
    group.courses = group.courses.restart(&group.spec, at.now, at.scale);
    group.failed = None;
    group.note(Event::normal(
        at.now,
        "Restarted",
        "Restarted container group",
    ));
}

fn busy(id: &str, status: &str, done: &str) -> GroupApiError {
    GroupApiError::conflict(format!(
        "container group {id} is {status} and cannot be {done}"
    ))
}
