//! `eci status`

use eci_api::types::{ContainerGroupId, DescribedGroup};
use eci_core::Address;
use eci_provider::{ObservedGroup, cover_group, group_id};
use eci_render::running::{self, GroupStatus};
use eci_text::text;
use jiff::Timestamp;

use super::{InspectContext, KnownGroup, redactor};
use crate::arguments::{self, Format};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stdout};

/// Shows the status of every container group of the state.
pub(crate) async fn status(
    context: &Context,
    args: &arguments::StatusArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let inspection = InspectContext::load(context, &args.variables, &mut signals)?;
    let created = created_groups(&inspection);
    let mut groups = Vec::with_capacity(created.len());
    let mut now = Timestamp::now();
    if !created.is_empty() {
        let ids: Vec<ContainerGroupId> = created.iter().map(|(_, id)| id.clone()).collect();
        let access = inspection.access(context)?;
        let reading = async {
            let provider = access.adapter().await?;
            let observed = provider.describe_groups(&ids).await?;
            // The groups are dated by the clock of the cloud.
            Ok::<_, CommandError>((observed, provider.api().now()))
        };
        let read = signals.unless(reading).await;
        access.close().await;
        let (mut observed, time) = read?;
        now = time;
        groups.extend(created.into_iter().map(|(address, id)| {
            GroupStatus {
                address: address.clone(),
                group: observed
                    .remove(id.as_str())
                    .map(|group| redacted(&inspection, address, group)),
                id: id.to_string(),
            }
        }));
    }
    match args.format {
        Format::Json => document(&running::status_json(&groups, now))?,
        Format::Text if groups.is_empty() => context.note(&text!(
            en: "No container groups found in the state.",
            zh: "状态中没有容器组。",
        )),
        Format::Text => print_stdout(&running::status_text(&groups, now, context.out))?,
    }
    Ok(ExitStatus::Done)
}

/// Returns a group as the cloud reports it, without its secrets.
fn redacted(
    inspection: &InspectContext,
    address: &Address,
    mut group: ObservedGroup,
) -> DescribedGroup {
    if let Some(state) = inspection.snapshot.resources.get(address) {
        let known = KnownGroup {
            key: &inspection.snapshot.digest_key,
            state,
            declared: inspection.declared.get(address).map(|it| &**it),
        };
        let redactor = redactor(&known, Some(&group));
        cover_group(&redactor, &mut group.group);
    }
    group.group
}

/// Returns the container groups of the state.
fn created_groups(inspection: &InspectContext) -> Vec<(&Address, ContainerGroupId)> {
    let resources = inspection.snapshot.resources.iter();
    resources
        .filter(|(address, _)| address.kind().properties().runs_containers)
        .filter_map(|(address, state)| Some((address, group_id(state.id.as_deref()?).ok()?)))
        .collect()
}
