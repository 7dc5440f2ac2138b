//! The form that answers about container groups have by the habits of the cloud.

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use serde_json::{Map, Value};

use crate::habits::Habits;

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

/// Gives an answer the form that the habits say.
pub(crate) fn formed(answer: &mut Map<String, Value>, habits: &Habits) {
    if habits.beijing_times {
        to_beijing(answer);
    }
    if habits.empty_fields_omitted {
        omit_empty(answer);
    }
}

/// Writes the times of an object, and of all objects in it, in +08:00.
fn to_beijing(object: &mut Map<String, Value>) {
    for (name, value) in object {
        if let Some(time) = time_of(name, value) {
            *value = Value::from(time);
        } else {
            for inner in objects(value) {
                to_beijing(inner);
            }
        }
    }
}

fn time_of(name: &str, value: &Value) -> Option<String> {
    let time: Timestamp = TIMES
        .contains(&name)
        .then_some(value)?
        .as_str()?
        .parse()
        .ok()?;
    let beijing = time.to_zoned(TimeZone::fixed(tz::offset(8)));
    Some(beijing.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// Removes what is empty from an object, and from all objects in it, as Go's `omitempty` does:
/// elements of lists stay, and so do objects without fields.
fn omit_empty(object: &mut Map<String, Value>) {
    object.retain(|_, value| !is_empty(value));
    for value in object.values_mut() {
        for inner in objects(value) {
            omit_empty(inner);
        }
    }
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

/// The object that a value is, or those that it lists.
fn objects(value: &mut Value) -> Vec<&mut Map<String, Value>> {
    match value {
        Value::Object(object) => vec![object],
        Value::Array(elements) => elements.iter_mut().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(value: Value, habits: &Habits) -> Value {
        let mut answer = value.as_object().unwrap().clone();
        formed(&mut answer, habits);
        Value::Object(answer)
    }

    #[test]
    fn empty_fields_are_omitted_and_elements_of_lists_are_not() {
        let habits = Habits {
            empty_fields_omitted: true,
            beijing_times: false,
            ..Habits::default()
        };
        let told = json!({
            "message": "", "total": 0, "gpu": 0.0, "ready": false, "tags": [], "network": {},
            "list": [{"key": "a", "value": ""}, ""],
        });
        let expected = json!({"network": {}, "list": [{"key": "a"}, ""]});
        assert_eq!(form(told, &habits), expected);
    }

    #[test]
    fn times_are_written_in_beijing_time() {
        let habits = Habits {
            empty_fields_omitted: false,
            beijing_times: true,
            ..Habits::default()
        };
        let told = json!({"a": [{"creationTime": "2025-01-16T20:26:44Z", "name": "2025-01-16T20:26:44Z"}]});
        let expected = json!({"a": [{"creationTime": "2025-01-17T04:26:44+08:00", "name": "2025-01-16T20:26:44Z"}]});
        assert_eq!(form(told, &habits), expected);
    }
}
