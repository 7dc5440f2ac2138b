//! Values that a record has only as a digest, read from the manifest where it still has them.

use std::sync::Arc;

use eci_core::{DigestKey, Map, Value};

/// Replaces each digest by the desired secret that it represents: a value can be compared part by
/// part with what the cloud reports of it, and a digest cannot.
pub fn recalled(key: &DigestKey, recorded: &Arc<Map>, desired: &Map) -> Arc<Map> {
    if !recorded.values().any(Value::has_digest) {
        return Arc::clone(recorded);
    }
    Arc::new(table(key, recorded, desired))
}

fn table(key: &DigestKey, recorded: &Map, desired: &Map) -> Map {
    let recalled = recorded.iter().map(|(name, recorded)| {
        let recalled = match desired.get(name) {
            Some(desired) => value(key, recorded, desired),
            None => recorded.clone(),
        };
        (name.clone(), recalled)
    });
    recalled.collect()
}

fn value(key: &DigestKey, recorded: &Value, desired: &Value) -> Value {
    match (recorded, desired) {
        (Value::Digest(_), desired) => {
            let secret = desired.clone().into_sensitive();
            if key.redact(&secret) == *recorded {
                secret
            } else {
                recorded.clone()
            }
        }
        (Value::Map(recorded), Value::Map(desired)) => Value::map(table(key, recorded, desired)),
        (Value::Sensitive(recorded), desired) => {
            let recalled = value(key, recorded.expose(), desired.reveal().0);
            recalled.into_sensitive()
        }
        (Value::List(recorded), Value::List(desired)) => {
            let recalled = recorded.iter().enumerate().map(|(at, recorded)| {
                let desired = desired.get(at);
                desired.map_or_else(|| recorded.clone(), |desired| value(key, recorded, desired))
            });
            Value::list(recalled.collect())
        }
        _ => recorded.clone(),
    }
}
