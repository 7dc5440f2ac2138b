//! The form that answers about container groups have by the behaviors of the cloud.

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use serde_json::{Map, Value};

use crate::engine::api_behavior::ApiBehavior;

/// Fields that are times.
const TIMES: [&str; 7] = [
    "creationTime",
    "succeededTime",
    "failedTime",
    "firstTimestamp",
    "lastTimestamp",
    "startTime",
    "finishTime",
];

/// Gives an answer the form that the behaviors say.
pub(crate) fn formed(answer: &mut Map<String, Value>, behavior: &ApiBehavior) {
    if behavior.beijing_times || behavior.empty_fields_omitted {
        form_object(answer, behavior);
    }
}

/// Writes the times of an object in +08:00 and omits its empty fields as Go's `omitempty` does, and
/// the same in all objects in it: elements of lists stay, and so do objects without fields.
fn form_object(object: &mut Map<String, Value>, behavior: &ApiBehavior) {
    object.retain(|name, value| {
        form_value(value, behavior);
        if behavior.beijing_times
            && let Some(time) = time_of(name, value)
        {
            *value = Value::from(time);
        }
        !(behavior.empty_fields_omitted && is_empty(value))
    });
}

fn form_value(value: &mut Value, behavior: &ApiBehavior) {
    match value {
        Value::Object(object) => form_object(object, behavior),
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| form_value(element, behavior)),
        _ => {}
    }
}

fn time_of(name: &str, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    if !TIMES.contains(&name) {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    let beijing = time.to_zoned(TimeZone::fixed(tz::offset(8)));
    Some(beijing.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(_) => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(value: Value, behavior: &ApiBehavior) -> Value {
        let mut answer = value.as_object().unwrap().clone();
        formed(&mut answer, behavior);
        Value::Object(answer)
    }

    #[test]
    fn empty_fields_are_omitted_and_elements_of_lists_are_not() {
        let behavior = ApiBehavior {
            empty_fields_omitted: true,
            beijing_times: false,
            ..ApiBehavior::default()
        };
        let natural = json!({
            "message": "", "total": 0, "gpu": 0.0, "ready": false, "tags": [], "network": {},
            "list": [{"key": "a", "value": ""}, ""],
        });
        let expected = json!({"network": {}, "list": [{"key": "a"}, ""]});
        assert_eq!(form(natural, &behavior), expected);
    }

    #[test]
    fn times_are_written_in_beijing_time() {
        let behavior = ApiBehavior {
            empty_fields_omitted: false,
            beijing_times: true,
            ..ApiBehavior::default()
        };
        let natural = json!({"a": [{"creationTime": "2025-01-16T20:26:44Z", "name": "2025-01-16T20:26:44Z"}]});
        let expected = json!({"a": [{"creationTime": "2025-01-17T04:26:44+08:00", "name": "2025-01-16T20:26:44Z"}]});
        assert_eq!(form(natural, &behavior), expected);
    }
}
