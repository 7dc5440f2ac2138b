//! From the body of a create or an update to what a group is.

use serde_json::{Map, Value};

use super::fields::{CREATE, UPDATE};
use super::{rules, shape};
use crate::model::group_error::GroupApiError;

/// Fields of a create that only the vendor's client has and that nothing in the sandbox
/// depends on; they are not kept.
const UNDOCUMENTED: [&str; 4] = [
    "serviceAccountName",
    "annotations",
    "labels",
    "terminationGracePeriodSeconds",
];

/// Returns the group that a create requests, or the reason of its refusal.
pub(crate) fn accept_create(body: Map<String, Value>) -> Result<Map<String, Value>, GroupApiError> {
    let mut spec = shape::conform(&CREATE, body)?;
    for name in UNDOCUMENTED {
        spec.remove(name);
    }
    rules::check(&spec)?;
    forget_secrets(&mut spec);
    Ok(spec)
}

/// Returns the group after an update, or the reason of its refusal.
///
/// A field that is absent is left as it is; one that is present replaces the whole old value.
pub(crate) fn accept_update(
    current: &Map<String, Value>,
    body: Map<String, Value>,
) -> Result<Map<String, Value>, GroupApiError> {
    if let Some(fixed) = body.keys().find(|name| is_fixed(name)) {
        return Err(GroupApiError::invalid(format!(
            "{fixed} cannot be updated in place"
        )));
    }
    let mut changes = shape::conform(&UPDATE, body)?;
    changes.remove("containerGroupId");
    let mut spec = current.clone();
    spec.extend(changes);
    rules::check(&spec)?;
    forget_secrets(&mut spec);
    Ok(spec)
}

fn is_fixed(name: &str) -> bool {
    CREATE.has(name) && !UPDATE.has(name)
}

/// Passwords are never reported back, so they are not kept.
fn forget_secrets(spec: &mut Map<String, Value>) {
    for (list, object, secret) in [
        ("imageRegistryCredential", None, "password"),
        ("volumes", Some("zosVolume"), "crendential"),
    ] {
        let Some(Value::Array(items)) = spec.get_mut(list) else {
            continue;
        };
        for item in items {
            let holder = match object {
                Some(object) => item.get_mut(object),
                None => Some(item),
            };
            if let Some(Value::Object(holder)) = holder {
                holder.remove(secret);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::super::rules::tests::minimal;
    use super::*;
    use crate::model::group_error::GroupErrorReason;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn secrets_are_not_kept() {
        let mut body = minimal();
        body["imageRegistryCredentials"] =
            json!([{"server": "r.example", "userName": "u", "password": "hush-1"}]);
        body["volumes"] = json!([{"type": "ZosVolume", "name": "z", "zosVolume":
            {"bucket": "b", "url": "http://z.example", "credential": "aHVzaDpodXNo"}}]);
        let spec = Value::Object(accept_create(object(body)).unwrap()).to_string();
        assert!(
            !spec.contains("hush-1") && !spec.contains("aHVzaDpodXNo"),
            "{spec}"
        );
        assert!(spec.contains("r.example") && spec.contains("http://z.example"));
    }

    #[test]
    fn fields_only_the_client_knows_are_taken_and_dropped() {
        let mut body = minimal();
        body["labels"] = json!({"a": "b"});
        body["serviceAccountName"] = json!("robot");
        body["containers"][0]["securityContext"] = json!({"runAsUser": 5});
        let spec = accept_create(object(body)).unwrap();
        assert!(!spec.contains_key("labels") && !spec.contains_key("serviceAccountName"));
    }

    #[test]
    fn the_clients_spellings_are_kept_under_the_names_of_the_page() {
        let mut body = minimal();
        body["hostname"] = json!("box");
        let spec = accept_create(object(body)).unwrap();
        assert_eq!(spec["hostName"], "box");
    }

    #[test]
    fn an_update_leaves_what_is_absent_and_replaces_what_is_present() {
        let current = accept_create(object(minimal())).unwrap();
        let changed = accept_update(
            &current,
            object(json!({"tags": [{"key": "a", "value": "b"}]})),
        )
        .unwrap();
        assert_eq!(changed["tags"][0]["key"], "a");
        assert_eq!(changed["containers"], current["containers"]);
        let emptied = accept_update(&changed, object(json!({"tags": []}))).unwrap();
        assert_eq!(emptied["tags"], json!([]));
    }

    #[test]
    fn an_update_refuses_what_cannot_be_updated_in_place() {
        let current = accept_create(object(minimal())).unwrap();
        for fixed in ["vpcId", "cpu", "initContainers", "hostname"] {
            let refused = accept_update(&current, object(json!({fixed: "x"}))).unwrap_err();
            assert_eq!(refused.reason, GroupErrorReason::Invalid);
            assert!(refused.message.contains(fixed), "{}", refused.message);
        }
        let unknown = accept_update(&current, object(json!({"color": "x"}))).unwrap_err();
        assert_eq!(unknown.message, "unknown field color");
    }

    #[test]
    fn an_update_is_checked_against_the_rest_of_the_group() {
        let mut body = minimal();
        body["volumes"] = json!([{"type": "EmptyDirVolume", "name": "tmp",
            "emptyDirVolume": {"medium": ""}}]);
        body["containers"][0]["volumeMount"] = json!([{"name": "tmp", "mountPath": "/tmp"}]);
        let current = accept_create(object(body)).unwrap();
        let refused = accept_update(&current, object(json!({"volumes": []}))).unwrap_err();
        assert!(refused.message.contains("tmp"), "{}", refused.message);
    }
}
