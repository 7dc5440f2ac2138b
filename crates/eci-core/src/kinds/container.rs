//! Containers, init containers and what stands in them.

use crate::address::Kind;
use crate::codes;
use crate::schema::Check::{AbsolutePath, AtLeastOne, DnsLabel, EnvNames, ImageName};
use crate::schema::{Field, Link, Literal, Object, Precision, RuleViolation, Type};
use crate::value::Map;

/// A container of a group.
pub static CONTAINER: Object = Object::new(
    "container",
    "A container of a container group.",
    &CONTAINER_FIELDS,
);

/// An init container: a container without probes and handlers.
pub static INIT_CONTAINER: Object = Object::new(
    "init container",
    "A container that runs to completion before the other containers start.",
    &COMMON,
);

const COMMON: [Field; 12] = [
    Field::new(
        "name",
        "name",
        Type::String,
        "the container's name, unique in the container group",
    )
    .required()
    .checked(&[DnsLabel])
    .reported(),
    Field::new("image", "image", Type::String, "the image")
        .required()
        .checked(&[ImageName])
        .reported(),
    Field::new(
        "image_pull_policy",
        "imagePullPolicy",
        Type::Enum(&["Always", "IfNotPresent", "Never"]),
        "when to pull the image",
    )
    .or_chosen()
    .reported(),
    Field::new("cpu", "cpu", Type::Number(0.0, Precision::Single), "vCPUs")
        .or_chosen()
        .reported(),
    Field::new(
        "memory",
        "memory",
        Type::Number(0.0, Precision::Single),
        "memory in GiB",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "gpu",
        "gpu",
        Type::Number(0.0, Precision::Single),
        "number of GPUs",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "command",
        "command",
        Type::List(&Type::String),
        "the command to run, instead of that of the image",
    )
    .reported(),
    Field::new(
        "args",
        "args",
        Type::List(&Type::String),
        "arguments of the command",
    )
    .reported(),
    Field::new(
        "working_dir",
        "workingDir",
        Type::String,
        "the working directory",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "env",
        "environmentVar",
        Type::Table(&Type::String, ["key", "value"]),
        "environment variables",
    )
    .checked(&[EnvNames])
    .reported(),
    Field::new(
        "ports",
        "ports",
        Type::Objects(&PORT, &["port", "protocol"]),
        "ports that the container listens on",
    )
    .reported(),
    Field::new(
        "volume_mounts",
        "volumeMount",
        Type::Objects(&VOLUME_MOUNT, &["mount_path"]),
        "volume mounts",
    )
    .reported(),
];

const OWN: [Field; 4] = [
    Field::new(
        "liveness_probe",
        "livenessProbe",
        Type::Object(&LIVENESS_PROBE),
        "restarts the container if it fails",
    )
    .reported(),
    Field::new(
        "readiness_probe",
        "readinessProbe",
        Type::Object(&READINESS_PROBE),
        "determines whether the container is ready",
    )
    .reported(),
    Field::new(
        "post_start",
        "lifecyclePostStartHandlerExec",
        Type::List(&Type::String),
        "a command to run after the container starts; if it fails, the container is restarted",
    )
    .reported(),
    Field::new(
        "pre_stop",
        "lifecyclePreStopHandlerExec",
        Type::List(&Type::String),
        "a command to run before the container stops",
    )
    .reported(),
];

static CONTAINER_FIELDS: [Field; 16] = {
    let mut fields = [COMMON[0]; 16];
    let mut at = 0;
    while at < fields.len() {
        fields[at] = if at < COMMON.len() {
            COMMON[at]
        } else {
            OWN[at - COMMON.len()]
        };
        at += 1;
    }
    fields
};

static PORT: Object = Object::new(
    "port",
    "A port that a container listens on.",
    &[
        Field::new("port", "port", Type::Integer(1, 65_535), "the port number")
            .required()
            .reported(),
        Field::new(
            "protocol",
            "protocol",
            Type::Enum(&["TCP", "UDP"]),
            "the protocol",
        )
        .default(Literal::Text("TCP"))
        .reported(),
        Field::new("name", "name", Type::String, "the name of the port").reported(),
    ],
);

static VOLUME_MOUNT: Object = Object::new(
    "volume mount",
    "A volume that is mounted in a container.",
    &[
        Field::new(
            "volume",
            "name",
            Type::Ref(Kind::Volume, Link::Name),
            "the name of a `[volume.NAME]` table",
        )
        .required()
        .reported(),
        Field::new(
            "mount_path",
            "mountPath",
            Type::String,
            "the path at which it is mounted",
        )
        .required()
        .checked(&[AbsolutePath])
        .reported(),
        Field::new(
            "read_only",
            "readOnly",
            Type::Bool,
            "whether it is mounted read-only",
        )
        .implied(Literal::Bool(false))
        .reported(),
    ],
);

static LIVENESS_PROBE: Object = Object::new(
    "liveness probe",
    "A periodic check of whether a container is alive.",
    PROBE_FIELDS,
)
.exactly_one(&HANDLERS)
.validated_by(liveness);

static READINESS_PROBE: Object = Object::new(
    "readiness probe",
    "A periodic check of whether a container is ready.",
    PROBE_FIELDS,
)
.exactly_one(&HANDLERS)
.validated_by(one_handler);

static PROBE_FIELDS: &[Field] = &[
    Field::new(
        "exec",
        "exec.command",
        Type::List(&Type::String),
        "a command that must succeed",
    )
    .checked(&[AtLeastOne])
    .reported(),
    Field::new(
        "http_get",
        "httpGet",
        Type::Object(&HTTP_GET),
        "an HTTP request that must succeed",
    )
    .reported(),
    Field::new(
        "tcp_socket",
        "tcpSocket",
        Type::Object(&TCP_SOCKET),
        "a TCP port that must accept a connection",
    )
    .reported(),
    Field::new(
        "initial_delay_seconds",
        "initialDelaySeconds",
        Type::Integer(0, i64::MAX),
        "seconds from the start of the container to the first check",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "timeout_seconds",
        "timeoutSeconds",
        Type::Integer(1, i64::MAX),
        "timeout of one check in seconds",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "period_seconds",
        "periodSeconds",
        Type::Integer(1, i64::MAX),
        "seconds between checks",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "success_threshold",
        "successThreshold",
        Type::Integer(1, i64::MAX),
        "consecutive successes after which the check counts as passed; 1 for a liveness probe",
    )
    .or_chosen()
    .reported(),
    Field::new(
        "failure_threshold",
        "failureThreshold",
        Type::Integer(1, i64::MAX),
        "consecutive failures after which the check counts as failed",
    )
    .or_chosen()
    .reported(),
];

const HANDLERS: [&str; 3] = ["exec", "http_get", "tcp_socket"];

fn one_handler(entries: &Map) -> Vec<RuleViolation> {
    let given: Vec<&str> = HANDLERS
        .into_iter()
        .filter(|handler| entries.contains_key(*handler))
        .collect();
    let help = Some(format!("give exactly one of {}", HANDLERS.join(", ")));
    match given.len() {
        1 => Vec::new(),
        0 => vec![RuleViolation {
            code: codes::PROBE,
            field: None,
            message: "this probe does nothing".to_owned().into(),
            help: help.map(Into::into),
        }],
        _ => vec![RuleViolation {
            code: codes::PROBE,
            field: Some(given[1]),
            message: format!("this probe has {} handlers", given.len()).into(),
            help: help.map(Into::into),
        }],
    }
}

fn liveness(entries: &Map) -> Vec<RuleViolation> {
    let mut faults = one_handler(entries);
    let threshold = entries
        .get("success_threshold")
        .and_then(|value| value.as_number()?.as_i64());
    if threshold.is_some_and(|threshold| threshold != 1) {
        faults.push(RuleViolation {
            code: codes::PROBE,
            field: Some("success_threshold"),
            message: "a liveness probe counts one success".to_owned().into(),
            help: Some("set it to 1 or leave it out".to_owned().into()),
        });
    }
    faults
}

static HTTP_GET: Object = Object::new(
    "http_get",
    "The HTTP request of a probe.",
    &[
        Field::new(
            "scheme",
            "scheme",
            Type::Enum(&["HTTP", "HTTPS"]),
            "the scheme",
        )
        .default(Literal::Text("HTTP"))
        .reported(),
        Field::new("port", "port", Type::Integer(1, 65_535), "the port number")
            .required()
            .reported(),
        Field::new("path", "path", Type::String, "the path of the request")
            .default(Literal::Text("/"))
            .reported(),
    ],
);

static TCP_SOCKET: Object = Object::new(
    "tcp_socket",
    "The TCP port that a probe connects to.",
    &[
        Field::new("port", "port", Type::Integer(1, 65_535), "the port number")
            .required()
            .reported(),
    ],
);
