//! The links of a module to the module that calls it, and to those that it calls.

use std::sync::Arc;

use eci_core::{Address, Kind};
use eci_lang::{Each, Instances, ModuleId};

use super::{Call, Environment, ModuleCall, ModuleOutput};
use crate::context::Context;

impl ModuleCall {
    /// Returns `each` of the call, in a context of the module that calls.
    pub(crate) fn each(&self, context: &Context<'_>) -> Option<Each> {
        let source = self.each.as_ref()?;
        Some(source.value(&self.block, context))
    }
}

impl Environment {
    /// Declares a call.
    pub(crate) fn declare_call(&mut self, call: Call) {
        self.calls.insert(call.block.name.clone(), call);
    }

    /// Sets the module instances of a call.
    pub(crate) fn set_called(&mut self, call: &str, instances: Instances<ModuleId>) {
        if let Some(call) = self.calls.get_mut(call) {
            call.instances = instances;
        }
    }

    /// Returns the call of that name.
    pub(crate) fn call(&self, name: &str) -> Option<&Call> {
        self.calls.get(name)
    }

    /// Returns all calls.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &Call> {
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
}
