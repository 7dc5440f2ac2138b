//! `eci orphans`

use eci_config::ProviderSettings;
use eci_engine::{
    Adoption, Engine, OpenState, OrphanDeletion, Provider, UndeletedOrphan, check_distinct,
};
use eci_executor::orphans::Orphan;
use eci_render::{DISK, ORPHAN};
use eci_state::{Snapshot, Store as _};
use eci_text::{List, Text, text};
use jiff::Timestamp;

use super::import::adopt;
use super::state::existing;
use super::{apply, approve};
use crate::arguments::{self, Format};
use crate::context::{Context, pending_operations};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stderr, print_stdout};

/// The note about orphaned EIPs that cannot be found.
const EIP_CAVEAT: Text = Text::fixed(
    "An EIP has no operation tag: eci finds it only if a backup of the state records its creation.",
    "弹性 IP 没有操作标签：仅当状态备份中有其创建记录时，eci 才能找到。",
);

/// Shows orphaned resources, adopts them or deletes them.
pub(crate) async fn orphans(
    context: &Context,
    args: &arguments::OrphansArgs,
) -> Result<ExitStatus, CommandError> {
    let adoptions = args.adopt.iter();
    let adoptions = adoptions.map(|(address, id)| Adoption::new(address.clone(), id));
    let adoptions: Vec<Adoption> = adoptions.collect();
    check_distinct(&adoptions)?;
    let mut signals = Signals::listen()?;
    let settings = context.reading(&mut signals, || context.load_provider(&args.variables))?;
    if args.delete {
        return delete(context, args, &settings).await;
    }
    let (snapshot, state) = context.reading(&mut signals, || {
        Ok::<_, CommandError>((context.existing_state()?, context.state_location()?))
    })?;
    let provider = context.cloud(&settings, &state);
    provider.hide(context.declared(&args.variables)?.into_values());
    let engine = engine(context, args, &provider);
    let finding = engine.find_orphans(&state, &snapshot);
    let found = signals.unless(finding).await;
    provider.close().await;
    let orphans = found?;
    if adoptions.is_empty() {
        show(context, &snapshot, &orphans, args.run.format)?;
        context.note_other_runs(&state, &snapshot)?;
        return Ok(ExitStatus::Done);
    }
    let adoptions = adoptions.into_iter();
    let adopted = adoptions.map(|adoption| adoption.of_orphan(&orphans));
    let adopted: Vec<Adoption> = adopted.collect::<Result<_, _>>()?;
    drop(signals);
    adopt(context, &args.variables, &adopted, &args.run).await
}

fn engine(context: &Context, args: &arguments::OrphansArgs, provider: &Provider) -> Engine {
    Engine::builder(provider.clone())
        .options(apply::options(context, &args.run))
        .build()
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
                operations = pending_operations(snapshot),
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

async fn delete(
    context: &Context,
    args: &arguments::OrphansArgs,
    settings: &ProviderSettings,
) -> Result<ExitStatus, CommandError> {
    // No run may record what is deleted here.
    let state = existing(context)?;
    let mut signals = Signals::listen()?;
    let opening = context.open_state(&state, args.run.lock_timeout, &mut signals);
    let store = opening.await?;
    let provider = context.cloud(settings, &state);
    provider.hide(context.declared(&args.variables)?.into_values());
    let engine = engine(context, args, &provider);
    let finding = engine.find_orphans_locked(&state, &store);
    let exit = match signals.unless(finding).await {
        Ok(orphans) => {
            let deletion = Deletion {
                context,
                args,
                store: &store,
                engine: &engine,
            };
            deletion.run(orphans, &mut signals).await
        }
        Err(failure) => Err(failure),
    };
    provider.close().await;
    context.close_state(&state, store, exit).await
}

/// Checks that a person can be prompted, or need not be.
fn check_can_ask(context: &Context, args: &arguments::OrphansArgs) -> Result<(), CommandError> {
    approve::check_can_ask(context, &args.run, "eci orphans").map_err(|failure| match failure {
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
    let is_disk = |orphan: &Orphan| orphan.id.kind().properties().holds_data();
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
    store: &'a OpenState,
    engine: &'a Engine,
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
            store,
            engine,
        } = *self;
        let json = args.run.format == Format::Json;
        if orphans.is_empty() && !json {
            return show(context, store.snapshot(), &orphans, args.run.format)
                .map(|()| ExitStatus::Done);
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
        check_can_ask(context, args)?;
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
        let deleting = engine.delete_orphans(store, orphans);
        let OrphanDeletion { deleted, left, .. } = signals.unless(deleting).await?;
        if json {
            let left: Vec<Orphan> = left.iter().map(|left| left.orphan.clone()).collect();
            document(&eci_render::orphans::deleted_json(&deleted, &left))?;
        } else {
            context.note(&text!(
                en: "Deleted {orphans}.",
                zh: "已删除 {orphans}。",
                orphans = ORPHAN.count(deleted.len()),
            ));
            for UndeletedOrphan {
                orphan, failure, ..
            } in &left
            {
                print_stderr(eci_render::orphans::left(orphan, failure).get(context.lang()));
            }
        }
        if left.is_empty() {
            Ok(ExitStatus::Done)
        } else {
            Ok(ExitStatus::Partly)
        }
    }
}
