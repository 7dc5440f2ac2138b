//! Ownership of a resource of the state, as its operation tag says.

use eci_core::{Address, Diagnostic, Diagnostics, Lineage, codes};
use eci_state::ResourceState;
use eci_text::text;

use crate::action::Action;
use crate::model::Plan;
use crate::observed::{Observations, OwnerMark};
use crate::step::Step;

/// Returns the tag of another state on a resource that this one has, unless this one took it over under
/// just that tag. One without any tag is ours: somebody has removed it.
pub fn other_owner<'a>(
    state: &ResourceState,
    mark: Option<&'a OwnerMark>,
    lineage: &Lineage,
) -> Option<&'a OwnerMark> {
    let accepted = state.taken_over.as_deref();
    mark.filter(|mark| !mark.is_of(lineage) && accepted != Some(mark.as_str()))
}

/// Returns whether a resource of the state still belongs to it, by the mark that it carries now.
///
/// # Errors
/// If another state has taken it over.
pub fn check_owner(
    address: &Address,
    state: &ResourceState,
    mark: Option<&OwnerMark>,
    lineage: &Lineage,
) -> Result<(), Diagnostics> {
    match other_owner(state, mark, lineage) {
        Some(mark) => Err(lost(address, state.id.as_deref(), mark).into()),
        None => Ok(()),
    }
}

/// Checks that all resources that a plan changes, deletes or imports still belong to its state, by
/// an observation made after the plan was created.
///
/// # Errors
/// If another state has taken over one of them.
pub fn check_owners(plan: &Plan, observed: &Observations) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    for step in plan.steps().iter().filter(|step| requires_owner(step)) {
        let address = step.moved_from.as_ref().unwrap_or(&step.address);
        let state = step.state.as_deref();
        let owner = state.and_then(|it| other_owner(it, observed.mark(address), plan.lineage()));
        problems
            .0
            .extend(owner.map(|mark| lost(&step.address, step.id.as_deref(), mark)));
    }
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(())
    }
}

/// Returns whether a step is only for the state that owns its resource: what is removed from the
/// state is left to its owner.
pub fn requires_owner(step: &Step) -> bool {
    step.id.is_some() && step.action.is_change() && step.action != Action::Forget
}

/// Returns a resource of the state that another state has taken over.
pub(crate) fn lost(address: &Address, id: Option<&str>, mark: &OwnerMark) -> Diagnostic {
    let id = id.unwrap_or_default();
    let word = address.in_shell();
    let message = text!(
        en: "{address} now belongs to {owner}: {id} has the operation tag of that state",
        zh: "{address} 现属于{owner}：{id} 带有该状态的操作标签",
        address = address,
        owner = mark.owner(),
        id = id
    );
    Diagnostic::new(codes::OTHER_OWNER, message).help(text!(
        en: "to leave it to that state, run `eci state rm {word}` and remove its table, or add a `[[removed]]` table with `from = {from}`; to take it back, remove it from that state, then run `eci import --take-over {word} {id}`",
        zh: "如需留给该状态，执行 `eci state rm {word}` 并删除其表，或添加 `[[removed]]` 并设置 `from = {from}`；如需收回，先将其从该状态中移除，再执行 `eci import --take-over {word} {id}`",
        word = word,
        from = address.in_toml(),
        id = id
    ))
}
