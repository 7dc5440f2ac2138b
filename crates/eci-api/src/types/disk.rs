//! Cloud disks: requests and reports.
//!
//! Fields are those of the vendor's published clients.

use eci_text::FixedText;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::eip::CycleType;
use super::lenient::{FromJson, ParseError, answer, at, object};
use super::wire_enum::word;
use super::{DiskId, JobId};

/// A key and a value, each of at most 32 characters, given to a disk when it is created.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DiskLabel {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl FromJson for DiskLabel {
    fn from_json(json: &mut Value) -> Result<DiskLabel, ParseError> {
        object(json)?;
        Ok(DiskLabel {
            key: at(json, "/key")?,
            value: at(json, "/value")?,
        })
    }
}

/// A new disk.
///
/// The region and the client token are added by the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateDisk {
    /// Its name: 2–63 letters, digits, `_` and `-`, the first a letter; unique in account and
    /// region by the older page, perhaps not by the newer.
    pub disk_name: String,
    /// `SATA`, `SAS`, `SSD`, `SSD-genric` (so spelled), `FAST-SSD`, `XSSD-0` to `XSSD-3`.
    pub disk_type: String,
    /// `VBD`, `ISCSI` or `FCSAN`.
    pub disk_mode: String,
    /// GB; what is allowed depends on the type.
    pub disk_size: i64,
    /// The zone; none in a region that has one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub az_name: Option<String>,
    /// Whether it is pay-as-you-go, the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand: Option<bool>,
    /// The billing of a subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_type: Option<CycleType>,
    /// The number of months, 1–60, or years, 1–5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_count: Option<i64>,
    /// Whether several machines may have it at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multi_attach: Option<bool>,
    /// Whether it is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_encrypt: Option<bool>,
    /// The key that it is encrypted with; empty is the account's own.
    #[serde(rename = "kmsUUID", skip_serializing_if = "Option::is_none")]
    pub kms_uuid: Option<String>,
    /// The enterprise project; `0` where not given.
    #[serde(rename = "projectID", skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// Labels; only the call for one disk returns them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<DiskLabel>,
    /// A private image of a data disk to make it from.
    #[serde(rename = "imageID", skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// A backup to make it from.
    #[serde(rename = "backupID", skip_serializing_if = "Option::is_none")]
    pub backup_id: Option<String>,
    /// Operations a second beyond those that come with an XSSD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_iops: Option<i64>,
    /// Whether its snapshots go with it, where the region has snapshots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_snap_with_ebs: Option<bool>,
    /// The description (newest client only); not reported again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_description: Option<String>,
}

impl CreateDisk {
    /// Creates a request for a plain pay-as-you-go disk of a size in GB.
    pub fn new(name: impl Into<String>, disk_type: impl Into<String>, size: i64) -> CreateDisk {
        CreateDisk {
            disk_name: name.into(),
            disk_type: disk_type.into(),
            disk_mode: "VBD".to_owned(),
            disk_size: size,
            az_name: None,
            on_demand: None,
            cycle_type: None,
            cycle_count: None,
            multi_attach: None,
            is_encrypt: None,
            kms_uuid: None,
            project_id: None,
            labels: Vec::new(),
            image_id: None,
            backup_id: None,
            provisioned_iops: None,
            delete_snap_with_ebs: None,
            volume_description: None,
        }
    }
}

/// The attributes of a disk that can be changed at once.
///
/// Absent ones are left as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiskAttributes {
    /// The name.
    ///
    /// Older clients demand it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_name: Option<String>,
    /// The description (newest client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_description: Option<String>,
    /// Whether it goes with its machine (newest client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_disk_with_instance: Option<bool>,
    /// Whether its snapshots go with it (newest client only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_snap_with_ebs: Option<bool>,
}

/// The rule for the snapshots of a disk that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotPolicy {
    /// Deletion with the disk.
    Delete,
    /// Existence without the disk.
    Keep,
}

impl SnapshotPolicy {
    /// Returns whether snapshots are deleted with their disk.
    pub fn deletes(self) -> bool {
        self == SnapshotPolicy::Delete
    }
}

/// The disks to read.
///
/// A missing filter matches all. Spellings of a status differ, so that statuses are better compared
/// after reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiskFilter {
    /// The page, counted from 1.
    pub page_no: Option<i64>,
    /// The number of disks on a page: at most 300, 10 where not given.
    pub page_size: Option<i64>,
    /// A part of the id, the name, or the machine's id or name.
    pub query_content: Option<String>,
    /// The type.
    pub disk_type: Option<String>,
    /// The zone.
    pub az_name: Option<String>,
    /// The enterprise project.
    pub project_id: Option<String>,
    /// The status, in the words that the cloud uses today.
    pub disk_status: Option<DiskStatus>,
}

impl DiskFilter {
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let number = |number: Option<i64>| number.map(|number| number.to_string());
        let status = self.disk_status.as_ref();
        [
            ("pageNo", number(self.page_no)),
            ("pageSize", number(self.page_size)),
            ("queryContent", self.query_content.clone()),
            ("diskType", self.disk_type.clone()),
            ("azName", self.az_name.clone()),
            ("projectID", self.project_id.clone()),
            (
                "diskStatus",
                status.map(|status| status.as_str().to_owned()),
            ),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
    }
}

word! {
    /// The status of a disk.
    ///
    /// Two vocabularies exist side by side; the first word is today's.
    DiskStatus {
        /// Not attached.
        Available = "available" | "detached" | "unattached",
        /// The disk has a holder.
        InUse = "in-use" | "attached",
        /// Being created.
        Creating = "creating",
        /// Being attached.
        Attaching = "attaching" | "diskAttaching",
        /// Being detached.
        Detaching = "detaching",
        /// Being expanded.
        Extending = "extending" | "resizing",
        /// Being copied into a backup.
        BackingUp = "backup",
        /// Being restored from a backup.
        Restoring = "backupRestoring",
        /// Being deleted.
        Deleting = "deleting",
        /// The disk is in error.
        Error = "error",
        /// Its term is over.
        Expired = "expired",
        /// Frozen for arrears.
        Freezing = "freezing",
    }
}

impl DiskStatus {
    /// Returns the status in words for people; none for one that is not known.
    pub fn words(&self) -> Option<FixedText> {
        Some(match self {
            DiskStatus::Available => FixedText::new("available", "可用"),
            DiskStatus::InUse => FixedText::new("in use", "使用中"),
            DiskStatus::Creating => FixedText::new("creating", "正在创建"),
            DiskStatus::Attaching => FixedText::new("attaching", "正在挂载"),
            DiskStatus::Detaching => FixedText::new("detaching", "正在卸载"),
            DiskStatus::Extending => FixedText::new("resizing", "正在扩容"),
            DiskStatus::BackingUp => FixedText::new("creating a backup", "正在备份"),
            DiskStatus::Restoring => FixedText::new("restoring a backup", "正在恢复备份"),
            DiskStatus::Deleting => FixedText::new("deleting", "正在删除"),
            DiskStatus::Error => FixedText::new("error", "错误"),
            DiskStatus::Expired => FixedText::new("expired", "已到期"),
            DiskStatus::Freezing => FixedText::new("frozen", "已冻结"),
            DiskStatus::Other(_) => return None,
        })
    }

    /// Returns whether the status is transitional, so that it is better to wait than to act.
    /// An unknown status counts as one.
    pub fn is_transitional(&self) -> bool {
        !matches!(
            self,
            DiskStatus::Available
                | DiskStatus::InUse
                | DiskStatus::Error
                | DiskStatus::Expired
                | DiskStatus::Freezing
        )
    }
}

answer! {
    /// A holder of a disk.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    DiskAttachment {
        /// The object that the disk is attached to.
        instance_id: Option<String> = "/instanceID",
        /// The attachment's own id.
        attachment_id: Option<String> = "/attachmentID",
        /// The device name there, for example `/dev/sda`.
        device: Option<String> = "/device",
    }
}

answer! {
    /// A disk as the cloud reports it.
    ///
    /// Lists contain neither labels nor cycles.
    #[derive(Clone, Debug, PartialEq)]
    DescribedDisk {
        /// Its id.
        id: DiskId = "/diskID",
        /// Its name.
        name: String = "/diskName",
        /// GB.
        size: Option<i64> = "/diskSize",
        /// The type.
        disk_type: Option<String> = "/diskType",
        /// The mode.
        disk_mode: Option<String> = "/diskMode",
        /// The status; the cloud's own word is in `raw`.
        status: DiskStatus = "/diskStatus",
        /// Whether it is frozen.
        frozen: Option<bool> = "/diskFreeze",
        /// The enterprise project.
        project_id: Option<String> = "/projectID",
        /// The zone; none in a region that has one only.
        az_name: Option<String> = "/azName",
        /// The time of its creation, in milliseconds since 1970.
        create_time: Option<i64> = "/createTime",
        /// The time of its last change, in milliseconds since 1970.
        update_time: Option<i64> = "/updateTime",
        /// The end of its term, in milliseconds since 1970, where it has one.
        expire_time: Option<i64> = "/expireTime",
        /// Whether it is pay-as-you-go.
        ///
        /// Some answers have the field only where it is so.
        on_demand: bool = "/onDemand",
        /// Whether several machines may have it at a time.
        multi_attach: Option<bool> = "/multiAttach",
        /// Whether it is encrypted.
        encrypted: Option<bool> = "/isEncrypt",
        /// The key that it is encrypted with.
        kms_uuid: Option<String> = "/kmsUUID",
        /// The machine that has it.
        instance_id: Option<String> = "/instanceID",
        /// All that has it.
        attachments: Vec<DiskAttachment> = "/attachments",
        /// Operations a second beyond those that come with an XSSD.
        provisioned_iops: Option<i64> = "/provisionedIops",
        /// Labels; in the answer for one disk only.
        labels: Vec<DiskLabel> = "/labels",
        /// Whether its snapshots go with it; none where the region has no snapshots.
        delete_snap_with_ebs: Option<bool> = "/deleteSnapWithEbs",
        /// All of it, with what is not known here.
        raw: Value = "",
    }
}

impl DescribedDisk {
    /// Parses a disk from a report of the cloud.
    ///
    /// # Errors
    /// If it has no id, or if another type is in the place of an object or a list.
    pub fn from_report(mut report: Value) -> Result<DescribedDisk, String> {
        DescribedDisk::from_json(&mut report).map_err(|misread| misread.to_string())
    }

    /// Returns whether the disk is in use, whatever the word for its status.
    pub fn is_in_use(&self) -> bool {
        let named = self.instance_id.as_deref().is_some_and(|id| !id.is_empty());
        self.status == DiskStatus::InUse || named || !self.attachments.is_empty()
    }
}

/// One page of disks, the newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiskPage {
    /// The disks.
    pub disks: Vec<DescribedDisk>,
    /// The number of disks on all pages.
    pub total_count: Option<i64>,
    /// The number of pages.
    pub total_page: Option<i64>,
}

impl FromJson for DiskPage {
    /// Parses a page; an absent list is an empty one.
    ///
    /// The total, and the caller, decide whether it is credible.
    fn from_json(json: &mut Value) -> Result<DiskPage, ParseError> {
        object(json)?;
        Ok(DiskPage {
            total_count: at(json, "/totalCount")?,
            total_page: at(json, "/totalPage")?,
            disks: at(json, "/diskList")?,
        })
    }
}

/// The job that an attach or a detach begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiskJob {
    /// Its id.
    pub id: JobId,
}

impl FromJson for DiskJob {
    /// Parses a job; its ID has two names, of which one is deprecated.
    fn from_json(json: &mut Value) -> Result<DiskJob, ParseError> {
        object(json)?;
        let place = match json.get("diskRequestID") {
            None | Some(Value::Null) => "/diskJobID",
            Some(_) => "/diskRequestID",
        };
        Ok(DiskJob {
            id: at(json, place)?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_vocabularies_say_the_same() {
        for (word, status) in [
            ("available", DiskStatus::Available),
            ("detached", DiskStatus::Available),
            ("unattached", DiskStatus::Available),
            ("in-use", DiskStatus::InUse),
            ("attached", DiskStatus::InUse),
            ("diskAttaching", DiskStatus::Attaching),
            ("resizing", DiskStatus::Extending),
        ] {
            assert_eq!(DiskStatus::from(word), status, "{word}");
        }
        assert!(DiskStatus::from("polishing").is_transitional());
        assert!(!DiskStatus::from("expired").is_transitional());
    }

    #[test]
    fn a_disk_is_read_as_the_call_for_one_disk_returns_it() {
        let mut json = json!({
            "diskID": "0ae97ef5-6ee5-44af-9d05-1a509b1c3e15", "diskName": "data",
            "diskSize": 40, "diskType": "SATA", "diskMode": "VBD", "diskStatus": "in-use",
            "diskFreeze": "false", "createTime": 1_700_000_000_000_i64, "expireTime": "",
            "onDemand": true, "deleteSnapWithEbs": "--",
            "instanceID": "ins-1", "attachments": [{ "instanceID": "ins-1", "device": "/dev/vdb" }],
            "labels": [{ "key": "a", "value": "b", "labelId": "7" }],
        });
        let disk = DescribedDisk::from_json(&mut json).unwrap();
        assert!(disk.on_demand && disk.is_in_use());
        assert_eq!((disk.size, disk.frozen), (Some(40), Some(false)));
        assert_eq!((disk.expire_time, disk.delete_snap_with_ebs), (None, None));
        assert_eq!(disk.labels[0].key, "a");
        assert_eq!(disk.raw["labels"][0]["labelId"], "7");
    }

    #[test]
    fn a_list_that_is_absent_is_empty() {
        let read = |mut json: Value| DiskPage::from_json(&mut json).map(|page| page.disks);
        assert_eq!(read(json!({ "diskList": [] })), Ok(Vec::new()));
        assert_eq!(read(json!({ "totalCount": "0" })), Ok(Vec::new()));
        assert_eq!(read(json!({})), Ok(Vec::new()));
        assert_eq!(read(json!({ "diskTotal": 0 })), Ok(Vec::new()));
    }

    #[test]
    fn a_job_is_found_under_either_name() {
        for name in ["diskRequestID", "diskJobID"] {
            let job = DiskJob::from_json(&mut json!({ name: "j1" })).unwrap();
            assert_eq!(job.id.as_str(), "j1");
        }
        assert!(DiskJob::from_json(&mut json!({})).is_err());
    }

    #[test]
    fn what_is_recorded_of_a_create_is_read_as_it_was_written() {
        let create = CreateDisk {
            labels: vec![DiskLabel {
                key: "a".to_owned(),
                value: "b".to_owned(),
            }],
            ..CreateDisk::new("data", "SATA", 40)
        };
        let json = serde_json::to_value(&create).unwrap();
        assert_eq!(serde_json::from_value::<CreateDisk>(json).unwrap(), create);
    }
}
