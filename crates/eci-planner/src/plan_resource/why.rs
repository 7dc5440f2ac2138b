//! The reason for the action on a resource.

use eci_core::kinds::is_standalone;
use eci_core::schema::Change;
use eci_core::{Map, OperationTag, Path, Value};
use eci_state::ResourceState;

use crate::action::Reason;
use crate::diff::AttributeChange;
use crate::resource_input::ResourceInput;

/// The attributes that a group can only change while it runs.
const RUNNING: [&str; 2] = ["containers", "restart_policy"];

/// The status of a group that has done its work: it stays as it is, and does not run again.
const DONE: &str = "Succeeded";

/// Statuses that a group does not come back from by itself.
const ENDED: [&str; 3] = ["ScheduleFailed", "Failed", "Expired"];

/// The differences of a resource from what is desired.
#[derive(Clone, Copy)]
pub(super) struct Differences<'a> {
    pub(super) changes: &'a [AttributeChange],
    pub(super) state: &'a ResourceState,
    /// The attributes that the cloud reports, as far as they are known.
    pub(super) current: &'a Map,
}

/// Returns the reason for an action; none if nothing is to be done.
pub(super) fn reason(
    input: &ResourceInput<'_>,
    differences: Differences<'_>,
    why: Reason,
) -> Option<Reason> {
    let Differences {
        changes,
        state,
        current,
    } = differences;
    let kind = input.resource.address.kind();
    let managed = is_standalone(kind, &input.desired);
    if state.tainted {
        return Some(Reason::Tainted);
    }
    // An EIP or a disk is not replaced for its status: that would cost its address or its data.
    let status = current.get("status").and_then(Value::as_str);
    let status = status.filter(|_| kind.properties().is_replaced_on_failure);
    let runs_again = |change: &AttributeChange| {
        let attribute = change.path.attribute();
        attribute.is_some_and(|attribute| RUNNING.contains(&attribute))
    };
    let ended = |status: &&str| {
        ENDED.contains(status) || (*status == DONE && changes.iter().any(runs_again))
    };
    if let Some(status) = status.filter(ended) {
        return Some(Reason::TerminalStatus {
            status: status.to_owned(),
        });
    }
    let fixed: Vec<Path> = changes
        .iter()
        .filter(|change| managed && change.change == Change::Replace)
        .map(|change| change.path.clone())
        .collect();
    if !fixed.is_empty() {
        return Some(Reason::CannotChange { attributes: fixed });
    }
    if let Some(by) = input.trigger.clone().filter(|_| managed) {
        return Some(Reason::Triggered { by });
    }
    if let Some(volume) = input.replaced_disk.clone() {
        return Some(Reason::DiskReplaced { volume });
    }
    if input.requested && managed {
        return Some(Reason::Requested);
    }
    if !changes.is_empty() {
        Some(why)
    } else if input.import.is_some() {
        Some(Reason::Imported)
    } else if input.moved_from.is_some() {
        Some(Reason::Moved)
    } else {
        None
    }
}

/// Adds the operation tag of this state to the changes of a group that was imported without it.
///
/// It is sent with every other update in place, and is a reason for an update where there is no
/// other.
pub(super) fn claimed(
    input: &ResourceInput<'_>,
    state: &ResourceState,
    reason: Option<Reason>,
    changes: &mut Vec<AttributeChange>,
) -> Option<Reason> {
    if !state.tag_pending {
        return reason;
    }
    let reason = match reason {
        None | Some(Reason::Imported | Reason::Moved) => Reason::Untagged,
        Some(reason @ (Reason::Changed | Reason::Drifted | Reason::Uncertain)) => reason,
        // What is replaced gets the tag with its create.
        other => return other,
    };
    changes.push(AttributeChange {
        path: Path::root().name("tags").name(OperationTag::KEY),
        before: input
            .mark
            .map_or(Value::Null, |mark| Value::from(mark.as_str())),
        after: Value::Unknown,
        change: Change::InPlace,
    });
    Some(reason)
}
