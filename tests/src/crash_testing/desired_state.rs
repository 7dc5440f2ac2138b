//! The desired state of a cloud, its random changes, and the expected result of each change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use eci_sandbox::ObjectKind;
use fastrand::Rng;

use crate::REGION;

/// The possible groups. The third depends on the first, and the last has an existing EIP.
const GROUPS: [&str; 6] = ["ant", "bee", "cat", "dog", "eel", "fox"];

/// Managed EIPs or disks: their possible labels, and by how much one grows.
struct Attachables {
    labels: [&'static str; 2],
    growth: u16,
}

/// The possible managed EIPs.
const EIPS: Attachables = Attachables {
    labels: ["east", "west"],
    growth: 3,
};

/// The disks that there may be.
const DISKS: Attachables = Attachables {
    labels: ["data", "logs"],
    growth: 10,
};

/// The groups that can have such an EIP, and mount such a disk.
const HOLDERS: [&str; 4] = ["bee", "cat", "dog", "eel"];

/// A desired group.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// An update in place.
    image: u8,
    /// A change that only another group can have.
    subnet: u8,
    /// Whether the replacement is created before the old one is deleted, unless it has a disk,
    /// which only one of the two could have.
    create_first: bool,
}

/// A desired EIP or disk.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attachment {
    /// An update in place, at once.
    name: u8,
    /// An update in place that is ordered: of the bandwidth, or of the size.
    size: u16,
    /// A change that only another one can have: of the line, or of the kind.
    sort: u8,
    /// The group that has it.
    holder: Option<&'static str>,
}

/// The whole desired state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DesiredState {
    groups: BTreeMap<&'static str, Group>,
    eips: BTreeMap<&'static str, Attachment>,
    disks: BTreeMap<&'static str, Attachment>,
}

/// An EIP or a disk as it is to be, or as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttachableObject {
    /// Its name.
    pub name: String,
    /// Its bandwidth in Mbps, or its size in GB.
    pub size: i64,
    /// Its line, or its kind.
    pub sort: String,
    /// The name of the group that has it; empty if none has.
    pub holder: String,
}

/// The exact expected result of a change of the desired state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExpectedResult {
    /// The groups that there are then, with their images.
    pub groups: BTreeMap<String, String>,
    /// The EIPs that there are then, in order.
    pub eips: Vec<AttachableObject>,
    /// The disks that there are then, in order.
    pub disks: Vec<AttachableObject>,
    /// The number of objects of each kind and name that the change creates.
    pub created: BTreeMap<(ObjectKind, String), usize>,
    /// The addresses of EIPs and disks that stay the ones that they are.
    pub kept: BTreeSet<String>,
    /// The number of orders of each kind for another size: those that stay, and change.
    pub resized: BTreeMap<ObjectKind, usize>,
    /// The number of each kind that are released.
    pub released: BTreeMap<ObjectKind, usize>,
}

impl DesiredState {
    /// Returns another desired state at random: objects are added, updated in place or replaced,
    /// passed from one group to another and removed, and now and then all of them are removed.
    pub fn other(&self, random: &mut Rng) -> DesiredState {
        loop {
            let mut other = self.clone();
            match random.u8(..8) {
                0 => other = DesiredState::default(),
                _ => other.change(random),
            }
            if other != *self && !other.goes_round_after(self) {
                return other;
            }
        }
    }

    /// Returns one of three steps that cover every kind of change: some objects are created; others
    /// are created, changed, passed on and replaced in either order; all are deleted.
    pub fn at_step(step: usize) -> DesiredState {
        let group = |image, subnet, create_first| Group {
            image,
            subnet,
            create_first,
        };
        let attachment = |name, size, sort, holder| Attachment {
            name,
            size,
            sort,
            holder,
        };
        match step {
            0 => DesiredState {
                groups: BTreeMap::from([
                    ("ant", group(1, 1, false)),
                    ("bee", group(1, 1, true)),
                    ("cat", group(1, 1, false)),
                    ("dog", group(1, 1, false)),
                    ("fox", group(1, 1, true)),
                ]),
                eips: BTreeMap::from([
                    ("east", attachment(1, 5, 0, Some("bee"))),
                    ("west", attachment(1, 5, 0, Some("dog"))),
                ]),
                disks: BTreeMap::from([
                    ("data", attachment(1, 20, 0, Some("cat"))),
                    ("logs", attachment(1, 20, 0, None)),
                ]),
            },
            1 => DesiredState {
                groups: BTreeMap::from([
                    ("ant", group(2, 1, false)),
                    ("bee", group(1, 2, true)),
                    ("cat", group(1, 2, false)),
                    ("eel", group(1, 1, false)),
                    ("fox", group(1, 2, true)),
                ]),
                eips: BTreeMap::from([
                    ("east", attachment(2, 8, 0, Some("bee"))),
                    ("west", attachment(1, 5, 1, Some("eel"))),
                ]),
                disks: BTreeMap::from([
                    ("data", attachment(2, 30, 0, Some("cat"))),
                    ("logs", attachment(1, 20, 1, None)),
                ]),
            },
            _ => DesiredState::default(),
        }
    }

    fn change(&mut self, random: &mut Rng) {
        for name in GROUPS {
            let roll = random.u8(..10);
            let Some(group) = self.groups.get_mut(name) else {
                if roll < 6 {
                    let create_first = random.bool();
                    let group = Group {
                        image: 1,
                        subnet: 1,
                        create_first,
                    };
                    self.groups.insert(name, group);
                }
                continue;
            };
            match roll {
                0..2 => drop(self.groups.remove(name)),
                2..5 => group.image += 1,
                5..8 => group.subnet += 1,
                8 => group.create_first = !group.create_first,
                _ => {}
            }
        }
        let groups = &self.groups;
        let there = |holder: &&&str| groups.contains_key(**holder);
        let holders: Vec<&'static str> = HOLDERS.iter().filter(there).copied().collect();
        change_attachments(&mut self.eips, &EIPS, &holders, random);
        change_attachments(&mut self.disks, &DISKS, &holders, random);
    }

    fn holds(&self, group: &str) -> bool {
        let mut disks = self.disks.values();
        disks.any(|disk| disk.holder == Some(group))
    }

    /// Returns whether groups would have to pass attachments on in a cycle, which the cloud does
    /// not allow: each would have to release its own first. One group also waits for another that
    /// it depends on.
    fn goes_round_after(&self, before: &DesiredState) -> bool {
        let mut waits: Vec<(&str, &str)> = Vec::new();
        if self.groups.contains_key("cat") {
            waits.push(("cat", "ant"));
        }
        for (now, then) in [(&self.eips, &before.eips), (&self.disks, &before.disks)] {
            for (label, attachment) in now {
                let giver = then.get(label).and_then(|attachment| attachment.holder);
                if let (Some(giver), Some(taker)) = (giver, attachment.holder)
                    && giver != taker
                {
                    waits.push((taker, giver));
                }
            }
        }
        let mut reached: BTreeSet<(&str, &str)> = waits.iter().copied().collect();
        for _ in 0..waits.len() {
            let further: Vec<_> = reached
                .iter()
                .flat_map(|(from, over)| {
                    let on = waits.iter().filter(move |(other, _)| other == over);
                    on.map(move |(_, to)| (*from, *to))
                })
                .collect();
            reached.extend(further);
        }
        reached.iter().any(|(from, to)| from == to)
    }

    /// Returns the manifest.
    pub fn manifest(&self) -> String {
        let mut manifest = format!("[provider]\nregion_id = \"{REGION}\"\n");
        // Writing to a string does not fail.
        if self.groups.contains_key("fox") {
            manifest.push_str("\n[eip.front]\nid = \"eip-1\"\n");
        }
        for (label, eip) in &self.eips {
            let (name, line) = (name(label, eip), line(eip));
            let size = eip.size;
            let _ = write!(
                manifest,
                "\n[eip.{label}]\nname = \"{name}\"\nbandwidth = {size}\nline_type = \"{line}\"\n"
            );
        }
        for label in DISKS.labels {
            let Some(disk) = self.disks.get(label) else {
                let _ = write!(
                    manifest,
                    "\n[[removed]]\nfrom = \"volume.{label}\"\ndestroy = true\n"
                );
                continue;
            };
            let (name, kind) = (name(label, disk), kind(disk));
            let size = disk.size;
            let _ = write!(
                manifest,
                "\n[volume.{label}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                 disk = {{ size = {size}, kind = \"{kind}\", name = \"{name}\" }}\n\
                 lifecycle = {{ prevent_destroy = false }}\n"
            );
        }
        for (name, group) in &self.groups {
            manifest.push_str(&self.table(name, group));
        }
        manifest
    }

    fn table(&self, name: &str, group: &Group) -> String {
        let Group { image, subnet, .. } = group;
        let create_first = group.create_first && !self.holds(name);
        let dependencies = match name {
            "cat" if self.groups.contains_key("ant") => "[\"container_group.ant\"]",
            _ => "[]",
        };
        let held = |attachments: &BTreeMap<&'static str, Attachment>| -> Vec<&'static str> {
            let held = attachments.iter().filter(|(_, it)| it.holder == Some(name));
            held.map(|(label, _)| *label).collect()
        };
        let eip = match (name, held(&self.eips).first()) {
            ("fox", _) => "eip = \"front\"".to_owned(),
            (_, Some(label)) => format!("eip = \"{label}\""),
            _ => String::new(),
        };
        // A group with an EIP passes the address to its container.
        let env = match held(&self.eips).first() {
            Some(label) => format!(", env = {{ ADDRESS = '${{eip.{label}.address}}' }}"),
            None => String::new(),
        };
        let mounts: Vec<String> = held(&self.disks)
            .into_iter()
            .map(|label| format!("{{ volume = \"{label}\", mount_path = \"/{label}\" }}"))
            .collect();
        let mounts = if mounts.is_empty() {
            String::new()
        } else {
            format!(", volume_mounts = [{}]", mounts.join(", "))
        };
        format!(
            r#"
[container_group.{name}]
vpc_id = "vpc-1"
vswitch_id = "subnet-{subnet}"
security_group_id = "sg-1"
az_name = "az1"
depends_on = {dependencies}
{eip}
lifecycle = {{ create_before_destroy = {create_first} }}
containers = [{{ name = "main", image = "nginx:1.{image}"{env}{mounts} }}]
"#
        )
    }

    /// Returns the expected result of the change from the desired state before.
    pub fn expected(&self, before: &DesiredState) -> ExpectedResult {
        let mut expected = ExpectedResult::default();
        for (&name, group) in &self.groups {
            let image = format!("nginx:1.{}", group.image);
            expected.groups.insert(name.to_owned(), image);
            if self.is_created(before, name, group) {
                let group = (ObjectKind::ContainerGroup, name.to_owned());
                expected.created.insert(group, 1);
            }
        }
        let kinds = [
            (ObjectKind::Eip, "eip", &self.eips, &before.eips),
            (ObjectKind::Disk, "volume", &self.disks, &before.disks),
        ];
        for (sort, word, now, then) in kinds {
            for (&label, attachment) in now {
                let old = then.get(label);
                let found = found(sort, label, attachment);
                let stays = old.filter(|old| old.sort == attachment.sort);
                match stays {
                    None => drop(expected.created.insert((sort, found.name.clone()), 1)),
                    Some(old) => {
                        expected.kept.insert(format!("{word}.{label}"));
                        let changes = usize::from(old.size != attachment.size);
                        *expected.resized.entry(sort).or_default() += changes;
                    }
                }
                match sort {
                    ObjectKind::Eip => expected.eips.push(found),
                    _ => expected.disks.push(found),
                }
            }
            let deleted = then.iter().filter(|(label, old)| {
                let now = now.get(*label);
                now.is_none_or(|now| now.sort != old.sort)
            });
            *expected.released.entry(sort).or_default() += deleted.count();
        }
        expected.resized.retain(|_, times| *times > 0);
        expected.released.retain(|_, times| *times > 0);
        expected
    }

    /// Returns whether a group is created by the change: it did not exist, it gets an attachment
    /// that another group holds, or a disk that it keeps is replaced.
    fn is_created(&self, before: &DesiredState, name: &str, group: &Group) -> bool {
        let Some(old) = before.groups.get(name) else {
            return true;
        };
        let loses = |(label, disk): (&&'static str, &Attachment)| {
            let old = before.disks.get(label);
            let has = |disk: &Attachment| disk.holder == Some(name);
            old.is_some_and(|old| has(old) && has(disk) && old.sort != disk.sort)
        };
        old.subnet != group.subnet || self.disks.iter().any(loses)
    }
}

/// EIPs or disks come, change, pass from group to group, and go; a group has one of a kind.
fn change_attachments(
    attachments: &mut BTreeMap<&'static str, Attachment>,
    all: &Attachables,
    holders: &[&'static str],
    random: &mut Rng,
) {
    for attachment in attachments.values_mut() {
        attachment.holder = attachment.holder.filter(|holder| holders.contains(holder));
    }
    for label in &all.labels {
        let taken: Vec<_> = attachments.values().filter_map(|it| it.holder).collect();
        let free: Vec<_> = holders.iter().filter(|it| !taken.contains(it)).collect();
        let someone = match random.usize(..=free.len()) {
            at if at < free.len() => Some(*free[at]),
            _ => None,
        };
        let roll = random.u8(..10);
        let Some(attachment) = attachments.get_mut(label) else {
            if roll < 6 {
                let attachment = Attachment {
                    name: 1,
                    size: 20,
                    sort: 0,
                    holder: someone,
                };
                attachments.insert(label, attachment);
            }
            continue;
        };
        match roll {
            0 => drop(attachments.remove(label)),
            1..3 => attachment.name += 1,
            3..6 => attachment.size += all.growth,
            6 => {
                attachment.sort = 1 - attachment.sort;
                if random.bool() {
                    attachment.holder = someone;
                }
            }
            7..9 => attachment.holder = someone,
            _ => {
                attachment.size += all.growth;
                attachment.holder = someone;
            }
        }
    }
}

fn name(label: &str, attachment: &Attachment) -> String {
    format!("{label}-{}", attachment.name)
}

fn line(eip: &Attachment) -> &'static str {
    ["163", "bgp"][usize::from(eip.sort)]
}

fn kind(disk: &Attachment) -> &'static str {
    ["SATA", "SSD"][usize::from(disk.sort)]
}

fn found(sort: ObjectKind, label: &str, attachment: &Attachment) -> AttachableObject {
    let word = match sort {
        ObjectKind::Eip => line(attachment),
        _ => kind(attachment),
    };
    AttachableObject {
        name: name(label, attachment),
        size: i64::from(attachment.size),
        sort: word.to_owned(),
        holder: attachment.holder.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_not_passed_on_in_a_cycle() {
        let mut random = Rng::with_seed(1);
        let mut desired = DesiredState::default();
        let mut passed_on = 0;
        for _ in 0..300 {
            let other = desired.other(&mut random);
            assert!(!other.goes_round_after(&desired));
            let held =
                |desired: &DesiredState, label| desired.eips.get(label).and_then(|it| it.holder);
            for label in EIPS.labels {
                let (then, now) = (held(&desired, label), held(&other, label));
                passed_on += usize::from(then.is_some() && now.is_some() && then != now);
            }
            desired = other;
        }
        assert!(passed_on > 5, "{passed_on} passed on");
    }

    #[test]
    fn a_disk_of_another_kind_takes_its_group_with_it_and_an_eip_does_not() {
        let mut before = DesiredState::at_step(0);
        before
            .groups
            .retain(|name, _| *name == "cat" || *name == "bee");
        let mut after = before.clone();
        for attachments in [&mut after.eips, &mut after.disks] {
            attachments
                .values_mut()
                .for_each(|attachment| attachment.sort = 1);
        }
        let expected = after.expected(&before);
        let created: Vec<&str> = expected
            .created
            .keys()
            .map(|(_, name)| name.as_str())
            .collect();
        assert_eq!(created, ["cat", "east-1", "west-1", "data-1", "logs-1"]);
        assert_eq!(
            expected.released,
            BTreeMap::from([(ObjectKind::Eip, 2), (ObjectKind::Disk, 2)])
        );
        assert_eq!(expected.kept, BTreeSet::new());
    }
}
