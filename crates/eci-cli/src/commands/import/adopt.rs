//! `eci import ADDR ID` and `eci orphans --adopt`: an existing object is recorded in the state.
//!
//! Nothing but the state is written: what the manifests say otherwise, and the operation tag of
//! this state, are for the next plan, which is shown.

use eci_config::Configuration;
use eci_core::{Address, Diagnostics, DigestKey, Map, OperationTag, codes};
use eci_engine::{PlanInputs, Provider, RefreshOptions};
use eci_planner::{Action, Observation, Observed, Plan, Step, other_owner};
use eci_render::plan::Source;
use eci_state::{IntentKind, Record, ResourceState, Snapshot, Store as _};
use eci_text::{Verbatim, text};
use jiff::Timestamp;
use serde_json::json;

use super::{is_new, only};
use crate::arguments::{Format, RunArgs, VariableArguments};
use crate::commands::state::check_no_pending;
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stderr};

/// A resource that is there, and the address under which the state takes it over.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Adoption {
    pub(in crate::commands) address: Address,
    /// The cloud's id.
    pub(in crate::commands) id: String,
    /// Whether it may carry the tag or label of another state.
    pub(in crate::commands) take_over: bool,
    /// The operation that created it, where it is not known by its tag.
    pub(in crate::commands) operation: Option<OperationTag>,
}

impl Adoption {
    /// Returns whether the state already has the resource under this address, and is to take it
    /// back from another state that has taken it over.
    fn is_retaken(&self, snapshot: &Snapshot) -> bool {
        let state = snapshot.resources.get(&self.address);
        self.take_over && state.is_some_and(|state| state.id.as_deref() == Some(&*self.id))
    }
}

/// Records what is adopted, all or nothing, and shows what the next plan would change.
pub(in crate::commands) async fn adopt(
    context: &Context,
    variables: &VariableArguments,
    adopted: &[Adoption],
    args: &RunArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let mut variables = context.variables(variables)?;
    let mut configuration = context.load_prompting(&mut variables, &mut signals).await?;
    let state = context.state_of(&configuration)?;
    let opening = context.open_state(&state, args.lock_timeout);
    let mut store = signals.unless(opening).await?;
    context.warn(&configuration);
    let settings = configuration.provider.clone();
    let access = context.cloud(&settings, &state);
    let checked = check(&access, &state, store.snapshot(), adopted);
    let adopting = async {
        checked?;
        let declared = std::mem::take(&mut configuration.imports);
        let options = only(&mut configuration, adopted)?;
        let mut refresh = RefreshOptions::default();
        // Other deleted objects are reported by the next plan.
        refresh.allow_missing = true;
        let snapshot = store.snapshot();
        let without = without(snapshot, adopted)?;
        let inputs = PlanInputs::new(&configuration, &without);
        let answered = access.refresh(inputs, &refresh).await?;
        check_retaken(snapshot, adopted, &answered.observed)?;
        check_pending(snapshot, adopted, &answered.observed)?;
        let plan = eci_planner::plan(&configuration, &without, &answered.observed, &options)?;
        warn_of(context, &plan, configuration.warnings.0.len());
        let records = records(&plan, snapshot, adopted);
        configuration.imports = declared;
        let mut next = snapshot.clone();
        for record in &records {
            next.apply(record).map_err(CommandError::plain)?;
        }
        let inputs = PlanInputs::new(&configuration, &next);
        let answered = access.refresh(inputs, &refresh).await?;
        let options = eci_planner::PlanOptions::default();
        // Where one is imported after another, the plan in between may be impossible.
        let plan = eci_planner::plan(&configuration, &next, &answered.observed, &options);
        Ok::<_, CommandError>((records, plan))
    };
    let planned = signals.unless(adopting).await;
    let recorded = planned.and_then(|(records, plan)| {
        access.record(&mut store)?;
        store.append(&records)?;
        store.flush().wait()?;
        store.compact()?;
        Ok((records, plan))
    });
    access.close().await;
    let (records, plan) = recorded?;
    let result = ImportResult {
        adopted,
        records: &records,
        plan: &plan,
        configuration: &configuration,
        key: &store.snapshot().digest_key,
    };
    print_result(context, &state, args.format, result)?;
    Ok(ExitStatus::Done)
}

/// Shows what the plan of the imports warns of beyond its configuration; a warning that the plan is partial
/// is left out, since that is the purpose.
fn warn_of(context: &Context, plan: &Plan, known: usize) {
    let new = plan.warnings().0.iter().skip(known);
    let new: Vec<_> = new
        .filter(|warning| warning.code != codes::PARTIAL)
        .cloned()
        .collect();
    if !new.is_empty() {
        context.note_rendered(&eci_render::diagnostics(&Diagnostics(new), context.err));
    }
}

fn check(
    access: &Provider,
    state: &StateLocation,
    snapshot: &Snapshot,
    adopted: &[Adoption],
) -> Result<(), CommandError> {
    access.check(state, snapshot)?;
    for adoption in adopted.iter().filter(|it| !it.is_retaken(snapshot)) {
        is_new(snapshot, &adoption.address)?;
    }
    check_no_pending(snapshot, |address| {
        adopted.iter().any(|it| it.address == *address)
    })
}

/// Returns the state without the resources that are taken back from another state: these are
/// imported like any other, and what was sensitive in them stays remembered.
fn without(snapshot: &Snapshot, adopted: &[Adoption]) -> Result<Snapshot, CommandError> {
    let mut without = snapshot.clone();
    for adoption in adopted.iter().filter(|it| it.is_retaken(snapshot)) {
        let address = adoption.address.clone();
        without
            .apply(&Record::Missing { address })
            .map_err(CommandError::plain)?;
    }
    Ok(without)
}

/// Refuses to take back what no other state has.
fn check_retaken(
    snapshot: &Snapshot,
    adopted: &[Adoption],
    observed: &Observed,
) -> Result<(), CommandError> {
    for Adoption { address, .. } in adopted {
        let Some(state) = snapshot.resources.get(address) else {
            continue;
        };
        if other_owner(state, observed.mark(address), &snapshot.lineage).is_none() {
            is_new(snapshot, address)?;
        }
    }
    Ok(())
}

/// Refuses to import an object that an earlier create of unknown outcome may have created: once it
/// is recovered, the state would have it at two addresses.
///
/// An EIP carries no mark; recovery takes none that the state has.
fn check_pending(
    snapshot: &Snapshot,
    adopted: &[Adoption],
    observed: &Observed,
) -> Result<(), CommandError> {
    for Adoption { address, id, .. } in adopted {
        let mut open = snapshot.open_intents.iter();
        let pending = open.find(|open| match &open.kind {
            IntentKind::Create {
                operation, planned, ..
            } if open.address.kind() == address.kind() => {
                match (observed.mark(address), observed.get(address)) {
                    (Some(mark), _) => {
                        mark.as_str() == operation.as_str() || mark.as_str() == operation.short()
                    }
                    (None, Some(Observation::Present(observed))) => {
                        let name = disk_name(&planned.applied);
                        name.is_some() && name == disk_name(observed)
                    }
                    (None, _) => false,
                }
            }
            _ => false,
        });
        if let Some(open) = pending {
            return Err(CommandError::new(
                text!(
                    en: "an earlier run was interrupted while creating {address}, and may have created {id}",
                    zh: "先前的运行在创建 {address} 时中断，{id} 可能由其创建",
                    address = Verbatim(&open.address),
                    id = id,
                ),
                text!(
                    en: "run `eci refresh` first to recover it, then `eci state mv {from} {to}`",
                    zh: "先执行 `eci refresh` 进行恢复，再执行 `eci state mv {from} {to}`",
                    from = Verbatim(open.address.in_shell()),
                    to = Verbatim(address.in_shell()),
                ),
            ));
        }
    }
    Ok(())
}

/// Returns the name of a managed disk in the cloud, by which a disk without labels is recognized.
fn disk_name(attributes: &Map) -> Option<&str> {
    attributes.get("disk")?.get("name")?.as_str()
}

/// Returns the records of the imports, with the objects that are imported together with groups.
fn records(plan: &Plan, snapshot: &Snapshot, adopted: &[Adoption]) -> Vec<Record> {
    let is_adopted = |address: &Address| adopted.iter().find(|it| it.address == *address);
    let steps = plan.steps().iter().filter(|step| {
        let is_companion = step.action == Action::Import && step.import.is_none();
        is_companion || step.import.is_some() && is_adopted(&step.address).is_some()
    });
    let records = steps.filter_map(|step| {
        let state = step.state.as_deref()?.clone();
        // An EIP carries no mark of its create.
        let operation = is_adopted(&step.address).and_then(|it| it.operation.clone());
        let operation = operation.filter(|_| step.address.kind().properties().is_unmarked());
        Some(Record::ResourceUpdated {
            address: step.address.clone(),
            state: Box::new(ResourceState {
                operation: state.operation.clone().or(operation),
                // What is taken back stays protected.
                prevent_destroy: protection(step, &state, snapshot),
                ..state
            }),
        })
    });
    records.collect()
}

/// Returns the protection of an imported object. It stays if it was there before, and only an apply
/// lifts the one that a disk has by default.
fn protection(step: &Step, state: &ResourceState, snapshot: &Snapshot) -> Option<bool> {
    let before = snapshot.resources.get(&step.address);
    let before = before.and_then(|before| before.prevent_destroy);
    before.or(state.prevent_destroy).filter(|it| *it)
}

/// Returns the EIPs that groups were imported with and that the next plan replaces by new ones,
/// because they were not imported themselves: the group, the resource address of the EIP, and its
/// IP address. No group reports the ID.
fn replaced_eips<'a>(
    plan: &'a Plan,
    adopted: &'a [Adoption],
) -> impl Iterator<Item = (&'a Address, &'a Address, &'a str)> {
    let is_created = |address: &&Address| {
        let mut steps = plan.steps().iter();
        steps.any(|step| step.address == **address && step.action == Action::Create)
    };
    let groups = plan.steps().iter();
    let groups = groups.filter(|step| adopted.iter().any(|it| it.address == step.address));
    groups.filter_map(move |step| {
        let links = step.resource.as_ref()?.links.iter();
        let eip = links
            .filter(|link| link.kind().properties().is_public_address)
            .find(is_created)?;
        let ip = step.state.as_ref()?.observed.get("internet_ip")?.as_str()?;
        Some((&step.address, eip, ip))
    })
}

/// The result of an import.
#[derive(Clone, Copy)]
struct ImportResult<'a> {
    adopted: &'a [Adoption],
    records: &'a [Record],
    /// The next plan.
    plan: &'a Result<Plan, Diagnostics>,
    configuration: &'a Configuration,
    /// The key of the digests in the plan.
    key: &'a DigestKey,
}

fn print_result(
    context: &Context,
    state: &StateLocation,
    format: Format,
    result: ImportResult<'_>,
) -> Result<(), CommandError> {
    let ImportResult {
        adopted,
        records,
        plan,
        ..
    } = result;
    if format == Format::Json {
        let imported = adopted.iter();
        let imported: Vec<_> = imported
            .map(|it| json!({ "address": it.address.to_string(), "id": it.id }))
            .collect();
        let mut answer = json!({ "imported": imported });
        match plan {
            Ok(plan) => {
                answer["next_plan"] = eci_render::plan::json(Source {
                    plan,
                    created: Timestamp::now(),
                    outline: &eci_planner::outline(result.configuration, plan),
                    key: Some(result.key),
                    cost: None,
                });
            }
            Err(problems) => {
                let problems = problems.0.iter();
                let errors = problems.map(|problem| problem.message.to_string());
                answer["next_plan_errors"] = errors.collect::<Vec<_>>().into();
            }
        }
        return Ok(document(&answer)?);
    }
    for Adoption { address, id, .. } in adopted {
        context.note(&text!(
            en: "{address}: imported ({id})",
            zh: "{address}：已导入（{id}）",
            address = Verbatim(address),
            id = id,
        ));
    }
    let along = records.iter().filter_map(Record::address);
    for address in along.filter(|address| !adopted.iter().any(|it| it.address == **address)) {
        context.note(&text!(
            en: "{address}: imported with its container group",
            zh: "{address}：已随容器组导入",
            address = Verbatim(address),
        ));
    }
    let plan = match plan {
        Ok(plan) => plan,
        Err(problems) => {
            context.note(&text!(
                en: "Only the state was changed. The next plan fails until this is resolved. Import other \
                     resources that belong together first:\n",
                zh: "仅变更了状态。解决以下问题之前，下次计划会失败。先导入其他相关资源：\n",
            ));
            let problems = context.hinted(problems);
            print_stderr(&eci_render::diagnostics(&problems, context.err));
            return Ok(());
        }
    };
    for (group, eip, ip) in replaced_eips(plan, adopted) {
        context.note(&text!(
            en: "{group} has an EIP with the IP address {ip}, and {eip} is not in the state. Run \
                 `eci import {word} ID` to keep it; otherwise the next apply creates another one.",
            zh: "{group} 有 IP 地址为 {ip} 的弹性 IP，而 {eip} 不在状态中。如需保留，执行 `eci import {word} ID`，否则下次应用会创建新的弹性 IP。",
            group = Verbatim(group),
            ip = ip,
            eip = Verbatim(eip),
            word = Verbatim(eip.in_shell()),
        ));
    }
    context.note(&text!(
        en: "Only the state was changed. The next plan:\n",
        zh: "仅变更了状态。下次计划：\n",
    ));
    let text = eci_render::plan::text(plan, None, context.err);
    print_stderr(&state.headed(text, context.lang()));
    Ok(())
}
