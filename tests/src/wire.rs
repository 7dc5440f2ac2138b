//! Values by their place in a body: `containers[].ports[].port` is the port of every port of
//! every container.

use serde_json::Value;

/// Returns the values at a place, in order.
pub fn values<'a>(body: &'a Value, place: &str) -> Vec<&'a Value> {
    let mut found = vec![body];
    for step in place.split('.') {
        let name = step.trim_end_matches("[]");
        let inside = found.into_iter().filter_map(|value| value.get(name));
        found = if name == step {
            inside.collect()
        } else {
            inside.filter_map(Value::as_array).flatten().collect()
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_names_the_values_of_every_item() {
        let body = json!({ "a": [{ "b": [{ "c": 1 }, { "c": 2 }] }, { "b": [{ "c": [3] }] }, {}] });
        assert_eq!(
            values(&body, "a[].b[].c"),
            [&json!(1), &json!(2), &json!([3])]
        );
        assert!(values(&body, "a[].d").is_empty());
    }
}
