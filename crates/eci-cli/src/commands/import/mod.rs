//! `eci import`

mod account;
mod adopt;
mod all;

use std::path::Path;

use eci_config::{Configuration, Import, check_id};
use eci_core::Address;
use eci_core::suggest::{did_you_mean, nearest_address};
use eci_planner::PlanOptions;
use eci_state::Snapshot;

pub(super) use adopt::{Adoption, adopt};
use eci_text::{Verbatim, text};

use crate::arguments;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Adopts one resource, or writes manifests for many.
pub(crate) async fn import(
    context: &Context,
    args: &arguments::ImportArgs,
) -> Result<ExitStatus, CommandError> {
    match (&args.address, &args.id, &args.write) {
        (Some(address), Some(id), _) => {
            let adoption = Adoption {
                address: address.clone(),
                id: id.clone(),
                take_over: args.take_over,
                operation: None,
            };
            adopt(context, &args.variables, &[adoption], &args.run).await
        }
        (_, _, Some(directory)) => all::write(context, args, Path::new(directory)).await,
        // The command line takes one or the other.
        _ => Err(CommandError::new(
            text!(en: "no resource specified", zh: "未指定资源"),
            text!(
                en: "specify a resource address and an ID, or use `--all` with `--write`",
                zh: "指定资源地址和 ID，或同时使用 `--all` 和 `--write`",
            ),
        )),
    }
}

/// Leaves of a configuration's imports only these, and plans nothing but what they need.
fn only(
    configuration: &mut Configuration,
    adopted: &[Adoption],
) -> Result<PlanOptions, CommandError> {
    let mut imports = Vec::with_capacity(adopted.len());
    for Adoption {
        address,
        id,
        take_over,
        ..
    } in adopted
    {
        check_id(address.kind(), id)
            .map_err(|wrong| CommandError::new(eci_render::text_of(&wrong), wrong.help()))?;
        let Some(resource) = configuration.resource(address) else {
            return Err(undeclared(configuration, address));
        };
        imports.push(Import {
            to: address.clone(),
            id: id.clone(),
            take_over: *take_over,
            place: resource.place.clone(),
        });
    }
    configuration.imports = imports;
    Ok(PlanOptions::default()
        .with_targets(adopted.iter().map(|it| it.address.clone().into()).collect()))
}

fn undeclared(configuration: &Configuration, address: &Address) -> CommandError {
    let known: Vec<String> = configuration
        .resources
        .iter()
        .map(|resource| resource.address.to_string())
        .collect();
    let near = nearest_address(&address.to_string(), known.iter().map(String::as_str));
    let help = match near {
        Some(near) => did_you_mean(near),
        None => text!(
            en: "declare it first; `eci import --help` shows how to generate manifests",
            zh: "先声明该资源，`eci import --help` 说明如何生成清单",
        ),
    };
    let message = text!(
        en: "undeclared resource {address}",
        zh: "资源 {address} 未声明",
        address = Verbatim(address),
    );
    CommandError::new(message, help)
}

/// Refuses to adopt what the state has already.
fn is_new(snapshot: &Snapshot, address: &Address) -> Result<(), CommandError> {
    let Some(state) = snapshot.resources.get(address) else {
        return Ok(());
    };
    // An existing EIP or disk appears only in its groups, and may be managed from now on.
    let Some(id) = &state.id else {
        return Ok(());
    };
    Err(CommandError::new(
        text!(
            en: "{address} is already in the state ({id})",
            zh: "{address} 已在状态中（{id}）",
            address = Verbatim(address),
            id = id,
        ),
        text!(
            en: "remove it from the state first with `eci state rm {address}`, or import to another address",
            zh: "先使用 `eci state rm {address}` 从状态中移除，或导入到其他地址",
            address = Verbatim(address.in_shell()),
        ),
    ))
}
