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
                "how the object store is requested not to overwrite: as by Amazon S3, by Alibaba Cloud OSS, or by Tencent Cloud COS",
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

/// `[encryption]`.
pub static ENCRYPTION: Object = Object::new(
    "encryption",
    doc(
        "How a state in a shared store is encrypted.",
        "共享存储中的状态的加密方式。",
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
