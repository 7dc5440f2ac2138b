//! Containers as they are reported, with the defaults that the cloud fills in.

use serde_json::{Map, Value, json};

use super::fields::copy;
use crate::model::lifecycle::{ContainerState, FinishedRun, View, Wait};
use crate::model::request::{objects, text};

/// The defaults of a probe (as in the kubelet; assumed).
const PROBE_DEFAULTS: [(&str, i64); 5] = [
    ("initialDelaySeconds", 0),
    ("timeoutSeconds", 1),
    ("periodSeconds", 10),
    ("successThreshold", 1),
    ("failureThreshold", 3),
];

pub(super) fn report(group: &str, container: &Map<String, Value>, view: &View) -> Value {
    let name = text(container, "name");
    let mut report = Map::new();
    report.insert("containerId".to_owned(), json!(format!("{group}-{name}")));
    copy(
        container,
        &[
            "name",
            "image",
            "cpu",
            "memory",
            "gpu",
            "workingDir",
            "command",
            "args",
            "lifecyclePostStartHandlerExec",
            "lifecyclePreStopHandlerExec",
        ],
        &mut report,
    );
    report.insert("imagePullPolicy".to_owned(), pull_policy(container));
    for (list, names) in [
        ("ports", &["name", "port", "protocol"][..]),
        ("environmentVar", &["key", "value"]),
    ] {
        if container.contains_key(list) {
            report.insert(list.to_owned(), listed(container, list, names));
        }
    }
    if container.contains_key("volumeMount") {
        report.insert("volumeMount".to_owned(), mounts(container));
    }
    for name in ["livenessProbe", "readinessProbe"] {
        if let Some(Value::Object(inner)) = container.get(name) {
            report.insert(name.to_owned(), probe(inner));
        }
    }
    report.insert("ready".to_owned(), json!(view.ready));
    report.insert("restartCount".to_owned(), json!(view.restarts));
    report.insert("currentState".to_owned(), state(container, &view.standing));
    if let Some(past) = &view.previous {
        report.insert("previousState".to_owned(), ended(past));
    }
    Value::Object(report)
}

/// Returns the pull policy that Kubernetes would choose (assumed).
fn pull_policy(container: &Map<String, Value>) -> Value {
    match text(container, "imagePullPolicy") {
        "" => {
            let image = text(container, "image");
            let last = image.rsplit('/').next().unwrap_or(image);
            match last.split_once(':') {
                None | Some((_, "latest")) if !last.contains('@') => json!("Always"),
                _ => json!("IfNotPresent"),
            }
        }
        given => json!(given),
    }
}

fn listed(container: &Map<String, Value>, list: &str, names: &[&str]) -> Value {
    objects(container, list)
        .map(|item| {
            let mut report = Map::new();
            copy(item, names, &mut report);
            Value::Object(report)
        })
        .collect()
}

fn mounts(container: &Map<String, Value>) -> Value {
    objects(container, "volumeMount")
        .map(|mount| {
            let mut report = Map::new();
            report.insert("readOnly".to_owned(), json!(false));
            copy(mount, &["name", "mountPath", "readOnly"], &mut report);
            Value::Object(report)
        })
        .collect()
}

fn probe(probe: &Map<String, Value>) -> Value {
    let mut report = Map::new();
    for (name, value) in PROBE_DEFAULTS {
        report.insert(name.to_owned(), json!(value));
        copy(probe, &[name], &mut report);
    }
    copy(probe, &["exec", "tcpSocket"], &mut report);
    if let Some(Value::Object(request)) = probe.get("httpGet") {
        let mut inner = Map::new();
        copy(request, &["scheme", "port", "path"], &mut inner);
        report.insert("httpGet".to_owned(), Value::Object(inner));
    }
    Value::Object(report)
}

fn state(container: &Map<String, Value>, standing: &ContainerState) -> Value {
    let image = text(container, "image");
    let name = text(container, "name");
    match standing {
        ContainerState::Running(start) => {
            json!({"state": "Running", "startTime": start.to_string()})
        }
        ContainerState::Ended(past) => ended(past),
        ContainerState::Waiting(wait) => {
            let (reason, message) = match wait {
                Wait::Scheduling => ("ContainerCreating", String::new()),
                Wait::InitContainers => ("PodInitializing", String::new()),
                Wait::Pulling => ("ContainerCreating", format!("pulling image \"{image}\"")),
                Wait::NoImage => (
                    "ErrImagePull",
                    format!("failed to pull image \"{image}\": manifest for {image} not found"),
                ),
                Wait::NoImagePause => (
                    "ImagePullBackOff",
                    format!("back-off pulling image \"{image}\""),
                ),
                Wait::Pause => (
                    "CrashLoopBackOff",
                    format!("back-off restarting failed container {name}"),
                ),
            };
            json!({"state": "Waiting", "reason": reason, "message": message})
        }
    }
}

fn ended(past: &FinishedRun) -> Value {
    let mut report = json!({
        "state": "Terminated",
        "reason": if past.code == 0 { "Completed" } else { "Error" },
        "startTime": past.start.to_string(),
        "finishTime": past.finish.to_string(),
        "exitCode": past.code,
    });
    // A code above 128 encodes the signal that ended the process.
    if (129..=192).contains(&past.code) {
        report["signal"] = json!(past.code - 128);
    }
    report
}
