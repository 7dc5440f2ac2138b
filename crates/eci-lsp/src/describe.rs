//! What there is to say of a key, a table, a function or a code, as Markdown.

use eci_core::Code;
use eci_core::schema::{Availability, Change, Field, Literal, Object, Type};
use eci_core::tables::{Shape, TopLevel};
use eci_lang::FunctionDoc;

/// What there is to say of a key.
pub(crate) fn field(field: &'static Field, owner: Shape) -> String {
    let mut text = format!(
        "**`{}`**: {}\n\n{}",
        field.name,
        field.doc,
        field.ty.describe()
    );
    let parts = [presence(field), default(field), change(field, owner)];
    for part in parts.into_iter().flatten() {
        text.push_str(&format!("; {part}"));
    }
    if field.sensitive {
        text.push_str("; a secret, never displayed");
    }
    if field.literal_only {
        text.push_str("; must be a literal, without `${…}`");
    }
    if let Some(variant) = field.variant {
        text.push_str(&format!("\n\nOnly with `type = \"{variant}\"`."));
    }
    match field.request_path {
        Some(wire) if !wire.is_empty() => text.push_str(&format!("\n\nAPI: `{wire}`")),
        _ => {}
    }
    if let Some(object) = object_of(&field.ty) {
        text.push_str(&format!("\n\n{}", keys(object)));
    }
    text
}

fn presence(field: &Field) -> Option<String> {
    match (field.presence, field.default_from) {
        (Availability::Required, Some([])) => {
            Some("by default derived from the resource address".to_owned())
        }
        (Availability::Required, Some(others)) => Some(format!(
            "required, unless `{}` are set",
            others.join("` and `")
        )),
        (Availability::Required, None) => Some("required".to_owned()),
        (Availability::OptionalComputed, _) => Some("if omitted, the cloud chooses".to_owned()),
        (Availability::Computed, _) => Some("read-only".to_owned()),
        (Availability::Optional, _) => None,
    }
}

fn default(field: &Field) -> Option<String> {
    let literal = field.default.or(field.api_default)?;
    Some(format!("default `{}`", written(literal)))
}

fn written(literal: Literal) -> String {
    match literal {
        Literal::Text(text) => format!("{text:?}"),
        Literal::Integer(number) => number.to_string(),
        Literal::Bool(truth) => truth.to_string(),
    }
}

/// What a change means; nothing for settings, which are about eci itself.
fn change(field: &Field, owner: Shape) -> Option<String> {
    let change = owner.change_of(field).filter(|_| field.is_writable())?;
    let text = match field.change_of_parts(change) {
        None => "the effect of a change depends on the key",
        Some(Change::InPlace) => "a change updates the resource in place",
        Some(Change::Replace) => "a change replaces the resource",
    };
    Some(text.to_owned())
}

fn object_of(ty: &'static Type) -> Option<&'static Object> {
    match ty {
        Type::Object(object) | Type::Objects(object, _) => Some(object),
        _ => None,
    }
}

fn keys(object: &Object) -> String {
    let writable = object
        .fields
        .iter()
        .filter(|field| field.presence != Availability::Computed);
    let mut names: Vec<&str> = writable.map(|field| field.name).collect();
    names.dedup();
    format!("Keys: `{}`", names.join("`, `"))
}

/// What there is to say of a table.
pub(crate) fn table(top: &TopLevel) -> String {
    let mut text = format!("**`{}`**: {}", top.header(), top.doc());
    if let Some(object) = top.object() {
        text.push_str(&format!("\n\n{}", keys(object)));
    }
    text
}

/// What there is to say of a function.
pub(crate) fn function(function: &FunctionDoc) -> String {
    format!("```hcl\n{}\n```\n\n{}", function.signature, function.doc)
}

/// What there is to say of a kind of mistake.
pub(crate) fn code(code: &Code) -> String {
    format!(
        "**{} `{}`**: {}\n\n{}\n\n{}\n\n{}",
        code.number, code.name, code.title, code.found, code.reason, code.fix
    )
}
