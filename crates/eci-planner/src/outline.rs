//! The content of the manifests without what the plan hides, for all who may read a plan.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eci_config::{Configuration, Outline, OutlineValue};
use eci_core::{DigestKey, Map, Redactor, Value};

use crate::mask::Marks;
use crate::model::Plan;
use crate::step::Step;

/// The values of attributes that have secrets in them, of each resource table, by the calls that
/// lead to its module and its name there.
type TableSecrets<'a> = HashMap<(Vec<String>, String), BTreeMap<&'a str, Vec<&'a Value>>>;

/// The marks of what was sensitive go by places, for which no digest is compared.
static NO_KEY: LazyLock<DigestKey> = LazyLock::new(|| DigestKey::new([0; 32]));

/// Returns the outline of a configuration without the constants of what is sensitive in a plan of
/// it, or was so before: a secret of the plan is nowhere in clear.
pub fn outline(configuration: &Configuration, plan: &Plan) -> Outline {
    let mut outline = configuration.outline();
    let mut secrets = TableSecrets::new();
    for step in plan.steps() {
        let calls = step
            .address
            .modules()
            .iter()
            .map(|step| step.name.to_string());
        let table = format!("{}.{}", step.address.kind(), step.address.label());
        let attributes = secrets.entry((calls.collect(), table)).or_default();
        for (name, value) in secret_attributes(step) {
            attributes.entry(name).or_default().push(value);
        }
    }
    if !hide(&mut outline, &mut Vec::new(), &secrets) {
        hide_defaults(&mut outline);
    }
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
    let sensitive = sensitive_in(plan);
    let secrets = Redactor::new(&NO_KEY, sensitive.iter().map(|map| &**map));
    let texts = Texts::of(&sensitive);
    outline.hide_constants(&|text| secrets.is_quoted_in(text) || texts.have(text));
    outline
}

/// The texts of secrets, to be searched for the constants that they are put together from.
struct Texts {
    all: String,
    /// The number of bytes that may still be searched; beyond that, every constant counts as a
    /// part.
    left: Cell<usize>,
}

/// A shorter constant is found in too many secrets by chance.
const LEAST_PART: usize = 4;

/// The most bytes that are searched: about half a second.
const MOST_SEARCHED: usize = 1 << 29;

impl Texts {
    fn of(maps: &[Arc<Map>]) -> Texts {
        let mut texts = BTreeSet::new();
        let values = maps.iter().flat_map(|map| map.values());
        values.for_each(|value| add_texts(value, false, &mut texts));
        Texts {
            all: texts.into_iter().collect::<Vec<_>>().join("\0"),
            left: Cell::new(MOST_SEARCHED),
        }
    }

    /// Returns whether a text is a part of a secret.
    fn have(&self, text: &str) -> bool {
        if text.len() < LEAST_PART || self.all.is_empty() {
            return false;
        }
        let Some(left) = self.left.get().checked_sub(self.all.len()) else {
            return true;
        };
        self.left.set(left);
        self.all.contains(text)
    }
}

/// Adds the texts of what is sensitive; files are put together before they are encoded.
fn add_texts(value: &Value, sensitive: bool, texts: &mut BTreeSet<String>) {
    let (value, marked) = value.reveal();
    let sensitive = sensitive || marked;
    match value {
        Value::String(text) if sensitive => {
            let decoded = STANDARD.decode(&**text).ok();
            texts.extend(decoded.and_then(|bytes| String::from_utf8(bytes).ok()));
            texts.insert(text.to_string());
        }
        Value::List(items) => {
            for item in items.iter() {
                add_texts(item, sensitive, texts);
            }
        }
        Value::Map(entries) => {
            for item in entries.values() {
                add_texts(item, sensitive, texts);
            }
        }
        _ => {}
    }
}

/// Returns all attributes of a plan with sensitive values: an input of a module, or the default of
/// a variable, may be a secret only by its use.
fn sensitive_in(plan: &Plan) -> Vec<Arc<Map>> {
    let mut maps: Vec<Arc<Map>> = plan.steps().iter().filter_map(planned).collect();
    let outputs = plan.outputs().iter();
    let outputs = outputs.flat_map(|change| [&change.before, &change.after]);
    let variables = plan.variables().values();
    let others = outputs.chain(variables).cloned();
    let others = others
        .enumerate()
        .map(|(at, value)| (at.to_string().into(), value));
    maps.push(Arc::new(others.collect()));
    maps
}

/// Returns the planned attributes of a resource, with everything marked that is sensitive or was so
/// before.
fn planned(step: &Step) -> Option<Arc<Map>> {
    let planned = step.planned.as_ref()?;
    let (Some(state), Some(desired)) = (&step.state, &step.desired) else {
        return Some(Arc::clone(planned));
    };
    let object = step.address.kind().schema();
    Some(Marks::to_show(object, &NO_KEY, desired, state).mark(planned))
}

/// Hides what is secret in a module and those that it calls; everything of a resource that the plan
/// does not cover, since its secrets are unknown. Returns whether the plan covers all of them;
/// otherwise it is also unknown which inputs are secret.
fn hide(outline: &mut Outline, calls: &mut Vec<String>, secrets: &TableSecrets<'_>) -> bool {
    let mut knows_all = true;
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
        knows_all &= known.is_some();
    }
    for (name, call) in &mut outline.module_calls {
        calls.push(name.clone());
        let knows_module = hide(&mut call.module, calls, secrets);
        calls.pop();
        if !knows_module {
            call.expressions.values_mut().for_each(hide_value);
            hide_defaults(&mut call.module);
        }
        knows_all &= knows_module;
    }
    knows_all
}

fn hide_defaults(outline: &mut Outline) {
    for variable in outline.variables.values_mut() {
        variable.default = None;
    }
}

/// Hides what is sensitive in one of these values: of a list of tables, only such keys.
///
/// All tables are treated alike, since they may have changed places.
fn hide_where(written: &mut OutlineValue, values: &[&Value]) {
    if !values.iter().any(|value| value.has_sensitive()) {
        return;
    }
    let OutlineValue::Blocks(blocks) = written else {
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

fn hide_value(written: &mut OutlineValue) {
    *written = std::mem::take(written).hidden();
}

/// Returns the attributes that are or contain sensitive values, now or before.
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
