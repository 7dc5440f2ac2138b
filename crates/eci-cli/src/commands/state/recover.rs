//! `eci state recover`

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use eci_core::Address;
use eci_engine::{Backend, OpenState, Provider, effects};
use eci_executor::RunContext;
use eci_executor::orphans::{self, Orphan};
use eci_planner::{Observed, other_owner};
use eci_render::ORPHAN;
use eci_state::{Holder, LocalStore, Record, RepairBase, RepairReport, Store as _};
use eci_text::{Count, Noun, Spaced, Text, Verbatim, say, text};
use jiff::Timestamp;

use crate::arguments::RecoverArgs;
use crate::context::{Context, no_state, run_of};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::progress::{self, ProgressKind};
use crate::signals::Signals;
use crate::stdio::print_stderr;

/// The largest number of defects that are shown; a disk may have damaged every line.
const MOST_SHOWN: usize = 10;

const RESOURCE: Noun = Noun {
    one: "resource",
    many: "resources",
    zh: "资源",
    measure: "个",
};

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
    let state = context.state_location()?;
    let mut signals = Signals::listen()?;
    let rebuilding = async {
        match &*state {
            Backend::Local(directory) => {
                is_there(&state, directory)?;
                rebuilt(context, args, directory).await
            }
            Backend::Shared(backend) => {
                let options = context.open_options(args.lock.timeout);
                let (store, report) = backend.rebuild(options)?;
                Ok((OpenState::Shared(store), Salvage::of_shared(report)))
            }
            _ => Err(not_rebuildable()),
        }
    };
    let (mut store, salvage) = signals.unless(rebuilding).await?;
    print_defects(context, &state, &store, &salvage);
    if salvage.is_sound() {
        return Ok(ExitStatus::Done);
    }
    if args.offline {
        name_unaccounted(context, &store, &salvage);
        context.note(&text!(
            en: "The cloud was not read. Run `eci apply` to recover pending operations, and `eci orphans` \
                 to find resources that the state does not record.",
            zh: "未读取云端。执行 `eci apply` 恢复未完成的操作，执行 `eci orphans` 查找状态中没有记录的资源。",
        ));
        return Ok(ExitStatus::Done);
    }
    // What is on disk is rebuilt, whatever becomes of the rest.
    let recovered = from_the_cloud(context, args, &mut store, &mut signals).await;
    name_unaccounted(context, &store, &salvage);
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

/// The damage of a state, and what was saved, wherever the state is.
struct Salvage {
    defects: Vec<Text>,
    base: Text,
    has_base: bool,
    /// The number of lines or entries that were read.
    parts: Option<Count>,
    about: BTreeSet<Address>,
    kept: Option<PathBuf>,
}

impl Salvage {
    fn of_directory(report: RepairReport) -> Salvage {
        Salvage {
            defects: report.defects.iter().map(Text::of).collect(),
            base: Text::of(&Spaced(&report.base)),
            has_base: report.base != RepairBase::Nothing,
            parts: (report.lines > 0).then(|| LINE.count(report.lines)),
            about: report.about.into_iter().collect(),
            kept: report.kept,
        }
    }

    fn of_shared(report: eci_engine::Salvage) -> Salvage {
        Salvage {
            has_base: report.base.is_some(),
            base: match report.base {
                Some(serial) => text!(
                    en: "the snapshot with serial {serial}",
                    zh: "序列号为 {serial} 的状态快照",
                    serial = Verbatim(serial),
                ),
                None => text!(en: "nothing", zh: "空状态"),
            },
            parts: (report.entries > 0).then(|| ENTRY.count(report.entries)),
            defects: report.defects,
            about: BTreeSet::new(),
            kept: None,
        }
    }

    fn is_sound(&self) -> bool {
        self.defects.is_empty()
    }
}

/// Returns the error for a server that keeps one document.
fn not_rebuildable() -> CommandError {
    CommandError::new(
        text!(
            en: "`eci state recover` cannot rebuild a state in `[backend.http]`",
            zh: "`eci state recover` 无法重建 `[backend.http]` 中的状态",
        ),
        text!(
            en: "restore an earlier version of the document on the server; GitLab keeps them",
            zh: "在服务器上还原文档的先前版本；GitLab 会保留先前的版本",
        ),
    )
}

fn is_there(state: &Backend, directory: &Path) -> Result<(), CommandError> {
    let mut parts = ["state.json", "journal.jsonl", "flushed", "backups"].into_iter();
    if parts.any(|part| directory.join(part).exists()) {
        Ok(())
    } else {
        Err(CommandError::new(
            no_state(state),
            text!(
                en: "use `-C` or `--state` to select the directory of the state",
                zh: "使用 `-C` 或 `--state` 指定状态所在的目录",
            ),
        ))
    }
}

async fn rebuilt(
    context: &Context,
    args: &RecoverArgs,
    directory: &Path,
) -> Result<(OpenState, Salvage), CommandError> {
    let directory = directory.to_owned();
    let holder = Holder::current_process(context.command_line.clone());
    let timeout = args.lock.timeout;
    let (quiet, lang) = (context.globals.quiet, context.lang());
    let rebuilding = tokio::task::spawn_blocking(move || {
        LocalStore::rebuild_waiting(&directory, holder, timeout, |other| {
            if let (false, Some(other)) = (quiet, other) {
                print_stderr(&say!(
                    lang,
                    en: "Waiting for the state lock, held by {run}.",
                    zh: "正在等待状态锁，持有者为 {run}。",
                    run = run_of(other),
                ));
            }
        })
    });
    match rebuilding.await {
        Ok(rebuilt) => {
            let (store, report) = rebuilt?;
            Ok((OpenState::Local(store), Salvage::of_directory(report)))
        }
        Err(broken) => Err(CommandError::plain(broken)),
    }
}

fn print_defects(context: &Context, state: &Backend, store: &OpenState, salvage: &Salvage) {
    if salvage.is_sound() {
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
    for defect in salvage.defects.iter().take(MOST_SHOWN) {
        context.note(&text!(en: "  - {defect}", zh: "  - {defect}", defect = defect));
    }
    let more = salvage.defects.len().saturating_sub(MOST_SHOWN);
    if more > 0 {
        context.note(&text!(en: "  - and {more} more", zh: "  - 其余 {more} 处", more = more));
    }
    let snapshot = store.snapshot();
    let resources = RESOURCE.count(snapshot.resources.len());
    let base = &salvage.base;
    context.note(&match &salvage.parts {
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
    if !salvage.has_base {
        context.note(&text!(
            en: "Its digest key is new, so the next plan shows every secret as changed.",
            zh: "摘要密钥已更新，因此下次计划会将所有机密信息显示为已变更。",
        ));
    }
    if let Some(kept) = &salvage.kept {
        context.note(&text!(
            en: "Moved the damaged files to `{path}`.",
            zh: "已损坏的文件已移动到 `{path}`。",
            path = kept.display(),
        ));
    }
}

/// Names the resources with lost records that are not in the state.
fn name_unaccounted(context: &Context, store: &OpenState, salvage: &Salvage) {
    let snapshot = store.snapshot();
    let is_open = |address: &Address| {
        snapshot
            .open_intents
            .iter()
            .any(|open| open.address == *address)
    };
    let is_known = |address: &Address| snapshot.resources.contains_key(address);
    let about = salvage.about.iter();
    for address in about.filter(|address| !is_known(address) && !is_open(address)) {
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
    signals: &mut Signals,
) -> Result<ExitStatus, CommandError> {
    let provider = context.load_provider(&args.variables)?;
    let state = context.state_location()?;
    let access = context.cloud(&provider, &state);
    access.check(&state, store.snapshot())?;
    access.record(store)?;
    let searching = find_unrecorded(context, store, &access);
    let found = signals.unless(searching).await;
    access.close().await;
    let UnrecordedObjects { orphans, eips } = found?;
    offer_eips(context, store, &eips);
    if orphans.is_empty() && !eips.is_empty() {
        return Ok(ExitStatus::Partly);
    }
    if orphans.is_empty() && store.snapshot().lost.is_some() {
        let at = format!("{:.0}", Timestamp::now());
        store.append(&[Record::Accounted { time: at }])?;
        store.compact()?;
    }
    if orphans.is_empty() {
        context.note(&text!(
            en: "No orphaned resources found. EIPs cannot be checked, because they carry no tag or label. \
                 Run `eci plan` to show the differences.",
            zh: "未发现孤立资源。弹性 IP 没有标签，无法检查。执行 `eci plan` 查看差异。",
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

/// Lists EIPs that may belong to this state. One that is bound to a container group that the state
/// does not have may be the automatic EIP of that group, which cannot be imported by itself.
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
                 EIP carries no tag or label. Import those that belong to this state with \
                 `eci import ADDR ID`.",
            zh: "部分记录已丢失，以下弹性 IP 在此之后创建。弹性 IP 没有标签，因此其所有者未知。使用 `eci import ADDR ID` 导入属于此状态的弹性 IP。",
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

/// Takes out of the state again what another state has taken over: the files that it was rebuilt
/// from may be older than that.
fn leave_to_others(
    context: &Context,
    store: &mut OpenState,
    observed: &Observed,
) -> Result<(), CommandError> {
    let snapshot = store.snapshot();
    let is_pending = |address: &Address| {
        snapshot
            .open_intents
            .iter()
            .any(|open| open.address == *address)
    };
    let mut records = Vec::new();
    for (address, state) in &snapshot.resources {
        let mark = observed.mark(address);
        let Some(owner) = other_owner(state, mark, &snapshot.lineage) else {
            continue;
        };
        // What is pending there is for the next run, which refuses to change it.
        if is_pending(address) {
            continue;
        }
        context.note(&text!(
            en: "{address} was not added to the state: {id} now belongs to the state with lineage {lineage}.",
            zh: "{address} 未加入状态：{id} 现属于谱系 ID 为 {lineage} 的状态。",
            address = Verbatim(address),
            id = state.id.as_deref().unwrap_or_default(),
            lineage = Verbatim(owner.lineage()),
        ));
        records.push(Record::Removed {
            address: address.clone(),
            time: format!("{:.0}", Timestamp::now()),
        });
    }
    store.append(&records)?;
    Ok(store.flush().wait()?)
}

/// The objects that the cloud has and the state does not.
struct UnrecordedObjects {
    orphans: Vec<Orphan>,
    /// EIPs that may belong to this state, which cannot be verified.
    eips: Vec<Orphan>,
}

async fn find_unrecorded(
    context: &Context,
    store: &mut OpenState,
    access: &Provider,
) -> Result<UnrecordedObjects, CommandError> {
    let settings = context.settings();
    let kind = if context.globals.quiet {
        ProgressKind::Silent
    } else {
        ProgressKind::Lines
    };
    let reporter = progress::reporter(kind, context.err);
    access.verify_region().await?;
    let provider = access.adapter().await?;
    let effects = effects(provider.api());
    let run = RunContext {
        provider,
        store,
        effects: &effects,
        reporter: &*reporter,
    };
    eci_executor::recover(run, &settings).await?;
    let observed = eci_executor::observe(store.snapshot(), &Default::default(), provider).await?;
    leave_to_others(context, store, &observed)?;
    store.compact()?;
    let past = context.state_location()?.backups()?;
    let snapshot = store.snapshot();
    let orphans = orphans::find(snapshot, &past, provider).await?;
    let mut eips = orphans::unclaimed_eips(snapshot, provider).await?;
    eips.retain(|eip| !orphans.iter().any(|orphan| orphan.id == eip.id));
    Ok(UnrecordedObjects { orphans, eips })
}
