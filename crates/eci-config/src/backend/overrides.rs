//! Settings that are given outside of the manifests.

use std::collections::BTreeMap;

use eci_core::schema::Object;
use eci_core::suggest::nearest;
use eci_core::tables::{BACKEND_HTTP, BACKEND_POSTGRES, BACKEND_S3};
use eci_core::{Diagnostic, codes};
use eci_text::{List, text};

/// Settings that are given outside of the manifests.
#[derive(Clone, Copy)]
pub(super) struct BackendOverrides<'a> {
    /// The command line: these go before the manifests.
    pub(super) overrides: &'a BTreeMap<String, String>,
    /// The environment, for what the manifests leave open.
    pub(super) system: &'a BTreeMap<String, String>,
    /// Whether the command line and the environment are unknown.
    pub(super) is_unknown: bool,
}

impl BackendOverrides<'_> {
    /// Returns a setting of the command line, or else of the environment.
    pub(super) fn outside(&self, key: &str) -> Option<&str> {
        let given = self.overrides.get(key).map(|value| &**value);
        given.or_else(|| self.variable(key, ""))
    }

    /// Returns a setting of the environment: `ECI_BACKEND_KEY`, or what another program calls it.
    pub(super) fn variable(&self, key: &str, prefix: &str) -> Option<&str> {
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

/// Returns the error about a key of `--backend` that the backend does not have.
pub(super) fn unknown_override(key: &str, object: &Object) -> Diagnostic {
    let message = text!(
        en: "unsupported key `{key}` in `--backend`",
        zh: "`--backend` 不支持键 `{key}`",
        key = key,
    );
    let known = || object.fields.iter().map(|field| field.name);
    Diagnostic::new(codes::UNKNOWN_KEY, message).near(key, nearest(key, known()), || {
        let stores = [
            ("s3", &BACKEND_S3),
            ("postgres", &BACKEND_POSTGRES),
            ("http", &BACKEND_HTTP),
        ];
        let mut others = stores.into_iter().filter(|(_, other)| other.knows(key));
        if let Some((name, _)) = others.next() {
            return text!(
                en: "`{key}` is a key of `[backend.{name}]`: add this table to a manifest",
                zh: "`{key}` 是 `[backend.{name}]` 的键：在清单中添加该表",
                key = key,
                name = name,
            );
        }
        text!(
            en: "supported keys: {keys}",
            zh: "支持的键：{keys}",
            keys = List::and(known().map(|name| format!("`{name}`"))),
        )
    })
}
