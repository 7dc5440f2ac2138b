//! EIPs and disks that one container group at a time can have, and which group has each now.

use std::collections::{HashMap, HashSet};

use eci_core::{Address, Map, Value};
use eci_state::ResourceState;

pub use crate::attachable::Attachable;
use crate::moves::Moves;
use crate::observed::{Observation, Observations};

/// Returns the EIP and the disks that a container group of these attributes has, as far as their
/// ids are known. An automatic EIP cannot pass to another group and is not among them.
pub fn attached(attributes: &Map) -> Vec<Attachable> {
    let eip = eip(attributes).map(|id| Attachable::Eip(id.to_owned()));
    eip.into_iter().chain(attached_disks(attributes)).collect()
}

fn attached_disks(attributes: &Map) -> impl Iterator<Item = Attachable> {
    let disks = disks(attributes).into_iter();
    disks.map(|id| Attachable::Disk(id.to_owned()))
}

/// Returns the id of the EIP of a container group, if it has one by id.
pub(crate) fn eip(attributes: &Map) -> Option<&str> {
    attributes.get("eip")?.get("id")?.as_str()
}

/// Returns the ids of the disks that a container group has mounted.
pub fn disks(attributes: &Map) -> Vec<&str> {
    let volumes = attributes.get("volumes").and_then(Value::as_list);
    volumes.into_iter().flatten().filter_map(handle).collect()
}

/// A container group that an earlier run has replaced and not deleted yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplacedGroup {
    /// The cloud's id.
    pub(crate) id: String,
    /// The address of what has taken its place.
    pub(crate) address: Address,
}

/// The container groups that each EIP and disk is attached to now.
///
/// What the cloud reports counts before what the state records: somebody may have passed an object
/// on since the last run.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    groups: HashMap<Attachable, Vec<Address>>,
    /// The attachments of a group that an earlier run has replaced and not deleted yet.
    replaced: HashMap<Attachable, ReplacedGroup>,
    /// The attachments to objects that are not in this state, with the IDs of these objects.
    foreign: HashMap<Attachable, String>,
}

impl Holders {
    /// Finds out who has what, under the addresses that resources have once they have moved.
    /// `replaced` are the groups that an earlier run replaced and did not delete yet.
    pub(crate) fn new<'a>(
        groups: impl Iterator<Item = (&'a Address, &'a ResourceState)>,
        moves: &Moves<'_>,
        observed: &Observations,
        replaced: &[ReplacedGroup],
    ) -> Holders {
        let mut holders = Holders::default();
        let mut by_id: HashMap<&str, &Address> = HashMap::new();
        // What a group of this state has keeps its mark until the group is deleted completely.
        let mut leaving: HashSet<&str> = HashSet::new();
        for (address, state) in groups {
            let observation = observed.get(moves.origin(address).unwrap_or(address));
            if observation == Some(&Observation::Missing) {
                leaving.extend(state.id.as_deref());
                continue;
            }
            by_id.extend(state.id.as_deref().map(|id| (id, address)));
            let reported = match observation {
                Some(Observation::Present(reported)) => &**reported,
                _ => &*state.applied,
            };
            let eip = attached(&state.applied).into_iter();
            // Whose EIP it is, the EIP itself reports, and the group does not.
            let eip = eip.filter(|it| !it.is_disk() && observed.holder(it).is_none());
            for object in eip.chain(attached_disks(reported)) {
                holders.add(object, address);
            }
        }
        for (object, holder) in observed.holders() {
            let Some(id) = holder else {
                continue;
            };
            let predecessor = replaced.iter().find(|it| it.id == id);
            match (object, by_id.get(id)) {
                (Attachable::Eip(_), Some(group)) => holders.add(object.clone(), group),
                (Attachable::Disk(_), Some(_)) => {}
                (_, None) => match predecessor {
                    Some(replaced) => {
                        holders.replaced.insert(object.clone(), replaced.clone());
                    }
                    None if leaving.contains(id) => {}
                    None => drop(holders.foreign.insert(object.clone(), id.to_owned())),
                },
            }
        }
        holders
    }

    /// Returns the id of what has an object and is not in this state.
    pub(crate) fn foreign(&self, object: &Attachable) -> Option<&str> {
        self.foreign.get(object).map(String::as_str)
    }

    /// Takes what has one of these objects for what an earlier run is about to create with it, as long as
    /// no read shows that.
    pub(crate) fn expect(&mut self, objects: impl IntoIterator<Item = Attachable>) {
        for object in objects {
            self.foreign.remove(&object);
        }
    }

    /// Returns what an earlier run has replaced, and has an object still.
    pub(crate) fn replaced(&self, object: &Attachable) -> Option<&ReplacedGroup> {
        self.replaced.get(object)
    }

    fn add(&mut self, object: Attachable, group: &Address) {
        self.groups.entry(object).or_default().push(group.clone());
    }

    /// Returns the groups that have an object: one, unless reports contradict each other.
    pub(crate) fn of(&self, object: &Attachable) -> &[Address] {
        self.groups.get(object).map_or(&[], Vec::as_slice)
    }

    /// Returns what each group has.
    pub(crate) fn by_group(&self) -> HashMap<&Address, Vec<&Attachable>> {
        let mut by_group: HashMap<&Address, Vec<&Attachable>> = HashMap::new();
        for (object, groups) in &self.groups {
            for group in groups {
                by_group.entry(group).or_default().push(object);
            }
        }
        // A map has no order, and a plan must not depend on chance.
        by_group.values_mut().for_each(|objects| objects.sort());
        by_group
    }
}

/// Returns whether an update can take an object from a group: not a disk that init containers
/// mount, which cannot be updated in place.
pub(crate) fn is_detachable(applied: &Map, object: &Attachable) -> bool {
    let Attachable::Disk(id) = object else {
        return true;
    };
    let volumes = applied.get("volumes").and_then(Value::as_list);
    let mut volumes = volumes.into_iter().flatten();
    let name = volumes
        .find(|volume| handle(volume) == Some(id))
        .and_then(|volume| volume.get("name"));
    let init = applied.get("init_containers").and_then(Value::as_list);
    let mut mounts = init.into_iter().flatten().flat_map(mounts);
    !mounts.any(|mount| name.is_some() && mount.get("volume") == name)
}

fn handle(volume: &Value) -> Option<&str> {
    volume.get("volume_handle")?.as_str()
}

fn mounts(container: &Value) -> impl Iterator<Item = &Value> {
    let mounts = container.get("volume_mounts").and_then(Value::as_list);
    mounts.into_iter().flatten()
}

/// Returns the top-level attributes of a group that an update sends to take these objects from
/// it.
pub fn detached_attributes(objects: &[Attachable]) -> Vec<&'static str> {
    let mut names = Vec::new();
    if objects.iter().any(|object| !object.is_disk()) {
        names.push("eip");
    }
    if objects.iter().any(Attachable::is_disk) {
        names.extend(["volumes", "containers"]);
    }
    names
}

/// Returns the attributes of a group without these objects: without the EIP, and without the
/// disks and what containers mount of them.
pub fn without(attributes: &Map, objects: &[Attachable]) -> Map {
    let mut left = attributes.clone();
    if objects.iter().any(|object| !object.is_disk()) {
        left.remove("eip");
    }
    let is_detached = |volume: &Value| {
        let handle = handle(volume);
        let mut disks = objects.iter().filter(|it| it.is_disk());
        disks.any(|disk| handle == Some(disk.id()))
    };
    without_volumes(&mut left, is_detached);
    left
}

/// Removes volumes from the attributes of a group, and the mounts of them.
pub fn without_volumes(attributes: &mut Map, is_removed: impl Fn(&Value) -> bool) {
    let Some(volumes) = attributes.get("volumes").and_then(Value::as_list) else {
        return;
    };
    let (removed, kept): (Vec<Value>, Vec<Value>) = volumes.iter().cloned().partition(is_removed);
    if removed.is_empty() {
        return;
    }
    let names: Vec<Value> = removed
        .iter()
        .filter_map(|volume| volume.get("name").cloned())
        .collect();
    if kept.is_empty() {
        attributes.remove("volumes");
    } else {
        attributes.insert("volumes".into(), Value::list(kept));
    }
    let Some(containers) = attributes.get("containers").and_then(Value::as_list) else {
        return;
    };
    let containers = containers
        .iter()
        .map(|container| without_mounts(container, &names));
    let containers = Value::list(containers.collect());
    attributes.insert("containers".into(), containers);
}

fn without_mounts(container: &Value, names: &[Value]) -> Value {
    let is_of_removed = |mount: &&Value| {
        let volume = mount.get("volume");
        volume.is_some_and(|volume| names.contains(volume))
    };
    let (Some(fields), true) = (
        container.as_map(),
        mounts(container).any(|mount| is_of_removed(&mount)),
    ) else {
        return container.clone();
    };
    let kept: Vec<Value> = mounts(container)
        .filter(|mount| !is_of_removed(mount))
        .cloned()
        .collect();
    let mut fields = fields.clone();
    if kept.is_empty() {
        fields.remove("volume_mounts");
    } else {
        fields.insert("volume_mounts".into(), Value::list(kept));
    }
    Value::map(fields)
}
