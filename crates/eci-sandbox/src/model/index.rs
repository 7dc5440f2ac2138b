//! Ways to find groups without a search through all of them.

use std::collections::{BTreeSet, HashMap};

use super::group::Group;
use crate::model::request::text;

/// Numbers of groups by filterable attributes, within one realm.
#[derive(Clone, Default)]
pub(super) struct Index {
    pub(super) all: BTreeSet<u64>,
    terms: HashMap<Term, BTreeSet<u64>>,
}

/// A filterable attribute of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    Name(String),
    Project(String),
    Tag(String, String),
    TagKey(String),
}

impl Index {
    pub(super) fn insert(&mut self, group: &Group) {
        self.all.insert(group.number);
        for term in terms(group) {
            self.terms.entry(term).or_default().insert(group.number);
        }
    }

    pub(super) fn remove(&mut self, group: &Group) {
        self.all.remove(&group.number);
        for term in terms(group) {
            let Some(numbers) = self.terms.get_mut(&term) else {
                continue;
            };
            numbers.remove(&group.number);
            if numbers.is_empty() {
                self.terms.remove(&term);
            }
        }
    }

    pub(super) fn with(&self, term: &Term) -> Option<&BTreeSet<u64>> {
        self.terms.get(term)
    }
}

fn terms(group: &Group) -> Vec<Term> {
    let mut terms = vec![Term::Name(group.name().to_owned())];
    let project = text(&group.spec, "epId");
    if !project.is_empty() {
        terms.push(Term::Project(project.to_owned()));
    }
    for (key, value) in group.tags() {
        terms.push(Term::Tag(key.to_owned(), value.to_owned()));
        terms.push(Term::TagKey(key.to_owned()));
    }
    terms
}
