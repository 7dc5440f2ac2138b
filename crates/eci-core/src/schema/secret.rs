//! Places of secrets in a described table.

use std::collections::BTreeSet;

use super::{Availability, Link, Object, Type};
use crate::path::{Path, public_identity};
use crate::value::{Map, Value};

/// Returns the paths of everything that is sensitive in a table in normal form.
///
/// An element of a list of tables goes by what identifies it. Where nothing public does, and in
/// lists of plain values, the path is that of the whole list: a path may be shown and stored.
pub fn secret_paths(object: &'static Object, entries: &Map) -> BTreeSet<Path> {
    found(object, entries, Value::has_sensitive)
}

/// Returns the paths of everything in a table in normal form that is known by its digest alone,
/// in the form of [`secret_paths`].
pub fn digest_paths(object: &'static Object, entries: &Map) -> BTreeSet<Path> {
    found(object, entries, Value::has_digest)
}

/// Returns the paths of the secrets that a table in normal form must have and does not, in the form
/// of [`secret_paths`]: those of elements that somebody else added, as the cloud reports no secrets.
pub fn missing_secret_paths(object: &'static Object, entries: &Map) -> BTreeSet<Path> {
    let mut paths = BTreeSet::new();
    missing(object, entries, &Path::root(), &mut paths);
    paths
}

fn missing(object: &'static Object, entries: &Map, path: &Path, paths: &mut BTreeSet<Path>) {
    let fields = object.fields.iter();
    for field in fields.filter(|field| field.is_writable() && field.applies_to(entries)) {
        let path = path.name(field.name);
        match (&field.ty, entries.get(field.name)) {
            (_, None) if field.sensitive && field.presence == Availability::Required => {
                paths.insert(path);
            }
            (Type::Object(object), Some(Value::Map(entries))) => {
                missing(object, entries, &path, paths);
            }
            (ty, Some(Value::List(items))) => {
                let Some(List { object, keys }) = list_of(ty) else {
                    continue;
                };
                let tables = items.iter().filter_map(|item| Some((item, item.as_map()?)));
                for (item, entries) in tables {
                    let element = public_identity(item, keys).map(|it| path.element(&it));
                    missing(object, entries, element.as_ref().unwrap_or(&path), paths);
                }
            }
            _ => {}
        }
    }
}

/// A list of tables.
struct List {
    object: &'static Object,
    /// The keys that identify its elements.
    keys: &'static [&'static str],
}

fn list_of(ty: &'static Type) -> Option<List> {
    match ty {
        Type::Objects(object, keys) => Some(List { object, keys }),
        Type::List(Type::Ref(kind, Link::Attributes)) => Some(List {
            object: kind.schema(),
            keys: &["name"],
        }),
        _ => None,
    }
}

fn found(object: &'static Object, entries: &Map, counts: fn(&Value) -> bool) -> BTreeSet<Path> {
    let mut search = Search {
        counts,
        paths: BTreeSet::new(),
    };
    search.table(object, entries, &Path::root());
    search.paths
}

struct Search {
    counts: fn(&Value) -> bool,
    paths: BTreeSet<Path>,
}

impl Search {
    fn table(&mut self, object: &'static Object, entries: &Map, path: &Path) {
        let counts = self.counts;
        for (name, value) in entries.iter().filter(|(_, value)| counts(value)) {
            let path = path.name(name.clone());
            match object.field(name, entries) {
                Some(field) => self.value(&field.ty, value, path),
                None => {
                    self.paths.insert(path);
                }
            }
        }
    }

    fn value(&mut self, ty: &'static Type, value: &Value, path: Path) {
        match (ty, value) {
            (Type::Object(object), Value::Map(entries)) => self.table(object, entries, &path),
            (Type::Ref(kind, Link::Attributes), Value::Map(entries)) => {
                self.table(kind.schema(), entries, &path);
            }
            (Type::Table(..), Value::Map(entries)) => {
                let counted = entries.iter().filter(|(_, value)| (self.counts)(value));
                self.paths
                    .extend(counted.map(|(key, _)| path.name(key.clone())));
            }
            (ty, Value::List(items)) if let Some(list) = list_of(ty) => {
                self.elements(&list, items, path);
            }
            _ => {
                self.paths.insert(path);
            }
        }
    }

    fn elements(&mut self, list: &List, items: &[Value], path: Path) {
        let List { object, keys } = *list;
        let counts = self.counts;
        for item in items.iter().filter(|item| counts(item)) {
            match (item, public_identity(item, keys)) {
                (Value::Map(entries), Some(identity)) => {
                    self.table(object, entries, &path.element(&identity));
                }
                _ => {
                    self.paths.insert(path);
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::CONTAINER_GROUP;

    #[test]
    fn a_bucket_that_somebody_else_added_lacks_its_secret() {
        let bucket = |name: &str| vec![("name", Value::from(name)), ("type", "ZosVolume".into())];
        let mut known = bucket("known");
        known.push(("credential", Value::from("hush").into_sensitive()));
        let volumes = [bucket("added"), known].map(|fields| {
            let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
            Value::map(fields.collect())
        });
        let group = Map::from_iter([("volumes".into(), Value::list(volumes.to_vec()))]);
        let paths = missing_secret_paths(&CONTAINER_GROUP, &group);
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        assert_eq!(paths, [r#"volumes["added"].credential"#]);
    }

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
