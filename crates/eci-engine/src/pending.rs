//! Refusal of changes to resources with pending operations.

use eci_core::Address;
use eci_state::Snapshot;
use eci_text::{Text, messages, text};

/// A resource with a pending operation of an interrupted run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct PendingOperation {
    /// The resource.
    pub address: Address,
}

messages! { PendingOperation:
    PendingOperation { address } =>
        en("an earlier run was interrupted while changing {address}; the outcome is unknown"),
        zh("先前的运行在变更 {address} 时中断，结果未知");
}

impl PendingOperation {
    /// Returns the fix.
    pub fn help(&self) -> Text {
        text!(
            en: "run `eci apply` or `eci refresh` first to recover it",
            zh: "先执行 `eci apply` 或 `eci refresh` 进行恢复",
        )
    }
}

/// Refuses to change resources with pending operations of an interrupted run: the outcome of its calls
/// would be recorded under an address that no longer means the same.
///
/// # Errors
/// If there is a pending operation on one of the resources.
pub fn check_no_pending(
    snapshot: &Snapshot,
    concerns: impl Fn(&Address) -> bool,
) -> Result<(), PendingOperation> {
    let mut pending = snapshot.open_intents.iter().map(|open| &open.address);
    match pending.find(|address| concerns(address)) {
        None => Ok(()),
        Some(address) => Err(PendingOperation {
            address: address.clone(),
        }),
    }
}
