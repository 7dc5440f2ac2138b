//! Terraform's words for actions and reasons.

use eci_config::Outline;
use eci_core::Address;
use eci_planner::{Action, Reason, Step};

/// Terraform's words.
///
/// An import or a move without another change is a no-op to it, next to which `importing` or
/// `previous_address` is given.
pub(super) fn actions(step: &Step) -> &'static [&'static str] {
    words(step.action, step.create_before_destroy)
}

pub(crate) fn words(action: Action, create_before_destroy: bool) -> &'static [&'static str] {
    match action {
        Action::NoOp | Action::Import | Action::Move => &["no-op"],
        Action::Create => &["create"],
        Action::Update => &["update"],
        Action::Replace if create_before_destroy => &["create", "delete"],
        Action::Replace => &["delete", "create"],
        Action::Delete => &["delete"],
        Action::Forget => &["forget"],
    }
}

/// Terraform's word for the reason of a step, where it has one.
pub(crate) fn action_reason(step: &Step, outline: &Outline) -> Option<&'static str> {
    match step.reason.as_ref()? {
        // What has ended is of no more use than what is tainted.
        Reason::Tainted | Reason::TerminalStatus { .. } => Some("replace_because_tainted"),
        Reason::CannotChange { .. } | Reason::OwnershipChanged => {
            Some("replace_because_cannot_update")
        }
        Reason::Triggered { .. } | Reason::DiskReplaced { .. } => Some("replace_by_triggers"),
        Reason::Requested => Some("replace_by_request"),
        Reason::NoConfiguration => Some(absence(&step.address, outline)),
        Reason::Removed if step.action == Action::Delete => {
            Some("delete_because_no_resource_config")
        }
        Reason::Missing
        | Reason::Untagged
        | Reason::DeclaredExisting { .. }
        | Reason::New
        | Reason::Changed
        | Reason::Drifted
        | Reason::Uncertain
        | Reason::Replaced
        | Reason::Resumed
        | Reason::Awaited
        | Reason::Destroy
        | Reason::Imported
        | Reason::Moved
        | Reason::Removed => None,
    }
}

/// Returns why a resource is not in the configuration: it has no table, no module, or another key.
fn absence(address: &Address, outline: &Outline) -> &'static str {
    let mut module = outline;
    for step in address.modules() {
        let Some(call) = module.module_calls.get(&*step.name) else {
            return "delete_because_no_module";
        };
        if call.for_each_expression.is_some() != step.key.is_some() {
            return "delete_because_no_module";
        }
        module = &call.module;
    }
    let table = format!("{}.{}", address.kind(), address.label());
    let mut resources = module.resources.iter();
    let Some(resource) = resources.find(|resource| resource.address == table) else {
        return "delete_because_no_resource_config";
    };
    match (resource.for_each_expression.is_some(), address.key()) {
        (true, Some(_)) => "delete_because_each_key",
        (true, None) | (false, Some(_)) => "delete_because_wrong_repetition",
        // Its table is there once, and so is its resource: only the module is not.
        (false, None) => "delete_because_no_module",
    }
}
