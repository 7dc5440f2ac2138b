//! Attachments of the realm's elastic IPs and disks to groups.
//!
//! An ID that was not created here identifies an existing object without an owner: any group may
//! have it, one at a time. An ID that was created here identifies that object.

use super::eip::{self, Eip, Holder};
use super::group::{Claim, Group};
use super::order::ORDERING;
use super::realm::Realm;
use super::{World, disk};
use crate::model::clock::{SimTime, Timing};
use crate::model::group_error::GroupApiError;
use crate::model::order_error::OrderApiError;
use crate::model::request::{is_set, objects, text, whole};

/// The type under which a group is reported as the holder of an elastic IP (assumed).
const REPORTED_AS: &str = "INSTANCE";
/// Mbps of an automatic elastic IP (seed page).
const USUAL_BANDWIDTH: i64 = 5;

impl World {
    /// Returns the group that has this elastic IP.
    pub(super) fn group_with(&self, eip: &str) -> Option<&str> {
        self.holder(&Claim::Address(eip.to_owned()))
    }

    /// Returns the group that has mounted this disk.
    pub(super) fn group_on(&self, disk: &str) -> Option<&str> {
        self.holder(&Claim::Disk(disk.to_owned()))
    }

    fn holder(&self, claim: &Claim) -> Option<&str> {
        let group = self.groups.get(self.claims.get(claim)?)?;
        Some(&group.id)
    }

    /// Checks whether a group in this realm and zone may have an object that was created here.
    pub(super) fn check_created(
        &self,
        claim: &Claim,
        realm: &Realm,
        zone: &str,
        now: SimTime,
    ) -> Result<(), GroupApiError> {
        let not_there = || {
            GroupApiError::invalid(format!(
                "{} does not exist in this region",
                claim.describe()
            ))
        };
        let busy = |denial: OrderApiError| GroupApiError::conflict(denial.message);
        match claim {
            Claim::Address(id) if self.eips.get(id, now).is_some() => self
                .eips
                .visible(realm, id, now)
                .ok_or_else(not_there)?
                .is_free(now)
                .map_err(busy),
            Claim::Disk(id) if self.disks.get(id, now).is_some() => {
                let disk = self.disks.visible(realm, id, now).ok_or_else(not_there)?;
                let elsewhere = [disk.zone(), zone].iter().all(|it| !it.is_empty());
                if elsewhere && disk.zone() != zone {
                    return Err(GroupApiError::invalid(format!(
                        "disk {id} is in zone {:?} and cannot be mounted in zone {zone:?}",
                        disk.zone()
                    )));
                }
                // Sharing is for machines: one group a disk.
                match disk.holders.first() {
                    Some(holder) => Err(GroupApiError::conflict(format!(
                        "disk {id} is attached to {holder}"
                    ))),
                    None => disk.is_free(now).map_err(busy),
                }
            }
            Claim::Address(_) | Claim::Disk(_) => Ok(()),
        }
    }

    /// Carries over to elastic IPs and disks what a group has now and had before.
    pub(super) fn update_attachments(
        &mut self,
        before: Option<&Group>,
        after: Option<&Group>,
        at: Timing,
    ) {
        let claims = |group: Option<&Group>| group.map(Group::claims).unwrap_or_default();
        let (had, has) = (claims(before), claims(after));
        for claim in had.iter().filter(|claim| !has.contains(claim)) {
            self.release_claim(claim, at);
        }
        if let Some(group) = after {
            for claim in has.iter().filter(|claim| !had.contains(claim)) {
                self.take(claim, &group.id, at);
            }
        }
        self.automatic(before, after, at);
    }

    /// Completes the work in progress on these.
    pub(super) fn rest<'a>(&mut self, claims: impl Iterator<Item = &'a Claim>, now: SimTime) {
        for claim in claims {
            match claim {
                Claim::Address(id) => {
                    if let Some(mut eip) = self.eips.get(id, now) {
                        eip.work = None;
                        self.put_eip(eip);
                    }
                }
                Claim::Disk(id) => {
                    if let Some(mut disk) = self.disks.get(id, now) {
                        disk.work = None;
                        self.put_disk(disk);
                    }
                }
            }
        }
    }

    fn take(&mut self, claim: &Claim, group: &str, at: Timing) {
        match claim {
            Claim::Address(id) => {
                if let Some(mut eip) = self.eips.get(id, at.now) {
                    eip.holder = Some(Holder {
                        id: group.to_owned(),
                        kind: REPORTED_AS.to_owned(),
                    });
                    eip.work = Some((eip::EipWork::Bind, at.after(eip::BINDING)));
                    self.put_eip(eip);
                }
            }
            Claim::Disk(id) => {
                if let Some(mut disk) = self.disks.get(id, at.now) {
                    disk.holders = vec![group.to_owned()];
                    disk.work = Some((disk::DiskWork::Attach, at.after(disk::ATTACHING)));
                    self.put_disk(disk);
                }
            }
        }
    }

    fn release_claim(&mut self, claim: &Claim, at: Timing) {
        match claim {
            Claim::Address(id) => {
                if let Some(mut eip) = self.eips.get(id, at.now) {
                    eip.holder = None;
                    // What was being changed when its group went has the bandwidth that it was
                    // to have.
                    if let Some((eip::EipWork::Change { bandwidth, fails }, _)) = eip.work
                        && !fails
                    {
                        eip.bandwidth = bandwidth;
                    }
                    eip.work = Some((eip::EipWork::Bind, at.after(eip::BINDING)));
                    self.put_eip(eip);
                }
            }
            Claim::Disk(id) => {
                if let Some(mut disk) = self.disks.get(id, at.now) {
                    disk.holders.clear();
                    // What was being grown when its group went is as large as it was to be.
                    if let Some((disk::DiskWork::Grow { size, fails: false }, _)) = disk.work {
                        disk.size = size;
                    }
                    disk.work = Some((disk::DiskWork::Detach, at.after(disk::ATTACHING)));
                    self.put_disk(disk);
                }
            }
        }
    }

    /// Creates or releases the automatic elastic IP of a group when its description starts or
    /// ceases to ask for one (assumed).
    fn automatic(&mut self, before: Option<&Group>, after: Option<&Group>, at: Timing) {
        let wants = |group: Option<&Group>| group.and_then(bandwidth_requested);
        match (wants(before), wants(after), before.or(after)) {
            (None, Some(bandwidth), Some(group)) => {
                let eip = automatic_eip(group, self.eips.next(), bandwidth, at.now);
                self.put_eip(eip);
            }
            (Some(_), bandwidth_requested, Some(group)) => {
                let id = automatic_id(&group.id);
                let Some(mut eip) = self.eips.get(&id, at.now) else {
                    return;
                };
                match bandwidth_requested {
                    Some(bandwidth) => eip.bandwidth = bandwidth,
                    None => {
                        eip.holder = None;
                        eip.deleted_at = Some(at.now);
                    }
                }
                self.put_eip(eip);
            }
            _ => {}
        }
    }

    /// Expands a disk that a group has mounted, if it was created here.
    pub(super) fn grow_mounted(
        &mut self,
        id: &str,
        size: i64,
        at: Timing,
    ) -> Result<bool, GroupApiError> {
        let Some(mut disk) = self.disks.get(id, at.now) else {
            return Ok(false);
        };
        if size <= disk.size {
            return Err(GroupApiError::invalid(format!(
                "newSize must be more than the {} GB that disk {id} has, found {size}",
                disk.size
            )));
        }
        disk.can_grow(size, at.now)
            .map_err(|denial| GroupApiError::conflict(denial.message))?;
        let work = disk::DiskWork::Grow { size, fails: false };
        disk.work = Some((work, at.after(ORDERING)));
        self.put_disk(disk);
        Ok(true)
    }
}

/// Returns the bandwidth of the automatic elastic IP that a group requests, if it does.
fn bandwidth_requested(group: &Group) -> Option<i64> {
    let eip = group.spec.get("eip")?.as_object()?;
    let is_requested = text(eip, "eipInstanceId").is_empty() && is_set(eip, "autoCreateEip");
    is_requested.then(|| whole(eip, "eipBandwidth").unwrap_or(USUAL_BANDWIDTH))
}

/// Returns the ID of the automatic elastic IP of a group.
fn automatic_id(group: &str) -> String {
    let letters = group.trim_start_matches("eci-");
    format!("eip-{}", letters.get(..10).unwrap_or(letters))
}

fn automatic_eip(group: &Group, number: u64, bandwidth: i64, now: SimTime) -> Eip {
    Eip {
        number,
        id: automatic_id(&group.id),
        realm: group.realm.clone(),
        address: super::ids::internet_ip(group.id.as_bytes()),
        name: group.name().to_owned(),
        bandwidth,
        terms: eip::Terms::default(),
        created: now,
        visible_from: now,
        updated: now,
        expires: None,
        frozen: false,
        broken: false,
        holder: Some(Holder {
            id: group.id.clone(),
            kind: REPORTED_AS.to_owned(),
        }),
        work: None,
        deleted_at: None,
        with_group: true,
    }
}

/// Returns the zone of a group.
pub(super) fn zone(spec: &serde_json::Map<String, serde_json::Value>) -> &str {
    objects(spec, "azInfo")
        .next()
        .map_or("", |zone| text(zone, "azName"))
}
