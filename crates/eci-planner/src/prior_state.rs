//! The state of resources that are imported: their last-applied values before the first apply.

use std::collections::HashMap;
use std::sync::Arc;

use eci_config::Resource;
use eci_core::kinds::is_standalone;
use eci_core::path::identity_of;
use eci_core::schema::{Availability, Field, Link, Literal, Object, Type};
use eci_core::value::SENSITIVE;
use eci_core::{Address, Diagnostic, DigestKey, Kind, Map, OperationTag, Path, Value, codes};
use eci_state::ResourceState;
use eci_text::{Spaced, Text, text};

use crate::action::{Action, Reason};
use crate::assumptions::ReportedPart;
use crate::bindings::with_eip;
use crate::diff::{DiffScope, Sides, diff};
use crate::mask::Marks;
use crate::observed::OwnerMark;
use crate::protection::{self, holds_data};
use crate::resource_input::ResourceInput;
use crate::step::Step;

/// Returns the state of an imported resource.
///
/// Its last-applied values are the reported ones. An attribute that the cloud does not report has
/// the desired value, unless it can be sent again in place: then it is left out, so that an update
/// sends it.
pub(crate) fn imported(input: &ResourceInput<'_>, id: &str, reported: &Arc<Map>) -> ResourceState {
    let kind = input.resource.address.kind();
    let object = kind.schema();
    let place = reported_by(kind);
    let desired = input.key.redact_all(&input.desired);
    let mut state = ResourceState {
        sensitive: input.formerly_sensitive.clone(),
        ..ResourceState::default()
    };
    let marks = Marks::to_record(object, input.key, &input.desired, &state);
    let reported = marks.seal(&Arc::new(with_eip(reported, &input.imported_eip.value)));
    let properties = kind.properties();
    let mut applied = prior_state(ReportedPart::whole(kind), &desired, &reported);
    applied.retain(|name, _| {
        let field = object.fields.iter().find(|field| field.name == &**name);
        // Values that the cloud chose were not requested, and the ID of an EIP only names an
        // existing one.
        field.is_some_and(|field| match field.presence {
            _ if properties.uses_service_paths
                && place(field).is_some()
                && field.service_request_path.is_none() =>
            {
                false
            }
            Availability::Computed => false,
            Availability::OptionalComputed => desired.contains_key(name),
            Availability::Required | Availability::Optional => true,
        })
    });
    // A value that is unknown was not requested: the next plan sends it once it is known.
    let mut applied = without_unknown(&applied);
    if properties.holds_attachments {
        applied = with_eip(&applied, reported.get("eip").unwrap_or(&Value::Null));
    }
    // A disk carries a label that no call changes, and an EIP nothing (API reference).
    let is_ours = |mark: &&OwnerMark| mark.is_of(input.lineage);
    let ours = input.mark.filter(is_ours);
    // Only an import that says so comes as far as this with the mark of another state.
    let other = input.mark.filter(|mark| !is_ours(mark));
    let operation = ours.filter(|_| properties.is_tagged());
    let operation = operation.map(|mark| OperationTag::from_recorded(mark.as_str()));
    let lifecycle = &input.resource.lifecycle;
    let prevent_destroy = protection::after(lifecycle, None, holds_data(kind, &applied));
    state = ResourceState {
        id: Some(id.to_owned()),
        applied: Arc::new(applied),
        observed: Arc::new(reported_only(object, &reported, place)),
        dependencies: input.dependencies.clone(),
        prevent_destroy,
        tag_pending: properties.is_tagged() && operation.is_none(),
        taken_over: other.map(|mark| mark.as_str().to_owned()),
        operation,
        ..ResourceState::default()
    };
    state.remember(input.formerly_sensitive.clone(), kind);
    state
}

/// Returns the attributes without any part that is not known, nor what has no other part.
fn without_unknown(attributes: &Map) -> Map {
    let known = attributes.iter().filter_map(|(name, value)| {
        let value = known_part(value)?;
        Some((name.clone(), value))
    });
    known.collect()
}

fn known_part(value: &Value) -> Option<Value> {
    match value {
        value if !value.has_unknown() => Some(value.clone()),
        Value::Map(entries) => {
            let known = without_unknown(entries);
            (!known.is_empty()).then(|| Value::map(known))
        }
        Value::List(items) => {
            let known: Vec<Value> = items.iter().filter_map(known_part).collect();
            (!known.is_empty()).then(|| Value::list(known))
        }
        _ => None,
    }
}

/// A lookup of a field's place in the cloud's reports; `None` if the field is not reported.
type ReportPath = fn(&Field) -> Option<&'static str>;

/// Returns where the fields of a kind are in the reports of its service.
fn reported_by(kind: Kind) -> ReportPath {
    if kind.properties().uses_service_paths {
        |field| field.service_response_path
    } else {
        within
    }
}

fn within(field: &Field) -> Option<&'static str> {
    field.response_path
}

/// Returns the observed attributes, with the desired ones where nothing is observed and nothing is
/// sent again.
fn prior_state(part: ReportedPart, desired: &Map, reported: &Map) -> Map {
    let place = if part.is_standalone {
        |field: &Field| field.service_response_path
    } else {
        within
    };
    let mut whole = reported_only(part.object, reported, place);
    for (name, value) in desired {
        let Some(field) = part.object.field(name, desired) else {
            continue;
        };
        let value = match (place(field), reported.get(name)) {
            (None, _) if part.is_sent(field) => continue,
            (None, _) => value.clone(),
            (Some(_), Some(reported)) => believed_value(part, field, value, reported),
            // A value that the cloud chooses in any case and does not report.
            (Some(_), None) if field.presence == Availability::OptionalComputed => value.clone(),
            (Some(_), None) => continue,
        };
        whole.insert(name.clone(), value);
    }
    whole
}

/// Returns the observed attributes without those that were inferred and not reported.
fn reported_only(object: &'static Object, reported: &Map, place: ReportPath) -> Map {
    let mut result = Map::new();
    for (name, value) in reported {
        let value = match object.field(name, reported) {
            Some(field) if place(field).is_none() => continue,
            Some(Field {
                ty: Type::Object(object),
                diff_nested: true,
                ..
            }) => match value {
                Value::Map(parts) => Value::map(self::reported_only(object, parts, within)),
                other => other.clone(),
            },
            _ => value.clone(),
        };
        result.insert(name.clone(), value);
    }
    result
}

/// Returns warnings about attributes that the cloud does not report, where what it does report
/// implies another value than the manifest.
///
/// Nothing sends these again, so that the difference would remain unnoticed.
pub(crate) fn contradictions(
    resource: &Resource,
    desired: &Map,
    reported: &Map,
) -> Vec<Diagnostic> {
    let kind = resource.address.kind();
    // Only an order has terms that no report repeats.
    if !kind.properties().is_ordered {
        return Vec::new();
    }
    let mut found = Vec::new();
    let whole = Declaration {
        object: kind.schema(),
        desired,
        reported,
    };
    collect_contradictions(whole, &Path::root(), reported_by(kind), &mut found);
    let reported = found.into_iter().map(|contradiction| {
        let Contradiction { path, desired, reported } = contradiction;
        let message = text!(
            en: "the manifest sets `{path}` of {address} to {desired}, but the cloud reports {reported}",
            zh: "清单将 {address} 的 `{path}` 设置为{desired}，而云端返回{reported}",
            path = path,
            address = resource.address,
            desired = Spaced(shown(&desired)),
            reported = Spaced(shown(&reported))
        );
        Diagnostic::new(codes::INFERRED, message)
            .primary(resource.span_of(&path), Text::default())
            .help(text!(
                en: "correct the manifest if it is wrong: the state records the value in the manifest",
                zh: "如果清单有误则更正：状态将记录清单中的值"
            ))
    });
    reported.collect()
}

/// A table of a manifest, and what was observed of it.
#[derive(Clone, Copy)]
struct Declaration<'a> {
    object: &'static Object,
    desired: &'a Map,
    reported: &'a Map,
}

/// An attribute whose declared value differs from the observed one.
struct Contradiction {
    path: Path,
    desired: Value,
    reported: Value,
}

fn shown(value: &Value) -> Text {
    match value {
        Value::Sensitive(_) | Value::Digest(_) => Text::fixed(SENSITIVE, "（敏感值）"),
        Value::String(text) => Text::verbatim(format!("`{text:?}`")),
        Value::Bool(truth) => Text::verbatim(format!("`{truth}`")),
        _ => text!(en: "another value", zh: "其他值"),
    }
}

fn collect_contradictions(
    declaration: Declaration<'_>,
    path: &Path,
    place: ReportPath,
    found: &mut Vec<Contradiction>,
) {
    let Declaration {
        object,
        desired,
        reported,
    } = declaration;
    for field in object.fields.iter().filter(|it| it.applies_to(desired)) {
        let path = path.name(field.name);
        let implied = || field.api_default.map(Literal::value);
        let value = desired.get(field.name).cloned().or_else(implied);
        match (&field.ty, value, reported.get(field.name)) {
            (Type::Object(object), Some(Value::Map(desired)), Some(Value::Map(reported))) => {
                let part = Declaration {
                    object,
                    desired: &desired,
                    reported,
                };
                collect_contradictions(part, &path, within, found);
            }
            // A term grows with every renewal.
            (Type::Integer(..), ..) => {}
            (_, Some(desired), Some(reported))
                if place(field).is_none() && desired != *reported && !desired.has_unknown() =>
            {
                found.push(Contradiction {
                    path,
                    desired,
                    reported: reported.clone(),
                });
            }
            _ => {}
        }
    }
}

fn believed_value(part: ReportedPart, field: &Field, desired: &Value, reported: &Value) -> Value {
    match (&field.ty, desired, reported) {
        (Type::Object(object), Value::Map(desired), Value::Map(reported)) => {
            Value::map(prior_state(part.within(field, object), desired, reported))
        }
        (Type::Ref(kind, Link::Attributes), Value::Map(desired), Value::Map(reported)) => {
            Value::map(prior_state(
                part.within(field, kind.schema()),
                desired,
                reported,
            ))
        }
        (Type::Objects(object, keys), Value::List(desired), Value::List(reported)) => {
            believed_list(part.within(field, object), keys, desired, reported)
        }
        (
            Type::List(Type::Ref(kind, Link::Attributes)),
            Value::List(desired),
            Value::List(reported),
        ) => believed_list(
            part.within(field, kind.schema()),
            &["name"],
            desired,
            reported,
        ),
        _ => reported.clone(),
    }
}

fn believed_list(
    part: ReportedPart,
    keys: &[&str],
    desired: &[Value],
    reported: &[Value],
) -> Value {
    let twin = |item: &Value| {
        let identity = identity_of(item, keys)?;
        let mut desired = desired.iter();
        desired.find(|desired| identity_of(desired, keys).as_ref() == Some(&identity))
    };
    let items = reported.iter().map(|item| match (twin(item), item) {
        (Some(Value::Map(desired)), Value::Map(reported)) => {
            Value::map(prior_state(part, desired, reported))
        }
        _ => item.clone(),
    });
    Value::list(items.collect())
}

/// Imports attached resources together with their groups, if all groups that refer to them are
/// imported and have them as the manifest says.
pub(crate) fn import_embedded(steps: &mut [Step], key: &DigestKey) {
    if steps.iter().all(|step| step.import.is_none()) {
        return;
    }
    let inside = |step: &Step| {
        let desired = step.desired.as_deref();
        step.action == Action::Create
            && desired.is_some_and(|desired| !is_standalone(step.address.kind(), desired))
    };
    let groups = groups(steps);
    let adopted: Vec<usize> = (0..steps.len())
        .filter(|at| {
            let groups = groups.get(&steps[*at].address);
            inside(&steps[*at])
                && can_import_with_groups(&steps[*at], groups.map_or(&[], Vec::as_slice), key)
        })
        .collect();
    for at in adopted {
        let step = &mut steps[at];
        let Some(desired) = &step.desired else {
            continue;
        };
        step.state = Some(Arc::new(ResourceState {
            applied: key.redact_all(desired),
            dependencies: step.dependencies.clone(),
            prevent_destroy: step.protection_after(),
            ..ResourceState::default()
        }));
        step.action = Action::Import;
        step.reason = Some(Reason::Imported);
    }
}

/// Returns the groups that have each resource in them.
fn groups(steps: &[Step]) -> HashMap<&Address, Vec<&Step>> {
    let mut groups: HashMap<&Address, Vec<&Step>> = HashMap::new();
    for step in steps {
        let links = step.resource.iter().flat_map(|resource| &resource.links);
        for part in links {
            groups.entry(part).or_default().push(step);
        }
    }
    groups
}

fn can_import_with_groups(part: &Step, groups: &[&Step], key: &DigestKey) -> bool {
    // What is only sent again because the cloud does not report it was there before.
    let differs = |group: &Step| {
        let (Some(state), Some(desired)) = (&group.state, &group.desired) else {
            return true;
        };
        let object = group.address.kind().schema();
        let mut reported = diff(
            object,
            key,
            Sides {
                before: &state.applied,
                after: desired,
            },
            DiffScope::Reported,
        )
        .into_iter();
        reported.any(|change| change.path.attribute() == Some("volumes"))
    };
    let changes_eip = |group: &Step| {
        let mut changes = group.changes.iter();
        changes.any(|change| change.path.attribute() == Some("eip"))
    };
    let is_as_desired = |group: &&Step| {
        let is_changed = if part.address.kind().properties().is_public_ip {
            changes_eip(group)
        } else {
            differs(group)
        };
        group.import.is_some()
            && matches!(group.action, Action::Import | Action::Update)
            && !is_changed
    };
    let known = part.desired.as_deref().is_some_and(|desired| {
        let mut values = desired.values();
        !values.any(Value::has_unknown)
    });
    known && !groups.is_empty() && groups.iter().all(is_as_desired)
}
