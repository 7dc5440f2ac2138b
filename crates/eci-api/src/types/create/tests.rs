use serde_json::{Value, json};

use super::*;
use crate::types::UpdateContainerGroup;

/// The example of the API reference, verbatim.
const EXAMPLE: &str = include_str!("../../../tests/data/create-request.json");

/// Every field of the page's tables, once.
const EVERY_FIELD: &str = include_str!("../../../tests/data/every-field.json");

/// The fields that the page requires, once.
const REQUIRED: &str = include_str!("../../../tests/data/required-fields.json");

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn read(body: Value) -> Result<CreateContainerGroup, serde_json::Error> {
    serde_json::from_value(body)
}

fn sent(body: Value, names: FieldNames) -> Value {
    read(body).unwrap().body(names).unwrap()
}

/// Collects the places of all objects in a body, as JSON pointers.
fn objects(json: &Value, pointer: &str, into: &mut Vec<String>) {
    match json {
        Value::Object(fields) => {
            into.push(pointer.to_owned());
            for (name, inner) in fields {
                objects(inner, &format!("{pointer}/{name}"), into);
            }
        }
        Value::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                objects(inner, &format!("{pointer}/{at}"), into);
            }
        }
        _ => {}
    }
}

fn places(body: &Value) -> Vec<String> {
    let mut places = Vec::new();
    objects(body, "", &mut places);
    places
}

/// Returns a body with the fields that only the vendor's client has, in addition to every field of
/// the API reference.
fn with_the_clients_fields() -> Value {
    let mut body = json(EVERY_FIELD);
    let mut put = |pointer: &str, name: &str, value: Value| {
        body.pointer_mut(pointer).unwrap()[name] = value;
    };
    put("", "serviceAccountName", json!("robot"));
    put("", "annotations", json!({ "a": "b" }));
    put("", "labels", json!({ "c": "d" }));
    put("", "terminationGracePeriodSeconds", json!(30));
    put("/eip", "publicIpAddressPoolName", json!("pool"));
    put("/volumes/0/diskVolume", "volumeSize", json!(40));
    put("/volumes/0/diskVolume", "readOnly", json!(false));
    let security = json!({
        "capabilities": { "add": ["NET_ADMIN"], "drop": ["ALL"] },
        "privileged": false, "readOnlyRootFileSystem": true, "allowPrivilegeEscalation": false,
        "runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000,
    });
    for list in ["/containers/0", "/initContainers/0"] {
        put(list, "securityContext", security.clone());
        let variable = format!("{list}/environmentVar/0");
        let field = json!({ "fieldPath": "metadata.name", "apiVersion": "v1" });
        put(&variable, "fieldRef", field);
        let resource = json!({ "containerName": "a", "resource": "limits.cpu", "divisor": "1m" });
        put(&variable, "resourceFieldRef", resource);
        put(&format!("{list}/volumeMount/0"), "subPath", json!("sub"));
        put(
            &format!("{list}/volumeMount/0"),
            "subPathExpr",
            json!("$(A)"),
        );
    }
    for probe in ["livenessProbe", "readinessProbe"] {
        let request = format!("/containers/0/{probe}/httpGet");
        put(&request, "host", json!("example.com"));
        put(
            &request,
            "httpHeaders",
            json!([{ "name": "X-A", "value": "b" }]),
        );
    }
    body
}

#[test]
fn the_example_of_the_api_reference_is_sent_unchanged() {
    assert_eq!(sent(json(EXAMPLE), FieldNames::Documented), json(EXAMPLE));
}

#[test]
fn every_field_is_sent_by_its_name() {
    assert_eq!(
        sent(json(EVERY_FIELD), FieldNames::Documented),
        json(EVERY_FIELD)
    );
    let whole = with_the_clients_fields();
    assert_eq!(sent(whole.clone(), FieldNames::Documented), whole);
}

#[test]
fn exactly_what_the_page_requires_is_required() {
    let required = json(REQUIRED);
    assert_eq!(sent(required.clone(), FieldNames::Documented), required);
    for place in places(&required) {
        let names: Vec<String> = required
            .pointer(&place)
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        for name in names {
            let mut body = required.clone();
            body.pointer_mut(&place)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(&name);
            assert!(read(body).is_err(), "{place}/{name}");
        }
    }
    // The objects that no required field leads to.
    for (place, name) in [
        ("/imageRegistryCredential/0", "password"),
        ("/securityContext", "sysctl"),
        ("/securityContext/sysctl/0", "value"),
        ("/volumes/0", "type"),
        ("/volumes/0/emptyDirVolume", "medium"),
        ("/volumes/0/configFileVolume", "configFileToPaths"),
        ("/volumes/0/configFileVolume/configFileToPaths/0", "content"),
        ("/volumes/0/diskVolume", "fsType"),
        ("/volumes/0/nasVolume", "sourcePath"),
        ("/volumes/0/zosVolume", "crendential"),
        ("/volumes/0/downwardAPIVolume", "items"),
        ("/volumes/0/downwardAPIVolume/items/0", "path"),
        ("/containers/0/ports/0", "protocol"),
        ("/containers/0/environmentVar/0", "value"),
        ("/containers/0/livenessProbe/exec", "command"),
        ("/containers/0/livenessProbe/httpGet", "scheme"),
        ("/containers/0/readinessProbe/tcpSocket", "port"),
        ("/containers/0/volumeMount/0", "mountPath"),
        ("/initContainers/0", "image"),
    ] {
        let mut body = json(EVERY_FIELD);
        let object = body.pointer_mut(place).unwrap().as_object_mut().unwrap();
        assert!(object.remove(name).is_some(), "{place}/{name}");
        assert!(read(body).is_err(), "{place}/{name}");
    }
}

#[test]
fn an_unknown_field_is_refused_at_every_level() {
    let whole = with_the_clients_fields();
    for place in places(&whole) {
        // These two are free maps of text.
        if matches!(place.as_str(), "/annotations" | "/labels") {
            continue;
        }
        let mut body = whole.clone();
        body.pointer_mut(&place).unwrap()["color"] = json!("red");
        let error = read(body).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("color"), "{place}: {error}");
    }
}

#[test]
fn probes_and_handlers_are_not_for_init_containers() {
    for field in [
        "livenessProbe",
        "readinessProbe",
        "lifecyclePreStopHandlerExec",
    ] {
        let mut body = json(EVERY_FIELD);
        let given = body["containers"][0][field].clone();
        assert!(!given.is_null());
        body["initContainers"][0][field] = given;
        assert!(read(body).is_err(), "{field}");
    }
}

#[test]
fn three_names_are_spelled_as_chosen_and_understood_in_both_spellings() {
    let documented = json(EVERY_FIELD);
    let sdk = sent(documented.clone(), FieldNames::Sdk);
    for (object, page, client) in [
        ("", "hostName", "hostname"),
        ("", "imageRegistryCredential", "imageRegistryCredentials"),
        ("/volumes/0/zosVolume", "crendential", "credential"),
    ] {
        let (page_object, sdk_object) = (
            documented.pointer(object).unwrap(),
            sdk.pointer(object).unwrap(),
        );
        assert!(page_object.get(page).is_some() && page_object.get(client).is_none());
        assert_eq!(sdk_object.get(client), page_object.get(page), "{client}");
        assert_eq!(sdk_object.get(page), None, "{page}");
    }
    assert_eq!(sent(sdk, FieldNames::Documented), documented);
}

#[test]
fn integers_are_sent_without_a_fraction() {
    let mut body = json(EXAMPLE);
    body["cpu"] = json!(1.0);
    body["containers"][0]["memory"] = json!(2.0);
    let text = sent(body, FieldNames::Documented).to_string();
    assert!(
        text.contains(r#""cpu":1,"#) && text.contains(r#""memory":2,"#),
        "{text}"
    );
}

#[test]
fn an_update_has_the_clients_spelling_and_no_init_containers() {
    let every = json(EVERY_FIELD);
    let update = |name: &str| {
        let body = json!({ name: every[name] });
        serde_json::from_value::<UpdateContainerGroup>(body)
    };
    for names in [FieldNames::Documented, FieldNames::Sdk] {
        let body = update("imageRegistryCredential")
            .unwrap()
            .body(names)
            .unwrap();
        assert_eq!(
            body,
            json!({ "imageRegistryCredentials": every["imageRegistryCredential"] })
        );
    }
    for name in [
        "eip",
        "restartPolicy",
        "tags",
        "containers",
        "dnsConfig",
        "volumes",
    ] {
        let body = update(name).unwrap().body(FieldNames::Documented).unwrap();
        assert_eq!(body, json!({ name: every[name] }));
    }
    assert!(update("initContainers").is_err() && update("vpcId").is_err());
    let body = update("volumes").unwrap().body(FieldNames::Sdk).unwrap();
    assert!(body.pointer("/volumes/0/zosVolume/credential").is_some());
}

#[test]
fn an_update_distinguishes_unchanged_from_empty() {
    let emptied: UpdateContainerGroup = serde_json::from_value(json!({ "tags": [] })).unwrap();
    assert_eq!(
        emptied.body(FieldNames::Documented).unwrap(),
        json!({ "tags": [] })
    );
    let nothing = UpdateContainerGroup::default();
    assert_eq!(nothing.body(FieldNames::Documented).unwrap(), json!({}));
}

#[test]
fn no_secret_shows_in_debug() {
    let mut body = json(EVERY_FIELD);
    for (place, name) in [
        ("/imageRegistryCredential/0", "password"),
        ("/volumes/0/zosVolume", "crendential"),
        ("/volumes/0/configFileVolume/configFileToPaths/0", "content"),
        ("/containers/0/environmentVar/0", "value"),
        ("/initContainers/0/environmentVar/0", "value"),
    ] {
        let object = body.pointer_mut(place).unwrap();
        assert!(object.get(name).is_some(), "{place}/{name}");
        object[name] = json!("hunter2");
    }
    body["containers"][0]["livenessProbe"]["httpGet"]["httpHeaders"] =
        json!([{ "name": "Authorization", "value": "hunter2" }]);
    let request = read(body).unwrap();
    let update = UpdateContainerGroup {
        containers: Some(request.containers.clone()),
        image_registry_credentials: request.image_registry_credentials.clone(),
        volumes: request.volumes.clone(),
        ..UpdateContainerGroup::default()
    };
    for shown in [format!("{request:?}"), format!("{update:#?}")] {
        assert!(
            shown.contains("Secret(…)") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
    let sent = request.body(FieldNames::Documented).unwrap().to_string();
    assert_eq!(sent.matches("hunter2").count(), 6);
}
