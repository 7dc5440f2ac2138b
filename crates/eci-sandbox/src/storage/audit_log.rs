//! The changes that were committed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::change::{Actor, ChangeKind, ObjectKind};
use crate::model::clock::SimTime;
use crate::model::request::{objects, text};
use crate::model::{Disk, Eip, Group};

/// One change that was committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditEntry {
    /// The virtual time: RFC 3339, whole seconds.
    pub time: String,
    /// The kind of change.
    pub change: ChangeKind,
    /// By whom.
    pub actor: Actor,
    /// The kind of the object.
    #[serde(default)]
    pub kind: ObjectKind,
    /// The region of the object.
    pub region_id: String,
    /// Its id.
    #[serde(alias = "containerGroupId")]
    pub id: String,
    /// Its name.
    #[serde(alias = "containerGroupName")]
    pub name: String,
    /// Its tags after the change; of a disk its labels, of an EIP none.
    pub tags: BTreeMap<String, String>,
}

impl AuditEntry {
    pub(crate) fn of(group: &Group, kind: ChangeKind, by: Actor, now: SimTime) -> AuditEntry {
        AuditEntry {
            time: now.to_string(),
            change: kind,
            actor: by,
            kind: ObjectKind::ContainerGroup,
            region_id: group.realm.region.clone(),
            id: group.id.clone(),
            name: group.name().to_owned(),
            tags: group
                .tags()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        }
    }

    pub(crate) fn of_eip(eip: &Eip, kind: ChangeKind, by: Actor, now: SimTime) -> AuditEntry {
        AuditEntry {
            time: now.to_string(),
            change: kind,
            actor: by,
            kind: ObjectKind::Eip,
            region_id: eip.realm.region.clone(),
            id: eip.id.clone(),
            name: eip.name.clone(),
            tags: BTreeMap::new(),
        }
    }

    pub(crate) fn of_disk(disk: &Disk, kind: ChangeKind, by: Actor, now: SimTime) -> AuditEntry {
        AuditEntry {
            time: now.to_string(),
            change: kind,
            actor: by,
            kind: ObjectKind::Disk,
            region_id: disk.realm.region.clone(),
            id: disk.id.clone(),
            name: disk.name.clone(),
            tags: objects(&disk.spec, "labels")
                .map(|label| {
                    (
                        text(label, "key").to_owned(),
                        text(label, "value").to_owned(),
                    )
                })
                .collect(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_a_group_with_former_keys_is_read() {
        let former = r#"{
            "time": "2026-01-01T00:00:00Z", "change": "create", "actor": "client", "regionId": "r-1",
            "containerGroupId": "eci-1", "containerGroupName": "web", "tags": {}
        }"#;
        let entry: AuditEntry = serde_json::from_str(former).unwrap();
        assert_eq!((&*entry.id, &*entry.name), ("eci-1", "web"));
        assert_eq!(entry.kind, ObjectKind::ContainerGroup);
    }
}
