//! The dependencies of steps, and the selected part of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use eci_config::{Configuration, Resource};
use eci_core::{Address, Diagnostics};

use super::dependencies::before_delete;
use super::planning::DeclaredDependencies;
use crate::diagnostics::{cycle_error, irreplaceable, replacement_omitted};
use crate::graph::DependencyGraph;
use crate::known_values::KnownValues;
use crate::moves::Moves;
use crate::options::{Mode, PlannerOptions};
use crate::selection::{Choice, DependencyMap, Selection};

/// Returns the dependencies of each resource.
///
/// The address of an EIP is reported by the group that holds it, so a resource that refers to an
/// EIP depends on that group too.
pub(super) fn dependencies(resources: &[Arc<Resource>], known: &KnownValues) -> Vec<Vec<Address>> {
    let eips = resources.iter().enumerate();
    let eips = eips.filter(|(_, resource)| resource.address.kind().properties().is_public_ip);
    let index: HashMap<&Address, usize> =
        eips.map(|(at, resource)| (&resource.address, at)).collect();
    resources
        .iter()
        .map(|resource| {
            let mut dependencies = resource.references.clone();
            for eip in &resource.references {
                if !eip.kind().properties().is_public_ip || resource.links.contains(eip) {
                    continue;
                }
                // A managed one has its own address. It has neither of these keys.
                let table = index.get(eip).map(|at| &resources[*at]);
                if table.is_some_and(|table| !table.has_key("id") && !table.has_key("auto")) {
                    continue;
                }
                dependencies.extend(known.holder(eip).cloned());
            }
            dependencies
        })
        .collect()
}

/// Returns the resources, each after its dependencies.
pub(super) fn ordered(
    resources: &[Arc<Resource>],
    dependencies: &[Vec<Address>],
) -> Result<Vec<usize>, Diagnostics> {
    let index: HashMap<&Address, usize> = resources
        .iter()
        .enumerate()
        .map(|(at, resource)| (&resource.address, at))
        .collect();
    let numbered: Vec<Vec<usize>> = dependencies
        .iter()
        .map(|dependencies| {
            dependencies
                .iter()
                .filter_map(|dependency| index.get(dependency).copied())
                .collect()
        })
        .collect();
    DependencyGraph::new(&numbered)
        .order()
        .map_err(|cycle| cycle_error(resources, &cycle))
}

/// The inputs of a selection.
pub(super) struct SelectionSources<'a> {
    pub(super) configuration: &'a Configuration,
    /// The dependencies of each resource of the configuration.
    pub(super) dependencies: &'a [Vec<Address>],
    pub(super) moves: &'a Moves<'a>,
    pub(super) declared: &'a DeclaredDependencies,
}

impl SelectionSources<'_> {
    /// Selects the resources that a plan covers.
    pub(super) fn select(&self, options: &PlannerOptions, problems: &mut Diagnostics) -> Selection {
        let SelectionSources {
            configuration,
            dependencies,
            moves,
            declared,
        } = *self;
        let destroy = options.mode == Mode::Destroy;
        let mut desired = DependencyMap::new();
        let mut deleting = DependencyMap::new();
        if options.targets.is_empty() && options.exclude.is_empty() && options.replace.is_empty() {
            return Selection::default();
        }
        for (resource, dependencies) in configuration.resources.iter().zip(dependencies) {
            let dependencies = dependencies.iter().collect();
            if destroy {
                deleting.insert(&resource.address, dependencies);
            } else {
                desired.insert(&resource.address, dependencies);
            }
        }
        for (address, state) in moves.resources() {
            if destroy || configuration.resource(address).is_none() {
                deleting.insert(address, before_delete(declared, moves, address, state));
            }
        }
        for address in moves.awaited() {
            if !desired.contains_key(address) {
                deleting.entry(address).or_default();
            }
        }
        if destroy {
            // A target that does not exist takes nothing along.
            let resources = moves.resources().map(|(address, _)| address);
            let existing: HashSet<&Address> = resources.chain(moves.awaited()).collect();
            for dependencies in deleting.values_mut() {
                dependencies.retain(|dependency| existing.contains(dependency));
            }
        }
        let replaced = options.replace.iter();
        problems
            .0
            .extend(replaced.filter_map(|replaced| irreplaceable(replaced, &desired)));
        let choice = Choice {
            targets: &options.targets,
            exclude: &options.exclude,
            dependencies: &desired,
            deleting: &deleting,
        };
        let selection = Selection::new(choice, problems);
        let omitted = options.replace.iter();
        let omitted = omitted.filter(|it| desired.contains_key(*it) && !selection.has(it));
        problems.0.extend(omitted.map(replacement_omitted));
        selection
    }
}
