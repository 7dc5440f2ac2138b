//! What the manifests say, for whoever may see a plan: without what the plan hides.

use std::collections::{BTreeMap, HashMap};

use eci_config::{Configuration, Outline, Written};
use eci_core::{Map, Value};

use crate::document::{Plan, Step};

/// The values of attributes that have secrets in them, of each resource table, by the calls that
/// lead to its module and its name there.
type Secrets<'a> = HashMap<(Vec<&'a str>, String), BTreeMap<&'a str, Vec<&'a Value>>>;

/// The outline of a configuration without the constants of what is sensitive in a plan of it, or
/// was so before: what is a secret somewhere in the plan stands nowhere in clear.
pub fn outline(configuration: &Configuration, plan: &Plan) -> Outline {
    let mut outline = configuration.outline();
    let mut secrets = Secrets::new();
    for step in plan.steps() {
        let calls = step.address.modules().iter().map(|step| &*step.name);
        let table = format!("{}.{}", step.address.kind(), step.address.label());
        let attributes = secrets.entry((calls.collect(), table)).or_default();
        for (name, value) in secret_attributes(step) {
            attributes.entry(name).or_default().push(value);
        }
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
            match known {
                Some(attributes) => {
                    let values = attributes.get(&**name);
                    hide_where(written, values.map_or(&[], Vec::as_slice));
                }
                None => hide_value(written),
            }
        }
    }
    for (name, call) in &mut outline.module_calls {
        calls.push(name);
        hide(&mut call.module, calls, secrets);
        calls.pop();
    }
}

/// Hides what is sensitive in one of these values: of a list of tables, only such keys. Tables are
/// not told apart, since they may have changed places.
fn hide_where(written: &mut Written, values: &[&Value]) {
    if !values.iter().any(|value| value.has_sensitive()) {
        return;
    }
    let Written::Blocks(blocks) = written else {
        return hide_value(written);
    };
    let mut tables: Vec<&Map> = Vec::new();
    for value in values {
        let items = value.as_list().map(|items| items.iter().map(Value::as_map));
        match items.and_then(|items| items.collect::<Option<Vec<_>>>()) {
            Some(items) => tables.extend(items),
            None if value.is_null() => {}
            None => return hide_value(written),
        }
    }
    for (key, part) in blocks.iter_mut().flatten() {
        let values: Vec<&Value> = tables
            .iter()
            .filter_map(|table| table.get(&**key))
            .collect();
        hide_where(part, &values);
    }
}

fn hide_value(written: &mut Written) {
    *written = std::mem::take(written).hidden();
}

/// The attributes that are sensitive, or have something sensitive in them, now or before.
fn secret_attributes(step: &Step) -> impl Iterator<Item = (&str, &Value)> {
    let state = step.state.as_deref();
    let known: [Option<&Map>; 3] = [
        step.planned.as_deref(),
        state.map(|state| &*state.applied),
        state.map(|state| &*state.observed),
    ];
    let attributes = known.into_iter().flatten().flat_map(Map::iter);
    let secret = attributes.filter(|(_, value)| Value::has_sensitive(value));
    secret.map(|(name, value)| (&**name, value))
}
