//! Errors for addresses that the state does not have.

use std::collections::BTreeSet;

use eci_core::Subject;
use eci_core::suggest::{did_you_mean, nearest_address};
use eci_state::Snapshot;
use eci_text::{Text, Verbatim, text};

use crate::error::CommandError;

/// Creates the error for an address that the state does not have.
pub(in crate::commands) fn not_there(snapshot: &Snapshot, named: &Subject) -> CommandError {
    not_there_except(snapshot, named, None)
}

/// Returns the error for an address that the state does not have; the help does not suggest the other
/// address of the command.
pub(super) fn not_there_except(
    snapshot: &Snapshot,
    named: &Subject,
    other: Option<&Subject>,
) -> CommandError {
    let message = match named {
        Subject::Resource(address) => text!(
            en: "resource {address} not found in the state",
            zh: "状态中没有资源 {address}",
            address = Verbatim(address),
        ),
        Subject::Module(_) => text!(
            en: "{module} not found in the state",
            zh: "状态中没有 {module}",
            module = Verbatim(named),
        ),
    };
    CommandError::new(message, hint(snapshot, named, other))
}

/// Returns the help for an address that the state does not have.
fn hint(snapshot: &Snapshot, named: &Subject, other: Option<&Subject>) -> Text {
    let known = snapshot.resources.keys();
    let instance = known.clone().find(|known| named.covers(known));
    let mut names: BTreeSet<String> = known.clone().map(ToString::to_string).collect();
    for address in known {
        let modules = address.modules();
        let outer = (1..=modules.len()).map(|count| Subject::Module(modules[..count].to_vec()));
        names.extend(outer.map(|module| module.to_string()));
    }
    if let Some(other) = other {
        names.remove(&other.to_string());
    }
    let near = nearest_address(&named.to_string(), names.iter().map(String::as_str));
    match (instance, near) {
        (Some(instance), _) => text!(
            en: "specify an instance, for example '{instance}'",
            zh: "指定一个实例，例如 '{instance}'",
            instance = Verbatim(instance),
        ),
        (None, Some(near)) => did_you_mean(near),
        (None, None) => text!(
            en: "run `eci state list` to list the resources in the state",
            zh: "执行 `eci state list` 列出状态中的资源",
        ),
    }
}
