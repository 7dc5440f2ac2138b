//! `[state.NAME]`: the state of another configuration, and its outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::tables::{BACKEND, STATE};
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_lang::StateOutputs;
use eci_text::text;

use super::keys::read_keys;
use super::overrides::BackendOverrides;
use super::store::read_backend;
use super::table::{BackendTable, settings_context};
use crate::environment::{Environment, LazyState, ReadOutputs};
use crate::evaluation::TableReader;
use crate::parse::{Block, Node};
use crate::state_settings::{OtherState, StateSettings};
use crate::variables::{OtherOutput, OtherOutputs, StateProblem};

/// Reads `[state.NAME]`.
///
/// Where it has no keys, they are those of the configuration.
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
                    en: "add the backend of the other state, for example `backend.s3 = { … }`",
                    zh: "添加该状态的后端，例如 `backend.s3 = { … }`",
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

/// Returns `[state.NAME]`, whose outputs are read when an expression first refers to them.
///
/// It may use `[encryption]` of the configuration.
pub(crate) fn lazy_state(block: Arc<Block>, encryption: Option<Arc<Block>>) -> LazyState {
    LazyState::new(move |environment| read_outputs(environment, &block, encryption.as_deref()))
}

fn read_outputs(
    environment: &Environment,
    block: &Block,
    encryption: Option<&Block>,
) -> ReadOutputs {
    let mut diagnostics = Diagnostics::default();
    let state = read_other_state(environment, block, encryption, &mut diagnostics);
    let unread = |diagnostics| ReadOutputs {
        outputs: StateOutputs::Unknown,
        diagnostics,
    };
    let Some(state) = state.filter(|_| !diagnostics.has_errors()) else {
        return unread(diagnostics);
    };
    let Some(reader) = &environment.external.reader else {
        return unread(diagnostics);
    };
    match reader.read(&state) {
        Ok(outputs) => ReadOutputs {
            outputs: known(outputs),
            diagnostics,
        },
        Err(StateProblem { message, help }) => {
            let message = text!(
                en: "failed to read the outputs of `state.{name}`: {message}",
                zh: "读取 `state.{name}` 的输出失败：{message}",
                name = block.name,
                message = message,
            );
            let mut diagnostic = Diagnostic::new(codes::UNREADABLE, message).at(block.place());
            if let Some(help) = help {
                diagnostic = diagnostic.help(help);
            }
            diagnostics.push(diagnostic);
            unread(diagnostics)
        }
    }
}

fn known(outputs: OtherOutputs) -> StateOutputs {
    let mut values = BTreeMap::new();
    let mut sensitive = BTreeSet::new();
    for (name, output) in outputs {
        let name: Arc<str> = name.into();
        match output {
            OtherOutput::Value(value) => {
                values.insert(name, value);
            }
            OtherOutput::Sensitive => {
                sensitive.insert(name);
            }
        }
    }
    StateOutputs::Known { values, sensitive }
}
