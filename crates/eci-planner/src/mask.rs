//! Secrets in what the cloud reports.
//!
//! The cloud knows no secrets: an environment value that the manifest took from a sensitive
//! variable comes back as plain text. It is marked again here, where the state has a digest.

use eci_core::schema::{Link, Object, Type, identity_of};
use eci_core::{Map, Value};

/// What was observed, with a mark on everything that stands where `applied` has a secret.
pub(crate) fn mask(object: &'static Object, applied: &Map, observed: &Map) -> Map {
    observed
        .iter()
        .map(|(name, seen)| {
            let masked = match (applied.get(name), object.field(name, observed)) {
                (Some(known), Some(field)) => value(&field.ty, known, seen),
                _ => seen.clone(),
            };
            (name.clone(), masked)
        })
        .collect()
}

fn value(ty: &'static Type, known: &Value, seen: &Value) -> Value {
    if !known.has_sensitive() {
        return seen.clone();
    }
    match (ty, known, seen) {
        (_, Value::Sensitive(_) | Value::Digest(_), _) => seen.clone().into_sensitive(),
        (Type::Object(object), Value::Map(known), Value::Map(seen)) => {
            Value::map(mask(object, known, seen))
        }
        (Type::Ref(kind, Link::Attributes), Value::Map(known), Value::Map(seen)) => {
            Value::map(mask(kind.schema(), known, seen))
        }
        (Type::Table(..), Value::Map(known), Value::Map(seen)) => Value::map(
            seen.iter()
                .map(|(key, seen)| {
                    // A key that is new may hold what another key held before.
                    let secret = known.get(key).is_none_or(Value::has_sensitive);
                    (key.clone(), mark(seen, secret))
                })
                .collect(),
        ),
        (Type::Objects(object, keys), Value::List(known), Value::List(seen)) => {
            elements(object, keys, known, seen)
        }
        (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(known), Value::List(seen)) => {
            elements(kind.schema(), &["name"], known, seen)
        }
        (Type::List(_), Value::List(known), Value::List(seen)) => {
            // What was not asked for in clear may be a secret in another place.
            let items = seen.iter().map(|item| mark(item, !known.contains(item)));
            Value::list(items.collect())
        }
        _ => seen.clone().into_sensitive(),
    }
}

fn elements(object: &'static Object, keys: &[&str], known: &[Value], seen: &[Value]) -> Value {
    let twin = |item: &Value| {
        let identity = identity_of(item, keys)?;
        known
            .iter()
            .find(|known| identity_of(known, keys).as_ref() == Some(&identity))
    };
    Value::list(
        seen.iter()
            .map(|item| match (twin(item).and_then(Value::as_map), item) {
                (Some(known), Value::Map(seen)) => Value::map(mask(object, known, seen)),
                // One that is new may be an old one under another name.
                _ => mark(item, known.iter().any(Value::has_sensitive)),
            })
            .collect(),
    )
}

fn mark(value: &Value, secret: bool) -> Value {
    if secret {
        value.clone().into_sensitive()
    } else {
        value.clone()
    }
}

#[cfg(test)]
mod tests {
    use eci_core::kinds::CONTAINER_GROUP;

    use super::*;

    fn group(name: &str, env: [(&str, Value); 2]) -> Map {
        let container = Value::from([("name", Value::from(name)), ("env", Value::from(env))]);
        Map::from_iter([("containers".into(), Value::list(vec![container]))])
    }

    fn applied() -> Map {
        let secret = Value::Digest("hmac-sha256:x".into());
        group("app", [("TOKEN", secret), ("LEVEL", Value::from("info"))])
    }

    #[test]
    fn a_secret_that_comes_back_is_marked_and_the_rest_is_not() {
        let seen = group("app", [("TOKEN", "hush".into()), ("LEVEL", "info".into())]);
        let shown = format!("{:?}", mask(&CONTAINER_GROUP, &applied(), &seen));
        assert!(!shown.contains("hush") && shown.contains("info"), "{shown}");
    }

    #[test]
    fn of_a_list_what_was_asked_for_in_clear_stays_clear() {
        let group = |last: Value| {
            let command = Value::list(vec!["serve".into(), last]);
            let container = Value::from([("name", Value::from("app")), ("command", command)]);
            Map::from_iter([("containers".into(), Value::list(vec![container]))])
        };
        let applied = group(Value::Digest("hmac-sha256:x".into()));
        let seen = mask(&CONTAINER_GROUP, &applied, &group("hush".into()));
        assert_eq!(seen, group(Value::from("hush").into_sensitive()));
    }

    #[test]
    fn a_secret_under_a_new_name_is_marked() {
        let renamed = group("app", [("OTHER", "hush".into()), ("LEVEL", "info".into())]);
        let moved = group("app2", [("TOKEN", "hush".into()), ("LEVEL", "info".into())]);
        for seen in [renamed, moved] {
            let shown = format!("{:?}", mask(&CONTAINER_GROUP, &applied(), &seen));
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}
