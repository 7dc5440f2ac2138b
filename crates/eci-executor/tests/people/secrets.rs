//! Whether a plan shows a secret.

use eci_core::{Map, Value};
use eci_planner::Plan;

/// The secrets that the plan shows outside of what is marked, each with where.
pub(crate) fn shown_by(plan: &Plan, secrets: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    if secrets.is_empty() {
        return found;
    }
    let mut map = |place: String, map: &Map| {
        for (name, value) in map.iter() {
            look(value, secrets, || format!("{place}.{name}"), &mut found);
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
        map(
            format!("{} refreshed", refreshed.address),
            &refreshed.observed,
        );
    }
    let steps = plan.steps().iter();
    let changes = steps.map(|step| (&step.address, &step.changes));
    let drift = plan.drift().iter();
    let drift = drift.map(|drift| (&drift.address, &drift.changes));
    for (address, changes) in changes.chain(drift) {
        for change in changes {
            for (value, name) in [(&change.before, "before"), (&change.after, "after")] {
                let place = || format!("{name} of {} of {address}", change.path);
                look(value, secrets, place, &mut found);
            }
        }
    }
    for output in plan.outputs() {
        for value in [&output.before, &output.after] {
            look(value, secrets, || output.name.clone(), &mut found);
        }
    }
    for (name, value) in plan.variables() {
        look(value, secrets, || format!("var.{name}"), &mut found);
    }
    found
}

fn look(
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
                look(item, secrets, place, found);
            }
        }
        Value::Map(entries) => {
            for item in entries.values() {
                look(item, secrets, place, found);
            }
        }
        _ => {}
    }
}
