//! The desired state: a few groups, EIPs and disks that change, are replaced and deleted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use eci_config::Configuration;

use crate::rng::Draws;

const LABELS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// The managed EIPs and disks, each with the groups that can have it: so that no two groups ever
/// have to exchange objects at once, which the cloud does not allow.
const OBJECTS: [(ObjectSort, &str, &[&str]); 4] = [
    (ObjectSort::Eip, "east", &["a", "b"]),
    (ObjectSort::Eip, "west", &["e"]),
    (ObjectSort::Disk, "data", &["c", "d"]),
    (ObjectSort::Disk, "logs", &["e"]),
];

/// The groups that have a disk now and then: then the old one has to go first.
const MOUNTING: [&str; 3] = ["c", "d", "e"];

/// The groups without a dependency, because they pass an object on to the one before.
const ALONE: [&str; 2] = ["b", "d"];

/// One desired group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// Is updated in place.
    pub(crate) image: usize,
    /// Cannot change: another one means another group.
    pub(crate) vpc: usize,
    create_first: bool,
    /// The label before it, if it depends on the address of that one.
    dependency: Option<&'static str>,
    /// Whether it has the one EIP that is there already.
    eip: bool,
}

/// The objects that are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ObjectSort {
    Eip,
    Disk,
}

/// One desired EIP or disk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Object {
    name: usize,
    /// Mbps or GB.
    ///
    /// A disk never shrinks.
    pub(crate) size: u64,
    /// Cannot change: its line or its type.
    fixed: usize,
    /// The group that has it.
    pub(crate) holder: Option<&'static str>,
}

type Objects = BTreeMap<(ObjectSort, &'static str), Object>;

/// All desired groups, by their labels, which are their names; and all else.
#[derive(Debug)]
pub(crate) struct DesiredState {
    pub(crate) groups: BTreeMap<&'static str, Group>,
    pub(crate) objects: Objects,
    /// The largest size that any disk ever was to have.
    largest: u64,
    /// The label of the one that may have the EIP.
    public: &'static str,
    /// The configuration, once the manifest was loaded.
    loaded: OnceLock<Configuration>,
}

impl Object {
    pub(crate) fn name(&self, label: &str) -> String {
        match self.name {
            0 => label.to_owned(),
            number => format!("{label}-{number}"),
        }
    }

    pub(crate) fn fixed(&self, sort: ObjectSort) -> &'static str {
        match sort {
            ObjectSort::Eip => ["163", "bgp"][self.fixed],
            ObjectSort::Disk => ["SATA", "SSD"][self.fixed],
        }
    }
}

impl DesiredState {
    /// The empty desired state.
    fn nothing(public: &'static str, largest: u64) -> DesiredState {
        DesiredState {
            groups: BTreeMap::new(),
            objects: BTreeMap::new(),
            largest,
            public,
            loaded: OnceLock::new(),
        }
    }

    /// The first desired state.
    pub(crate) fn first(draws: &Draws) -> DesiredState {
        DesiredState::after(&DesiredState::nothing(draws.one(&LABELS), 20), draws)
    }

    /// The desired state of the end, which is empty.
    pub(crate) fn end(&self) -> DesiredState {
        DesiredState::nothing(self.public, self.largest)
    }

    /// The desired state after `before`: most of it stays as it is.
    pub(crate) fn after(before: &DesiredState, draws: &Draws) -> DesiredState {
        let mut desired = before.end();
        for (at, label) in LABELS.into_iter().enumerate() {
            let old = before.groups.get(label).copied();
            if !draws.percent(if old.is_some() { 80 } else { 60 }) {
                continue;
            }
            let dependency = at.checked_sub(1).map(|at| LABELS[at]);
            let dependency = dependency.filter(|dependency| {
                let may = desired.groups.contains_key(dependency) && !ALONE.contains(&label);
                may && draws.percent(40)
            });
            let mut group = Group {
                image: draws.below(3),
                vpc: draws.below(2),
                create_first: draws.percent(50) && !MOUNTING.contains(&label),
                dependency,
                eip: label == before.public && draws.percent(50),
            };
            if let Some(old) = old.filter(|_| draws.percent(40)) {
                group.image = old.image;
                group.vpc = old.vpc;
            }
            desired.groups.insert(label, group);
        }
        for (sort, label, holders) in OBJECTS {
            let old = before.objects.get(&(sort, label)).copied();
            if draws.percent(if old.is_some() { 85 } else { 50 }) {
                let object = desired.object(old, sort, holders, draws);
                desired.objects.insert((sort, label), object);
            }
        }
        desired
    }

    fn object(
        &mut self,
        old: Option<Object>,
        sort: ObjectSort,
        holders: &[&'static str],
        draws: &Draws,
    ) -> Object {
        let mut object = old.unwrap_or(Object {
            name: 0,
            size: match sort {
                ObjectSort::Eip => 5,
                ObjectSort::Disk => self.largest,
            },
            fixed: draws.below(2),
            holder: None,
        });
        if draws.percent(30) {
            object.name = draws.below(3);
        }
        if draws.percent(30) {
            match sort {
                ObjectSort::Eip => object.size = u64::try_from(5 + draws.below(3)).unwrap(),
                ObjectSort::Disk => {
                    self.largest += 10;
                    object.size = self.largest;
                }
            }
        }
        if draws.percent(20) {
            object.fixed = draws.below(2);
        }
        if draws.percent(50) {
            object.holder = draws.percent(70).then(|| draws.one(holders));
        }
        let there = |holder: &&str| self.groups.contains_key(holder);
        object.holder = object.holder.filter(there);
        // One group has one EIP.
        if let (ObjectSort::Eip, Some(holder)) = (sort, object.holder) {
            self.groups.entry(holder).and_modify(|it| it.eip = false);
        }
        object
    }

    pub(crate) fn manifest(&self) -> String {
        let mut text = String::new();
        if self.groups.values().any(|group| group.eip) {
            text.push_str("[eip.front]\nid = \"eip-1\"\n");
        }
        for (sort, label, _) in OBJECTS {
            text.push_str(&self.object_table(sort, label));
        }
        for (label, group) in &self.groups {
            self.group_table(label, group, &mut text);
        }
        text
    }

    fn object_table(&self, sort: ObjectSort, label: &str) -> String {
        let object = self.objects.iter().find(|(key, _)| **key == (sort, label));
        match (sort, object) {
            (ObjectSort::Eip, None) => String::new(),
            // What has data on it goes only if that is said.
            (ObjectSort::Disk, None) => {
                format!("[[removed]]\nfrom = \"volume.{label}\"\ndestroy = true\n")
            }
            (sort, Some((_, object))) => {
                let (name, size, fixed) = (object.name(label), object.size, object.fixed(sort));
                match sort {
                    ObjectSort::Eip => format!(
                        "[eip.{label}]\nname = \"{name}\"\nbandwidth = {size}\n\
                         line_type = \"{fixed}\"\n"
                    ),
                    ObjectSort::Disk => format!(
                        "[volume.{label}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                         disk = {{ size = {size}, kind = \"{fixed}\", name = \"{name}\" }}\n\
                         lifecycle = {{ prevent_destroy = false }}\n"
                    ),
                }
            }
        }
    }

    fn group_table(&self, label: &str, group: &Group, text: &mut String) {
        let mut env = Vec::new();
        if let Some(dependency) = group.dependency {
            env.push(format!(
                "NEEDS = '${{container_group.{dependency}.intranet_ip}}'"
            ));
        }
        let mut eip = if group.eip { "eip = \"front\"\n" } else { "" }.to_owned();
        let mut mounts = Vec::new();
        for ((sort, object), desired) in &self.objects {
            match sort {
                _ if desired.holder != Some(label) => {}
                ObjectSort::Eip => {
                    eip = format!("eip = \"{object}\"\n");
                    env.push(format!("ADDRESS = '${{eip.{object}.address}}'"));
                }
                ObjectSort::Disk => mounts.push(format!(
                    "{{ volume = \"{object}\", mount_path = \"/{object}\" }}"
                )),
            }
        }
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "[container_group.{label}]\nvpc_id = \"vpc-{}\"\nvswitch_id = \"subnet-1\"\n\
             security_group_id = \"sg-1\"\naz_name = \"zone-1\"\n{eip}\
             containers = [{{ name = \"main\", image = \"app:{}\", env = {{ {} }}, \
             volume_mounts = [{}] }}]\nlifecycle = {{ create_before_destroy = {} }}",
            group.vpc,
            group.image,
            env.join(", "),
            mounts.join(", "),
            group.create_first,
        );
    }

    pub(crate) fn configuration(&self) -> &Configuration {
        self.loaded.get_or_init(|| {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("main.eci.toml"), self.manifest()).unwrap();
            eci_config::load(directory.path(), &Default::default()).unwrap()
        })
    }
}
