//! Every rule as a row: what is changed in a body that is fine, and what is answered.

use serde_json::{Map, Value, json};

use super::super::accept_create;
use crate::model::group_error::GroupErrorReason;

/// Returns the smallest body that is accepted.
pub(in crate::model::request) fn minimal() -> Value {
    json!({
        "containerGroupName": "cg-test",
        "vpcId": "vpc-1",
        "vSwitchId": "subnet-1",
        "securityGroupId": "sg-1",
        "azInfo": [{"azName": "az1"}],
        "restartPolicy": "Always",
        "containers": [{"name": "web", "image": "nginx:1.27"}],
    })
}

/// Returns a body that uses everything that the rules are about.
fn rich() -> Value {
    let mut body = minimal();
    body["initContainers"] = json!([{"name": "init", "image": "busybox"}]);
    body["containers"][0]["ports"] = json!([{"port": 80, "protocol": "TCP"}]);
    body["containers"][0]["environmentVar"] = json!([{"key": "A", "value": ""}]);
    body["containers"][0]["livenessProbe"] = json!({"tcpSocket": {"port": 80}});
    body["containers"][0]["readinessProbe"] =
        json!({"httpGet": {"scheme": "HTTP", "port": 80, "path": "/"}});
    body["containers"][0]["volumeMount"] = json!([{"name": "empty", "mountPath": "/empty"}]);
    body["volumes"] = json!([
        {"name": "empty", "type": "EmptyDirVolume", "emptyDirVolume": {"medium": "Memory"}},
        {"name": "config", "type": "ConfigFileVolume", "configFileVolume":
            {"configFileToPaths": [{"path": "a", "content": "YQ==", "mode": 644}]}},
        {"name": "disk", "type": "DiskVolume", "diskVolume":
            {"volumeHandle": "d-1", "fsType": "ext4"}},
        {"name": "nas", "type": "NasVolume", "nasVolume": {"sourcePath": "10.0.0.1:/a"}},
        {"name": "zos", "type": "ZosVolume", "zosVolume":
            {"bucket": "b", "url": "http://z", "crendential": "YWs6c2s="}},
        {"name": "down", "type": "DownwardAPIVolume", "downwardAPIVolume":
            {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
    ]);
    body["tags"] = json!([{"key": "app", "value": "web"}]);
    body["eip"] = json!({"autoCreateEip": true, "eipBandwidth": 5});
    body["securityContext"] = json!({"sysctl": [{"name": "net.core.somaxconn", "value": "9"}]});
    body
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Puts `value` at a JSON pointer, or takes away what is there if it is null.
///
/// A new field or the item after the last is added.
fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => {
            fields.remove(name).unwrap();
        }
        Value::Object(fields) => {
            fields.insert(name.to_owned(), value);
        }
        Value::Array(items) => {
            let at: usize = name.parse().unwrap();
            items.truncate(at);
            items.push(value);
        }
        other => panic!("{parent} is {other}"),
    }
}

fn many(count: usize, item: impl Fn(usize) -> Value) -> Value {
    (0..count).map(item).collect()
}

#[test]
fn bodies_that_are_fine_are_taken() {
    for body in [minimal(), rich()] {
        let taken = accept_create(object(body));
        assert!(taken.is_ok(), "{taken:?}");
    }
}

#[test]
fn the_limits_themselves_are_taken() {
    for (pointer, value) in [
        (
            "/tags",
            many(20, |n| json!({"key": format!("k{n}"), "value": "v"})),
        ),
        ("/containerGroupName", json!("a".repeat(63))),
        ("/ephemeralVolume", json!(40)),
        ("/ephemeralVolume", json!(2048)),
        ("/eip/eipBandwidth", json!(300)),
        ("/tags/0/key", json!("键".repeat(128))),
        ("/tags/0/value", json!("")),
        ("/containers/0/ports/0/port", json!(65_535)),
        ("/securityContext/sysctl/0/name", json!("kernel.sem")),
        (
            "/securityContext/sysctl/0/name",
            json!("kernel.shm_rmid_forced"),
        ),
        ("/volumes/1/configFileVolume/defaultMode", json!(7777)),
        ("/containers/0/livenessProbe/successThreshold", json!(1)),
        ("/containers/0/livenessProbe/initialDelaySeconds", json!(0)),
        ("/cpu", json!(0.5)),
        (
            "/eip",
            json!({"eipInstanceId": "eip-1", "autoCreateEip": false}),
        ),
    ] {
        let mut body = rich();
        put(&mut body, pointer, value);
        let taken = accept_create(object(body));
        assert!(taken.is_ok(), "{pointer}: {taken:?}");
    }
}

#[test]
fn what_does_not_have_the_shape_is_a_bad_request_that_names_the_field() {
    for (pointer, value, message) in [
        (
            "/containerGroupName",
            Value::Null,
            "containerGroupName is required",
        ),
        ("/azInfo", Value::Null, "azInfo is required"),
        ("/vpcId", Value::Null, "vpcId is required"),
        ("/vSwitchId", Value::Null, "vSwitchId is required"),
        (
            "/securityGroupId",
            Value::Null,
            "securityGroupId is required",
        ),
        ("/containers", Value::Null, "containers is required"),
        ("/restartPolicy", Value::Null, "restartPolicy is required"),
        (
            "/containers/0/image",
            Value::Null,
            "containers[0].image is required",
        ),
        (
            "/azInfo/0/azName",
            Value::Null,
            "azInfo[0].azName is required",
        ),
        (
            "/containers/0/ports/0/protocol",
            Value::Null,
            "containers[0].ports[0].protocol is required",
        ),
        (
            "/containers/0/environmentVar/0/value",
            Value::Null,
            "containers[0].environmentVar[0].value is required",
        ),
        (
            "/volumes/4/zosVolume/crendential",
            Value::Null,
            "volumes[4].zosVolume.crendential is required",
        ),
        (
            "/volumes/0/emptyDirVolume",
            Value::Null,
            "volumes[0].emptyDirVolume is required with type EmptyDirVolume",
        ),
        ("/color", json!("red"), "unknown field color"),
        (
            "/containers/0/color",
            json!("red"),
            "unknown field containers[0].color",
        ),
        (
            "/initContainers/0/livenessProbe",
            json!({}),
            "unknown field initContainers[0].livenessProbe",
        ),
        ("/cpu", json!("1"), "cpu must be a number"),
        (
            "/containers",
            json!({}),
            "containers must be an array of objects",
        ),
        (
            "/containers/0",
            json!("nginx"),
            "containers[0] must be an object",
        ),
        (
            "/containers/0/command",
            json!([1]),
            "containers[0].command must be an array of strings",
        ),
        (
            "/ephemeralVolume",
            json!(40.5),
            "ephemeralVolume must be an integer",
        ),
        (
            "/autoMatchImageCache",
            json!("true"),
            "autoMatchImageCache must be true or false",
        ),
        (
            "/containerGroupName",
            json!(1),
            "containerGroupName must be a string",
        ),
        ("/eip", json!([]), "eip must be an object"),
        (
            "/labels",
            json!({"a": 1}),
            "labels must be an object of strings",
        ),
    ] {
        let mut body = rich();
        put(&mut body, pointer, value);
        let refused = accept_create(object(body)).unwrap_err();
        assert_eq!(refused.message, message);
        assert_eq!(refused.reason, GroupErrorReason::BadRequest, "{message}");
    }
}

#[test]
fn a_field_under_both_its_names_is_refused() {
    let mut body = minimal();
    body["hostName"] = json!("a");
    body["hostname"] = json!("b");
    let refused = accept_create(object(body)).unwrap_err();
    assert!(
        refused
            .message
            .ends_with("is given twice, once under another name")
    );
}

#[test]
fn values_out_of_the_rules_are_invalid_and_named() {
    let long = "a".repeat(64);
    for (pointer, value, path) in [
        (
            "/containerGroupName",
            json!("Web"),
            "containerGroupName \"Web\" must be",
        ),
        ("/containerGroupName", json!(long), "containerGroupName"),
        ("/containerGroupName", json!("-a"), "containerGroupName"),
        ("/containerGroupName", json!("a-"), "containerGroupName"),
        ("/containerGroupName", json!("a_b"), "containerGroupName"),
        ("/containers/0/name", json!(""), "containers[0].name"),
        (
            "/initContainers/0/name",
            json!("a.b"),
            "initContainers[0].name",
        ),
        ("/volumes/0/name", json!("A"), "volumes[0].name"),
        (
            "/containers/0/image",
            json!(""),
            "containers[0].image must not be empty",
        ),
        ("/vpcId", json!(""), "vpcId must not be empty"),
        (
            "/azInfo",
            json!([]),
            "azInfo must name exactly one zone, found 0",
        ),
        (
            "/azInfo/1",
            json!({"azName": "az2"}),
            "azInfo must name exactly one zone, found 2",
        ),
        (
            "/azInfo/0/azName",
            json!(""),
            "azInfo[0].azName must not be empty",
        ),
        (
            "/restartPolicy",
            json!("always"),
            "restartPolicy must be one of",
        ),
        ("/cpu", json!(0), "cpu must be more than 0"),
        (
            "/containers/0/memory",
            json!(-1),
            "containers[0].memory must be more than 0",
        ),
        ("/flavorName", json!("pi7.4xlarge.4"), "gpu is required"),
        (
            "/ephemeralVolume",
            json!(39),
            "ephemeralVolume must be 40 to 2048 GB, found 39",
        ),
        ("/ephemeralVolume", json!(2049), "ephemeralVolume must be"),
        (
            "/eip/eipInstanceId",
            json!("eip-1"),
            "eip must name an existing",
        ),
        (
            "/eip/eipBandwidth",
            json!(0),
            "eip.eipBandwidth must be 1 to 300 Mbps",
        ),
        ("/eip/eipBandwidth", json!(301), "eip.eipBandwidth must be"),
        (
            "/tags",
            many(21, |n| json!({"key": format!("k{n}")})),
            "tags may have at most 20, found 21",
        ),
        ("/tags/0/key", json!(""), "tags[0].key must have 1 to 128"),
        (
            "/tags/0/key",
            json!("k".repeat(129)),
            "tags[0].key must have 1 to 128",
        ),
        (
            "/tags/0/value",
            json!("v".repeat(257)),
            "tags[0].value must have at most 256",
        ),
        (
            "/tags/1",
            json!({"key": "app"}),
            "tags[1].key \"app\" is there twice",
        ),
        (
            "/containers",
            json!([]),
            "containers must have at least one",
        ),
        (
            "/containers",
            many(21, |n| json!({"name": format!("c{n}"), "image": "i"})),
            "containers may have at most 20",
        ),
        (
            "/initContainers",
            many(21, |n| json!({"name": format!("c{n}"), "image": "i"})),
            "initContainers may have at most 20",
        ),
        (
            "/containers/1",
            json!({"name": "web", "image": "i"}),
            "containers[1].name \"web\" is there twice",
        ),
        (
            "/initContainers/1",
            json!({"name": "init", "image": "i"}),
            "initContainers[1].name \"init\" is there twice",
        ),
        (
            "/volumes",
            many(
                21,
                |n| json!({"name": format!("v{n}"), "type": "EmptyDirVolume", "emptyDirVolume": {"medium": ""}}),
            ),
            "volumes may have at most 20",
        ),
        (
            "/volumes/1",
            json!({"name": "empty", "type": "EmptyDirVolume", "emptyDirVolume": {"medium": ""}}),
            "volumes[1].name \"empty\" is there twice",
        ),
        (
            "/containers/0/imagePullPolicy",
            json!("Sometimes"),
            "containers[0].imagePullPolicy must be one of",
        ),
        (
            "/containers/0/ports/0/port",
            json!(0),
            "containers[0].ports[0].port must be 1 to 65535, found 0",
        ),
        (
            "/containers/0/ports/0/port",
            json!(65_536),
            "containers[0].ports[0].port",
        ),
        (
            "/containers/0/ports/0/protocol",
            json!("tcp"),
            "containers[0].ports[0].protocol must be one of",
        ),
        (
            "/containers/0/environmentVar/0/key",
            json!(""),
            "containers[0].environmentVar[0].key",
        ),
        (
            "/containers/0/volumeMount/0/name",
            json!("nope"),
            "containers[0].volumeMount[0].name \"nope\" names no volume",
        ),
        (
            "/containers/0/volumeMount/0/mountPath",
            json!("data"),
            "containers[0].volumeMount[0].mountPath \"data\" must be absolute",
        ),
        (
            "/containers/0/volumeMount/1",
            json!({"name": "disk", "mountPath": "/empty"}),
            "containers[0].volumeMount[1].mountPath \"/empty\" is there twice",
        ),
        (
            "/containers/0/livenessProbe",
            json!({}),
            "containers[0].livenessProbe must have exactly one",
        ),
        (
            "/containers/0/livenessProbe/exec",
            json!({"command": ["a"]}),
            "containers[0].livenessProbe must have exactly one",
        ),
        (
            "/containers/0/livenessProbe",
            json!({"exec": {"command": []}}),
            "containers[0].livenessProbe.exec.command must have at least one",
        ),
        (
            "/containers/0/livenessProbe/tcpSocket/port",
            json!(0),
            "containers[0].livenessProbe.tcpSocket.port",
        ),
        (
            "/containers/0/readinessProbe/httpGet/scheme",
            json!("http"),
            "containers[0].readinessProbe.httpGet.scheme must be one of",
        ),
        (
            "/containers/0/readinessProbe/httpGet/port",
            json!(70_000),
            "containers[0].readinessProbe.httpGet.port",
        ),
        (
            "/containers/0/readinessProbe/failureThreshold",
            json!(0),
            "containers[0].readinessProbe.failureThreshold must be at least 1",
        ),
        (
            "/containers/0/readinessProbe/initialDelaySeconds",
            json!(-1),
            "containers[0].readinessProbe.initialDelaySeconds",
        ),
        (
            "/containers/0/livenessProbe/successThreshold",
            json!(2),
            "containers[0].livenessProbe.successThreshold must be 1",
        ),
        (
            "/volumes/0/type",
            json!("Disk"),
            "volumes[0].type must be one of",
        ),
        (
            "/volumes/0/type",
            json!("DiskVolume"),
            "volumes[0].emptyDirVolume does not go with type DiskVolume",
        ),
        (
            "/volumes/0/emptyDirVolume/medium",
            json!("memory"),
            "volumes[0].emptyDirVolume.medium must be one of",
        ),
        (
            "/volumes/0/emptyDirVolume/sizeLimit",
            json!(0),
            "volumes[0].emptyDirVolume.sizeLimit",
        ),
        (
            "/volumes/1/configFileVolume/configFileToPaths",
            json!([]),
            "volumes[1].configFileVolume.configFileToPaths must have at least one",
        ),
        (
            "/volumes/1/configFileVolume/configFileToPaths/0/content",
            json!("a?"),
            "volumes[1].configFileVolume.configFileToPaths[0].content must be base64",
        ),
        (
            "/volumes/1/configFileVolume/configFileToPaths/0/mode",
            json!(648),
            "volumes[1].configFileVolume.configFileToPaths[0].mode",
        ),
        (
            "/volumes/1/configFileVolume/configFileToPaths/1",
            json!({"path": "a", "content": ""}),
            "volumes[1].configFileVolume.configFileToPaths[1].path \"a\" is there twice",
        ),
        (
            "/volumes/1/configFileVolume/defaultMode",
            json!(10_000),
            "volumes[1].configFileVolume.defaultMode",
        ),
        (
            "/volumes/2/diskVolume/fsType",
            json!("ntfs"),
            "volumes[2].diskVolume.fsType must be one of",
        ),
        (
            "/volumes/2/diskVolume/volumeHandle",
            json!(""),
            "volumes[2].diskVolume.volumeHandle must not be empty",
        ),
        (
            "/volumes/3/nasVolume/sourcePath",
            json!("/mnt"),
            "volumes[3].nasVolume.sourcePath \"/mnt\" must be host:/path",
        ),
        (
            "/volumes/4/zosVolume/bucket",
            json!(""),
            "volumes[4].zosVolume.bucket",
        ),
        (
            "/volumes/4/zosVolume/crendential",
            json!("YWs="),
            "volumes[4].zosVolume.crendential must be base64",
        ),
        (
            "/volumes/5/downwardAPIVolume/items",
            json!([]),
            "volumes[5].downwardAPIVolume.items must have at least one",
        ),
        (
            "/volumes/5/downwardAPIVolume/items/0/fieldRef/fieldPath",
            json!("spec.x"),
            "volumes[5].downwardAPIVolume.items[0].fieldRef.fieldPath must be one of",
        ),
        (
            "/volumes/5/downwardAPIVolume/items/0/mode",
            json!(9),
            "volumes[5].downwardAPIVolume.items[0].mode",
        ),
        (
            "/securityContext/sysctl/0/name",
            json!("net.core.rmem_max"),
            "securityContext.sysctl[0].name",
        ),
        (
            "/securityContext/sysctl/0/name",
            json!("vm.swappiness"),
            "securityContext.sysctl[0].name",
        ),
    ] {
        let mut body = rich();
        put(&mut body, pointer, value.clone());
        let Err(refused) = accept_create(object(body)) else {
            panic!("{pointer} = {value} was taken");
        };
        assert!(
            refused.message.starts_with(path),
            "{pointer}: {}",
            refused.message
        );
        assert_eq!(
            refused.reason,
            GroupErrorReason::Invalid,
            "{}",
            refused.message
        );
    }
}

#[test]
fn a_wrong_credential_is_not_repeated() {
    let mut body = rich();
    put(
        &mut body,
        "/volumes/4/zosVolume/crendential",
        json!("c2VjcmV0"),
    );
    let refused = accept_create(object(body)).unwrap_err();
    assert!(!refused.message.contains("c2VjcmV0"), "{}", refused.message);
}
