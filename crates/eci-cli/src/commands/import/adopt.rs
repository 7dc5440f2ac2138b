//! `eci import ADDR ID` and `eci orphans --adopt`: the state takes over what is there.
//!
//! Nothing but the state is written: what the manifests say otherwise, and the operation tag of
//! this state, are for the next plan, which is shown.

use eci_core::{Address, Diagnostics, Kind, OperationTag, codes};
use eci_planner::{Plan, plan_with};
use eci_state::{Record, ResourceState, Snapshot, Store as _};
use serde_json::json;

use super::{is_new, only};
use crate::answer::{document, say};
use crate::arguments::{Format, Run, VariableArguments};
use crate::commands::planning::{self, Asking};
use crate::commands::state::settled;
use crate::context::{Access, Context, StateHome};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::signals::Signals;

/// A resource that is there, and the address under which the state takes it over.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Adoption {
    pub(in crate::commands) address: Address,
    /// The cloud's id.
    pub(in crate::commands) id: String,
    /// Whether it may carry the tag or label of another state.
    pub(in crate::commands) take_over: bool,
    /// The operation that created it, where something else than its tag tells.
    pub(in crate::commands) operation: Option<OperationTag>,
}

/// Records what is adopted, all or nothing, and shows what the next plan would change.
pub(in crate::commands) async fn adopt(
    context: &Context,
    variables: &VariableArguments,
    adopted: &[Adoption],
    asked: &Run,
) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let mut variables = context.variables(variables)?;
    let mut configuration = context.load_asking(&mut variables, &mut signals).await?;
    let state = context.state_of(&configuration)?;
    let opening = context.open_state(&state, asked.lock_timeout);
    let mut store = signals.unless(opening).await?;
    context.warn(&configuration);
    let settings = configuration.provider.clone();
    let mut access = Access::new(context, &settings, &state);
    let checked = check(&access, store.snapshot(), adopted);
    let adopting = async {
        checked?;
        let declared = std::mem::take(&mut configuration.imports);
        let options = only(&mut configuration, adopted)?;
        let asking = Asking {
            refresh: true,
            // What else is gone is for the next plan to say.
            allow_missing: true,
        };
        let snapshot = store.snapshot();
        let known = (&configuration, snapshot);
        let answered = planning::observe(context, &mut access, known, asking).await?;
        let plan = plan_with(&configuration, snapshot, &answered.observed, &options)?;
        warn_of(context, &plan, configuration.warnings.0.len());
        let records = records(&plan, adopted);
        configuration.imports = declared;
        let mut next = snapshot.clone();
        for record in &records {
            next.apply(record).map_err(Failure::plain)?;
        }
        let known = (&configuration, &next);
        let answered = planning::observe(context, &mut access, known, asking).await?;
        let options = eci_planner::Options::default();
        let plan = plan_with(&configuration, &next, &answered.observed, &options)?;
        Ok::<_, Failure>((records, plan))
    };
    let planned = signals.unless(adopting).await;
    let recorded = planned.and_then(|(records, plan)| {
        access.record(&mut store)?;
        store.append(&records)?;
        store.flush()?;
        store.compact()?;
        Ok((records, plan))
    });
    access.close().await;
    let (records, plan) = recorded?;
    tell(context, &state, asked.format, (adopted, &records, &plan))?;
    Ok(Exit::Done)
}

/// Shows what the plan of the imports warns of beyond its configuration; that it is about nothing
/// else was asked for.
fn warn_of(context: &Context, plan: &Plan, told: usize) {
    let new = plan.warnings().0.iter().skip(told);
    let new: Vec<_> = new
        .filter(|warning| warning.code != codes::PARTIAL)
        .cloned()
        .collect();
    if !new.is_empty() {
        context.note(&render::diagnostics(&Diagnostics(new), context.err));
    }
}

fn check(access: &Access<'_>, snapshot: &Snapshot, adopted: &[Adoption]) -> Result<(), Failure> {
    access.check(snapshot)?;
    for Adoption { address, .. } in adopted {
        is_new(snapshot, address)?;
    }
    settled(snapshot, |address| {
        adopted.iter().any(|it| it.address == *address)
    })
}

/// The records of what is taken over, with what comes along inside of groups.
fn records(plan: &Plan, adopted: &[Adoption]) -> Vec<Record> {
    let is_adopted = |address: &Address| adopted.iter().find(|it| it.address == *address);
    let steps = plan.steps().iter().filter(|step| {
        let comes_along = step.action == eci_planner::Action::Import && step.import.is_none();
        comes_along || step.import.is_some() && is_adopted(&step.address).is_some()
    });
    let records = steps.filter_map(|step| {
        let state = step.state.as_deref()?.clone();
        // An EIP carries nothing that tells who created it.
        let told = is_adopted(&step.address).and_then(|it| it.operation.clone());
        let told = told.filter(|_| step.address.kind() == Kind::Eip);
        Some(Record::Recorded {
            address: step.address.clone(),
            state: Box::new(ResourceState {
                operation: state.operation.clone().or(told),
                ..state
            }),
        })
    });
    records.collect()
}

fn tell(
    context: &Context,
    state: &StateHome,
    format: Format,
    (adopted, records, plan): (&[Adoption], &[Record], &Plan),
) -> Result<(), Failure> {
    if format == Format::Json {
        let imported = adopted.iter();
        let imported: Vec<_> = imported
            .map(|it| json!({ "address": it.address.to_string(), "id": it.id }))
            .collect();
        let next = render::plan::json(plan, None);
        return Ok(document(
            &json!({ "imported": imported, "next_plan": next }),
        )?);
    }
    for Adoption { address, id, .. } in adopted {
        context.note(&format!("{address}: imported {id}"));
    }
    let along = records.iter().filter_map(Record::address);
    for address in along.filter(|address| !adopted.iter().any(|it| it.address == **address)) {
        context.note(&format!("{address}: imported with its container group"));
    }
    context.note("Only the state was changed. The next plan:\n");
    let text = render::plan::text(plan, None, context.err);
    say(&state.headed(text));
    Ok(())
}
