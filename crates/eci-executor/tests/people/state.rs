//! A state of a history, and what people remember of it.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::{Address, Lineage, OperationTag, Value};
use eci_state::{Snapshot, Store as _};
use tempfile::TempDir;

use crate::config::{Config, Place, Secret};
use crate::crash_point::Fuse;
use crate::dependencies::Edges;
use crate::disk::Disk;
use crate::objects;
use crate::secrets::HiddenSecrets;

/// A state, and the configuration that people have for it.
pub(crate) struct State {
    pub(crate) name: &'static str,
    pub(crate) lineage: Lineage,
    pub(crate) disk: Disk,
    pub(crate) config: Config,
    /// The objects that were deliberately removed from it.
    pub(crate) released: BTreeSet<String>,
    /// The objects that it has imported although they carried this tag of the other one.
    pub(crate) taken_over: BTreeMap<String, String>,
    /// The objects that it has lost and no one has removed yet.
    pub(crate) orphaned: BTreeSet<String>,
    /// Earlier versions of it.
    pub(crate) past: Vec<Snapshot>,
    /// The secrets that must not be displayed.
    pub(crate) hidden: BTreeSet<Secret>,
    /// The configuration before a change that may be taken back.
    pub(crate) to_revert: Option<Config>,
    /// Whether there was a failure since the last complete run.
    pub(crate) troubled: bool,
    /// The ids of what was protected by the last complete run.
    pub(crate) guarded: BTreeSet<String>,
    /// The groups that have to be replaced because their triggers changed.
    pub(crate) owed: BTreeMap<String, DueReplacement>,
    /// The addresses of what a run was to update or replace, since one was complete.
    pub(crate) begun: BTreeSet<String>,
    /// The dependencies of each group in the last complete run.
    pub(crate) edges: Edges,
    pub(crate) directory: TempDir,
}

/// A replacement that is due.
#[derive(Clone, Debug)]
pub(crate) struct DueReplacement {
    /// The id of what is to be replaced.
    pub(crate) id: String,
    /// The address of the trigger that changed.
    pub(crate) by: String,
}

impl State {
    pub(crate) fn new(name: &'static str) -> State {
        let lineage = Lineage::new(format!("lineage-{name}"));
        State {
            name,
            disk: Disk::of(lineage.clone()),
            lineage,
            config: Config::default(),
            released: BTreeSet::new(),
            taken_over: BTreeMap::new(),
            orphaned: BTreeSet::new(),
            past: Vec::new(),
            hidden: BTreeSet::new(),
            to_revert: None,
            troubled: false,
            guarded: BTreeSet::new(),
            owed: BTreeMap::new(),
            begun: BTreeSet::new(),
            edges: Edges::new(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// Returns whether an object with this tag is another state's, from which it was not taken over.
    pub(crate) fn is_of_another(&self, id: &str, tag: &str) -> bool {
        let is_ours = OperationTag::from_recorded(tag).is_of(&self.lineage);
        !tag.is_empty() && !is_ours && self.taken_over.get(id).is_none_or(|it| it != tag)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.disk.open(&Fuse::never()).snapshot().clone()
    }

    /// Puts the configuration in order.
    ///
    /// What has data on it goes only if that is said.
    pub(crate) fn tidy(&mut self) {
        self.config.tidy();
        let declared = self.config.addresses();
        let moved: Vec<String> = self.config.moved.iter().map(|it| it.0.clone()).collect();
        for address in self.snapshot().resources.keys() {
            let address = address.to_string();
            let goes = objects::is_volume(&address) && !declared.contains(&address);
            if goes && !moved.contains(&address) {
                self.config.removed.entry(address).or_insert(true);
            }
        }
    }

    /// Returns whether a `[[moved]]` leads to the address of an existing resource.
    pub(crate) fn has_blocked_move(&self) -> bool {
        let snapshot = self.snapshot();
        let is_there = |address: &String| {
            let address = address.parse();
            address.is_ok_and(|address| snapshot.occupies(&address))
        };
        let mut moved = self.config.moved.iter();
        moved.any(|(from, to)| is_there(from) && is_there(to))
    }

    /// Returns whether an `[[import]]` names an object that the state has at another address.
    pub(crate) fn imports_its_own(&self) -> bool {
        let snapshot = self.snapshot();
        let mut imports = self.config.imports.iter();
        imports.any(|(to, import)| {
            let mut resources = snapshot.resources.iter();
            resources.any(|(address, resource)| {
                resource.id.as_ref() == Some(&import.id) && address.to_string() != *to
            })
        })
    }

    /// Returns whether an `[[import]]` leads to a group that is to have an automatic EIP.
    pub(crate) fn imports_automatic(&self) -> bool {
        let groups = self.config.groups.iter();
        let mut automatic = groups.filter(|(_, group)| group.automatic.is_some());
        automatic.any(|(place, _)| self.config.imports.contains_key(&place.address()))
    }

    /// Returns whether the name that an address gives is the one that another group has: it keeps that when
    /// it moves.
    pub(crate) fn shares_default_name(&self) -> bool {
        let snapshot = self.snapshot();
        let unnamed = self.config.groups.iter();
        let unnamed = unnamed.filter(|(_, group)| group.name.is_none());
        let defaults: BTreeSet<String> = unnamed.map(|(place, _)| place.default_name()).collect();
        let mut others = snapshot.resources.iter();
        others.any(|(address, resource)| {
            let name = resource.applied.get("name").and_then(Value::as_str);
            let name = name.filter(|name| defaults.contains(*name));
            let address = address.to_string();
            let moves = self.config.moved.iter().any(|(from, _)| *from == address);
            let is_own =
                |place: &Place| place.address() == address && Some(&*place.default_name()) == name;
            name.is_some() && (moves || !self.config.groups.keys().any(is_own))
        })
    }

    /// The texts that must not be displayed.
    pub(crate) fn secrets(&self) -> HiddenSecrets {
        let texts = |secrets: &BTreeSet<Secret>| {
            let values = secrets.iter().map(|secret| secret.value());
            values.chain(["p4ssw0rd".to_owned()]).collect()
        };
        HiddenSecrets {
            marked: texts(&self.config.marked),
            ever: texts(&self.hidden),
        }
    }
    /// Adds the values that are sensitive from now on to the secrets.
    pub(crate) fn hide(&mut self) {
        self.hidden.extend(&self.config.marked);
    }

    /// A value that is no longer sensitive may be displayed once that is recorded.
    pub(crate) fn unhide(&mut self) {
        self.hidden = self.config.marked.clone();
    }

    /// The recorded dependencies may be incomplete.
    pub(crate) fn forget_edges(&mut self) {
        if self.edges != self.config.edges() {
            self.edges.clear();
        }
    }

    /// Everything is as the manifest says: what is protected is so until that is lifted.
    pub(crate) fn complete(&mut self) {
        self.begun.clear();
        self.edges = self.config.edges();
        let snapshot = self.snapshot();
        for (place, group) in &self.config.groups {
            let address: Option<Address> = place.address().parse().ok();
            let id = address.and_then(|it| snapshot.resources.get(&it)?.id.clone());
            match (id, group.protected) {
                (Some(id), Some(true)) => drop(self.guarded.insert(id)),
                (Some(id), Some(false)) => drop(self.guarded.remove(&id)),
                (_, None) | (None, _) => {}
            }
        }
    }
}
