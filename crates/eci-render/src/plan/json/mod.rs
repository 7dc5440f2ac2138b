//! A plan as Terraform's document, which programs read.
//!
//! Every key in it is one of Terraform's, at its place and of its type, but for a few at the top.

mod align;
mod current;

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_config::Outline;
use eci_core::{Address, DigestKey, Map, Subject, Value};
use eci_executor::Cost;
use eci_planner::diff::AttributeChange;
use eci_planner::{Action, Attachable, Detachment, Drift, OutputChange, PartialScope, Plan, Step};
use eci_state::ResourceState;
use jiff::Timestamp;
use serde_json::{Map as Object, Value as Json, json};

use self::align::{AlignedSides, indexed};
use self::current::CurrentAttributes;
use super::cost;
use super::words::{action_reason, actions};
use crate::document::{PROVIDER, TERRAFORM, ValueWriter, identity, sensitive, unknown};

/// The version of Terraform's format that this follows.
const FORMAT: &str = "1.2";

/// The parts from which a document is created.
#[derive(Clone, Copy)]
pub struct DocumentSource<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The time of its creation.
    pub created: Timestamp,
    /// The content of the manifests.
    pub outline: &'a Outline,
    /// The key of the digests in the plan, where it has secrets in clear too.
    pub key: Option<&'a DigestKey>,
    /// The cost of the plan, if it was requested.
    pub cost: Option<&'a Cost>,
}

/// Returns the plan in the form of Terraform's `show -json`, with a `cost` next to it if that was
/// requested. No secret is in it, nor a digest of one.
pub fn json(source: DocumentSource<'_>) -> Json {
    let plan = source.plan;
    let mut document = Document::new(source).json();
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
            "from": mark.lineage().unwrap_or(mark.as_str()),
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
    let detachments = plan.interruptions().flat_map(|step| {
        let detaches = step.detaches.iter();
        detaches.map(|detachment| self::detachment(&step.address, detachment))
    });
    let detachments: Vec<Json> = detachments.collect();
    if !detachments.is_empty() {
        document["detachments"] = Json::Array(detachments);
    }
    let ignored = plan
        .drift()
        .iter()
        .filter(|drift| !drift.ignored.is_empty());
    let ignored: Vec<Json> = ignored.map(ignored_drift).collect();
    if !ignored.is_empty() {
        document["ignored_drift"] = Json::Array(ignored);
    }
    if let Some(cost) = source.cost {
        document["cost"] = cost::json(cost);
    }
    document
}

/// Returns the limits of a partial plan: the options that set them, and the dependents left out.
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

/// A document in the making.
struct Document<'a> {
    source: DocumentSource<'a>,
    current: CurrentAttributes<'a>,
    writer: ValueWriter<'a>,
}

impl<'a> Document<'a> {
    fn new(source: DocumentSource<'a>) -> Document<'a> {
        Document {
            current: CurrentAttributes::new(source.plan),
            writer: source.key.map(ValueWriter::new).unwrap_or_default(),
            source,
        }
    }

    fn json(&self) -> Json {
        let plan = self.source.plan;
        let sides = plan
            .steps()
            .iter()
            .map(|step| (step, self.current.sides(step)));
        let sides: Vec<(&Step, AlignedSides)> = sides.collect();
        let changes = sides
            .iter()
            .map(|(step, sides)| self.resource_change(step, sides));
        let changes: Vec<Json> = changes.collect();
        let outputs = plan.outputs().iter();
        let outputs: Object<String, Json> = outputs
            .map(|change| (change.name.clone(), self.output_change(change)))
            .collect();
        let drift = plan.drift().iter().map(|drift| self.drift(drift));
        json!({
            "format_version": FORMAT,
            "terraform_version": TERRAFORM,
            "eci_version": env!("CARGO_PKG_VERSION"),
            "variables": self.variables(),
            "planned_values": self.planned_values(&sides),
            "resource_changes": changes,
            "resource_drift": drift.collect::<Vec<_>>(),
            "output_changes": outputs,
            "prior_state": self.prior_state(),
            "configuration": self.configuration(),
            "relevant_attributes": self.relevant_attributes(),
            "applyable": plan.has_changes(),
            "complete": plan.partial().is_none(),
            "errored": false,
            "timestamp": format!("{:.0}", self.source.created),
        })
    }

    fn resource_change(&self, step: &Step, sides: &AlignedSides) -> Json {
        let mut fields = identity(&step.address);
        if let Some(from) = &step.moved_from {
            fields.insert("previous_address".into(), json!(from.to_string()));
        }
        let mut change = self.change(actions(step), sides);
        match &step.import {
            Some(id) => {
                change.insert("importing".into(), json!({ "id": id }));
            }
            // Objects that are imported together with a group have no ID.
            None if step.action == Action::Import => {
                change.insert("importing".into(), json!({}));
            }
            None => {}
        }
        if step.action == Action::Replace {
            let paths = step.changes.iter().filter(|change| forces(change));
            let paths: Vec<Json> = paths
                .map(|change| indexed(step.address.kind(), &change.path, sides))
                .collect();
            if !paths.is_empty() {
                change.insert("replace_paths".into(), Json::Array(paths));
            }
        }
        fields.insert("change".into(), Json::Object(change));
        // Another entry has the address, and is about what has taken its place.
        if let (true, Some(id)) = (step.is_of_predecessor(), &step.id) {
            fields.insert("deposed".into(), json!(id));
        }
        if let Some(reason) = action_reason(step, self.source.outline) {
            fields.insert("action_reason".into(), json!(reason));
        }
        Json::Object(fields)
    }

    fn drift(&self, drift: &Drift) -> Json {
        let mut fields = identity(&drift.address);
        let actions: &[&str] = if drift.is_missing {
            &["delete"]
        } else {
            &["update"]
        };
        let change = self.change(actions, &self.current.drifted(drift));
        fields.insert("change".into(), Json::Object(change));
        Json::Object(fields)
    }

    fn change(&self, actions: &[&str], sides: &AlignedSides) -> Object<String, Json> {
        let value = |map: &Option<Arc<Map>>| map.clone().map_or(Value::Null, Value::Map);
        let (before, after) = (value(&sides.before), value(&sides.after));
        let mut fields = Object::new();
        fields.insert("actions".into(), json!(actions));
        fields.insert("before".into(), self.writer.value(&before));
        fields.insert("after".into(), self.writer.value(&after));
        // Nothing is unknown of a deleted object; that, too, is a table.
        let unknown = match after {
            Value::Null => json!({}),
            after => unknown(&after),
        };
        fields.insert("after_unknown".into(), unknown);
        fields.insert("before_sensitive".into(), sensitive(&before));
        let after = sides.after.clone().map_or(Value::Null, Value::Map);
        fields.insert("after_sensitive".into(), sensitive(&after));
        fields
    }

    fn output_change(&self, change: &OutputChange) -> Json {
        let actions: &[&str] = match change {
            change if !change.is_displayed() => &["no-op"],
            change if change.after.is_null() && !change.failed => &["delete"],
            change if change.before.is_null() => &["create"],
            _ => &["update"],
        };
        let is_secret =
            change.sensitive || change.before.has_sensitive() || change.after.has_sensitive();
        let marked = |value: &Value| {
            if is_secret && !value.is_null() {
                value.clone().into_sensitive()
            } else {
                value.clone()
            }
        };
        // One that fails has a value once it can be evaluated.
        let after = if change.failed {
            Value::Unknown
        } else {
            marked(&change.after)
        };
        let mut fields = Object::new();
        fields.insert("actions".into(), json!(actions));
        fields.insert("before".into(), self.writer.value(&marked(&change.before)));
        fields.insert("after".into(), self.writer.value(&after));
        fields.insert("after_unknown".into(), unknown(&after));
        fields.insert("before_sensitive".into(), json!(is_secret));
        fields.insert("after_sensitive".into(), json!(is_secret));
        Json::Object(fields)
    }

    fn planned_values(&self, sides: &[(&Step, AlignedSides)]) -> Json {
        let resources = sides
            .iter()
            .filter_map(|(step, sides)| Some((&step.address, sides.after.as_deref()?, None)));
        let outputs = self.source.plan.outputs().iter();
        let outputs = outputs.filter(|change| !change.after.is_null());
        let outputs: Object<String, Json> = outputs
            .map(|change| {
                let output = self.writer.output(&change.after, change.sensitive);
                (change.name.clone(), output)
            })
            .collect();
        json!({ "outputs": outputs, "root_module": self.writer.module_tree(resources) })
    }

    fn prior_state(&self) -> Json {
        let resources = self.current.resources();
        let resources = resources.iter().map(|(step, map)| {
            let state: Option<&ResourceState> = step.state.as_deref();
            (&step.address, &**map, state)
        });
        let outputs = self.source.plan.outputs().iter();
        let outputs = outputs.filter(|change| !change.before.is_null());
        let outputs: Object<String, Json> = outputs
            .map(|change| {
                let output = self.writer.output(&change.before, change.sensitive);
                (change.name.clone(), output)
            })
            .collect();
        json!({
            "format_version": "1.0",
            "terraform_version": TERRAFORM,
            "values": {
                "outputs": outputs,
                "root_module": self.writer.module_tree(resources),
            },
        })
    }

    /// Returns the values of variables; of a secret, a placeholder.
    fn variables(&self) -> Json {
        let variables = self.source.plan.variables().iter();
        let values = variables.map(|(name, value)| {
            (
                name.to_string(),
                json!({ "value": self.writer.value(value) }),
            )
        });
        Json::Object(values.collect())
    }

    /// Returns the content of the manifests.
    fn configuration(&self) -> Json {
        json!({
            "provider_config": { "ctyun": { "name": "ctyun", "full_name": PROVIDER } },
            "root_module": self.source.outline,
        })
    }

    /// Returns the drift that led to changes.
    fn relevant_attributes(&self) -> Vec<Json> {
        let plan = self.source.plan;
        let mut relevant = Vec::new();
        let changing = plan.steps().iter().filter(|step| step.action.is_change());
        let changing: BTreeMap<&Address, &Step> =
            changing.map(|step| (&step.address, step)).collect();
        for drift in plan.drift() {
            let Some(step) = changing.get(&drift.address) else {
                continue;
            };
            let led = |observed: &&AttributeChange| {
                step.changes
                    .iter()
                    .any(|change| change.path == observed.path)
            };
            let sides = self.current.drifted(drift);
            relevant.extend(drift.changes.iter().filter(led).map(|observed| {
                json!({
                    "resource": drift.address.to_string(),
                    "attribute": indexed(drift.address.kind(), &observed.path, &sides),
                })
            }));
        }
        relevant
    }
}

fn forces(change: &AttributeChange) -> bool {
    change.change == eci_core::schema::Change::Replace
}

/// Returns the object that a group is detached from for a time; Terraform has no word for it.
fn detachment(group: &Address, detachment: &Detachment) -> Json {
    let kind = match &detachment.object {
        Attachable::Eip(_) => "eip",
        Attachable::Disk(_) => "disk",
    };
    let mut document = json!({
        "from": group.to_string(),
        "kind": kind,
        "id": detachment.object.id(),
        "for": detachment.taker.to_string(),
    });
    if let Some(resource) = &detachment.resource {
        document["address"] = json!(resource.to_string());
    }
    if !detachment.volumes.is_empty() {
        document["volumes"] = json!(detachment.volumes);
    }
    document
}

/// Returns the attributes of a resource whose drift is ignored, and whether that is all its drift.
fn ignored_drift(drift: &Drift) -> Json {
    let paths = drift.ignored.iter().map(|change| change.path.to_string());
    json!({
        "address": drift.address.to_string(),
        "attributes": paths.collect::<Vec<_>>(),
        "only": !drift.matters(),
    })
}
