//! What differs between two values of one description, attribute by attribute.
//!
//! Lists of tables are compared by the identity of their elements, so that an element
//! inserted at the front is one addition.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::path::Path;
use eci_core::schema::{Change, Field, Link, Object, Presence, Type, identity_of};
use eci_core::{Kind, Map, Value};

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeChange {
    /// Which attribute.
    pub path: Path,
    /// The old value; `Null` if there was none.
    pub before: Value,
    /// The new value; `Null` if there is none.
    pub after: Value,
    /// What the change means for the resource.
    pub change: Change,
}

/// Which fields are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that a manifest can give. What it no longer gives and the cloud may choose stays as
    /// it is.
    Given,
    /// Only what the cloud reports back; what it keeps silent about is no difference, nor is
    /// what it chose where nothing was given.
    Reported,
    /// The same of what the resource's own service reports, beside the groups that use it.
    OwnReported,
}

impl Scope {
    /// What this means for the parts of a field that has its own service: only there do they
    /// stand at all.
    fn within(self) -> Scope {
        match self {
            Scope::OwnReported => Scope::Reported,
            other => other,
        }
    }

    /// What a resource of that kind is compared by with what was seen of it.
    pub fn seen(kind: Kind) -> Scope {
        match kind {
            Kind::ContainerGroup => Scope::Reported,
            Kind::Eip | Kind::Volume => Scope::OwnReported,
        }
    }
}

/// The differences between two tables in normal form, in the order of their fields. An
/// unknown value differs from everything.
pub fn diff(
    object: &'static Object,
    before: &Map,
    after: &Map,
    scope: Scope,
) -> Vec<AttributeChange> {
    let mut differ = Differ {
        scope,
        changes: Vec::new(),
    };
    differ.tables(object, before, after, &Path::root(), None);
    differ.changes
}

struct Differ {
    scope: Scope,
    changes: Vec<AttributeChange>,
}

impl Differ {
    /// `change` is that of the attribute around these tables: the cloud changes an attribute
    /// as a whole.
    fn tables(
        &mut self,
        object: &'static Object,
        before: &Map,
        after: &Map,
        path: &Path,
        change: Option<Change>,
    ) {
        // Nearly all are as they were, and there are far more fields than entries.
        let differing = differing(before, after);
        let mut seen = BTreeSet::new();
        for field in object.fields.iter().filter(|field| field.is_writable()) {
            if !differing.contains(&field.name) {
                continue;
            }
            let applies = field.applies_to(before) || field.applies_to(after);
            if !applies || !seen.insert(field.name) {
                continue;
            }
            let value = |entries: &Map| entries.get(field.name).cloned().unwrap_or_default();
            let (old, new) = (value(before), value(after));
            if old == new && !new.has_unknown() || self.is_silent(field, &old, &new) {
                continue;
            }
            let path = path.name(field.name);
            let change = field.change_within(change);
            let of_parts = field.change_of_parts(change);
            match (of_parts, &field.ty, &old, &new) {
                (None, Type::Object(object), Value::Map(old), Value::Map(new)) => {
                    let around = self.scope;
                    self.scope = around.within();
                    self.tables(object, old, new, &path, of_parts);
                    self.scope = around;
                }
                _ => self.values(&field.ty, &old, &new, &path, change),
            }
        }
    }

    /// Whether a difference says nothing: the cloud keeps silent about the field, or chooses it
    /// and was not told otherwise.
    fn is_silent(&self, field: &Field, before: &Value, after: &Value) -> bool {
        let chosen = field.presence == Presence::OptionalOrChosen;
        match self.scope {
            Scope::Given => chosen && after.is_null(),
            Scope::Reported => field.reported.is_none() || (chosen && before.is_null()),
            // What it was never asked for is no wish: the id of an EIP.
            Scope::OwnReported => {
                let both = field.own.and(field.own_reported);
                both.is_none() || (chosen && before.is_null())
            }
        }
    }

    fn values(&mut self, ty: &'static Type, old: &Value, new: &Value, path: &Path, change: Change) {
        match (ty, old, new) {
            (Type::Object(object), Value::Map(old), Value::Map(new)) => {
                self.tables(object, old, new, path, Some(change));
            }
            (Type::Ref(kind, Link::Attributes), Value::Map(old), Value::Map(new)) => {
                self.tables(kind.schema(), old, new, path, Some(change));
            }
            // No table is an empty one, so that each entry is told apart.
            (Type::Table(..), Value::Map(_) | Value::Null, Value::Map(_) | Value::Null) => {
                let entries = [old, new].map(|value| value.as_map().into_iter().flatten());
                let keys: BTreeSet<_> = entries.into_iter().flatten().map(|(key, _)| key).collect();
                for key in keys {
                    let value = |entries: &Value| entries.get(key).cloned().unwrap_or_default();
                    self.leaf(value(old), value(new), path.name(key.clone()), change);
                }
            }
            (Type::Objects(object, keys), Value::List(old), Value::List(new)) => {
                self.elements(object, keys, old, new, path, change);
            }
            (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(old), Value::List(new)) => {
                self.elements(kind.schema(), &["name"], old, new, path, change);
            }
            _ => self.leaf(old.clone(), new.clone(), path.clone(), change),
        }
    }

    fn elements(
        &mut self,
        object: &'static Object,
        keys: &[&str],
        old: &[Value],
        new: &[Value],
        path: &Path,
        change: Change,
    ) {
        let (Some(was), Some(is)) = (identities(old, keys), identities(new, keys)) else {
            return self.leaf(
                Value::list(old.to_vec()),
                Value::list(new.to_vec()),
                path.clone(),
                change,
            );
        };
        for (identity, before) in was.iter().zip(old) {
            let path = path.key(identity.as_str());
            match is.iter().position(|other| other == identity) {
                Some(at) => match (before, &new[at]) {
                    (Value::Map(before), Value::Map(after)) => {
                        self.tables(object, before, after, &path, Some(change));
                    }
                    (before, after) => self.leaf(before.clone(), after.clone(), path, change),
                },
                None => self.leaf(before.clone(), Value::Null, path, change),
            }
        }
        for (identity, after) in is.iter().zip(new) {
            if !was.contains(identity) {
                let path = path.key(identity.as_str());
                self.leaf(Value::Null, after.clone(), path, change);
            }
        }
    }

    fn leaf(&mut self, before: Value, after: Value, path: Path, change: Change) {
        if before != after || after.has_unknown() {
            self.changes.push(AttributeChange {
                path,
                before,
                after,
                change,
            });
        }
    }
}

/// The names of the entries that are not the same in both, or not known.
fn differing<'a>(before: &'a Map, after: &'a Map) -> Vec<&'a str> {
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    let mut names = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return names,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) if Arc::ptr_eq(old, new) => Ordering::Equal,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        let old = before.next_if(|_| order.is_le());
        let new = after.next_if(|_| order.is_ge());
        match (old, new) {
            (Some((_, old)), Some((_, new))) if old == new && !new.has_unknown() => {}
            (Some((name, _)), _) | (None, Some((name, _))) => names.push(&**name),
            (None, None) => return names,
        }
    }
}

/// The identity of each element; `None` if one has none or two have the same.
fn identities(items: &[Value], keys: &[&str]) -> Option<Vec<String>> {
    let all: Option<Vec<String>> = items.iter().map(|item| identity_of(item, keys)).collect();
    let distinct: BTreeSet<&String> = all.iter().flatten().collect();
    (distinct.len() == items.len()).then_some(())?;
    all
}

#[cfg(test)]
mod tests {
    use eci_core::kinds::CONTAINER_GROUP;

    use super::*;

    fn container(name: &str, image: &str) -> Value {
        Value::from([("name", Value::from(name)), ("image", Value::from(image))])
    }

    fn group(containers: Vec<Value>) -> Map {
        Map::from_iter([("containers".into(), Value::list(containers))])
    }

    fn changed(before: &Map, after: &Map, scope: Scope) -> Vec<String> {
        let changes = diff(&CONTAINER_GROUP, before, after, scope);
        changes
            .iter()
            .map(|change| change.path.to_string())
            .collect()
    }

    #[test]
    fn a_container_inserted_at_the_front_is_one_addition() {
        let before = group(vec![container("a", "x:1")]);
        let after = group(vec![container("b", "y:1"), container("a", "x:1")]);
        assert_eq!(
            changed(&before, &after, Scope::Given),
            [r#"containers["b"]"#]
        );
    }

    #[test]
    fn the_first_and_the_last_entry_of_a_table_are_told_as_any_other() {
        let tags = Value::from([("a", Value::from("1"))]);
        let with = Map::from_iter([("tags".into(), tags)]);
        for (before, after) in [(&with, &Map::new()), (&Map::new(), &with)] {
            assert_eq!(changed(before, after, Scope::Given), ["tags.a"]);
        }
    }

    #[test]
    fn a_change_deep_inside_is_named_and_means_what_its_attribute_means() {
        let before = group(vec![container("a", "x:1")]);
        let after = group(vec![container("a", "x:2")]);
        let changes = diff(&CONTAINER_GROUP, &before, &after, Scope::Given);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].path.to_string(), r#"containers["a"].image"#);
        assert_eq!(changes[0].change, Change::InPlace);
    }

    #[test]
    fn what_is_not_known_yet_counts_as_a_change() {
        let unknown = Map::from_iter([("vpc_id".into(), Value::Unknown)]);
        assert_eq!(changed(&unknown, &unknown, Scope::Given), ["vpc_id"]);
    }

    #[test]
    fn what_the_cloud_may_choose_stays_when_it_is_no_longer_given() {
        let before = Map::from_iter([("cpu".into(), Value::from(2))]);
        assert_eq!(changed(&before, &Map::new(), Scope::Given), [""; 0]);
    }

    #[test]
    fn what_the_cloud_is_silent_about_or_chose_is_no_drift() {
        let applied = Map::from_iter([("az_name".into(), Value::from("zone-1"))]);
        let reported = Map::from_iter([("cpu".into(), Value::from(2))]);
        assert_eq!(changed(&applied, &reported, Scope::Reported), [""; 0]);
        assert_eq!(
            changed(&applied, &reported, Scope::Given),
            ["az_name", "cpu"]
        );
    }
}
