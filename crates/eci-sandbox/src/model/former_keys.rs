//! The former keys of stored objects, which data of earlier builds has.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Checks that an object is read where its keys are the former ones.
pub(super) fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(object: &T) {
    let former_keys = include_str!("../../tests/data/former-keys.json");
    let former_keys: BTreeMap<String, String> = serde_json::from_str(former_keys).unwrap();
    let mut stored = serde_json::to_value(object).unwrap();
    let fields = stored.as_object_mut().unwrap();
    for (key, former) in former_keys {
        let value = fields.remove(&key).unwrap();
        fields.insert(former, value);
    }
    assert_eq!(serde_json::from_value::<T>(stored).unwrap(), *object);
}
