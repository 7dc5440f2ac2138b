//! What is taken over: resources that are there and that the state does not have yet.

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::kinds::is_managed;
use eci_core::schema::{Link, Object, Presence, Type, identity_of};
use eci_core::{Address, DigestKey, Kind, Map, Value};
use eci_state::ResourceState;

use crate::action::{Action, Reason};
use crate::decide::{Question, redact, sealed};
use crate::document::Step;

/// The state of what is taken over: it was asked for what the cloud says it has. Where the
/// cloud keeps silent, what the manifest says is believed.
pub(crate) fn imported(question: &Question<'_>, id: &str, seen: &Map) -> ResourceState {
    let object = question.resource.address.kind().schema();
    let wanted = redact(question.key, &question.desired);
    let seen = sealed(object, &wanted, seen, question.key);
    let mut applied = believed(object, &wanted, &seen);
    applied.retain(|name, _| {
        let field = object.fields.iter().find(|field| field.name == &**name);
        // What the cloud chose was not asked for.
        field.is_some_and(|field| match field.presence {
            Presence::ReadOnly => false,
            Presence::OptionalOrChosen => wanted.contains_key(name),
            Presence::Required | Presence::Optional => true,
        })
    });
    ResourceState {
        id: Some(id.to_owned()),
        applied,
        observed: seen,
        dependencies: question.needs.clone(),
        operation: None,
        tainted: false,
    }
}

/// What is seen, and what is wanted wherever it cannot be seen.
fn believed(object: &'static Object, wanted: &Map, seen: &Map) -> Map {
    let mut whole = seen.clone();
    for (name, value) in wanted {
        let Some(field) = object.field(name, wanted) else {
            continue;
        };
        let value = match (field.reported, seen.get(name)) {
            (None, _) => value.clone(),
            (Some(_), Some(seen)) => believed_value(&field.ty, value, seen),
            (Some(_), None) => continue,
        };
        whole.insert(name.clone(), value);
    }
    whole
}

fn believed_value(ty: &'static Type, wanted: &Value, seen: &Value) -> Value {
    match (ty, wanted, seen) {
        (Type::Object(object), Value::Map(wanted), Value::Map(seen)) => {
            Value::map(believed(object, wanted, seen))
        }
        (Type::Ref(kind, Link::Attributes), Value::Map(wanted), Value::Map(seen)) => {
            Value::map(believed(kind.schema(), wanted, seen))
        }
        (Type::Objects(object, keys), Value::List(wanted), Value::List(seen)) => {
            believed_list(object, keys, wanted, seen)
        }
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(wanted), Value::List(seen)) => {
            believed_list(kind.schema(), &["name"], wanted, seen)
        }
        _ => seen.clone(),
    }
}

fn believed_list(
    object: &'static Object,
    keys: &[&str],
    wanted: &[Value],
    seen: &[Value],
) -> Value {
    let twin = |item: &Value| {
        let identity = identity_of(item, keys)?;
        let mut wanted = wanted.iter();
        wanted.find(|wanted| identity_of(wanted, keys).as_ref() == Some(&identity))
    };
    let items = seen.iter().map(|item| match (twin(item), item) {
        (Some(Value::Map(wanted)), Value::Map(seen)) => Value::map(believed(object, wanted, seen)),
        _ => item.clone(),
    });
    Value::list(items.collect())
}

/// What lives only inside of groups is taken over with them, if all groups that have it are
/// and it is in them as the manifest says.
pub(crate) fn with_groups(steps: &mut [Step], key: &DigestKey) {
    if steps.iter().all(|step| step.import.is_none()) {
        return;
    }
    let inside = |step: &Step| {
        let wanted = step.desired.as_ref();
        step.action == Action::Create
            && wanted.is_some_and(|wanted| !is_managed(step.address.kind(), wanted))
    };
    let groups = groups(steps);
    let adopted: Vec<usize> = (0..steps.len())
        .filter(|at| {
            let groups = groups.get(&steps[*at].address);
            inside(&steps[*at]) && comes_along(&steps[*at], groups.map_or(&[], Vec::as_slice))
        })
        .collect();
    for at in adopted {
        let step = &mut steps[at];
        let Some(desired) = &step.desired else {
            continue;
        };
        step.state = Some(Arc::new(ResourceState {
            applied: redact(key, desired),
            dependencies: step.needs.clone(),
            ..ResourceState::default()
        }));
        step.action = Action::Import;
        step.reason = Some(Reason::Imported);
    }
}

/// The groups that have each resource in them.
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

fn comes_along(part: &Step, groups: &[&Step]) -> bool {
    let attribute = match part.address.kind() {
        Kind::Volume => "volumes",
        Kind::Eip => "eip",
        Kind::ContainerGroup => return false,
    };
    let as_wanted = |group: &&Step| {
        let mut changes = group.changes.iter();
        group.import.is_some()
            && matches!(group.action, Action::Import | Action::Update)
            && !changes.any(|change| change.path.attribute() == Some(attribute))
    };
    let known = part.desired.as_ref().is_some_and(|desired| {
        let mut values = desired.values();
        !values.any(Value::has_unknown)
    });
    known && !groups.is_empty() && groups.iter().all(as_wanted)
}
