//! What needs what, and what of it is selected.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use eci_config::{Configuration, Resource};
use eci_core::{Address, Diagnostics};

use super::dependencies::before_delete;
use super::planning::Declared;
use crate::diagnostics::{cycle_error, irreplaceable, replacement_omitted};
use crate::graph::Graph;
use crate::known_values::KnownValues;
use crate::moves::Moves;
use crate::options::{Mode, PlanOptions};
use crate::selection::{Choice, Needs, Selection};

/// Returns the dependencies of each resource. The address of an EIP comes with the group that holds it,
/// so who reads an EIP needs that group too.
pub(super) fn needs(resources: &[Arc<Resource>], known: &KnownValues) -> Vec<Vec<Address>> {
    let eips = resources.iter().enumerate();
    let eips = eips.filter(|(_, resource)| resource.address.kind().properties().is_public_address);
    let index: HashMap<&Address, usize> =
        eips.map(|(at, resource)| (&resource.address, at)).collect();
    resources
        .iter()
        .map(|resource| {
            let mut needs = resource.references.clone();
            for eip in &resource.references {
                if !eip.kind().properties().is_public_address || resource.links.contains(eip) {
                    continue;
                }
                // A managed one has its own address. It has neither of these keys.
                let table = index.get(eip).map(|at| &resources[*at]);
                if table.is_some_and(|table| !table.has_key("id") && !table.has_key("auto")) {
                    continue;
                }
                needs.extend(known.holder(eip).cloned());
            }
            needs
        })
        .collect()
}

/// Returns the resources, each after what it needs.
pub(super) fn ordered(
    resources: &[Arc<Resource>],
    needs: &[Vec<Address>],
) -> Result<Vec<usize>, Diagnostics> {
    let index: HashMap<&Address, usize> = resources
        .iter()
        .enumerate()
        .map(|(at, resource)| (&resource.address, at))
        .collect();
    let numbered: Vec<Vec<usize>> = needs
        .iter()
        .map(|needs| {
            needs
                .iter()
                .filter_map(|need| index.get(need).copied())
                .collect()
        })
        .collect();
    Graph::new(&numbered)
        .order()
        .map_err(|cycle| cycle_error(resources, &cycle))
}

/// The inputs of a selection.
pub(super) struct SelectionSources<'a> {
    pub(super) configuration: &'a Configuration,
    /// The dependencies of each resource of the configuration.
    pub(super) needs: &'a [Vec<Address>],
    pub(super) moves: &'a Moves<'a>,
    pub(super) declared: &'a Declared,
}

impl SelectionSources<'_> {
    /// Selects the resources that a plan covers.
    pub(super) fn select(&self, options: &PlanOptions, problems: &mut Diagnostics) -> Selection {
        let SelectionSources {
            configuration,
            needs,
            moves,
            declared,
        } = *self;
        let destroy = options.mode == Mode::Destroy;
        let mut wanted = Needs::new();
        let mut deleting = Needs::new();
        if options.targets.is_empty() && options.exclude.is_empty() && options.replace.is_empty() {
            return Selection::default();
        }
        for (resource, needs) in configuration.resources.iter().zip(needs) {
            let needs = needs.iter().collect();
            if destroy {
                deleting.insert(&resource.address, needs);
            } else {
                wanted.insert(&resource.address, needs);
            }
        }
        for (address, state) in moves.resources() {
            if destroy || configuration.resource(address).is_none() {
                deleting.insert(address, before_delete(declared, moves, address, state));
            }
        }
        for address in moves.awaited() {
            if !wanted.contains_key(address) {
                deleting.entry(address).or_default();
            }
        }
        if destroy {
            // A target that does not exist takes nothing along.
            let resources = moves.resources().map(|(address, _)| address);
            let existing: HashSet<&Address> = resources.chain(moves.awaited()).collect();
            for needs in deleting.values_mut() {
                needs.retain(|need| existing.contains(need));
            }
        }
        let replaced = options.replace.iter();
        problems
            .0
            .extend(replaced.filter_map(|replaced| irreplaceable(replaced, &wanted)));
        let choice = Choice {
            targets: &options.targets,
            exclude: &options.exclude,
            needs: &wanted,
            deleting: &deleting,
        };
        let selection = Selection::new(choice, problems);
        let omitted = options.replace.iter();
        let omitted = omitted.filter(|it| wanted.contains_key(*it) && !selection.has(it));
        problems.0.extend(omitted.map(replacement_omitted));
        selection
    }
}
