//! The errors in the backend of a state.

use eci_text::{Lang, Text, messages, text};

use crate::credentials::CredentialsError;

/// An error in the backend of a state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// An environment variable is not set.
    NotSet {
        /// The variable.
        variable: String,
        /// The expected content.
        content: Text,
    },
    /// An environment variable has a value that cannot be used.
    ///
    /// No message shows the value.
    NotValid {
        /// The variable.
        variable: String,
        /// The expected content.
        content: Text,
    },
    /// An environment variable is set, and empty.
    Empty {
        /// The variable.
        variable: String,
        /// The expected content.
        content: Text,
    },
    /// The address of a database begins with another scheme.
    ///
    /// No message shows more of it.
    Scheme {
        /// The variable.
        variable: String,
        /// The scheme.
        scheme: String,
    },
    /// The address of a database has a mode of TLS that is not supported.
    ///
    /// No message shows more of it.
    SslMode {
        /// The variable.
        variable: String,
        /// The mode.
        mode: String,
    },
    /// Credentials of the object store are missing.
    Credentials(#[from] CredentialsError),
    /// The program of a key failed.
    Program {
        /// The program.
        program: String,
        /// The reason.
        cause: Text,
    },
    /// A state in a shared store is to be encrypted, and no key is configured.
    NoKey,
    /// The settings do not name a store.
    Settings(Text),
    /// A setting is not the URL of a server.
    ///
    /// No message shows the value.
    NotUrl(String),
}

messages! { BackendError:
    BackendError::NotSet { variable, content } =>
        en("the environment variable `{variable}` is not set: it must contain {content}"),
        zh("未设置环境变量 `{variable}`：应包含{}", content.get(Lang::Zh));
    BackendError::Empty { variable, content } =>
        en("the environment variable `{variable}` is empty: it must contain {content}"),
        zh("环境变量 `{variable}` 为空：应包含{}", content.get(Lang::Zh));
    BackendError::Scheme { variable, scheme } =>
        en("the address in `{variable}` must start with `postgres://`, found `{scheme}://`"),
        zh("`{variable}` 中的地址必须以 `postgres://` 开头，实际为 `{scheme}://`");
    BackendError::SslMode { variable, mode } =>
        en("`sslmode={mode}` in `{variable}` is not supported"),
        zh("不支持 `{variable}` 中的 `sslmode={mode}`");
    BackendError::NotValid { variable, content } =>
        en("the environment variable `{variable}` does not contain {content}"),
        zh("环境变量 `{variable}` 不包含{}", content.get(Lang::Zh));
    BackendError::Credentials(cause) =>
        en("cannot access the object store: {cause}"),
        zh("无法访问对象存储：{}", eci_text::In(cause, Lang::Zh));
    BackendError::Program { program, cause } =>
        en("the program `{program}` of `[[encryption.key]]` failed: {cause}"),
        zh("`[[encryption.key]]` 的程序 `{program}` 失败：{}", cause.get(Lang::Zh));
    BackendError::NoKey =>
        en("no encryption key is configured: a state in a shared store is always encrypted"),
        zh("未配置加密密钥：共享存储中的状态始终加密");
    BackendError::NotUrl(key) =>
        en("`{key}` of `[backend.http]` is not a URL"),
        zh("`[backend.http]` 的 `{key}` 不是 URL");
    BackendError::Settings(cause) =>
        en("invalid backend configuration: {cause}"),
        zh("后端配置无效：{}", cause.get(Lang::Zh));
}

impl BackendError {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        match self {
            BackendError::NotSet { variable, .. } | BackendError::NotValid { variable, .. } => {
                text!(
                    en: "set `{variable}`, or name another variable in the manifests",
                    zh: "设置 `{variable}`，或在清单中使用其他变量名",
                    variable = variable,
                )
            }
            BackendError::Empty { variable, .. } => text!(
                en: "set `{variable}`; in a pipeline, check that it may read the secret: pipelines of forks may not",
                zh: "设置 `{variable}`；在流水线中，检查其是否有权读取该机密信息：派生仓库的流水线无权读取",
                variable = variable,
            ),
            BackendError::Scheme { variable, .. } => text!(
                en: "set `{variable}` to `postgres://USER:PASSWORD@HOST/DATABASE`",
                zh: "将 `{variable}` 设置为 `postgres://USER:PASSWORD@HOST/DATABASE`",
                variable = variable,
            ),
            BackendError::SslMode { mode, .. } if mode.starts_with("verify-") => text!(
                en: "use `sslmode=require`: it verifies the certificate as well",
                zh: "使用 `sslmode=require`：同样会验证证书",
            ),
            BackendError::SslMode { .. } => text!(
                en: "supported values: `disable`, `prefer`, and `require`",
                zh: "支持的值：`disable`、`prefer` 和 `require`",
            ),
            BackendError::Credentials(_) => text!(
                en: "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `credentials_file` in `[backend.s3]`",
                zh: "设置 `AWS_ACCESS_KEY_ID` 和 `AWS_SECRET_ACCESS_KEY`，或在 `[backend.s3]` 中设置 `credentials_file`",
            ),
            BackendError::Program { .. } => text!(
                en: "run the program manually: it must print a key of 32 bytes, in Base64 or hexadecimal",
                zh: "手动执行该程序：应输出 32 字节的密钥，以 Base64 或十六进制表示",
            ),
            BackendError::NoKey => text!(
                en: "add `[[encryption.key]]` with `passphrase_env = \"ECI_STATE_PASSPHRASE\"` to a manifest",
                zh: "在清单中添加包含 `passphrase_env = \"ECI_STATE_PASSPHRASE\"` 的 `[[encryption.key]]`",
            ),
            BackendError::NotUrl(key) => text!(
                en: "for example `{key} = \"https://gitlab.example.com/api/v4/projects/42/terraform/state/production\"`",
                zh: "例如 `{key} = \"https://gitlab.example.com/api/v4/projects/42/terraform/state/production\"`",
                key = key,
            ),
            BackendError::Settings(_) => text!(
                en: "correct `[backend]` in the manifests",
                zh: "更正清单中的 `[backend]`",
            ),
        }
    }
}
