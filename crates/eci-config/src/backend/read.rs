//! The settings of the state of a configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use eci_core::Diagnostics;
use eci_core::diagnostic::Source;
use eci_core::tables::BACKEND_LOCAL;

use super::blocks::StateBlocks;
use super::keys::read_keys;
use super::overrides::{BackendOverrides, unknown_override};
use super::store::read_backend;
use super::table::{BackendTable, settings_context};
use crate::environment::Environment;
use crate::evaluation::Context;
use crate::parse::{Data, Node};
use crate::state_settings::{BackendSettings, StateSettings};

/// Reads the backend and the keys.
pub(crate) fn read_state_settings(
    environment: &Environment,
    blocks: StateBlocks<'_>,
    diagnostics: &mut Diagnostics,
) -> StateSettings {
    let context = settings_context(environment);
    let own = BackendOverrides {
        overrides: &environment.external.backend,
        system: &environment.external.system,
        is_unknown: environment.external.is_system_unknown,
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
