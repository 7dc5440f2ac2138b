//! The requests of reads and commands.

use serde::{Deserialize, Serialize, Serializer};

use super::{ContainerGroupId, Decimal, DiskId, Status, Tag};

/// Serializes IDs in the cloud's form: one text, joined by commas.
fn joined<S: Serializer>(ids: &[ContainerGroupId], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&join(ids))
}

pub(crate) fn join(ids: &[ContainerGroupId]) -> String {
    let ids: Vec<&str> = ids.iter().map(ContainerGroupId::as_str).collect();
    ids.join(",")
}

/// The container groups to read.
///
/// A missing filter matches all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerGroupFilter {
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_group_name: Option<String>,
    /// Any of these ids.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "joined")]
    pub container_group_ids: Vec<ContainerGroupId>,
    /// All of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The enterprise project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ep_id: Option<String>,
    /// The number of groups to read at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The token at the end of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// The groups whose statuses or events to read.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GroupIds {
    /// Their ids.
    #[serde(serialize_with = "joined")]
    pub container_group_ids: Vec<ContainerGroupId>,
    /// The number of groups to read at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The token at the end of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

impl GroupIds {
    /// Creates a selection of these groups, as many at a time as the cloud returns.
    pub fn new(ids: impl IntoIterator<Item = ContainerGroupId>) -> GroupIds {
        GroupIds {
            container_group_ids: ids.into_iter().collect(),
            ..GroupIds::default()
        }
    }
}

/// The part of a container's log to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogExcerpt {
    /// The container; may be left out where there is one.
    pub container_name: Option<String>,
    /// From this time on: RFC 3339.
    pub start_time: Option<String>,
    /// The last lines only.
    pub tail: Option<i64>,
    /// Of the run before.
    pub previous: Option<bool>,
    /// Lines that are at most so old.
    pub since_seconds: Option<i64>,
    /// The most bytes.
    pub limit_bytes: Option<i64>,
    /// With the time before each line.
    pub timestamps: Option<bool>,
}

impl LogExcerpt {
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
        [
            ("containerName", self.container_name.clone()),
            ("startTime", self.start_time.clone()),
            ("tail", number(self.tail)),
            ("previous", flag(self.previous)),
            ("sinceSeconds", number(self.since_seconds)),
            ("limitBytes", number(self.limit_bytes)),
            ("timestamps", flag(self.timestamps)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

/// The subject of a price query: a size, or a flavor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceQuery {
    /// vCPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Decimal>,
    /// GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Decimal>,
    /// The machine flavor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavor_name: Option<String>,
    /// The zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub az_name: Option<String>,
    /// Ephemeral storage in GB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<i64>,
}

/// A command to run in a container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExecContainerCommand {
    /// The group.
    pub container_group_id: ContainerGroupId,
    /// The container.
    pub container_name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Whether it reads what is typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<bool>,
    /// Whether it has a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<bool>,
    /// Whether to wait for its end and answer what it wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<bool>,
}

/// A disk to grow while a group has it mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResizeContainerGroupVolume {
    /// The group.
    pub container_group_id: ContainerGroupId,
    /// The group's name for the volume that is on the disk.
    pub volume_name: String,
    /// The disk.
    pub volume_handle: DiskId,
    /// GB, more than it has.
    pub new_size: i64,
}
