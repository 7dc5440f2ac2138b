//! Putting what is ignored, as it is, in the place of what is desired.

use std::sync::Arc;

use eci_core::path::{Identity, PatternStep, identity_of};
use eci_core::schema::{Link, Object, Type};
use eci_core::{DigestKey, Map, Value};

use super::digests::Digests;
use crate::diff::same;

/// The merge that puts kept values in the place of desired ones.
pub(super) struct KeptMerge<'a> {
    pub(super) key: &'a DigestKey,
    pub(super) digests: Digests,
}

/// The elements of a list, identified by these keys.
struct KeptElements<'a> {
    object: &'static Object,
    keys: &'a [&'a str],
}

impl KeptMerge<'_> {
    /// Returns whether a value can replace another one.
    fn can_keep(&self, value: Option<&Value>) -> bool {
        let has_digest = |value: &Value| self.digests == Digests::Replaced && value.has_digest();
        !value.is_some_and(|value| value.has_unknown() || has_digest(value))
    }

    /// Returns the desired attributes with the recorded value of every attribute.
    pub(super) fn all(&self, object: &'static Object, desired: &Map, kept: &Map) -> Map {
        let mut merged = desired.clone();
        let fields = object.fields.iter().filter(|field| field.is_writable());
        for field in fields {
            let name = field.name;
            let value = self.value(&field.ty, desired.get(name), kept.get(name), &[&[]]);
            set(&mut merged, name, value);
        }
        merged
    }

    pub(super) fn table(
        &self,
        object: &'static Object,
        desired: &Map,
        kept: &Map,
        patterns: &[&[PatternStep]],
    ) -> Map {
        let mut merged = desired.clone();
        for (name, rests) in by_first(patterns) {
            let field = object.field(&name, desired);
            let Some(field) = field.or_else(|| object.field(&name, kept)) else {
                continue;
            };
            let value = self.value(&field.ty, desired.get(&*name), kept.get(&*name), &rests);
            set(&mut merged, &name, value);
        }
        merged
    }

    fn value(
        &self,
        ty: &'static Type,
        desired: Option<&Value>,
        kept: Option<&Value>,
        patterns: &[&[PatternStep]],
    ) -> Option<Value> {
        let is_same = match (desired, kept) {
            (Some(desired), Some(kept)) => same(self.key, ty, kept, desired),
            (None, None) => true,
            _ => false,
        };
        if is_same {
            // The marks are the manifest's: a secret that is in clear here can be sent.
            return desired.cloned();
        }
        if patterns.iter().any(|pattern| pattern.is_empty()) {
            return if self.can_keep(kept) {
                kept.cloned()
            } else {
                desired.cloned()
            };
        }
        let (opened, kept_open) = (desired.map(Value::reveal), kept.map(Value::reveal));
        let is_marked = |value: &Option<(&Value, bool)>| value.is_some_and(|(_, marked)| marked);
        let marked = is_marked(&opened) || is_marked(&kept_open);
        let (opened, kept_open) = (opened.map(|it| it.0), kept_open.map(|it| it.0));
        let Some(merged) = self.parts(ty, opened, kept_open, patterns) else {
            return desired.cloned();
        };
        Some(if marked { in_parts(merged) } else { merged })
    }

    /// Returns a value with the kept parts that match these patterns; `None` where nothing in it is
    /// kept.
    fn parts(
        &self,
        ty: &'static Type,
        desired: Option<&Value>,
        kept: Option<&Value>,
        patterns: &[&[PatternStep]],
    ) -> Option<Value> {
        match (ty, desired, kept) {
            (Type::Object(object), Some(Value::Map(desired)), Some(Value::Map(kept))) => {
                Some(Value::map(self.table(object, desired, kept, patterns)))
            }
            (
                Type::Ref(kind, Link::Attributes),
                Some(Value::Map(desired)),
                Some(Value::Map(kept)),
            ) => Some(Value::map(self.table(
                kind.schema(),
                desired,
                kept,
                patterns,
            ))),
            // No table is an empty one.
            (Type::Table(ty, _), None | Some(Value::Map(_)), None | Some(Value::Map(_))) => {
                let entries = |value: Option<&Value>| {
                    value.and_then(Value::as_map).cloned().unwrap_or_default()
                };
                let entries = self.entries(ty, &entries(desired), &entries(kept), patterns);
                Some(Value::map(entries))
            }
            // No list is an empty one.
            (
                Type::Objects(object, keys),
                None | Some(Value::List(_)),
                None | Some(Value::List(_)),
            ) => {
                let [desired, kept] = [desired, kept].map(items_of);
                let list = KeptElements { object, keys };
                Some(self.elements(list, desired, kept, patterns))
            }
            (
                Type::List(Type::Ref(kind, Link::Attributes)),
                None | Some(Value::List(_)),
                None | Some(Value::List(_)),
            ) => {
                let [desired, kept] = [desired, kept].map(items_of);
                let list = KeptElements {
                    object: kind.schema(),
                    keys: &["name"],
                };
                Some(self.elements(list, desired, kept, patterns))
            }
            (Type::List(_), Some(Value::List(desired)), Some(Value::List(kept))) => {
                Some(self.items(desired, kept, patterns))
            }
            _ => None,
        }
    }

    fn entries(
        &self,
        ty: &'static Type,
        desired: &Map,
        kept: &Map,
        patterns: &[&[PatternStep]],
    ) -> Map {
        let mut merged = desired.clone();
        let any = patterns
            .iter()
            .any(|pattern| pattern[0] == PatternStep::Any);
        let named = by_first(patterns).into_iter().map(|(name, _)| name);
        let all = desired.keys().chain(kept.keys()).cloned();
        let names: Vec<Arc<str>> = if any { all.collect() } else { named.collect() };
        for name in names {
            let value = self.value(ty, desired.get(&*name), kept.get(&*name), &[&[]]);
            set(&mut merged, &name, value);
        }
        merged
    }

    fn elements(
        &self,
        list: KeptElements<'_>,
        desired: &[Value],
        kept: &[Value],
        patterns: &[&[PatternStep]],
    ) -> Value {
        let KeptElements { object, keys } = list;
        let find = |items: &[Value], identity: &Identity| {
            let mut items = items.iter();
            items.position(|item| identity_of(item, keys).as_ref() == Some(identity))
        };
        let mut merged = desired.to_vec();
        let mut identities: Vec<Identity> = Vec::new();
        for item in desired.iter().chain(kept) {
            let identity = identity_of(item, keys);
            identities.extend(identity.filter(|identity| !identities.contains(identity)));
        }
        for identity in identities {
            let rests = patterns.iter().filter(|pattern| match &pattern[0] {
                PatternStep::Any => true,
                step => step.name().is_some_and(|name| **name == *identity.expose()),
            });
            let rests: Vec<&[PatternStep]> = rests.map(|pattern| &pattern[1..]).collect();
            if rests.is_empty() {
                continue;
            }
            let is_whole = rests.iter().any(|rest| rest.is_empty());
            let at = find(&merged, &identity);
            let twin = find(kept, &identity).map(|at| &kept[at]);
            match (at, twin) {
                (Some(at), Some(twin)) => {
                    let value = self.element(object, &merged[at], twin, &rests);
                    merged[at] = value;
                }
                (Some(at), None) if is_whole => {
                    merged.remove(at);
                }
                (None, Some(twin)) if is_whole && self.can_keep(Some(twin)) => {
                    merged.push(twin.clone());
                }
                // It comes or goes as a whole, and what is ignored in it goes along.
                _ => {}
            }
        }
        Value::list(merged)
    }

    fn element(
        &self,
        object: &'static Object,
        desired: &Value,
        kept: &Value,
        rests: &[&[PatternStep]],
    ) -> Value {
        if same(self.key, &Type::Object(object), kept, desired) {
            return desired.clone();
        }
        if rests.iter().any(|rest| rest.is_empty()) {
            return if self.can_keep(Some(kept)) {
                kept.clone()
            } else {
                desired.clone()
            };
        }
        let ((desired_open, one), (kept_open, other)) = (desired.reveal(), kept.reveal());
        match (desired_open, kept_open) {
            (Value::Map(desired), Value::Map(kept)) => {
                let merged = Value::map(self.table(object, desired, kept, rests));
                if one || other {
                    in_parts(merged)
                } else {
                    merged
                }
            }
            _ => desired.clone(),
        }
    }

    fn items(&self, desired: &[Value], kept: &[Value], patterns: &[&[PatternStep]]) -> Value {
        let items = desired.iter().enumerate().map(|(at, item)| {
            let is_kept = patterns.iter().any(|pattern| match pattern[0] {
                PatternStep::Any => true,
                PatternStep::Index(index) => index == at,
                _ => false,
            });
            let other = kept.get(at).filter(|_| is_kept);
            match other.filter(|other| self.can_keep(Some(other))) {
                Some(other) => other.clone(),
                None => item.clone(),
            }
        });
        Value::list(items.collect())
    }
}

fn items_of(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_list).unwrap_or_default()
}

/// Returns the patterns by the name that they begin with.
fn by_first<'a>(patterns: &[&'a [PatternStep]]) -> Vec<(Arc<str>, Vec<&'a [PatternStep]>)> {
    let mut named: Vec<(Arc<str>, Vec<&[PatternStep]>)> = Vec::new();
    for pattern in patterns {
        let Some((name, rest)) = pattern
            .split_first()
            .and_then(|(first, rest)| Some((first.name()?, rest)))
        else {
            continue;
        };
        match named.iter_mut().find(|(other, _)| other == name) {
            Some((_, rests)) => rests.push(rest),
            None => named.push((name.clone(), vec![rest])),
        }
    }
    named
}

/// Marks each part of a value by itself: a digest among them could never be compared again if
/// it went into that of the whole.
fn in_parts(value: Value) -> Value {
    match value {
        Value::Map(entries) if entries.values().any(Value::has_digest) => {
            let entries = entries.iter();
            let marked = entries.map(|(name, value)| (name.clone(), in_parts(value.clone())));
            Value::map(marked.collect())
        }
        Value::List(items) if items.iter().any(Value::has_digest) => {
            Value::list(items.iter().cloned().map(in_parts).collect())
        }
        other => other.into_sensitive(),
    }
}

/// Sets or removes an entry; in normal form no entry is empty.
fn set(entries: &mut Map, name: &str, value: Option<Value>) {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Map(entries) => entries.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    };
    match value.filter(|value| !is_empty(value)) {
        Some(value) => {
            entries.insert(name.into(), value);
        }
        None => {
            entries.remove(name);
        }
    }
}
