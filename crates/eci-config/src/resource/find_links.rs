//! Finds the resources that a table links by name, before anything else of it is evaluated.

use eci_core::schema::{Object, Type};
use eci_core::{Address, Diagnostics, Value};

use super::label::{label_of, resolve, value_of_labels};
use crate::evaluation::{Context, evaluate_node};
use crate::parse::{Data, Node};

/// Gathers the resources that the labels in a table name, as far as they do; errors in
/// them are reported when they are evaluated.
pub(super) fn links_of(context: &Context<'_>, node: &Node, object: &Object) -> Vec<Address> {
    let mut links = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        if let Some(field) = object.fields.iter().find(|field| field.name == &*entry.key) {
            links_in_node(context, &entry.node, &field.ty, &mut links);
        }
    }
    links.sort();
    links.dedup();
    links
}

fn links_in_node(context: &Context<'_>, node: &Node, ty: &Type, links: &mut Vec<Address>) {
    if !holds_labels(ty) {
        return;
    }
    match (&node.data, ty) {
        (_, Type::Ref(kind, _)) => {
            links.extend(label_of(context, node, *kind).ok().flatten());
        }
        (Data::List(items), Type::List(inner)) => {
            for item in items {
                links_in_node(context, item, inner, links);
            }
        }
        (Data::List(items), Type::Objects(object, _)) => {
            for item in items {
                links_in_table(context, item, object, links);
            }
        }
        (Data::Table(_), Type::Object(object)) => links_in_table(context, node, object, links),
        (Data::Template(_), Type::List(_)) => {
            let value = value_of_labels(context, node, &mut Diagnostics::default());
            links_in_value(context, &value, ty, links);
        }
        _ => {
            let value = evaluate_node(context, node, &mut Diagnostics::default());
            links_in_value(context, &value, ty, links);
        }
    }
}

fn links_in_table(context: &Context<'_>, node: &Node, object: &Object, links: &mut Vec<Address>) {
    match &node.data {
        Data::Table(entries) => {
            for entry in entries {
                if let Some(field) = object.fields.iter().find(|field| field.name == &*entry.key) {
                    links_in_node(context, &entry.node, &field.ty, links);
                }
            }
        }
        _ => {
            let value = evaluate_node(context, node, &mut Diagnostics::default());
            links_in_entries(context, &value, object, links);
        }
    }
}

fn links_in_value(context: &Context<'_>, value: &Value, ty: &Type, links: &mut Vec<Address>) {
    let value = value.reveal().0;
    match (value, ty) {
        (Value::String(text), Type::Ref(kind, _)) => {
            links.extend(resolve(context, *kind, text));
        }
        (Value::List(items), Type::List(inner)) => {
            for item in items.iter() {
                links_in_value(context, item, inner, links);
            }
        }
        (Value::List(items), Type::Objects(object, _)) => {
            for item in items.iter() {
                links_in_entries(context, item, object, links);
            }
        }
        (Value::Map(_), Type::Object(object)) => links_in_entries(context, value, object, links),
        _ => {}
    }
}

fn links_in_entries(
    context: &Context<'_>,
    value: &Value,
    object: &Object,
    links: &mut Vec<Address>,
) {
    for field in object.fields {
        if let Some(value) = value.get(field.name).filter(|_| holds_labels(&field.ty)) {
            links_in_value(context, value, &field.ty, links);
        }
    }
}

/// Returns whether a label is allowed in a value of this type.
pub(super) fn holds_labels(ty: &Type) -> bool {
    match ty {
        Type::Ref(..) => true,
        Type::List(inner) => holds_labels(inner),
        Type::Object(object) | Type::Objects(object, _) => {
            object.fields.iter().any(|field| holds_labels(&field.ty))
        }
        _ => false,
    }
}
