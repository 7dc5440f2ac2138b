//! `eci state recover`

use std::collections::HashSet;

use eci_config::ProviderSettings;
use eci_engine::{
    Backend, DamageReport, Engine, EngineOptions, OpenState, RebuiltState, UnrecordedObjects,
    has_simulated_cloud,
};
use eci_executor::orphans::Orphan;
use eci_render::style::visible;
use eci_render::{ORPHAN, RESOURCE};
use eci_state::{RemoteError, StateError, Store as _};
use eci_text::{Noun, Spaced, Text, Verbatim, text};
use jiff::Timestamp;

use crate::arguments::RecoverArgs;
use crate::commands::plan::recovery_reporter;
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::print_stderr;

/// The largest number of defects that are shown; a disk may have damaged every line.
const MOST_SHOWN: usize = 10;

const ENTRY: Noun = Noun {
    one: "entry",
    many: "entries",
    zh: "条目",
    measure: "个",
};

const LINE: Noun = Noun {
    one: "line",
    many: "lines",
    zh: "行",
    measure: "",
};

/// Rebuilds a damaged state.
pub(super) async fn recover(
    context: &Context,
    args: &RecoverArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let state = context.reading(&mut signals, || context.state_location())?;
    let searches = !args.offline;
    if searches {
        context.reading(&mut signals, || check_sandbox(context, &state))?;
    }
    if searches && context.reading(&mut signals, || is_rolled_back(&state))? {
        check_cloud(context, args, &mut signals).await?;
    }
    let rebuilding = context.rebuild_state(&state, args.lock.timeout, &mut signals);
    let RebuiltState {
        mut store, report, ..
    } = rebuilding.await?;
    print_defects(context, &state, &store, &report);
    let rebuilt = store.snapshot().serial;
    let recovered = complete(context, args, &mut store, &report).await;
    let snapshot = store.snapshot();
    if snapshot.serial != rebuilt {
        // The history has both versions.
        context.note(&text!(
            en: "Updated the state from the cloud, as serial {serial}, with {resources}.",
            zh: "已根据云端更新状态，序列号为 {serial}，共 {resources}。",
            serial = Verbatim(snapshot.serial),
            resources = RESOURCE.count(snapshot.resources.len()),
        ));
    }
    context.close_state(&state, store, recovered).await
}

/// Refuses to rebuild a state that may belong to a simulated cloud from another cloud: it would have no resources
/// there, and the next run would create all of them.
fn check_sandbox(context: &Context, state: &StateLocation) -> Result<(), CommandError> {
    let path = state.sandbox();
    if context.names_cloud() || !has_simulated_cloud(&path) || state.read().is_ok() {
        return Ok(());
    }
    Err(CommandError::new(
        text!(
            en: "the state may belong to the simulated cloud in `{path}`",
            zh: "该状态可能属于 `{path}` 中的模拟云",
            path = visible(&path.to_string_lossy()),
        ),
        text!(
            en: "run `eci state recover --sandbox`, or remove that directory if the state belongs to CTyun",
            zh: "执行 `eci state recover --sandbox`；如果该状态属于天翼云，则删除该目录",
        ),
    ))
}

/// Returns whether the store of a state was rolled back.
///
/// Other errors are reported by what opens it.
fn is_rolled_back(state: &Backend) -> Result<bool, CommandError> {
    let read = state.read();
    Ok(matches!(
        read,
        Err(StateError::Remote(RemoteError::RolledBack { .. }))
    ))
}

/// Checks that the cloud can be searched: once a state that was rolled back is accepted, the next run creates what it
/// does not record.
async fn check_cloud(
    context: &Context,
    args: &RecoverArgs,
    signals: &mut Signals,
) -> Result<(), CommandError> {
    let (settings, state) = settings(context, args, signals)?;
    let provider = context.cloud(&settings, &state);
    let checking = async { provider.verify_region().await.map_err(CommandError::from) };
    let checked = signals.unless(checking).await;
    provider.close().await;
    if let Err(CommandError::Error { .. }) = checked {
        context.say(&text!(
            en: "The state was not changed: it was rolled back, and the cloud has to be searched for what it does not \
                 record. Fix the error below, or use `--offline` to accept the state without the search.",
            zh: "状态未变更：状态已被回滚，必须在云端查找其未记录的资源。修复以下错误，或使用 `--offline` 不查找而直接接受该状态。",
        ));
    }
    checked
}

/// Returns the settings of the cloud, and the place of the state.
fn settings(
    context: &Context,
    args: &RecoverArgs,
    signals: &mut Signals,
) -> Result<(ProviderSettings, StateLocation), CommandError> {
    context.reading(signals, || {
        let settings = context.load_provider(&args.variables)?;
        Ok::<_, CommandError>((settings, context.state_location()?))
    })
}

/// Completes a rebuilt state from the cloud.
async fn complete(
    context: &Context,
    args: &RecoverArgs,
    store: &mut OpenState,
    report: &DamageReport,
) -> Result<ExitStatus, CommandError> {
    if report.is_sound() {
        return Ok(ExitStatus::Done);
    }
    if args.offline {
        name_lost(context, store, report);
        context.note(&text!(
            en: "The cloud was not read. Run `eci apply` to recover pending operations, and `eci orphans` \
                 to find resources that the state does not record.",
            zh: "未读取云端。执行 `eci apply` 恢复未完成的操作，执行 `eci orphans` 查找状态中没有记录的资源。",
        ));
        return Ok(ExitStatus::Done);
    }
    // What is on disk is rebuilt, whatever becomes of the rest.
    let recovered = from_the_cloud(context, args, store).await;
    name_lost(context, store, report);
    match recovered {
        Err(failure @ CommandError::Error { .. }) => {
            context.say(&text!(
                en: "The state was rebuilt from its files. Missing resources could not be read from the \
                     cloud: fix the error below, then run `eci apply` and `eci orphans`.",
                zh: "状态已根据其文件重建，但无法从云端读取缺少的资源：修复以下错误，然后执行 `eci apply` 和 `eci orphans`。",
            ));
            Err(failure)
        }
        done => done,
    }
}

fn print_defects(context: &Context, state: &Backend, store: &OpenState, report: &DamageReport) {
    if report.is_sound() {
        context.note(&text!(
            en: "The state in `{path}` is not damaged.",
            zh: "`{path}` 中的状态没有损坏。",
            path = state.location(),
        ));
        return;
    }
    context.note(&text!(
        en: "The state in `{path}` is damaged:",
        zh: "`{path}` 中的状态已损坏：",
        path = state.location(),
    ));
    for defect in report.defects.iter().take(MOST_SHOWN) {
        context.note(&text!(en: "  - {defect}", zh: "  - {defect}", defect = defect));
    }
    let more = report.defects.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        context.note(&text!(en: "  - and {more} more", zh: "  - 其余 {more} 处", more = more));
    }
    let snapshot = store.snapshot();
    let resources = RESOURCE.count(snapshot.resources.len());
    let empty = text!(en: "an empty state snapshot", zh: "空的状态快照");
    let base = Spaced(report.base.as_ref().unwrap_or(&empty));
    let noun = match state {
        Backend::Local(_) => LINE,
        _ => ENTRY,
    };
    let entries = report.journal_entries;
    context.note(&match (entries > 0).then(|| noun.count(entries)) {
        None => text!(
            en: "Rebuilt the state from {base}, as serial {serial}, with {resources}.",
            zh: "已根据{base}重建状态，序列号为 {serial}，共 {resources}。",
            base = base,
            serial = Verbatim(snapshot.serial),
            resources = resources,
        ),
        Some(parts) => text!(
            en: "Rebuilt the state from {base} and {parts} of the journal, as serial {serial}, with {resources}.",
            zh: "已根据{base}和预写日志的 {parts}重建状态，序列号为 {serial}，共 {resources}。",
            base = base,
            parts = parts,
            serial = Verbatim(snapshot.serial),
            resources = resources,
        ),
    });
    if report.base.is_none() {
        context.note(&text!(
            en: "Its digest key is new, so the next plan shows every secret as changed.",
            zh: "摘要密钥已更新，因此下次计划会将所有机密信息显示为已变更。",
        ));
    }
    if let Some(kept) = &report.kept {
        context.note(&text!(
            en: "Moved the damaged files to `{path}`.",
            zh: "已损坏的文件已移动到 `{path}`。",
            path = kept.display(),
        ));
    }
}

/// Names the resources with lost records that are not in the state.
fn name_lost(context: &Context, store: &OpenState, report: &DamageReport) {
    for address in report.lost(store.snapshot()) {
        context.note(&text!(
            en: "{address} is lost: its record is damaged, and the state has no other record of it.",
            zh: "{address} 已丢失：其记录已损坏，状态中没有其他记录。",
            address = Verbatim(address),
        ));
    }
}

/// Recovers pending operations, and shows objects that the state does not record.
async fn from_the_cloud(
    context: &Context,
    args: &RecoverArgs,
    store: &mut OpenState,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let (settings, state) = settings(context, args, &mut signals)?;
    let provider = context.cloud(&settings, &state);
    let engine = Engine::builder(provider.clone())
        .options(EngineOptions::default().with_apply(context.settings()))
        .reporter(recovery_reporter(context))
        .build();
    let recovering = engine.recover_unrecorded(&state, store);
    let recovered = signals.unless(recovering).await;
    provider.close().await;
    let UnrecordedObjects {
        orphans,
        eips,
        released,
        ..
    } = recovered?;
    for resource in released {
        context.note(&text!(
            en: "{address} was not added to the state: {id} now belongs to the state with lineage {lineage}.",
            zh: "{address} 未加入状态：{id} 现属于谱系 ID 为 {lineage} 的状态。",
            address = Verbatim(resource.address),
            id = resource.id,
            lineage = resource.lineage,
        ));
    }
    offer_eips(context, store, &eips);
    if orphans.is_empty() && !eips.is_empty() {
        return Ok(ExitStatus::Partly);
    }
    if orphans.is_empty() {
        context.note(&text!(
            en: "No orphaned resources found. EIPs cannot be checked, because they carry no operation tag. \
                 Run `eci plan` to show the differences.",
            zh: "未发现孤立资源。弹性 IP 没有操作标签，无法检查。执行 `eci plan` 查看差异。",
        ));
        return Ok(ExitStatus::Done);
    }
    context.say(&text!(
        en: "Found {orphans} of this state in the cloud:",
        zh: "在云端发现此状态的 {orphans}：",
        orphans = ORPHAN.count(orphans.len()),
    ));
    print_stderr(&eci_render::orphans::text(
        &orphans,
        Timestamp::now(),
        context.err,
    ));
    context.say(&text!(
        en: "Adopt those that the configuration declares with `eci orphans --adopt ADDR=ID` before the next \
             `eci apply`, which would create them again. Delete the others with `eci orphans --delete`.",
        zh: "在下次 `eci apply` 之前，使用 `eci orphans --adopt ADDR=ID` 接管配置中已声明的资源，否则会重复创建。其余资源使用 `eci orphans --delete` 删除。",
    ));
    Ok(ExitStatus::Partly)
}

/// Lists EIPs that may belong to this state.
///
/// One that is bound to a container group that the state does not have may be the automatic EIP of
/// that group, which cannot be imported by itself.
fn offer_eips(context: &Context, store: &OpenState, eips: &[Orphan]) {
    let states = store.snapshot().resources.values();
    let known: HashSet<&str> = states.filter_map(|state| state.id.as_deref()).collect();
    let is_elsewhere = |eip: &&Orphan| {
        let user = eip.remote.attached_to();
        user.is_some_and(|user| !known.contains(&*user))
    };
    let (elsewhere, own): (Vec<&Orphan>, Vec<&Orphan>) = eips.iter().partition(is_elsewhere);
    let list = |eips: Vec<&Orphan>, text: &Text| {
        if eips.is_empty() {
            return;
        }
        context.say(text);
        let eips: Vec<Orphan> = eips.into_iter().cloned().collect();
        print_stderr(&eci_render::orphans::text(
            &eips,
            Timestamp::now(),
            context.err,
        ));
    };
    list(
        own,
        &text!(
            en: "Records were lost, and these EIPs were created since. Their owner is unknown, because an \
                 EIP carries no operation tag. Import those that belong to this state with \
                 `eci import ADDR ID`.",
            zh: "部分记录已丢失，以下弹性 IP 在此之后创建。弹性 IP 没有操作标签，因此其所有者未知。使用 `eci import ADDR ID` 导入属于此状态的弹性 IP。",
        ),
    );
    list(
        elsewhere,
        &text!(
            en: "These EIPs were created since records were lost, and are bound to resources that are not \
                 in the state. An EIP that was created together with its container group \
                 (`auto = true`) cannot be imported: adopt the container group instead.",
            zh: "以下弹性 IP 在记录丢失之后创建，并绑定到状态中没有的资源。随容器组自动创建的弹性 IP（`auto = true`）无法导入，应接管其容器组。",
        ),
    );
}
