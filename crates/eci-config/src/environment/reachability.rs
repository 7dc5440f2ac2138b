//! The resources to which a reference leads.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use eci_core::Address;
use eci_lang::{Instances, ModuleId, Reference};

use super::Environment;
use super::modules::{Modules, WORK_FOR_ADDRESS};

impl Modules {
    /// Returns the addresses of all resources that references of a module lead to, also through
    /// locals, inputs and outputs.
    pub(crate) fn resources_behind(
        &self,
        module: ModuleId,
        references: impl IntoIterator<Item = Reference>,
    ) -> BTreeSet<Address> {
        self.addresses_behind(references.into_iter().map(|it| (module, it)))
    }

    /// Returns the addresses of all resources that a local, an input or an output of a module leads
    /// to.
    pub(crate) fn resources_anywhere(&self) -> BTreeSet<Address> {
        let modules = self.all().iter().enumerate();
        self.addresses_behind(modules.flat_map(|(module, environment)| {
            let outputs = environment.outputs();
            let outputs = outputs.flat_map(|(_, output)| output.references.iter().cloned());
            let own = environment
                .locals
                .references()
                .chain(environment.input_names());
            own.chain(outputs).map(move |it| (module, it))
        }))
    }

    fn addresses_behind(
        &self,
        references: impl IntoIterator<Item = (ModuleId, Reference)>,
    ) -> BTreeSet<Address> {
        let mut addresses = BTreeSet::new();
        let budget = self.budget();
        self.walk(references, |environment, found| {
            let mut work = 1;
            if let Reference::Resource(kind, label, key) = found {
                let found = environment.addresses(*kind, label, key.as_deref());
                work += WORK_FOR_ADDRESS * found.len();
                addresses.extend(found);
            }
            budget.charge_anywhere(work)
        });
        addresses
    }

    /// Returns whether a value with these references may depend on a resource; also where its
    /// instances are unknown.
    pub(crate) fn is_computed(
        &self,
        module: ModuleId,
        references: impl IntoIterator<Item = Reference>,
    ) -> bool {
        let mut computed = false;
        let references = references.into_iter().map(|it| (module, it));
        self.walk(references, |environment, found| {
            computed |= match found {
                Reference::Resource(..) => true,
                Reference::Output { call, .. } => environment
                    .call(call)
                    .is_none_or(|call| matches!(call.instances, Instances::Pending)),
                Reference::Local(_) | Reference::Variable(_) => false,
            };
            !computed
        });
        computed
    }

    /// Visits all that references lead to, each once, until the visitor has enough.
    fn walk(
        &self,
        references: impl IntoIterator<Item = (ModuleId, Reference)>,
        mut visit: impl FnMut(&Environment, &Reference) -> bool,
    ) {
        let mut visited: HashSet<(ModuleId, Reference)> = HashSet::new();
        let mut open: Vec<(ModuleId, Reference)> = references.into_iter().collect();
        while let Some((module, reference)) = open.pop() {
            let environment = self.get(module);
            if !visit(environment, &reference) {
                return;
            }
            if matches!(reference, Reference::Resource(..)) {
                continue;
            }
            if !visited.insert((module, reference.clone())) {
                continue;
            }
            match &reference {
                Reference::Resource(..) => {}
                Reference::Local(name) => {
                    let below = environment.locals.references_of(name);
                    open.extend(below.map(|below| (module, below.clone())));
                }
                Reference::Variable(name) => {
                    if let (Some(input), Some(called)) =
                        (environment.input(name), &environment.called)
                    {
                        let below = input.references.iter();
                        open.extend(below.map(|below| (called.by, below.clone())));
                        let each = called.references.iter();
                        open.extend(each.map(|below| (called.by, below.clone())));
                    }
                }
                Reference::Output { call, key, name } => {
                    for child in environment.called_modules(call, key.as_deref()) {
                        self.open_outputs(child, name.as_ref(), &mut open);
                    }
                }
            }
        }
    }

    fn open_outputs(
        &self,
        module: ModuleId,
        name: Option<&Arc<str>>,
        open: &mut Vec<(ModuleId, Reference)>,
    ) {
        let outputs = self.get(module).outputs();
        for (_, output) in outputs.filter(|(own, _)| name.is_none_or(|name| name == *own)) {
            open.extend(output.references.iter().map(|it| (module, it.clone())));
        }
    }
}
