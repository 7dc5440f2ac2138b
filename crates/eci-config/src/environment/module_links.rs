//! The links of a module to the module that calls it, and to those that it calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eci_core::diagnostic::Span;
use eci_core::{Address, Kind, Path};
use eci_lang::{Instances, ModuleId, Reference};

use super::{DeclaredCall, Environment, Input, ModuleOutput};
use crate::parse::Node;

impl Environment {
    /// Declares a call.
    pub(crate) fn declare_call(&mut self, call: DeclaredCall) {
        self.calls.insert(call.block.name.clone(), call);
    }

    /// Sets the module instances of a call.
    pub(crate) fn set_called(&mut self, call: &str, instances: Instances<ModuleId>) {
        if let Some(call) = self.calls.get_mut(call) {
            call.instances = instances;
        }
    }

    /// Returns the call of that name.
    pub(crate) fn call(&self, name: &str) -> Option<&DeclaredCall> {
        self.calls.get(name)
    }

    /// Returns all calls.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &DeclaredCall> {
        self.calls.values()
    }

    /// Returns the modules that a reference means: the instance of that key, or all of them.
    pub(crate) fn called_modules(&self, call: &str, key: Option<&str>) -> Vec<ModuleId> {
        match (self.call(call).map(|call| &call.instances), key) {
            (None | Some(Instances::Pending), _) => Vec::new(),
            (Some(Instances::Single(module)), _) => vec![*module],
            (Some(Instances::Keyed(instances)), Some(key)) => {
                instances.get(key).copied().into_iter().collect()
            }
            (Some(Instances::Keyed(instances)), None) => instances.values().copied().collect(),
        }
    }

    /// Sets what the module gives to its caller.
    pub(crate) fn set_output(&mut self, name: Arc<str>, output: ModuleOutput) {
        self.outputs.insert(name, output);
    }

    /// Returns an output for the module that calls.
    pub(crate) fn output(&self, name: &str) -> Option<&ModuleOutput> {
        self.outputs.get(name)
    }

    /// Returns all outputs for the calling module.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = (&Arc<str>, &ModuleOutput)> {
        self.outputs.iter()
    }

    /// Returns the addresses of all resources of this module itself that are known.
    pub(crate) fn own_addresses(&self) -> Vec<Address> {
        let kinds = Kind::ALL.into_iter();
        kinds
            .flat_map(|kind| {
                let labels = self.labels[kind as usize].iter();
                labels.flat_map(move |label| self.addresses(kind, label, None))
            })
            .collect()
    }

    /// Sets the references of inputs.
    pub(crate) fn set_input_references(&mut self, found: BTreeMap<Arc<str>, BTreeSet<Reference>>) {
        for (name, references) in found {
            if let Some(input) = self.inputs.get_mut(&name) {
                input.references = references;
            }
        }
    }

    /// Returns the variable of that name, if its value depends on resources.
    pub(crate) fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.get(name)
    }

    /// Returns the variables whose values depend on resources, as references.
    pub(crate) fn input_names(&self) -> impl Iterator<Item = Reference> {
        self.inputs.keys().cloned().map(Reference::Variable)
    }

    /// Returns the value of a variable in the table that calls the module.
    pub(crate) fn input_node(&self, name: &str) -> Option<&Node> {
        let inputs = self.called.as_ref()?.block.node.get("inputs")?;
        inputs.get(name)
    }

    /// Returns the place of the value of a variable in the table that calls the module.
    pub(crate) fn input_place(&self, name: &str) -> Option<Span> {
        self.input_part_place(name, &Path::root())
    }

    /// Returns the place of a part of the value of a variable in the table that calls the module.
    pub(crate) fn input_part_place(&self, name: &str, part: &Path) -> Option<Span> {
        let called = self.called.as_ref()?;
        Some(match self.input_node(name) {
            Some(node) => called.block.at(&node.part(part).range),
            None => called.block.place(),
        })
    }
}
