//! `[backend.NAME]` and `[[encryption.key]]`.

use crate::schema::{Field, Literal, Object, Type, doc};

/// `[backend]`.
pub static BACKEND: Object = Object::new(
    "backend",
    doc("Where the state is stored.", "状态的存储位置。"),
    &[
        Field::setting(
            "local",
            Type::Object(&BACKEND_LOCAL),
            doc("in a local directory", "存储在本地目录"),
        ),
        Field::setting(
            "s3",
            Type::Object(&BACKEND_S3),
            doc(
                "in a bucket of an object store with the S3 protocol, for example ZOS",
                "存储在支持 S3 协议的对象存储的存储桶中，例如 ZOS",
            ),
        ),
        Field::setting(
            "postgres",
            Type::Object(&BACKEND_POSTGRES),
            doc("in a PostgreSQL database", "存储在 PostgreSQL 数据库中"),
        ),
        Field::setting(
            "http",
            Type::Object(&BACKEND_HTTP),
            doc(
                "on GitLab, or another server with the protocol of Terraform's `http` backend; for small states",
                "存储在 GitLab 或支持 Terraform `http` 后端协议的其他服务器上，适用于小型状态",
            ),
        ),
    ],
);

/// `[backend.local]`.
pub static BACKEND_LOCAL: Object = Object::new(
    "backend.local",
    doc(
        "Stores the state in a local directory.",
        "将状态存储在本地目录。",
    ),
    &[Field::setting(
        "path",
        Type::String,
        doc(
            "the directory, relative to the configuration directory",
            "目录，路径相对于配置目录",
        ),
    )
    .default(Literal::Text("state"))],
);

/// `[backend.s3]`.
pub static BACKEND_S3: Object = Object::new(
    "backend.s3",
    doc(
        "Stores the state in a bucket of an object store with the S3 protocol. The credentials are \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.",
        "将状态存储在支持 S3 协议的对象存储的存储桶中。凭证为环境变量 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY。",
    ),
    &[
        Field::setting("bucket", Type::String, doc("the bucket", "存储桶")).required(),
        Field::setting(
            "prefix",
            Type::String,
            doc(
                "the start of the names of all objects of the state, for example `shop/production`",
                "状态的所有对象名称的前缀，例如 `shop/production`",
            ),
        )
        .default(Literal::Text("eci")),
        Field::setting(
            "endpoint",
            Type::String,
            doc(
                "the address of the object store, for example `https://jiangsu-10.zos.ctyun.cn`",
                "对象存储的地址，例如 `https://jiangsu-10.zos.ctyun.cn`",
            ),
        )
        .required(),
        Field::setting(
            "region",
            Type::String,
            doc(
                "the region in signatures; only some object stores check it",
                "签名中的区域；仅部分对象存储会检查",
            ),
        )
        .default(Literal::Text("us-east-1")),
        Field::setting(
            "dialect",
            Type::Enum(&["standard", "oss", "cos"]),
            doc(
                "how the object store is requested not to overwrite an object: as defined by Amazon S3, Alibaba Cloud OSS, or Tencent Cloud COS",
                "要求对象存储不覆盖对象的方式：Amazon S3、阿里云 OSS 或腾讯云 COS",
            ),
        )
        .default(Literal::Text("standard")),
        Field::setting(
            "credentials_file",
            Type::String,
            doc(
                "a TOML file with `access_key` and `secret_key`, relative to the configuration directory; the environment takes precedence",
                "包含 `access_key` 和 `secret_key` 的 TOML 文件，路径相对于配置目录；环境变量优先",
            ),
        ),
    ],
);

/// `[backend.postgres]`.
pub static BACKEND_POSTGRES: Object = Object::new(
    "backend.postgres",
    doc(
        "Stores the state in a PostgreSQL database.",
        "将状态存储在 PostgreSQL 数据库中。",
    ),
    &[
        Field::setting(
            "url_env",
            Type::String,
            doc(
                "the environment variable with the address of the database: `postgres://user:password@host/database`",
                "包含数据库地址的环境变量：`postgres://user:password@host/database`",
            ),
        )
        .default(Literal::Text("ECI_STATE_URL")),
        Field::setting(
            "schema",
            Type::String,
            doc("the schema of the table", "表所在的模式"),
        )
        .default(Literal::Text("eci")),
        Field::setting(
            "name",
            Type::String,
            doc("the name of the state in the table", "状态在表中的名称"),
        )
        .default(Literal::Text("default")),
    ],
);

/// `[backend.http]`.
///
/// The names are those of Terraform.
pub static BACKEND_HTTP: Object = Object::new(
    "backend.http",
    doc(
        "Stores the state on GitLab, or on another server with the protocol of Terraform's `http` backend. Each \
         change writes the whole state, so that its size is limited to 8 MiB.",
        "将状态存储在 GitLab 或支持 Terraform `http` 后端协议的其他服务器上。每次变更都会写入整个状态，因此其大小限制为 8 MiB。",
    ),
    &[
        Field::setting(
            "address",
            Type::String,
            doc(
                "the address of the state, for example `https://gitlab.example.com/api/v4/projects/42/terraform/state/production`",
                "状态的地址，例如 `https://gitlab.example.com/api/v4/projects/42/terraform/state/production`",
            ),
        )
        .required(),
        Field::setting(
            "update_method",
            Type::String,
            doc("the HTTP method that writes the state", "写入状态的 HTTP 方法"),
        )
        .default(Literal::Text("POST")),
        Field::setting(
            "lock_address",
            Type::String,
            doc(
                "the address of the lock; optional for GitLab, where it is `ADDRESS/lock`",
                "锁的地址；使用 GitLab 时可省略，为 `ADDRESS/lock`",
            ),
        ),
        Field::setting(
            "lock_method",
            Type::String,
            doc(
                "the HTTP method that acquires the lock; `POST` for GitLab, otherwise `LOCK`",
                "获取锁的 HTTP 方法；GitLab 为 `POST`，否则为 `LOCK`",
            ),
        ),
        Field::setting(
            "unlock_address",
            Type::String,
            doc(
                "the address at which the lock is released; `lock_address` if omitted",
                "释放锁的地址；省略时为 `lock_address`",
            ),
        ),
        Field::setting(
            "unlock_method",
            Type::String,
            doc(
                "the HTTP method that releases the lock; `DELETE` for GitLab, otherwise `UNLOCK`",
                "释放锁的 HTTP 方法；GitLab 为 `DELETE`，否则为 `UNLOCK`",
            ),
        ),
        Field::setting(
            "username",
            Type::String,
            doc(
                "the user; `TF_HTTP_USERNAME` in the environment if omitted",
                "用户名；省略时为环境变量 `TF_HTTP_USERNAME`",
            ),
        ),
        Field::setting(
            "password_env",
            Type::String,
            doc(
                "the environment variable with the password or access token",
                "包含密码或访问令牌的环境变量",
            ),
        )
        .default(Literal::Text("TF_HTTP_PASSWORD")),
        Field::setting(
            "retry_max",
            Type::Integer(0, 100),
            doc(
                "the maximum number of retries of a request if the server does not answer or fails",
                "服务器无响应或出错时，请求的最多重试次数",
            ),
        )
        .default(Literal::Integer(5)),
        Field::setting(
            "retry_wait_min",
            Type::Integer(0, 3600),
            doc(
                "the pause in seconds before the first retry; it doubles with each further retry",
                "首次重试之前等待的秒数，之后每次加倍",
            ),
        )
        .default(Literal::Integer(1)),
        Field::setting(
            "retry_wait_max",
            Type::Integer(0, 3600),
            doc(
                "the longest pause in seconds before a retry",
                "每次重试之前最多等待的秒数",
            ),
        )
        .default(Literal::Integer(30)),
    ],
);

/// `[encryption]`.
pub static ENCRYPTION: Object = Object::new(
    "encryption",
    doc(
        "How the state is encrypted: always in a shared store, and in a directory if there is a key.",
        "状态的加密方式：共享存储中的状态始终加密，目录中的状态在有密钥时加密。",
    ),
    &[Field::setting(
        "key",
        Type::Objects(&ENCRYPTION_KEY, &["passphrase_env", "key_env"]),
        doc(
            "the keys: each of them decrypts the state",
            "密钥：其中任意一个均可解密状态",
        ),
    )],
);

/// `[[encryption.key]]`.
pub static ENCRYPTION_KEY: Object = Object::new(
    "encryption.key",
    doc("A key of the state.", "状态的密钥。"),
    &[
        Field::setting(
            "passphrase_env",
            Type::String,
            doc(
                "the environment variable with a passphrase of at least 16 characters",
                "包含口令的环境变量，口令至少 16 个字符",
            ),
        ),
        Field::setting(
            "key_env",
            Type::String,
            doc(
                "the environment variable with a key of 32 bytes, in Base64 or hexadecimal",
                "包含 32 字节密钥的环境变量，以 Base64 或十六进制表示",
            ),
        ),
        Field::setting(
            "program",
            Type::List(&Type::String),
            doc(
                "a program and its arguments that prints a key of 32 bytes, in Base64 or hexadecimal",
                "输出 32 字节密钥（Base64 或十六进制）的程序及其参数",
            ),
        ),
    ],
);

/// `[state.NAME]`.
pub static STATE: Object = Object::new(
    "state",
    doc(
        "The outputs of another configuration, read as `state.NAME.OUTPUT`. Sensitive outputs cannot be read.",
        "其他配置的输出，以 `state.NAME.OUTPUT` 读取。敏感的输出无法读取。",
    ),
    &[
        Field::setting(
            "backend",
            Type::Object(&BACKEND),
            doc(
                "the backend of the other state, for example `backend.s3 = { … }`",
                "该状态的后端，例如 `backend.s3 = { … }`",
            ),
        )
        .required(),
        Field::setting(
            "encryption",
            Type::Object(&ENCRYPTION),
            doc(
                "the keys of the other state; those of this configuration if omitted",
                "该状态的密钥；省略时使用本配置的密钥",
            ),
        ),
        Field::setting(
            "workspace",
            Type::String,
            doc("the workspace of the other state", "该状态的工作区"),
        )
        .default(Literal::Text("default")),
    ],
);
