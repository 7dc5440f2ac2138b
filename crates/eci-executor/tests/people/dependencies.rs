//! The rules of dependencies: they are recorded, and a delete follows them.

use std::collections::{BTreeMap, BTreeSet};

use eci_api::Operation;
use eci_planner::{Action, Mode};

use crate::config::{Config, Place};
use crate::log::Call;
use crate::oracle::EndedRun;
use crate::shown::DisplayedPlan;
use crate::state::State;

/// The dependencies of each group, by address.
pub(crate) type Edges = BTreeMap<String, BTreeSet<String>>;

impl Config {
    /// Returns the dependencies of groups on other groups.
    pub(crate) fn edges(&self) -> Edges {
        let of = |(place, group): (&Place, &crate::config::Group)| {
            let dependencies = group.dependency.filter(|_| group.literal.is_none());
            let labels = dependencies.into_iter().chain(group.after.iter().copied());
            let dependencies = labels.map(|label| Place::Root(label).address());
            (place.address(), dependencies.collect())
        };
        self.groups.iter().map(of).collect()
    }
}

/// Checks that an object is deleted after its dependents, and a target with all of them.
pub(crate) fn deletes_in_order(
    ran: &EndedRun<'_>,
    calls: &[Call],
    state: &State,
) -> Result<(), String> {
    let Some(shown) = &ran.report.shown else {
        return Ok(());
    };
    let declared = state.config.edges();
    let is_destroy = ran.order.options.mode == Mode::Destroy;
    let deleted: BTreeMap<String, &str> = shown
        .steps
        .iter()
        .filter(|step| step.action == Action::Delete && !step.is_of_predecessor())
        .filter_map(|step| Some((step.address.to_string(), step.id.as_deref()?)))
        .collect();
    let called = |id: &str| {
        let is_it =
            |call: &Call| call.operation == Operation::DeleteContainerGroup && call.about == id;
        calls.iter().position(is_it)
    };
    for step in &shown.steps {
        let address = step.address.to_string();
        let dependencies = match (is_destroy, declared.get(&address)) {
            (true, Some(dependencies)) => dependencies,
            (true, None) | (false, Some(_)) => continue,
            // It is no longer in the manifest: its last dependencies are recorded.
            (false, None) => match state.edges.get(&address) {
                Some(dependencies) => dependencies,
                None => continue,
            },
        };
        for required in dependencies {
            let Some(dependency) = deleted.get(required).and_then(|id| called(id)) else {
                continue;
            };
            let dependent = deleted.get(&address).map(|id| called(id));
            if dependent.is_some_and(|at| at.is_none_or(|at| at > dependency)) {
                return Err(format!("1: {required} is deleted before {address}"));
            }
        }
    }
    if !is_destroy {
        return Ok(());
    }
    for (address, dependencies) in &declared {
        let id = address.parse().ok();
        let before = ran.report.planned_from.as_ref();
        let id = id.and_then(|it| before?.resources.get(&it)?.id.clone());
        let is_left = id.is_some() && !deleted.contains_key(address);
        let is_omitted = !ran.order.options.exclude.is_empty();
        let is_deleted = |id: &String| !ran.truth.contains_key(id);
        if let Some(required) = dependencies.iter().find(|it| deleted.contains_key(*it))
            && is_left
            && !is_omitted
            && !id.as_ref().is_some_and(is_deleted)
        {
            return Err(format!(
                "1: {required} is deleted, and {address}, which comes after it, stays"
            ));
        }
    }
    Ok(())
}

/// After a complete run the state has what the configuration declares.
pub(crate) fn are_recorded(shown: &DisplayedPlan) -> Result<(), String> {
    for step in &shown.steps {
        let Some(state) = step.state.as_deref().filter(|_| step.resource.is_some()) else {
            continue;
        };
        let recorded: BTreeSet<_> = state.dependencies.iter().collect();
        let dependencies: BTreeSet<_> = step.dependencies.iter().collect();
        if recorded != dependencies {
            return Err(format!(
                "5: the state says that {} depends on {recorded:?}, and it depends on {dependencies:?}",
                step.address
            ));
        }
    }
    Ok(())
}
