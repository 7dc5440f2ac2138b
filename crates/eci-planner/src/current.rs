//! The current attributes, as far as they are known: the reported ones, and the last-applied ones
//! where the cloud reports nothing.

use std::collections::BTreeSet;

use eci_core::path::identity_of;
use eci_core::schema::{Availability, Field, Link, Object, Type};
use eci_core::{DigestKey, Kind, Map, Value};

use eci_state::ResourceState;

use crate::diff::{DiffScope, Sides, diff, is_empty};

/// The treatment of attributes that the cloud chose because the manifest gave none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChosenAttributes {
    /// Attributes that are part of what the cloud has.
    Included,
    /// Attributes that are left out: they were not requested.
    LeftOut,
}

/// Returns the attributes that a resource has now: what the cloud reports, and what was applied
/// where it reports nothing. What the cloud chose is left out.
pub fn current_attributes(kind: Kind, applied: &Map, reported: &Map) -> Map {
    let scope = DiffScope::of_kind(kind);
    Merge {
        scope,
        chosen: ChosenAttributes::LeftOut,
    }
    .table(kind.schema(), applied, reported)
}

/// Returns the top-level attributes in which a resource differs from its desired state, as far as
/// its record shows.
pub fn differing(
    kind: Kind,
    key: &DigestKey,
    recorded: &ResourceState,
    desired: &Map,
) -> BTreeSet<String> {
    let object = kind.schema();
    let scope = DiffScope::of_kind(kind);
    let (applied, observed) = (&recorded.applied, &recorded.observed);
    let now = Merge {
        scope,
        chosen: ChosenAttributes::Included,
    }
    .table(object, applied, observed);
    let changes = diff(
        object,
        key,
        Sides {
            before: &now,
            after: desired,
        },
        DiffScope::Given,
    )
    .into_iter();
    let changes = changes.filter(|it| !(is_empty(key, &it.before) && is_empty(key, &it.after)));
    changes
        .filter_map(|change| change.path.attribute().map(str::to_owned))
        .collect()
}

/// Puts what was observed in the place of what was applied, wherever the cloud reports it.
#[derive(Clone, Copy)]
pub(crate) struct Merge {
    pub(crate) scope: DiffScope,
    pub(crate) chosen: ChosenAttributes,
}

impl Merge {
    /// Returns the attributes of a table.
    pub(crate) fn table(self, object: &'static Object, applied: &Map, observed: &Map) -> Map {
        let mut merged = Map::new();
        for field in object.fields.iter().filter(|field| field.is_writable()) {
            let applies = field.applies_to(applied) || field.applies_to(observed);
            if !applies || merged.contains_key(field.name) {
                continue;
            }
            let (was, is) = (applied.get(field.name), observed.get(field.name));
            if let Some(value) = self.field(field, was, is) {
                merged.insert(field.name.into(), value);
            }
        }
        merged
    }

    fn field(
        self,
        field: &'static Field,
        applied: Option<&Value>,
        observed: Option<&Value>,
    ) -> Option<Value> {
        if !self.scope.reports(field) {
            return applied.cloned();
        }
        match (applied, observed) {
            (None, Some(_))
                if field.presence == Availability::OptionalComputed
                    && self.chosen == ChosenAttributes::LeftOut =>
            {
                None
            }
            (Some(applied), Some(observed)) => {
                let scope = if field.diff_nested {
                    self.scope.within()
                } else {
                    self.scope
                };
                Some(Merge { scope, ..self }.value(&field.ty, applied, observed))
            }
            (_, observed) => observed.cloned(),
        }
    }

    /// Returns the value to compare with.
    ///
    /// A value that is marked as a whole on one side stays so.
    fn value(self, ty: &'static Type, applied: &Value, observed: &Value) -> Value {
        let ((applied, one), (observed, other)) = (applied.reveal(), observed.reveal());
        let merged = self.open_value(ty, applied, observed);
        if one || other {
            merged.into_sensitive()
        } else {
            merged
        }
    }

    fn open_value(self, ty: &'static Type, applied: &Value, observed: &Value) -> Value {
        match (ty, applied, observed) {
            (Type::Object(object), Value::Map(applied), Value::Map(observed)) => {
                Value::map(self.table(object, applied, observed))
            }
            (Type::Ref(kind, Link::Attributes), Value::Map(applied), Value::Map(observed)) => {
                Value::map(self.table(kind.schema(), applied, observed))
            }
            (Type::Objects(object, keys), Value::List(applied), Value::List(observed)) => {
                self.elements(object, keys, applied, observed)
            }
            (
                Type::List(Type::Ref(kind, Link::Attributes)),
                Value::List(applied),
                Value::List(observed),
            ) => self.elements(kind.schema(), &["name"], applied, observed),
            _ => observed.clone(),
        }
    }

    fn elements(
        self,
        object: &'static Object,
        keys: &[&str],
        applied: &[Value],
        observed: &[Value],
    ) -> Value {
        let twin = |item: &Value| {
            let identity = identity_of(item.reveal().0, keys)?;
            let mut applied = applied.iter();
            applied.find(|other| identity_of(other.reveal().0, keys).as_ref() == Some(&identity))
        };
        let merged = observed.iter().map(|item| match twin(item) {
            Some(applied) => self.element(object, applied, item),
            None => item.clone(),
        });
        Value::list(merged.collect())
    }

    fn element(self, object: &'static Object, applied: &Value, observed: &Value) -> Value {
        let ((applied, one), (observed, other)) = (applied.reveal(), observed.reveal());
        let (Value::Map(applied), Value::Map(observed)) = (applied, observed) else {
            return observed.clone();
        };
        let merged = Value::map(self.table(object, applied, observed));
        if one || other {
            merged.into_sensitive()
        } else {
            merged
        }
    }
}
