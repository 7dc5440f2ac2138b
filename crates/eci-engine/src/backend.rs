//! From the settings of a state to its backend.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use eci_api::tls;
use eci_backend::{
    Backend, EncryptedDirectory, HttpBackend, HttpSettings, LockTiming, LogBackend, LogDevice,
    PostgresDevice, PostgresSettings, ReaderKey, S3Credentials, S3Device, S3Dialect, S3Settings,
    SecretKey,
};
use eci_config::{
    BackendSettings, EncryptionKey, OtherState, PostgresBackendSettings, S3BackendSettings,
    StateSettings,
};
use eci_state::Workspaces;
use eci_text::{Lang, Text, messages, text};

use crate::connect::Variable;
use crate::credentials::{self, CredentialsError};
use crate::postgres_url;

/// The shortest passphrase in characters.
const SHORTEST_PASSPHRASE: usize = 16;

/// The longest time for one call to an object store.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The variables with the credentials of an object store, as its published clients read them.
const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The variable with the user of a server of documents, as Terraform reads it.
const HTTP_USERNAME: &str = "TF_HTTP_USERNAME";

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

/// Returns the backend of a state.
///
/// Nothing is read from it yet.
///
/// # Errors
/// If credentials or keys are missing, or the settings do not name a store.
pub fn connect_state(settings: &StateSettings) -> Result<Backend, BackendError> {
    connect_with(settings, |name| std::env::var(name).ok())
}

/// Returns the backend of a state as far as its address is concerned.
///
/// It has no keys, so that no program is run for them. Nothing can be read from it.
///
/// # Errors
/// As [`connect_state`], except for keys.
pub fn state_without_keys(settings: &StateSettings) -> Result<Backend, BackendError> {
    match &settings.backend {
        BackendSettings::Local(directory) => Ok(Backend::Local(directory.clone())),
        _ => {
            let readers = |_: &[EncryptionKey], _: Variable| Ok(Vec::new());
            in_store(settings, |name| std::env::var(name).ok(), readers)
        }
    }
}

/// Returns the backend of a state in a directory: encrypted if there are keys.
///
/// Nothing is read from it yet.
///
/// # Errors
/// If a key is missing or cannot be used.
pub fn directory_state(directory: &Path, keys: &[EncryptionKey]) -> Result<Backend, BackendError> {
    in_directory(directory, keys, |name| std::env::var(name).ok())
}

/// Returns the backend of the state of another configuration, before its workspace is selected.
///
/// Its keys may be those of this configuration, so that a state in a directory is read as it is: encrypted or
/// not.
///
/// # Errors
/// As [`connect_state`].
pub fn connect_other_state(other: &OtherState) -> Result<Backend, BackendError> {
    let BackendSettings::Local(base) = &other.settings.backend else {
        return connect_state(&other.settings);
    };
    let workspace = other.workspace.parse();
    let directory = match &workspace {
        Ok(workspace) => Workspaces::new(base).directory(workspace),
        Err(_) => base.clone(),
    };
    if EncryptedDirectory::is_last_in(&directory) {
        return connect_state(&other.settings);
    }
    Ok(Backend::Local(base.clone()))
}

fn in_directory(
    directory: &Path,
    keys: &[EncryptionKey],
    variable: Variable,
) -> Result<Backend, BackendError> {
    if keys.is_empty() {
        return Ok(Backend::Local(directory.to_owned()));
    }
    let readers = readers(keys, variable)?;
    let place = EncryptedDirectory::new(directory, readers);
    Ok(Backend::Encrypted(place))
}

fn connect_with(settings: &StateSettings, variable: Variable) -> Result<Backend, BackendError> {
    match &settings.backend {
        BackendSettings::Local(directory) => in_directory(directory, &settings.keys, variable),
        _ => in_store(settings, variable, readers),
    }
}

/// The function that returns the keys of a state.
type Readers = fn(&[EncryptionKey], Variable) -> Result<Vec<ReaderKey>, BackendError>;

/// Returns the backend of a state that is not in a directory.
fn in_store(
    settings: &StateSettings,
    variable: Variable,
    readers: Readers,
) -> Result<Backend, BackendError> {
    let device: Arc<dyn LogDevice> = match &settings.backend {
        BackendSettings::Http(http) => {
            let readers = readers(&settings.keys, variable)?;
            return Ok(Backend::Http(http_backend(http, readers, variable)?));
        }
        BackendSettings::S3(settings) => Arc::new(s3(settings, variable)?),
        BackendSettings::Postgres(settings) => Arc::new(postgres(settings, variable)?),
        _ => {
            return Err(BackendError::Settings(
                text!(en: "unknown backend", zh: "未知的后端"),
            ));
        }
    };
    let backend = LogBackend::new(device, readers(&settings.keys, variable)?);
    Ok(Backend::Shared(
        backend.with_timing(LockTiming::of_environment()),
    ))
}

/// Returns the keys of an encrypted state: at least one.
fn readers(keys: &[EncryptionKey], variable: Variable) -> Result<Vec<ReaderKey>, BackendError> {
    let mut readers = Vec::with_capacity(keys.len());
    let mut absent = None;
    for key in keys {
        readers.push(match reader(key, variable) {
            Err(
                error @ (BackendError::NotSet { .. }
                | BackendError::Empty { .. }
                | BackendError::Program { .. }),
            ) => {
                let reader = ReaderKey::Absent(Text::of(&error));
                absent.get_or_insert(error);
                reader
            }
            reader => reader?,
        });
    }
    let is_absent = |reader: &ReaderKey| matches!(reader, ReaderKey::Absent(_));
    if readers.iter().all(is_absent) {
        return Err(absent.unwrap_or(BackendError::NoKey));
    }
    Ok(readers)
}

/// Returns a client that trusts the certificates of this machine, and none without TLS.
fn http_client(address: &str) -> Result<reqwest::Client, BackendError> {
    let invalid = |error: &(dyn std::error::Error + 'static)| {
        BackendError::Settings(Text::of_root_cause(error))
    };
    let tls = if address.starts_with("http://") {
        tls::without_roots()
    } else {
        tls::with_platform_roots()
    };
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.map_err(|error| invalid(&error))?)
        .timeout(TIMEOUT)
        .build()
        .map_err(|error| invalid(&error))
}

fn http_backend(
    settings: &eci_config::HttpBackendSettings,
    readers: Vec<ReaderKey>,
    variable: Variable,
) -> Result<HttpBackend, BackendError> {
    let url = |key: &str, text: &str| {
        let parsed = text.parse::<reqwest::Url>();
        let is_http = |url: &reqwest::Url| matches!(url.scheme(), "http" | "https");
        let parsed = parsed.ok().filter(|url| is_http(url) && url.has_host());
        // The text may contain a password.
        parsed.ok_or_else(|| BackendError::NotUrl(key.to_owned()))
    };
    let method = |text: &str| {
        let parsed = reqwest::Method::from_bytes(text.as_bytes());
        parsed.map_err(|_| {
            BackendError::Settings(text!(
                en: "invalid HTTP method `{method}`",
                zh: "HTTP 方法 `{method}` 无效",
                method = text,
            ))
        })
    };
    let seconds = |number: u32| Duration::from_secs(number.into());
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let username = settings.username.clone();
    let address = url("address", &settings.address)?;
    let lock_address = url("lock_address", &settings.lock_address)?;
    let mut server = HttpSettings::new(address, lock_address);
    server.update_method = method(&settings.update_method)?;
    server.lock_method = method(&settings.lock_method)?;
    server.unlock_address = url("unlock_address", &settings.unlock_address)?;
    server.unlock_method = method(&settings.unlock_method)?;
    server.username = username.or_else(|| set(HTTP_USERNAME));
    server.password = set(&settings.password_env).map(Into::into);
    server.retry_max = settings.retry_max;
    server.retry_wait_min = seconds(settings.retry_wait_min);
    server.retry_wait_max = seconds(settings.retry_wait_max);
    let backend = HttpBackend::new(server, http_client(&settings.address)?, readers);
    Ok(backend.with_timing(LockTiming::of_environment()))
}

fn s3(settings: &S3BackendSettings, variable: Variable) -> Result<S3Device, BackendError> {
    let file = settings.credentials_file.as_deref();
    let found = credentials::find_in(
        &[credentials::Pair::new(ACCESS_KEY, SECRET_KEY)],
        variable,
        file,
    )?;
    let address = settings.endpoint.parse::<reqwest::Url>();
    if !address.is_ok_and(|url| url.has_host()) {
        return Err(BackendError::Settings(text!(
            en: "`endpoint` is not a URL",
            zh: "`endpoint` 不是 URL",
        )));
    }
    let http = http_client(&settings.endpoint)?;
    let keys = S3Credentials {
        access_key: found.access_key,
        secret_key: found.secret_key,
    };
    let mut store = S3Settings::new(&settings.endpoint, &settings.bucket, keys);
    store.prefix.clone_from(&settings.prefix);
    store.region.clone_from(&settings.region);
    store.session_token = variable(SESSION_TOKEN).map(Into::into);
    store.dialect = match &*settings.dialect {
        "oss" => S3Dialect::Oss,
        "cos" => S3Dialect::Cos,
        _ => S3Dialect::Standard,
    };
    S3Device::new(store, http).map_err(|error| BackendError::Settings(Text::of(&error)))
}

fn postgres(
    settings: &PostgresBackendSettings,
    variable: Variable,
) -> Result<PostgresDevice, BackendError> {
    let content = || {
        text!(
            en: "the address of a database: `postgres://USER:PASSWORD@HOST/DATABASE`",
            zh: "数据库的地址：`postgres://USER:PASSWORD@HOST/DATABASE`",
        )
    };
    let name = || settings.url_env.clone();
    let url = value(&settings.url_env, variable, content())?;
    if let Some(scheme) = postgres_url::other_scheme(&url) {
        return Err(BackendError::Scheme {
            variable: name(),
            scheme,
        });
    }
    if let Some(mode) = postgres_url::unsupported_sslmode(&url) {
        return Err(BackendError::SslMode {
            variable: name(),
            mode,
        });
    }
    // The message of the parser may quote the password.
    let config = postgres_url::with_escaped_password(&url).parse();
    let config = config.map_err(|_| BackendError::NotValid {
        variable: name(),
        content: content(),
    })?;
    let tls = tls::with_platform_roots().or_else(|_| tls::without_roots());
    let tls = tls.map_err(|error| BackendError::Settings(Text::of_root_cause(&error)))?;
    let PostgresBackendSettings { schema, name, .. } = settings;
    let settings = PostgresSettings::new(config, schema, name, Arc::new(tls));
    Ok(PostgresDevice::new(settings))
}

/// Returns the secret of a reader.
fn reader(key: &EncryptionKey, variable: Variable) -> Result<ReaderKey, BackendError> {
    match key {
        EncryptionKey::PassphraseEnv(name) => {
            let content = || {
                text!(
                    en: "a passphrase of at least 16 characters",
                    zh: "至少 16 个字符的口令",
                )
            };
            let passphrase = value(name, variable, content())?;
            if passphrase.chars().count() < SHORTEST_PASSPHRASE {
                return Err(BackendError::NotValid {
                    variable: name.clone(),
                    content: content(),
                });
            }
            Ok(ReaderKey::Passphrase(passphrase.into()))
        }
        EncryptionKey::KeyEnv(name) => {
            let content = || {
                text!(
                    en: "a key of 32 bytes, in Base64 or hexadecimal",
                    zh: "以 Base64 或十六进制表示的 32 字节密钥",
                )
            };
            let key = SecretKey::parse(&value(name, variable, content())?);
            key.map(ReaderKey::Key)
                .ok_or_else(|| BackendError::NotValid {
                    variable: name.clone(),
                    content: content(),
                })
        }
        EncryptionKey::Program(command) => printed_key(command),
        _ => Err(BackendError::NoKey),
    }
}

fn value(name: &str, variable: Variable, content: Text) -> Result<String, BackendError> {
    let variable_name = name.to_owned();
    match variable(name) {
        None => Err(BackendError::NotSet {
            variable: variable_name,
            content,
        }),
        // CI systems set secrets that a pipeline may not read to nothing.
        Some(value) if value.trim().is_empty() => Err(BackendError::Empty {
            variable: variable_name,
            content,
        }),
        Some(value) => Ok(value),
    }
}

/// Returns the key that a program prints.
///
/// Its standard error is that of this program: it may ask for a password there.
fn printed_key(command: &[String]) -> Result<ReaderKey, BackendError> {
    let (program, arguments) = command.split_first().ok_or(BackendError::NoKey)?;
    let failed = |cause: Text| BackendError::Program {
        program: program.clone(),
        cause,
    };
    let output = Command::new(PathBuf::from(program))
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(Text::of(&error)))?;
    if !output.status.success() {
        return Err(failed(match output.status.code() {
            Some(code) => text!(
                en: "it ended with exit code {code}",
                zh: "退出码为 {code}",
                code = code,
            ),
            None => Text::verbatim(output.status.to_string()),
        }));
    }
    let key = SecretKey::parse(&String::from_utf8_lossy(&output.stdout));
    key.map(ReaderKey::Key).ok_or_else(|| {
        failed(text!(
            en: "its output is not a key of 32 bytes, in Base64 or hexadecimal",
            zh: "其输出不是以 Base64 或十六进制表示的 32 字节密钥",
        ))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Returns the backend whose address is in a variable.
    fn database(url_env: &str) -> Result<Backend, BackendError> {
        let mut database = PostgresBackendSettings::default();
        database.url_env = url_env.to_owned();
        database.schema = "eci".to_owned();
        database.name = "production".to_owned();
        let mut settings = StateSettings::default();
        settings.backend = BackendSettings::Postgres(database);
        settings.keys = vec![EncryptionKey::PassphraseEnv("PASSPHRASE".to_owned())];
        connect_with(&settings, |name| {
            let value = match name {
                "AT" => "postgres://user:hu@sh@db.example.com/eci",
                "PORT" => "postgres://user:hu@sh@db.example.com:5433/eci",
                "MYSQL" => "mysql://user:hush@h/db",
                "WORDS" => "hush hush",
                "VERIFY" => "postgres://user:hush@h/db?sslmode=verify-full",
                "TYPO" => "host=h password=hush sslmode=requires",
                "EMPTY" => "",
                "PASSPHRASE" => "sixteen characters",
                _ => return None,
            };
            Some(value.to_owned())
        })
    }

    #[test]
    fn a_location_has_no_part_of_a_password_and_its_port() {
        for (variable, location) in [
            ("AT", "postgres://db.example.com/eci/eci/production"),
            ("PORT", "postgres://db.example.com:5433/eci/eci/production"),
        ] {
            assert_eq!(database(variable).unwrap().location(), location);
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_says_why() {
        for (variable, message) in [
            ("NONE", "the environment variable `NONE` is not set: "),
            ("EMPTY", "the environment variable `EMPTY` is empty: "),
            (
                "MYSQL",
                "the address in `MYSQL` must start with `postgres://`, found `mysql://`",
            ),
            (
                "VERIFY",
                "`sslmode=verify-full` in `VERIFY` is not supported use `sslmode=require`: ",
            ),
            (
                "TYPO",
                "`sslmode=requires` in `TYPO` is not supported supported values: `disable`",
            ),
            (
                "WORDS",
                "the environment variable `WORDS` does not contain the address of a database: ",
            ),
        ] {
            let error = database(variable).unwrap_err();
            let shown = format!("{error} {}", error.help());
            assert!(shown.starts_with(message), "{shown}");
            assert!(!shown.contains("hush"), "{shown}");
        }
    }
}
