//! Desired configurations: resources of every kind, and random edits of them.

use std::collections::{BTreeMap, BTreeSet};

use super::draws::Draws;

/// The labels of groups, each of which may depend on the address of one before it.
pub(super) const GROUPS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// The labels that groups are moved to, each once.
pub(super) const DESTINATIONS: [&str; 4] = ["m", "n", "o", "p"];

/// The labels of EIPs, each with the group that has it where nothing is transferred.
pub(super) const EIPS: [(&str, &str); 2] = [("front", "a"), ("back", "b")];

/// The labels of disks, likewise.
pub(super) const DISKS: [(&str, &str); 2] = [("data", "c"), ("logs", "d")];

/// The keys of instances.
const KEYS: [&str; 3] = ["x", "y", "z-1"];

/// The number of secrets.
pub(super) const SECRETS: usize = 3;

/// The features that configurations and histories may have. The bounded test leaves out what is
/// known not to work yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// EIPs and disks pass from one group to another.
    pub transfers: bool,
    /// EIPs become managed, automatic or existing ones.
    pub eip_kinds: bool,
    /// Resources get other addresses by `[[moved]]`.
    pub moves: bool,
    /// Variables become sensitive, and cease to be.
    pub marks: bool,
    /// `ignore_changes`, also of what is secret.
    pub ignores: bool,
    /// `wait = "none"`, also on groups whose address others refer to.
    pub unready: bool,
    /// Runs with `--target`, `--exclude` and `--replace`.
    pub selections: bool,
    /// Whether it is checked that no secret is disclosed.
    pub secrecy: bool,
}

impl Features {
    /// All of it.
    pub const ALL: Features = Features::all(true);

    /// Only what every configuration has.
    pub const NONE: Features = Features::all(false);

    const fn all(have: bool) -> Features {
        Features {
            transfers: have,
            eip_kinds: have,
            moves: have,
            marks: have,
            ignores: have,
            unready: have,
            selections: have,
            secrecy: have,
        }
    }

    /// Parses a list, for example `moves,marks`, or `all`.
    ///
    /// # Panics
    ///
    /// If a name is not a feature.
    pub fn named(list: &str) -> Features {
        let mut features = Features::NONE;
        for name in list.split(',').filter(|name| !name.is_empty()) {
            match name {
                "all" => features = Features::ALL,
                "transfers" => features.transfers = true,
                "eip-kinds" => features.eip_kinds = true,
                "moves" => features.moves = true,
                "marks" => features.marks = true,
                "ignores" => features.ignores = true,
                "unready" => features.unready = true,
                "selections" => features.selections = true,
                "secrecy" => features.secrecy = true,
                other => panic!("round trips have no feature {other}"),
            }
        }
        features
    }
}

/// A place of a container group that can hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Env,
    Args,
    Probe,
    PreStop,
    InitEnv,
    Tag,
    Registry,
    File,
    Bucket,
}

const PLACES: [Place; 9] = [
    Place::Env,
    Place::Args,
    Place::Probe,
    Place::PreStop,
    Place::InitEnv,
    Place::Tag,
    Place::Registry,
    Place::File,
    Place::Bucket,
];

/// A container group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    /// Is updated in place.
    pub(super) image: usize,
    /// Cannot change: another one is another group.
    pub(super) subnet: usize,
    pub(super) create_first: bool,
    /// The group whose address it is given.
    pub(super) dependency: Option<&'static str>,
    /// The number of the secret in each place.
    pub(super) secrets: BTreeMap<Place, usize>,
    /// A tag that is not a secret.
    pub(super) owner: usize,
    /// Whether changes of its tags are ignored.
    pub(super) ignores_tags: bool,
    /// Whether its create does not wait until it is ready.
    pub(super) does_not_wait: bool,
}

/// The management of an EIP or a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Management {
    Managed,
    Automatic,
    Existing,
}

/// An EIP, or the disk of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attachment {
    pub(super) name: String,
    /// Mbps or GB; a disk never shrinks.
    pub(super) size: usize,
    /// Cannot change: its line, or its type.
    pub(super) fixed: usize,
    pub(super) sort: Management,
    pub(super) holder: Option<&'static str>,
}

/// A variable with a text that must not be shown while it is sensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    number: usize,
    version: usize,
    pub(super) is_sensitive: bool,
}

impl Secret {
    pub(super) fn text(&self) -> String {
        format!("zq{}secret{}qz", self.number, self.version)
    }
}

/// All that is desired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredObjects {
    pub(super) secrets: Vec<Secret>,
    pub(super) groups: BTreeMap<&'static str, Group>,
    pub(super) eips: BTreeMap<&'static str, Attachment>,
    pub(super) disks: BTreeMap<&'static str, Attachment>,
    /// The keys of a group with `for_each`.
    pub(super) keys: BTreeSet<&'static str>,
    /// The keys of a module, and the image of the group in it.
    pub(super) module: (BTreeSet<&'static str>, usize),
    /// The groups that were moved, the latest last.
    pub(super) moved: Vec<(&'static str, &'static str)>,
    /// The texts of secrets that were plain at some time.
    pub(super) published: BTreeSet<String>,
    /// The number of names that were given and of groups that moved.
    names: usize,
    moves: usize,
    /// The largest size that any disk ever was to have.
    largest: usize,
}

impl DesiredObjects {
    /// Draws the first desired state.
    pub fn first(draws: &mut Draws, features: Features) -> DesiredObjects {
        let secret = |number| Secret {
            number,
            version: 0,
            is_sensitive: true,
        };
        let nothing = DesiredObjects {
            secrets: (0..SECRETS).map(secret).collect(),
            groups: BTreeMap::new(),
            eips: BTreeMap::new(),
            disks: BTreeMap::new(),
            keys: BTreeSet::new(),
            module: (BTreeSet::new(), 0),
            moved: Vec::new(),
            published: BTreeSet::new(),
            names: 0,
            moves: 0,
            largest: 20,
        };
        nothing.edited(draws, features)
    }

    /// Draws the desired state after an edit; most of it is unchanged.
    pub fn edited(&self, draws: &mut Draws, features: Features) -> DesiredObjects {
        let mut next = self.clone();
        if features.marks && draws.percent(20) {
            // Separate, so that a plain value and a later secret are in one place.
            next.edit_marks(draws);
            return next;
        }
        next.edit_secrets(draws);
        if features.moves && draws.percent(30) {
            next.move_a_group(draws);
        }
        for label in GROUPS {
            next.edit_group(label, true, draws, features);
        }
        for label in DESTINATIONS {
            next.edit_group(label, false, draws, features);
        }
        let mut holders = BTreeSet::new();
        for (label, usual) in EIPS {
            let edited = next.edited_attachment(self.eips.get(label), true, draws, features);
            let attachment = edited.map(|mut attachment| {
                attachment.holder = next.holder(attachment.holder, usual, draws, features);
                attachment.holder = attachment.holder.filter(|holder| holders.insert(*holder));
                attachment
            });
            set(&mut next.eips, label, attachment);
        }
        for (label, usual) in DISKS {
            let edited = next.edited_attachment(self.disks.get(label), false, draws, features);
            let attachment = edited.map(|mut attachment| {
                attachment.holder = next.holder(attachment.holder, usual, draws, features);
                attachment
            });
            set(&mut next.disks, label, attachment);
        }
        next.forbid_two_holders();
        for key in KEYS {
            toggle(&mut next.keys, key, draws);
            toggle(&mut next.module.0, key, draws);
        }
        if draws.percent(30) {
            next.module.1 = draws.below(3);
        }
        next
    }

    /// Returns whether only the marks of variables are others.
    pub(super) fn is_marked_otherwise(&self, before: &DesiredObjects) -> bool {
        let mut marked = before.clone();
        marked.secrets.clone_from(&self.secrets);
        marked.published.clone_from(&self.published);
        marked == *self
    }

    fn edit_marks(&mut self, draws: &mut Draws) {
        for secret in &mut self.secrets {
            if draws.percent(60) {
                secret.is_sensitive = !secret.is_sensitive;
            }
            if !secret.is_sensitive {
                self.published.insert(secret.text());
            }
        }
    }

    fn edit_secrets(&mut self, draws: &mut Draws) {
        for secret in &mut self.secrets {
            if draws.percent(20) {
                secret.version += 1;
            }
            if !secret.is_sensitive {
                self.published.insert(secret.text());
            }
        }
    }

    /// Gives a group another address.
    fn move_a_group(&mut self, draws: &mut Draws) {
        let from: Vec<&'static str> = self.groups.keys().copied().collect();
        // An object may still exist at an address that was used before.
        let to = DESTINATIONS.get(self.moves).copied();
        let Some(to) = to.filter(|_| !from.is_empty()) else {
            return;
        };
        self.moves += 1;
        let from = draws.one(&from);
        let Some(group) = self.groups.remove(from) else {
            return;
        };
        self.groups.insert(to, group);
        for other in self.groups.values_mut() {
            if other.dependency == Some(from) {
                other.dependency = Some(to);
            }
        }
        for attachment in self.eips.values_mut().chain(self.disks.values_mut()) {
            if attachment.holder == Some(from) {
                attachment.holder = Some(to);
            }
        }
        self.moved.push((from, to));
    }

    fn edit_group(
        &mut self,
        label: &'static str,
        may_appear: bool,
        draws: &mut Draws,
        features: Features,
    ) {
        let old = self.groups.remove(label);
        if old.is_none() && !may_appear {
            return;
        }
        let stays = if old.is_some() { 85 } else { 45 };
        if !draws.percent(stays) {
            return;
        }
        let is_new = old.is_none();
        let mut group = old.unwrap_or_else(|| {
            self.names += 1;
            Group {
                name: format!("g{}", self.names),
                image: 0,
                subnet: 0,
                create_first: false,
                dependency: None,
                secrets: BTreeMap::new(),
                owner: 0,
                ignores_tags: false,
                does_not_wait: false,
            }
        });
        if is_new {
            // What is declared here now was not moved away.
            self.moved.retain(|(from, _)| *from != label);
        }
        // Its own group may be deleted, or come after it.
        let earlier: Vec<&'static str> = self
            .groups
            .keys()
            .copied()
            .filter(|other| *other < label)
            .collect();
        group.dependency = group
            .dependency
            .filter(|dependency| earlier.contains(dependency));
        if draws.percent(if is_new { 100 } else { 50 }) {
            if draws.percent(40) {
                group.image = draws.below(3);
            }
            if draws.percent(25) {
                group.subnet = draws.below(2);
            }
            if draws.percent(30) {
                group.create_first = draws.percent(50);
            }
            if draws.percent(30) && !earlier.is_empty() {
                group.dependency = draws.percent(60).then(|| draws.one(&earlier));
            }
            if draws.percent(30) {
                group.owner = draws.below(3);
            }
            if features.ignores && draws.percent(30) {
                group.ignores_tags = draws.percent(50);
            }
            if features.unready && draws.percent(20) {
                group.does_not_wait = draws.percent(50);
            }
            for place in PLACES {
                if draws.percent(25) {
                    let secret = draws.percent(60).then(|| draws.below(SECRETS));
                    match secret {
                        Some(secret) => drop(group.secrets.insert(place, secret)),
                        None => drop(group.secrets.remove(&place)),
                    }
                }
            }
        }
        self.groups.insert(label, group);
    }

    /// Only one of the two groups of a replacement can have a disk, so that neither the new one nor
    /// that of a dependent group can be created first: such a plan is refused.
    fn forbid_two_holders(&mut self) {
        let disks = self.disks.values();
        let holders: BTreeSet<&str> = disks.filter_map(|disk| disk.holder).collect();
        let dependencies: BTreeMap<&str, &str> = self
            .groups
            .iter()
            .filter_map(|(label, group)| Some((*label, group.dependency?)))
            .collect();
        for (label, group) in &mut self.groups {
            let mut needed = Some(*label);
            while let Some(label) = needed {
                group.create_first &= !holders.contains(label);
                needed = dependencies.get(label).copied();
            }
        }
    }

    fn edited_attachment(
        &mut self,
        old: Option<&Attachment>,
        is_eip: bool,
        draws: &mut Draws,
        features: Features,
    ) -> Option<Attachment> {
        let stays = if old.is_some() { 85 } else { 40 };
        if !draws.percent(stays) {
            return None;
        }
        let mut attachment = old.cloned().unwrap_or_else(|| {
            self.names += 1;
            Attachment {
                name: format!("t{}", self.names),
                size: if is_eip { 5 } else { self.largest },
                fixed: 0,
                sort: Management::Managed,
                holder: None,
            }
        });
        if draws.percent(20) {
            self.names += 1;
            attachment.name = format!("t{}", self.names);
        }
        if draws.percent(25) {
            self.largest += 10;
            attachment.size = if is_eip {
                5 + draws.below(3)
            } else {
                self.largest
            };
        }
        if draws.percent(15) {
            attachment.fixed = draws.below(2);
        }
        if is_eip && features.eip_kinds && draws.percent(20) {
            attachment.sort = draws.one(&[
                Management::Managed,
                Management::Automatic,
                Management::Existing,
            ]);
        }
        Some(attachment)
    }

    fn holder(
        &self,
        old: Option<&'static str>,
        usual: &'static str,
        draws: &mut Draws,
        features: Features,
    ) -> Option<&'static str> {
        let may: Vec<&'static str> = if features.transfers {
            self.groups.keys().copied().collect()
        } else {
            // One that was moved took along what it had.
            Vec::from([old.unwrap_or(usual)])
        };
        let mut holder = old;
        if draws.percent(50) {
            holder = (draws.percent(75) && !may.is_empty()).then(|| draws.one(&may));
        }
        holder.filter(|it| self.groups.contains_key(it))
    }
}

fn toggle(keys: &mut BTreeSet<&'static str>, key: &'static str, draws: &mut Draws) {
    let stays = if keys.contains(key) { 85 } else { 25 };
    if draws.percent(stays) {
        keys.insert(key);
    } else {
        keys.remove(key);
    }
}

fn set(
    attachments: &mut BTreeMap<&'static str, Attachment>,
    label: &'static str,
    attachment: Option<Attachment>,
) {
    match attachment {
        Some(attachment) => drop(attachments.insert(label, attachment)),
        None => drop(attachments.remove(label)),
    }
}
