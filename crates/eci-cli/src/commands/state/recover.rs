//! `eci state recover`

use std::collections::HashSet;
use std::path::Path;

use eci_core::Address;
use eci_engine::{Provider, effects};
use eci_executor::RunContext;
use eci_executor::orphans::{self, Orphan};
use eci_planner::{Observed, other_owner};
use eci_render::ORPHAN;
use eci_state::{Holder, LocalStore, Record, RepairBase, RepairReport, Store as _};
use eci_text::say;
use jiff::Timestamp;

use crate::arguments::RecoverArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::progress::{self, Kind};
use crate::signals::Signals;
use crate::stdio::print_stderr;

/// How many things that are wrong are told; a disk may have spoilt every line.
const MOST_TOLD: usize = 10;

/// Rebuilds a damaged state.
pub(super) async fn recover(
    context: &Context,
    asked: &RecoverArgs,
) -> Result<ExitStatus, CommandError> {
    let directory = context.state_directory()?;
    is_there(&directory)?;
    let mut signals = Signals::listen()?;
    let (mut store, salvage) = signals.unless(rebuilt(context, asked, &directory)).await?;
    tell(context, &directory, (&store, &salvage));
    if salvage.is_sound() {
        return Ok(ExitStatus::Done);
    }
    if asked.offline {
        name_unaccounted(context, &store, &salvage);
        context.note(
            "The cloud was not read: `eci apply` recovers pending operations, and `eci orphans` \
             finds resources that the state does not record.",
        );
        return Ok(ExitStatus::Done);
    }
    // What is on disk is rebuilt, whatever becomes of the rest.
    let recovered = from_the_cloud(context, asked, &mut store, &mut signals).await;
    name_unaccounted(context, &store, &salvage);
    match recovered {
        Err(failure @ CommandError::Error { .. }) => {
            print_stderr(&context.hint(
                "The state is rebuilt from its files. Missing resources could not be read from the \
                 cloud: fix the error below, then run `eci apply` and `eci orphans`.",
            ));
            Err(failure)
        }
        done => done,
    }
}

fn is_there(directory: &Path) -> Result<(), CommandError> {
    let mut parts = ["state.json", "journal.jsonl", "flushed", "backups"].into_iter();
    match parts.any(|part| directory.join(part).exists()) {
        true => Ok(()),
        false => Err(CommandError::new(
            format!("no state found in `{}`", directory.display()),
            "select the directory of the state with -C or --state",
        )),
    }
}

async fn rebuilt(
    context: &Context,
    asked: &RecoverArgs,
    directory: &Path,
) -> Result<(LocalStore, RepairReport), CommandError> {
    let directory = directory.to_owned();
    let holder = Holder::current_process(context.command_line.clone());
    let timeout = asked.lock.timeout;
    let quiet = context.globals.quiet;
    let rebuilding = tokio::task::spawn_blocking(move || {
        LocalStore::rebuild_waiting(&directory, holder, timeout, |other| {
            if let (false, Some(other)) = (quiet, other) {
                print_stderr(&format!("Waiting for {other}, which holds the state."));
            }
        })
    });
    match rebuilding.await {
        Ok(rebuilt) => Ok(rebuilt?),
        Err(broken) => Err(CommandError::plain(broken)),
    }
}

fn tell(context: &Context, directory: &Path, (store, salvage): (&LocalStore, &RepairReport)) {
    if salvage.is_sound() {
        context.note(&format!(
            "The state in {} is not damaged.",
            directory.display()
        ));
        return;
    }
    context.note(&format!("The state in {} is damaged:", directory.display()));
    for defect in salvage.defects.iter().take(MOST_TOLD) {
        context.note(&format!("  - {defect}"));
    }
    let more = salvage.defects.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        context.note(&format!("  - and {more} more"));
    }
    let lines = match salvage.lines {
        0 => String::new(),
        1 => " and a line of the journal".to_owned(),
        lines => format!(" and {lines} lines of the journal"),
    };
    let snapshot = store.snapshot();
    let resources = snapshot.resources.len();
    context.note(&format!(
        "It is rebuilt from {}{lines}, as serial {}, with {resources} {}.",
        salvage.base,
        snapshot.serial,
        if resources == 1 {
            "resource"
        } else {
            "resources"
        },
    ));
    if salvage.base == RepairBase::Nothing {
        context.note(
            "The key of its digests is a new one: the next plan shows every secret as changed.",
        );
    }
    if let Some(kept) = &salvage.kept {
        context.note(&format!(
            "The damaged files are kept in {}.",
            kept.display()
        ));
    }
}

/// Names the resources of which something is lost, and that the state still knows nothing of.
fn name_unaccounted(context: &Context, store: &LocalStore, salvage: &RepairReport) {
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
        context.note(&format!(
            "{address} cannot be accounted for: its record is damaged, and the state has nothing of it."
        ));
    }
}

/// Settles what is open, and tells what the state still does not know.
async fn from_the_cloud(
    context: &Context,
    asked: &RecoverArgs,
    store: &mut LocalStore,
    signals: &mut Signals,
) -> Result<ExitStatus, CommandError> {
    let provider = context.load_provider(&asked.variables)?;
    let state = context.state_directory()?;
    let access = context.cloud(&provider, &state);
    access.check(&state, store.snapshot())?;
    access.record(store)?;
    let looking = looked(context, store, &access);
    let looked = signals.unless(looking).await;
    access.close().await;
    let Looked { orphans, eips } = looked?;
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
        context.note(
            "No orphaned resources found. EIPs cannot be checked, because they carry no tag or label. \
             Run `eci plan` to see what differs.",
        );
        return Ok(ExitStatus::Done);
    }
    print_stderr(&say!(
        context.lang(),
        en: "The cloud has {orphans} of this state:",
        zh: "云端有此状态的 {orphans}：",
        orphans = ORPHAN.count(orphans.len()),
    ));
    print_stderr(&eci_render::orphans::text(
        &orphans,
        Timestamp::now(),
        context.err,
    ));
    print_stderr(&context.hint(
        "Adopt those that the configuration declares with `eci orphans --adopt ADDR=ID` before the next \
         `eci apply`, which would create them again; delete the others with `eci orphans --delete`.",
    ));
    Ok(ExitStatus::Partly)
}

/// Lists EIPs that may belong to this state. One that is bound to a container group that the state
/// does not have may be the automatic EIP of that group, which cannot be imported by itself.
fn offer_eips(context: &Context, store: &LocalStore, eips: &[Orphan]) {
    let states = store.snapshot().resources.values();
    let known: HashSet<&str> = states.filter_map(|state| state.id.as_deref()).collect();
    let is_elsewhere = |eip: &&Orphan| {
        let user = eip.look.attached_to();
        user.is_some_and(|user| !known.contains(&*user))
    };
    let (elsewhere, own): (Vec<&Orphan>, Vec<&Orphan>) = eips.iter().partition(is_elsewhere);
    let tell = |eips: Vec<&Orphan>, text: &str| {
        if eips.is_empty() {
            return;
        }
        print_stderr(&context.hint(text));
        let eips: Vec<Orphan> = eips.into_iter().cloned().collect();
        print_stderr(&eci_render::orphans::text(
            &eips,
            Timestamp::now(),
            context.err,
        ));
    };
    tell(
        own,
        "Records were lost, and these EIPs were created since. Their owner is unknown, because an EIP \
         carries no tag or label. Import those that belong to this state with `eci import ADDR ID`.",
    );
    tell(
        elsewhere,
        "These EIPs were created since records were lost, and are bound to resources that the state \
         does not have. An EIP that was created together with its container group (`auto = true`) \
         cannot be imported: adopt the container group instead.",
    );
}

/// Takes out of the state again what another state has taken over: the files that it was rebuilt
/// from may be older than that.
fn leave_to_others(
    context: &Context,
    store: &mut LocalStore,
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
        context.note(&format!(
            "{address} is not taken into the state: {} belongs to the state {} now.",
            state.id.as_deref().unwrap_or_default(),
            owner.lineage()
        ));
        records.push(Record::Removed {
            address: address.clone(),
            time: format!("{:.0}", Timestamp::now()),
        });
    }
    store.append(&records)?;
    Ok(store.flush()?)
}

/// What the cloud has and the state does not.
struct Looked {
    orphans: Vec<Orphan>,
    /// What may be this state's, and cannot be told to be.
    eips: Vec<Orphan>,
}

async fn looked(
    context: &Context,
    store: &mut LocalStore,
    access: &Provider,
) -> Result<Looked, CommandError> {
    let settings = context.settings();
    let kind = match context.globals.quiet {
        true => Kind::Silent,
        false => Kind::Lines,
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
    let past = LocalStore::backups(&context.state_directory()?)?;
    let snapshot = store.snapshot();
    let orphans = orphans::find(snapshot, &past, provider).await?;
    let mut eips = orphans::unclaimed_eips(snapshot, provider).await?;
    eips.retain(|eip| !orphans.iter().any(|orphan| orphan.id == eip.id));
    Ok(Looked { orphans, eips })
}
