//! `[backend.NAME]`: the store of a state.

use std::path::PathBuf;

use eci_core::schema::Object;
use eci_core::suggest::nearest;
use eci_core::tables::{BACKEND_HTTP, BACKEND_LOCAL, BACKEND_POSTGRES, BACKEND_S3};
use eci_core::{Diagnostic, Diagnostics, Number, codes};
use eci_lang::Roots;
use eci_text::{List, text};

use super::overrides::{BackendOverrides, unknown_override};
use super::table::{BACKEND_TABLE, BackendTable};
use crate::evaluation::{Context, TableReader, is_variable_name, not_a_variable};
use crate::state_settings::{
    BackendSettings, HttpBackendSettings, PostgresBackendSettings, S3BackendSettings,
};

/// Reads the settings of a store.
pub(super) fn read_backend(
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
    let mut settings = SettingsReader {
        table,
        object: described,
        given,
        // The variables of Terraform.
        prefix: if table.name == "http" { "TF_HTTP_" } else { "" },
        reader: reader.checked(described),
    };
    match table.name {
        "s3" => BackendSettings::S3(S3BackendSettings {
            bucket: settings.required("bucket"),
            prefix: settings.or("prefix", "eci"),
            endpoint: settings.endpoint(),
            region: settings.or("region", "us-east-1"),
            dialect: settings.one_of("dialect", &["standard", "oss", "cos"]),
            credentials_file: settings.text("credentials_file").map(PathBuf::from),
        }),
        "postgres" => BackendSettings::Postgres(PostgresBackendSettings {
            url_env: settings.variable("url_env", "ECI_STATE_URL"),
            schema: settings.or("schema", "eci"),
            name: settings.or("name", "default"),
        }),
        "http" => BackendSettings::Http(settings.http()),
        _ => BackendSettings::Local(PathBuf::from(settings.or("path", "state"))),
    }
}

/// A reader of the keys of a backend.
struct SettingsReader<'a> {
    table: BackendTable<'a>,
    object: &'static Object,
    given: BackendOverrides<'a>,
    /// The start of the names of variables of the environment that another program reads.
    prefix: &'static str,
    reader: TableReader<'a>,
}

/// Returns whether this is the address of a state that GitLab manages (API reference).
fn is_gitlab(address: &str) -> bool {
    address.contains("/api/v4/projects/") && address.contains("/terraform/state/")
}

impl SettingsReader<'_> {
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

    fn http(mut self) -> HttpBackendSettings {
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
        HttpBackendSettings {
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
        if self.given.is_unknown || self.is_misspelled(key) {
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

    /// Returns whether the table has an unsupported key that is reported with this one as the one that was meant.
    fn is_misspelled(&self, key: &str) -> bool {
        let known = || self.object.fields.iter().map(|field| field.name);
        let entries = self.table.node.entries().unwrap_or_default();
        let mut written = entries.iter().map(|entry| &*entry.key);
        self.table.node.get(key).is_none()
            && written
                .any(|other| !self.object.knows(other) && nearest(other, known()) == Some(key))
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
            en: "`{key}` must start with `https://` or `http://`, found {found}",
            zh: "`{key}` 必须以 `https://` 或 `http://` 开头，实际为 {found}",
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

    /// Returns the name of an environment variable.
    ///
    /// A text that is none may be what the variable should contain, a password, so that no message and
    /// no line of the manifest shows it.
    fn variable(&mut self, key: &str, default: &str) -> String {
        let name = self.or(key, default);
        if is_variable_name(&name) {
            return name;
        }
        if let Some(node) = self.reader.node(key) {
            self.reader.hide(node);
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
            words = List::or(words.iter().map(|word| format!("{word:?}"))),
            found = format!("{text:?}"),
        );
        let mut diagnostic = Diagnostic::new(codes::BAD_VALUE, message);
        if let Some(node) = self.reader.node(key) {
            diagnostic = diagnostic.at(self.reader.place(node));
        }
        let near = nearest(&text, words.iter().copied());
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
