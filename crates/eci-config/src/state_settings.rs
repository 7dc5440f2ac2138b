//! The place of a state and its keys, as `[backend.NAME]`, `[[encryption.key]]` and `[state.NAME]` give them.

use std::path::{Path, PathBuf};

/// The place of the state, and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateSettings {
    /// The store.
    pub backend: BackendSettings,
    /// The keys, any of which decrypts the state.
    pub keys: Vec<EncryptionKey>,
    /// Whether the settings depend on `eci.workspace`, so that each workspace has a separate place already.
    pub per_workspace: bool,
    /// Whether the place depends on expressions other than `eci.workspace`, the command line or the environment,
    /// so that it may differ from run to run.
    pub varies: bool,
}

/// The store of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendSettings {
    /// `[backend.local]`: a directory, relative to that of the configuration.
    Local(PathBuf),
    /// `[backend.s3]`.
    S3(S3BackendSettings),
    /// `[backend.postgres]`.
    Postgres(PostgresBackendSettings),
    /// `[backend.http]`.
    Http(HttpBackendSettings),
}

/// `[backend.s3]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3BackendSettings {
    /// The bucket.
    pub bucket: String,
    /// The start of the names of all objects.
    pub prefix: String,
    /// The address of the object store.
    pub endpoint: String,
    /// The region in signatures.
    pub region: String,
    /// The way to request a create: `standard`, `oss` or `cos`.
    pub dialect: String,
    /// The file of the credentials, relative to the directory of the configuration.
    pub credentials_file: Option<PathBuf>,
}

/// `[backend.postgres]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresBackendSettings {
    /// The environment variable with the address of the database.
    pub url_env: String,
    /// The schema of the table.
    pub schema: String,
    /// The name of the state in the table.
    pub name: String,
}

/// `[backend.http]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpBackendSettings {
    /// The address of the state.
    pub address: String,
    /// The method that writes the state.
    pub update_method: String,
    /// The address of the lock.
    pub lock_address: String,
    /// The method that acquires the lock.
    pub lock_method: String,
    /// The address at which the lock is released.
    pub unlock_address: String,
    /// The method that releases the lock.
    pub unlock_method: String,
    /// The user.
    pub username: Option<String>,
    /// The environment variable with the password.
    pub password_env: String,
    /// The number of repetitions of a request.
    pub retry_max: u32,
    /// The pause before the first repetition in seconds.
    pub retry_wait_min: u32,
    /// The longest pause before a repetition in seconds.
    pub retry_wait_max: u32,
}

/// `[[encryption.key]]`: where a key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptionKey {
    /// The environment variable with a passphrase.
    PassphraseEnv(String),
    /// The environment variable with a key.
    KeyEnv(String),
    /// A program that prints a key, and its arguments.
    Program(Vec<String>),
}

impl Default for StateSettings {
    fn default() -> StateSettings {
        StateSettings {
            backend: BackendSettings::Local(PathBuf::from("state")),
            keys: Vec::new(),
            per_workspace: false,
            varies: false,
        }
    }
}

impl StateSettings {
    /// Returns the settings with the paths of a directory.
    pub(crate) fn within(mut self, directory: &Path) -> StateSettings {
        match &mut self.backend {
            BackendSettings::Local(path) => *path = directory.join(&*path),
            BackendSettings::S3(S3BackendSettings {
                credentials_file: Some(path),
                ..
            }) => *path = directory.join(&*path),
            BackendSettings::S3(_) | BackendSettings::Postgres(_) | BackendSettings::Http(_) => {}
        }
        self
    }
}

/// The state of another configuration: `[state.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherState {
    /// The name.
    pub name: String,
    /// Its place, and its keys.
    pub settings: StateSettings,
    /// Its workspace.
    pub workspace: String,
}
