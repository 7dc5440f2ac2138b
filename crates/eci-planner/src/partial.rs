//! The limits of a plan with `--target`, `--exclude` or `--refresh=false`.

use std::collections::{HashMap, HashSet};

use eci_core::{Address, Diagnostic, codes};
use eci_text::{Noun, text};

use crate::action::Action;
use crate::graph::DependencyGraph;
use crate::model::{OmittedDependent, PartialScope};
use crate::options::Mode;

/// A resource that depends on another one.
const DEPENDENT: Noun = Noun {
    one: "dependent",
    many: "dependents",
    zh: "资源",
    measure: "个",
};

/// A resource that the plan leaves out, with its dependencies.
pub(crate) struct OmittedResource<'a> {
    pub(crate) address: &'a Address,
    /// Those of its manifest, if it has one, and the recorded ones.
    pub(crate) dependencies: Vec<&'a Address>,
}

/// Finds the dependents that a partial plan leaves out: of what it changes, and of what is excluded.
///
/// `omitted` comes in dependency order, so that a dependent of a dependent is found as well.
pub(crate) fn scope<'a>(
    actions: &HashMap<Address, Action>,
    is_excluded: impl Fn(&Address) -> bool,
    omitted: impl Iterator<Item = OmittedResource<'a>>,
) -> PartialScope {
    let mut scope = PartialScope::default();
    let mut found = HashSet::new();
    for OmittedResource {
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
pub(crate) fn in_order(omitted: Vec<OmittedResource<'_>>) -> Vec<OmittedResource<'_>> {
    let index: HashMap<&Address, usize> = omitted
        .iter()
        .enumerate()
        .map(|(at, it)| (it.address, at))
        .collect();
    let edges: Vec<Vec<usize>> = omitted
        .iter()
        .map(|it| {
            let dependencies = it.dependencies.iter();
            dependencies
                .filter_map(|dependency| index.get(dependency).copied())
                .collect()
        })
        .collect();
    // A state that was damaged by hand may have a circle: any order will do.
    let Ok(order) = DependencyGraph::new(&edges).order() else {
        return omitted;
    };
    let mut omitted: Vec<Option<OmittedResource<'_>>> = omitted.into_iter().map(Some).collect();
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
        0 => text!(
            en: "resource targeting is in effect: this plan is partial",
            zh: "已限定目标资源：此计划不完整"
        ),
        omitted => text!(
            en: "resource targeting is in effect: this plan is partial and omits {dependents} of changed or excluded resources",
            zh: "已限定目标资源：此计划不完整，未包含依赖已变更或已排除资源的 {dependents}",
            dependents = DEPENDENT.count(omitted)
        ),
    };
    let help = match mode {
        Mode::Destroy => text!(
            en: "use `--target` and `--exclude` only in exceptional situations; remove deleted resources from the configuration, or the next `eci apply` creates them again",
            zh: "仅在特殊情况下使用 `--target` 和 `--exclude`；将已删除的资源从配置中移除，否则下次 `eci apply` 会重新创建"
        ),
        Mode::Apply | Mode::RefreshOnly => text!(
            en: "use `--target` and `--exclude` only in exceptional situations; run the same command without them afterwards to cover the rest",
            zh: "仅在特殊情况下使用 `--target` 和 `--exclude`；之后不带这些选项再次执行相同的命令，以覆盖其余资源"
        ),
    };
    Diagnostic::new(codes::PARTIAL, message).help(help)
}

/// Warns that a plan was created without a refresh.
pub(crate) fn not_refreshed() -> Diagnostic {
    let message = text!(
        en: "the plan uses the state as is: the actual state was not read from the cloud, and credentials, region, and zones were not verified",
        zh: "计划直接使用现有状态：未从云端读取实际状态，也未校验凭证、区域和可用区"
    );
    Diagnostic::new(codes::NOT_REFRESHED, message).help(text!(
        en: "remove `--refresh=false` to read the actual state",
        zh: "去掉 `--refresh=false` 以读取实际状态"
    ))
}
