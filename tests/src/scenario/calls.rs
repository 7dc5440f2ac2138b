//! The calls that change the cloud, for people: the operation, the group, and what is sent of
//! it, a line each.
//!
//! ```text
//! createContainerGroup web
//!     containers: [{image: nginx:1.27, name: nginx}]
//!     …
//! deleteContainerGroup <web#1>
//! ```
//!
//! The value of the operation tag, which is another one each time, is left out.

use std::sync::LazyLock;

use eci_core::OperationTag;
use eci_sandbox::RecordedRequest;
use regex::Regex;
use serde_json::{Map, Value};

use super::mask::Names;

/// Returns the calls as text.
pub fn shown(requests: &[RecordedRequest], names: &Names) -> String {
    if requests.is_empty() {
        return "(none)\n".to_owned();
    }
    let calls = requests.iter().map(|request| call(request, names));
    let text = names.mask(&calls.collect::<String>());
    // Whether an id was in quotes depends on its first character, which is drawn.
    QUOTED.replace_all(&text, "$1").into_owned()
}

static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""(<(?:order|[^<>"]+#\d+)>(?:-\d+)?(?:-left)?)""#).unwrap());

fn call(request: &RecordedRequest, names: &Names) -> String {
    let mut body = match request.body.clone() {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    let named = body.remove("containerGroupName");
    let (path, query) = match request.path.split_once('?') {
        Some((path, query)) => (path, format!(" ?{query}")),
        None => (request.path.as_str(), String::new()),
    };
    let last = path.rsplit('/').next().unwrap_or_default();
    let group = match &named {
        Some(Value::String(name)) => name,
        _ => names.name(last).unwrap_or(last),
    };
    let mut text = format!("{} {group}{query}\n", request.operation);
    for (field, value) in &body {
        text += &format!("    {field}: {}\n", short(value));
    }
    text
}

/// Returns a value on one line, without quotes where none are needed.
fn short(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let tag = entries.get("key").and_then(Value::as_str) == Some(OperationTag::KEY);
            let entries = entries.iter().map(|(name, value)| match name.as_str() {
                "value" if tag => format!("{name}: …"),
                _ => format!("{name}: {}", short(value)),
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            let items = items.iter().map(short);
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_plain(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_names_its_group_and_what_is_sent() {
        let request = |operation: &str, path: &str, body: Value| RecordedRequest {
            operation: operation.to_owned(),
            path: path.to_owned(),
            body,
        };
        let requests = [
            request(
                "createContainerGroup",
                "/x/createContainerGroup",
                json!({
                    "containerGroupName": "web",
                    "cpu": 1.5,
                    "tags": [{ "key": OperationTag::KEY, "value": "abc" }],
                    "epId": "0",
                }),
            ),
            request("deleteContainerGroup", "/x/eci-1?force=true", Value::Null),
        ];
        assert_eq!(
            shown(&requests, &Names::default()),
            "createContainerGroup web\n    cpu: 1.5\n    epId: \"0\"\n    \
             tags: [{key: eci:operation, value: …}]\n\
             deleteContainerGroup eci-1 ?force=true\n"
        );
    }
}
