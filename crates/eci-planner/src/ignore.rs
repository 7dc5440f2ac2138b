//! `ignore_changes`: what stays as it is, whatever the manifest says of it.

use std::sync::Arc;

use eci_config::IgnoreChanges;
use eci_core::path::{Path, Step};
use eci_core::schema::{Link, Object, Type, identity_of};
use eci_core::{Kind, Map, Value};

use crate::diff::{AttributeChange, Scope, diff};

/// Whether a change of this attribute, or of the one around it, is ignored.
pub(crate) fn is_ignored(ignore: &IgnoreChanges, path: &Path) -> bool {
    match ignore {
        IgnoreChanges::All => true,
        IgnoreChanges::Paths(paths) => {
            let text = path.to_string();
            paths.iter().any(|ignored| {
                text.strip_prefix(ignored.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            })
        }
    }
}

/// Gives what is wanted the values of `kept` wherever changes are ignored. The cloud takes an
/// attribute as a whole, so what is ignored in one is sent along when the rest of it changes.
///
/// A secret of which only a digest is known, and what is not known at all, cannot be kept.
pub fn keep_ignored(kind: Kind, desired: &mut Arc<Map>, ignore: &IgnoreChanges, kept: &Map) {
    if matches!(ignore, IgnoreChanges::Paths(paths) if paths.is_empty()) {
        return;
    }
    let object = kind.schema();
    for change in diff(object, kept, desired, Scope::Given) {
        keep(object, desired, ignore, &change.path, change.before);
    }
}

/// The same for what others changed in the cloud: it stays as they left it.
pub(crate) fn keep_drift(
    object: &'static Object,
    desired: &mut Arc<Map>,
    ignore: &IgnoreChanges,
    drifted: &[AttributeChange],
) {
    for change in drifted {
        keep(object, desired, ignore, &change.path, change.after.clone());
    }
}

fn keep(
    object: &'static Object,
    desired: &mut Arc<Map>,
    ignore: &IgnoreChanges,
    path: &Path,
    value: Value,
) {
    if is_ignored(ignore, path) && !value.has_sensitive() && !value.has_unknown() {
        put_entry(object, Arc::make_mut(desired), &path.0, value);
    }
}

/// Puts a value at a place below a table; `Null` removes what stands there.
fn put_entry(object: &'static Object, entries: &mut Map, path: &[Step], value: Value) {
    let [Step::Name(name), rest @ ..] = path else {
        return;
    };
    let value = match (rest, object.field(name, entries)) {
        ([], _) => value,
        (_, Some(field)) => {
            let around = entries.get(name).cloned().unwrap_or_default();
            put(&field.ty, around, rest, value)
        }
        (_, None) => return,
    };
    set(entries, name, value);
}

fn put(ty: &'static Type, around: Value, path: &[Step], value: Value) -> Value {
    match (ty, around) {
        (Type::Object(object), around) => put_below(object, around, path, value),
        (Type::Ref(kind, Link::Attributes), around) => {
            put_below(kind.schema(), around, path, value)
        }
        (Type::Table(..), around) => {
            let mut entries = around.as_map().cloned().unwrap_or_default();
            if let [Step::Name(name)] = path {
                set(&mut entries, name, value);
            }
            Value::map(entries)
        }
        (Type::Objects(object, keys), around) => put_element(object, keys, around, path, value),
        (Type::List(Type::Ref(kind, Link::Attributes)), around) => {
            put_element(kind.schema(), &["name"], around, path, value)
        }
        (_, around) => around,
    }
}

fn put_below(object: &'static Object, around: Value, path: &[Step], value: Value) -> Value {
    let mut entries = around.as_map().cloned().unwrap_or_default();
    put_entry(object, &mut entries, path, value);
    Value::map(entries)
}

fn put_element(
    object: &'static Object,
    keys: &[&str],
    around: Value,
    path: &[Step],
    value: Value,
) -> Value {
    let [Step::Key(identity), rest @ ..] = path else {
        return around;
    };
    let mut items = around.as_list().map(<[Value]>::to_vec).unwrap_or_default();
    let place = items
        .iter()
        .position(|item| identity_of(item, keys).as_deref() == Some(&**identity));
    match (place, rest) {
        (Some(at), []) if value.is_null() => {
            items.remove(at);
        }
        (Some(at), []) => items[at] = value,
        (Some(at), rest) => items[at] = put_below(object, items[at].clone(), rest, value),
        (None, []) if !value.is_null() => items.push(value),
        // It goes as a whole, and what is ignored in it goes along.
        (None, _) => {}
    }
    Value::list(items)
}

/// In normal form nothing is empty.
fn set(entries: &mut Map, name: &str, value: Value) {
    let is_empty = match &value {
        Value::Null => true,
        Value::Map(entries) => entries.is_empty(),
        Value::List(items) => items.is_empty(),
        _ => false,
    };
    match is_empty {
        true => entries.remove(name),
        false => entries.insert(name.into(), value),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(image: &str, level: &str, owner: Option<&str>) -> Map {
        let env = Value::from([("LEVEL", Value::from(level))]);
        let container = Value::from([
            ("name", Value::from("main")),
            ("image", Value::from(image)),
            ("env", env),
        ]);
        let mut group = Map::from_iter([("containers".into(), Value::list(vec![container]))]);
        if let Some(owner) = owner {
            let tags = Value::from([("owner", Value::from(owner))]);
            group.insert("tags".into(), tags);
        }
        group
    }

    fn kept(ignore: &[&str], desired: Map, kept: &Map) -> Map {
        let paths = ignore.iter().map(|path| (*path).to_owned()).collect();
        let mut desired = Arc::new(desired);
        let ignore = IgnoreChanges::Paths(paths);
        keep_ignored(Kind::ContainerGroup, &mut desired, &ignore, kept);
        Arc::unwrap_or_clone(desired)
    }

    #[test]
    fn what_is_ignored_deep_inside_stays_and_what_is_beside_it_changes() {
        let before = group("a:1", "info", None);
        let wanted = group("a:2", "debug", None);
        let image = [r#"containers["main"].image"#];
        assert_eq!(kept(&image, wanted, &before), group("a:1", "debug", None));
    }

    #[test]
    fn an_ignored_entry_stays_away_or_comes_back() {
        let (with, without) = (group("a", "x", Some("me")), group("a", "x", None));
        let owner = ["tags.owner"];
        assert_eq!(kept(&owner, without.clone(), &with), with);
        assert_eq!(kept(&owner, with.clone(), &without), without);
        assert_eq!(kept(&[], with.clone(), &without), with);
    }

    #[test]
    fn elements_of_an_ignored_list_stay_as_they_are() {
        let before = group("a:1", "info", None);
        let mut wanted = group("b:1", "info", None);
        let other = Value::from([("name", Value::from("other")), ("image", Value::from("b"))]);
        wanted.insert("containers".into(), Value::list(vec![other]));
        assert_eq!(kept(&["containers"], wanted, &before), before);
    }

    #[test]
    fn a_secret_known_only_by_its_digest_is_not_kept() {
        let mut before = group("a", "info", None);
        let secret = Value::from([("owner", Value::Digest("hmac-sha256:x".into()))]);
        before.insert("tags".into(), secret);
        let wanted = group("a", "info", Some("me"));
        assert_eq!(kept(&["tags.owner"], wanted.clone(), &before), wanted);
    }
}
