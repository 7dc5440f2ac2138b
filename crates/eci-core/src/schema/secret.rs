//! Where secrets stand in a described table.

use std::collections::BTreeSet;

use super::conform::identity_of;
use super::{Link, Object, Type};
use crate::path::Path;
use crate::value::{Map, Value};

/// Returns the paths of everything that is sensitive in a table in normal form.
///
/// An element of a list of tables goes by what identifies it. Where nothing public does, and in
/// lists of plain values, the path is that of the whole list: a path may be shown and stored.
pub fn secret_paths(object: &'static Object, entries: &Map) -> BTreeSet<Path> {
    let mut paths = BTreeSet::new();
    in_table(object, entries, &Path::root(), &mut paths);
    paths
}

/// Returns what identifies an element of a list, unless that is itself sensitive.
pub fn public_identity(item: &Value, keys: &[&str]) -> Option<String> {
    let entries = item.as_map()?;
    let mut identifying = keys.iter().filter_map(|key| entries.get(*key));
    match identifying.any(Value::has_sensitive) {
        true => None,
        false => identity_of(item, keys),
    }
}

fn in_table(object: &'static Object, entries: &Map, path: &Path, paths: &mut BTreeSet<Path>) {
    for (name, value) in entries {
        if !value.has_sensitive() {
            continue;
        }
        let path = path.name(name.clone());
        match object.field(name, entries) {
            Some(field) => in_value(&field.ty, value, path, paths),
            None => {
                paths.insert(path);
            }
        }
    }
}

fn in_value(ty: &'static Type, value: &Value, path: Path, paths: &mut BTreeSet<Path>) {
    match (ty, value) {
        (Type::Object(object), Value::Map(entries)) => in_table(object, entries, &path, paths),
        (Type::Ref(kind, Link::Attributes), Value::Map(entries)) => {
            in_table(kind.schema(), entries, &path, paths);
        }
        (Type::Table(..), Value::Map(entries)) => {
            let secret = entries.iter().filter(|(_, value)| value.has_sensitive());
            paths.extend(secret.map(|(key, _)| path.name(key.clone())));
        }
        (Type::Objects(object, keys), Value::List(items)) => {
            in_elements(object, keys, items, path, paths);
        }
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => {
            in_elements(kind.schema(), &["name"], items, path, paths);
        }
        _ => {
            paths.insert(path);
        }
    }
}

fn in_elements(
    object: &'static Object,
    keys: &[&str],
    items: &[Value],
    path: Path,
    paths: &mut BTreeSet<Path>,
) {
    for item in items.iter().filter(|item| item.has_sensitive()) {
        match (item, public_identity(item, keys)) {
            (Value::Map(entries), Some(identity)) => {
                in_table(object, entries, &path.key(identity), paths);
            }
            _ => {
                paths.insert(path);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::CONTAINER_GROUP;

    #[test]
    fn a_secret_is_found_at_the_path_that_names_it() {
        let secret = || Value::from("hush").into_sensitive();
        let container = Value::from([
            ("name", Value::from("app")),
            (
                "env",
                Value::from([("TOKEN", secret()), ("LEVEL", "info".into())]),
            ),
            ("command", Value::list(vec!["serve".into(), secret()])),
        ]);
        let unnamed = Value::from([("ip", secret())]);
        let group = Map::from_iter([
            ("containers".into(), Value::list(vec![container])),
            ("host_aliases".into(), Value::list(vec![unnamed])),
            ("tags".into(), Value::from([("a", "b")]).into_sensitive()),
        ]);
        let paths = secret_paths(&CONTAINER_GROUP, &group);
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        assert_eq!(
            paths,
            [
                r#"containers["app"].command"#,
                r#"containers["app"].env.TOKEN"#,
                "host_aliases",
                "tags",
            ]
        );
    }
}
