//! Objects of an account that can be imported, and those that cannot.

use std::collections::HashSet;

use eci_api::Status;
use eci_api::types::DiskId;
use eci_core::schema::normalize_config;
use eci_core::{Map, OperationTag, Severity, Value};
use eci_engine::Provider;
use eci_planner::attachment::disks;
use eci_provider::{ObservedGroup, RemoteObject, RemoteReport};
use eci_text::{Text, Verbatim, text};

use crate::arguments::ImportArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::generate::{Account, RemoteItem, ReportedGroup};

/// The requested objects of the cloud.
pub(super) struct RequestedObjects {
    groups: Vec<ObservedGroup>,
    eips: Vec<RemoteObject>,
    disks: Vec<RemoteObject>,
    /// Whether the whole region is requested.
    is_all: bool,
}

/// Finds the groups that carry the tags, and the EIPs and disks that they have, which carry no tags
/// themselves. Without a tag, finds everything in the region.
pub(super) async fn found(
    access: &Provider,
    args: &ImportArgs,
) -> Result<RequestedObjects, CommandError> {
    let tags = args.tags.iter();
    let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
    let provider = access.adapter().await?;
    let groups = provider.tagged(tags).await?;
    let eips = provider.all_eips().await?;
    let is_all = args.tags.is_empty();
    let mut ids: Vec<String> = groups.iter().flat_map(mounted).collect();
    if is_all {
        ids.extend(provider.all_disks().await?.into_iter().map(|disk| disk.id));
    }
    let mut known = HashSet::new();
    ids.retain(|id| known.insert(id.clone()));
    // Only the report of a single disk contains its billing.
    let mut disks = Vec::with_capacity(ids.len());
    for id in ids.into_iter().filter_map(|id| DiskId::new(id).ok()) {
        disks.extend(provider.disk(&id).await?);
    }
    Ok(RequestedObjects {
        groups,
        eips,
        disks,
        is_all,
    })
}

/// Returns the disks that a group mounts.
fn mounted(group: &ObservedGroup) -> Vec<String> {
    let disks = disks(&group.attributes).into_iter();
    disks
        .filter(|disk| !disk.is_empty())
        .map(str::to_owned)
        .collect()
}

impl RequestedObjects {
    /// Returns the objects that can be adopted, by name.
    ///
    /// Those left out are reported.
    pub(super) fn adoptable(self, context: &Context) -> Account {
        let mut mounts = HashSet::new();
        let mut groups = Vec::with_capacity(self.groups.len());
        for group in self.groups {
            if has_ended(&group.status) {
                left_out(context, &group.id, &group_has_status(&group.status));
                continue;
            }
            of_eci(
                context,
                &group.id,
                group.operation.as_ref().map(OperationTag::as_str),
            );
            mounts.extend(mounted(&group));
            groups.push(ReportedGroup {
                id: group.id,
                attributes: group.attributes,
            });
        }
        groups.sort_by_cached_key(|group| (name(&group.attributes), group.id.clone()));
        let ids: HashSet<&str> = groups.iter().map(|group| &*group.id).collect();
        let mut account = Account::default();
        for remote in self.eips.into_iter().chain(self.disks) {
            let user = remote.attached_to();
            let has = |user: &String| ids.contains(&**user);
            let is_theirs = user.as_ref().is_some_and(has) || mounts.contains(&remote.id);
            // Objects unrelated to these groups were not requested.
            if !is_theirs && !self.is_all {
                continue;
            }
            let of_another = user.as_ref().filter(|_| !is_theirs);
            let reason = of_another.map(|user| {
                text!(
                    en: "attached to {user}, which is not imported",
                    zh: "已挂载到 {user}，而 {user} 未导入",
                    user = Verbatim(user),
                )
            });
            if let Some(reason) = reason.or_else(|| unfit(&remote)) {
                left_out(context, &remote.id, &reason);
                continue;
            }
            of_eci(context, &remote.id, remote.operation_mark());
            let items = if remote.kind().properties().is_public_ip {
                &mut account.eips
            } else {
                &mut account.disks
            };
            items.push(RemoteItem {
                attributes: remote.attributes_with_billing(),
                id: remote.id,
                user,
            });
        }
        for items in [&mut account.eips, &mut account.disks] {
            items.sort_by_cached_key(|item| {
                let disk = item.attributes.get("disk").and_then(Value::as_map);
                (name(disk.unwrap_or(&item.attributes)), item.id.clone())
            });
        }
        account.groups = groups;
        account
    }
}

fn left_out(context: &Context, id: &str, reason: &Text) {
    let reason = reason.clone();
    let reason = reason.map(|text| eci_text::line(&text).into_owned().into());
    context.note(&text!(
        en: "note: skipped {id}: {reason}",
        zh: "说明: 已跳过 {id}：{reason}",
        id = id,
        reason = reason,
    ));
}

fn group_has_status(status: impl std::fmt::Display) -> Text {
    text!(en: "its status is {status}", zh: "其运行状态为 {status}", status = Verbatim(status))
}

/// Returns the reason for an EIP or a disk, whose status has another word in Chinese.
fn has_status(status: impl std::fmt::Display) -> Text {
    text!(en: "its status is {status}", zh: "其状态为 {status}", status = Verbatim(status))
}

/// Notes that an object was created by eci, and so is in a state already.
fn of_eci(context: &Context, id: &str, operation: Option<&str>) {
    if let Some(operation) = operation {
        context.note(&text!(
            en: "note: {id} was created by eci (operation tag {operation})\nhelp: to import it to another state, \
                 first remove it from the state that records it, then set `take_over = true` in `[[import]]`",
            zh: "说明: {id} 由 eci 创建（操作标签 {operation}）\n帮助: 如需导入到其他状态，先从记录该资源的状态中移除，再在 `[[import]]` 中设置 `take_over = true`",
            id = id,
            operation = operation,
        ));
    }
}

fn name(attributes: &Map) -> String {
    let name = attributes.get("name").and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

/// Returns whether a plan would re-create it, or it is being deleted.
fn has_ended(status: &Status) -> bool {
    matches!(
        status,
        Status::Terminating | Status::Failed | Status::ScheduleFailed | Status::Expired
    )
}

/// Returns why no manifest can describe an EIP or a disk, if none can.
fn unfit(remote: &RemoteObject) -> Option<Text> {
    if remote.is_deleting() {
        return Some(has_status(&remote.status));
    }
    let given = remote.attributes_with_billing();
    let mut manifest = match &remote.report {
        RemoteReport::Group(..) => return None,
        RemoteReport::Eip(_) => given,
        RemoteReport::Disk(disk) => {
            let is = |field: &str| disk.raw.get(field) == Some(&serde_json::Value::Bool(true));
            if is("isSystemVolume") || is("isPackaged") {
                return Some(text!(
                    en: "it belongs to the server that it was ordered with",
                    zh: "该云硬盘属于与其一同订购的云主机",
                ));
            }
            let mut volume = given;
            for (key, value) in [
                ("name", "disk"),
                ("type", "DiskVolume"),
                ("fs_type", "ext4"),
            ] {
                volume.insert(key.into(), Value::from(value));
            }
            volume
        }
    };
    manifest.remove("id");
    let fields = remote.kind().schema().fields;
    manifest.retain(|name, _| {
        let mut fields = fields.iter();
        fields.any(|field| field.name == &**name && field.is_writable())
    });
    let violations = normalize_config(remote.kind().schema(), &manifest).violations;
    let mut errors = violations
        .into_iter()
        .filter(|violation| violation.code.severity() == Severity::Error);
    let first = errors.next()?;
    Some(text!(
        en: "its `{path}` cannot be expressed in a manifest: {cause}",
        zh: "其 `{path}` 无法在清单中表达：{cause}",
        path = Verbatim(&first.path),
        cause = first.message,
    ))
}
