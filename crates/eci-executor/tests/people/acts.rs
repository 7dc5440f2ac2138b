//! Acts of people between two runs.

mod dependencies;
mod edits;
mod elsewhere;
mod moves;
mod outside;
mod values;

use crate::classes::Class;
use crate::config::{Config, Group, PLACES, Place};
use crate::history::History;
use crate::objects::{self, DISKS, Disk, EIPS, Eip};
use crate::run::Order;

/// An act of somebody, and the runs that follow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Act {
    pub(crate) what: String,
    pub(crate) order: Order,
    /// Whether a plan may say that it cannot be.
    pub(crate) may_be_refused: bool,
    /// Whether what the state lost is deleted first.
    pub(crate) deletes_orphans: bool,
    /// Whether the manifest stays as it is also where a plan says that it cannot be.
    pub(crate) stays: bool,
    /// Whether calls of the runs may go wrong although nothing else does.
    pub(crate) unknown: bool,
}

impl Act {
    pub(crate) fn plain(what: impl Into<String>) -> Act {
        Act {
            what: what.into(),
            ..Act::default()
        }
    }

    fn refusable(what: impl Into<String>) -> Act {
        Act {
            may_be_refused: true,
            ..Act::plain(what)
        }
    }
}

/// Creates the first configurations.
pub(crate) fn first(history: &mut History) {
    for _ in 0..2 + history.draws.below(4) {
        history.add_resource(0);
    }
    if history.classes.has(Class::Transfers) {
        history.add_holders(0);
    }
    if history.classes.has(Class::States) {
        history.add_resource(1);
    }
}

impl History {
    /// One user action.
    pub(crate) fn act(&mut self, at: usize) -> Act {
        // An output that cannot be computed is fixed at once.
        self.config(at).outputs.remove("bad");
        let classes = self.classes.0.iter().copied();
        let classes: Vec<Class> = classes.filter(|class| *class != Class::Kills).collect();
        let class = if classes.is_empty() || self.draws.percent(25) {
            None
        } else {
            Some(self.draws.one(&classes))
        };
        let act = match class {
            None => self.edit(at),
            Some(Class::Moves) => self.move_resource(at),
            Some(Class::Imports) => self.import_resource(at),
            Some(Class::Targets) => self.target_resource(at),
            Some(Class::Clouds) => self.go_elsewhere(at),
            Some(Class::States) => self.take_from_the_other(at),
            Some(Class::Orphans) => self.lose_resource(at),
            Some(Class::Console) => self.edit_in_the_console(at),
            Some(Class::Reverts) => self.change_and_revert(at),
            Some(Class::Secrets) => self.change_secrets(at),
            Some(Class::Ignores) => self.change_what_is_ignored(at),
            Some(Class::Transfers) => self.transfer(at),
            Some(Class::Failures) => self.make_resource_fail(at),
            Some(Class::Triggers) => self.change_triggers(at),
            Some(Class::Protection) => self.change_protection(at),
            Some(Class::Dependencies) => self.change_dependencies(at),
            Some(Class::Names | Class::Kills) => self.change_names(at),
        };
        let mut act = act.unwrap_or_else(|| Act::plain("nothing"));
        // A protected resource may prevent any action.
        act.may_be_refused |= self.classes.has(Class::Protection);
        // What is orphaned may have what another one is to get.
        act.may_be_refused |= !self.states[at].orphaned.is_empty();
        // And a group whose EIP is ignored keeps an EIP that is to be deleted.
        let mut groups = self.states[at].config.groups.values();
        act.may_be_refused |= groups.any(Group::ignores_eip);
        // What is to be handed over may not be removed from its state yet.
        let mut imports = self.states[at].config.imports.values();
        act.may_be_refused |= imports.any(|import| import.take_over);
        // Whether what is starting has an automatic EIP shows only later.
        act.may_be_refused |= self.states[at].imports_automatic();
        // A resource that the other state has taken over prevents actions until it is removed from
        // this one.
        act.may_be_refused |= !self.lost(at).is_empty();
        self.states[at].tidy();
        act.may_be_refused |= self.states[at].has_blocked_move();
        act.may_be_refused |= self.states[at].shares_default_name();
        act.may_be_refused |= self.states[at].imports_its_own();
        act
    }

    pub(crate) fn config(&mut self, at: usize) -> &mut Config {
        &mut self.states[at].config
    }

    /// One of the groups that are declared.
    pub(crate) fn some_group(&self, at: usize) -> Option<Place> {
        let places: Vec<Place> = self.states[at].config.groups.keys().copied().collect();
        (!places.is_empty()).then(|| self.draws.one(&places))
    }

    /// One of those in the root.
    pub(crate) fn some_root(&self, at: usize) -> Option<Place> {
        let groups = self.states[at].config.groups.keys().copied();
        let places: Vec<Place> = groups.filter(|place| place.label().is_some()).collect();
        (!places.is_empty()).then(|| self.draws.one(&places))
    }

    /// A separate group.
    pub(crate) fn new_group(&mut self) -> Group {
        let number = self.number();
        let named = !self.classes.has(Class::Names) || self.draws.percent(40);
        Group {
            name: named.then(|| format!("n{number}")),
            image: format!("app:{}", self.draws.below(3)),
            vpc: self.draws.below(2),
            restarts: true,
            create_first: self.draws.percent(30),
            ..Group::default()
        }
    }

    /// Declares a new resource.
    pub(crate) fn add_resource(&mut self, at: usize) -> Option<String> {
        let what = self.draws.below(10);
        let number = self.number();
        let draws = self.draws.clone();
        let taken = |labels: &[&'static str], has: &dyn Fn(&str) -> bool| {
            let free: Vec<&'static str> =
                labels.iter().copied().filter(|label| !has(label)).collect();
            (!free.is_empty()).then(|| draws.one(&free))
        };
        let config = &self.states[at].config;
        if what < 2 {
            let has = |label: &str| {
                config.eips.contains_key(label) || is_named(config, &objects::eip(label))
            };
            let label = taken(&EIPS, &has)?;
            let eip = Eip {
                name: format!("eip{number}"),
                bandwidth: 5,
                line: self.draws.below(2),
            };
            self.config(at).eips.insert(label, eip);
            self.give_away(at, label);
            return Some(format!("adds eip.{label}"));
        }
        if what < 4 {
            let has = |label: &str| {
                config.disks.contains_key(label) || is_named(config, &objects::volume(label))
            };
            let label = taken(&DISKS, &has)?;
            let disk = Disk {
                name: format!("disk{number}"),
                size: 20,
                kind: self.draws.below(2),
                description: None,
            };
            self.config(at).disks.insert(label, disk);
            self.give_away(at, label);
            return Some(format!("adds volume.{label}"));
        }
        let free = config.free();
        let roots: Vec<Place> = free
            .iter()
            .copied()
            .filter(|place| place.label().is_some())
            .collect();
        let places = if roots.is_empty() || self.draws.percent(30) {
            free
        } else {
            roots
        };
        if places.is_empty() {
            return None;
        }
        let place = self.draws.one(&places);
        let mut group = self.new_group();
        if place.label().is_some() && self.draws.percent(40) {
            let others = PLACES.iter().filter_map(|place| place.label());
            let others: Vec<&str> = others
                .filter(|label| {
                    self.states[at]
                        .config
                        .groups
                        .contains_key(&Place::Root(label))
                })
                .collect();
            group.dependency = (!others.is_empty()).then(|| self.draws.one(&others));
        }
        if !matches!(place, Place::Key(..)) && self.draws.percent(40) {
            group.tags.insert("team", self.draws.below(3));
        }
        self.config(at).groups.insert(place, group);
        self.config(at).tidy();
        Some(format!("adds {}", place.address()))
    }

    /// Two or three groups that have an EIP or a disk each.
    fn add_holders(&mut self, at: usize) {
        let eips = self.draws.percent(60);
        for (place, label) in [("a", 0), ("b", 1), ("c", 2)] {
            let number = self.number();
            let group = self.new_group();
            let group = Group {
                create_first: eips && group.create_first,
                ..group
            };
            let config = self.config(at);
            let group = config.groups.entry(Place::Root(place)).or_insert(group);
            if eips {
                let eip = Eip {
                    name: format!("eip{number}"),
                    bandwidth: 5,
                    line: 0,
                };
                group.eip = Some(EIPS[label]);
                config.eips.insert(EIPS[label], eip);
            } else {
                let disk = Disk {
                    name: format!("disk{number}"),
                    size: 20,
                    kind: 0,
                    description: None,
                };
                group.disks = [DISKS[label]].into();
                config.disks.insert(DISKS[label], disk);
            }
            for (other, group) in &mut config.groups {
                if *other != Place::Root(place) {
                    group.eip.take_if(|it| eips && *it == EIPS[label]);
                    group.disks.retain(|it| eips || *it != DISKS[label]);
                }
            }
            config.tidy();
        }
    }

    /// Gives an EIP or a disk to some group, which may have had another one.
    pub(crate) fn give_away(&mut self, at: usize, object: &'static str) -> Option<Place> {
        let place = self.some_root(at)?;
        let config = self.config(at);
        let is_eip = config.eips.contains_key(object);
        for group in config.groups.values_mut() {
            group.eip.take_if(|it| *it == object);
            group.disks.remove(object);
        }
        let group = config.groups.get_mut(&place)?;
        if is_eip {
            group.eip = Some(object);
        } else {
            group.disks.insert(object);
        }
        config.tidy();
        Some(place)
    }
}

/// Returns whether a change block speaks of an address.
fn is_named(config: &Config, address: &str) -> bool {
    let mut moved = config.moved.iter();
    moved.any(|(from, to)| from == address || to == address) || config.removed.contains_key(address)
}
