//! `[provider]`.

use crate::schema::{Field, Literal, Object, Precision, Type, doc};

/// `[provider]`.
pub static PROVIDER: Object = Object::new(
    "provider",
    doc("Region, credentials, endpoints and default tags.", "区域、凭证、服务端点和默认标签。"),
    &[
        Field::setting(
            "region_id",
            Type::String,
            doc(
                "the ID of the region; by default the value of CTYUN_REGION_ID",
                "区域的 ID；默认为 CTYUN_REGION_ID 的值",
            ),
        ),
        Field::setting(
            "endpoints",
            Type::Object(&ENDPOINTS),
            doc("endpoints to use instead of those of CTyun", "替代天翼云默认服务端点的服务端点"),
        ),
        Field::setting(
            "credentials_file",
            Type::String,
            doc(
                "a TOML file with `access_key` and `secret_key`, relative to the configuration directory; CTYUN_AK and CTYUN_SK take precedence",
                "包含 `access_key` 和 `secret_key` 的 TOML 文件，路径相对于配置目录；CTYUN_AK 和 CTYUN_SK 优先",
            ),
        ),
        Field::setting(
            "field_names",
            Type::Enum(&["documented", "sdk"]),
            doc(
                "which spelling of field names to send where the API reference and the published client of CTyun differ",
                "天翼云 API 文档与公开客户端的字段名不一致时，发送哪一种写法",
            ),
        )
        .default(Literal::Text("documented")),
        Field::setting(
            "default_tags",
            Type::Table(&Type::String, ["key", "value"]),
            doc("tags that are added to every container group", "添加到每个容器组的标签"),
        ),
        Field::setting(
            "allow",
            Type::List(&Type::String),
            doc(
                "warnings to suppress, by name or code, for example `\"closed-port\"`",
                "要忽略的警告，以名称或错误码表示，例如 `\"closed-port\"`",
            ),
        ),
        Field::setting(
            "rate_limit",
            Type::Number(0.0, Precision::Double),
            doc(
                "maximum number of API calls per second, above 0; no limit by default",
                "每秒 API 调用次数的上限，大于 0；默认不限",
            ),
        ),
        Field::setting(
            "retry",
            Type::Object(&RETRY),
            doc("how API calls are retried", "API 调用的重试方式"),
        ),
    ],
);

/// `[provider] endpoints`.
pub static ENDPOINTS: Object = Object::new(
    "endpoints",
    doc(
        "Endpoints of services, for example `https://eci-global.ctapi.ctyun.cn`.",
        "服务端点，例如 `https://eci-global.ctapi.ctyun.cn`。",
    ),
    &[
        Field::setting("eci", Type::String, doc("container groups", "容器组")),
        Field::setting("eip", Type::String, doc("elastic IPs", "弹性 IP")),
        Field::setting("ebs", Type::String, doc("cloud disks", "云硬盘")),
        Field::setting(
            "ecs",
            Type::String,
            doc("orders and jobs", "订单和异步任务"),
        ),
    ],
);

/// `[provider] retry`.
pub static RETRY: Object = Object::new(
    "retry",
    doc("How API calls are retried.", "API 调用的重试方式。"),
    &[
        Field::setting(
            "attempts",
            Type::Integer(1, 1000),
            doc(
                "maximum number of attempts, the first included; 6 by default",
                "尝试次数的上限，包括首次；默认为 6 次",
            ),
        ),
        Field::setting(
            "max_delay",
            Type::Duration,
            doc(
                "longest pause between two attempts; 30 seconds by default",
                "两次尝试之间的最长间隔；默认为 30 秒",
            ),
        ),
    ],
);
