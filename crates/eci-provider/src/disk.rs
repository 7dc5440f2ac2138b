//! Managed disks.

use std::sync::Arc;

use eci_api::CallError;
use eci_api::types::{CreateDisk, DescribedDisk, DiskFilter, DiskId, Label};
use eci_core::kinds::{DISK, VOLUME};
use eci_core::{Map, OperationTag, Value};
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::provider::{Provider, SendError, read_as};
use crate::thing::{Look, Told};
use crate::wire::{decode_own, encode_own, is_silent};

/// More disks than these are read in pages, which tell less of each.
const MOST_SINGLE: usize = 50;

/// The order for the disk of a volume of these attributes. Its label is found again where the
/// answer is lost.
///
/// # Errors
/// If an attribute is not known yet, or only its digest is left.
pub fn disk_request(attributes: &Map, operation: &OperationTag) -> Result<CreateDisk, SendError> {
    let mut request: CreateDisk = read_as(encode_own(&VOLUME, attributes)?)?;
    request.labels.push(Label {
        key: OperationTag::KEY.to_owned(),
        value: operation.short(),
    });
    Ok(request)
}

impl<A: Cloud> Provider<A> {
    /// A disk as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk(&self, id: &DiskId) -> Result<Option<Look>, CallError> {
        found(self.read(|| self.api().describe_disk(id)).await)
    }

    /// The disk of this name as it is now, if there is one.
    ///
    /// # Errors
    /// The call's.
    pub async fn disk_named(&self, name: &str) -> Result<Option<Look>, CallError> {
        found(self.read(|| self.api().describe_disk_by_name(name)).await)
    }

    /// Many disks as they are now; those that are gone are missing. Each is read by itself as
    /// long as they are few.
    ///
    /// # Errors
    /// The first error.
    pub async fn disks(&self, ids: &[DiskId]) -> Result<Vec<Look>, CallError> {
        if ids.len() > MOST_SINGLE {
            let all = eci_api::api::every_disk(DiskFilter::default(), |filter| async move {
                self.read(|| self.api().list_disks(&filter)).await
            });
            let wanted = |disk: &DescribedDisk| ids.contains(&disk.id);
            return Ok(all.await?.into_iter().filter(wanted).map(look).collect());
        }
        let mut looks = Vec::with_capacity(ids.len());
        for id in ids {
            looks.extend(self.disk(id).await?);
        }
        Ok(looks)
    }
}

fn found(answer: Result<DescribedDisk, CallError>) -> Result<Option<Look>, CallError> {
    match answer {
        Ok(disk) => Ok(Some(look(disk))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A disk in terms of the attributes of its volume.
pub(crate) fn look(disk: DescribedDisk) -> Look {
    let mut attributes = decode_own(&VOLUME, &disk.raw);
    if let Some(Value::Map(parts)) = attributes.get_mut("disk") {
        without_ours(Arc::make_mut(parts));
    }
    Look {
        id: disk.id.to_string(),
        status: status(&disk),
        attributes,
        told: Told::Disk(Box::new(disk)),
    }
}

/// The cloud's own word, which may be one of several for the same.
fn status(disk: &DescribedDisk) -> String {
    let word = disk.raw.get("diskStatus").and_then(Json::as_str);
    word.unwrap_or_default().to_owned()
}

fn without_ours(parts: &mut Map) {
    let Some(Value::Map(labels)) = parts.get("labels") else {
        return;
    };
    let mut labels = (**labels).clone();
    labels.remove(OperationTag::KEY);
    match labels.is_empty() {
        true => parts.remove("labels"),
        false => parts.insert("labels".into(), Value::map(labels)),
    };
}

/// Whether the create of this operation made the disk, as far as its labels tell: some regions
/// have none.
pub fn is_made_by(disk: &DescribedDisk, operation: &OperationTag) -> Option<bool> {
    if disk.raw.get("labels").is_none_or(Json::is_null) {
        return None;
    }
    let ours = |label: &Label| label.key == OperationTag::KEY && label.value == operation.short();
    Some(disk.labels.iter().any(ours))
}

/// What has a disk.
pub(crate) fn user(disk: &DescribedDisk) -> Option<String> {
    if !disk.is_in_use() {
        return None;
    }
    let attached = disk
        .attachments
        .iter()
        .find_map(|it| it.instance_id.clone());
    let named = disk.instance_id.clone().filter(|id| !id.is_empty());
    Some(named.or(attached).unwrap_or_else(|| "something".to_owned()))
}

/// The attributes with those that were asked for and that the answer keeps silent about.
pub(crate) fn with_silent(attributes: &Map, raw: &Json, applied: &Map) -> Map {
    let mut whole = attributes.clone();
    let asked = applied.get("disk").and_then(Value::as_map);
    let (Some(Value::Map(parts)), Some(asked)) = (whole.get_mut("disk"), asked) else {
        return whole;
    };
    let parts = Arc::make_mut(parts);
    for field in DISK.fields {
        let silent = field.reported.is_some_and(|place| is_silent(raw, place));
        if let (true, Some(value)) = (silent, asked.get(field.name)) {
            parts.entry(field.name.into()).or_insert(value.clone());
        }
    }
    whole
}

/// The size that is told, in GB.
pub(crate) fn size(look: &Look) -> Option<i64> {
    let size = look.attributes.get("disk")?.get("size")?;
    size.as_number()?.as_i64()
}
