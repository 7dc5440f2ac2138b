//! What is there to be adopted, and what is left alone.

use std::collections::HashSet;

use eci_api::Status;
use eci_api::types::DiskId;
use eci_core::schema::normalize_config;
use eci_core::{Map, OperationTag, Severity, Value};
use eci_engine::Provider;
use eci_planner::attachment::disks;
use eci_provider::{RemoteObject, RemoteReport, Seen};

use crate::arguments::ImportArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::generate::{Account, Group, RemoteItem};

/// What the cloud has of what is asked for.
pub(super) struct Found {
    groups: Vec<Seen>,
    eips: Vec<RemoteObject>,
    disks: Vec<RemoteObject>,
    /// Whether all of the region is asked for.
    is_all: bool,
}

/// The groups that carry the tags, and the EIPs and disks that they have: those carry no tags of
/// their own. Without a tag, all that the region has.
pub(super) async fn found(access: &Provider, asked: &ImportArgs) -> Result<Found, CommandError> {
    let tags = asked.tags.iter();
    let tags = tags.map(|(key, value)| (key.as_str(), value.as_str()));
    let provider = access.adapter().await?;
    let groups = provider.tagged(tags).await?;
    let eips = provider.all_eips().await?;
    let is_all = asked.tags.is_empty();
    let mut ids: Vec<String> = groups.iter().flat_map(mounted).collect();
    if is_all {
        ids.extend(provider.all_disks().await?.into_iter().map(|disk| disk.id));
    }
    let mut known = HashSet::new();
    ids.retain(|id| known.insert(id.clone()));
    // Each alone tells how it is paid for.
    let mut disks = Vec::with_capacity(ids.len());
    for id in ids.into_iter().filter_map(|id| DiskId::new(id).ok()) {
        disks.extend(provider.disk(&id).await?);
    }
    Ok(Found {
        groups,
        eips,
        disks,
        is_all,
    })
}

/// The disks that a group mounts.
fn mounted(group: &Seen) -> Vec<String> {
    let disks = disks(&group.attributes).into_iter();
    disks
        .filter(|disk| !disk.is_empty())
        .map(str::to_owned)
        .collect()
}

impl Found {
    /// What is there to stay and has a manifest that says so, by name. What is left out is told.
    pub(super) fn adoptable(self, context: &Context) -> Account {
        let mut mounts = HashSet::new();
        let mut groups = Vec::with_capacity(self.groups.len());
        for seen in self.groups {
            if has_ended(&seen.status) {
                left_out(context, &seen.id, &format!("its status is {}", seen.status));
                continue;
            }
            of_eci(
                context,
                &seen.id,
                seen.operation.as_ref().map(OperationTag::as_str),
            );
            mounts.extend(mounted(&seen));
            groups.push(Group {
                id: seen.id,
                attributes: seen.attributes,
            });
        }
        groups.sort_by_cached_key(|group| (name(&group.attributes), group.id.clone()));
        let ids: HashSet<&str> = groups.iter().map(|group| &*group.id).collect();
        let mut account = Account::default();
        for look in self.eips.into_iter().chain(self.disks) {
            let user = look.attached_to();
            let has = |user: &String| ids.contains(&**user);
            let is_theirs = user.as_ref().is_some_and(has) || mounts.contains(&look.id);
            // What these groups have nothing to do with was not asked for.
            if !is_theirs && !self.is_all {
                continue;
            }
            let of_another = user.as_ref().filter(|_| !is_theirs);
            let reason = of_another.map(|user| format!("{user} has it, which is not adopted"));
            if let Some(reason) = reason.or_else(|| unfit(&look)) {
                left_out(context, &look.id, &reason);
                continue;
            }
            of_eci(context, &look.id, look.operation_mark());
            let things = match &look.report {
                RemoteReport::Eip(_) => &mut account.eips,
                _ => &mut account.disks,
            };
            things.push(RemoteItem {
                attributes: look.attributes_with_billing(),
                id: look.id,
                user,
            });
        }
        for things in [&mut account.eips, &mut account.disks] {
            things.sort_by_cached_key(|thing| {
                let disk = thing.attributes.get("disk").and_then(Value::as_map);
                (name(disk.unwrap_or(&thing.attributes)), thing.id.clone())
            });
        }
        account.groups = groups;
        account
    }
}

fn left_out(context: &Context, id: &str, reason: &str) {
    context.note(&format!(
        "note: {id} is left out: {}",
        eci_text::line(reason)
    ));
}

/// Says of what eci made that it is in a state already.
fn of_eci(context: &Context, id: &str, operation: Option<&str>) {
    if let Some(operation) = operation {
        context.note(&format!(
            "note: {id} was made by eci, as its tag says ({operation}): let the state that has it \
             go of it before another one adopts it, which then needs `take_over = true` in its \
             [[import]]"
        ));
    }
}

fn name(attributes: &Map) -> String {
    let name = attributes.get("name").and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}

/// Whether a plan would make it anew, or it is about to be gone.
fn has_ended(status: &Status) -> bool {
    matches!(
        status,
        Status::Terminating | Status::Failed | Status::ScheduleFailed | Status::Expired
    )
}

/// Why no manifest can say what an EIP or a disk is like, if none can.
fn unfit(look: &RemoteObject) -> Option<String> {
    if look.is_deleting() {
        return Some(format!("its status is {}", look.status));
    }
    let given = look.attributes_with_billing();
    let mut manifest = match &look.report {
        RemoteReport::Group(..) => return None,
        RemoteReport::Eip(_) => given,
        RemoteReport::Disk(disk) => {
            let is = |field: &str| disk.raw.get(field) == Some(&serde_json::Value::Bool(true));
            if is("isSystemVolume") || is("isPackaged") {
                return Some("it belongs to the machine that it was ordered with".to_owned());
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
    let fields = look.kind().schema().fields;
    manifest.retain(|name, _| {
        let mut fields = fields.iter();
        fields.any(|field| field.name == &**name && field.is_writable())
    });
    let violations = normalize_config(look.kind().schema(), &manifest).violations;
    let mut errors = violations
        .into_iter()
        .filter(|violation| violation.code.severity() == Severity::Error);
    let first = errors.next()?;
    Some(format!(
        "no manifest can give its `{}`: {}",
        first.path, first.message
    ))
}
