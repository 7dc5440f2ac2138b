//! Resources that a state no longer records once another snapshot replaces it.

use std::collections::HashSet;

use eci_core::Address;
use eci_engine::Backend;
use eci_state::{Snapshot, Version};
use eci_text::text;

use crate::context::Context;
use crate::error::CommandError;

/// A resource whose object the replacement of a state does not record.
pub(super) struct DroppedResource {
    address: Address,
    id: String,
}

/// Returns the resources of a state whose objects its replacement does not record.
pub(super) fn dropped(current: &Snapshot, replacement: &Snapshot) -> Vec<DroppedResource> {
    let ids = replacement.resources.values();
    let known: HashSet<&str> = ids.filter_map(|state| state.id.as_deref()).collect();
    let objects = current.resources.iter();
    let objects = objects.filter_map(|(address, state)| Some((address, state.id.as_deref()?)));
    objects
        .filter(|(_, id)| !known.contains(id))
        .map(|(address, id)| DroppedResource {
            address: address.clone(),
            id: id.to_owned(),
        })
        .collect()
}

/// Records in a replacement of the same state what it does not record since it was written, so that no run creates it
/// a second time.
pub(super) fn mark_lost(
    replacement: &mut Snapshot,
    dropped: &[DroppedResource],
    written: Option<String>,
) {
    let mut lost = replacement.lost.take().unwrap_or_default();
    lost.since = lost.since.or(written);
    lost.about
        .extend(dropped.iter().map(|it| it.address.clone()));
    replacement.lost = Some(lost);
}

/// Returns the time at which a version was written, as far as it is recorded.
pub(super) fn written(state: &Backend, version: &Snapshot) -> Result<Option<String>, CommandError> {
    let versions = state.history()?;
    let mut newest = versions.into_iter().rev();
    let found = newest.find(|it: &Version| it.serial == version.serial);
    Ok(found.map(|it| it.time).filter(|time| !time.is_empty()))
}

/// Names the resources that a replacement of the same state does not record.
pub(super) fn note_dropped(context: &Context, dropped: &[DroppedResource]) {
    if !dropped.is_empty() {
        context.note(&text!(
            en: "These resources exist and will no longer be in the state:\n{list}\
                 Run `eci orphans` to adopt or delete them before the next `eci apply`.",
            zh: "以下资源存在，但将不再记录于状态中：\n{list}\
                 在下次 `eci apply` 之前，执行 `eci orphans` 接管或删除这些资源。",
            list = list(dropped),
        ));
    }
}

/// Names the resources that the state of another lineage does not record.
///
/// Its operation tags are others, so that it cannot recognize them as orphaned resources.
pub(super) fn note_dropped_by_another(context: &Context, dropped: &[DroppedResource]) {
    if !dropped.is_empty() {
        context.note(&text!(
            en: "These resources exist and will no longer be recorded in any state:\n{list}\
                 Run `eci import --take-over` to manage them again, or delete them in the cloud.",
            zh: "以下资源存在，但将不再记录于任何状态：\n{list}\
                 执行 `eci import --take-over` 重新管理，或在云端删除这些资源。",
            list = list(dropped),
        ));
    }
}

fn list(dropped: &[DroppedResource]) -> String {
    let lines = dropped
        .iter()
        .map(|it| format!("  {}  ({})\n", it.address, it.id));
    lines.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::Kind;
    use eci_state::ResourceState;

    use super::*;

    #[test]
    fn objects_without_a_record_in_the_restored_version_are_named() {
        let state = |id: Option<&str>| ResourceState {
            id: id.map(str::to_owned),
            ..ResourceState::default()
        };
        let address = |label| Address::new(Kind::Eip, label);
        let mut current = Snapshot::new_random().unwrap();
        current.resources.insert(address("a"), state(Some("eip-1")));
        current.resources.insert(address("b"), state(Some("eip-2")));
        current.resources.insert(address("c"), state(None));
        let mut earlier = Snapshot::new_random().unwrap();
        // It has moved since.
        earlier.resources.insert(address("z"), state(Some("eip-1")));
        let dropped = dropped(&current, &earlier);
        let ids: Vec<&str> = dropped.iter().map(|it| &*it.id).collect();
        assert_eq!(ids, ["eip-2"]);
    }
}
