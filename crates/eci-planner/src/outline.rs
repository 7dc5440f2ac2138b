//! What the manifests say, for whoever may see a plan: without what the plan hides.

use std::collections::{BTreeSet, HashMap};

use eci_config::{Configuration, Outline, Written};
use eci_core::{Map, Value};

use crate::document::{Plan, Step};

/// The attributes of each resource table that have secrets, by the calls that lead to its module
/// and its name there.
type Secrets<'a> = HashMap<(Vec<&'a str>, String), BTreeSet<&'a str>>;

/// The outline of a configuration without the constants of what is sensitive in a plan of it, or
/// was so before: what is a secret somewhere in the plan stands nowhere in clear.
pub fn outline(configuration: &Configuration, plan: &Plan) -> Outline {
    let mut outline = configuration.outline();
    let mut secrets = Secrets::new();
    for step in plan.steps() {
        let calls = step.address.modules().iter().map(|step| &*step.name);
        let table = format!("{}.{}", step.address.kind(), step.address.label());
        let names = secrets.entry((calls.collect(), table)).or_default();
        names.extend(secret_attributes(step));
    }
    hide(&mut outline, &mut Vec::new(), &secrets);
    for change in plan.outputs() {
        if let Some(output) = outline.outputs.get_mut(&change.name)
            && (change.before.has_sensitive() || change.after.has_sensitive())
        {
            hide_value(&mut output.expression);
        }
    }
    for (name, value) in plan.variables() {
        if let Some(variable) = outline.variables.get_mut(&**name)
            && value.has_sensitive()
        {
            variable.default = None;
        }
    }
    outline
}

/// Hides what is secret in a module and those behind it; everything of a resource that the plan
/// is not about, since nothing tells what is secret there.
fn hide<'a>(outline: &'a mut Outline, calls: &mut Vec<&'a str>, secrets: &Secrets<'_>) {
    for resource in &mut outline.resources {
        let known = secrets.get(&(calls.clone(), resource.address.clone()));
        for (name, written) in &mut resource.expressions {
            if known.is_none_or(|names| names.contains(&**name)) {
                hide_value(written);
            }
        }
    }
    for (name, call) in &mut outline.module_calls {
        calls.push(name);
        hide(&mut call.module, calls, secrets);
        calls.pop();
    }
}

fn hide_value(written: &mut Written) {
    *written = std::mem::take(written).hidden();
}

/// The attributes that are sensitive, or have something sensitive in them, now or before.
fn secret_attributes(step: &Step) -> impl Iterator<Item = &str> {
    let state = step.state.as_deref();
    let known: [Option<&Map>; 3] = [
        step.planned.as_deref(),
        state.map(|state| &*state.applied),
        state.map(|state| &*state.observed),
    ];
    let attributes = known.into_iter().flatten().flat_map(Map::iter);
    let secret = attributes.filter(|(_, value)| Value::has_sensitive(value));
    secret.map(|(name, _)| &**name)
}
