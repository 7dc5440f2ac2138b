//! Configurations as people think of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::objects::{self, Disk, Eip};

/// The place at which a container group is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Root(&'static str),
    /// An instance of a table with `for_each`: its label and its key.
    Key(&'static str, &'static str),
    /// A module and a label in it.
    Module(&'static str, &'static str),
}

/// All places at which container groups can be declared.
pub(crate) const PLACES: [Place; 11] = [
    Place::Root("a"),
    Place::Root("b"),
    Place::Root("c"),
    Place::Root("d"),
    Place::Root("e"),
    Place::Key("many", "x"),
    Place::Key("many", "y"),
    Place::Key("few", "x"),
    Place::Module("m", "a"),
    Place::Module("m", "b"),
    Place::Module("n", "a"),
];

/// The keys of tags and of environment variables.
pub(crate) const KEYS: [&str; 2] = ["team", "owner"];

impl Place {
    pub(crate) fn address(self) -> String {
        match self {
            Place::Root(label) => format!("container_group.{label}"),
            Place::Key(label, key) => format!("container_group.{label}[\"{key}\"]"),
            Place::Module(module, label) => format!("module.{module}.container_group.{label}"),
        }
    }

    /// The name that a group gets where its manifest gives it none.
    pub(crate) fn default_name(self) -> String {
        match self {
            Place::Root(label) => label.to_owned(),
            Place::Key(outer, inner) | Place::Module(outer, inner) => format!("{outer}-{inner}"),
        }
    }

    /// The label that links within the root name it by.
    pub(crate) fn label(self) -> Option<&'static str> {
        match self {
            Place::Root(label) => Some(label),
            Place::Key(..) | Place::Module(..) => None,
        }
    }
}

/// A value that may be marked as sensitive: the number of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Secret(pub(crate) usize);

impl Secret {
    pub(crate) fn value(self) -> String {
        format!("s3cr3t-{}-x", self.0)
    }
}

/// The place in a group of a value that may be sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Env,
    Tag,
    Argument,
}

pub(crate) const SHAPES: [Shape; 3] = [Shape::Env, Shape::Tag, Shape::Argument];

/// A path in `ignore_changes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IgnoredPath {
    All,
    Tags,
    Owner,
    Image,
    ImageByPlace,
    ImageOfAll,
    RestartPolicy,
    SecretEnv,
    SecretTag,
    Eip,
}

pub(crate) const IGNORED: [IgnoredPath; 10] = [
    IgnoredPath::ImageByPlace,
    IgnoredPath::ImageOfAll,
    IgnoredPath::All,
    IgnoredPath::Tags,
    IgnoredPath::Owner,
    IgnoredPath::Image,
    IgnoredPath::RestartPolicy,
    IgnoredPath::SecretEnv,
    IgnoredPath::SecretTag,
    IgnoredPath::Eip,
];

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// None: the one that its address gives it.
    pub(crate) name: Option<String>,
    /// Is updated in place.
    pub(crate) image: String,
    /// Cannot change: another one means another group.
    pub(crate) vpc: usize,
    pub(crate) restarts: bool,
    pub(crate) tags: BTreeMap<&'static str, usize>,
    pub(crate) secrets: BTreeMap<Shape, Secret>,
    /// The password for a registry, which the cloud does not report.
    pub(crate) password: Option<usize>,
    pub(crate) create_first: bool,
    /// None: the manifest does not say.
    pub(crate) protected: Option<bool>,
    pub(crate) ignored: BTreeSet<IgnoredPath>,
    // Only in the root:
    pub(crate) dependency: Option<&'static str>,
    /// Its dependency is written as an address and not as a reference.
    pub(crate) literal: Option<String>,
    /// The groups that it comes after, without reading anything of them.
    pub(crate) after: BTreeSet<&'static str>,
    pub(crate) trigger: Option<&'static str>,
    pub(crate) eip: Option<&'static str>,
    pub(crate) disks: BTreeSet<&'static str>,
    /// The bandwidth of an automatic EIP, in place of another one.
    pub(crate) automatic: Option<u64>,
}

impl Group {
    /// Returns whether its EIP stays as it is, whatever its manifest says.
    pub(crate) fn ignores_eip(&self) -> bool {
        self.ignored.contains(&IgnoredPath::All) || self.ignored.contains(&IgnoredPath::Eip)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Output {
    Id(Place),
    /// A number that cannot be computed once the id is known.
    Number(Place),
}

impl Output {
    pub(crate) fn place(self) -> Place {
        match self {
            Output::Id(place) | Output::Number(place) => place,
        }
    }
}

/// An `[[import]]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ImportTable {
    pub(crate) id: String,
    /// Whether it may be marked as another state's.
    pub(crate) take_over: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    pub(crate) groups: BTreeMap<Place, Group>,
    pub(crate) eips: BTreeMap<&'static str, Eip>,
    pub(crate) disks: BTreeMap<&'static str, Disk>,
    pub(crate) moved: Vec<(String, String)>,
    /// With whether it is destroyed.
    pub(crate) removed: BTreeMap<String, bool>,
    /// By address.
    pub(crate) imports: BTreeMap<String, ImportTable>,
    pub(crate) outputs: BTreeMap<&'static str, Output>,
    /// The variables that are declared sensitive.
    pub(crate) marked: BTreeSet<Secret>,
}

impl Config {
    /// The addresses of all that is declared.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let groups = self.groups.keys().map(|place| place.address());
        let eips = self.eips.keys().map(|label| objects::eip(label));
        let disks = self.disks.keys().map(|label| objects::volume(label));
        let automatic = self.groups.iter();
        let automatic = automatic.filter(|(_, group)| group.automatic.is_some());
        let automatic = automatic.filter_map(|(place, _)| Some(objects::automatic(place.label()?)));
        groups.chain(eips).chain(disks).chain(automatic).collect()
    }

    /// The secrets that are used.
    pub(crate) fn secrets(&self) -> BTreeSet<Secret> {
        let groups = self.groups.values();
        groups
            .flat_map(|group| group.secrets.values().copied())
            .collect()
    }

    /// The group that has this EIP or this disk.
    pub(crate) fn holder(&self, object: &str) -> Option<Place> {
        let mut groups = self.groups.iter();
        let holds = |group: &Group| group.eip == Some(object) || group.disks.contains(object);
        groups
            .find(|(_, group)| holds(group))
            .map(|(place, _)| *place)
    }

    /// Places where nothing is declared and to which nothing refers any more.
    pub(crate) fn free(&self) -> Vec<Place> {
        let named = |place: &Place| {
            let address = place.address();
            let table = address.split('[').next().unwrap_or_default().to_owned();
            let moved = self.moved.iter();
            let mut named = moved.flat_map(|(from, to)| [from, to]);
            named.any(|it| *it == address || *it == table) || self.removed.contains_key(&address)
        };
        let places = PLACES.into_iter();
        places
            .filter(|place| !self.groups.contains_key(place) && !named(place))
            .collect()
    }

    /// Drops every link to what is not declared any more, so that the rest can be loaded.
    pub(crate) fn tidy(&mut self) {
        let there: BTreeSet<&str> = self.groups.keys().filter_map(|it| it.label()).collect();
        for (place, group) in &mut self.groups {
            let own = place.label();
            group
                .dependency
                .take_if(|it| !there.contains(*it) || own == Some(*it) || own.is_none());
            let objects = || self.eips.keys().chain(self.disks.keys());
            let is_there = |it: &str| there.contains(it) || objects().any(|label| *label == it);
            group
                .trigger
                .take_if(|it| !is_there(it) || own == Some(*it) || own.is_none());
            if group.trigger.is_some_and(|it| self.disks.contains_key(it)) {
                // A replaced disk may keep its name.
                group.create_first = false;
            }
            group
                .after
                .retain(|it| there.contains(*it) && own != Some(*it) && own.is_some());
            group
                .eip
                .take_if(|it| !self.eips.contains_key(*it) || own.is_none());
            group
                .disks
                .retain(|it| self.disks.contains_key(*it) && own.is_some());
            let other = group.eip.is_some();
            group.automatic.take_if(|_| other || own.is_none());
            if !group.disks.is_empty() {
                // Two groups cannot have one disk.
                group.create_first = false;
            }
        }
        // A dependent comes after its dependency in the alphabet: no cycles.
        for (place, group) in &mut self.groups {
            let own = place.label().unwrap_or_default();
            group.dependency.take_if(|it| *it >= own);
            let is_later = |it: &str| objects::trigger(it).starts_with("container") && it >= own;
            group.trigger.take_if(|it| is_later(it));
            group.after.retain(|it| *it < own);
            // A literal requires a dependency.
            group.literal.take_if(|_| group.dependency.is_none());
        }
        for group in self.groups.values_mut() {
            // What is not there cannot be ignored.
            let (tags, secrets) = (&group.tags, &group.secrets);
            group.ignored.retain(|ignored| match ignored {
                IgnoredPath::Owner => tags.contains_key("owner"),
                IgnoredPath::Tags => !tags.is_empty(),
                IgnoredPath::SecretEnv => secrets.contains_key(&Shape::Env),
                IgnoredPath::SecretTag => secrets.contains_key(&Shape::Tag),
                _ => true,
            });
        }
        self.follow_the_disks();
        let groups = &self.groups;
        self.outputs
            .retain(|_, output| groups.contains_key(&output.place()));
        let declared = self.addresses();
        self.imports.retain(|to, _| declared.contains(to));
        self.removed.retain(|from, _| !declared.contains(from));
        self.moved.retain(|(from, _)| !declared.contains(from));
        let used = self.secrets();
        self.marked.retain(|secret| used.contains(secret));
    }

    /// The order of a replacement carries over to the dependencies of the replaced group, and two
    /// groups cannot have one disk.
    fn follow_the_disks(&mut self) {
        let mounting = self.groups.iter().filter(|(_, it)| !it.disks.is_empty());
        let mut bound: BTreeSet<&str> = mounting.filter_map(|(place, _)| place.label()).collect();
        for (place, group) in &mut self.groups {
            let dependency = [group.dependency, group.trigger].into_iter().flatten();
            if dependency
                .chain(group.after.iter().copied())
                .any(|it| bound.contains(it))
            {
                group.create_first = false;
                bound.extend(place.label());
            }
        }
    }
}
