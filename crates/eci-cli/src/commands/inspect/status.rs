//! `eci status`

use eci_api::types::{ContainerGroupId, DescribedGroup};
use eci_core::Address;
use eci_provider::{ObservedGroup, group_id};
use eci_render::running::{self, GroupStatus};
use eci_text::text;
use jiff::Timestamp;

use super::{InspectContext, Known, redactor};
use crate::arguments::{self, Format};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stdout};

/// Shows how every container group of the state stands.
pub(crate) async fn status(
    context: &Context,
    asked: &arguments::StatusArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let ground = InspectContext::load(context, &asked.variables)?;
    let made = made(&ground);
    let mut groups = Vec::with_capacity(made.len());
    if !made.is_empty() {
        let ids: Vec<ContainerGroupId> = made.iter().map(|(_, id)| id.clone()).collect();
        let access = ground.access(context)?;
        let asking =
            async { Ok::<_, CommandError>(access.adapter().await?.describe_groups(&ids).await?) };
        let seen = signals.unless(asking).await;
        access.close().await;
        let mut seen = seen?;
        groups.extend(made.into_iter().map(|(address, id)| {
            GroupStatus {
                address: address.clone(),
                group: seen
                    .remove(id.as_str())
                    .map(|seen| redacted(&ground, address, seen)),
                id: id.to_string(),
            }
        }));
    }
    let now = Timestamp::now();
    match asked.format {
        Format::Json => document(&running::status_json(&groups, now))?,
        Format::Text if groups.is_empty() => context.note(&text!(
            en: "No container groups found in the state.",
            zh: "状态中没有容器组。",
        )),
        Format::Text => print_stdout(&running::status_text(&groups, now, context.out))?,
    }
    Ok(ExitStatus::Done)
}

/// A group as the cloud reports it, without its secrets.
fn redacted(ground: &InspectContext, address: &Address, mut seen: ObservedGroup) -> DescribedGroup {
    if let Some(state) = ground.snapshot.resources.get(address) {
        let known = Known {
            key: &ground.snapshot.digest_key,
            state,
            declared: ground.declared.get(address).map(|it| &**it),
        };
        let redactor = redactor(&known, Some(&seen));
        redactor.cover_group(&mut seen.group);
    }
    seen.group
}

/// The container groups of the state.
fn made(ground: &InspectContext) -> Vec<(&Address, ContainerGroupId)> {
    let resources = ground.snapshot.resources.iter();
    resources
        .filter(|(address, _)| address.kind().properties().runs_containers)
        .filter_map(|(address, state)| Some((address, group_id(state.id.as_deref()?).ok()?)))
        .collect()
}
