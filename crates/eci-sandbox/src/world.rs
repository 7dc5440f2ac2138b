//! All groups that there are, found by id, name, tag and enterprise project.
//!
//! The world is plain data: time and identity come in with each change, what must be kept
//! goes out as the changed group.

mod change;
mod group;
mod identity;
mod index;
mod query;

pub use change::Outside;
pub(crate) use group::Group;
pub(crate) use identity::Identity;
pub(crate) use index::{Realm, Term};
pub(crate) use query::{Filter, Page};

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::clock::Moment;
use crate::refusal::Refusal;
use index::Index;

/// The groups of every account in every region.
#[derive(Default)]
pub(crate) struct World {
    /// By number, which is the order of creation.
    groups: BTreeMap<u64, Arc<Group>>,
    ids: HashMap<String, u64>,
    realms: HashMap<Realm, Index>,
    /// Disks and addresses, each with the number of the group that has it.
    claims: HashMap<group::Claim, u64>,
    /// Groups on their way out, by the moment that they are gone.
    leaving: BTreeSet<(Moment, u64)>,
    next: u64,
}

impl World {
    /// A world of groups that were kept.
    pub(crate) fn of(groups: impl IntoIterator<Item = Group>) -> World {
        let mut world = World::default();
        for group in groups {
            world.next = world.next.max(group.number + 1);
            world.put(Arc::new(group));
        }
        world
    }

    /// No number below was ever given; a number is not given again after its group is gone.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    pub(crate) fn number_from(&mut self, least: u64) {
        self.next = self.next.max(least);
    }

    /// Lets go what has left until `now`, and tells their numbers.
    pub(crate) fn let_go(&mut self, now: Moment) -> Vec<u64> {
        let mut gone = Vec::new();
        while let Some(&(moment, number)) = self.leaving.first()
            && moment <= now
        {
            self.leaving.pop_first();
            self.remove(number);
            gone.push(number);
        }
        gone
    }

    /// The group of this id, if there is one in this account and region.
    pub(crate) fn find(&self, realm: &Realm, id: &str) -> Result<&Arc<Group>, Refusal> {
        self.ids
            .get(id)
            .and_then(|number| self.groups.get(number))
            .filter(|group| group.realm == *realm)
            .ok_or_else(|| Refusal::no_group(id))
    }

    /// The group of this id in any account and region.
    pub(crate) fn find_anywhere(&self, id: &str) -> Result<&Arc<Group>, Refusal> {
        self.ids
            .get(id)
            .and_then(|number| self.groups.get(number))
            .ok_or_else(|| Refusal::no_group(id))
    }

    fn put(&mut self, group: Arc<Group>) {
        self.remove(group.number);
        self.ids.insert(group.id.clone(), group.number);
        self.realms
            .entry(group.realm.clone())
            .or_default()
            .insert(&group);
        for claim in group.claims() {
            self.claims.insert(claim, group.number);
        }
        if let Some(leaving) = &group.leaving {
            self.leaving.insert((leaving.gone, group.number));
        }
        self.groups.insert(group.number, group);
    }

    fn remove(&mut self, number: u64) {
        let Some(group) = self.groups.remove(&number) else {
            return;
        };
        self.ids.remove(&group.id);
        if let Some(index) = self.realms.get_mut(&group.realm) {
            index.remove(&group);
        }
        for claim in group.claims() {
            self.claims.remove(&claim);
        }
        if let Some(leaving) = &group.leaving {
            self.leaving.remove(&(leaving.gone, number));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
