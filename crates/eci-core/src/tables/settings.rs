//! `[provider]` and `[backend.local]`.

use crate::schema::{Field, Literal, Object, Precision, Type};

/// `[provider]`.
pub static PROVIDER: Object = Object::new(
    "provider",
    "Region, credentials, endpoints and default tags.",
    &[
        Field::setting(
            "region_id",
            Type::String,
            "the ID of the region; by default the value of CTYUN_REGION_ID",
        ),
        Field::setting(
            "endpoints",
            Type::Object(&ENDPOINTS),
            "endpoints to use instead of those of CTyun",
        ),
        Field::setting(
            "credentials_file",
            Type::String,
            "a TOML file with `access_key` and `secret_key`, relative to the configuration directory; CTYUN_AK and CTYUN_SK take precedence",
        ),
        Field::setting(
            "field_names",
            Type::Enum(&["documented", "sdk"]),
            "which spelling of field names to send where the API reference and the published client of CTyun differ",
        )
        .default(Literal::Text("documented")),
        Field::setting(
            "default_tags",
            Type::Table(&Type::String, ["key", "value"]),
            "tags that are added to every container group",
        ),
        Field::setting(
            "allow",
            Type::List(&Type::String),
            "warnings to suppress, by name or code, for example \"closed-port\"",
        ),
        Field::setting(
            "rate_limit",
            Type::Number(0.0, Precision::Double),
            "maximum number of API calls per second, above 0; no limit by default",
        ),
        Field::setting(
            "retry",
            Type::Object(&RETRY),
            "how API calls are retried",
        ),
    ],
);

/// `[provider] endpoints`.
pub static ENDPOINTS: Object = Object::new(
    "endpoints",
    "Endpoints of services, for example `https://eci-global.ctapi.ctyun.cn`.",
    &[
        Field::setting("eci", Type::String, "container groups"),
        Field::setting("eip", Type::String, "elastic IPs"),
        Field::setting("ebs", Type::String, "cloud disks"),
        Field::setting("ecs", Type::String, "orders and jobs"),
    ],
);

/// `[provider] retry`.
pub static RETRY: Object = Object::new(
    "retry",
    "How API calls are retried.",
    &[
        Field::setting(
            "attempts",
            Type::Integer(1, 1000),
            "maximum number of attempts, the first included; 6 by default",
        ),
        Field::setting(
            "max_delay",
            Type::Duration,
            "longest pause between two attempts; 30 seconds by default",
        ),
    ],
);

/// `[backend]`.
pub static BACKEND: Object = Object::new(
    "backend",
    "Where the state is stored.",
    &[Field::setting(
        "local",
        Type::Object(&BACKEND_LOCAL),
        "in a local directory",
    )],
);

/// `[backend.local]`.
pub static BACKEND_LOCAL: Object = Object::new(
    "backend.local",
    "Stores the state in a local directory.",
    &[Field::setting(
        "path",
        Type::String,
        "the directory, relative to the configuration directory",
    )
    .default(Literal::Text("state"))],
);
