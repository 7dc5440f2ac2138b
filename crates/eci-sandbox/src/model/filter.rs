//! Pages of groups.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;

use super::World;
use super::group::Group;
use super::index::Term;
use super::realm::Realm;
use crate::model::clock::Timing;

/// A filter of groups; all given conditions must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Empty: any.
    pub(crate) ids: Vec<String>,
    pub(crate) terms: Vec<Term>,
    pub(crate) status: Option<String>,
    /// The most groups.
    pub(crate) limit: usize,
    /// Only those created after this one.
    pub(crate) after: Option<u64>,
}

/// Some groups, in the order of creation.
#[derive(Debug)]
pub(crate) struct GroupPage {
    pub(crate) groups: Vec<Arc<Group>>,
    /// The number of matches in all.
    pub(crate) total: usize,
    /// The last of this page, if there are more.
    pub(crate) next: Option<u64>,
}

impl World {
    /// Returns the next page.
    ///
    /// Costs as much as the page where the filter has one criterion at most; otherwise as much as
    /// there are groups with the rarest of them. A status is computed, not stored, so that
    /// filtering by one reads every group that matches otherwise.
    pub(crate) fn page(&self, realm: &Realm, filter: &Filter, at: Timing) -> GroupPage {
        let none = BTreeSet::new();
        let Some(index) = self.realms.get(realm) else {
            return page(std::iter::empty(), 0);
        };
        let mut sets: Vec<&BTreeSet<u64>> = filter
            .terms
            .iter()
            .map(|term| index.with(term).unwrap_or(&none))
            .collect();
        let named: BTreeSet<u64>;
        if !filter.ids.is_empty() {
            named = filter
                .ids
                .iter()
                .filter_map(|id| self.ids.get(id).copied())
                .collect();
            sets.push(&named);
            sets.push(&index.all);
        }
        sets.sort_by_key(|set| set.len());
        let (rarest, others) = match sets.split_first() {
            Some((rarest, others)) => (*rarest, others),
            None => (&index.all, &[][..]),
        };
        let group = |number: &u64| self.groups.get(number);
        let rest = (
            filter.after.map_or(Bound::Unbounded, Bound::Excluded),
            Bound::Unbounded,
        );
        if others.is_empty() && filter.status.is_none() {
            let found = rarest.range(rest).filter_map(group);
            return cut(found, rarest.len(), filter.limit);
        }
        let holding: Vec<&Arc<Group>> = rarest
            .iter()
            .filter(|number| others.iter().all(|set| set.contains(number)))
            .filter_map(group)
            .filter(|group| match &filter.status {
                Some(status) => group.phase(at.now, at.scale).status == status,
                None => true,
            })
            .collect();
        let total = holding.len();
        let found = holding
            .into_iter()
            .filter(|group| filter.after.is_none_or(|after| group.number > after));
        cut(found, total, filter.limit)
    }
}

fn cut<'a>(found: impl Iterator<Item = &'a Arc<Group>>, total: usize, limit: usize) -> GroupPage {
    let mut found = found;
    let mut page = page(found.by_ref().take(limit), total);
    if found.next().is_some() {
        page.next = page.groups.last().map(|group| group.number);
    }
    page
}

fn page<'a>(groups: impl Iterator<Item = &'a Arc<Group>>, total: usize) -> GroupPage {
    GroupPage {
        groups: groups.cloned().collect(),
        total,
        next: None,
    }
}
