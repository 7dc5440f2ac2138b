//! Approved plans, and calls that are part of them.

use std::collections::{BTreeMap, BTreeSet};

use eci_api::Operation;
use eci_core::{Address, OperationTag};
use eci_planner::{Action, Drift, Plan, Step};
use eci_state::IntentKind;
use serde_json::Value;

use crate::log::{Call, Effect};
use crate::truth::{disks_of, entries};

/// The content of a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct DisplayedPlan {
    pub(crate) steps: Vec<Step>,
    pub(crate) drift: Vec<Drift>,
    /// The resources whose observed values the state does not have yet.
    pub(crate) refreshed: Vec<Address>,
    /// The new addresses of what moves, also of what an earlier run was to create.
    moves: BTreeMap<Address, Address>,
}

impl DisplayedPlan {
    pub(crate) fn of(plan: &Plan) -> DisplayedPlan {
        DisplayedPlan {
            steps: plan.steps().to_vec(),
            drift: plan.drift().to_vec(),
            refreshed: (plan.refreshed().iter())
                .map(|refreshed| refreshed.address.clone())
                .collect(),
            moves: plan.moves().clone(),
        }
    }

    /// One line a change, for traces.
    pub(crate) fn lines(&self) -> Vec<String> {
        let changes = self.steps.iter().filter(|step| step.action.is_change());
        changes
            .map(|step| {
                let paths: Vec<String> =
                    step.changes.iter().map(|it| it.path.to_string()).collect();
                format!(
                    "{} {} {:?} because {:?} of {}",
                    step.action.name(),
                    step.address,
                    step.id,
                    step.reason,
                    paths.join(", ")
                )
            })
            .collect()
    }

    /// The first drift that is news: not ignored, and not recorded yet.
    pub(crate) fn news(&self) -> Option<&Drift> {
        let is_new = |drift: &&Drift| drift.matters() && self.refreshed.contains(&drift.address);
        self.drift.iter().find(is_new)
    }

    /// The step of what is at an address, and not of what that has replaced.
    pub(crate) fn step(&self, address: &Address) -> Option<&Step> {
        let address = self.moves.get(address).unwrap_or(address);
        let mut steps = self.steps.iter();
        steps.find(|step| step.address == *address && !step.is_of_predecessor())
    }

    fn step_with(&self, id: &str) -> Option<&Step> {
        let mut steps = self.steps.iter();
        steps.find(|step| step.id.as_deref() == Some(id) || step.import.as_deref() == Some(id))
    }
}

/// The facts of a run in addition to its plan.
pub(crate) struct RunFacts<'a> {
    /// Every intent that was ever recorded in the state.
    pub(crate) intents: &'a [(Address, IntentKind)],
    /// The addresses of what the run has created, by id.
    pub(crate) created: &'a BTreeMap<String, Address>,
}

impl RunFacts<'_> {
    /// The address that a create with this tag or token is for.
    pub(crate) fn address_of(&self, tag: &str) -> Option<&Address> {
        let mut intents = self.intents.iter();
        let is_it = |kind: &IntentKind| match kind {
            IntentKind::Create { operation, .. } => {
                operation.as_str() == tag || operation.short() == tag
            }
            IntentKind::Update { .. } | IntentKind::Delete { .. } => false,
        };
        intents
            .find(|(_, kind)| is_it(kind))
            .map(|(address, _)| address)
    }
}

/// Checks that the plan shows a call that was sent.
pub(crate) fn is_shown(
    call: &Call,
    shown: &DisplayedPlan,
    known: &RunFacts<'_>,
) -> Result<(), String> {
    let no = |why: &str| {
        let (operation, about) = (call.operation, &call.about);
        Err(format!("1: {operation} of {about} {why}"))
    };
    let about = call.about.as_str();
    match call.operation {
        Operation::CreateContainerGroup | Operation::CreateEip | Operation::CreateDisk => {
            let Some(address) = known.address_of(about) else {
                return no("has no intent");
            };
            let step = shown.step(address);
            if step.is_some_and(|step| step.pending.is_some() && !step.resends) {
                // An order of an earlier run is followed to its end.
                return Ok(());
            }
            match step.map(|step| step.action) {
                Some(Action::Create | Action::Replace) => Ok(()),
                other => no(&format!(
                    "is for {address}, of which the plan shows {other:?}"
                )),
            }
        }
        Operation::DeleteContainerGroup | Operation::DeleteEip | Operation::RefundDisk => {
            // What an order of an earlier run creates may have to go at once.
            let created = known.created.get(about).and_then(|it| shown.step(it));
            match created.or(shown.step_with(about)).map(|step| step.action) {
                Some(Action::Delete | Action::Replace) => Ok(()),
                other => no(&format!("is not shown: the plan shows {other:?}")),
            }
        }
        operation => {
            let id = match operation {
                Operation::ResizeContainerGroupVolume => {
                    about.split(' ').next().unwrap_or_default()
                }
                _ => about,
            };
            let step = match known.created.get(id) {
                Some(address) => shown.step(address),
                None => shown.step_with(id),
            };
            let Some(step) = step else {
                return no("is about what no step is about");
            };
            match (step.action, known.created.contains_key(id)) {
                (Action::Create | Action::Replace, true) => Ok(()),
                (Action::Update | Action::Import, _) => {
                    is_among_the_changes(call, step).or_else(|why| no(&why))
                }
                // It gives away what another one gets before it goes.
                (Action::Replace | Action::Delete, _) => gives_away(call).or_else(|why| no(&why)),
                (other, _) => no(&format!("and the plan shows {other:?}")),
            }
        }
    }
}

/// Checks that the changes of a call are among those that the step shows.
fn is_among_the_changes(call: &Call, step: &Step) -> Result<(), String> {
    let Some(effect) = &call.effect else {
        return Ok(());
    };
    let mut paths: Vec<String> = step.changes.iter().map(|it| it.path.to_string()).collect();
    if step.import.is_some() {
        paths.push(format!("tags[{:?}]", OperationTag::KEY));
    }
    for (id, path) in changed(effect) {
        let is = |shown: &String| path.starts_with(shown.as_str()) || shown.starts_with(&path);
        if !paths.iter().any(is) {
            return Err(format!(
                "changes {path} of {id}, and the plan shows {paths:?}"
            ));
        }
    }
    Ok(())
}

fn gives_away(call: &Call) -> Result<(), String> {
    let Some(effect) = &call.effect else {
        return Ok(());
    };
    for (id, path) in changed(effect) {
        if !matches!(path.as_str(), "eip" | "volumes" | "disk") {
            return Err(format!("changes {path} of {id}, which is about to go"));
        }
    }
    Ok(())
}

/// The paths of what a call changed, as a plan writes them.
pub(crate) fn changed(effect: &Effect) -> Vec<(&str, String)> {
    let nothing = Value::Null;
    let mut paths = Vec::new();
    for (id, before, after) in &effect.changed {
        let (before, after) = (
            before.as_ref().unwrap_or(&nothing),
            after.as_ref().unwrap_or(&nothing),
        );
        let mut path = |path: String| paths.push((id.as_str(), path));
        let text = |value: &Value, at: &str| value.pointer(at).cloned().unwrap_or_default();
        for (at, name) in [
            ("/containers/0/image", "containers[\"main\"].image"),
            ("/containers/0/args", "containers[\"main\"].args"),
            ("/restartPolicy", "restart_policy"),
            ("/imageRegistryCredential", "image_registry_credentials"),
            ("/eip/eipInstanceId", "eip"),
            ("/eip/autoCreateEip", "eip"),
            ("/eip/eipBandwidth", "eip"),
            ("/name", "name"),
            ("/diskName", "disk.name"),
            ("/volumeDescription", "disk.description"),
            ("/bandwidth", "bandwidth"),
            ("/diskSize", "disk.size"),
        ] {
            if text(before, at) != text(after, at) {
                path(name.to_owned());
            }
        }
        if disks_of(before) != disks_of(after) {
            path("volumes".to_owned());
        }
        for (at, name) in [
            ("/tags", "tags"),
            ("/containers/0/environmentVar", "containers[\"main\"].env"),
        ] {
            let (before, after) = (entries(before, at), entries(after, at));
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                if before.get(key) != after.get(key) {
                    path(if key.contains(':') {
                        format!("{name}[{key:?}]")
                    } else {
                        format!("{name}.{key}")
                    });
                }
            }
        }
    }
    paths
}
