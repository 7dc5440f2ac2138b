//! `[provider]` and `[backend.local]`.

use crate::schema::{Field, Literal, Object, Precision, Type};

/// `[provider]`.
pub static PROVIDER: Object = Object::new(
    "provider",
    "How the cloud is reached, and what all its resources share.",
    &[
        Field::setting(
            "region_id",
            Type::String,
            "the region; otherwise CTYUN_REGION_ID gives it",
        ),
        Field::setting(
            "endpoints",
            Type::Object(&ENDPOINTS),
            "addresses of services other than the vendor's",
        ),
        Field::setting(
            "credentials_file",
            Type::String,
            "a file with the access key and its secret, relative to the directory; otherwise CTYUN_AK and CTYUN_SK give them",
        ),
        Field::setting(
            "field_names",
            Type::Enum(&["documented", "sdk"]),
            "whose spelling of field names is sent, where the vendor's page and its published client differ",
        )
        .default(Literal::Text("documented")),
        Field::setting(
            "default_tags",
            Type::Table(&Type::String, ["key", "value"]),
            "tags that every container group gets beside its own",
        ),
        Field::setting(
            "allow",
            Type::List(&Type::String),
            "warnings that are not told, by name or number, such as \"closed-port\"",
        ),
        Field::setting(
            "rate_limit",
            Type::Number(0.0, Precision::Double),
            "at most so many calls a second; above 0",
        ),
        Field::setting(
            "retry",
            Type::Object(&RETRY),
            "how often and how long a call is tried again",
        ),
    ],
);

/// `[provider] endpoints`.
pub static ENDPOINTS: Object = Object::new(
    "endpoints",
    "Addresses of services, such as `https://eci-global.ctapi.ctyun.cn`.",
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
    "How often and how long a call is tried again.",
    &[
        Field::setting(
            "attempts",
            Type::Integer(1, 1000),
            "at most so many attempts in all",
        ),
        Field::setting("max_delay", Type::Duration, "the longest pause between two"),
    ],
);

/// `[backend]`.
pub static BACKEND: Object = Object::new(
    "backend",
    "Where the state lives.",
    &[Field::setting(
        "local",
        Type::Object(&BACKEND_LOCAL),
        "in a directory of this machine",
    )],
);

/// `[backend.local]`.
pub static BACKEND_LOCAL: Object = Object::new(
    "backend.local",
    "The state in a directory of this machine.",
    &[Field::setting(
        "path",
        Type::String,
        "the directory, relative to that of the manifests",
    )
    .default(Literal::Text("state"))],
);
