//! A plan as Terraform's document, which programs read.

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::path::Step as PathStep;
use eci_core::{Address, Map, Path, Subject, Value};
use eci_executor::Cost;
use eci_planner::diff::AttributeChange;
use eci_planner::{
    Action, Attachable, Detachment, Drift, OutputChange, PartialScope, Plan, Reason, Step,
    completed,
};
use serde_json::{Map as Object, Value as Json, json};

use super::cost;
use crate::render::document::{PROVIDER, identity, module_tree, output, plain, sensitive, unknown};

/// The version of Terraform's format that this follows.
const FORMAT: &str = "1.2";

/// The plan in the form of Terraform's `show -json`, with a `cost` beside it if that was asked.
/// No secret is in it, nor a digest of one.
pub fn json(plan: &Plan, cost: Option<&Cost>) -> Json {
    let mut document = document(plan);
    let waiting: Vec<String> = plan
        .waiting()
        .map(|step| step.address.to_string())
        .collect();
    if !waiting.is_empty() {
        document["waiting"] = json!(waiting);
    }
    let taken_over = plan.steps().iter().filter_map(|step| {
        let mark = step.taken_over()?;
        Some(json!({
            "address": step.address.to_string(),
            "id": step.import,
            "from": mark.lineage(),
        }))
    });
    let taken_over: Vec<Json> = taken_over.collect();
    if !taken_over.is_empty() {
        document["taken_over"] = json!(taken_over);
    }
    if !plan.protections().is_empty() {
        let protections = plan.protections().iter().map(|protection| {
            json!({
                "address": protection.address.to_string(),
                "prevent_destroy": protection.prevent_destroy,
            })
        });
        document["protections"] = protections.collect();
    }
    if let Some(scope) = plan.partial() {
        document["partial"] = partial(plan, scope);
    }
    if let Some(cost) = cost {
        document["cost"] = cost::json(cost);
    }
    document
}

/// The limits of a partial plan: the options that set them, and the dependents left out.
fn partial(plan: &Plan, scope: &PartialScope) -> Json {
    let subjects = |subjects: &[Subject]| -> Vec<String> {
        subjects.iter().map(ToString::to_string).collect()
    };
    let omitted = scope.omitted_dependents.iter().map(|omitted| {
        json!({
            "address": omitted.address.to_string(),
            "depends_on": omitted.depends_on.to_string(),
        })
    });
    json!({
        "targets": subjects(&plan.options().targets),
        "exclude": subjects(&plan.options().exclude),
        "omitted_dependents": omitted.collect::<Vec<_>>(),
    })
}

fn document(plan: &Plan) -> Json {
    let current = Current::new(plan);
    let changes = plan
        .steps()
        .iter()
        .map(|step| current.resource_change(step));
    let outputs = plan.outputs().iter();
    let outputs: Object<String, Json> = outputs
        .map(|change| (change.name.clone(), output_change(change)))
        .collect();
    json!({
        "format_version": FORMAT,
        "eci_version": env!("CARGO_PKG_VERSION"),
        "variables": variables(plan),
        "planned_values": planned_values(plan),
        "resource_changes": changes.collect::<Vec<_>>(),
        "resource_drift": plan.drift().iter().map(|drift| current.drift(drift)).collect::<Vec<_>>(),
        "output_changes": outputs,
        "prior_state": current.prior_state(plan),
        "configuration": configuration(plan),
        "relevant_attributes": relevant_attributes(plan),
        "applyable": !plan.is_empty() || plan.waiting().next().is_some(),
        "complete": plan.partial().is_none(),
        "errored": false,
    })
}

/// What each resource is now.
struct Current<'a> {
    steps: BTreeMap<&'a Address, &'a Step>,
    observed: BTreeMap<&'a Address, &'a Map>,
    drift: BTreeMap<&'a Address, &'a Drift>,
}

impl<'a> Current<'a> {
    fn new(plan: &'a Plan) -> Current<'a> {
        let refreshed = plan.refreshed().iter();
        Current {
            steps: plan
                .steps()
                .iter()
                .filter(|step| !step.is_of_predecessor())
                .map(|step| (&step.address, step))
                .collect(),
            observed: refreshed
                .map(|seen| (&seen.address, &*seen.observed))
                .collect(),
            drift: plan
                .drift()
                .iter()
                .map(|drift| (&drift.address, drift))
                .collect(),
        }
    }

    /// What the state says, before the cloud was asked.
    fn recorded(&self, step: &Step) -> Option<Arc<Map>> {
        let state = step.state.as_deref()?;
        Some(completed(
            step.address.kind(),
            &state.applied,
            &state.observed,
        ))
    }

    /// What is there now: what was asked for, with what the cloud chose, and what differs.
    fn current(&self, step: &Step) -> Option<Arc<Map>> {
        let state = step.state.as_deref()?;
        let observed = self
            .observed
            .get(&step.address)
            .copied()
            .unwrap_or(&state.observed);
        let mut current = completed(step.address.kind(), &state.applied, observed);
        let Some(drift) = self.drift.get(&step.address) else {
            return Some(current);
        };
        if drift.gone {
            return None;
        }
        let attributes = Arc::make_mut(&mut current);
        for change in drift.changes.iter().chain(&drift.ignored) {
            let Some(name) = change.path.attribute() else {
                continue;
            };
            // What has an EIP is reported by the EIP, and not among what its group reports.
            let whole = (change.path.0.len() == 1).then_some(&change.after);
            match observed.get(name).or(whole) {
                Some(value) if !value.is_null() => attributes.insert(name.into(), value.clone()),
                _ => attributes.remove(name),
            };
        }
        Some(current)
    }

    fn resource_change(&self, step: &Step) -> Json {
        let mut fields = identity(&step.address);
        if let Some(from) = &step.moved_from {
            fields.insert("previous_address".into(), json!(from.to_string()));
        }
        let before = match step.action {
            Action::Create => None,
            Action::Delete if step.is_of_predecessor() => None,
            Action::Delete | Action::Forget => self.current(step).or_else(|| self.recorded(step)),
            Action::NoOp | Action::Update | Action::Replace | Action::Import | Action::Move => {
                self.current(step)
            }
        };
        let after = match step.action {
            Action::Delete | Action::Forget => None,
            _ => step.planned.clone(),
        };
        let mut change = change(actions(step), before, after);
        match &step.import {
            Some(id) => {
                change.insert("importing".into(), json!({ "id": id }));
            }
            // What comes along with a group has no ID.
            None if step.action == Action::Import => {
                change.insert("importing".into(), json!({}));
            }
            None => {}
        }
        if step.action == Action::Replace {
            let paths = step.changes.iter().filter(|change| forces(change));
            let paths: Vec<Json> = paths.map(|change| path(&change.path)).collect();
            if !paths.is_empty() {
                change.insert("replace_paths".into(), Json::Array(paths));
            }
        }
        fields.insert("change".into(), Json::Object(change));
        if !step.detaches.is_empty() {
            let detaches = step.detaches.iter().map(detachment);
            fields.insert("detaches".into(), detaches.collect());
        }
        // Another entry has the address, and is about what has taken its place.
        if let (true, Some(id)) = (step.is_of_predecessor(), &step.id) {
            fields.insert("deposed".into(), json!(id));
        }
        if let Some(reason) = step.reason.as_ref().and_then(action_reason) {
            fields.insert("action_reason".into(), json!(reason));
        }
        Json::Object(fields)
    }

    fn drift(&self, drift: &Drift) -> Json {
        let mut fields = identity(&drift.address);
        let step = self.steps.get(&drift.address).copied();
        let before = step.and_then(|step| self.recorded(step));
        let change = match drift.gone {
            true => change(&["delete"], before, None),
            false => change(
                &["update"],
                before,
                step.and_then(|step| self.current(step)),
            ),
        };
        fields.insert("change".into(), Json::Object(change));
        if !drift.ignored.is_empty() {
            let paths = drift.ignored.iter().map(|change| path(&change.path));
            fields.insert("ignored".into(), json!(!drift.matters()));
            fields.insert("ignored_paths".into(), Json::Array(paths.collect()));
        }
        Json::Object(fields)
    }

    fn prior_state(&self, plan: &Plan) -> Json {
        let resources: Vec<(&Address, Arc<Map>)> = self
            .steps
            .values()
            .filter_map(|step| Some((&step.address, self.current(step)?)))
            .collect();
        let outputs = plan
            .outputs()
            .iter()
            .filter(|change| !change.before.is_null());
        let outputs: Object<String, Json> = outputs
            .map(|change| {
                (
                    change.name.clone(),
                    output(&change.before, change.sensitive),
                )
            })
            .collect();
        json!({
            "format_version": "1.0",
            "values": {
                "outputs": outputs,
                "root_module": module_tree(resources.iter().map(|(address, map)| (*address, &**map))),
            },
        })
    }
}

/// What a group is without for a time; this is ours, Terraform has no word for it.
fn detachment(detachment: &Detachment) -> Json {
    let kind = match &detachment.object {
        Attachable::Eip(_) => "eip",
        Attachable::Disk(_) => "disk",
    };
    let mut document = json!({
        "kind": kind,
        "id": detachment.object.id(),
        "for": detachment.taker.to_string(),
    });
    if let Some(resource) = &detachment.resource {
        document["address"] = json!(resource.to_string());
    }
    document
}

/// Terraform's words. A resource that is taken over or moved and stays as it is is a no-op to
/// it, beside which `importing` or `previous_address` stands.
fn actions(step: &Step) -> &'static [&'static str] {
    words(step.action, step.create_first)
}

pub(super) fn words(action: Action, create_first: bool) -> &'static [&'static str] {
    match action {
        Action::NoOp | Action::Import | Action::Move => &["no-op"],
        Action::Create => &["create"],
        Action::Update => &["update"],
        Action::Replace if create_first => &["create", "delete"],
        Action::Replace => &["delete", "create"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

/// Terraform's word for the reason, where it has one.
fn action_reason(reason: &Reason) -> Option<&'static str> {
    match reason {
        Reason::Tainted => Some("replace_because_tainted"),
        Reason::CannotChange { .. } => Some("replace_because_cannot_update"),
        Reason::Triggered { .. } => Some("replace_by_triggers"),
        Reason::Requested => Some("replace_by_request"),
        Reason::NotConfigured => Some("delete_because_no_resource_config"),
        // These are ours: a consumer must take words that it does not know.
        Reason::Ended { .. } => Some("replace_because_ended"),
        Reason::Gone => Some("create_because_gone"),
        Reason::LosesDisk { .. } => Some("replace_because_disk_is_replaced"),
        Reason::OtherForm => Some("replace_because_other_form"),
        Reason::Untagged => Some("update_because_untagged"),
        Reason::New
        | Reason::Changed
        | Reason::Drifted
        | Reason::Uncertain
        | Reason::Replaced
        | Reason::Resumed
        | Reason::Destroy
        | Reason::Imported
        | Reason::Moved
        | Reason::Removed => None,
    }
}

fn change(
    actions: &[&str],
    before: Option<Arc<Map>>,
    after: Option<Arc<Map>>,
) -> Object<String, Json> {
    let value = |map: Option<Arc<Map>>| map.map_or(Value::Null, Value::Map);
    change_of(actions, &value(before), &value(after))
}

fn change_of(actions: &[&str], before: &Value, after: &Value) -> Object<String, Json> {
    let mut fields = Object::new();
    fields.insert("actions".into(), json!(actions));
    fields.insert("before".into(), plain(before));
    fields.insert("after".into(), plain(after));
    fields.insert("after_unknown".into(), unknown(after));
    fields.insert("before_sensitive".into(), sensitive(before));
    fields.insert("after_sensitive".into(), sensitive(after));
    fields
}

fn output_change(change: &OutputChange) -> Json {
    let actions: &[&str] = match change {
        change if !change.changed => &["no-op"],
        change if change.after.is_null() => &["delete"],
        change if change.before.is_null() => &["create"],
        _ => &["update"],
    };
    let marked = |value: &Value| match change.sensitive && !value.is_null() {
        true => value.clone().into_sensitive(),
        false => value.clone(),
    };
    Json::Object(change_of(
        actions,
        &marked(&change.before),
        &marked(&change.after),
    ))
}

fn planned_values(plan: &Plan) -> Json {
    let resources = plan.steps().iter();
    let resources = resources.filter_map(|step| Some((&step.address, step.planned.as_deref()?)));
    let outputs = plan
        .outputs()
        .iter()
        .filter(|change| !change.after.is_null());
    let outputs: Object<String, Json> = outputs
        .map(|change| (change.name.clone(), output(&change.after, change.sensitive)))
        .collect();
    json!({ "outputs": outputs, "root_module": module_tree(resources) })
}

/// The values of variables; a secret is not among them.
fn variables(plan: &Plan) -> Json {
    let variables = plan.variables().iter();
    let values =
        variables.map(|(name, value)| (name.to_string(), json!({ "value": plain(value) })));
    Json::Object(values.collect())
}

/// What stands in the manifests: which resources, where, and what they refer to.
fn configuration(plan: &Plan) -> Json {
    let resources = plan.steps().iter().filter_map(|step| {
        let place = step.place.as_ref()?;
        let references = step.needs.iter().map(ToString::to_string);
        let mut fields = identity(&step.address);
        fields.remove("index");
        fields.remove("provider_name");
        fields.insert("provider_config_key".into(), json!("ctyun"));
        fields.insert("depends_on".into(), json!(references.collect::<Vec<_>>()));
        fields.insert("place".into(), json!(place.to_string()));
        Some(Json::Object(fields))
    });
    let outputs = plan.outputs().iter().filter_map(|change| {
        let output = change.output.as_deref()?;
        let references = output.references.iter().map(ToString::to_string);
        let document = json!({
            "sensitive": output.sensitive,
            "description": output.description,
            "expression": { "references": references.collect::<Vec<_>>() },
        });
        Some((output.name.clone(), document))
    });
    let declared = plan.variables().iter().map(|(name, value)| {
        let document = match value.has_sensitive() {
            true => json!({ "sensitive": true }),
            false => json!({}),
        };
        (name.to_string(), document)
    });
    json!({
        "provider_config": { "ctyun": { "name": "ctyun", "full_name": PROVIDER } },
        "root_module": {
            "resources": resources.collect::<Vec<_>>(),
            "outputs": outputs.collect::<Object<String, Json>>(),
            "variables": declared.collect::<Object<String, Json>>(),
        },
    })
}

/// The drift that led to changes.
fn relevant_attributes(plan: &Plan) -> Vec<Json> {
    let mut relevant = Vec::new();
    let changing = plan.steps().iter().filter(|step| step.action.is_change());
    let changing: BTreeMap<&Address, &Step> = changing.map(|step| (&step.address, step)).collect();
    for drift in plan.drift() {
        let Some(step) = changing.get(&drift.address) else {
            continue;
        };
        let led =
            |seen: &&AttributeChange| step.changes.iter().any(|change| change.path == seen.path);
        relevant.extend(drift.changes.iter().filter(led).map(
            |seen| json!({ "resource": drift.address.to_string(), "attribute": path(&seen.path) }),
        ));
    }
    relevant
}

fn forces(change: &AttributeChange) -> bool {
    change.change == eci_core::schema::Change::Replace
}

/// The steps of a path; an element of a list goes by what tells it apart.
fn path(path: &Path) -> Json {
    let steps = path.0.iter().map(|step| match step {
        PathStep::Name(name) | PathStep::Key(name) => json!(&**name),
        PathStep::Index(index) => json!(index),
    });
    Json::Array(steps.collect())
}
