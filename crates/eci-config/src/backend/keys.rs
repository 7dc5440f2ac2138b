//! `[[encryption.key]]`: the keys of a state.

use eci_core::tables::{ENCRYPTION, ENCRYPTION_KEY};
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_text::text;

use super::blocks::StateBlocks;
use super::table::BackendTable;
use crate::evaluation::{Context, TableReader, is_variable_name, not_a_variable};
use crate::parse::{Block, Data};
use crate::state_settings::{BackendSettings, EncryptionKey, StateSettings};

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

/// Returns whether `[encryption]` is without a key.
///
/// An invalid key is reported where it is read.
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

/// Reads the keys of a state.
pub(super) fn read_keys(
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
        let reader = TableReader::open(context, table.source, item, diagnostics);
        if item.entries().is_none() {
            // It may be the key.
            reader.hide(item);
        }
        let mut reader = reader.checked(&ENCRYPTION_KEY);
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
            if let Some(node) = reader.node(key) {
                reader.hide(node);
            }
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
