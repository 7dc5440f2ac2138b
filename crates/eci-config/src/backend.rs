//! `[backend.NAME]` and `[[encryption.key]]`.

use std::path::{Path, PathBuf};

use eci_core::tables::{
    BACKEND_HTTP, BACKEND_LOCAL, BACKEND_POSTGRES, BACKEND_S3, ENCRYPTION, ENCRYPTION_KEY,
};
use eci_core::{Diagnostic, Diagnostics, Number, codes};
use eci_lang::Roots;
use eci_text::{Text, text};

use crate::context::Context;
use crate::environment::Environment;
use crate::parse::{Block, Data, TableReader};

/// The place of the state, and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateSettings {
    /// The store.
    pub backend: BackendSettings,
    /// The keys, any of which decrypts the state.
    pub keys: Vec<EncryptionKey>,
}

/// The store of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendSettings {
    /// `[backend.local]`: a directory, relative to that of the configuration.
    Local(PathBuf),
    /// `[backend.s3]`.
    S3(S3Backend),
    /// `[backend.postgres]`.
    Postgres(PostgresBackend),
    /// `[backend.http]`.
    Http(HttpBackend),
}

/// `[backend.s3]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3Backend {
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
pub struct PostgresBackend {
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
pub struct HttpBackend {
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
        }
    }
}

impl StateSettings {
    /// Returns the settings with the paths of a directory.
    pub(crate) fn within(mut self, directory: &Path) -> StateSettings {
        match &mut self.backend {
            BackendSettings::Local(path) => *path = directory.join(&*path),
            BackendSettings::S3(S3Backend {
                credentials_file: Some(path),
                ..
            }) => *path = directory.join(&*path),
            BackendSettings::S3(_) | BackendSettings::Postgres(_) | BackendSettings::Http(_) => {}
        }
        self
    }
}

static BACKEND_TABLE: Text = Text::fixed("the backend configuration", "后端配置");

/// Reads the backend and the keys. Where the state is must be known before its resources are: the
/// settings may depend on variables and locals.
pub(crate) fn read_state_settings(
    environment: &Environment,
    blocks: StateBlocks<'_>,
    diagnostics: &mut Diagnostics,
) -> StateSettings {
    let context = Context {
        roots: Roots::NoResources(&BACKEND_TABLE),
        ..Context::plain(environment)
    };
    StateSettings {
        backend: match blocks.backend {
            Some(block) => read_backend(context, block, diagnostics),
            None => StateSettings::default().backend,
        },
        keys: match blocks.encryption {
            Some(block) => read_keys(context, block, diagnostics),
            None => Vec::new(),
        },
    }
}

/// The tables of a root module about its state.
#[derive(Clone, Copy)]
pub(crate) struct StateBlocks<'a> {
    pub(crate) backend: Option<&'a Block>,
    pub(crate) encryption: Option<&'a Block>,
}

fn read_backend(
    context: Context<'_>,
    block: &Block,
    diagnostics: &mut Diagnostics,
) -> BackendSettings {
    match &*block.name {
        "s3" => {
            let reader = TableReader::open(context, &block.source, &block.node, diagnostics);
            let mut settings = Settings {
                block,
                reader: reader.checked(&BACKEND_S3),
            };
            BackendSettings::S3(S3Backend {
                bucket: settings.required("bucket"),
                prefix: settings.or("prefix", "eci"),
                endpoint: settings.required("endpoint"),
                region: settings.or("region", "us-east-1"),
                dialect: settings.one_of("dialect", &["standard", "oss", "cos"]),
                credentials_file: settings.reader.text("credentials_file").map(PathBuf::from),
            })
        }
        "postgres" => {
            let reader = TableReader::open(context, &block.source, &block.node, diagnostics);
            let mut settings = Settings {
                block,
                reader: reader.checked(&BACKEND_POSTGRES),
            };
            BackendSettings::Postgres(PostgresBackend {
                url_env: settings.variable("url_env", "ECI_STATE_URL"),
                schema: settings.or("schema", "eci"),
                name: settings.or("name", "default"),
            })
        }
        "http" => {
            let reader = TableReader::open(context, &block.source, &block.node, diagnostics);
            let settings = Settings {
                block,
                reader: reader.checked(&BACKEND_HTTP),
            };
            BackendSettings::Http(settings.http())
        }
        _ => {
            // The workspaces are in the directory, and the selected one is read from it.
            let context = Context {
                roots: Roots::Nothing(&BACKEND_TABLE),
                ..context
            };
            let reader = TableReader::open(context, &block.source, &block.node, diagnostics);
            let mut settings = Settings {
                block,
                reader: reader.checked(&BACKEND_LOCAL),
            };
            BackendSettings::Local(PathBuf::from(settings.or("path", "state")))
        }
    }
}

/// The keys of a backend.
struct Settings<'a> {
    block: &'a Block,
    reader: TableReader<'a>,
}

/// Returns whether an environment variable can have this name.
fn is_variable_name(text: &str) -> bool {
    let mut characters = text.chars();
    let is_start = |it: char| it.is_ascii_alphabetic() || it == '_';
    characters.next().is_some_and(is_start)
        && characters.all(|it| is_start(it) || it.is_ascii_digit())
}

/// Returns the error about a value that is not the name of an environment variable.
fn not_a_variable(key: &str) -> Diagnostic {
    let message = text!(
        en: "`{key}` must be the name of an environment variable",
        zh: "`{key}` 必须是环境变量的名称",
        key = key,
    );
    Diagnostic::new(codes::BAD_VALUE, message).help(text!(
        en: "set an environment variable to the value, and write its name here: secrets do not belong into manifests",
        zh: "将值设置到环境变量中，此处只写变量名：机密信息不应写入清单",
    ))
}

/// Returns whether this is the address of a state that GitLab manages (API reference).
fn is_gitlab(address: &str) -> bool {
    address.contains("/api/v4/projects/") && address.contains("/terraform/state/")
}

impl Settings<'_> {
    fn http(mut self) -> HttpBackend {
        let address = self.required("address");
        let is_gitlab = is_gitlab(&address);
        let method = |gitlab: &'static str, otherwise: &'static str| {
            if is_gitlab { gitlab } else { otherwise }
        };
        let lock_address = if is_gitlab {
            self.or(
                "lock_address",
                &format!("{}/lock", address.trim_end_matches('/')),
            )
        } else {
            // Without a lock, two runs would write one state.
            self.required("lock_address")
        };
        HttpBackend {
            update_method: self.or("update_method", "POST"),
            lock_method: self.or("lock_method", method("POST", "LOCK")),
            unlock_address: self.or("unlock_address", &lock_address),
            unlock_method: self.or("unlock_method", method("DELETE", "UNLOCK")),
            username: self.reader.text("username"),
            password_env: self.variable("password_env", "TF_HTTP_PASSWORD"),
            retry_max: self.whole("retry_max", 100).unwrap_or(5),
            retry_wait_min: self.whole("retry_wait_min", 3600).unwrap_or(1),
            retry_wait_max: self.whole("retry_wait_max", 3600).unwrap_or(30),
            address,
            lock_address,
        }
    }

    /// Returns a whole number up to a limit.
    fn whole(&mut self, key: &str, most: u32) -> Option<u32> {
        let what = text!(
            en: "an integer from 0 to {most}",
            zh: "0 到 {most} 之间的整数",
            most = most,
        );
        let fits = |number: &Number| {
            let whole = number.as_i64().and_then(|it| u32::try_from(it).ok());
            whole.filter(|it| *it <= most)
        };
        let number = self.reader.number(key, &what, |it| fits(&it).is_some())?;
        fits(&number)
    }

    /// Returns a text that must be given.
    fn required(&mut self, key: &str) -> String {
        let text = self.reader.text(key);
        if self.block.node.get(key).is_none() || text.as_deref() == Some("") {
            let message = text!(
                en: "missing key `{key}` in `[backend.{name}]`",
                zh: "`[backend.{name}]` 缺少键 `{key}`",
                key = key,
                name = self.block.name,
            );
            self.reader.diagnostics.push(
                Diagnostic::new(codes::MISSING_KEY, message)
                    .at(self.block.place())
                    .help(text!(
                        en: "add `{key} = \"…\"`",
                        zh: "添加 `{key} = \"…\"`",
                        key = key,
                    )),
            );
        }
        text.unwrap_or_default()
    }

    /// Returns the name of an environment variable. A text that is none may be what the variable should
    /// contain, a password, so that no message and no line of the manifest shows it.
    fn variable(&mut self, key: &str, default: &str) -> String {
        let name = self.or(key, default);
        if is_variable_name(&name) {
            return name;
        }
        let place = self.block.place();
        self.reader.diagnostics.push(not_a_variable(key).at(place));
        default.to_owned()
    }

    fn or(&mut self, key: &str, default: &str) -> String {
        self.reader.text(key).unwrap_or_else(|| default.to_owned())
    }

    /// Returns one of these words; the first one is the default.
    fn one_of(&mut self, key: &str, words: &'static [&'static str]) -> String {
        let text = self.or(key, words[0]);
        if words.contains(&&*text) {
            return text;
        }
        let message = text!(
            en: "`{key}` must be {words}, found {found}",
            zh: "`{key}` 必须是{words}，实际为 {found}",
            key = key,
            words = eci_text::List::or(words.iter().map(|word| format!("{word:?}"))),
            found = format!("{text:?}"),
        );
        let mut diagnostic = Diagnostic::new(codes::BAD_VALUE, message);
        if let Some(node) = self.reader.node(key) {
            diagnostic = diagnostic.at(self.reader.place(node));
        }
        let near = eci_core::suggest::nearest(&text, words.iter().copied());
        self.reader
            .diagnostics
            .push(diagnostic.near(&text, near, || {
                text!(
                    en: "remove it to use {default}",
                    zh: "删除该键以使用 {default}",
                    default = format!("{:?}", words[0]),
                )
            }));
        words[0].to_owned()
    }
}

fn read_keys(
    context: Context<'_>,
    block: &Block,
    diagnostics: &mut Diagnostics,
) -> Vec<EncryptionKey> {
    TableReader::open(context, &block.source, &block.node, diagnostics)
        .check_keys(&ENCRYPTION, &[]);
    let Some(node) = block.node.get("key") else {
        return Vec::new();
    };
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        // One table instead of a list is reported as what it is.
        _ => std::slice::from_ref(node),
    };
    let mut keys = Vec::new();
    for item in items {
        let mut reader =
            TableReader::open(context, &block.source, item, diagnostics).checked(&ENCRYPTION_KEY);
        let passphrase = reader.text("passphrase_env");
        let key = reader.text("key_env");
        let program: Vec<String> = reader
            .texts("program")
            .into_iter()
            .map(|(text, _)| text.to_string())
            .collect();
        if let Some(key) = [("passphrase_env", &passphrase), ("key_env", &key)]
            .into_iter()
            .find_map(|(key, name)| {
                let name = name.as_ref()?;
                (!is_variable_name(name)).then_some(key)
            })
        {
            let wrong = not_a_variable(key).at(block.place());
            reader.diagnostics.push(wrong);
            continue;
        }
        let mut found = Vec::new();
        found.extend(passphrase.map(EncryptionKey::PassphraseEnv));
        found.extend(key.map(EncryptionKey::KeyEnv));
        if !program.is_empty() {
            found.push(EncryptionKey::Program(program));
        }
        if found.len() == 1 {
            keys.extend(found);
            continue;
        }
        let message = text!(
            en: "an encryption key must have one of `passphrase_env`, `key_env` and `program`",
            zh: "加密密钥必须包含 `passphrase_env`、`key_env` 和 `program` 中的一个",
        );
        let place = reader.place(item);
        reader.diagnostics.push(
            Diagnostic::new(codes::BAD_VALUE, message)
                .at(place)
                .help(text!(
                    en: "for example `passphrase_env = \"ECI_STATE_PASSPHRASE\"`",
                    zh: "例如 `passphrase_env = \"ECI_STATE_PASSPHRASE\"`",
                )),
        );
    }
    keys
}
