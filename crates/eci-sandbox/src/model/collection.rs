//! Objects of one kind, found by their IDs and realms.
//!
//! Deleted objects are kept, so that their IDs are known to be used.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::realm::Realm;
use crate::model::clock::SimTime;

/// An item of a collection.
pub(crate) trait Entity: Clone {
    /// Returns the order of creation.
    fn number(&self) -> u64;
    fn id(&self) -> &str;
    fn realm(&self) -> &Realm;
    /// Applies the work that is complete at `now`.
    fn advance_to(&mut self, now: SimTime);
    fn is_deleted(&self) -> bool;
    /// Returns whether the item is visible to its realm yet.
    fn is_visible(&self, now: SimTime) -> bool;
}

#[derive(Clone)]
pub(crate) struct Collection<T> {
    items: BTreeMap<u64, T>,
    ids: HashMap<String, u64>,
    /// Without deleted objects.
    realms: HashMap<Realm, BTreeSet<u64>>,
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Collection {
            items: BTreeMap::new(),
            ids: HashMap::new(),
            realms: HashMap::new(),
        }
    }
}

impl<T: Entity> Collection<T> {
    pub(super) fn of(items: impl IntoIterator<Item = T>) -> Collection<T> {
        let mut shelf = Collection::default();
        for item in items {
            shelf.put(item);
        }
        shelf
    }

    /// Returns the number of the next new item.
    pub(super) fn next(&self) -> u64 {
        self.items.last_key_value().map_or(0, |(last, _)| last + 1)
    }

    pub(super) fn put(&mut self, item: T) {
        let (number, realm) = (item.number(), item.realm());
        match (item.is_deleted(), self.realms.get_mut(realm)) {
            (true, Some(present)) => {
                present.remove(&number);
            }
            (true, None) => {}
            (false, Some(present)) => {
                present.insert(number);
            }
            (false, None) => {
                self.realms.insert(realm.clone(), BTreeSet::from([number]));
            }
        }
        self.ids.insert(item.id().to_owned(), number);
        self.items.insert(number, item);
    }

    /// Returns the item with this ID, deleted or not, wherever it is.
    pub(super) fn get(&self, id: &str, now: SimTime) -> Option<T> {
        let mut item = self.items.get(self.ids.get(id)?)?.clone();
        item.advance_to(now);
        Some(item)
    }

    /// Returns the item with this ID as its realm sees it now.
    pub(super) fn visible(&self, realm: &Realm, id: &str, now: SimTime) -> Option<T> {
        self.get(id, now)
            .filter(|item| item.realm() == realm && !item.is_deleted() && item.is_visible(now))
    }

    /// Returns all items of this realm, visible or not, the oldest first.
    pub(super) fn present(&self, realm: &Realm, now: SimTime) -> impl Iterator<Item = T> {
        let numbers = self.realms.get(realm).into_iter().flatten();
        numbers
            .filter_map(|number| self.items.get(number))
            .filter_map(move |item| {
                let mut item = item.clone();
                item.advance_to(now);
                (!item.is_deleted()).then_some(item)
            })
    }

    /// Returns all items of all realms.
    pub(super) fn all(&self, now: SimTime) -> impl Iterator<Item = T> {
        self.realms
            .keys()
            .flat_map(move |realm| self.present(realm, now))
    }
}
