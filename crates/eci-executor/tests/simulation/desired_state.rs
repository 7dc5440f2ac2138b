//! What is wanted: a few groups, EIPs and disks that change, are replaced and go.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use eci_config::Configuration;

use crate::rng::Draws;

const LABELS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// The EIPs and disks of their own, each with the groups that can have it: so that no two groups
/// ever have to pass something to one another at once, which the cloud does not allow.
const THINGS: [(Sort, &str, &[&str]); 4] = [
    (Sort::Eip, "east", &["a", "b"]),
    (Sort::Eip, "west", &["e"]),
    (Sort::Disk, "data", &["c", "d"]),
    (Sort::Disk, "logs", &["e"]),
];

/// The groups that have a disk now and then: then the old one has to go first.
const MOUNTING: [&str; 3] = ["c", "d", "e"];

/// The groups that need no other one, because they pass something on to the one before.
const ALONE: [&str; 2] = ["b", "d"];

/// One wanted group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// Changes in place.
    pub(crate) image: usize,
    /// Cannot change: another one means another group.
    pub(crate) vpc: usize,
    create_first: bool,
    /// The label before it, if it needs the address of that one.
    needs: Option<&'static str>,
    /// It has the one EIP that is there already.
    eip: bool,
}

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Eip,
    Disk,
}

/// One wanted EIP or disk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Thing {
    name: usize,
    /// Mbps or GB. A disk never shrinks.
    pub(crate) size: u64,
    /// Cannot change: its line or its type.
    fixed: usize,
    /// The group that has it.
    pub(crate) holder: Option<&'static str>,
}

type Things = BTreeMap<(Sort, &'static str), Thing>;

/// All wanted groups, by their labels, which are their names; and all else.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) groups: BTreeMap<&'static str, Group>,
    pub(crate) things: Things,
    /// How large any disk ever was to be.
    largest: u64,
    /// The label of the one that may have the EIP.
    public: &'static str,
    /// What is loaded from the manifest, once it was.
    loaded: OnceLock<Configuration>,
}

impl Thing {
    pub(crate) fn name(&self, label: &str) -> String {
        match self.name {
            0 => label.to_owned(),
            number => format!("{label}-{number}"),
        }
    }

    pub(crate) fn fixed(&self, sort: Sort) -> &'static str {
        match sort {
            Sort::Eip => ["163", "bgp"][self.fixed],
            Sort::Disk => ["SATA", "SSD"][self.fixed],
        }
    }
}

impl Wanted {
    /// Nothing is wanted.
    fn nothing(public: &'static str, largest: u64) -> Wanted {
        Wanted {
            groups: BTreeMap::new(),
            things: BTreeMap::new(),
            largest,
            public,
            loaded: OnceLock::new(),
        }
    }

    /// What is wanted at first.
    pub(crate) fn first(draws: &Draws) -> Wanted {
        Wanted::after(&Wanted::nothing(draws.one(&LABELS), 20), draws)
    }

    /// What is wanted when nothing is any more.
    pub(crate) fn end(&self) -> Wanted {
        Wanted::nothing(self.public, self.largest)
    }

    /// What is wanted after `before`: most of it stays as it is.
    pub(crate) fn after(before: &Wanted, draws: &Draws) -> Wanted {
        let mut wanted = before.end();
        for (at, label) in LABELS.into_iter().enumerate() {
            let old = before.groups.get(label).copied();
            if !draws.percent(if old.is_some() { 80 } else { 60 }) {
                continue;
            }
            let needs = at.checked_sub(1).map(|at| LABELS[at]);
            let needs = needs.filter(|needs| {
                let may = wanted.groups.contains_key(needs) && !ALONE.contains(&label);
                may && draws.percent(40)
            });
            let mut group = Group {
                image: draws.below(3),
                vpc: draws.below(2),
                create_first: draws.percent(50) && !MOUNTING.contains(&label),
                needs,
                eip: label == before.public && draws.percent(50),
            };
            if let Some(old) = old.filter(|_| draws.percent(40)) {
                group.image = old.image;
                group.vpc = old.vpc;
            }
            wanted.groups.insert(label, group);
        }
        for (sort, label, holders) in THINGS {
            let old = before.things.get(&(sort, label)).copied();
            if draws.percent(if old.is_some() { 85 } else { 50 }) {
                let thing = wanted.thing(old, sort, holders, draws);
                wanted.things.insert((sort, label), thing);
            }
        }
        wanted
    }

    fn thing(
        &mut self,
        old: Option<Thing>,
        sort: Sort,
        holders: &[&'static str],
        draws: &Draws,
    ) -> Thing {
        let mut thing = old.unwrap_or(Thing {
            name: 0,
            size: match sort {
                Sort::Eip => 5,
                Sort::Disk => self.largest,
            },
            fixed: draws.below(2),
            holder: None,
        });
        if draws.percent(30) {
            thing.name = draws.below(3);
        }
        if draws.percent(30) {
            match sort {
                Sort::Eip => thing.size = u64::try_from(5 + draws.below(3)).unwrap(),
                Sort::Disk => {
                    self.largest += 10;
                    thing.size = self.largest;
                }
            }
        }
        if draws.percent(20) {
            thing.fixed = draws.below(2);
        }
        if draws.percent(50) {
            thing.holder = draws.percent(70).then(|| draws.one(holders));
        }
        let there = |holder: &&str| self.groups.contains_key(holder);
        thing.holder = thing.holder.filter(there);
        // One group has one EIP.
        if let (Sort::Eip, Some(holder)) = (sort, thing.holder) {
            self.groups.entry(holder).and_modify(|it| it.eip = false);
        }
        thing
    }

    pub(crate) fn manifest(&self) -> String {
        let mut text = String::new();
        if self.groups.values().any(|group| group.eip) {
            text.push_str("[eip.front]\nid = \"eip-1\"\n");
        }
        for (sort, label, _) in THINGS {
            text.push_str(&self.thing_table(sort, label));
        }
        for (label, group) in &self.groups {
            self.group_table(label, group, &mut text);
        }
        text
    }

    fn thing_table(&self, sort: Sort, label: &str) -> String {
        let thing = self.things.iter().find(|(key, _)| **key == (sort, label));
        match (sort, thing) {
            (Sort::Eip, None) => String::new(),
            // What has data on it goes only if that is said.
            (Sort::Disk, None) => {
                format!("[[removed]]\nfrom = \"volume.{label}\"\ndestroy = true\n")
            }
            (sort, Some((_, thing))) => {
                let (name, size, fixed) = (thing.name(label), thing.size, thing.fixed(sort));
                match sort {
                    Sort::Eip => format!(
                        "[eip.{label}]\nname = \"{name}\"\nbandwidth = {size}\n\
                         line_type = \"{fixed}\"\n"
                    ),
                    Sort::Disk => format!(
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
        if let Some(needs) = group.needs {
            env.push(format!(
                "NEEDS = '${{container_group.{needs}.intranet_ip}}'"
            ));
        }
        let mut eip = if group.eip { "eip = \"front\"\n" } else { "" }.to_owned();
        let mut mounts = Vec::new();
        for ((sort, thing), wanted) in &self.things {
            match sort {
                _ if wanted.holder != Some(label) => {}
                Sort::Eip => {
                    eip = format!("eip = \"{thing}\"\n");
                    env.push(format!("ADDRESS = '${{eip.{thing}.address}}'"));
                }
                Sort::Disk => mounts.push(format!(
                    "{{ volume = \"{thing}\", mount_path = \"/{thing}\" }}"
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
