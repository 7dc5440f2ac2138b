//! Secrets that only their names give away, in what the cloud reports.
//!
//! No record knows the password that somebody entered in the console, or that a container group
//! had before it was imported. What a lint would call a secret in a manifest is one here too, unless
//! a manifest has the same value in the same place: then it is public already.

use std::sync::Arc;

use eci_core::path::public_identity;
use eci_core::schema::{Link, Object, Type};
use eci_core::secret_names::{SecretHint, is_secret_variable, secrets_in_command};
use eci_core::{Map, Value};

/// Marks what probably is a secret in an observation and is in clear in none of the `public` records.
pub(crate) fn mark_probable_secrets(
    object: &'static Object,
    public: &[&Map],
    observed: Arc<Map>,
) -> Arc<Map> {
    match marked_table(object, public, &observed) {
        Some(marked) => Arc::new(marked),
        None => observed,
    }
}

/// Returns the table with its probable secrets marked; `None` if it has none.
fn marked_table(object: &'static Object, public: &[&Map], table: &Map) -> Option<Map> {
    let mut marked: Option<Map> = None;
    for (name, value) in table {
        let public = public.iter().filter_map(|record| record.get(name));
        // Most of what is observed equals what was applied.
        if public.clone().any(|public| public == value) {
            continue;
        }
        let Some(field) = object.field(name, table) else {
            continue;
        };
        let public: Vec<&Value> = public.collect();
        let part = match (field.secret_hint, value) {
            (Some(SecretHint::Environment), Value::Map(variables)) => {
                marked_variables(&maps(&public), variables)
            }
            (Some(SecretHint::CommandLine), Value::List(parts)) => marked_command(&public, parts),
            _ => marked_value(&field.ty, &public, value),
        };
        if let Some(part) = part {
            marked
                .get_or_insert_with(|| table.clone())
                .insert(name.clone(), part);
        }
    }
    marked
}

fn maps<'a>(values: &[&'a Value]) -> Vec<&'a Map> {
    values.iter().filter_map(|value| value.as_map()).collect()
}

fn marked_value(ty: &'static Type, public: &[&Value], value: &Value) -> Option<Value> {
    match (ty, value) {
        (Type::Object(object), Value::Map(table)) => {
            marked_table(object, &maps(public), table).map(Value::map)
        }
        (Type::Objects(object, keys), Value::List(items)) => TableElements {
            object,
            keys,
            public,
        }
        .marked(items),
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => TableElements {
            object: kind.schema(),
            keys: &["name"],
            public,
        }
        .marked(items),
        _ => None,
    }
}

/// The known elements of a list of tables.
struct TableElements<'a> {
    object: &'static Object,
    /// The fields that identify them.
    keys: &'static [&'static str],
    /// The list in public records.
    public: &'a [&'a Value],
}

impl TableElements<'_> {
    fn marked(&self, items: &[Value]) -> Option<Value> {
        let mut marked: Option<Vec<Value>> = None;
        for (index, item) in items.iter().enumerate() {
            let Value::Map(table) = item else {
                continue;
            };
            if let Some(table) = marked_table(self.object, &self.twins(item), table) {
                marked.get_or_insert_with(|| items.to_vec())[index] = Value::map(table);
            }
        }
        marked.map(Value::list)
    }

    /// Returns the same element in public records.
    fn twins(&self, item: &Value) -> Vec<&Map> {
        let Some(identity) = public_identity(item, self.keys) else {
            return Vec::new();
        };
        let is_twin =
            |other: &&Value| public_identity(other, self.keys).as_ref() == Some(&identity);
        let lists = self.public.iter().filter_map(|list| list.as_list());
        let twins = lists.filter_map(|list| list.iter().find(is_twin));
        twins.filter_map(Value::as_map).collect()
    }
}

fn marked_variables(public: &[&Map], variables: &Map) -> Option<Value> {
    let mut marked: Option<Map> = None;
    for (name, value) in variables {
        let is_secret = value
            .as_str()
            .is_some_and(|it| is_secret_variable(name, it));
        if is_secret && !public.iter().any(|it| it.get(name) == Some(value)) {
            marked
                .get_or_insert_with(|| variables.clone())
                .insert(name.clone(), value.clone().into_sensitive());
        }
    }
    marked.map(Value::map)
}

fn marked_command(public: &[&Value], parts: &[Value]) -> Option<Value> {
    let mut marked: Option<Vec<Value>> = None;
    for secret in secrets_in_command(parts.iter().map(Value::as_str)) {
        let value = &parts[secret.index];
        let mut public = public.iter().filter_map(|list| list.as_list());
        if !public.any(|list| list.contains(value)) {
            marked.get_or_insert_with(|| parts.to_vec())[secret.index] =
                value.clone().into_sensitive();
        }
    }
    marked.map(Value::list)
}

#[cfg(test)]
mod tests {
    use eci_core::kinds::CONTAINER_GROUP;

    use super::*;

    fn group(env: &[(&str, &str)], command: &[&str]) -> Map {
        let env = env
            .iter()
            .map(|(name, value)| ((*name).into(), Value::from(*value)));
        let command = command.iter().map(|part| Value::from(*part));
        let container = Value::from([
            ("name", Value::from("app")),
            ("env", Value::map(env.collect())),
            ("command", Value::list(command.collect())),
        ]);
        Map::from_iter([("containers".into(), Value::list(vec![container]))])
    }

    fn shown(public: &Map, observed: Map) -> String {
        let marked = mark_probable_secrets(&CONTAINER_GROUP, &[public], Arc::new(observed));
        format!("{marked:?}")
    }

    #[test]
    fn a_password_that_no_record_has_is_marked_and_the_rest_is_not() {
        let env = [
            ("PASSWORD", "hush-1"),
            ("DSN", "db://u:hush-2@h"),
            ("LEVEL", "info"),
        ];
        let observed = group(
            &env,
            &["app", "--token", "hush-3", "--password=hush-4", "-v"],
        );
        for public in [Map::new(), group(&[], &["app"])] {
            let shown = shown(&public, observed.clone());
            assert!(!shown.contains("hush"), "{shown}");
            assert!(shown.contains("info") && shown.contains("-v"), "{shown}");
        }
    }

    #[test]
    fn a_password_that_the_manifest_has_in_clear_is_public() {
        let all = group(&[("PASSWORD", "open-1")], &["app", "--token", "open-2"]);
        let mut observed = all.clone();
        observed.insert("status".into(), "Running".into());
        let clear = shown(&all, observed);
        assert!(
            clear.contains("open-1") && clear.contains("open-2"),
            "{clear}"
        );
        let other = group(&[("PASSWORD", "hush")], &["app", "--token", "open-2"]);
        let hidden = shown(&all, other);
        assert!(
            !hidden.contains("hush") && hidden.contains("open-2"),
            "{hidden}"
        );
    }
}
