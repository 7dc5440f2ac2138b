//! Words for states and the runs that hold them.

use eci_core::truncate;
use eci_engine::Backend;
use eci_state::{Holder, Snapshot};
use eci_text::{Count, Noun, Text, Verbatim, text};

/// Counts the calls whose outcome the state does not record: `1 pending operation`.
pub(crate) fn pending_operations(snapshot: &Snapshot) -> Count {
    const PENDING: Noun = Noun {
        one: "pending operation",
        many: "pending operations",
        zh: "未完成的操作",
        measure: "个",
    };
    PENDING.count(snapshot.open_intents.len())
}

/// Returns the message about a place without a state.
pub(super) fn no_state(state: &Backend) -> Text {
    text!(
        en: "no state found in `{path}`",
        zh: "在 `{path}` 中未找到状态",
        path = state.location(),
    )
}

/// Returns the run that holds a state, for a sentence.
///
/// In Chinese no space follows it.
pub(crate) fn run_of(holder: &Holder) -> Text {
    if holder.process == 0 {
        // Another program has the lock of a server.
        return text!(
            en: "`{command}` (on {host}, since {since}, lock {id})",
            zh: "`{command}`（在 {host} 上，自 {since} 起，锁 {id}）",
            command = Verbatim(truncate(&holder.command)),
            host = Verbatim(truncate(&holder.host)),
            since = Verbatim(truncate(&holder.since)),
            id = Verbatim(truncate(&holder.id)),
        );
    }
    text!(
        en: "`{command}` (process {process} on {host}, since {since}, lock {id})",
        zh: "`{command}`（{host} 上的进程 {process}，自 {since} 起，锁 {id}）",
        command = Verbatim(truncate(&holder.command)),
        process = holder.process,
        host = Verbatim(truncate(&holder.host)),
        since = Verbatim(truncate(&holder.since)),
        id = Verbatim(truncate(&holder.id)),
    )
}
