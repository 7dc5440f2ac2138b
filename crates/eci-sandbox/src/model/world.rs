//! The world: all groups that there are, found by id, name, tag and enterprise project; and all
//! elastic IPs, disks, orders and jobs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::collection::Collection;
use super::disk::Disk;
use super::eip::Eip;
use super::group::{Claim, Group};
use super::index::Index;
use super::order::{Job, Order, Orders};
use super::realm::Realm;
use crate::model::clock::{SimTime, Timing};
use crate::model::group_error::GroupApiError;

/// The groups of every account in every region.
#[derive(Clone, Default)]
pub(crate) struct World {
    /// By number, which is the order of creation.
    pub(super) groups: BTreeMap<u64, Arc<Group>>,
    /// The groups before their latest changes, by number; not stored on disk.
    pub(super) earlier: HashMap<u64, Arc<Group>>,
    pub(super) ids: HashMap<String, u64>,
    pub(super) realms: HashMap<Realm, Index>,
    /// Disks and addresses, each with the number of the group that has it.
    pub(super) claims: HashMap<Claim, u64>,
    /// Groups in deletion, by the time at which they are deleted.
    pub(super) leaving: BTreeSet<(SimTime, u64)>,
    pub(super) next: u64,
    pub(super) eips: Collection<Eip>,
    pub(super) disks: Collection<Disk>,
    pub(super) orders: Orders,
    /// The changed objects besides groups that are not stored yet.
    pub(super) touched: Vec<DirtyEntity>,
}

/// An entity other than a group that is to be stored.
#[derive(Clone, Debug)]
pub(crate) enum DirtyEntity {
    Eip(Eip),
    Disk(Disk),
    Order(Order),
    Job(Job),
}

impl From<Eip> for DirtyEntity {
    fn from(eip: Eip) -> DirtyEntity {
        DirtyEntity::Eip(eip)
    }
}

impl From<Disk> for DirtyEntity {
    fn from(disk: Disk) -> DirtyEntity {
        DirtyEntity::Disk(disk)
    }
}

impl From<Order> for DirtyEntity {
    fn from(order: Order) -> DirtyEntity {
        DirtyEntity::Order(order)
    }
}

impl From<Job> for DirtyEntity {
    fn from(job: Job) -> DirtyEntity {
        DirtyEntity::Job(job)
    }
}

impl World {
    /// Creates a world of stored groups.
    pub(crate) fn of(groups: impl IntoIterator<Item = Group>) -> World {
        let mut world = World::default();
        for group in groups {
            world.next = world.next.max(group.number + 1);
            world.put(Arc::new(group));
        }
        world
    }

    /// Adds all else that was kept.
    pub(crate) fn stock(
        &mut self,
        eips: Vec<Eip>,
        disks: Vec<Disk>,
        orders: Vec<Order>,
        jobs: Vec<Job>,
    ) {
        self.eips = Collection::of(eips);
        self.disks = Collection::of(disks);
        self.orders = Orders::of(orders, jobs);
    }

    /// Takes out the entities other than groups that were changed since the last call.
    pub(crate) fn touched(&mut self) -> impl Iterator<Item = DirtyEntity> + use<> {
        std::mem::take(&mut self.touched).into_iter()
    }

    /// Returns the next number.
    ///
    /// All numbers below are used; a number is not used again after its group is deleted.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    pub(crate) fn number_from(&mut self, least: u64) {
        self.next = self.next.max(least);
    }

    /// Removes the groups that are deleted at `now`, and returns their numbers.
    pub(crate) fn reap_deleted(&mut self, at: Timing) -> Vec<u64> {
        let mut deleted = Vec::new();
        while let Some(&(due, number)) = self.leaving.first()
            && due <= at.now
        {
            self.leaving.pop_first();
            let group = self.groups.get(&number).cloned();
            self.remove(number);
            self.update_attachments(group.as_deref(), None, Timing { now: due, ..at });
            deleted.push(number);
        }
        deleted
    }

    /// Returns the group with this ID, if there is one in this account and region.
    pub(crate) fn find(&self, realm: &Realm, id: &str) -> Result<&Arc<Group>, GroupApiError> {
        self.ids
            .get(id)
            .and_then(|number| self.groups.get(number))
            .filter(|group| group.realm == *realm)
            .ok_or_else(|| GroupApiError::no_group(id))
    }

    /// Returns the group with this ID in any account and region.
    pub(crate) fn find_anywhere(&self, id: &str) -> Result<&Arc<Group>, GroupApiError> {
        self.ids
            .get(id)
            .and_then(|number| self.groups.get(number))
            .ok_or_else(|| GroupApiError::no_group(id))
    }

    /// Returns a group before its latest change; itself where it has not changed.
    pub(crate) fn before_change<'a>(&'a self, group: &'a Arc<Group>) -> &'a Arc<Group> {
        self.earlier.get(&group.number).unwrap_or(group)
    }

    pub(super) fn put(&mut self, group: Arc<Group>) {
        let before = self.groups.get(&group.number).cloned();
        self.remove(group.number);
        self.earlier
            .extend(before.map(|before| (group.number, before)));
        self.ids.insert(group.id.clone(), group.number);
        self.realms
            .entry(group.realm.clone())
            .or_default()
            .insert(&group);
        for claim in group.claims() {
            self.claims.insert(claim, group.number);
        }
        if let Some(leaving) = &group.leaving {
            self.leaving.insert((leaving.deleted_at, group.number));
        }
        self.groups.insert(group.number, group);
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some(group) = self.groups.remove(&number) else {
            return;
        };
        self.ids.remove(&group.id);
        self.earlier.remove(&number);
        if let Some(index) = self.realms.get_mut(&group.realm) {
            index.remove(&group);
        }
        for claim in group.claims() {
            self.claims.remove(&claim);
        }
        if let Some(leaving) = &group.leaving {
            self.leaving.remove(&(leaving.deleted_at, number));
        }
    }
}
