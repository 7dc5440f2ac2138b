//! From the settings of a state to its backend.

mod environment;
mod error;
mod keys;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eci_api::tls;
use eci_backend::{
    Backend, EncryptedDirectory, HttpBackend, HttpSettings, LockTiming, LogBackend, LogDevice,
    PostgresDevice, PostgresSettings, ReaderKey, S3Credentials, S3Device, S3Dialect, S3Settings,
};
use eci_config::{
    BackendSettings, EncryptionKey, OtherState, PostgresBackendSettings, S3BackendSettings,
    StateSettings,
};
use eci_state::Workspaces;
use eci_text::{Text, text};

use crate::connect::Variable;
use crate::credentials;
use crate::postgres_url;
use environment::value;
use keys::readers;

pub use error::BackendError;

/// The longest time for one call to an object store.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The variables with the credentials of an object store, as its published clients read them.
const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The variable with the user of a server of documents, as Terraform reads it.
const HTTP_USERNAME: &str = "TF_HTTP_USERNAME";

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
