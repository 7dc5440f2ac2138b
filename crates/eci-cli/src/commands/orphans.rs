//! `eci orphans`

use std::collections::HashMap;

use eci_api::types::ContainerGroupId;
use eci_config::ProviderSettings;
use eci_core::Address;
use eci_executor::Settings;
use eci_executor::orphans::{made_by, remove, unknown_to};
use eci_provider::{Seen, group_id};
use eci_state::{Snapshot, Store as _};
use jiff::Timestamp;

use super::apply::{What, apply};
use super::approve::{self, Verdict};
use super::state::open;
use crate::answer::{answer, document, say};
use crate::arguments::{self, Format};
use crate::context::{Access, Context, SANDBOX_POLL};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::signals::Signals;

/// Shows what the state made and does not know, adopts it or deletes it.
pub(crate) async fn orphans(
    context: &Context,
    asked: &arguments::Orphans,
) -> Result<Exit, Failure> {
    let settings = context.load_provider(&asked.variables)?;
    if asked.delete {
        return delete(context, asked, &settings).await;
    }
    let mut signals = Signals::listen()?;
    let snapshot = context.existing_state()?;
    let directory = context.state_directory()?;
    let mut access = Access::new(context, &settings, &directory);
    access.check(&snapshot)?;
    let found = signals.unless(found(&mut access, &snapshot)).await;
    access.close().await;
    // A run beside this one may have made some of them, which are on record since.
    let orphans = unknown_to(&context.existing_state()?, found?);
    if asked.adopt.is_empty() {
        show(context, &orphans, asked.run.format)?;
        context.tell_of_others(&directory, &snapshot)?;
        return Ok(Exit::Done);
    }
    are_orphans(&asked.adopt, &orphans)?;
    drop(signals);
    let what = What::Adoption(asked.adopt.clone());
    apply(context, &asked.variables, what, &asked.run).await
}

/// The groups that the state does not know, in the order of their making.
async fn found(access: &mut Access<'_>, snapshot: &Snapshot) -> Result<Vec<Seen>, Failure> {
    let made = made_by(&snapshot.lineage, access.provider().await?).await?;
    let mut orphans = unknown_to(snapshot, made);
    orphans.sort_by(|one, other| {
        let order = |seen: &Seen| (seen.group.creation_time.clone(), seen.id.clone());
        order(one).cmp(&order(other))
    });
    Ok(orphans)
}

fn show(context: &Context, orphans: &[Seen], format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return Ok(document(&render::orphans::json(orphans))?);
    }
    if orphans.is_empty() {
        context.note("There are no orphans: the state knows every container group that it made.");
        return Ok(());
    }
    answer(&render::orphans::text(
        orphans,
        Timestamp::now(),
        context.out,
    ))?;
    context.note(
        "\nAdopt one that a manifest declares with `eci orphans --adopt ADDR=ID`, or delete all \
         of them with `eci orphans --delete`.",
    );
    Ok(())
}

/// Only what this state made is adopted here, and each under one address.
fn are_orphans(adopted: &[(Address, String)], orphans: &[Seen]) -> Result<(), Failure> {
    let mut addresses: HashMap<&str, &Address> = HashMap::new();
    for (address, id) in adopted {
        if !orphans.iter().any(|orphan| orphan.id == *id) {
            return Err(Failure::new(
                format!("{id} is no orphan of this state"),
                format!(
                    "list them with `eci orphans`; adopt a group of another origin with `eci \
                     import {address} {id}`"
                ),
            ));
        }
        if let Some(other) = addresses.insert(id, address) {
            return Err(Failure::new(
                format!("{id} cannot be both {other} and {address}"),
                "name one address for it",
            ));
        }
    }
    Ok(())
}

async fn delete(
    context: &Context,
    asked: &arguments::Orphans,
    settings: &ProviderSettings,
) -> Result<Exit, Failure> {
    possible(context, asked)?;
    // No run may record what is deleted here.
    let store = open(context, asked.run.lock_timeout).await?;
    let mut signals = Signals::listen()?;
    let mut access = Access::new(context, settings, &context.state_directory()?);
    access.check(store.snapshot())?;
    let deleting = async {
        let orphans = found(&mut access, store.snapshot()).await?;
        Ok::<_, Failure>((orphans, access.provider().await?.clone()))
    };
    let found = signals.unless(deleting).await;
    let exit = match found {
        Ok((orphans, provider)) => {
            let deleted = deleted(context, asked, (orphans, &provider), &mut signals);
            deleted.await
        }
        Err(failure) => Err(failure),
    };
    access.close().await;
    exit
}

/// Whether there is someone to ask, or need not be.
fn possible(context: &Context, asked: &arguments::Orphans) -> Result<(), Failure> {
    approve::possible(context, &asked.run).map_err(|failure| match failure {
        Failure::Error { .. } => Failure::new(
            "the deletion is not approved: there is nobody to ask",
            "look at what would go with `eci orphans`, then give --auto-approve",
        ),
        other => other,
    })
}

async fn deleted(
    context: &Context,
    asked: &arguments::Orphans,
    (orphans, provider): (Vec<Seen>, &eci_provider::Provider<eci_api::Client>),
    signals: &mut Signals,
) -> Result<Exit, Failure> {
    let json = asked.run.format == Format::Json;
    if orphans.is_empty() {
        return show(context, &orphans, asked.run.format).map(|()| Exit::Done);
    }
    if !json {
        let table = render::orphans::text(&orphans, Timestamp::now(), context.err);
        context.note(&table);
    }
    if !asked.run.auto_approve {
        let question = format!(
            "\nDelete {}? There is no way back. Only `yes` is taken for yes.",
            render::orphans::count(orphans.len())
        );
        if approve::ask_whether(signals, &question).await? == Verdict::No {
            say("Nothing was done.");
            return Ok(Exit::Failed);
        }
    }
    let ids: Result<Vec<ContainerGroupId>, _> =
        orphans.iter().map(|orphan| group_id(&orphan.id)).collect();
    let mut settings = Settings::default();
    if context.globals.sandbox {
        settings.poll = SANDBOX_POLL;
    }
    let removing = remove(provider, ids.map_err(Failure::plain)?, &settings);
    let left = signals.unless(removing).await?;
    let is_left = |orphan: &Seen| left.iter().any(|id| id.as_str() == orphan.id);
    let (left, gone): (Vec<Seen>, Vec<Seen>) = orphans.into_iter().partition(is_left);
    if json {
        document(&render::orphans::deleted_json(&gone, &left))?;
    } else {
        context.note(&format!("{} deleted.", render::orphans::count(gone.len())));
        for orphan in &left {
            say(&format!(
                "{} was asked to go and is still there; look again later with `eci orphans`.",
                orphan.id
            ));
        }
    }
    match left.is_empty() {
        true => Ok(Exit::Done),
        false => Ok(Exit::Partly),
    }
}
