//! Literal values of resources, known before any is evaluated: enough for keys of `for_each`.

use eci_core::schema::{Type, normalize_config};
use eci_core::tables::META;
use eci_core::{Address, Diagnostics, Map, Value};

use crate::environment::Modules;
use crate::evaluation::{Context, evaluate_node};
use crate::parse::Block;
use crate::resource::Tables;
use crate::scope::Scope;

/// Single values that are written in the tables of resources, or computed there from anything
/// but resources. All else is unknown: the cloud gives it, or it is put together later.
pub(super) struct LiteralScope<'a> {
    pub(super) modules: &'a Modules,
    pub(super) tables: &'a [Tables],
}

impl Scope for LiteralScope<'_> {
    fn resource(&self, address: &Address) -> Option<Value> {
        let environment = self.modules.at(address.modules())?;
        let (block, source) = self.tables.get(environment.id)?.instance(address)?;
        if is_ignored(block) {
            return None;
        }
        let context = Context {
            modules: Some(self.modules),
            ..Context::plain(environment)
        };
        let each = source.map(|source| source.value(block, &context));
        let context = Context {
            each: each.as_ref(),
            ..context
        };
        // Errors in it are reported when it is evaluated.
        let mut discarded = Diagnostics::default();
        let entries = block.node.entries().unwrap_or_default().iter();
        let given: Map = entries
            .filter(|entry| !META.knows(&entry.key))
            .map(|entry| {
                let value = evaluate_node(&context, &entry.node, &mut discarded);
                (entry.key.clone(), value)
            })
            .collect();
        let schema = address.kind().schema();
        let conformed = normalize_config(schema, &given).value;
        let fields = schema.fields.iter().map(|field| {
            let value = conformed.get(field.name).filter(|_| is_single(&field.ty));
            (field.name.into(), value.cloned().unwrap_or(Value::Unknown))
        });
        Some(Value::map(fields.collect::<Map>()))
    }
}

/// Returns whether `ignore_changes` may keep other values than the written ones.
fn is_ignored(block: &Block) -> bool {
    let lifecycle = block.node.get("lifecycle");
    lifecycle.is_some_and(|lifecycle| lifecycle.get("ignore_changes").is_some())
}

fn is_single(ty: &Type) -> bool {
    matches!(
        ty,
        Type::String | Type::Bool | Type::Integer(..) | Type::Number(..) | Type::Enum(_)
    )
}
