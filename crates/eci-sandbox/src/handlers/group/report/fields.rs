//! Fields that are reported as they were sent.

use serde_json::{Map, Value};

/// Copies these fields, where they are.
pub(super) fn copy(from: &Map<String, Value>, names: &[&str], into: &mut Map<String, Value>) {
    for name in names {
        if let Some(value) = from.get(*name) {
            into.insert((*name).to_owned(), value.clone());
        }
    }
}
