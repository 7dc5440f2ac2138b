//! `eci orphans`

use std::collections::HashMap;

use eci_config::ProviderSettings;
use eci_core::{Address, OperationTag};
use eci_engine::Provider;
use eci_executor::orphans::{self, DeleteFailure, Orphan, not_in_state, remove};
use eci_provider::RemoteId;
use eci_render::{DISK, ORPHAN};
use eci_state::{Snapshot, Store as _};
use eci_text::{List, Text, Verbatim, text};
use jiff::Timestamp;

use super::approve;
use super::import::{Adoption, adopt};
use super::state::open;
use crate::arguments::{self, Format};
use crate::context::{Context, open_operations};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stderr, print_stdout};

/// The note about orphaned EIPs that cannot be found.
const EIP_CAVEAT: Text = Text::fixed(
    "An EIP has no tag or label: eci finds it only if a backup of the state records its creation.",
    "弹性 IP 没有标签：仅当状态备份中有其创建记录时，eci 才能找到。",
);

/// Shows orphaned resources, adopts them or deletes them.
pub(crate) async fn orphans(
    context: &Context,
    args: &arguments::OrphansArgs,
) -> Result<ExitStatus, CommandError> {
    are_given_once(&args.adopt)?;
    let settings = context.load_provider(&args.variables)?;
    if args.delete {
        return delete(context, args, &settings).await;
    }
    let mut signals = Signals::listen()?;
    let snapshot = context.existing_state()?;
    let state = context.state_location()?;
    let access = context.cloud(&settings, &state);
    access.check(&state, &snapshot)?;
    access.hide(context.declared(&args.variables)?.into_values());
    let past = state.backups()?;
    let found = signals.unless(found(&access, &snapshot, &past)).await;
    access.close().await;
    // A concurrent run may have created some of them and recorded them since.
    let orphans = not_in_state(&context.existing_state()?, found?);
    if args.adopt.is_empty() {
        show(context, &snapshot, &orphans, args.run.format)?;
        context.note_other_runs(&state, &snapshot)?;
        return Ok(ExitStatus::Done);
    }
    let adopted = adoptions(&args.adopt, &orphans)?;
    drop(signals);
    adopt(context, &args.variables, &adopted, &args.run).await
}

/// Finds the resources that the state does not know, in the order of their creation.
async fn found(
    access: &Provider,
    snapshot: &Snapshot,
    past: &[Snapshot],
) -> Result<Vec<Orphan>, CommandError> {
    let provider = access.adapter().await?;
    Ok(orphans::find(snapshot, past, provider).await?)
}

fn show(
    context: &Context,
    snapshot: &Snapshot,
    orphans: &[Orphan],
    format: Format,
) -> Result<(), CommandError> {
    if format == Format::Json {
        return Ok(document(&eci_render::orphans::json(orphans))?);
    }
    if orphans.is_empty() {
        context.note(&if snapshot.open_intents.is_empty() {
            text!(
                en: "No orphaned resources found. {caveat}",
                zh: "未发现孤立资源。{caveat}",
                caveat = EIP_CAVEAT,
            )
        } else {
            text!(
                en: "No orphaned resources found, but there are {operations}. Run `eci apply` to recover them. {caveat}",
                zh: "未发现孤立资源，但有 {operations}。执行 `eci apply` 进行恢复。{caveat}",
                operations = open_operations(snapshot),
                caveat = EIP_CAVEAT,
            )
        });
        return Ok(());
    }
    print_stdout(&eci_render::orphans::text(
        orphans,
        Timestamp::now(),
        context.out,
    ))?;
    context.note(&text!(
        en: "\nAdopt one that the configuration declares with `eci orphans --adopt ADDR=ID`, or delete all \
             of them with `eci orphans --delete`.",
        zh: "\n使用 `eci orphans --adopt ADDR=ID` 接管配置中已声明的资源，或使用 `eci orphans --delete` 全部删除。",
    ));
    Ok(())
}

/// Checks that each ID is adopted under one address, and one under each address: of two, the second
/// would be deleted as undeclared.
fn are_given_once(adopted: &[(Address, String)]) -> Result<(), CommandError> {
    let mut addresses: HashMap<&str, &Address> = HashMap::new();
    let mut ids: HashMap<&Address, &str> = HashMap::new();
    for (address, id) in adopted {
        if let Some(other) = ids.insert(address, id) {
            let message = if other == id {
                text!(
                    en: "duplicate `--adopt {address}={id}`",
                    zh: "`--adopt {address}={id}` 重复",
                    address = Verbatim(address),
                    id = id,
                )
            } else {
                text!(
                    en: "{address} cannot be both {other} and {id}",
                    zh: "{address} 不能同时为 {other} 和 {id}",
                    address = Verbatim(address),
                    other = other,
                    id = id,
                )
            };
            let help = text!(en: "specify one ID for it", zh: "为其指定一个 ID");
            return Err(CommandError::new(message, help));
        }
        if let Some(other) = addresses.insert(id, address) {
            return Err(CommandError::new(
                text!(
                    en: "{id} cannot be both {other} and {address}",
                    zh: "{id} 不能同时为 {other} 和 {address}",
                    id = id,
                    other = Verbatim(other),
                    address = Verbatim(address),
                ),
                text!(en: "specify one address for it", zh: "为其指定一个地址"),
            ));
        }
    }
    Ok(())
}

/// Returns the adoptions; only objects created by this state can be adopted here.
fn adoptions(
    adopted: &[(Address, String)],
    orphans: &[Orphan],
) -> Result<Vec<Adoption>, CommandError> {
    let mut adoptions = Vec::with_capacity(adopted.len());
    for (address, id) in adopted {
        let mut orphans = orphans.iter();
        let Some(orphan) = orphans.find(|orphan| orphan.id.as_str() == id) else {
            return Err(CommandError::new(
                text!(
                    en: "{id} is not an orphaned resource of this state",
                    zh: "{id} 不是此状态的孤立资源",
                    id = id,
                ),
                text!(
                    en: "run `eci orphans` to list them, or `eci import {address} {id}` to import \
                         another existing resource",
                    zh: "执行 `eci orphans` 列出孤立资源；如需导入其他已有资源，执行 `eci import {address} {id}`",
                    address = Verbatim(address.in_shell()),
                    id = id,
                ),
            ));
        };
        adoptions.push(Adoption {
            address: address.clone(),
            id: id.clone(),
            take_over: false,
            operation: Some(OperationTag::from_recorded(&*orphan.operation)),
        });
    }
    Ok(adoptions)
}

async fn delete(
    context: &Context,
    args: &arguments::OrphansArgs,
    settings: &ProviderSettings,
) -> Result<ExitStatus, CommandError> {
    // No run may record what is deleted here.
    let store = open(context, args.run.lock_timeout).await?;
    let mut signals = Signals::listen()?;
    let state = context.state_location()?;
    let past = state.backups()?;
    let access = context.cloud(settings, &state);
    access.check(&state, store.snapshot())?;
    access.hide(context.declared(&args.variables)?.into_values());
    let deleting = async {
        let orphans = found(&access, store.snapshot(), &past).await?;
        Ok::<_, CommandError>((orphans, access.adapter().await?.clone()))
    };
    let found = signals.unless(deleting).await;
    let exit = match found {
        Ok((orphans, provider)) => {
            let deletion = Deletion {
                context,
                args,
                snapshot: store.snapshot(),
                provider: &provider,
            };
            deletion.run(orphans, &mut signals).await
        }
        Err(failure) => Err(failure),
    };
    access.close().await;
    exit
}

/// Checks that a person can be prompted, or need not be.
fn possible(context: &Context, args: &arguments::OrphansArgs) -> Result<(), CommandError> {
    approve::possible(context, &args.run, "eci orphans").map_err(|failure| match failure {
        CommandError::Error { .. } => CommandError::new(
            text!(
                en: "cannot ask for approval to delete the orphaned resources",
                zh: "无法请求确认删除孤立资源",
            ),
            text!(
                en: "review them with `eci orphans`, then use `--auto-approve`",
                zh: "先用 `eci orphans` 查看，再使用 `--auto-approve`",
            ),
        ),
        other => other,
    })
}

/// Takes the disks out of what is to be deleted: there is data on them.
fn without_disks(
    context: &Context,
    args: &arguments::OrphansArgs,
    orphans: Vec<Orphan>,
) -> Vec<Orphan> {
    if args.include_disks {
        return orphans;
    }
    let is_disk = |orphan: &Orphan| matches!(orphan.id, RemoteId::Disk(_));
    let (disks, others): (Vec<Orphan>, Vec<Orphan>) = orphans.into_iter().partition(is_disk);
    if !disks.is_empty() {
        let names = disks.iter().map(|disk| disk.id.as_str());
        context.note(&text!(
            en: "Keeping {disks} with all data: {names}. Use `--include-disks` to delete disks too.\n",
            zh: "将保留 {disks}及其全部数据：{names}。如需一并删除云硬盘，使用 `--include-disks`。\n",
            disks = DISK.count(disks.len()),
            names = List::and(names),
        ));
    }
    others
}

/// A deletion of orphaned resources, after the state is locked.
struct Deletion<'a> {
    context: &'a Context,
    args: &'a arguments::OrphansArgs,
    snapshot: &'a Snapshot,
    provider: &'a eci_provider::Provider<eci_api::Client>,
}

impl Deletion<'_> {
    /// Shows what is deleted, requests approval, deletes it and reports what is left.
    async fn run(
        &self,
        orphans: Vec<Orphan>,
        signals: &mut Signals,
    ) -> Result<ExitStatus, CommandError> {
        let Deletion {
            context,
            args,
            snapshot,
            provider,
        } = *self;
        let json = args.run.format == Format::Json;
        if orphans.is_empty() && !json {
            return show(context, snapshot, &orphans, args.run.format).map(|()| ExitStatus::Done);
        }
        let orphans = without_disks(context, args, orphans);
        if orphans.is_empty() {
            if json {
                document(&eci_render::orphans::deleted_json(&[], &[]))?;
            }
            return Ok(ExitStatus::Done);
        }
        if !json {
            let table = eci_render::orphans::text(&orphans, Timestamp::now(), context.err);
            context.note_rendered(&table);
            if let Some(lost) = eci_render::orphans::lost(&orphans, context.lang()) {
                print_stderr(&format!("\n{lost}"));
            }
        }
        // Only now: where there is nothing to delete, there is nothing to approve.
        possible(context, args)?;
        if !args.run.auto_approve {
            let question = text!(
                en: "Do you really want to delete {orphans}? This cannot be undone. Only `yes` is accepted.",
                zh: "确定要删除 {orphans}吗？此操作无法撤销。仅接受输入 `yes`。",
                orphans = ORPHAN.count(orphans.len()),
            );
            let answer = approve::ask_whether(context, signals, &question).await?;
            if let Some(refusal) = answer.refusal() {
                context.say(&approve::canceled());
                return Ok(refusal);
            }
        }
        let settings = context.settings();
        let removing = remove(provider, &orphans, &settings);
        let left: HashMap<RemoteId, DeleteFailure> =
            signals.unless(removing).await?.into_iter().collect();
        let is_left = |orphan: &Orphan| left.contains_key(&orphan.id);
        let (still, removed): (Vec<Orphan>, Vec<Orphan>) = orphans.into_iter().partition(is_left);
        if json {
            document(&eci_render::orphans::deleted_json(&removed, &still))?;
        } else {
            context.note(&text!(
                en: "Deleted {orphans}.",
                zh: "已删除 {orphans}。",
                orphans = ORPHAN.count(removed.len()),
            ));
            for orphan in &still {
                let Some(why) = left.get(&orphan.id) else {
                    continue;
                };
                print_stderr(eci_render::orphans::left(orphan, why).get(context.lang()));
            }
        }
        if still.is_empty() {
            Ok(ExitStatus::Done)
        } else {
            Ok(ExitStatus::Partly)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn given(adopted: &[(&str, &str)]) -> Result<(), String> {
        let read = |(address, id): &(&str, &str)| (address.parse().unwrap(), (*id).to_owned());
        let adopted: Vec<(Address, String)> = adopted.iter().map(read).collect();
        are_given_once(&adopted).map_err(|failure| match failure {
            CommandError::Error { error, .. } => error.to_string(),
            _ => "another failure".to_owned(),
        })
    }

    #[test]
    fn an_address_has_one_id_and_an_id_one_address() {
        let (web, db) = ("container_group.web", "container_group.db");
        given(&[(web, "eci-1"), (db, "eci-2")]).unwrap();
        let wrong = |adopted: &[(&str, &str)]| given(adopted).unwrap_err();
        assert_eq!(
            wrong(&[(web, "eci-1"), (web, "eci-2")]),
            "container_group.web cannot be both eci-1 and eci-2"
        );
        assert_eq!(
            wrong(&[(web, "eci-1"), (db, "eci-1")]),
            "eci-1 cannot be both container_group.web and container_group.db"
        );
        assert_eq!(
            wrong(&[(web, "eci-1"), (web, "eci-1")]),
            "duplicate `--adopt container_group.web=eci-1`"
        );
    }
}
