//! Checks after a run died, and after the next one has finished its work.

use std::collections::{BTreeMap, BTreeSet};

use eci_core::OperationTag;
use eci_sandbox::{AuditEntry, ChangeKind, ObjectKind};
use eci_state::{IntentKind as Intended, Snapshot, StateError};
use serde_json::Value;

use super::desired_state::{AttachableObject, ExpectedResult};
use super::world::{World, attachments};

/// An object that neither the state nor an intent records.
#[derive(Debug)]
pub struct LostObject {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A violated invariant.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// Objects exist that neither the state nor a pending intent records.
    #[error("there are {0:?}, and neither the state nor an open intent knows them")]
    Lost(Vec<LostObject>),
    /// Objects were created too often, or not at all.
    #[error("created {created:?}, expected {desired:?}")]
    Created {
        /// The number of times that each was created.
        created: BTreeMap<(ObjectKind, String), usize>,
        /// The number of times that each was to be created.
        desired: BTreeMap<(ObjectKind, String), usize>,
    },
    /// Two objects carry the operation tag of one create.
    #[error("two of {kind:?} were created with the operation tag {tag}")]
    Twice {
        /// Their kind.
        kind: ObjectKind,
        /// The tag.
        tag: String,
    },
    /// An object of another state was changed or deleted.
    #[error("others had {0:?}")]
    Touched(Vec<String>),
    /// Orders were placed too often, or not.
    #[error("{change:?}: ordered {ordered:?}, expected {desired:?}")]
    Ordered {
        /// The kind of the order.
        change: ChangeKind,
        /// The number of orders, by kind.
        ordered: BTreeMap<ObjectKind, usize>,
        /// The number of desired orders, by kind.
        desired: BTreeMap<ObjectKind, usize>,
    },
    /// The groups in the cloud are not the desired ones.
    #[error("found {there:?}, expected {desired:?}")]
    There {
        /// Names and images.
        there: Vec<(String, String)>,
        /// Names and images.
        desired: Vec<(String, String)>,
    },
    /// The EIPs or disks in the cloud are not the desired ones.
    #[error("{kind:?}: found {there:?}, expected {desired:?}")]
    Attachments {
        /// Their kind.
        kind: ObjectKind,
        /// The objects in the cloud.
        there: Vec<AttachableObject>,
        /// The desired ones.
        desired: Vec<AttachableObject>,
    },
    /// An object that was to stay was replaced.
    #[error("{address} was to stay {before}, and is {now}")]
    NotKept {
        /// The resource.
        address: String,
        /// Its id before.
        before: String,
        /// Its id now.
        now: String,
    },
    /// The state records an object that does not exist, or lacks one that does.
    #[error("the state knows {known:?}, there are {there:?}")]
    State {
        /// The ids in the state.
        known: BTreeSet<String>,
        /// The ids in the cloud.
        there: BTreeSet<String>,
    },
    /// The result differs from that of an uninterrupted run.
    #[error("only here: {there:#?}; only without an interruption: {desired:#?}")]
    Differs {
        /// Lines that only this result has.
        there: Vec<String>,
        /// Lines that this result lacks.
        desired: Vec<String>,
    },
    /// An intent is open though a run came to its end.
    #[error("{0} intents are open after a run came to its end")]
    Open(usize),
    /// A run did not end as it must.
    #[error("{what}: {run}")]
    Ended {
        /// The expected result.
        what: &'static str,
        /// The run.
        run: String,
    },
    /// A state that a dead run left cannot be read.
    #[error("the state that is left cannot be read: {0}")]
    Unreadable(#[from] StateError),
}

/// Checks that every object and order is recorded, at whatever point a run died.
///
/// # Errors
///
/// If one is not.
pub fn nothing_is_lost(world: &World) -> Result<(), Violation> {
    // The cloud is read first: a call in progress may take effect while this reads the state.
    let groups = world.groups();
    let ledger = world.ledger();
    let lost = unknown(&groups, &ledger, &world.state()?);
    if lost.is_empty() {
        Ok(())
    } else {
        Err(Violation::Lost(lost))
    }
}

/// Returns the objects and orders that neither a resource of the state nor a pending operation
/// records.
pub fn unknown(groups: &[Value], ledger: &[AuditEntry], state: &Snapshot) -> Vec<LostObject> {
    let mut known = ids(state);
    let mut operations = BTreeSet::new();
    let mut labels = BTreeSet::new();
    let mut names: BTreeMap<(ObjectKind, String), usize> = BTreeMap::new();
    for open in &state.open_intents {
        match &open.kind {
            Intended::Create {
                operation,
                planned: configured,
                ..
            } => {
                operations.insert(operation.to_string());
                labels.insert(operation.short());
                if open.address.kind() == eci_core::Kind::Eip {
                    let name = configured
                        .applied
                        .get("name")
                        .and_then(|name| name.as_str());
                    let name = (ObjectKind::Eip, name.unwrap_or_default().to_owned());
                    *names.entry(name).or_default() += 1;
                }
            }
            Intended::Delete { id } => drop(known.insert(id.clone())),
            Intended::Update { .. } => {}
        }
    }
    let mut lost = Vec::new();
    for group in groups {
        let id = text(group, "containerGroupId");
        if !known.contains(id) && !operations.contains(&operation(group)) {
            lost.push(LostObject {
                kind: ObjectKind::ContainerGroup,
                id: id.to_owned(),
                name: text(group, "containerGroupName").to_owned(),
            });
        }
    }
    for entry in ordered(ledger) {
        let is_known = known.contains(&entry.id)
            || match entry.kind {
                ObjectKind::Disk => labels.contains(&tag(entry)),
                // An EIP has no tags: each pending create accounts for one of its name.
                _ => match names.get_mut(&(entry.kind, entry.name.clone())) {
                    Some(left) if *left > 0 => {
                        *left -= 1;
                        true
                    }
                    _ => false,
                },
            };
        if !is_known {
            lost.push(LostObject {
                kind: entry.kind,
                id: entry.id.clone(),
                name: entry.name.clone(),
            });
        }
    }
    lost
}

/// Returns the entries of EIPs and disks that were ordered and not released.
fn ordered(ledger: &[AuditEntry]) -> impl Iterator<Item = &AuditEntry> {
    let released: BTreeSet<&str> = ledger
        .iter()
        .filter(|entry| entry.change == ChangeKind::Delete)
        .map(|entry| entry.id.as_str())
        .collect();
    ledger.iter().filter(move |entry| {
        entry.change == ChangeKind::Create
            && entry.kind != ObjectKind::ContainerGroup
            && !released.contains(entry.id.as_str())
    })
}

/// Checks that every desired object exists once, and was created and ordered no more often than
/// required since the audit log had `since` entries; that unchanged objects are still the same; and
/// that the state agrees and a plan has no changes.
///
/// # Errors
///
/// If not.
pub fn all_is_done(
    world: &World,
    since: usize,
    expected: &ExpectedResult,
) -> Result<(), Violation> {
    let touched = world.touched();
    if !touched.is_empty() {
        return Err(Violation::Touched(touched));
    }
    let ledger = world.ledger();
    created(&ledger[since..], expected)?;
    orders(&ledger[since..], ChangeKind::Resize, &expected.resized)?;
    orders(&ledger[since..], ChangeKind::Delete, &expected.released)?;
    let ids_there = there(world, expected)?;
    let state = world.state()?;
    let known = ids(&state);
    if known != ids_there {
        let there = ids_there;
        return Err(Violation::State { known, there });
    }
    let now = attachments(&state);
    for address in &expected.kept {
        let id = |ids: &BTreeMap<String, String>| ids.get(address).cloned().unwrap_or_default();
        let (before, now) = (id(world.held()), id(&now));
        if before != now {
            let address = address.clone();
            return Err(Violation::NotKept {
                address,
                before,
                now,
            });
        }
    }
    if !state.open_intents.is_empty() {
        return Err(Violation::Open(state.open_intents.len()));
    }
    let plan = world.plan().run();
    match plan.code() {
        0 => Ok(()),
        _ => Err(Violation::Ended {
            what: "nothing is left to plan",
            run: plan.to_string(),
        }),
    }
}

/// Checks that the cloud has the desired objects and returns their IDs.
fn there(world: &World, expected: &ExpectedResult) -> Result<BTreeSet<String>, Violation> {
    let groups = world.groups();
    let there: Vec<(String, String)> = groups
        .iter()
        .map(|group| {
            let image = group["containers"][0]["image"].as_str().unwrap_or_default();
            let name = text(group, "containerGroupName");
            (name.to_owned(), image.to_owned())
        })
        .collect();
    let desired: Vec<(String, String)> = expected.groups.clone().into_iter().collect();
    if there != desired {
        return Err(Violation::There { there, desired });
    }
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for group in &groups {
        let id = text(group, "containerGroupId").to_owned();
        names.insert(id, text(group, "containerGroupName").to_owned());
    }
    let mut ids: BTreeSet<String> = names.keys().cloned().collect();
    let name_of = |id: Option<&str>| {
        let id = id.unwrap_or_default();
        names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    };
    let (eips, disks) = (world.eips(), world.disks());
    let found_eips = eips.iter().map(|eip| AttachableObject {
        name: text(&eip.raw, "name").to_owned(),
        size: eip.raw["bandwidth"].as_i64().unwrap_or_default(),
        sort: text(&eip.raw, "lineType").to_owned(),
        holder: name_of(eip.raw["associationID"].as_str()),
    });
    same(ObjectKind::Eip, found_eips, &expected.eips)?;
    let found_disks = disks.iter().map(|disk| AttachableObject {
        name: text(&disk.raw, "diskName").to_owned(),
        size: disk.raw["diskSize"].as_i64().unwrap_or_default(),
        sort: text(&disk.raw, "diskType").to_owned(),
        holder: name_of(disk.raw["instanceID"].as_str()),
    });
    same(ObjectKind::Disk, found_disks, &expected.disks)?;
    ids.extend(eips.iter().map(|eip| eip.id.to_string()));
    ids.extend(disks.iter().map(|disk| disk.id.to_string()));
    Ok(ids)
}

fn same(
    kind: ObjectKind,
    there: impl Iterator<Item = AttachableObject>,
    desired: &[AttachableObject],
) -> Result<(), Violation> {
    let (mut there, mut desired): (Vec<AttachableObject>, Vec<AttachableObject>) =
        (there.collect(), desired.to_vec());
    there.sort();
    desired.sort();
    if there == desired {
        Ok(())
    } else {
        Err(Violation::Attachments {
            kind,
            there,
            desired,
        })
    }
}

fn created(ledger: &[AuditEntry], expected: &ExpectedResult) -> Result<(), Violation> {
    let mut created: BTreeMap<(ObjectKind, String), usize> = BTreeMap::new();
    let mut tags = BTreeSet::new();
    for entry in ledger
        .iter()
        .filter(|entry| entry.change == ChangeKind::Create)
    {
        let kind = entry.kind;
        *created.entry((kind, entry.name.clone())).or_default() += 1;
        // An EIP carries no tag.
        let tag = tag(entry);
        if kind != ObjectKind::Eip && !tags.insert(tag.clone()) {
            return Err(Violation::Twice { kind, tag });
        }
    }
    if created == expected.created {
        Ok(())
    } else {
        Err(Violation::Created {
            created,
            desired: expected.created.clone(),
        })
    }
}

/// Checks that no order for an EIP or a disk was placed twice or omitted.
fn orders(
    ledger: &[AuditEntry],
    change: ChangeKind,
    desired: &BTreeMap<ObjectKind, usize>,
) -> Result<(), Violation> {
    let mut ordered: BTreeMap<ObjectKind, usize> = BTreeMap::new();
    for entry in ledger.iter().filter(|entry| entry.change == change) {
        let kind = match (entry.kind, change) {
            // What a group grows is a disk.
            (ObjectKind::ContainerGroup, ChangeKind::Resize) => ObjectKind::Disk,
            (ObjectKind::ContainerGroup, _) => continue,
            (kind, _) => kind,
        };
        *ordered.entry(kind).or_default() += 1;
    }
    if ordered == *desired {
        Ok(())
    } else {
        Err(Violation::Ordered {
            change,
            ordered,
            desired: desired.clone(),
        })
    }
}

fn tag(entry: &AuditEntry) -> String {
    entry
        .tags
        .get(OperationTag::KEY)
        .cloned()
        .unwrap_or_default()
}

fn ids(state: &Snapshot) -> BTreeSet<String> {
    let resources = state.resources.values();
    resources.filter_map(|it| it.id.clone()).collect()
}

fn text<'a>(group: &'a Value, name: &str) -> &'a str {
    group[name].as_str().unwrap_or_default()
}

fn operation(group: &Value) -> String {
    let tags = group["tags"].as_array().map(Vec::as_slice);
    let tag = tags
        .unwrap_or_default()
        .iter()
        .find(|tag| tag["key"] == OperationTag::KEY);
    tag.map(|tag| text(tag, "value").to_owned())
        .unwrap_or_default()
}
