//! Where secrets stand in a described table.

use std::collections::BTreeSet;

use super::identity::public_identity;
use super::{Link, Object, Type};
use crate::path::Path;
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
            (Type::Objects(object, keys), Value::List(items)) => {
                self.elements(object, keys, items, path);
            }
            (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => {
                self.elements(kind.schema(), &["name"], items, path);
            }
            _ => {
                self.paths.insert(path);
            }
        }
    }

    fn elements(&mut self, object: &'static Object, keys: &[&str], items: &[Value], path: Path) {
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
