//! Selection of resources for a plan: `--target` and `--exclude`.

use std::collections::{BTreeSet, HashMap, HashSet};

use eci_core::suggest::{did_you_mean, nearest_address};
use eci_core::{Address, Diagnostic, Diagnostics, Subject, codes};
use eci_text::text;

/// The resources that a plan covers.
///
/// The default is all of them.
#[derive(Default)]
pub(crate) struct Selection {
    /// The selected resources; none if all are.
    desired: Option<HashSet<Address>>,
    left_out: HashSet<Address>,
}

/// The dependencies of each resource, in the configuration and in the state.
pub(crate) type DependencyMap<'a> = HashMap<&'a Address, Vec<&'a Address>>;

/// The options of a selection, with the dependencies that it follows.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) targets: &'a [Subject],
    pub(crate) exclude: &'a [Subject],
    /// The dependencies of what stays.
    pub(crate) dependencies: &'a DependencyMap<'a>,
    /// The dependencies of what is deleted.
    pub(crate) deleting: &'a DependencyMap<'a>,
}

impl Selection {
    /// Selects the targets with their dependencies, without what is excluded and its dependents.
    ///
    /// Deletes run against the dependencies: a target that is itself deleted takes its deleted
    /// dependents along, and an excluded one keeps its deleted dependencies. **Invariant:** what
    /// stays never selects a delete, and a delete never selects what stays.
    pub(crate) fn new(choice: Choice<'_>, problems: &mut Diagnostics) -> Selection {
        let Choice {
            targets,
            exclude,
            dependencies,
            deleting,
        } = choice;
        let known: HashSet<&Address> = dependencies
            .keys()
            .chain(deleting.keys())
            .copied()
            .collect();
        for (flag, given) in targets
            .iter()
            .map(|given| ("--target", given))
            .chain(exclude.iter().map(|given| ("--exclude", given)))
        {
            if !known.iter().any(|address| given.covers(address)) {
                problems.push(nothing_matches(flag, given, &known));
            }
        }
        Selection {
            desired: (!targets.is_empty()).then(|| {
                let mut found = closure(targets, dependencies);
                found.extend(closure(targets, &reversed(deleting)));
                found
            }),
            left_out: {
                let mut found = closure(exclude, &reversed(dependencies));
                found.extend(closure(exclude, deleting));
                found
            },
        }
    }

    /// Returns whether the plan is about this resource.
    pub(crate) fn has(&self, address: &Address) -> bool {
        !self.left_out.contains(address)
            && self
                .desired
                .as_ref()
                .is_none_or(|desired| desired.contains(address))
    }

    /// Returns whether the plan is about all resources.
    pub(crate) fn is_all(&self) -> bool {
        self.desired.is_none() && self.left_out.is_empty()
    }
}

/// Returns the error for an option that names a resource which does not exist.
pub(crate) fn nothing_matches(
    flag: &str,
    given: &Subject,
    known: &HashSet<&Address>,
) -> Diagnostic {
    let mut names: BTreeSet<String> = known.iter().map(ToString::to_string).collect();
    for address in known {
        let modules = address.modules();
        names.extend(
            (1..=modules.len()).map(|count| Subject::Module(modules[..count].to_vec()).to_string()),
        );
    }
    let help = match nearest_address(&given.to_string(), names.iter().map(String::as_str)) {
        Some(near) => did_you_mean(near),
        None => text!(
            en: "run `eci state list` to list the resources in the state",
            zh: "执行 `eci state list` 列出状态中的资源"
        ),
    };
    let message = text!(
        en: "no resource or module matches `{flag} {given}`",
        zh: "没有与 `{flag} {given}` 匹配的资源或模块",
        flag = flag,
        given = given
    );
    Diagnostic::new(codes::NO_SUCH_RESOURCE, message).help(help)
}

/// Returns the named resources, and all to which their edges lead.
///
/// Edges to addresses outside the graph are not followed.
fn closure(start: &[Subject], edges: &DependencyMap<'_>) -> HashSet<Address> {
    let named = |address: &&&Address| start.iter().any(|given| given.covers(address));
    let mut open: Vec<&Address> = edges.keys().filter(named).copied().collect();
    let mut found = HashSet::new();
    while let Some(address) = open.pop() {
        let Some(next) = edges.get(address) else {
            continue;
        };
        if found.insert(address.clone()) {
            open.extend(next.iter().copied());
        }
    }
    found
}

/// Returns the graph with the same nodes and every edge turned around.
fn reversed<'a>(edges: &DependencyMap<'a>) -> DependencyMap<'a> {
    let mut reversed: DependencyMap<'a> = edges.keys().map(|node| (*node, Vec::new())).collect();
    for (from, targets) in edges {
        for to in targets {
            // A dependency of a delete that stays is not a node.
            if let Some(back) = reversed.get_mut(to) {
                back.push(*from);
            }
        }
    }
    reversed
}
