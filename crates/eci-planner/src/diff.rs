//! Differences between two values of one description, attribute by attribute.
//!
//! Lists of tables are compared by the identity of their elements, so that an element
//! inserted at the front is one addition.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::path::{Identity, Path, identity_of, public_identity};
use eci_core::schema::{Availability, Change, Field, Link, Object, Type};
use eci_core::{DigestKey, Kind, Map, Value};

/// One attribute that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeChange {
    /// The path of the attribute.
    pub path: Path,
    /// The old value; `Null` if there was none.
    pub before: Value,
    /// The new value; `Null` if there is none.
    pub after: Value,
    /// The consequence of the change for the resource.
    pub change: Change,
}

/// A selection of the fields that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiffScope {
    /// All that a manifest can give.
    ///
    /// What it no longer gives and the cloud may choose stays as it is.
    Given,
    /// Only what the cloud reports: an attribute that it does not report is not compared, nor is
    /// one that it chose where nothing was given.
    Reported,
    /// The fields that the separate service of the resource reports, in addition to the groups that
    /// use it.
    OwnReported,
}

impl DiffScope {
    /// Returns the scope for the parts of a field that has a service for itself: the parts exist
    /// only there.
    pub(crate) fn within(self) -> DiffScope {
        match self {
            DiffScope::OwnReported => DiffScope::Reported,
            other => other,
        }
    }

    /// Returns whether the cloud reports a field, so that a difference can be detected.
    pub(crate) fn reports(self, field: &Field) -> bool {
        match self {
            DiffScope::Given => false,
            DiffScope::Reported => field.response_path.is_some(),
            // A value that was never requested is not desired: the ID of an EIP.
            DiffScope::OwnReported => field
                .service_request_path
                .and(field.service_response_path)
                .is_some(),
        }
    }

    /// Returns the scope in which a resource of that kind is compared with its observation.
    pub fn of_kind(kind: Kind) -> DiffScope {
        if kind.properties().uses_service_paths {
            DiffScope::OwnReported
        } else {
            DiffScope::Reported
        }
    }
}

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Sides<T> {
    /// The earlier value.
    pub before: T,
    /// The later value.
    pub after: T,
}

impl<T> Sides<T> {
    fn map<U>(self, map: impl Fn(T) -> U) -> Sides<U> {
        Sides {
            before: map(self.before),
            after: map(self.after),
        }
    }
}

/// Returns the differences between two tables in normal form, in the order of their fields.
///
/// An unknown value differs from everything. A mark as sensitive, or a digest in place of its
/// value, does not count as a difference.
pub fn diff(
    object: &'static Object,
    key: &DigestKey,
    tables: Sides<&Map>,
    scope: DiffScope,
) -> Vec<AttributeChange> {
    let mut differ = Differ {
        key,
        scope,
        opens: false,
        changes: Vec::new(),
    };
    differ.tables(object, tables, &Path::root(), None);
    differ.changes
}

struct Differ<'a> {
    key: &'a DigestKey,
    scope: DiffScope,
    /// Whether elements may be identified by a sensitive key: nothing of their values is shown.
    opens: bool,
    changes: Vec<AttributeChange>,
}

impl Differ<'_> {
    /// Compares two tables of one description.
    ///
    /// `change` is that of the attribute around these tables: the cloud changes an attribute as a
    /// whole.
    fn tables(
        &mut self,
        object: &'static Object,
        sides: Sides<&Map>,
        path: &Path,
        change: Option<Change>,
    ) {
        let Sides { before, after } = sides;
        // Nearly all are as they were, and there are far more fields than entries.
        let differing = differing(before, after);
        let mut compared = BTreeSet::new();
        for field in object.fields.iter().filter(|field| field.is_writable()) {
            if !differing.contains(&field.name) {
                continue;
            }
            let applies = field.applies_to(before) || field.applies_to(after);
            if !applies || !compared.insert(field.name) {
                continue;
            }
            let value = |entries: &Map| entries.get(field.name).cloned().unwrap_or_default();
            let (old, new) = (value(before), value(after));
            if same(self.key, &field.ty, &old, &new)
                || self.is_silent(field, &old, &new)
                || (self.scope != DiffScope::Given
                    && is_empty(self.key, &old)
                    && is_empty(self.key, &new))
            {
                continue;
            }
            let path = path.name(field.name);
            let change = field.change_within(change);
            let of_parts = field.change_of_parts(change);
            match (of_parts, &field.ty, &old, &new) {
                (None, Type::Object(object), Value::Map(before), Value::Map(after)) => {
                    let around = self.scope;
                    self.scope = around.within();
                    self.tables(object, Sides { before, after }, &path, of_parts);
                    self.scope = around;
                }
                _ => {
                    let sides = Sides {
                        before: &old,
                        after: &new,
                    };
                    self.values(&field.ty, sides, &path, change);
                }
            }
        }
    }

    /// Returns whether a difference does not count: the cloud does not report the field, or chose
    /// its value because none was requested.
    fn is_silent(&self, field: &Field, before: &Value, after: &Value) -> bool {
        let chosen = field.presence == Availability::OptionalComputed;
        match self.scope {
            DiffScope::Given => chosen && after.is_null(),
            scope => !scope.reports(field) || (chosen && before.is_null()),
        }
    }

    fn values(&mut self, ty: &'static Type, sides: Sides<&Value>, path: &Path, change: Change) {
        let Sides {
            before: old,
            after: new,
        } = sides;
        match (ty, old, new) {
            // A mark is not a reason to compare what the cloud does not report.
            (_, Value::Sensitive(_), Value::List(_) | Value::Map(_) | Value::Sensitive(_))
            | (_, Value::List(_) | Value::Map(_), Value::Sensitive(_)) => {
                if self.differs_within(ty, sides, change) {
                    self.leaf(ty, sides.map(Value::clone), path.clone(), change);
                }
            }
            (Type::Object(object), Value::Map(before), Value::Map(after)) => {
                self.tables(object, Sides { before, after }, path, Some(change));
            }
            (Type::Ref(kind, Link::Attributes), Value::Map(before), Value::Map(after)) => {
                self.tables(kind.schema(), Sides { before, after }, path, Some(change));
            }
            // No table counts as an empty one, so that each entry is compared separately.
            (Type::Table(ty, _), Value::Map(_) | Value::Null, Value::Map(_) | Value::Null) => {
                let entries = [old, new].map(|value| value.as_map().into_iter().flatten());
                let keys: BTreeSet<_> = entries.into_iter().flatten().map(|(key, _)| key).collect();
                for key in keys {
                    let entry = |entries: &Value| entries.get(key).cloned().unwrap_or_default();
                    self.leaf(ty, sides.map(entry), path.name(key.clone()), change);
                }
            }
            (Type::Objects(object, keys), Value::List(before), Value::List(after)) => {
                let list = Elements { object, keys };
                if !self.elements(list, Sides { before, after }, path, change)
                    && (self.opens || self.differs_within(ty, sides, change))
                {
                    self.leaf(ty, sides.map(Value::clone), path.clone(), change);
                }
            }
            (
                Type::List(Type::Ref(kind, Link::Attributes)),
                Value::List(before),
                Value::List(after),
            ) => {
                let list = Elements {
                    object: kind.schema(),
                    keys: &["name"],
                };
                if !self.elements(list, Sides { before, after }, path, change)
                    && (self.opens || self.differs_within(ty, sides, change))
                {
                    self.leaf(ty, sides.map(Value::clone), path.clone(), change);
                }
            }
            _ => self.leaf(ty, sides.map(Value::clone), path.clone(), change),
        }
    }

    /// Returns whether anything differs that may be compared, beneath the marks of both.
    fn differs_within(&self, ty: &'static Type, sides: Sides<&Value>, change: Change) -> bool {
        let mut within = Differ {
            key: self.key,
            scope: self.scope,
            opens: true,
            changes: Vec::new(),
        };
        let opened = Sides {
            before: sides.before.reveal().0,
            after: sides.after.reveal().0,
        };
        within.values(ty, opened, &Path::root(), change);
        !within.changes.is_empty()
    }

    /// Compares elements by identity.
    ///
    /// Returns `false` if a public element has none.
    fn elements(
        &mut self,
        list: Elements<'_>,
        sides: Sides<&[Value]>,
        path: &Path,
        change: Change,
    ) -> bool {
        let Elements { object, keys } = list;
        let Sides {
            before: old,
            after: new,
        } = sides;
        let identity = if self.opens {
            identity_of
        } else {
            public_identity
        };
        let (Some(was), Some(is)) = (
            identities(old, keys, identity),
            identities(new, keys, identity),
        ) else {
            return false;
        };
        for (identity, before) in was.iter().zip(old) {
            let path = path.element(identity);
            match is.iter().position(|other| other == identity) {
                Some(at) => match (before.reveal().0, new[at].reveal().0) {
                    (Value::Map(before), Value::Map(after)) => {
                        self.tables(object, Sides { before, after }, &path, Some(change));
                    }
                    (before, after) => {
                        let whole = Sides {
                            before: before.clone(),
                            after: after.clone(),
                        };
                        self.leaf(&Type::Any, whole, path, change);
                    }
                },
                None => {
                    let removed = Sides {
                        before: before.clone(),
                        after: Value::Null,
                    };
                    self.leaf(&Type::Any, removed, path, change);
                }
            }
        }
        for (identity, after) in is.iter().zip(new) {
            if !was.contains(identity) {
                let path = path.element(identity);
                let added = Sides {
                    before: Value::Null,
                    after: after.clone(),
                };
                self.leaf(&Type::Any, added, path, change);
            }
        }
        true
    }

    fn leaf(&mut self, ty: &Type, sides: Sides<Value>, path: Path, change: Change) {
        let Sides { before, after } = sides;
        if same(self.key, ty, &before, &after) {
            return;
        }
        // What is sensitive as a whole on one side shows nothing on the other.
        let is_marked = |value: &Value| matches!(value, Value::Sensitive(_) | Value::Digest(_));
        let hides = is_marked(&before) || is_marked(&after);
        let shown = |value: Value| {
            if hides && !value.is_null() && !value.is_unknown() {
                value.into_sensitive()
            } else {
                value
            }
        };
        self.changes.push(AttributeChange {
            path,
            before: self.key.redact(&shown(before)),
            after: self.key.redact(&shown(after)),
            change,
        });
    }
}

/// The elements of a list, identified by these keys.
struct Elements<'a> {
    object: &'static Object,
    keys: &'a [&'a str],
}

/// Returns whether a report may omit a value: then none is the same as an empty one.
pub(crate) fn is_empty(key: &DigestKey, value: &Value) -> bool {
    let is = |empty: Value| same(key, &Type::Any, value, &empty);
    value.is_null() || is(Value::from("")) || is(Value::from(0)) || is(Value::from(false))
}

/// Returns whether two values are the same to the cloud, whatever is marked as sensitive in them or known
/// by its digest alone. What is unknown is the same as nothing.
pub(crate) fn same(key: &DigestKey, ty: &Type, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Unknown, _) | (_, Value::Unknown) => false,
        (Value::Digest(one), Value::Digest(other)) => one == other,
        (Value::Sensitive(one), other) | (other, Value::Sensitive(one)) => {
            same(key, ty, one.expose(), other)
        }
        (Value::Digest(_), clear) => key.redact(&clear.clone().into_sensitive()) == *one,
        (clear, Value::Digest(_)) => key.redact(&clear.clone().into_sensitive()) == *other,
        (Value::Number(one), Value::Number(other)) => match ty {
            Type::Number(_, precision) => precision.is_same(*one, *other),
            _ => one == other,
        },
        (Value::List(one), Value::List(other)) => same_items(key, ty, one, other),
        (Value::Map(one), Value::Map(other)) => same_entries(key, ty, one, other),
        (one, other) => one == other,
    }
}

fn same_items(key: &DigestKey, ty: &Type, one: &[Value], other: &[Value]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (items, keys): (Type, &[&str]) = match ty {
        Type::Objects(object, keys) => (Type::Object(object), keys),
        Type::List(Type::Ref(kind, Link::Attributes)) => (Type::Object(kind.schema()), &["name"]),
        Type::List(items) => (**items, &[]),
        _ => (Type::Any, &[]),
    };
    let all = |items: &[Value]| -> Option<Vec<Identity>> {
        items.iter().map(|item| identity_of(item, keys)).collect()
    };
    // The order of tables does not count.
    if let (false, Some(was), Some(is)) = (keys.is_empty(), all(one), all(other)) {
        return was.iter().zip(one).all(|(identity, one)| {
            let twin = is.iter().position(|other| other == identity);
            twin.is_some_and(|at| same(key, &items, one, &other[at]))
        });
    }
    let mut pairs = one.iter().zip(other);
    pairs.all(|(one, other)| same(key, &items, one, other))
}

fn same_entries(key: &DigestKey, ty: &Type, one: &Map, other: &Map) -> bool {
    let object = match ty {
        Type::Object(object) => Some(*object),
        Type::Ref(kind, Link::Attributes) => Some(kind.schema()),
        _ => None,
    };
    let type_of = |name: &str| match (object, ty) {
        (Some(object), _) => object.field(name, one).map_or(Type::Any, |field| field.ty),
        (None, Type::Table(values, _)) => **values,
        _ => Type::Any,
    };
    one.len() == other.len()
        && one.iter().all(|(name, value)| {
            let twin = other.get(name);
            twin.is_some_and(|other| same(key, &type_of(name), value, other))
        })
}

/// Returns the names of the entries that are not the same in both, or not known.
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

/// Returns the identity of each element; `None` if one has none or two have the same.
fn identities(
    items: &[Value],
    keys: &[&str],
    identity: fn(&Value, &[&str]) -> Option<Identity>,
) -> Option<Vec<Identity>> {
    let all: Option<Vec<Identity>> = items.iter().map(|item| identity(item, keys)).collect();
    let distinct: BTreeSet<&Identity> = all.iter().flatten().collect();
    (distinct.len() == items.len()).then_some(())?;
    all
}
