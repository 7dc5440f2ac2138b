//! Containers, init containers and their contents.

use eci_text::text;

use crate::address::Kind;
use crate::codes;
use crate::schema::Check::{AbsolutePath, AtLeastOne, DnsLabel, EnvNames, ImageName};
use crate::schema::{Field, Link, Literal, Object, Precision, RuleViolation, Type, doc};
use crate::secret_names::SecretHint;
use crate::value::Map;

/// A container of a group.
pub static CONTAINER: Object = Object::new(
    "container",
    doc("A container of a container group.", "容器组中的容器。"),
    &CONTAINER_FIELDS,
)
.called("container", "容器");

/// An init container: a container without probes and handlers.
pub static INIT_CONTAINER: Object = Object::new(
    "init container",
    doc(
        "A container that runs to completion before the other containers start.",
        "在其他容器启动前运行至结束的容器。",
    ),
    &COMMON,
)
.called("init container", "Init 容器");

const COMMON: [Field; 12] = [
    Field::new(
        "name",
        "name",
        Type::String,
        doc(
            "the container's name, unique in the container group",
            "容器的名称，在容器组内唯一",
        ),
    )
    .required()
    .checked(&[DnsLabel])
    .reported(),
    Field::new(
        "image",
        "image",
        Type::String,
        doc(
            "the image to run, for example `nginx:1.27`",
            "要运行的镜像，例如 `nginx:1.27`",
        ),
    )
    .required()
    .checked(&[ImageName])
    .reported(),
    Field::new(
        "image_pull_policy",
        "imagePullPolicy",
        Type::Enum(&["Always", "IfNotPresent", "Never"]),
        doc("when to pull the image", "何时拉取镜像"),
    )
    .or_computed()
    .reported(),
    Field::new(
        "cpu",
        "cpu",
        Type::Number(0.0, Precision::Single),
        doc("vCPUs", "vCPU 数量"),
    )
    .or_computed()
    .reported(),
    Field::new(
        "memory",
        "memory",
        Type::Number(0.0, Precision::Single),
        doc("memory in GiB", "内存，单位为 GiB"),
    )
    .or_computed()
    .reported(),
    Field::new(
        "gpu",
        "gpu",
        Type::Number(0.0, Precision::Single),
        doc("number of GPUs", "GPU 数量"),
    )
    .or_computed()
    .reported(),
    Field::new(
        "command",
        "command",
        Type::List(&Type::String),
        doc(
            "the command to run, instead of that of the image",
            "启动命令，替代镜像中的命令",
        ),
    )
    .hinting(SecretHint::CommandLine)
    .reported(),
    Field::new(
        "args",
        "args",
        Type::List(&Type::String),
        doc("arguments of the command", "启动参数"),
    )
    .hinting(SecretHint::CommandLine)
    .reported(),
    Field::new(
        "working_dir",
        "workingDir",
        Type::String,
        doc(
            "the directory that the command starts in; by default that of the image",
            "启动命令时所在的目录，默认为镜像中的设置",
        ),
    )
    .or_computed()
    .reported(),
    Field::new(
        "env",
        "environmentVar",
        Type::Table(&Type::String, ["key", "value"]),
        doc("environment variables", "环境变量"),
    )
    .checked(&[EnvNames])
    .hinting(SecretHint::Environment)
    .reported(),
    Field::new(
        "ports",
        "ports",
        Type::Objects(&PORT, &["port", "protocol"]),
        doc("ports that the container listens on", "容器监听的端口"),
    )
    .reported(),
    Field::new(
        "volume_mounts",
        "volumeMount",
        Type::Objects(&VOLUME_MOUNT, &["mount_path"]),
        doc(
            "the volumes that the container mounts, each with its path",
            "容器挂载的存储卷及其路径",
        ),
    )
    .reported(),
];

const OWN: [Field; 4] = [
    Field::new(
        "liveness_probe",
        "livenessProbe",
        Type::Object(&LIVENESS_PROBE),
        doc("restarts the container if it fails", "失败时重启容器"),
    )
    .reported(),
    Field::new(
        "readiness_probe",
        "readinessProbe",
        Type::Object(&READINESS_PROBE),
        doc(
            "determines whether the container is ready",
            "判断容器是否就绪",
        ),
    )
    .reported(),
    Field::new(
        "post_start",
        "lifecyclePostStartHandlerExec",
        Type::List(&Type::String),
        doc(
            "a command to run after the container starts; if it fails, the container is restarted",
            "容器启动后执行的命令；执行失败时重启容器",
        ),
    )
    .hinting(SecretHint::CommandLine)
    .reported(),
    Field::new(
        "pre_stop",
        "lifecyclePreStopHandlerExec",
        Type::List(&Type::String),
        doc(
            "a command to run before the container stops",
            "容器停止前执行的命令",
        ),
    )
    .hinting(SecretHint::CommandLine)
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
    doc("A port that a container listens on.", "容器监听的端口。"),
    &[
        Field::new(
            "port",
            "port",
            Type::Integer(1, 65_535),
            doc("the port number", "端口号"),
        )
        .required()
        .reported(),
        Field::new(
            "protocol",
            "protocol",
            Type::Enum(&["TCP", "UDP"]),
            doc("the protocol of the traffic", "流量使用的协议"),
        )
        .default(Literal::Text("TCP"))
        .reported(),
        Field::new(
            "name",
            "name",
            Type::String,
            doc("a name for the port", "端口的名称"),
        )
        .reported(),
    ],
)
.called("port", "端口");

static VOLUME_MOUNT: Object = Object::new(
    "volume mount",
    doc(
        "A volume that is mounted in a container.",
        "挂载到容器中的存储卷。",
    ),
    &[
        Field::new(
            "volume",
            "name",
            Type::Ref(Kind::Volume, Link::Name),
            doc(
                "the name of a `[volume.NAME]` table",
                "`[volume.NAME]` 表的名称",
            ),
        )
        .required()
        .reported(),
        Field::new(
            "mount_path",
            "mountPath",
            Type::String,
            doc("the path at which it is mounted", "挂载路径"),
        )
        .required()
        .checked(&[AbsolutePath])
        .reported(),
        Field::new(
            "read_only",
            "readOnly",
            Type::Bool,
            doc("whether it is mounted read-only", "是否以只读方式挂载"),
        )
        .api_default(Literal::Bool(false))
        .reported(),
    ],
)
.called("volume mount", "卷挂载");

static LIVENESS_PROBE: Object = Object::new(
    "liveness probe",
    doc(
        "A periodic check of whether a container is alive.",
        "定期检查容器是否存活。",
    ),
    PROBE_FIELDS,
)
.called("liveness probe", "存活探针")
.exactly_one(&HANDLERS)
.validated_by(liveness);

static READINESS_PROBE: Object = Object::new(
    "readiness probe",
    doc(
        "A periodic check of whether a container is ready.",
        "定期检查容器是否就绪。",
    ),
    PROBE_FIELDS,
)
.called("readiness probe", "就绪探针")
.exactly_one(&HANDLERS)
.validated_by(one_handler);

static PROBE_FIELDS: &[Field] = &[
    Field::new(
        "exec",
        "exec.command",
        Type::List(&Type::String),
        doc("a command that must succeed", "必须执行成功的命令"),
    )
    .checked(&[AtLeastOne])
    .hinting(SecretHint::CommandLine)
    .reported(),
    Field::new(
        "http_get",
        "httpGet",
        Type::Object(&HTTP_GET),
        doc("an HTTP request that must succeed", "必须成功的 HTTP 请求"),
    )
    .reported(),
    Field::new(
        "tcp_socket",
        "tcpSocket",
        Type::Object(&TCP_SOCKET),
        doc(
            "a TCP port that must accept a connection",
            "必须可以连接的 TCP 端口",
        ),
    )
    .reported(),
    Field::new(
        "initial_delay_seconds",
        "initialDelaySeconds",
        Type::Integer(0, i64::MAX),
        doc(
            "seconds from the start of the container to the first check",
            "从容器启动到首次检查的秒数",
        ),
    )
    .or_computed()
    .reported(),
    Field::new(
        "timeout_seconds",
        "timeoutSeconds",
        Type::Integer(1, i64::MAX),
        doc(
            "timeout of one check in seconds",
            "单次检查的超时时间，单位为秒",
        ),
    )
    .or_computed()
    .reported(),
    Field::new(
        "period_seconds",
        "periodSeconds",
        Type::Integer(1, i64::MAX),
        doc("seconds between checks", "检查间隔，单位为秒"),
    )
    .or_computed()
    .reported(),
    Field::new(
        "success_threshold",
        "successThreshold",
        Type::Integer(1, i64::MAX),
        doc(
            "consecutive successes after which the check counts as passed; 1 for a liveness probe",
            "判定通过所需的连续成功次数；存活探针为 1",
        ),
    )
    .or_computed()
    .reported(),
    Field::new(
        "failure_threshold",
        "failureThreshold",
        Type::Integer(1, i64::MAX),
        doc(
            "consecutive failures after which the check counts as failed",
            "判定失败所需的连续失败次数",
        ),
    )
    .or_computed()
    .reported(),
];

const HANDLERS: [&str; 3] = ["exec", "http_get", "tcp_socket"];

fn one_handler(entries: &Map) -> Vec<RuleViolation> {
    let given: Vec<&'static str> = HANDLERS
        .into_iter()
        .filter(|handler| entries.contains_key(*handler))
        .collect();
    let (field, message) = match given[..] {
        [_] => return Vec::new(),
        [] => (
            None,
            text!(en: "a probe requires exactly one handler, found none", zh: "探针必须有且只有一种检查方式，实际没有"),
        ),
        [_, second, ..] => (
            Some(second),
            text!(en: "a probe requires exactly one handler, found {count}", zh: "探针必须有且只有一种检查方式，实际有 {count} 种", count = given.len()),
        ),
    };
    vec![RuleViolation {
        code: codes::PROBE,
        field,
        message,
        help: Some(
            text!(en: "set exactly one of `exec`, `http_get`, and `tcp_socket`", zh: "只设置 `exec`、`http_get` 和 `tcp_socket` 中的一个"),
        ),
    }]
}

fn liveness(entries: &Map) -> Vec<RuleViolation> {
    let mut faults = one_handler(entries);
    let threshold = entries
        .get("success_threshold")
        .and_then(|value| value.as_number()?.as_i64());
    if let Some(threshold) = threshold.filter(|threshold| *threshold != 1) {
        faults.push(RuleViolation {
            code: codes::PROBE,
            field: Some("success_threshold"),
            message: text!(en: "`success_threshold` of a liveness probe must be 1, found {threshold}", zh: "存活探针的 `success_threshold` 必须为 1，实际为 {threshold}", threshold = threshold),
            help: Some(text!(en: "set it to 1 or remove it", zh: "设置为 1，或删除该键")),
        });
    }
    faults
}

static HTTP_GET: Object = Object::new(
    "http_get",
    doc("The HTTP request of a probe.", "探针的 HTTP 请求。"),
    &[
        Field::new(
            "scheme",
            "scheme",
            Type::Enum(&["HTTP", "HTTPS"]),
            doc("HTTP or HTTPS", "使用 HTTP 或 HTTPS"),
        )
        .default(Literal::Text("HTTP"))
        .reported(),
        Field::new(
            "port",
            "port",
            Type::Integer(1, 65_535),
            doc("the port number", "端口号"),
        )
        .required()
        .reported(),
        Field::new(
            "path",
            "path",
            Type::String,
            doc("the path of the request", "请求的路径"),
        )
        .default(Literal::Text("/"))
        .reported(),
    ],
);

static TCP_SOCKET: Object = Object::new(
    "tcp_socket",
    doc(
        "The TCP port that a probe connects to.",
        "探针连接的 TCP 端口。",
    ),
    &[Field::new(
        "port",
        "port",
        Type::Integer(1, 65_535),
        doc("the port number", "端口号"),
    )
    .required()
    .reported()],
);
