//! `[backend.NAME]` and `[[encryption.key]]`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use eci_core::schema::Object;
use eci_core::suggest::nearest;
use eci_core::tables::{
    BACKEND, BACKEND_HTTP, BACKEND_LOCAL, BACKEND_POSTGRES, BACKEND_S3, ENCRYPTION, ENCRYPTION_KEY,
    STATE,
};
use eci_core::{Diagnostic, Diagnostics, Number, codes};
use eci_lang::Roots;
use eci_text::{Text, text};

use crate::context::Context;
use crate::environment::Environment;
use crate::parse::{Block, Data, Node, TableReader};

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

/// Returns the context of the settings of a state: where it is must be known before its resources are,
/// so that they may depend on variables, locals, the workspace and the environment.
fn settings_context(environment: &Environment) -> Context<'_> {
    Context {
        roots: Roots::NoResources(&BACKEND_TABLE),
        reads_environment: true,
        ..Context::plain(environment)
    }
}

/// Reads the backend and the keys.
pub(crate) fn read_state_settings(
    environment: &Environment,
    blocks: StateBlocks<'_>,
    diagnostics: &mut Diagnostics,
) -> StateSettings {
    let context = settings_context(environment);
    let own = BackendOverrides {
        overrides: &environment.outside.backend,
        system: &environment.outside.system,
        is_unknown: environment.outside.is_system_unknown,
    };
    let backend = match blocks.backend {
        Some(block) => read_backend(context, BackendTable::of(block), own, diagnostics),
        None => without_table(own, diagnostics),
    };
    // No workspace has this name.
    let elsewhere = Context {
        workspace: Some("-"),
        ..context
    };
    let mut ignored = Diagnostics::default();
    let per_workspace = blocks.backend.is_some_and(|block| {
        backend != read_backend(elsewhere, BackendTable::of(block), own, &mut ignored)
    });
    let nothing = BTreeMap::new();
    let as_written = BackendOverrides {
        overrides: &nothing,
        system: &nothing,
        is_unknown: false,
    };
    let written = match blocks.backend {
        Some(block) => read_backend(context, BackendTable::of(block), as_written, &mut ignored),
        None => without_table(as_written, &mut ignored),
    };
    let has_expressions = blocks
        .backend
        .is_some_and(|block| has_other_expressions(&block.source, &block.node));
    let varies = has_expressions || !is_same_place(&backend, &written);
    StateSettings {
        backend,
        per_workspace,
        varies,
        keys: match blocks.encryption {
            Some(block) => {
                let table = BackendTable::of(block);
                read_keys(context, table, diagnostics)
            }
            None => Vec::new(),
        },
    }
}

/// Returns whether a table has expressions other than the name of the workspace.
fn has_other_expressions(source: &Source, node: &Node) -> bool {
    match &node.data {
        Data::Literal(_) => false,
        Data::Template(_) => {
            let text = source.text.get(node.range.clone()).unwrap_or_default();
            let rest = text.replace("${eci.workspace}", "");
            rest.contains("${") || rest.contains("%{")
        }
        Data::List(items) => items.iter().any(|item| has_other_expressions(source, item)),
        Data::Table(entries) => {
            let mut values = entries.iter().map(|entry| &entry.node);
            values.any(|value| has_other_expressions(source, value))
        }
    }
}

/// Returns whether settings are those of one place, apart from its access.
fn is_same_place(one: &BackendSettings, other: &BackendSettings) -> bool {
    match (one, other) {
        (BackendSettings::S3(one), BackendSettings::S3(other)) => {
            one.bucket == other.bucket
                && one.prefix == other.prefix
                && one.endpoint == other.endpoint
        }
        (BackendSettings::Http(one), BackendSettings::Http(other)) => one.address == other.address,
        _ => one == other,
    }
}

/// Reports a shared state without a key.
pub(crate) fn check_keys(
    state: &StateSettings,
    blocks: StateBlocks<'_>,
    diagnostics: &mut Diagnostics,
) {
    let is_local = matches!(state.backend, BackendSettings::Local(_));
    if let Some(backend) = blocks.backend
        && !is_local
        && blocks.encryption.is_none_or(has_no_key)
    {
        diagnostics.push(missing_key().at(backend.place()));
    }
}

/// Returns whether `[encryption]` is without a key. An invalid key is reported where it is read.
fn has_no_key(encryption: &Block) -> bool {
    match encryption.node.get("key").map(|node| &node.data) {
        None => true,
        Some(Data::List(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// Returns the error about a state in a shared store that has no key.
fn missing_key() -> Diagnostic {
    let message = text!(
        en: "missing `[[encryption.key]]`: a state in a shared store is always encrypted",
        zh: "缺少 `[[encryption.key]]`：共享存储中的状态始终加密",
    );
    Diagnostic::new(codes::MISSING_KEY, message).help(text!(
        en: "add `[[encryption.key]]` with `passphrase_env = \"ECI_STATE_PASSPHRASE\"`",
        zh: "添加包含 `passphrase_env = \"ECI_STATE_PASSPHRASE\"` 的 `[[encryption.key]]`",
    ))
}

/// Reads the settings of a state for which the manifests have no `[backend]`: a directory.
fn without_table(given: BackendOverrides<'_>, diagnostics: &mut Diagnostics) -> BackendSettings {
    for key in given.overrides.keys().filter(|key| *key != "path") {
        diagnostics.push(unknown_override(key, &BACKEND_LOCAL));
    }
    match given.outside("path") {
        Some(path) => BackendSettings::Local(PathBuf::from(path)),
        None => StateSettings::default().backend,
    }
}

/// Reads `[state.NAME]`. Where it has no keys, they are those of the configuration.
pub(crate) fn read_other_state(
    environment: &Environment,
    block: &Block,
    encryption: Option<&Block>,
    diagnostics: &mut Diagnostics,
) -> Option<OtherState> {
    let context = settings_context(environment);
    let mut reader =
        TableReader::open(context, &block.source, &block.node, diagnostics).checked(&STATE);
    let workspace = reader.text("workspace");
    let entry = block.node.get("backend").and_then(Node::entries);
    let entry = entry.and_then(|entries| entries.iter().find(|entry| BACKEND.knows(&entry.key)));
    let Some(entry) = entry else {
        let message = text!(
            en: "missing key `backend` in `[state.{name}]`",
            zh: "`[state.{name}]` 缺少键 `backend`",
            name = block.name,
        );
        diagnostics.push(
            Diagnostic::new(codes::MISSING_KEY, message)
                .at(block.place())
                .help(text!(
                    en: "add the backend of the other state, for example `backend.s3 = {{ … }}`",
                    zh: "添加该状态的后端，例如 `backend.s3 = {{ … }}`",
                )),
        );
        return None;
    };
    let table = BackendTable {
        name: &entry.key,
        source: &block.source,
        node: &entry.node,
        header: &block.node.range,
    };
    let nothing = BTreeMap::new();
    let given = BackendOverrides {
        overrides: &nothing,
        system: &nothing,
        is_unknown: false,
    };
    let backend = read_backend(context, table, given, diagnostics);
    let keys = match block.node.get("encryption") {
        Some(node) => {
            let table = BackendTable {
                name: "encryption",
                source: &block.source,
                node,
                header: &block.node.range,
            };
            read_keys(context, table, diagnostics)
        }
        None => match encryption {
            Some(block) => read_keys(context, BackendTable::of(block), diagnostics),
            None => Vec::new(),
        },
    };
    let settings = StateSettings {
        backend,
        keys,
        per_workspace: false,
        varies: false,
    };
    Some(OtherState {
        name: block.name.to_string(),
        settings: settings.within(environment.files.root()),
        workspace: workspace.unwrap_or_else(|| "default".to_owned()),
    })
}

/// The tables of a root module about its state.
#[derive(Clone, Copy)]
pub(crate) struct StateBlocks<'a> {
    pub(crate) backend: Option<&'a Block>,
    pub(crate) encryption: Option<&'a Block>,
}

/// A table with the settings of a backend, or keys.
#[derive(Clone, Copy)]
struct BackendTable<'a> {
    name: &'a str,
    source: &'a Arc<Source>,
    node: &'a Node,
    /// The header around it: an excerpt of it shows no value.
    header: &'a Range<usize>,
}

impl<'a> BackendTable<'a> {
    fn of(block: &'a Block) -> BackendTable<'a> {
        BackendTable {
            name: &block.name,
            source: &block.source,
            node: &block.node,
            header: &block.node.range,
        }
    }

    fn place(&self) -> Span {
        Span::new(self.source, self.header.clone())
    }
}

/// Settings that are given outside of the manifests.
#[derive(Clone, Copy)]
struct BackendOverrides<'a> {
    /// The command line: these go before the manifests.
    overrides: &'a BTreeMap<String, String>,
    /// The environment, for what the manifests leave open.
    system: &'a BTreeMap<String, String>,
    /// Whether the command line and the environment are unknown.
    is_unknown: bool,
}

impl BackendOverrides<'_> {
    /// Returns a setting of the command line, or else of the environment.
    fn outside(&self, key: &str) -> Option<&str> {
        let given = self.overrides.get(key).map(|value| &**value);
        given.or_else(|| self.variable(key, ""))
    }

    /// Returns a setting of the environment: `ECI_BACKEND_KEY`, or what another program calls it.
    fn variable(&self, key: &str, prefix: &str) -> Option<&str> {
        let key = key.to_uppercase();
        let mut names = vec![format!("ECI_BACKEND_{key}")];
        if !prefix.is_empty() {
            names.push(format!("{prefix}{key}"));
        }
        let mut values = names.iter().filter_map(|name| self.system.get(name));
        let set = values.find(|value| !value.is_empty());
        set.map(|value| &**value)
    }
}

fn unknown_override(key: &str, object: &Object) -> Diagnostic {
    let message = text!(
        en: "unsupported key `{key}` in `--backend`",
        zh: "`--backend` 不支持键 `{key}`",
        key = key,
    );
    let known = || object.fields.iter().map(|field| field.name);
    Diagnostic::new(codes::UNKNOWN_KEY, message).near(key, nearest(key, known()), || {
        text!(
            en: "supported keys: {keys}",
            zh: "支持的键：{keys}",
            keys = eci_text::List::and(known().map(|name| format!("`{name}`"))),
        )
    })
}

fn read_backend(
    context: Context<'_>,
    table: BackendTable<'_>,
    given: BackendOverrides<'_>,
    diagnostics: &mut Diagnostics,
) -> BackendSettings {
    let described: &'static Object = match table.name {
        "s3" => &BACKEND_S3,
        "postgres" => &BACKEND_POSTGRES,
        "http" => &BACKEND_HTTP,
        _ => &BACKEND_LOCAL,
    };
    for key in given.overrides.keys().filter(|key| !described.knows(key)) {
        diagnostics.push(unknown_override(key, described));
    }
    // The workspaces are in the directory, and the selected one is read from it.
    let context = if table.name == "local" {
        Context {
            roots: Roots::Nothing(&BACKEND_TABLE),
            ..context
        }
    } else {
        context
    };
    let reader = TableReader::open(context, table.source, table.node, diagnostics);
    let mut settings = Settings {
        table,
        given,
        // The variables of Terraform.
        prefix: if table.name == "http" { "TF_HTTP_" } else { "" },
        reader: reader.checked(described),
    };
    match table.name {
        "s3" => BackendSettings::S3(S3Backend {
            bucket: settings.required("bucket"),
            prefix: settings.or("prefix", "eci"),
            endpoint: settings.endpoint(),
            region: settings.or("region", "us-east-1"),
            dialect: settings.one_of("dialect", &["standard", "oss", "cos"]),
            credentials_file: settings.text("credentials_file").map(PathBuf::from),
        }),
        "postgres" => BackendSettings::Postgres(PostgresBackend {
            url_env: settings.variable("url_env", "ECI_STATE_URL"),
            schema: settings.or("schema", "eci"),
            name: settings.or("name", "default"),
        }),
        "http" => BackendSettings::Http(settings.http()),
        _ => BackendSettings::Local(PathBuf::from(settings.or("path", "state"))),
    }
}

/// The keys of a backend.
struct Settings<'a> {
    table: BackendTable<'a>,
    given: BackendOverrides<'a>,
    /// The start of the names of variables of the environment that another program reads.
    prefix: &'static str,
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
    /// Returns a text: of the command line, else of the manifests, else of the environment.
    fn text(&mut self, key: &str) -> Option<String> {
        if let Some(given) = self.given.overrides.get(key) {
            return Some(given.clone());
        }
        let written = self.reader.text(key);
        if self.table.node.get(key).is_some() {
            return written;
        }
        self.given.variable(key, self.prefix).map(str::to_owned)
    }

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
            username: self.text("username"),
            password_env: self.variable("password_env", "TF_HTTP_PASSWORD"),
            retry_max: self.whole("retry_max", 100).unwrap_or(5),
            retry_wait_min: self.whole("retry_wait_min", 3600).unwrap_or(1),
            retry_wait_max: self.whole("retry_wait_max", 3600).unwrap_or(30),
            address,
            lock_address,
        }
    }

    /// Returns an integer up to a limit.
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
        let outside = match self.table.node.get(key) {
            Some(_) => self.given.overrides.get(key).map(|value| &**value),
            None => self
                .given
                .overrides
                .get(key)
                .map(|value| &**value)
                .or_else(|| self.given.variable(key, self.prefix)),
        };
        if let Some(text) = outside {
            let number = Number::parse(text);
            if let Some(number) = number.as_ref().and_then(fits) {
                return Some(number);
            }
            let message = text!(
                en: "`{key}` must be {what}, found {found}",
                zh: "`{key}` 必须是{what}，实际为 {found}",
                key = key,
                what = what,
                found = format!("{text:?}"),
            );
            self.reader
                .diagnostics
                .push(Diagnostic::new(codes::BAD_VALUE, message));
            return None;
        }
        let number = self.reader.number(key, &what, |it| fits(&it).is_some())?;
        fits(&number)
    }

    /// Returns a text that must be given.
    fn required(&mut self, key: &str) -> String {
        let text = self.text(key);
        let is_written = self.table.node.get(key).is_some();
        // A value that cannot be read is reported already, and one that is not read may be set.
        if self.given.is_unknown {
            return text.unwrap_or_default();
        }
        if text.as_deref() == Some("") || (text.is_none() && !is_written) {
            let message = text!(
                en: "missing key `{key}` in `[backend.{name}]`",
                zh: "`[backend.{name}]` 缺少键 `{key}`",
                key = key,
                name = self.table.name,
            );
            self.reader.diagnostics.push(
                Diagnostic::new(codes::MISSING_KEY, message)
                    .at(self.table.place())
                    .help(text!(
                        en: "add `{key} = \"…\"`, or use `--backend {key}=…`",
                        zh: "添加 `{key} = \"…\"`，或使用 `--backend {key}=…`",
                        key = key,
                    )),
            );
        }
        text.unwrap_or_default()
    }

    /// Returns the address of an object store: its client accepts nothing without a scheme.
    fn endpoint(&mut self) -> String {
        let key = "endpoint";
        let address = self.required(key);
        let is_url = ["https://", "http://"]
            .iter()
            .any(|scheme| address.starts_with(scheme));
        if is_url || address.is_empty() {
            return address;
        }
        let message = text!(
            en: "`{key}` must begin with `https://`, found {found}",
            zh: "`{key}` 必须以 `https://` 开头，实际为 {found}",
            key = key,
            found = format!("{address:?}"),
        );
        let mut diagnostic = Diagnostic::new(codes::BAD_VALUE, message);
        let is_given = self.given.overrides.contains_key(key);
        if let Some(node) = self.reader.node(key).filter(|_| !is_given) {
            diagnostic = diagnostic.at(self.reader.place(node));
        }
        if !address.contains("://") {
            diagnostic = diagnostic.help(text!(
                en: "write `{key} = {url}`",
                zh: "写成 `{key} = {url}`",
                key = key,
                url = format!("{:?}", format!("https://{address}")),
            ));
        }
        self.reader.diagnostics.push(diagnostic);
        address
    }

    /// Returns the name of an environment variable. A text that is none may be what the variable should
    /// contain, a password, so that no message and no line of the manifest shows it.
    fn variable(&mut self, key: &str, default: &str) -> String {
        let name = self.or(key, default);
        if is_variable_name(&name) {
            return name;
        }
        let place = self.table.place();
        self.reader.diagnostics.push(not_a_variable(key).at(place));
        default.to_owned()
    }

    fn or(&mut self, key: &str, default: &str) -> String {
        self.text(key).unwrap_or_else(|| default.to_owned())
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
    table: BackendTable<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<EncryptionKey> {
    TableReader::open(context, table.source, table.node, diagnostics).check_keys(&ENCRYPTION, &[]);
    let Some(node) = table.node.get("key") else {
        return Vec::new();
    };
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        // One table instead of a list is reported as what it is.
        _ => std::slice::from_ref(node),
    };
    let mut keys = Vec::new();
    for item in items {
        let before = diagnostics.0.len();
        let mut reader =
            TableReader::open(context, table.source, item, diagnostics).checked(&ENCRYPTION_KEY);
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
            let wrong = not_a_variable(key).at(table.place());
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
        // A value that cannot be read, or under a misspelled key, is reported already.
        if found.is_empty() && reader.diagnostics.0.len() > before {
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
