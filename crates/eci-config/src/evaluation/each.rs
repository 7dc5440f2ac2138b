//! The values of `each`.

use eci_core::{Diagnostics, Value};
use eci_lang::EachValue;

use super::context::Context;
use super::node::evaluate_node;
use crate::environment::{EachSource, ModuleCall};
use crate::parse::Block;

impl EachSource {
    /// Returns `each` in a context of the module that has the table.
    pub(crate) fn value(&self, block: &Block, context: &Context<'_>) -> EachValue {
        let key = match self {
            EachSource::Known { key, value } => {
                return EachValue {
                    key: Value::String(key.clone()),
                    value: value.clone(),
                };
            }
            EachSource::Sample(_) => {
                return EachValue {
                    key: Value::Unknown,
                    value: Value::Unknown,
                };
            }
            EachSource::Computed(key) => key.clone(),
        };
        let context = Context {
            each: None,
            roots: context.roots.beyond(),
            ..*context
        };
        // What is wrong with it is reported once, for the table.
        let mut reported = Diagnostics::default();
        let value = match block.node.get("for_each") {
            Some(node) => match node.get(&key) {
                Some(entry) => evaluate_node(&context, entry, &mut reported),
                None => {
                    let all = evaluate_node(&context, node, &mut reported);
                    let entry = all.get(&key).cloned();
                    match (entry, all.as_list()) {
                        (Some(value), _) => value,
                        (None, Some(_)) => Value::String(key.clone()),
                        (None, None) => Value::Unknown,
                    }
                }
            },
            None => Value::Unknown,
        };
        EachValue {
            key: Value::String(key),
            value,
        }
    }
}

impl ModuleCall {
    /// Returns `each` of the call, in a context of the module that calls.
    pub(crate) fn each(&self, context: &Context<'_>) -> Option<EachValue> {
        let source = self.each.as_ref()?;
        Some(source.value(&self.block, context))
    }
}
