//! The limits of a plan with `--target`, `--exclude` or `--refresh=false`.

use std::collections::{HashMap, HashSet};

use eci_core::{Address, Diagnostic, codes};

use crate::action::Action;
use crate::graph::Graph;
use crate::model::{OmittedDependent, PartialScope};
use crate::options::Mode;

/// A resource that the plan leaves out, with its dependencies.
pub(crate) struct Omitted<'a> {
    pub(crate) address: &'a Address,
    /// Those of its manifest, if it has one, and those that the state has on record.
    pub(crate) dependencies: Vec<&'a Address>,
}

/// Finds the dependents that a partial plan leaves out: of what it changes, and of what is excluded.
///
/// `omitted` comes in dependency order, so that a dependent of a dependent is found as well.
pub(crate) fn scope<'a>(
    actions: &HashMap<Address, Action>,
    is_excluded: impl Fn(&Address) -> bool,
    omitted: impl Iterator<Item = Omitted<'a>>,
) -> PartialScope {
    let mut scope = PartialScope::default();
    let mut found = HashSet::new();
    for Omitted {
        address,
        dependencies,
    } in omitted
    {
        let reaches = |dependency: &&&Address| {
            let action = actions.get(**dependency);
            action.is_some_and(|action| reaches_dependents(*action))
                || found.contains(**dependency)
                || is_excluded(dependency)
        };
        let Some(depends_on) = dependencies.iter().find(reaches).copied().cloned() else {
            continue;
        };
        found.insert(address.clone());
        scope.omitted_dependents.push(OmittedDependent {
            address: address.clone(),
            depends_on,
        });
    }
    scope
}

/// Puts resources behind those of them that they depend on.
pub(crate) fn in_order(omitted: Vec<Omitted<'_>>) -> Vec<Omitted<'_>> {
    let index: HashMap<&Address, usize> = omitted
        .iter()
        .enumerate()
        .map(|(at, it)| (it.address, at))
        .collect();
    let needs: Vec<Vec<usize>> = omitted
        .iter()
        .map(|it| {
            let dependencies = it.dependencies.iter();
            dependencies
                .filter_map(|dependency| index.get(dependency).copied())
                .collect()
        })
        .collect();
    // A state that was damaged by hand may have a circle: any order will do.
    let Ok(order) = Graph::new(&needs).order() else {
        return omitted;
    };
    let mut omitted: Vec<Option<Omitted<'_>>> = omitted.into_iter().map(Some).collect();
    let ordered = order.into_iter();
    ordered.filter_map(|at| omitted[at].take()).collect()
}

/// Returns whether an action can make a difference to dependents: those on the state alone cannot.
fn reaches_dependents(action: Action) -> bool {
    match action {
        Action::Create | Action::Update | Action::Replace | Action::Delete => true,
        Action::NoOp | Action::Import | Action::Move | Action::Forget => false,
    }
}

/// Warns that a plan is partial.
pub(crate) fn warning(scope: &PartialScope, mode: Mode) -> Diagnostic {
    let message = match scope.omitted_dependents.len() {
        0 => "resource targeting is in effect: this plan is partial".to_owned(),
        1 => "resource targeting is in effect: this plan is partial, and leaves out 1 dependent \
              of what it changes or excludes"
            .to_owned(),
        count => format!(
            "resource targeting is in effect: this plan is partial, and leaves out {count} \
             dependents of what it changes or excludes"
        ),
    };
    let help = match mode {
        Mode::Destroy => {
            "use `--target` and `--exclude` only in exceptional situations; remove what is deleted \
             from the configuration, or the next `eci apply` creates it again"
        }
        Mode::Apply | Mode::RefreshOnly => {
            "use `--target` and `--exclude` only in exceptional situations; run the same command \
             without them afterwards to cover the rest"
        }
    };
    Diagnostic::new(codes::PARTIAL, message).help(help)
}

/// Warns that a plan was made without asking the cloud.
pub(crate) fn not_refreshed() -> Diagnostic {
    let message = "the plan trusts the state: the cloud was not asked, and credentials, region and \
                   zones are not verified";
    Diagnostic::new(codes::NOT_REFRESHED, message)
        .help("leave out `--refresh=false` to plan from what the cloud has now")
}
