//! Fields that are reported and fields that are not.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::model::clock::Timing;
use crate::model::request::accept_create;
use crate::model::{Identity, Realm, World};

const START: SimTime = SimTime::from_millis(1_700_000_000_000);

/// Returns a body with every field of the API reference.
fn body() -> Value {
    serde_json::from_str(include_str!("../../../../tests/data/every-field.json")).unwrap()
}

fn report_after(seconds: u64) -> Value {
    let spec = accept_create(body().as_object().unwrap().clone()).unwrap();
    let realm = Realm {
        account: "a".to_owned(),
        region: "r".to_owned(),
    };
    let created = World::default()
        .create(
            realm,
            Identity::random(),
            spec,
            Timing {
                now: START,
                scale: TimeScale::Natural,
            },
        )
        .unwrap();
    let now = START.plus(Duration::from_secs(seconds));
    Value::Object(group(&created, now, TimeScale::Natural))
}

#[test]
fn volumes_are_reported_flat() {
    assert_eq!(
        report_after(60)["volumes"],
        json!([
            {"type": "EmptyDirVolume", "name": "tmp", "emptyDirVolumeMedium": "Memory",
                "emptyDirVolumeSizeLimit": "64"},
            {"type": "ConfigFileVolume", "name": "conf",
                "configFileVolumeConfigFileToPaths": [{"path": "a", "content": "YQ=="}]},
            {"type": "DiskVolume", "name": "disk", "diskVolumeId": "d-1",
                "diskVolumeFsType": "xfs", "diskVolumeReadOnly": false},
            {"type": "NasVolume", "name": "nas", "nasSourcePath": "h:/p", "nasReadOnly": true},
            {"type": "ZosVolume", "name": "zos", "zosBucket": "b", "zosUrl": "http://z",
                "zosReadOnly": false},
            {"type": "DownwardAPIVolume", "name": "down", "downwardAPIVolumeItems":
                [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]},
        ])
    );
}

#[test]
fn containers_are_reported_with_defaults_and_state() {
    let reported = report_after(60);
    let mut web = reported["containers"][0].clone();
    assert!(web["containerId"].as_str().unwrap().ends_with("-web"));
    web.as_object_mut().unwrap().remove("containerId");
    assert_eq!(
        web,
        json!({
            "name": "web", "image": "nginx", "imagePullPolicy": "Always",
            "cpu": 0.5, "memory": 1.0, "gpu": 1,
            "command": ["serve"], "args": ["-v"], "workingDir": "/app",
            "ports": [{"port": 80, "protocol": "TCP", "name": "http"}],
            "environmentVar": [{"key": "A", "value": "b"}],
            "readinessProbe": {"exec": {"command": ["true"]}, "initialDelaySeconds": 5,
                "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1,
                "failureThreshold": 3},
            "livenessProbe": {"tcpSocket": {"port": 80}, "initialDelaySeconds": 0,
                "timeoutSeconds": 1, "periodSeconds": 3, "successThreshold": 1,
                "failureThreshold": 3},
            "lifecyclePostStartHandlerExec": ["up"], "lifecyclePreStopHandlerExec": ["down"],
            "volumeMount": [{"name": "conf", "mountPath": "/conf", "readOnly": false}],
            "ready": true, "restartCount": 0,
            "currentState": {"state": "Running", "startTime": "2023-11-14T22:13:26Z"},
        })
    );
    let init = &reported["initContainers"][0];
    assert_eq!(init["imagePullPolicy"], "IfNotPresent");
    assert_eq!(init["currentState"]["state"], "Terminated");
    assert_eq!(init["currentState"]["exitCode"], 0);
}

#[test]
fn a_group_is_reported_with_the_attributes_that_the_cloud_sets() {
    let reported = report_after(60);
    for (name, value) in [
        ("containerGroupName", json!("cg-all")),
        ("status", json!("Running")),
        ("cpu", json!(0.5)),
        ("memory", json!(1)),
        ("restartPolicy", json!("Always")),
        ("epId", json!("ep-1")),
        (
            "tags",
            json!([{"key": "app", "value": "web"}, {"key": "bare", "value": ""}]),
        ),
        ("creationTime", json!("2023-11-14T22:13:20Z")),
        ("intranetIp", json!("10.0.0.2")),
    ] {
        assert_eq!(reported[name], value, "{name}");
    }
    assert!(
        reported["internetIp"]
            .as_str()
            .unwrap()
            .starts_with("198.1")
    );
    assert_eq!(report_after(0)["intranetIp"], "");
}

#[test]
fn fields_that_the_cloud_omits_are_not_reported() {
    let reported = report_after(60).to_string();
    assert!(!reported.contains("silent"), "{reported}");
    for name in [
        "eipBandwidth",
        "azInfo",
        "ephemeralVolume",
        "mode",
        "sysctl",
        "crendential",
    ] {
        assert!(!reported.contains(name), "{name} in {reported}");
    }
    let fields = report_after(60);
    let known = [
        "containerGroupId",
        "containerGroupName",
        "intranetIp",
        "internetIp",
        "ipv6Address",
        "status",
        "cpu",
        "memory",
        "gpu",
        "restartPolicy",
        "vpcId",
        "vSwitchId",
        "securityGroupId",
        "tags",
        "containers",
        "initContainers",
        "volumes",
        "events",
        "tenantEniInstanceId",
        "vmId",
        "creationTime",
        "succeededTime",
        "failedTime",
        "prodInstId",
        "epId",
    ];
    for name in fields.as_object().unwrap().keys() {
        assert!(known.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn an_event_is_reported_in_full() {
    let reported = report_after(60);
    let first = &reported["events"][0];
    assert_eq!(first["reason"], "Scheduled");
    assert_eq!(first["type"], "Normal");
    assert_eq!(first["firstTimestamp"], "2023-11-14T22:13:21Z");
    assert_eq!(first["involvedObject"]["name"], "cg-all");
    assert_eq!(first["source"]["component"], "eci");
}
