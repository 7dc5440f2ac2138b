//! Secrets in plans.

use eci_core::{Map, Value};
use eci_planner::Plan;

/// The secrets that a plan must not show.
#[derive(Clone, Debug, Default)]
pub(crate) struct HiddenSecrets {
    /// The secrets that are marked now.
    pub(crate) marked: Vec<String>,
    /// These, and those that were marked and are not recorded as plain yet: they may be requested in clear,
    /// and its earlier value is not displayed.
    pub(crate) ever: Vec<String>,
}

/// The secrets that the plan shows outside of what is marked, each with where.
pub(crate) fn shown_by(plan: &Plan, hidden: &HiddenSecrets) -> Vec<String> {
    let mut found = Vec::new();
    let secrets = &hidden.marked[..];
    let mut map = |place: String, map: &Map| {
        for (name, value) in map.iter() {
            find_secrets(value, secrets, || format!("{place}.{name}"), &mut found);
        }
    };
    for step in plan.steps() {
        let address = &step.address;
        if let Some(desired) = &step.desired {
            map(format!("{address} desired"), desired);
        }
        if let Some(planned) = &step.planned {
            map(format!("{address} planned"), planned);
        }
    }
    for refreshed in plan.refreshed() {
        let place = format!("{} refreshed", refreshed.address);
        map(place, &refreshed.observed);
    }
    for (name, value) in plan.variables() {
        find_secrets(value, secrets, || format!("var.{name}"), &mut found);
    }
    let secrets = &hidden.ever[..];
    let steps = plan.steps().iter();
    let changes = steps.map(|step| (&step.address, &step.changes));
    let drift = plan.drift().iter();
    let drift = drift.map(|drift| (&drift.address, &drift.changes));
    for (address, changes) in changes.chain(drift) {
        for change in changes {
            let place = || format!("{} of {address}", change.path);
            find_secrets(&change.before, secrets, place, &mut found);
            find_secrets(&change.after, &hidden.marked, place, &mut found);
        }
    }
    for output in plan.outputs() {
        for value in [&output.before, &output.after] {
            find_secrets(value, secrets, || output.name.clone(), &mut found);
        }
    }
    found
}

fn find_secrets(
    value: &Value,
    secrets: &[String],
    place: impl Fn() -> String + Copy,
    found: &mut Vec<String>,
) {
    match value {
        Value::String(text) => {
            let holds = |secret: &&String| text.contains(secret.as_str());
            if let Some(secret) = secrets.iter().find(holds) {
                found.push(format!("{secret} in {}", place()));
            }
        }
        Value::List(items) => {
            for item in items.iter() {
                find_secrets(item, secrets, place, found);
            }
        }
        Value::Map(entries) => {
            for item in entries.values() {
                find_secrets(item, secrets, place, found);
            }
        }
        _ => {}
    }
}
